//! The page is gone.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose server says that the page is not there: 404 or 410, after retries and redirects, while the front page of its host is there; or a DOI that is not registered.
    ///
    /// # Why it matters
    ///
    /// Readers who follow the citation find nothing.
    ///
    /// # Example
    ///
    /// `https://example.org/report` answers 404.
    ///
    /// # Repaired
    ///
    /// Look for the page's new address on the site, or for a copy in a web archive of about the article's date: `--archive` does the latter.
    ///
    /// # Limits
    ///
    /// Some hosts answer 404 to programs and show the page to people. One that does so for its front page, too, is `blocked`; one that does so for this page only cannot be told.
    name: "link/gone", family: Link, severity: Error,
    summary: "the page is gone",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Gone
}

fn message(reference: &Reference) -> String {
    format!("{} is gone{}", address(reference), because(reference))
}
