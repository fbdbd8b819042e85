//! Labels written over, or into, the prose: sites whose facts add up.

use std::ops::Range;

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::{Confidence, Evidence, Lost};
use crate::text::{SourceSpan, Span, offset};

use super::evidence::{Contact, Fact, Place};
use super::facts::Reading;
use super::odds::{Odds, odds};

/// What a splice did to the prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpliceKind {
    /// A part of a word is left over.
    CutWord,
    /// Text is gone, no part of a word is left over.
    LostText,
    /// Nothing is gone: without the label the text joins up.
    Misplaced,
    /// A second copy where it does not belong, no more is known.
    StrayCopy,
}

/// A label at a seam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The citations of the run, as indices.
    pub citations: Range<usize>,
    /// The label, or the run of labels.
    pub label: Span,
    /// The label with the pieces of words that touch it.
    pub span: Span,
    /// What it did.
    pub kind: SpliceKind,
    /// How sure.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// The other citation that it repeats, as an index.
    pub repeats: Option<usize>,
    /// How much text is gone; `None` where nothing is.
    pub lost: Option<Lost>,
    /// The piece that touches on the left; empty where none does.
    pub left: String,
    /// The piece that touches on the right.
    pub right: String,
    /// The last character of the sentence behind which the label was meant to
    /// stand, in the file, where the diagnosis leaves no other place.
    pub meant: Option<SourceSpan>,
}

/// From here on a site is a finding.
const LIKELY: Confidence = Confidence::from_thousandths(750);

/// The splices among the sites that [`read_sites`](super::read_sites) gave.
#[must_use]
pub fn find_splices(document: &Document, citations: &[Citation], readings: Vec<Reading>) -> Vec<Splice> {
    let judged = odds(&readings).into_iter().zip(readings);
    judged
        .filter(|(odds, _)| odds.is_lone_copy || LIKELY <= odds.confidence())
        .map(|(odds, reading)| splice(document, citations, reading, odds))
        .collect()
}

fn splice(document: &Document, citations: &[Citation], reading: Reading, odds: Odds) -> Splice {
    let touching_right = if reading.is_hyphenated() { 0 } else { reading.right.len() };
    let kind = reading.kind();
    let loses = matches!(kind, SpliceKind::CutWord | SpliceKind::LostText);
    Splice {
        lost: loses.then(|| reading.lost.unwrap_or_default()),
        span: Span::new(reading.label.start - offset(reading.left.len()), reading.label.end + offset(touching_right)),
        kind,
        confidence: odds.confidence(),
        evidence: reading.evidence(&document.text, citations, odds),
        citations: reading.citations,
        label: reading.label,
        repeats: reading.repeats,
        meant: reading.meant,
        left: reading.left,
        right: reading.right,
    }
}

impl Reading {
    fn has(&self, is: impl Fn(&Fact) -> bool) -> bool {
        self.facts.iter().any(is)
    }

    fn is_hyphenated(&self) -> bool {
        self.has(|fact| matches!(fact, Fact::Contact(_, Contact::Hyphen)))
    }

    fn kind(&self) -> SpliceKind {
        let is_heading = self.has(|fact| matches!(fact, Fact::Contact(_, Contact::Heading)));
        let touches = !self.left.is_empty() || !self.right.is_empty();
        match () {
            () if self.is_lossless || self.has(|fact| *fact == Fact::JoinsUp) => SpliceKind::Misplaced,
            () if is_heading || touches && self.is_whole && !self.is_hyphenated() => SpliceKind::LostText,
            () if touches => SpliceKind::CutWord,
            // Between two clauses nothing need be missing; inside one, something is.
            () if self.between_clauses && self.repeats.is_some() => SpliceKind::StrayCopy,
            () => SpliceKind::LostText,
        }
    }

    fn evidence(&self, text: &str, citations: &[Citation], odds: Odds) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        for (kind, piece) in [("glued-left", &self.left), ("glued-right", &self.right)] {
            if !piece.is_empty() {
                evidence.push(Evidence::new(kind, piece.clone()));
            }
        }
        for fact in &self.facts {
            if let Some((kind, words)) = fact.shown()
                && !evidence.iter().any(|shown: &Evidence| shown.kind == kind)
            {
                evidence.push(Evidence::new(kind, words));
            }
        }
        match self.place {
            Place::Inside => {
                evidence.push(Evidence::new("inside-sentence", "the sentence goes on behind the citation"));
            }
            Place::LowerAfterEnd => {
                evidence.push(Evidence::new("lower-case-behind", "what follows does not begin a sentence"));
            }
            _ => {}
        }
        evidence.dedup_by(|next, kept| next.kind == kept.kind);
        if self.repeats_previous == Some(true) {
            evidence.push(Evidence::new("repeats-previous", "the same as the citation before"));
        }
        if odds.breaks_habit {
            evidence.push(Evidence::new("house-style", "the other citations stand at the ends of sentences"));
        }
        if odds.among_others {
            evidence.push(Evidence::new("other-splices", "other citations of the article are displaced"));
        }
        if let Some(other) = self.repeats.and_then(|other| citations.get(other))
            && !evidence.iter().any(|shown| shown.kind.starts_with("repeats"))
        {
            evidence.push(Evidence::new("repeats", other.span.slice(text)));
        }
        evidence
    }
}
