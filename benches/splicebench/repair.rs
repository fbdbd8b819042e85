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

use obelus::check::{CheckSettings, check};
use obelus::document::{self, Document, Format};
use obelus::finding::{Confidence, Family, Finding};
use obelus::repair::{AskNobody, RepairSettings, Repaired, Witness, repair, witness_from_export};
use obelus::text::EditSet;
use similar::{ChangeTag, TextDiff};

use crate::article::{self, Class, Specimen};
use crate::corpus::Prose;
use crate::export::{self, VENDORS};
use crate::marker::{MARKERS, Marker};
use crate::process::PROCESSES;
use crate::random::Random;

#[derive(Default)]
pub struct Row {
    articles: usize,
    pub gaps: usize,
    marked: usize,
    pub lost: usize,
    pub back: usize,
    pub wrong: usize,
    exact: usize,
    pub invented: usize,
    touched: usize,
    pub unstable: usize,
    /// Damage that was repaired and is found again.
    pub again: usize,
    /// Articles with an export, those that it made whole, and the characters
    /// that came back and that were never there.
    pub exports: usize,
    pub whole_from_export: usize,
    pub back_from_export: usize,
    pub wrong_from_export: usize,
    /// What a witness did not bring back, or brought wrongly, for people.
    pub failures: Vec<String>,
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
        let vendor = *Random::named(seed, &format!("{} {}", prose.name, process.name())).pick(&VENDORS);
        let export = export::payload(&article, vendor);
        process.run(&mut article, &mut random);
        let damaged = article.finish(&prose.language, Some(process));
        let row = rows.entry(process.name()).or_default();
        let failures = row.failures.len();
        score(row, &damaged, &whole);
        score_export(row, &damaged, &whole, &export);
        for failure in &mut row.failures[failures..] {
            *failure = format!("{}, {}, {}: {failure}", prose.name, process.name(), marker.name());
        }
    }
    rows
}

pub fn merge(rows: &mut Rows, more: Rows) {
    for (name, other) in more {
        rows.entry(name).or_default().add(other);
    }
}

impl Row {
    fn add(&mut self, other: Row) {
        self.count(&other);
        self.failures.extend(other.failures);
    }

    fn count(&mut self, other: &Row) {
        self.articles += other.articles;
        self.gaps += other.gaps;
        self.marked += other.marked;
        self.lost += other.lost;
        self.back += other.back;
        self.wrong += other.wrong;
        self.exact += other.exact;
        self.invented += other.invented;
        self.touched += other.touched;
        self.unstable += other.unstable;
        self.again += other.again;
        self.exports += other.exports;
        self.whole_from_export += other.whole_from_export;
        self.back_from_export += other.back_from_export;
        self.wrong_from_export += other.wrong_from_export;
    }
}

fn score(row: &mut Row, damaged: &Specimen, whole: &Specimen) {
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
    let once = alone.changes.apply(&damaged.text);
    row.touched += touched(&alone, &once, damaged, "alone", &mut row.failures);
    row.invented += alone.made.iter().map(|made| invented(&damaged.text, &made.before, &made.after)).sum::<usize>();
    row.unstable += usize::from(!settle(&read(&once, damaged.format), Vec::new()).changes.is_empty());
    row.again += found_again(&read(&once, damaged.format));

    let witness = || vec![Witness::new(read(&whole.text, damaged.format))];
    let restored = settle(&document, witness());
    let after = restored.changes.apply(&damaged.text);
    row.touched += touched(&restored, &after, damaged, "with a witness", &mut row.failures);
    row.unstable += usize::from(!settle(&read(&after, damaged.format), witness()).changes.is_empty());
    let wanted = prose(whole, &EditSet::default());
    let (missing_before, more_before) = difference(&wanted, &prose(damaged, &EditSet::default()));
    let (missing_after, more_after) = difference(&wanted, &prose(damaged, &restored.changes));
    row.lost += missing_before;
    row.back += missing_before.saturating_sub(missing_after);
    // Some processes put characters in.
    row.wrong += more_after.saturating_sub(more_before);
    row.exact += usize::from(missing_after == 0);
    if missing_after > 0 || more_after > more_before {
        row.failures.extend(failures(damaged, &restored));
    }
}

/// Certain damage that a repaired article shows where it was marked.
fn found_again(repaired: &Document) -> usize {
    let report = check("bench".to_owned(), repaired, &CheckSettings::default());
    let is_marked = |finding: &Finding| {
        let text = &repaired.text;
        let (start, end) = (finding.span.start as usize, finding.span.end as usize);
        text[..start].trim_end().ends_with("[…]") || text[start..end].contains("[…]")
    };
    let findings = report.findings.iter().map(|placed| &placed.finding);
    let splices = findings.filter(|finding| finding.rule.family == Family::Splice);
    splices.filter(|finding| Confidence::ERROR <= finding.confidence && is_marked(finding)).count()
}

/// Repairs from the export that the article was rendered from.
fn score_export(row: &mut Row, damaged: &Specimen, whole: &Specimen, export: &str) {
    let document = read(&damaged.text, damaged.format);
    row.exports += 1;
    let witness = match witness_from_export(export, None, &document) {
        Ok((witness, _)) => witness,
        Err(error) => return row.failures.push(format!("the export is not read: {error}")),
    };
    let settings = RepairSettings { witnesses: vec![witness], ..RepairSettings::default() };
    let restored = repair(&document, "bench", &settings, &mut AskNobody);
    let wanted = prose(whole, &EditSet::default());
    let (missing_before, more_before) = difference(&wanted, &prose(damaged, &EditSet::default()));
    let (missing_after, more_after) = difference(&wanted, &prose(damaged, &restored.changes));
    row.back_from_export += missing_before.saturating_sub(missing_after);
    row.wrong_from_export += more_after.saturating_sub(more_before);
    row.whole_from_export += usize::from(missing_after == 0 && more_after <= more_before);
    if missing_after > 0 || more_after > more_before {
        row.failures.extend(failures(damaged, &restored).into_iter().map(|failure| format!("from export: {failure}")));
    }
}

/// Each place with lost text that did not come back as it was, and each edit
/// that wrote words.
fn failures(damaged: &Specimen, restored: &Repaired) -> Vec<String> {
    const AROUND: usize = 40;
    let around = |span: &Range<usize>| {
        let before: Vec<char> = damaged.text[..span.start].chars().rev().take(AROUND).collect();
        let before: String = before.into_iter().rev().collect();
        let after: String = damaged.text[span.end..].chars().take(AROUND).collect();
        format!("{before}⟦{}⟧{after}", &damaged.text[span.clone()]).replace('\n', "⏎")
    };
    let edits = |span: &Range<usize>| -> Vec<String> {
        let made = restored.made.iter().filter(|made| {
            let edit = made.span.range();
            edit.start <= span.end && span.start <= edit.end
        });
        made.map(|made| format!("{}: {:?} → {:?}", made.rule.name, made.before, made.after)).collect()
    };
    let gaps = damaged.damages.iter().filter(|damage| !damage.taken.trim().is_empty());
    let lost = gaps.filter_map(|damage| {
        let made = edits(&damage.span);
        let is_back = made.iter().any(|made| made.contains(damage.taken.trim()));
        (!is_back).then(|| format!("{} lost {:?}, edits {made:?}", around(&damage.span), damage.taken))
    });
    let words = restored.made.iter().filter(|made| made.after.chars().any(char::is_alphanumeric)).filter_map(|made| {
        let written = made.after.trim();
        let is_known = damaged.labels.iter().any(|label| label == written)
            || damaged.damages.iter().any(|damage| !damage.taken.is_empty() && written.contains(damage.taken.trim()));
        (!is_known).then(|| format!("{} wrote {:?} ({})", around(&made.span.range()), made.after, made.rule.name))
    });
    lost.chain(words).collect()
}

fn is_marked(repaired: &Repaired, place: &Range<usize>) -> bool {
    repaired.made.iter().any(|made| {
        made.after.contains('…') && made.span.range().start <= place.end && place.start <= made.span.range().end
    })
}

/// Citations in their place that an edit took, so that fewer of them are left.
/// Tokens are residue wherever they stand.
fn touched(repaired: &Repaired, after: &str, damaged: &Specimen, how: &str, failures: &mut Vec<String>) -> usize {
    let takes = |genuine: &Range<usize>| {
        let label = &damaged.text[genuine.clone()];
        let is_taken = repaired.made.iter().any(|made| {
            let span = made.span.range();
            let is_kept = made.after.contains(label);
            span.start < genuine.end && genuine.start < span.end && !is_kept && !made.before.trim().is_empty()
        });
        let alike = damaged.genuine.iter().filter(|other| &damaged.text[(*other).clone()] == label).count();
        is_taken && after.matches(label).count() < alike
    };
    if damaged.marker.is_token() {
        return 0;
    }
    let taken: Vec<&Range<usize>> = damaged.genuine.iter().filter(|genuine| takes(genuine)).collect();
    let edits = |genuine: &Range<usize>| {
        let made = repaired.made.iter().filter(|made| {
            let span = made.span.range();
            span.start < genuine.end && genuine.start < span.end
        });
        made.map(|made| format!("{}: {:?} → {:?}", made.rule.name, made.before, made.after)).collect::<Vec<_>>()
    };
    failures.extend(taken.iter().map(|genuine| {
        format!("{how}: took {} at {}, edits {:?}", &damaged.text[(*genuine).clone()], genuine.start, edits(genuine))
    }));
    taken.len()
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

/// The words of a specimen as `changes` leave it, without citations, gaps and
/// layout. What is a citation is known, and not asked of the program.
fn prose(specimen: &Specimen, changes: &EditSet) -> String {
    let damages = specimen.damages.iter().map(|damage| damage.span.clone());
    let mut labels: Vec<Range<usize>> = specimen.genuine.iter().cloned().chain(damages).collect();
    labels.sort_by_key(|span| span.start);
    let kept = |from: usize, to: usize| -> String {
        let mut text = String::new();
        let mut at = from;
        for label in labels.iter().filter(|label| from < label.end && label.start < to) {
            text.push_str(&specimen.text[at..label.start.max(at)]);
            at = label.end.clamp(at, to);
        }
        text + &specimen.text[at..to]
    };
    let mut text = String::new();
    let mut at = 0;
    for edit in changes.edits() {
        text.push_str(&kept(at, edit.span.range().start));
        text.push_str(&edit.replacement);
        at = edit.span.range().end;
    }
    text.push_str(&kept(at, specimen.text.len()));
    let text = if specimen.format == Format::Markdown { unescaped(&text) } else { text };
    let mut longest: Vec<&String> = specimen.labels.iter().collect();
    longest.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let text = longest.iter().fold(text.replace("[…]", ""), |text, label| text.replace(label.as_str(), ""));
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '#' | '*' | '-' | '•')).collect()
}

/// Markdown without its escapes: whether a bracket has one is layout.
fn unescaped(text: &str) -> String {
    let mut bare = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' || !chars.peek().is_some_and(char::is_ascii_punctuation) {
            bare.push(c);
        }
    }
    bare
}

/// Characters of `wanted` that `found` lacks, and those that it has besides.
fn difference(wanted: &str, found: &str) -> (usize, usize) {
    let diff = TextDiff::configure().timeout(Duration::from_secs(5)).diff_chars(wanted, found);
    let count = |tag: ChangeTag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
    (count(ChangeTag::Delete), count(ChangeTag::Insert))
}

pub fn print(rows: &Rows, failures: usize) {
    println!(
        "| process | articles | gaps | marked alone | lost characters | back with a witness | articles whole again | \
         wrong characters | invented alone | citations touched | unstable |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut total = Row::default();
    for row in rows.values() {
        total.count(row);
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
    println!("\n| restored from an export | |\n| --- | --- |");
    println!("| articles whole again | {} of {} |", total.whole_from_export, total.exports);
    println!("| lost characters that come back | {} |", share(total.back_from_export, total.lost));
    println!("| wrong characters | {} |", total.wrong_from_export);
    println!("| certain damage found again after repair alone | {} |", total.again);
    let all: Vec<&String> = rows.values().flat_map(|row| &row.failures).collect();
    if failures > 0 {
        println!("\nnot as it was: {}", all.len());
        all.iter().take(failures).for_each(|failure| println!("  {failure}"));
    }
}
