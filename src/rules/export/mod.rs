//! Raw exports.

pub(super) mod bad_offset;
