//! A heading run into a paragraph.

use std::cell::OnceCell;

use crate::finding::{Confidence, Finding, Fix, Provenance};
use crate::language::{closes, ends_sentence, opens};
use crate::rules::{TextContext, Trace};
use crate::text::{Edit, EditSet, SourceSpan, Span, offset};

use super::lines::{Element, LineEnd, Lines};

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
    ///     The harbour grew. (example.org)
    ///
    ///     ### What came next?
    ///
    ///     Trade followed.
    ///
    /// In HTML as an element. Where no question mark ends the title, nobody but a reader can say where it ends, and nothing is written.
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
    let line_end = OnceCell::new();
    for (at, block) in document.in_prose(context.traces.of(Trace::Heading).map(|(_, at)| at)) {
        // The end of the mark, before its space.
        let end = at + MARK.len() - 1;
        let marked = document.text.get(block.span.start as usize..end).unwrap_or_default();
        let after = document.text.get(end..block.span.end as usize).unwrap_or_default();
        let before = marked.trim_end_matches('#');
        let length = marked.len() - before.len();
        let span = Span::from_range(end - length..end);
        if length <= 6 && begins_heading(before, after) && !document.in_inline_code(span) {
            let message = format!("the heading “{}” is run into the paragraph", title(after));
            let mut finding = Finding::new(&META, span, LIKELY, message);
            let line_end = *line_end.get_or_init(|| LineEnd::of(&document.source));
            finding.fix = fix(context, block.span, span, line_end);
            findings.push(finding);
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

/// Line breaks, or elements, around the mark and its title. Where the title's
/// end is not marked, where the paragraph begins is for people to say.
fn fix(context: &TextContext<'_>, block: Span, mark: Span, line_end: LineEnd) -> Option<Fix> {
    let text = Span::new(mark.end, block.end).slice(&context.document.text);
    let end = title_end(text).map(|end| mark.end + offset(end));
    let is_last = end.is_none() && title(text).len() == text.trim().len() && !text.trim().ends_with('.');
    let end = end.or_else(|| is_last.then_some(block.end));
    let sets = set_apart(context, block, mark, end, line_end)?;
    let edits = EditSet::new(sets)?;
    let provenance = if end.is_some() { Provenance::Markup } else { Provenance::Candidates };
    Some(Fix::new(provenance, "set the heading on a line of its own", edits))
}

/// `end` is the end of the title, in the text.
fn set_apart(
    context: &TextContext<'_>,
    block: Span,
    mark: Span,
    end: Option<u32>,
    line_end: LineEnd,
) -> Option<Vec<Edit>> {
    let start = context.source(mark)?.start;
    let end = match end.filter(|end| *end < block.end) {
        Some(end) => Some(context.source(Span::new(mark.end, end))?.end),
        None => None,
    };
    if let Some(lines) = Lines::of(context, block, line_end) {
        let mut edits = vec![Edit::new(lines.space_before(start), lines.paragraph())];
        edits.extend(end.map(|end| Edit::new(lines.space_from(end), lines.paragraph())));
        return Some(edits);
    }
    let element = Element::of(context, block).filter(|element| element.name == "p" && element.parts_at(start))?;
    let level = mark.len();
    let opened = element.with_space(context.source(mark)?);
    let mut edits = vec![Edit::new(opened, format!("</p><h{level}>"))];
    if let Some(end) = end {
        let gap = element.with_space(SourceSpan::new(end, end));
        if !element.parts_at(gap.start) {
            return None;
        }
        edits.push(Edit::new(gap, format!("</h{level}><p>")));
    } else {
        edits.push(Edit::new(element.end_tag()?, format!("</h{level}>")));
    }
    Some(edits)
}

/// Where a title ends that a question or exclamation mark ends, bold or not.
fn title_end(after: &str) -> Option<usize> {
    /// A heading is short.
    const LONGEST: usize = 160;
    let near = after.get(..after.floor_char_boundary(LONGEST))?;
    let (at, c) = near.char_indices().find(|(_, c)| ends_sentence(*c) && *c != '.' && *c != '…')?;
    let rest = near.get(at + c.len_utf8()..)?;
    let closing: usize =
        rest.chars().take_while(|c| closes(*c) || matches!(c, '*' | '_' | '’')).map(char::len_utf8).sum();
    let next = rest.get(closing..)?;
    let is_end = next.is_empty() || next.starts_with(' ') || !c.is_ascii();
    (is_end && !near.get(..at)?.contains(". ")).then_some(at + c.len_utf8() + closing)
}

/// The end of a heading's mark, for one of a single sign is too common.
pub(in crate::rules) const MARK: &[u8] = b"## ";

const LIKELY: Confidence = Confidence::from_thousandths(960);
