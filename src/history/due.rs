//! When a reference is asked again. Links die early, so checks are dense at
//! first and thin out: the distances from the day of publication grow, the
//! last one repeats. A failure is looked at again soon, then at distances that
//! grow with its age.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::story::{State, Story};

/// When to ask again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecheckRule {
    /// Distances from the day on which it was first cited, ascending; from the
    /// last one on, the last one again and again.
    pub distances: Vec<Duration>,
    /// After a failure, at the least; and then a third of the failure's age.
    pub after_failure: Duration,
}

impl Default for RecheckRule {
    /// A day, a week, a month, a quarter, a year: dense where links die most.
    fn default() -> Self {
        let days = |days: u64| Duration::from_hours(24 * days);
        Self { distances: [1, 7, 30, 90, 365].map(days).to_vec(), after_failure: Duration::from_hours(12) }
    }
}

/// The longest time between two looks at a failure.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A check so shortly before its time is in time, for a run every night begins
/// now earlier and now later; of short distances, a part.
const EARLY: SignedDuration = SignedDuration::from_hours(1);

fn early(distance: SignedDuration) -> SignedDuration {
    EARLY.min(distance / 24)
}

impl RecheckRule {
    /// From when on `story` may be checked again. It may lie in the past.
    #[must_use]
    pub fn due(&self, story: &Story) -> Timestamp {
        let Some(last) = story.last_checked else { return story.first_seen };
        let again = SignedDuration::try_from(self.after_failure).unwrap_or(LONGEST);
        let wait = match (&story.failing, story.state) {
            (Some(failing), State::Failing | State::Dead) => {
                let wait = (last.duration_since(failing.since) / 3).clamp(again, LONGEST.max(again));
                wait - early(wait)
            }
            (_, State::Unchecked) => again,
            _ => {
                let age = last.duration_since(story.first_seen);
                let distance = self.distance_after(age);
                distance - early(distance) - age
            }
        };
        last.checked_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// The first distance that lies beyond `age`.
    fn distance_after(&self, age: SignedDuration) -> SignedDuration {
        let mut distances =
            self.distances.iter().map(|distance| SignedDuration::try_from(*distance).unwrap_or(LONGEST));
        if let Some(distance) = distances.clone().find(|distance| *distance > age + early(*distance)) {
            return distance;
        }
        let step = distances.next_back().unwrap_or(LONGEST).max(SignedDuration::from_millis(1));
        // Whole steps, however many have passed since.
        let passed = (age + early(step)).as_millis() / step.as_millis();
        let passed = i32::try_from(passed).unwrap_or(i32::MAX - 1);
        step.checked_mul(passed + 1).unwrap_or(SignedDuration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Check, DeathRule};
    use crate::verdict::Standing;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + hours * 3600).unwrap()
    }

    fn hours_until_due(checks: &[(i64, Standing)]) -> i64 {
        let mut story = Story::new(at(0));
        for (hour, standing) in checks {
            story.hear(
                &Check { at: at(*hour), standing: *standing, moved_to: None, print: None },
                &DeathRule::default(),
            );
        }
        RecheckRule::default().due(&story).duration_since(at(0)).as_secs() / 3600
    }

    #[test]
    fn dense_at_first_then_yearly() {
        use Standing::Alive;
        assert_eq!(hours_until_due(&[]), 0);
        // A run that begins a little earlier than the last one still comes in time.
        assert_eq!(hours_until_due(&[(1, Alive)]), 24 - 1);
        assert_eq!(hours_until_due(&[(1, Alive), (23, Alive)]), 7 * 24 - 1);
        assert_eq!(hours_until_due(&[(25, Alive)]), 7 * 24 - 1);
        assert_eq!(hours_until_due(&[(100 * 24, Alive)]), 365 * 24 - 1);
        assert_eq!(hours_until_due(&[(366 * 24, Alive)]), 2 * 365 * 24 - 1);
        assert_eq!(hours_until_due(&[(365 * 24 * 9 + 5, Alive)]), 10 * 365 * 24 - 1);
    }

    #[test]
    fn failures_soon_and_then_ever_less_often() {
        use Standing::{Alive, Gone, Unknown};
        assert_eq!(hours_until_due(&[(24 * 100, Alive), (24 * 101, Gone)]), 24 * 101 + 11);
        assert_eq!(hours_until_due(&[(0, Gone), (24 * 9, Gone)]), 24 * 12 - 1);
        assert_eq!(hours_until_due(&[(0, Gone), (24 * 900, Gone)]), 24 * 990 - 1);
        assert_eq!(hours_until_due(&[(0, Unknown)]), 12);
    }
}
