//! How a finding can be repaired, and what attests it.
//!
//! A rule says what would have to change and where it knows that from, its
//! [`Provenance`]; whether that is proof enough to write it without asking is
//! decided in one place, [`safety_of`].

use crate::text::EditSet;

/// A repair of one finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: “take the second copy out”.
    pub title: String,
    /// What to change. Empty where there are only alternatives.
    pub edits: EditSet,
    /// What attests it.
    pub provenance: Provenance,
    /// What could be done instead.
    pub alternatives: Vec<Alternative>,
}

/// Another repair of the same finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// What it does, as an order.
    pub title: String,
    /// What to change.
    pub edits: EditSet,
    /// What attests it.
    pub provenance: Provenance,
}

impl Fix {
    /// A fix without alternatives.
    pub fn new(provenance: Provenance, title: impl Into<String>, edits: EditSet) -> Self {
        Self { title: title.into(), edits, provenance, alternatives: Vec::new() }
    }

    /// The edits of the fix, then those of each alternative.
    pub fn choices(&self) -> impl Iterator<Item = &EditSet> {
        std::iter::once(&self.edits).chain(self.alternatives.iter().map(|alternative| &alternative.edits))
    }

    /// Whether it may be written, by [`safety_of`].
    #[must_use]
    pub fn safety(&self) -> Safety {
        safety_of(self.provenance)
    }
}

/// What attests a fix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Provenance {
    /// Another copy of the citation stands where it belongs.
    StrayCopy,
    /// The same stands right before.
    Duplicate,
    /// Text is gone, and only the mark of a gap is written.
    Gap,
    /// The document holds the whole of what was cut.
    Document,
    /// All characters are there and the order of the pieces is plain.
    Pieces,
    /// The diagnosed process says where the label was meant to stand.
    Diagnosis,
    /// Decoding and encoding again give the same bytes.
    RoundTrip,
    /// The token holds the words.
    Token,
    /// Marks of headings and list items show where lines began.
    Markup,
    /// A parameter that only counts visitors.
    Counter,
    /// Another copy of the article.
    Witness,
    /// The raw export that the article was rendered from.
    Export,
    /// An archive's copy of the page stands in for it.
    Capture,
    /// Nothing says where a label belongs but that labels stand at the ends of
    /// sentences.
    SentenceEnd,
    /// A bracket that is missing and can stand in one place.
    Bracket,
    /// Copies of the article disagree, or several readings are possible.
    Candidates,
}

impl Provenance {
    /// A stable kebab-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StrayCopy => "stray-copy",
            Self::Duplicate => "duplicate",
            Self::Gap => "gap",
            Self::Document => "document",
            Self::Pieces => "pieces",
            Self::Diagnosis => "diagnosis",
            Self::RoundTrip => "round-trip",
            Self::Token => "token",
            Self::Markup => "markup",
            Self::Counter => "counter",
            Self::Witness => "witness",
            Self::Export => "export",
            Self::Capture => "capture",
            Self::SentenceEnd => "sentence-end",
            Self::Bracket => "bracket",
            Self::Candidates => "candidates",
        }
    }
}

/// Whether a fix may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Every character and its place are attested.
    Safe,
    /// One reconstruction among others.
    Unsafe,
    /// Several candidates: only shown.
    Display,
}

impl Safety {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Display => "display",
        }
    }
}

/// The one decision what may be written without asking.
#[must_use]
pub fn safety_of(provenance: Provenance) -> Safety {
    match provenance {
        Provenance::StrayCopy
        | Provenance::Duplicate
        | Provenance::Gap
        | Provenance::Document
        | Provenance::Pieces
        | Provenance::Diagnosis
        | Provenance::RoundTrip
        | Provenance::Token
        | Provenance::Markup
        | Provenance::Counter
        | Provenance::Witness
        | Provenance::Export => Safety::Safe,
        Provenance::Capture | Provenance::SentenceEnd | Provenance::Bracket => Safety::Unsafe,
        Provenance::Candidates => Safety::Display,
    }
}
