//! What became of quotations: each is looked up in the pages it is said to
//! come from. That a page holds it is decided by the page alone; that a page
//! does not hold it, only where all of the page was read, nothing stands
//! before it, and it is in the quotation's language.

use crate::citation::{self, Citation, Kind, Quotation};
use crate::document::{Document, Place};
use crate::language::{language_of, language_of_beginning};
use crate::passage::{Match, Word, find, passage_link, read_words};
use crate::rules::{QuoteFinding, Reading, Reference};
use crate::text::Span;
use crate::verdict::{BodyExtent, PageFacts, Standing};

/// A quotation with its place, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedQuotation {
    /// The quotation.
    pub quotation: Quotation,
    /// Where in the file.
    pub place: Place,
    /// The language of its document: where it is too short to tell its own.
    pub document_language: Option<&'static str>,
    /// What became of it; undecided until the references are judged.
    pub reading: Reading,
}

/// The reference was not asked, so nothing was tried.
const NOT_ASKED: &str = "not-asked";

/// How much of a page tells its language, menus included; in bytes.
const BEGINNING: usize = 20_000;

/// Most quotations of a document that are looked up; more are undecided.
const MOST: usize = 500;

/// The quotations of a document near its citations, not yet looked up.
pub(super) fn find_quotations(
    document: &Document,
    citations: &[Citation],
    is_genuine: &dyn Fn(usize) -> bool,
    place: &dyn Fn(Span) -> Place,
) -> Vec<PlacedQuotation> {
    let quotations = citation::find_quotations(document, citations, is_genuine);
    if quotations.is_empty() {
        return Vec::new();
    }
    let document_language = language_of_beginning(&document.text);
    let placed = |quotation: Quotation| PlacedQuotation {
        place: place(quotation.span),
        document_language,
        quotation,
        reading: Reading::undecided(NOT_ASKED),
    };
    quotations.into_iter().map(placed).collect()
}

/// Looks all quotations of a document up.
pub(super) fn read_quotations(
    quotations: &mut [PlacedQuotation],
    citations: &[Citation],
    resolutions: &[Option<usize>],
    references: &[Reference],
) {
    // Quotations of one page come together, so that its words are read once.
    let mut words: Option<(usize, Vec<Word>)> = None;
    for (number, placed) in quotations.iter_mut().enumerate() {
        let mut best: Option<Reading> = None;
        for index in &placed.quotation.citations {
            let Some(citation) = citations.get(*index) else { continue };
            let Some(resolution) = resolutions.get(*index).copied().flatten() else { continue };
            let Some(reference) = references.get(resolution) else { continue };
            let reading = if number < MOST {
                read_in(placed, citation, resolution, reference, &mut words)
            } else {
                Reading::undecided("too-many")
            };
            // One page that holds it outweighs all that do not; one that is
            // undecided, all that lack it.
            if best.as_ref().is_none_or(|best| rank(&reading) < rank(best)) {
                best = Some(reading);
            }
        }
        placed.reading = best.unwrap_or_else(|| Reading::undecided(NOT_ASKED));
    }
}

/// What outweighs what, where a quotation has several sources.
fn rank(reading: &Reading) -> u8 {
    match reading.finding {
        QuoteFinding::Found => 0,
        QuoteFinding::Altered(_) => 1,
        QuoteFinding::Undecided(_) => 2,
        QuoteFinding::Absent => 3,
    }
}

fn read_in(
    placed: &PlacedQuotation,
    citation: &Citation,
    resolution: usize,
    reference: &Reference,
    words: &mut Option<(usize, Vec<Word>)>,
) -> Reading {
    if reference.verdict.standing == Standing::NotChecked {
        return Reading::undecided(NOT_ASKED);
    }
    let Some(page) = reference.observation.page() else { return Reading::undecided("not-read") };
    let Some(text) = page.text.as_ref().filter(|text| !text.content.is_empty()) else {
        return Reading::undecided("not-read");
    };
    if !matches!(reference.verdict.standing, Standing::Alive | Standing::Moved | Standing::Paywall) {
        return Reading::undecided("no-page");
    }
    if words.as_ref().is_none_or(|(known, _)| *known != resolution) {
        *words = Some((resolution, read_words(&text.content)));
    }
    let words = words.as_ref().map(|(_, words)| words.as_slice()).unwrap_or_default();
    let found = |span: Span, finding| Reading {
        finding,
        resolution: Some(resolution),
        passage: passage_link(&reference.observation.final_url, &text.content, span),
        source: Some(span.slice(&text.content).to_owned()),
    };
    match find(&placed.quotation.text, &text.content, words) {
        Match::Verbatim(span) => found(span, QuoteFinding::Found),
        Match::Altered(span, changes) => found(span, QuoteFinding::Altered(changes)),
        Match::Similar => Reading { resolution: Some(resolution), ..Reading::undecided("similar") },
        Match::TooShort => Reading::undecided("too-short"),
        Match::Absent => match why_not_absent(placed, citation, reference, page) {
            Some(why) => Reading { resolution: Some(resolution), ..Reading::undecided(why) },
            None => {
                Reading { finding: QuoteFinding::Absent, resolution: Some(resolution), passage: None, source: None }
            }
        },
    }
}

/// Fewer characters of visible text are no article.
const SHORTEST: u32 = 500;

/// Why a page that does not show a quotation may hold it all the same.
fn why_not_absent(
    placed: &PlacedQuotation,
    citation: &Citation,
    reference: &Reference,
    page: &PageFacts,
) -> Option<&'static str> {
    let names_page = citation.target.as_ref().is_some_and(|target| !target.site_only);
    if !names_page {
        return Some("site-only");
    }
    // Landing pages show an abstract.
    if matches!(citation.kind, Kind::Doi | Kind::Arxiv | Kind::Pmid) || reference.verdict.reason == "registered" {
        return Some("landing-page");
    }
    if reference.verdict.standing == Standing::Paywall || page.is_free == Some(false) {
        return Some("paywall");
    }
    let text = page.text.as_ref()?;
    if page.extent != BodyExtent::Whole || !text.is_whole {
        return Some("not-read-whole");
    }
    if page.characters < SHORTEST {
        return Some("little-text");
    }
    let beginning = text.content.get(..text.content.floor_char_boundary(BEGINNING)).unwrap_or_default();
    let own = language_of(&placed.quotation.text).or(placed.document_language);
    match (own, language_of(beginning)) {
        (Some(one), Some(other)) if one == other => None,
        (Some(_), Some(_)) => Some("other-language"),
        _ => Some("unknown-language"),
    }
}
