//! AWS Bedrock: `RetrieveAndGenerate` and agents, whose `span.end` is the last
//! character, and Converse, whose claims are blocks of their own.

use super::super::answer::{Annotation, Role, Source};
use super::super::draft::Draft;
use super::super::json::Value;
use super::Vendor;

pub(super) static VENDOR: Vendor =
    Vendor { name: "bedrock", title: "AWS Bedrock knowledge bases and Converse", recognises, read, stream: None };

fn recognises(value: Value<'_>) -> bool {
    let is_cited = |citation: Value<'_>| citation.at("generatedResponsePart").is_object();
    value.any(&["citations", "Citations"]).items().any(is_cited)
        || is_cited(value.any(&["citations", "Citations"]))
        || converse(value).items().any(|block| block.at("citationsContent").is_object())
}

fn converse(value: Value<'_>) -> Value<'_> {
    let message = value.at("output").at("message");
    if message.exists() { message.at("content") } else { value.at("content") }
}

fn read(value: Value<'_>, drafts: &mut Vec<Draft>) {
    let mut draft = Draft { id: value.any(&["sessionId"]).string(), ..Draft::default() };
    let blocks = converse(value);
    if blocks.is_array() {
        blocks.items().for_each(|block| converse_block(&mut draft, block));
        drafts.push(draft);
        return;
    }
    let text = value.at("output").at("text");
    draft.say(if text.is_string() { text } else { value.any(&["completion", "text", "Results", "answer"]) });
    let citations = value.any(&["citations", "Citations"]);
    if citations.is_object() {
        cite(&mut draft, citations);
    }
    citations.items().for_each(|citation| cite(&mut draft, citation));
    drafts.push(draft);
}

fn cite(draft: &mut Draft, citation: Value<'_>) {
    let part = citation.at("generatedResponsePart").at("textResponsePart");
    let span = part.at("span");
    let note =
        Annotation::new(Role::Claim, citation).between(span.at("start"), span.at("end")).quoting(part.at("text"));
    let references = citation.at("retrievedReferences");
    draft.annotate(references.items().fold(note, |note, reference| note.citing(located(reference.at("location")))));
}

/// A source by the place where it lies.
fn located(location: Value<'_>) -> Source {
    let kinds = [
        "webLocation",
        "s3Location",
        "confluenceLocation",
        "sharePointLocation",
        "salesforceLocation",
        "kendraDocumentLocation",
    ];
    Source::of(location.any(&kinds))
}

fn converse_block(draft: &mut Draft, block: Value<'_>) {
    if block.at("text").is_string() {
        draft.say(block.at("text"));
    }
    let cited = block.at("citationsContent");
    let start = draft.text.text().len();
    cited.at("content").items().for_each(|content| {
        draft.say(content.at("text"));
    });
    let range = start..draft.text.text().len();
    for citation in cited.at("citations").items() {
        let web = citation.at("location").at("web");
        let source = Source {
            url: web.at("url").string().or_else(|| citation.at("source").string()),
            title: citation.at("title").string(),
            site: None,
        };
        draft.annotate(Annotation::new(Role::Claim, citation).given(range.clone()).citing(source));
    }
}
