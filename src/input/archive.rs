//! The data export of a product, zipped as it was downloaded.
//!
//! Only the conversations are unpacked; no name in the archive is ever a path
//! of ours, so none can lead anywhere. What unpacks to far more than it holds
//! is refused.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;

use zip::ZipArchive;

/// Conversations pack to a tenth or a twentieth.
const MOST_PER_BYTE: u64 = 100;

/// The conversations in an archive; any other file as it is.
pub(super) fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(MAGIC) {
        return Ok(bytes);
    }
    let size = bytes.len() as u64;
    let mut unpacked = Vec::new();
    let found = each_part(Cursor::new(bytes.as_slice()), size, &mut |reader| {
        reader.read_to_end(&mut unpacked)?;
        unpacked.push(b'\n');
        Ok(())
    })?;
    Ok(if found { unpacked } else { bytes })
}

const MAGIC: &[u8] = b"PK\x03\x04";

/// Hands out the conversations of a zipped data export one after the other, or
/// any other file as it is; nothing is held.
pub(super) fn stream(path: &Path, each: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
    let open = || File::open(path).map_err(|error| super::explain(&error));
    let mut magic = [0; 4];
    let is_zip = open()?.read_exact(&mut magic).is_ok() && magic == MAGIC;
    let size = path.metadata().map_or(0, |meta| meta.len());
    let mut hand_out = |reader: &mut dyn Read| {
        each(reader);
        Ok(())
    };
    if !is_zip || !each_part(BufReader::new(open()?), size, &mut hand_out)? {
        each(&mut open()?);
    }
    Ok(())
}

/// The conversations of an archive, in the order of their names; false where it
/// is none, or holds none.
fn each_part(
    archive: impl Read + Seek,
    size: u64,
    each: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
) -> Result<bool, String> {
    let Ok(mut archive) = ZipArchive::new(archive) else { return Ok(false) };
    let mut wanted: Vec<(usize, String)> = (0..archive.len())
        .filter_map(|index| Some((index, archive.name_for_index(index)?.ok()?.into_owned())))
        .filter(|(_, name)| is_conversations(name))
        .collect();
    wanted.sort_by(|one, other| one.1.cmp(&other.1));
    for (index, name) in &wanted {
        let failed = |error: &dyn std::fmt::Display| format!("{name} in this archive could not be unpacked: {error}");
        let file = archive.by_index(*index).map_err(|error| failed(&error))?;
        let left = file.compressed_size().min(size).saturating_mul(MOST_PER_BYTE);
        each(&mut Bounded { file, left }).map_err(|error| failed(&error))?;
    }
    Ok(!wanted.is_empty())
}

/// A file that may give so many bytes, and fails then.
struct Bounded<R> {
    file: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("it is far larger than the archive; unpack it and check the file")),
        }
        Ok(read)
    }
}

/// `conversations.json`, or one of several where an account is large.
fn is_conversations(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.strip_prefix("conversations")
        .and_then(|rest| rest.strip_suffix(".json"))
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_')))
}
