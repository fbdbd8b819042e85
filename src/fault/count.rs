//! Offsets counted in one text and used in another: each label stands a
//! number of characters away from its place, and that number follows from the
//! text before it. Nothing is lost.
//!
//! Every hypothesis says of each label where it was meant to stand. It holds
//! if those places are the ends of sentences far more often than chance, and
//! the number of hypotheses that were tried, would have it, and the places
//! where the labels do stand are not.

use std::cmp::Reverse;

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::Confidence;
use crate::seam::Reading;

use super::plain::{Boundaries, Boundary, PlainText, is_beyond_chance, ratio};
use super::{Diagnosis, Explained, Model, Parameter, Process};

/// Code units per character.
type Width = fn(char) -> usize;

/// `\n` was `\r\n` when the offsets were counted.
const UNITS: [(Process, Width); 3] = [
    (Process::ByteAsChar, char::len_utf8),
    (Process::Utf16AsChar, char::len_utf16),
    (Process::LineBreakFolded, |c| if c == '\n' { 2 } else { 1 }),
];

/// Where each label was meant to stand.
struct Hypothesis {
    process: Process,
    parameters: Vec<Parameter>,
    meant: Vec<usize>,
    /// How many of its kind were tried to find this one.
    tries: usize,
}

pub(super) fn models(document: &Document, citations: &[Citation], readings: &[Reading]) -> Vec<Model> {
    // Labels that stand inside sentences by habit would fit some model, too.
    let displaced = readings.iter().filter(|reading| reading.is_displaced()).count();
    if displaced * 4 < readings.len() {
        return Vec::new();
    }
    let text = PlainText::of(document, citations, readings);
    let sentences = text.boundaries(Boundary::Sentence);
    // Where most labels stand as they should there is nothing to explain.
    let stand = text.places.iter().filter(|place| sentences.has(**place)).count();
    if stand * 2 > text.places.len() {
        return Vec::new();
    }
    let clauses = text.boundaries(Boundary::Clause);
    let mut models: Vec<Model> = [&sentences, &clauses]
        .into_iter()
        .flat_map(|boundaries| {
            let free = UNITS.iter().filter_map(|(process, width)| in_units(*process, *width, &text));
            let fitted = [Some(uncompensated(&text)), shifted(&text, boundaries), stale(&text, boundaries)];
            let hypotheses: Vec<Hypothesis> = free.chain(fitted.into_iter().flatten()).collect();
            hypotheses.into_iter().filter_map(|hypothesis| test(hypothesis, &text, boundaries, readings))
        })
        .collect();
    // What needs no parameter goes before what was fitted.
    models.sort_by_key(|model| {
        let is_fitted = !model.diagnosis.parameters.is_empty();
        (is_fitted, Reverse((model.diagnosis.explains.len(), model.diagnosis.confidence)))
    });
    let mut seen = Vec::new();
    models.retain(|model| {
        let is_new = !seen.contains(&model.diagnosis.process);
        seen.push(model.diagnosis.process);
        is_new
    });
    models
}

/// `None` where every character is one unit long.
fn in_units(process: Process, width: Width, text: &PlainText) -> Option<Hypothesis> {
    let mut sum = 0;
    let mut offsets = Vec::with_capacity(text.chars().len());
    for c in text.chars() {
        offsets.push(sum);
        sum += width(*c);
    }
    let meant = text.places.iter().map(|place| offsets.partition_point(|offset| offset < place)).collect();
    (sum > offsets.len()).then_some(Hypothesis { process, parameters: Vec::new(), meant, tries: 1 })
}

/// Labels put in from left to right at the offsets of the text without any:
/// each stands too early by the length of those before it.
fn uncompensated(text: &PlainText) -> Hypothesis {
    let mut before = 0;
    let mut meant = Vec::with_capacity(text.places.len());
    for (place, width) in text.places.iter().zip(&text.widths) {
        meant.push(place + before);
        before += width;
    }
    Hypothesis { process: Process::GrowingDrift, parameters: Vec::new(), meant, tries: 1 }
}

/// So many labels find a parameter; all of them test it.
const SAMPLE: usize = 2000;

/// Every label late by the same number of characters.
fn shifted(text: &PlainText, boundaries: &Boundaries) -> Option<Hypothesis> {
    const MOST: usize = 1000;
    let mut votes = vec![0_usize; MOST + 1];
    for place in text.places.iter().take(SAMPLE) {
        for (shift, vote) in votes.iter_mut().enumerate().take(place + 1).skip(3) {
            *vote += usize::from(boundaries.has(place - shift));
        }
    }
    let (shift, _) = votes.iter().enumerate().max_by_key(|(shift, vote)| (**vote, Reverse(*shift)))?;
    let best = u32::try_from(shift).ok()?;
    let parameters = vec![Parameter { name: "shift", range: best..=best, best }];
    let meant = text.places.iter().map(|place| place.saturating_sub(shift)).collect();
    Some(Hypothesis { process: Process::ConstantShift, parameters, meant, tries: MOST })
}

/// Characters were taken out before the labels, about as many in every
/// stretch: each label is late by a share of what stands before it.
fn stale(text: &PlainText, boundaries: &Boundaries) -> Option<Hypothesis> {
    /// Steps of the search, in characters per ten thousand.
    const STEPS: std::ops::RangeInclusive<usize> = 4..=800;
    let meant = |rate: usize, place: usize| boundaries.near(place * 10_000 / (10_000 + rate), 2);
    let sample = || text.places.iter().take(SAMPLE);
    let count = |rate: &usize| sample().filter(|place| boundaries.has(meant(*rate, **place))).count();
    let rate = STEPS.step_by(2).max_by_key(|rate| (count(rate), Reverse(*rate)))?;
    let best = u32::try_from(rate).ok()?;
    let parameters = vec![Parameter { name: "per_ten_thousand", range: best..=best, best }];
    let meant = text.places.iter().map(|place| meant(rate, *place)).collect();
    // A place within two characters counts, so each try is worth several.
    Some(Hypothesis { process: Process::StaleOffsets, parameters, meant, tries: 8000 })
}

fn test(hypothesis: Hypothesis, text: &PlainText, boundaries: &Boundaries, readings: &[Reading]) -> Option<Model> {
    let Hypothesis { process, parameters, meant, tries } = hypothesis;
    // A label that stands at a boundary either way says nothing.
    let moved: Vec<(usize, bool, bool)> = meant
        .iter()
        .zip(&text.places)
        .enumerate()
        .filter(|(_, (meant, place))| meant != place && **meant < text.chars().len())
        .map(|(reading, (meant, place))| (reading, boundaries.has(*meant), boundaries.has(*place)))
        .filter(|(_, is_meant, stands)| !(*is_meant && *stands))
        .collect();
    let hits: Vec<usize> = moved.iter().filter(|(_, is_meant, _)| *is_meant).map(|(reading, ..)| *reading).collect();
    let holds = hits.len() * 4 >= moved.len() * 3;
    if !holds || !is_beyond_chance(hits.len(), moved.len(), boundaries.rate(), tries) {
        return None;
    }
    let explains = hits.iter().filter_map(|hit| readings.get(*hit)).map(|reading| reading.citations.start).collect();
    let confidence = Confidence::from_fraction(0.98 * ratio(hits.len(), moved.len()));
    let diagnosis = Diagnosis { process, parameters, explains, predicts: Vec::new(), confidence };
    // A place is certain where nothing was fitted, or one number that every
    // label confirms; characters taken out somewhere leave a place open.
    let is_exact = hits.len() == moved.len() && diagnosis.process != Process::StaleOffsets;
    let place = |reading: usize| text.sentence_end(*meant.get(reading).filter(|_| is_exact)?);
    let sites = hits.into_iter().map(|reading| Explained { reading, lost: None, meant: place(reading) }).collect();
    Some(Model { diagnosis, sites })
}
