//! The page is another one now.

use crate::finding::Finding;
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
    /// Each audit keeps the title of a page and a sketch of its main text (the smallest hashes of its five-word
    /// shingles). A page has drifted when less than a fifth of the text is the same as when it last was the cited
    /// page, or less than half and the title has no word in common. Where the text was not read, a title without a
    /// common word decides.
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
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.drift.is_some()
}

fn message(reference: &Reference) -> String {
    let titles = reference.drift.as_ref().map(|drift| (drift.title_before.as_deref(), drift.title_now.as_deref()));
    match titles {
        Some((Some(before), Some(now))) if before != now => {
            format!("{} was “{before}” and is “{now}” now", address(reference))
        }
        _ => format!("{} is no longer the page that was cited", address(reference)),
    }
}
