//! Every rule over its fixtures: in a bad article it fires exactly at the
//! marks `⟦…⟧`, which are stripped before; in a good one that rule is
//! silent, and no other says more than a note. A `.fixed` sibling is what the
//! rule's own repairs make of the article.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::fs;
use std::path::{Path, PathBuf};

use obelus::check::{CheckSettings, DocumentReport, PlacedFinding, RuleSelection, check, settle};
use obelus::document;
use obelus::finding::{Confidence, Severity};
use obelus::repair::{AskNobody, RepairSettings, repair};
use obelus::rules::RULES;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rules");

fn report(path: &Path, text: String) -> DocumentReport {
    let name = path.to_string_lossy().into_owned();
    let document = document::read(text.into_bytes(), None, Some(&name)).expect("fixtures are text");
    let settings = CheckSettings::default();
    let mut report = check(name, &document, &settings);
    settle(&mut report, &settings, false);
    report
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).map(|entries| entries.flatten().map(|entry| entry.path()).collect()).unwrap_or_default();
    files.retain(|path| path.extension().is_none_or(|extension| extension != "fixed"));
    files.sort();
    files
}

/// The text without marks, and the byte ranges that were marked.
fn strip_marks(marked: &str) -> (String, Vec<(u32, u32)>) {
    let mut text = String::new();
    let mut open = Vec::new();
    let mut spans = Vec::new();
    for c in marked.chars() {
        let at = u32::try_from(text.len()).unwrap();
        match c {
            '⟦' => open.push(at),
            '⟧' => spans.push((open.pop().expect("a mark that opens"), at)),
            _ => text.push(c),
        }
    }
    spans.sort_unstable();
    (text, spans)
}

fn family_and_name(rule: &str) -> PathBuf {
    Path::new(FIXTURES).join(rule)
}

#[test]
fn every_text_rule_has_fixtures() {
    let missing: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.meta.name)
        .filter(|name| !name.starts_with("link/") && !name.starts_with("quote/"))
        .filter(|name| {
            let files = files(&family_and_name(name));
            let count = |prefix: &str| {
                files.iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix)).count()
            };
            count("bad-") < 1 || count("good-") < 2
        })
        .collect();
    assert!(
        missing.is_empty(),
        "at least one bad-* and two good-* files are wanted under fixtures/rules for {missing:?}"
    );
}

#[test]
fn bad_articles_are_found_exactly() {
    let mut failures = Vec::new();
    for rule in RULES.iter().map(|rule| rule.meta.name) {
        for path in files(&family_and_name(rule)) {
            if !path.file_name().unwrap().to_string_lossy().starts_with("bad-") {
                continue;
            }
            let (text, expected) = strip_marks(&fs::read_to_string(&path).unwrap());
            let report = report(&path, text.clone());
            let found: Vec<(u32, u32)> = report
                .findings
                .iter()
                .filter(|placed| placed.finding.rule.name == rule)
                .map(|placed| (placed.place.origin.start, placed.place.origin.end))
                .collect();
            if found != expected {
                let words = |spans: &[(u32, u32)]| {
                    spans
                        .iter()
                        .map(|(start, end)| text.get(*start as usize..*end as usize).unwrap_or("?").to_owned())
                        .collect::<Vec<_>>()
                };
                let others: Vec<_> = report
                    .findings
                    .iter()
                    .map(|placed| {
                        (
                            placed.finding.rule.name,
                            placed.finding.confidence.thousandths(),
                            &text[placed.place.origin.start as usize..placed.place.origin.end as usize],
                        )
                    })
                    .collect();
                failures.push(format!(
                    "{}\n  wanted {:?}\n  found  {:?}\n  all    {others:?}",
                    path.display(),
                    words(&expected),
                    words(&found)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} of the bad articles:\n{}", failures.len(), failures.join("\n"));
}

/// The article as the repairs of one rule leave it.
fn repaired(path: &Path, text: &str, rule: &str, allow_unsafe: bool) -> String {
    let name = path.to_string_lossy();
    let document = document::read(text.as_bytes().to_vec(), None, Some(&name)).unwrap();
    let rules = RuleSelection::new(&[rule.to_owned()], &[]).unwrap();
    // Whether a fix is right, and not how sure its finding is.
    let certain = Confidence::from_thousandths(0);
    let settings = RepairSettings {
        check: CheckSettings { rules, ..CheckSettings::default() },
        allow_unsafe,
        certain,
        ..RepairSettings::default()
    };
    let repaired = repair(&document, "x", &settings, &mut AskNobody);
    assert_eq!(repaired.refused, [], "{name}");
    repaired.changes.apply(&document.source)
}

#[test]
fn repairs_are_what_their_siblings_say() {
    let mut failures = Vec::new();
    for rule in RULES.iter().map(|rule| rule.meta.name) {
        for path in files(&family_and_name(rule)) {
            let (text, _) = strip_marks(&fs::read_to_string(&path).unwrap());
            let safe = repaired(&path, &text, rule, false);
            let with_unsafe = repaired(&path, &text, rule, true);
            let is_bad = path.file_name().unwrap().to_string_lossy().starts_with("bad-");
            let sibling =
                |kind: &str| path.with_file_name(format!("{}{kind}", path.file_name().unwrap().to_string_lossy()));
            for (found, expected, kind) in [(&safe, &text, ".fixed"), (&with_unsafe, &safe, ".unsafe.fixed")] {
                // `BLESS=1 cargo test` writes them; read what it wrote.
                if std::env::var_os("BLESS").is_some() && is_bad {
                    let _ = fs::remove_file(sibling(kind));
                    if found != expected {
                        fs::write(sibling(kind), found).unwrap();
                    }
                }
                let wanted = fs::read_to_string(sibling(kind)).unwrap_or_else(|_| expected.clone());
                if *found != wanted {
                    failures.push(format!("{} ({kind}):\n{found}", path.display()));
                }
                if !is_bad && *found != text {
                    failures.push(format!("{} is good and was changed:\n{found}", path.display()));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} repairs:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn good_articles_are_silent() {
    let mut failures = Vec::new();
    for rule in RULES.iter().map(|rule| rule.meta.name) {
        for path in files(&family_and_name(rule)) {
            if !path.file_name().unwrap().to_string_lossy().starts_with("good-") {
                continue;
            }
            let report = report(&path, fs::read_to_string(&path).unwrap());
            let speaks =
                |placed: &&PlacedFinding| placed.finding.severity > Severity::Info || placed.finding.rule.name == rule;
            for placed in report.findings.iter().filter(speaks) {
                failures.push(format!(
                    "{}: {} ({}): {}",
                    path.display(),
                    placed.finding.rule.name,
                    placed.finding.confidence.thousandths(),
                    placed.finding.message
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{} findings in good articles:\n{}", failures.len(), failures.join("\n"));
}
