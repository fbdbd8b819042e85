//! Characters that are lost, garbled, or not what they look like.

pub(super) mod deceptive;
pub(super) mod lost_character;
pub(super) mod mojibake;

use memchr::memmem;

use crate::document::Document;
use crate::text::Span;

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

/// Says of places whether they stand in prose that does not talk about
/// characters. Remembers the last block, for thousands may stand in one.
struct PlainProse<'a> {
    document: &'a Document,
    last: Option<(usize, bool)>,
}

impl<'a> PlainProse<'a> {
    fn of(document: &'a Document) -> Self {
        Self { document, last: None }
    }

    fn holds(&mut self, span: Span) -> bool {
        let point = Span::new(span.start, span.start + 1);
        let Some((index, block)) = self.document.prose_block(point) else { return false };
        match self.last {
            Some((last, is_plain)) if last == index => is_plain,
            _ => {
                let is_plain = !is_about_encodings(block.span.slice(&self.document.text));
                self.last = Some((index, is_plain));
                is_plain
            }
        }
    }
}

/// The characters right before and right after.
fn neighbours(text: &str, span: Span) -> (Option<char>, Option<char>) {
    let range = span.range();
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    (before, after)
}
