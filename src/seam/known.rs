//! What the pieces of broken labels are held against: the hosts and the names
//! that the document cites.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ops::Bound;

use crate::citation::{Citation, Kind};
use crate::document::Document;

/// The hosts that the document cites, for look-ups by start and by end. Most
/// documents have no piece to look up, so each order is made when first asked.
pub(super) struct KnownHosts<'a> {
    citations: Vec<&'a Citation>,
    forward: OnceCell<BTreeSet<&'a str>>,
    backward: OnceCell<BTreeSet<String>>,
}

impl<'a> KnownHosts<'a> {
    pub(super) fn of(citations: impl Iterator<Item = &'a Citation>) -> Self {
        Self { citations: citations.collect(), forward: OnceCell::new(), backward: OnceCell::new() }
    }

    fn forward(&self) -> &BTreeSet<&'a str> {
        let host = |citation: &&'a Citation| Some(citation.target.as_ref()?.host.as_ref()?.ascii.as_str());
        self.forward.get_or_init(|| self.citations.iter().filter_map(host).collect())
    }

    fn backward(&self) -> &BTreeSet<String> {
        self.backward.get_or_init(|| self.forward().iter().map(|host| host.chars().rev().collect()).collect())
    }

    /// A host that goes on behind `piece`.
    pub(super) fn starting_with(&self, piece: &str) -> Option<&'a str> {
        if self.citations.is_empty() {
            return None;
        }
        let piece = piece.to_lowercase();
        let next = self
            .forward()
            .range::<str, _>((Bound::Included(piece.as_str()), Bound::Unbounded))
            .find(|host| **host != piece)?;
        next.starts_with(&piece).then_some(next)
    }

    /// A host that begins before `piece`.
    pub(super) fn ending_with(&self, piece: &str) -> Option<String> {
        let reversed: String = piece.to_lowercase().chars().rev().collect();
        let next = self.backward().range(reversed.clone()..).find(|host| **host != reversed)?;
        next.starts_with(&reversed).then(|| next.chars().rev().collect())
    }

    /// Whether `piece` is the end of a host that was cut in mid-name:
    /// `eignpolicy.com`, and not `nato.int` of `www.nato.int`.
    pub(super) fn end_in(&self, piece: &str) -> bool {
        let is_end = |host: String| host.strip_suffix(&piece.to_lowercase()).is_some_and(|head| !head.ends_with('.'));
        piece.len() >= 4 && piece.contains('.') && self.ending_with(piece).is_some_and(is_end)
    }

    pub(super) fn contains(&self, host: &str) -> bool {
        self.forward().contains(host.to_lowercase().as_str())
    }
}

/// The texts of the document's link labels, a few dozen at most.
pub(super) fn link_names<'a>(document: &'a Document, citations: &[Citation]) -> Vec<&'a str> {
    const MOST: usize = 64;
    let labels = citations.iter().filter(|citation| citation.kind == Kind::LinkLabel);
    let mut names: Vec<&str> = labels
        .map(|citation| citation.span.slice(&document.text).trim_matches(['(', ')', '[', ']']))
        .take(MOST)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether `piece` is a cut start of `host`, and not the name that people use
/// for it in brackets: `(reuters)` is no cut `(reuters.com)`.
pub(super) fn is_cut_start(piece: &str, host: &str) -> bool {
    let piece = piece.to_lowercase();
    let names: Vec<&str> = host.split('.').collect();
    piece.contains('.') && !piece.ends_with('.')
        || piece.ends_with('.') && piece.len() > 4
        || piece.len() >= 5
            && !names.contains(&piece.as_str())
            && !host.get(piece.len()..).is_some_and(|rest| rest.starts_with('-'))
            && host.split('.').next().is_some_and(|name| name.len() > piece.len())
}

/// `www.who`, `cern.g`, `mayoclinic.`: a name and a dot, as hosts begin, in a
/// bracket that nothing closes.
pub(super) fn begins_host(piece: &str) -> bool {
    let mut labels = piece.split('.');
    let name = labels.next().unwrap_or_default();
    name.len() >= 2
        && piece.contains('.')
        && labels.all(|label| !label.is_empty() || piece.ends_with('.'))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `.co.uk`, `tat.eu`: a dot and a country or kind of site, as hosts end.
pub(super) fn ends_host(piece: &str) -> bool {
    let is_label = |label: &str| label.len() >= 2 && label.bytes().all(|byte| byte.is_ascii_lowercase());
    let mut labels = piece.rsplit('.');
    labels.next().is_some_and(is_label) && labels.all(|label| label.is_empty() || is_label(label))
}
