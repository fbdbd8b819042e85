//! A quotation that its source holds with other words.

use crate::finding::{Confidence, Evidence, Finding};
use crate::passage::ChangeKind;
use crate::rules::{LinkContext, QuoteFinding, ReadQuotation};

use super::page;

rule! {
    /// # What it finds
    ///
    /// A quotation near a citation whose page holds the same passage with other words: a number is another, a “not” is gone or has come, an ellipsis leaves out a “not”, words are others.
    ///
    /// # Why it matters
    ///
    /// Quotation marks promise the source's own words. A changed number or a lost “not” turns them into their opposite.
    ///
    /// # How it knows
    ///
    /// Quotation and page are compared as words; case, punctuation, typography, notes and hyphenation do not count. Ellipses and remarks in square brackets may stand for words of the source. At least four of five words must be the same, in order, and at least six words be quoted; less decides nothing.
    ///
    /// # Example
    ///
    /// The article quotes “the barrage would be closed before 2031”; the page says “the barrage would not be closed before 2031”.
    ///
    /// # Repaired
    ///
    /// Quote what the page says. The report shows the passage and links to it.
    ///
    /// # Limits
    ///
    /// The page may have been changed since, and a translation is nobody's exact words.
    name: "quote/altered", family: Quote, severity: Error,
    summary: "the source says it in other words",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    for ReadQuotation { quotation, reading } in context.quotations {
        let QuoteFinding::Altered(changes) = &reading.finding else { continue };
        let Some(worst) = changes.first() else { continue };
        let message = format!("the quotation differs from {}: {}", page(context, reading), worst.in_words());
        let mut finding = Finding::new(&META, quotation.span, confidence(worst.kind), message);
        finding.citations.clone_from(&quotation.citations);
        finding.resolution = reading.resolution;
        finding.evidence = changes.iter().map(|change| Evidence::new(kind(change.kind), change.in_words())).collect();
        finding.evidence.extend(reading.source.as_ref().map(|source| Evidence::new("source", source.as_str())));
        finding.evidence.extend(reading.passage.as_ref().map(|link| Evidence::new("passage", link.as_str())));
        findings.push(finding);
    }
}

fn confidence(worst: ChangeKind) -> Confidence {
    Confidence::from_thousandths(match worst {
        ChangeKind::Negation | ChangeKind::Number => 980,
        ChangeKind::Wording => 920,
        ChangeKind::Spelling => 800,
    })
}

fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Negation => "negation",
        ChangeKind::Number => "number",
        ChangeKind::Wording => "wording",
        ChangeKind::Spelling => "spelling",
    }
}
