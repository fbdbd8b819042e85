//! Labels written a second time, over the text that follows: spans of long raw
//! markers were moved and overwritten with short labels, and what was left of
//! the markers became the labels that stand where they belong.
//!
//! So each splice repeats an earlier label, and how far behind it stands tells
//! the mistake. Moved by a *constant shift*, distance and loss add up to the
//! shift, the same for all; a loss is the length of a raw marker, which has
//! limits. With *growing drift* the markers shrank from left to right and
//! nobody moved the later spans: each splice stands further behind than the one
//! before, by what its marker lost.

use std::cmp::Reverse;

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::{Confidence, Lost};
use crate::seam::{Fact, Reading, source_of};
use crate::text::{Span, offset};

use super::plain::is_beyond_chance;
use super::{Diagnosis, Explained, Model, Parameter, Process};

/// `\u{E200}cite\u{E202}turn0view0\u{E201}`, the shortest marker in the wild.
const SHORTEST_MARKER: u32 = 17;
/// A link with a dated slug and a tracking suffix.
const LONGEST_MARKER: u32 = 231;
/// Fewer copies fit any pattern.
const FEWEST: usize = 3;
/// So many labels find a pattern.
const SAMPLE: usize = 64;
/// Free marker lengths fit many patterns, so no model is certain.
const LIKELY: Confidence = Confidence::from_thousandths(800);

/// A splice, and how many characters lie between it and each earlier label of
/// the same source, the nearest first.
struct Copy {
    reading: usize,
    distances: Vec<u32>,
    width: u32,
}

/// The models that hold, the one that explains more first.
pub(super) fn models(document: &Document, citations: &[Citation], readings: &[Reading]) -> Vec<Model> {
    let copies = find_copies(document, citations, readings);
    if copies.len() < FEWEST {
        return Vec::new();
    }
    let length = document.text.chars().count().max(1);
    let mut models: Vec<Model> = [
        constant(&copies, length).map(|found| constant_model(document, readings, &copies, &found)),
        growing(&copies, length).map(|found| growing_model(readings, &copies, &found)),
    ]
    .into_iter()
    .flatten()
    .collect();
    models.sort_by_key(|model| Reverse(model.sites.len()));
    models
}

fn find_copies(document: &Document, citations: &[Citation], readings: &[Reading]) -> Vec<Copy> {
    let text: &str = &document.text;
    let source = |reading: &Reading| source_of(text, citations.get(reading.citations.start)?, reading.form);
    // Characters up to the start and the end of each label.
    let mut places = Vec::with_capacity(readings.len());
    let (mut at, mut count) = (0, 0);
    for reading in readings {
        let start = count + offset(Span::new(at, reading.label.start).slice(text).chars().count());
        let end = start + offset(reading.label.slice(text).chars().count());
        places.push((start, end));
        (at, count) = (reading.label.end, end);
    }
    let copy = |(index, reading): (usize, &Reading)| {
        let own = source(reading)?;
        let (start, end) = *places.get(index)?;
        let earlier = readings.iter().zip(&places).take(index).rev().take(SAMPLE);
        let distances = earlier
            .filter(|(other, _)| !other.is_displaced() && source(other) == Some(own))
            .map(|(_, (_, end))| start.saturating_sub(*end))
            .collect();
        Some(Copy { reading: index, distances, width: end - start })
    };
    readings.iter().enumerate().filter(|(_, reading)| reading.is_displaced()).filter_map(copy).take(SAMPLE).collect()
}

/// The copies that a model explains, each with its distance.
type Found = Vec<(usize, u32)>;

/// Whether so many of the copies are explained that chance, which finds a
/// label of the source within `window` of a place now and then, could not.
fn holds(found: &Found, copies: &[Copy], window: u32, length: usize, tries: usize) -> bool {
    let labels: usize = copies.iter().map(|copy| copy.distances.len()).sum();
    let rate = super::plain::ratio(labels * window as usize, copies.len().max(1) * length).min(1.0);
    found.len() >= FEWEST
        && found.len() * 3 >= copies.len() * 2
        && is_beyond_chance(found.len(), copies.len(), rate, tries)
}

/// Distances that lie within the difference of two markers' lengths.
fn constant(copies: &[Copy], length: usize) -> Option<Found> {
    const WINDOW: u32 = LONGEST_MARKER - SHORTEST_MARKER;
    let mut all: Vec<u32> = copies.iter().flat_map(|copy| copy.distances.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let within = |lowest: u32| -> Found {
        let one = |(index, copy): (usize, &Copy)| {
            let nearest = copy.distances.get(copy.distances.partition_point(|distance| *distance < lowest))?;
            (*nearest <= lowest + WINDOW).then_some((index, *nearest))
        };
        copies.iter().enumerate().filter_map(one).collect()
    };
    let best = all.iter().map(|lowest| within(*lowest)).max_by_key(Vec::len)?;
    // A copy stands behind its original: a handful of windows would do.
    holds(&best, copies, WINDOW, length, 4).then_some(best)
}

/// Distances that grow from copy to copy, by no more than a marker.
fn growing(copies: &[Copy], length: usize) -> Option<Found> {
    let mut found: Found = Vec::new();
    let mut last = 0;
    for (index, copy) in copies.iter().enumerate() {
        let grows = |distance: &&u32| **distance > last && **distance - last <= LONGEST_MARKER;
        if let Some(distance) = copy.distances.iter().rev().find(grows).or_else(|| copy.distances.iter().find(grows)) {
            found.push((index, *distance));
            last = *distance;
        }
    }
    // Three in order are one in six by chance, four one in twenty-four.
    let is_long = found.len() > FEWEST;
    (is_long && holds(&found, copies, LONGEST_MARKER, length, 4)).then_some(found)
}

fn constant_model(document: &Document, readings: &[Reading], copies: &[Copy], found: &Found) -> Model {
    let nearest = found.iter().map(|(_, distance)| *distance).min().unwrap_or_default();
    let farthest = found.iter().map(|(_, distance)| *distance).max().unwrap_or_default();
    let (min, max) = (farthest + SHORTEST_MARKER, nearest + LONGEST_MARKER);
    let best = likeliest(document, readings, min, max);
    let lost = |distance: u32| Lost {
        min: Some(min.saturating_sub(distance)),
        max: Some(max.saturating_sub(distance)),
        best: Some(best.saturating_sub(distance)),
    };
    let sites = found.iter().filter_map(|(copy, distance)| Some((copies.get(*copy)?.reading, lost(*distance))));
    let parameters = vec![Parameter { name: "shift", range: min..=max, best }];
    model(readings, Process::ConstantShift, parameters, sites.collect())
}

/// What the marker of a copy lost moves the next one further; so the growth is
/// the loss, less the label.
fn growing_model(readings: &[Reading], copies: &[Copy], found: &Found) -> Model {
    let lost = |at: usize, width: u32| match (found.get(at), found.get(at + 1)) {
        (Some((_, own)), Some((_, next))) if next > own => {
            let growth = next - own;
            Lost { min: Some(growth), max: Some(growth + 2 * width), best: Some(growth + width) }
        }
        _ => Lost { min: Some(SHORTEST_MARKER), max: Some(LONGEST_MARKER), best: None },
    };
    let sites = found.iter().enumerate().filter_map(|(at, (copy, _))| {
        let copy = copies.get(*copy)?;
        Some((copy.reading, lost(at, copy.width)))
    });
    model(readings, Process::GrowingDrift, Vec::new(), sites.collect())
}

fn model(readings: &[Reading], process: Process, parameters: Vec<Parameter>, sites: Vec<(usize, Lost)>) -> Model {
    let explains =
        sites.iter().filter_map(|(index, _)| readings.get(*index)).map(|reading| reading.citations.start).collect();
    let diagnosis = Diagnosis { process, parameters, explains, predicts: Vec::new(), confidence: LIKELY };
    let sites = sites
        .into_iter()
        .map(|(reading, lost)| Explained { reading, lost: Some(lost), meant: None, fact: Fact::Consistent })
        .collect();
    Model { diagnosis, sites, in_place: Vec::new() }
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
