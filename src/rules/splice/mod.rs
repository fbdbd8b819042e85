//! Citations written over, or into, the prose.

mod complete;
pub(super) mod cut_word;
mod fix;
pub(super) mod lost_text;
pub(super) mod misplaced;
mod place;
pub(super) mod stray_copy;

use crate::finding::{Finding, Related, RuleMeta};
use crate::seam::{Splice, SpliceKind};

use super::context::TextContext;
use fix::Mender;

/// Reports the splices of one kind. A gap that an editor marked already is
/// known.
fn report(
    context: &TextContext<'_>,
    meta: &'static RuleMeta,
    kind: SpliceKind,
    message: fn(&Splice, &str) -> String,
    findings: &mut Vec<Finding>,
) {
    let mender = Mender::of(context);
    let is_marked = |splice: &Splice| {
        let before = context.document.text.get(..splice.label.start as usize).unwrap_or_default();
        splice.lost.is_some() && context.lacuna.ends(before.trim_end_matches(' '))
    };
    for splice in context.splices.iter().filter(|splice| splice.kind == kind && !is_marked(splice)) {
        let label = splice.label.slice(&context.document.text);
        let mut finding = Finding::new(meta, splice.span, splice.confidence, message(splice, label));
        finding.citations = splice.citations.clone().collect();
        finding.evidence.clone_from(&splice.evidence);
        finding.lost = splice.lost;
        let repeated = splice.repeats.and_then(|other| context.citations.get(other));
        finding
            .related
            .extend(repeated.map(|other| Related { span: other.span, message: "the citation it repeats".to_owned() }));
        finding.fix = mender.fix(splice);
        findings.push(finding);
    }
}

/// `, and the citation repeats another one`, where it does.
fn repetition(splice: &Splice) -> &'static str {
    if splice.repeats.is_some() { "; it repeats another citation" } else { "" }
}
