//! What outlives a run: the tape of what the network said, and the cache of
//! good answers.
//!
//! Both keep [`Observation`](crate::verdict::Observation)s, facts without
//! judgement, in one versioned `wire` form, so a later version of the
//! program can judge again what an earlier one saw. A tape is gzip over JSON
//! lines; the cache, and whatever else is to be searched, is SQLite
//! ([`database`]). Files may come from strangers or be damaged: reading one
//! ends in an observation or in an error that says what to do, in bounded
//! memory.

mod cache;
pub mod database;
pub mod history;
mod tape;
mod wire;

pub use cache::{Cache, CacheError, Recalled};
pub use tape::{Tape, TapeError, TapeRecorder};
pub use wire::{WIRE_VERSION, WireError, decode, encode};
