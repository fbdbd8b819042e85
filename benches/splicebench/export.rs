//! The raw export that an article was rendered from, as three vendors write
//! it: markers in the text that annotations point at in code points, claims
//! whose ends are counted in bytes, claims that are counted in characters.

use serde_json::{Value, json};

use crate::article::{Article, Tag};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vendor {
    /// `([host](url))` in the text, replaced.
    Responses,
    /// A claim, in bytes.
    Gemini,
    /// A claim, in characters.
    Cohere,
}

pub const VENDORS: [Vendor; 3] = [Vendor::Responses, Vendor::Gemini, Vendor::Cohere];

/// One citation in the raw text: what it covers, in code points.
struct Note {
    start: usize,
    end: usize,
    source: usize,
}

/// The export of an article that nothing was done to.
pub fn payload(article: &Article, vendor: Vendor) -> String {
    let (text, notes) = raw(article, vendor == Vendor::Responses);
    match vendor {
        Vendor::Responses => responses(article, &text, &notes),
        Vendor::Gemini => gemini(article, &text, &notes),
        Vendor::Cohere => cohere(article, &text, &notes),
    }
    .to_string()
}

fn url(article: &Article, source: usize) -> String {
    let source = &article.sources[source];
    format!("https://{}/{}", source.host, source.path)
}

fn raw(article: &Article, with_markers: bool) -> (Vec<char>, Vec<Note>) {
    /// A claim is no longer.
    const CLAIM: usize = 40;
    let mut text: Vec<char> = Vec::new();
    let mut notes: Vec<Note> = Vec::new();
    let mut at = 0;
    while let Some(cell) = article.cells.get(at) {
        let Tag::Genuine(number) = cell.tag else {
            text.push(cell.c);
            at += 1;
            continue;
        };
        at += article.cells[at..].iter().take_while(|next| next.tag == cell.tag).count();
        let source = article.cited[number];
        if with_markers {
            let start = text.len();
            let host = &article.sources[source].host;
            text.extend(format!("([{host}]({}?utm_source=openai))", url(article, source)).chars());
            notes.push(Note { start, end: text.len(), source });
            continue;
        }
        if text.last() == Some(&' ') {
            text.pop();
        }
        let before = notes.last().map_or(0, |note| note.end);
        let start = text.len().saturating_sub(CLAIM).max(before);
        notes.push(Note { start, end: text.len(), source });
    }
    (text, notes)
}

fn string(chars: &[char]) -> String {
    chars.iter().collect()
}

fn responses(article: &Article, text: &[char], notes: &[Note]) -> Value {
    let annotations: Vec<Value> = notes
        .iter()
        .map(|note| {
            json!({
                "type": "url_citation", "start_index": note.start, "end_index": note.end,
                "title": article.sources[note.source].name,
                "url": format!("{}?utm_source=openai", url(article, note.source)),
            })
        })
        .collect();
    json!({
        "id": "resp_1", "object": "response", "status": "completed",
        "output": [{ "type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
            "content": [{ "type": "output_text", "text": string(text), "annotations": annotations }] }],
    })
}

fn gemini(article: &Article, text: &[char], notes: &[Note]) -> Value {
    let bytes = |at: usize| string(&text[..at]).len();
    let chunks: Vec<Value> = (0..article.sources.len())
        .map(|source| json!({ "web": { "uri": url(article, source), "title": article.sources[source].host } }))
        .collect();
    let supports: Vec<Value> = notes
        .iter()
        .map(|note| {
            json!({
                "segment": { "startIndex": bytes(note.start), "endIndex": bytes(note.end),
                    "text": string(&text[note.start..note.end]) },
                "groundingChunkIndices": [note.source],
            })
        })
        .collect();
    json!({ "candidates": [{
        "content": { "role": "model", "parts": [{ "text": string(text) }] }, "finishReason": "STOP",
        "groundingMetadata": { "groundingChunks": chunks, "groundingSupports": supports },
    }] })
}

fn cohere(article: &Article, text: &[char], notes: &[Note]) -> Value {
    let citations: Vec<Value> = notes
        .iter()
        .map(|note| {
            json!({
                "start": note.start, "end": note.end, "text": string(&text[note.start..note.end]),
                "sources": [{ "type": "document", "id": format!("doc:{}", note.source), "document": {
                    "id": format!("doc:{}", note.source), "title": article.sources[note.source].name,
                    "url": url(article, note.source), "snippet": "" } }],
            })
        })
        .collect();
    json!({
        "id": "c1", "finish_reason": "COMPLETE",
        "message": { "role": "assistant", "content": [{ "type": "text", "text": string(text) }], "citations": citations },
    })
}
