//! What judgement makes of what was seen, as tables.

use std::time::Duration;

use url::Url;

use super::*;
use crate::verdict::{Hop, Probe};

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn seen(asked: &str, hops: &[(&str, u16)], last: &str, outcome: Outcome) -> Observation {
    Observation {
        probe: Probe::new(url(asked)),
        final_url: url(last),
        hops: hops.iter().map(|(at, status)| Hop { url: url(at), status: *status }).collect(),
        before_fallback: None,
        outcome,
        controls: Vec::new(),
        attempts: 1,
        elapsed: Duration::ZERO,
        at: jiff::Timestamp::UNIX_EPOCH,
        is_cached: false,
    }
}

fn answered(status: u16, body: &str) -> Outcome {
    let page = PageFacts::read(body.as_bytes(), Some("text/html"), BodyExtent::Whole);
    Outcome::Answered { status, headers: Vec::new(), page: Some(Box::new(page)) }
}

fn ruled(observation: &Observation) -> (&'static str, &'static str) {
    let verdict = judge(observation);
    (verdict.standing.name(), verdict.reason)
}

#[test]
fn statuses() {
    for (status, standing, reason) in [
        (200, "alive", "answered"),
        (202, "alive", "answered"),
        (204, "unknown", "no-content"),
        (300, "unknown", "unexpected-status"),
        (304, "unknown", "unexpected-status"),
        (400, "unknown", "request-refused"),
        (401, "blocked", "needs-credentials"),
        (402, "blocked", "payment-required"),
        (403, "blocked", "forbidden"),
        (404, "gone", "status-404"),
        (405, "unknown", "request-refused"),
        (406, "unknown", "request-refused"),
        (407, "blocked", "proxy-credentials"),
        (408, "timeout", "server-gave-up"),
        (410, "gone", "status-410"),
        (429, "blocked", "rate-limited"),
        (451, "blocked", "legal-reasons"),
        (500, "server-error", "server-failed"),
        (502, "server-error", "origin-unreachable"),
        (503, "server-error", "unavailable"),
        (511, "unknown", "captive-portal"),
        (522, "server-error", "origin-unreachable"),
        (999, "blocked", "status-999"),
        (777, "unknown", "unexpected-status"),
    ] {
        let asked = "https://a.org/x";
        let observation = seen(asked, &[], asked, answered(status, "page"));
        assert_eq!(ruled(&observation), (standing, reason), "{status}");
    }
    let empty = seen("https://a.org/x", &[], "https://a.org/x", answered(202, ""));
    assert_eq!(ruled(&empty), ("unknown", "accepted-without-page"));
}

#[test]
fn redirects() {
    for (asked, hops, last, standing, reason, moved_to) in [
        ("https://nato.int/", &[("https://nato.int/", 301)][..], "https://www.nato.int/", "alive", "same-site", None),
        (
            "https://nato.int/",
            &[("https://nato.int/", 302)],
            "https://www.nato.int/en/",
            "alive",
            "temporary-redirect",
            None,
        ),
        (
            "https://twitter.com/",
            &[("https://twitter.com/", 301)],
            "https://x.com/",
            "moved",
            "permanent-redirect",
            Some("https://x.com/"),
        ),
        (
            "http://a.org/p",
            &[("http://a.org/p", 301), ("https://a.org/p", 308)],
            "https://www.a.org/p/",
            "alive",
            "same-address",
            Some("https://www.a.org/p/"),
        ),
        (
            "https://a.org/p",
            &[("https://a.org/p", 301)],
            "https://a.org/q",
            "moved",
            "permanent-redirect",
            Some("https://a.org/q"),
        ),
        (
            "https://a.org/p",
            &[("https://a.org/p", 308), ("https://a.org/q", 302)],
            "https://a.org/r",
            "moved",
            "permanent-redirect",
            Some("https://a.org/q"),
        ),
        (
            "https://a.org/p",
            &[("https://a.org/p", 302), ("https://a.org/q", 301)],
            "https://a.org/r",
            "alive",
            "temporary-redirect",
            None,
        ),
        // Two sites under one public suffix are not one site.
        (
            "https://one.github.io/",
            &[("https://one.github.io/", 301)],
            "https://two.github.io/",
            "moved",
            "permanent-redirect",
            Some("https://two.github.io/"),
        ),
    ] {
        let observation = seen(asked, hops, last, answered(200, "page"));
        assert_eq!(ruled(&observation), (standing, reason), "{asked} to {last}");
        assert_eq!(judge(&observation).moved_to, moved_to.map(url), "{asked} to {last}");
    }
    let lost = seen("https://a.org/p", &[("https://a.org/p", 301)], "https://a.org/q", answered(404, ""));
    assert_eq!(ruled(&lost), ("gone", "status-404"));
    assert_eq!(judge(&lost).moved_to, None);
}

#[test]
fn trouble_is_never_gone_and_never_alive() {
    for (outcome, standing, reason) in [
        (Outcome::NameTrouble, "unknown", "dns-trouble"),
        (Outcome::TimedOut(Phase::Resolve), "unknown", "dns-timeout"),
        (Outcome::TimedOut(Phase::Connect), "timeout", "connect-timeout"),
        (Outcome::TimedOut(Phase::Headers), "timeout", "answer-timeout"),
        (Outcome::Unreachable(NetworkFault::Refused), "unreachable", "connection-refused"),
        (Outcome::Unreachable(NetworkFault::Reset), "unreachable", "connection-reset"),
        (Outcome::Unreachable(NetworkFault::NoRoute), "unreachable", "no-route"),
        (Outcome::Unreachable(NetworkFault::NoAddress), "unreachable", "no-address"),
        (Outcome::Tls(TlsFault::Expired), "tls", "certificate-expired"),
        (Outcome::Tls(TlsFault::Other("odd".into())), "tls", "tls-failed"),
        (Outcome::TooManyRedirects, "unknown", "redirect-loop"),
        (Outcome::BadRedirect, "unknown", "bad-redirect"),
        (Outcome::UnsupportedScheme, "unsupported", "unsupported-scheme"),
        (Outcome::Withheld(Withheld::Offline), "not-checked", "offline"),
        (Outcome::Withheld(Withheld::PrivateAddress), "not-checked", "private-address"),
        (Outcome::Withheld(Withheld::Interrupted), "not-checked", "interrupted"),
        (Outcome::Withheld(Withheld::NoNetwork), "not-checked", "no-network"),
        (Outcome::Withheld(Withheld::AskedToWait), "not-checked", "asked-to-wait"),
    ] {
        let observation = seen("https://a.org/", &[], "https://a.org/", outcome);
        assert_eq!(ruled(&observation), (standing, reason));
        assert!(!judge(&observation).evidence.is_empty());
    }
}

#[test]
fn a_name_that_does_not_exist_is_a_host_gone_unless_it_is_an_onion() {
    let missing = |at| ruled(&seen(at, &[], at, Outcome::NameNotFound));
    assert_eq!(missing("https://a.org/"), ("host-gone", "name-not-found"));
    assert_eq!(missing("http://abc.onion/"), ("unsupported", "onion"));
}

#[test]
fn the_way_is_told_in_words() {
    let mut observation =
        seen("https://user:word@a.org/", &[("http://a.org/", 302)], "http://a.org/b", answered(200, "page"));
    observation.before_fallback = Some(Outcome::Tls(TlsFault::WrongName));
    observation.attempts = 3;
    let kinds: Vec<&str> = judge(&observation).evidence.iter().map(|fact| fact.kind).collect();
    assert_eq!(kinds, ["credentials", "fallback", "redirect", "attempts", "status"]);
}
