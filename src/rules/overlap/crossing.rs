//! Citations that cross.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::Damage;

use super::report;

rule! {
    /// # What it finds
    ///
    /// A citation that begins inside another and runs past its end, or that ate the other's end or start.
    ///
    /// # Why it matters
    ///
    /// One of the two is unreadable, and which source it named is lost to readers.
    ///
    /// # Example
    ///
    ///     The vote was close. (reuters.(example.org) It passed. (reuters.com)
    ///
    /// # Repaired
    ///
    ///     The vote was close. (reuters.com) (example.org) It passed. (reuters.com)
    ///
    /// Where the document does not hold the whole of the cut citation, the mark of a gap shows where it is cut.
    ///
    /// # Limits
    ///
    /// The piece that is left must be recognisable: a start or an end of a host that the document cites elsewhere, or a host by itself.
    name: "overlap/crossing", family: Overlap, severity: Error,
    summary: "a citation that runs into another",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, Damage::Crossed, "is cut where it meets", findings);
}
