//! Labels that say what another label says already.

use std::collections::HashMap;

use crate::citation::Citation;

use super::site::{Form, Site};

/// Another site with the same source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repeat {
    /// Its first citation.
    pub(super) citation: usize,
    /// It stands before, and not behind.
    pub(super) is_before: bool,
    /// It is the label right before.
    pub(super) is_previous: bool,
}

/// What a citation cites: its host; of numbers and tokens, their own text.
#[must_use]
pub fn source_of<'a>(text: &'a str, citation: &'a Citation, form: Form) -> Option<&'a str> {
    match form {
        Form::Label => citation.target.as_ref().and_then(|target| target.host.as_ref()).map(|host| host.ascii.as_str()),
        Form::Mark | Form::Token => Some(citation.span.slice(text)),
    }
}

/// For each site the one with the same source: the nearest before, else the
/// nearest behind.
pub(super) fn find_repeats(text: &str, citations: &[Citation], sites: &[Site<'_>]) -> Vec<Option<Repeat>> {
    let source = |site: &Site<'_>| source_of(text, citations.get(site.citations.start)?, site.form);
    let mut repeats = vec![None; sites.len()];
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut previous = None;
    for (index, site) in sites.iter().enumerate() {
        let Some(source) = source(site) else { continue };
        if let Some(earlier) = last.insert(source, index) {
            if let (Some(slot), Some(other)) = (repeats.get_mut(index), sites.get(earlier)) {
                let is_previous = previous == Some(earlier);
                *slot = Some(Repeat { citation: other.citations.start, is_before: true, is_previous });
            }
            if let Some(slot) = repeats.get_mut(earlier).filter(|slot| slot.is_none()) {
                *slot = Some(Repeat { citation: site.citations.start, is_before: false, is_previous: false });
            }
        }
        previous = Some(index);
    }
    repeats
}
