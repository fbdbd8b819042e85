//! One run at a time on one history. The system lets go of the lock when the
//! process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::beside;

/// Held while a run is under way.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run has it.
    #[error("{} is in use by {owner}; try again when that has ended (`obelus audit run --wait` waits for it), or name another file", path.display())]
    Taken {
        /// The history.
        path: PathBuf,
        /// Who has it.
        owner: String,
    },
    /// The lock file cannot be written.
    #[error("{} cannot be written: {source}; see that its folder exists and may be written to", path.display())]
    Unwritable {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Lock {
    /// Takes the lock of a history, or waits for it.
    ///
    /// # Errors
    ///
    /// Where another run has it and is not waited for.
    pub fn take(database: &Path, waits: bool) -> Result<Self, LockError> {
        let path = beside(database, "-lock");
        let refused = |source| LockError::Unwritable { path: path.clone(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(refused)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if waits => file.lock().map_err(refused)?,
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                let _ = (&file).take(200).read_to_string(&mut owner);
                let owner = if owner.is_empty() { "another run".to_owned() } else { owner.trim().to_owned() };
                return Err(LockError::Taken { path: database.to_owned(), owner });
            }
            Err(TryLockError::Error(source)) => return Err(refused(source)),
        }
        let owner =
            format!("process {}, since {}\n", std::process::id(), Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC"));
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(owner.as_bytes()))
            .map_err(refused)?;
        Ok(Self { _file: file })
    }
}
