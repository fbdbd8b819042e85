//! A witness beside the article: what they share, how they differ, and whether
//! they cite alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::citation::{self, Citation};
use crate::document::Document;
use crate::finding::Lacuna;
use crate::text::Span;

use super::Witness;
use super::align::{self, Block};
use super::gap::Laid;
use super::restore::{self, Damaged};
use super::site::{Site, labels, marks};
use super::stream::Stream;

/// Lays a witness beside the article.
pub(super) fn lay<'a>(damaged: Damaged<'_>, witness: &'a Witness, sites: &[Site], is_kin: bool) -> Laid<'a> {
    let mut left_out = labels(&witness.citations);
    left_out.extend(marks(&witness.document, &Lacuna::default()));
    left_out.sort_unstable();
    let stream = Stream::of(&witness.document, &left_out);
    let blocks = align::align(&damaged.stream.chars, &stream.chars);
    let is_edited = is_edited(damaged, &stream, &blocks, sites);
    let (writes_alike, lost_labels) = lost_labels(damaged, witness);
    let mut laid = Laid {
        document: &witness.document,
        citations: &witness.citations,
        stream,
        blocks,
        is_edited,
        cites_alike: false,
        writes_alike,
        lost_labels,
        is_kin,
    };
    laid.cites_alike = cites_alike(damaged, &laid, sites);
    laid
}

/// Whether a witness writes most of the article's labels, and its own that the
/// article has lost, by where they begin. A copy tells that only if it writes
/// labels as the article does, and has one more often. What reads as a label in
/// an export, and is none that the export declares, are words of the answer.
fn lost_labels(damaged: Damaged<'_>, witness: &Witness) -> (bool, BTreeSet<u32>) {
    let here = counted(damaged.document, &damaged.report.citations);
    let there = counted(&witness.document, &witness.citations);
    let shared = here.keys().filter(|text| there.contains_key(*text)).count();
    let writes_alike = shared > 0 && shared * 3 >= here.len() * 2;
    let is_own = |label: &Span| match &witness.raw {
        Some(raw) => !raw.declares(witness.document.source_span(*label).start),
        None => writes_alike,
    };
    let is_lost = |label: &Span| {
        let text = label.slice(&witness.document.text);
        here.get(text) < there.get(text) && is_own(label)
    };
    // What an entry of a list of references begins with is cited by nobody there.
    let marks: BTreeSet<u32> =
        citation::find_entries(&witness.document).into_iter().map(|entry| entry.mark.start).collect();
    let lost = labels(&witness.citations).into_iter().filter(|label| !marks.contains(&label.start) && is_lost(label));
    (writes_alike, lost.map(|label| label.start).collect())
}

/// How often each label is written.
fn counted<'a>(document: &'a Document, citations: &[Citation]) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for label in labels(citations) {
        *counts.entry(label.slice(&document.text)).or_default() += 1;
    }
    counts
}

/// Whether the copies differ where no label stands. A label of the article that
/// the copy has elsewhere, and that is read as one there or not, is no edit.
fn is_edited(damaged: Damaged<'_>, other: &Stream, blocks: &[Block], sites: &[Site]) -> bool {
    let article = damaged.stream;
    let known: BTreeSet<Vec<char>> = labels(&damaged.report.citations)
        .into_iter()
        .map(|label| Stream::of_span(damaged.document, label).chars)
        .collect();
    let is_label = |left: &Block, right: &Block| {
        let more = other.chars.get(left.other_end()..right.other).unwrap_or_default();
        left.one_end() == right.one && known.contains(more)
    };
    // The list of references at the end is one with its citations.
    let entries = citation::find_entries(damaged.document);
    let list = entries.first().map(|entry| article.index_at(entry.mark.start));
    let is_list = |left: &Block, right: &Block| {
        let is_all = right.one == article.chars.len() && left.other_end() == right.other;
        is_all && list.is_some_and(|list| left.one_end() + align::EDGE >= list)
    };
    let places: Vec<(usize, usize)> =
        sites.iter().map(|site| (article.index_at(site.span.start), article.index_at(site.span.end))).collect();
    let start = Block { one: 0, other: 0, len: 0 };
    let end = Block { one: article.chars.len(), other: other.chars.len(), len: 0 };
    let all: Vec<Block> = std::iter::once(start).chain(blocks.iter().copied()).chain([end]).collect();
    all.windows(2).any(|pair| {
        let [left, right] = pair else { return false };
        let differs = left.one_end() < right.one || left.other_end() < right.other;
        // A few characters to each side: what both sides could claim.
        let (from, to) = (left.one_end().saturating_sub(align::EDGE), right.one + align::EDGE);
        let first = places.partition_point(|(_, end)| *end < from);
        differs
            && !is_label(left, right)
            && !is_list(left, right)
            && places.get(first).is_none_or(|(start, _)| to < *start)
    })
}

/// Whether most of the article's sound citations stand in the copy, too.
fn cites_alike(damaged: Damaged<'_>, copy: &Laid<'_>, sites: &[Site]) -> bool {
    /// Fewer stand anywhere by chance.
    const FEWEST: usize = 2;
    /// More tell no more.
    const SAMPLE: usize = 200;
    let sound = sites.iter().filter(|site| site.findings.is_empty() && site.citations().next().is_some());
    let offers =
        sound.take(SAMPLE).filter_map(|site| Some((site, copy.offer(damaged.document, damaged.stream, site)?)));
    let has: Vec<bool> = offers
        .filter(|(_, offer)| offer.lost == 0)
        .map(|(site, offer)| restore::has_own_label(damaged, copy, site, &offer))
        .collect();
    let shared = has.iter().filter(|has| **has).count();
    shared >= FEWEST && shared * 3 >= has.len() * 2
}
