//! The reference leads to a private address.

use crate::finding::Finding;
use crate::rules::{LinkContext, Reference};
use crate::verdict::Standing;

use super::{address, report};

rule! {
    /// # What it finds
    ///
    /// A reference that leads to a loopback, private, link-local or other special-purpose address, at once or by a redirect. It is not asked.
    ///
    /// # Why it matters
    ///
    /// Readers cannot follow it, and a checker that does can be made to attack your own network.
    ///
    /// # Example
    ///
    /// `http://192.168.1.10/wiki/report`
    ///
    /// # Repaired
    ///
    /// Cite a public address. To check references of your own network, use `--allow-private`.
    ///
    /// # Limits
    ///
    /// Names are looked up first: an internal name that resolves nowhere is `host-gone`.
    name: "link/private-address", family: Link, severity: Warning,
    summary: "the reference leads to a private address",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    report(context, &META, applies, message, findings);
}

fn applies(reference: &Reference) -> bool {
    reference.verdict.standing == Standing::NotChecked && reference.verdict.reason == "private-address"
}

fn message(reference: &Reference) -> String {
    format!("{} leads to a private or special-purpose address; it was not asked", address(reference))
}
