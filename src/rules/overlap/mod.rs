//! Citations that share text or place.

pub(super) mod crossing;
pub(super) mod duplicate;
pub(super) mod nested;

use crate::finding::{Evidence, Finding, RuleMeta};
use crate::seam::Damage;

use super::context::TextContext;
use super::label::{WholeLabels, mended};

/// Reports the broken labels of one kind of damage.
fn report(
    context: &TextContext<'_>,
    meta: &'static RuleMeta,
    damage: Damage,
    words: &str,
    findings: &mut Vec<Finding>,
) {
    let labels = WholeLabels::of(context);
    for broken in context.broken.iter().filter(|broken| broken.damage == damage) {
        let inner = broken.by.and_then(|index| context.citations.get(index));
        let inner = inner.map_or("another citation", |citation| citation.span.slice(&context.document.text));
        let message = format!("the citation “{}” {words} {inner}", broken.piece);
        let mut finding = Finding::new(meta, broken.span, broken.confidence, message);
        finding.citations.extend(broken.by);
        finding.evidence.push(Evidence::new("piece", broken.piece.clone()));
        finding.evidence.extend(broken.whole.iter().map(|whole| Evidence::new("whole", whole.clone())));
        finding.fix = mended(context, broken, &labels);
        findings.push(finding);
    }
}
