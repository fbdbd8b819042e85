//! One reference through time.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::verdict::{Observation, Standing, Verdict};

use super::print::{Drift, Print};

/// What one check says of whether the page is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// It is.
    Good,
    /// Somebody answers and does not let us see.
    Wall,
    /// Something failed that may pass.
    Trouble,
    /// The server, or what stands in the page's place, says that it is not.
    Gone,
    /// The host's name does not exist.
    HostGone,
    /// Nothing was learnt.
    Nothing,
}

impl Sign {
    /// The sign of a verdict.
    #[must_use]
    pub fn of(standing: Standing) -> Self {
        match standing {
            Standing::Alive | Standing::Moved => Self::Good,
            Standing::Blocked | Standing::Login | Standing::Paywall => Self::Wall,
            Standing::ServerError | Standing::Tls | Standing::Timeout | Standing::Unreachable => Self::Trouble,
            Standing::Gone | Standing::SoftNotFound | Standing::HomeRedirect | Standing::Parked => Self::Gone,
            Standing::HostGone => Self::HostGone,
            Standing::Unsupported | Standing::Unknown | Standing::NotChecked => Self::Nothing,
        }
    }

    /// Whether it speaks against the page.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Trouble | Self::Gone | Self::HostGone)
    }
}

/// One check, as a story hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// When.
    pub at: Timestamp,
    /// What it was judged.
    pub standing: Standing,
    /// Where the page has moved for good.
    pub moved_to: Option<Url>,
    /// What the page looked like.
    pub print: Option<Print>,
}

impl Check {
    /// The check that an observation and its verdict make.
    #[must_use]
    pub fn of(observation: &Observation, verdict: &Verdict) -> Self {
        let moved_to = verdict.moved_to.clone().filter(|_| verdict.standing == Standing::Moved);
        let print = observation.page().map(Print::of).filter(|_| Sign::of(verdict.standing) == Sign::Good);
        Self { at: observation.at, standing: verdict.standing, moved_to, print }
    }
}

/// Where a reference stands over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nothing is known yet.
    Unchecked,
    /// The page is there.
    Alive,
    /// It is there, at a new address.
    Moved,
    /// Something is there that is no longer the page that was cited.
    Drifted,
    /// A wall stands in front.
    Walled,
    /// The last checks failed, and do not prove anything yet.
    Failing,
    /// It is gone, by the rule.
    Dead,
}

impl State {
    /// All states, best first.
    pub const ALL: [Self; 7] =
        [Self::Alive, Self::Moved, Self::Walled, Self::Unchecked, Self::Drifted, Self::Failing, Self::Dead];

    /// A stable name, kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unchecked => "unchecked",
            Self::Alive => "alive",
            Self::Moved => "moved",
            Self::Drifted => "drifted",
            Self::Walled => "walled",
            Self::Failing => "failing",
            Self::Dead => "dead",
        }
    }

    /// The state with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// How bad it is: its place in [`State::ALL`].
    #[must_use]
    pub fn rank(self) -> usize {
        Self::ALL.iter().position(|state| *state == self).unwrap_or_default()
    }
}

/// Failures in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// The first of them.
    pub since: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// How many.
    pub checks: u32,
    /// How many of them said that the page is gone.
    pub gone: u32,
    /// On how many days (UTC) the latter were.
    pub days: u32,
    /// Whether the last one said that the host's name is gone.
    pub host_is_gone: bool,
    /// The last control request to the same host: when, and whether it was
    /// answered in good health.
    pub control: Option<(Timestamp, bool)>,
    /// The last of those days, counted from 1970.
    pub last_gone_day: Option<i64>,
}

/// What proves that a page is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeathRule {
    /// Failed checks in a row that say so.
    pub checks: u32,
    /// Days on which they were.
    pub days: u32,
    /// Trouble that lasts so long says so as well.
    pub trouble: Duration,
}

impl Default for DeathRule {
    /// Three checks on two days: the notes of Wikipedia's archive bot ask for
    /// as much. A month of trouble outlasts repairs and forgotten bills.
    fn default() -> Self {
        Self { checks: 3, days: 2, trouble: Duration::from_hours(24 * 30) }
    }
}

/// A control request speaks for failures that are no further away in time.
const CONTROL_REACH: Duration = Duration::from_hours(24);

/// All that is known of one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// When it was first cited.
    pub first_seen: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub since: Timestamp,
    /// The last check that asked anything.
    pub last_checked: Option<Timestamp>,
    /// The last check that found the page.
    pub last_good: Option<Timestamp>,
    /// What the last check was judged.
    pub standing: Standing,
    /// Checks in all.
    pub checks: u32,
    /// Those of them that found the page.
    pub good: u32,
    /// The failures since the last good check.
    pub failing: Option<Failing>,
    /// The page's new address.
    pub moved_to: Option<Url>,
    /// What the page looked like when it last was the page that was cited.
    pub print: Option<Print>,
    /// How it differs from that now.
    pub drift: Option<Drift>,
}

impl Story {
    /// A reference that was first cited at `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            first_seen: at,
            state: State::Unchecked,
            since: at,
            last_checked: None,
            last_good: None,
            standing: Standing::NotChecked,
            checks: 0,
            good: 0,
            failing: None,
            moved_to: None,
            print: None,
            drift: None,
        }
    }

    /// Takes one check in. Checks come in the order of their times; an older
    /// one than the last is left out.
    pub fn hear(&mut self, check: &Check, rule: &DeathRule) {
        if self.last_checked.is_some_and(|last| check.at < last) {
            return;
        }
        self.last_checked = Some(check.at);
        self.standing = check.standing;
        self.checks += 1;
        let sign = Sign::of(check.standing);
        let state = match sign {
            Sign::Good => self.hear_good(check),
            Sign::Wall => State::Walled,
            Sign::Nothing => self.state,
            Sign::Trouble | Sign::Gone | Sign::HostGone => self.hear_failure(check.at, sign, rule),
        };
        self.enter(state, check.at);
    }

    /// Takes a control request to the reference's host in; it can only decide
    /// what is open.
    pub fn hear_control(&mut self, at: Timestamp, is_healthy: bool, rule: &DeathRule) {
        let Some(failing) = self.failing.as_mut().filter(|_| self.state == State::Failing) else { return };
        if failing.control.is_none_or(|(known, _)| known <= at) {
            failing.control = Some((at, is_healthy));
        }
        if is_proof(failing, rule) {
            self.enter(State::Dead, at);
        }
    }

    /// Whether a control request could decide something now.
    #[must_use]
    pub fn wants_control(&self, rule: &DeathRule) -> bool {
        self.state == State::Failing
            && self.failing.as_ref().is_some_and(|failing| {
                has_the_checks(failing, rule) && !failing.host_is_gone && !control_speaks(failing)
            })
    }

    fn enter(&mut self, state: State, at: Timestamp) {
        if self.state != state {
            self.state = state;
            self.since = at;
        }
    }

    fn hear_good(&mut self, check: &Check) -> State {
        self.good += 1;
        self.last_good = Some(check.at);
        self.failing = None;
        self.moved_to.clone_from(&check.moved_to);
        self.drift = match (&self.print, &check.print) {
            (Some(before), Some(now)) => before.drift(now),
            _ => self.drift.take().filter(|_| check.print.is_none()),
        };
        if self.drift.is_some() {
            return State::Drifted;
        }
        if let Some(mut print) = check.print.clone() {
            if let Some(before) = &self.print {
                print.remember(before);
            }
            self.print = Some(print);
        }
        if self.moved_to.is_some() { State::Moved } else { State::Alive }
    }

    fn hear_failure(&mut self, at: Timestamp, sign: Sign, rule: &DeathRule) -> State {
        let failing = self.failing.get_or_insert(Failing {
            since: at,
            last: at,
            checks: 0,
            gone: 0,
            days: 0,
            host_is_gone: false,
            control: None,
            last_gone_day: None,
        });
        failing.last = at;
        failing.checks += 1;
        failing.host_is_gone = sign == Sign::HostGone;
        if sign != Sign::Trouble {
            failing.gone += 1;
            let day = Some(at.as_second().div_euclid(86_400));
            failing.days += u32::from(failing.last_gone_day != day);
            failing.last_gone_day = day;
        }
        if self.state == State::Dead || is_proof(failing, rule) { State::Dead } else { State::Failing }
    }
}

/// A host that has lost its name needs no control: nobody is left to ask.
fn is_proof(failing: &Failing, rule: &DeathRule) -> bool {
    let has_control = failing.control.is_some_and(|(_, is_healthy)| is_healthy) && control_speaks(failing);
    has_the_checks(failing, rule) && (failing.host_is_gone || has_control)
}

fn has_the_checks(failing: &Failing, rule: &DeathRule) -> bool {
    let lasts = Duration::try_from(failing.last.duration_since(failing.since)).unwrap_or_default();
    let says_gone = failing.gone >= rule.checks && failing.days >= rule.days;
    says_gone || (failing.checks > rule.checks && lasts >= rule.trouble)
}

/// Whether the last control is near enough to the last failure.
fn control_speaks(failing: &Failing) -> bool {
    let Some((at, _)) = failing.control else { return false };
    let apart = at.duration_since(failing.last).unsigned_abs();
    apart <= CONTROL_REACH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64, hour: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 / 86_400 * 86_400 + day * 86_400 + hour * 3600).unwrap()
    }

    fn told(checks: &[(i64, i64, Standing)], controls: &[(i64, i64, bool)]) -> Story {
        let rule = DeathRule::default();
        let mut story = Story::new(at(0, 0));
        for (day, hour, standing) in checks {
            story.hear(&Check { at: at(*day, *hour), standing: *standing, moved_to: None, print: None }, &rule);
            for (_, hour, is_healthy) in controls.iter().filter(|control| control.0 == *day) {
                story.hear_control(at(*day, *hour), *is_healthy, &rule);
            }
        }
        story
    }

    #[test]
    fn death_needs_checks_days_and_a_healthy_host() {
        use Standing::{Alive, Blocked, Gone, HostGone, ServerError};
        let state = |checks: &[_], controls: &[_]| told(checks, controls).state;
        let three = [(0, 1, Alive), (1, 1, Gone), (2, 1, Gone), (3, 1, Gone)];
        assert_eq!(state(&three, &[]), State::Failing);
        assert_eq!(state(&three, &[(3, 2, false)]), State::Failing);
        assert_eq!(state(&three, &[(3, 2, true)]), State::Dead);
        // A control of another day does not speak for tonight.
        assert_eq!(state(&three, &[(1, 2, true)]), State::Failing);
        let one_day = [(1, 1, Gone), (1, 2, Gone), (1, 3, Gone), (1, 4, Gone)];
        assert_eq!(state(&one_day, &[(1, 5, true)]), State::Failing);
        assert_eq!(state(&[(1, 1, HostGone), (1, 9, HostGone), (2, 1, HostGone)], &[]), State::Dead);
        let troubled = [(1, 1, ServerError), (2, 1, ServerError), (3, 1, ServerError), (4, 1, ServerError)];
        assert_eq!(state(&troubled, &[(4, 2, true)]), State::Failing);
        let for_long = [troubled.as_slice(), &[(20, 1, ServerError), (40, 1, ServerError)]].concat();
        assert_eq!(state(&for_long, &[(40, 2, true)]), State::Dead);
        // A wall accuses nobody, and one good answer ends it all.
        assert_eq!(state(&[three.as_slice(), &[(4, 1, Blocked)]].concat(), &[(3, 2, true)]), State::Walled);
        let back = told(&[three.as_slice(), &[(9, 1, Alive)]].concat(), &[(3, 2, true)]);
        assert_eq!((back.state, back.since, back.failing), (State::Alive, at(9, 1), None));
    }

    #[test]
    fn a_story_says_since_when() {
        use Standing::{Alive, Gone, NotChecked};
        let story = told(&[(0, 1, Alive), (7, 1, Alive), (8, 1, Gone), (9, 1, NotChecked), (9, 2, Gone)], &[]);
        assert_eq!((story.state, story.since), (State::Failing, at(8, 1)));
        assert_eq!((story.last_good, story.checks, story.good), (Some(at(7, 1)), 5, 2));
        assert_eq!(story.failing.map(|failing| (failing.checks, failing.days)), Some((2, 2)));
    }
}
