//! The words that bare domains are cited for, taken while the document is at
//! hand; and what of other citations lets copies of an article be compared.

use crate::citation::Citation;
use crate::document::{BlockKind, Document};
use crate::language::language_of_beginning;
use crate::search::{Passage, context_of};

use super::quote::PlacedQuotation;

/// What is taken of a document, for the searches of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// The passages that cite bare domains.
    pub passages: bool,
    /// The words before every other citation: other documents may be copies.
    pub contexts: bool,
    /// The day on which the document says that it was published.
    pub date: bool,
}

/// What was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BareDomains {
    /// For each genuine citation of a bare domain, its passage.
    pub passages: Vec<Passage>,
    /// For each other citation with an address, what stands for the words
    /// before it.
    pub contexts: Vec<(u64, usize)>,
}

/// A longer passage is cut at its beginning. Bytes.
const LONGEST: usize = 1500;

/// A passage of fewer bytes is taken with what stands before it.
const SHORT: usize = 80;

pub(super) fn find(
    document: &Document,
    citations: &[Citation],
    is_genuine: &dyn Fn(usize) -> bool,
    quotations: &[PlacedQuotation],
    taken: Taken,
) -> BareDomains {
    let mut found = BareDomains::default();
    if !taken.passages && !taken.contexts {
        return found;
    }
    let mut language = None;
    for (index, citation) in citations.iter().enumerate() {
        let Some(target) = citation.target.as_ref().filter(|target| target.address.is_some()) else { continue };
        if target.site_only && is_genuine(index) {
            let language = *language.get_or_insert_with(|| language_of_beginning(&document.text));
            let site = target.host.as_ref().map_or("", |host| host.name());
            let text = text_before(document, citations, index);
            let mut passage = if taken.passages {
                Passage::read(index, text, site, language)
            } else {
                Passage { citation: index, ..Passage::default() }
            };
            passage.context = taken.contexts.then(|| context_of(text)).flatten();
            let cites = |placed: &&PlacedQuotation| placed.quotation.citations.contains(&index);
            passage.quotations = quotations.iter().filter(cites).map(|placed| placed.quotation.text.clone()).collect();
            found.passages.push(passage);
        } else if taken.contexts && !target.site_only {
            let context = context_of(text_before(document, citations, index));
            found.contexts.extend(context.map(|context| (context, index)));
        }
    }
    found
}

/// What a citation stands behind: the text of its block, from the citation
/// before it on; of a block that holds nothing else, the block before.
fn text_before<'a>(document: &'a Document, citations: &[Citation], index: usize) -> &'a str {
    let Some(citation) = citations.get(index) else { return "" };
    let Some((at, block)) = document.block_at(citation.span.start) else { return "" };
    let between = |from: u32, to: u32| document.text.get(from as usize..to as usize).unwrap_or_default();
    let mut end = citation.span.start;
    let mut start = block.span.start;
    for before in citations.iter().take(index).rev().take_while(|before| before.span.start >= block.span.start) {
        // Labels that stand side by side share their passage.
        if !between(before.span.end, end).contains(char::is_alphanumeric) {
            end = before.span.start;
        } else if end.saturating_sub(before.span.end) as usize >= SHORT {
            start = before.span.end;
            break;
        }
    }
    let text = between(start, end);
    if text.contains(char::is_alphanumeric) {
        return text.get(text.ceil_char_boundary(text.len().saturating_sub(LONGEST))..).unwrap_or_default();
    }
    let previous = at.checked_sub(1).and_then(|at| document.blocks.get(at));
    let text =
        previous.filter(|block| block.kind != BlockKind::Code).map_or("", |block| block.span.slice(&document.text));
    text.get(text.ceil_char_boundary(text.len().saturating_sub(LONGEST))..).unwrap_or_default()
}
