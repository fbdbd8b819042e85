//! What people do with the history: acknowledge, take out and in, forget, look
//! after.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};

use crate::verdict::Observation;

use super::read::{TargetRow, count, unsigned};
use super::settle::{observation, set_settled, settled_up_to};
use super::{History, HistoryError, TargetId, host_id, insert, target_id, tell, time, wire};

/// A finding that somebody knows of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The finding's key.
    pub key: String,
    /// Why it is left alone.
    pub reason: String,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Since when.
    pub at: Timestamp,
    /// Whether there is still such a finding.
    pub is_met: bool,
}

impl Ack {
    /// Whether it still holds.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// An observation with the run that made it.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The run's number.
    pub run: i64,
    /// Whether it counts for nothing, for our own network had failed.
    pub is_excused: bool,
    /// What was seen.
    pub observation: Observation,
}

/// What a control request to a host showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostControl {
    /// The host.
    pub host: String,
    /// When.
    pub at: Timestamp,
    /// Whether it was answered in good health.
    pub is_healthy: bool,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forgotten {
    /// So many observations of a reference, which so many articles still cite.
    Reference {
        /// The observations.
        observations: usize,
        /// The articles.
        articles: u64,
    },
    /// An article.
    Article,
}

impl History {
    /// All observations of one reference, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn observations(&self, target: TargetId) -> Result<Vec<Exported>, HistoryError> {
        let mut found = Vec::new();
        let of_target = "WHERE observations.target = ?1 ORDER BY at, observations.id";
        self.try_sql(|sql| for_each(sql, of_target, target, &mut |_, one| found.push(one)))?;
        Ok(found)
    }

    /// Hands over every observation, oldest first; how many are lost. Where the
    /// file is damaged, what is whole is looked for row by row.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read at all.
    pub fn export(&self, hear: &mut dyn FnMut(Exported)) -> Result<u64, HistoryError> {
        let mut last = 0;
        self.try_sql(|sql| {
            let whole = for_each(sql, "WHERE observations.id > ?1 ORDER BY observations.id", 0, &mut |id, one| {
                last = id;
                hear(one);
            });
            match whole {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {}
                whole => return whole.map(|()| 0),
            }
            let end: i64 = sql.query_row("SELECT coalesce(max(id), 0) FROM observations", [], |row| row.get(0))?;
            let mut lost = 0;
            for id in last + 1..=end {
                match for_each(sql, "WHERE observations.id = ?1", id, &mut |_, one| hear(one)) {
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => lost += 1,
                    read => read?,
                }
            }
            Ok(lost)
        })
    }

    /// Takes in what another history exported, as of a run of this one; whether
    /// it was new.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn import(&self, one: &Exported) -> Result<bool, HistoryError> {
        let (run, observation) = (one.run, &one.observation);
        let packed = wire::pack(observation);
        self.in_transaction(|sql| {
            let probe = &observation.probe;
            let target = target_id(sql, &probe.url, probe.fallback.as_ref(), observation.at)?;
            let at = observation.at.as_millisecond();
            let known: bool = sql
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM observations WHERE target = ?1 AND at = ?2)")?
                .query_row(params![target, at], |row| row.get(0))?;
            if known {
                return Ok(false);
            }
            insert(sql, run, target, observation, &packed)?;
            if one.is_excused {
                sql.execute("INSERT INTO excuses (observation) VALUES (last_insert_rowid())", [])?;
            }
            sql.execute("UPDATE targets SET first_seen = min(first_seen, ?2) WHERE id = ?1", params![target, at])?;
            Ok(true)
        })
    }

    /// Acknowledges a finding.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn acknowledge(
        &self,
        key: &str,
        reason: &str,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            sql.execute(
                "INSERT OR REPLACE INTO acks (key, reason, until, at) VALUES (?1, ?2, ?3, ?4)",
                params![key, reason, until.map(Timestamp::as_millisecond), at.as_millisecond()],
            )
            .map(drop)
        })
    }

    /// All acknowledgements. Those of references are met where the reference
    /// still stands as it did.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn acks(&self) -> Result<Vec<Ack>, HistoryError> {
        if self.try_sql(|sql| count(sql, "SELECT count(*) FROM acks"))? == 0 {
            return Ok(Vec::new());
        }
        let keys: BTreeSet<String> = self.troubled(usize::MAX)?.iter().map(TargetRow::key).collect();
        self.try_sql(|sql| {
            let mut statement = sql.prepare(
                "SELECT key, reason, until, at, EXISTS (SELECT 1 FROM findings WHERE findings.key = acks.key) FROM acks ORDER BY at, key",
            )?;
            let rows = statement.query_map([], |row| {
                let key: String = row.get(0)?;
                let is_met = row.get::<_, bool>(4)? || keys.contains(&key);
                let until: Option<i64> = row.get(2)?;
                Ok(Ack { key, reason: row.get(1)?, until: until.map(time), at: time(row.get(3)?), is_met })
            })?;
            rows.collect()
        })
    }

    /// Hands over every control request, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn controls(&self, hear: &mut dyn FnMut(HostControl)) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare(
                "SELECT name, at, is_healthy FROM controls JOIN hosts ON hosts.id = host ORDER BY controls.id",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                hear(HostControl { host: row.get(0)?, at: time(row.get(1)?), is_healthy: row.get(2)? });
            }
            Ok(())
        })
    }

    /// Takes in a control request of another history; whether it was new.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn import_control(&self, control: &HostControl) -> Result<bool, HistoryError> {
        self.in_transaction(|sql| {
            let (host, at) = (host_id(sql, &control.host)?, control.at.as_millisecond());
            let added = sql
                .prepare_cached(
                    "INSERT INTO controls (host, at, is_healthy) SELECT ?1, ?2, ?3
                     WHERE NOT EXISTS (SELECT 1 FROM controls WHERE host = ?1 AND at = ?2)",
                )?
                .execute(params![host, at, control.is_healthy])?;
            Ok(added > 0)
        })
    }

    /// Forgets the past of a reference, or an article; `None` where neither is
    /// known. A reference that is still cited begins anew.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn forget(&self, subject: &str, now: Timestamp) -> Result<Option<Forgotten>, HistoryError> {
        self.in_transaction(|sql| {
            let id = |table: &str, column: &str| -> rusqlite::Result<Option<i64>> {
                sql.query_row(&format!("SELECT id FROM {table} WHERE {column} = ?1"), params![subject], |row| {
                    row.get(0)
                })
                .optional()
            };
            let forgotten = match (id("targets", "url")?, id("documents", "path")?) {
                (Some(target), _) => Some(forget_target(sql, target, now)?),
                (None, Some(document)) => Some(forget_article(sql, document)?),
                (None, None) => None,
            };
            sql.execute("DELETE FROM changes WHERE subject = ?1", params![subject])?;
            Ok(forgotten)
        })
    }

    /// What SQLite finds wrong with the file; empty where nothing is.
    ///
    /// # Errors
    ///
    /// Where it cannot even be looked at.
    pub fn integrity(&self) -> Result<Vec<String>, HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare("PRAGMA integrity_check(20)")?;
            let said: Result<Vec<String>, _> = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect);
            // The check itself may stumble over what it looks for.
            let said = match said {
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => vec![error.to_string()],
                said => said?,
            };
            let mut wrong: Vec<String> = said.into_iter().filter(|line| line != "ok").collect();
            // Only a whole file can be asked what its rows refer to.
            let dangling =
                if wrong.is_empty() { count(sql, "SELECT count(*) FROM pragma_foreign_key_check")? } else { 0 };
            if dangling > 0 {
                wrong.push(format!("{dangling} rows refer to rows that are not there"));
            }
            Ok(wrong)
        })
    }

    /// The size of the data in bytes.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn size(&self) -> Result<u64, HistoryError> {
        self.try_sql(|sql| count(sql, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
    }

    /// A note of the program's own.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn note(&self, name: &str) -> Result<Option<String>, HistoryError> {
        self.try_sql(|sql| {
            sql.query_row("SELECT value FROM notes WHERE name = ?1", params![name], |row| row.get(0)).optional()
        })
    }

    /// Writes a note.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn set_note(&self, name: &str, value: &str) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            sql.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?1, ?2)", params![name, value]).map(drop)
        })
    }
}

/// Hands over the observations that `which` names, each with its number.
fn for_each(sql: &Connection, which: &str, value: i64, hear: &mut dyn FnMut(i64, Exported)) -> rusqlite::Result<()> {
    let mut statement = sql.prepare_cached(&format!(
        "SELECT run, at, elapsed, packed, url, fallback, excuses.observation IS NOT NULL, observations.id
         FROM observations JOIN facts ON facts.id = facts JOIN targets ON targets.id = observations.target
         LEFT JOIN excuses ON excuses.observation = observations.id {which}"
    ))?;
    let mut rows = statement.query(params![value])?;
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(3)?;
        let url: String = row.get(4)?;
        if let Some(observation) = observation(&packed, &url, row.get(5)?, row.get(1)?, row.get(2)?) {
            hear(row.get(7)?, Exported { run: row.get(0)?, is_excused: row.get(6)?, observation });
        }
    }
    Ok(())
}

fn forget_target(sql: &Connection, target: TargetId, now: Timestamp) -> rusqlite::Result<Forgotten> {
    sql.execute(
        "DELETE FROM excuses WHERE observation IN (SELECT id FROM observations WHERE target = ?1)",
        params![target],
    )?;
    let observations = sql.execute("DELETE FROM observations WHERE target = ?1", params![target])?;
    // SQLite gives the numbers of the last rows out again, and what the
    // stories have heard is told by number.
    let last: i64 = sql.query_row("SELECT coalesce(max(id), 0) FROM observations", [], |row| row.get(0))?;
    if last < settled_up_to(sql)? {
        set_settled(sql, last)?;
    }
    let articles: i64 =
        sql.query_row("SELECT count(*) FROM citations WHERE target = ?1", params![target], |row| row.get(0))?;
    if articles == 0 {
        sql.execute("DELETE FROM stories WHERE target = ?1", params![target])?;
        sql.execute("DELETE FROM targets WHERE id = ?1", params![target])?;
    } else {
        sql.execute("UPDATE targets SET first_seen = ?2 WHERE id = ?1", params![target, now.as_millisecond()])?;
        tell::write_new(sql, target, time(now.as_millisecond()))?;
    }
    Ok(Forgotten::Reference { observations, articles: unsigned(articles) })
}

fn forget_article(sql: &Connection, document: i64) -> rusqlite::Result<Forgotten> {
    for table in ["citations", "quotations", "findings"] {
        sql.execute(&format!("DELETE FROM {table} WHERE document = ?1"), params![document])?;
    }
    sql.execute("DELETE FROM documents WHERE id = ?1", params![document])?;
    Ok(Forgotten::Article)
}
