//! The data export of a product, zipped as it was downloaded.
//!
//! Only the conversations are unpacked, into memory; no name in the archive
//! is ever a path of ours, so none can lead anywhere. What unpacks to far
//! more than it holds is refused.

use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Conversations pack to a tenth or a twentieth.
const MOST_PER_BYTE: u64 = 100;

/// The conversations in an archive; any other file as it is.
pub(super) fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Ok(bytes);
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes.as_slice())) else { return Ok(bytes) };
    let mut wanted: Vec<(usize, String)> = (0..archive.len())
        .filter_map(|index| Some((index, archive.name_for_index(index)?.ok()?.into_owned())))
        .filter(|(_, name)| is_conversations(name))
        .collect();
    if wanted.is_empty() {
        return Ok(bytes);
    }
    wanted.sort_by(|one, other| one.1.cmp(&other.1));
    let mut unpacked = Vec::new();
    for (index, name) in wanted {
        let failed = |error: &dyn std::fmt::Display| format!("{name} in this archive could not be unpacked: {error}");
        let file = archive.by_index(index).map_err(|error| failed(&error))?;
        let most = file.compressed_size().min(bytes.len() as u64).saturating_mul(MOST_PER_BYTE);
        let before = unpacked.len() as u64;
        file.take(most + 1).read_to_end(&mut unpacked).map_err(|error| failed(&error))?;
        if unpacked.len() as u64 - before > most {
            return Err(failed(&"it is far larger than the archive; unpack it and check the file"));
        }
        unpacked.push(b'\n');
    }
    Ok(unpacked)
}

/// `conversations.json`, or one of several where an account is large.
fn is_conversations(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.strip_prefix("conversations")
        .and_then(|rest| rest.strip_suffix(".json"))
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_')))
}
