//! Whole articles: clean ones stay silent, damaged twins are found out, and
//! one article says the same in three formats.

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

use obelus::check::{CheckSettings, DocumentReport, Role, check};
use obelus::citation::Kind;
use obelus::document::{self, Format};
use obelus::finding::Severity;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles");

fn read(name: &str) -> (String, DocumentReport) {
    let path = Path::new(FIXTURES).join(name);
    let text = fs::read_to_string(&path).unwrap();
    let document = document::read(text.clone().into_bytes(), None, Some(name)).unwrap();
    (text, check(name.to_owned(), &document, &CheckSettings::default()))
}

fn names(suffix: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(FIXTURES)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(suffix))
        .collect();
    names.sort();
    names
}

fn rules_found<'a>(report: &'a DocumentReport, family: &str) -> Vec<&'a str> {
    report.findings.iter().map(|placed| placed.finding.rule.name).filter(|name| name.starts_with(family)).collect()
}

#[test]
fn clean_articles_are_silent() {
    let mut failures = Vec::new();
    let clean = names(".md").into_iter().chain(names(".clean.txt")).filter(|name| !name.contains(".damaged."));
    for name in clean {
        let (_, report) = read(&name);
        assert!(report.citations.len() >= 5, "{name} has citations");
        for placed in report.findings.iter().filter(|placed| placed.finding.severity > Severity::Info) {
            failures.push(format!(
                "{name}: {} ({}): {}",
                placed.finding.rule.name,
                placed.finding.confidence.thousandths(),
                placed.finding.message
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn damaged_twins_are_found_out() {
    let mut failures = Vec::new();
    for name in names(".expect") {
        let expectation = fs::read_to_string(Path::new(FIXTURES).join(&name)).unwrap();
        let article = name.replace(".expect", ".md");
        let article =
            if Path::new(FIXTURES).join(&article).exists() { article } else { name.replace(".expect", ".txt") };
        let (text, report) = read(&article);
        let mut expected = 0;
        for line in expectation.lines().filter(|line| !line.is_empty()) {
            let (rule, context) = line.split_once('\t').unwrap();
            expected += usize::from(rule != "none");
            let Some(at) = text.find(context) else { panic!("{name}: {context} stands in the article") };
            let range = at..at + context.len();
            let hit = report.findings.iter().find(|placed| {
                let origin = placed.place.origin;
                placed.finding.rule.name.starts_with("splice/")
                    && (origin.start as usize) < range.end
                    && range.start < origin.end as usize
            });
            match hit {
                Some(placed) if rule == "splice/*" || rule == placed.finding.rule.name => {}
                Some(placed) => {
                    failures.push(format!("{article}: {context}: wanted {rule}, found {}", placed.finding.rule.name));
                }
                // Damage that nothing in the document shows: known, and not held against it.
                None if rule == "none" => {}
                None => failures.push(format!("{article}: {context}: wanted {rule}, found nothing")),
            }
        }
        let found = rules_found(&report, "splice/").len();
        if found > expected {
            failures.push(format!("{article}: {found} splices found, {expected} made"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The structural twin of the export that started this project.
#[test]
fn tidal_barrage() {
    let (_, report) = read("tidal-barrage.txt");
    assert_eq!(report.citations.len(), 13);
    let count = |role| report.cited.iter().filter(|cited| cited.role == role).count();
    assert_eq!((count(Role::StrayCopy), count(Role::Genuine)), (5, 8));
    assert_eq!(rules_found(&report, "splice/").len(), 5);
    assert_eq!(rules_found(&report, "layout/inline-heading").len(), 8);
    assert_eq!(rules_found(&report, "layout/inline-list").len(), 1);
    let errors = report.findings.iter().filter(|placed| placed.finding.severity == Severity::Error);
    assert!(errors.map(|placed| placed.finding.rule.name).all(|name| name.starts_with("splice/")));
    for placed in report.findings.iter().filter(|placed| placed.finding.rule.name.starts_with("splice/")) {
        assert_eq!(placed.related.len(), 1, "it says which citation it repeats");
        assert!(placed.finding.lost.is_some(), "it says that text is lost");
    }
}

#[test]
fn three_formats_say_the_same() {
    let of = |extension: &str| {
        let (_, report) = read(&format!("three-formats/ferry.{extension}"));
        let citations: Vec<_> = report
            .citations
            .iter()
            .zip(&report.cited)
            .filter(|(citation, _)| citation.kind == Kind::DomainLabel)
            .map(|(citation, cited)| {
                (citation.target.as_ref().unwrap().address.clone().unwrap().as_str().to_owned(), cited.role)
            })
            .collect();
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|placed| (placed.finding.rule.name, placed.finding.message.clone(), placed.finding.confidence))
            .collect();
        (citations, findings)
    };
    let plain = of("txt");
    assert!(plain.0.len() >= 8 && plain.1.len() >= 3);
    assert_eq!(plain, of("md"));
    assert_eq!(plain, of("html"));
}

#[test]
fn every_place_leads_back_to_its_bytes() {
    let mut paths: Vec<PathBuf> = names(".md").into_iter().map(PathBuf::from).collect();
    paths.push("three-formats/ferry.html".into());
    for path in paths {
        let (text, report) = read(&path.to_string_lossy());
        for (citation, cited) in report.citations.iter().zip(&report.cited) {
            let origin = cited.place.origin.range();
            assert_eq!(&text[origin], cited.text, "{path:?} {citation:?}");
        }
    }
}

/// Gemini opens a claim with a mark that touches its first word: a token left
/// over, and no splice.
#[test]
fn what_opens_a_claim_interrupts_nothing() {
    let article = "[cite_start]The alliance met in July and agreed on a plan. [cite: 1]\n\
                   [cite_start]Allies then left for home[cite: 2, 3].\n";
    let document = document::read(article.as_bytes().to_vec(), Some(Format::Plain), None).unwrap();
    let report = check("gemini.txt".to_owned(), &document, &CheckSettings::default());
    let rules: Vec<&str> = report.findings.iter().map(|placed| placed.finding.rule.name).collect();
    assert_eq!(rules, ["residue/vendor-token"; 4]);
}
