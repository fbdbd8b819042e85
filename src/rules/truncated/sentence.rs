//! Paragraphs that stop in the middle of a sentence.

use memchr::memchr_iter;

use crate::document::{Block, BlockKind};
use crate::finding::{Confidence, Evidence, Finding};
use crate::language::{closes, ends_sentence, is_dangling, is_quote, is_spaced_letter, last_word};
use crate::rules::TextContext;
use crate::text::{Span, offset};

rule! {
    /// # What it finds
    ///
    /// A paragraph, or the whole article, that stops in mid-sentence. A sentence that breaks off before a citation is `splice/lost-text`.
    ///
    /// # Why it matters
    ///
    /// Text is missing, and nothing else shows it.
    ///
    /// # How it knows
    ///
    /// The article must end its paragraphs with marks of punctuation: six at least, nineteen of twenty. One that ends in a word that cannot end a phrase (`the`, `of`, `and`) or in a comma is nearly certain; a last paragraph that ends in any other word is less so.
    ///
    /// # Example
    ///
    ///     The board met twice in May and agreed to raise the
    ///
    /// # Repaired
    ///
    /// Only another copy of the article has the rest. Nothing is invented.
    ///
    /// # Limits
    ///
    /// Headings, list items, table cells, captions and verse end as they like and are not looked at.
    name: "truncated/sentence", family: Truncated, severity: Warning,
    summary: "a paragraph or article that stops in mid-sentence",
    check: Text(check),
}

const DANGLING: Confidence = Confidence::from_thousandths(900);
const LAST: Confidence = Confidence::from_thousandths(700);

/// Shorter paragraphs may be captions, greetings, names.
const SHORTEST: usize = 60;

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    /// Fewer show no habit.
    const FEWEST: usize = 6;
    let is_long = |block: &&Block| block.kind == BlockKind::Paragraph && SHORTEST <= block.span.len() as usize;
    if context.document.blocks.iter().filter(is_long).nth(FEWEST - 1).is_none() {
        return;
    }
    let paragraphs: Vec<(usize, &Block)> =
        context.document.blocks.iter().enumerate().filter(|(_, block)| is_paragraph(context, block)).collect();
    let finished = paragraphs.iter().filter(|(_, block)| is_finished(body(context, block))).count();
    let enough = FEWEST <= finished && paragraphs.len() <= finished + 1 + paragraphs.len() / 20;
    if enough {
        for (index, block) in &paragraphs {
            findings.extend(stops(context, *index, block));
        }
    }
}

fn is_paragraph(context: &TextContext<'_>, block: &Block) -> bool {
    let text = block.span.slice(&context.document.text);
    block.kind == BlockKind::Paragraph
        && SHORTEST <= text.len()
        && text.starts_with(|c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase() || is_quote(c))
        && !has_short_lines(text)
}

/// Lines of verse, of an address, of a form.
fn has_short_lines(text: &str) -> bool {
    let lines = memchr_iter(b'\n', text.as_bytes()).count() + usize::from(!text.ends_with('\n'));
    lines > 1 && text.len() / lines < 50
}

/// A paragraph's text without the citations at its end.
fn body<'a>(context: &TextContext<'a>, block: &Block) -> &'a str {
    let text = &context.document.text;
    let mut end = block.span.end;
    let after = context.citations.partition_point(|citation| citation.span.end <= block.span.end);
    let before = context.citations.get(..after).unwrap_or_default();
    for citation in before.iter().rev().take_while(|citation| block.span.start <= citation.span.start) {
        let gap = text.get(citation.span.end as usize..end as usize).unwrap_or_default();
        if !citation.kind.is_label() || gap.contains(|c: char| c.is_alphanumeric() || ends_sentence(c)) {
            break;
        }
        end = citation.span.start;
    }
    text.get(block.span.start as usize..end as usize).unwrap_or_default().trim_end()
}

/// Whether the text ends as sentences and lead-ins do.
fn is_finished(body: &str) -> bool {
    let bare = body.trim_end_matches(|c: char| closes(c) || is_quote(c) || matches!(c, '*' | '_' | ' '));
    bare.ends_with(|c: char| {
        ends_sentence(c) || matches!(c, ':' | '：' | ';' | '…' | '—' | '–' | '-' | '।' | '۔' | '؟')
    }) || bare.len() + 1 < body.len() && body.ends_with(closes)
}

fn stops(context: &TextContext<'_>, index: usize, block: &Block) -> Option<Finding> {
    let body = body(context, block);
    let last = last_word(body);
    let is_word_at_end = body.ends_with(char::is_alphabetic);
    // Chinese, Japanese and Korean verse and quotations end lines in commas.
    let comma = body.strip_suffix(',').is_some_and(|before| before.ends_with(is_spaced_letter));
    if is_finished(body) || !(is_word_at_end || comma) {
        return None;
    }
    let rest = context.document.blocks.get(index + 1..).unwrap_or_default();
    // Before a list, code, an example or a formula it is a lead-in.
    let goes_on = rest.first().is_some_and(|next| next.kind != BlockKind::Heading && !is_paragraph(context, next));
    let is_name = body.ends_with(last) && body.len() > last.len() && {
        let outer = body.get(..body.len() - last.len()).unwrap_or_default();
        outer.ends_with(['.', '/', '_', '@', '#', '<', '-', '`', '='])
    };
    let is_dangling = comma || is_dangling(last);
    let is_last = !rest.iter().any(|next| matches!(next.kind, BlockKind::Paragraph | BlockKind::Heading));
    if goes_on || is_name || !(is_dangling || is_last) || is_damaged_elsewhere(context, block) {
        return None;
    }
    let end = block.span.start + offset(body.len());
    let last_character = body.chars().next_back().map_or(0, char::len_utf8);
    let width = if comma || last.is_empty() { last_character } else { last.len() };
    let span = Span::new(end - offset(width), end);
    let what = if is_last { "the article" } else { "the paragraph" };
    let message = format!("{what} stops in mid-sentence, behind “{}”", span.slice(&context.document.text));
    let mut finding = Finding::new(&META, span, if is_dangling { DANGLING } else { LAST }, message);
    finding.evidence.push(Evidence::new("no-end", "the other paragraphs end with a mark of punctuation"));
    Some(finding)
}

/// Whether a splice or a cut label near the paragraph's end says it already.
fn is_damaged_elsewhere(context: &TextContext<'_>, block: &Block) -> bool {
    let tail = Span::new(block.span.end.saturating_sub(120).max(block.span.start), block.span.end);
    context.splices.iter().any(|splice| splice.span.overlaps(tail))
        || context.broken.iter().any(|broken| broken.span.overlaps(tail))
}
