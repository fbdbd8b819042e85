//! An article as a sequence of characters that two copies of it share.
//!
//! Citations and layout are left out: labels, white space, marks of headings
//! and list items, emphasis, the marks of gaps. Quotation marks and dashes of
//! every style are one. Each character knows where it stands in the text.

use crate::document::Document;
use crate::language::{is_dash, is_quote};
use crate::text::Span;

/// The characters of an article, and where they stand.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) chars: Vec<char>,
    /// For each character the bytes of the text that it stands for.
    pub(super) spans: Vec<Span>,
}

impl Stream {
    /// All of `document` but `left_out` (sorted spans of its text).
    pub(super) fn of(document: &Document, left_out: &[Span]) -> Self {
        Self::read(document, Span::from_range(0..document.text.len()), left_out)
    }

    /// A stretch of `document`.
    pub(super) fn of_span(document: &Document, span: Span) -> Self {
        Self::read(document, span, &[])
    }

    fn read(document: &Document, whole: Span, left_out: &[Span]) -> Self {
        let mut stream = Self::default();
        let mut left_out = left_out.iter().peekable();
        let mut before = '\n';
        let mut chars = whole.slice(&document.text).char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let at = whole.start as usize + at;
            let span = Span::from_range(at..at + c.len_utf8());
            while left_out.next_if(|gone| gone.end <= span.start).is_some() {}
            let gone = left_out.peek().filter(|gone| gone.overlaps(span));
            if gone.is_some() {
                before = ' ';
                continue;
            }
            // What is left out counts as a space.
            let is_next_gone = left_out.peek().is_some_and(|gone| gone.start == span.end);
            let next = chars.peek().map_or('\n', |(_, next)| if is_next_gone { ' ' } else { *next });
            if !is_layout(before, c, next) {
                stream.chars.push(folded(c));
                stream.spans.push(span);
            }
            before = c;
        }
        stream
    }

    /// The index of the first character at or behind byte `at` of the text.
    pub(super) fn index_at(&self, at: u32) -> usize {
        self.spans.partition_point(|span| span.start < at)
    }
}

/// Whether a character can be layout, by what stands around it.
pub(super) fn may_be_layout(c: char) -> bool {
    is_layout(' ', c, ' ')
}

/// White space, invisible characters, and marks that stand alone.
fn is_layout(before: char, c: char, next: char) -> bool {
    match c {
        '#' => before.is_whitespace() || before == '#' || next == '#' || next == ' ',
        '-' | '•' | '+' => before.is_whitespace() && next.is_whitespace(),
        '*' | '\u{AD}' | '\u{200B}' | '\u{FEFF}' | '\u{200C}' | '\u{2060}' => true,
        _ => c.is_whitespace() || c.is_control(),
    }
}

/// One character for all of its kind.
fn folded(c: char) -> char {
    match c {
        '\'' | '’' | '‘' | '‚' | '`' => '\'',
        '-' => '-',
        _ if is_quote(c) => '"',
        _ if is_dash(c) => '-',
        _ => c,
    }
}
