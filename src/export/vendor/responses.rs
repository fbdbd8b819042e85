//! `OpenAI`'s Responses API, also as Azure, Perplexity and xAI serve it:
//! `output[]` of type `message`, in it `content[]` of type `output_text` with
//! `annotations[]` beside `text`. Offsets count in the part.
//!
//! `url_citation` spans the marker in the text; `file_citation.index` is a
//! point; `file_path.index` counts files and not text, so it is left alone.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "openai-responses",
    title: "Responses API",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn is_message(item: Value<'_>) -> bool {
    item.at("type").is("message") && item.at("content").is_array()
}

fn recognises(value: Value<'_>) -> bool {
    value.at("output").items().any(is_message)
}

fn read(response: Value<'_>, drafts: &mut Vec<Draft>) {
    for message in response.at("output").items().filter(|item| is_message(*item)) {
        let mut draft = Draft::of(message);
        for content in message.at("content").items().filter(|content| content.at("type").is("output_text")) {
            let part = draft.say(content.at("text"));
            for note in content.at("annotations").items().filter_map(annotation) {
                draft.annotate(note.in_part(part));
            }
        }
        drafts.push(draft);
    }
}

/// One of `OpenAI`'s annotations.
pub(super) fn annotation(value: Value<'_>) -> Option<Annotation> {
    let source = Source::of(value);
    let spanning = |note: Annotation| note.between(value.at("start_index"), value.at("end_index"));
    match value.at("type").text()?.as_ref() {
        "url_citation" => Some(spanning(Annotation::new(Role::Marker, value)).or_claim().citing(source)),
        "container_file_citation" => Some(spanning(Annotation::new(Role::Marker, value))),
        "file_citation" => {
            let index = value.at("index");
            let point = Annotation::new(Role::Point, value).between(index, index);
            Some(point.citing(source))
        }
        _ => None,
    }
}

fn is_event(value: Value<'_>) -> bool {
    value.at("type").text().is_some_and(|name| name.starts_with("response."))
}

/// The last event repeats the whole response; where the stream broke off, the
/// finished parts are there, and before them the pieces.
fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let whole = events.iter().rev().map(|event| event.at("response")).find(|response| recognises(*response));
    if let Some(response) = whole {
        return read(response, drafts);
    }
    let mut draft = Draft::default();
    for event in events {
        if event.at("type").is("response.output_text.delta") {
            draft.say_on(event.at("delta"));
        } else if event.at("type").is("response.output_text.annotation.added")
            && let Some(note) = annotation(event.at("annotation"))
        {
            draft.annotate(note);
        }
    }
    drafts.push(draft);
}
