//! xAI: the SDK's `inline_citations` with offsets, and Grok's own export, in
//! which `<grok:render card_id="…">` tags stand in `message` and the cards
//! beside it, each a JSON text in a string. (Its chat API is read with
//! Perplexity's, its Responses API with `OpenAI`'s.)

use std::collections::HashMap;

use memchr::memmem;

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::{Tree, Value};
use super::Vendor;

pub(super) static VENDOR: Vendor = Vendor { name: "xai", title: "xAI SDK and Grok", recognises, read, stream: None };

const CARDS: [&str; 2] = ["cardAttachmentsJson", "card_attachments_json"];
const INLINE: [&str; 2] = ["inline_citations", "inlineCitations"];

fn is_response(value: Value<'_>) -> bool {
    value.at("message").is_string() && (value.any(&CARDS).is_array() || value.at("sender").exists())
}

fn inner(value: Value<'_>) -> Value<'_> {
    if value.at("response").is_object() { value.at("response") } else { value }
}

fn recognises(value: Value<'_>) -> bool {
    value.at("content").is_string() && value.any(&INLINE).is_array()
        || is_response(inner(value))
        || value.at("responses").items().any(|response| is_response(inner(response)))
        || conversations(value).any(|one| one.at("responses").items().any(|response| is_response(inner(response))))
}

fn conversations(value: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    value.at("conversations").items()
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    if value.any(&INLINE).is_array() {
        drafts.push(inline(value));
    } else if is_response(inner(value)) {
        drafts.push(response(inner(value)));
    }
    for conversation in conversations(value).chain([value]) {
        let about = conversation.at("conversation");
        let answers = conversation.at("responses").items().map(inner).filter(|response| is_response(*response));
        for answer in answers.filter(|answer| !answer.at("sender").is("human")) {
            let mut draft = response(answer);
            draft.conversation = about.any(&["id", "conversationId"]).string();
            draft.title = about.at("title").string();
            drafts.push(draft);
        }
    }
}

fn inline(value: Value<'_>) -> Draft {
    let mut draft = Draft::of(value);
    let part = draft.say(value.at("content"));
    for citation in value.any(&INLINE).items() {
        let kinds = ["web_citation", "webCitation", "x_citation", "xCitation", "collections_citation"];
        let cited = citation.any(&kinds);
        let file = cited.any(&["file_id", "fileId"]).string();
        let start = citation.any(&["start_index", "startIndex"]);
        let note = Annotation::new(Role::Marker, citation)
            .up_to(start, citation.any(&["end_index", "endIndex"]))
            .citing(Source { url: cited.at("url").string(), title: file, site: None });
        draft.annotate(note.in_part(part));
    }
    draft
}

fn response(value: Value<'_>) -> Draft {
    let mut draft = Draft { id: value.any(&["responseId", "_id", "id"]).string(), ..Draft::default() };
    draft.say(value.at("message"));
    let cards: HashMap<String, Source> = value.any(&CARDS).items().filter_map(card).collect();
    let tags: Vec<_> = tags(draft.text.text()).collect();
    for (range, id) in tags {
        if let Some(source) = cards.get(&id) {
            draft.annotate(Annotation::new(Role::Marker, value.any(&CARDS)).given(range).citing(source.clone()));
        }
    }
    draft
}

/// A card's identifier and its source.
fn card(value: Value<'_>) -> Option<(String, Source)> {
    let text = value.text()?;
    let (tree, _) = Tree::parse(&text, 0).ok()?;
    Some((tree.root().at("id").string()?, Source::of(tree.root())))
}

/// The tags of a text, and the cards that they name.
fn tags(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, String)> {
    /// Longest tag, in bytes.
    const LONGEST: usize = 1024;
    memmem::find_iter(text.as_bytes(), b"<grok:render").filter_map(|start| {
        let window = text.get(start..text.floor_char_boundary(start + LONGEST))?;
        let close = "</grok:render>";
        let end = window.find(close)? + close.len();
        let id = window.get(..end)?.split("card_id=\"").nth(1)?.split('"').next()?;
        Some((start..start + end, id.to_owned()))
    })
}
