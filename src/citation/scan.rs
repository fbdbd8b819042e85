//! What extractors see of a document.

use std::sync::LazyLock;

use memchr::memchr3_iter;

use crate::document::{Block, Document};
use crate::text::{Lookout, Sightings, Span, offset};

use super::{identifier, token, url, wrapper};

/// What is looked for by its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// `://` and `www.`, in this order.
    Address,
    /// Names and beginnings of identifiers.
    Identifier,
    /// Marks of tokens.
    Token,
    /// Marks of tokens around prose.
    Wrapper,
    /// `](http`: a link of Markdown that was not read as one.
    Link,
}

static LOOKOUT: LazyLock<Lookout<Sight>> = LazyLock::new(|| Lookout::new(&needles()));

fn needles() -> [(Sight, Vec<&'static [u8]>); 5] {
    [
        (Sight::Address, url::NEEDLES.to_vec()),
        (Sight::Identifier, identifier::FORMS.iter().map(|(needle, _)| *needle).collect()),
        (Sight::Token, token::FORMS.iter().map(|(needle, _)| needle.as_bytes()).collect()),
        (Sight::Wrapper, wrapper::FORMS.iter().map(|(needle, _)| *needle).collect()),
        (Sight::Link, vec![&b"](http"[..]]),
    ]
}

/// A document with what several extractors need of it.
#[derive(Debug)]
pub struct Scan<'a> {
    /// The document.
    pub document: &'a Document,
    /// Its text.
    pub text: &'a str,
    /// Whether the text is ASCII, which spares a few scans.
    pub is_ascii: bool,
    sightings: Sightings<Sight>,
    /// Offsets of `(`, `)` and `[` in prose.
    brackets: Vec<u32>,
}

impl<'a> Scan<'a> {
    /// Reads the document's text once.
    #[must_use]
    pub fn new(document: &'a Document) -> Self {
        let text: &str = &document.text;
        let brackets = document.outside_code(memchr3_iter(b'(', b')', b'[', text.as_bytes()));
        let brackets = brackets.map(|(at, _)| offset(at)).collect();
        Self { document, text, is_ascii: text.is_ascii(), sightings: LOOKOUT.look(text), brackets }
    }

    /// Where something is that can be told by its letters, in order: the index
    /// of its needle, and the offset of that.
    pub(super) fn sightings(&self, sight: Sight) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.sightings.of(sight)
    }

    /// Offsets of `://`.
    pub fn schemes(&self) -> impl Iterator<Item = usize> + '_ {
        self.sightings.of(Sight::Address).filter(|(needle, _)| *needle == 0).map(|(_, at)| at)
    }

    /// Offsets of `](http`, which no link of Markdown leaves in the text.
    pub fn link_marks(&self) -> impl Iterator<Item = usize> + '_ {
        self.sightings.of(Sight::Link).map(|(_, at)| at)
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

    /// Offsets of the opening brackets `(` and `[` in prose, each with its
    /// block.
    pub(super) fn openings(&self) -> impl Iterator<Item = (usize, &'a Block)> + '_ {
        self.brackets_but(b')')
    }

    /// Offsets of `(` and `)` in prose, each with its block.
    pub fn parentheses(&self) -> impl Iterator<Item = (usize, &'a Block)> + '_ {
        self.brackets_but(b'[')
    }

    fn brackets_but(&self, other: u8) -> impl Iterator<Item = (usize, &'a Block)> + '_ {
        let bytes = self.text.as_bytes();
        let places = self.brackets.iter().map(|at| *at as usize);
        self.document.in_prose(places.filter(move |at| bytes.get(*at) != Some(&other)))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_needles_can_be_told_apart() {
        crate::text::assert_apart(&super::needles());
    }
}
