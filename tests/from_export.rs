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
    let mut text = String::from("# Mud\n\n");
    let mut notes = Vec::new();
    for (sentence, host) in SENTENCES {
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

fn export() -> String {
    let (text, notes) = raw();
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
