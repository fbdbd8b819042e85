//! An ignore that ignores nothing.

use crate::finding::{Confidence, Finding};
use crate::rules::IgnoreContext;

rule! {
    /// # What it finds
    ///
    /// An ignore comment or a line of the baseline that matches no finding: the damage is repaired,
    /// the comment stands at the wrong place, or its rule is misspelt or not named.
    ///
    /// # Why it matters
    ///
    /// What ignores nothing today may hide the next damage at the same place.
    ///
    /// # Example
    ///
    /// `<!-- obelus-ignore splice/cut-word: a quotation -->` before a paragraph without a splice.
    ///
    /// # Repaired
    ///
    /// Delete the comment, or write the baseline anew with `--write-baseline`.
    ///
    /// # Limits
    ///
    /// A comment covers the paragraph, heading, item or cell that it stands in or directly behind, else the next one.
    /// Only rules that ran are judged: with `--offline`, comments on `link` are left alone.
    /// Comments are read in Markdown and HTML, not in plain text.
    name: "ignore/unused", family: Ignore, severity: Info,
    summary: "an ignore comment or baseline line that matches nothing",
    check: Ignore(check),
}

fn check(context: &IgnoreContext<'_>, findings: &mut Vec<Finding>) {
    findings.extend(
        context
            .unused
            .iter()
            .map(|unused| Finding::new(&META, unused.span, Confidence::from_thousandths(1000), unused.what.clone())),
    );
}
