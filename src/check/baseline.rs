//! The baseline: findings that are known and kept quiet, so that a desk with
//! old damage hears of new damage only.
//!
//! The file is JSON, sorted, one finding a line, so that it can be read,
//! reviewed and merged like source text. A finding is known by its document
//! and its key, which edits elsewhere in the document do not change.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::DocumentReport;

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BaselineEntry {
    /// The document.
    pub path: String,
    /// The finding's key.
    pub key: String,
    /// The rule, for people.
    pub rule: String,
    /// What it said, for people.
    #[serde(default)]
    pub message: String,
}

#[derive(Deserialize)]
struct Wire {
    schema_version: u32,
    findings: Vec<BaselineEntry>,
}

/// Findings that are known.
#[derive(Debug, Clone, Default)]
pub struct Baseline(BTreeMap<String, Vec<BaselineEntry>>);

/// A file that is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// No JSON, or not ours.
    #[error("it is no baseline: {0}; write one anew with --write-baseline")]
    Malformed(#[from] serde_json::Error),
    /// Of another version.
    #[error("it is of version {0}, and this program reads version {VERSION}; write it anew with --write-baseline")]
    Version(u32),
}

impl Baseline {
    /// Reads a file's bytes.
    ///
    /// # Errors
    ///
    /// Where they are no baseline of this version.
    pub fn parse(bytes: &[u8]) -> Result<Self, BaselineError> {
        let wire: Wire = serde_json::from_slice(bytes)?;
        if wire.schema_version != VERSION {
            return Err(BaselineError::Version(wire.schema_version));
        }
        let mut entries: BTreeMap<String, Vec<BaselineEntry>> = BTreeMap::new();
        for entry in wire.findings {
            entries.entry(normal(&entry.path).to_owned()).or_default().push(entry);
        }
        Ok(Self(entries))
    }

    /// The entries of a document, by key.
    pub(super) fn of(&self, path: &str) -> BTreeMap<&str, &BaselineEntry> {
        let entries = self.0.get(normal(path)).map(Vec::as_slice).unwrap_or_default();
        entries.iter().map(|entry| (entry.key.as_str(), entry)).collect()
    }
}

/// Writes all findings of a run as a baseline.
///
/// # Errors
///
/// Those of the writer.
pub fn write_baseline(documents: &[DocumentReport], out: &mut dyn Write) -> io::Result<()> {
    let mut entries: Vec<BaselineEntry> = documents
        .iter()
        .flat_map(|document| document.findings.iter().map(move |placed| (document, placed)))
        .map(|(document, placed)| BaselineEntry {
            path: normal(&document.path).to_owned(),
            key: placed.key.as_str().to_owned(),
            rule: placed.finding.rule.name.to_owned(),
            message: placed.finding.message.clone(),
        })
        .collect();
    entries.sort();
    write!(out, "{{\"schema_version\": {VERSION}, \"findings\": [")?;
    for (index, entry) in entries.iter().enumerate() {
        let line = serde_json::to_string(entry)?;
        write!(out, "{}{line}", if index == 0 { "\n" } else { ",\n" })?;
    }
    writeln!(out, "\n]}}")
}

fn normal(path: &str) -> &str {
    path.strip_prefix("./").unwrap_or(path)
}
