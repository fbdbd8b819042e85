//! The last word on a document: what its desk has decided about findings is
//! applied, once all rules have spoken.

use crate::document::Place;
use crate::finding::KeyMaker;
use crate::rules::{Check, IgnoreContext, UnusedIgnore};
use crate::text::Span;

use super::select::is_name_of;
use super::{CheckSettings, DocumentReport, PlacedFinding, by_path, ignore};

/// Applies severities by path, ignore comments and the baseline, and tells
/// which of the latter matched nothing. `were_asked` says whether the link
/// rules could speak. To be called once, when the findings are complete.
pub fn settle(report: &mut DocumentReport, settings: &CheckSettings, were_asked: bool) {
    let by_path = settings.paths.of(&report.path);
    for placed in &mut report.findings {
        if let Some(severity) = by_path::severity(&by_path, placed.finding.rule) {
            placed.finding.severity = severity;
        }
    }
    let rules = settings.rules_for(&report.path);
    let ran = |name: &str| {
        (were_asked || !ignore::needs_references(name)) && rules.iter().any(|rule| is_name_of(name, rule.meta))
    };
    let unused = ignore::suppress(report, settings.baseline.as_ref(), &ran);
    if unused.is_empty() {
        return;
    }
    let (unused, places): (Vec<UnusedIgnore>, Vec<Place>) = unused.into_iter().unzip();
    let context = IgnoreContext { unused: &unused };
    let mut keys = KeyMaker::default();
    for rule in rules.iter() {
        let Check::Ignore(check) = rule.check else { continue };
        let mut findings = Vec::new();
        check(&context, &mut findings);
        for (mut finding, place) in findings.into_iter().zip(&places) {
            finding.severity = by_path::severity(&by_path, finding.rule).unwrap_or(finding.severity);
            let key = keys.key(finding.rule.name, &finding.message, Span::from_range(0..finding.message.len()));
            report.findings.push(PlacedFinding::alone(finding, *place, key));
        }
    }
    report.sort_findings();
}
