//! Claude's data export, an archive of conversations, and one of them as its
//! web client loads it. `citations[]` of a content block count in that block,
//! not in the message's `text`, which joins all blocks.

use std::collections::HashMap;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "claude", title: "Claude conversation or data export", recognises, read, stream: None };

fn recognises(value: Value<'_>) -> bool {
    value.at("chat_messages").is_array()
}

fn read(conversation: Value<'_>, drafts: &mut Vec<Draft>) {
    for message in active_branch(conversation) {
        if !message.at("sender").is("assistant") {
            continue;
        }
        let mut draft = Draft::of(message);
        draft.conversation = conversation.any(&["uuid", "id"]).string();
        draft.title = conversation.at("name").string();
        for block in message.at("content").items().filter(|block| block.at("type").is("text")) {
            let part = draft.say(block.at("text"));
            for note in block.at("citations").items().map(annotation) {
                draft.annotate(note.in_part(part));
            }
        }
        if draft.parts.is_empty() {
            draft.say(message.at("text"));
        }
        drafts.push(draft);
    }
}

fn annotation(value: Value<'_>) -> Annotation {
    let details = value.at("details");
    let source = Source {
        url: value.at("url").string().or_else(|| details.at("url").string()),
        title: value.at("title").string().or_else(|| details.at("title").string()),
        site: None,
    };
    Annotation::new(Role::Claim, value).between(value.at("start_index"), value.at("end_index")).citing(source)
}

/// The branch that ends in the current message; without one, all messages.
fn active_branch(conversation: Value<'_>) -> Vec<Value<'_>> {
    let messages = conversation.at("chat_messages");
    let by_id: HashMap<_, _> =
        messages.items().filter_map(|message| Some((message.at("uuid").text()?, message))).collect();
    let leaf = conversation.at("current_leaf_message_uuid").text().filter(|id| by_id.contains_key(id));
    let Some(mut id) = leaf else { return messages.items().collect() };
    let mut branch = Vec::new();
    // A chain longer than there are messages runs in a circle.
    while let Some(message) = by_id.get(&id).filter(|_| branch.len() <= by_id.len()) {
        branch.push(*message);
        let Some(parent) = message.at("parent_message_uuid").text() else { break };
        id = parent;
    }
    branch.reverse();
    branch
}
