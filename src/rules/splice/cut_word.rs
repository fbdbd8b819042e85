//! A citation that cut a word.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::{Splice, SpliceKind};

use super::{repetition, report};

rule! {
    /// # What it finds
    ///
    /// A citation that stands on the prose: a letter touches its bracket, and what touches is a part of a word. The label was written over the text, and a stretch of the text is gone.
    ///
    /// # Why it matters
    ///
    /// The sentence is destroyed, and the citation stands where it proves nothing. Readers take it for a typing mistake; the lost words are never missed.
    ///
    /// # How it knows
    ///
    /// Letters that touch a label, before and behind, are what good typesetting never shows. To that come, where the document gives them: what touches is no word that the article uses elsewhere, or ends or begins as hardly any word of the language does; the label repeats another citation of the article, usually the one before; the other citations stand at the ends of sentences; one mistake of an exporter explains this and other citations. Each fact has a weight (`src/seam/evidence.rs`), fitted on articles whose damage is known. What the article shows on the whole goes with them (`src/seam/odds.rs`): where its labels stand by habit, whether spaces set them off, how many are displaced. The more of them are, the less it takes to doubt one. All of it together is the confidence, and the evidence is listed with the finding. `docs/accuracy.md` has the figures.
    ///
    /// # Example
    ///
    ///     But it doe(example.org)why this issue keeps showing up.
    ///
    /// # Repaired
    ///
    ///     But it doe[…]why this issue keeps showing up.
    ///
    /// Where another copy of the citation stands in its place, the displaced one goes and the mark of a gap stays. The only copy is never taken out: it stays behind the mark, or moves to the end of its sentence with `--unsafe`. The lost words are gone; only a second copy of the article gives them back. What the pieces may have been is shown, and never written.
    ///
    /// # Limits
    ///
    /// Chinese, Japanese, Korean and Thai put no spaces between words; there a label may touch letters in good style, and only its position speaks.
    name: "splice/cut-word", family: Splice, severity: Error,
    summary: "a citation that cut a word: text is lost",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, SpliceKind::CutWord, message, findings);
}

fn message(splice: &Splice, label: &str) -> String {
    let pieces = match (splice.left.as_str(), splice.right.as_str()) {
        ("", right) => format!("“{right}” behind it is cut off from what came before"),
        (left, "") => format!("“{left}” before it is cut off from what came behind"),
        (left, right) => format!("“{left}” before it and “{right}” behind it are cut"),
    };
    format!("{label} is written over the text: {pieces}, and text is lost{}", repetition(splice))
}
