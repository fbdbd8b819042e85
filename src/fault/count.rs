//! Offsets counted in one text and used in another: each label stands a
//! number of characters away from its place, and that number follows from the
//! text before it. Nothing is lost.
//!
//! Every hypothesis says of each label where it was meant to stand. How likely
//! the labels are then is how likely somebody set them there ([`habit`]); how
//! likely they are without any such mistake, by where they stand and by which
//! share of them chance displaced. Bayes' rule weighs all hypotheses, the free
//! ones and every value of the fitted ones, against that and against each
//! other: who tries more values believes less in each.
//!
//! [`habit`]: super::habit

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::Confidence;
use crate::seam::{Fact, Form, Place, Reading};

use super::found::first_matches;
use super::habit::{Exactness, Places, Sight, evidence, log_of_sum, told};
use super::plain::PlainText;
use super::{Diagnosis, Explained, Model, Parameter, Process};

/// Code units per character.
type Width = fn(char) -> usize;

/// `\n` was `\r\n` when the offsets were counted.
const UNITS: [(Process, Width); 3] = [
    (Process::ByteAsChar, char::len_utf8),
    (Process::Utf16AsChar, char::len_utf16),
    (Process::LineBreakFolded, |c| if c == '\n' { 2 } else { 1 }),
];

/// How common each process is among articles, by its kind.
const PRIOR: f64 = 0.003;
/// Which share of the labels chance displaced where no process did, and how
/// common that is.
const SHARES: [(f64, f64); 6] = [(0.0005, 0.72), (0.05, 0.08), (0.2, 0.07), (0.5, 0.06), (0.8, 0.04), (0.95, 0.03)];
/// Labels that a process does not explain where it explains the others.
const STRAYS: f64 = 0.03;
/// A search that finds nothing leaves the label where it was.
const LOST: f64 = 0.10;
/// Where a smaller part of all labels is displaced, nothing asks for an
/// explanation: labels that stand inside sentences by habit would fit some
/// model, too.
const PART: usize = 6;
/// So many labels find a parameter; all of them are told what it says.
const SAMPLE: usize = 256;

/// Where each label was meant to stand.
struct Hypothesis {
    process: Process,
    parameter: Option<(&'static str, u32)>,
    /// The one place of each label, where the hypothesis leaves one.
    meant: Vec<usize>,
    /// What it says of each label.
    sights: Vec<Sight>,
    exactness: Exactness,
    /// Labels that it does not explain where it explains the others.
    strays: f64,
    /// The logarithm of how probable it is; then the probability.
    weight: f64,
}

pub(super) fn models(document: &Document, citations: &[Citation], readings: &[Reading]) -> Vec<Model> {
    let displaced = readings.iter().filter(|reading| reading.is_displaced()).count();
    let are_counted = displaced * PART >= readings.len();
    if !are_counted && !readings.iter().any(is_odd) {
        return Vec::new();
    }
    let text = PlainText::of(document, citations, readings);
    let places = Places::of(text.chars());
    let mut hypotheses = Vec::new();
    if are_counted {
        let units = UNITS.iter().filter_map(|(process, width)| in_units(*process, *width, &text));
        hypotheses.extend(units.chain([(Process::GrowingDrift, uncompensated(&text))]).map(|(process, meant)| {
            let label = |(meant, place): (&usize, &usize)| places.sight(*meant, *place, Exactness::Nearly);
            let sights: Vec<Sight> = meant.iter().zip(&text.places).map(label).collect();
            let weight = PRIOR.ln() + evidence(sample(&sights), STRAYS);
            let exactness = Exactness::Nearly;
            Hypothesis { process, parameter: None, meant, sights, exactness, strays: STRAYS, weight }
        }));
        fit(&text, &places, &mut hypotheses, shifts());
        fit(&text, &places, &mut hypotheses, rates());
    }
    let stands: Vec<Sight> = text.places.iter().map(|place| places.sight(*place, *place, Exactness::Exact)).collect();
    let searches = if readings.iter().any(is_odd) { first_matches(&text, &places) } else { Vec::new() };
    let searched = |found: Vec<Sight>| -> Vec<Sight> {
        let all = readings.iter().zip(found).zip(&stands);
        all.map(|((reading, found), stands)| if is_searched(reading) { found } else { *stands }).collect()
    };
    hypotheses.extend(searches.into_iter().map(searched).map(|sights| Hypothesis {
        process: Process::FirstMatch,
        parameter: None,
        meant: Vec::new(),
        weight: PRIOR.ln() + evidence(sample(&sights), LOST),
        sights,
        exactness: Exactness::Exact,
        strays: LOST,
    }));
    let by_chance = SHARES.map(|(share, common)| common.ln() + evidence(sample(&stands), share));
    let whole = log_of_sum(hypotheses.iter().map(|one| one.weight).chain(by_chance));
    for hypothesis in &mut hypotheses {
        hypothesis.weight = (hypothesis.weight - whole).exp();
    }
    Weighed { text: &text, readings, hypotheses }.models()
}

/// Inside a sentence: a search may have found the claim there.
fn is_odd(reading: &Reading) -> bool {
    matches!(reading.place, Place::Inside | Place::ClauseEnd) && is_searched(reading)
}

/// Numbers, and labels behind names, stand where a word is first mentioned by
/// right.
fn is_searched(reading: &Reading) -> bool {
    reading.form == Form::Label && !reading.facts.iter().any(|fact| matches!(fact, Fact::Gloss | Fact::AfterName))
}

fn sample(sights: &[Sight]) -> impl Iterator<Item = Sight> {
    sights.iter().copied().take(SAMPLE)
}

/// `None` where every character is one unit long.
fn in_units(process: Process, width: Width, text: &PlainText) -> Option<(Process, Vec<usize>)> {
    let mut sum = 0;
    let mut offsets = Vec::with_capacity(text.chars().len());
    for c in text.chars() {
        offsets.push(sum);
        sum += width(*c);
    }
    let meant = text.places.iter().map(|place| offsets.partition_point(|offset| offset < place)).collect();
    (sum > offsets.len()).then_some((process, meant))
}

/// Labels put in from left to right at the offsets of the text without any:
/// each stands too early by the length of those before it.
fn uncompensated(text: &PlainText) -> Vec<usize> {
    let mut before = 0;
    let mut meant = Vec::with_capacity(text.places.len());
    for (place, width) in text.places.iter().zip(&text.widths) {
        meant.push(place + before);
        before += width;
    }
    meant
}

/// A process with a number that the labels must tell.
struct Family<V> {
    process: Process,
    /// What its number is called.
    name: &'static str,
    exactness: Exactness,
    /// What that may be.
    values: V,
    /// Where a label was meant to stand, by the number and where it stands.
    meant: fn(u32, usize) -> usize,
}

/// Every label is late by the same number of characters.
fn shifts() -> Family<impl Iterator<Item = u32>> {
    Family {
        process: Process::ConstantShift,
        name: "shift",
        exactness: Exactness::Nearly,
        values: 2..=1000,
        meant: |shift, place| place.saturating_sub(shift as usize),
    }
}

/// Characters were taken out before the labels, about as many in every
/// stretch: each label is late by a share of what stands before it, so many
/// characters in ten thousand.
fn rates() -> Family<impl Iterator<Item = u32>> {
    Family {
        process: Process::StaleOffsets,
        name: "per_ten_thousand",
        exactness: Exactness::About,
        values: (4..=800).step_by(3),
        meant: |rate, place| place * 10_000 / (10_000 + rate as usize),
    }
}

/// Adds the values of a parameter that the labels do not speak against.
fn fit(text: &PlainText, places: &Places, hypotheses: &mut Vec<Hypothesis>, family: Family<impl Iterator<Item = u32>>) {
    /// Beside the best value one that is so much less likely hardly counts.
    const NEGLIGIBLE: f64 = -7.0;
    /// So many values at most.
    const MOST: usize = 24;
    let Family { process, name, exactness, values, meant } = family;
    let sight = |value: u32, place: usize| places.sight(meant(value, place), place, exactness);
    let weight = |value: u32| evidence(text.places.iter().take(SAMPLE).map(|place| sight(value, *place)), STRAYS);
    let mut all: Vec<(f64, u32)> = values.map(|value| (weight(value), value)).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let each = (PRIOR / all.iter().map(|_| 1.0).sum::<f64>()).ln();
    let best = all.first().map_or(0.0, |(weight, _)| *weight);
    for (weight, value) in all.into_iter().take(MOST).take_while(|(weight, _)| *weight > best + NEGLIGIBLE) {
        hypotheses.push(Hypothesis {
            process,
            parameter: Some((name, value)),
            meant: text.places.iter().map(|place| meant(value, *place)).collect(),
            sights: text.places.iter().map(|place| sight(value, *place)).collect(),
            exactness,
            strays: STRAYS,
            weight: each + weight,
        });
    }
}

/// The hypotheses with their probabilities.
struct Weighed<'a> {
    text: &'a PlainText,
    readings: &'a [Reading],
    hypotheses: Vec<Hypothesis>,
}

impl Weighed<'_> {
    /// Less probable processes are not named.
    const LEAST: f64 = 0.05;
    /// A label is so probably displaced that the count alone settles it.
    const SURE: f64 = 0.98;
    const LIKELY: f64 = 0.7;

    fn models(&self) -> Vec<Model> {
        let mut processes: Vec<(Process, f64)> = Vec::new();
        for Hypothesis { process, weight, .. } in &self.hypotheses {
            match processes.iter_mut().find(|(known, _)| known == process) {
                Some((_, sum)) => *sum += weight,
                None => processes.push((*process, *weight)),
            }
        }
        // By chance is a rival, too.
        let explained: f64 = processes.iter().map(|(_, weight)| weight).sum();
        processes.retain(|(_, weight)| *weight > Self::LEAST);
        processes.sort_by(|one, other| other.1.total_cmp(&one.1));
        if explained < Self::LIKELY {
            return Vec::new();
        }
        let (displaced, in_place) = self.displaced();
        let in_place: Vec<usize> = (0..in_place.len()).filter(|at| in_place.get(*at) > Some(&Self::LIKELY)).collect();
        let model =
            |(process, weight)| Some(Model { in_place: in_place.clone(), ..self.model(process, weight, &displaced)? });
        let models = processes.into_iter().filter_map(model);
        models.filter(|model| !model.sites.is_empty()).collect()
    }

    /// For each label the probability that one of the mistakes displaced it,
    /// and the probability that it left it in place.
    fn displaced(&self) -> (Vec<f64>, Vec<f64>) {
        let mut displaced = vec![0.0; self.text.places.len()];
        let mut in_place = displaced.clone();
        for hypothesis in self.hypotheses.iter().filter(|hypothesis| hypothesis.weight > 1e-4) {
            let told = told(&hypothesis.sights, hypothesis.strays);
            for ((displaced, in_place), told) in displaced.iter_mut().zip(&mut in_place).zip(told) {
                *displaced += hypothesis.weight * told.moved;
                // Taken out a little before, it may as well have moved.
                let is_exact = hypothesis.exactness != Exactness::About;
                *in_place += if is_exact { hypothesis.weight * told.stays } else { 0.0 };
            }
        }
        (displaced, in_place)
    }

    fn model(&self, process: Process, weight: f64, displaced: &[f64]) -> Option<Model> {
        let own = || self.hypotheses.iter().filter(|one| one.process == process);
        let best = own().max_by(|one, other| one.weight.total_cmp(&other.weight))?;
        let moved = |reading: usize| best.meant.is_empty() || best.meant.get(reading) != self.text.places.get(reading);
        let likely =
            |reading: &usize| displaced.get(*reading).is_some_and(|sum| *sum > Self::LIKELY) && moved(*reading);
        let hits: Vec<usize> = (0..self.readings.len()).filter(likely).collect();
        let explains =
            hits.iter().filter_map(|hit| self.readings.get(*hit)).map(|reading| reading.citations.start).collect();
        let parameters = best.parameter.map(|(name, best)| {
            let values = || own().filter(|one| one.weight > weight * Self::LEAST).filter_map(|one| one.parameter);
            let (min, max) = (values().map(|(_, value)| value).min(), values().map(|(_, value)| value).max());
            Parameter { name, range: min.unwrap_or(best)..=max.unwrap_or(best), best }
        });
        // A place is certain where nothing was fitted, or one number, that
        // every label confirms; characters taken out somewhere leave it open.
        let sentence_end = |reading: usize| self.text.sentence_end(*best.meant.get(reading)?);
        let is_exact = best.weight > 0.99
            && best.exactness != Exactness::About
            && (0..self.readings.len()).filter(|reading| moved(*reading)).all(|moved| sentence_end(moved).is_some());
        let sites = hits.into_iter().map(|reading| Explained {
            reading,
            lost: None,
            meant: sentence_end(reading).filter(|_| is_exact),
            fact: match displaced.get(reading) {
                Some(sum) if *sum > Self::SURE => Fact::Counted,
                _ => Fact::Consistent,
            },
        });
        Some(Model {
            in_place: Vec::new(),
            sites: sites.collect(),
            diagnosis: Diagnosis {
                process,
                parameters: parameters.into_iter().collect(),
                explains,
                predicts: Vec::new(),
                confidence: Confidence::from_fraction(weight.min(0.98)),
            },
        })
    }
}
