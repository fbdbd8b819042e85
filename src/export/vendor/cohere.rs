//! Cohere's Chat API, both versions: `citations[]` quote the claim in `text`;
//! `start` and `end` count in the content that `type` and `content_index`
//! name.

use std::collections::HashMap;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "cohere",
    title: "Cohere Chat API",
    recognises,
    read,
    stream: Some(Stream { recognises: is_event, read: read_events }),
};

fn is_citation(value: Value<'_>) -> bool {
    value.at("start").exists()
        && value.at("end").exists()
        && (value.at("sources").is_array() || value.at("document_ids").is_array())
}

fn recognises(value: Value<'_>) -> bool {
    let v1 = value.at("text").is_string() && value.at("citations").items().any(is_citation);
    let v2 =
        value.at("message").at("content").is_array() && value.at("message").at("citations").items().any(is_citation);
    v1 || v2
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    let mut draft = Draft::of(value);
    if value.at("text").is_string() {
        draft.say(value.at("text"));
        let documents = documents(value.at("documents"));
        value.at("citations").items().for_each(|citation| cite(&mut draft, citation, &documents));
    } else {
        let message = value.at("message");
        for content in message.at("content").items() {
            if content.at("type").is("thinking") {
                draft.think(content.at("thinking"));
            } else {
                draft.say(content.at("text"));
            }
        }
        message.at("citations").items().for_each(|citation| cite(&mut draft, citation, &HashMap::new()));
    }
    drafts.push(draft);
}

/// Version 1 lists its documents once, by identifier.
fn documents(list: Value<'_>) -> HashMap<String, Source> {
    list.items().filter_map(|document| Some((document.at("id").string()?, Source::of(document)))).collect()
}

fn cite(draft: &mut Draft, citation: Value<'_>, documents: &HashMap<String, Source>) {
    let is_answer = !citation.at("type").exists() || citation.at("type").is("TEXT_CONTENT");
    let role = if is_answer { Role::Claim } else { Role::Aside };
    let mut note =
        Annotation::new(role, citation).between(citation.at("start"), citation.at("end")).quoting(citation.at("text"));
    note.part = citation.at("content_index").index().or(Some(0));
    for source in citation.at("sources").items() {
        let document = source.any(&["document", "tool_output"]);
        let mut named = Source::of(document);
        named.title = named.title.or_else(|| document.any(&["id"]).string()).or_else(|| source.at("id").string());
        note = note.citing(named);
    }
    for id in citation.at("document_ids").items().filter_map(Value::string) {
        let known = documents.get(&id).cloned().filter(|source| !source.is_empty());
        note = note.citing(known.unwrap_or(Source { title: Some(id), ..Source::default() }));
    }
    draft.annotate(note);
}

fn is_event(value: Value<'_>) -> bool {
    matches!(
        value.at("type").text().as_deref(),
        Some("content-start" | "content-delta" | "content-end" | "citation-start" | "citation-end" | "message-end")
    )
}

fn read_events(events: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let mut draft = events.first().map(|event| Draft::of(*event)).unwrap_or_default();
    for event in events.iter().filter(|event| event.at("type").is("content-delta")) {
        let content = event.at("delta").at("message").at("content");
        if content.at("text").is_string() {
            draft.say_on(content.at("text"));
        }
    }
    for event in events.iter().filter(|event| event.at("type").is("citation-start")) {
        cite(&mut draft, event.at("delta").at("message").at("citations"), &HashMap::new());
    }
    drafts.push(draft);
}
