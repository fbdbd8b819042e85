//! `obelus audit`: from its arguments to the audit, and what it prints.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, bail};
use jiff::Timestamp;
use url::Url;

use crate::audit::{self, Audit, Ran, Taken};
use crate::document;
use crate::history::{DeathRule, RecheckRule, State};
use crate::input;
use crate::pipeline::judge;
use crate::repair::unified_diff;
use crate::report::{self, RenderSettings, printable};
use crate::store::history::{ChangeRow, Forgotten, History, KIND, SettleRules};
use crate::verdict::{Observation, Verdict};

use super::arguments::{FailOn, Known, Network, Reading};
use super::audit_arguments::{AuditCommand, ExportFormat, HistoryFile, Schedule};
use super::config::Loaded;
use super::{
    FAILED, audit_lists, check_settings, config, fetch_settings, output, progress, read_as, repair, tell_errors,
};

pub(super) fn dispatch(command: AuditCommand, loaded: &Loaded) -> anyhow::Result<u8> {
    let hosts = loaded.sections.host_rules(&super::secret).map_err(|error| config::in_file(loaded, &error))?;
    let judged = |observation: &Observation| -> Verdict { judge(observation, &hosts) };
    match command {
        AuditCommand::Run { reading, network, history, schedule } => {
            run(&reading, &network, &history, &schedule, loaded)
        }
        AuditCommand::Status { reading, history } => {
            let (reading, history) = (*reading, known(&history.database)?);
            status(&reading, &history, loaded, &judged)
        }
        AuditCommand::Changes { history, since, format, .. } => {
            let history = known(&history.database)?;
            let after =
                since.as_deref().map_or_else(|| Ok(history.run_before(None)?), |since| run_of(since, &history))?;
            let changes = history.changes(after)?;
            output::to_stdout(|out| audit_lists::changes(&changes, format, out))
        }
        AuditCommand::History { history, subject, .. } => {
            let history = known(&history.database)?;
            let known = audit_lists::Subject::find(&history, &subject)?;
            let Some(known) = known else { return Err(unknown(&history, &subject)?) };
            output::to_stdout(|out| known.print(&judged, out))
        }
        AuditCommand::Ack { history, key, reason, until, .. } => {
            let until = until.map(|day| utc(day.at(23, 59, 59, 0))).transpose()?;
            acknowledge(&known(&history.database)?, &key, &reason, until)
        }
        AuditCommand::Acks { history, .. } => {
            let acks = known(&history.database)?.acks()?;
            output::to_stdout(|out| audit_lists::acks(&acks, Timestamp::now(), out))
        }
        AuditCommand::Export { history, format, output, .. } => {
            export(&known(&history.database)?, format, output.as_deref(), &judged)
        }
        AuditCommand::Import { history, file, .. } => import(&history, &file, &judged),
        AuditCommand::Forget { history, subject, .. } => {
            let history = known(&history.database)?;
            let _lock = audit::Lock::take(history.path(), false)?;
            forget(&history, &subject)
        }
        AuditCommand::Fix { history, inputs, write, no_backup, .. } => {
            fix(&known(&history.database)?, &inputs, write.then_some(!no_backup))
        }
        AuditCommand::Doctor { history, .. } => doctor(&history, &judged),
    }
}

fn acknowledge(history: &History, key: &str, reason: &str, until: Option<Timestamp>) -> anyhow::Result<u8> {
    let now = Timestamp::now();
    if until.is_some_and(|until| until < now) {
        bail!("--until names a day that has passed; name one to come, or leave it out");
    }
    let in_text = history.findings()?.into_iter().find(|(_, finding)| finding.key == key);
    let found = if let Some((path, finding)) = in_text {
        Some(format!("{} in {path}", finding.rule))
    } else {
        let row = history.troubled(usize::MAX)?.into_iter().find(|row| row.key() == key);
        row.map(|row| format!("{} of {}", row.rule(), row.url))
    };
    let Some(found) = found else {
        bail!("no finding has the key “{key}”; `obelus audit status` lists findings with their keys");
    };
    history.acknowledge(key, reason, until, now)?;
    let until = until.map_or_else(String::new, |until| format!(" until {}", until.strftime("%Y-%m-%d")));
    output::to_stdout(|out| writeln!(out, "acknowledged{until}: {}", printable(&found)))
}

fn forget(history: &History, subject: &str) -> anyhow::Result<u8> {
    let written = Url::parse(subject).map_or_else(|_| subject.to_owned(), |url| url.to_string());
    let Some(forgotten) = history.forget(&written, Timestamp::now())? else {
        return Err(unknown(history, subject)?);
    };
    let told = match forgotten {
        Forgotten::Reference { observations, articles: 0 } => {
            format!("forgot {observations} observations; no article cites it")
        }
        Forgotten::Reference { observations, articles } => format!(
            "forgot {observations} observations; {} still cited, so the next run asks anew",
            if articles == 1 { "it is".to_owned() } else { format!("in {articles} articles it is") }
        ),
        Forgotten::Article => "forgot the article; a run that is given it takes it in again".to_owned(),
    };
    output::to_stdout(|out| writeln!(out, "{told}"))
}

/// What to say of something that the history does not know.
fn unknown(history: &History, subject: &str) -> anyhow::Result<anyhow::Error> {
    /// Suggestions.
    const FEW: usize = 3;
    let alike = history.subjects_like(subject, FEW)?;
    let alike: Vec<String> = alike.iter().map(|name| printable(name).into_owned()).collect();
    let hint = if alike.is_empty() { String::new() } else { format!("; it knows {}", alike.join(", ")) };
    Ok(anyhow::anyhow!("{} knows nothing of “{subject}”{hint}", history.path().display()))
}

/// A history that must be there.
fn known(database: &Path) -> anyhow::Result<History> {
    if !database.is_file() {
        bail!("there is no history {}; `obelus audit run` makes one, --database names another", database.display());
    }
    Ok(History::open(database)?)
}

fn run(
    reading: &Reading,
    network: &Network,
    history: &HistoryFile,
    schedule: &Schedule,
    loaded: &Loaded,
) -> anyhow::Result<u8> {
    if network.cache.is_some() || network.record.is_some() || network.replay.is_some() {
        bail!("an audit keeps its own history; leave out --cache, --record and --replay");
    }
    check_format(&reading.format)?;
    let mut fetch = fetch_settings(network)?;
    fetch.hosts = loaded.sections.host_rules(&super::secret).map_err(|error| config::in_file(loaded, &error))?;
    let stop = crate::fetch::StopSignal::on_interrupt();
    let (sources, mut errors) = match reading.inputs.as_slice() {
        [] => (Vec::new(), Vec::new()),
        inputs => input::expand(inputs, reading.stdin_path.as_deref()),
    };
    if !reading.inputs.is_empty() && sources.is_empty() {
        tell_errors(&errors);
        return Ok(FAILED);
    }
    if reading.inputs.is_empty() && !history.database.is_file() {
        bail!("name what to audit the first time, for example: obelus audit run articles/");
    }
    let (sources, unlisted) = audit::open_listings(sources, &fetch, &stop);
    errors.extend(unlisted);
    let check = check_settings(reading, &Known::default(), loaded)?;
    let audit = Audit {
        database: history.database.clone(),
        sources,
        checked_with: checked_with(reading, loaded),
        reading: read_as(reading),
        check,
        fetch,
        recheck: RecheckRule { distances: schedule.recheck.clone(), after_failure: schedule.recheck_failing },
        death: DeathRule::default(),
        budget: schedule.budget.unwrap_or(usize::MAX),
        most_time: schedule.max_duration,
        waits: schedule.wait,
        is_online: !reading.offline,
    };
    let shows_progress = !reading.no_progress && !reading.quiet && io::stderr().is_terminal();
    let mut ran = audit::run(&audit, &stop, progress::progress(shows_progress).as_mut())?;
    ran.errors.splice(0..0, errors);
    tell_errors(&ran.errors);
    if ran.excused > 0 {
        let _ = writeln!(
            io::stderr(),
            "obelus: nobody answered for a while; {} observations of that time count against nobody, and the next run asks again",
            ran.excused
        );
    }
    let history = known(&audit.database)?;
    if let Some(path) = &schedule.metrics {
        let (counts, now) = (history.counts(Timestamp::now())?, Timestamp::now());
        output::to_file(path, |out| audit::write_metrics(&ran, &counts, now, out))?;
    }
    let judged = |observation: &Observation| -> Verdict { judge(observation, &audit.fetch.hosts) };
    print(reading, loaded, &history, Some(&ran), &judged)?;
    exit_code(&history, &ran, reading.fail_on)
}

fn check_format(format: &str) -> anyhow::Result<()> {
    if report::renderer(format).is_none() {
        let names: Vec<&str> = report::RENDERERS.iter().map(|(name, _)| *name).collect();
        bail!("no format is called “{format}”; use one of {}", names.join(", "));
    }
    Ok(())
}

/// What may change a finding: the program, the rules, the configuration.
fn checked_with(reading: &Reading, loaded: &Loaded) -> String {
    format!(
        "{} {:?} select {:?} ignore {:?} confidence {} paths {:?} severities {:?}",
        env!("CARGO_PKG_VERSION"),
        read_as(reading),
        reading.select,
        reading.ignore,
        reading.min_confidence,
        loaded.sections.path,
        loaded.sections.severity
    )
}

fn status(
    reading: &Reading,
    history: &History,
    loaded: &Loaded,
    judged: &dyn Fn(&Observation) -> Verdict,
) -> anyhow::Result<u8> {
    check_format(&reading.format)?;
    print(reading, loaded, history, None, judged)?;
    Ok(0)
}

/// Writes what was asked for.
type Writer<'a> = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + 'a>;

/// The terminal and JSON tell of the history itself; every other format shows
/// the articles, as `check` would.
fn print(
    reading: &Reading,
    loaded: &Loaded,
    history: &History,
    ran: Option<&Ran>,
    judged: &dyn Fn(&Observation) -> Verdict,
) -> anyhow::Result<()> {
    let now = Timestamp::now();
    let write: Writer<'_> = match reading.format.as_str() {
        "terminal" => {
            let state = present(history, now, reading, ran, reading.verbose)?;
            Box::new(move |out| state.print(ran, reading.quiet, out))
        }
        "json" | "jsonl" => {
            let state = present(history, now, reading, ran, true)?;
            Box::new(move |out| state.print_json(ran, out))
        }
        format => {
            let paths =
                if ran.is_some() || reading.inputs.is_empty() { troubled(history)? } else { reading.inputs.clone() };
            let settings = check_settings(reading, &Known::default(), loaded)?;
            let report = audit::report(history, &paths, &read_as(reading), &settings, judged)?;
            let Some(render) = report::renderer(format) else { bail!("no format is called “{format}”") };
            let settings = RenderSettings {
                fail_on: reading.fail_on.limit(),
                verbose: reading.verbose,
                ..RenderSettings::default()
            };
            Box::new(move |out| render(&report, settings, out))
        }
    };
    match &reading.output {
        Some(path) => output::to_file(path, write),
        None => output::to_stdout(write).map(drop),
    }
}

/// Inputs narrow a status; those of a run say what it was to read.
fn present(
    history: &History,
    now: Timestamp,
    reading: &Reading,
    ran: Option<&Ran>,
    is_whole: bool,
) -> anyhow::Result<audit_lists::Present> {
    Ok(match (reading.inputs.as_slice(), ran) {
        ([], _) | (_, Some(_)) => audit_lists::Present::read(history, now, is_whole)?,
        (inputs, None) => audit_lists::Present::of(history, now, inputs)?,
    })
}

/// The articles with something to tell.
fn troubled(history: &History) -> anyhow::Result<Vec<String>> {
    let mut paths: BTreeSet<String> = history.findings()?.into_iter().map(|(path, _)| path).collect();
    for row in history.troubled(usize::MAX)? {
        paths.extend(history.articles_of(row.id)?);
    }
    Ok(paths.into_iter().collect())
}

/// A run's number, or the last one before a day.
fn run_of(since: &str, history: &History) -> anyhow::Result<i64> {
    if let Ok(run) = since.parse() {
        return Ok(run);
    }
    let day: jiff::civil::Date = since
        .parse()
        .ok()
        .with_context(|| format!("“{since}” is neither a run's number nor a day such as 2026-11-24"))?;
    Ok(history.run_before(Some(utc(day.at(0, 0, 0, 0))?))?)
}

/// A time of day in UTC, by which all days are counted here.
fn utc(time: jiff::civil::DateTime) -> anyhow::Result<Timestamp> {
    jiff::tz::TimeZone::UTC.to_timestamp(time).context("this day cannot be used")
}

fn export(
    history: &History,
    format: ExportFormat,
    output: Option<&Path>,
    judged: &dyn Fn(&Observation) -> Verdict,
) -> anyhow::Result<u8> {
    let mut lost = 0;
    let write = |out: &mut dyn Write| {
        lost = match format {
            ExportFormat::Jsonl => audit::export_lines(history, out)?,
            ExportFormat::Csv => audit::export_csv(history, judged, out)?,
        };
        Ok(())
    };
    match output {
        Some(path) => output::to_file(path, write)?,
        None => output::to_stdout(write).map(drop)?,
    }
    if lost > 0 {
        bail!("{} is damaged: {lost} observations could not be read and are missing", history.path().display());
    }
    Ok(0)
}

fn import(history: &HistoryFile, file: &Path, judged: &dyn Fn(&Observation) -> Verdict) -> anyhow::Result<u8> {
    let _lock = audit::Lock::take(&history.database, false)?;
    let history = History::open(&history.database)?;
    let now = Timestamp::now();
    let run = history.begin_run(now)?;
    let taken = if file == Path::new("-") {
        audit::import_lines(&history, run, io::stdin().lock())
    } else {
        let opened = std::fs::File::open(file).with_context(|| format!("{} could not be read", file.display()))?;
        audit::import_lines(&history, run, BufReader::new(opened))
    };
    // What came before a line that is none of ours is told all the same.
    history.rebuild(&rules(judged))?;
    history.end_run(run, Timestamp::now())?;
    let Taken { observations, controls, known } = taken.with_context(|| file.display().to_string())?;
    output::to_stdout(|out| {
        writeln!(
            out,
            "{observations} observations taken in, {controls} control requests; {known} were known already\nwhich articles cite them, `obelus audit run ARTICLES` finds out"
        )
    })
}

fn rules(judged: &dyn Fn(&Observation) -> Verdict) -> SettleRules<'_> {
    SettleRules { death: DeathRule::default(), recheck: RecheckRule::default(), judge: judged }
}

fn doctor(history: &HistoryFile, judged: &dyn Fn(&Observation) -> Verdict) -> anyhow::Result<u8> {
    let history = known(&history.database)?;
    let wrong = history.integrity()?;
    if !wrong.is_empty() {
        for line in &wrong {
            let _ = writeln!(io::stderr(), "obelus: {}", printable(line));
        }
        bail!("the history {} is damaged{}", history.path().display(), KIND.when_damaged);
    }
    let _lock = audit::Lock::take(history.path(), false)?;
    let mended = history.rebuild(&rules(judged))?;
    let counts = history.counts(Timestamp::now())?;
    let size = history.size()?;
    output::to_stdout(|out| {
        writeln!(out, "{}: whole", history.path().display())?;
        let kept = (counts.articles, counts.observations);
        writeln!(out, "{} articles, {} observations, {} KiB", kept.0, kept.1, size.div_ceil(1024))?;
        match mended {
            0 => writeln!(out, "every reference stands where its observations put it"),
            1 => writeln!(out, "1 reference stood elsewhere than its observations put it; mended"),
            _ => writeln!(out, "{mended} references stood elsewhere than their observations put them; mended"),
        }
    })
}

/// Writes the new addresses of moved pages, or shows what it would write.
/// `write` says whether files are replaced, and whether copies are kept.
fn fix(history: &History, inputs: &[String], write: Option<bool>) -> anyhow::Result<u8> {
    let mut moved = BTreeMap::new();
    let mut citing = BTreeSet::new();
    for row in history.troubled(usize::MAX)?.into_iter().filter(|row| row.story.state == State::Moved) {
        let Some(goal) = row.story.moved_to.clone() else { continue };
        citing.extend(history.articles_of(row.id)?);
        moved.insert(row.url, goal);
    }
    let paths = if inputs.is_empty() { citing.into_iter().collect() } else { inputs.to_vec() };
    let mut code = 0;
    for path in paths {
        if let Err(error) = fix_one(&path, &moved, write) {
            let _ = writeln!(io::stderr(), "obelus: {}: {}", printable(&path), printable(&format!("{error:#}")));
            code = FAILED;
        }
    }
    Ok(code)
}

fn fix_one(path: &str, moved: &BTreeMap<Url, Url>, write: Option<bool>) -> anyhow::Result<()> {
    let bytes = std::fs::read(path).context("it could not be read")?;
    let document = document::read(bytes.clone(), None, Some(path))?;
    let edits = audit::moved_edits(&document, moved);
    if edits.is_empty() {
        return Ok(());
    }
    if let Some(keeps_copy) = write {
        return repair::write(Path::new(path), &bytes, &document.rewrite(&bytes, &edits)?, keeps_copy);
    }
    let diff = unified_diff(path, &document.source, &edits.apply(&document.source));
    output::to_stdout(|out| out.write_all(diff.as_bytes())).map(drop)
}

/// What fails a run: of `new-error`, errors that this run found for the first
/// time; else anything so bad that stands now. Nothing that is acknowledged.
fn exit_code(history: &History, ran: &Ran, fail_on: FailOn) -> anyhow::Result<u8> {
    if !ran.errors.is_empty() {
        return Ok(FAILED);
    }
    let now = Timestamp::now();
    let acks: BTreeSet<String> =
        history.acks()?.into_iter().filter(|ack| ack.is_in_force(now)).map(|ack| ack.key).collect();
    let is_known = |key: &str| acks.contains(key);
    if fail_on == FailOn::NewError {
        let is_new_error = |change: &ChangeRow| {
            change.severity == "error" && matches!(change.kind.as_str(), "new" | "worse") && !is_known(&change.key)
        };
        return Ok(u8::from(ran.changes.iter().any(is_new_error)));
    }
    let Some(limit) = fail_on.limit() else { return Ok(0) };
    let is_bad = |severity: &str| match severity {
        "error" => true,
        "warning" => limit <= crate::finding::Severity::Warning,
        _ => limit <= crate::finding::Severity::Info,
    };
    let in_text = history.findings()?.iter().any(|(_, finding)| is_bad(&finding.severity) && !is_known(&finding.key));
    let in_links = history.troubled(usize::MAX)?.iter().any(|row| is_bad(row.severity()) && !is_known(&row.key()));
    Ok(u8::from(in_text || in_links))
}
