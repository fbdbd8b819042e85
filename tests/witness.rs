//! Lost text from other copies of the article: all of it where a copy has it,
//! nothing where copies disagree, and no word that no copy has.

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
use std::path::Path;

use obelus::check::CheckSettings;
use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::finding::{Lacuna, Provenance};
use obelus::repair::{AskNobody, Dialogue, RepairSettings, Repaired, Witness, repair};

const ARTICLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles");

fn text_of(name: &str) -> String {
    fs::read_to_string(Path::new(ARTICLES).join(name)).unwrap()
}

fn read(text: &str, format: Format) -> Document {
    document::read_text(text.to_owned(), format).unwrap()
}

fn settings(witnesses: Vec<Document>) -> RepairSettings {
    RepairSettings { witnesses: witnesses.into_iter().map(Witness::new).collect(), ..RepairSettings::default() }
}

fn repaired(document: &Document, witnesses: Vec<Document>) -> (String, Repaired) {
    let repaired = repair(document, "x", &settings(witnesses), &mut AskNobody);
    (repaired.changes.apply(&document.source), repaired)
}

/// The article's words, without citations, marks and layout.
fn prose(document: &Document) -> String {
    let mut text = document.text.to_string();
    for citation in citation::extract(document).iter().rev().filter(|citation| citation.kind.is_label()) {
        text.replace_range(citation.span.range(), "");
    }
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '#' | '*' | '-')).collect()
}

/// Each damaged article with its whole twin.
fn twins() -> Vec<(String, String, Format)> {
    let mut twins: Vec<_> = fs::read_dir(ARTICLES)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".damaged.md"))
        .map(|name| (text_of(&name), text_of(&name.replace(".damaged", "")), Format::Markdown))
        .collect();
    twins.sort_by(|one, other| one.0.cmp(&other.0));
    twins.push((text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"), Format::Plain));
    assert!(twins.len() > 8);
    twins
}

#[test]
fn a_whole_witness_restores_everything() {
    let mut failures = Vec::new();
    for (damaged, whole, format) in twins() {
        let document = read(&damaged, format);
        let (after, _) = repaired(&document, vec![read(&whole, format)]);
        let (found, wanted) = (prose(&read(&after, format)), prose(&read(&whole, format)));
        if found != wanted {
            failures.push(obelus::repair::unified_diff("prose", &whole, &after));
        }
        // Every source of the damaged article is still there.
        let hosts = |text: &str| {
            let document = read(text, format);
            let mut hosts: Vec<_> = citation::extract(&document)
                .into_iter()
                .filter_map(|citation| Some(citation.target?.host?.ascii))
                .collect();
            hosts.sort();
            hosts.dedup();
            hosts
        };
        assert_eq!(hosts(&after), hosts(&damaged));
    }
    assert!(failures.is_empty(), "{} of the twins\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn restoring_again_changes_nothing() {
    for (damaged, whole, format) in twins() {
        let (once, _) = repaired(&read(&damaged, format), vec![read(&whole, format)]);
        let (again, made) = repaired(&read(&once, format), vec![read(&whole, format)]);
        assert_eq!(once, again, "{:?}", made.made);
        assert_eq!(repaired(&read(&once, format), vec![]).0, once);
    }
}

/// What is marked first and restored later comes out the same.
#[test]
fn marked_gaps_are_filled() {
    let (damaged, whole) = (text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"));
    let (marked, _) = repaired(&read(&damaged, Format::Plain), vec![]);
    assert_eq!(marked.matches("[…]").count(), 5);
    let (filled, _) = repaired(&read(&marked, Format::Plain), vec![read(&whole, Format::Plain)]);
    assert_eq!(prose(&read(&filled, Format::Plain)), prose(&read(&whole, Format::Plain)));
}

/// A page of the same article: other markup, other citations, more text
/// around, and a paragraph that was rewritten.
#[test]
fn a_witness_may_be_another_edition() {
    let (damaged, whole) = (text_of("tidal-barrage.txt"), text_of("tidal-barrage.clean.txt"));
    let mut page = String::from("<html><body><p>Our newsletter brings you the news of the coast every morning.</p>");
    for line in whole.lines().filter(|line| !line.trim().is_empty()) {
        let line = line.replace('&', "&amp;").replace("(estuary.gov.uk)", "<a href=\"https://x.org/1\">[1]</a>");
        page.push_str(&format!(
            "<p>{}</p>\n",
            line.replace("Nothing has been built since", "<b>Nothing</b> was built")
        ));
    }
    page.push_str("<p>Read next: the ferries of the north, and who still pays for them today.</p></body></html>");
    let witness = document::read(page.into_bytes(), Some(Format::Html), None).unwrap();
    let (after, made) = repaired(&read(&damaged, Format::Plain), vec![witness]);
    assert!(after.contains("Nothing has been built since"), "the article's own wording stays");
    assert_eq!(prose(&read(&after, Format::Plain)), prose(&read(&whole, Format::Plain)));
    let restored = made.made.iter().filter(|made| made.provenance == Provenance::Witness).count();
    assert_eq!(restored, 5);
}

#[test]
fn a_witness_with_the_same_damage_says_nothing() {
    let damaged = text_of("tidal-barrage.txt");
    let alone = repaired(&read(&damaged, Format::Plain), vec![]).0;
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&damaged, Format::Plain)]).0, alone);
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&alone, Format::Plain)]).0, alone);
    // Nor does another article.
    let other = text_of("en-museums.md");
    assert_eq!(repaired(&read(&damaged, Format::Plain), vec![read(&other, Format::Markdown)]).0, alone);
}

const DAMAGED: &str = "The quay was raised by a metre in the spring of that year. (harbour.org)\n\nThe office says that it doe(harbour.org)why nobody had asked the fishers before the work began.\n";
const WHOLE: &str = "The quay was raised by a metre in the spring of that year. (harbour.org)\n\nThe office says that it does not know why nobody had asked the fishers before the work began.\n";

#[test]
fn witnesses_that_disagree_are_a_choice() {
    let plain = |text: &str| read(text, Format::Plain);
    let other = WHOLE.replace("does not know why", "does explain why");
    let (after, made) = repaired(&plain(DAMAGED), vec![plain(WHOLE), plain(&other), plain(WHOLE)]);
    assert!(after.contains("that it doe[…]why nobody"), "{after}");
    assert!(made.made.iter().all(|made| made.provenance != Provenance::Witness));
    let mut shown = Vec::new();
    let settings = settings(vec![plain(WHOLE), plain(&other)]);
    let document = plain(DAMAGED);
    let mut dialogue = Dialogue::new(&b"3\n"[..], &mut shown, str::to_owned);
    let chosen = repair(&document, "x", &settings, &mut dialogue).changes.apply(DAMAGED);
    assert!(chosen.contains("it does explain why"), "{chosen}\n{}", String::from_utf8_lossy(&shown));
    // Witnesses that agree are one voice.
    let (after, _) = repaired(&plain(DAMAGED), vec![plain(WHOLE), plain(WHOLE)]);
    assert_eq!(after, WHOLE);
}

/// Edges of less than twelve characters prove nothing.
#[test]
fn short_edges_prove_nothing() {
    let plain = |text: &str| read(text, Format::Plain);
    let witness = WHOLE.replace("that it does", "as it does").replace("know why nobody had", "know, why none had");
    let (after, _) = repaired(&plain(DAMAGED), vec![plain(&witness)]);
    assert!(after.contains("doe[…]why"), "{after}");
}

/// A copy without the article's only citation: the words come back, and the
/// citation stays.
#[test]
fn the_only_citation_is_never_lost() {
    let plain = |text: &str| read(text, Format::Plain);
    let damaged = DAMAGED.replace("doe(harbour.org)why", "doe(fishers.eu)why");
    let (after, _) = repaired(&plain(&damaged), vec![plain(WHOLE)]);
    assert!(prose(&plain(&after)) == prose(&plain(WHOLE)), "{after}");
    assert!(after.contains("(fishers.eu)"), "{after}");
    // A copy that has it says where it belongs.
    let witness = WHOLE.replace("the work began.", "the work began. (fishers.eu)");
    let (after, _) = repaired(&plain(&damaged), vec![plain(&witness)]);
    assert_eq!(after, witness);
}

/// One restored gap gives the lengths of the others.
#[test]
fn a_restored_gap_sharpens_the_model() {
    // Without its headline the article alone guesses wrong.
    let without_headline = |name: &str| text_of(name).split_once('\n').unwrap().1.to_owned();
    let (damaged, whole) = (without_headline("tidal-barrage.txt"), without_headline("tidal-barrage.clean.txt"));
    let document = read(&damaged, Format::Plain);
    let run = |witness: &str| {
        let lacuna = Lacuna::new("⟨{n}⟩").unwrap();
        let settings = RepairSettings {
            check: CheckSettings { lacuna, ..CheckSettings::default() },
            witnesses: vec![Witness::new(read(witness, Format::Plain))],
            ..RepairSettings::default()
        };
        repair(&document, "x", &settings, &mut AskNobody)
    };
    let lengths = |repaired: &Repaired| -> Vec<u32> {
        let after = repaired.changes.apply(&damaged);
        after.split('⟨').skip(1).map(|rest| rest.split_once('⟩').unwrap().0.parse().unwrap()).collect()
    };
    let guessed = lengths(&run("Nothing of the kind."));
    // A witness that ends before the second gap.
    let begun = run(&whole[..whole.find("Who pays for the dredging?").unwrap()]);
    let exact = lengths(&begun);
    let true_lengths: Vec<u32> = run(&whole)
        .made
        .iter()
        .filter(|made| made.provenance == Provenance::Witness)
        .map(|made| {
            let spaces = made.before.chars().count() - made.before.trim().chars().count();
            u32::try_from(made.after.chars().count() - spaces).unwrap()
        })
        .collect();
    assert_eq!((guessed.len(), exact.len(), true_lengths.len()), (5, 4, 5));
    assert_ne!(guessed[1..], true_lengths[1..]);
    assert_eq!(exact, true_lengths[1..]);
}

/// Hostile copies cost no more than their length.
#[test]
fn time_and_memory_stay_bounded() {
    let plain = |text: String| document::read_text(text, Format::Plain).unwrap();
    let article = "The same sentence again and again (a.org)x. ".repeat(3000);
    let witness = "The same sentence again and again yes x. ".repeat(3000);
    let begun = std::time::Instant::now();
    let _ = repair(&plain(article), "x", &settings(vec![plain(witness)]), &mut AskNobody);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
