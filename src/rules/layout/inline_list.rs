//! List items run into a paragraph.

use std::cell::OnceCell;

use memchr::memmem;

use crate::document::{Block, BlockKind, Format};
use crate::finding::{Confidence, Finding, Fix, Provenance};
use crate::language::{closes, ends_sentence};
use crate::rules::{TextContext, Trace};
use crate::text::{Edit, EditSet, SourceSpan, Span, offset};

use super::lines::{Element, LineEnd, Lines};

rule! {
    /// # What it finds
    ///
    /// List marks (`- `, `* `, `• `) inside a list item or behind a colon, each behind the end of a sentence: items that lost their lines. One finding per run of items.
    ///
    /// # Why it matters
    ///
    /// Readers see dashes in a wall of text, and the points of a summary run into one.
    ///
    /// # Example
    ///
    ///     - The harbour grew. - Trade followed. - The town did not.
    ///
    /// # Repaired
    ///
    ///     - The harbour grew.
    ///     - Trade followed.
    ///     - The town did not.
    ///
    /// # Limits
    ///
    /// Dashes in prose and in dialogue look alike; so an item's own mark must come again, behind a finished sentence and before a capital or a digit.
    name: "layout/inline-list", family: Layout, severity: Warning,
    summary: "list items run into a paragraph",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let line_end = OnceCell::new();
    let mut walked = 0;
    for (_, block) in document.in_prose(context.traces.of(Trace::Item).map(|(_, at)| at)) {
        if !matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem) || block.span.end == walked {
            continue;
        }
        walked = block.span.end;
        let text = block.span.slice(&document.text);
        let Some(run) = run_in_marks(context, block, text) else { continue };
        let Some(first) = run.places.first() else { continue };
        let end = block.span.start + offset(text.trim_end().len());
        let span = Span::new(block.span.start + offset(*first), end);
        let count = run.places.len();
        let message = format!("{count} list item{} run into the paragraph", if count == 1 { " is" } else { "s are" });
        let mut finding = Finding::new(&META, span, LIKELY, message);
        let title = "set every item on a line of its own";
        let edits = set_apart(context, block, &run, *line_end.get_or_init(|| LineEnd::of(&context.document.source)))
            .and_then(EditSet::new);
        finding.fix = edits.map(|edits| Fix::new(Provenance::Markup, title, edits));
        findings.push(finding);
    }
}

/// The marks of items that exporters write.
const MARKS: [&str; 3] = ["- ", "* ", "• "];

/// The same, as they stand within a line.
pub(in crate::rules) const SPACED_MARKS: [&[u8]; 3] = [b" - ", b" * ", " • ".as_bytes()];

/// Items that lost their lines.
struct Run {
    /// Their marks, in bytes of the block's text.
    places: Vec<usize>,
    mark: &'static str,
    /// The block begins with such a mark itself.
    is_item: bool,
}

/// Line breaks, or elements, before the marks.
fn set_apart(context: &TextContext<'_>, block: &Block, run: &Run, line_end: LineEnd) -> Option<Vec<Edit>> {
    let source = |at: usize| {
        let start = block.span.start + offset(at);
        context.source(Span::new(start, start + offset(run.mark.len())))
    };
    if let Some(lines) = Lines::of(context, block.span, line_end) {
        // Markdown has no such bullet.
        let is_foreign = context.document.format == Format::Markdown && run.mark == "• ";
        let mark = if is_foreign { "- " } else { run.mark };
        let edits = run.places.iter().enumerate().map(|(index, at)| {
            let written = source(*at)?;
            let space = lines.space_before(written.start);
            let is_first = index == 0 && (!run.is_item || is_foreign);
            let lead = if is_first { lines.paragraph() } else { lines.line() };
            Some(Edit::new(SourceSpan::new(space.start, written.end), format!("{lead}{mark}")))
        });
        return edits.collect();
    }
    let element = Element::of(context, block.span)?;
    let places: Option<Vec<SourceSpan>> = run.places.iter().map(|at| Some(element.with_space(source(*at)?))).collect();
    let places = places?;
    if !places.iter().all(|place| element.parts_at(place.start)) {
        return None;
    }
    let is_list = element.name == "li";
    let between = if is_list || !run.is_item { "</li><li>".to_owned() } else { format!("</p><p>{}", run.mark) };
    let mut edits: Vec<Edit> = places.iter().map(|place| Edit::new(*place, between.as_str())).collect();
    if !is_list && !run.is_item {
        if let Some(first) = edits.first_mut() {
            "</p><ul><li>".clone_into(&mut first.replacement);
        }
        edits.push(Edit::new(element.end_tag()?, "</li></ul>"));
    }
    Some(edits)
}

/// The items that lost their lines.
fn run_in_marks(context: &TextContext<'_>, block: &Block, text: &str) -> Option<Run> {
    let own = own_mark(context, block, text);
    MARKS.iter().find_map(|mark| {
        let after_colon = own.is_none();
        let is_prose = |at: &usize| {
            let place = block.span.start + offset(*at);
            !context.document.in_inline_code(Span::new(place, place + 1))
        };
        let marks: Vec<usize> = memmem::find_iter(text.as_bytes(), mark)
            .filter(|at| *at > 0 && begins_item(text, *at, mark, after_colon) && is_prose(at))
            .collect();
        let before = text.get(..*marks.first()?)?.trim_end();
        let is_list = match own {
            Some(own) => mark.starts_with(own) && !is_attribution(text, &marks),
            None => before.ends_with([':', '：']) && marks.len() >= 2,
        };
        is_list.then_some(Run { places: marks, mark, is_item: own.is_some() })
    })
}

/// The mark that the block itself begins with, as the text or the file has it.
fn own_mark(context: &TextContext<'_>, block: &Block, text: &str) -> Option<char> {
    let is_mark = |c: &char| matches!(c, '-' | '*' | '•' | '+');
    if let Some(mark) = text.chars().next().filter(is_mark).filter(|_| text.chars().nth(1) == Some(' ')) {
        return Some(mark);
    }
    if block.kind != BlockKind::ListItem {
        return None;
    }
    let start = context.document.source_span(block.span).start as usize;
    let before = context.document.source.get(..start)?.trim_end_matches([' ', '\t']);
    before.chars().next_back().filter(is_mark)
}

/// With a space on both sides, behind the end of an item, and before
/// something that can begin one. Behind a colon the first mark itself says
/// that a list follows, so its items may be in lower case.
fn begins_item(text: &str, at: usize, mark: &str, after_colon: bool) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + mark.len()..).unwrap_or_default();
    let next = after.trim_start().chars().next();
    if !before.ends_with(' ') || next.is_none_or(|c| matches!(c, '-' | '*' | '•')) {
        return false;
    }
    let bare = before.trim_end_matches([' ', '\n']);
    after_colon || bare.ends_with(is_item_end) && next.is_some_and(|c| !c.is_lowercase())
}

/// `- Fix the lock (#12) - Ann Smith`: who did it, at the end of an item.
fn is_attribution(text: &str, marks: &[usize]) -> bool {
    const MOST_NAMES: usize = 4;
    let [only] = marks else { return false };
    let name = text.get(only + 2..).unwrap_or_default().trim();
    let mut words = name.split_whitespace();
    let is_name = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c == '@');
    !name.ends_with(is_item_end)
        && words.clone().count() <= MOST_NAMES
        && words.next().is_some_and(is_name)
        && words.last().is_none_or(is_name)
}

fn is_item_end(c: char) -> bool {
    ends_sentence(c) || closes(c) || c == '’' || c == ';'
}

const LIKELY: Confidence = Confidence::from_thousandths(960);
