//! Vercel's AI SDK: messages of parts, text and sources in turn. Sources have
//! no place; `OpenAI`'s annotations survive in the metadata of the text part.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::responses;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "vercel-ai-sdk",
    title: "Vercel AI SDK",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn is_source(part: Value<'_>) -> bool {
    part.at("type").is("source-url")
        || part.at("type").is("source") && (part.at("sourceType").exists() || part.at("source").is_object())
}

fn metadata(part: Value<'_>) -> Value<'_> {
    let providers = part.any(&["providerMetadata", "providerOptions"]);
    providers.any(&["openai", "azure"]).at("annotations")
}

fn parts(message: Value<'_>) -> Value<'_> {
    let parts = message.at("parts");
    if parts.is_array() { parts } else { message.at("content") }
}

fn recognises(value: Value<'_>) -> bool {
    (value.at("role").is("assistant") || !value.at("role").exists())
        && parts(value).items().any(|part| is_source(part) || metadata(part).is_array())
}

fn read(message: Value<'_>, drafts: &mut Vec<Draft>) {
    let mut draft = Draft::of(message);
    for part in parts(message).items() {
        if part.at("type").is("text") {
            let index = draft.say(part.at("text"));
            for note in metadata(part).items().filter_map(responses::annotation) {
                draft.annotate(note.in_part(index));
            }
        }
    }
    // The annotations say where, the sources only what.
    if draft.annotations.is_empty() {
        parts(message).items().filter(|part| is_source(*part)).for_each(|part| list(&mut draft, part));
    }
    drafts.push(draft);
}

fn list(draft: &mut Draft, part: Value<'_>) {
    let inner = part.any(&["source"]);
    let source = if inner.is_object() { inner } else { part };
    draft.annotate(Annotation::new(Role::Marker, part).or_claim().citing(Source::of(source)));
}

fn is_event(value: Value<'_>) -> bool {
    value.at("type").is("text-delta") || value.at("type").is("source-url") && value.at("sourceId").exists()
}

fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let mut draft = Draft::default();
    for event in events {
        if event.at("type").is("text-delta") {
            draft.say_on(event.any(&["delta", "text", "textDelta"]));
        }
    }
    events.iter().filter(|event| is_source(**event)).for_each(|event| list(&mut draft, *event));
    drafts.push(draft);
}
