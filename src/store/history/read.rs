//! Questions to the history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use url::Url;

use crate::history::{State, Story};

use super::stand::{Stand, details, in_words, key_of};
use super::{ArticleFinding, History, HistoryError, TargetId, tell, time};

/// How many there are of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Articles.
    pub articles: u64,
    /// References that an article cites, by state.
    pub states: BTreeMap<State, u64>,
    /// Findings in articles, by severity.
    pub findings: BTreeMap<String, u64>,
    /// Observations of all times.
    pub observations: u64,
    /// References that are due.
    pub due: u64,
}

/// One reference.
#[derive(Debug, Clone)]
pub struct TargetRow {
    /// Its number.
    pub id: TargetId,
    /// Its address.
    pub url: Url,
    /// What is known of it.
    pub story: Story,
    /// When it is checked next.
    pub due: Timestamp,
    /// The articles that cite it.
    pub articles: u64,
    /// One of them.
    pub article: Option<String>,
}

impl TargetRow {
    /// The rule that reports it as it stands; empty where none does.
    #[must_use]
    pub fn rule(&self) -> String {
        Stand::of(&self.story).rule().0
    }

    /// How bad that is, by the contract's name.
    #[must_use]
    pub fn severity(&self) -> &'static str {
        Stand::of(&self.story).rule().1
    }

    /// The key by which it is acknowledged.
    #[must_use]
    pub fn key(&self) -> String {
        key_of(&self.rule(), self.url.as_str())
    }

    /// Where it stands, in a sentence that stands alone.
    #[must_use]
    pub fn in_words(&self) -> String {
        in_words(&self.story)
    }

    /// The same, for who knows its state.
    #[must_use]
    pub fn details(&self) -> String {
        details(&self.story)
    }
}

/// A reference that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTarget {
    /// Its number.
    pub id: TargetId,
    /// Its address.
    pub url: Url,
    /// What is asked where that cannot be connected to.
    pub fallback: Option<Url>,
    /// Whether an article quotes from it.
    pub is_quoted: bool,
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// The run that noted it.
    pub run: i64,
    /// Since when.
    pub at: Timestamp,
    /// A reference's address or an article's path.
    pub subject: String,
    /// The finding's key.
    pub key: String,
    /// Its rule.
    pub rule: String,
    /// How bad.
    pub severity: String,
    /// `new`, `worse`, `better`, `mended` or `moved`.
    pub kind: String,
    /// What.
    pub message: String,
    /// An article that cites the reference.
    pub article: Option<String>,
    /// How many do.
    pub articles: u64,
}

/// One run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunRow {
    /// Its number.
    pub id: i64,
    /// When it began.
    pub began: Timestamp,
    /// When it ended; `None` where it is under way or was killed.
    pub ended: Option<Timestamp>,
}

/// Ranks from this one on are worth telling.
const FROM_MOVED: i64 = 1;

impl History {
    /// The references that are due and still cited, the longest due first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn due(&self, now: Timestamp, most: usize) -> Result<Vec<DueTarget>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT id, url, fallback, EXISTS (SELECT 1 FROM quotations WHERE quotations.target = id)
                 FROM stories JOIN targets ON id = target
                 WHERE due <= ?1 AND EXISTS (SELECT 1 FROM citations WHERE citations.target = id)
                 ORDER BY due, id LIMIT ?2",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![now.as_millisecond(), most])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                let (url, fallback): (String, Option<String>) = (row.get(1)?, row.get(2)?);
                let Ok(url) = Url::parse(&url) else { continue };
                let fallback = fallback.and_then(|fallback| Url::parse(&fallback).ok());
                due.push(DueTarget { id: row.get(0)?, url, fallback, is_quoted: row.get(3)? });
            }
            Ok(due)
        })
    }

    /// What articles quote from a reference, at most `most` passages.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn quoted(&self, target: TargetId, most: usize) -> Result<Vec<String>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql
                .prepare_cached("SELECT DISTINCT quoted FROM quotations WHERE target = ?1 ORDER BY quoted LIMIT ?2")?;
            let rows =
                statement.query_map(params![target, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// The present state in numbers.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn counts(&self, now: Timestamp) -> Result<Counts, HistoryError> {
        self.try_sql(|sql| {
            let mut counts = Counts {
                articles: count(sql, "SELECT count(*) FROM documents")?,
                observations: count(sql, "SELECT count(*) FROM observations")?,
                ..Counts::default()
            };
            let due = "SELECT count(*) FROM stories WHERE due <= ?1
                       AND EXISTS (SELECT 1 FROM citations WHERE citations.target = stories.target)";
            counts.due = unsigned(sql.query_row(due, params![now.as_millisecond()], |row| row.get(0))?);
            let mut states = sql.prepare(
                "SELECT state, count(*) FROM stories
                 WHERE EXISTS (SELECT 1 FROM citations WHERE citations.target = stories.target) GROUP BY state",
            )?;
            let rows = states.query_map([], |row| Ok((row.get::<_, u32>(0)? as usize, row.get(1)?)))?;
            for row in rows {
                let (rank, number) = row?;
                counts.states.extend(State::ALL.get(rank).map(|state| (*state, unsigned(number))));
            }
            let mut findings = sql.prepare("SELECT severity, count(*) FROM findings GROUP BY severity")?;
            let rows = findings.query_map([], |row| Ok((row.get(0)?, unsigned(row.get(1)?))))?;
            counts.findings = rows.collect::<Result<_, _>>()?;
            Ok(counts)
        })
    }

    /// The cited references that are not simply alive, the worst first, at most
    /// `most` of them.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn troubled(&self, most: usize) -> Result<Vec<TargetRow>, HistoryError> {
        let unchecked = i64::try_from(State::Unchecked.rank()).unwrap_or_default();
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let which =
            "state >= ?1 AND state != ?2 AND EXISTS (SELECT 1 FROM citations WHERE citations.target = targets.id)
                     ORDER BY state DESC, url LIMIT ?3";
        self.try_sql(|sql| rows(sql, which, params![FROM_MOVED, unchecked, most]))
    }

    /// What is known of one reference.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn target(&self, url: &str) -> Result<Option<TargetRow>, HistoryError> {
        self.try_sql(|sql| Ok(rows(sql, "url = ?1", params![url])?.pop()))
    }

    /// Addresses and paths that hold these words, the shortest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn subjects_like(&self, words: &str, most: usize) -> Result<Vec<String>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare(
                "SELECT name FROM (SELECT url AS name FROM targets UNION SELECT path FROM documents)
                 WHERE instr(name, ?1) > 0 ORDER BY length(name), name LIMIT ?2",
            )?;
            let rows =
                statement.query_map(params![words, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// What is known of the references of one article.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn targets_of(&self, path: &str) -> Result<Vec<TargetRow>, HistoryError> {
        self.try_sql(|sql| {
            let of_article =
                "targets.id IN (SELECT target FROM citations JOIN documents ON documents.id = document WHERE path = ?1)
                              ORDER BY state DESC, url";
            rows(sql, of_article, params![path])
        })
    }

    /// The articles that cite a reference.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn articles_of(&self, target: TargetId) -> Result<Vec<String>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare_cached(
                "SELECT path FROM documents JOIN citations ON documents.id = document WHERE target = ?1 ORDER BY path",
            )?;
            let rows = statement.query_map(params![target], |row| row.get(0))?;
            rows.collect()
        })
    }

    /// What is wrong with articles.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn findings(&self) -> Result<Vec<(String, ArticleFinding)>, HistoryError> {
        self.findings_where("TRUE", usize::MAX, "")
    }

    /// What is wrong with one article.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn findings_of(&self, path: &str) -> Result<Vec<(String, ArticleFinding)>, HistoryError> {
        self.findings_where("path = ?2", usize::MAX, path)
    }

    /// What is wrong with articles and more than a note, at most `most` of it.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn bad_findings(&self, most: usize) -> Result<Vec<(String, ArticleFinding)>, HistoryError> {
        self.findings_where("severity != 'info'", most, "")
    }

    fn findings_where(
        &self,
        condition: &str,
        most: usize,
        path: &str,
    ) -> Result<Vec<(String, ArticleFinding)>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare(&format!(
                "SELECT path, key, rule, severity, line, message FROM findings JOIN documents ON documents.id = document
                 WHERE {condition} AND ?2 IS NOT NULL ORDER BY path, line, key LIMIT ?1"
            ))?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![most, path], |row| {
                let finding = ArticleFinding {
                    key: row.get(1)?,
                    rule: row.get(2)?,
                    severity: row.get(3)?,
                    line: row.get(4)?,
                    message: row.get(5)?,
                };
                Ok((row.get(0)?, finding))
            })?;
            rows.collect()
        })
    }

    /// What changed since a run (that one left out), oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn changes(&self, after_run: i64) -> Result<Vec<ChangeRow>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare(
                "SELECT run, at, subject, key, rule, severity, kind, message,
                    (SELECT count(*) FROM citations WHERE citations.target = targets.id),
                    (SELECT path FROM documents JOIN citations ON documents.id = document
                     WHERE citations.target = targets.id LIMIT 1)
                 FROM changes LEFT JOIN targets ON targets.url = subject WHERE run > ?1 ORDER BY changes.id",
            )?;
            let rows = statement.query_map(params![after_run], |row| {
                Ok(ChangeRow {
                    run: row.get(0)?,
                    at: time(row.get(1)?),
                    subject: row.get(2)?,
                    key: row.get(3)?,
                    rule: row.get(4)?,
                    severity: row.get(5)?,
                    kind: row.get(6)?,
                    message: row.get(7)?,
                    articles: unsigned(row.get(8)?),
                    article: row.get(9)?,
                })
            })?;
            rows.collect()
        })
    }

    /// The last run that had begun before `at`, or the last but one run.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn run_before(&self, at: Option<Timestamp>) -> Result<i64, HistoryError> {
        self.try_sql(|sql| match at {
            Some(at) => sql.query_row(
                "SELECT coalesce(max(id), 0) FROM runs WHERE began < ?1",
                params![at.as_millisecond()],
                |row| row.get(0),
            ),
            None => sql.query_row("SELECT coalesce(max(id), 1) - 1 FROM runs", [], |row| row.get(0)),
        })
    }

    /// The latest runs, the last first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn runs(&self, most: u32) -> Result<Vec<RunRow>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare("SELECT id, began, ended FROM runs ORDER BY id DESC LIMIT ?1")?;
            let rows = statement.query_map(params![most], |row| {
                let ended: Option<i64> = row.get(2)?;
                Ok(RunRow { id: row.get(0)?, began: time(row.get(1)?), ended: ended.map(time) })
            })?;
            rows.collect()
        })
    }
}

/// The references that `which` names. The articles of those alone are counted,
/// however many it had to choose from.
fn rows(sql: &Connection, which: &str, values: impl rusqlite::Params) -> rusqlite::Result<Vec<TargetRow>> {
    let mut statement = sql.prepare(&format!(
        "SELECT id, url, story, due,
            (SELECT count(*) FROM citations WHERE citations.target = chosen.id),
            (SELECT path FROM documents JOIN citations ON documents.id = document WHERE citations.target = chosen.id LIMIT 1)
         FROM (SELECT targets.id, url, story, due, state FROM stories JOIN targets ON targets.id = stories.target
               WHERE {which}) AS chosen ORDER BY state DESC, url"
    ))?;
    let mut found = statement.query(values)?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let (url, story): (String, String) = (row.get(1)?, row.get(2)?);
        if let (Ok(url), Some(story)) = (Url::parse(&url), tell::decode(&story)) {
            rows.push(TargetRow {
                id: row.get(0)?,
                url,
                story,
                due: time(row.get(3)?),
                articles: unsigned(row.get(4)?),
                article: row.get(5)?,
            });
        }
    }
    Ok(rows)
}

pub(super) fn count(sql: &Connection, question: &str) -> rusqlite::Result<u64> {
    sql.query_row(question, [], |row| row.get(0)).map(unsigned)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
