//! The same citation twice at one place.

use crate::citation::Kind;
use crate::finding::{Confidence, Finding, Fix, Provenance, Related};
use crate::language::{closes, ends_clause, ends_sentence};
use crate::rules::TextContext;
use crate::text::{Edit, EditSet, SourceSpan, Span};

rule! {
    /// # What it finds
    ///
    /// The same citation twice in a row, with nothing but space between.
    ///
    /// # Why it matters
    ///
    /// It says nothing that one would not say, and doubled labels are a frequent companion of lost text.
    ///
    /// # Example
    ///
    ///     The harbour grew. (example.org) (example.org)
    ///
    /// # Repaired
    ///
    ///     The harbour grew. (example.org)
    ///
    /// # Limits
    ///
    /// Two labels of one host that lead to different pages are two citations, and stay.
    name: "overlap/duplicate", family: Overlap, severity: Warning,
    summary: "the same citation again at the same place",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let text = &context.document.text;
    for (index, pair) in context.citations.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let between = Span::new(first.span.end, second.span.start).slice(text);
        let is_same = first.kind == second.kind
            && first.kind.is_label()
            && first.kind != Kind::Token
            && !(first.kind == Kind::Numeric && is_index(context, first.span))
            && first.target == second.target
            && first.span.slice(text) == second.span.slice(text);
        let in_one_block = || context.document.prose_block(first.span.join(second.span)).is_some();
        if !is_same || first.span.end > second.span.start || !between.trim_matches(' ').is_empty() || !in_one_block() {
            continue;
        }
        let message = format!("{} stands here twice", second.span.slice(text));
        let mut finding = Finding::new(&META, second.span, CERTAIN, message);
        finding.citations = vec![index + 1];
        finding.related.push(Related { span: first.span, message: "the first copy".to_owned() });
        finding.fix = context.construct(index + 1..index + 2, second.span).and_then(|construct| {
            let edit = folded(&context.document.source, context.source(first.span)?.end, construct);
            Some(Fix::new(Provenance::Duplicate, "take the second copy out", EditSet::new(vec![edit])?))
        });
        findings.push(finding);
    }
}

/// The second copy with the space between the two.
fn folded(source: &str, first_end: u32, second: SourceSpan) -> Edit {
    let between = source.get(first_end as usize..second.start as usize);
    let is_space = between.is_some_and(|between| between.bytes().all(|byte| byte == b' '));
    Edit::deletion(SourceSpan::new(if is_space { first_end } else { second.start }, second.end))
}

/// `row [1][1]`: two numbers behind a word are an index; behind a finished
/// sentence they are citations.
fn is_index(context: &TextContext<'_>, first: Span) -> bool {
    let Some((_, block)) = context.document.prose_block(first) else { return true };
    let before = Span::new(block.span.start, first.start).slice(&context.document.text).trim_end();
    !before.ends_with(|c| ends_sentence(c) || closes(c) || ends_clause(c))
}

const CERTAIN: Confidence = Confidence::from_thousandths(980);
