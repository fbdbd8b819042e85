//! `OpenAI`'s Assistants: messages of a thread, `content[].text.value` with
//! `text.annotations[]`, each of which quotes the marker that it spans.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "openai-assistants",
    title: "OpenAI Assistants",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn is_message(value: Value<'_>) -> bool {
    value.at("content").items().any(|content| content.at("text").at("value").is_string())
}

fn recognises(value: Value<'_>) -> bool {
    is_message(value) || value.at("data").items().any(is_message)
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    if is_message(value) {
        message(value, drafts);
    }
    for value in value.at("data").items() {
        message(value, drafts);
    }
}

fn message(value: Value<'_>, drafts: &mut Vec<Draft>) {
    if value.at("role").is("user") {
        return;
    }
    let mut draft = Draft::of(value);
    for content in value.at("content").items() {
        let text = content.at("text");
        let part = draft.say(text.at("value"));
        for note in text.at("annotations").items().map(annotation) {
            draft.annotate(note.in_part(part));
        }
    }
    drafts.push(draft);
}

fn annotation(value: Value<'_>) -> Annotation {
    let file = value.any(&["file_citation", "file_path"]).at("file_id").string();
    Annotation::new(Role::Marker, value)
        .between(value.at("start_index"), value.at("end_index"))
        .quoting(value.at("text"))
        .citing(Source { title: file, ..Source::default() })
}

fn is_event(value: Value<'_>) -> bool {
    value.at("object").is("thread.message.delta")
}

/// Where the stream was kept to its end, the whole message is its last event.
fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    if let Some(whole) = events.iter().rev().find(|event| is_message(**event) && !is_event(**event)) {
        return message(*whole, drafts);
    }
    let mut draft = events.first().map(|event| Draft::of(*event)).unwrap_or_default();
    for event in events.iter().filter(|event| is_event(**event)) {
        for content in event.at("delta").at("content").items() {
            draft.say_on(content.at("text").at("value"));
            for note in content.at("text").at("annotations").items().map(annotation) {
                draft.annotate(note);
            }
        }
    }
    drafts.push(draft);
}
