//! The weights: how much each fact speaks for damage, in one place.
//!
//! Log-odds that add up. They are set by hand from the measurements that
//! `docs/accuracy.md` repeats; contact of letters weighs most, for it is what
//! good typesetting never shows.

use crate::finding::Confidence;

/// Facts about a label, each with its weight in log-odds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fact {
    /// Letters of a spaced script touch on both sides.
    BothTouch,
    /// A letter touches on the right, in lower case or a digit.
    RightTouches,
    /// A capital touches on the right.
    RightCapital,
    /// A letter touches on the left.
    LeftTouches,
    /// What touches is no word that the document attests.
    Fragment,
    /// A hyphen or an apostrophe with letters touches.
    HyphenTouches,
    /// A heading mark touches on the right.
    HeadingMark,
    /// The label stands inside a sentence that goes on.
    InsideSentence,
    /// The document sets its labels at the ends of sentences.
    StyleTerminal,
    /// The document sets its labels off with spaces.
    StyleSpaced,
    /// The label repeats the one before it.
    RepeatsPrevious,
    /// The label repeats another one of the document.
    Repeats,
    /// The word before cannot end a phrase: an article, a preposition.
    DanglingWord,
    /// Other labels of the document are spliced beyond doubt.
    OtherSplices,
    /// A comma stands before it: clauses end there.
    AfterClause,
}

impl Fact {
    const fn weight(self) -> f64 {
        match self {
            Self::BothTouch => 7.0,
            Self::RightTouches => 6.5,
            Self::RightCapital => 3.4,
            Self::LeftTouches => 2.2,
            Self::Fragment => 1.0,
            Self::HyphenTouches => 4.0,
            Self::HeadingMark => 6.0,
            Self::InsideSentence => 0.0,
            Self::StyleTerminal => 2.4,
            Self::StyleSpaced => 1.4,
            Self::RepeatsPrevious => 2.6,
            Self::Repeats => 1.2,
            Self::DanglingWord => 2.8,
            Self::OtherSplices => 0.5,
            Self::AfterClause => -1.2,
        }
    }

    /// The contract's word for it, where the fact is shown.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::BothTouch => "both-touch",
            Self::RightTouches | Self::RightCapital => "glued-right",
            Self::LeftTouches => "glued-left",
            Self::Fragment => "fragment",
            Self::HyphenTouches => "hyphen-touches",
            Self::HeadingMark => "heading-mark",
            Self::InsideSentence => "inside-sentence",
            Self::StyleTerminal => "house-style",
            Self::StyleSpaced => "house-spacing",
            Self::RepeatsPrevious => "repeats-previous",
            Self::Repeats => "repeats",
            Self::DanglingWord => "dangling-word",
            Self::OtherSplices => "other-splices",
            Self::AfterClause => "after-clause",
        }
    }
}

/// Before any evidence a label is what it seems: about one in twenty of those
/// that get this far is damaged.
const PRIOR: f64 = -3.0;

/// The probability of damage, given the facts.
pub(super) fn confidence(facts: &[Fact]) -> Confidence {
    let log_odds: f64 = PRIOR + facts.iter().map(|fact| fact.weight()).sum::<f64>();
    // Nothing seen on one page makes certain.
    let probability = (1.0 / (1.0 + (-log_odds).exp())).min(0.99);
    Confidence::from_fraction(probability)
}
