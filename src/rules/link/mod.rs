//! What became of the references.

pub(super) mod blocked;
pub(super) mod drifted;
pub(super) mod fragment_missing;
pub(super) mod gone;
pub(super) mod home_redirect;
pub(super) mod host_gone;
pub(super) mod local_missing;
pub(super) mod login;
pub(super) mod moved;
pub(super) mod parked;
pub(super) mod paywall;
pub(super) mod private_address;
pub(super) mod server_error;
pub(super) mod soft_404;
pub(super) mod timeout;
pub(super) mod tls;
pub(super) mod unreachable;

use crate::finding::{Evidence, Finding, Related, RuleMeta};

use super::context::{LinkContext, Reference};

/// Reports every reference of the article that `applies`, once: at its first
/// citation, the others beside it.
fn report(
    context: &LinkContext<'_>,
    meta: &'static RuleMeta,
    applies: fn(&Reference) -> bool,
    message: fn(&Reference) -> String,
    findings: &mut Vec<Finding>,
) {
    let mut cited: Vec<(usize, usize)> =
        context.resolutions.iter().enumerate().filter_map(|(citation, index)| Some(((*index)?, citation))).collect();
    cited.sort_unstable();
    for group in cited.chunk_by(|one, other| one.0 == other.0) {
        let Some((index, first)) = group.first().copied() else { continue };
        let Some(reference) = context.references.get(index).filter(|reference| applies(reference)) else { continue };
        let Some(citation) = context.citations.get(first) else { continue };
        let mut finding = Finding::new(meta, citation.span, reference.verdict.confidence, message(reference));
        finding.citations = group.iter().map(|(_, citation)| *citation).collect();
        finding.resolution = Some(index);
        finding.evidence =
            reference.verdict.evidence.iter().map(|fact| Evidence::new(fact.kind, fact.text.clone())).collect();
        finding.related = finding
            .citations
            .iter()
            .skip(1)
            .filter_map(|citation| context.citations.get(*citation))
            .map(|other| Related { span: other.span, message: "cited here, too".to_owned() })
            .collect();
        findings.push(finding);
    }
}

/// The address that was asked, as people write it.
fn address(reference: &Reference) -> &str {
    reference.observation.probe.url.as_str()
}

/// What the verdict rests on, in brackets.
fn because(reference: &Reference) -> String {
    format!(" ({})", reference.verdict.in_short())
}
