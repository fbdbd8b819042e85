//! The tape: every observation of a run, to be judged again without the
//! network. `zcat` shows it: a first line that says what it is, one line per
//! observation (`wire`), a last line that says how many there
//! were and how long the asking took. A tape without its last line was cut.
//!
//! A tape is written whole at the end of a run or not at all. Reading one
//! takes memory for the observations that are wanted and for its longest
//! line, whatever else it holds, and ends at limits that no honest tape meets.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use url::Url;

use crate::verdict::{Keep, Observation, Timing};

use super::wire::{WireError, decode, encode, maybe_timing};

/// The version of the tape's own lines; the observations have their own.
const TAPE_VERSION: u32 = 1;

/// Longer lines are no observations: a page's text in JSON is at most six
/// times as long as the page. Bytes.
const LONGEST_LINE: u64 = 256 << 20;

/// A tape that unpacks to more is refused. Bytes.
const LARGEST: u64 = 64 << 30;

/// Why a tape could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file could not be written.
    #[error("the tape {} could not be written: {source}", path.display())]
    Write {
        /// The tape.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file could not be opened.
    #[error("the tape {} could not be opened: {source}", path.display())]
    Open {
        /// The tape.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a tape of obelus; --record writes one", path.display())]
    NoTape {
        /// The file.
        path: PathBuf,
    },
    /// The tape is of another version.
    #[error("the tape {} was written by another version of obelus; record it again", path.display())]
    OtherVersion {
        /// The tape.
        path: PathBuf,
    },
    /// The tape is cut, changed or too large.
    #[error("the tape {} is damaged at line {line}: {reason}; record it again", path.display())]
    Damaged {
        /// The tape.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// How.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
struct FirstLine {
    obelus_tape: u32,
}

#[derive(Serialize, Deserialize)]
struct LastLine {
    /// Observations before this line.
    end: u64,
    #[serde(with = "maybe_timing", default)]
    timing: Option<Timing>,
}

/// A tape to be written.
#[derive(Debug)]
pub struct TapeRecorder {
    path: PathBuf,
    beside: NamedTempFile,
}

impl TapeRecorder {
    /// Makes sure that a tape can be written there, before the network is
    /// asked for what it shall hold. The old file, if any, stays until
    /// [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// Where no file can be made in that folder.
    pub fn create(path: &Path) -> Result<Self, TapeError> {
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match NamedTempFile::new_in(folder) {
            Ok(beside) => Ok(Self { path: path.to_owned(), beside }),
            Err(source) => Err(TapeError::Write { path: path.to_owned(), source }),
        }
    }

    /// Writes the tape and puts it in its place. The same observations give
    /// the same bytes.
    ///
    /// # Errors
    ///
    /// Where the disk refuses.
    pub fn write<'a>(
        self,
        observations: impl IntoIterator<Item = &'a Observation>,
        timing: Option<Timing>,
    ) -> Result<(), TapeError> {
        let Self { path, mut beside } = self;
        let written = write_lines(beside.as_file_mut(), observations, timing)
            .and_then(|()| beside.as_file().sync_all())
            .and_then(|()| beside.persist(&path).map_err(|error| error.error));
        match written {
            Ok(_) => Ok(()),
            Err(source) => Err(TapeError::Write { path, source }),
        }
    }
}

fn write_lines<'a>(
    file: &mut File,
    observations: impl IntoIterator<Item = &'a Observation>,
    timing: Option<Timing>,
) -> io::Result<()> {
    let mut out = GzEncoder::new(BufWriter::new(file), Compression::default());
    let line = |out: &mut GzEncoder<_>, bytes: &[u8]| out.write_all(bytes).and_then(|()| out.write_all(b"\n"));
    line(&mut out, &serde_json::to_vec(&FirstLine { obelus_tape: TAPE_VERSION })?)?;
    let mut end = 0;
    for observation in observations {
        line(&mut out, &encode(observation).map_err(io::Error::other)?)?;
        end += 1;
    }
    line(&mut out, &serde_json::to_vec(&LastLine { end, timing })?)?;
    out.finish()?.flush()
}

/// What a tape holds of the wanted URLs.
#[derive(Debug)]
pub struct Tape {
    observations: HashMap<Url, Vec<Observation>>,
    timing: Option<Timing>,
}

impl Tape {
    /// Reads the whole tape and keeps the observations of `wanted` URLs, and
    /// what was seen in searches.
    ///
    /// # Errors
    ///
    /// Where it is no tape, of another version, or damaged anywhere.
    pub fn read(path: &Path, wanted: &HashSet<&Url>) -> Result<Self, TapeError> {
        let file = File::open(path).map_err(|source| TapeError::Open { path: path.to_owned(), source })?;
        let mut lines = Lines::new(file);
        let first = lines.next_line().ok().flatten().and_then(|line| serde_json::from_slice(line).ok());
        match first {
            Some(FirstLine { obelus_tape: TAPE_VERSION }) => {}
            Some(_) => return Err(TapeError::OtherVersion { path: path.to_owned() }),
            None => return Err(TapeError::NoTape { path: path.to_owned() }),
        }
        let mut observations = HashMap::new();
        match read_lines(&mut lines, wanted, &mut observations) {
            Ok(timing) => Ok(Self { observations, timing }),
            Err(LineError::OtherVersion) => Err(TapeError::OtherVersion { path: path.to_owned() }),
            Err(LineError::Damaged(reason)) => {
                Err(TapeError::Damaged { path: path.to_owned(), line: lines.number, reason })
            }
        }
    }

    /// The observation of `url`; a second call finds nothing.
    pub fn take(&mut self, url: &Url) -> Option<Observation> {
        let known = self.observations.get_mut(url)?;
        (!known.is_empty()).then(|| known.remove(0))
    }

    /// What a search saw at `url` and kept so; a second call finds nothing.
    pub fn take_searched(&mut self, url: &Url, keep: Keep) -> Option<Observation> {
        let known = self.observations.get_mut(url)?;
        let at = known.iter().position(|seen| seen.probe.keep == keep)?;
        Some(known.remove(at))
    }

    /// How long the recorded run took.
    #[must_use]
    pub fn timing(&self) -> Option<Timing> {
        self.timing
    }
}

enum LineError {
    OtherVersion,
    Damaged(String),
}

impl From<&str> for LineError {
    fn from(reason: &str) -> Self {
        Self::Damaged(reason.to_owned())
    }
}

fn read_lines(
    lines: &mut Lines,
    wanted: &HashSet<&Url>,
    observations: &mut HashMap<Url, Vec<Observation>>,
) -> Result<Option<Timing>, LineError> {
    let mut count = 0;
    while let Some(line) = lines.next_line()? {
        if line.starts_with(b"{\"end\":") {
            let last: LastLine = serde_json::from_slice(line).map_err(|error| LineError::Damaged(error.to_string()))?;
            if last.end != count {
                return Err("observations are missing".into());
            }
            // Reading on to the end checks the sum over the whole file.
            return match lines.next_line()? {
                None => Ok(last.timing),
                Some(_) => Err("something follows its last line".into()),
            };
        }
        let observation = decode(line).map_err(|error| match error {
            WireError::OtherVersion { .. } => LineError::OtherVersion,
            WireError::Damaged(error) => LineError::Damaged(error.to_string()),
        })?;
        count += 1;
        // What searches see follows from what they saw, so nobody knows it before.
        if wanted.contains(&observation.probe.url) || is_of_search(observation.probe.keep) {
            observations.entry(observation.probe.url.clone()).or_default().push(observation);
        }
    }
    Err("its end is missing".into())
}

fn is_of_search(keep: Keep) -> bool {
    (keep.source || keep.text) && !keep.anchors
}

/// Lines of an unpacked tape, within the limits.
struct Lines {
    unpacked: BufReader<io::Take<GzDecoder<BufReader<File>>>>,
    line: Vec<u8>,
    /// Lines begun so far.
    number: u64,
}

impl Lines {
    fn new(file: File) -> Self {
        let unpacked = BufReader::new(GzDecoder::new(BufReader::new(file)).take(LARGEST));
        Self { unpacked, line: Vec::new(), number: 0 }
    }

    fn next_line(&mut self) -> Result<Option<&[u8]>, LineError> {
        self.number += 1;
        self.line.clear();
        let read = (&mut self.unpacked).take(LONGEST_LINE).read_until(b'\n', &mut self.line);
        let is_whole = self.line.pop_if(|last| *last == b'\n').is_some();
        match read {
            Ok(0) => Ok(None),
            Ok(_) if is_whole => Ok(Some(&self.line)),
            Ok(_) => Err("a line does not end".into()),
            Err(error) => Err(LineError::Damaged(error.to_string())),
        }
    }
}
