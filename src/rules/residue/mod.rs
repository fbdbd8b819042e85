//! What machines left behind.

pub(super) mod tracking;
pub(super) mod vendor_token;
