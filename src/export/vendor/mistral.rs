//! Mistral: a message is a list of chunks, text and references in turn, so
//! the order says where a citation belongs. `reference` names its sources by
//! number only, `tool_reference` of the agents by title and address.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "mistral",
    title: "Mistral chat and agents",
    recognises,
    read,
    stream: Some(Stream { recognises: is_chunk, read: read_chunks }),
};

fn is_reference(chunk: Value<'_>) -> bool {
    chunk.at("type").is("reference") || chunk.at("type").is("tool_reference")
}

fn recognises(value: Value<'_>) -> bool {
    contents(value).any(|content| content.items().any(is_reference))
}

fn contents(value: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let choices = value.at("choices").items().map(|choice| choice.at("message").at("content"));
    choices.chain(value.at("outputs").items().map(|output| output.at("content")))
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    for content in contents(value) {
        let mut draft = Draft::of(value);
        say(&mut draft, content);
        drafts.push(draft);
    }
}

fn say(draft: &mut Draft, content: Value<'_>) {
    if content.is_string() {
        draft.say_on(content);
    }
    for chunk in content.items().chain(content.is_object().then_some(content)) {
        if !is_reference(chunk) {
            draft.say_on(chunk.at("text"));
            continue;
        }
        let at = draft.text.text().len();
        let mut note = Annotation::new(Role::Point, chunk).given(at..at).citing(Source {
            url: chunk.at("url").string(),
            title: chunk.at("title").string(),
            site: None,
        });
        for id in chunk.at("reference_ids").items() {
            let title = id.string().or_else(|| Some(id.integer()?.to_string()));
            note = note.citing(Source { title, ..Source::default() });
        }
        draft.annotate(note);
    }
}

fn is_chunk(value: Value<'_>) -> bool {
    value.at("choices").items().any(|choice| choice.at("delta").at("content").items().any(is_reference))
        || value.at("type").is("message.output.delta")
}

fn read_chunks(chunks: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let mut draft = chunks.first().map(|chunk| Draft::of(*chunk)).unwrap_or_default();
    for chunk in chunks {
        let delta = chunk.at("choices").item(0).at("delta").at("content");
        let output = chunk.at("type").is("message.output.delta");
        say(&mut draft, if output { chunk.at("content") } else { delta });
    }
    drafts.push(draft);
}
