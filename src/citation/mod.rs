//! Citations: where an article points to its sources, in whatever form.
//!
//! One extractor per form scans the text for the few bytes that can begin it
//! and looks closer only there. Where forms overlap (a DOI in a URL in a
//! link), the one that says most is kept. Nothing here judges damage.

mod address;
mod bracket;
mod declared;
mod entry;
mod identifier;
mod key;
mod label;
mod link;
mod quotation;
mod raised;
mod scan;
mod target;
mod token;
mod url;
mod wrapper;

use crate::document::Document;
use crate::text::{SourceSpan, Span};

pub use address::Address;
pub use entry::{Entry, EntryForm, cited_labels, find_entries};
pub use quotation::{Quotation, find_quotations};
pub use scan::Scan;
pub use target::Target;
pub use token::is_opening_mark;
pub use wrapper::{Wrapper, WrapperForm, find_wrappers};

/// One citation of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Where, in the article's text, brackets included.
    pub span: Span,
    /// The whole construct in the file, where markup makes it wider than its
    /// text: `[text](url)`.
    pub source: Option<SourceSpan>,
    /// Its form.
    pub kind: Kind,
    /// What it points to.
    pub target: Option<Target>,
}

/// The forms of citations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `(nato.int)`, `[reuters.com]`.
    DomainLabel,
    /// A link in brackets of its own: `([host](url))`, `([Name][1])`.
    LinkLabel,
    /// Any other link.
    Link,
    /// An address in the text, or in angle brackets.
    Url,
    /// `[^3]`, or a raised number that leads to a note.
    Footnote,
    /// `[12]`, `[3, 5–7]`, `¹²`.
    Numeric,
    /// `[@key]`, `@key2019`.
    Key,
    /// `doi:10.…/…`.
    Doi,
    /// `arXiv:2101.00001`.
    Arxiv,
    /// `PMID: 31978945`, `PMC7092803`.
    Pmid,
    /// `ISBN 978-0-306-40615-7`, its check digit right.
    Isbn,
    /// What an LLM product left unresolved.
    Token,
    /// What a raw export declares beside its text.
    Annotation,
}

impl Kind {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DomainLabel => "domain-label",
            Self::LinkLabel => "link-label",
            Self::Link => "link",
            Self::Url => "url",
            Self::Footnote => "footnote",
            Self::Numeric => "numeric",
            Self::Key => "key",
            Self::Doi => "doi",
            Self::Arxiv => "arxiv",
            Self::Pmid => "pmid",
            Self::Isbn => "isbn",
            Self::Token => "token",
            Self::Annotation => "annotation",
        }
    }

    /// Whether it is apparatus set into the prose, and not prose itself: what
    /// can be spliced.
    #[must_use]
    pub fn is_label(self) -> bool {
        matches!(self, Self::DomainLabel | Self::LinkLabel | Self::Footnote | Self::Numeric | Self::Token)
    }

    /// Where two citations share text, the lower one is kept.
    fn rank(self) -> u8 {
        match self {
            Self::Annotation | Self::Token => 0,
            Self::LinkLabel => 1,
            Self::Link => 2,
            Self::Doi | Self::Arxiv | Self::Pmid | Self::Isbn => 3,
            // `(www.example.org)` is a label, however its host begins.
            Self::DomainLabel => 4,
            Self::Url => 5,
            Self::Footnote | Self::Key => 6,
            Self::Numeric => 7,
        }
    }
}

/// An extractor: reads the scan, appends what it finds.
type Extractor = fn(&Scan<'_>, &mut Vec<Citation>);

/// One line per extractor. Links and addresses come first: a label may need
/// their word for its host.
const EXTRACTORS: &[Extractor] = &[
    link::extract,
    url::extract,
    bracket::extract,
    key::extract,
    identifier::extract,
    raised::extract,
    token::extract,
];

/// All citations of a document, in order, without overlaps.
#[must_use]
pub fn extract(document: &Document) -> Vec<Citation> {
    extract_from(&Scan::new(document))
}

/// The same, of a document that was looked at already.
#[must_use]
pub fn extract_from(scan: &Scan<'_>) -> Vec<Citation> {
    let mut found = Vec::with_capacity(scan.document.links.len());
    for extractor in EXTRACTORS {
        extractor(scan, &mut found);
    }
    let mut citations = settle(found);
    target::resolve_notes(scan, &mut citations);
    declared::merge(scan.document, citations)
}

/// Keeps the best of overlapping candidates. Sorted by rank within a cluster,
/// so that the sweep stays linear after the sort.
fn settle(mut found: Vec<Citation>) -> Vec<Citation> {
    found.sort_by_key(|citation| (citation.span.start, citation.kind.rank(), std::cmp::Reverse(citation.span.end)));
    let mut kept: Vec<Citation> = Vec::with_capacity(found.len());
    // Links without text are points: one that begins where a citation does
    // hides it from what follows.
    let mut with_text = None;
    for next in found {
        let shares = |at: &usize| {
            let known = kept.get(*at);
            known.is_some_and(|known| {
                known.span.overlaps(next.span) || known.span == next.span && known.source == next.source
            })
        };
        let rival = kept.len().checked_sub(1).into_iter().chain(with_text).find(shares);
        let Some((at, last)) = rival.and_then(|at| Some((at, kept.get_mut(at)?))) else {
            if !next.span.is_empty() {
                with_text = Some(kept.len());
            }
            kept.push(next);
            continue;
        };
        if next.kind == Kind::Token && last.target.is_some() {
            // A token that a link carries: the link's address is the token's.
            *last = Citation { target: last.target.take(), source: last.source, ..next };
        } else if last.kind == Kind::Token
            && last.target.as_ref().is_none_or(|target| target.site_only)
            && next.kind == Kind::Link
        {
            *last = Citation { target: next.target, source: next.source, ..last.clone() };
        } else if next.kind.rank() < last.kind.rank() {
            *last = next;
        }
        if !last.span.is_empty() {
            with_text = Some(at);
        }
    }
    kept
}
