//! Folders and globs, honouring ignore files.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use ignore::WalkBuilder;

use crate::document::{Format, format_of_path};
use crate::export;

use super::{Source, file};

/// The articles in a folder, by name.
pub(super) fn folder(path: &Path) -> Result<Vec<Source>, String> {
    let found = files_below(path, |path| match format_of_path(&path.to_string_lossy()) {
        Some(Format::Export) => holds_export(path),
        format => format.is_some(),
    })?;
    if found.is_empty() {
        return Err("no articles in this folder; name the files, or use --input-format on standard input".to_owned());
    }
    Ok(found)
}

/// Whether a JSON file is a raw export; most in a folder are settings.
fn holds_export(path: &Path) -> bool {
    /// So much of a file shows its shape.
    const LOOK: u64 = 1 << 22;
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOK).read_to_end(&mut start));
    read.is_ok() && export::is_export(&String::from_utf8_lossy(&start))
}

/// The files that a pattern matches, by name.
pub(super) fn glob(pattern: &str) -> Result<Vec<Source>, String> {
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| format!("this is no usable pattern: {error}"))?
        .compile_matcher();
    let fixed: PathBuf = Path::new(pattern)
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
        .collect();
    let root = if fixed.as_os_str().is_empty() { Path::new(".") } else { &fixed };
    let found =
        files_below(root, |path| matcher.is_match(path.strip_prefix("./").unwrap_or(path)) || matcher.is_match(path))?;
    if found.is_empty() {
        return Err("nothing matches this pattern".to_owned());
    }
    Ok(found)
}

fn files_below(root: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<Source>, String> {
    let mut paths = Vec::new();
    for entry in WalkBuilder::new(root).require_git(false).build() {
        let entry = entry.map_err(|error| format!("it could not be walked: {error}"))?;
        let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
        if is_file && wanted(entry.path()) {
            paths.push(entry.into_path());
        }
    }
    paths.sort();
    Ok(paths.into_iter().map(|path| file(path.strip_prefix("./").map(Path::to_path_buf).unwrap_or(path))).collect())
}
