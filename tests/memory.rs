//! What the program keeps between runs, as people use it: a tape that replays
//! to the same bytes, a cache that spares the second run its requests, runs
//! that are killed in the middle.

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

mod loopback;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use loopback::{Act, Seen, Server, answer, page, redirect};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with an article of these links, and a server for all of them.
struct Desk {
    folder: TempDir,
    server: Server,
}

impl Desk {
    fn new(links: &[&str], script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let lines: String = links.iter().map(|link| format!("See [this]({link}) for more.\n\n")).collect();
        std::fs::write(folder.path().join("article.md"), lines).unwrap();
        Self { folder, server: Server::plain(script) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
        command
            .current_dir(self.folder.path())
            .args(["check", "--host-interval", "0s", "--retries", "0", "--connect-to", &self.server.rule("*", "80")])
            .args(flags)
            .arg("article.md");
        command
    }

    fn run(&self, flags: &[&str]) -> Output {
        self.command(flags).output().unwrap()
    }

    fn report(&self, flags: &[&str]) -> Value {
        let output = self.run(&[flags, &["--format", "json"]].concat());
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("no report: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let resolutions = report["resolutions"].as_array().unwrap();
    resolutions.iter().map(|entry| (text(&entry["verdict"]), text(&entry["reason"]))).collect()
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(one, other)| (one.to_owned(), other.to_owned())).into()
}

fn script(seen: &Seen) -> Act {
    match seen.path.as_str() {
        "/good" => answer(200, &[("content-type", "text/html"), ("etag", "\"1\"")], "<title>Good \u{1b}[31m</title>"),
        "/moved" => redirect(301, "/good"),
        "/gone" => page(404, "no"),
        "/closed" => Act::Raw(Vec::new()),
        _ => page(503, "no"),
    }
}

const LINKS: [&str; 6] = [
    "http://a.test/good",
    "http://a.test/moved",
    "http://b.test/gone",
    "http://b.test/closed",
    "http://c.test/busy",
    "http://left.test/out",
];

#[test]
fn a_tape_replays_to_the_same_bytes() {
    let desk = Desk::new(&LINKS, script);
    let filter = ["--exclude", "//left"];
    for format in ["json", "jsonl", "terminal"] {
        // From the second run on, some of it comes from the cache.
        let first = desk.run(&[&filter[..], &["--format", format, "--cache", "cache", "--record", "tape"]].concat());
        let asked = desk.server.seen().len();
        let again = desk.run(&[&filter[..], &["--format", format, "--replay", "tape"]].concat());
        assert_eq!(String::from_utf8_lossy(&first.stdout), String::from_utf8_lossy(&again.stdout), "{format}");
        assert_eq!(first.status.code(), again.status.code());
        assert_eq!(desk.server.seen().len(), asked, "a replay asks nothing");
        assert!(!first.stdout.contains(&0x1b), "nothing of a server reaches the terminal as it is");
    }
    let report = desk.report(&["--replay", "tape"]);
    let left_out = verdicts(&report).pop().unwrap();
    assert_eq!(left_out, ("not-checked".to_owned(), "not-recorded".to_owned()));
}

#[test]
fn an_unusable_tape_or_cache_ends_the_run_before_it_asks() {
    let desk = Desk::new(&LINKS, script);
    std::fs::write(desk.path("letter"), "a letter to a friend, long enough to be no database at all").unwrap();
    for (flags, words) in [
        (["--replay", "letter"], "is not a tape of obelus"),
        (["--replay", "nothing"], "could not be opened"),
        (["--record", "no/such/folder/tape"], "could not be written"),
        (["--cache", "letter"], "is no cache of obelus"),
        (["--cache", "no/such/folder/cache"], "cannot be used"),
    ] {
        let output = desk.run(&flags);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(error.contains(words) && error.trim_end().lines().count() == 1, "{flags:?}: {error}");
    }
    assert_eq!(desk.run(&["--replay", "x", "--record", "y"]).status.code(), Some(2));
    assert_eq!(desk.server.seen().len(), 0);
}

/// lycheeverse/lychee#2190, #1734, #1783: errors were cached. #1818: answers of
/// one way to ask were taken for those of another.
#[test]
fn good_answers_are_not_asked_again_and_failures_are() {
    let desk = Desk::new(&LINKS, script);
    let first = desk.report(&["--cache", "cache"]);
    let asked = desk.server.seen().len();
    let second = desk.report(&["--cache", "cache"]);
    assert_eq!(verdicts(&first), verdicts(&second));
    let cached: Vec<bool> =
        second["resolutions"].as_array().unwrap().iter().map(|entry| entry["cached"].as_bool().unwrap()).collect();
    assert_eq!(cached, [true, true, false, false, false, false]);
    // Two good answers, one of them over a redirect, are not asked again.
    assert_eq!(desk.server.seen().len(), asked + asked - 3);
    // Another way to ask is another answer.
    let third = desk.report(&["--cache", "cache", "--user-agent", "another"]);
    assert_eq!(third["resolutions"][0]["cached"], false);
}

#[test]
fn old_answers_are_asked_whether_they_still_hold() {
    let desk = Desk::new(&["http://a.test/same", "http://a.test/changed", "http://a.test/moved"], |seen| {
        let is_known = seen.header("if-none-match") == Some("\"1\"");
        let dated = seen.header("if-modified-since") == Some("Sun, 22 Nov 2026 20:00:00 GMT");
        match (seen.path.as_str(), seen.nth) {
            ("/moved", _) => redirect(301, "/goal"),
            ("/goal", 0) => answer(200, &[("last-modified", "Sun, 22 Nov 2026 20:00:00 GMT")], "<title>Goal</title>"),
            ("/goal", _) if dated => answer(304, &[], ""),
            ("/same" | "/changed", 0) => {
                answer(200, &[("content-type", "text/html"), ("etag", "\"1\"")], "<title>First</title>")
            }
            ("/same", _) if is_known => answer(304, &[("etag", "\"1\"")], ""),
            ("/changed", _) if is_known => answer(200, &[("content-type", "text/html")], "<title>Second</title>"),
            _ => page(500, "nobody said what is known"),
        }
    });
    let titles = |report: &Value| -> Vec<String> {
        let resolutions = report["resolutions"].as_array().unwrap();
        resolutions.iter().map(|entry| entry["title"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let flags = ["--cache", "cache", "--max-age", "0s"];
    assert_eq!(titles(&desk.report(&flags)), ["First", "First", "Goal"]);
    // Ages count in whole moments; a moment must pass.
    std::thread::sleep(Duration::from_millis(20));
    let second = desk.report(&flags);
    assert_eq!(titles(&second), ["First", "Second", "Goal"]);
    assert_eq!(
        verdicts(&second),
        pairs([("alive", "answered"), ("alive", "answered"), ("moved", "permanent-redirect")])
    );
    assert_eq!(second["resolutions"][0]["cached"], false, "it was asked");
    assert_eq!(second["resolutions"][0]["status"], 200);
    assert_eq!(desk.server.count("a.test", "/same"), 2);
}

/// lycheeverse/lychee#840: what the cache held was not judged by the statuses
/// that are accepted now.
#[test]
fn what_is_accepted_is_decided_anew() {
    let desk = Desk::new(&["http://a.test/walled"], |_| page(403, "no"));
    let standing = |desk: &Desk| verdicts(&desk.report(&["--cache", "cache"]))[0].0.clone();
    std::fs::write(desk.path("obelus.toml"), "[host.\"a.test\"]\naccept = [403]\n").unwrap();
    assert_eq!(standing(&desk), "alive");
    std::fs::remove_file(desk.path("obelus.toml")).unwrap();
    assert_eq!(standing(&desk), "blocked");
    assert_eq!(desk.server.count("a.test", "/walled"), 2, "a failure is asked again, accepted or not");
}

/// A run that is killed has kept what it knew by then, and leaves a file that
/// the next run can use; lychee writes its cache once, at the end.
#[cfg(unix)]
#[test]
fn a_killed_run_has_kept_what_it_knew() {
    let desk = Desk::new(&["http://a.test/good", "http://b.test/stalls"], |seen| match seen.path.as_str() {
        "/good" => page(200, "<title>Good</title>"),
        _ => Act::Stall(Vec::new()),
    });
    let mut child = desk
        .command(&["--cache", "cache", "--timeout", "600s"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_mins(1);
    while kept(&desk.path("cache")) == 0 {
        assert!(Instant::now() < patience, "the good answer is written as it comes");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let asked = desk.server.count("a.test", "/good");
    let report = desk.report(&["--cache", "cache", "--timeout", "1s"]);
    assert_eq!(report["resolutions"][0]["cached"], true);
    assert_eq!(desk.server.count("a.test", "/good"), asked);
}

fn kept(path: &Path) -> u32 {
    rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|connection| connection.query_row("SELECT count(*) FROM answers", [], |row| row.get(0)))
        .unwrap_or(0)
}

#[test]
fn runs_at_once_share_a_cache() {
    let links: Vec<String> = (0..40).map(|n| format!("http://h{n}.test/")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let desk = Desk::new(&links, |_| page(200, "<title>Good</title>"));
    let runs: Vec<_> = (0..4)
        .map(|_| desk.command(&["--cache", "cache"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(kept(&desk.path("cache")), 40);
}

/// A redirect to what is left out is on the tape, for it was seen.
#[test]
fn redirects_to_what_is_left_out_are_not_followed() {
    let desk = Desk::new(&["http://a.test/to"], |seen| match seen.host.as_str() {
        "a.test" => redirect(302, "http://left.test/x"),
        _ => page(200, "nobody was to ask"),
    });
    let flags = ["--exclude", "//left", "--format", "terminal"];
    let first = desk.run(&[&flags[..], &["--record", "tape"]].concat());
    let told = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(told.contains("it leads to http://left.test/x, which is left out by --include or --exclude"), "{told}");
    assert_eq!(desk.server.seen().len(), 1);
    assert_eq!(String::from_utf8_lossy(&desk.run(&["--format", "terminal", "--replay", "tape"]).stdout), told);
}

#[test]
fn patterns_and_the_budget_say_what_is_asked() {
    let desk = Desk::new(&LINKS, |_| page(200, "<title>Good</title>"));
    let report = desk.report(&["--include", "^http://[ab]\\.", "--exclude", "gone|closed"]);
    let (asked, not) = (("alive", "answered"), ("not-checked", "excluded"));
    assert_eq!(verdicts(&report), pairs([asked, asked, not, not, not, not]));
    assert_eq!(desk.server.seen().len(), 2);
    let report = desk.report(&["--max-requests", "3"]);
    let budget = verdicts(&report).into_iter().filter(|(_, reason)| reason == "budget").count();
    assert_eq!((budget, desk.server.seen().len()), (3, 5));
    assert_eq!(report["summary"]["network"]["requests"], 3);
    let output = desk.run(&["--include", "("]);
    assert_eq!(output.status.code(), Some(2));
}
