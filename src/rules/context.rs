//! What rules may see.

use crate::citation::{Citation, Entry, Wrapper};
use crate::document::Document;
use crate::seam::{BrokenLabel, Splice};
use crate::text::Span;
use crate::verdict::{Observation, Verdict};

/// An article with what was found out about it before the rules ran.
#[derive(Debug)]
pub struct TextContext<'a> {
    /// The article.
    pub document: &'a Document,
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
}

/// One distinct target: what was seen and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The facts.
    pub observation: Observation,
    /// The judgement.
    pub verdict: Verdict,
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

/// The references of one article.
#[derive(Debug)]
pub struct LinkContext<'a> {
    /// Its citations, in order.
    pub citations: &'a [Citation],
    /// For each citation, the index of its reference in the report.
    pub resolutions: &'a [Option<usize>],
    /// All references of the report.
    pub references: &'a [Reference],
}
