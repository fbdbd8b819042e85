//! The ground floor: offsets and what they are offsets into.
//!
//! Three coordinate systems meet in an article and each has its own type, so
//! that none is taken for another: [`Span`] counts bytes of the article's
//! *text* (what a reader of the page sees), [`SourceSpan`] bytes of the file
//! after decoding to UTF-8, [`OriginSpan`] bytes of the file as it lies on
//! disk. A [`SourceMap`] leads from the first to the second, a [`Decoding`]
//! from the second to the third; there is no other way. An [`EditSet`] says
//! what of a file is to change.

mod count;
mod decoding;
mod edit;
mod lines;
mod lookout;
mod map;
mod needles;
mod span;

pub(crate) use count::count_bytes;
pub use decoding::{Decoding, DecodingBuilder};
pub use edit::{Draft, Edit, EditSet};
pub use lines::{LineIndex, Position};
#[cfg(test)]
pub(crate) use lookout::assert_apart;
pub use lookout::{Lookout, Sightings};
pub use map::{SegmentKind, SourceMap, TextBuilder};
pub use needles::Needles;
pub(crate) use span::offset;
pub use span::{OriginSpan, SourceSpan, Span};
