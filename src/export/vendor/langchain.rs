//! `LangChain`'s messages, as Python and JavaScript write them: content blocks
//! of type `text` with `citation` annotations. It copies the provider's
//! offsets without their unit, so nothing but measuring helps.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "langchain", title: "LangChain messages", recognises, read, stream: None };

/// The message itself; a serialised object holds it in `kwargs`, a stored one
/// in `data`.
fn message(value: Value<'_>) -> Value<'_> {
    let inner = value.any(&["kwargs", "data"]);
    if inner.at("content").exists() { inner } else { value }
}

fn is_citation(value: Value<'_>) -> bool {
    value.at("type").is("citation")
}

fn recognises(value: Value<'_>) -> bool {
    let message = message(value);
    let is_ai = value.at("type").is("ai")
        || message.at("type").is("ai")
        || value.at("id").items().any(|part| part.is("AIMessage") || part.is("AIMessageChunk"))
        || message.any(&["response_metadata", "responseMetadata"]).exists();
    let is_block = |block: Value<'_>| block.at("type").is("text") && block.at("text").is_string();
    is_ai && (message.at("content").is_string() || message.at("content").items().any(is_block))
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    let message = message(value);
    let mut draft = Draft { id: message.at("id").string(), ..Draft::default() };
    if message.at("content").is_string() {
        draft.say(message.at("content"));
    }
    for block in message.at("content").items().filter(|block| block.at("type").is("text")) {
        let part = draft.say(block.at("text"));
        let citations = block.any(&["annotations", "citations"]);
        let is_of_answer = quotes_answer(&draft, part, citations);
        for citation in citations.items().filter(|citation| is_citation(*citation) || citation.at("url").exists()) {
            cite(&mut draft, part, citation, is_of_answer);
        }
    }
    drafts.push(draft);
}

const QUOTES: [&str; 2] = ["cited_text", "citedText"];

/// Whether `cited_text` quotes the answer, as with Google, or the source, as
/// with Anthropic: the first one tells.
fn quotes_answer(draft: &Draft, part: usize, citations: Value<'_>) -> bool {
    let first = citations.items().find_map(|citation| citation.any(&QUOTES).string());
    let text = draft.text.text().get(draft.part(part)).unwrap_or_default();
    first.is_some_and(|quote| text.contains(&quote))
}

fn cite(draft: &mut Draft, part: usize, citation: Value<'_>, quotes_answer: bool) {
    let (start, end) = (citation.any(&["start_index", "startIndex"]), citation.any(&["end_index", "endIndex"]));
    let mut note = if start.exists() || end.exists() {
        Annotation::new(Role::Marker, citation).up_to(start, end).or_claim()
    } else {
        // A claim in a block of its own.
        Annotation::new(Role::Claim, citation).given(draft.part(part))
    };
    if quotes_answer {
        note = note.quoting(citation.any(&QUOTES));
    }
    draft.annotate(note.citing(Source::of(citation)).in_part(part));
}
