//! The weights: how much each fact speaks for damage, in one place.
//!
//! Log-odds that add up. They were fitted by SpliceBench on one half of its
//! texts (`cargo bench --bench splicebench -- --fit`), held near the values
//! first set by hand, and are scored on the other half only; `docs/accuracy.md`
//! has the figures. Contact of letters weighs most, for it is what good
//! typesetting never shows.

use crate::finding::Confidence;

use super::site::Form;

/// What touches a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Contact {
    /// Letters on both sides, lower case behind.
    Both,
    /// Letters on both sides, a capital or a digit behind.
    BothCapital,
    /// A lower-case letter behind.
    Right,
    /// A capital behind.
    RightCapital,
    /// A digit behind.
    RightDigit,
    /// A letter before.
    Left,
    /// A hyphen or an apostrophe with letters.
    Hyphen,
    /// A heading mark behind.
    Heading,
    /// Letters on both sides in a script without spaces.
    Unspaced,
    /// Korean letters on both sides, and no particle behind.
    Hangul,
    /// A Korean noun before, a particle behind.
    HangulParticle,
    /// A Korean letter behind.
    HangulRight,
}

/// Where a label stands in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Behind a finished sentence, or before the mark that ends it.
    End,
    /// Before a comma or its kin.
    ClauseEnd,
    /// Behind one.
    Clause,
    /// Between words.
    Inside,
    /// Behind a finished sentence; but what follows does not begin one.
    LowerAfterEnd,
}

/// Where the other labels of the document stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Habit {
    /// There are none to tell.
    Unknown,
    /// The only other one stands at the end of a sentence.
    EndOnce,
    /// Four in five.
    EndMostly,
    /// Nine in ten, and four at least.
    EndAlways,
    /// Most of them cut into the prose: no habit put them there.
    Scattered,
    /// Here and there.
    Anywhere,
}

/// A fact about a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// What touches a label of that form.
    Contact(Form, Contact),
    /// Where it stands, and where the others do.
    Place(Place, Habit),
    /// What touches on the left is no word that we know.
    FragmentLeft,
    /// What touches on the right is no word that we know.
    FragmentRight,
    /// Without the label the pieces are one word.
    JoinsUp,
    /// A mark of style: the others are set off by spaces and this one is not,
    /// or the other way round.
    BreaksSpacing,
    /// The label repeats the one before it.
    RepeatsPrevious,
    /// The label repeats an earlier one.
    Repeats,
    /// The word before cannot end a phrase: an article, a preposition.
    DanglingWord,
    /// Another label of the document is spliced beyond doubt.
    OtherSplice,
    /// Three others at least are.
    ManySplices,
    /// The name of the source stands right before it.
    Gloss,
    /// A name or a number stands before it.
    AfterName,
    /// A particle follows at once.
    Particle,
    /// In a script without spaces, a word begins before and ends behind.
    InsideWord,
    /// A number between words, as encyclopedias set them.
    MarkInside,
    /// Behind a word of another script, a host that nothing else cites: it may
    /// belong to the name before it.
    OnceInOtherScript,
    /// A process that explains several labels of the document explains it.
    Consistent,
    /// In a script without spaces, between letters where no phrase ends.
    MidPhrase,
    /// Not in running text: a cell, an item, a heading, a short line.
    Apart,
}

impl Contact {
    const ALL: [Self; 12] = [
        Self::Both,
        Self::BothCapital,
        Self::Right,
        Self::RightCapital,
        Self::RightDigit,
        Self::Left,
        Self::Hyphen,
        Self::Heading,
        Self::Unspaced,
        Self::Hangul,
        Self::HangulParticle,
        Self::HangulRight,
    ];

    /// Weights for a label, a mark and a token.
    const fn weights(self) -> [f64; 3] {
        match self {
            Self::Both => [11.1, 8.6, 9.1],
            Self::BothCapital => [8.5, 6.0, 6.9],
            Self::Right => [7.6, 7.5, 10.0],
            Self::RightCapital => [11.1, 8.2, 10.3],
            Self::RightDigit => [7.4, 5.2, 5.9],
            Self::Left => [1.4, 0.6, -0.2],
            Self::Hyphen => [4.8, 8.7, 8.4],
            Self::Heading => [6.0, 6.0, 4.0],
            Self::Unspaced => [0.6, 1.0, 1.2],
            Self::Hangul => [7.6, 8.0, 7.9],
            Self::HangulParticle => [0.8, 8.1, 8.1],
            Self::HangulRight => [5.9, 11.0, 10.9],
        }
    }
}

impl Contact {
    /// Whether it proves damage alone, for the first pass.
    pub(super) const fn condemns(self, form: Form) -> bool {
        match self {
            Self::Both | Self::Heading => true,
            Self::Right | Self::BothCapital => !matches!(form, Form::Mark),
            _ => false,
        }
    }
}

impl Habit {
    const ALL: [Self; 6] =
        [Self::Unknown, Self::EndOnce, Self::EndMostly, Self::EndAlways, Self::Scattered, Self::Anywhere];
}

impl Place {
    const ALL: [Self; 5] = [Self::End, Self::ClauseEnd, Self::Clause, Self::Inside, Self::LowerAfterEnd];

    /// Weights by the habit, in the order of [`Habit::ALL`].
    const fn weights(self) -> [f64; 6] {
        match self {
            Self::End => [-0.5, -1.7, -2.3, -2.7, -1.1, -0.5],
            Self::ClauseEnd => [-2.1, -0.9, -1.9, -2.6, -1.7, -3.0],
            Self::Clause => [-3.1, 6.1, 5.6, 7.0, 2.4, 0.4],
            Self::Inside => [0.0, 2.3, 3.2, 3.5, 1.2, -0.1],
            Self::LowerAfterEnd => [4.4, 2.1, 4.3, 3.6, 7.1, 5.3],
        }
    }
}

/// Facts that stand alone.
const ALONE: [(Fact, f64); 18] = [
    (Fact::FragmentLeft, 3.5),
    (Fact::FragmentRight, 7.5),
    (Fact::JoinsUp, 3.2),
    (Fact::BreaksSpacing, 2.9),
    (Fact::RepeatsPrevious, 1.2),
    (Fact::Repeats, 0.4),
    (Fact::DanglingWord, 3.0),
    (Fact::OtherSplice, 0.8),
    (Fact::ManySplices, 0.8),
    (Fact::Gloss, -8.2),
    (Fact::AfterName, -2.0),
    (Fact::Particle, -1.0),
    (Fact::InsideWord, 6.2),
    (Fact::MarkInside, -1.0),
    (Fact::OnceInOtherScript, -1.5),
    (Fact::Consistent, 6.0),
    (Fact::MidPhrase, 1.0),
    (Fact::Apart, -1.0),
];

/// Before any evidence a label is what it seems.
pub const PRIOR: f64 = -2.8;

impl Fact {
    /// Every fact there is, with its weight.
    pub fn all() -> impl Iterator<Item = (Self, f64)> {
        let contacts = Contact::ALL.into_iter().flat_map(|contact| {
            Form::ALL
                .into_iter()
                .zip(contact.weights())
                .map(move |(form, weight)| (Self::Contact(form, contact), weight))
        });
        let places = Place::ALL.into_iter().flat_map(|place| {
            Habit::ALL.into_iter().zip(place.weights()).map(move |(habit, weight)| (Self::Place(place, habit), weight))
        });
        contacts.chain(places).chain(ALONE)
    }

    fn weight(self) -> f64 {
        match self {
            Self::Contact(form, contact) => {
                let [label, mark, token] = contact.weights();
                match form {
                    Form::Label => label,
                    Form::Mark => mark,
                    Form::Token => token,
                }
            }
            Self::Place(place, habit) => {
                let [unknown, once, mostly, always, scattered, anywhere] = place.weights();
                match habit {
                    Habit::Unknown => unknown,
                    Habit::EndOnce => once,
                    Habit::EndMostly => mostly,
                    Habit::EndAlways => always,
                    Habit::Scattered => scattered,
                    Habit::Anywhere => anywhere,
                }
            }
            _ => ALONE.iter().find(|(fact, _)| *fact == self).map_or(0.0, |(_, weight)| *weight),
        }
    }

    /// The name and the words under which a finding shows it; `None` where
    /// other evidence says it, or where it speaks for nothing alone.
    pub(super) const fn shown(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Contact(_, Contact::Heading) => ("heading-mark", "a heading mark touches the citation"),
            Self::Contact(_, Contact::Unspaced | Contact::Hangul | Contact::HangulParticle)
            | Self::Place(Place::Inside, _) => ("inside-sentence", "the sentence goes on behind the citation"),
            Self::Place(Place::LowerAfterEnd, _) => ("lower-case-behind", "what follows does not begin a sentence"),
            Self::FragmentLeft | Self::FragmentRight => ("fragment", "what touches is no word of the article"),
            Self::InsideWord => ("inside-word", "without the citation the letters on both sides are one word"),
            Self::JoinsUp => ("joins-up", "without the citation the pieces are one word"),
            Self::BreaksSpacing => ("house-spacing", "the other citations are set otherwise"),
            Self::RepeatsPrevious => ("repeats-previous", "the same as the citation before"),
            Self::Repeats => ("repeats", "the same as another citation"),
            Self::DanglingWord => ("dangling-word", "the word before cannot end a phrase"),
            Self::Consistent => ("consistent", "one process explains this and other citations"),
            Self::OtherSplice | Self::ManySplices => ("other-splices", "other citations of the article are spliced"),
            _ => return None,
        })
    }
}

impl Habit {
    /// Whether it makes a label elsewhere stand out.
    pub(super) const fn is_end(self) -> bool {
        matches!(self, Self::EndMostly | Self::EndAlways)
    }
}

/// The probability of damage, given the facts.
pub(super) fn confidence(facts: &[Fact]) -> Confidence {
    let log_odds: f64 = PRIOR + facts.iter().map(|fact| fact.weight()).sum::<f64>();
    // Nothing seen on one page makes certain.
    let probability = (1.0 / (1.0 + (-log_odds).exp())).min(0.99);
    Confidence::from_fraction(probability)
}
