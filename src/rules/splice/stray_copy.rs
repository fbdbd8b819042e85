//! A second copy of a citation where it does not belong.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::{Splice, SpliceKind};

use super::report;

rule! {
    /// # What it finds
    ///
    /// A citation inside a sentence that repeats the one before it, in an article whose other citations stand at the ends of sentences. No word is cut, so no other splice rule says more.
    ///
    /// # Why it matters
    ///
    /// It is the trace of an exporter that wrote labels at wrong offsets. Text may be lost beside it, too.
    ///
    /// # Example
    ///
    ///     The harbour grew. (example.org) Its new (example.org) quay opened. Trade followed. (other.org)
    ///
    /// # Repaired
    ///
    /// The copy is taken out; the first citation stays.
    ///
    /// # Limits
    ///
    /// Only where the document shows a habit: two other citations at the ends of sentences at least, and four in five of all. Numbers in brackets repeat by right and are left alone.
    name: "splice/stray-copy", family: Splice, severity: Warning,
    summary: "a displaced second copy of another citation",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, SpliceKind::StrayCopy, message, findings);
}

fn message(_: &Splice, label: &str) -> String {
    format!("{label} stands in mid-sentence and repeats another citation; check whether text is missing beside it")
}
