//! From the inputs to what the history knows of them. A file is read again
//! only when its size or time is another, and taken in again only when its
//! bytes are.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;

use crate::check::{self, DocumentReport};
use crate::document;
use crate::fetch::{self, StopSignal};
use crate::input::{self, Source, SourcePlace};
use crate::report::InputError;
use crate::store::history::{Article, ArticleFinding, CitedTarget, History, HistoryError, KnownArticle};
use crate::verdict::Probe;

use super::{Audit, Ran};

/// Articles read at a time, so that memory does not grow with their number.
const AT_ONCE: usize = 512;

/// The note that says what the articles were checked with.
const CHECKED_WITH: &str = "checked-with";

/// Brings the history's articles up to date.
pub(super) fn take_in(
    audit: &Audit,
    history: &History,
    run: i64,
    now: Timestamp,
    stop: &StopSignal,
    ran: &mut Ran,
) -> Result<(), HistoryError> {
    let known = history.known_articles()?;
    let sources = if audit.sources.is_empty() { sources_of(&known) } else { audit.sources.clone() };
    ran.articles = sources.len();
    if known.is_empty() {
        // A first reading that is cut off is gone on with by the next run.
        history.set_note(CHECKED_WITH, &audit.checked_with)?;
    }
    let is_same_check = history.note(CHECKED_WITH)?.as_deref() == Some(audit.checked_with.as_str());
    drop_missing(history, run, now, &known, &sources)?;
    let changed: Vec<(Source, KnownArticle)> = sources
        .into_iter()
        .map(|source| {
            let state = state_of(&source);
            (source, state)
        })
        .filter(|(source, state)| {
            let before = known.get(&source.name);
            let is_same = before.is_some_and(|before| before.size == state.size && before.modified == state.modified);
            !(is_same && is_same_check && state.modified != 0)
        })
        .collect();
    for group in changed.chunks(AT_ONCE) {
        if stop.is_stopped() {
            return Ok(());
        }
        let read = check::in_parallel(group.to_vec(), |(source, state)| {
            let before = known.get(&source.name).filter(|_| is_same_check);
            read(audit, source, state, before, stop)
        });
        let mut articles = Vec::new();
        let mut touched = Vec::new();
        for outcome in read {
            match outcome {
                Ok(Read::Anew(article)) => articles.push(*article),
                Ok(Read::Same(path, state)) => touched.push((path, state)),
                Err(error) => ran.errors.push(error),
            }
        }
        ran.read += articles.len();
        history.put_articles(run, &articles, now)?;
        history.touch_articles(&touched)?;
    }
    history.set_note(CHECKED_WITH, &audit.checked_with)
}

/// Without inputs, what the history knows is looked at again.
fn sources_of(known: &HashMap<String, KnownArticle>) -> Vec<Source> {
    let mut names: Vec<&String> = known.keys().collect();
    names.sort();
    names
        .into_iter()
        .map(|name| Source { name: name.clone(), place: place_of(name) })
        .filter(|source| match &source.place {
            SourcePlace::File(path) => path.exists(),
            SourcePlace::Web(_) => true,
            SourcePlace::Stdin => false,
        })
        .collect()
}

pub(super) fn place_of(name: &str) -> SourcePlace {
    match url::Url::parse(name) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => SourcePlace::Web(url),
        _ => SourcePlace::File(name.into()),
    }
}

/// A file that is there no more cites nothing.
fn drop_missing(
    history: &History,
    run: i64,
    now: Timestamp,
    known: &HashMap<String, KnownArticle>,
    sources: &[Source],
) -> Result<(), HistoryError> {
    let named: HashSet<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let is_gone = |name: &&String| {
        !named.contains(name.as_str())
            && matches!(place_of(name), SourcePlace::File(path) if name.as_str() != "-" && !path.exists())
    };
    let mut missing: Vec<String> = known.keys().filter(is_gone).cloned().collect();
    missing.sort();
    if missing.is_empty() { Ok(()) } else { history.drop_articles(run, &missing, now) }
}

/// Size and time of a file; nothing for what is no file.
fn state_of(source: &Source) -> KnownArticle {
    let SourcePlace::File(path) = &source.place else { return KnownArticle::default() };
    let Ok(meta) = Path::new(path).metadata() else { return KnownArticle::default() };
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|time| i64::try_from(time.as_nanos()).ok()).unwrap_or_default();
    KnownArticle { size: meta.len(), modified, digest: 0 }
}

enum Read {
    Anew(Box<Article>),
    Same(String, KnownArticle),
}

fn read(
    audit: &Audit,
    source: Source,
    state: KnownArticle,
    before: Option<&KnownArticle>,
    stop: &StopSignal,
) -> Result<Read, InputError> {
    let failed = |message: String| InputError { path: source.name.clone(), message };
    let (bytes, sniffed) = match &source.place {
        SourcePlace::Web(_) if !audit.is_online => {
            return Err(failed("the run is offline; save the page and audit the file".to_owned()));
        }
        SourcePlace::Web(url) => {
            let page = fetch::download(url, &audit.fetch, stop).map_err(|error| failed(error.to_string()))?;
            (page.body, page.is_html.then_some(document::Format::Html))
        }
        place => (input::read(place).map_err(failed)?, None),
    };
    let known = KnownArticle { digest: digest(&bytes), ..state };
    if before.is_some_and(|before| before.digest == known.digest && before.size == known.size) {
        return Ok(Read::Same(source.name, known));
    }
    let document = audit.reading.document(&source, bytes, sniffed).map_err(|error| failed(error.to_string()))?;
    let mut report = [check::check(source.name, &document, &audit.check)];
    let probes = check::plan(&mut report);
    let [mut report] = report;
    check::settle(&mut report, &audit.check, false);
    let quoted = quotations(&report, probes.len());
    let targets = probes.into_iter().zip(quoted).map(|(probe, quoted)| cited(probe, quoted)).collect();
    Ok(Read::Anew(Box::new(Article { known, targets, findings: findings(&report), path: report.path })))
}

/// Longer quotations are not watched, in characters.
const LONGEST_QUOTATION: usize = 2_000;

/// Quotations of one article that are watched, at most.
const MOST_QUOTATIONS: usize = 500;

/// What the article quotes from each of its references.
fn quotations(report: &DocumentReport, references: usize) -> Vec<BTreeSet<String>> {
    let mut quoted = vec![BTreeSet::new(); references];
    let is_short = |text: &str| text.chars().nth(LONGEST_QUOTATION).is_none();
    let watched = report.quotations.iter().map(|placed| &placed.quotation).filter(|quote| is_short(&quote.text));
    for quotation in watched.take(MOST_QUOTATIONS) {
        let resolutions = quotation.citations.iter().filter_map(|citation| *report.resolutions.get(*citation)?);
        for index in resolutions {
            if let Some(place) = quoted.get_mut(index) {
                place.insert(quotation.text.clone());
            }
        }
    }
    quoted
}

fn cited(probe: Probe, quoted: BTreeSet<String>) -> CitedTarget {
    CitedTarget { url: probe.url, fallback: probe.fallback, quoted: quoted.into_iter().collect() }
}

fn findings(report: &DocumentReport) -> Vec<ArticleFinding> {
    report
        .findings
        .iter()
        .map(|placed| ArticleFinding {
            key: placed.key.as_str().to_owned(),
            rule: placed.finding.rule.name.to_owned(),
            severity: placed.finding.severity.name().to_owned(),
            line: placed.place.start.line,
            message: placed.finding.message.clone(),
        })
        .collect()
}

/// A digest of a file's bytes. The standard library's may change with its
/// version; then the articles are read once more.
fn digest(bytes: &[u8]) -> i64 {
    use std::hash::Hasher;
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(bytes);
    i64::from_ne_bytes(hasher.finish().to_ne_bytes())
}
