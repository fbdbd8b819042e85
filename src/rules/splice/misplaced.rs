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
    /// Or one mistake explains the labels of the article: places counted in bytes or in UTF-16 units and used as characters, places that were not moved along when labels were put in or text was taken out, a claim that was searched for and found too early. Undone, the mistake leads from where the labels stand to where labels stand, to the ends of sentences in most articles, and chance would not do that as well. Then labels are found that show nothing by themselves, and labels that the mistake leaves where they are go free.
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
    let place = match (splice.left.as_str(), splice.right.as_str()) {
        ("", "") => "put at a wrong place".to_owned(),
        ("", right) => format!("put at a wrong place, before “{right}”"),
        (left, "") => format!("put at a wrong place, behind “{left}”"),
        (left, right) => format!("put into the word “{left}{right}”"),
    };
    format!("{label} is {place}; nothing is lost{}", repetition(splice))
}
