//! Characters of which only a placeholder is left.

use memchr::memchr2_iter;

use crate::citation::Kind;
use crate::finding::{Confidence, Evidence, Finding};
use crate::language::{closes, is_quote, opens};
use crate::rules::{TextContext, Trace};
use crate::text::{Span, offset};

use super::{PlainProse, neighbours};

rule! {
    /// # What it finds
    ///
    /// The replacement character `�` (U+FFFD) in running text, half of an escaped character (`\ud83d` without its second half), and private-use characters that are no known token.
    ///
    /// # Why it matters
    ///
    /// A character is gone. No decoding of the file brings it back, and a search for the word fails.
    ///
    /// # How it knows
    ///
    /// Nobody types these. One that stands between spaces may be a lost dash, so it is less certain than one inside a word. A paragraph that speaks of encodings shows them on purpose.
    ///
    /// # Example
    ///
    ///     The caf� by the quay opens at six.
    ///
    /// # Repaired
    ///
    /// From the original file, or by an editor who knows the word. Nothing is guessed.
    ///
    /// # Limits
    ///
    /// Code is not looked at, nor is a placeholder in quotation marks. Private-use characters that stand alone may be a web font's icons and stay silent.
    name: "encoding/lost-character", family: Encoding, severity: Warning,
    summary: "a character of which only a placeholder is left",
    check: Text(check),
}

/// U+FFFD.
pub(in crate::rules) const LOST: &[u8] = "\u{FFFD}".as_bytes();

/// How the halves of characters begin.
pub(in crate::rules) const HALVES: [&[u8]; 2] = [b"\\ud", b"\\uD"];

/// Inside a word there is no other reading.
const IN_WORD: Confidence = Confidence::from_thousandths(970);
const ALONE: Confidence = Confidence::from_thousandths(800);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    replaced(context, findings);
    halves(context, findings);
    if !document.text.is_ascii() {
        private(context, findings);
    }
}

/// Runs of U+FFFD.
fn replaced(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let width = offset(LOST.len());
    let mut runs: Vec<Span> = Vec::new();
    for at in context.traces.of(Trace::Lost).map(|(_, at)| offset(at)) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + width,
            _ => runs.push(Span::new(at, at + width)),
        }
    }
    let mut prose = PlainProse::of(document);
    for span in runs {
        if !prose.holds(span) {
            continue;
        }
        let (before, after) = neighbours(&document.text, span);
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_shown =
            before.is_some_and(|c| is_quote(c) || opens(c)) && after.is_some_and(|c| is_quote(c) || closes(c));
        if is_shown {
            continue;
        }
        let confidence = if is_letter(before) || is_letter(after) { IN_WORD } else { ALONE };
        let word = word_around(&document.text, span);
        findings.push(finding(span, confidence, format!("a character is lost in “{word}”"), "U+FFFD"));
    }
}

fn finding(span: Span, confidence: Confidence, message: String, what: impl Into<String>) -> Finding {
    let mut finding = Finding::new(&META, span, confidence, message);
    finding.evidence.push(Evidence::new("character", what));
    finding
}

/// The span with what touches it, up to white space and at most 40 bytes on
/// either side.
fn word_around(text: &str, span: Span) -> &str {
    let range = span.range();
    let from = text.floor_char_boundary(range.start.saturating_sub(40));
    let to = text.ceil_char_boundary((range.end + 40).min(text.len()));
    let before = text.get(from..range.start).unwrap_or_default();
    let after = text.get(range.end..to).unwrap_or_default();
    let start = range.start - before.rsplit(char::is_whitespace).next().map_or(0, str::len);
    let end = range.end + after.split(char::is_whitespace).next().map_or(0, str::len);
    text.get(start..end).unwrap_or_default()
}

/// `\ud83d` without its other half.
fn halves(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let text = &document.text;
    let mut prose = PlainProse::of(document);
    let mut other_half = None;
    for (_, at) in context.traces.of(Trace::Half) {
        let Some(unit) = escaped_unit(text, at) else { continue };
        let is_high = (0xD800..0xDC00).contains(&unit);
        let is_low = (0xDC00..0xE000).contains(&unit);
        if is_high && escaped_unit(text, at + 6).is_some_and(|next| (0xDC00..0xE000).contains(&next)) {
            other_half = Some(at + 6);
            continue;
        }
        // The ends of the two ranges stand in texts about them.
        let is_limit = matches!(unit, 0xD800 | 0xDBFF | 0xDC00 | 0xDFFF);
        let span = Span::new(offset(at), offset(at + 6));
        if (is_high || is_low) && !is_limit && other_half != Some(at) && prose.holds(span) {
            let written = span.slice(text);
            let message = format!("half of a character is left: {written} needs a second half to mean anything");
            findings.push(finding(span, IN_WORD, message, written));
        }
    }
}

fn escaped_unit(text: &str, at: usize) -> Option<u16> {
    let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

/// Private-use characters that are not part of a token.
fn private(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let text = &document.text;
    let mut tokens = context.citations.iter().filter(|citation| citation.kind == Kind::Token).peekable();
    let mut prose = PlainProse::of(document);
    let bytes = text.as_bytes();
    for at in memchr2_iter(0xEE, 0xEF, bytes) {
        // Above U+F8FF stand the forms of wide punctuation.
        if bytes.get(at) == Some(&0xEF) && bytes.get(at + 1).is_some_and(|next| 0xA3 < *next) {
            continue;
        }
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { continue };
        if !matches!(c, '\u{E000}'..='\u{F8FF}') {
            continue;
        }
        let span = Span::new(offset(at), offset(at + c.len_utf8()));
        while tokens.next_if(|token| token.span.end <= span.start).is_some() {}
        let is_of_token = tokens.peek().is_some_and(|token| token.span.overlaps(span)) || document.is_explained(span);
        if is_of_token || !prose.holds(span) {
            continue;
        }
        let (before, after) = neighbours(text, span);
        let starts_line = before.is_none_or(|c| c == '\n');
        let in_word = before.is_some_and(char::is_alphabetic) && after.is_some_and(char::is_alphabetic);
        let message = if is_symbol_bullet(c) && starts_line {
            "a bullet of a symbol font: other machines show an empty box".to_owned()
        } else if in_word {
            format!("a character is lost in “{}”: other machines show an empty box", word_around(text, span))
        } else {
            continue;
        };
        findings.push(finding(span, ALONE, message, format!("U+{:04X}", u32::from(c))));
    }
}

/// Where Symbol and Wingdings put their bullets in the private-use area.
fn is_symbol_bullet(c: char) -> bool {
    matches!(c, '\u{F06C}' | '\u{F06E}' | '\u{F076}' | '\u{F0A7}' | '\u{F0A8}' | '\u{F0B7}' | '\u{F0D8}' | '\u{F0FC}')
}
