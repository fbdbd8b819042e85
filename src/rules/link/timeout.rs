//! The server does not answer in time.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference that did not answer within the time allowed, retries included. The evidence says in which phase.
    ///
    /// # Why it matters
    ///
    /// The site may be overloaded, or it may not like programs.
    ///
    /// # Example
    ///
    /// `https://example.org/report` opens a connection and never answers.
    ///
    /// # Repaired
    ///
    /// Check again later, or with a longer `--timeout`.
    ///
    /// # Limits
    ///
    /// One night tells little: the same reference may answer tomorrow.
    name: "link/timeout", family: Link, severity: Warning,
    summary: "the server does not answer in time",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Timeout
}

fn message(reference: &Reference) -> String {
    format!("{} did not answer in time{}", address(reference), because(reference))
}
