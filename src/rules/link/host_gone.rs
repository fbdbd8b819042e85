//! The host does not exist any more.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose host name does not exist: the name server says so itself, of the domain as well or of the name under it alone.
    ///
    /// # Why it matters
    ///
    /// The whole site is gone, or the name was never right: labels that were cut or invented end here.
    ///
    /// # Example
    ///
    /// `https://exampel.org/` where only `example.org` exists.
    ///
    /// # Repaired
    ///
    /// Check the name for a cut or a typing mistake; else look for a copy in a web archive.
    ///
    /// # Limits
    ///
    /// A name server in trouble is no answer, nor is one that knows no public names at all: then the verdict is `unknown`.
    name: "link/host-gone", family: Link, severity: Error,
    summary: "the host does not exist any more",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::HostGone
}

fn message(reference: &Reference) -> String {
    format!("the host of {} does not exist{}", address(reference), because(reference))
}
