//! An article as obelus sees it: its text, its blocks, its links, and the way
//! back to the bytes of the file.
//!
//! [`read`] takes the bytes of a file and always returns a [`Document`], or
//! says that the file is no text at all. What a reader could not make sense of
//! stands in [`Document::issues`]; a reader never decides what is a citation.

mod builder;
mod element;
mod encoding;
mod export;
mod html;
mod markdown;
mod plain;
mod pseudo;
mod rewrite;
mod sniff;

use std::sync::Arc;

use url::{ParseError, Url};

use memchr::memchr;

use crate::export::{Annotation, Measured, Role, Vendor};
use crate::text::{Decoding, LineIndex, OriginSpan, Position, SourceMap, SourceSpan, Span};

pub use encoding::Unreadable;
pub use rewrite::Unencodable;
pub use sniff::{Format, format_of_path};

/// A read article.
#[derive(Debug)]
pub struct Document {
    /// How the file was read.
    pub format: Format,
    /// The encoding's WHATWG name, lower case.
    pub encoding: &'static str,
    /// Whether the encoding is a guess by the bytes alone: then any character
    /// beyond ASCII may be another one.
    pub is_encoding_guessed: bool,
    /// The article's text: what a reader of the page sees, code included.
    pub text: Arc<str>,
    /// The decoded file; the same allocation as `text` where nothing was
    /// taken out or replaced.
    pub source: Arc<str>,
    /// The leaf blocks, in order, without overlap.
    pub blocks: Vec<Block>,
    /// The links, in order of their ends.
    pub links: Vec<Link>,
    /// Inline code, in order.
    pub code: Vec<Span>,
    /// Numbers set as superscripts by markup, in order.
    pub raised: Vec<Span>,
    /// Block quotations set by markup, in order.
    pub quoted: Vec<Span>,
    /// Ids and names in its markup, that fragments may lead to.
    pub anchors: Vec<String>,
    /// Trouble met while reading.
    pub issues: Vec<Issue>,
    /// What a raw export declares about stretches of the text, in its order.
    pub declared: Vec<Declared>,
    /// The product's own tokens in the text that the export explains, in
    /// order: none of them is left over.
    pub explained: Vec<Span>,
    /// How the raw export is to be read; `None` for articles.
    pub export: Option<ExportFacts>,
    map: SourceMap,
    decoding: Decoding,
}

/// What a raw export declares about a stretch of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The stretch that it leads to; a point where it leads nowhere.
    pub span: Span,
    /// That stretch in the file.
    pub source: Option<SourceSpan>,
    /// What stands there, markup included.
    pub stands: String,
    /// What the export says of it.
    pub annotation: Annotation,
}

/// How a raw export is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFacts {
    /// The product that wrote it.
    pub vendor: &'static Vendor,
    /// For each answer, what its offsets count.
    pub measured: Vec<Measured>,
}

/// A leaf block of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Where, in the text.
    pub span: Span,
    /// What it is.
    pub kind: BlockKind,
}

/// What a block is, as far as a rule may care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// Running text.
    Paragraph,
    /// A heading.
    Heading,
    /// The text of a list item.
    ListItem,
    /// A cell of a table.
    TableCell,
    /// The text of a footnote, or a line that defines a reference.
    Definition,
    /// Code: not prose.
    Code,
}

/// A link as the markup gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The text one clicks on; empty for a linked picture.
    pub span: Span,
    /// The whole construct in the file, such as `[text](url)`.
    pub source: SourceSpan,
    /// The destination, entities and escapes resolved.
    pub destination: String,
    /// Whether the destination is also the text, as in `<https://…>`.
    pub autolink: bool,
}

/// Something a reader could not make sense of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What, in one sentence.
    pub message: String,
    /// Where, in the decoded file.
    pub source: Option<SourceSpan>,
}

impl Issue {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }
}

/// A place in the file, for people and for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Bytes on disk.
    pub origin: OriginSpan,
    /// Line and column of its start.
    pub start: Position,
    /// Line and column of its end.
    pub end: Position,
}

impl Place {
    /// The start of a file, for what concerns all of it.
    pub const START: Self = {
        let start = Position { line: 1, column: 1 };
        Self { origin: OriginSpan { start: 0, end: 0 }, start, end: start }
    };
}

impl Document {
    /// Makes relative links absolute, as if the document stood at `base`.
    /// Places in the document itself stay what they are.
    pub fn set_base(&mut self, base: &Url) {
        for link in &mut self.links {
            let is_relative = matches!(Url::parse(&link.destination), Err(ParseError::RelativeUrlWithoutBase));
            let stays = link.destination.is_empty()
                || link.destination.starts_with('#')
                || link.destination.starts_with("www.");
            if let Some(absolute) = base.join(&link.destination).ok().filter(|_| is_relative && !stays) {
                link.destination = absolute.into();
            }
        }
    }

    /// The bytes of the decoded file that a stretch of text came from.
    #[must_use]
    pub fn source_span(&self, span: Span) -> SourceSpan {
        self.map.source(span)
    }

    /// The same where the file holds the stretch and nothing less, so that it
    /// can be edited.
    #[must_use]
    pub fn exact_source_span(&self, span: Span) -> Option<SourceSpan> {
        self.map.exact_source(span)
    }

    /// The bytes on disk under a stretch of the decoded file.
    #[must_use]
    pub fn origin_span(&self, span: SourceSpan) -> OriginSpan {
        self.decoding.origin(span)
    }

    /// The place of a stretch of the decoded file. `lines` is the index of
    /// [`Document::source`].
    #[must_use]
    pub fn place(&self, span: SourceSpan, lines: &LineIndex) -> Place {
        let (start, end) = lines.positions(&self.source, span);
        Place { origin: self.decoding.origin(span), start, end }
    }

    /// The block that holds byte `at` of the text.
    #[must_use]
    pub fn block_at(&self, at: u32) -> Option<(usize, &Block)> {
        let index = self.blocks.partition_point(|block| block.span.end <= at);
        let block = self.blocks.get(index)?;
        (block.span.start <= at).then_some((index, block))
    }

    /// Those of ascending `places` of the text that lie in blocks other than
    /// code, each with its block: one pass over the text finds what a pass
    /// over each block would.
    pub fn in_prose(&self, places: impl Iterator<Item = usize>) -> impl Iterator<Item = (usize, &Block)> {
        let mut blocks = self.blocks.iter().peekable();
        places.filter_map(move |at| {
            while blocks.next_if(|block| block.span.end as usize <= at).is_some() {}
            let block = *blocks.peek()?;
            (block.kind != BlockKind::Code && block.span.start as usize <= at).then_some((at, block))
        })
    }

    /// The same, less those that lie in inline code.
    pub fn outside_code(&self, places: impl Iterator<Item = usize>) -> impl Iterator<Item = (usize, &Block)> {
        let mut code = self.code.iter().peekable();
        self.in_prose(places).filter(move |(at, _)| {
            while code.next_if(|code| code.end as usize <= *at).is_some() {}
            code.peek().is_none_or(|code| *at < code.start as usize)
        })
    }

    /// Whether `span` lies in inline code.
    #[must_use]
    pub fn in_inline_code(&self, span: Span) -> bool {
        let index = self.code.partition_point(|code| code.end <= span.start);
        self.code.get(index).is_some_and(|code| code.overlaps(span))
    }

    /// Whether a raw export explains the token that `span` belongs to.
    #[must_use]
    pub fn is_explained(&self, span: Span) -> bool {
        let index = self.explained.partition_point(|token| token.end <= span.start);
        self.explained.get(index).is_some_and(|token| token.overlaps(span))
    }

    /// The prose block that holds `span` whole, unless inline code does.
    #[must_use]
    pub fn prose_block(&self, span: Span) -> Option<(usize, &Block)> {
        let (index, block) = self.block_at(span.start)?;
        let is_prose = block.kind != BlockKind::Code && block.span.contains(span) && !self.in_inline_code(span);
        is_prose.then_some((index, block))
    }
}

/// A file whose lines end with carriage returns alone, as on the first
/// Macintoshes, is read as if they were line feeds. No offset changes.
fn with_line_feeds(source: &Arc<str>) -> Arc<str> {
    let bytes = source.as_bytes();
    if memchr(b'\n', bytes).is_some() || memchr(b'\r', bytes).is_none() {
        return Arc::clone(source);
    }
    source.replace('\r', "\n").into()
}

/// Reads an article. The format is taken from `format`, else from `path`, else
/// from the content; the encoding from a mark, a declaration or detection.
///
/// # Errors
///
/// Where the bytes are no text (a picture, an archive, a program), or JSON
/// that is no raw export.
pub fn read(bytes: Vec<u8>, format: Option<Format>, path: Option<&str>) -> Result<Document, Unreadable> {
    let decoded = encoding::decode(bytes)?;
    let source: Arc<str> = decoded.text.into();
    let format = format.or_else(|| path.and_then(format_of_path)).unwrap_or_else(|| sniff::format_of(&source));
    let mut issues = decoded.issues;
    if source.trim().is_empty() {
        issues.push(Issue::new("the file is empty"));
    }
    parse(source, format, (decoded.encoding, decoded.is_guessed), decoded.decoding, issues)
}

/// Reads an article that is decoded already: its bytes on disk are UTF-8.
///
/// # Errors
///
/// Where `format` is a raw export and the text is none.
pub fn read_text(source: String, format: Format) -> Result<Document, Unreadable> {
    parse(source.into(), format, ("utf-8", false), Decoding::Shifted(0), Vec::new())
}

fn parse(
    source: Arc<str>,
    format: Format,
    (encoding, is_encoding_guessed): (&'static str, bool),
    decoding: Decoding,
    mut issues: Vec<Issue>,
) -> Result<Document, Unreadable> {
    let (mut declared, mut facts) = (Vec::new(), None);
    let lines = with_line_feeds(&source);
    let article = match format {
        Format::Plain => plain::read(&lines),
        Format::Markdown => markdown::read(&lines),
        Format::Html => html::read(&lines),
        Format::Export => {
            let reading = export::read(&source)?;
            (declared, facts) = (reading.declared, Some(reading.facts));
            reading.article
        }
    };
    issues.extend(article.issues);
    let (text, map) = match article.text {
        Some((text, map)) => (text.into(), map),
        None => (Arc::clone(&lines), SourceMap::identity(source.len())),
    };
    Ok(Document {
        format,
        encoding,
        is_encoding_guessed,
        text,
        source,
        blocks: article.blocks,
        links: article.links,
        code: article.code,
        raised: article.raised,
        quoted: article.quoted,
        anchors: article.anchors,
        issues,
        explained: explained(&declared),
        declared,
        export: facts,
        map,
        decoding,
    })
}

fn explained(declared: &[Declared]) -> Vec<Span> {
    let is_token = |declared: &&Declared| {
        let annotation = &declared.annotation;
        matches!(annotation.role, Role::Marker | Role::Hidden) && annotation.placement.span().is_some()
    };
    let mut spans: Vec<Span> = declared.iter().filter(is_token).map(|declared| declared.span).collect();
    spans.sort_unstable();
    spans
}

#[cfg(test)]
mod tests {
    use super::{BlockKind, Format, read};
    use crate::text::LineIndex;

    #[test]
    fn carriage_returns_alone_end_lines() {
        let source = "# Head\r\rOne (nato.int).\r\r- two\r- three\r";
        for format in [Format::Plain, Format::Markdown] {
            let document = read(source.as_bytes().to_vec(), Some(format), None).unwrap();
            let kinds: Vec<_> = document.blocks.iter().map(|block| block.kind).collect();
            let expected = [BlockKind::Heading, BlockKind::Paragraph, BlockKind::ListItem, BlockKind::ListItem];
            assert_eq!(kinds, expected, "{format:?}");
            let lines = LineIndex::new(&document.source);
            let places: Vec<_> = document
                .blocks
                .iter()
                .map(|block| document.place(document.source_span(block.span), &lines).start.line)
                .collect();
            assert_eq!(places, [1, 3, 5, 6], "{format:?}");
            assert_eq!(&*document.source, source);
        }
    }
}
