//! A citation that interrupts a sentence where text is gone.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::{Splice, SpliceKind};

use super::{repetition, report};

rule! {
    /// # What it finds
    ///
    /// A citation inside a sentence that does not go on behind it: text is gone, but no part of a word is left over. Often the cut fell on the edge of a word: `has been that (example.org)how little appetite`.
    ///
    /// # Why it matters
    ///
    /// The sentence lost its middle. Because whole words stand on both sides, a spell checker sees nothing.
    ///
    /// # How it knows
    ///
    /// A letter that touches the label on one side; a heading mark that lost its line; a sentence that begins in lower case behind the label, for the label ate its head; or, where nothing touches, the habits of the document: its other citations stand at the ends of sentences, this one repeats the citation before it, the word before it cannot end a phrase.
    ///
    /// # Example
    ///
    ///     One line of argument has been that (example.org)how little appetite there is.
    ///
    /// # Repaired
    ///
    ///     One line of argument has been that […]how little appetite there is.
    ///
    /// As for `splice/cut-word`: only a second copy of the article can give the words back.
    ///
    /// # Limits
    ///
    /// A label between two whole words with a space on each side is damage only if the document's own style says so. Alone in its document it is not reported. A label behind the mark of a gap, `[…]`, is known and stays silent.
    name: "splice/lost-text", family: Splice, severity: Error,
    summary: "a citation that interrupts a sentence: text is lost",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, SpliceKind::LostText, message, findings);
}

fn message(splice: &Splice, label: &str) -> String {
    let pieces = match (splice.left.as_str(), splice.right.as_str()) {
        ("", "") => String::new(),
        ("", right) => format!(" before “{right}”"),
        (left, "") => format!(" behind “{left}”"),
        (left, right) => format!(" between “{left}” and “{right}”"),
    };
    format!("{label} interrupts the text{pieces}: no word is cut, but text is lost{}", repetition(splice))
}
