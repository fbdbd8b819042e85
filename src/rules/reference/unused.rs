//! Entries that nothing cites.

use std::collections::BTreeSet;

use crate::citation::{EntryForm, cited_labels};
use crate::finding::{Confidence, Finding};
use crate::rules::TextContext;

rule! {
    /// # What it finds
    ///
    /// A note or a numbered reference that no marker in the article names, where markers name others.
    ///
    /// # Why it matters
    ///
    /// The sentence that the entry supported may be gone, or its marker was lost on the way.
    ///
    /// # How it knows
    ///
    /// The article must cite by such markers: one for notes; for numbered references, markers for half of the entries. A list for further reading has none and stays silent.
    ///
    /// # Example
    ///
    ///     The quay was raised.[^1]
    ///
    ///     [^1]: Minutes of the board.
    ///     [^2]: Report of the diver.
    ///
    /// # Repaired
    ///
    /// By the author: a marker is put back, or the entry taken out.
    ///
    /// # Limits
    ///
    /// A marker that is not recognised, such as a number in a picture, looks like a missing one.
    name: "reference/unused", family: Reference, severity: Info,
    summary: "an entry that nothing cites",
    check: Text(check),
}

const LIKELY: Confidence = Confidence::from_thousandths(900);

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    if context.entries.is_empty() {
        return;
    }
    let text = &context.document.text;
    let cited: BTreeSet<String> = context.citations.iter().flat_map(|citation| cited_labels(citation, text)).collect();
    for forms in [&[EntryForm::Note][..], &[EntryForm::Number, EntryForm::Item], &[EntryForm::Key]] {
        let entries = || context.entries.iter().filter(|entry| forms.contains(&entry.form));
        let used = entries().filter(|entry| cited.contains(&entry.label)).count();
        let enough = if forms.contains(&EntryForm::Number) { entries().count().div_ceil(2) } else { 1 };
        if used < enough {
            continue;
        }
        for entry in entries().filter(|entry| !cited.contains(&entry.label)) {
            let message = format!("nothing in the article cites reference {}", entry.label);
            findings.push(Finding::new(&META, entry.mark, LIKELY, message));
        }
    }
}
