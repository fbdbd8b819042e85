//! The article without its labels: the text that a vendor's offsets count in.

use crate::citation::Citation;
use crate::document::Document;
use crate::language::{closes, ends_clause, ends_sentence, is_word_char};
use crate::seam::Reading;

/// The file's characters with the labels taken out.
pub(super) struct PlainText {
    chars: Vec<char>,
    /// For each reading, the character that its label stands before.
    pub(super) places: Vec<usize>,
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
        let mut places = Vec::with_capacity(readings.len());
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
            chars.extend(source.get(at..range.start.max(at)).unwrap_or_default().chars());
            let behind = source.get(range.end..).unwrap_or_default().chars().next();
            let is_loose = behind.is_none_or(|c| c.is_whitespace() || ends_sentence(c) || is_word_char(c));
            if chars.last() == Some(&' ') && is_loose {
                chars.pop();
            }
            places.push(chars.len());
            at = range.end.max(at);
        }
        chars.extend(source.get(at..).unwrap_or_default().chars());
        Self { chars, places }
    }

    pub(super) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// For each place whether a label belongs there, a character more or less.
    pub(super) fn boundaries(&self, kind: Boundary) -> Vec<bool> {
        let mut found = vec![false; self.chars.len() + 2];
        for (at, c) in self.chars.iter().enumerate() {
            let is_mark = ends_sentence(*c) || kind == Boundary::Clause && ends_clause(*c);
            let next = self.chars.get(at + 1);
            let ends = is_mark && next.is_none_or(|next| next.is_whitespace() || closes(*next) || !c.is_ascii());
            if ends {
                for near in at..=at + 2 {
                    if let Some(slot) = found.get_mut(near) {
                        *slot = true;
                    }
                }
            }
        }
        found
    }
}

/// Whether so many hits among so many tries are more than chance would give.
pub(super) fn is_beyond_chance(hits: usize, tries: usize, rate: f64, models: f64) -> bool {
    /// One document in ten thousand is diagnosed by accident.
    const ALPHA: f64 = 1e-4;
    let (Ok(hits), Ok(tries)) = (i32::try_from(hits), i32::try_from(tries)) else { return true };
    // The binomial's tail by its union bound: every choice of hits among the tries.
    let choices = (1..=tries - hits).fold(1.0, |product, step| product * f64::from(hits + step) / f64::from(step));
    choices * rate.powi(hits) * models < ALPHA
}
