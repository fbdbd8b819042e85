//! The present state as a report of the usual kind: articles with their
//! findings, references with what the history says of them. Nothing is asked.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::check::{self, CheckSettings, DocumentReport};
use crate::finding::{Evidence, Severity};
use crate::history::State;
use crate::input::{self, Source, SourcePlace};
use crate::pipeline::ReadAs;
use crate::report::{InputError, Past, Report};
use crate::rules::Reference;
use crate::store::history::{History, HistoryError, TargetRow};
use crate::verdict::{Observation, Probe, Verdict, Withheld};

use super::articles::place_of;

/// The report of these articles as the history knows their references.
///
/// # Errors
///
/// Where the history cannot be read.
pub fn report(
    history: &History,
    paths: &[String],
    reading: &ReadAs,
    settings: &CheckSettings,
    judge: &dyn Fn(&Observation) -> Verdict,
) -> Result<Report, HistoryError> {
    let mut report = Report::default();
    for path in paths {
        match read(path, reading, settings) {
            Ok(document) => report.documents.push(document),
            Err(message) => report.errors.push(InputError { path: path.clone(), message }),
        }
    }
    let probes = check::plan(&mut report.documents);
    let mut stories = Vec::with_capacity(probes.len());
    for (index, probe) in probes.into_iter().enumerate() {
        let row = history.target(probe.url.as_str())?;
        let seen = match &row {
            Some(row) => history.observations(row.id)?,
            None => Vec::new(),
        };
        let past: Vec<Past> = seen
            .iter()
            .filter(|one| !one.is_excused)
            .map(|one| Past { at: one.observation.at, standing: judge(&one.observation).standing })
            .collect();
        report.histories.insert(index, past);
        let last = seen.into_iter().rfind(|one| !one.is_excused).map(|one| one.observation);
        report.references.push(reference(probe, last, row.as_ref(), judge));
        stories.push(row);
    }
    for document in &mut report.documents {
        check::check_links(document, &report.references, settings);
        soften(document, &stories);
        check::settle(document, settings, true);
    }
    Ok(report)
}

fn read(path: &str, reading: &ReadAs, settings: &CheckSettings) -> Result<DocumentReport, String> {
    let source = Source { name: path.to_owned(), place: place_of(path) };
    if matches!(source.place, SourcePlace::Web(_)) {
        return Err("it stands on the web and is not read again for a report".to_owned());
    }
    let bytes = input::read(&source.place)?;
    let document = reading.document(&source, bytes, None).map_err(|error| error.to_string())?;
    Ok(check::check(path.to_owned(), &document, settings))
}

fn reference(
    probe: Probe,
    last: Option<Observation>,
    row: Option<&TargetRow>,
    judge: &dyn Fn(&Observation) -> Verdict,
) -> Reference {
    let observation = last.unwrap_or_else(|| Observation::withheld(probe, Withheld::Offline, Timestamp::UNIX_EPOCH));
    let verdict = judge(&observation);
    let drift = row
        .and_then(|row| row.story.drift.clone())
        .filter(|_| row.is_some_and(|row| row.story.state == State::Drifted));
    Reference { drift, ..Reference::new(observation, verdict) }
}

/// One bad night proves nothing: what only fails so far is a warning, and says
/// since when.
fn soften(document: &mut DocumentReport, stories: &[Option<TargetRow>]) {
    let words: BTreeMap<usize, (State, String)> = stories
        .iter()
        .enumerate()
        .filter_map(|(index, row)| row.as_ref().map(|row| (index, (row.story.state, row.in_words()))))
        .collect();
    for placed in &mut document.findings {
        let Some((state, text)) = placed.finding.resolution.and_then(|index| words.get(&index)) else { continue };
        placed.finding.evidence.push(Evidence::new("history", text.clone()));
        if *state != State::Dead {
            placed.finding.severity = placed.finding.severity.min(Severity::Warning);
        }
    }
}
