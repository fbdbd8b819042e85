//! What a repair may do to any bytes: change what it says and nothing else,
//! write no word that nothing attests, and be done with it at once.

use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::repair::{AskNobody, RepairSettings, Witness, repair};

/// Repairs the bytes alone, and with a copy of themselves that lost or gained
/// a stretch: both must leave the same laws standing.
pub fn repairs(data: &[u8]) {
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Export) {
        let Ok(document) = document::read(data.to_vec(), Some(format), None) else { continue };
        repaired(&document, data, &[]);
        repaired(&document, data, &copies(data));
    }
}

/// The bytes without their middle, and with it twice.
fn copies(data: &[u8]) -> [Vec<u8>; 2] {
    let (third, rest) = data.split_at(data.len() / 3);
    let (middle, last) = rest.split_at(rest.len() / 2);
    [[third, last].concat(), [third, middle, middle, last].concat()]
}

fn settings(format: Format, witnesses: &[Vec<u8>]) -> RepairSettings {
    let read = |bytes: &Vec<u8>| document::read(bytes.clone(), Some(format), None).ok();
    RepairSettings {
        witnesses: witnesses.iter().filter_map(read).map(Witness::new).collect(),
        ..RepairSettings::default()
    }
}

fn repaired(document: &Document, data: &[u8], witnesses: &[Vec<u8>]) {
    let format = document.format;
    let repaired = repair(document, "law", &settings(format, witnesses), &mut AskNobody);
    let Ok(after) = document.rewrite(data, &repaired.changes) else { return };
    // Between the edits every byte is the file's own.
    let (mut read, mut written) = (0, 0);
    for edit in repaired.changes.edits() {
        let gone = document.origin_span(edit.span).range();
        let kept = data.get(read..gone.start).expect("edits are in order, on the bytes of the file");
        assert_eq!(after.get(written..written + kept.len()), Some(kept), "bytes outside of edits stay");
        let replacement = document.encode(edit).expect("what was written can be encoded");
        written += kept.len() + replacement.len();
        read = gone.end;
    }
    assert_eq!(data.get(read..), after.get(written..), "the end of the file stays");
    let bytes = [data].into_iter().chain(witnesses.iter().map(Vec::as_slice));
    let texts = bytes.filter_map(|bytes| document::read(bytes.to_vec(), Some(format), None).ok());
    let texts: Vec<(Document, String)> = texts
        .map(|text| {
            let bare = bare(&text);
            (text, bare)
        })
        .collect();
    let attested = |word: &str| {
        texts.iter().any(|(text, bare)| text.text.contains(word) || text.source.contains(word) || bare.contains(word))
    };
    for made in &repaired.made {
        let is_decoded = made.rule.family.name() == "encoding";
        let after = ["&amp;", "&lt;", "&gt;", "<br>", "<p>", "</p>"]
            .iter()
            .fold(made.after.clone(), |text, escape| text.replace(escape, " "));
        for word in after.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !is_decoded) {
            assert!(attested(word) || is_joined(word, &made.before), "“{word}” stands nowhere: {}", made.rule.name);
        }
    }
    if repaired.refused.is_empty()
        && let Ok(again) = document::read(after, Some(format), None)
        && again.encoding == document.encoding
    {
        let twice = repair(&again, "law", &settings(format, witnesses), &mut AskNobody);
        assert!(twice.changes.is_empty(), "a second repair changes nothing: {:?}", twice.changes);
    }
}

/// The text without its labels: a copy is compared, and speaks, without them.
fn bare(document: &Document) -> String {
    let mut bare = document.text.to_string();
    for label in citation::extract(document).iter().rev().filter(|citation| citation.kind.is_label()) {
        bare.replace_range(label.span.range(), "");
    }
    bare
}

/// Whether the letters of a word stood there in that order, something between
/// them.
fn is_joined(word: &str, before: &str) -> bool {
    let mut rest = before.chars();
    word.chars().all(|c| rest.any(|other| other == c))
}
