//! Citation tokens of LLM products.

use crate::citation::{Citation, Kind};
use crate::finding::{Confidence, Evidence, Finding};
use crate::rules::TextContext;
use crate::text::Span;

use super::token;

rule! {
    /// # What it finds
    ///
    /// Citation tokens that an LLM product should have turned into links: blocks of private-use characters around `turn0search3`, the same without those characters or spelled out as `\ue200`, `:contentReference[oaicite:0]{index=0}`, `【12†source】`, `[cite: 4]`, `[web:1]`, `<grok:render …>`, `[oai_citation:0‡host]`, `[^4^]`. One finding per run.
    ///
    /// # Why it matters
    ///
    /// Readers see rubbish, or nothing at all where the characters are invisible; and the source that the token stood for is lost. In code a token breaks the program.
    ///
    /// # Example
    ///
    ///     The harbour grew last year citeturn0search3.
    ///
    /// # Repaired
    ///
    /// A token that carries a name or an address is written as a label: `(borers.org)`. A mark that stands for nothing, `[cite_start]`, is taken out. What any other token stood for only the conversation's export knows: without it the mark of a gap takes its place. In code nothing is written.
    ///
    /// # Limits
    ///
    /// Tokens around words of the article are `residue/wrapper`. A token in inline code or between quotation marks is talked about, not left behind, and stays silent.
    name: "residue/vendor-token", family: Residue, severity: Error,
    summary: "an unresolved citation token of an LLM product",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let text = &context.document.text;
    let tokens: Vec<usize> = context
        .citations
        .iter()
        .enumerate()
        .filter(|(_, citation)| citation.kind == Kind::Token && !is_of_wrapper(context, citation))
        .map(|(index, _)| index)
        .collect();
    let is_run = |one: &usize, other: &usize| {
        let (Some(one), Some(other)) = (context.citations.get(*one), context.citations.get(*other)) else {
            return false;
        };
        Span::new(one.span.end, other.span.start).slice(text).is_empty() && one.span.end <= other.span.start
    };
    for run in tokens.chunk_by(is_run) {
        let spans = run.iter().filter_map(|index| context.citations.get(*index)).map(|citation| citation.span);
        let Some(span) = spans.reduce(Span::join) else { continue };
        let count =
            if run.len() == 1 { "a citation token".to_owned() } else { format!("{} citation tokens", run.len()) };
        let host = run.iter().find_map(|index| context.citations.get(*index)?.target.as_ref()?.host.as_ref());
        let source =
            host.map_or_else(|| "the source is not named".to_owned(), |host| format!("it means {}", host.ascii));
        let message = format!("{count} of an LLM product left unresolved: {source}");
        let mut finding = Finding::new(&META, span, CERTAIN, message);
        finding.citations = run.to_vec();
        finding.evidence.push(Evidence::new("token", span.slice(text)));
        finding.fix = token::fix(context, run, span);
        findings.push(finding);
    }
}

/// Whether the token belongs to a wrapper, which has a rule of its own.
fn is_of_wrapper(context: &TextContext<'_>, token: &Citation) -> bool {
    let next = context.wrappers.partition_point(|wrapper| wrapper.span.end <= token.span.start);
    context.wrappers.get(next).is_some_and(|wrapper| {
        let is_mark = token.span.slice(&context.document.text).starts_with("[span_");
        wrapper.span.overlaps(token.span) && (is_mark || !wrapper.prose.contains(token.span))
    })
}

const CERTAIN: Confidence = Confidence::from_thousandths(985);
