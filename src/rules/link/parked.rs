//! The domain is for sale.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, because, report};

rule! {
    /// # What it finds
    ///
    /// A reference whose domain is parked: it leads to a market for domains, or shows an offer to sell it, or the advertisements of a service that parks domains, at every address.
    ///
    /// # Why it matters
    ///
    /// The source is gone, and whoever buys the domain decides what readers will see.
    ///
    /// # How it knows
    ///
    /// Words alone prove nothing. A short page that offers the domain counts where a made-up name beside it is answered alike, or where it comes from a known parking service.
    ///
    /// # Example
    ///
    /// `https://example.org/report` shows “This domain may be for sale”, as does every other address of the host.
    ///
    /// # Repaired
    ///
    /// Cite a copy in a web archive of about the article's date, or another source.
    ///
    /// # Limits
    ///
    /// Parking services that we do not know, in languages that we do not know, pass as pages.
    name: "link/parked", family: Link, severity: Error,
    summary: "the domain is for sale",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::Parked
}

fn message(reference: &Reference) -> String {
    format!("{} is on a parked domain{}", address(reference), because(reference))
}
