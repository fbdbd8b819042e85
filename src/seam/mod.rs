//! How citations join the text around them.
//!
//! A label that was set where it belongs stands after a sentence or a clause,
//! with a space before it and none of the prose touching it. A label that was
//! written over the prose leaves a *seam*: cut words, no space, a sentence
//! broken in two. [`read_sites`] takes the facts on both sides of every label,
//! in whatever form; [`find_splices`] adds them up by the one table of weights,
//! in the light of the whole document ([`odds`]); [`find_broken_labels`] looks for labels that were cut themselves.

mod broken;
mod evidence;
mod facts;
mod gloss;
mod known;
mod odds;
mod repeat;
mod side;
mod site;
mod sound;
mod splice;

pub use broken::{BrokenLabel, Damage, find_broken_labels};
pub use evidence::{Contact, Fact, Place};
pub use facts::{Reading, read_sites, words_apart};
pub use odds::{Odds, odds};
pub use repeat::source_of;
pub use site::{Form, Gap};
pub use sound::SoundCitations;
pub use splice::{Splice, SpliceKind, find_splices};
