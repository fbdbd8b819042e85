//! The cache: good answers of earlier runs, so that the next one need not ask
//! again. What is good, and for how long, is `verdict`'s decision; this module
//! keeps and finds.
//!
//! An answer belongs to the question: the URL, its fallback, and the way it
//! was asked (another proxy, another connect-to rule or another limit may give
//! another answer). Each is written as it comes.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::verdict::{Observation, Outcome, Probe, Validators, is_fresh, is_reusable};

use super::database::{DatabaseError, Kind, open, refused};
use super::wire::{decode, encode};

/// Why the cache could not be used.
pub type CacheError = DatabaseError;

const KIND: Kind = Kind {
    name: "cache",
    // "obca"
    application_id: 0x6f62_6361,
    migrations: &["
        CREATE TABLE ways (
            id INTEGER PRIMARY KEY,
            way TEXT NOT NULL UNIQUE
        );
        CREATE TABLE answers (
            url TEXT NOT NULL,
            fallback TEXT NOT NULL,
            way INTEGER NOT NULL REFERENCES ways (id),
            at INTEGER NOT NULL,
            observation BLOB NOT NULL,
            PRIMARY KEY (url, fallback, way)
        ) WITHOUT ROWID;
        CREATE INDEX answers_by_age ON answers (at);
    "],
    when_damaged: "; remove it, and the next run makes a new one",
};

/// Answers older than this (or than the oldest that a run accepts) are
/// removed: a page that nobody cited for so long is not worth its place.
const LONGEST_KEPT: Duration = Duration::from_hours(24 * 180);

/// An observation that unpacks to more is not ours. Bytes.
const LARGEST: u64 = 256 << 20;

/// What the cache knows of a probe.
#[derive(Debug)]
pub enum Recalled {
    /// An answer that is young enough to stand.
    Fresh(Observation),
    /// An older one, whose server can say whether it still holds.
    Stale(Observation),
    /// Nothing of use.
    Nothing,
}

/// An open cache file.
#[derive(Debug)]
pub struct Cache {
    connection: Connection,
    path: PathBuf,
    way: i64,
    max_age: Duration,
}

impl Cache {
    /// Opens the cache, made if it does not exist. `way` names how this run
    /// asks; `now` decides what is too old to be kept.
    ///
    /// # Errors
    ///
    /// Where the file is no cache of ours or cannot be written.
    pub fn open(path: &Path, way: &str, max_age: Duration, now: Timestamp) -> Result<Self, CacheError> {
        let connection = open(path, KIND)?;
        let oldest = now.as_second().saturating_sub_unsigned(LONGEST_KEPT.max(max_age).as_secs());
        let prepared = connection
            .execute("DELETE FROM answers WHERE at < ?1", params![oldest])
            .and_then(|_| connection.execute("INSERT OR IGNORE INTO ways (way) VALUES (?1)", params![way]))
            .and_then(|_| connection.query_row("SELECT id FROM ways WHERE way = ?1", params![way], |row| row.get(0)));
        match prepared {
            Ok(way) => Ok(Self { connection, path: path.to_owned(), way, max_age }),
            Err(error) => Err(refused(path, KIND, &error)),
        }
    }

    /// Looks an answer up. One that cannot be read (another version wrote it)
    /// or that would no longer be judged good counts as none.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn recall(&self, probe: &Probe, now: Timestamp) -> Result<Recalled, CacheError> {
        let packed: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT observation FROM answers WHERE url = ?1 AND fallback = ?2 AND way = ?3")
            .and_then(|mut statement| {
                statement.query_row(params![probe.url.as_str(), fallback(probe), self.way], |row| row.get(0)).optional()
            })
            .map_err(|error| self.refused(&error))?;
        let Some(mut observation) = packed.and_then(|packed| unpack(&packed)) else {
            return Ok(Recalled::Nothing);
        };
        if observation.probe != *probe || !is_reusable(&observation) {
            return Ok(Recalled::Nothing);
        }
        observation.is_cached = true;
        if is_fresh(&observation, self.max_age, now) {
            return Ok(Recalled::Fresh(observation));
        }
        Ok(match Validators::of(&observation) {
            Some(_) => Recalled::Stale(observation),
            None => Recalled::Nothing,
        })
    }

    /// Keeps a good answer. A bad one makes the old one forgotten, so that the
    /// next run asks again, whatever age it accepts.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub fn keep(&self, observation: &Observation) -> Result<(), CacheError> {
        let probe = &observation.probe;
        // What was not asked, or not to the end, says nothing about what is known.
        if observation.is_cached || matches!(observation.outcome, Outcome::Withheld(_)) {
            return Ok(());
        }
        let kept = match pack(observation).filter(|_| is_reusable(observation)) {
            Some(packed) => self
                .connection
                .prepare_cached("INSERT OR REPLACE INTO answers VALUES (?1, ?2, ?3, ?4, ?5)")
                .and_then(|mut statement| {
                    let at = observation.at.as_second();
                    statement.execute(params![probe.url.as_str(), fallback(probe), self.way, at, packed])
                }),
            None => self
                .connection
                .prepare_cached("DELETE FROM answers WHERE url = ?1 AND fallback = ?2 AND way = ?3")
                .and_then(|mut statement| statement.execute(params![probe.url.as_str(), fallback(probe), self.way])),
        };
        kept.map(|_| ()).map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &rusqlite::Error) -> CacheError {
        refused(&self.path, KIND, error)
    }
}

fn fallback(probe: &Probe) -> &str {
    probe.fallback.as_ref().map_or("", |fallback| fallback.as_str())
}

fn pack(observation: &Observation) -> Option<Vec<u8>> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&encode(observation).ok()?).ok()?;
    packer.finish().ok()
}

fn unpack(packed: &[u8]) -> Option<Observation> {
    let mut bytes = Vec::new();
    DeflateDecoder::new(packed).take(LARGEST).read_to_end(&mut bytes).ok()?;
    decode(&bytes).ok()
}
