//! Markers without an entry.

use std::collections::BTreeSet;

use crate::citation::{Citation, EntryForm, Kind, cited_labels};
use crate::finding::{Confidence, Evidence, Finding};
use crate::rules::TextContext;

use super::labels;

rule! {
    /// # What it finds
    ///
    /// A marker (`[7]`, `[^7]`, `[@key]`) whose entry is missing from an article that has entries for the others.
    ///
    /// # Why it matters
    ///
    /// The claim looks sourced, and nobody can find its source. Entries get lost when an article is shortened or put together from parts.
    ///
    /// # How it knows
    ///
    /// Entries are lines such as `[^3]: …`, `[3] …`, and numbered items under a heading such as “References”. Numbers count only where there are three entries at least and most of the markers have theirs: else the numbers mean something else.
    ///
    /// # Example
    ///
    ///     The quay was raised in May.[^4]
    ///
    ///     [^1]: Minutes of the harbour board.
    ///
    /// # Repaired
    ///
    /// Only the author knows the source. Nothing is invented.
    ///
    /// # Limits
    ///
    /// Where the article has no entries at all, they may stand elsewhere, and nothing is said.
    name: "reference/undefined", family: Reference, severity: Warning,
    summary: "a marker without an entry, where the document has entries",
    check: Text(check),
}

const CERTAIN: Confidence = Confidence::from_thousandths(960);
const LIKELY: Confidence = Confidence::from_thousandths(880);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let notes = labels(context, &[EntryForm::Note]);
    let keys = labels(context, &[EntryForm::Key]);
    let numbers = labels(context, &[EntryForm::Number, EntryForm::Item]);
    if !notes.is_empty() {
        report(context, Kind::Footnote, &notes, CERTAIN, findings);
    }
    if !keys.is_empty() {
        report(context, Kind::Key, &keys, CERTAIN, findings);
    }
    if 3 <= numbers.len() && numbers.contains("1") && are_mostly_defined(context, &numbers) {
        report(context, Kind::Numeric, &numbers, LIKELY, findings);
    }
}

/// The labels of the markers in brackets; a raised number may be an exponent.
fn wanted(context: &TextContext<'_>, citation: &Citation, kind: Kind) -> Vec<String> {
    let text = &context.document.text;
    if citation.kind == kind && citation.span.slice(text).starts_with('[') {
        cited_labels(citation, text)
    } else {
        Vec::new()
    }
}

fn are_mostly_defined(context: &TextContext<'_>, entries: &BTreeSet<&str>) -> bool {
    let cited: BTreeSet<String> =
        context.citations.iter().flat_map(|citation| wanted(context, citation, Kind::Numeric)).collect();
    let defined = cited.iter().filter(|label| entries.contains(label.as_str())).count();
    cited.len() <= 2 * defined
}

fn report(
    context: &TextContext<'_>,
    kind: Kind,
    entries: &BTreeSet<&str>,
    confidence: Confidence,
    findings: &mut Vec<Finding>,
) {
    for (index, citation) in context.citations.iter().enumerate() {
        let missing: Vec<String> =
            wanted(context, citation, kind).into_iter().filter(|label| !entries.contains(label.as_str())).collect();
        if missing.is_empty() {
            continue;
        }
        let verb = if missing.len() == 1 { "has" } else { "have" };
        let message = format!("{} {verb} no entry among the references of the article", missing.join(", "));
        let mut finding = Finding::new(&META, citation.span, confidence, message);
        finding.citations = vec![index];
        finding.evidence = missing.into_iter().map(|label| Evidence::new("missing-entry", label)).collect();
        findings.push(finding);
    }
}
