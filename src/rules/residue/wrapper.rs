//! Tokens of LLM products that wrap prose.

use crate::citation::{Wrapper, WrapperForm};
use crate::document::BlockKind;
use crate::finding::{Confidence, Evidence, Finding, Fix, Provenance};
use crate::rules::TextContext;
use crate::rules::mend::taken_out;
use crate::text::{Edit, EditSet, SourceSpan};

rule! {
    /// # What it finds
    ///
    /// Tokens with the article's own words inside: `entity["company","Name","…"]`, `^[sentence]({"attribution":{…}})`, `<cite index="12-1">sentence</cite>`, `[span_1](start_span)sentence[span_1](end_span)`.
    ///
    /// # Why it matters
    ///
    /// The reader sees rubbish; and a cleaner that deletes such a token whole takes the subject of the sentence with it, or the sentence itself.
    ///
    /// # How it knows
    ///
    /// By the form, which nobody writes by hand. The evidence shows the words that must stay.
    ///
    /// # Example
    ///
    ///     The quay belongs to entity["company","Harbour Works","builder"].
    ///
    /// # Repaired
    ///
    ///     The quay belongs to Harbour Works.
    ///
    /// # Limits
    ///
    /// A wrapper in inline code or between quotation marks is talked about, not left behind, and stays silent; so do code blocks of an article that talks about them.
    name: "residue/wrapper", family: Residue, severity: Error,
    summary: "a token around prose, which must be unwrapped and not deleted",
    check: Text(check),
}

const CERTAIN: Confidence = Confidence::from_thousandths(985);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let text = &context.document.text;
    for wrapper in context.wrappers {
        let what = match wrapper.form {
            WrapperForm::Entity => "an entity block",
            WrapperForm::Attribution => "an attribution",
            WrapperForm::CiteTag => "a cite tag",
            WrapperForm::SpanMarks => "a pair of span marks",
        };
        let message = if wrapper.prose.is_empty() {
            format!("{what} of an LLM product lost its end: nobody can say which words it held")
        } else {
            format!("{what} of an LLM product wraps words of the article: unwrap it, do not delete it")
        };
        let mut finding = Finding::new(&META, wrapper.span, CERTAIN, message);
        if !wrapper.prose.is_empty() {
            finding.evidence.push(Evidence::new("wrapped", wrapper.prose.slice(text)));
        }
        let first = context.citations.partition_point(|citation| citation.span.start < wrapper.span.start);
        let inside = context.citations.iter().skip(first).take_while(|citation| wrapper.span.contains(citation.span));
        finding.citations = inside.enumerate().map(|(index, _)| first + index).collect();
        finding.fix = unwrapped(context, wrapper);
        findings.push(finding);
    }
}

/// The words without their wrapper; what is no word of the article goes.
fn unwrapped(context: &TextContext<'_>, wrapper: &Wrapper) -> Option<Fix> {
    let document = context.document;
    let (_, block) = document.block_at(wrapper.span.start)?;
    if block.kind == BlockKind::Code {
        return None;
    }
    let title = "unwrap the words";
    let (whole, prose) = (context.source(wrapper.span)?, context.document.source_span(wrapper.prose));
    if wrapper.prose.is_empty() {
        let edit = taken_out(&document.source, whole);
        return Some(Fix::new(Provenance::Token, "take the lone tag out", EditSet::new(vec![edit])?));
    }
    let words = wrapper.prose.slice(&document.text);
    if wrapper.form == WrapperForm::Entity && words.contains('\\') {
        let decoded: String = serde_json::from_str(&format!("\"{words}\"")).ok()?;
        let edit = Edit::new(whole, document.written(&decoded));
        return Some(Fix::new(Provenance::RoundTrip, title, EditSet::new(vec![edit])?));
    }
    let mut edits = vec![
        Edit::deletion(SourceSpan::new(whole.start, prose.start)),
        Edit::deletion(SourceSpan::new(prose.end, whole.end)),
    ];
    // Marks of pairs that cross stand between the words.
    let first = context.citations.partition_point(|citation| citation.span.start < wrapper.prose.start);
    let inside = context.citations.iter().skip(first).take_while(|citation| citation.span.end <= wrapper.prose.end);
    let marks = inside.filter(|citation| {
        wrapper.form == WrapperForm::SpanMarks && citation.span.slice(&document.text).starts_with("[span_")
    });
    for mark in marks {
        edits.push(Edit::deletion(context.source(mark.span)?));
    }
    if !wrapper.prose.is_empty() {
        context.source(wrapper.prose)?;
    }
    let is_whole = edits.iter().all(|edit| document.source.get(edit.span.range()).is_some_and(is_tidy));
    if !is_whole {
        return None;
    }
    Some(Fix::new(Provenance::Token, title, EditSet::new(edits)?))
}

/// Whether a half of a wrapper holds no half of the page’s own elements.
fn is_tidy(half: &str) -> bool {
    ["<p>", "<p ", "</p>", "<a ", "</a>", "<b>", "</b>", "<em>", "</em>", "<strong>", "</strong>", "<i>", "</i>"]
        .iter()
        .all(|tag| !half.contains(tag))
}
