//! Whole nights without a network. Where nobody at all answered while several
//! hosts were asked that had been well before, the fault is ours, and the
//! failures of that time are nobody's.

use std::collections::BTreeSet;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

/// One check of a run, as far as it tells of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The host.
    pub host: Rc<str>,
    /// Whether any server answered anything.
    pub is_answered: bool,
    /// Whether the reference was well when it was last known.
    pub was_good: bool,
}

/// So many hosts that were well do not fail by themselves at the same time.
const HOSTS: usize = 3;

/// An answer shows that there is a network for so long before and after.
const REACH: SignedDuration = SignedDuration::from_secs(60);

/// For each check, whether it failed for want of a network.
#[must_use]
pub fn excused(heard: &[Heard]) -> Vec<bool> {
    let mut answers: Vec<Timestamp> = heard.iter().filter(|one| one.is_answered).map(|one| one.ended).collect();
    answers.sort_unstable();
    let is_alone = |one: &Heard| {
        let (from, to) = (one.began.saturating_sub(REACH), one.ended.saturating_add(REACH));
        let (Ok(from), Ok(to)) = (from, to) else { return false };
        let next = answers.partition_point(|answer| *answer < from);
        !one.is_answered && answers.get(next).is_none_or(|answer| *answer > to)
    };
    let alone: Vec<bool> = heard.iter().map(is_alone).collect();
    let hosts: BTreeSet<&str> = heard
        .iter()
        .zip(&alone)
        .filter(|(one, alone)| **alone && one.was_good)
        .map(|(one, _)| one.host.as_ref())
        .collect();
    if hosts.len() >= HOSTS { alone } else { vec![false; heard.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn heard(second: i64, host: &str, is_answered: bool) -> Heard {
        Heard { began: at(second), ended: at(second + 5), host: host.into(), is_answered, was_good: true }
    }

    #[test]
    fn silence_of_everybody_is_ours() {
        let night = [heard(0, "a", true), heard(300, "b", false), heard(310, "c", false), heard(900, "d", false)];
        assert_eq!(excused(&night), [false, true, true, true]);
        let bad_hosts = [heard(0, "a", true), heard(300, "b", false), heard(310, "c", false), heard(312, "d", true)];
        assert_eq!(excused(&bad_hosts), [false; 4]);
        let one_host = [heard(300, "b", false), heard(310, "b", false), heard(900, "b", false)];
        assert_eq!(excused(&one_host), [false; 3]);
        let known_bad = ["b", "c", "d"].map(|host| Heard { was_good: false, ..heard(300, host, false) });
        assert_eq!(excused(&known_bad), [false; 3]);
        assert_eq!(excused(&[]), Vec::<bool>::new());
    }
}
