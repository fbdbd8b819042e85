//! Spans of long raw markers, all late by the same number of characters, were
//! overwritten with short labels; what was left of the markers became the
//! labels that stand where they belong.
//!
//! So each splice repeats the label before it; and if `a` is the text between
//! the two, and `d` what is lost, then `a + d` is the shift, the same for all.
//! `d` is the length of the raw marker: it is at least the shortest one that
//! products write, and hardly more than the longest.

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::{Confidence, Lost};
use crate::seam::{Contact, Fact, Reading};
use crate::text::{Span, offset};

use super::{Diagnosis, Explained, Model, Parameter, Process};

/// `\u{E200}cite\u{E202}turn0view0\u{E201}`, the shortest marker in the wild.
const SHORTEST_MARKER: u32 = 17;
/// A link with a dated slug and a tracking suffix.
const LONGEST_MARKER: u32 = 231;

/// Needs three splices, and most of all splices, that repeat the label before
/// them.
pub(super) fn model(document: &Document, citations: &[Citation], readings: &[Reading]) -> Option<Model> {
    let text: &str = &document.text;
    let splices = readings.iter().filter(|reading| is_splice(reading)).count();
    let gaps: Vec<(usize, u32)> = readings
        .iter()
        .enumerate()
        .filter(|(_, reading)| is_splice(reading) && reading.repeats_previous == Some(true))
        .filter_map(|(index, reading)| {
            let first = citations.get(reading.repeats?)?.span.end;
            let between = Span::new(first, reading.label.start);
            Some((index, offset(between.slice(text).chars().count())))
        })
        .collect();
    let nearest = gaps.iter().map(|(_, gap)| *gap).min()?;
    let farthest = gaps.iter().map(|(_, gap)| *gap).max()?;
    let (min, max) = (farthest + SHORTEST_MARKER, nearest + LONGEST_MARKER);
    if gaps.len() < 3 || gaps.len() * 3 < splices * 2 || max < min {
        return None;
    }
    let best = likeliest(document, readings, min, max);
    let lost = |gap: u32| Lost { min: Some(min - gap), max: Some(max - gap), best: Some(best - gap) };
    let explains =
        gaps.iter().filter_map(|(index, _)| readings.get(*index)).map(|reading| reading.citations.start).collect();
    let parameters = vec![Parameter { name: "shift", range: min..=max, best }];
    let diagnosis = Diagnosis { process: Process::ConstantShift, parameters, explains, confidence: LIKELY };
    let sites = gaps.into_iter().map(|(reading, gap)| Explained { reading, lost: Some(lost(gap)) }).collect();
    Some(Model { diagnosis, sites })
}

/// Free marker lengths fit many patterns, so the model is never certain.
const LIKELY: Confidence = Confidence::from_thousandths(800);

fn is_splice(reading: &Reading) -> bool {
    reading.facts.iter().any(|fact| {
        matches!(fact, Fact::Contact(_, Contact::Both | Contact::BothCapital | Contact::Right | Contact::Heading))
    })
}

/// What stands before the first paragraph that cites, if the shift can be its
/// length: as if offsets were counted in the whole article and used in its
/// body alone. Else the middle.
fn likeliest(document: &Document, readings: &[Reading], min: u32, max: u32) -> u32 {
    let body =
        readings.first().and_then(|first| document.block_at(first.label.start)).map(|(_, block)| block.span.start);
    let head = body.map(|start| offset(Span::new(0, start).slice(&document.text).chars().count()));
    head.filter(|head| (min..=max).contains(head)).unwrap_or(min.midpoint(max))
}
