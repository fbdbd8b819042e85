//! One table of scripted conversations, each with the verdict expected of it:
//! no living page may be called dead and no dead page alive. What servers say
//! (`conversations`), what they do on the wire (`wire`), and what happens
//! before they come to speak (`routes`), all of it over real sockets; the test
//! prints the table (`cargo test --test verdicts -- --nocapture`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and prints its table"
)]

mod addresses;
mod conversations;
#[path = "../loopback/mod.rs"]
mod loopback;
mod routes;
mod web;
mod wire;

use std::collections::HashMap;
use std::time::Duration;

use conversations::{Truth, cases, front, good, missing, site_page};
use loopback::asking::{ask, probe, ruled, settings};
use loopback::{Act, Seen, Server, page, redirect};
use obelus::fetch::FetchSettings;
use obelus::verdict::{Observation, judge};

/// What the hosts of the table answer.
fn act(scripts: &HashMap<String, Vec<(&'static str, Act)>>, seen: &Seen) -> Act {
    match seen.host.as_str() {
        "consent.wall.test" => return page(200, "<title>Consent</title>"),
        "www.hugedomains.com" => return page(200, "<title>This domain is for sale</title>"),
        _ => {}
    }
    if seen.path == "/flaky" && seen.nth < 2 {
        return page(503, "busy");
    }
    let script = &scripts[&seen.host];
    let found =
        script.iter().find(|(path, _)| *path == seen.path).or_else(|| script.iter().find(|(path, _)| *path == "*"));
    let mut act = found.map_or_else(|| page(404, ""), |(_, act)| act.clone());
    if let Act::Answer { body, .. } = &mut act {
        *body = String::from_utf8(body.clone()).unwrap().replace("%PATH%", &seen.path).into_bytes();
    }
    act
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    name: String,
    truth: Truth,
    expected: (&'static str, &'static str),
    made: (&'static str, &'static str),
    /// What the verdict says in short.
    said: String,
}

impl Row {
    fn new(name: &str, truth: Truth, expected: (&'static str, &'static str), seen: &Observation) -> Self {
        Self { name: name.to_owned(), truth, expected, made: ruled(seen), said: judge(seen).in_short() }
    }

    /// What is wrong with it.
    fn failure(&self) -> Option<String> {
        let Self { name, truth, expected, made, said } = self;
        let is_dead = matches!(made.0, "gone" | "host-gone" | "soft-404" | "home-redirect" | "parked");
        let is_alive = matches!(made.0, "alive" | "moved" | "paywall");
        if *truth != Truth::Dead && is_dead || *truth != Truth::Living && is_alive {
            return Some(format!("{name}: the truth is {truth:?}, and it was called {made:?}: {said}"));
        }
        (expected != made).then(|| format!("{name}: wanted {expected:?}, got {made:?}: {said}"))
    }
}

fn conversation_rows() -> Vec<Row> {
    let cases = cases();
    let host = |index: usize| format!("case{index}.test");
    let scripts = cases.iter().enumerate().map(|(index, case)| (host(index), case.script.clone())).collect();
    let server = Server::plain(move |seen| act(&scripts, seen));
    let settings = FetchSettings { timeout: Duration::from_secs(20), ..settings(&[server.rule("*", "")]) };
    let probes =
        cases.iter().enumerate().map(|(index, case)| probe(&format!("http://{}{}", host(index), case.cited))).collect();
    let observations = ask(probes, &settings);
    cases.iter().zip(&observations).map(|(case, seen)| Row::new(&case.name, case.truth, case.expected, seen)).collect()
}

#[test]
fn conversations_and_their_verdicts() {
    let rows = [conversation_rows(), wire::rows(), routes::rows()].concat();
    println!("{:<48} {:<8} {:<14} reason", "conversation", "truth", "verdict");
    for row in &rows {
        let truth = format!("{:?}", row.truth).to_lowercase();
        println!("{:<48} {truth:<8} {:<14} {}", row.name, row.made.0, row.made.1);
    }
    println!("{} conversations", rows.len());
    let failures: Vec<String> = rows.iter().filter_map(Row::failure).collect();
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), rows.len(), failures.join("\n"));
}

/// A web of 2,000 references on 250 hosts, some of which never say 404: the
/// controls cost less than three requests for ten references.
#[test]
fn controls_cost_a_fraction_of_a_request() {
    const REFERENCES: usize = 2000;
    const HOSTS: usize = 250;
    let server = Server::plain(|seen| {
        let host: usize = seen.host.trim_start_matches("site").split('.').next().unwrap().parse().unwrap();
        let number: Option<usize> = seen
            .path
            .rsplit('/')
            .next()
            .and_then(|name| name.strip_prefix("story"))
            .and_then(|number| number.parse().ok());
        let is_living = number.is_some_and(|number| number % 8 != 0);
        match (seen.path.as_str(), is_living, host % 10) {
            ("/", ..) => front().1,
            (_, true, _) => good(&format!("story {}", seen.path)),
            // The hosts of a web: most say 404, some show a page, some send home.
            (.., 0 | 1) => page(200, &site_page("Page not found", "Sorry", "We could not find that page.")),
            (.., 2) => redirect(302, "/"),
            _ => missing().1,
        }
    });
    let settings = FetchSettings { host_concurrency: 8, ..settings(&[server.rule("*", "")]) };
    let probes = (0..REFERENCES).map(|n| {
        // Eight references to a host, in three folders.
        let (host, number) = (n % HOSTS, n / HOSTS + n % 3);
        probe(&format!("http://site{host}.test/folder{}/story{number}", n % 3))
    });
    let observations = ask(probes.collect(), &settings);
    let dead = observations.iter().filter(|seen| !judge(seen).standing.is_readable()).count();
    let requests = server.seen().len();
    println!("{requests} requests for {REFERENCES} references, {dead} of them dead");
    let dead_in_truth = observations
        .iter()
        .filter(|seen| {
            let name = seen.probe.url.path().rsplit('/').next().unwrap().to_owned();
            name.trim_start_matches("story").parse::<usize>().unwrap() % 8 == 0
        })
        .count();
    assert!(dead_in_truth > REFERENCES / 20, "{dead_in_truth}");
    assert_eq!(dead, dead_in_truth);
    let redirects: usize = observations.iter().map(|seen| seen.hops.len()).sum();
    assert!((requests - redirects) * 10 <= REFERENCES * 13, "{requests} requests, {redirects} of them redirects");
}
