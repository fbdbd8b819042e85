//! What happens before and around an answer: names, connections, TLS, HTTP/2,
//! time, and what our own policy does not ask.

use std::net::Ipv4Addr;
use std::time::Duration;

use obelus::fetch::{FetchSettings, TargetFilter};
use obelus::verdict::Probe;
use regex::Regex;

use crate::Row;
use crate::conversations::Truth;
use crate::loopback::asking::{ask, bare, probe, settings};
use crate::loopback::certificates::{Authority, self_signed_identity};
use crate::loopback::names::{NameAnswer, NameServer};
use crate::loopback::{Act, Server, answer, closed_address, page, parting, redirect};

type Case = (&'static str, Probe, Truth, (&'static str, &'static str));

fn case(name: &'static str, url: &str, truth: Truth, standing: &'static str, reason: &'static str) -> Case {
    (name, probe(url), truth, (standing, reason))
}

fn rows_of(cases: Vec<Case>, settings: &FetchSettings) -> Vec<Row> {
    let observations = ask(cases.iter().map(|case| case.1.clone()).collect(), settings);
    let row = |((name, _, truth, expected), observation)| Row::new(name, truth, expected, observation);
    cases.into_iter().zip(&observations).map(row).collect()
}

/// An alert of TLS 1.0 that the version of the protocol is none of the
/// server's (RFC 5246, 7.2).
const VERSION_ALERT: &[u8] = &[0x15, 3, 1, 0, 2, 2, 0x46];

/// The greeting of a server that chooses an old version (RFC 5246, 7.4.1.3):
/// no session, an old cipher suite, no compression.
fn old_greeting(minor: u8) -> Vec<u8> {
    let hello = [&[3, minor][..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let length = |bytes: usize| u8::try_from(bytes).expect("a short greeting");
    let message = [&[2, 0, 0, length(hello.len())][..], &hello].concat();
    [&[0x16, 3, minor, 0, length(message.len())][..], &message].concat()
}

fn tls() -> Vec<Row> {
    let authority = Authority::new();
    let serve = |identity| Server::tls(&identity, |_| page(200, "<title>Good</title>"));
    let servers = [
        ("expired.test", serve(authority.expired_identity(&["expired.test"]))),
        ("wrong.test", serve(authority.identity(&["other.test"]))),
        ("own.test", serve(self_signed_identity(&["own.test"]))),
        ("plain.test", Server::plain(|_| page(200, ""))),
        ("alert.test", Server::says(VERSION_ALERT)),
        ("tls10.test", Server::says(&old_greeting(1))),
        ("tls11.test", Server::says(&old_greeting(2))),
        ("cut.test", Server::says(&[])),
        ("good.test", serve(authority.identity(&["good.test"]))),
    ];
    let rules: Vec<String> = servers.iter().map(|(host, server)| server.rule(host, "")).collect();
    let settings = FetchSettings { extra_roots_pem: vec![authority.pem()], ..settings(&rules) };
    let tls = |name, url, reason| case(name, url, Truth::Hidden, "tls", reason);
    let cases = vec![
        tls("TLS: expired certificate", "https://expired.test/", "certificate-expired"),
        tls("TLS: certificate of another name", "https://wrong.test/", "certificate-wrong-name"),
        tls("TLS: signed by itself", "https://own.test/", "certificate-unknown-issuer"),
        tls("TLS: not spoken", "https://plain.test/", "tls-failed"),
        tls("TLS: too old, by alert", "https://alert.test/", "tls-too-old"),
        tls("TLS: too old, version 1.0", "https://tls10.test/", "tls-too-old"),
        tls("TLS: too old, version 1.1", "https://tls11.test/", "tls-too-old"),
        case("TLS: reset in the handshake", "https://cut.test/", Truth::Hidden, "unreachable", "connection-reset"),
        case("TLS: good", "https://good.test/", Truth::Living, "alive", "answered"),
    ];
    let rows = rows_of(cases, &settings);
    let said = "the server offers only outdated versions of TLS";
    assert_eq!(rows.iter().filter(|row| row.said == said).count(), 3, "{rows:#?}");
    rows
}

fn http2() -> Vec<Row> {
    let authority = Authority::new();
    let server = Server::tls(&authority.identity(&["two.test"]).with_http2(), parting);
    let settings = FetchSettings { extra_roots_pem: vec![authority.pem()], ..settings(&[server.rule("*", "443")]) };
    let cases = vec![
        case("HTTP/2: good", "https://two.test/", Truth::Living, "alive", "answered"),
        case("HTTP/2: GOAWAY, then good", "https://two.test/goodbye", Truth::Living, "alive", "answered"),
        case("HTTP/2: broken stream, then good", "https://two.test/broken", Truth::Living, "alive", "answered"),
        case(
            "HTTP/2: broken streams",
            "https://two.test/always-broken",
            Truth::Hidden,
            "unreachable",
            "connection-reset",
        ),
    ];
    rows_of(cases, &settings)
}

fn names() -> Vec<Row> {
    let names = NameServer::new(|name| match name {
        "missing.test" | "www.missing.test" | "blog.there.test" | "doubtful.broken.test" => NameAnswer::NoName,
        "empty.test" | "there.test" => NameAnswer::NoAddress,
        "broken.test" => NameAnswer::Failure,
        "silent.test" => NameAnswer::Silence,
        _ => NameAnswer::Address(Ipv4Addr::LOCALHOST),
    });
    let secluded = NameServer::secluded(|_| NameAnswer::NoName);
    let asking = |names: &NameServer| FetchSettings { name_server: Some(names.address), retries: 0, ..settings(&[]) };
    let row = |name, host, truth, standing, reason| (name, bare(host), truth, (standing, reason));
    let cases = vec![
        row("name: does not exist", "missing.test", Truth::Dead, "host-gone", "name-not-found"),
        row("name: nor does its domain", "www.missing.test", Truth::Dead, "host-gone", "name-not-found"),
        row("name: though its domain does", "blog.there.test", Truth::Dead, "host-gone", "host-not-found"),
        row("name: its domain is in doubt", "doubtful.broken.test", Truth::Hidden, "unknown", "dns-trouble"),
        row("name: without address", "empty.test", Truth::Hidden, "unreachable", "no-address"),
        row("name: SERVFAIL", "broken.test", Truth::Hidden, "unknown", "dns-trouble"),
        row("name: no answer", "silent.test", Truth::Hidden, "unknown", "dns-timeout"),
        row("name: leads inward", "inner.test", Truth::Hidden, "not-checked", "private-address"),
    ];
    let denied = row("name: no public name is known", "nato.test", Truth::Hidden, "unknown", "dns-trouble");
    let mut rows = rows_of(cases, &asking(&names));
    assert_eq!(rows[2].said, "the name does not exist, though there.test does");
    rows.extend(rows_of(vec![denied], &asking(&secluded)));
    rows
}

fn connections_and_time() -> Vec<Row> {
    let plain = Server::plain(|seen| match seen.host.as_str() {
        "half.test" => Act::Stall(b"HTTP/1.1 200 OK\r\ncontent-".into()),
        "body.test" => Act::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<title>A</title>".into()),
        _ => Act::Stall(Vec::new()),
    });
    let (mute, nobody) = (Server::mute(), closed_address());
    let closed = format!("closed.test::{}:{}", nobody.ip(), nobody.port());
    let settings = FetchSettings {
        timeout: Duration::from_secs(1),
        retries: 0,
        ..settings(&[closed, plain.rule("", "80"), mute.rule("", "443")])
    };
    let late = |name, url, reason| case(name, url, Truth::Hidden, "timeout", reason);
    let cases = vec![
        case("nobody listens", "http://closed.test/", Truth::Hidden, "unreachable", "connection-refused"),
        late("time: no greeting", "https://mute.test/", "connect-timeout"),
        late("time: no answer", "http://still.test/", "answer-timeout"),
        late("time: half a head", "http://half.test/", "answer-timeout"),
        case("time: half a body", "http://body.test/", Truth::Living, "alive", "answered"),
    ];
    rows_of(cases, &settings)
}

fn waiting() -> Vec<Row> {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.nth) {
        ("seconds.test", 0) => answer(429, &[("retry-after", "1")], ""),
        ("date.test", 0) => {
            let soon = jiff::Timestamp::now() + Duration::from_secs(2);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&soon).expect("a date");
            answer(429, &[("retry-after", &date)], "")
        }
        ("hour.test", _) => answer(429, &[("retry-after", "3600")], ""),
        _ => page(200, "fine"),
    });
    let cases = vec![
        case("429 for a second, then good", "http://seconds.test/", Truth::Living, "alive", "answered"),
        case("429 until a time, then good", "http://date.test/", Truth::Living, "alive", "answered"),
        case("429 for an hour", "http://hour.test/", Truth::Hidden, "blocked", "rate-limited"),
    ];
    rows_of(cases, &settings(&[server.rule("*", "")]))
}

/// What the user keeps us from. A redirect is asked by the same rules, and the
/// address that was not asked is named.
fn policy() -> Vec<Row> {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("shy.test", "/robots.txt") => answer(200, &[], "User-agent: *\nDisallow: /"),
        ("a.test", "/to-shy") => redirect(301, "http://shy.test/x"),
        ("a.test", "/to-left") => redirect(302, "http://left.test/x"),
        ("a.test", "/to-other") => redirect(302, "http://other.test/x"),
        ("doi.org", _) => redirect(302, "http://left.test/landing"),
        ("left.test" | "shy.test", _) => page(500, "nobody was to ask"),
        (_, "/robots.txt") => page(404, ""),
        _ => page(200, "fine"),
    });
    let exclude = vec![Regex::new("//left").expect("a pattern")];
    let include = vec![Regex::new("//(a|shy|left|doi)\\.").expect("a pattern")];
    let targets = TargetFilter { include, exclude };
    let settings = FetchSettings { robots: true, targets, ..settings(&[server.rule("*", "")]) };
    let hidden = |name, url, reason| case(name, url, Truth::Hidden, "not-checked", reason);
    let cases = vec![
        hidden("robots.txt says no", "http://shy.test/x", "robots"),
        hidden("a redirect to where robots.txt says no", "http://a.test/to-shy", "robots"),
        hidden("a redirect to what is excluded", "http://a.test/to-left", "excluded"),
        hidden("a redirect to what is not included", "http://a.test/to-other", "excluded"),
        case("a DOI whose page is excluded", "http://doi.org/10.1000/182", Truth::Living, "alive", "registered"),
        case("what is included", "http://a.test/x", Truth::Living, "alive", "answered"),
    ];
    let rows = rows_of(cases, &settings);
    assert!(server.seen().iter().all(|seen| seen.path == "/robots.txt" || matches!(&*seen.host, "a.test" | "doi.org")));
    assert_eq!(rows[2].said, "it leads to http://left.test/x, which is left out by --include or --exclude");
    assert!(
        rows[1].said.starts_with("it leads to http://shy.test/x, and the robots.txt of shy.test"),
        "{}",
        rows[1].said
    );
    rows
}

pub fn rows() -> Vec<Row> {
    [tls(), http2(), names(), connections_and_time(), waiting(), policy()].into_iter().flatten().collect()
}
