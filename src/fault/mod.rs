//! Which process damaged this document.
//!
//! A label at a wrong place is seldom alone: the same mistake of an exporter
//! made all of them. Each model asks what it would have to be for the labels
//! to stand where they stand, and whether chance could do that as well. A
//! model that holds names the process with its parameters, makes every site it
//! explains more certain, and tells how much text is lost there.

mod copies;
mod count;
mod eaten;
mod found;
mod habit;
mod plain;

use std::ops::RangeInclusive;

use crate::citation::Citation;
use crate::document::Document;
use crate::finding::{Confidence, Lost};
use crate::language::LazyVocabulary;
use crate::seam::{Fact, Reading};
use crate::text::{SourceSpan, Span};

/// What an exporter did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Process {
    /// Every offset is late by the same number of characters.
    ConstantShift,
    /// Every label ate the same number of characters that followed it.
    ConstantLoss,
    /// Labels were put in from left to right, and later offsets were not moved.
    GrowingDrift,
    /// Characters were taken out before the labels, and offsets were not moved.
    StaleOffsets,
    /// Offsets counted in bytes were used as characters.
    ByteAsChar,
    /// Offsets counted in UTF-16 units were used as characters.
    Utf16AsChar,
    /// Line breaks were two characters when the offsets were counted.
    LineBreakFolded,
    /// The end of the claim was searched for in the text, and found too early.
    FirstMatch,
}

impl Process {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ConstantShift => "constant-shift",
            Self::ConstantLoss => "constant-loss",
            Self::GrowingDrift => "growing-drift",
            Self::StaleOffsets => "stale-offsets",
            Self::ByteAsChar => "byte-as-char",
            Self::Utf16AsChar => "utf16-as-char",
            Self::LineBreakFolded => "line-break-folded",
            Self::FirstMatch => "first-match",
        }
    }
}

impl Process {
    /// What went wrong, in words that follow “likely cause: ”.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::ConstantShift => "every label stands the same number of characters too late",
            Self::ConstantLoss => "every label ate the same number of characters behind it",
            Self::GrowingDrift => "labels were put in from left to right and later places were not moved along",
            Self::StaleOffsets => "text was taken out before the labels were put in, and their places were not moved",
            Self::ByteAsChar => "places counted in bytes were used as characters",
            Self::Utf16AsChar => "places counted in UTF-16 units were used as characters",
            Self::LineBreakFolded => "line breaks were two characters when the places were counted",
            Self::FirstMatch => "the end of each claim was searched for in the text, and found too early",
        }
    }
}

/// A number that the document leaves open within limits; in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub range: RangeInclusive<u32>,
    /// What it likeliest is.
    pub best: u32,
}

/// A process that explains several sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which.
    pub process: Process,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The first citations of the sites that it explains, as indices.
    pub explains: Vec<usize>,
    /// The labels among them that show no damage by themselves.
    pub predicts: Vec<Span>,
    /// How sure.
    pub confidence: Confidence,
}

/// What a model says of one site.
struct Explained {
    reading: usize,
    lost: Option<Lost>,
    /// The end of the sentence behind which the label was meant to stand, where
    /// the model leaves no other place.
    meant: Option<SourceSpan>,
    /// How much that says.
    fact: Fact,
}

/// A model that holds.
struct Model {
    diagnosis: Diagnosis,
    sites: Vec<Explained>,
    /// The readings that it leaves where they stand.
    in_place: Vec<usize>,
}

/// The processes that explain the document's damage, best first. The facts of
/// the sites they explain are added to `readings`.
#[must_use]
pub fn diagnose(
    document: &Document,
    citations: &[Citation],
    readings: &mut [Reading],
    vocabulary: &LazyVocabulary<'_>,
) -> Vec<Diagnosis> {
    /// With fewer labels any place fits some model.
    const FEWEST: usize = 3;
    if readings.len() < FEWEST {
        return Vec::new();
    }
    let mut models = count::models(document, citations, readings);
    if models.is_empty() {
        models = copies::models(document, citations, readings);
    }
    if models.is_empty() {
        models.extend(eaten::model(document, readings, vocabulary));
    }
    for model in &mut models {
        let innocent = |site: &Explained| readings.get(site.reading).filter(|reading| !reading.is_displaced());
        model.diagnosis.predicts = model.sites.iter().filter_map(innocent).map(|reading| reading.label).collect();
    }
    if let Some(model) = models.first() {
        for site in &model.sites {
            let Some(reading) = readings.get_mut(site.reading) else { continue };
            reading.facts.push(site.fact);
            match site.lost {
                Some(lost) => reading.lost = Some(lost),
                None => reading.is_lossless = true,
            }
            reading.meant = site.meant;
        }
        for index in &model.in_place {
            if let Some(reading) = readings.get_mut(*index) {
                reading.facts.push(Fact::InPlace);
            }
        }
    }
    models.into_iter().map(|model| model.diagnosis).collect()
}
