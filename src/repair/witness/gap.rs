//! Where a seam stands, and what another copy has there.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::citation::Citation;
use crate::document::Document;
use crate::text::Span;

use super::align::{Block, EDGE};
use super::site::{Part, PartKind, Site};
use super::stream::Stream;

/// A copy of the article, laid beside it.
pub(super) struct Laid<'a> {
    pub(super) document: &'a Document,
    pub(super) citations: &'a [Citation],
    pub(super) stream: Stream,
    pub(super) blocks: Vec<Block>,
    /// It differs from the article at places where no label stands.
    pub(super) is_edited: bool,
    /// It cites what the article cites, where the article does.
    pub(super) cites_alike: bool,
    /// It writes most of the article's labels, wherever they stand.
    pub(super) writes_alike: bool,
    /// Its labels that the article has lost, by where they begin.
    pub(super) lost_labels: BTreeSet<u32>,
    /// It is a descendant of the same damaged copy.
    pub(super) is_kin: bool,
}

/// What a copy has at a seam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The stretch of the copy’s text between the two edges.
    pub(super) span: Span,
    /// The same in characters of its stream.
    pub(super) chars: Range<usize>,
    /// How many characters lie there that the article lacks.
    pub(super) lost: usize,
    /// Whether what is doubtful at the seam is prose: the copy has it.
    pub(super) is_prose: bool,
}

impl Laid<'_> {
    /// What stands in the copy where the article has a seam; `None` where the
    /// edges do not agree, or the copy lacks what the article has in between.
    ///
    /// Between two edges a gap may open only at the parts of the seam: the
    /// article's words there must stand in the copy in the same order. So what
    /// the copy has from edge to edge is what the article had, wherever in
    /// between its words belong.
    pub(super) fn offer(&self, document: &Document, article: &Stream, site: &Site) -> Option<Offer> {
        let from = self.left_edge(article, article.index_at(site.span.start))?;
        let to = self.right_edge(article, article.index_at(site.span.end))?;
        let words = self.stream.chars.get(from..to)?;
        let may_be_prose = site.has(PartKind::Doubtful) && !site.has(PartKind::Piece);
        let beside = may_be_prose.then_some(Reading::ProseBesideGap);
        let readings = [Some(Reading::Prose), beside, Some(Reading::Label)].into_iter().flatten();
        let runs = |reading| (reading, runs(document, article, site, reading));
        let (reading, runs) = readings.map(runs).find(|(_, runs)| embeds(runs, words))?;
        let held: usize = runs.iter().map(Vec::len).sum();
        let is_prose = reading != Reading::Label;
        if !is_prose && may_hold_prose(document, site, words) {
            return None;
        }
        let start = self.stream.spans.get(from.wrapping_sub(1)).map_or(0, |span| span.end);
        let end = self.stream.spans.get(to).map_or(crate::text::offset(self.document.text.len()), |span| span.start);
        let lost = words.len().checked_sub(held)?;
        (start <= end).then(|| Offer { span: Span::new(start, end), chars: from..to, lost, is_prose })
    }

    /// The character of the copy that stands where the article's `at` does, if
    /// the copies agree on what stands before, up to the start of both.
    fn left_edge(&self, article: &Stream, at: usize) -> Option<usize> {
        let last = self.blocks.partition_point(|block| block.one < at);
        let same = |one: usize, place: usize| self.is_same(article, one, place);
        let along = |block: &Block| {
            let place = block.other + (at - block.one);
            let edge = at.checked_sub(EDGE).filter(|_| EDGE <= place)?.min(block.one_end());
            (edge..at).all(|one| same(one, place - (at - one))).then_some(place)
        };
        // What both sides could claim belongs before the seam.
        let blocks = self.blocks.get(last.saturating_sub(2)..last)?;
        let is_start = 0 < at && at < EDGE && (0..at).all(|one| same(one, one));
        blocks.iter().find_map(along).or_else(|| is_start.then_some(at))
    }

    /// The same for what stands behind, down to the end of both.
    fn right_edge(&self, article: &Stream, at: usize) -> Option<usize> {
        let first = self.blocks.partition_point(|block| block.one_end() <= at);
        let same = |one: usize, place: usize| self.is_same(article, one, place);
        let along = |block: &Block| {
            let place = (block.other + at).checked_sub(block.one)?;
            let edge = block.one.max(at + EDGE);
            (at..edge).rev().all(|one| same(one, place + (one - at))).then_some(place)
        };
        let blocks = self.blocks.get(first..(first + 2).min(self.blocks.len()))?;
        let rest = article.chars.len().checked_sub(at)?;
        let end = self.stream.chars.len().checked_sub(rest);
        let is_end = |place: &usize| 0 < rest && rest < EDGE && (0..rest).all(|step| same(at + step, place + step));
        blocks.iter().rev().find_map(along).or_else(|| end.filter(is_end))
    }

    fn is_same(&self, article: &Stream, one: usize, place: usize) -> bool {
        article.chars.get(one).is_some_and(|c| self.stream.chars.get(place) == Some(c))
    }

    /// The character of the article that stands where byte `at` of the copy's
    /// text does; `None` where the copies do not share the place.
    pub(super) fn place_in_article(&self, at: u32) -> Option<usize> {
        let index = self.stream.index_at(at);
        let next = self.blocks.partition_point(|block| block.other_end() < index);
        let block = self.blocks.get(next)?;
        (block.other <= index && index <= block.other_end()).then(|| block.one + (index - block.other))
    }

    /// How the article writes a label of the copy that it has lost; `None` where
    /// it has not.
    pub(super) fn lost_label(&self, document: &Document, label: &Citation) -> Option<String> {
        self.lost_labels.get(&label.span.start)?;
        let markup = label.source.filter(|_| document.format == self.document.format);
        match markup.or_else(|| self.document.exact_source_span(label.span)) {
            Some(source) if document.format == self.document.format => {
                self.document.source.get(source.range()).map(str::to_owned)
            }
            // In Markdown brackets stay bare: escaped, they were no label.
            _ => Some(document.written(label.span.slice(&self.document.text)).replace("\\[", "[").replace("\\]", "]")),
        }
    }

    /// The labels of the copy that stand within `span`, its ends included.
    pub(super) fn labels_in(&self, span: Span) -> impl Iterator<Item = &Citation> {
        let first = self.citations.partition_point(|citation| citation.span.end < span.start);
        let last = self.citations.partition_point(|citation| citation.span.start <= span.end);
        let within = self.citations.get(first..last.max(first)).unwrap_or_default();
        within.iter().filter(|citation| citation.kind.is_label())
    }
}

/// What the doubtful parts of a seam are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Words, and no gap beside them.
    Prose,
    /// Words with a gap before them or behind.
    ProseBesideGap,
    /// Labels.
    Label,
}

/// The words of the article at a seam, from one label or mark to the next.
fn runs(document: &Document, article: &Stream, site: &Site, reading: Reading) -> Vec<Vec<char>> {
    let is_prose = |kind: PartKind| match reading {
        Reading::Prose => kind.is_doubtful(),
        Reading::ProseBesideGap => kind == PartKind::Doubtful,
        Reading::Label => false,
    };
    let may_open = |kind: PartKind| reading != Reading::Prose || !kind.is_doubtful();
    let mut runs = vec![Vec::new()];
    let mut at = site.span.start;
    for part in &site.parts {
        let words = article.chars.get(article.index_at(at)..article.index_at(part.span.start)).unwrap_or_default();
        if let Some(run) = runs.last_mut() {
            run.extend_from_slice(words);
        }
        if may_open(part.kind) {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut().filter(|_| is_prose(part.kind)) {
            run.extend(Stream::of_span(document, part.span).chars);
            if may_open(part.kind) {
                runs.push(Vec::new());
            }
        }
        at = part.span.end;
    }
    runs
}

/// Whether what stands at the seam as a label may have prose in it: `count` in
/// the piece `countate.co.uk)`, which the copy has, too.
fn may_hold_prose(document: &Document, site: &Site, words: &[char]) -> bool {
    let shares_edge = |part: &Part| {
        let piece = Stream::of_span(document, part.span).chars;
        piece.first() == words.first() || piece.last() == words.last()
    };
    let mut doubtful = site.parts.iter().filter(|part| part.kind.is_doubtful());
    let is_mixed = site.has(PartKind::Piece) && site.parts.len() > 1;
    !words.is_empty() && (is_mixed || doubtful.any(shares_edge))
}

/// Whether `words` begin with the first run, end with the last, and hold the
/// others in order in between.
fn embeds(runs: &[Vec<char>], words: &[char]) -> bool {
    let [first, middle @ .., last] = runs else { return runs.first().is_none_or(|only| only == words) };
    let Some(mut rest) = words.strip_prefix(first.as_slice()).and_then(|rest| rest.strip_suffix(last.as_slice()))
    else {
        return false;
    };
    middle.iter().filter(|run| !run.is_empty()).all(|run| {
        let found = rest.windows(run.len()).position(|window| window == run.as_slice());
        rest = found.and_then(|at| rest.get(at + run.len()..)).unwrap_or_default();
        found.is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::embeds;

    #[test]
    fn words_between_two_edges_keep_their_order() {
        let holds = |runs: &[&str], words: &str| {
            let runs: Vec<Vec<char>> = runs.iter().map(|run| run.chars().collect()).collect();
            embeds(&runs, &words.chars().collect::<Vec<_>>())
        };
        assert!(holds(&["", ""], "lost"));
        assert!(holds(&["", "elevan", ""], "aunch. Thereleventmanyone elevant eeds"));
        assert!(holds(&["(sem", ""], "(semver)is what it is"));
        assert!(!holds(&["(sem", ""], "is what it is"));
        assert!(holds(&["", "b", "a", ""], "xbxax"));
        assert!(!holds(&["", "a", "b", ""], "xbxax"));
        assert!(holds(&["[1]"], "[1]"));
        assert!(!holds(&["[1]"], "[1], and more"));
        assert!(!holds(&["aba", "bab"], "abab"));
    }
}
