//! Citations that are cut themselves.

mod cut;
pub(super) mod label;
pub(super) mod sentence;
pub(super) mod url;
