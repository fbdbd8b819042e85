//! The secure connection fails.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose certificate or TLS is not in order: expired, for another name, signed by nobody known, too old.
    ///
    /// # Why it matters
    ///
    /// Browsers warn their users away from it.
    ///
    /// # Example
    ///
    /// `https://example.org/` with a certificate that ran out in May.
    ///
    /// # Repaired
    ///
    /// Check again later; if it stays, tell the site, or cite another copy.
    ///
    /// # Limits
    ///
    /// A certificate that only your own network knows needs `--cacert`.
    name: "link/tls", family: Link, severity: Warning,
    summary: "the secure connection fails",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Tls
}

fn message(reference: &Reference) -> String {
    format!("no secure connection to {}{}", address(reference), because(reference))
}
