//! Where a label stands, and what another copy has there.

use crate::citation::Citation;
use crate::document::Document;
use crate::text::Span;

use super::align::{Block, EDGE};
use super::stream::Stream;

/// A copy of the article, laid beside it.
pub(super) struct Laid<'a> {
    pub(super) document: &'a Document,
    pub(super) citations: &'a [Citation],
    pub(super) stream: Stream,
    pub(super) blocks: Vec<Block>,
    /// It differs from the article at places where no label stands.
    pub(super) is_edited: bool,
}

/// What a copy has at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The stretch of the copy’s text between the two edges.
    pub(super) span: Span,
    /// How many characters lie there that the article lacks.
    pub(super) lost: usize,
}

impl Laid<'_> {
    /// What stands in the copy where the article has a seam before its
    /// character `at`; `None` where the edges do not agree.
    pub(super) fn offer(&self, article: &Stream, at: usize) -> Option<Offer> {
        let next = self.blocks.partition_point(|block| block.one_end() < at);
        let block = *self.blocks.get(next)?;
        if block.one + EDGE <= at && at + EDGE <= block.one_end() {
            // Nothing is missing here.
            let place = block.other + (at - block.one);
            return self.between(place, place);
        }
        // The seam lies near the end of one block and the start of the next:
        // what both sides could claim is given to the side of the seam.
        let (left, right) = if at <= block.one {
            (*self.blocks.get(next.checked_sub(1)?)?, block)
        } else {
            let other = *self.blocks.get(next + 1)?;
            if self.is_seam(article, block, other, at) {
                (block, other)
            } else {
                (*self.blocks.get(next.checked_sub(1)?)?, block)
            }
        };
        if !self.is_seam(article, left, right, at) {
            return None;
        }
        let from = (left.other_end() + at).checked_sub(left.one_end())?;
        let to = (right.other + at).checked_sub(right.one)?;
        let is_edge = left.one + EDGE <= at && at + EDGE <= right.one_end();
        (is_edge && from <= to).then(|| self.between(from, to))?
    }

    /// Whether the article has nothing between the two blocks, so that a seam at
    /// `at` explains them: the blocks may be cut there instead.
    fn is_seam(&self, article: &Stream, left: Block, right: Block, at: usize) -> bool {
        if left.one_end() != right.one || left.other_end() > right.other {
            return false;
        }
        let same =
            |one: usize, other: usize| article.chars.get(one).is_some_and(|c| self.stream.chars.get(other) == Some(c));
        if at < left.one_end() {
            // What the left block has too much must be the end of the gap.
            (at..left.one_end()).all(|one| (one + right.other).checked_sub(right.one).is_some_and(|to| same(one, to)))
        } else {
            (right.one..at).all(|one| (one + left.other).checked_sub(left.one).is_some_and(|to| same(one, to)))
        }
    }

    /// The text between the characters `from - 1` and `to` of the copy.
    fn between(&self, from: usize, to: usize) -> Option<Offer> {
        let start = self.stream.spans.get(from.checked_sub(1)?)?.end;
        let end = self.stream.spans.get(to)?.start;
        (start <= end).then(|| Offer { span: Span::new(start, end), lost: to - from })
    }

    /// The character of the article that stands where byte `at` of the copy's
    /// text does; `None` where the copies do not share the place.
    pub(super) fn place_in_article(&self, at: u32) -> Option<usize> {
        let index = self.stream.index_at(at);
        let next = self.blocks.partition_point(|block| block.other_end() < index);
        let block = self.blocks.get(next)?;
        (block.other <= index && index <= block.other_end()).then(|| block.one + (index - block.other))
    }

    /// The labels of the copy that stand within `span`, its ends included.
    pub(super) fn labels_in(&self, span: Span) -> &[Citation] {
        let first = self.citations.partition_point(|citation| citation.span.end < span.start);
        let last = self.citations.partition_point(|citation| citation.span.start <= span.end);
        self.citations.get(first..last.max(first)).unwrap_or_default()
    }
}
