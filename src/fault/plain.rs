//! The article without its labels: the text that a vendor's offsets count in.

use std::ops::Range;

use crate::citation::Citation;
use crate::document::Document;
use crate::language::{closes, ends_clause, ends_sentence, is_quote};
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

impl PlainText {
    /// A space that an exporter set before a label goes with the label: behind
    /// it the text goes on without one, or every label has one.
    pub(super) fn of(document: &Document, citations: &[Citation], readings: &[Reading]) -> Self {
        let source: &str = &document.source;
        let ranges: Vec<Range<usize>> =
            readings.iter().map(|reading| source_range(document, citations, reading)).collect();
        let is_set_off = |range: &&Range<usize>| source.get(..range.start).is_some_and(|before| before.ends_with(' '));
        let all_set_off = ranges.iter().filter(is_set_off).count() * 10 >= ranges.len() * 9;
        let mut text = Self {
            chars: Vec::with_capacity(source.len()),
            starts: Vec::with_capacity(source.len()),
            places: Vec::with_capacity(readings.len()),
            widths: Vec::with_capacity(readings.len()),
        };
        let mut at = 0;
        for range in ranges {
            text.copy(source, at..range.start.max(at));
            let behind = source.get(range.end..).unwrap_or_default().chars().next();
            let is_loose =
                behind.is_none_or(|c| c.is_whitespace() || ends_sentence(c) || ends_clause(c) || all_set_off);
            let mut width = source.get(range.clone()).unwrap_or_default().chars().count();
            if text.chars.last() == Some(&' ') && is_loose {
                text.chars.pop();
                text.starts.pop();
                width += 1;
            }
            text.places.push(text.chars.len());
            text.widths.push(width);
            at = range.end.max(at);
        }
        text.copy(source, at..source.len());
        text
    }

    fn copy(&mut self, source: &str, range: Range<usize>) {
        let start = range.start;
        let piece = source.get(range).unwrap_or_default();
        self.starts.extend(piece.char_indices().map(|(at, _)| offset(start + at)));
        self.chars.extend(piece.chars());
    }

    /// A text with labels of no width at `places`.
    #[cfg(test)]
    pub(super) fn from_parts(chars: Vec<char>, places: Vec<usize>) -> Self {
        Self { starts: Vec::new(), widths: vec![0; places.len()], chars, places }
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
}

/// A label's bytes in the file.
fn source_range(document: &Document, citations: &[Citation], reading: &Reading) -> Range<usize> {
    let parts = citations.get(reading.citations.clone()).unwrap_or_default();
    parts
        .iter()
        .filter_map(|citation| citation.source)
        .fold(document.source_span(reading.label).range(), |whole, part| {
            whole.start.min(part.range().start)..whole.end.max(part.range().end)
        })
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
