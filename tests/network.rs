//! Asking, from probe to verdict, against scripted servers: what a server does
//! stands beside what is made of it. No test needs the outside network, and
//! times are measured at the server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

mod loopback;

use std::time::{Duration, Instant};

use loopback::asking::{ask, ask_one, page_of, probe, ruled, settings};
use loopback::certificates::Authority;
use loopback::{Act, Server, answer, page, parting, redirect, slow_page};
use obelus::fetch::{FetchSettings, StopSignal, ask_all};
use obelus::verdict::{BodyExtent, judge};

/// lycheeverse/lychee#2193: users believed that a 503 was tried again, and it
/// was not.
#[test]
fn repetitions_are_counted_at_the_server() {
    let server = Server::plain(|seen| match (seen.path.as_str(), seen.nth) {
        ("/recovers", 0 | 1) => page(503, ""),
        ("/reset", 0) => Act::Reset,
        ("/gone", _) => page(404, ""),
        ("/forbidden", _) => page(403, ""),
        ("/fails", _) => page(500, ""),
        _ => page(200, "fine"),
    });
    let settings = settings(&[server.rule("*", "")]);
    for (path, requests, standing) in [
        ("/recovers", 3, "alive"),
        ("/reset", 2, "alive"),
        ("/gone", 1, "gone"),
        ("/forbidden", 1, "blocked"),
        ("/fails", 3, "server-error"),
    ] {
        let observation = ask_one(probe(&format!("http://a.test{path}")), &settings);
        assert_eq!(server.count("a.test", path), requests, "{path}");
        assert_eq!(observation.attempts as usize, requests, "{path}");
        assert_eq!(ruled(&observation).0, standing, "{path}");
    }
}

/// The retry table, for every status there is: how often the server is asked.
#[test]
fn every_status_is_asked_as_often_as_the_table_says() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/page" => page(seen.host[1..4].parse().expect("a status"), "as you wish"),
        "/" => page(200, "<title>Front page</title>"),
        _ => page(404, ""),
    });
    let settings = FetchSettings { address_concurrency: 64, ..settings(&[server.rule("*", "80")]) };
    let statuses: Vec<u16> =
        (200..=599).chain([999]).filter(|status| !matches!(status, 301 | 302 | 303 | 307 | 308)).collect();
    let probes = statuses.iter().map(|status| probe(&format!("http://s{status}.test/page"))).collect();
    let observations = ask(probes, &settings);
    for (status, observation) in statuses.iter().zip(&observations) {
        let is_passing = matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504 | 520..=527 | 530);
        let expected = if is_passing { 3 } else { 1 };
        assert_eq!(server.count(&format!("s{status}.test"), "/page"), expected, "{status}");
        assert_eq!(observation.attempts as usize, expected, "{status}");
        assert_eq!(observation.status(), Some(*status));
        let standing = ruled(observation).0;
        assert_eq!(
            matches!(standing, "alive" | "moved"),
            (200..300).contains(status) && !matches!(status, 204 | 205),
            "{status} {standing}"
        );
        assert_eq!(standing == "gone", matches!(status, 404 | 410), "{status} {standing}");
    }
}

#[test]
fn retry_after_is_obeyed_as_a_date() {
    let server = Server::plain(|seen| match seen.nth {
        0 => {
            let soon = jiff::Timestamp::now() + Duration::from_secs(3);
            let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&soon).expect("a date");
            answer(429, &[("retry-after", &date)], "")
        }
        _ => page(200, "fine"),
    });
    let observation = ask_one(probe("http://busy.test/"), &settings(&[server.rule("*", "80")]));
    assert_eq!((ruled(&observation).0, observation.attempts), ("alive", 2));
    // A date has no parts of a second.
    assert!(server.gaps("busy.test")[0] >= Duration::from_millis(1900));
}

/// Programs that ask by HEAD call such pages dead (linkinator, Sphinx and
/// html-proofer ask again by GET). We never ask by HEAD.
#[test]
fn head_404_but_get_200() {
    let server = Server::plain(|seen| if seen.method == "GET" { page(200, "fine") } else { page(404, "") });
    assert_eq!(ruled(&ask_one(probe("http://a.test/"), &settings(&[server.rule("*", "80")]))).0, "alive");
}

/// Servers of HTTP/2 say goodbye in the middle, or break one stream off.
#[test]
fn goodbyes_and_broken_streams_of_http2_pass() {
    let authority = Authority::new();
    let server = Server::tls(&authority.identity(&["a.test"]).with_http2(), parting);
    let mut settings = settings(&[server.rule("*", "443")]);
    settings.extra_roots_pem = vec![authority.pem()];
    for (path, standing, attempts) in
        [("/goodbye", "alive", 2), ("/broken", "alive", 2), ("/always-broken", "unreachable", 3), ("/", "alive", 1)]
    {
        let observation = ask_one(probe(&format!("https://a.test{path}")), &settings);
        assert_eq!(
            (ruled(&observation).0, observation.attempts),
            (standing, attempts),
            "{path} {:?}",
            observation.outcome
        );
    }
    assert!(server.seen().iter().all(|seen| seen.is_http2));
}

/// Where each request keeps a wait of its own, as in lychee, all that wait for
/// the host go off at once.
#[test]
fn retry_after_holds_the_whole_host_and_only_it() {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str(), seen.nth) {
        ("busy.test", "/1", 0) => answer(429, &[("retry-after", "2")], ""),
        _ => page(200, "fine"),
    });
    let settings = FetchSettings { host_concurrency: 1, ..settings(&[server.rule("*", "")]) };
    let urls = ["http://busy.test/1", "http://busy.test/2", "http://calm.test/"];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    assert!(observations.iter().all(|seen| ruled(seen).0 == "alive"));
    let gaps = server.gaps("busy.test");
    assert!(gaps[0] >= Duration::from_millis(1900), "{gaps:?}");
    let calm = server.seen().iter().position(|seen| seen.host == "calm.test");
    assert!(calm < Some(2), "{calm:?}");
}

#[test]
fn a_host_that_wants_a_long_rest_gets_it() {
    let server = Server::plain(|_| answer(429, &[("retry-after", "3600")], ""));
    let settings = FetchSettings { host_concurrency: 1, ..settings(&[server.rule("*", "")]) };
    let urls = ["http://busy.test/1", "http://busy.test/2"];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    assert_eq!(ruled(&observations[0]), ("blocked", "rate-limited"));
    assert_eq!(ruled(&observations[1]), ("not-checked", "asked-to-wait"));
    assert_eq!(server.seen().len(), 1);
}

/// A wish for rest takes back nothing that is known already.
#[test]
fn what_a_host_said_before_it_wanted_rest_counts() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/fails" => answer(500, &[], ""),
        "/moves" => redirect(301, "/fails"),
        _ => answer(429, &[("retry-after", "86400")], ""),
    });
    let first_wait = Duration::from_secs(5);
    let settings = FetchSettings { host_concurrency: 1, first_wait, ..settings(&[server.rule("*", "")]) };
    let urls = ["http://busy.test/moves", "http://busy.test/fails", "http://busy.test/rest"];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    assert_eq!(observations[0].last_status(), Some(301), "{:?}", observations[0]);
    // It was asked, and its redirect leads where nobody may ask now.
    let moves = judge(&observations[0]);
    assert_eq!((moves.standing.name(), moves.reason), ("unknown", "asked-to-wait"));
    assert!(moves.in_short().starts_with("busy.test asked us to wait"), "{}", moves.in_short());
    assert_eq!(ruled(&observations[1]).0, "server-error");
    assert_eq!(observations[1].last_status(), Some(500));
    assert_eq!(ruled(&observations[2]), ("blocked", "rate-limited"));
}

#[test]
fn redirects_that_lead_nowhere_have_a_status() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/nowhere" => answer(302, &[], ""),
        path => redirect(307, path),
    });
    let settings = settings(&[server.rule("*", "")]);
    for (path, reason, status) in [("/nowhere", "bad-redirect", 302), ("/circle", "redirect-loop", 307)] {
        let observation = ask_one(probe(&format!("http://a.test{path}")), &settings);
        assert_eq!(ruled(&observation), ("unknown", reason));
        assert_eq!(observation.last_status(), Some(status));
    }
}

/// JustinBeckwith/linkinator#527, wjdp/htmltest#152: pauses per host. Where the
/// HTTP client follows redirects by itself, as in lychee, the limit of the host
/// that they lead to never holds: doi.org and one publisher is the worst case.
#[test]
fn pacing_is_per_host_actually_contacted() {
    let server = Server::plain(|seen| {
        if seen.host.starts_with("from") {
            return redirect(302, &format!("http://goal.test{}", seen.path));
        }
        slow_page(Duration::from_millis(150))
    });
    let settings = FetchSettings {
        host_concurrency: 2,
        host_interval: Duration::from_millis(50),
        ..settings(&[server.rule("*", "80")])
    };
    let probes = (0..12).map(|n| probe(&format!("http://from{n}.test/{n}"))).collect();
    let observations = ask(probes, &settings);
    assert!(observations.iter().all(|seen| ruled(seen).0 == "alive"));
    assert_eq!(server.peak("goal.test"), 2);
    // Twelve starts are eleven intervals apart. One gap may look shorter here
    // than it was at the client; their sum hardly can.
    let sum: Duration = server.gaps("goal.test").iter().sum();
    assert!(sum >= Duration::from_millis(11 * 50 - 100), "{sum:?}");
}

/// JustinBeckwith/linkinator#847: the limit on requests at once was none.
#[test]
fn many_hosts_are_asked_at_once_but_not_more_than_allowed() {
    let server = Server::plain(|_| slow_page(Duration::from_millis(200)));
    let settings = FetchSettings { concurrency: 8, ..settings(&[server.rule("*", "80")]) };
    let probes = (0..24).map(|n| probe(&format!("http://host{n}.test/"))).collect();
    let began = Instant::now();
    ask(probes, &settings);
    // Three rounds of eight; one by one would be 4.8 s.
    assert!(began.elapsed() >= Duration::from_millis(550));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn time_runs_out_in_every_phase() {
    let plain = Server::plain(|seen| match seen.path.as_str() {
        "/body" => Act::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<title>A</title>".into()),
        "/half-a-head" => Act::Stall(b"HTTP/1.1 200 OK\r\ncontent-".into()),
        _ => Act::Stall(Vec::new()),
    });
    let mute = Server::mute();
    let settings = FetchSettings {
        timeout: Duration::from_secs(1),
        retries: 0,
        ..settings(&[plain.rule("", "80"), mute.rule("", "443")])
    };
    let urls = ["http://a.test/", "http://b.test/half-a-head", "http://c.test/body", "https://d.test/"];
    let observations = ask(urls.map(probe).to_vec(), &settings);
    let made: Vec<_> = observations.iter().map(ruled).collect();
    assert_eq!(
        made,
        [
            ("timeout", "answer-timeout"),
            ("timeout", "answer-timeout"),
            ("alive", "answered"),
            ("timeout", "connect-timeout"),
        ]
    );
    assert_eq!(page_of(&observations[2]).extent, BodyExtent::Torn);
    assert_eq!(page_of(&observations[2]).title.as_deref(), Some("A"));
}

#[test]
fn redirects_are_recorded_and_limited() {
    let server = Server::plain(|seen| {
        let step: usize = seen.path[1..].parse().expect("a number");
        redirect(301, &format!("http://h{step}.test/{}", step + 1))
    });
    let settings = settings(&[server.rule("*", "")]);
    let observation = ask_one(probe("http://start.test/0#place"), &settings);
    assert_eq!(ruled(&observation), ("unknown", "redirect-loop"));
    assert_eq!(observation.hops.len(), 11);
    assert_eq!(observation.attempts, 1);
    assert_eq!(server.seen().len(), 11);
    assert_eq!(observation.final_url.fragment(), Some("place"));
}

#[test]
fn an_interrupted_run_gives_what_it_knows_in_order() {
    let server = Server::plain(|seen| match seen.host.as_str() {
        "fast.test" => page(200, ""),
        _ => Act::Stall(Vec::new()),
    });
    let settings = settings(&[server.rule("*", "")]);
    let urls = ["http://slow.test/1", "http://fast.test/", "http://slow.test/2", "http://slow.test/3"];
    let stop = StopSignal::new();
    let giver = stop.clone();
    let began = Instant::now();
    let observations = ask_all(urls.map(|url| probe(url).into()).into(), &settings, &stop, &mut |seen| {
        if seen.probe.url.host_str() == Some("fast.test") {
            giver.stop();
        }
    })
    .expect("a run")
    .observations;
    assert!(began.elapsed() < Duration::from_secs(8));
    let asked: Vec<&str> = observations.iter().map(|seen| seen.probe.url.as_str()).collect();
    assert_eq!(asked, urls);
    let made: Vec<_> = observations.iter().map(|seen| ruled(seen).1).collect();
    assert_eq!(made, ["interrupted", "answered", "interrupted", "interrupted"]);
}

#[test]
fn answers_come_in_the_order_of_the_probes() {
    let server = Server::plain(|seen| {
        let rank: u64 = seen.path[1..].parse().expect("a number");
        slow_page(Duration::from_millis(20 * (10 - rank)))
    });
    let settings = settings(&[server.rule("*", "")]);
    let urls: Vec<String> = (0..10).map(|n| format!("http://h{n}.test/{n}")).collect();
    let mut heard = 0;
    let observations =
        ask_all(urls.iter().map(|url| probe(url).into()).collect(), &settings, &StopSignal::new(), &mut |_| heard += 1)
            .expect("a run")
            .observations;
    assert_eq!(heard, 10);
    assert!(observations.iter().zip(&urls).all(|(seen, url)| seen.probe.url.as_str() == url));
}
