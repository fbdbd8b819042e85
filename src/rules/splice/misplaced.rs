//! A citation put into a word without loss.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::{Splice, SpliceKind};

use super::{repetition, report};

rule! {
    /// # What it finds
    ///
    /// A citation inside a word or sentence that is whole without it: take the label out, and the text joins up again.
    ///
    /// # Why it matters
    ///
    /// Nothing is lost, but the word is broken for readers and for search, and the citation is not where it belongs.
    ///
    /// # How it knows
    ///
    /// Letters touch the label on both sides, the pieces alone are no words that the article attests, and together they are one.
    ///
    /// # Example
    ///
    ///     The plan(example.org)ning took a year. All planning does.
    ///
    /// # Repaired
    ///
    ///     The planning took a year. (example.org) All planning does.
    ///
    /// Where one mistake of counting explains every displaced citation of the article, each moves back to where it was meant to stand. Else a copy of another citation is taken out, and the only copy moves to the end of its sentence with `--unsafe`, since nothing attests that place.
    ///
    /// # Limits
    ///
    /// The joined word must stand elsewhere in the article, or be a common one; otherwise the finding is `splice/cut-word`.
    name: "splice/misplaced", family: Splice, severity: Error,
    summary: "a citation put into a word or sentence without loss",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, SpliceKind::Misplaced, message, findings);
}

fn message(splice: &Splice, label: &str) -> String {
    let joined = format!("{}{}", splice.left, splice.right);
    format!("{label} is put into the word “{joined}”; nothing is lost{}", repetition(splice))
}
