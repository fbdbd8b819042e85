//! What every reader builds: text with its map, blocks, links, code.

use std::ops::Range;

use crate::text::{SourceMap, SourceSpan, Span, TextBuilder};

use super::{Block, BlockKind, Issue, Link};

/// The yield of a reader. `text` is `None` where the text is the file itself.
#[derive(Debug, Default)]
pub(super) struct Article {
    pub(super) text: Option<(String, SourceMap)>,
    pub(super) blocks: Vec<Block>,
    pub(super) links: Vec<Link>,
    pub(super) code: Vec<Span>,
    pub(super) raised: Vec<Span>,
    pub(super) quoted: Vec<Span>,
    pub(super) anchors: Vec<String>,
    pub(super) issues: Vec<Issue>,
}

/// Collects an article piece by piece. At most one leaf block is open; text
/// that comes while none is opens one of the kind last announced.
#[derive(Debug)]
pub(super) struct ArticleBuilder<'a> {
    pub(super) source: &'a str,
    text: TextBuilder,
    article: Article,
    open: Option<(u32, BlockKind)>,
    links: Vec<OpenLink>,
    code_start: Option<u32>,
    /// Where the outermost block quotation began, and how many are open.
    quoted: (u32, usize),
}

/// Whose markup a link is: only the same markup can end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkMarkup {
    Markdown,
    Html,
}

#[derive(Debug)]
struct OpenLink {
    markup: LinkMarkup,
    text_start: u32,
    source_start: u32,
    destination: String,
}

impl<'a> ArticleBuilder<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        /// Bytes of a file between two blocks, and between two links or pieces
        /// of code, where there are many: room for them spares growing.
        const APART: (usize, usize) = (64, 256);
        let article = Article {
            blocks: Vec::with_capacity(source.len() / APART.0),
            links: Vec::with_capacity(source.len() / APART.1),
            code: Vec::with_capacity(source.len() / APART.1),
            ..Article::default()
        };
        Self {
            source,
            text: TextBuilder::with_capacity(source.len()),
            article,
            open: None,
            links: Vec::new(),
            code_start: None,
            quoted: (0, 0),
        }
    }

    pub(super) fn issue(&mut self, issue: Issue) {
        self.article.issues.push(issue);
    }

    /// Notes a place that fragments may lead to, where an element's attribute
    /// makes one: an id, or the name of an `a`.
    pub(super) fn note_anchor(&mut self, element: &[u8], attribute: &[u8], value: &[u8]) {
        let is_anchor = attribute == b"id" || attribute == b"name" && element == b"a";
        if is_anchor && !value.is_empty() {
            self.article.anchors.push(String::from_utf8_lossy(value).into_owned());
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn position(&self) -> u32 {
        self.text.position()
    }

    /// Opens a block of `kind` unless one is open.
    pub(super) fn ensure_block(&mut self, kind: BlockKind, source_at: usize) {
        if self.open.is_none() {
            if self.text.position() > 0 {
                self.text.synthetic("\n", source_at);
            }
            self.open = Some((self.text.position(), kind));
        }
    }

    /// Closes the open block; an empty one leaves no trace.
    pub(super) fn close_block(&mut self) {
        self.end_code();
        if let Some((start, kind)) = self.open.take() {
            let span = Span::new(start, self.text.position());
            if !span.is_empty() {
                self.article.blocks.push(Block { span, kind });
            }
        }
    }

    /// Appends the bytes `range` of the source as they are.
    pub(super) fn verbatim(&mut self, range: Range<usize>) {
        let text = self.source.get(range.clone()).unwrap_or_default();
        self.text.verbatim(text, range.start);
    }

    /// Appends `text`, which the source writes at `range`, possibly otherwise.
    pub(super) fn piece(&mut self, text: &str, range: Range<usize>) {
        // Most pieces are slices of the source, which their addresses show.
        let is_verbatim = |written: &str| std::ptr::eq(written, text) || written == text;
        if self.source.get(range.clone()).is_some_and(is_verbatim) {
            self.text.verbatim(text, range.start);
        } else {
            self.text.decoded(text, range);
        }
    }

    pub(super) fn begin_code(&mut self) {
        self.code_start.get_or_insert(self.text.position());
    }

    pub(super) fn end_code(&mut self) {
        if let Some(start) = self.code_start.take() {
            let span = Span::new(start, self.text.position());
            if !span.is_empty() {
                self.article.code.push(span);
            }
        }
    }

    /// A block quotation begins between blocks.
    pub(super) fn begin_quotation(&mut self) {
        if self.quoted.1 == 0 {
            self.quoted.0 = self.text.position();
        }
        self.quoted.1 += 1;
    }

    /// A block quotation ends between blocks; one inside another is part of it.
    pub(super) fn end_quotation(&mut self) {
        let was_open = self.quoted.1 > 0;
        self.quoted.1 = self.quoted.1.saturating_sub(1);
        let span = Span::new(self.quoted.0, self.text.position());
        if was_open && self.quoted.1 == 0 && !span.is_empty() {
            self.article.quoted.push(span);
        }
    }

    pub(super) fn raise(&mut self, start: u32) {
        let span = Span::new(start, self.text.position());
        if !span.is_empty() {
            self.article.raised.push(span);
        }
    }

    /// Links cannot hold links of their own markup: a new one ends the one
    /// before.
    pub(super) fn begin_link(&mut self, markup: LinkMarkup, destination: String, source_start: usize) {
        self.end_link(markup, source_start);
        self.links.push(OpenLink {
            markup,
            text_start: self.text.position(),
            source_start: crate::text::offset(source_start),
            destination,
        });
    }

    /// Closes the open link of this markup, if there is one, and what was
    /// opened inside it; the construct ends at `source_end`.
    pub(super) fn end_link(&mut self, markup: LinkMarkup, source_end: usize) {
        if let Some(outer) = self.links.iter().rposition(|open| open.markup == markup) {
            self.end_links(outer, source_end);
        }
    }

    /// Closes open links until `count` are left.
    fn end_links(&mut self, count: usize, source_end: usize) {
        while self.links.len() > count
            && let Some(open) = self.links.pop()
        {
            // A block may have begun inside the link; its break is not text of it.
            let text_start = open.text_start.max(self.open.map_or(0, |(start, _)| start.min(self.text.position())));
            self.article.links.push(Link {
                span: Span::new(text_start, self.text.position()),
                source: SourceSpan::new(open.source_start, crate::text::offset(source_end)),
                destination: open.destination,
                autolink: false,
            });
        }
    }

    /// The link just closed shows its own destination.
    pub(super) fn mark_autolink(&mut self) {
        if let Some(link) = self.article.links.last_mut() {
            link.autolink = true;
        }
    }

    pub(super) fn finish(mut self) -> Article {
        self.close_block();
        self.end_links(0, self.source.len());
        self.article.text = Some(self.text.finish());
        self.article
    }
}
