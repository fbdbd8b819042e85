//! A quotation that its source does not hold.

use crate::finding::{Confidence, Finding};
use crate::rules::{LinkContext, QuoteFinding, ReadQuotation};

use super::page;

rule! {
    /// # What it finds
    ///
    /// A quotation near a citation whose page was read whole, and holds nothing like it.
    ///
    /// # Why it matters
    ///
    /// Either the quotation is invented, or the citation is the wrong one.
    ///
    /// # How it knows
    ///
    /// It is said only of pages that were read to the end, are in the quotation's language, have text to speak of, and have no wall, paywall or script between them and us. Of the quotation's words fewer than three in five stand together in order anywhere on the page. Otherwise nothing is decided, and the report counts it.
    ///
    /// # Example
    ///
    /// The article quotes “nobody asked the fishermen about the sluice” and cites a page about the harbour's budget.
    ///
    /// # Repaired
    ///
    /// Cite the page that says so, or take the quotation out.
    ///
    /// # Limits
    ///
    /// Texts in pictures, in documents that are no web pages, and on further pages of an article are not seen. Landing pages of papers show an abstract, so they are never held against a quotation.
    name: "quote/absent", family: Quote, severity: Warning,
    summary: "the source does not hold the quotation",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    for ReadQuotation { quotation, reading } in context.quotations {
        if reading.finding != QuoteFinding::Absent {
            continue;
        }
        let message = format!("{} does not hold this quotation, or anything like it", page(context, reading));
        let mut finding = Finding::new(&META, quotation.span, Confidence::from_thousandths(900), message);
        finding.citations.clone_from(&quotation.citations);
        finding.resolution = reading.resolution;
        findings.push(finding);
    }
}
