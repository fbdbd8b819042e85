//! The words around a finding, cut to what fits on a screen.

use std::ops::Range;

/// A piece of a line with the finding in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// What stands before the finding.
    pub before: String,
    /// The finding itself, up to the end of its line.
    pub marked: String,
    /// What stands behind it.
    pub after: String,
    /// Whether the line begins earlier.
    pub cut_before: bool,
    /// Whether the line goes on.
    pub cut_after: bool,
}

/// Characters kept on each side.
const AROUND: usize = 48;
/// Characters kept of the finding itself.
const MARKED: usize = 96;

impl Excerpt {
    /// The excerpt of `line` of `text` around `marked`; both are byte ranges.
    #[must_use]
    pub fn of(text: &str, line: Range<usize>, marked: Range<usize>) -> Self {
        let start = marked.start.clamp(line.start, line.end);
        let end = marked.end.clamp(start, line.end);
        let before = text.get(line.start..start).unwrap_or_default();
        let inside = text.get(start..end).unwrap_or_default();
        let after = text.get(end..line.end).unwrap_or_default().trim_end_matches('\r');
        let kept_before = last_words(before);
        let kept_inside = first_characters(inside, MARKED);
        let kept_after = if kept_inside.len() < inside.len() { "" } else { first_words(after) };
        Self {
            before: kept_before.to_owned(),
            marked: kept_inside.to_owned(),
            after: kept_after.to_owned(),
            cut_before: kept_before.len() < before.len(),
            cut_after: kept_after.len() < after.len() || kept_inside.len() < inside.len(),
        }
    }
}

fn first_characters(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(at, _)| text.get(..at).unwrap_or_default())
}

/// The end of `text`, from the start of a word where one is near.
fn last_words(text: &str) -> &str {
    let Some((at, _)) = text.char_indices().rev().nth(AROUND) else { return text };
    let tail = text.get(at..).unwrap_or_default();
    tail.split_once(' ').filter(|(head, _)| head.len() < AROUND / 2).map_or(tail, |(_, words)| words)
}

/// The start of `text`, up to the end of a word where one is near.
fn first_words(text: &str) -> &str {
    let head = first_characters(text, AROUND);
    if head.len() == text.len() {
        return head;
    }
    head.rsplit_once(' ').filter(|(_, tail)| tail.len() < AROUND / 2).map_or(head, |(words, _)| words)
}
