//! Google's Interactions API: `steps[].content[]` of type `text` with
//! `annotations[]`. A `url_citation` has `OpenAI`'s name and spans a claim,
//! not a marker, counted in bytes of the part.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "gemini-interactions",
    title: "Gemini Interactions API",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn is_text(content: Value<'_>) -> bool {
    content.at("type").is("text") && content.at("text").is_string()
}

fn recognises(value: Value<'_>) -> bool {
    value.at("steps").items().any(|step| step.at("content").items().any(is_text))
        || value.at("object").is("interaction") && value.at("outputs").items().any(is_text)
}

fn read(interaction: Value<'_>, drafts: &mut Vec<Draft>) {
    let mut draft = Draft::of(interaction);
    for step in interaction.at("steps").items() {
        step.at("content").items().for_each(|content| say(&mut draft, content));
    }
    interaction.at("outputs").items().for_each(|content| say(&mut draft, content));
    drafts.push(draft);
}

fn say(draft: &mut Draft, content: Value<'_>) {
    if is_text(content) {
        let part = draft.say(content.at("text"));
        annotate(draft, content.at("annotations"), part);
    }
}

fn annotate(draft: &mut Draft, annotations: Value<'_>, part: usize) {
    for value in annotations.items() {
        let source = Source {
            url: value.any(&["url", "document_uri", "uri"]).string(),
            title: value.any(&["title", "file_name", "name"]).string(),
            site: None,
        };
        let note = Annotation::new(Role::Claim, value).up_to(value.at("start_index"), value.at("end_index"));
        draft.annotate(note.citing(source).in_part(part));
    }
}

fn is_event(value: Value<'_>) -> bool {
    value.at("event_type").text().is_some_and(|name| name.starts_with("interaction.") || name.starts_with("content."))
}

fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    if let Some(whole) = events.iter().rev().map(|event| event.at("interaction")).find(|value| recognises(*value)) {
        return read(whole, drafts);
    }
    let mut draft = Draft::default();
    for event in events.iter().map(|event| event.at("delta")) {
        if event.at("text").is_string() && !event.at("type").is("thought_summary") {
            let part = draft.say_on(event.at("text"));
            annotate(&mut draft, event.at("annotations"), part);
        }
    }
    drafts.push(draft);
}
