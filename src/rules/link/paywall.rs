//! The page is not free to read.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose page says of itself, in its JSON-LD, that it is not free to read (`isAccessibleForFree`).
    ///
    /// # Why it matters
    ///
    /// The page is there; readers may see only its beginning, and so do we. What is quoted from it cannot be checked.
    ///
    /// # Example
    ///
    /// `{"@type":"NewsArticle","isAccessibleForFree":false}`
    ///
    /// # Repaired
    ///
    /// Nothing need be done. A note helps readers.
    ///
    /// # Limits
    ///
    /// Paywalls that say nothing of themselves are not seen.
    name: "link/paywall", family: Link, severity: Info,
    summary: "the page is not free to read",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Paywall
}

fn message(reference: &Reference) -> String {
    format!("{} is there, but not free to read{}", address(reference), because(reference))
}
