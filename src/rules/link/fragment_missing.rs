//! The page lacks the place that was cited.

use std::collections::BTreeMap;

use crate::citation::Address;
use crate::finding::{Confidence, Finding, Related};
use crate::rules::LinkContext;
use crate::verdict::{FragmentState, find_fragment};

rule! {
    /// # What it finds
    ///
    /// A reference to a place on a page (`#part`) where the page has no element of that id and no anchor of that name; or to a passage (`#:~:text=…`) that the page does not hold.
    ///
    /// # Why it matters
    ///
    /// Readers land at the top of the page and must search for what was cited. A passage that is gone may have been changed.
    ///
    /// # Example
    ///
    /// `https://example.org/report#part-three`, and the page has only `#part-one` and `#part-two`.
    ///
    /// # Repaired
    ///
    /// Cite the place that the page has; where an anchor differs in case only, it is named.
    ///
    /// # Limits
    ///
    /// Anchors that scripts make are not seen: pages that only scripts fill are not judged, and where a page has scripts the finding is less certain.
    name: "link/fragment-missing", family: Link, severity: Warning,
    summary: "the page lacks the place that was cited",
    check: Link(check),
}

fn check(context: &LinkContext<'_>, findings: &mut Vec<Finding>) {
    let mut places: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (index, (citation, resolution)) in context.citations.iter().zip(context.resolutions).enumerate() {
        let address = citation.target.as_ref().and_then(|target| target.address.as_ref());
        if let (Some(resolution), Some(fragment)) = (resolution, address.and_then(Address::fragment)) {
            places.entry((*resolution, fragment)).or_default().push(index);
        }
    }
    for ((resolution, fragment), citations) in places {
        let Some(reference) = context.references.get(resolution) else { continue };
        let Some(page) = reference.observation.page().filter(|_| reference.verdict.standing.is_readable()) else {
            continue;
        };
        let FragmentState::Missing { nearest, has_scripts } = find_fragment(page, fragment) else { continue };
        let spans: Vec<_> =
            citations.iter().filter_map(|index| context.citations.get(*index)).map(|citation| citation.span).collect();
        let Some((first, others)) = spans.split_first() else { continue };
        let hint = nearest.map_or_else(String::new, |nearest| format!("; it has “{nearest}”"));
        let message = format!("{} has no place “{fragment}”{hint}", reference.observation.final_url);
        let confidence = Confidence::from_thousandths(if has_scripts { 750 } else { 950 });
        let mut finding = Finding::new(&META, *first, confidence, message);
        finding.related =
            others.iter().map(|span| Related { span: *span, message: "cited here, too".to_owned() }).collect();
        finding.citations = citations;
        finding.resolution = Some(resolution);
        findings.push(finding);
    }
}
