//! Whether to ask again. There is one table, [`cure`], for every status and
//! every transport error; everything else here turns a row of it into a time.
//!
//! The rule behind the table: ask again where the same question may well be
//! answered differently in a few seconds, and never where the answer is an
//! answer. Delays are deterministic: the pacing per host already spreads the
//! requests, so jitter would buy nothing and cost reproducible runs.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};

use super::{NetworkFault, Outcome, Phase};

/// How patient a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most repetitions of one request; 0 asks everything once.
    pub retries: u32,
    /// The wait before the first repetition; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait. A server that asks for more is not waited for.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries: 2, first_wait: Duration::from_secs(1), longest_wait: Duration::from_mins(1) }
    }
}

/// What follows from one ended request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryDecision {
    /// What happens to the request.
    pub next: Next,
    /// What happens to everything else that waits for the same host.
    pub host: HostMood,
}

/// How long an answer asks us to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AskedWaits {
    /// What `Retry-After` says.
    pub retry_after: Option<Duration>,
    /// When a used-up quota is filled again: see [`quota_wait`].
    pub quota: Option<Duration>,
}

/// What happens to a request that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Its outcome stands.
    Stop,
    /// It is asked again after so long.
    Wait(Duration),
}

/// What the answer says about its host as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostMood {
    /// Nothing.
    Calm,
    /// Leave it alone for so long.
    Pause(Duration),
    /// It wants to be left alone for longer than a run waits.
    Closed,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cure {
    /// Asking again would hear the same.
    None,
    /// The request may do better later.
    Later,
    /// The host is too busy for us: later, and everyone else waits as well.
    LaterForAll,
}

/// The retry table.
#[expect(clippy::match_same_arms, reason = "each row has a reason of its own")]
fn cure(outcome: &Outcome) -> Cure {
    match outcome {
        Outcome::Answered { status, .. } => match status {
            429 => Cure::LaterForAll,
            // Time-outs and "too early" say so themselves; 500 and 502 are
            // often one bad worker of many; 504 and 520 to 527, 530 are a CDN that could not
            // reach its origin. 501 and 505 are answers.
            408 | 425 | 500 | 502 | 503 | 504 | 520..=527 | 530 => Cure::Later,
            // Everything else is the server's considered answer. A 403 above
            // all: repeating it is what gets a client blocked for good.
            _ => Cure::None,
        },
        // Name servers fail for moments; "no such name" is an answer.
        Outcome::NameTrouble | Outcome::TimedOut(Phase::Resolve | Phase::Connect | Phase::Headers) => Cure::Later,
        // A body that stalls will stall again, and its headers are known.
        Outcome::TimedOut(Phase::Body) => Cure::None,
        // A cut connection is the commonest passing trouble there is. Refused
        // and without a route are states that outlast our patience, a
        // protocol error is how that server speaks.
        Outcome::Unreachable(NetworkFault::Reset) => Cure::Later,
        Outcome::Unreachable(_)
        | Outcome::NameNotFound
        | Outcome::HostNotFound
        | Outcome::Tls(_)
        | Outcome::TooManyRedirects
        | Outcome::BadRedirect
        | Outcome::UnsupportedScheme
        | Outcome::Withheld(_) => Cure::None,
    }
}

/// Whether and when to ask again after the `attempt`th request (from 1) ended
/// in `outcome`.
///
/// With a `Retry-After` a 503 pauses its whole host, as a 429 always does: the
/// server has named a time, and every request before it would be in vain. A
/// used-up quota pauses the host whatever the answer, good ones included, but
/// for no longer than our patience: there are servers that count in units of
/// their own.
#[must_use]
pub fn retry_decision(outcome: &Outcome, attempt: u32, asked: AskedWaits, policy: &RetryPolicy) -> RetryDecision {
    let cure = cure(outcome);
    let quota = asked.quota.map(|wait| wait.min(policy.longest_wait)).filter(|wait| !wait.is_zero());
    let usual = quota.map_or(HostMood::Calm, HostMood::Pause);
    if cure == Cure::None {
        return RetryDecision { next: Next::Stop, host: usual };
    }
    let is_unavailable = matches!(outcome, Outcome::Answered { status: 503, .. });
    let speaks_for_host = cure == Cure::LaterForAll || (is_unavailable && asked.retry_after.is_some());
    let asked_wait = asked.retry_after.or(quota);
    let wait = back_off(attempt, policy).max(asked_wait.unwrap_or_default());
    let too_long = wait > policy.longest_wait;

    let next = if too_long || attempt > policy.retries { Next::Stop } else { Next::Wait(wait) };
    let host = match (speaks_for_host, too_long) {
        (false, _) => usual,
        (true, false) => HostMood::Pause(wait),
        (true, true) => HostMood::Closed,
    };
    RetryDecision { next, host }
}

/// The wait after the `attempt`th request, where the server names none.
fn back_off(attempt: u32, policy: &RetryPolicy) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    policy.first_wait.saturating_mul(1 << doublings).min(policy.longest_wait)
}

/// How long a `Retry-After` header asks to wait, counted from `now`: seconds
/// or an HTTP date. A date in the past is no wait; `None` if it is neither.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean "very long", not "not a number".
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// How long until a quota that is used up is filled again, from the headers in
/// use: `RateLimit` (IETF draft, as `"policy";r=0;t=30` and as `remaining=0,
/// reset=30`), `RateLimit-Remaining` with `RateLimit-Reset`, and the same with
/// `X-` before it, whose time may be seconds from now or a Unix time. `None`
/// where something is left, or nothing is said.
#[must_use]
pub fn quota_wait(header: impl Fn(&str) -> Option<String>, now: Timestamp) -> Option<Duration> {
    if let Some(value) = header("ratelimit") {
        let parameter = |names: [&str; 2]| {
            let parameters = value.split([';', ',']).filter_map(|part| part.split_once('='));
            let mut named = parameters.filter(|(name, _)| names.contains(&name.trim()));
            named.next().and_then(|(_, number)| number.trim().parse::<u64>().ok())
        };
        return (parameter(["r", "remaining"])? == 0)
            .then(|| parameter(["t", "reset"]))
            .flatten()
            .map(Duration::from_secs);
    }
    let prefixes = ["ratelimit", "x-ratelimit", "x-rate-limit"];
    let prefix = prefixes.into_iter().find(|prefix| header(&format!("{prefix}-remaining")).is_some())?;
    // Several quotas may stand in one header; the first is the one that counts.
    let number = |name: &str| {
        let value = header(&format!("{prefix}-{name}"))?;
        let first = value.split([',', ';']).next()?.trim().to_owned();
        first.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
    };
    (number("remaining")? < 1.0).then(|| number("reset")).flatten().map(|reset| from_now(reset, now))
}

/// Seconds from now, or a Unix time in seconds or milliseconds.
fn from_now(reset: f64, now: Timestamp) -> Duration {
    /// No wait is thirty years long.
    const UNIX_TIME: f64 = 1e9;
    let seconds = match reset {
        _ if reset < UNIX_TIME => reset,
        _ if reset < UNIX_TIME * 1000.0 => reset - now.as_duration().as_secs_f64(),
        _ => reset / 1000.0 - now.as_duration().as_secs_f64(),
    };
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{TlsFault, Withheld};

    const POLICY: RetryPolicy =
        RetryPolicy { retries: 2, first_wait: Duration::from_secs(1), longest_wait: Duration::from_mins(1) };

    fn answered(status: u16) -> Outcome {
        Outcome::Answered { status, headers: Vec::new(), page: None }
    }

    fn decide(outcome: &Outcome, attempt: u32, asked: Option<u64>) -> RetryDecision {
        let asked = AskedWaits { retry_after: asked.map(Duration::from_secs), quota: None };
        retry_decision(outcome, attempt, asked, &POLICY)
    }

    #[test]
    fn every_status_is_retried_or_not_as_the_table_says() {
        let retried: Vec<u16> =
            (100..1000).filter(|&status| decide(&answered(status), 1, None).next != Next::Stop).collect();
        assert_eq!(retried, [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530]);
    }

    #[test]
    fn every_transport_error_is_retried_or_not_as_the_table_says() {
        for (outcome, is_retried) in [
            (Outcome::NameTrouble, true),
            (Outcome::TimedOut(Phase::Resolve), true),
            (Outcome::TimedOut(Phase::Connect), true),
            (Outcome::TimedOut(Phase::Headers), true),
            (Outcome::Unreachable(NetworkFault::Reset), true),
            (Outcome::TimedOut(Phase::Body), false),
            (Outcome::Unreachable(NetworkFault::Refused), false),
            (Outcome::Unreachable(NetworkFault::NoRoute), false),
            (Outcome::Unreachable(NetworkFault::NoAddress), false),
            (Outcome::Unreachable(NetworkFault::Protocol(String::new())), false),
            (Outcome::NameNotFound, false),
            (Outcome::HostNotFound, false),
            (Outcome::Tls(TlsFault::Expired), false),
            (Outcome::TooManyRedirects, false),
            (Outcome::BadRedirect, false),
            (Outcome::UnsupportedScheme, false),
            (Outcome::Withheld(Withheld::PrivateAddress), false),
        ] {
            assert_eq!(decide(&outcome, 1, None).next != Next::Stop, is_retried, "{outcome:?}");
        }
    }

    #[test]
    fn waits_double_and_attempts_end() {
        let waits: Vec<Next> = (1..=3).map(|n| decide(&answered(500), n, None).next).collect();
        let seconds = |n| Next::Wait(Duration::from_secs(n));
        assert_eq!(waits, [seconds(1), seconds(2), Next::Stop]);
    }

    #[test]
    fn the_server_may_ask_for_longer_but_not_for_too_long() {
        let pause = |n| HostMood::Pause(Duration::from_secs(n));
        let wait = |n| Next::Wait(Duration::from_secs(n));
        for (status, asked, next, host) in [
            (429, None, wait(1), pause(1)),
            (429, Some(5), wait(5), pause(5)),
            (429, Some(3600), Next::Stop, HostMood::Closed),
            (503, None, wait(1), HostMood::Calm),
            (503, Some(5), wait(5), pause(5)),
            (503, Some(3600), Next::Stop, HostMood::Closed),
            (500, Some(5), wait(5), HostMood::Calm),
            (500, Some(3600), Next::Stop, HostMood::Calm),
            (404, Some(5), Next::Stop, HostMood::Calm),
        ] {
            assert_eq!(decide(&answered(status), 1, asked), RetryDecision { next, host }, "{status} {asked:?}");
        }
    }

    #[test]
    fn a_used_up_quota_pauses_the_host_within_our_patience() {
        for (status, quota, next, host) in [
            (200, 5, Next::Stop, HostMood::Pause(Duration::from_secs(5))),
            (200, 3600, Next::Stop, HostMood::Pause(Duration::from_mins(1))),
            (200, 0, Next::Stop, HostMood::Calm),
            (429, 5, Next::Wait(Duration::from_secs(5)), HostMood::Pause(Duration::from_secs(5))),
        ] {
            let asked = AskedWaits { retry_after: None, quota: Some(Duration::from_secs(quota)) };
            assert_eq!(retry_decision(&answered(status), 1, asked, &POLICY), RetryDecision { next, host }, "{status}");
        }
    }

    #[test]
    fn quotas_are_read_in_their_forms() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().expect("a time");
        let epoch = now.as_second();
        let seconds = |n| Some(Duration::from_secs(n));
        for (headers, expected) in [
            (vec![("ratelimit", "\"default\";r=0;t=30".to_owned())], seconds(30)),
            (vec![("ratelimit", "\"default\";r=5;t=30".to_owned())], None),
            (vec![("ratelimit", "limit=100, remaining=0, reset=7".to_owned())], seconds(7)),
            (vec![("ratelimit-remaining", "0".into()), ("ratelimit-reset", "9".into())], seconds(9)),
            (vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", "9.0".into())], seconds(9)),
            (vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", (epoch + 60).to_string())], seconds(60)),
            (
                vec![
                    ("x-rate-limit-remaining", "0".into()),
                    ("x-rate-limit-reset", format!("{}", (epoch + 60) * 1000)),
                ],
                seconds(60),
            ),
            (vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", (epoch - 60).to_string())], seconds(0)),
            (vec![("x-ratelimit-remaining", "1".into()), ("x-ratelimit-reset", "9".into())], None),
            (vec![("x-ratelimit-remaining", "0".into())], None),
            (vec![("x-ratelimit-remaining", "-3".into()), ("x-ratelimit-reset", "NaN".into())], None),
            (vec![("ratelimit", "garbage".into())], None),
            (vec![], None),
        ] {
            let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
            assert_eq!(quota_wait(header, now), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_last_attempt_still_pauses_the_host() {
        let decision = decide(&answered(429), 3, Some(5));
        assert_eq!(decision.next, Next::Stop);
        assert_eq!(decision.host, HostMood::Pause(Duration::from_secs(5)));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().expect("a time");
        let seconds = |n| Some(Duration::from_secs(n));
        for (value, expected) in [
            ("120", seconds(120)),
            (" 0 ", seconds(0)),
            ("99999999999999999999999", seconds(u64::from(u32::MAX))),
            ("Sun, 22 Nov 2026 20:01:30 GMT", seconds(90)),
            ("Sun, 22 Nov 2026 19:00:00 GMT", seconds(0)),
            ("", None),
            ("-5", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(value, now), expected, "{value:?}");
        }
    }
}
