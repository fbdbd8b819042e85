//! The seams of an article: where something stands that two copies of it need
//! not share.
//!
//! Labels and marks of gaps are no words of the article. Of two things only
//! another copy can tell: what reads as a label elsewhere but was not taken for
//! one here (`w[1]` may be an index), and a bracket that looks like a piece of a
//! label. They are doubtful: prose where the copy has them, else labels.

use crate::check::{DocumentReport, PlacedFinding};
use crate::citation::Citation;
use crate::document::Document;
use crate::finding::{Family, Lacuna};
use crate::text::{Needles, Span};

/// A seam of the article.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// From the first part to the last.
    pub(super) span: Span,
    /// In order; what stands between two of them is prose.
    pub(super) parts: Vec<Part>,
    /// The findings that speak of it, as indices.
    pub(super) findings: Vec<usize>,
}

/// What stands at a seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) span: Span,
    pub(super) kind: PartKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PartKind {
    /// A citation, by its index.
    Label(usize),
    /// Somebody marked a gap here.
    Gap,
    /// Prose, or a label that nobody took for one.
    Doubtful,
    /// Prose, or a piece of a label, or some of both.
    Piece,
}

impl PartKind {
    /// Whether only another copy can tell what it is.
    pub(super) fn is_doubtful(self) -> bool {
        matches!(self, Self::Doubtful | Self::Piece)
    }
}

impl Site {
    /// Its citations, as indices.
    pub(super) fn citations(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().filter_map(|part| match part.kind {
            PartKind::Label(index) => Some(index),
            _ => None,
        })
    }

    pub(super) fn has(&self, kind: PartKind) -> bool {
        self.parts.iter().any(|part| part.kind == kind)
    }

    pub(super) fn is_gap(&self) -> bool {
        self.has(PartKind::Gap)
    }

    /// Two seams as one.
    pub(super) fn joined(&self, next: &Self) -> Self {
        Self {
            span: self.span.join(next.span),
            parts: self.parts.iter().chain(&next.parts).copied().collect(),
            findings: self.findings.iter().chain(&next.findings).copied().collect(),
        }
    }
}

/// The seams of the article, in order: its labels, in runs, its marks of gaps,
/// and what is doubtful in the light of the witnesses' `known` labels.
pub(super) fn sites<'a>(
    document: &Document,
    report: &DocumentReport,
    lacuna: &Lacuna,
    known: impl Iterator<Item = &'a str>,
) -> Vec<Site> {
    let text: &str = &document.text;
    let mut sites: Vec<Site> = Vec::new();
    for part in parts(document, report, lacuna, known) {
        match sites.last_mut() {
            Some(last) if part.span.start < last.span.end => {}
            Some(last)
                if Span::new(last.span.end, part.span.start).slice(text).trim_matches(' ').is_empty()
                    && same_block(document, last.span, part.span) =>
            {
                last.span = last.span.join(part.span);
                last.parts.push(part);
            }
            _ => sites.push(Site { span: part.span, parts: vec![part], findings: Vec::new() }),
        }
    }
    for (index, placed) in report.findings.iter().enumerate().filter(|(_, placed)| is_seam(placed)) {
        let next = sites.partition_point(|site| site.span.end <= placed.finding.span.start);
        if let Some(site) = sites.get_mut(next).filter(|site| placed.finding.span.overlaps(site.span)) {
            site.findings.push(index);
        }
    }
    sites
}

fn same_block(document: &Document, one: Span, other: Span) -> bool {
    let block = |span: Span| document.block_at(span.start).map(|(index, _)| index);
    block(one) == block(other)
}

/// What may be no word of the article, by place; a label goes before what is
/// doubtful at the same place.
fn parts<'a>(
    document: &Document,
    report: &DocumentReport,
    lacuna: &Lacuna,
    known: impl Iterator<Item = &'a str>,
) -> Vec<Part> {
    let labels = report.citations.iter().enumerate().filter(|(_, citation)| citation.kind.is_label());
    let labels = labels.map(|(index, citation)| Part { span: citation.span, kind: PartKind::Label(index) });
    let gaps = marks(document, lacuna).into_iter().map(|span| Part { span, kind: PartKind::Gap });
    let pieces = broken(report).into_iter().map(|span| Part { span, kind: PartKind::Piece });
    let doubtful = unnoticed(document, report, known).into_iter().chain(bracketed_names(&document.text));
    let doubtful = doubtful.map(|span| Part { span, kind: PartKind::Doubtful });
    let is_free = |span: &Span| {
        let next = report.citations.partition_point(|citation| citation.span.end <= span.start);
        report.citations.get(next).is_none_or(|citation| !citation.span.overlaps(*span))
    };
    let mut parts: Vec<Part> =
        labels.chain(gaps).chain(pieces.chain(doubtful).filter(|part| is_free(&part.span))).collect();
    parts.retain(|part| document.prose_block(part.span).is_some());
    parts.sort_by_key(|part| (part.span.start, part.kind));
    parts
}

/// What findings take for pieces of labels, whole labels left out.
fn broken(report: &DocumentReport) -> Vec<Span> {
    let is_broken = |placed: &&PlacedFinding| {
        placed.finding.rule.family == Family::Overlap || placed.finding.rule.name == "truncated/label"
    };
    let mut pieces = Vec::new();
    for span in report.findings.iter().filter(is_broken).map(|placed| placed.finding.span) {
        let first = report.citations.partition_point(|citation| citation.span.end <= span.start);
        let within = report.citations.iter().skip(first).take_while(|citation| citation.span.start < span.end);
        let mut at = span.start;
        for label in within.map(|citation| citation.span).chain([Span::new(span.end, span.end)]) {
            if at < label.start {
                pieces.push(Span::new(at, label.start));
            }
            at = at.max(label.end);
        }
    }
    pieces
}

/// Where the text of a known label stands and was not taken for a citation.
fn unnoticed<'a>(document: &Document, report: &DocumentReport, known: impl Iterator<Item = &'a str>) -> Vec<Span> {
    let own = report.citations.iter().filter(|citation| citation.kind.is_label());
    let mut needles: Vec<&str> = own.map(|citation| citation.span.slice(&document.text)).collect();
    // One by one, for they do not live equally long.
    for needle in known {
        needles.push(needle);
    }
    needles.retain(|needle| needle.len() > 1);
    needles.sort_unstable_by_key(|needle| (std::cmp::Reverse(needle.len()), *needle));
    needles.dedup();
    let finder = Needles::new(needles.iter().map(|needle| needle.as_bytes()));
    let length = |index: usize| needles.get(index).map_or(0, |needle| needle.len());
    finder.find_iter(&document.text).map(|(index, at)| Span::from_range(at..at + length(index))).collect()
}

/// `[debian.net]`: brackets around what reads as the name of a host, and may be
/// that of a program.
fn bracketed_names(text: &str) -> impl Iterator<Item = Span> {
    /// No host is longer.
    const LONGEST: usize = 253;
    memchr::memchr2_iter(b'(', b'[', text.as_bytes()).filter_map(|at| {
        let (open, inner) = text.get(at..)?.split_at_checked(1)?;
        let length =
            inner.bytes().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte));
        let length = length.count();
        let name = inner.get(..length)?;
        let is_closed = inner.get(length..)?.starts_with(if open == "(" { ')' } else { ']' });
        let is_name = name.contains('.') && name.contains(|c: char| c.is_ascii_alphabetic());
        (is_closed && is_name).then(|| Span::from_range(at..at + length + 2))
    })
}

/// The marks of gaps in a text.
pub(super) fn marks(document: &Document, lacuna: &Lacuna) -> Vec<Span> {
    let mut forms = vec![lacuna.mark(None), Lacuna::default().mark(None)];
    forms.dedup();
    let places = |form: &String| -> Vec<Span> {
        let found = memchr::memmem::find_iter(document.text.as_bytes(), form.as_bytes());
        found.map(|at| Span::from_range(at..at + form.len())).collect()
    };
    forms.iter().flat_map(places).collect()
}

/// Whether a finding says that a label stands where it should not.
fn is_seam(placed: &PlacedFinding) -> bool {
    placed.finding.rule.family == Family::Splice || placed.finding.rule.name == "residue/vendor-token"
}

/// What is no word of the article: labels and seams.
pub(super) fn left_out(document: &Document, report: &DocumentReport, sites: &[Site]) -> Vec<Span> {
    let mut spans = labels(&report.citations);
    spans.extend(sites.iter().flat_map(|site| &site.parts).map(|part| part.span));
    spans.retain(|span| document.text.get(span.range()).is_some());
    spans.sort_unstable();
    spans
}

/// Citations that are apparatus, and no words of the article.
pub(super) fn labels(citations: &[Citation]) -> Vec<Span> {
    citations.iter().filter(|citation| citation.kind.is_label()).map(|citation| citation.span).collect()
}
