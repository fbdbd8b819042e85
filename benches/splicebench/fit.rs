//! Fits the weights of `src/seam/evidence.rs`: logistic regression, held near
//! the weights in force so that facts which the texts seldom show keep theirs.
//! What the document says of a label (`seam::odds`) is a fixed part of its
//! log-odds; it follows from the weights, so fit, set, and fit again.

use std::collections::BTreeSet;

use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::seam::{Contact, Fact, Form, Odds, Place, Reading, find_broken_labels, odds, read_sites, words_apart};

use crate::article::{Class, Specimen};

/// The facts of a site, and whether it is spliced.
pub struct Example {
    facts: Vec<Fact>,
    place: Place,
    is_clear: bool,
    /// What displaced it; empty where nothing did.
    process: &'static str,
    given: f64,
    is_spliced: bool,
    weight: f64,
}

/// A genuine citation weighs more: real articles hold far fewer splices than
/// SpliceBench's.
const GENUINE: f64 = 4.0;
/// Pull towards the weights in force.
const PULL: f64 = 2.0;
const STEPS: usize = 400;

/// Facts that keep the weight set by hand: what would speak against them are
/// articles that we do not make.
fn is_held(fact: Fact) -> bool {
    matches!(
        fact,
        Fact::OnceInOtherScript
            | Fact::Apart
            | Fact::MarkInside
            | Fact::Consistent
            | Fact::Counted
            | Fact::InPlace
            | Fact::Particle
            | Fact::FragmentLeft
            | Fact::Contact(Form::Mark, Contact::Unspaced)
    )
}

fn readings_of(document: &Document) -> Vec<Reading> {
    let scan = citation::Scan::new(document);
    let citations = citation::extract_from(&scan);
    let broken = find_broken_labels(&scan, &citations);
    read_sites(document, &citations, &broken, &words_apart(document, &citations))
}

pub fn examples(specimen: &Specimen) -> Vec<Example> {
    let Ok(document) = document::read(specimen.text.as_bytes().to_vec(), Some(specimen.format), None) else {
        return Vec::new();
    };
    let readings = readings_of(&document);
    let given = odds(&readings);
    let example = |(reading, odds): (Reading, Odds)| {
        let span = document.source_span(reading.label).range();
        let meets = |other: &std::ops::Range<usize>| span.start < other.end && other.start < span.end;
        let damage = specimen.damages.iter().find(|damage| meets(&damage.span));
        let is_spliced = match damage {
            Some(damage) if damage.class == Class::Splice => true,
            None if specimen.genuine.iter().any(meets) => false,
            _ => return None,
        };
        let weight = if is_spliced { 1.0 } else { GENUINE };
        Some(Example {
            facts: reading.facts,
            place: reading.place,
            is_clear: reading.is_clear,
            process: specimen.process.filter(|_| is_spliced).map_or("", |process| process.name()),
            given: odds.given,
            is_spliced,
            weight,
        })
    };
    readings.into_iter().zip(given).filter_map(example).collect()
}

/// The sites of a text that nothing is wrong with.
pub fn innocent(text: &str, format: Format) -> Vec<Example> {
    let Ok(document) = document::read(text.as_bytes().to_vec(), Some(format), None) else { return Vec::new() };
    let readings = readings_of(&document);
    let given = odds(&readings);
    let example = |(reading, odds): (Reading, Odds)| Example {
        facts: reading.facts,
        place: reading.place,
        is_clear: reading.is_clear,
        process: "",
        given: odds.given,
        is_spliced: false,
        weight: GENUINE,
    };
    readings.into_iter().zip(given).map(example).collect()
}

/// Prints each fact with its weight in force, the fitted one, and how often
/// it was seen on spliced and on genuine labels.
pub fn print(examples: &[Example]) {
    let table: Vec<(Fact, f64)> = Fact::all().collect();
    let index = |fact: &Fact| table.iter().position(|(other, _)| other == fact).unwrap();
    let rows: Vec<Row> = examples
        .iter()
        .map(|example| Row {
            facts: example.facts.iter().map(index).collect(),
            given: example.given,
            truth: f64::from(u8::from(example.is_spliced)),
            weight: example.weight,
        })
        .collect();
    let mut weights: Vec<f64> = table.iter().map(|(_, weight)| *weight).collect();
    let mut squares = vec![1.0; weights.len()];
    for _ in 0..STEPS {
        let mut slopes: Vec<f64> =
            weights.iter().zip(&table).map(|(weight, (_, held))| PULL * (weight - held)).collect();
        for Row { facts, given, truth, weight } in &rows {
            let log_odds: f64 = given + facts.iter().map(|fact| weights[*fact]).sum::<f64>();
            let error = (1.0 / (1.0 + (-log_odds).exp()) - truth) * weight;
            for fact in facts {
                slopes[*fact] += error;
            }
        }
        // Adagrad (Duchi, Hazan, Singer 2011): each weight at its own pace.
        for (((weight, slope), square), (fact, _)) in weights.iter_mut().zip(slopes).zip(&mut squares).zip(&table) {
            if is_held(*fact) {
                continue;
            }
            *square += slope * slope;
            *weight -= 0.5 * slope / square.sqrt();
        }
    }
    println!("| fact | in force | fitted | spliced | genuine |\n| --- | --- | --- | --- | --- |");
    for (at, (fact, held)) in table.iter().enumerate() {
        let (spliced, genuine) = (count(&rows, at, 1.0), count(&rows, at, 0.0));
        println!("| {fact:?} | {held:.1} | {:.1} | {spliced} | {genuine} |", weights[at]);
    }
    print_places(examples);
}

/// Prints how each process spreads labels over the places, and how many of
/// them hit a gap on the right; the first row is of genuine labels.
fn print_places(examples: &[Example]) {
    let processes: BTreeSet<&str> = examples.iter().map(|one| one.process).collect();
    println!("\n| process | labels | {} |", Place::ALL.map(|place| format!("{place:?}")).join(" | "));
    for process in processes {
        let own = || examples.iter().filter(|one| one.process == process);
        let all = own().count().max(1) as f64;
        let share = |place: Place| {
            let at = || own().filter(move |one| one.place == place);
            let clear = at().filter(|one| one.is_clear).count() as f64 / at().count().max(1) as f64;
            format!("{:.3} ({clear:.2})", at().count() as f64 / all)
        };
        println!("| {process} | {all} | {} |", Place::ALL.map(share).join(" | "));
    }
}

struct Row {
    facts: Vec<usize>,
    given: f64,
    truth: f64,
    weight: f64,
}

fn count(rows: &[Row], fact: usize, truth: f64) -> usize {
    rows.iter().filter(|row| (row.truth - truth).abs() < 0.5 && row.facts.contains(&fact)).count()
}
