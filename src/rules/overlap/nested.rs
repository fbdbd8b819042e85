//! A citation inside another.

use crate::finding::Finding;
use crate::rules::TextContext;
use crate::seam::Damage;

use super::report;

rule! {
    /// # What it finds
    ///
    /// A citation that stands wholly inside another one.
    ///
    /// # Why it matters
    ///
    /// The outer citation is torn in two. Programs that read citations see one of them at best.
    ///
    /// # Example
    ///
    ///     The vote was close. (reuters(example.org).com)
    ///
    /// # Repaired
    ///
    ///     The vote was close. (reuters.com) (example.org)
    ///
    /// # Limits
    ///
    /// The two parts of the outer citation must give a host when they are put together.
    name: "overlap/nested", family: Overlap, severity: Error,
    summary: "a citation wholly inside another",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, Damage::Holds, "is torn apart by", findings);
}
