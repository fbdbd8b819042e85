//! The server fails.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose server answers with an error of its own (5xx), retries included.
    ///
    /// # Why it matters
    ///
    /// The page may be there again tomorrow, or never. Nobody knows yet.
    ///
    /// # Example
    ///
    /// `https://example.org/report` answers 500.
    ///
    /// # Repaired
    ///
    /// Check again later.
    ///
    /// # Limits
    ///
    /// One night tells little: the same reference may answer tomorrow.
    name: "link/server-error", family: Link, severity: Warning,
    summary: "the server fails",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::ServerError
}

fn message(reference: &Reference) -> String {
    format!("the server of {} fails{}", address(reference), because(reference))
}
