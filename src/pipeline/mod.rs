//! The whole line: sources → documents → citations → probes → observations →
//! verdicts → report. It decides nothing.

mod references;
mod searches;

use url::Url;

use crate::check::{self, CheckSettings, DocumentReport, LocalFiles};
use crate::config::HostRules;
use crate::document::{self, Document, Format};
use crate::fetch::{self, FetchSettings, StopSignal};
use crate::input::{self, Source, SourcePlace};
use crate::report::{InputError, Report};
use crate::rules::Reference;
use crate::verdict::{self, Observation, Verdict, Withheld};

use searches::Searches;

pub use references::{CacheFile, Memory, ReferenceError};
pub use searches::Looking;

/// What to do with the sources.
#[derive(Debug)]
pub struct Job {
    /// The articles.
    pub sources: Vec<Source>,
    /// How they are read.
    pub reading: ReadAs,
    /// What to run and show.
    pub check: CheckSettings,
    /// How to ask the network.
    pub fetch: FetchSettings,
    /// Whether references are asked.
    pub references: References,
    /// What is looked for beyond the references.
    pub looking: Looking,
    /// What of earlier runs is used, and what is left for later ones.
    pub memory: Memory,
    /// Whether articles may be downloaded.
    pub may_download: bool,
}

/// How articles are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadAs {
    /// Their format, where it is not to be sniffed.
    pub format: Option<Format>,
    /// What relative links are relative to; else they are looked for beside
    /// the articles.
    pub base: Option<Url>,
}

impl ReadAs {
    /// Makes a document of a source's bytes. `sniffed` is the format that
    /// whoever gave them says they have.
    ///
    /// # Errors
    ///
    /// Where they are no text.
    pub fn document(
        &self,
        source: &Source,
        bytes: Vec<u8>,
        sniffed: Option<Format>,
    ) -> Result<Document, document::Unreadable> {
        let mut document = document::read(bytes, self.format.or(sniffed), Some(&source.name))?;
        let own = match &source.place {
            SourcePlace::Web(url) => Some(url),
            _ => None,
        };
        if let Some(base) = self.base.as_ref().or(own) {
            document.set_base(base);
        }
        Ok(document)
    }
}

/// What becomes of references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum References {
    /// They are asked.
    Ask,
    /// They are listed as not checked.
    Withhold,
    /// They are not wanted in the report.
    LeaveOut,
}

/// Hears how the asking goes.
pub trait Progress {
    /// So many references will be asked.
    fn begin(&mut self, references: usize);
    /// So many more questions came up.
    fn more(&mut self, questions: usize);
    /// One was answered.
    fn answered(&mut self, observation: &Observation);
    /// All were.
    fn end(&mut self);
}

/// Runs the job.
///
/// # Errors
///
/// Where the network cannot be set up at all, or a tape or cache not be used.
pub fn run(mut job: Job, stop: &StopSignal, progress: &mut dyn Progress) -> Result<Report, ReferenceError> {
    let mut report = Report::default();
    let sources = std::mem::take(&mut job.sources);
    job.check.taken = job.looking.taken(sources.len());
    let outcomes = check::in_parallel(sources, |source| check_source(source, &job, stop));
    for outcome in outcomes {
        match outcome {
            Ok(document) => report.documents.push(document),
            Err(error) => report.errors.push(error),
        }
    }
    if job.references == References::LeaveOut {
        return Ok(report);
    }
    let mut probes = check::plan(&mut report.documents);
    let mut searches = Searches::plan(&mut report.documents, &mut probes, &job.looking, &job.fetch);
    let resolved = match job.references {
        References::Ask => references::resolve(probes, &mut searches, &job.memory, &job.fetch, stop, progress)?,
        _ => references::withhold(probes, Withheld::Offline),
    };
    let found = searches.finish(&resolved);
    report.timing = resolved.timing;
    report.errors.extend(resolved.errors);
    report.references = resolved
        .observations
        .into_iter()
        .map(|observation| {
            let verdict = judge(&observation, &job.fetch.hosts);
            Reference::new(observation, verdict)
        })
        .collect();
    for (index, archived) in found.archived {
        if let Some(reference) = report.references.get_mut(index) {
            reference.note_archive(archived);
        }
    }
    check::offer_known_pages(&mut report.documents);
    check::offer_found_pages(&mut report.documents, found.pages);
    let files = local_files(&report.documents);
    for document in &mut report.documents {
        check::check_local(document, &files, &job.check);
        check::check_links(document, &report.references, &job.check);
        check::offer_captures(document, &report.references);
        check::settle(document, &job.check, job.references == References::Ask);
    }
    for reference in &mut report.references {
        reference.observation.forget_text();
    }
    Ok(report)
}

/// What is known of the files that articles link to.
fn local_files(documents: &[DocumentReport]) -> LocalFiles {
    let mut files = check::given_files(documents);
    for (path, from) in check::wanted_files(documents, &files) {
        if input::is_missing(&path, &from) {
            files.missing.insert(path);
        }
    }
    files
}

fn check_source(source: Source, job: &Job, stop: &StopSignal) -> Result<DocumentReport, InputError> {
    let failed = |message: String| InputError { path: source.name.clone(), message };
    let (bytes, sniffed) = match &source.place {
        SourcePlace::Web(_) if !job.may_download => {
            return Err(failed("the run is offline; save the page and check the file".to_owned()));
        }
        SourcePlace::Web(url) => {
            let page = fetch::download(url, &job.fetch, stop).map_err(|error| failed(error.to_string()))?;
            (page.body, page.is_html.then_some(Format::Html))
        }
        place => (input::read(place).map_err(failed)?, None),
    };
    let document = job.reading.document(&source, bytes, sniffed).map_err(|error| failed(error.to_string()))?;
    Ok(check::check(source.name, &document, &job.check))
}

/// The verdict, but for statuses that the configuration calls alive.
#[must_use]
pub fn judge(observation: &Observation, hosts: &HostRules) -> Verdict {
    let verdict = verdict::judge(observation);
    let host = observation.final_url.host_str().unwrap_or_default();
    match observation.status() {
        Some(status) if hosts.accepts(host, status) => verdict.accepted(status),
        _ => verdict,
    }
}
