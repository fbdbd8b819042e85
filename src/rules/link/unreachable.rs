//! The network refuses.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose host refuses the connection, cuts it, or cannot be routed to.
    ///
    /// # Why it matters
    ///
    /// It is the network's no, not the page's: the page may be fine.
    ///
    /// # Example
    ///
    /// `https://example.org:8443/` where nothing listens.
    ///
    /// # Repaired
    ///
    /// Check again later, from another network if it stays.
    ///
    /// # Limits
    ///
    /// One night tells little: the same reference may answer tomorrow.
    name: "link/unreachable", family: Link, severity: Warning,
    summary: "the network refuses",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Unreachable
}

fn message(reference: &Reference) -> String {
    format!("{} cannot be reached{}", address(reference), because(reference))
}
