//! What outlives a run: observations come back from their wire form as they
//! were, tapes and caches hold what was put in, and files that are damaged,
//! strange or from another version are told apart.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use obelus::store::{Cache, Recalled, Tape, TapeError, TapeRecorder, decode, encode};
use obelus::verdict::{
    BodyExtent, Control, ControlKind, Held, Hop, Keep, NetworkFault, Observation, Outcome, PageFacts, Passage, Phase,
    Probe, Timing, TlsFault, Withheld,
};
use proptest::prelude::*;
use tempfile::TempDir;
use url::Url;

fn url() -> impl Strategy<Value = Url> {
    ("[a-z]{1,8}", "[ -~é平\u{7f}]{0,30}")
        .prop_map(|(host, rest)| Url::parse(&format!("https://{host}.test/{rest}")).expect("a URL"))
}

fn tls_fault() -> impl Strategy<Value = TlsFault> {
    prop_oneof![
        Just(TlsFault::Expired),
        Just(TlsFault::NotYetValid),
        Just(TlsFault::WrongName),
        Just(TlsFault::UnknownIssuer),
        Just(TlsFault::Revoked),
        Just(TlsFault::TooOld),
        any::<String>().prop_map(TlsFault::Other),
    ]
}

fn network_fault() -> impl Strategy<Value = NetworkFault> {
    prop_oneof![
        Just(NetworkFault::Refused),
        Just(NetworkFault::Reset),
        Just(NetworkFault::NoRoute),
        Just(NetworkFault::NoAddress),
        any::<String>().prop_map(NetworkFault::Protocol),
        any::<String>().prop_map(NetworkFault::Other),
    ]
}

fn withheld() -> impl Strategy<Value = Withheld> {
    prop::sample::select(vec![
        Withheld::Offline,
        Withheld::PrivateAddress,
        Withheld::Interrupted,
        Withheld::NoNetwork,
        Withheld::AskedToWait,
        Withheld::Robots,
        Withheld::Excluded,
        Withheld::Budget,
        Withheld::NotRecorded,
    ])
}

/// Words that are on block pages, so that every phrase comes up.
const BLOCK_PAGES: &[&str] = &[
    "access denied reference #1",
    "_incapsula_resource incapsula incident id",
    "/whywasiblocked denied because we believe you are using automation tools",
    "captcha-delivery.com sucuri website firewall - access denied",
    "the requested url was rejected. please consult with your administrator",
    "anubis_challenge /.within.website/x/cmd/anubis/",
    "a good page",
];

fn page() -> impl Strategy<Value = PageFacts> {
    let extents = vec![BodyExtent::Whole, BodyExtent::CutAtLimit, BodyExtent::Torn, BodyExtent::Unread];
    let kinds = vec![None, Some("text/html; charset=utf-8"), Some("text/plain"), Some("image/png")];
    (any::<String>(), prop::sample::select(BLOCK_PAGES), prop::sample::select(extents), prop::sample::select(kinds))
        .prop_map(|(title, words, extent, kind)| {
            let date = "<meta name=date content='2026-03-09'>";
            let mut page = PageFacts::read(format!("<title>{title}</title>{date}{words}").as_bytes(), kind, extent);
            let held = [Held::Verbatim, Held::Altered(title.clone()), Held::Absent, Held::Undecided];
            page.passages = held.map(|held| Passage { quoted: title.clone(), held }).into();
            page.passages.truncate(title.len() % 5);
            page
        })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let phases = vec![Phase::Resolve, Phase::Connect, Phase::Headers, Phase::Body];
    let headers = prop::collection::vec((any::<String>(), any::<String>()), 0..4);
    prop_oneof![
        (any::<u16>(), headers, prop::option::of(page())).prop_map(|(status, headers, page)| Outcome::Answered {
            status,
            headers,
            page: page.map(Box::new)
        }),
        Just(Outcome::NameNotFound),
        Just(Outcome::HostNotFound),
        Just(Outcome::NameTrouble),
        network_fault().prop_map(Outcome::Unreachable),
        tls_fault().prop_map(Outcome::Tls),
        prop::sample::select(phases).prop_map(Outcome::TimedOut),
        Just(Outcome::TooManyRedirects),
        Just(Outcome::BadRedirect),
        Just(Outcome::UnsupportedScheme),
        withheld().prop_map(Outcome::Withheld),
    ]
}

fn control(url: &Url, kind: ControlKind, outcome: Outcome) -> Control {
    let mut seen = Observation::withheld(Probe::new(url.clone()), Withheld::Offline, Timestamp::UNIX_EPOCH);
    seen.outcome = outcome;
    Control { kind, seen: Arc::new(seen) }
}

fn observation() -> impl Strategy<Value = Observation> {
    let hop = (url(), any::<u16>()).prop_map(|(url, status)| Hop { url, status });
    let way = (prop::collection::vec(hop, 0..4), prop::option::of(outcome()), outcome());
    let kind = prop::sample::select(vec![ControlKind::Sibling, ControlKind::Root]);
    let times = (any::<u32>(), any::<Duration>(), 0..4_000_000_000_i64, 0..1_000_000_000_i32, any::<bool>());
    let controls = prop::collection::vec((kind, outcome()), 0..2);
    (url(), prop::option::of(url()), url(), (way, controls), times).prop_map(
        |(url, fallback, final_url, ((hops, before_fallback, outcome), controls), times)| {
            let (attempts, elapsed, second, nanosecond, is_cached) = times;
            Observation {
                probe: Probe {
                    url: url.clone(),
                    fallback,
                    keep: Keep { text: is_cached, anchors: attempts % 2 == 0, source: false },
                },
                final_url,
                hops,
                before_fallback,
                outcome,
                controls: controls.into_iter().map(|(kind, outcome)| control(&url, kind, outcome)).collect(),
                attempts,
                elapsed,
                at: Timestamp::new(second, nanosecond).expect("a time"),
                is_cached,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn observations_come_back_as_they_were(observation in observation()) {
        let line = encode(&observation).expect("a wire form");
        prop_assert!(!line.contains(&b'\n'));
        prop_assert_eq!(decode(&line).expect("an observation"), observation);
    }

    #[test]
    fn tapes_hold_what_was_put_in(observations in prop::collection::vec(observation(), 0..8), requests in any::<u64>()) {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("tape");
        let timing = Timing { requests, beside: requests / 2, elapsed: Duration::from_millis(1500), optimum: Duration::from_secs(1) };
        record(&path, &observations, Some(timing));
        let mut tape = read(&path, &observations).expect("a tape");
        prop_assert_eq!(tape.timing(), Some(timing));
        // Of two observations of one URL the later counts.
        for observation in observations.iter().rev() {
            if let Some(found) = tape.take(&observation.probe.url) {
                prop_assert_eq!(&found, observation);
            }
        }
    }

    #[test]
    fn damaged_tapes_give_no_other_facts(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (_folder, path, whole) = sample_tape();
        let mut bytes = whole.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, &bytes).expect("a file");
        // A bit may mean nothing (gzip's time and system, padding); what is read is what was written.
        if let Ok(mut tape) = read(&path, &[sample()]) {
            prop_assert_eq!(tape.take(&sample().probe.url), Some(sample()));
        }
        let cut = whole.get(..at).expect("a part");
        std::fs::write(&path, cut).expect("a file");
        prop_assert!(read(&path, &[]).is_err());
    }
}

fn record(path: &Path, observations: &[Observation], timing: Option<Timing>) {
    TapeRecorder::create(path).expect("a recorder").write(observations, timing).expect("a tape");
}

fn read(path: &Path, wanted: &[Observation]) -> Result<Tape, TapeError> {
    Tape::read(path, &wanted.iter().map(|observation| &observation.probe.url).collect::<HashSet<_>>())
}

fn sample() -> Observation {
    let url: Url = "https://a.test/page".parse().expect("a URL");
    let mut page = PageFacts::read(b"<title>Good page</title>", Some("text/html"), BodyExtent::Whole);
    page.keep_only(Keep::default());
    Observation {
        probe: Probe::new(url.clone()),
        final_url: url,
        hops: Vec::new(),
        before_fallback: None,
        outcome: Outcome::Answered {
            status: 200,
            headers: vec![("etag".into(), "\"1\"".into())],
            page: Some(Box::new(page)),
        },
        controls: Vec::new(),
        attempts: 1,
        elapsed: Duration::from_millis(12),
        at: "2026-11-22T20:00:00Z".parse().expect("a time"),
        is_cached: false,
    }
}

fn sample_tape() -> (TempDir, PathBuf, Vec<u8>) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("tape");
    record(&path, &[sample()], None);
    let bytes = std::fs::read(&path).expect("the tape");
    (folder, path, bytes)
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}

#[test]
fn the_wire_form_stays_readable() {
    // Written by version 1; every later version must read it.
    let line = r#"{"form":1,"observation":{"probe":{"url":"https://a.test/page"},"final_url":"https://a.test/page",
        "outcome":{"answered":{"status":200,"headers":[["etag","\"1\""]],
        "page":{"media_type":"text/html","title":"Good page","size":24,"extent":"whole"}}},
        "attempts":1,"elapsed":{"secs":0,"nanos":12000000},"at":"2026-11-22T20:00:00Z"}}"#;
    assert_eq!(decode(line.as_bytes()).expect("an observation"), sample());
    let newer = r#"{"form":99,"observation":{"nothing":"we know"}}"#;
    assert!(decode(newer.as_bytes()).unwrap_err().to_string().contains("another version"));
    for damaged in ["", "{}", "[]", "null", "\u{0}", "{\"form\":1}", "{\"form\":1,\"observation\":{}}"] {
        assert!(decode(damaged.as_bytes()).unwrap_err().to_string().contains("damaged"), "{damaged}");
    }
}

#[test]
fn what_is_no_tape_is_said_to_be_none() {
    let (_folder, path, whole) = sample_tape();
    let line = String::from_utf8(encode(&sample()).unwrap()).unwrap();
    let head = "{\"obelus_tape\":1}\n";
    for (bytes, expected) in [
        (b"plain text".to_vec(), "is not a tape"),
        (Vec::new(), "is not a tape"),
        (gzip("{\"version\":1}\n"), "is not a tape"),
        (gzip(&"x".repeat(1 << 20)), "is not a tape"),
        (gzip("{\"obelus_tape\":99}\n"), "another version"),
        (gzip(&format!("{head}{{\"form\":99}}\n{{\"end\":1}}\n")), "another version"),
        (gzip(&format!("{head}{line}\n")), "damaged at line 3: its end is missing"),
        (gzip(&format!("{head}{line}\n{{\"end\":2}}\n")), "damaged at line 3: observations are missing"),
        (gzip(&format!("{head}{{\"end\":0}}\n{line}\n")), "damaged at line 3: something follows its last line"),
        (gzip(&format!("{head}{line}")), "damaged at line 2: a line does not end"),
        (gzip(&format!("{head}{{}}\n")), "damaged at line 2"),
        (whole[..whole.len() - 4].to_vec(), "damaged"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path, &[sample()]).expect_err("no tape").to_string();
        assert!(error.contains(expected), "{error}: {expected}");
    }
    std::fs::remove_file(&path).unwrap();
    assert!(read(&path, &[]).expect_err("nothing there").to_string().contains("could not be opened"));
    let nowhere = path.join("no/such/folder/tape");
    assert!(TapeRecorder::create(&nowhere).expect_err("no folder").to_string().contains("could not be written"));
}

#[test]
fn the_same_run_gives_the_same_tape() {
    let (_folder, path, first) = sample_tape();
    record(&path, &[sample()], None);
    assert_eq!(std::fs::read(&path).unwrap(), first);
}

const DAY: Duration = Duration::from_hours(24);

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn open(path: &Path, way: &str, now: &str) -> Cache {
    Cache::open(path, way, DAY, time(now)).expect("a cache")
}

fn recalled(cache: &Cache, probe: &Probe, now: &str) -> &'static str {
    match cache.recall(probe, time(now)).expect("a look-up") {
        Recalled::Fresh(_) => "fresh",
        Recalled::Stale(_) => "stale",
        Recalled::Nothing => "nothing",
    }
}

#[test]
fn good_answers_are_kept_and_grow_old() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cache");
    let good = sample();
    let mut bare = sample();
    bare.probe.url = "https://a.test/bare".parse().unwrap();
    bare.outcome = Outcome::Answered { status: 200, headers: Vec::new(), page: good.page().cloned().map(Box::new) };
    let mut bad = sample();
    bad.probe.url = "https://a.test/bad".parse().unwrap();
    bad.outcome = Outcome::Answered { status: 404, headers: Vec::new(), page: None };
    let cache = open(&path, "", "2026-11-22T20:00:00Z");
    for observation in [&good, &bare, &bad] {
        cache.keep(observation).unwrap();
    }
    drop(cache);
    let cache = open(&path, "", "2026-11-22T20:00:00Z");
    let (soon, late) = ("2026-11-23T19:00:00Z", "2026-11-23T21:00:00Z");
    assert_eq!([soon, late].map(|now| recalled(&cache, &good.probe, now)), ["fresh", "stale"]);
    assert_eq!([soon, late].map(|now| recalled(&cache, &bare.probe, now)), ["fresh", "nothing"]);
    assert_eq!([soon, late].map(|now| recalled(&cache, &bad.probe, now)), ["nothing", "nothing"]);
    let Recalled::Fresh(found) = cache.recall(&good.probe, time(soon)).unwrap() else { panic!("nothing") };
    assert!(found.is_cached);
    assert_eq!(Observation { is_cached: false, ..found }, good);
    // Another fallback is another question, and so is another way to ask.
    let with_fallback = Probe { fallback: Some("http://a.test/page".parse().unwrap()), ..good.probe.clone() };
    assert_eq!(recalled(&cache, &with_fallback, soon), "nothing");
    let elsewhere = open(&path, "connect-to *:443:127.0.0.1:1", "2026-11-22T20:00:00Z");
    assert_eq!(recalled(&elsewhere, &good.probe, soon), "nothing");
    // What no run would accept any more is removed.
    let much_later = open(&path, "", "2028-01-01T00:00:00Z");
    assert_eq!(recalled(&much_later, &good.probe, soon), "nothing");
}

#[test]
fn a_failure_makes_the_old_answer_forgotten_but_not_an_interruption() {
    let folder = TempDir::new().unwrap();
    let now = "2026-11-22T20:00:00Z";
    let cache = open(&folder.path().join("cache"), "", now);
    cache.keep(&sample()).unwrap();
    let mut later = sample();
    for (outcome, expected) in [
        (Outcome::Withheld(Withheld::Interrupted), "fresh"),
        (Outcome::Withheld(Withheld::NoNetwork), "fresh"),
        (Outcome::TimedOut(Phase::Headers), "nothing"),
    ] {
        later.outcome = outcome;
        cache.keep(&later).unwrap();
        assert_eq!(recalled(&cache, &later.probe, now), expected);
    }
}

#[test]
fn foreign_and_damaged_caches_are_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cache");
    let refused = |path: &Path| Cache::open(path, "", DAY, time("2026-11-22T20:00:00Z")).expect_err("no").to_string();
    std::fs::write(&path, "a letter to a friend, long enough to be no database at all").unwrap();
    assert!(refused(&path).contains("is no cache of obelus"));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a letter"));

    let other = folder.path().join("other");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection.execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    assert!(refused(&other).contains("is no cache of obelus"));

    let newer = folder.path().join("newer");
    drop(open(&newer, "", "2026-11-22T20:00:00Z"));
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(refused(&newer).contains("written by a newer obelus"));

    assert!(refused(&folder.path().join("no/such/folder")).contains("cannot be used"));

    let torn = folder.path().join("torn");
    let cache = open(&torn, "", "2026-11-22T20:00:00Z");
    cache.keep(&sample()).unwrap();
    let connection = rusqlite::Connection::open(&torn).unwrap();
    connection.execute("UPDATE answers SET observation = x'00ff'", []).unwrap();
    assert_eq!(recalled(&cache, &sample().probe, "2026-11-22T20:00:00Z"), "nothing");
}

#[test]
fn runs_share_a_cache() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cache");
    let now = "2026-11-22T20:00:00Z";
    std::thread::scope(|scope| {
        for run in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let cache = open(path, "", now);
                for n in 0..50 {
                    let mut seen = sample();
                    seen.probe.url = format!("https://a.test/{run}/{n}").parse().unwrap();
                    cache.keep(&seen).unwrap();
                }
            });
        }
    });
    let cache = open(&path, "", now);
    for run in 0..4 {
        for n in 0..50 {
            let probe = Probe::new(format!("https://a.test/{run}/{n}").parse().unwrap());
            assert_eq!(recalled(&cache, &probe, now), "fresh");
        }
    }
}
