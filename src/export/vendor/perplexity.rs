//! Perplexity, and xAI's chat: `[1][2]` stand in the text, and `citations[]`
//! or `search_results[]` beside the choices list the sources, counted from
//! one.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::super::marker::numbers;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "perplexity",
    title: "Perplexity, and xAI's chat",
    recognises,
    read,
    stream: Some(Stream { recognises: is_chunk, read: read_chunks }),
};

fn has_sources(value: Value<'_>) -> bool {
    value.at("citations").items().any(Value::is_string)
        || value.at("search_results").items().any(|result| result.at("url").is_string())
}

fn recognises(value: Value<'_>) -> bool {
    has_sources(value) && value.at("choices").items().any(|choice| choice.at("message").at("content").is_string())
}

fn read(completion: Value<'_>, drafts: &mut Vec<Draft>) {
    for choice in completion.at("choices").items() {
        let mut draft = Draft::of(completion);
        draft.say(choice.at("message").at("content"));
        cite_numbers(&mut draft, completion, &sources(completion));
        drafts.push(draft);
    }
}

/// The sources by number; the search results know titles, too.
fn sources(completion: Value<'_>) -> Vec<Source> {
    let results: Vec<Source> = completion.at("search_results").items().map(Source::of).collect();
    let addresses: Vec<Source> = completion
        .at("citations")
        .items()
        .map(|value| Source { url: value.string(), ..Source::default() })
        .enumerate()
        .map(|(index, source)| match results.get(index) {
            Some(result) if result.url == source.url => result.clone(),
            _ => source,
        })
        .collect();
    if addresses.is_empty() { results } else { addresses }
}

/// Gives every `[n]` of the text the `n`th source, counted from one. A number
/// without a source stays as it stands.
pub(super) fn cite_numbers(draft: &mut Draft, declared: Value<'_>, sources: &[Source]) {
    let markers = numbers(draft.text.text());
    for (range, numbers) in markers {
        let cited: Option<Vec<&Source>> = numbers.iter().map(|number| sources.get(number.checked_sub(1)?)).collect();
        let Some(cited) = cited else { continue };
        let note = Annotation::new(Role::Marker, declared).given(range);
        draft.annotate(cited.into_iter().fold(note, |note, source| note.citing(source.clone())));
    }
}

fn is_chunk(value: Value<'_>) -> bool {
    has_sources(value) && value.at("choices").items().any(|choice| choice.at("delta").is_object()) && !recognises(value)
}

fn read_chunks(chunks: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let mut draft = chunks.first().map(|chunk| Draft::of(*chunk)).unwrap_or_default();
    for chunk in chunks {
        let delta = chunk.at("choices").item(0).at("delta");
        if delta.at("content").is_string() {
            draft.say_on(delta.at("content"));
        }
    }
    if let Some(last) = chunks.iter().rev().find(|chunk| has_sources(**chunk)) {
        cite_numbers(&mut draft, last.any(&["citations", "search_results"]), &sources(*last));
    }
    drafts.push(draft);
}
