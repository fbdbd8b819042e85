//! The history in and out: JSON lines that another history takes in, and CSV
//! for spreadsheets.

use std::io::{self, BufRead, Write};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::history::{Exported, History, HistoryError, HostControl};
use crate::store::{decode, encode};
use crate::verdict::{Observation, Verdict};

/// A line of an export: an observation, or a control request to a host.
#[derive(Default, Serialize, Deserialize)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    excused: Option<bool>,
    /// The store's wire form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    control: Option<Control>,
}

#[derive(Serialize, Deserialize)]
struct Control {
    host: String,
    at: Timestamp,
    is_healthy: bool,
}

/// What was new of what was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Observations.
    pub observations: usize,
    /// Control requests.
    pub controls: usize,
    /// What the history had already.
    pub known: usize,
}

/// Why lines could not be taken in.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line is none of ours.
    #[error("line {line}: {reason}; what stands before it was taken in")]
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

/// All observations as JSON lines, and behind them the control requests, on
/// which the proof of a death rests. How many observations a damaged file has
/// lost.
///
/// # Errors
///
/// Where the history cannot be read, or those of the writer.
pub fn export_lines(history: &History, out: &mut dyn Write) -> io::Result<u64> {
    let lost = write_each(history, &mut |one| {
        let seen = encode(&one.observation).map_err(io::Error::other)?;
        let seen = String::from_utf8(seen).map_err(io::Error::other)?;
        let seen = Some(RawValue::from_string(seen)?);
        let line = Line { run: Some(one.run), excused: Some(one.is_excused), seen, control: None };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)
    })?;
    let mut failed = Ok(());
    let read = history.controls(&mut |HostControl { host, at, is_healthy }| {
        if failed.is_ok() {
            let line = Line { control: Some(Control { host, at, is_healthy }), ..Line::default() };
            failed = serde_json::to_writer(&mut *out, &line).map_err(Into::into).and_then(|()| writeln!(out));
        }
    });
    failed?;
    // Of a damaged file they may be lost as well; the next runs ask again.
    if lost == 0 { read.map_err(io::Error::other).map(|()| 0) } else { Ok(lost) }
}

/// All observations as CSV (RFC 4180), judged; how many are lost.
///
/// # Errors
///
/// Where the history cannot be read, or those of the writer.
pub fn export_csv(history: &History, judge: &dyn Fn(&Observation) -> Verdict, out: &mut dyn Write) -> io::Result<u64> {
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

/// Writes all that can be read; how many observations cannot.
fn write_each(history: &History, write: &mut dyn FnMut(&Exported) -> io::Result<()>) -> io::Result<u64> {
    let mut failed = Ok(());
    let read = history.export(&mut |one| {
        if failed.is_ok() {
            failed = write(&one);
        }
    });
    failed?;
    read.map_err(io::Error::other)
}

/// Takes lines of [`export_lines`] in.
///
/// # Errors
///
/// At the first line that is none, or where the history cannot be written.
pub fn import_lines(history: &History, run: i64, lines: impl BufRead) -> Result<Taken, ImportError> {
    let mut taken = Taken::default();
    for (index, line) in lines.lines().enumerate() {
        let failed = |reason: String| ImportError::Line { line: index + 1, reason };
        let line = line.map_err(|error| failed(error.to_string()))?;
        if line.trim().is_empty() {
            continue;
        }
        let strange = || failed("it is no line of `obelus audit export --format jsonl`".to_owned());
        let line: Line = serde_json::from_str(&line).map_err(|_| strange())?;
        let (is_new, counter) = match line {
            Line { seen: Some(seen), excused, .. } => {
                let observation = decode(seen.get().as_bytes()).map_err(|error| failed(error.to_string()))?;
                let one = Exported { run, is_excused: excused == Some(true), observation };
                (history.import(&one)?, &mut taken.observations)
            }
            Line { control: Some(Control { host, at, is_healthy }), .. } => {
                (history.import_control(&HostControl { host, at, is_healthy })?, &mut taken.controls)
            }
            _ => return Err(strange()),
        };
        if is_new { *counter += 1 } else { taken.known += 1 }
    }
    Ok(taken)
}
