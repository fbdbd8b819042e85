//! What people do with the history: acknowledge, take out and in, forget, look
//! after.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::verdict::Observation;

use super::read::{TargetRow, count};
use super::settle::observation;
use super::{History, HistoryError, TargetId, facts, target_id, time, wire};

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

impl History {
    /// All observations of one reference, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn observations(&self, target: TargetId) -> Result<Vec<Exported>, HistoryError> {
        let mut found = Vec::new();
        self.for_each("WHERE observations.target = ?1", params![target], &mut |one| found.push(one))?;
        Ok(found)
    }

    /// Hands over every observation, oldest first.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn export(&self, hear: &mut dyn FnMut(Exported)) -> Result<(), HistoryError> {
        self.for_each("", [], hear)
    }

    fn for_each(
        &self,
        condition: &str,
        values: impl rusqlite::Params,
        hear: &mut dyn FnMut(Exported),
    ) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            let mut statement = sql.prepare(&format!(
                "SELECT run, at, elapsed, packed, url, fallback, excuses.observation IS NOT NULL
                 FROM observations JOIN facts ON facts.id = facts JOIN targets ON targets.id = observations.target
                 LEFT JOIN excuses ON excuses.observation = observations.id {condition} ORDER BY observations.id"
            ))?;
            let mut rows = statement.query(values)?;
            while let Some(row) = rows.next()? {
                let packed: Vec<u8> = row.get(3)?;
                let url: String = row.get(4)?;
                if let Some(observation) = observation(&packed, &url, row.get(5)?, row.get(1)?, row.get(2)?) {
                    hear(Exported { run: row.get(0)?, is_excused: row.get(6)?, observation });
                }
            }
            Ok(())
        })
    }

    /// Takes in what another history exported; whether it was new.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn import(&self, run: i64, one: &Exported) -> Result<bool, HistoryError> {
        let observation = &one.observation;
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
            let facts = facts(sql, &packed)?;
            let elapsed = i64::try_from(observation.elapsed.as_millis()).unwrap_or(i64::MAX);
            sql.prepare_cached(
                "INSERT INTO observations (target, run, at, elapsed, facts) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![target, run, at, elapsed, facts])?;
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
        let keys: std::collections::BTreeSet<String> = self.troubled()?.iter().map(TargetRow::key).collect();
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

    /// Forgets all of a reference or of an article; whether there was any.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn forget(&self, subject: &str) -> Result<bool, HistoryError> {
        self.in_transaction(|sql| {
            let target: Option<TargetId> = sql
                .query_row("SELECT id FROM targets WHERE url = ?1", params![subject], |row| row.get(0))
                .optional()?;
            let document: Option<i64> = sql
                .query_row("SELECT id FROM documents WHERE path = ?1", params![subject], |row| row.get(0))
                .optional()?;
            if let Some(target) = target {
                for statement in [
                    "DELETE FROM excuses WHERE observation IN (SELECT id FROM observations WHERE target = ?1)",
                    "DELETE FROM observations WHERE target = ?1",
                    "DELETE FROM stories WHERE target = ?1",
                    "DELETE FROM citations WHERE target = ?1",
                    "DELETE FROM targets WHERE id = ?1",
                ] {
                    sql.execute(statement, params![target])?;
                }
            }
            if let Some(document) = document {
                for statement in [
                    "DELETE FROM citations WHERE document = ?1",
                    "DELETE FROM findings WHERE document = ?1",
                    "DELETE FROM documents WHERE id = ?1",
                ] {
                    sql.execute(statement, params![document])?;
                }
            }
            sql.execute("DELETE FROM changes WHERE subject = ?1", params![subject])?;
            Ok(target.is_some() || document.is_some())
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
            let said: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut wrong: Vec<String> = said.into_iter().filter(|line| line != "ok").collect();
            let dangling: u64 = count(sql, "SELECT count(*) FROM pragma_foreign_key_check")?;
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
