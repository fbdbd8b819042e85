//! A link to a file or place that is not there.

use crate::finding::{Confidence, Finding};
use crate::rules::{LocalContext, LocalFault, MissingLocal};

rule! {
    /// # What it finds
    ///
    /// A relative link to a file that does not exist, or to a place (`#part`) that the document, or another of the documents given, does not have. No network is needed.
    ///
    /// # Why it matters
    ///
    /// The link is dead for every reader, and it is in your own hands.
    ///
    /// # How it knows
    ///
    /// Places are the ids and names of HTML, and in Markdown also the headings, named as GitHub names them: lower-case, hyphens for spaces, no punctuation, `-1` for the second of a name; `{#name}` counts, too.
    ///
    /// # Example
    ///
    /// `[the figures](figures.md#totals)`, and `figures.md` has no heading “Totals”.
    ///
    /// # Repaired
    ///
    /// Correct the path or the place. With `--base URL` relative links are taken as links of that site and asked there.
    ///
    /// # Limits
    ///
    /// Files that were not given are looked for, but not read; nothing outside the article's own tree is looked for. Links from the root (`/about`) need `--base`.
    name: "link/local-missing", family: Link, severity: Error,
    summary: "a relative link leads nowhere",
    check: Local(check),
}

fn check(context: &LocalContext<'_>, findings: &mut Vec<Finding>) {
    for MissingLocal { span, written, fault } in context.missing {
        let (message, thousandths) = match fault {
            LocalFault::NoFile => (format!("{written} leads to a file that is not there"), 970),
            // Other programs than GitHub name headings otherwise.
            LocalFault::NoAnchor if context.is_markdown => {
                (format!("{written} leads to a place that is not there"), 880)
            }
            LocalFault::NoAnchor => (format!("{written} leads to a place that is not there"), 960),
        };
        findings.push(Finding::new(&META, *span, Confidence::from_thousandths(thousandths), message));
    }
}
