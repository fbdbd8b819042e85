//! The program as people run it: cases as data under `tests/cli`, and one run
//! over TLS against a server on loopback.

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

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loopback::certificates::Authority;
use loopback::{Act, Seen, Server, page, redirect};

#[test]
fn cases() {
    trycmd::TestCases::new().case("tests/cli/*.toml");
}

const ARTICLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles/tidal-barrage.txt");
const HOSTS: [&str; 4] = ["tideworks.org", "coastreport.com", "energyledger.eu", "estuary.gov.uk"];

fn script(seen: &Seen) -> Act {
    match seen.host.as_str() {
        "tideworks.org" => page(200, "<title>Tide \u{1b}[31mworks</title>"),
        "coastreport.com" => page(410, "nothing here"),
        "energyledger.eu" => redirect(301, "https://www.energyledger.eu/"),
        "www.energyledger.eu" => page(200, "<title>Ledger</title>"),
        _ => page(503, "busy"),
    }
}

/// The main job, end to end: every host is asked over TLS at the server that
/// `--connect-to` names, once, and each gets its verdict.
#[test]
fn every_host_gets_its_verdict() {
    let authority = Authority::new();
    let names: Vec<&str> = HOSTS.into_iter().chain(["www.energyledger.eu"]).collect();
    let server = Server::tls(&authority.identity(&names), script);
    let mut pem = tempfile::NamedTempFile::new().unwrap();
    pem.write_all(&authority.pem()).unwrap();
    let port = server.address.port();
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["check", "--format", "json", "--host-interval", "0s", "--retries", "0", "--cacert"])
        .arg(pem.path())
        .args(["--connect-to", &format!("*:443:127.0.0.1:{port}"), "--connect-to", &format!("*:80:127.0.0.1:{port}")])
        .arg(ARTICLE)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let resolutions = report["resolutions"].as_array().unwrap();
    let verdict = |host: &str| {
        let url = format!("https://{host}/");
        resolutions
            .iter()
            .find(|entry| entry["url"] == url.as_str())
            .map(|entry| entry["verdict"].as_str().unwrap().to_owned())
    };
    let expected = [Some("alive"), Some("gone"), Some("alive"), Some("server-error")];
    assert_eq!(
        HOSTS.map(verdict),
        expected.map(|verdict| verdict.map(str::to_owned)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let rules: Vec<&str> = report["documents"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(rules.contains(&"link/gone") && rules.contains(&"link/server-error"), "{rules:?}");
    assert_eq!(output.status.code(), Some(1));
    let asked = server.seen().iter().filter(|seen| seen.host == "tideworks.org").count();
    assert_eq!(asked, 1, "however many citations share it");
}

/// An article given by its address is downloaded by the same rules, unless
/// the run is offline.
#[test]
fn an_address_is_an_input() {
    let authority = Authority::new();
    let server =
        Server::tls(&authority.identity(&["desk.example"]), |_| page(200, "<p>But it doe(nato.int)why this.</p>"));
    let mut pem = tempfile::NamedTempFile::new().unwrap();
    pem.write_all(&authority.pem()).unwrap();
    let run = |command: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
            .args(command)
            .args(["--format", "json"])
            .arg("https://desk.example/draft")
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (report, output.status.code())
    };
    let rule = format!("*:443:127.0.0.1:{}", server.address.port());
    let path = pem.path().to_string_lossy().into_owned();
    // `example` has no name server: the citation's own host stays unknown.
    let (report, code) = run(&["check", "--retries", "0", "--timeout", "2s", "--cacert", &path, "--connect-to", &rule]);
    assert_eq!(report["documents"][0]["findings"][0]["rule"], "splice/cut-word", "{report}");
    assert_eq!(report["documents"][0]["format"], "html");
    assert_eq!(code, Some(1));
    let (report, code) = run(&["check", "--offline"]);
    assert_eq!(report["errors"][0]["message"], "the run is offline; save the page and check the file");
    assert_eq!(code, Some(2));
}

/// Ctrl-C: the run ends soon, with what is known by then.
#[cfg(unix)]
#[test]
fn an_interrupt_reports_what_is_known() {
    let authority = Authority::new();
    let server = Server::tls(&authority.identity(&HOSTS), |seen| match seen.host.as_str() {
        "tideworks.org" => page(200, "<title>Tide works</title>"),
        _ => Act::Stall(Vec::new()),
    });
    let mut pem = tempfile::NamedTempFile::new().unwrap();
    pem.write_all(&authority.pem()).unwrap();
    let rule = format!("*:443:127.0.0.1:{}", server.address.port());
    let child = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["check", "--format", "json", "--host-interval", "0s", "--timeout", "600s", "--cacert"])
        .arg(pem.path())
        .args(["--connect-to", &rule, ARTICLE])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while server.seen().len() < HOSTS.len() {
        assert!(Instant::now() < patience, "the hosts are asked at once");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The answer of the living host is on its way when all four are asked.
    std::thread::sleep(Duration::from_millis(300));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let interrupted = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(interrupted.elapsed() < Duration::from_secs(10), "the run ends soon");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts: Vec<&str> =
        report["resolutions"].as_array().unwrap().iter().map(|entry| entry["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == "alive").count(), 1, "{verdicts:?}");
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == "not-checked").count(), 3, "{verdicts:?}");
}

/// A file that is gone between the walk and its reading is one clear line;
/// the others are checked.
#[test]
fn a_file_that_vanishes_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let stays = folder.path().join("stays.txt");
    let goes = folder.path().join("goes.txt");
    std::fs::write(&stays, "A whole text.\n").unwrap();
    std::fs::write(&goes, "A text that goes.\n").unwrap();
    let (sources, errors) = obelus::input::expand(&[folder.path().to_string_lossy().into_owned()], None);
    assert_eq!((sources.len(), errors.len()), (2, 0));
    std::fs::remove_file(&goes).unwrap();
    let read: Vec<_> = sources.iter().map(|source| obelus::input::read(&source.place)).collect();
    let message = read.iter().find_map(|result| result.as_ref().err()).unwrap();
    assert!(message.contains("no such file"), "{message}");
    assert_eq!(read.iter().filter(|result| result.is_ok()).count(), 1);
}

/// Nothing to read is a mistake; an empty pipe is an empty article.
#[test]
fn without_input_a_pipe_is_read_and_nothing_else() {
    let run = |stdin: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
        command.args(["check", "--offline"]).stdin(stdin).output().unwrap()
    };
    let without = run(Stdio::null());
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("for example: obelus check article.md"));
    let file = std::fs::File::open(ARTICLE).unwrap();
    assert_eq!(run(file.into()).status.code(), Some(1));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(writer);
    assert_eq!(run(reader.into()).status.code(), Some(0));
}
