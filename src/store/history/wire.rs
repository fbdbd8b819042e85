//! Facts as they are stored: an observation without its time, its own address
//! and what judgement does not read. First the sketches of its texts, cut and
//! as bytes, for a sketch in JSON is as large as all the rest; then the store's
//! wire form, packed. Most checks of a page see the very same bytes.
//!
//! What all forms have in common is given to the packer beforehand, as a
//! dictionary (RFC 1950, 2.2): alone, an observation of a page takes some 270
//! bytes without it and 90 with it. A dictionary is never changed: another one
//! would need another [`MARK`].

use std::sync::Arc;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use jiff::Timestamp;
use url::Url;

use crate::store::wire::{decode, encode};
use crate::verdict::{Observation, Outcome, PageFacts, Sketch, is_judged_header};

/// Stands for the address that was asked.
const ITSELF: &str = "itself:/";

/// An observation that unpacks to more is not ours. Bytes.
const LARGEST: usize = 64 << 20;

/// Hashes of a sketch that are kept, of each its upper half.
const KEPT: usize = 32;

/// Begins what is packed with [`DICTIONARY`]. Version 1 of the schema began
/// with the number of hashes of its only sketch and knew no dictionary.
const MARK: u8 = 0x80;

/// What observations have in common, the commonest last.
const DICTIONARY: &[u8] = br#","before_fallback":"host-gone""name-trouble""bad-redirect""too-many-redirects""unsupported-scheme"{"tls":"expired""wrong-name""unknown-issuer""too-old"{"unreachable":"refused""reset""no-route""no-address"{"protocol":"{"other":"{"timed-out":"resolve""connect""headers""body""name-not-found""passages":[{"quoted":"","held":"verbatim""absent""undecided"{"altered":"is_free":true"torn""cut-at-limit""unread""phrases":["access-denied","reference-number"]"signs":["missing-title","missing-text","for-sale","parking-service","password-field","consent-framework","needs-scripts","refresh","scripts"]["cf-mitigated","challenge"],["retry-after","120"],text/plain; charset=UTF-8application/pdfapplication/jsontext/html;charset=UTF-8"language":"de""fr""es""published":"2026-01-01","hops":[{"url":"https://www."status":301},{"url":"http://www."status":302}],"controls":[{"kind":"sibling","seen":{"probe":{"url":"http://{"kind":"root","seen":{"probe":{"url":"https://www.","final_url":"https://www."status":404"status":403"status":503Not Found404 - Page not foundJust a moment...{"form":1,"observation":{"probe":{"url":"itself:/"},"final_url":"itself:/","outcome":{"answered":{"status":200,"headers":[["content-type","text/html; charset=utf-8"]],"page":{"media_type":"text/html","title":"","heading":"","language":"en","size":10,"extent":"whole","characters":1000,"words":100}}},"attempts":1,"elapsed":{"secs":0,"nanos":0},"at":"1970-01-01T00:00:00Z"}}"#;

/// The facts of an observation.
pub(super) fn pack(observation: &Observation) -> Vec<u8> {
    let mut facts = observation.clone();
    let mut sketches = Vec::new();
    strip(&mut facts, &mut sketches);
    if let Ok(itself) = Url::parse(ITSELF) {
        if facts.final_url == facts.probe.url {
            facts.final_url = itself.clone();
        }
        facts.probe.url = itself;
        facts.probe.fallback = None;
        facts.probe.keep = crate::verdict::Keep::default();
    }
    for control in &mut facts.controls {
        strip(Arc::make_mut(&mut control.seen), &mut sketches);
    }
    let mut bytes = vec![MARK | u8::try_from(sketches.len().min(0x7f)).unwrap_or_default()];
    for sketch in sketches.iter().take(0x7f) {
        bytes.push(u8::try_from(sketch.len()).unwrap_or_default());
        bytes.extend(sketch.iter().flat_map(|hash| hash.to_be_bytes()));
    }
    // Neither step fails: every observation has a wire form, and memory takes
    // what is written to it. Without facts the observation would be unknown.
    let form = encode(&facts).unwrap_or_default();
    bytes.extend(deflate(&form).unwrap_or_default());
    bytes
}

/// Takes out what is stored beside the facts, and what nobody reads later.
fn strip(seen: &mut Observation, sketches: &mut Vec<Vec<u32>>) {
    seen.at = Timestamp::UNIX_EPOCH;
    seen.elapsed = std::time::Duration::ZERO;
    seen.is_cached = false;
    if let Outcome::Answered { headers, .. } = &mut seen.outcome {
        headers.retain(|(name, _)| is_judged_header(name));
    }
    if let Some(page) = page_of(seen) {
        sketches.push(fold(&std::mem::take(&mut page.sketch)));
        (page.text, page.anchors) = (None, None);
    }
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
    let (first, mut rest) = packed.split_first()?;
    let is_marked = first & MARK != 0;
    let mut sketches = Vec::new();
    if is_marked {
        for _ in 0..first & !MARK {
            let count;
            (count, rest) = rest.split_first()?;
            sketches.push(take_sketch(&mut rest, usize::from(*count))?);
        }
    } else {
        sketches.push(take_sketch(&mut rest, usize::from(*first))?);
    }
    let mut observation = decode(&inflate(rest, if is_marked { DICTIONARY } else { &[] })?).ok()?;
    let mut sketches = sketches.into_iter();
    if let Some(page) = page_of(&mut observation) {
        page.sketch = sketches.next().unwrap_or_default();
    }
    if is_marked {
        let controls = observation.controls.iter_mut().map(|control| Arc::make_mut(&mut control.seen));
        for page in controls.filter_map(page_of) {
            page.sketch = sketches.next().unwrap_or_default();
        }
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

fn take_sketch(bytes: &mut &[u8], count: usize) -> Option<Sketch> {
    let (sketch, rest) = bytes.split_at_checked(count * 4)?;
    *bytes = rest;
    let upper = |hash: &[u8]| Some(u64::from(u32::from_be_bytes(hash.try_into().ok()?)) << 32);
    Some(Sketch::from_minima(sketch.chunks_exact(4).filter_map(upper).collect()))
}

fn deflate(form: &[u8]) -> Option<Vec<u8>> {
    let mut packer = Compress::new(Compression::best(), false);
    packer.set_dictionary(DICTIONARY).ok()?;
    let mut packed = Vec::with_capacity(256);
    loop {
        let read = usize::try_from(packer.total_in()).ok()?;
        match packer.compress_vec(form.get(read..)?, &mut packed, FlushCompress::Finish).ok()? {
            Status::StreamEnd => return Some(packed),
            _ => packed.reserve(packed.capacity()),
        }
    }
}

fn inflate(packed: &[u8], dictionary: &[u8]) -> Option<Vec<u8>> {
    let mut unpacker = Decompress::new(false);
    if !dictionary.is_empty() {
        unpacker.set_dictionary(dictionary).ok()?;
    }
    let mut form = Vec::with_capacity(1024);
    loop {
        let read = usize::try_from(unpacker.total_in()).ok()?;
        let before = form.len();
        match unpacker.decompress_vec(packed.get(read..)?, &mut form, FlushDecompress::Finish).ok()? {
            Status::StreamEnd => return Some(form),
            _ if form.len() > LARGEST || (form.len() == before && form.len() < form.capacity()) => return None,
            _ => form.reserve(form.capacity()),
        }
    }
}

/// FNV-1a, 64 bits: to find equal bytes; they are compared in full.
pub(super) fn digest(bytes: &[u8]) -> i64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    i64::from_ne_bytes(hash.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{BodyExtent, Control, ControlKind, Keep, Probe, Withheld};

    fn seen(url: &str, html: &str) -> Observation {
        let mut seen =
            Observation::withheld(Probe::new(url.parse().unwrap()), Withheld::Offline, Timestamp::UNIX_EPOCH);
        let mut page = PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole);
        page.keep_only(Keep::default());
        page.sketch =
            Sketch::from_minima(page.sketch.to_minima().into_iter().take(KEPT).map(|hash| hash >> 32 << 32).collect());
        let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        seen.outcome = Outcome::Answered { status: 200, headers, page: Some(Box::new(page)) };
        seen.attempts = 1;
        seen
    }

    #[test]
    fn facts_come_back_and_take_little_room() {
        let words = "The council met in the old hall and talked about the water and the wall. ".repeat(20);
        let html = format!("<html lang=en><title>Minutes of the 14th meeting of the council</title><p>{words}</p>");
        let mut whole = seen("https://a.org/page", &html);
        let bare = pack(&whole).len();
        assert!(bare < 160, "{bare}");
        let beside = Arc::new(seen("https://a.org/", &html));
        whole.controls.push(Control { kind: ControlKind::Root, seen: beside });
        let packed = pack(&whole);
        let unpacked = unpack(&packed, &whole.probe.url, None, whole.at, 0).unwrap();
        assert_eq!(unpacked, whole);
        for end in 0..packed.len() {
            assert_eq!(unpack(&packed[..end], &whole.probe.url, None, whole.at, 0), None);
        }
    }

    /// Written by version 1 of the schema.
    #[test]
    fn facts_without_a_dictionary_are_read() {
        let form = encode(&seen("https://a.org/page", "<title>Here</title>")).unwrap();
        let mut packer = flate2::write::DeflateEncoder::new(vec![1, 0, 0, 0, 9], Compression::best());
        std::io::Write::write_all(&mut packer, &form).unwrap();
        let url: Url = "https://b.org/".parse().unwrap();
        let unpacked = unpack(&packer.finish().unwrap(), &url, None, Timestamp::UNIX_EPOCH, 7).unwrap();
        let page = unpacked.page().unwrap();
        assert_eq!((page.title.as_deref(), page.sketch.to_minima()), (Some("Here"), vec![9 << 32]));
        assert_eq!(unpacked.probe.url, url);
    }
}
