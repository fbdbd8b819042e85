//! The article as its raw export gives it.
//!
//! An export may hold many answers; the one that shares most with the damaged
//! article is the one that the article was rendered from. Rendered with its
//! true sources it is a witness that nobody can contradict. Without an article
//! the longest answer is rendered anew. An archive of hundreds of megabytes is
//! read conversation by conversation; only the best answer so far is kept.

use std::io::Read;

use thiserror::Error;

use crate::document::{Document, Format, read_text};
use crate::export::{self, Answer, Broken, CitationStyle, NoExport, Rendered};

use super::witness::{Likeness, RawText, Witness};

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

/// Looks through an export, in one part or several, for the answer that is the
/// article.
#[derive(Debug)]
pub struct Search<'a> {
    conversation: Option<&'a str>,
    /// The damaged article; the longest answer is wanted where there is none.
    article: Option<Likeness>,
    best: Option<(usize, Answer)>,
    answers: usize,
    product: &'static str,
    failed: Option<NoExport>,
}

impl<'a> Search<'a> {
    /// For the answer that `article` was rendered from, or for the longest; of
    /// one conversation, by its identifier or title, or of all.
    #[must_use]
    pub fn new(article: Option<&Document>, conversation: Option<&'a str>) -> Self {
        let article = article.map(Likeness::of);
        Self { conversation, article, best: None, answers: 0, product: "", failed: None }
    }

    /// Reads a part of the export.
    pub fn read(&mut self, part: &mut dyn Read) {
        let Self { article, best, answers, .. } = self;
        let mut weigh = |answer: Answer| {
            *answers += 1;
            let score = match article {
                Some(article) => markdown(answer.text.clone()).map_or(0, |text| article.shared(&Witness::new(text))),
                None => answer.text.len(),
            };
            // Of equals the first.
            if best.as_ref().is_none_or(|(known, _)| *known < score) {
                *best = Some((score, answer));
            }
        };
        match export::read_each(part, self.conversation, &mut weigh) {
            Ok(vendor) => self.product = vendor.title,
            Err(error) => self.failed = self.failed.take().or(Some(error)),
        }
    }

    fn best(self) -> Result<(usize, Answer), NoArticle> {
        // A part that fails may be the one that is wanted; of several another
        // may hold it.
        let (score, answer) = self.best.ok_or(NoArticle::Unread(self.failed.unwrap_or(NoExport::Empty)))?;
        Ok((score, answer))
    }

    /// The longest answer rendered anew.
    ///
    /// # Errors
    ///
    /// Where the export cannot be read, or an offset fits nowhere.
    pub fn render(self, style: CitationStyle) -> Result<FromExport, NoArticle> {
        let product = self.product;
        let (_, answer) = self.best()?;
        let rendered = export::render(&answer, style)?;
        Ok(about(product, &answer, &rendered))
    }

    /// The answer that is the article, as a witness.
    ///
    /// # Errors
    ///
    /// As [`Search::render`]; also where no answer is the article.
    pub fn witness(self) -> Result<(Witness, FromExport), NoArticle> {
        /// Characters shared by chance: a heading, a phrase.
        const LEAST: usize = 60;
        let (product, answers) = (self.product, self.answers);
        let (score, answer) = self.best()?;
        if score < LEAST {
            return Err(NoArticle::Other(answers));
        }
        let rendered = export::render(&answer, CitationStyle::Link)?;
        let about = about(product, &answer, &rendered);
        let raw = RawText::new(&answer, &rendered);
        let document = markdown(rendered.text).ok_or(NoArticle::Other(answers))?;
        Ok((Witness::from_export(document, raw), about))
    }
}

fn markdown(text: String) -> Option<Document> {
    read_text(text, Format::Markdown).ok()
}

/// Renders the longest answer of an export anew.
///
/// # Errors
///
/// As [`Search::render`].
pub fn render_export(source: &str, conversation: Option<&str>, style: CitationStyle) -> Result<FromExport, NoArticle> {
    let mut search = Search::new(None, conversation);
    search.read(&mut source.as_bytes());
    search.render(style)
}

/// The answer that `article` was rendered from, as a witness.
///
/// # Errors
///
/// As [`Search::witness`].
pub fn witness_from_export(
    source: &str,
    conversation: Option<&str>,
    article: &Document,
) -> Result<(Witness, FromExport), NoArticle> {
    let mut search = Search::new(Some(article), conversation);
    search.read(&mut source.as_bytes());
    search.witness()
}

fn about(product: &'static str, answer: &Answer, rendered: &Rendered) -> FromExport {
    FromExport {
        text: rendered.text.clone(),
        measured: answer.measured.describe(),
        unplaced: rendered.unplaced.len(),
        product,
    }
}
