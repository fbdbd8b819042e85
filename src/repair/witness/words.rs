//! Text of a copy as the article will have it: its own citations left out, its
//! paragraphs parted as the article parts them, the article's labels put in.

use crate::document::{Document, Format, read_text};
use crate::language::ends_sentence;
use crate::rules::mend::{is_balanced, open_tags};
use crate::text::{SourceSpan, Span, offset};

use super::gap::Laid;
use super::site::Site;
use super::stream::Stream;

/// Stands for the end of a paragraph; no reader leaves one in a word.
const BREAK: char = '\u{2029}';

#[derive(Default)]
pub(super) struct Words {
    pub(super) text: String,
    /// Whether `text` is markup of the article's format already.
    is_markup: bool,
    /// Where the copy has labels: in its own text, and in bytes of `text`.
    labels: Vec<(u32, usize)>,
    /// Labels that are put in, by their place; in order.
    put: Vec<(usize, String)>,
}

/// What the copy has in `span`; the places of the labels that begin at `wanted`
/// are remembered, and those that the article has lost come along. A copy in
/// the article's format gives its markup, too, if that reads the same where it
/// stands alone.
pub(super) fn words(document: &Document, copy: &Laid<'_>, span: Span, wanted: &[u32]) -> Words {
    let has_markup = document.format == copy.document.format && document.format != Format::Plain;
    let markup = has_markup.then(|| gathered(document, copy, span, wanted, true)).flatten();
    let text = || gathered(document, copy, span, wanted, false);
    markup.filter(|words| reads_alike(document, copy, span, words)).or_else(text).unwrap_or_default()
}

/// `None` where the file does not hold the words exactly.
fn gathered(document: &Document, copy: &Laid<'_>, span: Span, wanted: &[u32], is_markup: bool) -> Option<Words> {
    let other: &str = &copy.document.text;
    let mut found = Words { is_markup, ..Words::default() };
    let mut at = span.start;
    for label in copy.labels_in(span) {
        let (own, after) = (label.span, other.get(label.span.end as usize..).unwrap_or_default());
        push(copy, Span::new(at, own.start.clamp(at, span.end)), &mut found)?;
        at = at.max(own.end.min(span.end));
        let is_wanted = wanted.contains(&own.start);
        if let Some(written) = copy.lost_label(document, label).filter(|_| !is_wanted) {
            // Its space goes with it, and does not swallow the one behind it.
            let is_set_off = found.text.ends_with(' ');
            found.text.truncate(found.text.len() - usize::from(is_set_off));
            let lead = if is_set_off { " " } else { "" };
            let is_parted = at < span.end && after.starts_with(char::is_whitespace);
            let trail = if is_parted && found.text.ends_with(BREAK) { " " } else { "" };
            found.put.push((found.text.len(), format!("{lead}{written}{trail}")));
            continue;
        }
        if is_wanted {
            found.labels.push((own.start, found.text.trim_end().len()));
        }
        // The space before a label that goes along goes, too.
        if after.starts_with(|c: char| c.is_whitespace() || ends_sentence(c)) {
            found.text.truncate(found.text.trim_end_matches(' ').len());
        }
    }
    push(copy, Span::new(at, span.end), &mut found)?;
    if document.format == Format::Html && !found.text.contains(|c: char| !c.is_whitespace()) {
        found.text = found.text.replace(BREAK, " ");
    }
    Some(found)
}

/// Whether the markup stands on its own: half a link, or half an element, reads
/// otherwise.
fn reads_alike(document: &Document, copy: &Laid<'_>, span: Span, words: &Words) -> bool {
    let is_whole = document.format != Format::Html || is_balanced(&words.text);
    let alone = read_text(words.text.replace(BREAK, "\n\n"), document.format).ok().filter(|_| is_whole);
    let from = copy.stream.index_at(span.start);
    let wanted = copy.stream.chars.get(from..copy.stream.index_at(span.end)).unwrap_or_default();
    alone.is_some_and(|alone| Stream::of(&alone, &[]).chars == wanted)
}

/// Appends a stretch of the copy, its white space made one space or one break.
fn push(copy: &Laid<'_>, span: Span, found: &mut Words) -> Option<()> {
    let document = copy.document;
    let mut rest = span.slice(&document.text);
    let mut at = span.start;
    // Where the markup of the word before ends, and the white space behind it.
    let mut before: Option<(u32, Span)> = None;
    while let Some(c) = rest.chars().next() {
        let is_space = c.is_whitespace();
        let length = rest.find(|c: char| c.is_whitespace() != is_space).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let place = Span::new(at, at + offset(length));
        let text = &mut found.text;
        let is_own_space = matches!(c, '\u{A0}' | '\u{202F}') && length == c.len_utf8();
        match () {
            () if is_space && found.is_markup && before.is_some() && !behind.is_empty() => {
                before = before.map(|(end, _)| (end, place));
            }
            () if !is_space && found.is_markup => {
                let source = document.exact_source_span(place)?;
                if let Some((end, space)) = before {
                    let between = document.source.get(end as usize..source.start as usize)?;
                    let is_wrap = !is_break(copy, space.slice(&document.text), space.start) && between.contains('\n');
                    text.push_str(if is_wrap { " " } else { between });
                }
                text.push_str(document.source.get(source.range())?);
                before = Some((source.end, Span::new(place.end, place.end)));
            }
            () if !is_space => text.push_str(piece),
            () if is_break(copy, piece, at) => text.push(BREAK),
            () if is_own_space => text.push(c),
            () if text.ends_with(char::is_whitespace) => {}
            () => text.push(' '),
        }
        at = place.end;
        rest = behind;
    }
    Some(())
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
        self.places().for_each(|place| *place = place.saturating_sub(gone));
    }

    pub(super) fn trim_end(&mut self) {
        self.text.truncate(self.text.trim_end_matches(is_mark).len());
        let end = self.text.len();
        self.places().for_each(|place| *place = (*place).min(end));
    }

    fn places(&mut self) -> impl Iterator<Item = &mut usize> {
        let labels = self.labels.iter_mut().map(|(_, place)| place);
        labels.chain(self.put.iter_mut().map(|(place, _)| place))
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
        self.put.push((place, format!("{lead}{label}{trail}")));
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
        self.put.extend(place.map(|place| (place, format!(" {label}"))));
        place.is_some()
    }

    fn is_unspaced(&self, document: &Document) -> bool {
        let is_wide = |c: char| crate::language::is_unspaced_letter(c);
        self.text.chars().next_back().is_some_and(is_wide) && !document.text.contains(" (")
    }

    /// As the file writes it in the place of `region`.
    pub(super) fn written(mut self, document: &Document, region: SourceSpan) -> String {
        self.put.sort_by_key(|(place, _)| *place);
        let paragraph = paragraph(document, region);
        let piece = |text: &str| {
            let own = if self.is_markup { with_line_ends(text, document) } else { document.written(text) };
            own.replace(BREAK, paragraph)
        };
        let mut written = String::new();
        let mut at = 0;
        for (place, label) in &self.put {
            written.push_str(&piece(self.text.get(at..*place).unwrap_or_default()));
            written.push_str(label);
            at = *place;
        }
        written.push_str(&piece(self.text.get(at..).unwrap_or_default()));
        written
    }
}

/// Markup with the article's line ends.
fn with_line_ends(markup: &str, document: &Document) -> String {
    let markup = markup.replace("\r\n", "\n");
    if document.source.contains("\r\n") { markup.replace('\n', "\r\n") } else { markup }
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
