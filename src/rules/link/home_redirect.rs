//! The site sends readers to its front page.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference to a page that redirects to the front page of a site, as does a name beside it that nobody gave.
    ///
    /// # Why it matters
    ///
    /// Readers find a front page, where nothing says what was cited.
    ///
    /// # How it knows
    ///
    /// A redirect to the front page raises a doubt; a made-up name in the same folder settles it. Front pages themselves, in all their spellings (`/en/`, `/index.html`), are exempt.
    ///
    /// # Example
    ///
    /// `https://example.org/2019/report` redirects to `https://example.org/`, and so does `https://example.org/2019/qzvkwm…`.
    ///
    /// # Repaired
    ///
    /// Look for the page's new address on the site, or for a copy in a web archive of about the article's date.
    ///
    /// # Limits
    ///
    /// Where only this one address is redirected, the verdict is `unknown`.
    name: "link/home-redirect", family: Link, severity: Error,
    summary: "the site shows its front page in place of the page",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::HomeRedirect
}

fn message(reference: &Reference) -> String {
    format!("{} leads to the front page of its site{}", address(reference), because(reference))
}
