//! Which copies descend from one damaged copy.
//!
//! Copies that share an error share an ancestor (the *indicative errors* of
//! textual criticism, Maas 1927): what they agree on, they have from it, so they
//! are one voice however many they are. A splice is such an error: the words
//! before it, the label, and the words behind it come together by accident.

use std::collections::BTreeSet;

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::Confidence;
use crate::seam::{self, SpliceKind};
use crate::text::Span;

use super::align::EDGE;
use super::site::labels;
use super::stream::Stream;

/// A splice: the characters before it, its label, the characters behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Scar {
    left: Vec<char>,
    label: String,
    right: Vec<char>,
}

/// What tells a copy's descent.
#[derive(Debug, Default)]
pub(super) struct Scars {
    /// The splices that lost text, as far as they are certain.
    certain: BTreeSet<Scar>,
    /// How many there are, certain or not.
    all: usize,
    /// What stands before and behind the marks of gaps: where a splice was, and
    /// a repair took its label.
    healed: BTreeSet<(Vec<char>, Vec<char>)>,
}

impl Scars {
    /// Adds the gaps that somebody marked.
    pub(super) fn add_healed(&mut self, document: &Document, marks: &[Span]) {
        let mut left_out = labels(&crate::citation::extract(document));
        left_out.extend(marks);
        left_out.sort_unstable();
        let stream = Stream::of(document, &left_out);
        let healed = marks.iter().filter_map(|mark| scar(document, &stream, *mark));
        self.healed.extend(healed.map(|scar| (scar.left, scar.right)));
        self.all += marks.len();
    }

    /// How many certain splices of `other` are of this copy, too.
    fn shared(&self, other: &Self) -> usize {
        let is_shared = |scar: &&Scar| {
            self.certain.contains(scar)
                || !self.healed.is_empty() && self.healed.contains(&(scar.left.clone(), scar.right.clone()))
        };
        other.certain.iter().filter(is_shared).count()
    }
}

/// The splices of a copy that lost text.
pub(super) fn scars(document: &Document, citations: &[Citation]) -> Scars {
    let vocabulary = seam::words_apart(document, citations);
    let readings = seam::read_sites(document, citations, &[], &vocabulary);
    let mut splices = seam::find_splices(document, citations, readings);
    splices.retain(|splice| matches!(splice.kind, SpliceKind::CutWord | SpliceKind::LostText));
    let stream = Stream::of(document, &labels(citations));
    let certain = splices.iter().filter(|splice| Confidence::ERROR <= splice.confidence);
    let certain = certain.filter_map(|splice| scar(document, &stream, splice.label)).collect();
    Scars { certain, all: splices.len(), healed: BTreeSet::new() }
}

/// `None` at the ends of a text, where too few words stand beside it.
fn scar(document: &Document, stream: &Stream, label: Span) -> Option<Scar> {
    let (left, right) = (stream.index_at(label.start), stream.index_at(label.end));
    Some(Scar {
        left: stream.chars.get(left.checked_sub(EDGE)?..left)?.to_vec(),
        label: label.slice(&document.text).to_owned(),
        right: stream.chars.get(right..right + EDGE)?.to_vec(),
    })
}

/// Whom a copy descends from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// The damaged copy that the article descends from.
    Article,
    /// Another damaged copy; the number is its own.
    Other(usize),
}

/// The families of the witnesses, in their order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::repair) struct Kin {
    pub(super) families: Vec<Family>,
}

/// For each copy its family: copies that share half of their scars, and their
/// kin, are of one. One scar among many may be a false alarm in both.
pub(super) fn families<'a>(article: &'a Scars, copies: impl Iterator<Item = &'a Scars>) -> Vec<Family> {
    let mut known: Vec<(&Scars, Family)> = vec![(article, Family::Article)];
    for (index, scars) in copies.enumerate() {
        let kin: BTreeSet<Family> =
            known.iter().filter(|(other, _)| are_kin(scars, other)).map(|(_, family)| *family).collect();
        let own = kin.first().copied().unwrap_or(Family::Other(index));
        known.push((scars, own));
        known.iter_mut().filter(|(_, family)| kin.contains(family)).for_each(|(_, family)| *family = own);
    }
    known.into_iter().skip(1).map(|(_, family)| family).collect()
}

fn are_kin(one: &Scars, other: &Scars) -> bool {
    let shared = one.shared(other).max(other.shared(one));
    shared > 0 && shared * 2 >= one.all.max(other.all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kin_of_kin_are_kin() {
        use Family::{Article, Other};
        let scar = |label: &str| Scar { left: Vec::new(), label: label.to_owned(), right: Vec::new() };
        let copy = |labels: &[&str]| {
            let certain: BTreeSet<Scar> = labels.iter().map(|label| scar(label)).collect();
            Scars { all: certain.len(), certain, ..Scars::default() }
        };
        let copies = [copy(&["a"]), copy(&["b"]), copy(&[]), copy(&["b", "a"]), copy(&["c"]), copy(&["b"])];
        let of = |article: &[&str]| families(&copy(article), copies.iter());
        assert_eq!(of(&[]), [Other(0), Other(0), Other(2), Other(0), Other(4), Other(0)]);
        assert_eq!(of(&["c"]), [Other(0), Other(0), Other(2), Other(0), Article, Other(0)]);
        assert_eq!(of(&["b"]), [Article, Article, Other(2), Article, Other(4), Article]);
    }
}
