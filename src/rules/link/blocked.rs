//! A wall stands in front of the page.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose host shows programs a wall: a challenge page, a refusal, a rate limit, or a 404 even for its own front page.
    ///
    /// # Why it matters
    ///
    /// Nothing is known of the page. It is most likely there for people.
    ///
    /// # Example
    ///
    /// `https://example.org/report` answers 403 with a challenge.
    ///
    /// # Repaired
    ///
    /// Open it in a browser.
    ///
    /// # Limits
    ///
    /// Obelus never solves challenges, and never calls such a page broken.
    name: "link/blocked", family: Link, severity: Info,
    summary: "a wall stands in front of the page",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Blocked
}

fn message(reference: &Reference) -> String {
    format!("{} is behind a wall{}; open it in a browser", address(reference), because(reference))
}
