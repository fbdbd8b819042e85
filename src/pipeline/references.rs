//! From probes to observations: what the user leaves out, what a tape or the
//! cache holds, and the rest from the network. Whatever the source, there is
//! one observation for each probe, in their order.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::fetch::{self, FetchError, FetchSettings, Question, StopSignal};
use crate::report::InputError;
use crate::search::Seen;
use crate::store::{Cache, CacheError, Recalled, Tape, TapeError, TapeRecorder};
use crate::verdict::{Observation, Outcome, Probe, Timing, Withheld};

use super::Progress;
use super::searches::Searches;

/// What of earlier runs is used, and what is left for later ones.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// A tape to judge again instead of asking the network.
    pub replay: Option<PathBuf>,
    /// Where to write a tape of this run.
    pub record: Option<PathBuf>,
    /// The cache.
    pub cache: Option<CacheFile>,
}

/// A cache to use.
#[derive(Debug, Clone)]
pub struct CacheFile {
    /// Where it is.
    pub path: PathBuf,
    /// The oldest answer that stands without asking.
    pub max_age: Duration,
}

/// Why the references could not be asked, or what was seen not kept.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The network could not be set up.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The tape could not be used.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// The cache could not be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// What became of the probes.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub observations: Vec<Observation>,
    /// What the searches saw beside them.
    pub searched: Vec<Observation>,
    pub timing: Option<Timing>,
    /// What went wrong beside the asking, and stopped nothing.
    pub errors: Vec<InputError>,
}

/// All probes as withheld.
pub(super) fn withhold(probes: Vec<Probe>, why: Withheld) -> Resolved {
    Resolved { observations: probes.into_iter().map(|probe| withheld(probe, why)).collect(), ..Resolved::default() }
}

/// What was not asked has no time, so that runs repeat to the byte.
fn withheld(probe: Probe, why: Withheld) -> Observation {
    Observation::withheld(probe, why, Timestamp::UNIX_EPOCH)
}

/// Asks the probes that the filter admits, of the tape or of the network.
pub(super) fn resolve(
    probes: Vec<Probe>,
    searches: &mut Searches<'_>,
    memory: &Memory,
    settings: &FetchSettings,
    stop: &StopSignal,
    progress: &mut dyn Progress,
) -> Result<Resolved, ReferenceError> {
    let mut places = Places::new(probes.len());
    let mut wanted = Vec::new();
    for (index, probe) in probes.into_iter().enumerate() {
        if settings.targets.admits(&probe.url) {
            wanted.push((index, probe));
        } else {
            places.put(index, withheld(probe, Withheld::Excluded));
        }
    }
    match &memory.replay {
        Some(path) => replay(path, wanted, places, searches),
        None => ask(wanted, places, searches, memory, settings, stop, progress),
    }
}

fn replay(
    path: &Path,
    wanted: Vec<(usize, Probe)>,
    mut places: Places,
    searches: &mut Searches<'_>,
) -> Result<Resolved, ReferenceError> {
    let urls: HashSet<&Url> = wanted.iter().map(|(_, probe)| &probe.url).collect();
    let mut tape = Tape::read(path, &urls)?;
    for (index, probe) in wanted {
        let found = tape.take(&probe.url);
        places.put(index, found.unwrap_or_else(|| withheld(probe, Withheld::NotRecorded)));
    }
    let observations = places.all();
    let mut searched: Vec<Observation> = Vec::new();
    loop {
        let more = searches.wanted(&Seen::of(observations.iter().chain(&searched)));
        if more.is_empty() {
            break;
        }
        searched.extend(more.into_iter().map(|probe| match tape.take_searched(&probe.url, probe.keep) {
            Some(observation) => observation,
            None => withheld(probe, Withheld::NotRecorded),
        }));
    }
    Ok(Resolved { observations, searched, timing: tape.timing(), errors: Vec::new() })
}

fn ask(
    wanted: Vec<(usize, Probe)>,
    mut places: Places,
    searches: &mut Searches<'_>,
    memory: &Memory,
    settings: &FetchSettings,
    stop: &StopSignal,
    progress: &mut dyn Progress,
) -> Result<Resolved, ReferenceError> {
    // Opened before the network is asked: a run that cannot keep what it was
    // told to keep should say so at once.
    let recorder = memory.record.as_deref().map(TapeRecorder::create).transpose()?;
    let now = Timestamp::now();
    let open_cache = |file: &CacheFile| Cache::open(&file.path, &settings.way(), file.max_age, now);
    let cache = memory.cache.as_ref().map(open_cache).transpose()?;
    let mut open = Vec::new();
    let mut questions = Vec::new();
    for (index, probe) in wanted {
        let recalled = cache.as_ref().map(|cache| cache.recall(&probe, now)).transpose()?;
        let known = match recalled {
            Some(Recalled::Fresh(observation)) => {
                places.put(index, observation);
                continue;
            }
            Some(Recalled::Stale(observation)) => Some(Box::new(observation)),
            Some(Recalled::Nothing) | None => None,
        };
        open.push(index);
        questions.push(Question { probe, known });
    }
    let asked = open.len();
    let keeping = RefCell::new(Keeping { cache, error: None });
    let mut recalled: Vec<Observation> = Vec::new();
    if asked == 0 && searches.are_none() {
        let errors = keeping.into_inner().errors(memory);
        return keep(Resolved { observations: places.all(), errors, ..Resolved::default() }, recorder);
    }
    progress.begin(asked);
    let progress = RefCell::new(progress);
    let answers = {
        let mut on_answer = |observation: &Observation| {
            keeping.borrow_mut().keep(observation);
            progress.borrow_mut().answered(observation);
        };
        // What the searches want, but for what the cache knows.
        let mut next = |answers: &[&Observation]| {
            loop {
                let seen = Seen::of(places.known().chain(answers.iter().copied()).chain(&recalled));
                let wanted = searches.wanted(&seen);
                let (known, questions) = keeping.borrow().recall(wanted, now);
                if questions.is_empty() && !known.is_empty() {
                    recalled.extend(known);
                    continue;
                }
                recalled.extend(known);
                progress.borrow_mut().more(questions.len());
                return questions;
            }
        };
        fetch::ask_in_rounds(questions, settings, stop, &mut on_answer, &mut next)
    };
    progress.into_inner().end();
    let answers = answers?;
    let mut observations = answers.observations.into_iter();
    for (index, observation) in open.into_iter().zip(observations.by_ref().take(asked)) {
        places.put(index, observation);
    }
    let searched = recalled.into_iter().chain(observations).collect();
    let timing = (answers.timing.requests > 0 || asked > 0).then_some(answers.timing);
    let errors = keeping.into_inner().errors(memory);
    keep(Resolved { observations: places.all(), searched, timing, errors }, recorder)
}

/// Writes the tape, where there is to be one.
fn keep(resolved: Resolved, recorder: Option<TapeRecorder>) -> Result<Resolved, ReferenceError> {
    if let Some(recorder) = recorder {
        // What was left out is for the flags of the replay to say.
        let left_out = Outcome::Withheld(Withheld::Excluded);
        let seen = resolved
            .observations
            .iter()
            .chain(&resolved.searched)
            .filter(|observation| observation.outcome != left_out || !observation.hops.is_empty());
        recorder.write(seen, resolved.timing)?;
    }
    Ok(resolved)
}

/// Writes answers to the cache as they come. What the disk refuses does not
/// stop the run, but is said at its end.
struct Keeping {
    cache: Option<Cache>,
    error: Option<CacheError>,
}

impl Keeping {
    fn keep(&mut self, observation: &Observation) {
        if let Some(Err(error)) = self.cache.as_ref().map(|cache| cache.keep(observation)) {
            self.cache = None;
            self.error = Some(error);
        }
    }

    /// What the cache knows of these, and what is to be asked. A cache that
    /// cannot be read knows nothing.
    fn recall(&self, wanted: Vec<Probe>, now: Timestamp) -> (Vec<Observation>, Vec<Question>) {
        let (mut known, mut questions) = (Vec::new(), Vec::new());
        for probe in wanted {
            match self.cache.as_ref().and_then(|cache| cache.recall(&probe, now).ok()) {
                Some(Recalled::Fresh(observation)) => known.push(observation),
                Some(Recalled::Stale(observation)) => {
                    questions.push(Question { probe, known: Some(Box::new(observation)) });
                }
                Some(Recalled::Nothing) | None => questions.push(probe.into()),
            }
        }
        (known, questions)
    }

    fn errors(self, memory: &Memory) -> Vec<InputError> {
        let path = memory.cache.as_ref().map(|file| file.path.display().to_string()).unwrap_or_default();
        self.error.map(|error| InputError { path, message: error.to_string() }).into_iter().collect()
    }
}

/// One place for each probe's observation.
struct Places(Vec<Option<Observation>>);

impl Places {
    fn new(count: usize) -> Self {
        Self(std::iter::repeat_with(|| None).take(count).collect())
    }

    fn put(&mut self, index: usize, observation: Observation) {
        if let Some(place) = self.0.get_mut(index) {
            *place = Some(observation);
        }
    }

    /// Those that are filled, in order.
    fn known(&self) -> impl Iterator<Item = &Observation> {
        self.0.iter().flatten()
    }

    /// Every place was filled: each probe was withheld, recalled or asked.
    fn all(self) -> Vec<Observation> {
        self.0.into_iter().flatten().collect()
    }
}
