//! Citations that are cut themselves.

mod cut;
pub(super) mod label;
pub(super) mod url;
