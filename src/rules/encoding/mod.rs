//! Characters that are lost, garbled, or not what they look like.

pub(super) mod deceptive;
pub(super) mod lost_character;
pub(super) mod mojibake;

use memchr::memmem;

use crate::document::Document;
use crate::text::{Span, offset};

/// Whether a block talks about characters and encodings, so that an odd one
/// in it is an example.
fn is_about_encodings(block: &str) -> bool {
    const WORDS: &[&str] = &[
        "ncoding",
        "UTF-",
        "utf-",
        "utf8",
        "Unicode",
        "unicode",
        "U+",
        "ojibake",
        "odepage",
        "code point",
        "surrogate",
    ];
    WORDS.iter().any(|word| memmem::find(block.as_bytes(), word.as_bytes()).is_some())
}

/// The text of the block around `at`, where that is prose which does not talk
/// about characters.
fn plain_prose(document: &Document, span: Span) -> Option<&str> {
    let point = Span::new(span.start, span.start + 1);
    let (_, block) = document.prose_block(point)?;
    let text = block.span.slice(&document.text);
    (!is_about_encodings(text)).then_some(text)
}

/// The characters right before and right after.
fn neighbours(text: &str, span: Span) -> (Option<char>, Option<char>) {
    let range = span.range();
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    (before, after)
}

/// The offsets of `needle`, never two that overlap.
fn places(text: &str, needle: &str) -> impl Iterator<Item = u32> {
    let positions: Vec<usize> = memmem::find_iter(text.as_bytes(), needle.as_bytes()).collect();
    positions.into_iter().map(offset)
}
