//! What extractors see of a document.

use memchr::memchr2_iter;

use crate::document::Document;
use crate::text::{Span, offset};

/// A document with what several extractors need of it.
#[derive(Debug)]
pub struct Scan<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its text.
    pub text: &'a str,
    /// Whether the text is ASCII, which spares a few scans.
    pub is_ascii: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, text: &document.text, is_ascii: document.text.is_ascii() }
    }

    /// The text from `at` to the end of the block that holds it; `None`
    /// outside of prose.
    pub(super) fn prose_from(&self, at: usize) -> Option<&'a str> {
        let point = Span::new(offset(at), offset(at) + 1);
        let (_, block) = self.document.prose_block(point)?;
        self.text.get(at..block.span.end as usize)
    }

    /// The text of its block before `at`; empty outside of blocks.
    pub(super) fn before(&self, at: usize) -> &'a str {
        let start =
            self.document.block_at(offset(at).saturating_sub(1)).map_or(at, |(_, block)| block.span.start as usize);
        self.text.get(start..at).unwrap_or_default()
    }

    /// The text of its block from `at` on; empty at a block's end.
    pub(super) fn after(&self, at: usize) -> &'a str {
        let end = self.document.block_at(offset(at)).map_or(at, |(_, block)| block.span.end as usize);
        self.text.get(at..end).unwrap_or_default()
    }

    /// Offsets of the opening brackets `(` and `[` in prose, each with the
    /// text from there to the end of its block.
    pub(super) fn brackets(&self) -> impl Iterator<Item = (usize, &'a str)> + '_ {
        let brackets = self.document.in_prose(memchr2_iter(b'(', b'[', self.text.as_bytes()));
        brackets
            .filter(|(at, _)| !self.document.in_inline_code(Span::new(offset(*at), offset(*at) + 1)))
            .map(|(at, block)| (at, self.text.get(at..block.span.end as usize).unwrap_or_default()))
    }
}
