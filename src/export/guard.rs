//! Where nothing may be put into Markdown: inside of code, and inside of a
//! link. And where a citation stands best behind a claim: after the marks
//! that close its sentence.

use std::collections::HashMap;
use std::ops::Range;

use crate::language::{closes, ends_sentence, is_spaced_letter};

use super::marker::Markers;

/// The stretches of a text that are one whole, in order, without overlap.
#[derive(Debug)]
pub(super) struct Guards {
    ranges: Vec<Range<usize>>,
}

impl Guards {
    /// Reads the text once.
    pub(super) fn of(text: &str) -> Self {
        let mut ranges = fences(text);
        ranges.extend(code_spans(text, &ranges));
        ranges.extend(Markers::of(text).links());
        ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut last = 0;
        ranges.retain(|range| {
            let is_new = last <= range.start;
            last = last.max(range.end);
            is_new
        });
        Self { ranges }
    }

    /// Where a citation goes whose claim ends at byte `at`.
    pub(super) fn behind(&self, text: &str, at: usize) -> usize {
        let mut at = text.get(..at).map_or(at, |before| before.trim_end().len());
        let next = self.ranges.partition_point(|range| range.end <= at);
        if let Some(range) = self.ranges.get(next).filter(|range| range.start < at) {
            at = range.end;
        }
        at += emphasised(text, at);
        /// Closing marks that follow each other.
        const MOST: usize = 8;
        for _ in 0..MOST {
            let rest = text.get(at..).unwrap_or_default();
            let Some(length) = closing(rest) else { break };
            at += length;
        }
        at
    }
}

/// How far it is to the end of the emphasis that the marks before `at` open.
fn emphasised(text: &str, at: usize) -> usize {
    let (before, rest) = text.split_at_checked(at).unwrap_or_default();
    let Some(mark) = before.chars().next_back().filter(|mark| matches!(mark, '*' | '_' | '~')) else { return 0 };
    let start = before.trim_end_matches(mark);
    let opens = start.chars().next_back().is_none_or(|c| !is_spaced_letter(c) && !ends_sentence(c))
        && rest.chars().next().is_some_and(|c| !c.is_whitespace() && c != mark);
    /// Bytes of emphasised text that are looked through.
    const LONGEST: usize = 500;
    let line = rest.get(..rest.floor_char_boundary(LONGEST)).unwrap_or_default().lines().next().unwrap_or_default();
    let run = before.get(start.len()..).unwrap_or_default();
    line.find(run).filter(|_| opens).map_or(0, |end| end + run.len())
}

/// The length of what `rest` starts with, if that closes what stands before.
fn closing(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    let run = rest.len() - rest.trim_start_matches(first).len();
    let next = rest.get(run..).and_then(|rest| rest.chars().next());
    let stands_free = next.is_none_or(|c| !is_spaced_letter(c));
    match first {
        '*' | '_' | '~' => next.is_none_or(|c| c.is_whitespace() || ends_sentence(c) || closes(c)).then_some(run),
        _ if ends_sentence(first) && stands_free => Some(run),
        _ if closes(first) && first != '“' || first == '’' => stands_free.then_some(first.len_utf8()),
        _ => None,
    }
}

/// Blocks of code between fences.
fn fences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(usize, &str)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = line.trim_start();
        let mark = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        match (open, mark) {
            (None, Some(mark)) => open = Some((at, mark)),
            (Some((from, opened)), Some(mark)) if opened == mark => {
                found.push(from..at + line.trim_end().len());
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    found.extend(open.map(|(from, _)| from..text.len()));
    found
}

/// Runs of backticks and what stands between two of the same length, in one
/// paragraph, outside of fences.
fn code_spans(text: &str, fences: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for at in memchr::memchr_iter(b'`', text.as_bytes()) {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    let in_fence = |at: usize| {
        let next = fences.partition_point(|fence| fence.end <= at);
        fences.get(next).is_some_and(|fence| fence.start <= at)
    };
    runs.retain(|(at, _)| !in_fence(*at));
    // For each run, the next of its length.
    let mut next = vec![None; runs.len()];
    let mut seen = HashMap::new();
    for (index, (_, length)) in runs.iter().enumerate().rev() {
        if let Some(slot) = next.get_mut(index) {
            *slot = seen.insert(*length, index);
        }
    }
    let breaks: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), b"\n\n").collect();
    let mut found = Vec::new();
    let mut behind = 0;
    for (index, (start, _)) in runs.iter().enumerate() {
        let Some((close, length)) = next.get(index).copied().flatten().and_then(|close| runs.get(close)) else {
            continue;
        };
        let paragraph = |at: usize| breaks.partition_point(|end| *end < at);
        if behind <= *start && paragraph(*start) == paragraph(*close) {
            behind = close + length;
            found.push(*start..behind);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_stand_behind_what_closes_the_claim() {
        let table = [
            ("It rose| by 5", "It rose| by 5"),
            ("**It rose|**. Then", "**It rose**.| Then"),
            ("“It rose|.” Then", "“It rose.”| Then"),
            ("It rose to 3|.5 m", "It rose to 3|.5 m"),
            ("It rose. |Then", "It rose.| Then"),
            ("Call `a|b` now", "Call `ab`| now"),
            ("See [the re|port](https://a.org/x).", "See [the report](https://a.org/x).|"),
            ("海面が上昇した|。次に", "海面が上昇した。|次に"),
            ("```\nco|de\n```\nx", "```\ncode\n```|\nx"),
            ("Rose| *fast* then", "Rose| *fast* then"),
            ("Rose **|fast** then", "Rose **fast**| then"),
            ("Rose\n\n**|fast.** Then", "Rose\n\n**fast.**| Then"),
            ("Rose **fast**| then", "Rose **fast**| then"),
            ("Rose **fast.**| Then", "Rose **fast.**| Then"),
            ("Rose 2 *|3 and", "Rose 2 *|3 and"),
        ];
        for (before, after) in table {
            let at = before.find('|').unwrap();
            let text = before.replace('|', "");
            let mut moved = text.clone();
            moved.insert(Guards::of(&text).behind(&text, at), '|');
            assert_eq!(moved, after);
        }
    }
}
