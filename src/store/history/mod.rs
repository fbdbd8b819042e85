//! The history: every observation of every audit, and what follows from them.
//!
//! Observations and control requests are only ever added; stories, due dates
//! and changes are derived from them and can be made anew
//! ([`History::rebuild`]). An observation is committed as it comes, so a run
//! that is killed loses nothing that was answered; [`History::settle`] tells
//! the stories what they have not heard yet, in one transaction, whichever run
//! it came from.
//!
//! Ten million observations stay small because pages seldom change: what was
//! seen stands once in `facts`, without its time and its address, and an
//! observation of the same again is a row of numbers.

mod articles;
mod keep;
mod read;
mod schema;
mod settle;
mod stand;
mod tell;
mod wire;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};
use url::Url;

use crate::verdict::Observation;

use super::database::{self, DatabaseError};

pub use articles::{Article, ArticleFinding, CitedTarget, KnownArticle};
pub use keep::{Ack, Exported, Forgotten, HostControl};
pub use read::{ChangeRow, Counts, DueTarget, RunRow, TargetRow};
pub use schema::KIND;
pub use settle::{SettleRules, Settled};

/// Why the history could not be used.
pub type HistoryError = DatabaseError;

/// An open history.
#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
}

/// A reference's number in the history.
pub type TargetId = i64;

impl History {
    /// Opens the history, made if it does not exist.
    ///
    /// # Errors
    ///
    /// Where the file is no history, is damaged, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, HistoryError> {
        let connection = database::open(path, KIND)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Begins a run; its number.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn begin_run(&self, at: Timestamp) -> Result<i64, HistoryError> {
        self.try_sql(|sql| {
            sql.execute("INSERT INTO runs (began) VALUES (?1)", params![at.as_millisecond()])?;
            Ok(sql.last_insert_rowid())
        })
    }

    /// Ends a run.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn end_run(&self, run: i64, at: Timestamp) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            sql.execute("UPDATE runs SET ended = ?2 WHERE id = ?1", params![run, at.as_millisecond()]).map(drop)
        })
    }

    /// Keeps one observation, at once and for good.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn record(&self, run: i64, target: TargetId, observation: &Observation) -> Result<(), HistoryError> {
        let packed = wire::pack(observation);
        self.in_transaction(|sql| insert(sql, run, target, observation, &packed))
    }

    /// Sees to it that what was kept outlives a power cut, too; without, the
    /// last answers may be missing then, and are asked again.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn flush(&self) -> Result<(), HistoryError> {
        self.try_sql(|sql| sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())))
    }

    /// Keeps what a control request to a host showed.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn record_control(&self, host: &str, at: Timestamp, is_healthy: bool) -> Result<(), HistoryError> {
        self.try_sql(|sql| {
            let host = host_id(sql, host)?;
            sql.prepare_cached("INSERT INTO controls (host, at, is_healthy) VALUES (?1, ?2, ?3)")?
                .execute(params![host, at.as_millisecond(), is_healthy])
                .map(drop)
        })
    }

    fn try_sql<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        work(&self.connection).map_err(|error| database::refused(&self.path, KIND, &error))
    }

    fn in_transaction<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        self.try_sql(|sql| {
            // Immediate, so that two writers wait for each other and never fail half-way.
            let transaction = rusqlite::Transaction::new_unchecked(sql, rusqlite::TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
    }
}

fn insert(sql: &Connection, run: i64, target: TargetId, seen: &Observation, packed: &[u8]) -> rusqlite::Result<()> {
    let facts = facts(sql, packed)?;
    let elapsed = i64::try_from(seen.elapsed.as_millis()).unwrap_or(i64::MAX);
    sql.prepare_cached("INSERT INTO observations (target, run, at, elapsed, facts) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![target, run, seen.at.as_millisecond(), elapsed, facts])
        .map(drop)
}

/// The number of these facts, kept once.
fn facts(sql: &Connection, packed: &[u8]) -> rusqlite::Result<i64> {
    use rusqlite::OptionalExtension;
    let digest = wire::digest(packed);
    let known = sql
        .prepare_cached("SELECT id FROM facts WHERE digest = ?1 AND packed = ?2")?
        .query_row(params![digest, packed], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    sql.prepare_cached("INSERT INTO facts (digest, packed) VALUES (?1, ?2)")?.execute(params![digest, packed])?;
    Ok(sql.last_insert_rowid())
}

fn host_id(sql: &Connection, name: &str) -> rusqlite::Result<i64> {
    sql.prepare_cached("INSERT OR IGNORE INTO hosts (name) VALUES (?1)")?.execute(params![name])?;
    sql.prepare_cached("SELECT id FROM hosts WHERE name = ?1")?.query_row(params![name], |row| row.get(0))
}

/// The number of a target; `None` where its address has no host to ask.
fn target_id(sql: &Connection, url: &Url, fallback: Option<&Url>, at: Timestamp) -> rusqlite::Result<TargetId> {
    use rusqlite::OptionalExtension;
    let known = sql
        .prepare_cached("SELECT id FROM targets WHERE url = ?1")?
        .query_row(params![url.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let host = host_id(sql, url.host_str().unwrap_or_default())?;
    sql.prepare_cached("INSERT INTO targets (url, fallback, host, first_seen) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![url.as_str(), fallback.map(Url::as_str), host, at.as_millisecond()])?;
    let id = sql.last_insert_rowid();
    // As it is read again: in whole milliseconds.
    tell::write_new(sql, id, time(at.as_millisecond()))?;
    Ok(id)
}

/// A time as it is stored: milliseconds since 1970.
fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
