//! Audits as a desk runs them: killed and gone on, two at once, on a disk that
//! is full or a file that is damaged; what is due, what changed, what is known.

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

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use desk::{Desk, errors};
use loopback::{Seen, page, slow_page};
use serde_json::Value;

/// Whatever moments the clock gives; they are printed where the test fails.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_stood() {
    const REFERENCES: usize = 2_000;
    let desk = Desk::new(|_| slow_page(Duration::from_millis(8)));
    for article in 0..20 {
        let mut text = String::from("# Sources\n\n");
        for number in 0..REFERENCES / 20 {
            let _ = writeln!(text, "See <http://h{}.example.org/{article}/{number}> for it.\n", number % 10);
        }
        desk.write(&format!("articles/{article}.md"), &text);
    }
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    let mut state = u64::try_from(seed & u128::from(u64::MAX)).unwrap();
    let mut stood = Vec::new();
    for kill in 0..5 {
        let asked = desk.server.seen().len();
        let mut run = desk.command(&["run", "articles"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // At any moment, but three times of five when it has asked a good deal,
        // however slow the machine is.
        let patience = Instant::now() + Duration::from_secs(30);
        while kill % 2 == 0 && desk.server.seen().len() < asked + 200 && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(random(&mut state) % 200));
        run.kill().unwrap();
        run.wait().unwrap();
        stood.push(if desk.folder.path().join("obelus.db").is_file() { desk.observed().len() } else { 0 });
    }
    desk.says(&["run", "articles"]);
    let observed = desk.observed();
    assert_eq!(observed.len(), REFERENCES, "seed {seed}, stood at {stood:?}");
    let again: Vec<_> = observed.iter().filter(|(_, times)| **times != 1).collect();
    assert!(again.is_empty(), "seed {seed}, stood at {stood:?}: {again:?}");
    assert!(stood.iter().any(|count| (1..REFERENCES).contains(count)), "no kill hit a run at work: {stood:?}");
    assert_eq!(desk.status()["references"]["alive"], REFERENCES);
    // And nothing is due now: nobody is asked.
    let asked = desk.server.seen().len();
    desk.says(&["run", "articles"]);
    assert_eq!(desk.server.seen().len(), asked);
}

#[test]
fn what_changed_is_told_once_and_can_be_acknowledged() {
    let is_gone = Arc::new(AtomicBool::new(false));
    let script = {
        let is_gone = Arc::clone(&is_gone);
        move |seen: &Seen| {
            if is_gone.load(Ordering::SeqCst) && seen.path == "/page" {
                page(404, "no")
            } else {
                page(200, "<title>Here</title>")
            }
        }
    };
    let desk = Desk::new(script);
    desk.write("a.md", "See <http://one.example.org/page> and <http://two.example.org/page>.\n");
    let first = desk.audit(&["run", "a.md", "--fail-on", "new-error", "--recheck", "0s", "--recheck-failing", "0s"]);
    assert_eq!(first.status.code(), Some(0), "{}", errors(&first));
    desk.write("a.md", "The council met. (nato.int) But it doe(nato.int)why this issue keeps coming up.\n\nSee <http://one.example.org/page> and <http://two.example.org/page>.\n");
    let second = desk.audit(&["run", "--fail-on", "new-error"]);
    assert_eq!(second.status.code(), Some(1), "{}", errors(&second));
    let told = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(told.contains("splice/cut-word"), "{told}");
    // The next run finds nothing new, and still an error.
    assert_eq!(desk.audit(&["run", "--fail-on", "new-error"]).status.code(), Some(0));
    assert_eq!(desk.audit(&["run"]).status.code(), Some(1));
    let key = told
        .lines()
        .find(|line| line.contains("splice/cut-word"))
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .to_owned();
    desk.says(&["ack", &key, "--reason", "a quotation"]);
    assert_eq!(desk.audit(&["run"]).status.code(), Some(0));
    assert!(desk.says(&["acks"]).contains("in force: a quotation"));
    desk.write("a.md", "See <http://one.example.org/page> and <http://two.example.org/page>.\n");
    let mended = desk.says(&["run"]);
    assert!(mended.contains("mended"), "{mended}");
    assert!(desk.says(&["acks"]).contains("matches nothing: a quotation"));
    let markdown = desk.says(&["changes", "--since", "1", "--format", "markdown"]);
    assert!(markdown.contains("| new error | `a.md` |"), "{markdown}");
    assert!(desk.audit(&["changes", "--since", "yesterday"]).status.code() == Some(2));
    // One failure proves nothing.
    is_gone.store(true, Ordering::SeqCst);
    let failing = desk.says(&["run", "--recheck", "0s", "--recheck-failing", "0s", "--fail-on", "error"]);
    assert!(failing.contains("run "), "{failing}");
    let known = desk.says(&["history", "http://one.example.org/page"]);
    assert!(known.starts_with("http://one.example.org/page\n"), "{known}");
    assert!(desk.says(&["history", "a.md"]).contains("http://two.example.org/page"));
    desk.says(&["forget", "http://two.example.org/page"]);
    let anew = desk.says(&["history", "http://two.example.org/page"]);
    assert!(anew.contains("unchecked: never seen well") && anew.contains("cited in a.md"), "{anew}");
}

#[test]
fn unchanged_articles_are_not_read_and_lost_ones_cite_nothing() {
    let desk = Desk::new(|_| page(200, "<title>Here</title>"));
    desk.write("articles/a.md", "See <http://one.example.org/a>.\n");
    desk.write("articles/b.md", "See <http://one.example.org/b>.\n");
    assert!(desk.says(&["run", "articles"]).contains("2 of 2 articles read, 2 of 2 due references observed"));
    assert!(desk.says(&["run", "articles"]).contains("0 of 2 articles read, 0 of 0 due"));
    // The same bytes at another time.
    desk.write("articles/a.md", "See <http://one.example.org/a>.\n");
    assert!(desk.says(&["run", "articles"]).contains("0 of 2 articles read"));
    // Other rules find other things in the same bytes.
    assert!(desk.says(&["run", "articles", "--select", "splice"]).contains("2 of 2 articles read"));
    fs::remove_file(desk.folder.path().join("articles/b.md")).unwrap();
    desk.says(&["run", "articles"]);
    let status = desk.status();
    assert_eq!((&status["articles"], &status["references"]["alive"]), (&Value::from(1), &Value::from(1)));
}

#[test]
fn sitemaps_feeds_and_lists_are_inputs() {
    let desk = Desk::new(|seen: &Seen| match seen.path.as_str() {
        "/sitemap.xml" => loopback::answer(
            200,
            &[("content-type", "application/xml")],
            "<urlset><url><loc>http://site.example.org/news/1</loc></url></urlset>",
        ),
        "/sitemap.xml.gz" => {
            let list = "<urlset><url><loc>http://site.example.org/news/1</loc></url></urlset>";
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut packer, list.as_bytes()).unwrap();
            let body = packer.finish().unwrap();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/gzip\r\ncontent-length: {}\r\n\r\n", body.len());
            loopback::Act::Raw([head.into_bytes(), body].concat())
        }
        "/feed/" => loopback::answer(
            200,
            &[("content-type", "application/rss+xml")],
            "<rss><channel><item><link>http://site.example.org/news/1</link></item></channel></rss>",
        ),
        "/news/1" => page(
            200,
            "<p>The council met in the old hall again. <a href=\"http://cited.example.org/x\">Minutes</a></p>",
        ),
        _ => page(200, "<title>Here</title>"),
    });
    desk.write("urls.txt", "http://list.example.org/1\nhttp://list.example.org/2\n");
    desk.write(
        "feed.atom",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='http://site.example.org/news/1'/></entry></feed>",
    );
    desk.says(&["run", "http://site.example.org/sitemap.xml", "feed.atom", "urls.txt"]);
    let observed: Vec<String> = desk.observed().into_keys().collect();
    assert_eq!(observed, ["http://cited.example.org/x", "http://list.example.org/1", "http://list.example.org/2"]);
    for listing in ["http://site.example.org/sitemap.xml.gz", "http://site.example.org/feed/"] {
        assert!(desk.says(&["run", listing]).contains(" of 1 articles read"), "{listing}");
    }
}

#[test]
fn budgets_and_time_limits_stop_politely() {
    let desk = Desk::new(|_| slow_page(Duration::from_millis(150)));
    let list: String = (0..60).map(|number| format!("http://h.example.org/{number}\n")).collect();
    desk.write("urls.txt", &list);
    let some = desk.says(&["run", "urls.txt", "--budget", "7"]);
    assert!(some.contains("7 of 60 due references observed; the next run goes on with the rest"), "{some}");
    desk.says(&["run", "urls.txt", "--max-duration", "400ms"]);
    let stood = desk.observed().len();
    assert!((8..60).contains(&stood), "{stood}");
    desk.says(&["run", "urls.txt", "--metrics", "obelus.prom"]);
    assert!(desk.observed().values().all(|times| *times == 1));
    let metrics = fs::read_to_string(desk.folder.path().join("obelus.prom")).unwrap();
    assert!(metrics.contains("obelus_references{state=\"alive\"} 60\n"), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
}

#[test]
fn two_runs_at_once_are_safe() {
    let desk = Desk::new(|_| slow_page(Duration::from_millis(700)));
    desk.write("urls.txt", "http://h.example.org/1\n");
    let mut first = desk.command(&["run", "urls.txt"]).stdout(Stdio::null()).spawn().unwrap();
    while desk.server.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = desk.audit(&["run", "urls.txt"]);
    assert_eq!(second.status.code(), Some(2));
    assert!(errors(&second).contains(&format!("in use by process {}", first.id())), "{}", errors(&second));
    let third = desk.says(&["run", "urls.txt", "--wait"]);
    assert!(third.contains("0 of 0 due"), "{third}");
    assert!(first.wait().unwrap().success());
    assert_eq!(desk.observed().len(), 1);
}

#[test]
fn a_night_without_network_accuses_nobody() {
    let is_up = Arc::new(AtomicBool::new(true));
    let script = {
        let is_up = Arc::clone(&is_up);
        move |_: &Seen| {
            if is_up.load(Ordering::SeqCst) { page(200, "<title>Here</title>") } else { loopback::Act::Reset }
        }
    };
    let desk = Desk::new(script);
    let list: String = (0..6).map(|number| format!("http://h{number}.example.org/\n")).collect();
    desk.write("urls.txt", &list);
    let recheck = ["--recheck", "1ms", "--recheck-failing", "0s"];
    desk.says(&[&["run", "urls.txt"], &recheck[..]].concat());
    is_up.store(false, Ordering::SeqCst);
    let night = desk.audit(&[&["run", "urls.txt"], &recheck[..]].concat());
    assert!(errors(&night).contains("6 observations of that time count against nobody"), "{}", errors(&night));
    assert_eq!(desk.status()["references"]["alive"], 6);
    // A bad night of two hosts is theirs.
    is_up.store(true, Ordering::SeqCst);
    desk.says(&[&["run", "urls.txt"], &recheck[..]].concat());
    assert_eq!(desk.status()["references"]["alive"], 6);
}

#[test]
fn files_that_cannot_be_used_are_told_and_left_alone() {
    let desk = Desk::new(|_| page(200, "x"));
    desk.write("urls.txt", "http://h.example.org/1\n");
    for (name, bytes, words) in [
        ("text.db", b"Dear diary, this is no database at all.".repeat(40), "is no history of obelus"),
        ("newer.db", Vec::new(), "newer obelus"),
    ] {
        let path = desk.folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        if name == "newer.db" {
            let file = rusqlite::Connection::open(&path).unwrap();
            file.execute_batch(&format!(
                "PRAGMA application_id = {}; PRAGMA user_version = 99; CREATE TABLE x (y);",
                obelus::store::history::KIND.application_id
            ))
            .unwrap();
        }
        let output = desk.audit(&["run", "urls.txt", "--database", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(errors(&output).contains(words), "{name}: {}", errors(&output));
        if name == "text.db" {
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
    let missing = desk.audit(&["status", "--database", "nowhere.db"]);
    assert!(errors(&missing).contains("there is no history nowhere.db"), "{}", errors(&missing));
    assert!(!desk.folder.path().join("nowhere.db").exists());
    let unwritable = desk.audit(&["run", "urls.txt", "--database", "/proc/obelus.db"]);
    assert_eq!(unwritable.status.code(), Some(2));
    assert!(errors(&unwritable).contains("cannot be written"), "{}", errors(&unwritable));
}

/// Damage in the middle of the file is found and said, and what is whole can
/// be taken out and goes on.
#[test]
fn damage_is_found_and_the_rest_is_saved() {
    const REFERENCES: usize = 2_000;
    let desk = Desk::new(|seen: &Seen| page(200, &format!("<title>{}</title>", seen.path.repeat(9))));
    let list: String = (0..REFERENCES).map(|number| format!("http://h.example.org/{number}\n")).collect();
    desk.write("urls.txt", &list);
    desk.says(&["run", "urls.txt", "--concurrency", "8"]);
    let path = desk.path("obelus.db");
    let file = rusqlite::Connection::open(&path).unwrap();
    let page_of =
        "SELECT pageno FROM dbstat WHERE name = 'facts' AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 9";
    let hit: i64 = file.query_row(page_of, [], |row| row.get(0)).unwrap();
    file.close().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let start = usize::try_from(hit - 1).unwrap() * 4096;
    bytes[start..start + 4096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let said = desk.refuses(&["doctor"]);
    assert!(said.contains("is damaged; keep a copy, take out what can be read"), "{said}");
    let said = desk.refuses(&["export", "--output", "kept.jsonl"]);
    let kept = fs::read_to_string(desk.path("kept.jsonl")).unwrap().lines().count();
    assert!((REFERENCES - 100..REFERENCES).contains(&kept), "{kept}");
    assert!(said.contains(&format!("{} observations could not be read", REFERENCES - kept)), "{said}");
    desk.says(&["import", "kept.jsonl", "--database", "new.db"]);
    assert!(desk.says(&["doctor", "--database", "new.db"]).contains("whole"));
    // Only what was lost is asked again.
    let run = desk.says(&["run", "urls.txt", "--database", "new.db", "--concurrency", "8"]);
    assert!(run.contains(&format!("{0} of {0} due references observed", REFERENCES - kept)), "{run}");
}

/// A disk that is full in the middle of a run: it stops, says so, and what
/// was kept before stays.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_run_and_loses_nothing() {
    let desk = Desk::new(|seen: &Seen| page(200, &format!("<title>{}</title>", seen.path.repeat(40))));
    let list: String = (0..400).map(|number| format!("http://h{}.example.org/{number}\n", number % 20)).collect();
    desk.write("urls.txt", &list);
    desk.says(&["run", "urls.txt", "--budget", "20"]);
    let kept = desk.observed().len();
    let size = fs::metadata(desk.folder.path().join("obelus.db")).unwrap().len();
    let run = desk.command(&["run", "urls.txt"]);
    let words: Vec<String> = std::iter::once(run.get_program())
        .chain(run.get_args())
        .map(|word| format!("'{}'", word.to_string_lossy()))
        .collect();
    // Nothing may grow beyond what the file has now: writing says so, as on a full disk.
    let limited = format!("trap '' XFSZ; ulimit -f {}; exec {}", size / 1024 + 20, words.join(" "));
    let output = Command::new("bash").current_dir(desk.folder.path()).args(["-c", &limited]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
    assert!(errors(&output).contains("obelus.db cannot be used"), "{}", errors(&output));
    assert!(desk.observed().len() >= kept);
    desk.says(&["run", "urls.txt"]);
    let observed = desk.observed();
    assert_eq!((observed.len(), observed.values().max()), (400, Some(&1)));
}

#[test]
fn reports_of_an_audit_show_the_past() {
    let asked = Arc::new(Mutex::new(0));
    let script = {
        let asked = Arc::clone(&asked);
        move |seen: &Seen| {
            *asked.lock().unwrap() += 1;
            if seen.path == "/gone" { page(404, "no") } else { page(200, "<title>Here</title>") }
        }
    };
    let desk = Desk::new(script);
    desk.write("a.md", "See <http://one.example.org/gone> and <http://two.example.org/here>.\n");
    desk.says(&["run", "a.md"]);
    let before = *asked.lock().unwrap();
    let report: Value = serde_json::from_str(&desk.says(&["status", "--format", "sarif"])).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    let gone = results.iter().find(|result| result["ruleId"] == "link/gone").unwrap();
    assert_eq!(gone["level"], "warning", "one bad night proves nothing");
    let page = desk.says(&["status", "--format", "html"]);
    assert!(page.contains("<svg class=\"history\""));
    assert_eq!(*asked.lock().unwrap(), before, "a report asks nobody");
}

#[test]
fn new_addresses_are_written_into_the_articles() {
    let desk = Desk::new(|seen: &Seen| match seen.path.as_str() {
        "/old" => loopback::redirect(301, "http://one.example.org/new"),
        _ => page(200, "<title>Here</title>"),
    });
    let text = "\u{feff}See <http://one.example.org/old>,\r\nand [this](http://one.example.org/old).\r\n";
    desk.write("a.md", text);
    desk.write("b.md", "See <http://one.example.org/other>.\n");
    assert!(desk.says(&["run", "a.md", "b.md"]).contains("moved"));
    let diff = desk.says(&["fix"]);
    assert!(
        diff.contains("+\u{feff}See <http://one.example.org/new>")
            || diff.contains("+See <http://one.example.org/new>"),
        "{diff}"
    );
    assert_eq!(fs::read_to_string(desk.folder.path().join("a.md")).unwrap(), text);
    desk.says(&["fix", "--write"]);
    let fixed = fs::read_to_string(desk.folder.path().join("a.md")).unwrap();
    assert_eq!(fixed, text.replace("/old", "/new"));
    assert_eq!(fs::read_to_string(desk.folder.path().join("a.md.orig")).unwrap(), text);
    assert!(!desk.folder.path().join("b.md.orig").exists());
    desk.says(&["run"]);
    assert_eq!(desk.says(&["fix"]), "");
}
