//! The article as its raw export gives it.
//!
//! An export may hold many answers; the one that shares most with the damaged
//! article is the one that the article was rendered from. Rendered with its
//! true sources it is a witness that nobody can contradict. Without an article
//! the longest answer is rendered anew.

use thiserror::Error;

use crate::document::{Document, Format, read_text};
use crate::export::{self, Answer, Broken, CitationStyle, NoExport, Rendered};

use super::witness::{RawText, Witness, shared};

/// Why an export gives no article.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoArticle {
    /// It cannot be read.
    #[error(transparent)]
    Unread(#[from] NoExport),
    /// Its offsets are broken beyond proof.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// None of its answers is the article.
    #[error(
        "none of the {0} answers in this export shares enough text with the article; is it the right conversation?"
    )]
    Other(usize),
}

/// An article rendered from an export.
#[derive(Debug)]
pub struct FromExport {
    /// The article, Markdown.
    pub text: String,
    /// What the export's offsets count, in words.
    pub measured: String,
    /// Citations that nothing places.
    pub unplaced: usize,
    /// The product, for people.
    pub product: &'static str,
}

/// Renders the longest answer of an export anew.
///
/// # Errors
///
/// Where the export cannot be read, or an offset fits nowhere.
pub fn render_export(source: &str, conversation: Option<&str>, style: CitationStyle) -> Result<FromExport, NoArticle> {
    let export = open(source, conversation)?;
    // Of equals the first.
    let longest = export.answers.iter().rev().max_by_key(|answer| answer.text.len());
    let answer = longest.ok_or(NoExport::Empty)?;
    let rendered = export::render(answer, style)?;
    Ok(about(export.vendor.title, answer, &rendered))
}

/// The answer that `article` was rendered from, as a witness.
///
/// # Errors
///
/// As [`render_export`]; also where no answer is the article.
pub fn witness_from_export(
    source: &str,
    conversation: Option<&str>,
    article: &Document,
) -> Result<(Witness, FromExport), NoArticle> {
    /// Characters shared by chance: a heading, a phrase.
    const LEAST: usize = 60;
    let export = open(source, conversation)?;
    let read = |text: String| read_text(text, Format::Markdown).ok();
    let score =
        |answer: &Answer| read(answer.text.clone()).map_or(0, |document| shared(article, &Witness::new(document)));
    let scored = export.answers.iter().map(|answer| (score(answer), answer)).rev();
    let best = scored.max_by_key(|(score, _)| *score).filter(|(score, _)| *score >= LEAST);
    let (_, answer) = best.ok_or(NoArticle::Other(export.answers.len()))?;
    let rendered = export::render(answer, CitationStyle::Link)?;
    let about = about(export.vendor.title, answer, &rendered);
    let raw = RawText::new(answer, &rendered);
    let document = read(rendered.text).ok_or(NoArticle::Other(export.answers.len()))?;
    Ok((Witness::from_export(document, raw), about))
}

fn open(source: &str, conversation: Option<&str>) -> Result<export::Export, NoExport> {
    match conversation {
        Some(name) => export::read_conversation(source, name),
        None => export::read(source),
    }
}

fn about(product: &'static str, answer: &Answer, rendered: &Rendered) -> FromExport {
    FromExport {
        text: rendered.text.clone(),
        measured: answer.measured.describe(),
        unplaced: rendered.unplaced.len(),
        product,
    }
}
