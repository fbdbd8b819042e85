//! A heading run into a paragraph.

use memchr::memmem;

use crate::finding::{Confidence, Finding};
use crate::language::{closes, ends_sentence, opens};
use crate::rules::TextContext;
use crate::text::Span;

rule! {
    /// # What it finds
    ///
    /// A heading mark (`##`, `###`, …) in the middle of a paragraph, behind the end of a sentence or a citation.
    ///
    /// # Why it matters
    ///
    /// The heading is not one any more: readers see hash marks in a wall of text. Exports that lost their line ends often lost text as well.
    ///
    /// # Example
    ///
    ///     The harbour grew. (example.org) ### What came next? Trade followed.
    ///
    /// # Repaired
    ///
    /// A line break before the mark. Where the heading ends is not marked; often its question mark tells.
    ///
    /// # Limits
    ///
    /// A single `#` is not taken for a heading: it stands before numbers and in names.
    name: "layout/inline-heading", family: Layout, severity: Warning,
    summary: "a heading run into a paragraph",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let mut done = 0;
    for (at, block) in document.in_prose(memmem::find_iter(document.text.as_bytes(), b"##")) {
        if at < done {
            continue;
        }
        let (before, after) = document.text.split_at_checked(at).unwrap_or_default();
        let before = before.get(block.span.start as usize..).unwrap_or_default();
        let after = after.get(..block.span.end as usize - at).unwrap_or_default();
        let length = after.bytes().take_while(|byte| *byte == b'#').count();
        done = at + length;
        let after = after.get(length..).unwrap_or_default();
        let span = Span::from_range(at..done);
        if length <= 6 && begins_heading(before, after) && !document.in_inline_code(span) {
            let message = format!("the heading “{}” is run into the paragraph", title(after));
            findings.push(Finding::new(&META, span, LIKELY, message));
        }
    }
}

/// Behind a finished sentence, a citation or emphasis, and before a space and
/// a word.
fn begins_heading(before: &str, after: &str) -> bool {
    let bare = before.trim_end().trim_end_matches(['*', '_']);
    let title = after.trim_start_matches(' ');
    // `a hash: ### is three` talks about the mark.
    let is_introduced = bare.ends_with(':') && !title.starts_with(char::is_lowercase);
    let is_behind = bare.ends_with(ends_sentence) || bare.ends_with(closes) || bare.ends_with('’') || is_introduced;
    is_behind && after.starts_with(' ') && title.starts_with(|c: char| c.is_alphanumeric() || c == '*' || opens(c))
}

/// The first words behind the mark: up to the end of a sentence.
fn title(after: &str) -> &str {
    /// A heading is short.
    const LONGEST: usize = 80;
    let near = after.get(..after.floor_char_boundary(LONGEST)).unwrap_or_default();
    let end = near
        .char_indices()
        .find(|(_, c)| ends_sentence(*c) || *c == '\n')
        .map_or(near.len(), |(at, c)| at + c.len_utf8());
    near.get(..end).unwrap_or_default().trim()
}

const LIKELY: Confidence = Confidence::from_thousandths(960);
