//! A citation whose own text is cut.

use crate::finding::{Evidence, Finding};
use crate::rules::TextContext;
use crate::rules::label::{WholeLabels, mended};
use crate::seam::Damage;

rule! {
    /// # What it finds
    ///
    /// A label that lost its end or its start: its bracket does not close, or was never opened, and what is left is a piece of a host.
    ///
    /// # Why it matters
    ///
    /// The reader cannot tell the source, and link checkers do not see a citation at all.
    ///
    /// # How it knows
    ///
    /// The whole host stands elsewhere in the document (then the finding is an error), or the piece is a host by itself and only the bracket is missing (a warning).
    ///
    /// # Example
    ///
    ///     The vote was close. (foreignpol It passed. (foreignpolicy.com)
    ///
    /// # Repaired
    ///
    ///     The vote was close. (foreignpolicy.com) It passed. (foreignpolicy.com)
    ///
    /// # Limits
    ///
    /// A piece of a host that the document names nowhere else cannot be told from prose.
    name: "truncated/label", family: Truncated, severity: Error,
    summary: "a citation whose own text is cut",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let labels = WholeLabels::of(context);
    for broken in context.broken {
        let side = match broken.damage {
            Damage::TailCut => "end",
            Damage::HeadCut => "start",
            Damage::Crossed | Damage::Holds => continue,
        };
        let written = broken.span.slice(&context.document.text);
        let message = match &broken.whole {
            Some(whole) => format!("the citation “{written}” lost its {side}; the document cites {whole} elsewhere"),
            None => format!("the citation “{written}” lost its {side}"),
        };
        let mut finding = Finding::new(&META, broken.span, broken.confidence, message);
        finding.evidence.push(Evidence::new("piece", broken.piece.clone()));
        finding.evidence.extend(broken.whole.iter().map(|whole| Evidence::new("whole", whole.clone())));
        finding.fix = mended(context, broken, &labels);
        findings.push(finding);
    }
}
