//! The page has a new address.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, report};

rule! {
    /// # What it finds
    ///
    /// A reference that redirects for good (301 or 308) to another address.
    ///
    /// # Why it matters
    ///
    /// The citation still works, as long as the old site keeps the redirect.
    ///
    /// # Example
    ///
    /// `https://example.org/report` redirects to `https://example.org/archive/report`.
    ///
    /// # Repaired
    ///
    /// The new address takes the old one's place.
    ///
    /// # Limits
    ///
    /// Temporary redirects, and redirects of a site's root within the site, are no moves.
    name: "link/moved", family: Link, severity: Info,
    summary: "the page has a new address",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Moved
}

fn message(reference: &Reference) -> String {
    let goal = reference.verdict.moved_to.as_ref().map_or("another address", |url| url.as_str());
    format!("{} has moved to {goal}", address(reference))
}
