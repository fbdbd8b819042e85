//! Holds what a repair gives back against the article as it was.
//!
//! `--repair` repairs every damaged article alone and with its undamaged self
//! as a witness, and prints, by process: damaged places with lost text and how
//! many of them are marked; lost characters and how many come back; characters
//! that were never there; citations in their place that a repair touched; and
//! articles that a second repair would change.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::repair::{AskNobody, RepairSettings, Repaired, Witness, repair};
use similar::{ChangeTag, TextDiff};

use crate::article::{self, Class, Specimen};
use crate::corpus::Prose;
use crate::marker::{MARKERS, Marker};
use crate::process::PROCESSES;
use crate::random::Random;

#[derive(Default, Clone)]
pub struct Row {
    articles: usize,
    gaps: usize,
    marked: usize,
    lost: usize,
    back: usize,
    wrong: usize,
    exact: usize,
    invented: usize,
    touched: usize,
    unstable: usize,
}

pub type Rows = BTreeMap<&'static str, Row>;

fn read(text: &str, format: Format) -> Document {
    document::read_text(text.to_owned(), format).unwrap()
}

/// One article of every process, its witness beside it.
pub fn run(prose: &Prose, seed: u64) -> Rows {
    let mut random = Random::named(seed, &prose.name);
    let mut rows = Rows::new();
    for process in PROCESSES.iter().copied() {
        let fitting: Vec<Marker> = MARKERS.iter().copied().filter(|marker| process.fits(*marker)).collect();
        let marker = *random.pick(&fitting);
        let count = random.between(4, 12);
        let Some(mut article) = article::plant(prose, marker, count, &mut random) else { continue };
        let whole = article.finish(&prose.language, None);
        process.run(&mut article, &mut random);
        let damaged = article.finish(&prose.language, Some(process));
        score(rows.entry(process.name()).or_default(), &damaged, &whole.text);
    }
    rows
}

pub fn merge(rows: &mut Rows, more: Rows) {
    for (name, other) in more {
        let row = rows.entry(name).or_default();
        row.articles += other.articles;
        row.gaps += other.gaps;
        row.marked += other.marked;
        row.lost += other.lost;
        row.back += other.back;
        row.wrong += other.wrong;
        row.exact += other.exact;
        row.invented += other.invented;
        row.touched += other.touched;
        row.unstable += other.unstable;
    }
}

fn score(row: &mut Row, damaged: &Specimen, whole: &str) {
    let document = read(&damaged.text, damaged.format);
    let settle = |document: &Document, witnesses: Vec<Witness>| {
        let settings = RepairSettings { witnesses, ..RepairSettings::default() };
        repair(document, "bench", &settings, &mut AskNobody)
    };
    row.articles += 1;
    let alone = settle(&document, Vec::new());
    let gaps = damaged.damages.iter().filter(|damage| damage.class == Class::Splice && damage.lost > 0);
    for damage in gaps {
        row.gaps += 1;
        row.marked += usize::from(is_marked(&alone, &damage.whole));
    }
    row.touched += touched(&alone, damaged);
    row.invented += alone.made.iter().map(|made| invented(&damaged.text, &made.before, &made.after)).sum::<usize>();
    let once = alone.changes.apply(&damaged.text);
    row.unstable += usize::from(!settle(&read(&once, damaged.format), Vec::new()).changes.is_empty());

    let witness = || vec![Witness::new(read(whole, damaged.format))];
    let restored = settle(&document, witness());
    row.touched += touched(&restored, damaged);
    let after = restored.changes.apply(&damaged.text);
    row.unstable += usize::from(!settle(&read(&after, damaged.format), witness()).changes.is_empty());
    let wanted = prose(whole, damaged.format);
    let (missing_before, more_before) = difference(&wanted, &prose(&damaged.text, damaged.format));
    let (missing_after, more_after) = difference(&wanted, &prose(&after, damaged.format));
    row.lost += missing_before;
    row.back += missing_before.saturating_sub(missing_after);
    // Pieces of broken labels are no words, and were there before.
    row.wrong += more_after.saturating_sub(more_before);
    row.exact += usize::from(missing_after == 0);
}

fn is_marked(repaired: &Repaired, place: &Range<usize>) -> bool {
    repaired.made.iter().any(|made| {
        made.after.contains('…') && made.span.range().start <= place.end && place.start <= made.span.range().end
    })
}

/// Citations in their place that an edit took, wholly or in part. Tokens are
/// residue wherever they stand.
fn touched(repaired: &Repaired, damaged: &Specimen) -> usize {
    let takes = |genuine: &Range<usize>| {
        repaired.made.iter().any(|made| {
            let span = made.span.range();
            let is_kept = made.after.contains(&damaged.text[genuine.clone()]);
            span.start < genuine.end && genuine.start < span.end && !is_kept && !made.before.trim().is_empty()
        })
    };
    if damaged.marker.is_token() {
        return 0;
    }
    damaged.genuine.iter().filter(|genuine| takes(genuine)).count()
}

/// Characters of words that neither the article nor what was replaced holds.
fn invented(text: &str, before: &str, after: &str) -> usize {
    let words = after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_new = |word: &&str| {
        let mut rest = before.chars();
        !text.contains(*word) && !word.chars().all(|c| rest.any(|other| other == c))
    };
    words.filter(is_new).map(|word| word.chars().count()).sum()
}

/// The words, without citations, gaps and layout.
fn prose(text: &str, format: Format) -> String {
    let document = read(text, format);
    let mut prose = document.text.to_string();
    for citation in citation::extract(&document).iter().rev().filter(|citation| citation.kind.is_label()) {
        prose.replace_range(citation.span.range(), "");
    }
    prose.replace("[…]", "").chars().filter(|c| !c.is_whitespace() && !matches!(c, '#' | '*' | '-' | '•')).collect()
}

/// Characters of `wanted` that `found` lacks, and those that it has besides.
fn difference(wanted: &str, found: &str) -> (usize, usize) {
    let diff = TextDiff::configure().timeout(Duration::from_secs(5)).diff_chars(wanted, found);
    let count = |tag: ChangeTag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (count(ChangeTag::Delete), count(ChangeTag::Insert))
}

pub fn print(rows: &Rows) {
    println!(
        "| process | articles | gaps | marked alone | lost characters | back with a witness | articles whole again | \
         wrong characters | invented alone | citations touched | unstable |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut total = Row::default();
    for row in rows.values() {
        let mut all = Rows::from([("all", std::mem::take(&mut total))]);
        merge(&mut all, Rows::from([("all", row.clone())]));
        total = all.remove("all").unwrap_or_default();
    }
    let share = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        _ => format!("{part} ({:.1} %)", 100.0 * part as f64 / whole as f64),
    };
    for (name, row) in rows.iter().map(|(name, row)| (*name, row)).chain([("all", &total)]) {
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.articles,
            row.gaps,
            share(row.marked, row.gaps),
            row.lost,
            share(row.back, row.lost),
            share(row.exact, row.articles),
            row.wrong,
            row.invented,
            row.touched,
            row.unstable
        );
    }
}
