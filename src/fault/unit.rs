//! Offsets counted in one unit and used as another: the label of a place that
//! lies `n` bytes into the text stands `n` characters into it. Nothing is
//! lost; where each label belongs can be computed, and must be the end of a
//! sentence far more often than chance allows.

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::Confidence;
use crate::seam::Reading;

use super::plain::{Boundary, PlainText, is_beyond_chance};
use super::{Diagnosis, Explained, Model, Process};

/// Code units per character.
type Width = fn(char) -> usize;

const UNITS: [(Process, Width); 2] =
    [(Process::ByteAsChar, |c| c.len_utf8()), (Process::Utf16AsChar, |c| c.len_utf16())];

pub(super) fn models(document: &Document, citations: &[Citation], readings: &[Reading]) -> Vec<Model> {
    let is_plain = |width: Width| document.source.chars().all(|c| width(c) == 1);
    let units: Vec<_> = UNITS.into_iter().filter(|(_, width)| !is_plain(*width)).collect();
    if units.is_empty() {
        return Vec::new();
    }
    let text = PlainText::of(document, citations, readings);
    let fit = |(process, width): (Process, Width)| {
        [Boundary::Sentence, Boundary::Clause].into_iter().find_map(|kind| model(process, width, &text, kind, readings))
    };
    units.into_iter().filter_map(fit).collect()
}

fn model(process: Process, width: Width, text: &PlainText, kind: Boundary, readings: &[Reading]) -> Option<Model> {
    let boundaries = text.boundaries(kind);
    let is_boundary = |at: usize| boundaries.get(at).copied().unwrap_or(false);
    let offsets: Vec<usize> = text
        .chars()
        .iter()
        .scan(0, |sum, c| {
            let start = *sum;
            *sum += width(*c);
            Some(start)
        })
        .collect();
    // Labels that the fault leaves where they are, or moves by a hair, say nothing.
    let moved: Vec<(usize, usize)> = text
        .places
        .iter()
        .enumerate()
        .filter_map(|(reading, place)| {
            let meant = offsets.partition_point(|offset| offset < place);
            (*place >= meant + 3 && meant < text.chars().len()).then_some((reading, meant))
        })
        .collect();
    let hits: Vec<usize> = moved.iter().filter(|(_, meant)| is_boundary(*meant)).map(|(reading, _)| *reading).collect();
    let found = boundaries.iter().filter(|boundary| **boundary).count();
    let rate = ratio(found, boundaries.len());
    let stand = text.places.iter().filter(|place| is_boundary(**place)).count();
    let holds = hits.len() * 4 >= moved.len() * 3 && hits.len() > stand;
    if !holds || !is_beyond_chance(hits.len(), moved.len(), rate, 4.0) {
        return None;
    }
    let explains = hits.iter().filter_map(|hit| readings.get(*hit)).map(|reading| reading.citations.start).collect();
    let confidence = Confidence::from_fraction(0.98 * ratio(hits.len(), moved.len()));
    let diagnosis = Diagnosis { process, parameters: Vec::new(), explains, confidence };
    Some(Model { diagnosis, sites: hits.into_iter().map(|reading| Explained { reading, lost: None }).collect() })
}

#[expect(clippy::cast_precision_loss, reason = "counts of characters of one document")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
