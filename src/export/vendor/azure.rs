//! Azure `OpenAI` On Your Data: `[doc1]` stands in the text, and
//! `message.context.citations[]` lists the sources, counted from one. Before
//! 2024-02 a tool message held them as a JSON text in a string.

use std::ops::Range;

use memchr::memmem;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::{Tree, Value};
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "azure-on-your-data", title: "Azure OpenAI On Your Data", recognises, read, stream: None };

fn tool_message(choice: Value<'_>) -> Value<'_> {
    let messages = choice.at("messages");
    let context = choice.at("message").at("context").at("messages");
    let is_tool = |message: &Value<'_>| message.at("role").is("tool");
    let found = messages.items().chain(context.items()).find(is_tool);
    found.map_or(choice.at("no such message"), |message| message.at("content"))
}

fn recognises(value: Value<'_>) -> bool {
    value
        .at("choices")
        .items()
        .any(|choice| choice.at("message").at("context").at("citations").is_array() || tool_message(choice).is_string())
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    for choice in value.at("choices").items() {
        let mut draft = Draft::of(value);
        let answer = choice.at("messages").items().find(|message| message.at("role").is("assistant"));
        draft.say(answer.unwrap_or(choice.at("message")).at("content"));
        let context = choice.at("message").at("context").at("citations");
        let declared = if context.is_array() { context } else { tool_message(choice) };
        let sources = if context.is_array() { sources(context) } else { old_sources(declared) };
        for (range, number) in markers(draft.text.text()) {
            let Some(source) = number.checked_sub(1).and_then(|index| sources.get(index)) else { continue };
            draft.annotate(Annotation::new(Role::Marker, declared).given(range).citing(source.clone()));
        }
        drafts.push(draft);
    }
}

fn sources(citations: Value<'_>) -> Vec<Source> {
    let source = |citation: Value<'_>| Source {
        url: citation.at("url").string(),
        title: citation.any(&["title", "filepath"]).string(),
        site: None,
    };
    citations.items().map(source).collect()
}

fn old_sources(content: Value<'_>) -> Vec<Source> {
    let text = content.text().unwrap_or_default();
    Tree::parse(&text, 0).map(|(tree, _)| sources(tree.root().at("citations"))).unwrap_or_default()
}

/// All `[docN]` of a text.
fn markers(text: &str) -> Vec<(Range<usize>, usize)> {
    const OPEN: &str = "[doc";
    let marker = |start: usize| {
        let rest = text.get(start + OPEN.len()..)?;
        let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
        let number = rest.get(..digits)?.parse().ok()?;
        rest.get(digits..)?.starts_with(']').then(|| (start..start + OPEN.len() + digits + 1, number))
    };
    memmem::find_iter(text.as_bytes(), OPEN.as_bytes()).filter_map(marker).collect()
}
