//! The article without its labels: the text that a vendor's offsets count in.

use crate::citation::Citation;
use crate::document::Document;
use crate::language::{closes, ends_clause, ends_sentence, is_quote, is_word_char};
use crate::seam::Reading;
use crate::text::{SourceSpan, offset};

/// The file's characters with the labels taken out.
pub(super) struct PlainText {
    chars: Vec<char>,
    /// For each character where it begins in the file.
    starts: Vec<u32>,
    /// For each reading, the character that its label stands before.
    pub(super) places: Vec<usize>,
    /// For each reading, the characters of its label, its space included.
    pub(super) widths: Vec<usize>,
}

/// Where labels belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    /// Behind sentences, or before the marks that end them.
    Sentence,
    /// Beside commas, too.
    Clause,
}

impl PlainText {
    /// A space that an exporter set before a label goes with the label.
    pub(super) fn of(document: &Document, citations: &[Citation], readings: &[Reading]) -> Self {
        let source: &str = &document.source;
        let mut chars: Vec<char> = Vec::with_capacity(source.len());
        let mut starts: Vec<u32> = Vec::with_capacity(source.len());
        let copy = |chars: &mut Vec<char>, starts: &mut Vec<u32>, from: usize, to: usize| {
            let piece = source.get(from..to).unwrap_or_default();
            starts.extend(piece.char_indices().map(|(at, _)| offset(from + at)));
            chars.extend(piece.chars());
        };
        let mut places = Vec::with_capacity(readings.len());
        let mut widths = Vec::with_capacity(readings.len());
        let mut at = 0;
        for reading in readings {
            let range = citations
                .get(reading.citations.clone())
                .unwrap_or_default()
                .iter()
                .filter_map(|citation| citation.source)
                .fold(document.source_span(reading.label).range(), |whole, part| {
                    whole.start.min(part.range().start)..whole.end.max(part.range().end)
                });
            copy(&mut chars, &mut starts, at, range.start.max(at));
            let behind = source.get(range.end..).unwrap_or_default().chars().next();
            let is_loose = behind.is_none_or(|c| c.is_whitespace() || ends_sentence(c) || is_word_char(c));
            let mut width = source.get(range.clone()).unwrap_or_default().chars().count();
            if chars.last() == Some(&' ') && is_loose {
                chars.pop();
                starts.pop();
                width += 1;
            }
            places.push(chars.len());
            widths.push(width);
            at = range.end.max(at);
        }
        copy(&mut chars, &mut starts, at, source.len());
        Self { chars, starts, places, widths }
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The last character of the sentence that ends exactly before character
    /// `at`, in the file.
    pub(super) fn sentence_end(&self, at: usize) -> Option<SourceSpan> {
        let before = self.chars.get(..at)?;
        let is_end = before.iter().rev().find(|c| !closes(**c) && !is_quote(**c)).is_some_and(|c| ends_sentence(*c));
        let next = self.chars.get(at);
        let is_parted = next.is_none_or(|c| c.is_whitespace()) || before.last().is_some_and(|c| !c.is_ascii());
        let (start, last) = (*self.starts.get(at.checked_sub(1)?)?, before.last()?);
        (is_end && is_parted).then(|| SourceSpan::new(start, start + offset(last.len_utf8())))
    }

    /// Where labels may stand, a character more or less.
    pub(super) fn boundaries(&self, kind: Boundary) -> Boundaries {
        let mut is_boundary = vec![false; self.chars.len() + 2];
        for (at, c) in self.chars.iter().enumerate() {
            let is_mark = ends_sentence(*c) || kind == Boundary::Clause && ends_clause(*c);
            let next = self.chars.get(at + 1);
            let ends = is_mark && next.is_none_or(|next| next.is_whitespace() || closes(*next) || !c.is_ascii());
            if ends {
                for near in at..=at + 2 {
                    if let Some(slot) = is_boundary.get_mut(near) {
                        *slot = true;
                    }
                }
            }
        }
        Boundaries { is_boundary }
    }
}

/// The places in a text where labels may stand.
pub(super) struct Boundaries {
    is_boundary: Vec<bool>,
}

impl Boundaries {
    pub(super) fn has(&self, at: usize) -> bool {
        self.is_boundary.get(at).copied().unwrap_or(false)
    }

    /// `at`, or the nearest boundary no further away than `reach`.
    pub(super) fn near(&self, at: usize, reach: usize) -> usize {
        let steps = (0..=reach).flat_map(|step| [at.saturating_sub(step), at + step]);
        steps.into_iter().find(|near| self.has(*near)).unwrap_or(at)
    }

    /// The share of the text's places that are boundaries.
    pub(super) fn rate(&self) -> f64 {
        ratio(self.is_boundary.iter().filter(|is| **is).count(), self.is_boundary.len())
    }
}

/// Whether so many hits among so many labels are more than chance would give,
/// after so many tries.
pub(super) fn is_beyond_chance(hits: usize, labels: usize, rate: f64, tries: usize) -> bool {
    /// One document in a thousand of those whose labels stand oddly.
    const ALPHA: f64 = 1e-3;
    let (Ok(hits), Ok(labels), Ok(tries)) = (i32::try_from(hits), i32::try_from(labels), i32::try_from(tries)) else {
        return true;
    };
    // The binomial's tail by its union bound: every choice of hits among the labels.
    let choices = (1..=labels - hits).fold(1.0, |product, step| product * f64::from(hits + step) / f64::from(step));
    choices * rate.powi(hits) * f64::from(tries) < ALPHA
}

#[expect(clippy::cast_precision_loss, reason = "counts of characters of one document")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
