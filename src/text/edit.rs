//! Changes to a file: what is replaced by what, and nothing else.
//!
//! An [`EditSet`] is sorted and its edits never overlap, so applying it has one
//! meaning. A [`Draft`] takes several sets one after the other, each over the
//! text that the one before left, and gives the one set over the file that does
//! the same: repairs may need a second look at what the first one left.

use std::ops::Range;

use super::span::{SourceSpan, offset};

/// One replacement. An empty span inserts, an empty replacement deletes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes of the decoded file that go; on character boundaries.
    pub span: SourceSpan,
    /// What stands there instead.
    pub replacement: String,
}

impl Edit {
    /// Replaces `span`.
    pub fn new(span: SourceSpan, replacement: impl Into<String>) -> Self {
        Self { span, replacement: replacement.into() }
    }

    /// Takes `span` out.
    #[must_use]
    pub fn deletion(span: SourceSpan) -> Self {
        Self::new(span, "")
    }

    /// Puts text in before the byte `at`.
    pub fn insertion(at: u32, text: impl Into<String>) -> Self {
        Self::new(SourceSpan::new(at, at), text)
    }

    /// Whether the order of the two would matter: they share a byte, one lies
    /// inside the other, or both insert at one place.
    #[must_use]
    pub fn conflicts(&self, other: &Self) -> bool {
        self.span == other.span || self.span.start < other.span.end && other.span.start < self.span.end
    }
}

/// Edits of one file, sorted, without conflicts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditSet {
    edits: Vec<Edit>,
}

impl EditSet {
    /// `None` where two of the edits conflict. Edits that change nothing (an
    /// empty span and nothing in its place) are left out.
    #[must_use]
    pub fn new(mut edits: Vec<Edit>) -> Option<Self> {
        edits.retain(|edit| !edit.span.is_empty() || !edit.replacement.is_empty());
        edits.sort_by_key(|edit| edit.span);
        let is_apart = |pair: &[Edit]| matches!(pair, [one, other] if !one.conflicts(other));
        edits.windows(2).all(is_apart).then_some(Self { edits })
    }

    /// The edits, in order.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Whether an edit of the one conflicts with an edit of the other.
    #[must_use]
    pub fn conflicts(&self, other: &Self) -> bool {
        self.edits.iter().any(|edit| {
            let first = other.edits.partition_point(|next| next.span.end < edit.span.start);
            let near = other.edits.iter().skip(first).take_while(|next| next.span.start <= edit.span.end);
            near.into_iter().any(|next| edit.conflicts(next))
        })
    }

    /// `source` with the edits made. An edit that does not lie on character
    /// boundaries of `source` is not made.
    #[must_use]
    pub fn apply(&self, source: &str) -> String {
        let mut draft = Draft::new(source);
        draft.apply(self);
        draft.text
    }
}

/// A text that remembers which of its bytes come from the file.
#[derive(Debug, Clone)]
pub struct Draft {
    text: String,
    /// Never two of our own in a row, none empty.
    pieces: Vec<Piece>,
    /// Where each piece begins in the draft.
    starts: Vec<u32>,
    source_len: u32,
}

/// A stretch of a draft, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Kept from the file.
    Kept(SourceSpan),
    /// So many bytes of our own.
    New(u32),
}

impl Piece {
    fn len(self) -> u32 {
        match self {
            Self::Kept(span) => span.len(),
            Self::New(length) => length,
        }
    }

    /// The part of it that lies in `range`, counted from its own start.
    fn part(self, range: Range<u32>) -> Self {
        match self {
            Self::Kept(span) => Self::Kept(SourceSpan::new(span.start + range.start, span.start + range.end)),
            Self::New(_) => Self::New(range.end - range.start),
        }
    }
}

impl Draft {
    /// The file as it is.
    #[must_use]
    pub fn new(source: &str) -> Self {
        let whole = SourceSpan::from_range(0..source.len());
        let pieces = if whole.is_empty() { Vec::new() } else { vec![Piece::Kept(whole)] };
        Self { text: source.to_owned(), starts: vec![0; pieces.len()], pieces, source_len: whole.end }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Makes `edits`, whose spans count in [`Draft::text`].
    pub fn apply(&mut self, edits: &EditSet) {
        let mut text = String::with_capacity(self.text.len());
        let mut pieces = Pieces { at: 0, index: 0, start: 0, pieces: &self.pieces };
        let mut made = Vec::with_capacity(self.pieces.len() + 2 * edits.edits.len());
        let mut done = 0;
        for edit in &edits.edits {
            let (kept, gone) = (self.text.get(done..edit.span.start as usize), self.text.get(edit.span.range()));
            let (Some(kept), Some(_)) = (kept, gone) else { continue };
            text.push_str(kept);
            text.push_str(&edit.replacement);
            pieces.take_to(edit.span.start, &mut made);
            made.push(Piece::New(offset(edit.replacement.len())));
            pieces.take_to(edit.span.end, &mut Vec::new());
            done = edit.span.end as usize;
        }
        text.push_str(self.text.get(done..).unwrap_or_default());
        pieces.take_to(u32::MAX, &mut made);
        self.text = text;
        self.pieces.clear();
        self.starts.clear();
        let mut at = 0;
        for piece in made.into_iter().filter(|piece| piece.len() > 0) {
            if let (Piece::New(length), Some(Piece::New(last))) = (piece, self.pieces.last_mut()) {
                *last += length;
            } else {
                self.pieces.push(piece);
                self.starts.push(at);
            }
            at += piece.len();
        }
    }

    /// The bytes of the file that a stretch of the draft stands for. Where the
    /// stretch begins or ends in text of our own, that is all that this text
    /// stands for.
    #[must_use]
    pub fn source_span(&self, span: SourceSpan) -> SourceSpan {
        let start = match self.piece_at(span.start) {
            Some((at, Piece::Kept(kept))) => kept.start + (span.start - at),
            Some((at, Piece::New(_))) => self.kept_end_before(at),
            None => self.source_len,
        };
        let end = match span.end.checked_sub(1).filter(|_| !span.is_empty()).map(|last| self.piece_at(last)) {
            Some(Some((at, Piece::Kept(kept)))) => kept.start + (span.end - at),
            Some(Some((at, Piece::New(length)))) => match self.piece_at(at + length) {
                Some((_, Piece::Kept(next))) => next.start,
                _ => self.source_len,
            },
            _ => start,
        };
        SourceSpan::new(start, end)
    }

    /// The piece that holds the byte `at`, and where it begins.
    fn piece_at(&self, at: u32) -> Option<(u32, Piece)> {
        let index = self.starts.partition_point(|start| *start <= at).checked_sub(1)?;
        let (start, piece) = (*self.starts.get(index)?, *self.pieces.get(index)?);
        (at < start + piece.len()).then_some((start, piece))
    }

    fn kept_end_before(&self, at: u32) -> u32 {
        match at.checked_sub(1).and_then(|before| self.piece_at(before)) {
            Some((_, Piece::Kept(kept))) => kept.end,
            _ => 0,
        }
    }

    /// All that was changed, as one set over `source`, the file.
    #[must_use]
    pub fn changes(&self, source: &str) -> EditSet {
        let mut edits = Vec::new();
        let (mut at, mut kept_end, mut start) = (0_usize, 0_u32, 0_usize);
        let end = SourceSpan::new(self.source_len, self.source_len);
        for piece in self.pieces.iter().copied().chain([Piece::Kept(end)]) {
            if let Piece::Kept(kept) = piece {
                let gone = SourceSpan::new(kept_end, kept.start);
                let replacement = self.text.get(start..at).unwrap_or_default();
                if source.get(gone.range()) != Some(replacement) {
                    edits.push(Edit::new(gone, replacement));
                }
                kept_end = kept.end;
                start = at + kept.len() as usize;
            }
            at += piece.len() as usize;
        }
        EditSet { edits }
    }
}

/// Walks pieces from left to right.
struct Pieces<'a> {
    /// Where the walk is, in bytes of the draft.
    at: u32,
    /// The piece it stands in, and where that begins.
    index: usize,
    start: u32,
    pieces: &'a [Piece],
}

impl Pieces<'_> {
    /// Moves on to `end` and hands over what lies before it.
    fn take_to(&mut self, end: u32, taken: &mut Vec<Piece>) {
        while let Some(piece) = self.pieces.get(self.index) {
            let piece_end = self.start + piece.len();
            let stop = end.min(piece_end);
            if self.at < stop {
                taken.push(piece.part(self.at - self.start..stop - self.start));
                self.at = stop;
            }
            if end < piece_end {
                return;
            }
            self.index += 1;
            self.start = piece_end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(edits: &[(u32, u32, &str)]) -> EditSet {
        let edits = edits.iter().map(|(start, end, text)| Edit::new(SourceSpan::new(*start, *end), *text));
        EditSet::new(edits.collect()).unwrap()
    }

    #[test]
    fn edits_that_overlap_are_refused() {
        let edit = |start, end, text: &str| Edit::new(SourceSpan::new(start, end), text);
        assert!(EditSet::new(vec![edit(3, 6, ""), edit(0, 4, "")]).is_none());
        assert!(EditSet::new(vec![edit(3, 3, "a"), edit(3, 3, "b")]).is_none());
        assert!(EditSet::new(vec![edit(1, 4, ""), edit(2, 2, "b")]).is_none());
        assert_eq!(set(&[(3, 5, "x"), (0, 3, ""), (5, 5, "y")]).apply("abcdefg"), "xyfg");
        assert!(set(&[(0, 3, "")]).conflicts(&set(&[(2, 4, "")])));
        assert!(!set(&[(0, 3, "")]).conflicts(&set(&[(3, 4, ""), (5, 5, "x")])));
    }

    #[test]
    fn several_rounds_are_one_set() {
        let source = "The harbour (a.org) grew. Trade fell.";
        let mut draft = Draft::new(source);
        for round in [
            set(&[(12, 20, ""), (26, 26, "[…] ")]),
            set(&[(17, 18, "\n\n"), (18, 23, "«…»"), (0, 3, "A")]),
            set(&[(0, 1, "The")]),
        ] {
            let before = draft.text().to_owned();
            draft.apply(&round);
            assert_eq!(draft.text(), round.apply(&before));
        }
        let changes = draft.changes(source);
        assert_eq!(changes.apply(source), draft.text());
        assert!(changes.edits().iter().all(|edit| source.get(edit.span.range()) != Some(&edit.replacement)));
        assert_eq!(changes.edits().len(), 2, "what was undone is no change");
    }

    #[test]
    fn places_lead_back_through_changes() {
        let source = "abc(x)def";
        let mut draft = Draft::new(source);
        draft.apply(&set(&[(3, 6, "[…]")]));
        let back = |start, end| draft.source_span(SourceSpan::new(start, end));
        assert_eq!(back(0, 2), SourceSpan::new(0, 2));
        assert_eq!(back(3, 8), SourceSpan::new(3, 6));
        assert_eq!(back(9, 11), SourceSpan::new(7, 9));
        assert_eq!(back(1, 9), SourceSpan::new(1, 7));
        assert_eq!(back(8, 8), SourceSpan::new(6, 6));
    }
}
