//! Open `WebUI`: `[1]` stands in the text and counts the distinct sources of
//! the message, in their order.

use std::collections::{HashMap, HashSet};

use super::super::answer::Source;
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;
use super::perplexity::cite_numbers;

pub(super) static VENDOR: Vendor =
    Vendor { name: "open-webui", title: "Open WebUI chats", recognises, read, stream: None };

fn history(value: Value<'_>) -> Value<'_> {
    let chat = value.at("chat");
    if chat.is_object() { chat.at("history") } else { value.at("history") }
}

fn recognises(value: Value<'_>) -> bool {
    history(value).at("messages").is_object()
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    for message in active_branch(history(value)).into_iter().filter(|message| message.at("role").is("assistant")) {
        let mut draft = Draft::of(message);
        draft.conversation = value.at("id").string();
        draft.title = value.at("title").string().or_else(|| value.at("chat").at("title").string());
        draft.say(message.at("content"));
        cite_numbers(&mut draft, message.at("sources"), &sources(message.at("sources")));
        drafts.push(draft);
    }
}

/// The messages from the root to the current one; without one, all of them.
fn active_branch(history: Value<'_>) -> Vec<Value<'_>> {
    let messages: HashMap<_, _> = history.at("messages").members().collect();
    let Some(mut id) = history.at("currentId").text().filter(|id| messages.contains_key(id)) else {
        return history.at("messages").members().map(|(_, message)| message).collect();
    };
    let mut branch = Vec::new();
    // A chain longer than there are messages runs in a circle.
    while let Some(message) = messages.get(&id).filter(|_| branch.len() <= messages.len()) {
        branch.push(*message);
        let Some(parent) = message.at("parentId").text() else { break };
        id = parent;
    }
    branch.reverse();
    branch
}

/// The distinct sources: a source of several documents counts once for each.
fn sources(list: Value<'_>) -> Vec<Source> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for item in list.items() {
        let named = item.at("source");
        for document in item.at("metadata").items().chain((!item.at("metadata").exists()).then_some(named)) {
            let id = document.at("source").string().or_else(|| named.any(&["id", "name"]).string()).unwrap_or_default();
            if !seen.insert(id.clone()) {
                continue;
            }
            let is_address = id.starts_with("http://") || id.starts_with("https://");
            found.push(Source {
                url: if is_address {
                    Some(id.clone())
                } else {
                    document.at("url").string().or_else(|| named.at("url").string())
                },
                title: document.any(&["title", "name"]).string().or_else(|| named.at("name").string()).or(Some(id)),
                site: None,
            });
        }
    }
    found
}
