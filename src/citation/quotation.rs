//! Quotations and the citations they are said to come from. Only what stands
//! close together is joined: the first citation behind a quotation, no more
//! than the end of its sentence away, or a link in the sentence before it. A
//! quotation of many words that no citation is near claims nothing here.

use memchr::memchr;

use crate::document::{BlockKind, Document};
use crate::language::ends_sentence;
use crate::text::{Span, offset};

use super::{Citation, Kind};

/// A passage in quotation marks, and its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Where, in the article's text, without its marks.
    pub span: Span,
    /// Its words, without the citations in them.
    pub text: String,
    /// Indices of the citations it may come from, in order.
    pub citations: Vec<usize>,
}

/// Pairs of quotation marks. A closing mark may be another style's opening
/// one, so the styles are tried in the order in which they begin.
const PAIRS: &[(char, &[char])] = &[
    ('“', &['”']),
    ('„', &['“', '”', '"']),
    ('«', &['»']),
    ('»', &['«']),
    ('「', &['」']),
    ('『', &['』']),
    ('"', &['"']),
];

/// Shorter quotations are not looked at, longer ones are none. Bytes.
const SHORTEST: usize = 20;
const LONGEST: usize = 4000;

/// How far a citation may stand from its quotation, in bytes.
const NEAR: usize = 240;

/// The quotations of a document that stand near citations, in order.
/// `is_genuine` says which citations stand where they were put.
#[must_use]
pub fn find_quotations(
    document: &Document,
    citations: &[Citation],
    is_genuine: &dyn Fn(usize) -> bool,
) -> Vec<Quotation> {
    let mut found = Vec::new();
    let mut first = 0;
    for block in &document.blocks {
        while citations.get(first).is_some_and(|citation| citation.span.start < block.span.start) {
            first += 1;
        }
        let is_near = citations.get(first).is_some_and(|citation| citation.span.end <= block.span.end);
        let text = block.span.slice(&document.text);
        if !is_near || block.kind == BlockKind::Code || !may_quote(text) {
            continue;
        }
        let count = citations.iter().skip(first).take_while(|citation| citation.span.end <= block.span.end).count();
        let near: Vec<(usize, &Citation)> = citations
            .iter()
            .enumerate()
            .skip(first)
            .take(count)
            .filter(|(index, citation)| has_address(citation) && is_genuine(*index))
            .collect();
        if near.is_empty() {
            continue;
        }
        for span in quoted_spans(text, block.span.start) {
            let citations_of = sources(&document.text, span, &near);
            if !citations_of.is_empty() {
                let text =
                    without_citations(&document.text, span, citations.get(first..first + count).unwrap_or_default());
                found.push(Quotation { span, text, citations: citations_of });
            }
        }
    }
    let in_marks = found.len();
    for quoted in &document.quoted {
        found.extend(block_quotation(document, citations, *quoted, is_genuine));
    }
    if found.len() > in_marks {
        // Where a block quotation stands in marks, the marks say what is quoted.
        let marked: Vec<Span> = found.iter().take(in_marks).map(|quotation| quotation.span).collect();
        let mut at = 0;
        found.retain(|quotation| {
            at += 1;
            at <= in_marks || !marked.iter().any(|marked| quotation.span.overlaps(*marked))
        });
        found.sort_by_key(|quotation| quotation.span);
    }
    found
}

/// Whether a mark of quotation can stand in the text; all but one are beyond
/// ASCII.
fn may_quote(text: &str) -> bool {
    text.len() >= SHORTEST && (!text.is_ascii() || memchr(b'"', text.as_bytes()).is_some())
}

/// The paragraphs of a block quotation, where it is plain whose words they are:
/// a citation ends it, or ends the paragraph with a colon before it.
fn block_quotation(
    document: &Document,
    citations: &[Citation],
    quoted: Span,
    is_genuine: &dyn Fn(usize) -> bool,
) -> Vec<Quotation> {
    let first = document.blocks.partition_point(|block| block.span.end <= quoted.start);
    let inside = document.blocks.iter().skip(first).take_while(|block| block.span.end <= quoted.end);
    let inside: Vec<Span> = inside.filter(|block| block.kind == BlockKind::Paragraph).map(|block| block.span).collect();
    // `> [!NOTE]` is a box, and nobody's words.
    let is_box = inside.first().is_some_and(|first| first.slice(&document.text).starts_with("[!"));
    let Some(last) = inside.last().filter(|_| !is_box) else { return Vec::new() };
    let usable = |index: &usize| citations.get(*index).is_some_and(has_address) && is_genuine(*index);
    let (mut sources, mut end) = attribution(&document.text, citations, *last);
    sources.retain(usable);
    if sources.is_empty() {
        let before = first.checked_sub(1).and_then(|at| document.blocks.get(at));
        sources = before.and_then(|block| announced(&document.text, citations, block.span)).into_iter().collect();
        sources.retain(usable);
        end = last.end;
    }
    if sources.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for block in inside {
        let span = Span::new(block.start, block.end.min(end));
        let text = without_citations(&document.text, span, citations);
        if (SHORTEST..LONGEST).contains(&text.trim().len()) {
            found.push(Quotation { span, text, citations: sources.clone() });
        }
    }
    found
}

/// The citations that end a block behind a sentence or on a line that a dash
/// begins, and where that begins.
fn attribution(text: &str, citations: &[Citation], block: Span) -> (Vec<usize>, u32) {
    let past = citations.partition_point(|citation| citation.span.start < block.end);
    let mut end = block.end;
    let mut sources = Vec::new();
    for (index, citation) in citations.iter().enumerate().take(past).rev() {
        if citation.span.start < block.start || between(text, citation.span.end, end).contains(char::is_alphanumeric) {
            break;
        }
        sources.insert(0, index);
        end = citation.span.start;
    }
    let before = between(text, block.start, end);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let is_dashed = before.get(line..).is_some_and(|line| line.trim_start().starts_with(['—', '–', '-']));
    let is_behind = before.trim_end().ends_with(|c| ends_sentence(c) || matches!(c, '”' | '»' | '"'));
    match sources.is_empty() {
        false if is_dashed && line > 0 => (sources, block.start + offset(line)),
        false if is_behind => (sources, end),
        _ => (Vec::new(), block.end),
    }
}

/// The citation of a paragraph's last sentence, where that ends with a colon.
fn announced(text: &str, citations: &[Citation], block: Span) -> Option<usize> {
    let past = citations.partition_point(|citation| citation.span.start < block.end);
    let index = past.checked_sub(1)?;
    let citation = citations.get(index).filter(|citation| block.contains(citation.span))?;
    let rest = between(text, citation.span.end, block.end);
    (rest.trim_end().ends_with(':') && rest.len() <= NEAR && !rest.contains(ends_sentence)).then_some(index)
}

fn has_address(citation: &Citation) -> bool {
    citation.target.as_ref().is_some_and(|target| target.address.is_some())
}

/// What stands in quotation marks, without the marks. A quotation ends at the
/// first mark that closes its style; one inside it does not end it otherwise.
fn quoted_spans(text: &str, start: u32) -> Vec<Span> {
    let mut spans = Vec::new();
    // For each style, up to where no closing mark stands: no place is looked
    // at twice in vain.
    let mut clear = [0_usize; PAIRS.len()];
    let mut from = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let previous = std::mem::replace(&mut before, c);
        if c.is_ascii() && c != '"' {
            continue;
        }
        let Some(style) = PAIRS.iter().position(|(open, _)| *open == c).filter(|_| at >= from) else { continue };
        let inner = at + c.len_utf8();
        let opens = c != '"'
            || !previous.is_alphanumeric() && !text.get(inner..).unwrap_or_default().starts_with(char::is_whitespace);
        let (Some((_, closes)), Some(clear)) = (PAIRS.get(style).filter(|_| opens), clear.get_mut(style)) else {
            continue;
        };
        match closing(text, inner.max(*clear), inner + LONGEST, closes) {
            Ok(end) => {
                from = text.get(end..).and_then(|rest| rest.chars().next()).map_or(end, |mark| end + mark.len_utf8());
                if end - inner >= SHORTEST {
                    spans.push(Span::new(start + offset(inner), start + offset(end)));
                }
            }
            Err(looked_at) => *clear = looked_at,
        }
    }
    spans
}

/// Where a mark closes, between two places; else up to where there is none.
fn closing(text: &str, from: usize, to: usize, closes: &[char]) -> Result<usize, usize> {
    let rest = text.get(from..).unwrap_or_default();
    let mut before = text.get(..from).and_then(|text| text.chars().next_back()).unwrap_or(' ');
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if from + at >= to {
            return Err(from + at);
        }
        let next = characters.peek().map_or(' ', |(_, next)| *next);
        // A straight mark closes only where a word ends.
        if closes.contains(&c) && (c != '"' || !before.is_whitespace() && !next.is_alphanumeric()) {
            return Ok(from + at);
        }
        before = c;
    }
    Err(text.len())
}

/// The citations a quotation may come from.
fn sources(text: &str, span: Span, near: &[(usize, &Citation)]) -> Vec<usize> {
    // A link whose text is or holds the quotation.
    if let Some((index, _)) = near.iter().find(|(_, citation)| citation.span.contains(span)) {
        return vec![*index];
    }
    let behind = near.partition_point(|(_, citation)| citation.span.start < span.end);
    let following = near.get(behind).filter(|(_, citation)| {
        let between = between(text, span.end, citation.span.start);
        between.len() <= NEAR && !between.contains('\n') && sentences_begun(between) == 0
    });
    if let Some((index, first)) = following {
        let mut group = vec![*index];
        let mut end = first.span.end;
        for (index, citation) in near.iter().skip(behind + 1) {
            let between = between(text, end, citation.span.start);
            if between.len() > 3 || between.contains(char::is_alphanumeric) {
                break;
            }
            group.push(*index);
            end = citation.span.end;
        }
        return group;
    }
    let before = near.get(..behind).and_then(<[_]>::last).filter(|(_, citation)| {
        let between = between(text, citation.span.end, span.start);
        matches!(citation.kind, Kind::Link | Kind::Url) && between.len() <= NEAR && !between.contains(ends_sentence)
    });
    before.map(|(index, _)| vec![*index]).unwrap_or_default()
}

fn between(text: &str, from: u32, to: u32) -> &str {
    text.get(from as usize..to as usize).unwrap_or_default()
}

/// How many sentences begin in a stretch of text: a mark that ends one, and a
/// word behind it.
fn sentences_begun(text: &str) -> usize {
    let mut ended = false;
    let mut begun = 0;
    for c in text.chars() {
        if ends_sentence(c) {
            ended = true;
        } else if c.is_alphanumeric() && std::mem::take(&mut ended) {
            begun += 1;
        }
    }
    begun
}

/// The text of a span without the citations in it.
fn without_citations(text: &str, span: Span, citations: &[Citation]) -> String {
    let mut kept = String::with_capacity(span.len() as usize);
    let mut from = span.start;
    for citation in citations.iter().filter(|citation| citation.kind.is_label() && span.contains(citation.span)) {
        kept.push_str(between(text, from, citation.span.start));
        from = citation.span.end.max(from);
    }
    kept.push_str(between(text, from, span.end));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citation::extract;
    use crate::document::{Format, read};

    fn found(text: &str) -> Vec<(String, Vec<String>)> {
        let Ok(document) = read(text.as_bytes().to_vec(), Some(Format::Markdown), None) else { return Vec::new() };
        let citations = extract(&document);
        find_quotations(&document, &citations, &|_| true)
            .into_iter()
            .map(|quotation| {
                let sources = quotation.citations.iter().filter_map(|index| citations.get(*index));
                let hosts = sources
                    .filter_map(|citation| citation.target.as_ref()?.address.as_ref()?.domain().map(str::to_owned));
                (quotation.text, hosts.collect())
            })
            .collect()
    }

    #[test]
    fn every_style_with_its_source() {
        let words = "the barrage will not be closed";
        for (open, close) in
            [("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ("\"", "\"")]
        {
            let text = format!("She said {open}{words}{close} last week. (nato.int) More follows.");
            assert_eq!(found(&text), [(words.to_owned(), vec!["nato.int".to_owned()])], "{text}");
        }
    }

    #[test]
    fn sources_stand_near() {
        let quotation = "“the barrage will not be closed”";
        let hosts = |text: String| found(&text).into_iter().flat_map(|(_, hosts)| hosts).collect::<Vec<_>>();
        assert_eq!(hosts(format!("It says {quotation}. (nato.int)")), ["nato.int"]);
        assert_eq!(hosts(format!("It says {quotation}. (nato.int) (reuters.com)")), ["nato.int", "reuters.com"]);
        assert_eq!(hosts(format!("[The paper](https://a.org/p) says {quotation} today.")), ["a.org"]);
        assert_eq!(hosts(format!("[{quotation}](https://a.org/p), it says.")), ["a.org"]);
        assert_eq!(hosts(format!("It says {quotation}. Nobody asked. (nato.int)")), [""; 0]);
        assert_eq!(hosts(format!("See [this](https://a.org/p). It says {quotation}.")), [""; 0]);
    }

    #[test]
    fn block_quotations_need_no_marks() {
        let words = "The barrage will not be closed before the autumn.";
        let in_format = |text: &str, format| {
            let document = read(text.as_bytes().to_vec(), Some(format), None).expect("text");
            let citations = extract(&document);
            let found = find_quotations(&document, &citations, &|_| true).into_iter();
            found.map(|quotation| (quotation.text.trim().to_owned(), quotation.citations.len())).collect::<Vec<_>>()
        };
        let expected = [(words.to_owned(), 1)];
        for text in [
            format!("> {words} (nato.int)\n"),
            format!("> {words}\n> — the council, [minutes](https://a.org/p)\n"),
            format!("The council wrote (nato.int):\n\n> {words}\n"),
            format!("The [minutes](https://a.org/p) say:\n\n> {words}\n\nAnd so on.\n"),
        ] {
            assert_eq!(in_format(&text, Format::Markdown), expected, "{text}");
        }
        let html = format!(
            "<p>Before.</p><blockquote><p>{words} (<a href='https://nato.int/'>nato.int</a>)</p></blockquote><p>x</p>"
        );
        assert_eq!(in_format(&html, Format::Html), expected);
        for text in [
            format!("> {words}\n"),
            format!("The council met (nato.int). It wrote:\n\n> {words}\n"),
            format!("> [!NOTE]\n> {words} (nato.int)\n"),
            format!("> {words} See [the docs](https://a.org/p).\n"),
            "> Read the [barrage minutes of the council](https://a.org/p)\n".to_owned(),
        ] {
            assert_eq!(in_format(&text, Format::Markdown), [], "{text}");
        }
        // Where marks stand, they say what is quoted.
        let marked = "> She said “the barrage will not be closed this year” at night. (nato.int)\n";
        assert_eq!(in_format(marked, Format::Markdown), [("the barrage will not be closed this year".to_owned(), 1)]);
    }

    #[test]
    fn citations_inside_are_none_of_its_words() {
        let text = "It says “the barrage will[3] not be closed (nato.int) this year”. (reuters.com)\n";
        assert_eq!(
            found(text),
            [("the barrage will not be closed  this year".to_owned(), vec!["reuters.com".to_owned()])]
        );
    }

    #[test]
    fn marks_that_do_not_close_are_none() {
        for text in
            ["A 5\" pipe and a 6\" pipe of the barrage here. (nato.int)", "“Never closed, and so on and on. (nato.int)"]
        {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
