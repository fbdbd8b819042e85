//! The products whose exports are known: one file each, and the one list of
//! them. To add one: a file that recognises its shape and fills in drafts,
//! its line in [`VENDORS`], its payload under `fixtures/exports/`.

mod anthropic;
mod assistants;
mod azure;
mod bedrock;
mod chat_completions;
mod chatgpt;
mod claude;
mod cohere;
mod gemini;
mod gemini_interactions;
mod langchain;
mod librechat;
mod mistral;
mod open_webui;
mod perplexity;
mod responses;
mod vercel;
mod vertex_search;
mod xai;

use super::draft::Draft;
use super::json::Value;

/// A product.
#[derive(Debug)]
pub struct Vendor {
    /// Its name in reports, kebab-case.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Whether a value is a payload of its own.
    pub(super) recognises: fn(Value<'_>) -> bool,
    /// Appends the answers of a payload.
    pub(super) read: fn(Value<'_>, &mut Vec<Draft>),
    /// How it streams, where it does otherwise than by whole payloads.
    pub(super) stream: Option<Stream>,
}

/// A way of streaming.
#[derive(Debug)]
pub(super) struct Stream {
    /// Whether a value is an event of the stream.
    pub(super) recognises: fn(Value<'_>) -> bool,
    /// Appends the answers that the events make together.
    pub(super) read: ReadEvents,
}

type ReadEvents = fn(&[Value<'_>], &mut Vec<Draft>);

impl Eq for Vendor {}

impl PartialEq for Vendor {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Every vendor. The first that recognises a value reads it, so those whose
/// shape says more stand before those whose shape is a part of theirs.
pub static VENDORS: &[&Vendor] = &[
    &chatgpt::VENDOR,
    &claude::VENDOR,
    &open_webui::VENDOR,
    &librechat::VENDOR,
    &gemini::VENDOR,
    &gemini_interactions::VENDOR,
    &vertex_search::VENDOR,
    &bedrock::VENDOR,
    &responses::VENDOR,
    &assistants::VENDOR,
    &mistral::VENDOR,
    &cohere::VENDOR,
    &xai::VENDOR,
    &langchain::VENDOR,
    &vercel::VENDOR,
    &anthropic::VENDOR,
    &azure::VENDOR,
    &perplexity::VENDOR,
    &chat_completions::VENDOR,
];

/// The vendor of a payload, and the payload itself, which may lie in the
/// envelope of a log or of a batch.
pub(super) fn of(value: Value<'_>) -> Option<(&'static Vendor, Value<'_>)> {
    const ENVELOPES: [&str; 6] = ["response", "body", "message", "result", "data", "payload"];
    const DEPTH: usize = 3;
    let mut value = value;
    for _ in 0..=DEPTH {
        if let Some(vendor) = VENDORS.iter().find(|vendor| (vendor.recognises)(value)) {
            return Some((vendor, value));
        }
        value = ENVELOPES.iter().map(|name| value.at(name)).find(|inner| inner.is_object())?;
    }
    None
}

/// The vendor whose stream these values are. Some speak for one vendor less
/// clearly than others do: the first of the list that any speaks for.
pub(super) fn of_stream(values: &[Value<'_>]) -> Option<(&'static Vendor, ReadEvents)> {
    VENDORS.iter().find_map(|vendor| {
        let stream = vendor.stream.as_ref()?;
        values.iter().any(|value| (stream.recognises)(*value)).then_some((*vendor, stream.read))
    })
}

/// The vendor whose stream the value is an event of.
pub(super) fn of_event(value: Value<'_>) -> Option<(&'static Vendor, ReadEvents)> {
    VENDORS.iter().find_map(|vendor| {
        let stream = vendor.stream.as_ref()?;
        (stream.recognises)(value).then_some((*vendor, stream.read))
    })
}
