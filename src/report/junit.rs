//! `junit`: one suite per document, one case per finding, for CI dashboards.
//! A case fails where the finding makes the run fail, so that the dashboard
//! and the exit code agree.

use std::io::{self, Write};

use crate::check::{DocumentReport, PlacedFinding};

use super::escape::xml;
use super::{InputError, RenderSettings, Report};

/// The whole run as one `testsuites` element.
pub(super) fn render(report: &Report, settings: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    let fails = |placed: &PlacedFinding| settings.fail_on.is_some_and(|limit| limit <= placed.finding.severity);
    let findings = report.documents.iter().flat_map(|document| &document.findings);
    let failures = findings.filter(|placed| fails(placed)).count();
    let tests: usize = report.documents.iter().map(|document| document.findings.len().max(1)).sum();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"obelus\" tests=\"{}\" failures=\"{failures}\" errors=\"{}\">",
        tests + report.errors.len(),
        report.errors.len()
    )?;
    for document in &report.documents {
        suite(document, &fails, out)?;
    }
    for InputError { path, message } in &report.errors {
        let (path, message) = (xml(path), xml(message));
        writeln!(out, "  <testsuite name=\"{path}\" tests=\"1\" failures=\"0\" errors=\"1\">")?;
        writeln!(out, "    <testcase name=\"read\" classname=\"{path}\"><error message=\"{message}\"/></testcase>")?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(document: &DocumentReport, fails: &dyn Fn(&PlacedFinding) -> bool, out: &mut dyn Write) -> io::Result<()> {
    let path = xml(&document.path);
    let tests = document.findings.len().max(1);
    let failures = document.findings.iter().filter(|placed| fails(placed)).count();
    writeln!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    if document.findings.is_empty() {
        writeln!(out, "    <testcase name=\"nothing found\" classname=\"{path}\"/>")?;
    }
    for placed in &document.findings {
        let found = &placed.finding;
        let place = placed.place.start;
        let (rule, message) = (found.rule.name, xml(&found.message));
        let name = format!("{rule} at {}:{}", place.line, place.column);
        writeln!(out, "    <testcase name=\"{name}\" classname=\"{path}\">")?;
        let text = format!("{path}:{}:{}: {}: {message}", place.line, place.column, found.severity.name());
        if fails(placed) {
            writeln!(out, "      <failure type=\"{rule}\" message=\"{message}\">{text}</failure>")?;
        } else {
            writeln!(out, "      <system-out>{text}</system-out>")?;
        }
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}
