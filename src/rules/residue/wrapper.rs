//! Tokens of LLM products that wrap prose.

use crate::citation::WrapperForm;
use crate::finding::{Confidence, Evidence, Finding};
use crate::rules::TextContext;

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
        findings.push(finding);
    }
}
