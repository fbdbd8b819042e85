//! What is kept quiet for no reason.

pub(super) mod unused;
