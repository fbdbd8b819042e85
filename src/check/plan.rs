//! From citations to what will be asked: every distinct target once.

use std::collections::HashMap;

use url::Url;

use crate::citation::Address;
use crate::verdict::{Keep, Probe};

use super::DocumentReport;

/// The probes for all documents, in order of first mention; each citation is
/// given the index of its own. Of a page that is quoted the text is kept, of one
/// that a fragment leads into the anchors.
pub fn plan(reports: &mut [DocumentReport]) -> Vec<Probe> {
    let mut probes: Vec<Probe> = Vec::new();
    let mut known: HashMap<Url, usize> = HashMap::new();
    for report in reports {
        for (citation, resolution) in report.citations.iter().zip(&mut report.resolutions) {
            let Some(target) = &citation.target else { continue };
            let Some(mut url) = target.address.as_ref().and_then(Address::to_url) else { continue };
            let fragment = url.fragment().map(str::to_owned);
            url.set_fragment(None);
            let index = *known.entry(url.clone()).or_insert_with(|| {
                probes.push(Probe::new(url));
                probes.len() - 1
            });
            *resolution = Some(index);
            if let (Some(fragment), Some(probe)) = (fragment, probes.get_mut(index)) {
                probe.keep = probe.keep.and(Keep { anchors: true, text: fragment.contains(":~:"), ..Keep::default() });
            }
            if let Some(probe) = probes.get_mut(index).filter(|probe| target.site_only && probe.fallback.is_none()) {
                let mut plain = probe.url.clone();
                probe.fallback = plain.set_scheme("http").is_ok().then_some(plain);
            }
        }
        let quoted = report.quotations.iter().flat_map(|placed| &placed.quotation.citations);
        for index in quoted.filter_map(|citation| report.resolutions.get(*citation).copied().flatten()) {
            if let Some(probe) = probes.get_mut(index) {
                probe.keep.text = true;
            }
        }
    }
    probes
}
