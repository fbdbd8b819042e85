//! What an export holds, once read and measured: answers, and what each
//! annotation says about which stretch of them.

use crate::text::{SourceMap, SourceSpan, Span};

use super::measure::Measured;

/// What an offset counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OffsetUnit {
    /// Bytes of UTF-8.
    Bytes,
    /// Unicode code points.
    CodePoints,
    /// Code units of UTF-16, as JavaScript and Java count.
    Utf16,
}

impl OffsetUnit {
    /// All of them, in the order in which arrays of counts hold them.
    pub const ALL: [Self; 3] = [Self::Bytes, Self::CodePoints, Self::Utf16];

    /// As reports print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::CodePoints => "code points",
            Self::Utf16 => "UTF-16 units",
        }
    }
}

/// What the end of a span means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndConvention {
    /// One past the last character.
    HalfOpen,
    /// The last character itself.
    Inclusive,
}

impl EndConvention {
    /// As reports print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfOpen => "half-open",
            Self::Inclusive => "inclusive",
        }
    }
}

/// The string that offsets count in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BaseText {
    /// The part of the answer that the annotation belongs to.
    Part,
    /// All parts that are shown, joined.
    Answer,
    /// All parts, the model's thoughts among them, joined.
    Everything,
}

impl BaseText {
    /// As reports print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Answer => "answer",
            Self::Everything => "answer with thoughts",
        }
    }
}

/// One answer of a model: an article, as raw as it left the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its own identifier.
    pub id: Option<String>,
    /// The conversation that it belongs to.
    pub conversation: Option<String>,
    /// The conversation's title.
    pub title: Option<String>,
    /// The base text: Markdown, tokens and markers included.
    pub text: String,
    /// From the text back to the bytes of the export.
    pub map: SourceMap,
    /// What the export says about stretches of the text, in its own order.
    pub annotations: Vec<Annotation>,
    /// What the offsets count, and how that is known.
    pub measured: Measured,
    /// False where the export breaks off inside this answer.
    pub is_whole: bool,
}

/// What an annotation's span covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A citation as the product writes it, to be replaced.
    Marker,
    /// Prose that the sources speak for; the citation belongs behind it.
    Claim,
    /// A place between two characters.
    Point,
    /// Something of the product's own, to be taken out.
    Hidden,
    /// Nothing of the text: lists of sources, suggestions, thoughts.
    Aside,
}

/// Something that an annotation cites.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Source {
    /// Its address, as the export gives it.
    pub url: Option<String>,
    /// Its title, or a file's name.
    pub title: Option<String>,
    /// Its site, where the address is only a product's redirect.
    pub site: Option<String>,
}

/// What an export says about a stretch of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// What its span covers.
    pub role: Role,
    /// The offsets as the export writes them.
    pub claimed: Claimed,
    /// The text that the export says stands there.
    pub quote: Option<String>,
    /// What is cited.
    pub sources: Vec<Source>,
    /// What the product shows in the span's place, where it cites nothing.
    pub shown: Option<String>,
    /// Where the export declares it.
    pub declared: SourceSpan,
    /// Where it belongs, as far as can be proven.
    pub placement: Placement,
    /// The part of the answer whose text it is about.
    pub(super) part: Option<usize>,
    /// Whether the product's kind of annotation may be a claim as well as a
    /// marker, so that the text must decide.
    pub(super) may_be_claim: bool,
}

/// A pair of offsets as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claimed {
    /// The first.
    pub start: Offset,
    /// The second.
    pub end: Offset,
}

/// One offset as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Offset {
    /// There is none, or null.
    #[default]
    Missing,
    /// A number, in a unit yet to be measured.
    At(i64),
    /// Something that is no whole number.
    Unreadable(String),
}

/// Where an annotation belongs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Placement {
    /// Where its offsets say.
    Claimed(Span),
    /// So many units behind where its offsets say: the text was edited after
    /// they were counted.
    Shifted(Span, i64),
    /// The export needs no offsets to say where: a part of its own, or a
    /// marker in the text.
    Given(Span),
    /// Nothing says where.
    #[default]
    Nowhere,
    /// The offsets do not fit the text.
    Misfit(Misfit),
}

impl Placement {
    /// The stretch of text, where it is known.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Claimed(span) | Self::Shifted(span, _) | Self::Given(span) => Some(*span),
            Self::Nowhere | Self::Misfit(_) => None,
        }
    }
}

/// Why offsets do not fit, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What is wrong.
    pub reason: MisfitReason,
    /// Where the offsets lead, if anywhere.
    pub at: Option<Span>,
}

/// What is wrong with a pair of offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MisfitReason {
    /// One of them is no whole number, or one is missing.
    Unreadable,
    /// One is below zero.
    Negative,
    /// The end stands before the start.
    Inverted,
    /// They run past the end of the text.
    BeyondEnd,
    /// One falls inside of a character.
    InsideCharacter,
    /// Other text stands there than the export says.
    OtherText,
    /// No citation stands there.
    NoMarker,
    /// They begin or end inside of a word.
    CutsWord,
    /// Two readings of the offsets fit the whole answer equally well, and
    /// lead to different places here.
    Undecided,
    /// It overlaps another annotation's marker.
    Overlap,
}

impl MisfitReason {
    /// As a clause: “its offsets …”.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Unreadable => "are no two whole numbers",
            Self::Negative => "are negative",
            Self::Inverted => "end before they start",
            Self::BeyondEnd => "run past the end of the text",
            Self::InsideCharacter => "fall inside a character",
            Self::OtherText => "lead to other text than it quotes",
            Self::NoMarker => "lead to no citation in the text",
            Self::CutsWord => "begin or end inside a word",
            Self::Undecided => "can be read in two units, and nothing says which",
            Self::Overlap => "overlap the marker of another annotation",
        }
    }
}
