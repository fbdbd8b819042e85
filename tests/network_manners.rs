//! Manners: how many connections a server sees, how robots.txt and quotas are
//! obeyed, how connections are used again, what a proxy is told. Counted at
//! the server.

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

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loopback::asking::{ask, ask_one, probe, ruled, settings};
use loopback::certificates::Authority;
use loopback::{Act, Server, answer, closed_address, page, redirect, slow_page};
use obelus::fetch::{FetchSettings, StopSignal, TargetFilter, ask_all};
use obelus::verdict::judge;

#[test]
fn a_hundred_names_on_one_small_server_do_not_crush_it() {
    let server = Server::plain(|_| slow_page(Duration::from_millis(10)));
    let elsewhere = Server::plain(|_| page(200, "quick"));
    let settings = FetchSettings {
        concurrency: 64,
        address_concurrency: 4,
        allow_private: true,
        ..settings(&[server.rule("*", "80")])
    };
    let mut probes: Vec<_> = (0..300).map(|n| probe(&format!("http://name{}.test/{n}", n % 100))).collect();
    // Another address: it waits for nobody.
    probes.push(probe(&format!("http://127.0.0.2:{}/", elsewhere.address.port())));
    let observations = ask(probes, &settings);
    let (other, ours) = observations.split_last().expect("observations");
    assert!(ours.iter().all(|seen| ruled(seen).0 == "alive"), "{:?}", ours.iter().map(ruled).collect::<Vec<_>>());
    assert!(ours.iter().all(|seen| seen.attempts == 1));
    assert_eq!(ruled(other).0, "unreachable", "nobody listens at 127.0.0.2");
    assert!((2..=4).contains(&server.peak_in_all()), "{}", server.peak_in_all());
    assert_eq!(server.seen().len(), 300);
}

#[test]
fn connections_are_used_again() {
    let authority = Authority::new();
    let plain = Server::plain(|_| page(200, "fine"));
    let secure = Server::tls(&authority.identity(&["b.test"]).with_http2(), |_| page(200, "fine"));
    let mut settings =
        FetchSettings { host_concurrency: 1, ..settings(&[plain.rule("*", "80"), secure.rule("*", "443")]) };
    settings.extra_roots_pem = vec![authority.pem()];
    let probes = (0..20).flat_map(|n| [probe(&format!("http://a.test/{n}")), probe(&format!("https://b.test/{n}"))]);
    let observations = ask(probes.collect(), &settings);
    assert!(observations.iter().all(|seen| ruled(seen).0 == "alive"));
    assert_eq!((plain.connections(), plain.seen().len()), (1, 20));
    assert_eq!((secure.connections(), secure.seen().len()), (1, 20));
    assert!(secure.seen().iter().all(|seen| seen.is_http2));
}

/// peter-evans/link-checker#29: hundreds of the same link hit one host.
#[test]
fn the_same_address_is_never_asked_twice_at_once() {
    let server = Server::plain(|seen| match seen.host.as_str() {
        "goal.test" => slow_page(Duration::from_millis(30)),
        _ => redirect(302, "http://goal.test/page"),
    });
    let settings = FetchSettings { host_concurrency: 16, ..settings(&[server.rule("*", "80")]) };
    let probes = (0..10).map(|n| probe(&format!("http://from{n}.test/"))).collect();
    let observations = ask(probes, &settings);
    assert!(observations.iter().all(|seen| seen.status() == Some(200) && seen.attempts == 1));
    assert_eq!((server.peak("goal.test"), server.count("goal.test", "/page")), (1, 10));
}

#[test]
fn a_connection_that_the_server_closes_is_replaced() {
    let server = Server::plain(|seen| match seen.nth {
        0 => Act::Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nfine".to_vec()),
        _ => page(404, ""),
    });
    let settings = FetchSettings { host_concurrency: 1, retries: 0, ..settings(&[server.rule("*", "80")]) };
    let observations = ask((0..9).map(|n| probe(&format!("http://a.test/{n}"))).collect(), &settings);
    assert!(observations.iter().all(|seen| ruled(seen).0 == "alive" && seen.attempts == 1));
    assert_eq!(server.seen().len(), 9);
}

#[test]
fn robots_are_obeyed_where_it_is_asked_for() {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("some.test", "/robots.txt") => answer(200, &[("content-type", "text/plain")], "User-agent: *\nDisallow: /no"),
        ("ours.test", "/robots.txt") => answer(200, &[], "User-agent: obelus\nDisallow: /\nUser-agent: *\nDisallow:"),
        ("broken.test", "/robots.txt") => page(500, ""),
        ("moved.test", "/robots.txt") => redirect(301, "http://some.test/robots.txt"),
        (_, "/robots.txt") => page(404, ""),
        ("goes.test", _) => redirect(302, "http://some.test/no/further"),
        _ => page(200, "<title>Fine</title>"),
    });
    let settings = FetchSettings { robots: true, retries: 0, ..settings(&[server.rule("*", "80")]) };
    let (alive, robots) = (("alive", "answered"), ("not-checked", "robots"));
    let cases = [
        ("http://some.test/yes", alive),
        ("http://some.test/no", robots),
        ("http://some.test/not/even/this", robots),
        ("http://ours.test/", robots),
        ("http://broken.test/", robots),
        ("http://moved.test/no", robots),
        ("http://moved.test/yes", alive),
        ("http://none.test/", alive),
        ("http://goes.test/", robots),
    ];
    let observations = ask(cases.map(|(url, _)| probe(url)).to_vec(), &settings);
    let made: Vec<_> = observations.iter().map(|seen| (seen.probe.url.as_str(), ruled(seen))).collect();
    assert_eq!(made, cases);
    // Asked for itself, and for the host whose file is moved there.
    assert_eq!(server.count("some.test", "/robots.txt"), 2);
    for host in ["ours.test", "broken.test", "none.test", "goes.test"] {
        assert_eq!(server.count(host, "/robots.txt"), 1, "{host}");
    }
    assert!(!server.seen().iter().any(|seen| seen.path.starts_with("/no")));
    let settings = FetchSettings { robots: false, ..settings };
    assert_eq!(ruled(&ask_one(probe("http://some.test/no"), &settings)), alive);
}

#[test]
fn used_up_quotas_are_waited_for() {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("new.test", "/1") => answer(200, &[("ratelimit", "\"a\";r=0;t=1")], "fine"),
        ("old.test", "/1") => answer(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1")], "fine"),
        _ => answer(200, &[("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "3600")], "fine"),
    });
    let settings = FetchSettings { host_concurrency: 1, ..settings(&[server.rule("*", "80")]) };
    let urls =
        ["http://new.test/1", "http://new.test/2", "http://old.test/1", "http://old.test/2", "http://old.test/3"];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    assert!(observations.iter().all(|seen| ruled(seen).0 == "alive"));
    for host in ["new.test", "old.test"] {
        let gaps = server.gaps(host);
        assert!(gaps[0] >= Duration::from_millis(900), "{host} {gaps:?}");
    }
}

/// A proxy that tunnels: what it was asked, and everything after, unread.
fn tunnelling_proxy(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream: TcpStream = stream.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap() == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let is_refused = head.contains("refused.test");
            seen.lock().unwrap().push(head);
            if is_refused {
                stream.write_all(b"HTTP/1.1 403 No\r\n\r\n").unwrap();
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 Go on\r\n\r\n").unwrap();
            let goal = TcpStream::connect(to).unwrap();
            let (mut from, mut into) = (stream.try_clone().unwrap(), goal.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut into));
            let (mut from, mut into) = (goal, stream);
            std::thread::spawn(move || std::io::copy(&mut from, &mut into));
        }
    });
    (address, heads)
}

#[test]
fn a_proxy_is_used_where_it_is_named() {
    let authority = Authority::new();
    let secure = Server::tls(&authority.identity(&["a.test"]), |_| page(200, "<title>Secure</title>"));
    let (tunnel, heads) = tunnelling_proxy(secure.address);
    let mut settings = settings(&[]);
    settings.extra_roots_pem = vec![authority.pem()];
    settings.retries = 0;
    settings.proxy = Some(format!("http://me:secret@{tunnel}").parse().unwrap());
    let observations = ask(["https://a.test/x", "https://refused.test/"].map(probe).to_vec(), &settings);
    assert_eq!(ruled(&observations[0]), ("alive", "answered"));
    assert_eq!(ruled(&observations[1]), ("unreachable", "network-error"));
    let heads = heads.lock().unwrap();
    assert!(heads.iter().any(|head| head.starts_with("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n")));
    let is_authorized = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap_or_default();
        name.eq_ignore_ascii_case("proxy-authorization") && value == "Basic bWU6c2VjcmV0"
    };
    assert!(heads.iter().all(|head| head.lines().any(is_authorized)));
    assert!(secure.seen().iter().all(|seen| seen.header("proxy-authorization").is_none() && seen.path == "/x"));

    let plain = Server::plain(|_| page(200, "<title>Plain</title>"));
    settings.proxy = Some(format!("http://{}", plain.address).parse().unwrap());
    assert_eq!(ruled(&ask_one(probe("http://a.test/x?y"), &settings)).0, "alive");
    let seen = plain.seen();
    assert_eq!((seen[0].path.as_str(), seen[0].host.as_str()), ("http://a.test/x?y", "a.test"));
    // What the address itself tells is checked all the same.
    assert_eq!(ruled(&ask_one(probe("http://10.0.0.1/"), &settings)), ("not-checked", "private-address"));
}

#[test]
fn a_proxy_may_speak_tls() {
    let authority = Authority::new();
    let proxy = Server::tls(&authority.identity(&["localhost"]).with_http2(), |seen| match seen.method.as_str() {
        "CONNECT" => page(403, ""),
        _ => page(200, "<title>Plain</title>"),
    });
    let mut settings = settings(&[]);
    settings.retries = 0;
    settings.proxy = Some(format!("https://me:secret@localhost:{}", proxy.address.port()).parse().unwrap());
    // Whom nobody trusts is told nothing.
    let distrusted = ask_one(probe("http://a.test/x"), &settings);
    assert_eq!(ruled(&distrusted), ("unreachable", "network-error"));
    assert_eq!(proxy.seen().len(), 0);
    settings.extra_roots_pem = vec![authority.pem()];
    assert_eq!(ruled(&ask_one(probe("http://a.test/x"), &settings)), ("alive", "answered"));
    assert_eq!(ruled(&ask_one(probe("https://a.test/x"), &settings)), ("unreachable", "network-error"));
    let seen = proxy.seen();
    assert_eq!((seen[0].path.as_str(), seen[1].path.as_str()), ("http://a.test/x", "a.test:443"));
    assert!(seen.iter().all(|seen| !seen.is_http2 && seen.header("proxy-authorization").is_some()));
}

/// What we ask on our own account is asked by the same rules, and counted.
#[test]
fn controls_obey_robots_and_exclusions() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/robots.txt" if seen.host == "shy.test" => answer(200, &[], "User-agent: *\nDisallow: /$"),
        "/" => page(200, "<title>Front page</title>"),
        "/soft/page" => page(200, "<title>Page not found</title><p>Sorry, this page could not be found."),
        _ => page(404, ""),
    });
    let settings = FetchSettings { retries: 0, ..settings(&[server.rule("*", "80")]) };
    let ask_with = |settings: &FetchSettings, urls: &[&str]| {
        let questions = urls.iter().map(|url| probe(url).into()).collect();
        ask_all(questions, settings, &StopSignal::new(), &mut |_| {}).unwrap()
    };
    let both = ["http://shy.test/page", "http://a.test/soft/page"];
    let answers = ask_with(&settings, &both);
    assert_eq!((answers.timing.requests, answers.timing.beside), (4, 2));
    assert_eq!(server.count("shy.test", "/"), 1);

    let answers = ask_with(&FetchSettings { robots: true, ..settings.clone() }, &["http://shy.test/page"]);
    assert_eq!((answers.timing.requests, answers.timing.beside), (2, 1));
    assert_eq!(server.count("shy.test", "/"), 1);
    // Nothing shows any more that the host is there for us; it is less certain.
    let verdict = judge(&answers.observations[0]);
    assert_eq!((verdict.standing.name(), verdict.confidence.thousandths()), ("gone", 900));

    let targets =
        TargetFilter { exclude: vec![regex::Regex::new("test/$|/soft/[a-z]{25}").unwrap()], ..TargetFilter::default() };
    let answers = ask_with(&FetchSettings { targets, ..settings }, &both);
    assert_eq!((answers.timing.requests, answers.timing.beside), (2, 0));
    assert_eq!(server.count("shy.test", "/"), 1);
    assert_eq!(ruled(&answers.observations[0]).0, "gone");
    assert_ne!(ruled(&answers.observations[1]).0, "alive");
}

#[test]
fn no_ambient_proxy_is_used() {
    let server = Server::plain(|_| page(200, "fine"));
    let folder = tempfile::tempdir().unwrap();
    let article = folder.path().join("a.md");
    std::fs::write(&article, "See [this](http://a.test/).\n").unwrap();
    let nobody = format!("http://{}", closed_address());
    let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, &nobody);
    }
    let output = command
        .args(["check", "--format", "json", "--retries", "0", "--connect-to", &server.rule("*", "80")])
        .arg(&article)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["resolutions"][0]["verdict"], "alive");
    assert_eq!(server.seen().len(), 1);
}
