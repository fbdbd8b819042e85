//! Repair: what is proved is done, nothing else changes, and once is enough.

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

use obelus::check::{CheckSettings, Role, check};
use obelus::document::{self, Document, Format};
use obelus::finding::Lacuna;
use obelus::repair::{AskNobody, Dialogue, RepairSettings, Repaired, repair, unified_diff};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

fn settings(allow_unsafe: bool) -> RepairSettings {
    RepairSettings { allow_unsafe, ..RepairSettings::default() }
}

fn read(bytes: &[u8], path: &str) -> Document {
    document::read(bytes.to_vec(), None, Some(path)).unwrap()
}

fn repaired(text: &str, path: &str, allow_unsafe: bool) -> String {
    let document = read(text.as_bytes(), path);
    repair(&document, "x", &settings(allow_unsafe), &mut AskNobody).changes.apply(&document.source)
}

/// Every article under the fixtures, marks stripped.
fn articles() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut paths = Vec::new();
    walk(Path::new(FIXTURES), &mut paths);
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "md" || extension == "txt" || extension == "html")
    });
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?.replace(['⟦', '⟧'], ""))))
        .collect()
}

/// Every label as many characters late as the text before it has bytes too
/// many: the mistake itself says where each was meant to stand.
#[test]
fn a_diagnosis_that_leaves_no_choice_moves_labels_back() {
    let sentences = [
        "The quay – “the old one,” as they say – was raised by a metre in the spring of that year.",
        "The office “knows well” what it did, and that the fishers were – at last – asked beforehand.",
        "The fishers themselves remember it another way – and keep the letters that they wrote.",
        "None was ever answered – “as far as they know” – in all of the years that have passed since.",
        "A model from the university puts the blame on the new groyne – which “sends the ebb across.”",
        "The ferry now waits for half tide – and its captain “keeps a list” of the days he turned around.",
        "Nobody has asked the builders – whose guarantee “runs out” in the month after the election.",
        "What remains is mud – “and a lot of it” – and a council that has other things to worry about.",
    ];
    let hosts =
        ["quay.org", "office.gov", "fishers.eu", "letters.net", "groyne.edu", "ferry.com", "builders.de", "mud.info"];
    let plain = sentences.join(" ");
    let mut ends = Vec::new();
    for sentence in sentences {
        let start = ends.last().map_or(0, |end| end + 1);
        ends.push(start + sentence.len());
    }
    let set = |places: &[usize], space: &str| {
        let mut chars: Vec<char> = plain.chars().collect();
        for (place, host) in places.iter().zip(hosts).rev().filter(|(place, _)| **place < plain.chars().count()) {
            chars.splice(place..place, format!("{space}({host})").chars());
        }
        chars.into_iter().collect::<String>()
    };
    let true_places: Vec<usize> = ends.iter().map(|end| plain[..*end].chars().count()).collect();
    let late = set(&ends, "");
    let kept = ends.iter().filter(|end| **end < plain.chars().count()).count();
    let whole = set(&true_places[..kept], " ");
    let document = read(late.as_bytes(), "x.txt");
    let repaired = repair(&document, "x", &settings(false), &mut AskNobody);
    assert_eq!(repaired.changes.apply(&late), whole);
    assert!(repaired.made.iter().all(|made| made.provenance == obelus::finding::Provenance::Diagnosis));
    // One label that the mistake does not explain: then it may be another mistake.
    let mut places = ends.clone();
    places[3] += 5;
    let other = set(&places, "");
    let repaired = repair(&read(other.as_bytes(), "x.txt"), "x", &settings(false), &mut AskNobody);
    assert!(repaired.made.iter().all(|made| made.provenance != obelus::finding::Provenance::Diagnosis));
}

/// The structural twin of the export that started this project: five stray
/// copies go, five gaps are marked, eight headings and a list of three get
/// their lines back, and every other byte stays.
#[test]
fn tidal_barrage() {
    let path = Path::new(FIXTURES).join("articles/tidal-barrage.txt");
    let text = fs::read_to_string(path).unwrap();
    let document = read(text.as_bytes(), "tidal-barrage.txt");
    let repaired = repair(&document, "x", &settings(false), &mut AskNobody);
    let after = repaired.changes.apply(&text);
    assert_eq!(after.matches("[…]").count(), 5);
    assert_eq!(after.lines().filter(|line| line.starts_with("### ") && line.ends_with('?')).count(), 8);
    assert_eq!(after.lines().filter(|line| line.starts_with("- ")).count(), 3);
    let report = check("after".to_owned(), &read(after.as_bytes(), "x.txt"), &CheckSettings::default());
    assert_eq!(report.citations.len(), 8);
    assert!(report.cited.iter().all(|cited| cited.role == Role::Genuine));
    assert!(report.findings.iter().all(|placed| placed.finding.rule.name == "reference/site-only"));
    for edit in repaired.changes.edits() {
        let gone = &text[edit.span.range()];
        let is_label = edit.replacement == "[…]" && gone.starts_with('(') && gone.ends_with(')');
        let is_break = gone == " " && edit.replacement.trim().is_empty();
        let is_item = gone == " - " && edit.replacement == "\n- ";
        assert!(is_label || is_break || is_item, "{gone:?} became {:?}", edit.replacement);
    }
}

#[test]
fn once_is_enough() {
    let mut failures = Vec::new();
    for (path, text) in articles() {
        let name = path.to_string_lossy();
        for allow_unsafe in [false, true] {
            let once = repaired(&text, &name, allow_unsafe);
            let twice = repaired(&once, &name, allow_unsafe);
            if once != twice {
                failures.push(unified_diff(&name, &once, &twice));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What was repaired is not found again: no finding of the result is one whose
/// repair was proved and made.
#[test]
fn repaired_damage_is_gone() {
    let mut failures = Vec::new();
    let mut made = 0;
    for (path, text) in articles() {
        let name = path.to_string_lossy();
        let document = read(text.as_bytes(), &name);
        let result = repair(&document, "x", &settings(false), &mut AskNobody);
        made += result.made.len();
        let after = document::read_text(result.changes.apply(&document.source), document.format).unwrap();
        let report = check("after".to_owned(), &after, &CheckSettings::default());
        for placed in &report.findings {
            if result.made.iter().any(|made| made.key == placed.key) {
                failures.push(format!("{name}: {} again: {}", placed.finding.rule.name, placed.finding.message));
            }
        }
    }
    assert!(failures.is_empty() && made > 150, "{made} edits\n{}", failures.join("\n"));
}

/// Besides gaps, white space, block markup and brackets of labels, a repair
/// without a second copy writes no word that the article does not hold.
#[test]
fn no_word_is_invented() {
    for (path, text) in articles() {
        let name = path.to_string_lossy();
        let document = read(text.as_bytes(), &name);
        for made in repair(&document, "x", &settings(false), &mut AskNobody).made {
            if matches!(made.rule.name, "encoding/mojibake" | "residue/field-code") || document.format == Format::Html {
                continue;
            }
            for word in made.after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
                // Two pieces of a label are put together over what tore them apart.
                let mut rest = made.before.chars();
                let is_of_pieces = word.chars().all(|c| rest.any(|other| other == c));
                assert!(text.contains(word) || is_of_pieces, "{name}: “{word}” in {made:?}");
            }
        }
    }
}

#[test]
fn gaps_are_marked_as_asked() {
    let text = fs::read_to_string(Path::new(FIXTURES).join("articles/tidal-barrage.txt")).unwrap();
    let document = read(text.as_bytes(), "x.txt");
    let lacuna = Lacuna::new("[lost: about {n} characters]").unwrap();
    let settings =
        RepairSettings { check: CheckSettings { lacuna, ..CheckSettings::default() }, ..RepairSettings::default() };
    let after = repair(&document, "x", &settings, &mut AskNobody).changes.apply(&document.source);
    let numbers: Vec<u32> = after
        .split("[lost: about ")
        .skip(1)
        .map(|rest| rest.split_once(' ').unwrap().0.parse().expect("the fault model gives a number"))
        .collect();
    assert_eq!(numbers.len(), 5);
    let again = read(after.as_bytes(), "x.txt");
    assert_eq!(repair(&again, "x", &settings, &mut AskNobody).made, []);
}

#[test]
fn a_dialogue_decides() {
    let text = "The county plans a new quay this year. (harbour.org)\n\nIt has been plan(fishers.eu)ning the quay for years. All planning takes time. (harbour.org)\n";
    let document = read(text.as_bytes(), "x.txt");
    let run = |answers: &str| -> (String, String) {
        let mut shown = Vec::new();
        let mut dialogue = Dialogue::new(answers.as_bytes(), &mut shown, str::to_owned);
        let after = repair(&document, "x", &settings(false), &mut dialogue).changes.apply(text);
        (after, String::from_utf8(shown).unwrap())
    };
    let (after, shown) = run("1\n");
    assert!(after.contains("It has been planning the quay for years. (fishers.eu) All planning"), "{after}");
    assert!(shown.contains("move the citation to the end of its sentence (unsafe)"), "{shown}");
    for answers in ["n\n", "\n", "", "q\n", "9\nx\nn\n"] {
        assert_eq!(run(answers).0, text, "{answers:?}");
    }
}

/// Pieces that articles, and attackers, are made of.
const PIECES: &[&str] = &[
    "The harbour grew again this year, as it does. (nato.int) ",
    "(nato.int)",
    "But it doe(nato.int)why this keeps coming back. ",
    "(reuters.com) (reuters.com)",
    "plan(apnews.com)ning",
    " planning ",
    "Дом (vesti.ru) стоит. ",
    "é",
    "\r\n",
    "\n\n",
    " ### What next? Trade ",
    "\n- one. - Two. - Three.\n",
    "[a](https://a.org/b?utm_source=chatgpt.com&x=1)",
    "([R](https://r.com))",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a href=\"https://h.org/?fbclid=1&amp;y=2\">",
    "</a>",
    "&amp;",
    "cafÃ© ",
    "donâ€™t ",
    ":contentReference[oaicite:0]{index=0}",
    "[oai_citation:0‡b.org](https://b.org/t)",
    "entity[\"city\",\"Ost\\u0065nd\",\"x\"]",
    "(reuters(apnews.com).com)",
    "(reuters.(apnews.com)",
    "(foreignpol ",
    "(foreignpolicy.com)",
    "【12†sou【14†source】",
    "[cite_start]",
    "[…]",
    "`",
    "> ",
];

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(PIECES).prop_map(str::to_owned);
    let piece = prop_oneof![12 => known, 1 => any::<String>()];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn encoded(text: &str, encoding: usize) -> Vec<u8> {
    let units = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
    };
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [&b"\xEF\xBB\xBF"[..], text.as_bytes()].concat(),
        2 => units(u16::to_le_bytes, [0xFF, 0xFE]),
        3 => units(u16::to_be_bytes, [0xFE, 0xFF]),
        4 => encoding_rs::WINDOWS_1251.encode(text).0.into_owned(),
        5 => encoding_rs::SHIFT_JIS.encode(text).0.into_owned(),
        _ => [text.as_bytes(), b"\xFF\xE9 x"].concat(),
    }
}

/// The bytes that no edit touched, in the order of the file.
fn kept<'a>(bytes: &'a [u8], document: &Document, repaired: &Repaired) -> Vec<&'a [u8]> {
    let mut kept = Vec::new();
    let mut at = 0;
    for edit in repaired.changes.edits() {
        let origin = document.origin_span(edit.span).range();
        kept.push(&bytes[at..origin.start]);
        at = origin.end;
    }
    kept.push(&bytes[at..]);
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn other_bytes_stay(text in text(), format in prop::sample::select(Format::ALL.to_vec()), encoding in 0_usize..7, allow_unsafe: bool) {
        let bytes = encoded(&text, encoding);
        let Ok(document) = document::read(bytes.clone(), Some(format), None) else { return Ok(()) };
        let repaired = repair(&document, "x", &settings(allow_unsafe), &mut AskNobody);
        let written = document.rewrite(&bytes, &repaired.changes).expect("what cannot be encoded is refused before");
        let mut expected = Vec::new();
        let mut pieces = kept(&bytes, &document, &repaired).into_iter();
        expected.extend_from_slice(pieces.next().unwrap());
        for (edit, piece) in repaired.changes.edits().iter().zip(pieces) {
            expected.extend(document.encode(edit).unwrap());
            expected.extend_from_slice(piece);
        }
        prop_assert_eq!(&written, &expected);
        if encoding < 4 {
            let again = document::read(written, Some(format), None).unwrap();
            prop_assert_eq!(again.source.to_string(), repaired.changes.apply(&document.source));
        }
    }

    #[test]
    fn once_is_enough_for_any_text(text in text(), format in prop::sample::select(Format::ALL.to_vec()), allow_unsafe: bool) {
        let Ok(document) = document::read_text(text, format) else { return Ok(()) };
        let once = repair(&document, "x", &settings(allow_unsafe), &mut AskNobody).changes.apply(&document.source);
        let document = document::read_text(once.clone(), format).unwrap();
        let again = repair(&document, "x", &settings(allow_unsafe), &mut AskNobody);
        prop_assert_eq!(&again.changes.apply(&once), &once, "{:?}", again.made);
    }
}
