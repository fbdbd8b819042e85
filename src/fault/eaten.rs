//! Labels that ate what follows them, all the same number of characters.
//!
//! The label is where it belongs; behind it the space is gone and the head of
//! the next word: `collapse. (host)s section`. Some numbers of characters can
//! be put back so that words come out at most of the seams (`\n\nThi` +
//! `s section`, `\n\nTha` + `t file`), others can but by chance; so the seams
//! together bound the number. The words are not told: no completion is proof.

use std::collections::BTreeMap;

use crate::document::Document;
use crate::finding::{Confidence, Lost};
use crate::language::{LazyVocabulary, Vocabulary};
use crate::seam::{Fact, Place, Reading};
use crate::text::offset;

use super::{Diagnosis, Explained, Model, Parameter, Process};

/// What labels ate, in characters.
const LOSSES: std::ops::RangeInclusive<u32> = 3..=24;
/// Fewer seams vote for anything.
const FEWEST: usize = 3;
/// So many seams find the number.
const SAMPLE: usize = 40;
/// Losses whose likelihood, in nats, is no further from the best one's are as
/// good: the usual interval of 95 in 100 for one parameter (Wilks 1938).
const LIKELIHOOD_RATIO: f64 = 1.92;
/// Seams whose left side is whole have no other cause that we know.
const LIKELY: Confidence = Confidence::from_thousandths(800);

/// How likely heads of each length are, by the words that the right side of a
/// seam may be the rest of.
type Seam = BTreeMap<u32, f64>;

pub(super) fn model(document: &Document, readings: &[Reading], vocabulary: &LazyVocabulary<'_>) -> Option<Model> {
    let eaten: Vec<usize> = (0..readings.len())
        .filter(|index| readings.get(*index).is_some_and(|reading| rest(document, reading).is_some()))
        .collect();
    let displaced = readings.iter().filter(|reading| reading.is_displaced()).count();
    if eaten.len() < FEWEST || eaten.len() * 3 < displaced * 2 {
        return None;
    }
    let rests = eaten.iter().take(SAMPLE).filter_map(|index| rest(document, readings.get(*index)?));
    let seams: Vec<Seam> = rests.map(|rest| heads(vocabulary.get(), rest)).collect();
    let known = Heads::new();
    let weights: Vec<(u32, f64)> = LOSSES.map(|loss| (loss, weight(&seams, &known, loss))).collect();
    let (best, most) = weights.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let likely = || weights.iter().filter(|(_, weight)| most - weight < LIKELIHOOD_RATIO).map(|(loss, _)| *loss);
    let (min, max) = (likely().min()?, likely().max()?);
    let lost = Lost { min: Some(min), max: Some(max), best: Some(best) };
    let explains = eaten.iter().filter_map(|index| readings.get(*index)).map(|one| one.citations.start).collect();
    let parameters = vec![Parameter { name: "loss", range: min..=max, best }];
    let diagnosis =
        Diagnosis { process: Process::ConstantLoss, parameters, explains, predicts: Vec::new(), confidence: LIKELY };
    let sites = eaten
        .into_iter()
        .map(|reading| Explained { reading, lost: Some(lost), meant: None, fact: Fact::Consistent })
        .collect();
    Some(Model { diagnosis, sites, in_place: Vec::new() })
}

/// The lengths of the heads that make words of `rest`.
fn heads(vocabulary: &Vocabulary<'_>, rest: &str) -> Seam {
    let own = offset(rest.chars().count());
    vocabulary.lengths_of_words_ending(rest).into_iter().map(|(length, share)| (length - own, share)).collect()
}

/// The rest of a word that touches a label behind, where what stands before
/// the label is whole.
fn rest<'a>(document: &'a Document, reading: &'a Reading) -> Option<&'a str> {
    let text: &str = &document.text;
    let begins_low = reading.right.starts_with(char::is_lowercase);
    let is_left_whole = matches!(reading.place, Place::AfterStop | Place::LowerAfterEnd);
    let touches = text.get(reading.label.end as usize..)?.starts_with(reading.right.as_str());
    (begins_low && is_left_whole && touches).then_some(reading.right.as_str())
}

/// How much more likely the seams are if all lost so many characters than if
/// each lost what it would, in nats.
///
/// A loss says how much of a word can be gone: the head is what is left of it
/// when the words before are taken off. So the likelihood of a rest given a
/// loss is the mean, over heads, of how likely words with such a head end so.
fn weight(seams: &[Seam], heads: &Heads, loss: u32) -> f64 {
    /// Names and rare words are in no list; any loss is as likely then.
    const UNKNOWN: f64 = 0.25;
    let one = |seam: &Seam| {
        let known: f64 = seam.iter().map(|(head, share)| share * heads.ratio(loss, *head)).sum();
        (UNKNOWN + (1.0 - UNKNOWN) * known).ln()
    };
    seams.iter().map(one).sum::<f64>()
}

/// How long the head of the word is that a cut falls into.
struct Heads {
    /// For each loss, by the head's length.
    given: Vec<Vec<f64>>,
    /// Over all losses.
    mean: Vec<f64>,
}

impl Heads {
    /// Words follow each other with their lengths as in running text: a
    /// renewal process (Feller 1950).
    fn new() -> Self {
        /// Of words of 1, 2, … letters in European languages, in hundredths.
        const LENGTHS: [f64; 14] = [3.0, 16.0, 20.0, 16.0, 11.0, 9.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0, 0.5, 0.5];
        /// A space before the first word, a blank line, the stop and a space.
        const GAPS: [f64; 4] = [0.0, 0.55, 0.35, 0.10];
        let of = |table: &[f64], at: usize| table.get(at).copied().unwrap_or_default();
        // Whether a word begins at a place.
        let mut begins: Vec<f64> = Vec::new();
        for at in 0..=*LOSSES.end() as usize {
            let words = (1..at).map(|length| of(&LENGTHS, length - 1) / 100.0 * of(&begins, at - length - 1));
            let later: f64 = words.sum();
            begins.push(of(&GAPS, at) + later);
        }
        let longer = |head: usize| LENGTHS.iter().skip(head).sum::<f64>() / 100.0;
        let after = |loss: u32| -> Vec<f64> {
            let loss = loss as usize;
            let all: Vec<f64> = (0..=loss).map(|head| of(&begins, loss - head) * longer(head)).collect();
            let total: f64 = all.iter().sum();
            all.into_iter().map(|share| share / total).collect()
        };
        let given: Vec<Vec<f64>> = LOSSES.map(after).collect();
        let tried = f64::from(LOSSES.end() - LOSSES.start() + 1);
        let share = |head: usize| given.iter().map(|heads| of(heads, head)).sum::<f64>() / tried;
        let mean = (0..=*LOSSES.end() as usize).map(share).collect();
        Self { given, mean }
    }

    /// How much more common a head of that length is after such a loss than
    /// after any.
    fn ratio(&self, loss: u32, head: u32) -> f64 {
        let of = |heads: &[f64]| heads.get(head as usize).copied().unwrap_or_default();
        let given = self.given.get((loss - LOSSES.start()) as usize).map_or(0.0, |heads| of(heads));
        let mean = of(&self.mean);
        if mean > 0.0 { given / mean } else { 0.0 }
    }
}
