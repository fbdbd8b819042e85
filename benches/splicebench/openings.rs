//! Counts how sentences open and where words begin and end in Chinese and
//! Japanese, and what phrases end with in any language, for
//! `src/language/data/openings.txt`, `edges.txt` and `endings.txt`:
//! `--openings`, `--edges` and `--endings` print the files.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use obelus::document;
use obelus::language::{
    Ending, closes, ending_keys, ends_clause, ends_sentence, is_unspaced_letter, is_word_char, language_of, word_ends,
};

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

/// A trigram is listed where words end or begin with it so much less often
/// than a cut leaves it, in nats.
const CUT: f64 = 2.3;
/// Sightings of a trigram that tell.
const TRIGRAMS: f64 = 16.0;

/// Prints for each language one line of the three letters that its words hardly
/// end (`>`) or begin (`<`) with, though they stand inside words. English has a
/// list of words instead.
pub fn print_trigrams(texts: &[Prose]) {
    let mut languages: BTreeMap<&str, Counts> = BTreeMap::new();
    for prose in texts {
        let Ok(document) = document::read(prose.text.clone().into_bytes(), Some(prose.format), None) else { continue };
        if let Some(language) = language_of(&document.text) {
            count_trigrams(&document.text, languages.entry(language).or_default());
        }
    }
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (language, counts) in languages {
        let (edges, all) = counts.values().fold((0.0, 0.0), |(edges, all), (edge, of)| (edges + edge, all + of));
        if all < 10.0 * ENOUGH || matches!(language, "eng" | "cmn" | "jpn" | "kor") {
            continue;
        }
        let rate = edges / all;
        let log_odds = |share: f64| (share / (1.0 - share)).ln() - (rate / (1.0 - rate)).ln();
        for (key, (edge, of)) in counts.iter().filter(|(_, (_, of))| *of >= TRIGRAMS) {
            if log_odds((edge + 1.0 * rate) / (of + 1.0)) < -CUT {
                let (mark, letters) = key.split_at(1);
                lines.entry(format!("{language}{mark}")).or_default().insert(letters.to_owned());
            }
        }
    }
    for (key, letters) in lines {
        println!("{key}\t {} ", letters.into_iter().collect::<Vec<_>>().join(" "));
    }
}

/// Counts for all three letters how often a word ends, or begins, with them,
/// among the places in words where they stand.
fn count_trigrams(text: &str, counts: &mut Counts) {
    for word in text.split(|c: char| !c.is_alphabetic() || is_unspaced_letter(c)) {
        let letters: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        for (at, three) in letters.windows(3).enumerate() {
            let three: String = three.iter().collect();
            for (mark, is_edge) in [('<', at == 0), ('>', at + 3 == letters.len())] {
                let (edge, of) = counts.entry(format!("{mark}{three}")).or_default();
                *edge += f64::from(u8::from(is_edge));
                *of += 1.0;
            }
        }
    }
}

/// An ending is listed where a phrase ends with it so much less often than
/// with others, in nats.
const RARE: f64 = 1.0;

/// Words and letters of a language that show how its phrases end.
const ENOUGH: f64 = 30_000.0;

/// Prints one line for each ending that phrases hardly end with: the
/// language's code and the ending, and how much less often they do than with
/// others (tenths of a nat, log-odds).
pub fn print_endings(texts: &[Prose]) {
    let mut languages: BTreeMap<&str, Counts> = BTreeMap::new();
    for prose in texts {
        let Ok(document) = document::read(prose.text.clone().into_bytes(), Some(prose.format), None) else { continue };
        if let Some(language) = language_of(&document.text) {
            count_endings(&document.text, languages.entry(language).or_default());
        }
    }
    let mut lines = BTreeMap::new();
    for (language, counts) in languages {
        let (ends, all) = counts.values().fold((0.0, 0.0), |(ends, all), (end, of)| (ends + end, all + of));
        if all < ENOUGH {
            continue;
        }
        let rate = ends / all;
        let log_odds = |share: f64| ((share / (1.0 - share)).ln() - (rate / (1.0 - rate)).ln()).clamp(-MOST, MOST);
        let tenths = |key: &str| {
            let (end, of) = counts.get(key).filter(|(_, of)| *of >= SEEN)?;
            let score = log_odds((end + 2.0 * rate) / (of + 2.0));
            Some(if score < -RARE { (-score * 10.0).round() } else { 0.0 })
        };
        for key in counts.keys().filter(|key| key.chars().all(char::is_alphabetic)) {
            // Two letters are listed where they say other than the last alone.
            let last = ending_keys(key).into_iter().nth(1);
            let known = last.and_then(|last| tenths(&last)).unwrap_or(0.0);
            if let Some(tenths) = tenths(key).filter(|tenths| ending_of(*tenths) != ending_of(known)) {
                lines.insert(format!("{language} {key}"), tenths);
            }
        }
    }
    for (key, score) in lines {
        println!("{key}\t{score}");
    }
}

/// How an ending is graded.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tenths of a nat, none below 0")]
fn ending_of(tenths: f64) -> Option<Ending> {
    Ending::of(tenths as u32)
}

/// Sightings of an ending that tell.
const SEEN: f64 = 60.0;

/// Counts for every ending of a word how often a mark or a bracket follows it,
/// among the places where that or another word does.
fn count_endings(text: &str, counts: &mut Counts) {
    let ends_phrase = |c: char| ends_sentence(c) || ends_clause(c) || closes(c) || matches!(c, '(' | '（');
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        let before = std::mem::replace(&mut previous, c);
        if !is_word_char(before) || is_word_char(c) && !is_unspaced_letter(c) {
            continue;
        }
        let rest = text[at..].trim_start_matches([' ', '\n']);
        let gap = &text[at..text.len() - rest.len()];
        let Some(next) = rest.chars().next().filter(|_| gap.matches('\n').count() < 2) else { continue };
        let is_end = ends_phrase(next) && (gap.is_empty() || matches!(next, '(' | '（'));
        if is_end || is_word_char(next) {
            for key in ending_keys(&text[..at]) {
                let (end, of) = counts.entry(key).or_default();
                *end += f64::from(u8::from(is_end));
                *of += 1.0;
            }
        }
    }
}
