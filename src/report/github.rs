//! `github`: workflow commands, which GitHub shows as annotations beside the
//! changed lines.

use std::io::{self, Write};

use crate::finding::Severity;

use super::{RenderSettings, Report, printable};

/// One command per finding and per input that could not be read.
pub(super) fn render(report: &Report, _: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    for document in &report.documents {
        for placed in &document.findings {
            let found = &placed.finding;
            let command = match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let (start, end) = (placed.place.start, placed.place.end);
            write!(out, "::{command} file={},line={}", property(&document.path), start.line)?;
            // Columns count only within one line.
            if start.line == end.line {
                write!(out, ",endLine={},col={},endColumn={}", end.line, start.column, end.column)?;
            } else {
                write!(out, ",endLine={}", end.line)?;
            }
            writeln!(out, ",title={}::{}", property(found.rule.name), data(&found.message))?;
        }
    }
    for error in &report.errors {
        writeln!(out, "::error file={}::{}", property(&error.path), data(&error.message))?;
    }
    Ok(())
}

/// The escapes of `@actions/core`: a message must not end its line, or it
/// could begin a command of its own.
fn data(text: &str) -> String {
    printable(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
