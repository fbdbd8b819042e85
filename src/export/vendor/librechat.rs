//! `LibreChat`: anchors such as U+E202 `turn0search1` stand in the text, often
//! written out as `\ue202turn0search1`; the message's `attachments` hold the
//! search results by turn.

use std::ops::Range;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "librechat", title: "LibreChat conversation", recognises, read, stream: None };

fn is_message(value: Value<'_>) -> bool {
    value.at("messageId").exists() && value.at("isCreatedByUser").exists()
}

fn recognises(value: Value<'_>) -> bool {
    is_message(value) || value.at("messages").items().any(is_message)
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    let alone = is_message(value).then_some(value);
    for message in value.at("messages").items().chain(alone) {
        if message.at("isCreatedByUser").is_true() {
            continue;
        }
        let mut draft = Draft { id: message.at("messageId").string(), ..Draft::default() };
        draft.conversation = message.at("conversationId").string();
        draft.title = value.at("title").string();
        let parts = message.at("content").items().filter(|part| part.at("type").is("text"));
        for part in parts {
            let text = part.at("text");
            draft.say(if text.is_string() { text } else { text.at("value") });
        }
        if draft.parts.is_empty() {
            draft.say(message.at("text"));
        }
        cite(&mut draft, message.at("attachments"));
        drafts.push(draft);
    }
}

fn cite(draft: &mut Draft, attachments: Value<'_>) {
    for (range, references) in anchors(draft.text.text()) {
        let sources: Vec<Source> = references.iter().filter_map(|reference| resolve(attachments, reference)).collect();
        if !sources.is_empty() {
            let note = Annotation::new(Role::Marker, attachments).given(range);
            draft.annotate(sources.into_iter().fold(note, Annotation::citing));
        }
    }
}

/// `turn0search3`: a result of one kind, of one turn.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    turn: usize,
    kind: &'static str,
    index: usize,
}

/// The list of an attachment that each kind of reference counts in.
const KINDS: [(&str, &str); 4] =
    [("search", "organic"), ("news", "topStories"), ("image", "images"), ("ref", "references")];

fn resolve(attachments: Value<'_>, reference: &Reference) -> Option<Source> {
    let results = attachments
        .items()
        .map(|attachment| attachment.any(&["web_search", "search"]))
        .find(|results| results.exists() && results.at("turn").index().unwrap_or_default() == reference.turn)?;
    let source = Source::of(results.at(reference.kind).item(reference.index));
    (!source.is_empty()).then_some(source)
}

/// Anchors in the text, those that follow each other as one.
fn anchors(text: &str) -> Vec<(Range<usize>, Vec<Reference>)> {
    let mut found: Vec<(Range<usize>, Vec<Reference>)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(next_mark).map(|found| at + found) {
        let mut end = start;
        let mut references = Vec::new();
        while let Some(rest) = text.get(end..) {
            let mark = mark_len(rest);
            let named = rest.get(mark..).and_then(reference);
            match named {
                Some((reference, length)) if mark > 0 => {
                    references.push(reference);
                    end += mark + length;
                }
                _ if mark > 0 => end += mark,
                _ => break,
            }
        }
        if !references.is_empty() {
            found.push((start..end, references));
        }
        at = end;
    }
    found
}

fn next_mark(text: &str) -> Option<usize> {
    let raw = text.find(['\u{E200}', '\u{E201}', '\u{E202}', '\u{E206}']);
    let near = raw.map_or(text, |raw| text.get(..raw).unwrap_or_default());
    near.find("\\ue2").filter(|at| near.get(*at..).is_some_and(|rest| mark_len(rest) > 0)).or(raw)
}

/// The length of the mark that starts a text: the character, or its escape.
fn mark_len(text: &str) -> usize {
    if text.starts_with(['\u{E200}', '\u{E201}', '\u{E202}', '\u{E206}']) {
        return 3;
    }
    const ESCAPES: [&str; 4] = ["\\ue200", "\\ue201", "\\ue202", "\\ue206"];
    if ESCAPES.iter().any(|escape| text.starts_with(escape)) { 6 } else { 0 }
}

fn reference(text: &str) -> Option<(Reference, usize)> {
    let rest = text.strip_prefix("turn")?;
    let (turn, rest) = number(rest)?;
    let (kind, list, rest) = KINDS.iter().find_map(|(kind, list)| Some((kind, *list, rest.strip_prefix(kind)?)))?;
    let _ = kind;
    let (index, rest) = number(rest)?;
    Some((Reference { turn, kind: list, index }, text.len() - rest.len()))
}

fn number(text: &str) -> Option<(usize, &str)> {
    let digits = text.bytes().take(4).take_while(u8::is_ascii_digit).count();
    Some((text.get(..digits)?.parse().ok()?, text.get(digits..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_raw_and_written_out() {
        let text = "a \u{E202}turn0search1 b \\ue200\\ue202turn0news0\\ue202turn1search2\\ue201 c \u{E201}";
        let found = anchors(text);
        assert_eq!(found.len(), 2);
        assert_eq!(text.get(found[0].0.clone()), Some("\u{E202}turn0search1"));
        assert_eq!(found[1].1.len(), 2);
        assert_eq!(found[1].1[1], Reference { turn: 1, kind: "organic", index: 2 });
    }
}
