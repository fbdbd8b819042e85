//! Counts how sentences open and where words begin and end in Chinese and
//! Japanese, for `src/language/data/openings.txt` and `edges.txt`:
//! `--openings` and `--edges` print the files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use obelus::language::{is_unspaced_letter, word_ends};

use crate::corpus::Prose;

/// How often a key was seen, and how often where a sentence begins.
type Counts = HashMap<String, (f64, f64)>;

/// Fewer sightings tell nothing.
const FEWEST: f64 = 6.0;
/// Two letters are listed where they say so much more than the first alone, in nats.
const MORE: f64 = 1.0;
/// Counts say no more than this, in nats.
const MOST: f64 = 3.5;

/// Prints one line for each key: the language with one letter or two, and how
/// much more often a sentence begins so than a cut leaves such a rest (tenths
/// of a nat, log-odds).
pub fn print(texts: &[Prose]) {
    let mut lines = BTreeMap::new();
    for language in ["ja", "zh"] {
        let mut counts = Counts::new();
        for prose in texts.iter().filter(|prose| prose.language == language) {
            count(&prose.text, &mut counts);
        }
        let (starts, all) = counts
            .iter()
            .filter(|(key, _)| key.chars().count() == 1)
            .fold((0.0, 0.0), |(starts, all), (_, (start, of))| (starts + start, all + of));
        let rate = starts / all;
        let log_odds = |share: f64| (share / (1.0 - share)).ln() - (rate / (1.0 - rate)).ln();
        let log_odds = |share: f64| log_odds(share).clamp(-MOST, MOST);
        let single = |key: &str| counts.get(key).map_or(rate, |(start, of)| (start + 2.0 * rate) / (of + 2.0));
        for (key, (start, of)) in counts.iter().filter(|(_, (_, of))| *of >= FEWEST) {
            let first: String = key.chars().take(1).collect();
            let alone = single(&first);
            let score = if first == *key {
                log_odds(alone)
            } else {
                let both = log_odds((start + 4.0 * alone) / (of + 4.0));
                if (both - log_odds(alone)).abs() < MORE {
                    continue;
                }
                both
            };
            lines.insert(format!("{language}{key}"), score);
        }
    }
    for (key, score) in lines {
        println!("{key}\t{:.0}", score * 10.0);
    }
}

fn count(text: &str, counts: &mut Counts) {
    let letters: Vec<char> = text.chars().collect();
    let mut opens = false;
    for (at, c) in letters.iter().enumerate() {
        if is_unspaced_letter(*c) {
            for length in [1, 2] {
                let key: String = letters.iter().skip(at).take(length).collect();
                if key.chars().count() == length && key.chars().all(is_unspaced_letter) {
                    let (start, of) = counts.entry(key).or_default();
                    *start += f64::from(u8::from(opens));
                    *of += 1.0;
                }
            }
        }
        opens = matches!(c, '。' | '！' | '？')
            || opens && (c.is_whitespace() || matches!(c, '」' | '”' | '）' | '「' | '“'));
    }
}

/// A pair is listed where an edge is so much less likely than anywhere, in
/// nats, after so many sightings.
const TELLING: f64 = 1.5;
const SIGHTINGS: f64 = 9.0;

/// Prints one line for each pair of letters that hardly ever stands at a word's
/// edge: the language, `<` for behind an edge and `>` for before one, the pair.
pub fn print_edges(texts: &[Prose]) {
    let mut lines = BTreeSet::new();
    for language in ["ja", "zh"] {
        let mut counts = Counts::new();
        for prose in texts.iter().filter(|prose| prose.language == language) {
            count_edges(&prose.text, &mut counts);
        }
        let (edges, all) = counts.values().fold((0.0, 0.0), |(edges, all), (edge, of)| (edges + edge, all + of));
        let rate = edges / all;
        let log_odds = |share: f64| ((share / (1.0 - share)).ln() - (rate / (1.0 - rate)).ln()).clamp(-MOST, MOST);
        for (key, (edge, of)) in counts.iter().filter(|(_, (_, of))| *of >= SIGHTINGS) {
            let score = log_odds((edge + 2.0 * rate) / (of + 2.0));
            if score < -TELLING {
                lines.insert(format!("{language}{key}"));
            }
        }
    }
    for key in lines {
        println!("{key}");
    }
}

/// Counts for every pair of letters how often a word begins with it, or ends
/// with it, among the places where letters stand on both sides.
fn count_edges(text: &str, counts: &mut Counts) {
    for run in text.split(|c| !is_unspaced_letter(c)).filter(|run| run.chars().count() >= 4) {
        let ends: Vec<usize> = word_ends(run).collect();
        let letters: Vec<(usize, char)> = run.char_indices().collect();
        for at in 2..letters.len().saturating_sub(1) {
            let is_edge = f64::from(u8::from(ends.contains(&letters[at].0)));
            let pair = |from: usize| [letters[from].1, letters[from + 1].1].iter().collect::<String>();
            for key in [format!("<{}", pair(at)), format!(">{}", pair(at - 2))] {
                let (edge, of) = counts.entry(key).or_default();
                *edge += is_edge;
                *of += 1.0;
            }
        }
    }
}
