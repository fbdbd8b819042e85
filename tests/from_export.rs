//! The damaged article and the raw export it came from: every lost character
//! comes back, and the process that made the damage is named.

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
use std::process::Command;

use obelus::document::{self, Format};
use obelus::export::CitationStyle;
use obelus::fault::Process;
use obelus::finding::Provenance;
use obelus::repair::{AskNobody, NoArticle, RepairSettings, render_export, repair, witness_from_export};

/// Sentences with the host that each cites.
const SENTENCES: [(&str, &str); 6] = [
    (
        "The old harbour of Lindow was dredged twice in the last century, and both times the silt came back within a year.",
        "harbour.org",
    ),
    (
        "Since then the council has paid for soundings every spring – “for the drawer,” as one clerk put it – and for little else.",
        "council.eu",
    ),
    (
        "Fishers say that the channel has moved by forty metres towards the church, where the bottom is softer than anyone thought.",
        "fishers.net",
    ),
    (
        "A model from the university puts the blame on the new groyne, which sends the ebb across the mouth instead of along it.",
        "modelling.edu",
    ),
    (
        "Nobody has asked the builders of the groyne, whose guarantee runs out in the month after the next election.",
        "builders.com",
    ),
    (
        "The ferry now waits for half tide, and its captain keeps a list of the days on which he had to turn around.",
        "ferrylines.eu",
    ),
];

fn marker(host: &str) -> String {
    format!("([{host}](https://{host}/a?utm_source=openai))")
}

/// The answer's text, and where each marker stands, in code points.
fn raw() -> (String, Vec<(usize, usize, &'static str)>) {
    raw_with("")
}

/// The answer, every sentence behind `lead`.
fn raw_with(lead: &str) -> (String, Vec<(usize, usize, &'static str)>) {
    let mut text = String::from("# Mud\n\n");
    let mut notes = Vec::new();
    for (sentence, host) in SENTENCES {
        text.push_str(lead);
        text.push_str(sentence);
        text.push(' ');
        let start = text.chars().count();
        text.push_str(&marker(host));
        notes.push((start, text.chars().count(), host));
        text.push_str("\n\n");
    }
    text.push_str("The end of it all is open, as ends of harbours are.\n");
    (text, notes)
}

/// The text without its markers, and where each stood.
fn bare((text, notes): &(String, Vec<(usize, usize, &'static str)>)) -> (Vec<char>, Vec<(usize, &'static str)>) {
    let mut chars: Vec<char> = text.chars().collect();
    let mut gone = 0;
    let mut places = Vec::new();
    for (start, end, host) in notes {
        // The space before goes, too.
        chars.drain(start - 1 - gone..end - gone);
        places.push((start - 1 - gone, *host));
        gone += end - start + 1;
    }
    (chars, places)
}

fn export() -> String {
    export_of(&raw())
}

fn export_of((text, notes): &(String, Vec<(usize, usize, &'static str)>)) -> String {
    let annotations: Vec<serde_json::Value> = notes
        .iter()
        .map(|(start, end, host)| {
            serde_json::json!({
                "type": "url_citation", "start_index": start, "end_index": end, "title": host,
                "url": format!("https://{host}/a?utm_source=openai"),
            })
        })
        .collect();
    serde_json::json!({
        "id": "resp_1", "object": "response", "status": "completed",
        "output": [{ "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{ "type": "output_text", "text": text, "annotations": annotations }] }],
    })
    .to_string()
}

/// The export's spans, late by `shift`, are overwritten with short labels; what
/// is left of the raw markers becomes labels.
fn damaged(shift: usize) -> String {
    let (text, notes) = raw();
    let mut chars: Vec<char> = text.chars().collect();
    for (start, end, host) in notes.iter().rev() {
        if end + shift < chars.len() {
            chars.splice(start + shift..end + shift, format!("({host})").chars());
        }
    }
    let mut article: String = chars.into_iter().collect();
    for (_, _, host) in notes {
        article = article.replace(&marker(host), &format!("({host})"));
    }
    article
}

fn prose(text: &str) -> String {
    let document = document::read_text(text.to_owned(), Format::Markdown).unwrap();
    let mut text = document.text.to_string();
    for citation in obelus::citation::extract(&document).iter().rev().filter(|citation| citation.kind.is_label()) {
        text.replace_range(citation.span.range(), "");
    }
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_lost_character_comes_back() {
    for shift in [70, 80, 95] {
        let article = damaged(shift);
        let document = document::read_text(article.clone(), Format::Markdown).unwrap();
        let (witness, about) = witness_from_export(&export(), None, &document).unwrap();
        assert!(about.measured.contains("code points"), "{}", about.measured);
        let settings = RepairSettings { witnesses: vec![witness], ..RepairSettings::default() };
        let repaired = repair(&document, "x", &settings, &mut AskNobody);
        let after = repaired.changes.apply(&article);
        assert_eq!(prose(&after), prose(&raw().0), "{shift}\n{article}\n{after}");
        assert!(repaired.made.iter().any(|made| made.provenance == Provenance::Export));
        let shown = repaired.process.expect("the export shows the process");
        assert_eq!(shown.process, Process::ConstantShift);
        assert_eq!(shown.characters, u32::try_from(shift).ok());
        for (_, host) in SENTENCES {
            assert_eq!(after.matches(&format!("({host})")).count(), 1, "{host}: {after}");
        }
    }
}

/// Labels put in at the places that a mistaken exporter makes of the true ones.
fn misplaced(raw: &(String, Vec<(usize, usize, &'static str)>), place: impl Fn(&[char], usize) -> usize) -> String {
    let (bare, places) = bare(raw);
    let mut chars = bare.clone();
    for (at, host) in places.into_iter().rev() {
        let at = place(&bare, at);
        if at < bare.len() {
            chars.splice(at..at, format!("({host})").chars());
        }
    }
    chars.into_iter().collect()
}

/// Labels put in from left to right at the places of the text without any.
fn pushed(raw: &(String, Vec<(usize, usize, &'static str)>)) -> String {
    let (mut chars, places) = bare(raw);
    for (at, host) in places {
        chars.splice(at..at, format!("({host})").chars());
    }
    chars.into_iter().collect()
}

/// Labels at their places, each with so many of the characters behind it gone.
fn eaten((text, notes): &(String, Vec<(usize, usize, &'static str)>), loss: usize) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (start, end, host) in notes.iter().rev() {
        chars.splice(*start..end + loss, format!("({host})").chars());
    }
    chars.into_iter().collect()
}

/// Whatever the exporter did wrong, the text comes back and the report says
/// what it was.
#[test]
fn every_process_is_named() {
    let (plain, quoted, smiling) = (raw(), raw_with("“Well – yes – ”, "), raw_with("🙂🚀🎉 So: "));
    let bytes = |text: &[char], at: usize| text[..at].iter().map(|c| c.len_utf8()).sum();
    let utf16 = |text: &[char], at: usize| text[..at].iter().map(|c| c.len_utf16()).sum();
    let stale = |_: &[char], at: usize| at + at / 60 * 2;
    let late = |_: &[char], at: usize| at + 47;
    let table = [
        (&quoted, misplaced(&quoted, bytes), Process::ByteAsChar, None),
        (&smiling, misplaced(&smiling, utf16), Process::Utf16AsChar, None),
        (&plain, misplaced(&plain, late), Process::ConstantShift, Some(47)),
        (&plain, misplaced(&plain, stale), Process::StaleOffsets, None),
        (&plain, pushed(&plain), Process::GrowingDrift, None),
        // Seven letters and the two line ends of the break before them.
        (&plain, eaten(&plain, 9), Process::ConstantLoss, Some(9)),
        (&plain, damaged(80), Process::ConstantShift, Some(80)),
    ];
    for (raw, article, process, characters) in table {
        let document = document::read_text(article.clone(), Format::Markdown).unwrap();
        let (witness, _) = witness_from_export(&export_of(raw), None, &document).unwrap();
        let settings = RepairSettings { witnesses: vec![witness], ..RepairSettings::default() };
        let repaired = repair(&document, "x", &settings, &mut AskNobody);
        let after = repaired.changes.apply(&article);
        assert_eq!(prose(&after), prose(&raw.0), "{process:?}\n{article}\n{after}");
        let shown = repaired.process.unwrap_or_else(|| panic!("{process:?} is shown by\n{article}"));
        assert_eq!((shown.process, shown.characters), (process, characters), "{shown:?}\n{article}");
    }
}

#[test]
fn another_conversation_is_no_source() {
    let document =
        document::read_text("Another article about quite another thing.".to_owned(), Format::Markdown).unwrap();
    let refused = witness_from_export(&export(), None, &document);
    assert_eq!(refused.map(|_| ()).unwrap_err(), NoArticle::Other(1));
}

#[test]
fn the_article_is_rendered_anew() {
    for style in CitationStyle::ALL {
        let article = render_export(&export(), None, style).unwrap();
        assert!(prose(&article.text).contains("guaranteerunsout"));
        assert!(!article.text.contains("utm_source"), "{}", article.text);
    }
    let folder = tempfile::tempdir().unwrap();
    let (raw, broken) = (folder.path().join("export.json"), folder.path().join("article.md"));
    fs::write(&raw, export()).unwrap();
    fs::write(&broken, damaged(80)).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_obelus")).arg("repair").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let raw = raw.to_str().unwrap();
    let (code, text, told) = run(&["--from", raw, "--citation-style", "domain"]);
    assert_eq!((code, text.matches("(harbour.org)").count()), (Some(0), 1), "{told}");
    let (code, text, told) = run(&["--from", raw, broken.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("what made the damage: constant-shift"), "{told}");
    assert!(text.contains("guarantee runs out in the month"), "{text}");
    let (code, _, told) = run(&["--from", broken.to_str().unwrap(), broken.to_str().unwrap()]);
    assert_eq!(code, Some(2));
    assert!(told.contains("no raw export"), "{told}");
    assert_eq!(run(&["--citation-style", "link", raw]).0, Some(2));
}

/// One conversation of a ChatGPT data export: the answer that people saw, and
/// another branch.
fn conversation(id: &str, title: &str, sentences: &[(&str, &str)], branch: &str) -> serde_json::Value {
    let mut text = format!("# {title}\n\n");
    let mut references = Vec::new();
    for (number, (sentence, host)) in sentences.iter().enumerate() {
        text.push_str(sentence);
        text.push(' ');
        let start = text.chars().count();
        let matched = format!("\u{E200}cite\u{E202}turn0search{number}\u{E201}");
        text.push_str(&matched);
        references.push(serde_json::json!({
            "type": "grouped_webpages", "matched_text": matched, "start_idx": start,
            "end_idx": text.chars().count(), "alt": null,
            "items": [{ "title": host, "url": format!("https://{host}/a"), "attribution": host }],
        }));
        text.push_str("\n\n");
    }
    text.push_str("The end of it all is open, as ends of harbours are.\n");
    let message = |text: &str, references: &[serde_json::Value]| {
        serde_json::json!({
            "author": { "role": "assistant" }, "recipient": "all",
            "content": { "content_type": "text", "parts": [text] },
            "metadata": { "content_references": references },
        })
    };
    serde_json::json!({
        "title": title, "conversation_id": id, "current_node": "seen",
        "mapping": {
            "root": { "id": "root", "parent": null, "children": ["seen", "other"], "message": null },
            "other": { "id": "other", "parent": "root", "children": [], "message": message(branch, &[]) },
            "seen": { "id": "seen", "parent": "root", "children": [], "message": message(&text, &references) },
        },
    })
}

/// A whole account as it is downloaded: zipped, in two files, several
/// conversations with branches; the article is of one of them.
#[test]
fn a_zipped_account_is_searched_for_the_article() {
    let folder = tempfile::tempdir().unwrap();
    let [zip, broken] = ["export.zip", "article.md"].map(|name| folder.path().join(name));
    let tram =
        [("The tram to the harbour runs again since the first of May, and nobody knows for how long.", "tram.org")];
    let first = serde_json::json!([
        conversation("c-1", "Trams", &tram, "Another answer about trams."),
        conversation("c-2", "Mud", &SENTENCES, "In another branch the silt was gold, and everybody was rich."),
    ]);
    let second = serde_json::json!([conversation("c-3", "Ferries", &SENTENCES[5..], "No ferries.")]);
    let mut writer = zip::ZipWriter::new(fs::File::create(&zip).unwrap());
    for (name, content) in [
        ("user.json", "{}".to_owned()),
        ("conversations-000.json", first.to_string()),
        ("conversations-001.json", second.to_string()),
    ] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, content.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
    fs::write(&broken, damaged(80)).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_obelus")).arg("repair").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (zip, broken) = (zip.to_str().unwrap(), broken.to_str().unwrap());
    let (code, text, told) = run(&["--from", zip, broken]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(prose(&text), prose(&raw().0));
    assert!(!text.contains("gold"), "{text}");
    assert!(!text.contains("[…]"), "{text}");
    assert_eq!(run(&["--from", zip, "--conversation", "Mud", broken]).1, text);
    assert_eq!(run(&["--from", zip, "--conversation", "c-2", broken]).1, text);
    let (code, _, told) = run(&["--from", zip, "--conversation", "Trams", broken]);
    assert_eq!(code, Some(2));
    assert!(told.contains("right conversation"), "{told}");
    let (code, _, told) = run(&["--from", zip, "--conversation", "c-9", broken]);
    assert_eq!(code, Some(2));
    assert!(told.contains("“c-9”"), "{told}");
    let (code, text, _) = run(&["--from", zip, "--conversation", "Ferries", "--citation-style", "domain"]);
    assert_eq!(code, Some(0));
    assert!(
        text.starts_with("# Ferries\n\nThe ferry now waits") && text.contains("turn around. (ferrylines.eu)"),
        "{text}"
    );
}
