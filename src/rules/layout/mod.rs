//! Blocks run into each other.

pub(super) mod inline_heading;
pub(super) mod inline_list;
mod lines;
