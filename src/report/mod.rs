//! What a run found, and one renderer per format over any writer.
//!
//! A [`Report`] is sorted and inert; a renderer writes what stands in it and
//! computes nothing but layout. What comes from an article or a server is
//! never written to a terminal as it is: see [`printable`].

mod escape;
mod github;
mod html;
mod json;
mod junit;
mod ledger;
mod markdown;
mod plain_json;
mod printable;
mod sarif;
mod terminal;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;

use crate::check::DocumentReport;
use crate::finding::Severity;
use crate::rules::{QuoteFinding, Reference};
use crate::verdict::{Standing, Timing};

pub use escape::{code as markdown_code, markdown as markdown_text};
pub use ledger::write_ledger;
pub use printable::printable;

/// Everything a run found.
#[derive(Debug, Default)]
pub struct Report {
    /// The documents, in the order of the inputs.
    pub documents: Vec<DocumentReport>,
    /// Every distinct target, in order of first mention.
    pub references: Vec<Reference>,
    /// Inputs that could not be read.
    pub errors: Vec<InputError>,
    /// How long the asking took, where references were asked.
    pub timing: Option<Timing>,
    /// What earlier checks of a reference saw, oldest first, by its index;
    /// empty where no store was asked.
    pub histories: BTreeMap<usize, Vec<Past>>,
}

/// One earlier check of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// What it was judged.
    pub standing: Standing,
}

/// An input that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// The input as given.
    pub path: String,
    /// Why, and what to do.
    pub message: String,
}

/// What a renderer may be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderSettings {
    /// Whether to colour.
    pub color: bool,
    /// Only findings and errors, no sources, no summary.
    pub quiet: bool,
    /// Notes, evidence and every source, too.
    pub verbose: bool,
    /// List citations instead of findings.
    pub citations_only: bool,
    /// Findings so bad, or worse, make the run fail.
    pub fail_on: Option<Severity>,
}

/// Writes a report in one format.
pub type Renderer = fn(&Report, RenderSettings, &mut dyn Write) -> io::Result<()>;

/// One line per format.
pub const RENDERERS: &[(&str, Renderer)] = &[
    ("terminal", terminal::render),
    ("json", json::render),
    ("jsonl", json::render_lines),
    ("sarif", sarif::render),
    ("junit", junit::render),
    ("github", github::render),
    ("markdown", markdown::render),
    ("html", html::render),
];

/// The renderer of that name.
#[must_use]
pub fn renderer(name: &str) -> Option<Renderer> {
    RENDERERS.iter().find(|(known, _)| *known == name).map(|(_, renderer)| *renderer)
}

/// The JSON Schema of the format `json`.
#[must_use]
pub fn schema() -> serde_json::Value {
    json::schema()
}

/// The counts that end a report.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Totals {
    /// Documents read.
    pub documents: usize,
    /// Citations in them.
    pub citations: usize,
    /// Findings by severity.
    pub errors: usize,
    /// See `errors`.
    pub warnings: usize,
    /// See `errors`.
    pub infos: usize,
    /// Quotations near citations, by what became of them; those whose
    /// sources were not asked do not count.
    pub quotations: BTreeMap<&'static str, usize>,
    /// References by verdict.
    pub verdicts: BTreeMap<&'static str, usize>,
}

impl Report {
    /// Counts everything.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { documents: self.documents.len(), ..Totals::default() };
        for document in &self.documents {
            totals.citations += document.citations.len();
            let not_asked = QuoteFinding::Undecided("not-asked");
            for placed in document.quotations.iter().filter(|placed| placed.reading.finding != not_asked) {
                *totals.quotations.entry(placed.reading.finding.name()).or_default() += 1;
            }
            for placed in &document.findings {
                match placed.finding.severity {
                    Severity::Error => totals.errors += 1,
                    Severity::Warning => totals.warnings += 1,
                    Severity::Info => totals.infos += 1,
                }
            }
        }
        for reference in &self.references {
            *totals.verdicts.entry(reference.verdict.standing.name()).or_default() += 1;
        }
        totals
    }
}
