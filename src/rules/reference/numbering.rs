//! Gaps, repeats and disorder in numbered references.

use std::collections::HashMap;

use crate::citation::{Entry, EntryForm};
use crate::finding::{Confidence, Finding, Related};
use crate::rules::TextContext;
use crate::text::Span;

rule! {
    /// # What it finds
    ///
    /// In a list of numbered references (`[1] …`, `[2] …`): a number that is missing, given twice, or out of order. Among notes (`[^1]: …`): a label given twice.
    ///
    /// # Why it matters
    ///
    /// After a gap or a repeat the markers of the article lead to the wrong sources, or to none.
    ///
    /// # How it knows
    ///
    /// A list has three entries at least and begins at 1; a new 1 begins a new list. Numbers of notes may leave gaps, for they are counted anew when the article is shown.
    ///
    /// # Example
    ///
    ///     [1] Minutes of the board.
    ///     [2] Report of the diver.
    ///     [4] Bill of the builder.
    ///
    /// # Repaired
    ///
    /// By the author, who knows whether an entry is missing or a number is wrong.
    ///
    /// # Limits
    ///
    /// Markdown's own numbered lists are numbered by whoever shows them, and are not looked at.
    name: "reference/numbering", family: Reference, severity: Warning,
    summary: "gaps, repeats or disorder in numbered references",
    check: Text(check),
}

const LIKELY: Confidence = Confidence::from_thousandths(900);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    repeated_notes(context.entries, findings);
    let numbered: Vec<(u16, Span)> = context
        .entries
        .iter()
        .filter(|entry| entry.form == EntryForm::Number)
        .filter_map(|entry| Some((entry.label.parse().ok()?, entry.mark)))
        .collect();
    let mut rest = numbered.as_slice();
    while let Some((_, tail)) = rest.split_first() {
        let length = 1 + tail.iter().position(|(number, _)| *number == 1).unwrap_or(tail.len());
        let (list, later) = rest.split_at(length);
        // `[1]` twice in a row is a repeat, not a list of one.
        if 3 <= list.len() && list.first().is_some_and(|(number, _)| *number == 1) {
            list_of_numbers(list, findings);
        }
        rest = later;
    }
}

fn repeated_notes(entries: &[Entry], findings: &mut Vec<Finding>) {
    let mut first: HashMap<&str, Span> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.form == EntryForm::Note) {
        if let Some(earlier) = first.get(entry.label.as_str()) {
            let message = format!("note {} is given twice: its markers can lead to one of them only", entry.label);
            findings.push(finding(entry.mark, message, Some(*earlier)));
        } else {
            first.insert(&entry.label, entry.mark);
        }
    }
}

fn list_of_numbers(list: &[(u16, Span)], findings: &mut Vec<Finding>) {
    let mut seen: HashMap<u16, Span> = HashMap::new();
    let mut highest = 0;
    for (number, mark) in list {
        if let Some(earlier) = seen.get(number) {
            findings.push(finding(*mark, format!("number {number} is given twice"), Some(*earlier)));
        } else if *number < highest {
            findings.push(finding(*mark, format!("number {number} stands behind {highest}"), None));
        } else if highest + 1 < *number {
            let (from, to) = (highest + 1, number - 1);
            let is_later = (from..=to).any(|missing| list.iter().any(|(other, _)| *other == missing));
            if !is_later {
                let gap = if from == to { format!("number {from} is") } else { format!("numbers {from} to {to} are") };
                findings.push(finding(*mark, format!("{gap} missing before number {number}"), None));
            }
        }
        seen.entry(*number).or_insert(*mark);
        highest = highest.max(*number);
    }
}

fn finding(mark: Span, message: String, earlier: Option<Span>) -> Finding {
    let mut finding = Finding::new(&META, mark, LIKELY, message);
    finding.related =
        earlier.map(|span| Related { span, message: "given here first".to_owned() }).into_iter().collect();
    finding
}
