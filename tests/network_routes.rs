//! Where connections go: names, addresses, connect-to rules and TLS, against
//! scripted servers and name servers on the loopback interface.

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

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use loopback::asking::{ask, ask_one, bare, probe, ruled, settings};
use loopback::certificates::{Authority, self_signed_identity};
use loopback::names::{NameAnswer, NameServer};
use loopback::{Seen, Server, closed_address, page, redirect};
use obelus::fetch::{FetchError, FetchSettings, StopSignal, ask_all};
use obelus::verdict::Probe;

#[test]
fn a_bare_domain_falls_back_to_http_only_without_https() {
    let plain = Server::plain(|_| page(200, "plain"));
    let authority = Authority::new();
    let missing = Server::tls(&authority.identity(&["answers.test"]), |_| page(404, ""));
    let distrusted = Server::tls(&self_signed_identity(&["self.test"]), |_| page(200, ""));
    let nobody = closed_address();
    let mut settings = settings(&[
        plain.rule("", "80"),
        missing.rule("answers.test", "443"),
        distrusted.rule("self.test", "443"),
        format!("*:443:{}:{}", nobody.ip(), nobody.port()),
    ]);
    settings.extra_roots_pem = vec![authority.pem()];
    let hosts = ["refuses.test", "self.test", "answers.test"];
    let observations = ask(hosts.map(bare).to_vec(), &settings);
    for (observation, (standing, scheme)) in
        observations.iter().zip([("alive", "http"), ("alive", "http"), ("blocked", "https")])
    {
        assert_eq!(ruled(observation).0, standing, "{}", observation.probe.url);
        assert_eq!(observation.final_url.scheme(), scheme);
        assert_eq!(observation.before_fallback.is_some(), scheme == "http");
    }
    settings.connect_to.remove(0);
    let rule = format!("*:80:{}:{}", nobody.ip(), nobody.port());
    settings.connect_to.push(rule.parse().expect("a rule"));
    let observation = ask_one(bare("self.test"), &settings);
    assert_eq!(ruled(&observation), ("tls", "certificate-unknown-issuer"));
    assert_eq!(observation.final_url.scheme(), "https");
}

#[test]
fn connect_to_keeps_host_port_and_name() {
    let authority = Authority::new();
    let identity = authority.identity(&["a.test", "b.test"]).with_http2();
    let secure = Server::tls(&identity, |_| page(200, ""));
    let plain = Server::plain(|_| page(200, ""));
    let mut settings = settings(&[
        secure.rule("a.test", "8443"),
        plain.rule("a.test", "8080"),
        secure.rule("*", "443"),
        plain.rule("", ""),
    ]);
    settings.extra_roots_pem = vec![authority.pem()];
    let urls = [
        "https://a.test:8443/",
        "http://a.test:8080/",
        "https://b.test/",
        "http://c.test:99/x?y#z",
        "http://93.184.216.34/",
        "http://user:secret@d.test/",
    ];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    for observation in &observations {
        assert_eq!(ruled(observation).0, "alive", "{} {:?}", observation.probe.url, observation.outcome);
    }
    let mut seen: Vec<(String, Option<String>, bool, String)> = secure
        .seen()
        .into_iter()
        .chain(plain.seen())
        .map(|seen| (seen.host, seen.server_name, seen.is_http2, seen.path))
        .collect();
    seen.sort();
    // A port that the URL names is followed by the client, so a rule for it
    // takes another URL, and only HTTP/1 can still say what was asked for.
    let expected = [
        ("93.184.216.34", None, false, "/"),
        ("a.test:8080", None, false, "/"),
        ("a.test:8443", Some("a.test"), false, "/"),
        ("b.test", Some("b.test"), true, "/"),
        ("c.test:99", None, false, "/x?y"),
        ("d.test", None, false, "/"),
    ]
    .map(|(host, name, is_http2, path)| (host.to_owned(), name.map(str::to_owned), is_http2, path.to_owned()));
    assert_eq!(seen, expected);
    let leaks = |seen: &Seen| ["authorization", "cookie", "referer"].iter().any(|name| seen.header(name).is_some());
    assert!(!plain.seen().iter().any(leaks));
    let agent = plain.seen()[0].header("user-agent").map(str::to_owned);
    assert!(agent.is_some_and(|agent| agent.starts_with("obelus/")));
}

/// public-apis/public-apis#6460: checkers ask whatever a pull request holds.
/// linagora/openrag#429: integers and IPv6 spell inner addresses, too.
#[test]
fn private_addresses_are_not_asked_in_any_spelling() {
    let server = Server::plain(|_| page(200, ""));
    let port = server.address.port();
    let names = NameServer::new(|_| NameAnswer::Address(Ipv4Addr::LOCALHOST));
    let mut settings = FetchSettings { name_server: Some(names.address), ..settings(&[]) };
    let urls: Vec<String> = [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "0x7f000001",
        "017700000001",
        "127.0.0.1.",
        "①②⑦.⓪.⓪.①",
        "localhost",
        "sub.localhost",
        "innocent.test",
    ]
    .map(|host| format!("http://{host}:{port}/"))
    .to_vec();
    for observation in ask(urls.iter().map(|url| probe(url)).collect(), &settings) {
        assert_eq!(ruled(&observation), ("not-checked", "private-address"), "{}", observation.probe.url);
        assert_eq!(observation.attempts, 0);
    }
    assert_eq!(server.seen().len(), 0);
    settings.allow_private = true;
    for host in ["127.0.0.1", "localhost", "innocent.test"] {
        let observation = ask_one(probe(&format!("http://{host}:{port}/")), &settings);
        assert_eq!(ruled(&observation).0, "alive", "{host}");
    }
}

/// openstatusHQ/openstatus#2566: a name that was public when it was checked
/// must not lead inside when it is connected to, nor after a redirect.
#[test]
fn names_that_turn_inward_are_refused_at_every_hop() {
    let inside = Server::plain(|_| page(200, "secrets"));
    let port = inside.address.port();
    let outside = Server::plain(move |_| redirect(302, &format!("http://inner.test:{port}/")));
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let names = NameServer::new(move |name| match name {
        "turns.test" if asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 => {
            // A documentation address is special, too: one that is not, and where nobody answers.
            NameAnswer::Address(Ipv4Addr::new(192, 0, 1, 1))
        }
        _ => NameAnswer::Address(Ipv4Addr::LOCALHOST),
    });
    let settings = FetchSettings {
        name_server: Some(names.address),
        timeout: Duration::from_secs(2),
        retries: 1,
        ..settings(&[outside.rule("outer.test", "80")])
    };
    let observation = ask_one(probe("http://outer.test/"), &settings);
    assert_eq!(ruled(&observation), ("not-checked", "private-address"));
    assert_eq!(observation.hops.len(), 1);
    let observation = ask_one(probe(&format!("http://turns.test:{port}/")), &settings);
    assert_ne!(ruled(&observation).0, "alive");
    assert_eq!(inside.seen().len(), 0);
}

#[test]
fn without_a_network_the_run_ends_soon() {
    let server = Server::plain(|_| page(200, ""));
    let silent = NameServer::new(|_| NameAnswer::Silence);
    for name_server in [silent.address, closed_address()] {
        let settings = FetchSettings {
            name_server: Some(name_server),
            host_interval: Duration::from_millis(500),
            ..settings(&[server.rule("here.test", "")])
        };
        let mut probes: Vec<Probe> = (0..200).map(|n| probe(&format!("https://host{}.test/{n}", n % 50))).collect();
        probes.push(probe("http://here.test/"));
        let began = Instant::now();
        let observations = ask(probes, &settings);
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        let (here, others) = observations.split_last().expect("observations");
        assert_eq!(ruled(here).0, "alive");
        for observation in others {
            assert_eq!(ruled(observation), ("not-checked", "no-network"));
        }
    }
}

/// What ended in silence before the conclusion ends as what came after it.
#[test]
fn silence_ends_all_alike() {
    let silent = NameServer::new(|_| NameAnswer::Silence);
    let lone = NameServer::new(|name| match name {
        "here.test" => NameAnswer::NoName,
        _ => NameAnswer::Silence,
    });
    let settings = |names: &NameServer| FetchSettings {
        name_server: Some(names.address),
        timeout: Duration::from_secs(1),
        retries: 0,
        concurrency: 1,
        ..settings(&[])
    };
    let hosts: Vec<Probe> = (0..5).map(|n| probe(&format!("https://host{n}.test/"))).collect();
    for observation in ask(hosts.clone(), &settings(&silent)) {
        assert_eq!(ruled(&observation), ("not-checked", "no-network"), "{}", observation.probe.url);
    }
    // Two hosts settle nothing, and neither do any once somebody has answered.
    for observation in ask(hosts[..2].to_vec(), &settings(&silent)) {
        assert_eq!(ruled(&observation), ("unknown", "dns-timeout"));
    }
    let mixed = [&hosts[..2], &[probe("https://here.test/")], &hosts[2..]].concat();
    let made: Vec<_> = ask(mixed, &settings(&lone)).iter().map(|seen| ruled(seen).1).collect();
    let silence = "dns-timeout";
    assert_eq!(made, [silence, silence, "name-not-found", silence, silence, silence]);
}

#[test]
fn unusable_certificates_are_an_error() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings = FetchSettings { extra_roots_pem: vec![pem.as_bytes().to_vec()], ..settings(&[]) };
        let result = ask_all(Vec::new(), &settings, &StopSignal::new(), &mut |_| {});
        assert!(matches!(result, Err(FetchError::BadCertificate { number: 1, .. })), "{pem:?}");
    }
}

#[test]
fn what_is_not_the_web_is_not_asked() {
    let settings = settings(&[]);
    for url in ["ftp://a.test/", "mailto:a@b.test", "file:///etc/passwd", "javascript:1"] {
        assert_eq!(ruled(&ask_one(probe(url), &settings)), ("unsupported", "unsupported-scheme"));
    }
    let nobody = closed_address();
    let rule = format!("::{}:{}", nobody.ip(), nobody.port());
    let refused = ask_one(probe("http://a.test/"), &loopback::asking::settings(&[rule]));
    assert_eq!(ruled(&refused), ("unreachable", "connection-refused"));
    assert_eq!(refused.attempts, 1);
}
