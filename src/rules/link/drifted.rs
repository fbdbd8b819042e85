//! The page is another one now.

use crate::finding::{Evidence, Finding};
use crate::history::Drift;
use crate::rules::{LinkContext, Reference};

use super::{address, report};

rule! {
    /// # What it finds
    ///
    /// A reference that answers with another page than the one that was cited, as an audit's history knows it.
    ///
    /// # Why it matters
    ///
    /// The link works, and what it was cited for is not there.
    ///
    /// # How it knows
    ///
    /// Each audit keeps the title of a page, a sketch of its main text (the smallest hashes of its five-word
    /// shingles) and whether it holds what articles quote from it. A page has drifted when less than a fifth of the
    /// text is the same as when it last was the cited page, or less than half and the title has no word in common,
    /// or when it no longer holds a quotation that it held word by word. Where the text was not read, a title without
    /// a common word decides; a quotation is missed only on a page that was read whole.
    ///
    /// # Example
    ///
    /// `https://example.org/report` was “Annual report 2023” and is “Cheap flights” now.
    ///
    /// # Repaired
    ///
    /// A capture from an archive, or another source.
    ///
    /// # Limits
    ///
    /// Only `obelus audit` knows the past. Pages that change every day, such as front pages, drift by nature:
    /// acknowledge them (`obelus audit ack`) or ignore the rule for their articles. Confidence is 0.8.
    name: "link/drifted", family: Link, severity: Warning,
    summary: "the page is no longer the page that was cited",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    let known = findings.len();
    report(context, &META, applies, message, findings);
    for finding in findings.iter_mut().skip(known) {
        let reference = finding.resolution.and_then(|index| context.references.get(index));
        let drift = reference.and_then(|reference| reference.drift.as_ref());
        let changes = drift.map(Drift::changes).unwrap_or_default();
        finding.evidence.extend(changes.into_iter().map(|change| Evidence::new("drift", change)));
    }
}

fn applies(reference: &Reference) -> bool {
    reference.drift.is_some()
}

fn message(reference: &Reference) -> String {
    let changes = reference.drift.as_ref().map(Drift::changes).unwrap_or_default();
    let first = changes.first().map_or_else(String::new, |change| format!(": {change}"));
    format!("{} is no longer the page that was cited{first}", address(reference))
}
