//! The plain-text reader. The text is the file; only Markdown links that
//! people paste into plain text are reduced to what one would read.
//!
//! Lines become blocks by habit: blank lines part paragraphs, a long line is
//! a paragraph of its own (exporters write one line each), a heading mark, a
//! list mark or a fence starts something new.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};

use crate::text::{SourceSpan, Span, TextBuilder};

use super::builder::Article;
use super::{Block, BlockKind, Link};

pub(super) fn read(source: &str) -> Article {
    let blocks = split_blocks(source);
    let code = inline_code(source, &blocks);
    let definitions = definitions(source, &blocks);
    let mut links = Vec::new();
    let middle = memmem::Finder::new(b"](");
    let has_links = middle.find(source.as_bytes()).is_some() || !definitions.is_empty();
    for block in blocks.iter().filter(|block| has_links && block.kind != BlockKind::Code) {
        find_links(source, block.span.range(), &middle, &definitions, &mut links);
    }
    // Links cannot hold links: the inner one is the link, as in CommonMark.
    links.sort_by_key(|link| (link.whole.end, std::cmp::Reverse(link.whole.start)));
    links.dedup_by(|next, kept| next.whole.start < kept.whole.end);
    assemble(source, blocks, code, links)
}

/// A line longer than this is not a wrapped part of a paragraph.
const WRAPPED: usize = 200;

fn split_blocks(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, usize, BlockKind)> = None;
    let mut fence: Option<(&str, usize)> = None;
    let mut start = 0;
    let flush = |blocks: &mut Vec<Block>, open: &mut Option<(usize, usize, BlockKind)>| {
        if let Some((start, end, kind)) = open.take() {
            blocks.push(Block { span: Span::from_range(start..end), kind });
        }
    };
    while start < source.len() {
        let rest = source.as_bytes().get(start..).unwrap_or_default();
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = source.get(start..start + length).unwrap_or_default();
        let text = line.trim();
        let text_start = start + (line.len() - line.trim_start().len());
        let text_end = text_start + text.len();
        let next = start + length + 1;
        if let Some((mark, from)) = fence {
            if text.starts_with(mark) {
                blocks.push(Block { span: Span::from_range(from..start.max(from)), kind: BlockKind::Code });
                fence = None;
            }
        } else if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| text.starts_with(mark)) {
            flush(&mut blocks, &mut open);
            fence = Some((mark, next.min(source.len())));
        } else if text.is_empty() {
            flush(&mut blocks, &mut open);
        } else if let Some(kind) = own_block(text) {
            flush(&mut blocks, &mut open);
            open = Some((text_start, text_end, kind));
            if kind != BlockKind::ListItem {
                flush(&mut blocks, &mut open);
            }
        } else if text.len() > WRAPPED {
            // The tail of a wrapped item or paragraph is never that long.
            flush(&mut blocks, &mut open);
            blocks.push(Block { span: Span::from_range(text_start..text_end), kind: BlockKind::Paragraph });
        } else if let Some((_, end, _)) =
            open.as_mut().filter(|(from, end, _)| end - from <= WRAPPED || joins(source, *from, *end))
        {
            *end = text_end;
        } else {
            flush(&mut blocks, &mut open);
            open = Some((text_start, text_end, BlockKind::Paragraph));
        }
        start = next;
    }
    flush(&mut blocks, &mut open);
    if let Some((_, from)) = fence {
        blocks.push(Block { span: Span::from_range(from..source.len()), kind: BlockKind::Code });
    }
    blocks.retain(|block| !block.span.is_empty());
    blocks
}

/// Whether the last line of an open block is short, so that more may follow.
fn joins(source: &str, start: usize, end: usize) -> bool {
    let block = source.as_bytes().get(start..end).unwrap_or_default();
    let last = memchr::memrchr(b'\n', block).map_or(block.len(), |at| block.len() - at);
    last <= WRAPPED
}

/// The kind of block that a line begins by its own mark.
fn own_block(line: &str) -> Option<BlockKind> {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = line.get(hashes..).unwrap_or_default();
    if (1..=6).contains(&hashes) && rest.starts_with(' ') && line.len() <= WRAPPED {
        return Some(BlockKind::Heading);
    }
    if definition_of(line).is_some() {
        return Some(BlockKind::Definition);
    }
    is_list_mark(line).then_some(BlockKind::ListItem)
}

/// `- `, `* `, `+ `, `• `, `12. `, `12) ` at the start of a line.
fn is_list_mark(line: &str) -> bool {
    let after_bullet = line.strip_prefix(['-', '*', '+', '•', '–']);
    if let Some(rest) = after_bullet {
        return rest.starts_with([' ', '\t']);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    (1..=3).contains(&digits) && rest.strip_prefix(['.', ')']).is_some_and(|rest| rest.starts_with(' '))
}

/// `[label]: https://…`: the label and the destination.
fn definition_of(line: &str) -> Option<(&str, &str)> {
    let (label, rest) = line.strip_prefix('[')?.split_once("]:")?;
    let destination = rest.trim_start().split_ascii_whitespace().next()?;
    let destination = destination.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(destination);
    (label.len() <= 100 && !label.starts_with('^') && is_destination(destination)).then_some((label, destination))
}

fn definitions<'a>(source: &'a str, blocks: &[Block]) -> HashMap<String, &'a str> {
    blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Definition)
        .filter_map(|block| definition_of(block.span.slice(source)))
        .map(|(label, destination)| (label.to_lowercase(), destination))
        .collect()
}

fn is_destination(text: &str) -> bool {
    text.contains("://") || text.starts_with("www.") || text.starts_with("mailto:")
}

/// Pairs of backticks within a block.
fn inline_code(source: &str, blocks: &[Block]) -> Vec<Span> {
    let mut code = Vec::new();
    if memchr(b'`', source.as_bytes()).is_none() {
        return code;
    }
    for block in blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        let range = block.span.range();
        let bytes = source.as_bytes().get(range.clone()).unwrap_or_default();
        let mut ticks = memchr::memchr_iter(b'`', bytes);
        while let Some(open) = ticks.next() {
            let Some(close) = ticks.next() else { break };
            code.push(Span::from_range(range.start + open + 1..range.start + close));
        }
    }
    code.retain(|span| !span.is_empty());
    code
}

/// A link as written: the whole construct and the text in it.
struct Written {
    whole: Range<usize>,
    label: Range<usize>,
    destination: String,
}

/// Longest text of a link that is looked for, in bytes.
const LONGEST_LABEL: usize = 400;
/// Longest destination, in bytes.
const LONGEST_DESTINATION: usize = 4000;

fn find_links(
    source: &str,
    block: Range<usize>,
    middle: &memmem::Finder<'_>,
    definitions: &HashMap<String, &str>,
    links: &mut Vec<Written>,
) {
    let bytes = source.as_bytes().get(block.clone()).unwrap_or_default();
    for at in middle.find_iter(bytes) {
        let found = open_bracket(bytes, at).zip(inline_destination(bytes, at + 2));
        if let Some((open, (destination, end))) = found {
            links.push(Written {
                whole: block.start + open..block.start + end,
                label: block.start + open + 1..block.start + at,
                destination: String::from_utf8_lossy(destination).into_owned(),
            });
        }
    }
    if definitions.is_empty() {
        return;
    }
    for at in memchr::memchr_iter(b'[', bytes) {
        let length = bytes.get(at..).and_then(|rest| memchr(b']', rest.get(..rest.len().min(100))?));
        let Some(close) = length.map(|length| at + length) else { continue };
        let label = source.get(block.start + at + 1..block.start + close).unwrap_or_default();
        let Some(destination) = definitions.get(&label.to_lowercase()) else { continue };
        if bytes.get(close + 1).is_some_and(|next| matches!(next, b':' | b'(')) {
            continue;
        }
        let named = at.checked_sub(1).filter(|before| bytes.get(*before) == Some(&b']'));
        let (open, label) = match named.and_then(|close| Some((open_bracket(bytes, close)?, close))) {
            Some((open, close)) => (open, open + 1..close),
            None => (at, at..close + 1),
        };
        links.push(Written {
            whole: block.start + open..block.start + close + 1,
            label: block.start + label.start..block.start + label.end,
            destination: (*destination).to_owned(),
        });
    }
}

/// The `[` that the `]` at `close` belongs to.
fn open_bracket(bytes: &[u8], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let from = close.saturating_sub(LONGEST_LABEL);
    for at in (from..close).rev() {
        match bytes.get(at) {
            Some(b']') => depth += 1,
            Some(b'[') if depth == 0 => {
                let is_picture = at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'!');
                return (!is_picture).then_some(at);
            }
            Some(b'[') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The destination that starts at `from`, and the offset behind its `)`.
fn inline_destination(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(from..bytes.len().min(from + LONGEST_DESTINATION))?;
    let mut depth = 0_usize;
    let mut end = None;
    for (at, byte) in rest.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => {
                end = Some(at);
                break;
            }
            b')' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    let end = end?;
    let inside = rest.get(..end)?.trim_ascii();
    let destination = inside.split(|byte| *byte == b' ').next()?;
    let title = inside.get(destination.len()..)?.trim_ascii();
    let has_title = title.is_empty() || title.starts_with(b"\"") && title.ends_with(b"\"");
    let destination = destination.strip_prefix(b"<").and_then(|inner| inner.strip_suffix(b">")).unwrap_or(destination);
    let fits = has_title && is_destination(std::str::from_utf8(destination).ok()?);
    fits.then_some((destination, from + end + 1))
}

/// Takes the links' markup out of the text and moves all offsets along.
fn assemble(source: &str, blocks: Vec<Block>, code: Vec<Span>, links: Vec<Written>) -> Article {
    let has_markup = links.iter().any(|link| link.whole != link.label);
    let mut builder = TextBuilder::with_capacity(if has_markup { source.len() } else { 0 });
    let mut taken = Vec::new();
    let mut at = 0;
    if has_markup {
        for link in &links {
            for gone in [link.whole.start..link.label.start, link.label.end..link.whole.end] {
                builder.verbatim(source.get(at..gone.start).unwrap_or_default(), at);
                at = gone.end;
                taken.push(gone);
            }
        }
        builder.verbatim(source.get(at..).unwrap_or_default(), at);
    }
    let shift = Shift::new(taken);
    let moved = |span: Span| Span::new(shift.text(span.start), shift.text(span.end));
    let links = links
        .into_iter()
        .map(|link| Link {
            span: moved(Span::from_range(link.label)),
            source: SourceSpan::from_range(link.whole),
            destination: link.destination,
            autolink: false,
        })
        .collect();
    Article {
        text: has_markup.then(|| builder.finish()),
        blocks: blocks.into_iter().map(|block| Block { span: moved(block.span), ..block }).collect(),
        links,
        code: code.into_iter().map(moved).filter(|span| !span.is_empty()).collect(),
        ..Article::default()
    }
}

/// Source offsets to text offsets, given what was taken out.
struct Shift {
    /// End of each taken range and the bytes taken up to there.
    steps: Vec<(Range<usize>, usize)>,
}

impl Shift {
    fn new(taken: Vec<Range<usize>>) -> Self {
        let mut total = 0;
        let steps = taken
            .into_iter()
            .map(|range| {
                let before = total;
                total += range.len();
                (range, before)
            })
            .collect();
        Self { steps }
    }

    fn text(&self, at: u32) -> u32 {
        let at = at as usize;
        let index = self.steps.partition_point(|(range, _)| range.start < at);
        let gone = index
            .checked_sub(1)
            .and_then(|index| self.steps.get(index))
            .map_or(0, |(range, before)| before + range.len().min(at - range.start));
        crate::text::offset(at - gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_blocks() {
        let source = "Title\n- one\n  more\n- two\n\nA wrapped\nparagraph.\n```\ncode (a.org)\n```\nEnd.";
        let kinds: Vec<_> =
            read(source).blocks.iter().map(|block| (block.kind, block.span.slice(source).to_owned())).collect();
        let expected = [
            (BlockKind::Paragraph, "Title"),
            (BlockKind::ListItem, "- one\n  more"),
            (BlockKind::ListItem, "- two"),
            (BlockKind::Paragraph, "A wrapped\nparagraph."),
            (BlockKind::Code, "code (a.org)\n"),
            (BlockKind::Paragraph, "End."),
        ];
        assert_eq!(kinds, expected.map(|(kind, text)| (kind, text.to_owned())));
    }

    #[test]
    fn pasted_links_are_read_as_their_text() {
        let source = "Said so ([Reuters](https://r.com/a_(b))) and ([AP][1]).\n\n[1]: https://ap.com/x\n";
        let article = read(source);
        let (text, map) = article.text.unwrap();
        assert!(text.starts_with("Said so (Reuters) and (AP).\n"));
        let spans: Vec<_> =
            article.links.iter().map(|link| (link.span.slice(&text), link.destination.as_str())).collect();
        assert_eq!(spans, [("Reuters", "https://r.com/a_(b)"), ("AP", "https://ap.com/x")]);
        let at = text.find("(AP)").unwrap();
        let whole = map.source(Span::from_range(at..at + 4));
        assert_eq!(source.get(whole.range()), Some("([AP][1])"));
    }
}
