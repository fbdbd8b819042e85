//! What a citation points to.

use std::collections::HashMap;

use crate::document::{Block, BlockKind};
use crate::language::Host;
use crate::text::Span;

use super::{Address, Citation, Kind, Scan};

/// A citation's goal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host named or linked to.
    pub host: Option<Host>,
    /// What will be asked; `None` where nothing can be (a relative link).
    pub address: Option<Address>,
    /// Whether only a site is named, so that `https` was assumed.
    pub site_only: bool,
}

impl Target {
    /// The root page of a named host. `https` is assumed.
    #[must_use]
    pub fn site(host: Host) -> Self {
        let address = Address::parse(&format!("https://{}/", host.ascii));
        Self { host: Some(host), address, site_only: true }
    }

    /// A destination as written in a link or in the text.
    #[must_use]
    pub fn written(destination: &str) -> Self {
        let with_scheme;
        let absolute = if destination.starts_with("www.") {
            with_scheme = format!("https://{destination}");
            &with_scheme
        } else if destination.starts_with("//") {
            with_scheme = format!("https:{destination}");
            &with_scheme
        } else {
            destination
        };
        let address = Address::parse(absolute);
        let domain = address.as_ref().and_then(Address::domain);
        Self { host: domain.map(Host::of_domain), address, site_only: false }
    }
}

/// Gives notes and numbers the address of their entry, where the document has
/// entries: `[^3]: …` or a line that starts with `[3]`.
pub(super) fn resolve_notes(scan: &Scan<'_>, citations: &mut [Citation]) {
    let wanted =
        |citation: &Citation| citation.target.is_none() && matches!(citation.kind, Kind::Footnote | Kind::Numeric);
    if !citations.iter().any(wanted) {
        return;
    }
    let entries = entries(scan, citations);
    for citation in citations.iter_mut().filter(|citation| wanted(citation)) {
        let label = note_label(citation.span.slice(scan.text));
        citation.target = entries.get(label).cloned();
    }
}

/// `3` of `[^3]`, `[3]`; the first of several numbers.
fn note_label(written: &str) -> &str {
    let inner = written.trim_start_matches(['[', '^', ' ']);
    inner.split([']', ',', ';', '–', '-', ' ']).next().unwrap_or_default()
}

/// The first address in each entry, by the entry's label.
fn entries(scan: &Scan<'_>, citations: &[Citation]) -> HashMap<String, Target> {
    let mut entries = HashMap::new();
    for block in &scan.document.blocks {
        let listed = numbered_lines(scan, block).into_iter();
        for (label, span) in entry_label(scan, block).map(|label| (label, block.span)).into_iter().chain(listed) {
            let first = citations.partition_point(|citation| citation.span.start < span.start);
            let within = citations.iter().skip(first).take_while(|citation| citation.span.end <= span.end);
            let target = within.filter_map(|citation| citation.target.clone()).find(|target| target.address.is_some());
            if let Some(target) = target {
                entries.entry(label.to_owned()).or_insert(target);
            }
        }
    }
    entries
}

/// The entries of a block whose lines begin with `[1]`, `[2]`: each goes on to
/// the next.
fn numbered_lines<'a>(scan: &'a Scan<'_>, block: &Block) -> Vec<(&'a str, Span)> {
    let text = block.span.slice(scan.text);
    if !text.starts_with('[') {
        return Vec::new();
    }
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(breaks.filter(|at| text.get(*at..).is_some_and(|line| line.starts_with('['))))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let entry = |(start, end): (usize, usize)| {
        let entry = text.get(start..end)?;
        let label = note_label(entry.get(..entry.floor_char_boundary(12))?);
        let from = block.span.start as usize;
        entry.get(1..)?.contains(']').then_some((label, Span::from_range(from + start..from + end)))
    };
    starts.iter().copied().zip(ends).filter_map(entry).collect()
}

fn entry_label<'a>(scan: &'a Scan<'_>, block: &Block) -> Option<&'a str> {
    if block.kind != BlockKind::Definition {
        return None;
    }
    // A Markdown footnote: its label stands before the block in the file.
    let start = scan.document.source_span(block.span).start as usize;
    let line = scan.document.source.get(..start)?.rsplit('\n').next()?.trim_end();
    line.strip_suffix("]:")?.trim_start().strip_prefix("[^")
}
