//! From what the user names to bytes: files, folders, globs, standard input.
//!
//! Nothing here stops at the first failure: what cannot be read is reported
//! and the rest goes on.

mod archive;
mod walk;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use url::Url;

use crate::report::InputError;

/// One article to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The name it goes by in reports.
    pub name: String,
    /// Where its bytes are.
    pub place: SourcePlace,
}

/// Where an article's bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourcePlace {
    /// In a file.
    File(PathBuf),
    /// On standard input.
    Stdin,
    /// On the web.
    Web(Url),
}

/// The articles that the arguments name, in their order, each file once.
#[must_use]
pub fn expand(arguments: &[String], stdin_name: Option<&str>) -> (Vec<Source>, Vec<InputError>) {
    let mut sources: Vec<Source> = Vec::new();
    let mut errors = Vec::new();
    for argument in arguments {
        match expand_one(argument, stdin_name) {
            Ok(found) => sources.extend(found),
            Err(message) => errors.push(InputError { path: argument.clone(), message }),
        }
    }
    let mut seen = std::collections::HashSet::new();
    sources.retain(|source| seen.insert(source.name.clone()));
    (sources, errors)
}

fn expand_one(argument: &str, stdin_name: Option<&str>) -> Result<Vec<Source>, String> {
    if argument == "-" {
        let name = stdin_name.unwrap_or("-").to_owned();
        return Ok(vec![Source { name, place: SourcePlace::Stdin }]);
    }
    if argument.starts_with("http://") || argument.starts_with("https://") {
        let url = Url::parse(argument).map_err(|error| format!("this is no usable address: {error}"))?;
        return Ok(vec![Source { name: argument.to_owned(), place: SourcePlace::Web(url) }]);
    }
    let path = Path::new(argument);
    match path.metadata() {
        Ok(meta) if meta.is_dir() => walk::folder(path),
        Ok(_) => Ok(vec![file(path.to_path_buf())]),
        Err(_) if argument.contains(['*', '?', '[', '{']) => walk::glob(argument),
        Err(error) => Err(explain(&error)),
    }
}

fn file(path: PathBuf) -> Source {
    Source { name: path.to_string_lossy().into_owned(), place: SourcePlace::File(path) }
}

/// Offsets are 32 bits wide.
const LARGEST: u64 = u32::MAX as u64 - 1;

/// The bytes of a file or of standard input; of a zipped data export, its
/// conversations.
///
/// # Errors
///
/// A sentence that says why not, and what to do.
pub fn read(place: &SourcePlace) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    match place {
        SourcePlace::Stdin => read_up_to(io::stdin().lock(), &mut bytes)?,
        SourcePlace::File(path) => {
            let opened = File::open(path).map_err(|error| explain(&error))?;
            if let Ok(meta) = opened.metadata() {
                let size = usize::try_from(meta.len().min(LARGEST)).unwrap_or_default();
                bytes.reserve_exact(size + 1);
            }
            read_up_to(opened, &mut bytes)?;
        }
        SourcePlace::Web(url) => return Err(format!("{url} must be fetched, not read")),
    }
    archive::unpack(bytes)
}

/// Hands out a file, or the conversations of a zipped data export one after the
/// other, without holding them. Standard input is held, for a zipped export
/// ends with its list of contents.
///
/// # Errors
///
/// A sentence that says why not, and what to do. What `each` reads may fail
/// later.
pub fn stream(place: &SourcePlace, each: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
    if let SourcePlace::File(path) = place {
        return archive::stream(path, each);
    }
    each(&mut read(place)?.as_slice());
    Ok(())
}

fn read_up_to(reader: impl Read, bytes: &mut Vec<u8>) -> Result<(), String> {
    reader.take(LARGEST + 1).read_to_end(bytes).map_err(|error| explain(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err("larger than 4 GiB; split it and check the parts".to_owned());
    }
    Ok(())
}

/// Whether nothing is at `path`, which a link of the article `from` leads to.
/// Only places in the tree that the article and this process stand in are
/// looked at, links of the file system followed: a stranger's article must not
/// find out what else is on this machine. Elsewhere the answer is no, as it is
/// where nothing can be known. Sites name pages without their endings, so
/// those are tried, too.
#[must_use]
pub fn is_missing(path: &str, from: &str) -> bool {
    const ENDINGS: [&str; 5] = ["", ".md", ".html", "/index.md", "/index.html"];
    let folder = Path::new(from).parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let roots: Vec<PathBuf> = [folder, Path::new(".")].iter().filter_map(|root| root.canonicalize().ok()).collect();
    let is_inside = |place: &Path| roots.iter().any(|root| place.starts_with(root));
    // The folder that would hold it says whether it may be looked at.
    let known = Path::new(path).ancestors().skip(1).find_map(|ancestor| {
        let ancestor = if ancestor.as_os_str().is_empty() { Path::new(".") } else { ancestor };
        ancestor.canonicalize().ok()
    });
    if !known.is_some_and(|known| is_inside(&known)) {
        return false;
    }
    let is_absent = |ending: &&str| {
        let place = PathBuf::from(format!("{path}{ending}"));
        place
            .symlink_metadata()
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory)
    };
    ENDINGS.iter().all(is_absent)
}

fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder; check the spelling".to_owned(),
        io::ErrorKind::PermissionDenied => "you may not read this; check its permissions".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder".to_owned(),
        _ => format!("it could not be read: {error}"),
    }
}
