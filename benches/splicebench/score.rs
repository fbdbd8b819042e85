//! Holds what the detector says of an article against the truth.

use std::collections::BTreeMap;
use std::ops::Range;

use obelus::check::{CheckSettings, DocumentReport, check};
use obelus::document::{self, Format};
use obelus::finding::{Confidence, Family, Lost, Severity};

use crate::article::{Class, Damage, Specimen};

/// Languages whose words stand without spaces.
const UNSPACED: &[&str] = &["zh", "ja", "th"];

#[derive(Default, Clone)]
pub struct Tally {
    pub truths: usize,
    pub found: usize,
    pub exact: usize,
    pub near: usize,
    pub findings: usize,
    pub wrong: usize,
}

#[derive(Default)]
pub struct Scores {
    /// By kind of row, then by its name.
    pub rows: BTreeMap<(&'static str, String), Tally>,
    /// By process: articles, those diagnosed, and those rightly.
    pub processes: BTreeMap<&'static str, Named>,
    /// For each estimate of a loss, how far it is off, and whether its limits hold.
    pub losses: Vec<(usize, bool)>,
    /// By confidence in twentieths: findings, and those that are right.
    pub reliability: BTreeMap<u16, (usize, usize)>,
    pub genuine: usize,
    pub extracted: usize,
    pub matched: usize,
    pub clean: Clean,
    pub misses: Vec<String>,
    pub wrong: Vec<String>,
}

/// How often a process was named.
#[derive(Default, Clone, Copy)]
pub struct Named {
    pub articles: usize,
    pub diagnosed: usize,
    pub rightly: usize,
}

/// Findings on documents without damage.
#[derive(Default)]
pub struct Clean {
    pub documents: usize,
    pub words: usize,
    pub documents_with_errors: usize,
    pub documents_with_findings: usize,
    pub errors: usize,
    pub findings: usize,
}

pub fn read(text: &str, format: Format) -> Option<DocumentReport> {
    let document = document::read(text.as_bytes().to_vec(), Some(format), None).ok()?;
    Some(check("bench".to_owned(), &document, &CheckSettings::default()))
}

fn class_of(family: Family) -> Option<Class> {
    Some(match family {
        Family::Splice => Class::Splice,
        Family::Overlap => Class::Overlap,
        Family::Truncated => Class::Truncated,
        Family::Residue => Class::Residue,
        Family::Layout => Class::Layout,
        _ => return None,
    })
}

fn overlaps(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// What the detector saw at a place.
fn facts(specimen: &Specimen, span: &Range<usize>) -> String {
    let Ok(document) = document::read(specimen.text.as_bytes().to_vec(), Some(specimen.format), None) else {
        return String::new();
    };
    let scan = obelus::citation::Scan::new(&document);
    let citations = obelus::citation::extract_from(&scan);
    let broken = obelus::seam::find_broken_labels(&scan, &citations);
    let vocabulary = obelus::seam::words_apart(&document, &citations);
    let mut readings = obelus::seam::read_sites(&document, &citations, &broken, &vocabulary);
    let _ = obelus::fault::diagnose(&document, &citations, &mut readings, &vocabulary);
    let given = obelus::seam::odds(&readings);
    let reading =
        readings.iter().zip(given).find(|(reading, _)| overlaps(&document.source_span(reading.label).range(), span));
    reading.map_or_else(
        || "not read as a citation".to_owned(),
        |(reading, odds)| format!("{:.2} {:.1} {:?} {:?}", odds.probability, odds.given, reading.place, reading.facts),
    )
}

fn context(text: &str, span: &Range<usize>) -> String {
    let from = text.floor_char_boundary(span.start.saturating_sub(90));
    let to = text.ceil_char_boundary((span.end + 60).min(text.len()));
    format!("{}⟦{}⟧{}", &text[from..span.start], &text[span.clone()], &text[span.end..to]).replace('\n', "⏎")
}

impl Scores {
    pub fn merge(&mut self, other: Self) {
        for (key, tally) in other.rows {
            let own = self.rows.entry(key).or_default();
            own.truths += tally.truths;
            own.found += tally.found;
            own.exact += tally.exact;
            own.near += tally.near;
            own.findings += tally.findings;
            own.wrong += tally.wrong;
        }
        for (name, named) in other.processes {
            let own = self.processes.entry(name).or_default();
            own.articles += named.articles;
            own.diagnosed += named.diagnosed;
            own.rightly += named.rightly;
        }
        self.losses.extend(other.losses);
        for (bin, (count, right)) in other.reliability {
            let own = self.reliability.entry(bin).or_default();
            own.0 += count;
            own.1 += right;
        }
        self.genuine += other.genuine;
        self.extracted += other.extracted;
        self.matched += other.matched;
        self.clean.documents += other.clean.documents;
        self.clean.words += other.clean.words;
        self.clean.documents_with_errors += other.clean.documents_with_errors;
        self.clean.documents_with_findings += other.clean.documents_with_findings;
        self.clean.errors += other.clean.errors;
        self.clean.findings += other.clean.findings;
        self.misses.extend(other.misses);
        self.wrong.extend(other.wrong);
    }

    fn row(&mut self, group: &'static str, name: &str) -> &mut Tally {
        self.rows.entry((group, name.to_owned())).or_default()
    }

    /// Scores an article whose every damage is known. `base` counts the
    /// citations of its form that the clean text holds already.
    pub fn damaged(&mut self, specimen: &Specimen, base: usize) {
        let Some(report) = read(&specimen.text, specimen.format) else { return };
        let is_unspaced = UNSPACED.contains(&specimen.language.as_str());
        let process = specimen.process.map_or("none", crate::process::Process::name);
        let found: Vec<(Class, Range<usize>)> = report
            .findings
            .iter()
            .filter_map(|placed| Some((class_of(placed.finding.rule.family)?, placed.place.origin.range())))
            .collect();
        let diagnosed = report.diagnoses.first().map(|best| best.diagnosis.process.name());
        let named = self.processes.entry(process).or_default();
        named.articles += 1;
        named.diagnosed += usize::from(diagnosed.is_some());
        named.rightly += usize::from(diagnosed.is_some_and(|name| process.starts_with(name)));
        for damage in &specimen.damages {
            self.loss(damage, &report);
            let hit =
                found.iter().filter(|(class, _)| *class == damage.class).find(|(_, span)| overlaps(span, &damage.span));
            let mut rows =
                vec![("class", format!("{:?}", damage.class).to_lowercase()), ("process", process.to_owned())];
            if damage.class == Class::Splice {
                let script = if is_unspaced { "unspaced" } else { "spaced" };
                rows.push(("goal", format!("splices, {script} scripts")));
                if specimen.is_strict {
                    rows.push(("goal", format!("splices, {script} scripts, where sentences end with citations")));
                }
                if damage.touches && !is_unspaced {
                    rows.push(("goal", "splices that touch a word, spaced scripts".to_owned()));
                }
                if !damage.touches {
                    let evidence = if damage.has_evidence { "with" } else { "without" };
                    rows.push(("goal", format!("silent splices, {script}, {evidence} evidence")));
                }
                rows.push(("splices by language", specimen.language.clone()));
                rows.push(("splices by form", specimen.marker.name().to_owned()));
            }
            for (group, name) in rows {
                let tally = self.row(group, &name);
                tally.truths += 1;
                if let Some((_, span)) = hit {
                    tally.found += 1;
                    let off = span.start.abs_diff(damage.whole.start) + span.end.abs_diff(damage.whole.end);
                    tally.exact += usize::from(off == 0);
                    tally.near += usize::from(off <= 2);
                }
            }
            if hit.is_none() {
                let touches = match (damage.touches, damage.has_evidence) {
                    (true, _) => "touches",
                    (false, true) => "silent, with evidence",
                    (false, false) => "silent",
                };
                self.misses.push(format!(
                    "{process} | {} | {} | {touches} | {} of {} damaged, diagnosed {} | {} | {}",
                    specimen.language,
                    specimen.marker.name(),
                    specimen.damages.len(),
                    specimen.damages.len() + specimen.genuine.len(),
                    diagnosed.unwrap_or("as nothing"),
                    context(&specimen.text, &damage.span),
                    facts(specimen, &damage.span)
                ));
            }
        }
        for placed in &report.findings {
            let Some(class) = class_of(placed.finding.rule.family).filter(|class| *class != Class::Layout) else {
                continue;
            };
            let span = placed.place.origin.range();
            let is_token = class == Class::Residue && specimen.marker.is_token();
            let is_right = specimen.damages.iter().any(|damage| overlaps(&damage.whole, &span))
                || is_token && specimen.genuine.iter().any(|genuine| overlaps(genuine, &span));
            for (group, name) in [
                ("class", format!("{class:?}").to_lowercase()),
                ("precision", placed.finding.rule.name.to_owned()),
                ("precision", "all".to_owned()),
                ("process", process.to_owned()),
                (
                    "precision",
                    if specimen.is_strict { "all, where sentences end with citations" } else { "all, elsewhere" }
                        .to_owned(),
                ),
            ] {
                let tally = self.row(group, &name);
                tally.findings += 1;
                tally.wrong += usize::from(!is_right);
            }
            let bin = self.reliability.entry(placed.finding.confidence.thousandths() / 50).or_default();
            bin.0 += 1;
            bin.1 += usize::from(is_right);
            if !is_right {
                self.wrong.push(line(placed, &specimen.text, process));
            }
        }
        self.extraction(specimen, &report, base);
    }

    /// Scores what the report says is lost at a place, where it says how much.
    fn loss(&mut self, damage: &Damage, report: &DocumentReport) {
        let estimate = report
            .findings
            .iter()
            .filter(|placed| overlaps(&placed.place.origin.range(), &damage.span))
            .find_map(|placed| placed.finding.lost);
        if let Some(Lost { min: Some(min), max: Some(max), best: Some(best) }) = estimate {
            let holds = (min as usize..=max as usize).contains(&damage.lost);
            self.losses.push((damage.lost.abs_diff(best as usize), holds));
        }
    }

    fn extraction(&mut self, specimen: &Specimen, report: &DocumentReport, base: usize) {
        let kind = specimen.marker.kind();
        let spans: Vec<Range<usize>> = report
            .citations
            .iter()
            .zip(&report.cited)
            .filter(|(citation, _)| citation.kind.name() == kind)
            .map(|(_, cited)| cited.place.origin.range())
            .collect();
        let matched = specimen.genuine.iter().filter(|genuine| spans.contains(genuine)).count();
        let strange = spans
            .iter()
            .filter(|span| {
                !specimen.genuine.contains(span) && !specimen.damages.iter().any(|damage| overlaps(&damage.span, span))
            })
            .count();
        self.genuine += specimen.genuine.len();
        self.matched += matched;
        self.extracted += matched + strange.saturating_sub(base);
        if matched < specimen.genuine.len() {
            for genuine in specimen.genuine.iter().filter(|genuine| !spans.contains(genuine)) {
                self.misses.push(format!(
                    "extraction | {} | {} | {}",
                    specimen.language,
                    specimen.marker.name(),
                    context(&specimen.text, genuine)
                ));
            }
        }
    }

    /// Scores a text that holds no damage at all.
    pub fn clean(&mut self, name: &str, text: &str, format: Format) {
        let Some(report) = read(text, format) else { return };
        let damage =
            |family| class_of(family).is_some_and(|class| class != Class::Layout) || family == Family::Encoding;
        let found: Vec<_> = report.findings.iter().filter(|placed| damage(placed.finding.rule.family)).collect();
        let errors = found.iter().filter(|placed| placed.finding.severity == Severity::Error).count();
        let spaces = text.split_whitespace().count();
        self.clean.documents += 1;
        self.clean.words += spaces.max(text.chars().filter(|c| obelus::language::is_unspaced_letter(*c)).count() / 2);
        self.clean.findings += found.len();
        self.clean.errors += errors;
        self.clean.documents_with_findings += usize::from(!found.is_empty());
        self.clean.documents_with_errors += usize::from(errors > 0);
        for placed in found {
            self.wrong.push(format!("{name}: {}", line(placed, text, "clean")));
        }
    }
}

fn line(placed: &obelus::check::PlacedFinding, text: &str, process: &str) -> String {
    let level = if placed.finding.confidence >= Confidence::ERROR { "error" } else { "warning" };
    let thousandths = placed.finding.confidence.thousandths();
    let place = context(text, &placed.place.origin.range());
    format!("{process} | {} | {level} {thousandths} | {place}", placed.finding.rule.name)
}
