//! Vertex AI Search: `answer.answerText` with `citations[]`, whose
//! `referenceId`s count in `references[]`. Numbers are 64 bits wide and
//! therefore JSON strings; offsets count bytes.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "vertex-ai-search", title: "Vertex AI Search", recognises, read, stream: None };

fn answer(value: Value<'_>) -> Value<'_> {
    let inner = value.at("answer");
    if inner.is_object() { inner } else { value }
}

fn recognises(value: Value<'_>) -> bool {
    answer(value).any(&["answerText", "answer_text"]).is_string()
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    let answer = answer(value);
    let mut draft = Draft { id: answer.at("name").string(), ..Draft::default() };
    let part = draft.say(answer.any(&["answerText", "answer_text"]));
    let references: Vec<Source> = answer.at("references").items().map(reference).collect();
    for citation in answer.at("citations").items() {
        let mut note = Annotation::new(Role::Claim, citation)
            .up_to(citation.any(&["startIndex", "start_index"]), citation.any(&["endIndex", "end_index"]))
            .in_part(part);
        for source in citation.at("sources").items() {
            let index = source.any(&["referenceId", "reference_id"]).index();
            note = note.citing(index.and_then(|index| references.get(index)).cloned().unwrap_or_default());
        }
        draft.annotate(note);
    }
    drafts.push(draft);
}

fn reference(value: Value<'_>) -> Source {
    let document = value.any(&["unstructuredDocumentInfo", "structuredDocumentInfo", "unstructured_document_info"]);
    let chunk = value.any(&["chunkInfo", "chunk_info"]).any(&["documentMetadata", "document_metadata"]);
    let source = Source::of(if document.exists() { document } else { chunk });
    let name = || document.at("document").string().or_else(|| chunk.at("document").string());
    if source.is_empty() { Source { title: name(), ..source } } else { source }
}
