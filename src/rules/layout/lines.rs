//! Line breaks put back where marks show that a line began.

use crate::document::Format;
use crate::rules::TextContext;
use crate::rules::mend::open_tags;
use crate::text::{SourceSpan, Span, offset};

/// How the file ends its lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineEnd(&'static str);

impl LineEnd {
    pub(super) fn of(source: &str) -> Self {
        match memchr::memchr2(b'\r', b'\n', source.as_bytes()).and_then(|at| source.get(at..)) {
            Some(rest) if rest.starts_with("\r\n") => Self("\r\n"),
            Some(rest) if rest.starts_with('\r') => Self("\r"),
            _ => Self("\n"),
        }
    }
}

/// The block whose lines are to be set apart.
pub(super) struct Lines<'a> {
    source: &'a str,
    block: SourceSpan,
    /// What a line of the block begins with: the marks of quotations, and white
    /// space in the place of a list mark.
    indent: String,
    /// The same without list marks.
    quote: String,
    line_end: &'static str,
}

impl<'a> Lines<'a> {
    /// `None` for HTML, where elements part blocks.
    pub(super) fn of(context: &'a TextContext<'_>, block: Span, line_end: LineEnd) -> Option<Self> {
        /// Marks of quotations and lists are short.
        const LONGEST: usize = 60;
        if context.document.format == Format::Html {
            return None;
        }
        let source: &str = &context.document.source;
        let span = context.source(block)?;
        let before = source.get(..span.start as usize)?;
        let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(LONGEST))..)?;
        let line = near.rfind('\n').map(|at| near.get(at + 1..).unwrap_or_default());
        let lead = line.unwrap_or(if near.len() == before.len() { near } else { "" });
        let own = source.get(span.range())?;
        let mark = own.starts_with(is_mark).then_some(0);
        let list = lead.rfind(is_mark).filter(|_| mark.is_none());
        let indent = lead.get(..list.unwrap_or(lead.len()))?;
        let is_lead = |c: char| matches!(c, '>' | ' ' | '\t');
        let indent = if indent.chars().all(is_lead) { indent.to_owned() } else { String::new() };
        let quote = indent.get(..indent.rfind('>').map_or(0, |at| at + 1))?;
        let quote = if quote.is_empty() { String::new() } else { format!("{quote} ") };
        Some(Self { source, block: span, indent, quote, line_end: line_end.0 })
    }

    /// A new line of the block.
    pub(super) fn line(&self) -> String {
        format!("{}{}", self.line_end, self.indent)
    }

    /// A new block, a blank line before it.
    pub(super) fn paragraph(&self) -> String {
        format!("{0}{1}{0}{2}", self.line_end, self.quote.trim_end(), self.quote)
    }

    /// The white space before the byte `at` of the file, within the block.
    pub(super) fn space_before(&self, at: u32) -> SourceSpan {
        let before = self.source.get(self.block.start as usize..at as usize).unwrap_or_default();
        SourceSpan::new(self.block.start + offset(before.trim_end().len()), at)
    }

    /// The white space from the byte `at` on, within the block.
    pub(super) fn space_from(&self, at: u32) -> SourceSpan {
        let behind = self.source.get(at as usize..self.block.end as usize).unwrap_or_default();
        SourceSpan::new(at, at + offset(behind.len() - behind.trim_start().len()))
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '-' | '*' | '+' | '•')
}

/// An element of a page that holds one block of text and nothing else open.
pub(super) struct Element<'a> {
    source: &'a str,
    pub(super) block: SourceSpan,
    /// Its name, lower case.
    pub(super) name: String,
}

impl<'a> Element<'a> {
    /// The element around a block of HTML, if the block fills it.
    pub(super) fn of(context: &'a TextContext<'_>, block: Span) -> Option<Self> {
        let source: &str = &context.document.source;
        let block = context.source(block)?;
        if context.document.format != Format::Html {
            return None;
        }
        /// Tags are shorter, in bytes.
        const LONGEST: usize = 1000;
        let before = source.get(..block.start as usize)?.trim_end();
        let before = before.get(before.ceil_char_boundary(before.len().saturating_sub(LONGEST))..)?;
        let tag = before.strip_suffix('>')?;
        let tag = tag.get(tag.rfind('<')? + 1..)?;
        let length = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag.get(..length)?.to_ascii_lowercase();
        let behind = source.get(block.end as usize..)?.trim_start();
        let end = behind.strip_prefix("</")?;
        let closes = end.get(..name.len())?.eq_ignore_ascii_case(&name) && end.get(name.len()..)?.starts_with('>');
        (closes && matches!(name.as_str(), "p" | "li")).then_some(Self { source, block, name })
    }

    /// Whether the element can be parted at the byte `at` of the file: nothing
    /// within it is open there.
    pub(super) fn parts_at(&self, at: u32) -> bool {
        /// A longer block is left as it is: every look at it takes as long.
        const LONGEST: usize = 8000;
        let before = self.source.get(self.block.start as usize..at as usize).filter(|text| text.len() <= LONGEST);
        before.and_then(open_tags).is_some_and(|open| open.is_empty())
    }

    /// The white space before and behind a stretch, and the stretch.
    pub(super) fn with_space(&self, span: SourceSpan) -> SourceSpan {
        let before = self.source.get(self.block.start as usize..span.start as usize).unwrap_or_default();
        let behind = self.source.get(span.end as usize..self.block.end as usize).unwrap_or_default();
        let start = self.block.start + offset(before.trim_end().len());
        SourceSpan::new(start, span.end + offset(behind.len() - behind.trim_start().len()))
    }

    /// The end tag behind the block, with what white space stands before it.
    pub(super) fn end_tag(&self) -> Option<SourceSpan> {
        let behind = self.source.get(self.block.end as usize..)?;
        let length = behind.find('>')? + 1;
        Some(SourceSpan::new(self.block.end, self.block.end + offset(length)))
    }
}
