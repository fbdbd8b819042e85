//! Which answers may be used again, for how long, and how a server is asked
//! whether an old one still holds (RFC 9110, section 13). Only good answers
//! are used again: a failure may have passed by now, so it is always asked
//! anew.

use std::time::Duration;

use jiff::Timestamp;

use super::{BodyExtent, Observation, Outcome, Standing, judge};

/// What names the version of a page that a server once gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag` header, as sent: for `If-None-Match`.
    pub etag: Option<String>,
    /// The `Last-Modified` header, as sent: for `If-Modified-Since`.
    pub last_modified: Option<String>,
}

impl Validators {
    /// Those of an answer; `None` where the server gave none.
    #[must_use]
    pub fn of(observation: &Observation) -> Option<Self> {
        let Outcome::Answered { headers, .. } = &observation.outcome else {
            return None;
        };
        let value = |wanted: &str| headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        let validators = Self { etag: value(ETAG), last_modified: value(LAST_MODIFIED) };
        (validators.etag.is_some() || validators.last_modified.is_some()).then_some(validators)
    }

    /// Whether the header of this lower-case name is one of them.
    #[must_use]
    pub fn is_one(name: &str) -> bool {
        matches!(name, ETAG | LAST_MODIFIED)
    }
}

const ETAG: &str = "etag";
const LAST_MODIFIED: &str = "last-modified";

/// Whether the observation is worth keeping for later runs: the page was
/// there, and all of it that we wanted was read.
#[must_use]
pub fn is_reusable(observation: &Observation) -> bool {
    let is_whole = observation.page().is_some_and(|page| page.extent != BodyExtent::Torn);
    is_whole
        && observation.status() == Some(200)
        && matches!(judge(observation).standing, Standing::Alive | Standing::Moved)
}

/// Whether the observation is at most `max_age` old. One from the future (the
/// clock was set back) is not.
#[must_use]
pub fn is_fresh(observation: &Observation, max_age: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(observation.at)).is_ok_and(|age| age <= max_age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{PageFacts, Probe, Withheld};

    fn answered(status: u16, extent: BodyExtent, headers: &[(&str, &str)]) -> Observation {
        let probe = Probe::new("https://a.test/page".parse().expect("a URL"));
        let mut observation = Observation::withheld(probe, Withheld::Offline, time("2026-11-22T20:00:00Z"));
        observation.outcome = Outcome::Answered {
            status,
            headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            page: Some(Box::new(PageFacts::read(b"<title>Good</title>", Some("text/html"), extent))),
        };
        observation
    }

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn only_good_and_whole_answers_are_used_again() {
        for (status, extent, expected) in [
            (200, BodyExtent::Whole, true),
            (200, BodyExtent::CutAtLimit, true),
            (200, BodyExtent::Torn, false),
            (204, BodyExtent::Whole, false),
            (404, BodyExtent::Whole, false),
            (403, BodyExtent::Whole, false),
            (503, BodyExtent::Whole, false),
        ] {
            assert_eq!(is_reusable(&answered(status, extent, &[])), expected, "{status} {extent:?}");
        }
        let wall = answered(200, BodyExtent::Whole, &[("cf-mitigated", "challenge")]);
        assert!(!is_reusable(&wall));
        let probe = wall.probe;
        assert!(!is_reusable(&Observation::withheld(probe, Withheld::Offline, Timestamp::UNIX_EPOCH)));
    }

    #[test]
    fn ages_count_from_the_answer() {
        let seen = answered(200, BodyExtent::Whole, &[]);
        let hour = Duration::from_hours(1);
        assert!(is_fresh(&seen, hour, time("2026-11-22T21:00:00Z")));
        assert!(!is_fresh(&seen, hour, time("2026-11-22T21:00:01Z")));
        assert!(!is_fresh(&seen, hour, time("2026-11-22T19:59:59Z")));
    }

    #[test]
    fn validators_are_found() {
        let seen = answered(200, BodyExtent::Whole, &[("etag", "\"a\""), ("content-type", "text/html")]);
        let expected = Validators { etag: Some("\"a\"".into()), last_modified: None };
        assert_eq!(Validators::of(&seen), Some(expected));
        assert_eq!(Validators::of(&answered(200, BodyExtent::Whole, &[])), None);
    }
}
