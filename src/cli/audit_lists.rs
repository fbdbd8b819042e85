//! What `obelus audit` prints, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::audit::Ran;
use crate::history::State;
use crate::report::{markdown_code, markdown_text, printable};
use crate::store::history::{
    Ack, ArticleFinding, ChangeRow, Counts, Exported, History, HistoryError, RunRow, TargetRow,
};
use crate::verdict::{Observation, Verdict};

use super::audit_arguments::ListFormat;

/// Lines of one list, unless all are wanted.
const FEW: usize = 50;

/// The present state.
pub(super) struct Present {
    /// Lines of one list.
    most: usize,
    counts: Counts,
    troubled: Vec<TargetRow>,
    findings: Vec<(String, ArticleFinding)>,
    runs: Vec<RunRow>,
    /// What is acknowledged now, in words, by key.
    known: BTreeMap<String, String>,
    /// Whether it is that of some articles only.
    is_narrow: bool,
}

impl Present {
    /// All of it, notes among it, or only what is shown to people.
    pub(super) fn read(history: &History, now: Timestamp, is_whole: bool) -> Result<Self, HistoryError> {
        let most = if is_whole { usize::MAX } else { FEW };
        Ok(Self {
            most,
            counts: history.counts(now)?,
            troubled: history.troubled(most)?,
            findings: if is_whole { history.findings()? } else { history.bad_findings(most)? },
            runs: history.runs(1)?,
            known: history
                .acks()?
                .into_iter()
                .filter(|ack| ack.is_in_force(now))
                .map(|ack| (ack.key, printable(&format!(" [acknowledged: {}]", ack.reason)).into_owned()))
                .collect(),
            is_narrow: false,
        })
    }

    /// The same for some articles or folders, all of it.
    pub(super) fn of(history: &History, now: Timestamp, inputs: &[String]) -> Result<Self, HistoryError> {
        let is_within = |path: &str| {
            inputs.iter().map(|input| input.trim_end_matches('/')).any(|input| {
                input == "." || path.strip_prefix(input).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        let mut present = Self { is_narrow: true, ..Self::read(history, now, true)? };
        present.findings.retain(|(path, _)| is_within(path));
        let mut troubled = Vec::new();
        for row in present.troubled {
            if history.articles_of(row.id)?.iter().any(|path| is_within(path)) {
                troubled.push(row);
            }
        }
        present.troubled = troubled;
        Ok(present)
    }

    /// What a run did and changed, or else all that is amiss; then the numbers.
    pub(super) fn print(&self, ran: Option<&Ran>, quiet: bool, out: &mut dyn Write) -> io::Result<()> {
        match ran {
            Some(ran) => changes_for_people(&ran.changes, self.most, out)?,
            None => self.print_troubled(out)?,
        }
        if self.is_narrow && self.troubled.is_empty() && self.findings.is_empty() && !quiet {
            writeln!(out, "nothing is amiss there")?;
        }
        if quiet || self.is_narrow {
            return Ok(());
        }
        if let Some(ran) = ran {
            writeln!(
                out,
                "run {}: {} of {} articles read, {} of {} due references observed{}",
                ran.run,
                ran.read,
                ran.articles,
                ran.observed,
                ran.due,
                if ran.observed < ran.due { "; the next run goes on with the rest" } else { "" }
            )?;
        } else if let Some(run) = self.runs.first() {
            let end = run.ended.map_or_else(|| "did not end".to_owned(), |at| format!("ended {}", minute(at)));
            writeln!(out, "run {} began {} and {end}; {} due now", run.id, minute(run.began), self.counts.due)?;
        }
        let states: Vec<String> = State::ALL
            .iter()
            .filter_map(|state| Some(format!("{} {}", self.counts.states.get(state)?, state.name())))
            .collect();
        let findings: Vec<String> =
            self.counts.findings.iter().map(|(severity, number)| format!("{number} {severity}")).collect();
        writeln!(out, "references: {}", or_none(&states))?;
        writeln!(out, "in the text of {}: {}", counted(self.counts.articles, "article"), or_none(&findings))?;
        if ran.is_some() && (!self.troubled.is_empty() || !self.findings.is_empty()) {
            writeln!(out, "`obelus audit status` lists all that is amiss, `obelus audit changes` what is new")?;
        }
        Ok(())
    }

    fn print_troubled(&self, out: &mut dyn Write) -> io::Result<()> {
        for row in &self.troubled {
            writeln!(
                out,
                "{:<8} {} {}: {}{}{}",
                row.story.state.name(),
                row.key(),
                printable(row.url.as_str()),
                printable(&row.details()),
                printable(&cited_in(row.article.as_deref(), row.articles)),
                self.known.get(&row.key()).map(String::as_str).unwrap_or_default()
            )?;
        }
        let well = [State::Alive, State::Unchecked].map(|state| self.counts.states.get(&state).copied().unwrap_or(0));
        let troubled = self.counts.states.values().sum::<u64>() - well.iter().sum::<u64>();
        and_more(troubled, self.most, out)?;
        for (path, finding) in self.findings.iter().filter(|(_, finding)| finding.severity != "info") {
            writeln!(
                out,
                "{:<8} {} {}:{}: {}: {}{}",
                finding.severity,
                finding.key,
                printable(path),
                finding.line,
                finding.rule,
                printable(&finding.message),
                self.known.get(&finding.key).map(String::as_str).unwrap_or_default()
            )?;
        }
        let bad = self.counts.findings.iter().filter(|(severity, _)| *severity != "info").map(|(_, number)| number);
        and_more(bad.sum(), self.most, out)
    }

    pub(super) fn print_json(&self, ran: Option<&Ran>, out: &mut dyn Write) -> io::Result<()> {
        let states: BTreeMap<&str, u64> = State::ALL
            .iter()
            .map(|state| (state.name(), self.counts.states.get(state).copied().unwrap_or(0)))
            .collect();
        let run = ran.map(|ran| {
            json!({
                "id": ran.run, "articles": ran.articles, "read": ran.read, "due": ran.due, "observed": ran.observed,
                "excused": ran.excused,
                "changes": ran.changes.iter().map(change).collect::<Vec<_>>(),
                "errors": ran.errors.iter().map(|error| json!({ "path": error.path, "message": error.message })).collect::<Vec<_>>(),
            })
        });
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|(path, finding)| {
                json!({
                    "path": path, "key": finding.key, "rule": finding.rule, "severity": finding.severity,
                    "line": finding.line, "message": finding.message,
                })
            })
            .collect();
        let state = json!({
            "schema_version": 1,
            "run": run,
            "articles": self.counts.articles,
            "references": states,
            "due": self.counts.due,
            "observations": self.counts.observations,
            "troubled": self.troubled.iter().map(target).collect::<Vec<_>>(),
            "findings": findings,
        });
        serde_json::to_writer_pretty(&mut *out, &state)?;
        writeln!(out)
    }
}

fn target(row: &TargetRow) -> Value {
    let story = &row.story;
    json!({
        "url": row.url.as_str(), "state": story.state.name(), "since": story.since.to_string(),
        "verdict": story.standing.name(), "rule": row.rule(), "severity": row.severity(), "key": row.key(),
        "first_seen": story.first_seen.to_string(),
        "last_checked": story.last_checked.map(|at| at.to_string()),
        "last_good": story.last_good.map(|at| at.to_string()),
        "due": row.due.to_string(), "checks": story.checks, "good": story.good,
        "moved_to": story.moved_to.as_ref().map(url::Url::as_str),
        "articles": row.articles, "message": row.in_words(),
    })
}

fn change(change: &ChangeRow) -> Value {
    json!({
        "run": change.run, "at": change.at.to_string(), "kind": change.kind, "subject": change.subject,
        "rule": change.rule, "severity": change.severity, "key": change.key, "message": change.message,
        "article": change.article, "articles": change.articles,
    })
}

/// Where a reference is cited.
fn cited_in(article: Option<&str>, articles: u64) -> String {
    match (article, articles) {
        (Some(article), 1) => format!(" (in {article})"),
        (Some(article), more) => format!(" (in {article} and {} more)", more.saturating_sub(1)),
        (None, _) => String::new(),
    }
}

pub(super) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn or_none(list: &[String]) -> String {
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}

fn and_more(all: u64, most: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(u64::try_from(most).unwrap_or(u64::MAX)) {
        0 => Ok(()),
        more => writeln!(out, "… and {more} more; --verbose lists them"),
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn changes(changes: &[ChangeRow], format: ListFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ListFormat::Terminal => changes_for_people(changes, usize::MAX, out),
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &changes.iter().map(change).collect::<Vec<_>>())?;
            writeln!(out)
        }
        ListFormat::Markdown => changes_for_a_message(changes, out),
    }
}

fn changes_for_people(changes: &[ChangeRow], most: usize, out: &mut dyn Write) -> io::Result<()> {
    // Notes on the text of new articles are no news; walls are.
    let told = changes
        .iter()
        .filter(|change| change.severity != "info" || change.kind != "new" || change.rule.starts_with("link/"));
    for change in told.clone().take(most) {
        writeln!(
            out,
            "{:<7} {} {} {}: {}{}",
            change.kind,
            change.key,
            change.rule,
            printable(&change.subject),
            printable(&change.message),
            printable(&cited_in(change.article.as_deref(), change.articles))
        )?;
    }
    and_more(u64::try_from(told.count()).unwrap_or(u64::MAX), most, out)
}

/// For an issue or a pull request: short enough to be posted.
fn changes_for_a_message(changes: &[ChangeRow], out: &mut dyn Write) -> io::Result<()> {
    if changes.is_empty() {
        return writeln!(out, "No changes.");
    }
    writeln!(out, "| change | where | what | key |\n| --- | --- | --- | --- |")?;
    for change in changes.iter().take(FEW) {
        let subject = markdown_code(&change.subject).replace('|', "%7C");
        writeln!(
            out,
            "| {} {} | {subject} | {}: {} | `{}` |",
            change.kind,
            change.severity,
            change.rule,
            markdown_text(&format!("{}{}", change.message, cited_in(change.article.as_deref(), change.articles))),
            change.key
        )?;
    }
    if changes.len() > FEW { writeln!(out, "\n… and {} more.", changes.len() - FEW) } else { Ok(()) }
}

pub(super) fn acks(acks: &[Ack], now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    for ack in acks {
        let until = ack.until.map_or_else(String::new, |until| format!(" until {}", until.strftime("%Y-%m-%d")));
        let state = match (ack.is_met, !ack.is_in_force(now)) {
            (false, _) => "matches nothing",
            (true, true) => "has run out",
            (true, false) => "in force",
        };
        writeln!(out, "{} {state}{until}: {}", printable(&ack.key), printable(&ack.reason))?;
    }
    Ok(())
}

/// What the history knows of one thing.
pub(super) enum Subject {
    Reference(Box<TargetRow>, Vec<Exported>, Vec<String>),
    Article(String, Vec<TargetRow>, Vec<(String, ArticleFinding)>),
}

impl Subject {
    pub(super) fn find(history: &History, subject: &str) -> Result<Option<Self>, HistoryError> {
        // People leave out the slash behind a host.
        let written = url::Url::parse(subject).map_or_else(|_| subject.to_owned(), |url| url.to_string());
        if let Some(row) = history.target(&written)? {
            let (seen, articles) = (history.observations(row.id)?, history.articles_of(row.id)?);
            return Ok(Some(Self::Reference(Box::new(row), seen, articles)));
        }
        let targets = history.targets_of(subject)?;
        let findings = history.findings_of(subject)?;
        let is_known = !targets.is_empty() || !findings.is_empty() || history.known_articles()?.contains_key(subject);
        Ok(is_known.then(|| Self::Article(subject.to_owned(), targets, findings)))
    }

    pub(super) fn print(&self, judged: &dyn Fn(&Observation) -> Verdict, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Reference(row, seen, articles) => {
                writeln!(out, "{}", printable(row.url.as_str()))?;
                writeln!(out, "{}: {}", row.story.state.name(), printable(&row.details()))?;
                writeln!(
                    out,
                    "first cited {}, {}, {} good, next due {}",
                    minute(row.story.first_seen),
                    counted(row.story.checks.into(), "check"),
                    row.story.good,
                    minute(row.due)
                )?;
                for article in articles {
                    writeln!(out, "cited in {}", printable(article))?;
                }
                for one in seen {
                    let (seen, verdict) = (&one.observation, judged(&one.observation));
                    let title = seen.page().and_then(|page| page.title.as_deref()).unwrap_or_default();
                    let status = seen.status().map_or_else(|| "-".to_owned(), |status| status.to_string());
                    let excused = if one.is_excused { " (our own network had failed)" } else { "" };
                    writeln!(
                        out,
                        "{} {} {status} {} {}{excused}",
                        minute(seen.at),
                        verdict.standing.name(),
                        verdict.reason,
                        printable(title)
                    )?;
                }
                Ok(())
            }
            Self::Article(path, targets, findings) => {
                writeln!(out, "{}", printable(path))?;
                for (_, finding) in findings {
                    writeln!(
                        out,
                        "{:<8} {} line {}: {}: {}",
                        finding.severity,
                        finding.key,
                        finding.line,
                        finding.rule,
                        printable(&finding.message)
                    )?;
                }
                for row in targets {
                    writeln!(
                        out,
                        "{:<8} {}: {}",
                        row.story.state.name(),
                        printable(row.url.as_str()),
                        printable(&row.details())
                    )?;
                }
                Ok(())
            }
        }
    }
}
