//! What rules may see.

use url::Url;

use crate::citation::{Citation, Entry, Quotation, Scan, Wrapper};
use crate::document::Document;
use crate::finding::Lacuna;
use crate::history::Drift;
use crate::language::Vocabulary;
use crate::passage::Change;
use crate::seam::{BrokenLabel, SoundCitations, Splice};
use crate::search::Archived;
use crate::text::{Sightings, Span};
use crate::verdict::{Fact, Observation, Verdict};

use super::trace::Trace;

/// An article with what was found out about it before the rules ran.
#[derive(Debug)]
pub struct TextContext<'a> {
    /// The article.
    pub document: &'a Document,
    /// What was seen in it at first sight.
    pub scan: &'a Scan<'a>,
    /// The same for the rules.
    pub traces: &'a Sightings<Trace>,
    /// Its citations, in order.
    pub citations: &'a [Citation],
    /// The entries that its markers refer to, in order.
    pub entries: &'a [Entry],
    /// The tokens that wrap its prose, in order.
    pub wrappers: &'a [Wrapper],
    /// Its seams that show damage, in order.
    pub splices: &'a [Splice],
    /// Its broken labels, in order.
    pub broken: &'a [BrokenLabel],
    /// The citations that no splice displaced.
    pub sound: &'a SoundCitations<'a>,
    /// Its words, but those beside labels; `None` where nothing touches a label.
    pub vocabulary: Option<&'a Vocabulary<'a>>,
    /// How gaps are marked.
    pub lacuna: &'a Lacuna,
}

/// One distinct target: what was seen and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The facts.
    pub observation: Observation,
    /// The judgement.
    pub verdict: Verdict,
    /// How the page differs from the one that was cited, where a history
    /// knows that one.
    pub drift: Option<Drift>,
    /// What archives have of it, where they were asked.
    pub archived: Option<Archived>,
}

impl Reference {
    /// A reference with its judgement, and nothing else known of it.
    #[must_use]
    pub fn new(observation: Observation, verdict: Verdict) -> Self {
        Self { observation, verdict, drift: None, archived: None }
    }

    /// Takes in what archives have of it, as a fact of its verdict too.
    pub fn note_archive(&mut self, archived: Archived) {
        let (kind, text) = match &archived {
            Archived::Captures(captures) => {
                let last = captures.last().map_or_else(String::new, |last| last.url.to_string());
                ("captures", format!("the archive has captures of it, such as {last}"))
            }
            Archived::Nothing => ("archive", "the archive never had a capture of it".to_owned()),
            Archived::NotKnown(why) => ("archive", format!("whether there are captures of it is not known: {why}")),
        };
        self.verdict.evidence.push(Fact { kind, text });
        self.archived = Some(archived);
    }
}

/// An ignore comment or a line of the baseline that matched nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedIgnore {
    /// Where it has its effect, in the article's text.
    pub span: Span,
    /// What is wrong with it, in one sentence.
    pub what: String,
}

/// What was left of the ignores of one article.
#[derive(Debug)]
pub struct IgnoreContext<'a> {
    /// Those that matched nothing, in order.
    pub unused: &'a [UnusedIgnore],
}

/// The links of an article that stay at home and lead nowhere.
#[derive(Debug)]
pub struct LocalContext<'a> {
    /// The links, in order.
    pub missing: &'a [MissingLocal],
    /// Whether places are named by headings.
    pub is_markdown: bool,
}

/// A relative link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingLocal {
    /// Where, in the article's text.
    pub span: Span,
    /// As written.
    pub written: String,
    /// What is not there.
    pub fault: LocalFault,
}

/// What a relative link lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalFault {
    /// There is no such file.
    NoFile,
    /// The file is there, the place in it is not.
    NoAnchor,
}

/// A quotation and what became of it.
#[derive(Debug, Clone, Copy)]
pub struct ReadQuotation<'a> {
    /// The quotation.
    pub quotation: &'a Quotation,
    /// What became of it.
    pub reading: &'a Reading,
}

/// What became of a quotation in the pages it is said to come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The decision.
    pub finding: QuoteFinding,
    /// The index of the reference it was made on.
    pub resolution: Option<usize>,
    /// The passage of the page, as a link that makes browsers show it.
    pub passage: Option<Url>,
    /// The passage of the page, as it stands there.
    pub source: Option<String>,
}

impl Reading {
    /// Of a quotation of which nothing can be said.
    #[must_use]
    pub fn undecided(why: &'static str) -> Self {
        Self { finding: QuoteFinding::Undecided(why), resolution: None, passage: None, source: None }
    }
}

/// The decision on a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteFinding {
    /// A page holds it.
    Found,
    /// A page holds it with other words.
    Altered(Vec<Change>),
    /// No page holds it.
    Absent,
    /// Nothing can be said, and why: a stable kebab-case code.
    Undecided(&'static str),
}

impl QuoteFinding {
    /// Its name in reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Altered(_) => "altered",
            Self::Absent => "absent",
            Self::Undecided(_) => "undecided",
        }
    }
}

/// The references of one article.
#[derive(Debug)]
pub struct LinkContext<'a> {
    /// Its citations, in order.
    pub citations: &'a [Citation],
    /// For each citation, the index of its reference in the report.
    pub resolutions: &'a [Option<usize>],
    /// All references of the report.
    pub references: &'a [Reference],
    /// Its quotations, in order.
    pub quotations: &'a [ReadQuotation<'a>],
}
