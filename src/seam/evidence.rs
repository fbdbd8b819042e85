//! The weights: how much each fact speaks for damage, in one place.
//!
//! Log-odds that add up. They were fitted by SpliceBench on one half of its
//! texts (`cargo bench --bench splicebench -- --fit`), held near the values
//! first set by hand, and are scored on the other half only; `docs/accuracy.md`
//! has the figures. Contact of letters weighs most, for it is what good
//! typesetting never shows. What a place says depends on the habit of the
//! document, and how much is to be believed at all on what became of its
//! other labels: that is `odds`.

use crate::language::{Ending, Opening};

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
    /// Behind a finished sentence.
    AfterStop,
    /// Before the mark that ends it.
    BeforeStop,
    /// Last in a block that no mark ends.
    BlockEnd,
    /// First in its block, before text.
    BlockStart,
    /// Before a comma or its kin.
    ClauseEnd,
    /// Behind one.
    Clause,
    /// Between words.
    Inside,
    /// Behind a finished sentence; but what follows does not begin one.
    LowerAfterEnd,
}

impl Place {
    /// Every place, in the order of the tables in `odds`.
    pub const ALL: [Self; 8] = [
        Self::AfterStop,
        Self::BeforeStop,
        Self::BlockEnd,
        Self::BlockStart,
        Self::ClauseEnd,
        Self::Clause,
        Self::Inside,
        Self::LowerAfterEnd,
    ];

    /// Where sources are cited by right, whatever the habit.
    pub(super) const fn is_end(self) -> bool {
        matches!(self, Self::AfterStop | Self::BeforeStop | Self::BlockEnd)
    }
}

/// A fact about a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fact {
    /// What touches a label of that form.
    Contact(Form, Contact),
    /// What touches on the left is no word that we know.
    FragmentLeft,
    /// What touches on the right is no word that we know.
    FragmentRight,
    /// What touches on the left ends as hardly any word of the language does.
    RareEnd,
    /// What touches on the right begins as hardly any does.
    RareStart,
    /// Without the label the pieces are one word.
    JoinsUp,
    /// The label repeats an earlier one.
    Repeats,
    /// The word before cannot end a phrase: an article, a preposition.
    DanglingWord,
    /// What stands before hardly ends a phrase of the language.
    Ending(Ending),
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
    /// Places counted in another text, or another unit, lead from where the
    /// labels stand to where labels stand.
    Counted,
    /// They leave it where it stands, and others they do not.
    InPlace,
    /// In a script without spaces, between letters where no phrase ends.
    MidPhrase,
    /// Behind a finished sentence of Chinese or Japanese; how what follows
    /// begins.
    Opening(Opening),
    /// In Chinese or Japanese, hardly any word ends as the text before it does.
    CutEnding,
    /// Hardly any begins as the text behind it does.
    CutBeginning,
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
            Self::Right => [4.8, 5.4, 9.5],
            Self::RightCapital => [11.1, 8.5, 10.3],
            Self::RightDigit => [7.4, 5.3, 5.9],
            Self::Left => [-1.3, -0.2, -1.1],
            Self::Hyphen => [1.3, 8.7, 8.4],
            Self::Heading => [6.0, 6.0, 4.0],
            Self::Unspaced => [-1.2, 0.5, 2.8],
            Self::Hangul => [2.4, 8.1, 8.0],
            Self::HangulParticle => [-1.8, 8.1, 8.1],
            Self::HangulRight => [5.6, 11.0, 10.9],
        }
    }
}

/// Facts that stand alone.
const ALONE: [(Fact, f64); 25] = [
    (Fact::FragmentLeft, 3.5),
    (Fact::FragmentRight, 5.5),
    (Fact::RareEnd, 2.5),
    (Fact::RareStart, 3.0),
    (Fact::JoinsUp, 4.2),
    (Fact::Repeats, -0.2),
    (Fact::DanglingWord, 2.5),
    (Fact::Ending(Ending::Never), 1.7),
    (Fact::Ending(Ending::Seldom), 0.9),
    (Fact::Gloss, -4.0),
    (Fact::AfterName, -1.2),
    (Fact::Particle, -1.0),
    (Fact::InsideWord, 6.0),
    (Fact::MarkInside, -1.0),
    (Fact::OnceInOtherScript, -1.5),
    (Fact::Consistent, 6.0),
    (Fact::Counted, 9.0),
    (Fact::InPlace, -4.0),
    (Fact::MidPhrase, 4.8),
    (Fact::Opening(Opening::Never), 6.2),
    (Fact::Opening(Opening::Seldom), 1.7),
    (Fact::Opening(Opening::Often), -1.8),
    (Fact::CutEnding, 0.3),
    (Fact::CutBeginning, 1.9),
    (Fact::Apart, -1.0),
];

impl Fact {
    /// Every fact there is, with its weight.
    pub fn all() -> impl Iterator<Item = (Self, f64)> {
        let contacts = Contact::ALL.into_iter().flat_map(|contact| {
            Form::ALL
                .into_iter()
                .zip(contact.weights())
                .map(move |(form, weight)| (Self::Contact(form, contact), weight))
        });
        contacts.chain(ALONE)
    }

    pub(super) fn weight(self) -> f64 {
        match self {
            Self::Contact(form, contact) => form.pick(contact.weights()),
            _ => ALONE.iter().find(|(fact, _)| *fact == self).map_or(0.0, |(_, weight)| *weight),
        }
    }

    /// The name and the words under which a finding shows it; `None` where
    /// other evidence says it, or where it speaks for nothing alone.
    pub(super) const fn shown(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Contact(_, Contact::Heading) => ("heading-mark", "a heading mark touches the citation"),
            Self::Contact(_, Contact::Unspaced | Contact::Hangul | Contact::HangulParticle) => {
                ("inside-sentence", "the sentence goes on behind the citation")
            }
            Self::FragmentLeft | Self::FragmentRight => ("fragment", "what touches is no word of the article"),
            Self::RareEnd => ("rare-end", "hardly any word of the language ends as what touches"),
            Self::RareStart => ("rare-start", "hardly any word of the language begins as what touches"),
            Self::InsideWord => ("inside-word", "without the citation the letters on both sides are one word"),
            Self::JoinsUp => ("joins-up", "without the citation the pieces are one word"),
            Self::Opening(Opening::Never | Opening::Seldom) => {
                ("opening", "hardly any sentence begins as what follows")
            }
            Self::CutEnding => ("cut-ending", "hardly any word ends as the text before it"),
            Self::CutBeginning => ("cut-beginning", "hardly any word begins as what follows"),
            Self::Repeats => ("repeats", "the same as another citation"),
            Self::DanglingWord | Self::Ending(Ending::Never) => {
                ("dangling-word", "the word before cannot end a phrase")
            }
            Self::Consistent | Self::Counted => ("consistent", "one process explains this and other citations"),
            _ => return None,
        })
    }
}
