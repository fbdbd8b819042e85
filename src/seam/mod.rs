//! How citations join the text around them.
//!
//! A label that was set where it belongs stands after a sentence or a clause,
//! with a space before it and none of the prose touching it. A label that was
//! written over the prose leaves a *seam*: cut words, no space, a sentence
//! broken in two. [`find_splices`] looks at both sides of every label, in
//! whatever form, and adds up the evidence; [`find_broken_labels`] looks for
//! labels that were cut themselves.

mod broken;
mod evidence;
mod side;
mod splice;
mod style;

pub use broken::{BrokenLabel, Damage, find_broken_labels};
pub use splice::{Splice, SpliceKind, find_splices};
