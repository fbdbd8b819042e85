//! Scheduled audits: many articles, night after night, with a history.
//!
//! A run reads only the articles that changed, asks only the references that
//! are due, keeps every observation as it comes, and at its end tells the
//! stories: who is gone by the rule, who came back, who moved. A run that is
//! stopped, out of time or killed leaves nothing half done; the next one goes
//! on where it stood, for what was answered is no longer due.

mod articles;
mod control;
mod listing;
mod lock;
mod metrics;
mod moved;
mod present;
mod transfer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::check::CheckSettings;
use crate::fetch::{self, FetchError, FetchSettings, Question, StopSignal};
use crate::history::{DeathRule, RecheckRule};
use crate::input::Source;
use crate::pipeline::{Progress, ReadAs, judge};
use crate::report::InputError;
use crate::store::history::{ChangeRow, DueTarget, History, HistoryError, SettleRules};
use crate::verdict::{Keep, Observation, Outcome, Probe, Verdict, Withheld, read_passages};

pub use listing::open_listings;
pub use lock::{Lock, LockError};
pub use metrics::write as write_metrics;
pub use moved::moved_edits;
pub use present::report;
pub use transfer::{ImportError, Taken, export_csv, export_lines, import_lines};

/// What to audit, and how.
#[derive(Debug)]
pub struct Audit {
    /// Where the history is.
    pub database: PathBuf,
    /// The articles; where there are none, those that the history knows.
    pub sources: Vec<Source>,
    /// How articles are read.
    pub reading: ReadAs,
    /// How they are checked.
    pub check: CheckSettings,
    /// What of that may change a finding, in words: where it differs from the
    /// last run's, all articles are read again.
    pub checked_with: String,
    /// How references are asked.
    pub fetch: FetchSettings,
    /// When they are asked again.
    pub recheck: RecheckRule,
    /// What proves that one is gone.
    pub death: DeathRule,
    /// References asked, at most.
    pub budget: usize,
    /// When to stop politely.
    pub most_time: Option<Duration>,
    /// Whether a run that is under way is waited for.
    pub waits: bool,
    /// Whether the network may be asked.
    pub is_online: bool,
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Ran {
    /// Its number.
    pub run: i64,
    /// Articles that the inputs name.
    pub articles: usize,
    /// Those of them that were read, for they had changed.
    pub read: usize,
    /// References that were due.
    pub due: usize,
    /// Those of them that were observed.
    pub observed: usize,
    /// Observations that count for nothing, for our own network had failed.
    pub excused: usize,
    /// What changed.
    pub changes: Vec<ChangeRow>,
    /// What could not be read.
    pub errors: Vec<InputError>,
}

/// Why a run could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// Somebody else is at it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The network could not be set up.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// Runs an audit.
///
/// # Errors
///
/// Where the history cannot be used, another run has it, or the network cannot
/// be set up. What was observed until then is kept.
pub fn run(audit: &Audit, stop: &StopSignal, progress: &mut dyn Progress) -> Result<Ran, AuditError> {
    let _lock = Lock::take(&audit.database, audit.waits)?;
    let history = History::open(&audit.database)?;
    let began = Timestamp::now();
    let run = history.begin_run(began)?;
    let judge = |observation: &Observation| -> Verdict { judge(observation, &audit.fetch.hosts) };
    let rules = SettleRules { death: audit.death, recheck: audit.recheck.clone(), judge: &judge };
    stop_after(audit.most_time, stop);
    history.reschedule(&audit.recheck)?;
    // What a killed run had observed is told first: it is no longer due.
    let mut settled = history.settle(run, &rules)?;
    let mut ran = Ran { run, ..Ran::default() };
    articles::take_in(audit, &history, run, began, stop, &mut ran)?;
    ran.due = usize::try_from(history.counts(Timestamp::now())?.due).unwrap_or(usize::MAX);
    if audit.is_online {
        ask(audit, &history, &mut ran, stop, progress)?;
        let later = history.settle(run, &rules)?;
        ran.excused = settled.excused + later.excused;
        settled.controls = later.controls;
        control::ask(&settled.controls, audit, &history, run, &rules, stop)?;
    }
    history.end_run(run, Timestamp::now())?;
    history.flush()?;
    ran.changes = history.changes(run - 1)?;
    Ok(ran)
}

/// Gives the signal when the time is up. The thread is left behind at the end.
fn stop_after(most: Option<Duration>, stop: &StopSignal) {
    if let Some(most) = most {
        let stop = stop.clone();
        std::thread::spawn(move || {
            std::thread::sleep(most);
            stop.stop();
        });
    }
}

/// So much of a run may be asked again after a power cut.
const FLUSHED_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// Passages that are looked up in one page, at most.
const MOST_PASSAGES: usize = 100;

/// Asks what is due and keeps each answer as it comes, and nothing of it in
/// memory. A disk that refuses one ends the asking: what cannot be kept need
/// not be asked.
fn ask(
    audit: &Audit,
    history: &History,
    ran: &mut Ran,
    stop: &StopSignal,
    progress: &mut dyn Progress,
) -> Result<(), AuditError> {
    let due = history.due(Timestamp::now(), usize::MAX)?;
    let admitted = due.into_iter().filter(|target| audit.fetch.targets.admits(&target.url)).take(audit.budget);
    let (mut targets, mut questions) = (Vec::new(), Vec::new());
    for DueTarget { id, url, fallback, is_quoted } in admitted {
        let keep = Keep { text: is_quoted, ..Keep::default() };
        targets.push((id, is_quoted));
        questions.push(Question::from(Probe { fallback, keep, ..Probe::new(url) }));
    }
    if questions.is_empty() || stop.is_stopped() {
        return Ok(());
    }
    let (mut refused, mut flushed) = (None, Timestamp::now());
    progress.begin(questions.len());
    let asked = fetch::ask_each(questions, &audit.fetch, stop, &mut |place, mut observation| {
        progress.answered(&observation);
        let is_answer = is_whole(&observation) && refused.is_none();
        let Some((target, is_quoted)) = targets.get(place).filter(|_| is_answer) else {
            return;
        };
        let quoted = if *is_quoted { history.quoted(*target, MOST_PASSAGES) } else { Ok(Vec::new()) };
        let kept = quoted.and_then(|quoted| {
            look_up(&mut observation, quoted);
            history.record(ran.run, *target, &observation)
        });
        let kept = kept.and_then(|()| {
            if observation.at.duration_since(flushed) < FLUSHED_EVERY {
                return Ok(());
            }
            flushed = observation.at;
            history.flush()
        });
        match kept {
            Ok(()) => ran.observed += 1,
            Err(error) => {
                refused = Some(error);
                stop.stop();
            }
        }
    });
    progress.end();
    asked?;
    refused.map_or(Ok(()), |error| Err(error.into()))
}

/// Whether everything was asked that the answer takes: what the end of a run
/// cut off is asked again by the next.
fn is_whole(observation: &Observation) -> bool {
    let is_cut_off = |seen: &Observation| {
        matches!(seen.outcome, Outcome::Withheld(Withheld::Interrupted | Withheld::Budget | Withheld::NoNetwork))
    };
    !matches!(observation.outcome, Outcome::Withheld(_))
        && !observation.controls.iter().any(|control| is_cut_off(&control.seen))
}

/// Notes on the page which of the passages it holds.
fn look_up(observation: &mut Observation, quoted: Vec<String>) {
    if let Outcome::Answered { page: Some(page), .. } = &mut observation.outcome
        && !quoted.is_empty()
    {
        page.passages = read_passages(page, quoted);
    }
}

/// The name of the lock file of a history.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
