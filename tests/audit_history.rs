//! What a history holds and what people do with it: files of every older
//! version, quotations that go, other distances, acknowledgements, travels, and what
//! is forgotten.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

mod desk;
mod loopback;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use desk::{Desk, errors};
use loopback::{Seen, page};
use serde_json::Value;

/// The file of an older version, from what that version's program wrote.
fn old_file(version: usize, path: &Path) {
    let file = rusqlite::Connection::open(path).unwrap();
    if version > 0 {
        let name = format!("{}/tests/data/history-{version}.sql", env!("CARGO_MANIFEST_DIR"));
        let kept = fs::read_to_string(&name);
        // With a new version, the file of the one before it is kept: sqlite3 obelus.db .dump, and the two pragmas.
        file.execute_batch(&kept.unwrap_or_else(|_| panic!("{name} is missing"))).unwrap();
    }
}

/// Seven nights of version 1 hold a death and its proof, a wall, a move, a
/// drift, a night without network and an acknowledgement.
#[test]
fn files_of_every_older_version_are_read() {
    let kind = obelus::store::history::KIND;
    for version in 0..kind.migrations.len() {
        let desk = Desk::new(|_| page(200, "x"));
        old_file(version, &desk.path("obelus.db"));
        let status = desk.status();
        let now = rusqlite::Connection::open(desk.path("obelus.db")).unwrap();
        let found: i64 = now.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(found).unwrap(), kind.migrations.len());
        if version == 0 {
            assert_eq!(status["observations"], 0);
            continue;
        }
        let expected = [("alive", 3), ("moved", 1), ("walled", 1), ("drifted", 1), ("dead", 1), ("failing", 0)];
        for (state, number) in expected {
            assert_eq!(status["references"][state], number, "{version}: {state}: {status}");
        }
        assert_eq!(status["observations"], 49);
        let doctor = desk.says(&["doctor"]);
        assert!(doctor.contains("whole"), "{doctor}");
        assert_eq!(desk.status()["references"], status["references"], "the observations tell the same story");
        assert!(desk.says(&["doctor"]).contains("every reference stands where its observations put it"));
        assert!(desk.says(&["acks"]).contains("until 2027-03-01: printed like this in the minutes"));
        let known = desk.says(&["history", "http://archive.example.org/dies/plan"]);
        assert_eq!(known.matches(" gone 404 ").count(), 4, "{known}");
        assert_eq!(known.matches("our own network had failed").count(), 1, "{known}");
        assert_eq!(desk.says(&["export", "--format", "csv"]).lines().count(), 50);
    }
}

const QUOTED: &str = "We will not close the barrage before the autumn of 2031";

fn speech(said: &str) -> loopback::Act {
    let rest = "The minister spoke of the water and the wall, of the ferries and the old quay in the north. ".repeat(9);
    page(200, &format!("<html lang=en><title>A speech</title><main><p>“{said},” she said.</p><p>{rest}</p></main>"))
}

#[test]
fn a_quotation_that_the_page_no_longer_holds_is_drift() {
    let night = Arc::new(AtomicU32::new(0));
    let script = {
        let night = Arc::clone(&night);
        move |seen: &Seen| match (seen.path.as_str(), night.load(Ordering::SeqCst)) {
            ("/speech", 0 | 3) => speech(QUOTED),
            ("/speech", 1) => speech("We will close the barrage before the autumn of 2031"),
            ("/speech", _) => speech("We have said all that there is to say about it"),
            // It never held the quotation: nothing has drifted.
            _ => speech("We will see"),
        }
    };
    let desk = Desk::new(script);
    desk.write(
        "a.md",
        &format!("“{QUOTED}” said the minister in [a speech](http://gov.example.org/speech).\n\nAnd “{QUOTED}” again, says [another](http://news.example.org/other).\n"),
    );
    let run = ["run", "a.md", "--recheck", "1ms", "--recheck-failing", "0s"];
    desk.says(&run);
    assert_eq!(desk.status()["references"]["alive"], 2);
    night.store(1, Ordering::SeqCst);
    let told = desk.says(&run);
    assert!(told.contains("link/drifted http://gov.example.org/speech: no longer the page that was cited"), "{told}");
    assert!(told.contains(&format!("it no longer says “{QUOTED}”: “not” is not in the source")), "{told}");
    assert!(told.contains("(in a.md)"), "{told}");
    let status = desk.status();
    assert_eq!((&status["references"]["drifted"], &status["references"]["alive"]), (&Value::from(1), &Value::from(1)));
    let report: Value = serde_json::from_str(&desk.says(&["status", "--format", "sarif"])).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    let drifted = results.iter().find(|result| result["ruleId"] == "link/drifted").unwrap();
    assert!(drifted["message"]["text"].as_str().unwrap().contains(QUOTED), "{drifted}");
    night.store(2, Ordering::SeqCst);
    desk.says(&run);
    let known = desk.says(&["history", "http://gov.example.org/speech"]);
    assert!(known.contains("or anything like it"), "{known}");
    // The page says it again, and all is well.
    night.store(3, Ordering::SeqCst);
    assert!(desk.says(&run).contains("mended"));
    assert!(desk.says(&["doctor"]).contains("every reference stands where its observations put it"));
}

#[test]
fn other_distances_hold_at_once() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("urls.txt", "http://h.example.org/1\n");
    desk.says(&["run", "urls.txt"]);
    assert!(desk.says(&["run", "urls.txt"]).contains("0 of 0 due"));
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(desk.says(&["run", "urls.txt", "--recheck", "1ms"]).contains("1 of 1 due references observed"));
}

#[test]
fn acknowledgements_name_what_they_are_for() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("a.md", "The council met. (nato.int) But it doe(nato.int)why this issue keeps coming up.\n");
    desk.says(&["run", "a.md"]);
    let status = desk.status();
    let finding = status["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "splice/cut-word").unwrap();
    let key = finding["key"].as_str().unwrap();
    let typo = desk.refuses(&["ack", "0000", "--reason", "x"]);
    assert!(typo.contains("no finding has the key “0000”") && typo.contains("audit status"), "{typo}");
    let past = desk.refuses(&["ack", key, "--reason", "x", "--until", "2020-01-01"]);
    assert!(past.contains("a day that has passed"), "{past}");
    let done = desk.says(&["ack", key, "--reason", "a quotation", "--until", "2999-03-01"]);
    assert_eq!(done, "acknowledged until 2999-03-01: splice/cut-word in a.md\n");
    assert_eq!(desk.audit(&["run"]).status.code(), Some(0));
    assert!(desk.says(&["acks"]).contains("in force until 2999-03-01: a quotation"));
    assert!(desk.says(&["status"]).contains("[acknowledged: a quotation]"));
}

#[test]
fn changes_are_told_since_a_day() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    old_file(1, &desk.path("obelus.db"));
    let since = |day: &str| desk.json(&["changes", "--since", day]).as_array().unwrap().len();
    assert!(since("2026-11-25") > since("2026-11-28") && since("2026-11-28") > 0);
    assert_eq!(since("2027-01-01"), 0);
    let told = desk.says(&["changes", "--since", "2026-11-25"]);
    assert!(told.contains("worse   a702bae279072269 link/gone http://archive.example.org/dies/plan"), "{told}");
    assert!(told.contains("(in articles/one.md and 1 more)"), "{told}");
}

/// What stands after a journey is what stood before, the dead among it.
#[test]
fn histories_travel_with_their_proofs() {
    let desk = Desk::new(|_| page(200, "<title>=cmd|'/C calc'!A0</title>"));
    old_file(1, &desk.path("obelus.db"));
    let before = desk.status();
    desk.says(&["export", "--output", "all.jsonl"]);
    let taken = desk.says(&["import", "all.jsonl", "--database", "other.db"]);
    assert!(taken.contains("49 observations taken in, 1 control requests; 0 were known already"), "{taken}");
    let again = desk.says(&["import", "all.jsonl", "--database", "other.db"]);
    assert!(again.contains("0 observations taken in, 0 control requests; 50 were known already"), "{again}");
    // Nobody cites anything there yet; the stories stand all the same.
    for row in before["troubled"].as_array().unwrap() {
        let known = desk.says(&["history", row["url"].as_str().unwrap(), "--database", "other.db"]);
        assert!(known.lines().nth(1).unwrap().starts_with(row["state"].as_str().unwrap()), "{known}");
    }
    assert_eq!(desk.says(&["export", "--database", "other.db"]).lines().count(), 50);
    // Older observations may come to a younger history.
    desk.write("urls.txt", "http://archive.example.org/dies/plan\n");
    desk.says(&["run", "urls.txt", "--database", "young.db"]);
    desk.says(&["import", "all.jsonl", "--database", "young.db"]);
    let known = desk.says(&["history", "http://archive.example.org/dies/plan", "--database", "young.db"]);
    assert!(known.contains("first cited 2026-11-2") && known.contains("7 checks, 3 good"), "{known}");
    assert!(desk.says(&["export", "--format", "csv", "--database", "young.db"]).contains(",'=cmd|'/C calc'!A0,"));
    desk.write("bad.jsonl", "{\"run\":1,\"seen\":{}}\n");
    assert!(desk.refuses(&["import", "bad.jsonl"]).contains("line 1"));
    desk.write("bad.jsonl", "{\"rows\":3}\n");
    assert!(desk.refuses(&["import", "bad.jsonl"]).contains("it is no line of `obelus audit export"));
}

#[test]
fn what_is_forgotten_begins_anew() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("a.md", "See <http://h.example.org/1> and <http://h.example.org/2>.\n");
    desk.says(&["run", "a.md"]);
    // The last observation of all is forgotten, so its number is given out again.
    let last = desk.says(&["export"]).lines().last().unwrap().to_owned();
    let last: Value = serde_json::from_str(&last).unwrap();
    let url = last["seen"]["observation"]["probe"]["url"].as_str().unwrap();
    assert_eq!(desk.says(&["forget", url]), "forgot 1 observations; it is still cited, so the next run asks anew\n");
    assert_eq!(desk.status()["observations"], 1);
    assert!(desk.says(&["run", "a.md"]).contains("1 of 1 due references observed"));
    assert!(desk.says(&["run", "a.md"]).contains("0 of 0 due references observed"), "the story has heard it");
    assert!(desk.says(&["history", url]).contains("1 check, 1 good"));
    assert!(desk.says(&["forget", "a.md"]).starts_with("forgot the article"));
    assert_eq!(desk.status()["articles"], 0);
    assert!(desk.says(&["run", "a.md"]).contains("1 of 1 articles read, 0 of 0 due"), "its references are known");
    assert!(desk.refuses(&["forget", "http://h.example.org/3"]).contains("knows nothing of"));
    assert!(desk.says(&["doctor"]).contains("every reference stands where its observations put it"));
}

#[test]
fn inputs_are_read_as_the_flags_say() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("a.txt", "<p>See <a href=\"/minutes\">the minutes</a> of May.</p>\n");
    desk.says(&["run", "a.txt"]);
    assert!(desk.observed().is_empty());
    let flags = ["--input-format", "html", "--base", "http://desk.example.org/"];
    assert!(desk.says(&[&["run", "a.txt"], &flags[..]].concat()).contains("1 of 1 articles read"));
    assert_eq!(desk.observed().into_keys().collect::<Vec<_>>(), ["http://desk.example.org/minutes"]);
}

#[test]
fn one_host_may_be_asked_more_often() {
    let desk = Desk::new(|seen: &Seen| if seen.nth < 1 { page(503, "busy") } else { page(200, "<title>Here</title>") });
    desk.write("obelus.toml", "[host.\"shaky.example.org\"]\nretries = 1\n");
    desk.write("urls.txt", "http://shaky.example.org/1\nhttp://other.example.org/1\n");
    desk.says(&["run", "urls.txt", "--config", "obelus.toml"]);
    let states = desk.status()["references"].clone();
    assert_eq!((&states["alive"], &states["failing"]), (&Value::from(1), &Value::from(1)), "{states}");
    assert_eq!((desk.server.count("shaky.example.org", "/1"), desk.server.count("other.example.org", "/1")), (2, 1));
}

/// A file or folder that may not be written to: said once, with what to do.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_to_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("urls.txt", "http://h.example.org/1\n");
    desk.says(&["run", "urls.txt"]);
    let set = |name: &str, mode: u32| {
        fs::set_permissions(desk.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["obelus.db", "obelus.db-lock", "urls.txt"] {
        set(name, 0o444);
    }
    set(".", 0o555);
    let plain = desk.command(&["run", "urls.txt"]);
    // Root may write everything, so somebody else is asked.
    let is_root = fs::OpenOptions::new().append(true).open(desk.path("obelus.db")).is_ok();
    let mut command = if is_root {
        let mut other = Command::new("setpriv");
        other.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(plain.get_program());
        other.args(plain.get_args()).current_dir(desk.folder.path());
        other
    } else {
        plain
    };
    let output = command.output();
    set(".", 0o755);
    let Ok(output) = output else {
        eprintln!("SKIPPED: run by root, and there is no setpriv, so nobody tried");
        return;
    };
    let said = errors(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.contains("may be written to"), "{said}");
}

/// A host that suddenly answers 404 to everybody hides; nobody is dead of it.
#[test]
fn a_host_that_hides_from_us_is_walled() {
    let hides = Arc::new(AtomicU32::new(0));
    let script = {
        let hides = Arc::clone(&hides);
        move |_: &Seen| {
            if hides.load(Ordering::SeqCst) == 1 { page(404, "no") } else { page(200, "<title>Here</title>") }
        }
    };
    let desk = Desk::new(script);
    desk.write("urls.txt", "http://h.example.org/1\nhttp://h.example.org/2\n");
    let run = ["run", "urls.txt", "--recheck", "1ms", "--recheck-failing", "0s"];
    desk.says(&run);
    hides.store(1, Ordering::SeqCst);
    for _ in 0..4 {
        desk.says(&run);
        assert_eq!(desk.status()["references"]["walled"], 2);
    }
    assert!(desk.says(&["history", "http://h.example.org/1"]).contains("blocked 404 nothing-for-us"));
    assert_eq!(desk.audit(&["run", "--fail-on", "warning"]).status.code(), Some(0));
}

/// Who mends an article by taking a dead link out is done with it.
#[test]
fn what_nobody_cites_troubles_nobody() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    old_file(1, &desk.path("obelus.db"));
    desk.write("articles/one.md", "See <http://archive.example.org/dies/plan>.\n");
    desk.write("articles/two.md", "Nothing is cited here.\n");
    desk.says(&["run", "--offline", "articles"]);
    assert_eq!(desk.status()["references"]["dead"], 1);
    assert_eq!(desk.audit(&["run", "--offline", "articles"]).status.code(), Some(1));
    desk.write("articles/one.md", "Nothing is cited here either.\n");
    let mended = desk.audit(&["run", "--offline", "articles"]);
    let told = String::from_utf8_lossy(&mended.stdout).into_owned();
    assert!(
        told.contains(
            "mended  a702bae279072269 link/gone http://archive.example.org/dies/plan: no article cites it any more"
        ),
        "{told}"
    );
    assert_eq!(mended.status.code(), Some(0), "{told}");
    assert_eq!(desk.status()["troubled"], Value::Array(Vec::new()));
    // Cited again, it is as dead as before, and new.
    desk.write("articles/two.md", "See <http://archive.example.org/dies/plan>.\n");
    let again = desk.audit(&["run", "--offline", "articles", "--fail-on", "new-error"]);
    assert_eq!(again.status.code(), Some(1), "{}", errors(&again));
}

#[test]
fn a_status_may_be_of_some_articles() {
    let desk = Desk::new(|_| page(200, "x"));
    old_file(1, &desk.path("obelus.db"));
    let two = desk.says(&["status", "articles/two.md"]);
    assert!(two.contains("drifted") && two.contains("splice/cut-word") && !two.contains("moved"), "{two}");
    assert_eq!(desk.json(&["status", "articles/two.md"])["troubled"].as_array().unwrap().len(), 3);
    assert_eq!(desk.json(&["status", "articles/"])["troubled"].as_array().unwrap().len(), 4);
    assert_eq!(desk.says(&["status", "elsewhere"]), "nothing is amiss there\n");
    let hint = desk.refuses(&["history", "dies/plan"]);
    assert!(hint.contains("knows nothing of “dies/plan”; it knows http://archive.example.org/dies/plan"), "{hint}");
}
