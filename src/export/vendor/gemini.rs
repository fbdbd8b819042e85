//! Google's Gemini: `generateContent` of the developers' API and of Vertex
//! AI, in REST's camel case and Python's snake case. A payload of a stream has
//! the same shape, and its supports count in the whole answer.
//!
//! `groundingSupports[].segment` quotes the claim; its offsets count bytes,
//! sometimes in the part, mostly in all parts that are no thoughts.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::{Stream, Vendor};

pub(super) static VENDOR: Vendor = Vendor {
    name: "gemini",
    title: "Gemini generateContent, also of Vertex AI",
    recognises,
    read,
    stream: Some(Stream { recognises, read: read_chunks }),
};

fn recognises(value: Value<'_>) -> bool {
    let is_candidate =
        |candidate: Value<'_>| candidate.at("content").at("parts").is_array() || grounding(candidate).is_object();
    value.at("candidates").items().any(is_candidate)
}

fn grounding(candidate: Value<'_>) -> Value<'_> {
    candidate.any(&["groundingMetadata", "grounding_metadata"])
}

fn read(payload: Value<'_>, drafts: &mut Vec<Draft>) {
    read_chunks(&[payload], drafts);
}

/// Chunks of one stream share an identifier, or end with a reason to finish.
fn read_chunks(chunks: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let identifier = |chunk: &Value<'_>| chunk.any(&["responseId", "response_id"]).string();
    let is_finished = |chunk: &Value<'_>| {
        chunk.at("candidates").items().any(|candidate| candidate.any(&["finishReason", "finish_reason"]).exists())
    };
    let is_same = |one: &Value<'_>, other: &Value<'_>| match (identifier(one), identifier(other)) {
        (Some(one), Some(other)) => one == other,
        _ => !is_finished(one),
    };
    for answer in chunks.chunk_by(is_same) {
        read_answer(answer, drafts);
    }
}

/// Each candidate is an answer; the chunks add to it by its index.
fn read_answer(chunks: &[Value<'_>], drafts: &mut Vec<Draft>) {
    let candidates = chunks.iter().map(|chunk| chunk.at("candidates").items().count()).max().unwrap_or_default();
    for index in 0..candidates {
        let mut draft = Draft::default();
        for chunk in chunks {
            let candidate = chunk.at("candidates").item(index);
            for part in candidate.at("content").at("parts").items() {
                if part.at("thought").is_true() {
                    draft.think(part.at("text"));
                } else if part.at("text").is_string() {
                    draft.say(part.at("text"));
                }
            }
        }
        for chunk in chunks {
            annotate(&mut draft, chunk.at("candidates").item(index));
        }
        drafts.push(draft);
    }
}

fn annotate(draft: &mut Draft, candidate: Value<'_>) {
    let grounding = grounding(candidate);
    let chunks: Vec<Source> = grounding.any(&["groundingChunks", "grounding_chunks"]).items().map(source).collect();
    for support in grounding.any(&["groundingSupports", "grounding_supports"]).items() {
        let segment = support.at("segment");
        let mut note = Annotation::new(Role::Claim, support)
            .up_to(segment.any(&["startIndex", "start_index"]), segment.any(&["endIndex", "end_index"]))
            .quoting(segment.at("text"));
        note.part = segment.any(&["partIndex", "part_index"]).index().or(Some(0));
        let indices = support.any(&["groundingChunkIndices", "grounding_chunk_indices"]);
        for index in indices.items().filter_map(Value::index) {
            note = note.citing(chunks.get(index).cloned().unwrap_or_default());
        }
        draft.annotate(note);
    }
    let old = candidate.any(&["citationMetadata", "citation_metadata"]);
    for value in old.any(&["citationSources", "citation_sources", "citations"]).items() {
        let note = Annotation::new(Role::Claim, value)
            .up_to(value.any(&["startIndex", "start_index"]), value.any(&["endIndex", "end_index"]))
            .citing(Source::of(value));
        draft.annotate(note);
    }
}

fn source(chunk: Value<'_>) -> Source {
    let inner = chunk.any(&["web", "retrievedContext", "retrieved_context", "maps"]);
    Source { site: inner.at("domain").string(), ..Source::of(inner) }
}
