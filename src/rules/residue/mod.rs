//! What machines left behind.

pub(super) mod field_code;
pub(super) mod field_grammar;
mod token;
pub(super) mod tracking;
pub(super) mod vendor_token;
pub(super) mod wrapper;
