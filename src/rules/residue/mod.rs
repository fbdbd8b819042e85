//! What machines left behind.

pub(super) mod vendor_token;
