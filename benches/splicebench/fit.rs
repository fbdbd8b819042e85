//! Fits the weights of `src/seam/evidence.rs`: logistic regression, held near
//! the weights in force so that facts which the texts seldom show keep theirs.

use obelus::citation;
use obelus::document::{self, Format};
use obelus::seam::{Contact, Fact, Form, Habit, PRIOR, Place, read_sites};

use crate::article::{Class, Specimen};

/// The facts of a site, and whether it is spliced.
pub struct Example {
    facts: Vec<Fact>,
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
            | Fact::RepeatsPrevious
            | Fact::Particle
            | Fact::FragmentLeft
            | Fact::Contact(Form::Mark, Contact::Unspaced)
            | Fact::Place(Place::Clause, Habit::Unknown)
    )
}

pub fn examples(specimen: &Specimen) -> Vec<Example> {
    let Ok(document) = document::read(specimen.text.as_bytes().to_vec(), Some(specimen.format), None) else {
        return Vec::new();
    };
    let citations = citation::extract(&document);
    let readings = read_sites(&document, &citations);
    let example = |reading: obelus::seam::Reading| {
        let span = document.source_span(reading.label).range();
        let meets = |other: &std::ops::Range<usize>| span.start < other.end && other.start < span.end;
        let damage = specimen.damages.iter().find(|damage| meets(&damage.span));
        let is_spliced = match damage {
            Some(damage) if damage.class == Class::Splice => true,
            None if specimen.genuine.iter().any(meets) => false,
            _ => return None,
        };
        Some(Example { facts: reading.facts, is_spliced, weight: if is_spliced { 1.0 } else { GENUINE } })
    };
    readings.into_iter().filter_map(example).collect()
}

/// The sites of a text that nothing is wrong with.
pub fn innocent(text: &str, format: Format) -> Vec<Example> {
    let Ok(document) = document::read(text.as_bytes().to_vec(), Some(format), None) else { return Vec::new() };
    let citations = citation::extract(&document);
    let readings = read_sites(&document, &citations);
    readings.into_iter().map(|reading| Example { facts: reading.facts, is_spliced: false, weight: GENUINE }).collect()
}

/// Prints each fact with its weight in force, the fitted one, and how often
/// it was seen on spliced and on genuine labels.
pub fn print(examples: &[Example]) {
    let table: Vec<(Fact, f64)> = Fact::all().collect();
    let index = |fact: &Fact| table.iter().position(|(other, _)| other == fact).unwrap();
    let rows: Vec<(Vec<usize>, f64, f64)> = examples
        .iter()
        .map(|example| {
            (example.facts.iter().map(index).collect(), f64::from(u8::from(example.is_spliced)), example.weight)
        })
        .collect();
    let mut weights: Vec<f64> = table.iter().map(|(_, weight)| *weight).collect();
    let mut prior = PRIOR;
    let mut squares = vec![1.0; weights.len() + 1];
    for _ in 0..STEPS {
        let mut slopes: Vec<f64> =
            weights.iter().zip(&table).map(|(weight, (_, held))| PULL * (weight - held)).collect();
        let mut slope = 0.0;
        for (facts, truth, weight) in &rows {
            let log_odds: f64 = prior + facts.iter().map(|fact| weights[*fact]).sum::<f64>();
            let error = (1.0 / (1.0 + (-log_odds).exp()) - truth) * weight;
            slope += error;
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
        let square = squares.last_mut().unwrap();
        *square += slope * slope;
        prior -= 0.5 * slope / square.sqrt();
    }
    println!("| fact | in force | fitted | spliced | genuine |\n| --- | --- | --- | --- | --- |");
    println!("| prior | {PRIOR:.1} | {prior:.1} | {} | {} |", count(&rows, None, 1.0), count(&rows, None, 0.0));
    for (at, (fact, held)) in table.iter().enumerate() {
        let (spliced, genuine) = (count(&rows, Some(at), 1.0), count(&rows, Some(at), 0.0));
        println!("| {fact:?} | {held:.1} | {:.1} | {spliced} | {genuine} |", weights[at]);
    }
}

fn count(rows: &[(Vec<usize>, f64, f64)], fact: Option<usize>, truth: f64) -> usize {
    rows.iter()
        .filter(|(facts, of, _)| (of - truth).abs() < 0.5 && fact.is_none_or(|fact| facts.contains(&fact)))
        .count()
}
