//! Looking a quotation up in the text it is said to come from.
//!
//! Both are read as words, folded so that only wording counts: case,
//! punctuation, typography, ligatures, hyphenation and marks of notes are left
//! out, and each word knows its bytes. A quotation is first looked for exactly,
//! then the passage most like it is aligned with it word by word
//! ([`find`]). What differs is told as changes, numbers and negations first.
//! Little likeness is absence, much of it is an altered quotation; what lies
//! between decides nothing.

mod align;
mod change;
mod find;
mod link;
mod word;

pub use change::{Change, ChangeKind};
pub use find::{Match, find};
pub use link::passage_link;
pub use word::{Word, is_negation, read_words};
