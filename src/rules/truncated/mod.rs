//! Citations that are cut themselves.

pub(super) mod label;
