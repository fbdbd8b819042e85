//! Tokens of LLM products that wrap prose: the words inside belong to the
//! article, and whoever deletes the token whole destroys the sentence.

use std::ops::Range;

use serde_json::Value;

use crate::document::{BlockKind, Document};
use crate::language::is_quote;
use crate::text::{Span, offset};

use super::scan::Sight;
use super::{Citation, Kind, Scan};

/// A token around prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wrapper {
    /// The whole of it.
    pub span: Span,
    /// The article's own words inside; empty where the token lost its end.
    pub prose: Span,
    /// Its form.
    pub form: WrapperForm,
}

/// The forms of wrappers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WrapperForm {
    /// `entity["company","Name","…"]`, with or without its private-use marks.
    Entity,
    /// `^[sentence]({"attribution":{…}})`.
    Attribution,
    /// `<cite index="12-1">sentence</cite>`.
    CiteTag,
    /// `[span_1](start_span)sentence[span_1](end_span)`.
    SpanMarks,
}

/// Longest wrapper read, in bytes.
const LONGEST: usize = 4096;

/// So many span marks may be open at once; real ones cross by twos and threes.
const DEEPEST: usize = 32;

/// All wrappers of a document, in order, without overlaps.
#[must_use]
pub fn find_wrappers(scan: &Scan<'_>, citations: &[Citation]) -> Vec<Wrapper> {
    let document = scan.document;
    let mut found = span_marks(document, citations);
    for (form, at) in scan.sightings(Sight::Wrapper) {
        let Some((_, block)) = document.block_at(offset(at)) else { continue };
        let base = block.span.start as usize;
        let local = FORMS.get(form).and_then(|(_, grammar)| grammar(block.span.slice(&document.text), at - base));
        let Some(local) = local else { continue };
        let shift = |range: Range<usize>| Span::from_range(base + range.start..base + range.end);
        found.push(Wrapper { span: shift(local.whole), prose: shift(local.prose), form: local.form });
    }
    found.sort_by_key(|wrapper| wrapper.span);
    found.dedup_by(|next, kept| next.span.overlaps(kept.span));
    let is_mention = |wrapper: &Wrapper| document.in_inline_code(wrapper.span) || is_quoted(document, wrapper.span);
    let mentions = found.iter().filter(|wrapper| is_mention(wrapper)).count();
    let in_code = |span: Span| document.block_at(span.start).is_some_and(|(_, block)| block.kind == BlockKind::Code);
    // Where an article talks about tokens, its code blocks show examples.
    found.retain(|wrapper| {
        !is_mention(wrapper) && (mentions == 0 || !in_code(wrapper.span)) && !document.is_explained(wrapper.span)
    });
    found
}

fn is_quoted(document: &Document, span: Span) -> bool {
    let range = span.range();
    let before = document.text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = document.text.get(range.end..).and_then(|after| after.chars().next());
    before.is_some_and(|c| is_quote(c) || c == '`') && after.is_some_and(|c| is_quote(c) || c == '`')
}

/// A wrapper in the coordinates of its block.
pub(super) struct Local {
    whole: Range<usize>,
    prose: Range<usize>,
    form: WrapperForm,
}

/// Reads the wrapper around a needle at that offset of its block's text.
pub(super) type Grammar = fn(&str, usize) -> Option<Local>;

pub(super) const FORMS: &[(&[u8], Grammar)] = &[
    (b"entity", entity),
    (b"]({\"attribution\"", attribution),
    (b"<cite index=", |text, at| cite_tag(text, at, "</cite>")),
    (b"<antml:cite", |text, at| cite_tag(text, at, "</antml:cite>")),
];

fn window(text: &str, from: usize) -> &str {
    text.get(from..text.floor_char_boundary(from.saturating_add(LONGEST))).unwrap_or_default()
}

/// `entity["kind","words","…"]` between U+E200 and U+E201, the same spelled
/// out, or stripped of them. The second string is the article's.
fn entity(text: &str, at: usize) -> Option<Local> {
    const MARKS: [(&str, &str, &str); 2] = [("\u{E200}", "\u{E202}", "\u{E201}"), ("\\ue200", "\\ue202", "\\ue201")];
    let before = text.get(..at)?;
    let marks = MARKS.into_iter().find(|(open, _, _)| before.ends_with(open));
    let (start, array) = match marks {
        Some((open, separator, _)) => {
            let after = at + "entity".len();
            (at - open.len(), after + if text.get(after..)?.starts_with(separator) { separator.len() } else { 0 })
        }
        None if before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$')) => return None,
        None => (at, at + "entity".len()),
    };
    let rest = window(text, array);
    if !rest.starts_with("[\"") {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Vec<Value>>();
    let strings = values.next()?.ok()?;
    let length = values.byte_offset();
    let kind = strings.first()?.as_str()?;
    strings.get(1)?.as_str()?;
    if marks.is_none() && !kind.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return None;
    }
    let words = second_string(rest)?;
    let mut end = array + length;
    if let Some((_, _, close)) = marks
        && text.get(end..)?.starts_with(close)
    {
        end += close.len();
    }
    Some(Local { whole: start..end, prose: array + words.start..array + words.end, form: WrapperForm::Entity })
}

/// The inside of the second string of a JSON array of strings.
fn second_string(array: &str) -> Option<Range<usize>> {
    let mut quotes = Vec::new();
    let mut escaped = false;
    for (at, c) in array.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quotes.push(at),
            _ => {}
        }
        if let [_, _, open, close] = quotes.as_slice() {
            return Some(open + 1..*close);
        }
    }
    None
}

/// `^[sentence]({"attribution":{"attributableIndex":"0-1"}})`.
fn attribution(text: &str, at: usize) -> Option<Local> {
    let json = window(text, at + "](".len());
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    values.next()?.ok()?;
    let end = at + "](".len() + values.byte_offset();
    let end = if text.get(end..)?.starts_with(')') { end + 1 } else { end };
    let before = text.get(text.ceil_char_boundary(at.saturating_sub(LONGEST))..at)?;
    let mut depth = 0_usize;
    let open = before.char_indices().rev().find_map(|(place, c)| {
        match c {
            ']' => depth += 1,
            '[' if depth == 0 => return Some(place),
            '[' => depth -= 1,
            _ => {}
        }
        None
    })?;
    let inner = at - (before.len() - open) + 1;
    let start = if text.get(..inner - 1)?.ends_with('^') { inner - 2 } else { inner - 1 };
    Some(Local { whole: start..end, prose: inner..at, form: WrapperForm::Attribution })
}

/// `<cite index="12-1">sentence</cite>`; without its end, the lone tag.
fn cite_tag(text: &str, at: usize, closing: &str) -> Option<Local> {
    let rest = window(text, at);
    let tag = rest.find('>')? + 1;
    let form = WrapperForm::CiteTag;
    let inner = rest.get(tag..)?;
    Some(
        match inner.find(closing).filter(|end| !inner.get(..*end).is_some_and(|inside| inside.contains("cite index=")))
        {
            Some(end) => Local { whole: at..at + tag + end + closing.len(), prose: at + tag..at + tag + end, form },
            None => Local { whole: at..at + tag, prose: at + tag..at + tag, form },
        },
    )
}

/// Pairs of span marks with words between them; pairs that cross or nest are
/// one wrapper.
fn span_marks(document: &Document, citations: &[Citation]) -> Vec<Wrapper> {
    let text = &document.text;
    let mut open: Vec<(&str, Span)> = Vec::new();
    let mut found: Vec<Wrapper> = Vec::new();
    for mark in citations.iter().filter(|citation| citation.kind == Kind::Token) {
        let written = mark.span.slice(text);
        let Some((name, end)) = written.strip_prefix("[span_").and_then(|inner| inner.split_once(']')) else {
            continue;
        };
        if end == "(start_span)" {
            if open.len() == DEEPEST {
                open.remove(0);
            }
            open.push((name, mark.span));
            continue;
        }
        let Some(index) = open.iter().rposition(|(other, _)| *other == name) else { continue };
        let (_, first) = open.remove(index);
        let prose = Span::new(first.end, mark.span.start);
        let span = first.join(mark.span);
        let has_words = has_words(prose.slice(text));
        match found.last_mut() {
            Some(last) if last.span.overlaps(span) || last.span.end == mark.span.start => {
                last.span = last.span.join(span);
                last.prose = last.prose.join(prose);
            }
            _ if has_words => found.push(Wrapper { span, prose, form: WrapperForm::SpanMarks }),
            _ => {}
        }
    }
    found
}

/// Whether anything but marks stands there.
fn has_words(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find("[span_") {
        if rest.get(..at).is_some_and(|before| before.contains(char::is_alphanumeric)) {
            return true;
        }
        let Some(end) = rest.get(at..).and_then(|mark| mark.find("_span)")) else { return true };
        rest = rest.get(at + end + "_span)".len()..).unwrap_or_default();
    }
    rest.contains(char::is_alphanumeric)
}
