//! Raw exports: every synthetic payload under `fixtures/exports/` renders to
//! the article that stands beside it, and its offsets are measured rightly.
//! Random texts, shifted and hostile payloads; and, with the folder of real
//! ones in `OBELUS_EXPORTS`, a table of what is measured there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::fs;
use std::path::{Path, PathBuf};

use obelus::export::{self, CitationStyle, OffsetUnit, Placement, Role};
use serde_json::json;

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
#[ignore = "measures real payloads: set OBELUS_EXPORTS to their folder and run with --ignored --nocapture"]
fn measure_real_payloads() {
    let folder = std::env::var_os("OBELUS_EXPORTS").expect("OBELUS_EXPORTS names a folder");
    for path in json_files(Path::new(&folder)) {
        let text = fs::read_to_string(&path).unwrap();
        println!("{}", path.strip_prefix(&folder).unwrap().display());
        let read = match export::read(text.trim_start_matches('\u{FEFF}')) {
            Ok(read) => read,
            Err(error) => {
                println!("  {error}");
                continue;
            }
        };
        for answer in read.answers.iter().filter(|answer| !answer.annotations.is_empty()) {
            let measured = &answer.measured;
            let of = |role: Role| answer.annotations.iter().filter(|note| note.role == role).count();
            println!(
                "  {}: {} annotations ({} markers, {} claims, {} points, {} aside), {} with offsets, {} proven, {} shifted, {} misfits",
                read.vendor.name,
                answer.annotations.len(),
                of(Role::Marker),
                of(Role::Claim),
                of(Role::Point),
                of(Role::Aside),
                measured.with_offsets,
                measured.proven,
                measured.shifted,
                measured.misfits
            );
            println!("    {} | {:?} | {:?} | {:?}", measured.describe(), measured.units, measured.ends, measured.bases);
            for note in &answer.annotations {
                if let Placement::Misfit(misfit) = &note.placement {
                    println!("    {}", note.explain(misfit, &answer.text));
                }
            }
            for style in CitationStyle::ALL {
                match export::render(answer, style) {
                    Ok(rendered) => println!(
                        "    {}: {} placed, {} unplaced; {:?}",
                        style.name(),
                        rendered.placed.len(),
                        rendered.unplaced.len(),
                        rendered.text.chars().rev().take(220).collect::<Vec<_>>().into_iter().rev().collect::<String>()
                    ),
                    Err(error) => println!("    {}: {error}", style.name()),
                }
            }
        }
    }
}

/// Counts characters as an exporter does that counts in `unit`.
fn count(text: &str, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Bytes => text.len(),
        OffsetUnit::CodePoints => text.chars().count(),
        OffsetUnit::Utf16 => text.encode_utf16().count(),
    }
}

/// Sentences that break every careless way of counting: a flag, a family, a
/// combining mark, jamo, Han of plane 2, Arabic, CRLF, U+202F, U+00AD.
const SENTENCES: [&str; 6] = [
    "The ferry 🇳🇴 sails at noon 👩‍👩‍👧‍👦 again.",
    "Cafe\u{301}s near the quay open at 9\u{202F}h\u{202F}30.",
    "\u{1112}\u{1161}\u{11AB}국 crews joined; 𠀋𠮷 is carved on the bell.",
    "وصلت العبّارة في موعدها.",
    "The second\r\nline goes on\u{AD}ward — “quoted” … and ends.",
    "Plain words close the day.",
];

/// A Responses payload whose markers stand after each sentence, counted in
/// `unit`; and the article in the style `domain`.
fn responses(sentences: &[&str], unit: OffsetUnit) -> (serde_json::Value, String) {
    let (mut text, mut article, mut notes) = (String::new(), String::new(), Vec::new());
    for (index, sentence) in sentences.iter().enumerate() {
        let (host, url) = (format!("site{index}.org"), format!("https://site{index}.org/page"));
        text.push_str(&format!("{sentence} "));
        article.push_str(&format!("{sentence} ({host})\n\n"));
        let start = count(&text, unit);
        text.push_str(&format!("([{host}]({url}?utm_source=openai))"));
        notes.push(json!({"type": "url_citation", "url": url, "title": "Page",
            "start_index": start, "end_index": count(&text, unit)}));
        text.push_str("\n\n");
    }
    let part = json!({"type": "output_text", "text": text, "annotations": notes});
    (json!({"object": "response", "output": [{"type": "message", "role": "assistant", "content": [part]}]}), article)
}

#[test]
fn each_unit_is_measured_and_rendered() {
    for unit in OffsetUnit::ALL {
        let (payload, article) = responses(&SENTENCES, unit);
        let export = export::read(&payload.to_string()).unwrap();
        let answer = &export.answers[0];
        assert_eq!(answer.measured.unit(), Some(unit), "{}", answer.measured.describe());
        let rendered = export::render(answer, CitationStyle::Domain).unwrap();
        assert_eq!(rendered.text, article);
    }
}

#[test]
fn what_nothing_tells_apart_stays_undecided_and_renders() {
    let (payload, article) = responses(&["Plain words.", "More of them."], OffsetUnit::Utf16);
    let export = export::read(&payload.to_string()).unwrap();
    assert_eq!(export.answers[0].measured.units, OffsetUnit::ALL);
    assert_eq!(export::render(&export.answers[0], CitationStyle::Domain).unwrap().text, article);
}
