//! ChatGPT: its data export, an archive of conversations, and one
//! conversation as the web client loads it.
//!
//! Messages form a tree; the branch that leads to `current_node` is the one
//! that people saw. `content_references` quote what they span in
//! `matched_text` and count code points in the joined parts. The older
//! `citations` repeat the same spans and are read only where there are none
//! of the former. In the oldest conversations `【3†source】` is number 3 of a
//! list, and nothing has offsets.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "chatgpt", title: "ChatGPT conversation or data export", recognises, read, stream: None };

fn recognises(value: Value<'_>) -> bool {
    value.at("mapping").is_object()
        && value.at("mapping").members().take(4).any(|(_, node)| node.at("children").is_array())
}

fn read(conversation: Value<'_>, drafts: &mut Vec<Draft>) {
    for message in active_branch(conversation) {
        if !message.at("author").at("role").is("assistant") || !addresses_all(message.at("recipient")) {
            continue;
        }
        let content = message.at("content");
        if !matches!(content.at("content_type").text().as_deref(), Some("text" | "multimodal_text") | None) {
            continue;
        }
        let mut draft = Draft::of(message);
        draft.conversation = conversation.any(&["conversation_id", "id"]).string();
        draft.title = conversation.at("title").string();
        for part in content.at("parts").items().filter(|part| part.is_string()) {
            draft.say(part);
        }
        let metadata = message.at("metadata");
        let references = metadata.at("content_references");
        if references.items().next().is_some() {
            references.items().for_each(|value| reference(&mut draft, value));
        } else {
            metadata.at("citations").items().for_each(|value| citation(&mut draft, value));
        }
        if draft.annotations.is_empty() {
            listed(&mut draft, metadata.at("_cite_metadata").at("metadata_list"));
        }
        drafts.push(draft);
    }
}

fn addresses_all(recipient: Value<'_>) -> bool {
    !recipient.exists() || recipient.is("all")
}

/// The messages from the root to the current node. Without a current node,
/// those in the order of the file.
fn active_branch(conversation: Value<'_>) -> Vec<Value<'_>> {
    let nodes: HashMap<_, _> = conversation.at("mapping").members().collect();
    let Some(mut id) = conversation.at("current_node").text().filter(|id| nodes.contains_key(id)) else {
        return conversation.at("mapping").members().map(|(_, node)| node.at("message")).collect();
    };
    let mut branch = Vec::new();
    // A chain longer than there are nodes runs in a circle.
    while let Some(node) = nodes.get(&id).filter(|_| branch.len() <= nodes.len()) {
        branch.push(node.at("message"));
        let Some(parent) = node.at("parent").text() else { break };
        id = parent;
    }
    branch.reverse();
    branch
}

fn reference(draft: &mut Draft, value: Value<'_>) {
    let kind = value.at("type").text().unwrap_or_default();
    let role = match kind.as_ref() {
        "attribution" => Role::Claim,
        "hidden" => Role::Hidden,
        "sources_footnote" | "followup_a" => Role::Aside,
        _ => Role::Marker,
    };
    let mut note = Annotation::new(role, value)
        .between(value.at("start_idx"), value.at("end_idx"))
        .quoting(value.at("matched_text"));
    let items = ["items", "fallback_items", "attributions"].map(|name| value.at(name));
    if let Some(items) = items.into_iter().find(|items| items.items().next().is_some()) {
        note = items.items().fold(note, |note, item| note.citing(Source::of(item)));
    } else if role == Role::Marker {
        note = note.citing(Source::of(value));
        if note.sources.iter().all(|source| source.url.is_none()) {
            // `alt` holds the product's own Markdown for the source.
            let shown = value.at("alt").string();
            note.sources.retain(|_| kind == "file");
            note.shown = if note.sources.is_empty() { Some(shown.unwrap_or_default()) } else { None };
        }
    }
    draft.annotate(note);
}

fn citation(draft: &mut Draft, value: Value<'_>) {
    let note = Annotation::new(Role::Marker, value)
        .between(value.at("start_ix"), value.at("end_ix"))
        .citing(Source::of(value.at("metadata")));
    draft.annotate(note);
}

fn listed(draft: &mut Draft, list: Value<'_>) {
    let sources: Vec<Source> = list.items().map(Source::of).collect();
    for (range, number) in numbered(draft.text.text()) {
        let Some(source) = sources.get(number) else { continue };
        draft.annotate(Annotation::new(Role::Marker, list).given(range).citing(source.clone()));
    }
}

/// All `【n†…】` of a text, with their numbers.
fn numbered(text: &str) -> Vec<(Range<usize>, usize)> {
    /// Titles behind the dagger are short, in bytes.
    const LONGEST: usize = 200;
    let marker = |start: usize| {
        let rest = text.get(start + '【'.len_utf8()..)?;
        let rest = rest.get(..rest.floor_char_boundary(LONGEST))?;
        let (number, _) = rest.split_once('†')?;
        let end = start + '【'.len_utf8() + rest.find('】')? + '】'.len_utf8();
        Some((start..end, number.parse().ok()?))
    };
    memmem::find_iter(text.as_bytes(), "【").filter_map(marker).collect()
}
