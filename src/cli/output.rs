//! Where reports go.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, bail};

/// Writes to standard output. A reader that has gone away is no failure.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<u8> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("standard output could not be written")
        }
        _ => Ok(0),
    }
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub(super) fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let failed = || format!("{} could not be written; the old file, if any, is untouched", path.display());
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        // A device or a pipe cannot be replaced, only written to.
        let mut out = BufWriter::new(std::fs::OpenOptions::new().write(true).open(path).with_context(failed)?);
        return write(&mut out).and_then(|()| out.flush()).with_context(failed);
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        bail!("{} could not be written: there is no folder {}; make it first", path.display(), folder.display());
    }
    // The kind alone: the error's own words name the file beside.
    let beside = tempfile::NamedTempFile::new_in(folder).map_err(|error| io::Error::from(error.kind()));
    let mut beside = beside.with_context(failed)?;
    let mut out = BufWriter::new(&mut beside);
    write(&mut out).and_then(|()| out.flush()).with_context(failed)?;
    drop(out);
    beside.as_file().sync_all().with_context(failed)?;
    set_usual_permissions(&beside, path);
    beside.persist(path).with_context(failed)?;
    Ok(())
}

/// A temporary file is private; a report is as readable as the file it
/// replaces, or as any new one.
#[cfg(unix)]
fn set_usual_permissions(file: &tempfile::NamedTempFile, path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().map_or(0o644, |meta| meta.permissions().mode() & 0o777);
    let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn set_usual_permissions(_: &tempfile::NamedTempFile, _: &Path) {}
