//! A heading run into a paragraph.

use memchr::memmem;

use crate::document::BlockKind;
use crate::finding::{Confidence, Finding};
use crate::language::{closes, ends_sentence, opens};
use crate::rules::TextContext;
use crate::text::{Span, offset};

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
    let mark = memmem::Finder::new(b"##");
    for block in context.document.blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        let text = block.span.slice(&context.document.text);
        let mut done = 0;
        for at in mark.find_iter(text.as_bytes()) {
            if at < done {
                continue;
            }
            let length = text.bytes().skip(at).take_while(|byte| *byte == b'#').count();
            done = at + length;
            let span = Span::new(block.span.start + offset(at), block.span.start + offset(done));
            if length <= 6 && begins_heading(text, at, done) && !context.document.in_inline_code(span) {
                let title = title(text.get(done..).unwrap_or_default());
                let message = format!("the heading “{title}” is run into the paragraph");
                findings.push(Finding::new(&META, span, LIKELY, message));
            }
        }
    }
}

/// Behind a finished sentence, a citation or emphasis, and before a space and
/// a word.
fn begins_heading(text: &str, at: usize, end: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    let bare = before.trim_end_matches(['*', '_']);
    let after = text.get(end..).unwrap_or_default();
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
