//! Anthropic's Messages API: an answer comes in blocks, and each cited claim
//! is a block of its own with `citations[]`. The offsets in them count in the
//! sources, not in the answer, so the blocks say where citations belong.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "anthropic-messages",
    title: "Anthropic Messages API",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn recognises(value: Value<'_>) -> bool {
    value.at("role").is("assistant")
        && value.at("content").items().any(|block| block.at("type").is("text") && block.at("text").is_string())
        && (value.at("type").is("message") || value.at("content").items().any(|block| block.at("citations").is_array()))
}

fn read(message: Value<'_>, drafts: &mut Vec<Draft>) {
    let mut draft = Draft::of(message);
    for block in message.at("content").items().filter(|block| block.at("type").is("text")) {
        let part = draft.say(block.at("text"));
        cite(&mut draft, part, block.at("citations").items());
    }
    drafts.push(draft);
}

/// Puts the sources of a block behind it.
fn cite<'v>(draft: &mut Draft, part: usize, citations: impl Iterator<Item = Value<'v>>) {
    for citation in citations {
        let source = Source {
            url: citation.any(&["url", "source"]).string(),
            title: citation.any(&["title", "document_title"]).string(),
            site: None,
        };
        let range = draft.part(part);
        draft.annotate(Annotation::new(Role::Claim, citation).given(range).citing(source));
    }
}

fn is_event(value: Value<'_>) -> bool {
    matches!(
        value.at("type").text().as_deref(),
        Some("message_start" | "content_block_start" | "content_block_delta" | "content_block_stop" | "message_delta")
    )
}

fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let start = events.iter().map(|event| event.at("message")).find(|message| message.exists());
    let mut draft = start.map(Draft::of).unwrap_or_default();
    let mut part = None;
    let mut citations = Vec::new();
    for event in events {
        let delta = event.at("delta");
        if event.at("type").is("content_block_start") {
            finish(&mut draft, part.take(), &mut citations);
        } else if delta.at("type").is("text_delta") {
            part = Some(match part {
                None => draft.say(delta.at("text")),
                Some(_) => draft.say_on(delta.at("text")),
            });
        } else if delta.at("type").is("citations_delta") {
            citations.push(delta.at("citation"));
        }
    }
    finish(&mut draft, part, &mut citations);
    drafts.push(draft);
}

fn finish(draft: &mut Draft, part: Option<usize>, citations: &mut Vec<Value<'_>>) {
    let citations = std::mem::take(citations);
    if let Some(part) = part {
        cite(draft, part, citations.into_iter());
    }
}
