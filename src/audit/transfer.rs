//! The history in and out: JSON lines that another history takes in, and CSV
//! for spreadsheets.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::history::{Exported, History, HistoryError};
use crate::store::{decode, encode};
use crate::verdict::{Observation, Verdict};

#[derive(Serialize, Deserialize)]
struct Line {
    run: i64,
    #[serde(default)]
    excused: bool,
    /// The store's wire form.
    seen: Box<RawValue>,
}

/// Why lines could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is none of ours.
    #[error("line {line}: {reason}; nothing of it or after it was taken in")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// The history.
    #[error(transparent)]
    History(#[from] HistoryError),
}

/// All observations as JSON lines.
///
/// # Errors
///
/// Where the history cannot be read, or those of the writer.
pub fn export_lines(history: &History, out: &mut dyn Write) -> io::Result<()> {
    write_each(history, &mut |one| {
        let seen = encode(&one.observation).map_err(io::Error::other)?;
        let seen = String::from_utf8(seen).map_err(io::Error::other)?;
        let line = Line { run: one.run, excused: one.is_excused, seen: RawValue::from_string(seen)? };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)
    })
}

/// All observations as CSV (RFC 4180), judged.
///
/// # Errors
///
/// Where the history cannot be read, or those of the writer.
pub fn export_csv(history: &History, judge: &dyn Fn(&Observation) -> Verdict, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "url,at,verdict,reason,status,final_url,title,elapsed_ms,attempts,run,excused\r\n")?;
    write_each(history, &mut |one| {
        let seen = &one.observation;
        let verdict = judge(seen);
        let fields = [
            seen.probe.url.to_string(),
            seen.at.to_string(),
            verdict.standing.name().to_owned(),
            verdict.reason.to_owned(),
            seen.status().map(|status| status.to_string()).unwrap_or_default(),
            seen.final_url.to_string(),
            seen.page().and_then(|page| page.title.clone()).unwrap_or_default(),
            seen.elapsed.as_millis().to_string(),
            seen.attempts.to_string(),
            one.run.to_string(),
            one.is_excused.to_string(),
        ];
        write!(out, "{}\r\n", fields.map(|text| field(&text)).join(","))
    })
}

/// A field of CSV. Spreadsheets run what begins like a formula, so such text
/// gets an apostrophe in front.
fn field(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

fn write_each(history: &History, write: &mut dyn FnMut(&Exported) -> io::Result<()>) -> io::Result<()> {
    let mut failed = Ok(());
    let read = history.export(&mut |one| {
        if failed.is_ok() {
            failed = write(&one);
        }
    });
    read.map_err(io::Error::other).and(failed)
}

/// Takes lines of [`export_lines`] in; how many were new.
///
/// # Errors
///
/// At the first line that is none, or where the history cannot be written.
pub fn import_lines(history: &History, run: i64, lines: impl BufRead) -> Result<usize, ImportError> {
    let mut taken = 0;
    for (index, line) in lines.lines().enumerate() {
        let failed = |reason: String| ImportError::Line { line: index + 1, reason };
        let line = line.map_err(|error| failed(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|error| failed(error.to_string()))?;
        let observation = decode(line.seen.get().as_bytes()).map_err(|error| failed(error.to_string()))?;
        let one = Exported { run: line.run, is_excused: line.excused, observation };
        taken += usize::from(history.import(run, &one)?);
    }
    Ok(taken)
}
