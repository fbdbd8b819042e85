//! Facts as they are stored: an observation without its time and its own
//! address. First the sketch of its text, cut and as bytes, for a sketch in
//! JSON is as large as all the rest; then the store's wire form, packed. Most
//! checks of a page see the very same bytes.

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::Timestamp;
use url::Url;

use crate::store::wire::{decode, encode};
use crate::verdict::{Observation, Outcome, PageFacts, Sketch};

/// Stands for the address that was asked.
const ITSELF: &str = "itself:/";

/// An observation that unpacks to more is not ours. Bytes.
const LARGEST: u64 = 64 << 20;

/// Hashes of a sketch that are kept, of each its upper half.
const KEPT: usize = 32;

/// The facts of an observation.
pub(super) fn pack(observation: &Observation) -> Vec<u8> {
    let mut facts = observation.clone();
    facts.at = Timestamp::UNIX_EPOCH;
    facts.elapsed = std::time::Duration::ZERO;
    facts.is_cached = false;
    if let Ok(itself) = Url::parse(ITSELF) {
        if facts.final_url == facts.probe.url {
            facts.final_url = itself.clone();
        }
        facts.probe.url = itself;
        facts.probe.fallback = None;
    }
    for control in &mut facts.controls {
        let seen = Arc::make_mut(&mut control.seen);
        seen.at = Timestamp::UNIX_EPOCH;
        seen.elapsed = std::time::Duration::ZERO;
        if let Some(page) = page_of(seen) {
            page.sketch = unfold(&fold(&page.sketch));
        }
    }
    let mut sketch = Vec::new();
    if let Some(page) = page_of(&mut facts) {
        sketch = fold(&std::mem::take(&mut page.sketch));
        (page.text, page.anchors) = (None, None);
    }
    let mut bytes = vec![u8::try_from(sketch.len()).unwrap_or_default()];
    bytes.extend(sketch.iter().flat_map(|hash| hash.to_be_bytes()));
    // Neither step fails: every observation has a wire form, and memory takes
    // what is written to it. Without facts the observation would be unknown.
    let form = encode(&facts).unwrap_or_default();
    let mut packer = DeflateEncoder::new(bytes, Compression::best());
    let _ = packer.write_all(&form);
    packer.finish().unwrap_or_default()
}

/// The observation with these facts; `None` where another version of the
/// program wrote them in a form that this one does not read.
pub(super) fn unpack(
    packed: &[u8],
    url: &Url,
    fallback: Option<&Url>,
    at: Timestamp,
    elapsed_ms: i64,
) -> Option<Observation> {
    let (count, rest) = packed.split_first()?;
    let (sketch, form) = rest.split_at_checked(usize::from(*count) * 4)?;
    let mut bytes = Vec::new();
    DeflateDecoder::new(form).take(LARGEST).read_to_end(&mut bytes).ok()?;
    let mut observation = decode(&bytes).ok()?;
    if let Some(page) = page_of(&mut observation) {
        let hashes: Vec<u32> =
            sketch.chunks_exact(4).filter_map(|hash| Some(u32::from_be_bytes(hash.try_into().ok()?))).collect();
        page.sketch = unfold(&hashes);
    }
    if observation.final_url.as_str() == ITSELF {
        observation.final_url = url.clone();
    }
    observation.probe.url = url.clone();
    observation.probe.fallback = fallback.cloned();
    observation.at = at;
    observation.elapsed = std::time::Duration::from_millis(u64::try_from(elapsed_ms).unwrap_or_default());
    Some(observation)
}

fn page_of(observation: &mut Observation) -> Option<&mut PageFacts> {
    match &mut observation.outcome {
        Outcome::Answered { page, .. } => page.as_deref_mut(),
        _ => None,
    }
}

fn fold(sketch: &Sketch) -> Vec<u32> {
    let upper = |hash: u64| u32::try_from(hash >> 32).unwrap_or(u32::MAX);
    sketch.to_minima().into_iter().take(KEPT).map(upper).collect()
}

fn unfold(hashes: &[u32]) -> Sketch {
    Sketch::from_minima(hashes.iter().map(|hash| u64::from(*hash) << 32).collect())
}

/// FNV-1a, 64 bits: to find equal bytes; they are compared in full.
pub(super) fn digest(bytes: &[u8]) -> i64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    i64::from_ne_bytes(hash.to_ne_bytes())
}
