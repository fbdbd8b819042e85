//! `OpenAI`'s Chat Completions, and the many products of the same shape:
//! `choices[].message`, with `annotations[].url_citation` one level deep.
//!
//! `OpenRouter` writes 0 and 0 for every citation: then the markers in the
//! text say where they belong.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "openai-chat",
    title: "Chat Completions",
    recognises,
    read,
    stream: Some(Stream { recognises: is_chunk, read: read_chunks }),
};

fn recognises(value: Value<'_>) -> bool {
    value.at("choices").items().any(|choice| choice.at("message").at("content").exists())
}

fn read(completion: Value<'_>, drafts: &mut Vec<Draft>) {
    for choice in completion.at("choices").items() {
        let message = choice.at("message");
        let mut draft = Draft::of(completion);
        say_content(&mut draft, message.at("content"));
        annotate(&mut draft, message.at("annotations"));
        drafts.push(draft);
    }
}

/// A message's text: one string, or a list of parts.
pub(super) fn say_content(draft: &mut Draft, content: Value<'_>) {
    if content.is_string() {
        draft.say(content);
    }
    for part in content.items() {
        if part.is_string() {
            draft.say(part);
        } else if part.at("text").is_string() {
            draft.say(part.at("text"));
        }
    }
}

fn annotate(draft: &mut Draft, annotations: Value<'_>) {
    for value in annotations.items().filter(|value| value.at("type").is("url_citation")) {
        let inner = value.any(&["url_citation"]);
        let citation = if inner.is_object() { inner } else { value };
        let note = Annotation::new(Role::Marker, value)
            .between(citation.at("start_index"), citation.at("end_index"))
            .or_claim()
            .citing(Source::of(citation));
        draft.annotate(note);
    }
}

fn is_chunk(value: Value<'_>) -> bool {
    value.at("object").is("chat.completion.chunk")
        || value.at("choices").items().any(|choice| choice.at("delta").is_object())
}

fn read_chunks(chunks: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let mut draft = chunks.first().map(|chunk| Draft::of(*chunk)).unwrap_or_default();
    for chunk in chunks {
        // One answer is read; further choices are its variants.
        let delta = chunk.at("choices").item(0).at("delta");
        if delta.at("content").is_string() {
            draft.say_on(delta.at("content"));
        }
        annotate(&mut draft, delta.at("annotations"));
    }
    drafts.push(draft);
}
