//! SQLite files of the program: the cache today, histories as well. Each kind
//! of file carries a number of its kind and the version of its schema, and is
//! brought up to date by its list of migrations when it is opened. Write-ahead
//! logging lets several runs share a file, and a run that is killed loses
//! nothing but the statement it was at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

/// A kind of database file.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What people call it: "cache".
    pub name: &'static str,
    /// SQLite's `application_id`; no two kinds share one.
    pub application_id: i32,
    /// The statements that make each version of the schema out of the one
    /// before it; the first makes version 1 out of nothing. Published ones are
    /// never changed, only followed by others.
    pub migrations: &'static [&'static str],
    /// What helps where the file is damaged, as the end of a sentence.
    pub when_damaged: &'static str,
}

/// How long a run waits for another that is writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a database could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file holds something else.
    #[error("{} is no {kind} of obelus; name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it should be.
        kind: &'static str,
    },
    /// A later version of the program has changed the schema.
    #[error("the {kind} {} was written by a newer obelus; use that one, or name another file", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// SQLite refuses.
    #[error("the {kind} {} cannot be used: {why}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
        /// Why, and what to do next.
        why: String,
    },
}

/// SQLite's own words, without the code and the name that surround them.
fn in_short(cause: &rusqlite::Error) -> String {
    match cause {
        rusqlite::Error::SqliteFailure(_, Some(words)) => words.clone(),
        rusqlite::Error::SqliteFailure(code, None) => code.to_string(),
        other => other.to_string(),
    }
}

/// What to do next, as far as the error tells.
fn advice(kind: Kind, cause: &rusqlite::Error) -> &'static str {
    match cause.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "; see that it and its folder may be written to",
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            "; see that the disk has room, then run again: what was kept before is safe"
        }
        Some(ErrorCode::CannotOpen) => "; see that its folder exists and may be written to",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "; another program uses it, run again later",
        Some(ErrorCode::DatabaseCorrupt) => kind.when_damaged,
        _ => "",
    }
}

/// Opens a database of this kind, made if it does not exist, its schema
/// brought up to date.
///
/// # Errors
///
/// Where the file is of another kind, of a later version, damaged, or cannot
/// be written.
pub fn open(path: &Path, kind: Kind) -> Result<Connection, DatabaseError> {
    prepare_patiently(path, kind).map_err(|trouble| match trouble {
        Trouble::Foreign => DatabaseError::Foreign { path: path.to_owned(), kind: kind.name },
        Trouble::Newer => DatabaseError::Newer { path: path.to_owned(), kind: kind.name },
        Trouble::Sqlite(source) => refused(path, kind, &source),
    })
}

/// The error for a statement that failed later.
#[must_use]
pub fn refused(path: &Path, kind: Kind, source: &rusqlite::Error) -> DatabaseError {
    let path = path.to_owned();
    if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return DatabaseError::Foreign { path, kind: kind.name };
    }
    DatabaseError::Refused { path, kind: kind.name, why: in_short(source) + advice(kind, source) }
}

enum Trouble {
    Foreign,
    Newer,
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// SQLite does not wait where a wait could be for ever: a run that turns a new
/// file to write-ahead logging while another does is refused at once. So the
/// whole is tried again.
fn prepare_patiently(path: &Path, kind: Kind) -> Result<Connection, Trouble> {
    const PAUSE: Duration = Duration::from_millis(20);
    const TRIES: u32 = 500;
    for _ in 1..TRIES {
        match prepare(path, kind) {
            Err(Trouble::Sqlite(error)) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
    prepare(path, kind)
}

fn prepare(path: &Path, kind: Kind) -> Result<Connection, Trouble> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    check_kind(&connection, kind)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // With a write-ahead log a crash of the machine may lose the last answers,
    // and never the file.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    migrate(&mut connection, kind)?;
    Ok(connection)
}

/// An empty file becomes ours; a file of somebody else's is not touched.
fn check_kind(connection: &Connection, kind: Kind) -> Result<(), Trouble> {
    // One statement, so that another run that makes the file meanwhile is seen
    // with both or with neither.
    let both = "SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)";
    let (id, tables): (i32, u32) = connection.query_row(both, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if id == kind.application_id || (id == 0 && tables == 0) { Ok(()) } else { Err(Trouble::Foreign) }
}

/// In one transaction, so that of two runs that open a new file at once one
/// makes it and the other finds it made.
fn migrate(connection: &mut Connection, kind: Kind) -> Result<(), Trouble> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(missing) = kind.migrations.get(done..) else {
        return Err(Trouble::Newer);
    };
    for (version, statements) in (version + 1..).zip(missing) {
        transaction.execute_batch(statements)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.pragma_update(None, "application_id", kind.application_id)?;
    }
    Ok(transaction.commit()?)
}
