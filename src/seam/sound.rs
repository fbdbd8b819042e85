//! The citations that stand where somebody put them: what a displaced copy may
//! be a copy of.

use std::collections::HashSet;

use crate::citation::{Address, Citation, Kind};
use crate::document::Document;

use super::splice::Splice;

/// The citations of a document that no splice displaced.
#[derive(Debug)]
pub struct SoundCitations<'a> {
    is_sound: Vec<bool>,
    hosts: HashSet<&'a str>,
    pages: HashSet<&'a str>,
    marks: HashSet<&'a str>,
}

impl<'a> SoundCitations<'a> {
    /// All but those of `splices`.
    #[must_use]
    pub fn of(document: &'a Document, citations: &'a [Citation], splices: &[Splice]) -> Self {
        let mut is_sound = vec![true; citations.len()];
        for splice in splices {
            is_sound.get_mut(splice.citations.clone()).unwrap_or_default().fill(false);
        }
        let mut found = Self { is_sound, hosts: HashSet::new(), pages: HashSet::new(), marks: HashSet::new() };
        // Nobody asks for the original of a copy where nothing was displaced.
        if splices.is_empty() {
            return found;
        }
        for (_, citation) in citations.iter().enumerate().filter(|(index, _)| found.is_sound.get(*index) == Some(&true))
        {
            let target = citation.target.as_ref();
            found.hosts.extend(target.and_then(|target| target.host.as_ref()).map(|host| host.ascii.as_str()));
            found.pages.extend(target.and_then(|target| target.address.as_ref()).map(Address::as_str));
            if is_mark(citation.kind) {
                found.marks.insert(citation.span.slice(&document.text));
            }
        }
        found
    }

    /// Whether nothing displaced the citation.
    #[must_use]
    pub fn holds(&self, index: usize) -> bool {
        self.is_sound.get(index).copied().unwrap_or(false)
    }

    /// Whether a sound citation says all that `citation` says: the same page,
    /// or the same host where no more is named. To be asked of displaced
    /// citations only.
    #[must_use]
    pub fn attest(&self, document: &Document, citation: &Citation) -> bool {
        if is_mark(citation.kind) {
            return self.marks.contains(citation.span.slice(&document.text));
        }
        let Some(target) = &citation.target else { return false };
        match (&target.address, &target.host) {
            (_, Some(host)) if target.site_only => self.hosts.contains(host.ascii.as_str()),
            (Some(address), _) => self.pages.contains(address.as_str()),
            _ => false,
        }
    }
}

/// Whether the citation is what is written, and not where that leads.
fn is_mark(kind: Kind) -> bool {
    matches!(kind, Kind::Footnote | Kind::Numeric | Kind::Token | Kind::Key)
}
