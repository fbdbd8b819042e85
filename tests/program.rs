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
use std::process::Command;

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
        "coastreport.com" => page(404, "nothing here"),
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
