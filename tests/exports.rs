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

use std::cell::Cell;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use obelus::check::{self, CheckSettings, DocumentReport};
use obelus::document::{self, Format};
use obelus::export::{self, Answer, CitationStyle, MisfitReason, OffsetUnit, Placement, Role};
use obelus::input::{self, SourcePlace};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value as Json, json};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
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
    for path in files(Path::new(&folder)).into_iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
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
fn responses(sentences: &[&str], unit: OffsetUnit) -> (Json, String) {
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

/// google-gemini/gemini-cli#29039, maximhq/bifrost#4345: bytes taken for
/// characters put marks into words.
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

/// CherryHQ/cherry-studio#8880, #13646: a claim of two asterisks is looked for
/// by its place, and not by its text, which is at every bold word.
#[test]
fn a_claim_of_two_asterisks_cites_once() {
    let text = "**Tides** and **mud** are old. The wall is new.";
    let support = |start: usize, end: usize| {
        let segment = json!({"startIndex": start, "endIndex": end, "text": text[start..end]});
        json!({"segment": segment, "groundingChunkIndices": [0]})
    };
    let grounding = json!({
        "groundingChunks": [{"web": {"uri": "https://tides.org/a", "title": "tides.org"}}],
        "groundingSupports": [support(14, 16), support(0, 30)],
    });
    let content = json!({"role": "model", "parts": [{"text": text}]});
    let payload = json!({"candidates": [{"content": content, "groundingMetadata": grounding}]});
    let export = export::read(&payload.to_string()).unwrap();
    let rendered = export::render(&export.answers[0], CitationStyle::Domain).unwrap().text;
    assert_eq!(rendered.matches("(tides.org)").count(), 2, "{rendered}");
    assert_eq!(rendered.replace(" (tides.org)", "").replace("(tides.org)", "").trim_end(), text, "{rendered}");
}

#[test]
fn what_nothing_tells_apart_stays_undecided_and_renders() {
    let (payload, article) = responses(&["Plain words.", "More of them."], OffsetUnit::Utf16);
    let export = export::read(&payload.to_string()).unwrap();
    assert_eq!(export.answers[0].measured.units, OffsetUnit::ALL);
    assert_eq!(export::render(&export.answers[0], CitationStyle::Domain).unwrap().text, article);
}

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/exports");

fn fixtures() -> Vec<PathBuf> {
    let mut found = files(Path::new(FIXTURES));
    found.retain(|path| path.extension().is_some_and(|extension| extension == "expect"));
    assert!(found.len() > 30, "the fixtures are where they belong");
    found
}

fn payload_of(expectation: &Path) -> String {
    let payload = ["json", "sse"].map(|extension| expectation.with_extension(extension));
    fs::read_to_string(payload.iter().find(|path| path.exists()).unwrap()).unwrap()
}

#[test]
fn payloads_of_every_vendor_render_to_their_articles() {
    let mut failures = Vec::new();
    let mut vendors = std::collections::BTreeSet::new();
    for path in fixtures() {
        let expected = fs::read_to_string(&path).unwrap();
        let wanted =
            |key: &str| expected.lines().find_map(|line| line.strip_prefix(key)).map(|value| value.trim().to_owned());
        let export = match export::read(&payload_of(&path)) {
            Ok(export) => export,
            Err(error) => {
                failures.push(format!("{}: {error}", path.display()));
                continue;
            }
        };
        vendors.insert(export.vendor.name);
        let answer = export.answers.last().unwrap();
        let measured = &answer.measured;
        let only = |names: Vec<&str>| if let [name] = names[..] { Some(name.to_owned()) } else { None };
        let found = [
            ("vendor ", Some(export.vendor.name.to_owned())),
            ("unit ", only(measured.units.iter().map(|unit| unit.name()).collect())),
            ("end ", only(measured.ends.iter().map(|end| end.name()).collect())),
            ("base ", only(measured.bases.iter().map(|base| base.name()).collect())),
        ];
        for (key, found) in found {
            if wanted(key).is_some() && wanted(key) != found {
                failures.push(format!("{}: {key}{found:?}, {measured:?}", path.display()));
            }
        }
        for style in CitationStyle::ALL {
            let Ok(article) = fs::read_to_string(path.with_extension(format!("{}.md", style.name()))) else { continue };
            match export::render(answer, style) {
                Ok(rendered) if rendered.text == article => {}
                Ok(rendered) => failures.push(format!(
                    "{}: {}\n  wanted {article:?}\n  found  {:?}",
                    path.display(),
                    style.name(),
                    rendered.text
                )),
                Err(error) => failures.push(format!("{}: {}: {error}", path.display(), style.name())),
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let known: std::collections::BTreeSet<_> = export::VENDORS.iter().map(|vendor| vendor.name).collect();
    assert_eq!(vendors, known, "every vendor has a fixture");
}

#[test]
fn one_conversation_of_an_archive() {
    let archive = fs::read_to_string(Path::new(FIXTURES).join("chatgpt/archive.conversations")).unwrap();
    let article = fs::read_to_string(Path::new(FIXTURES).join("chatgpt/conversation.domain.md")).unwrap();
    assert_eq!(export::read(&archive).unwrap().answers.len(), 2);
    for name in ["c-1", "Ferries"] {
        let export = export::read_conversation(&archive, name).unwrap();
        assert_eq!(export.answers.len(), 1, "the other branch was not seen by anybody");
        assert_eq!(export::render(&export.answers[0], CitationStyle::Domain).unwrap().text, article);
    }
    assert!(export::read_conversation(&archive, "c-2").unwrap_err().to_string().contains("c-2"));
}

/// The one answer of a payload that was changed after its offsets were
/// counted.
fn answer_after(payload: &Json, edit: impl Fn(&str) -> String) -> Answer {
    let mut payload = payload.clone();
    let text = &mut payload["output"][0]["content"][0]["text"];
    *text = Json::String(edit(text.as_str().unwrap()));
    export::read(&payload.to_string()).unwrap().answers.remove(0)
}

#[test]
fn a_constant_shift_is_undone() {
    for unit in OffsetUnit::ALL {
        let (payload, article) = responses(&SENTENCES, unit);
        let title = "A title 🇳🇴 added later\n\n";
        let answer = answer_after(&payload, |text| format!("{title}{text}"));
        assert_eq!(answer.measured.shifted, SENTENCES.len(), "{unit:?} {:?}", answer.measured);
        assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, format!("{title}{article}"));

        let scrubbed = answer_after(&payload, |text| text.replace("crews", "[redacted by the archive]"));
        assert_eq!(scrubbed.measured.shifted, SENTENCES.len() - 2, "{:?}", scrubbed.measured);
        assert_eq!(
            export::render(&scrubbed, CitationStyle::Domain).unwrap().text,
            article.replace("crews", "[redacted by the archive]")
        );
    }
}

#[test]
fn folding_to_ascii_is_undone() {
    let sentences = ["A dash — here.", "And … there — “so”.", "More — of it.", "The end — now."];
    for unit in OffsetUnit::ALL {
        let (payload, article) = responses(&sentences, unit);
        let fold = |text: &str| text.replace('—', "--").replace('…', "...");
        let answer = answer_after(&payload, fold);
        assert!(answer.measured.is_folded || answer.measured.shifted > 0, "{:?}", answer.measured);
        assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, fold(&article));
    }
}

#[test]
fn what_fits_nowhere_is_an_error_with_the_evidence() {
    let (payload, _) = responses(&SENTENCES, OffsetUnit::CodePoints);
    let table = [
        ("beyond", json!(90_000), json!(90_010), MisfitReason::BeyondEnd),
        ("negative", json!(-4), json!(10), MisfitReason::Negative),
        ("inverted", json!(60), json!(40), MisfitReason::Inverted),
        ("null", json!(null), json!(40), MisfitReason::Unreadable),
        ("words", json!("soon"), json!(40), MisfitReason::Unreadable),
        ("fraction", json!(1.5), json!(40), MisfitReason::Unreadable),
    ];
    for (name, start, end, reason) in table {
        let mut payload = payload.clone();
        let note = &mut payload["output"][0]["content"][0]["annotations"][2];
        note["start_index"] = start;
        note["end_index"] = end;
        note["url"] = json!("https://elsewhere.org/");
        let answer = export::read(&payload.to_string()).unwrap().answers.remove(0);
        assert_eq!(answer.measured.unit(), Some(OffsetUnit::CodePoints), "{name}");
        let Placement::Misfit(misfit) = &answer.annotations[2].placement else { panic!("{name}") };
        assert_eq!(misfit.reason, reason, "{name}");
        let error = export::render(&answer, CitationStyle::Link).unwrap_err().to_string();
        assert!(error.contains("1 of 6 annotations"), "{error}");
    }
}

#[test]
fn numbers_in_strings_and_with_a_fraction_of_zero_are_numbers() {
    let (mut payload, article) = responses(&SENTENCES, OffsetUnit::CodePoints);
    for note in payload["output"][0]["content"][0]["annotations"].as_array_mut().unwrap() {
        note["start_index"] = json!(note["start_index"].to_string());
        note["end_index"] = json!(format!("{}.0", note["end_index"]));
    }
    let answer = export::read(&payload.to_string()).unwrap().answers.remove(0);
    assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, article);
}

#[test]
fn a_quotation_of_one_space_deletes_no_space() {
    let text = "The ferry sails at noon.";
    let export = json!({"mapping": {"a": {"id": "a", "children": [], "message": {
        "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": [text]},
        "metadata": {"content_references": [
            {"type": "sources_footnote", "matched_text": " ", "start_idx": 23, "end_idx": 23, "sources": []},
            {"type": "hidden", "matched_text": " ", "start_idx": 24, "end_idx": 24},
            {"type": "hidden", "matched_text": "", "start_idx": 3, "end_idx": 3}]}}}}, "current_node": "a"});
    let answer = export::read(&export.to_string()).unwrap().answers.remove(0);
    assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, text);
}

#[test]
fn odd_files_are_read_or_say_why_not() {
    let (payload, _) = responses(&SENTENCES, OffsetUnit::CodePoints);
    let whole = payload.to_string();
    // Cut anywhere: no panic, and nothing rendered as if it were whole.
    for cut in (0..whole.len()).filter(|cut| whole.is_char_boundary(*cut)).step_by(7) {
        if let Ok(export) = export::read(&whole[..cut]) {
            assert!(!export.troubles.is_empty());
            assert!(export.answers.iter().all(|answer| export::render(answer, CitationStyle::Link).is_err()));
        }
    }
    let twice = format!("{whole}\n{whole}");
    assert_eq!(export::read(&twice).unwrap().answers.len(), 2);
    assert_eq!(export::read(&format!("[{whole},{whole}]")).unwrap().answers.len(), 2);
    let odd = whole.replacen("\"object\"", "\"temperature\":NaN,\"object\"", 1);
    assert_eq!(export::read(&odd).unwrap().troubles.len(), 1);
    let lone = whole.replacen("Plain", "\\ud83d Plain", 1);
    assert!(export::read(&lone).unwrap().answers[0].text.contains('\u{FFFD}'));
    let double = whole.replacen("\"output\"", "\"output\":[],\"output\"", 1);
    assert!(export::read(&double).unwrap().troubles[0].message.contains("twice"));
    for (text, says) in [
        ("{'output': []}", "json.dumps"),
        ("{\"name\": \"obelus\", \"version\": \"1\"}", "no raw export of a product"),
        ("", "empty"),
        ("{\"choices\":[{\"message\":{\"content\":\"\"}}]}", "no answer"),
        (&"[".repeat(10_000), "no raw export"),
        (&"{\"a\":".repeat(10_000), "no raw export"),
    ] {
        let error = export::read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A payload counted in any unit is measured as that unit, unless others
    /// fit as well, and renders exactly.
    #[test]
    fn random_answers_are_measured_and_rendered(
        sentences in proptest::collection::vec(sentence(), 1..8),
        unit in proptest::sample::select(&OffsetUnit::ALL),
    ) {
        let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
        let (payload, article) = responses(&sentences, unit);
        let answer = export::read(&payload.to_string()).unwrap().answers.remove(0);
        prop_assert!(answer.measured.units.contains(&unit), "{:?}", answer.measured);
        prop_assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, article);
    }

    /// The same for quoted claims, with half-open and inclusive ends, in one
    /// part and over several, with thoughts among them.
    #[test]
    fn random_claims_are_measured_and_rendered(
        sentences in proptest::collection::vec(sentence(), 1..8),
        unit in proptest::sample::select(&OffsetUnit::ALL),
        is_inclusive in any::<bool>(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..3),
        thought in proptest::option::of(sentence()),
    ) {
        let (payload, article) = grounded(&sentences, unit, is_inclusive, &cuts, thought.as_deref());
        let answer = export::read(&payload.to_string()).unwrap().answers.remove(0);
        prop_assert!(answer.measured.units.contains(&unit), "{:?}", answer.measured);
        match export::render(&answer, CitationStyle::Domain) {
            Ok(rendered) => prop_assert_eq!(rendered.text, article),
            // The same sentence twice can make two readings fit.
            Err(_) => prop_assert!(answer.measured.units.len() + answer.measured.bases.len() + answer.measured.ends.len() > 3),
        }
    }

    /// No text, however damaged, is a reason to panic.
    #[test]
    fn damaged_payloads_never_panic(at in any::<proptest::sample::Index>(), put in "\\PC{0,4}|[\\[\\]{}\",:0-9eE.\\\\u-]{0,6}") {
        for path in fixtures() {
            let payload = payload_of(&path);
            let at = payload.floor_char_boundary(at.index(payload.len()));
            let end = payload.ceil_char_boundary((at + put.len()).min(payload.len()));
            let damaged = format!("{}{put}{}", &payload[..at], &payload[end..]);
            if let Ok(export) = export::read(&damaged) {
                for answer in &export.answers {
                    let _ = export::render(answer, CitationStyle::Footnote);
                }
            }
        }
    }
}

/// Words of many scripts and a full stop.
fn sentence() -> impl Strategy<Value = String> {
    const WORDS: [&str; 16] = [
        "ferry",
        "quai",
        "сад",
        "🇳🇴",
        "👩‍👩‍👧‍👦",
        "cafe\u{301}",
        "\u{1112}\u{1161}\u{11AB}",
        "𠀋𠮷",
        "العبّارة",
        "9\u{202F}h",
        "on\u{AD}ward",
        "“so”",
        "naïve",
        "水",
        "½",
        "x",
    ];
    proptest::collection::vec(proptest::sample::select(&WORDS), 1..7).prop_map(|words| format!("{}.", words.join(" ")))
}

/// A Gemini payload whose claims are the sentences; and the article.
fn grounded(
    sentences: &[String],
    unit: OffsetUnit,
    is_inclusive: bool,
    cuts: &[proptest::sample::Index],
    thought: Option<&str>,
) -> (Json, String) {
    let (mut text, mut article, mut supports) = (String::new(), String::new(), Vec::new());
    for (index, sentence) in sentences.iter().enumerate() {
        let start = count(&text, unit);
        text.push_str(sentence);
        let end = count(&text, unit) - usize::from(is_inclusive);
        supports.push(json!({"segment": {"startIndex": start, "endIndex": end, "text": sentence},
            "groundingChunkIndices": [index]}));
        article.push_str(&format!("{sentence} (site{index}.org)\n\n"));
        text.push_str("\n\n");
    }
    let mut ends: Vec<usize> = cuts.iter().map(|cut| text.floor_char_boundary(cut.index(text.len()))).collect();
    ends.push(text.len());
    ends.sort_unstable();
    let mut parts: Vec<Json> = thought.iter().map(|thought| json!({"text": thought, "thought": true})).collect();
    let mut at = 0;
    for end in ends {
        parts.push(json!({"text": &text[at..end]}));
        at = end;
    }
    let chunks: Vec<Json> =
        (0..sentences.len()).map(|index| json!({"web": {"uri": format!("https://site{index}.org/page")}})).collect();
    let metadata = json!({"groundingChunks": chunks, "groundingSupports": supports});
    (json!({"candidates": [{"content": {"parts": parts}, "groundingMetadata": metadata}]}), article)
}

/// What the program sees of a payload.
fn checked(payload: &str, path: &str) -> (document::Document, DocumentReport) {
    let document = document::read(payload.as_bytes().to_vec(), None, Some(path)).unwrap();
    let report = check::check(path.to_owned(), &document, &CheckSettings::default());
    (document, report)
}

#[test]
fn exports_are_documents_with_exact_places() {
    let mut failures = Vec::new();
    for path in fixtures() {
        let payload = payload_of(&path);
        let (document, report) = checked(&payload, "payload.json");
        for (citation, cited) in report.citations.iter().zip(&report.cited) {
            let bytes = &payload[cited.place.origin.start as usize..cited.place.origin.end as usize];
            let url = citation.target.as_ref().and_then(|target| target.address.as_ref());
            if bytes.is_empty() || url.is_none() && !path.to_string_lossy().contains("assistants") {
                failures.push(format!("{}: {} {bytes:?} {url:?}", path.display(), citation.kind.name()));
            }
        }
        let targets: std::collections::BTreeSet<_> = report
            .citations
            .iter()
            .filter_map(|citation| citation.target.as_ref()?.address.as_ref()?.to_url())
            .collect();
        let is_cited = path.to_string_lossy().contains("entity") || path.to_string_lossy().contains("assistants");
        if targets.len() != 6 && !is_cited {
            failures.push(format!("{}: {} targets", path.display(), targets.len()));
        }
        for placed in &report.findings {
            failures.push(format!("{}: {}: {}", path.display(), placed.finding.rule.name, placed.finding.message));
        }
        assert_eq!(document.export.unwrap().measured.len(), 1 + usize::from(path.ends_with("archive.json")));
    }
    failures.retain(|failure| !failure.contains("residue/tracking"));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_claim_is_placed_in_the_bytes_of_its_string() {
    let payload = fs::read_to_string(Path::new(FIXTURES).join("cohere/version-2.json")).unwrap();
    let escaped = serde_json::from_str::<Json>(&payload).unwrap();
    // Every character that is not ASCII written as an escape.
    let ascii: String = escaped
        .to_string()
        .chars()
        .flat_map(|c| {
            if c.is_ascii() {
                vec![c.to_string()]
            } else {
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect()
            }
        })
        .collect();
    for text in [payload, ascii] {
        let (_, report) = checked(&text, "payload.json");
        let cited: Vec<String> =
            report.cited.iter().map(|cited| serde_json::from_str(&format!("\"{}\"", cited.text)).unwrap()).collect();
        let quotes: Vec<String> = escaped["message"]["citations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|citation| citation["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(cited, quotes);
    }
}

#[test]
fn only_exports_are_exports() {
    for (name, text, says) in [
        ("package.json", "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {}}", "no raw export"),
        ("list.json", "[1, 2, 3]", "no raw export"),
        ("broken.json", "{\"a\": ", "no raw export"),
        ("notes.json", "not JSON at all", "this is no JSON"),
    ] {
        let error = document::read(text.as_bytes().to_vec(), None, Some(name)).unwrap_err().to_string();
        assert!(error.contains(says), "{name}: {error}");
        assert!(!export::is_export(text));
    }
    for path in fixtures() {
        let payload = payload_of(&path);
        assert!(export::is_export(&payload), "{}", path.display());
        // By its content alone, with a byte order mark, too.
        let marked = format!("\u{FEFF}{payload}");
        let document = document::read(marked.into_bytes(), None, None).unwrap();
        assert_eq!(document.format, Format::Export, "{}", path.display());
    }
}

/// An archive as products hand it out.
fn zipped(entries: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
    for (name, bytes) in entries {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, bytes).unwrap();
    }
    writer.finish().unwrap();
    file
}

fn read_file(file: &tempfile::NamedTempFile) -> Result<Vec<u8>, String> {
    input::read(&SourcePlace::File(file.path().to_path_buf()))
}

#[test]
fn archives_are_read_and_their_tricks_are_not() {
    let archive = fs::read(Path::new(FIXTURES).join("chatgpt/archive.conversations")).unwrap();
    let tricks: [(&str, &[u8]); 4] = [
        ("../../etc/passwd", b"root"),
        ("/absolute/conversations.json.sh", b"#!/bin/sh"),
        ("chat.html", b"<p>"),
        ("../export/conversations.json", &archive),
    ];
    let read = read_file(&zipped(&tricks)).unwrap();
    let document = document::read(read, None, Some("export.zip")).unwrap();
    assert_eq!(document.export.unwrap().measured.len(), 2);

    let bomb = vec![b' '; 30 << 20];
    let error = read_file(&zipped(&[("conversations.json", &bomb)])).unwrap_err();
    assert!(error.contains("far larger"), "{error}");

    // Other archives stay what they are, and say so.
    let other = read_file(&zipped(&[("word/document.xml", b"<w:document/>")])).unwrap();
    assert!(document::read(other, None, Some("a.docx")).is_err());
    let cut = fs::read(zipped(&[("conversations.json", &archive)]).path()).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &cut[..cut.len() / 2]).unwrap();
    assert!(document::read(read_file(&file).unwrap(), None, Some("cut.zip")).is_err());
}

/// Payloads that repeat one thing many times; what is repeated goes where the
/// mark is, joined by commas.
const HOSTILE: [(&str, &str, &str); 12] = [
    (
        "annotations beyond the end",
        "R~short~",
        r#"{"type":"url_citation","start_index":9,"end_index":99,"url":"https://a.org"}"#,
    ),
    (
        "annotations on one place",
        "R~long~",
        r#"{"type":"url_citation","start_index":0,"end_index":9,"url":"https://a.org"}"#,
    ),
    (
        "annotations over everything",
        "R~long~",
        r#"{"type":"url_citation","start_index":0,"end_index":2000,"url":"https://a.org"}"#,
    ),
    ("quotations that are nowhere", "C~long~", r#"{"start":0,"end":9,"text":"nowhere to be found","sources":[]}"#),
    ("quotations that are everywhere", "C~long~", r#"{"start":7,"end":9,"text":"a","sources":[]}"#),
    ("blank quotations", "C~long~", r#"{"start":7,"end":9,"text":" ","sources":[]}"#),
    ("parts", "P~", r#"{"text":"a "}"#),
    ("thoughts", "P~", r#"{"text":"a","thought":true}"#),
    ("keys", "K~", r#""output":[]"#),
    ("depth", "D~", "["),
    ("markers in the text", "T~", "([a](https://a.org)) "),
    ("marks in the text", "T~", "`[1] \\ue202turn0search0 \u{E200}【"),
];

fn hostile(shape: &str, unit: &str, size: usize) -> String {
    let count = size / unit.len() + 1;
    let many = |joint: &str| vec![unit; count].join(joint);
    let text = "([a](https://a.org/b)) — a 🇳🇴 ".repeat(size / 60 + 1);
    let responses = |text: &str, notes: &str| {
        format!(
            r#"{{"output":[{{"type":"message","content":[{{"type":"output_text","text":"{text}","annotations":[{notes}]}}]}}]}}"#
        )
    };
    match shape {
        "R~short~" => responses("short", &many(",")),
        "R~long~" => responses(&text, &many(",")),
        "C~long~" => {
            format!(r#"{{"text":"{text}","citations":[{}]}}"#, many(",").replace("\"sources\"", "\"document_ids\""))
        }
        "P~" => format!(
            r#"{{"candidates":[{{"content":{{"parts":[{}]}},"groundingMetadata":{{"groundingSupports":[{{"segment":{{"endIndex":1,"text":"a"}}}}]}}}}]}}"#,
            many(",")
        ),
        "K~" => format!("{{{}}}", many(",")),
        "D~" => many(""),
        _ => responses(&many(""), r#"{"type":"url_citation","start_index":1,"end_index":9,"url":"https://a.org"}"#),
    }
}

#[test]
fn time_stays_linear_on_hostile_payloads() {
    let time = |payload: &str| {
        let start = Instant::now();
        if let Ok(document) = document::read(payload.as_bytes().to_vec(), Some(Format::Export), None) {
            let _ = check::check("hostile".to_owned(), &document, &CheckSettings::default());
        }
        if let Ok(export) = export::read(payload) {
            for answer in &export.answers {
                let _ = export::render(answer, CitationStyle::Numeric);
            }
        }
        start.elapsed()
    };
    let mut failures = Vec::new();
    for (name, shape, unit) in HOSTILE {
        let (small, large) = (hostile(shape, unit, 10_000), hostile(shape, unit, 80_000));
        // Another program may take the machine for a while: try again.
        let mut tries = (0..4).map(|_| (time(&small).max(Duration::from_millis(2)), time(&large)));
        if !tries.any(|(base, taken)| taken <= base * 24) {
            failures.push(format!("{name}: {:?}, and {:?} for 8 times as much", time(&small), time(&large)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Makes an archive while it is read.
struct Growing {
    conversation: Vec<u8>,
    left: usize,
    pending: Cursor<Vec<u8>>,
    given: Rc<Cell<usize>>,
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut count = self.pending.read(buffer)?;
        if count == 0 && self.left > 0 {
            self.left -= 1;
            self.pending = Cursor::new(self.conversation.clone());
            count = self.pending.read(buffer)?;
        }
        self.given.set(self.given.get() + count);
        Ok(count)
    }
}

#[test]
fn an_archive_of_any_size_is_read_conversation_by_conversation() {
    let folder = Path::new(FIXTURES).join("chatgpt");
    let article = fs::read_to_string(folder.join("conversation.domain.md")).unwrap();
    let mut conversation = fs::read(folder.join("conversation.json")).unwrap();
    conversation.push(b',');
    let size = conversation.len();
    let given = Rc::new(Cell::new(0));
    let pending = Cursor::new(b"[".to_vec());
    let growing = Growing { conversation, left: 400, pending, given: Rc::clone(&given) };
    let mut count = 0;
    let vendor = export::read_each(growing, None, &mut |answer| {
        count += 1;
        assert_eq!(export::render(&answer, CitationStyle::Domain).unwrap().text, article);
        // No more was read than this conversation and one piece of the file.
        assert!(given.get() <= count * size + (1 << 17), "{} bytes for {count}", given.get());
    });
    assert_eq!((vendor.unwrap().name, count), ("chatgpt", 400));
}

#[test]
fn both_doors_lead_to_the_same_answers() {
    let archive = fs::read(Path::new(FIXTURES).join("chatgpt/archive.conversations")).unwrap();
    let mut names = Vec::new();
    export::read_each(archive.as_slice(), Some("Ferries"), &mut |answer| names.push(answer.conversation)).unwrap();
    assert_eq!(names, [Some("c-1".to_owned())]);
    assert!(export::read_each(archive.as_slice(), Some("c-9"), &mut |_| ()).is_err());
    assert!(export::read_each("\u{FEFF}{}".as_bytes(), None, &mut |_| ()).is_err());
    for path in fixtures() {
        let payload = payload_of(&path);
        let mut answers = Vec::new();
        export::read_each(payload.as_bytes(), None, &mut |answer| answers.push(answer.text)).unwrap();
        let whole: Vec<_> = export::read(&payload).unwrap().answers.into_iter().map(|answer| answer.text).collect();
        assert_eq!(answers, whole, "{}", path.display());
    }
}

#[test]
fn the_answer_that_an_article_was_made_from_is_found() {
    let archive = fs::read_to_string(Path::new(FIXTURES).join("chatgpt/archive.conversations")).unwrap();
    let answers = export::read(&archive).unwrap().answers;
    // The first label stands inside a word, and words are gone.
    let damaged = "The ferry 🇳🇴 sails at no(harbour.example.org)ain. Cafe\u{301}s near the quay open at 9\u{202F}h. \
                   Plain words close the day.";
    let found = export::answer_of(&answers, damaged).unwrap();
    assert_eq!(found.conversation.as_deref(), Some("c-1"));
    assert!(export::answer_of(&answers, "An article about something else entirely, and as long as that.").is_none());
}
