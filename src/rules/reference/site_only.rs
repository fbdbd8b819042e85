//! A citation that names a site, not a page.

use std::collections::{BTreeMap, HashSet};

use crate::finding::{Confidence, Finding, Related};
use crate::rules::TextContext;

rule! {
    /// # What it finds
    ///
    /// A citation such as `(example.org)`: it names a site. One finding per host.
    ///
    /// # Why it matters
    ///
    /// A site by itself can support nothing: nobody can look up which of its pages was meant, and a check can only say that the site answers.
    ///
    /// # Example
    ///
    ///     The harbour grew. (example.org)
    ///
    /// # Repaired
    ///
    /// Only the author, or the export that the article came from, knows the page. Another file of the run that gives an address behind the same words, the article's other links to the site and, with `--propose`, the page that the site's own lists lead to are shown beside the finding, and never written.
    ///
    /// # Limits
    ///
    /// Citations that are damage themselves (stray copies, cut labels) are left out.
    name: "reference/site-only", family: Reference, severity: Info,
    summary: "a citation that names a site, not a page",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let spliced: HashSet<usize> = context.splices.iter().flat_map(|splice| splice.citations.clone()).collect();
    let mut by_host: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, citation) in context.citations.iter().enumerate() {
        let Some(target) = citation.target.as_ref().filter(|target| target.site_only) else { continue };
        if spliced.contains(&index) {
            continue;
        }
        if let Some(host) = &target.host {
            by_host.entry(&host.ascii).or_default().push(index);
        }
    }
    for (host, indices) in by_host {
        let Some(first) = indices.first().and_then(|index| context.citations.get(*index)) else { continue };
        let message = format!("{host} is a site, not a page: nobody can look up what is cited");
        let mut finding = Finding::new(&META, first.span, CERTAIN, message);
        finding.related = indices
            .iter()
            .skip(1)
            .filter_map(|index| context.citations.get(*index))
            .map(|citation| Related { span: citation.span, message: "cited here, too".to_owned() })
            .collect();
        finding.citations = indices;
        findings.push(finding);
    }
}

const CERTAIN: Confidence = Confidence::from_thousandths(990);
