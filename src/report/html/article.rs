//! The article with its marks. Marks may overlap, elements may not, so the
//! text is cut wherever a mark begins or ends, and each piece says what it
//! belongs to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::check::{DocumentReport, PlacedFinding};
use crate::finding::Severity;
use crate::report::escape::xml;
use crate::text::Span;

use super::id;

/// What marks a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A finding, by its number in the document.
    Finding(usize),
    /// A citation, by the number of its source.
    Citation(usize),
}

#[derive(Debug, Clone, Copy)]
enum Edge {
    Begin(Mark),
    End(Mark),
    /// A finding without extent.
    Point(usize),
}

/// Writes the text of document number `index`.
pub(super) fn write(index: usize, document: &DocumentReport, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let page = Page { index, findings: &document.findings };
    write!(out, "<div class=\"article\" lang=\"\">")?;
    let mut open: Vec<Mark> = Vec::new();
    let mut at = 0;
    for (place, changes) in edges(document) {
        page.piece(text.get(at..place).unwrap_or_default(), &open, out)?;
        at = place.max(at);
        for change in changes {
            match change {
                Edge::Begin(mark) => open.push(mark),
                Edge::End(mark) => open.retain(|known| *known != mark),
                Edge::Point(number) => page.mark("", &[number], out)?,
            }
        }
    }
    page.piece(text.get(at..).unwrap_or_default(), &open, out)?;
    writeln!(out, "</div>")
}

/// Where marks begin and end, by the byte of the text.
fn edges(document: &DocumentReport) -> BTreeMap<usize, Vec<Edge>> {
    let mut edges: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    let mut add = |span: Span, mark: Mark| {
        edges.entry(span.range().start).or_default().push(Edge::Begin(mark));
        edges.entry(span.range().end).or_default().push(Edge::End(mark));
    };
    for (citation, source) in document.citations.iter().zip(&document.resolutions) {
        if let Some(source) = source.filter(|_| !citation.span.is_empty()) {
            add(citation.span, Mark::Citation(source));
        }
    }
    let is_point = |placed: &PlacedFinding| placed.finding.span.is_empty();
    for (number, placed) in document.findings.iter().enumerate().filter(|(_, placed)| !is_point(placed)) {
        add(placed.finding.span, Mark::Finding(number));
    }
    for (number, placed) in document.findings.iter().enumerate().filter(|(_, placed)| is_point(placed)) {
        edges.entry(placed.finding.span.range().start).or_default().push(Edge::Point(number));
    }
    edges
}

struct Page<'a> {
    index: usize,
    findings: &'a [PlacedFinding],
}

/// Findings named by one piece; more lie at one place only in hostile articles.
const NAMED: usize = 16;

impl Page<'_> {
    fn piece(&self, text: &str, open: &[Mark], out: &mut dyn Write) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let findings: Vec<usize> = open
            .iter()
            .filter_map(|mark| if let Mark::Finding(number) = mark { Some(*number) } else { None })
            .take(NAMED)
            .collect();
        if !findings.is_empty() {
            return self.mark(text, &findings, out);
        }
        let source = open.iter().find_map(|mark| if let Mark::Citation(source) = mark { Some(*source) } else { None });
        match source {
            Some(source) => {
                write!(out, "<a class=\"cite\" href=\"#s{source}\">")?;
                plain(text, out)?;
                write!(out, "</a>")
            }
            None => plain(text, out),
        }
    }

    fn mark(&self, text: &str, findings: &[usize], out: &mut dyn Write) -> io::Result<()> {
        let here = findings.iter().filter_map(|number| Some((number, self.findings.get(*number)?)));
        let worst = here.clone().map(|(_, placed)| placed.finding.severity).max().unwrap_or(Severity::Info);
        let names: Vec<String> = here.clone().map(|(number, _)| id(self.index, *number)).collect();
        let rules: Vec<&str> = here.map(|(_, placed)| placed.finding.rule.name).collect();
        let point = if text.is_empty() { " point" } else { "" };
        write!(
            out,
            "<mark class=\"{}{point}\" data-finding=\"{}\" tabindex=\"0\" title=\"{}\">",
            worst.name(),
            names.join(" "),
            rules.join(", ")
        )?;
        plain(text, out)?;
        write!(out, "</mark>")
    }
}

/// Text with its line ends.
fn plain(text: &str, out: &mut dyn Write) -> io::Result<()> {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        write!(out, "{}", xml(line.trim_end_matches('\r')))?;
    }
    Ok(())
}
