//! Reference numbers that lost their raised place and grew onto a word.

use std::collections::BTreeSet;

use memchr::memchr_iter;

use crate::citation::EntryForm;
use crate::document::{BlockKind, Document};
use crate::finding::{Confidence, Evidence, Finding};
use crate::language::{Vocabulary, closes, is_quote};
use crate::rules::TextContext;
use crate::text::{Span, offset};

use super::labels;

rule! {
    /// # What it finds
    ///
    /// A reference number grown onto the word or the full stop before it: `study12`, `ended.3 Then`. That is what is left of raised numbers when a page is copied from a PDF file or a word processor.
    ///
    /// # Why it matters
    ///
    /// The reader takes it for a part of the word, and the citation is lost.
    ///
    /// # How it knows
    ///
    /// One such word proves nothing (`base64`, `mp3`). But references are numbered in order: the numbers must count up from 1 through the article, four at least, or two where a list of references has those numbers; and they must stand on different words. Without a list most must be words that English has, where the article is in English, and stand in paragraphs.
    ///
    /// # Example
    ///
    ///     The wells are dry.1 Most were dug by hand2 and none was mapped.3
    ///
    /// # Repaired
    ///
    /// The number is a marker again where the list of references has it: `[12]`.
    ///
    /// # Limits
    ///
    /// Numbers that begin elsewhere than at 1 (an excerpt) are not claimed.
    name: "reference/glued", family: Reference, severity: Warning,
    summary: "a reference number grown onto a word",
    check: Text(check),
}

const WITH_LIST: Confidence = Confidence::from_thousandths(940);
const BY_ORDER: Confidence = Confidence::from_thousandths(880);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    if !may_begin(&context.document.text) {
        return;
    }
    let candidates = candidates(context.document);
    // Markers in brackets are cited so, and not raised.
    let entries = labels(context, &[EntryForm::Number, EntryForm::Item]);
    let listed = |number: u16| entries.contains(number.to_string().as_str());
    let chain = chain(&candidates);
    let words: BTreeSet<&str> = chain.iter().map(|glued| glued.word).collect();
    let in_list = chain.iter().filter(|glued| listed(glued.number)).count();
    let numbers: BTreeSet<u16> = chain.iter().map(|glued| glued.number).collect();
    let confidence = if 3 <= entries.len() && 2 <= numbers.len() && in_list == chain.len() {
        WITH_LIST
    } else if 4 <= numbers.len() && entries.is_empty() && are_words(context.document, &chain) {
        BY_ORDER
    } else {
        return;
    };
    if words.len() * 4 < chain.len() * 3 {
        return;
    }
    for glued in chain {
        let message = format!("reference number {} has grown onto “{}”", glued.number, glued.word);
        let mut finding = Finding::new(&META, glued.span, confidence, message);
        finding.evidence.push(Evidence::new("in-order", format!("{} numbers count up from 1", numbers.len())));
        findings.push(finding);
    }
}

/// Whether the numbers stand on words of running text, and not on names that
/// end in a digit: `urllib3`, `python2`, those of users in a list.
fn are_words(document: &Document, chain: &[&Glued<'_>]) -> bool {
    let in_prose = |glued: &Glued<'_>| {
        document.block_at(glued.span.start).is_some_and(|(_, block)| block.kind == BlockKind::Paragraph)
    };
    let vocabulary = Vocabulary::of(&document.text, &[]);
    let is_name = |glued: &Glued<'_>| vocabulary.lacks(glued.word.trim_end_matches(|c: char| !c.is_alphabetic()));
    let names = chain.iter().filter(|glued| !in_prose(glued) || is_name(glued)).count();
    names * 4 <= chain.len()
}

/// Whether a lone 1 stands where a reference number could: no chain begins
/// without.
fn may_begin(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr_iter(b'1', bytes).any(|at| {
        // Most stand in numbers and names, which single bytes show.
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|byte| byte.is_ascii_digit() || byte.is_ascii_whitespace())
            || bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
        {
            return false;
        }
        let (Some(before), Some(after)) = (text.get(..at), text.get(at + 1..)) else { return false };
        is_free(after, before) && word_before(before).is_some()
    })
}

/// A word with a number at its end.
struct Glued<'a> {
    /// The digits.
    span: Span,
    /// What they stand on: a word, or a word and its full stop.
    word: &'a str,
    number: u16,
}

/// Longest number of a reference, in digits.
const LONGEST: usize = 3;

fn candidates(document: &Document) -> Vec<Glued<'_>> {
    let mut found = Vec::new();
    for block in document.blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        let text = block.span.slice(&document.text);
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
            let start = at + next;
            let length =
                bytes.get(start..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
            at = start + length;
            let Some((before, after)) = text.get(..start).zip(text.get(at..)) else { continue };
            if length <= LONGEST && bytes.get(start) != Some(&b'0') && is_free(after, before) {
                let span = Span::new(block.span.start + offset(start), block.span.start + offset(at));
                let number = text.get(start..at).and_then(|digits| digits.parse().ok());
                if let Some((word, number)) = word_before(before).zip(number)
                    && !document.in_inline_code(span)
                {
                    found.push(Glued { span, word, number });
                }
            }
        }
    }
    found
}

/// Whether the number ends there: at a space, a mark of the sentence, the end.
fn is_free(after: &str, before: &str) -> bool {
    // `two,2` at a line's end is a row of a table.
    if before.ends_with(',') && !after.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
        return false;
    }
    let mut next = after.chars();
    let is_behind_stop = before.ends_with(['.', ',', ';', '”', '"', ')', '!', '?', '»']);
    match next.next() {
        None => true,
        Some(c) if c.is_whitespace() => {
            // `ends.3 Then`: a new sentence; `p.3 and` is a page.
            !is_behind_stop
                || !before.ends_with('.')
                || next
                    .next()
                    .is_none_or(|c| c.is_uppercase() || !c.is_alphabetic() || c.is_alphabetic() && !c.is_lowercase())
        }
        Some('.' | ',' | ';' | ':') if !is_behind_stop => next.next().is_none_or(char::is_whitespace),
        Some(c) => !is_behind_stop && (closes(c) || is_quote(c)),
    }
}

/// The lower-case word that `before` ends in,
/// with its mark of punctuation.
fn word_before(before: &str) -> Option<&str> {
    let bare = before.trim_end_matches(['.', ',', ';', '”', '"', ')', '!', '?', '»']);
    if 3 <= before.len() - bare.len() && !before.ends_with(['”', '»']) {
        return None;
    }
    let start = bare.char_indices().rev().take_while(|(_, c)| c.is_alphabetic()).last()?.0;
    let word = bare.get(start..)?;
    let outer = bare.get(..start)?.chars().next_back();
    // `mp3` and `utf8` are names; `se.4` behind a full stop is none.
    let shortest = if bare.len() < before.len() { 2 } else { 4 };
    let is_plain =
        outer.is_none_or(|c| c.is_whitespace() || matches!(c, '-' | '“' | '"' | '(' | '«' | '’' | '\'' | '„'));
    let is_lower = word.chars().skip(1).all(char::is_lowercase) && shortest <= word.chars().count();
    (is_plain && is_lower).then(|| before.get(start..)).flatten()
}

/// The candidates that count up from 1 in the order of the text; a number
/// cited before may come again, and one may be missing: its word is short, or
/// no word.
fn chain<'a, 'b>(candidates: &'b [Glued<'a>]) -> Vec<&'b Glued<'a>> {
    let mut chain: Vec<&Glued<'_>> = Vec::new();
    let mut highest = 0;
    for glued in candidates {
        if (highest + 1..=highest + 2).contains(&glued.number) && (highest > 0 || glued.number == 1) {
            highest = glued.number;
            chain.push(glued);
        } else if (1..=highest).contains(&glued.number) && glued.number > 1 {
            chain.push(glued);
        }
    }
    chain
}
