//! Text of a copy as the article will have it: its own citations left out, its
//! paragraphs parted as the article parts them, the article's labels put in.

use crate::document::{Document, Format};
use crate::language::ends_sentence;
use crate::rules::mend::open_tags;
use crate::text::{SourceSpan, Span, offset};

use super::gap::Laid;
use super::site::Site;

/// Stands for the end of a paragraph; no reader leaves one in a word.
const BREAK: char = '\u{2029}';

pub(super) struct Words {
    pub(super) text: String,
    /// Where the copy has labels: in its own text, and in bytes of `text`.
    labels: Vec<(u32, usize)>,
    /// Pieces of markup, by their place; in order.
    markup: Vec<(usize, String)>,
}

/// What the copy has in `span`, its own citations left out; the places of the
/// labels that begin at `wanted` are remembered.
pub(super) fn words(document: &Document, copy: &Laid<'_>, span: Span, wanted: &[u32]) -> Words {
    let other: &str = &copy.document.text;
    let mut found = Words { text: String::new(), labels: Vec::new(), markup: Vec::new() };
    let mut at = span.start;
    let ends = copy.labels_in(span).map(|label| (label.span, Some(label.span.start)));
    for (label, start) in ends.chain([(Span::new(span.end, span.end), None)]) {
        let piece = Span::new(at, label.start.clamp(at, span.end));
        push(copy, piece, &mut found.text);
        if let Some(start) = start.filter(|start| wanted.contains(start)) {
            found.labels.push((start, found.text.trim_end().len()));
        }
        at = at.max(label.end.min(span.end));
        // The space before a label that goes along goes, too.
        let after = other.get(at as usize..).unwrap_or_default();
        if start.is_some() && after.starts_with(|c: char| c.is_whitespace() || ends_sentence(c)) {
            found.text.truncate(found.text.trim_end_matches(' ').len());
        }
    }
    if document.format == Format::Html && !found.text.contains(|c: char| !c.is_whitespace()) {
        found.text = found.text.replace(BREAK, " ");
    }
    found
}

/// Appends a stretch of the copy, its white space made one space or one break.
fn push(copy: &Laid<'_>, span: Span, text: &mut String) {
    let mut rest = span.slice(&copy.document.text);
    let mut at = span.start;
    while let Some(c) = rest.chars().next() {
        let is_space = c.is_whitespace();
        let length = rest.find(|c: char| c.is_whitespace() != is_space).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is_own_space = matches!(c, '\u{A0}' | '\u{202F}') && length == c.len_utf8();
        match () {
            () if !is_space => text.push_str(piece),
            () if is_break(copy, piece, at) => text.push(BREAK),
            () if is_own_space => text.push(c),
            () if text.ends_with(char::is_whitespace) => {}
            () => text.push(' '),
        }
        at += offset(length);
        rest = behind;
    }
}

/// Whether white space of the copy parts two of its paragraphs.
fn is_break(copy: &Laid<'_>, space: &str, at: u32) -> bool {
    let block = |at: u32| copy.document.block_at(at).map(|(index, _)| index);
    let end = at + offset(space.len());
    space.contains('\n') && (space.matches('\n').count() > 1 || block(at.saturating_sub(1)) != block(end))
}

fn is_mark(c: char) -> bool {
    c.is_whitespace() || matches!(c, '#' | '•')
}

impl Words {
    pub(super) fn trim_start(&mut self) {
        let gone = self.text.len() - self.text.trim_start_matches(is_mark).len();
        self.text.drain(..gone);
        self.labels.iter_mut().for_each(|(_, place)| *place = place.saturating_sub(gone));
    }

    pub(super) fn trim_end(&mut self) {
        self.text.truncate(self.text.trim_end_matches(is_mark).len());
        let end = self.text.len();
        self.labels.iter_mut().for_each(|(_, place)| *place = (*place).min(end));
    }

    /// Where the copy's label that begins at `start` stood.
    pub(super) fn place_of(&self, start: u32) -> Option<usize> {
        self.labels.iter().find(|(known, _)| *known == start).map(|(_, place)| *place)
    }

    /// Puts a label in where the copy has it.
    pub(super) fn put(&mut self, place: usize, label: &str, document: &Document) {
        let behind = self.text.get(place..).unwrap_or_default();
        let lead = if self.is_unspaced(document) { "" } else { " " };
        let trail = if behind.starts_with(char::is_alphanumeric) { " " } else { "" };
        self.markup.push((place, format!("{lead}{label}{trail}")));
    }

    /// Keeps a label at its seam, between two words of what is restored; false
    /// where that is within one word.
    pub(super) fn keep(&mut self, label: &str, document: &Document, site: &Site) -> bool {
        let before = document.text.get(..site.span.start as usize).unwrap_or_default().trim_end();
        let place = match self.text.find([' ', BREAK]) {
            Some(0) if before.ends_with(ends_sentence) => Some(0),
            _ => self.text.rfind([' ', BREAK]),
        };
        let is_wide = |c: char| crate::language::is_unspaced_letter(c);
        let place = place.or_else(|| self.text.ends_with(is_wide).then_some(self.text.len()));
        self.markup.extend(place.map(|place| (place, format!(" {label}"))));
        place.is_some()
    }

    fn is_unspaced(&self, document: &Document) -> bool {
        let is_wide = |c: char| crate::language::is_unspaced_letter(c);
        self.text.chars().next_back().is_some_and(is_wide) && !document.text.contains(" (")
    }

    /// As the file writes it in the place of `region`.
    pub(super) fn written(mut self, document: &Document, region: SourceSpan) -> String {
        self.markup.sort_by_key(|(place, _)| *place);
        let paragraph = paragraph(document, region);
        let piece = |text: &str| document.written(text).replace(BREAK, paragraph);
        let mut written = String::new();
        let mut at = 0;
        for (place, markup) in &self.markup {
            written.push_str(&piece(self.text.get(at..*place).unwrap_or_default()));
            written.push_str(markup);
            at = *place;
        }
        written.push_str(&piece(self.text.get(at..).unwrap_or_default()));
        written
    }
}

/// How the article parts its paragraphs at a place.
fn paragraph(document: &Document, region: SourceSpan) -> &'static str {
    let source: &str = &document.source;
    if document.format == Format::Html {
        return if is_plain_paragraph(source, region) { "</p>\n<p>" } else { "<br>\n<br>" };
    }
    match (
        source.contains("\r\n"),
        document.format == Format::Markdown || source.contains("\n\n") || source.contains("\r\n\r\n"),
    ) {
        (true, true) => "\r\n\r\n",
        (true, false) => "\r\n",
        (false, true) => "\n\n",
        (false, false) => "\n",
    }
}

/// Whether a `p` element is open at a place of a page, and nothing within it.
fn is_plain_paragraph(source: &str, region: SourceSpan) -> bool {
    /// A longer paragraph gets line breaks, in bytes.
    const LONGEST: usize = 8000;
    let before = source.get(..region.start as usize).unwrap_or_default();
    let before = before.get(before.ceil_char_boundary(before.len().saturating_sub(LONGEST))..).unwrap_or_default();
    let starts = memchr::memmem::rfind_iter(before.as_bytes(), "<p").filter_map(|at| before.get(at + 2..));
    let tag = starts.into_iter().find(|rest| rest.starts_with('>') || rest.starts_with(char::is_whitespace));
    let inner = tag.and_then(|tag| tag.split_once('>')).map(|(_, inner)| inner);
    inner.and_then(open_tags).is_some_and(|open| open.is_empty())
}
