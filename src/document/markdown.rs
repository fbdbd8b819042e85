//! The Markdown reader: pulldown-cmark's events, which carry byte ranges.
//!
//! Text events are slices of the source except for entities and escapes, so
//! the source map falls out of them. HTML inside goes through the HTML
//! reader. The parser is quadratic on absurd nesting, so depth is measured
//! first, and a file beyond the limit is read as plain text.

use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::text::count_bytes;

use super::builder::{Article, ArticleBuilder, LinkMarkup};
use super::html::{self, Mode};
use super::pseudo::is_pseudo_destination;
use super::{BlockKind, Issue, plain};

/// Markdown as articles use it. Math and wiki links are left out: `$` and
/// `[[` stand in prose too often.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
}

pub(super) fn read(source: &str) -> Article {
    if let Some(line) = too_deep(source) {
        let mut article = plain::read(source);
        article.issues.push(Issue::new(format!(
            "line {line} nests Markdown deeper than {DEEPEST} levels; the file was read as plain text"
        )));
        return article;
    }
    let mut reader = Reader::new(source);
    for (event, range) in Parser::new_ext(source, options()).into_offset_iter() {
        reader.event(event, range);
    }
    reader.builder.finish()
}

/// No article nests deeper; a parser's time grows with the square of it.
const DEEPEST: usize = 200;

/// The first line (1-based) of a block whose open brackets, emphasis marks or
/// quotation marks exceed the limit.
fn too_deep(source: &str) -> Option<usize> {
    if !may_be_too_deep(source.as_bytes()) {
        return None;
    }
    let mut open = 0_usize;
    let mut marks = 0_usize;
    for (number, line) in source.lines().enumerate() {
        let body = line.trim_start();
        if body.is_empty() {
            (open, marks) = (0, 0);
            continue;
        }
        let quotes = body.bytes().take_while(|byte| matches!(byte, b'>' | b' ' | b'-' | b'*' | b'+')).count();
        for byte in body.bytes() {
            match byte {
                b'[' | b'(' | b'<' => open += 1,
                b']' | b')' | b'>' => open = open.saturating_sub(1),
                b'*' | b'_' | b'~' | b'`' => marks += 1,
                _ => {}
            }
        }
        if open > DEEPEST
            || quotes > DEEPEST && body.bytes().take(quotes).any(|byte| byte == b'>')
            || marks > 64 * DEEPEST
        {
            return Some(number + 1);
        }
    }
    None
}

/// A quick look at the pieces between blank lines, which most texts pass, most
/// of them as a whole.
fn may_be_too_deep(source: &[u8]) -> bool {
    let is_suspect = |piece: &[u8]| {
        piece.len() > DEEPEST
            && (piece.len() > 64 * DEEPEST
                || count_bytes(piece, |byte| matches!(byte, b'[' | b'(' | b'<')) > DEEPEST
                || count_bytes(piece, |byte| byte == b'>') > DEEPEST)
    };
    let mut start = 0;
    let ends = memmem::find_iter(source, b"\n\n").chain([source.len()]);
    let mut pieces = ends.map(|end| source.get(std::mem::replace(&mut start, end)..end).unwrap_or_default());
    is_suspect(source) && pieces.any(is_suspect)
}

struct Reader<'a> {
    builder: ArticleBuilder<'a>,
    heading: bool,
    items: usize,
    definition: bool,
    cell: bool,
    code: bool,
    /// Depth of pictures, metadata: their text is none of the article's.
    hidden: usize,
    /// Start of an HTML block, read whole at its end.
    html: Option<usize>,
    /// End of a pseudo link whose source was taken as text.
    skip_to: usize,
    autolink: Option<u32>,
    /// End of the last stretch of text in the source.
    text_end: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            builder: ArticleBuilder::new(source),
            heading: false,
            items: 0,
            definition: false,
            cell: false,
            code: false,
            hidden: 0,
            html: None,
            skip_to: 0,
            autolink: None,
            text_end: 0,
        }
    }

    fn kind(&self) -> BlockKind {
        match self {
            _ if self.code => BlockKind::Code,
            _ if self.heading => BlockKind::Heading,
            _ if self.cell => BlockKind::TableCell,
            _ if self.definition => BlockKind::Definition,
            _ if self.items > 0 => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        }
    }

    fn event(&mut self, event: Event<'a>, range: Range<usize>) {
        if range.start < self.skip_to {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, &range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => self.inline_code(&text, range),
            Event::SoftBreak | Event::HardBreak => self.text("\n", range),
            Event::FootnoteReference(_) => {
                let label = self.builder.source.get(range.clone()).unwrap_or_default();
                self.text(label, range);
            }
            Event::InlineHtml(_) if self.hidden == 0 => {
                self.builder.ensure_block(self.kind(), range.start);
                html::read_fragment(&mut self.builder, range, Mode::Inline);
            }
            Event::Html(_)
            | Event::InlineHtml(_)
            | Event::Rule
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.hidden > 0 {
            return;
        }
        self.builder.ensure_block(self.kind(), range.start);
        let before = range.start.checked_sub(1);
        let is_escaped =
            before.is_some_and(|at| self.text_end <= at && self.builder.source.as_bytes().get(at) == Some(&b'\\'));
        self.text_end = range.end;
        // `\(` is one character written with two: an event leaves the first out.
        match (before, text.split_at_checked(1)) {
            (Some(before), Some((first, rest)))
                if is_escaped && first.as_bytes().iter().all(u8::is_ascii_punctuation) =>
            {
                self.builder.piece(first, before..range.start + 1);
                self.builder.piece(rest, range.start + 1..range.end);
            }
            _ => self.builder.piece(text, range),
        }
    }

    fn inline_code(&mut self, text: &str, range: Range<usize>) {
        if self.hidden > 0 {
            return;
        }
        self.builder.ensure_block(self.kind(), range.start);
        self.builder.begin_code();
        let written = self.builder.source.get(range.clone()).unwrap_or_default();
        match place_of_code(written, text) {
            Some(at) => self.builder.verbatim(range.start + at..range.start + at + text.len()),
            None => self.builder.piece(text, range),
        }
        self.builder.end_code();
    }

    fn start(&mut self, tag: Tag<'a>, range: Range<usize>) {
        match tag {
            Tag::Link { link_type, dest_url, .. } => self.start_link(link_type, &dest_url, range),
            Tag::Image { .. } | Tag::MetadataBlock(_) => self.hidden += 1,
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript => {}
            block => self.start_block(&block, range),
        }
    }

    fn start_link(&mut self, link_type: LinkType, destination: &str, range: Range<usize>) {
        if self.hidden > 0 {
            return;
        }
        self.builder.ensure_block(self.kind(), range.start);
        if is_pseudo_destination(destination) {
            self.skip_to = range.end;
            self.builder.verbatim(range);
            return;
        }
        // `[12]` with a definition is a numeric marker: its brackets are text.
        let written = self.builder.source.get(range.clone()).unwrap_or_default();
        if link_type == LinkType::Shortcut
            && written.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'[' | b']'))
        {
            self.skip_to = range.end;
            self.builder.begin_link(LinkMarkup::Markdown, destination.to_owned(), range.start);
            self.builder.verbatim(range.clone());
            self.builder.end_link(LinkMarkup::Markdown, range.end);
            return;
        }
        self.autolink = matches!(link_type, LinkType::Autolink | LinkType::Email).then(|| self.builder.position());
        self.builder.begin_link(LinkMarkup::Markdown, destination.to_owned(), range.start);
    }

    fn start_block(&mut self, tag: &Tag<'_>, range: Range<usize>) {
        self.builder.close_block();
        match tag {
            Tag::Heading { .. } => self.heading = true,
            Tag::BlockQuote(_) => self.builder.begin_quotation(),
            Tag::Item => self.items += 1,
            Tag::FootnoteDefinition(_) => self.definition = true,
            Tag::TableCell => self.cell = true,
            Tag::CodeBlock(_) => self.code = true,
            Tag::HtmlBlock => self.html = Some(range.start),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Link if self.hidden == 0 => {
                self.builder.end_link(LinkMarkup::Markdown, range.end);
                if self.autolink.take().is_some() {
                    self.builder.mark_autolink();
                }
            }
            TagEnd::Image | TagEnd::MetadataBlock(_) => self.hidden = self.hidden.saturating_sub(1),
            TagEnd::Link
            | TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
            block => self.end_block(block, range),
        }
    }

    fn end_block(&mut self, tag: TagEnd, range: &Range<usize>) {
        self.builder.close_block();
        match tag {
            TagEnd::Heading(_) => self.heading = false,
            TagEnd::BlockQuote(_) => self.builder.end_quotation(),
            TagEnd::Item => self.items = self.items.saturating_sub(1),
            TagEnd::FootnoteDefinition => self.definition = false,
            TagEnd::TableCell => self.cell = false,
            TagEnd::CodeBlock => self.code = false,
            TagEnd::HtmlBlock => {
                if let Some(start) = self.html.take() {
                    html::read_fragment(&mut self.builder, start..range.end, Mode::Blocks);
                }
            }
            _ => {}
        }
    }
}

/// Where the text of inline code stands in the code: behind its backticks and,
/// mostly, nothing else.
fn place_of_code(written: &str, text: &str) -> Option<usize> {
    let ticks = written.bytes().take_while(|byte| *byte == b'`').count();
    let is_bare = written.get(ticks..ticks + text.len()) == Some(text);
    if is_bare { Some(ticks) } else { memmem::find(written.as_bytes(), text.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use crate::document::{Format, read};
    use crate::text::{Span, offset};

    #[test]
    fn an_escape_is_one_character() {
        for source in ["a \\(nato.int\\) b", "a \\\\\\(nato.int\\)\\\\ b", "\\(nato.int\\)"] {
            let document = read(source.as_bytes().to_vec(), Some(Format::Markdown), None).unwrap();
            let label = "(nato.int)";
            let at = document.text.find(label).unwrap();
            let span = document.source_span(Span::new(offset(at), offset(at + label.len())));
            assert_eq!(source.get(span.range()), Some("\\(nato.int\\)"), "{source}");
        }
    }
}
