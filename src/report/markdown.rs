//! `markdown`: a report for an issue, a pull request or a chat message, short
//! enough to be posted: what does not fit is counted.

use std::io::{self, Write};

use crate::check::DocumentReport;
use crate::finding::Severity;
use crate::rules::Reference;
use crate::verdict::Standing;

use super::escape::{code, markdown};
use super::{RenderSettings, Report};

/// Findings and sources listed, unless all are wanted. GitHub takes 65,536
/// characters.
const LISTED: usize = 100;

/// The whole run.
pub(super) fn render(report: &Report, settings: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    let totals = report.totals();
    writeln!(out, "## Citations: {} errors, {} warnings, {} notes\n", totals.errors, totals.warnings, totals.infos)?;
    let (documents, citations) = (totals.documents, totals.citations);
    writeln!(out, "{documents} documents, {citations} citations, {} sources.", report.references.len())?;
    let mut room = if settings.verbose { usize::MAX } else { LISTED };
    for document in &report.documents {
        findings(document, settings, &mut room, out)?;
    }
    sources(report, &mut room, out)?;
    if !report.errors.is_empty() {
        writeln!(out, "\n### Not read\n")?;
    }
    for error in &report.errors {
        writeln!(out, "- {}: {}", code(&error.path), markdown(&error.message))?;
    }
    Ok(())
}

fn findings(
    document: &DocumentReport,
    settings: RenderSettings,
    room: &mut usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown = document.findings.iter().filter(|placed| settings.verbose || placed.finding.severity > Severity::Info);
    let count = shown.clone().count();
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "\n### {}\n", code(&document.path))?;
    for placed in shown.take(*room) {
        let found = &placed.finding;
        let place = placed.place.start;
        let (severity, rule) = (found.severity.name(), found.rule.name);
        let message = markdown(&found.message);
        writeln!(out, "- **{severity}** `{rule}`, line {}, column {}: {message}", place.line, place.column)?;
    }
    if count > *room {
        writeln!(out, "- … and {} more", count - *room)?;
    }
    *room = room.saturating_sub(count);
    Ok(())
}

/// The sources that need a hand.
fn sources(report: &Report, room: &mut usize, out: &mut dyn Write) -> io::Result<()> {
    let is_worse =
        |reference: &&Reference| !matches!(reference.verdict.standing, Standing::Alive | Standing::NotChecked);
    let worse: Vec<&Reference> = report.references.iter().filter(is_worse).collect();
    if worse.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Sources\n\n| verdict | source | why |\n| --- | --- | --- |")?;
    for reference in worse.iter().take(*room) {
        let why = markdown(&reference.verdict.in_short());
        let url = code(reference.observation.probe.url.as_str()).replace('|', "%7C");
        writeln!(out, "| {} | {url} | {why} |", reference.verdict.standing.name())?;
    }
    if worse.len() > *room {
        writeln!(out, "\n… and {} more", worse.len() - *room)?;
    }
    Ok(())
}
