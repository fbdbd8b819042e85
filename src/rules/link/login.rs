//! One must sign in.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference that leads to a page where one signs in, or that shows a form for a password and little else.
    ///
    /// # Why it matters
    ///
    /// Nothing is known of the page. Readers without an account do not see it.
    ///
    /// # Example
    ///
    /// `https://example.org/report` redirects to `https://example.org/login?next=/report`.
    ///
    /// # Repaired
    ///
    /// Open it in a browser. Cite a source that readers can see, if there is one.
    ///
    /// # Limits
    ///
    /// An address that is itself one to sign in at is taken as cited on purpose.
    name: "link/login", family: Link, severity: Info,
    summary: "one must sign in to see the page",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Login
}

fn message(reference: &Reference) -> String {
    format!("{} asks readers to sign in{}", address(reference), because(reference))
}
