//! The page is gone, but its server does not say so.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference that is answered with a success, whose page is not there all the same: it says that something is missing, or lies at an error address, and the server gives the same answer to a name that nobody gave.
    ///
    /// # Why it matters
    ///
    /// Readers find an error page. Checkers that look only at the status never notice.
    ///
    /// # How it knows
    ///
    /// One sign is never enough: a page that says “has been removed” may be a specification. In doubt, a made-up name in the same folder is asked (after Bar-Yossef and others, 2004); only where both are answered alike, the page counts as missing.
    ///
    /// # Example
    ///
    /// `https://example.org/report` answers 200 with “Sorry, this page was not found”, and so does `https://example.org/qzvkwm…`.
    ///
    /// # Repaired
    ///
    /// Look for the page's new address on the site, or for a copy in a web archive of about the article's date.
    ///
    /// # Limits
    ///
    /// Error pages that say so in none of the languages we know, without a redirect, pass. Where the server answers the made-up name otherwise, the verdict is `unknown`.
    name: "link/soft-404", family: Link, severity: Error,
    summary: "the server shows an error page as if it were the page",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::SoftNotFound
}

fn message(reference: &Reference) -> String {
    format!("{} answers as if it were there, but shows an error page{}", address(reference), because(reference))
}
