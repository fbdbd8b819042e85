//! How fast one host is asked. A [`HostPace`] is a small state machine that is
//! fed with time (as durations since the run began) and never reads a clock:
//! whoever runs it asks when the next request may start, says that one has
//! started or ended, and tells it of a server that wants to be left alone.
//! That last deadline belongs to the host and not to the request that learnt
//! of it, so everything queued for the host waits for the same moment.

use std::time::Duration;

/// The limits that hold for every host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaceLimits {
    /// Shortest time between the starts of two requests to one host.
    pub interval: Duration,
    /// Most requests in flight to one host; 0 counts as 1.
    pub concurrency: usize,
}

/// How long the asking of a run took, beside the least that it could have
/// taken: what the pacing, the limits on concurrency and the answers' own
/// times leave to nobody's skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Requests sent.
    pub requests: u64,
    /// Those of them that asked for no reference: controls, robots.txt, what a
    /// search looks through.
    pub beside: u64,
    /// From the first to the last.
    pub elapsed: Duration,
    /// The lower bound.
    pub optimum: Duration,
}

/// Where one host stands. Times are durations since the run began.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostPace {
    in_flight: usize,
    not_before: Duration,
    is_closed: bool,
    /// Requests that have ended, the time they took in all, and the quickest.
    ended: u32,
    busy: Duration,
    quickest: Option<Duration>,
    /// What the host asked us to wait, in all, before requests that followed.
    asked_wait: Duration,
    next_wait: Duration,
    /// Added to the interval for as long as the host finds us too fast.
    slowdown: Duration,
}

/// The first slowdown, and the longest: each complaint doubles it.
const FIRST_SLOWDOWN: Duration = Duration::from_millis(250);
const LONGEST_SLOWDOWN: Duration = Duration::from_secs(30);

/// A shorter slowdown is none.
const SHORTEST_SLOWDOWN: Duration = Duration::from_millis(10);

impl HostPace {
    /// When the next request may start; it may lie in the past. `None` while
    /// the host has as many requests in flight as it may have.
    #[must_use]
    pub fn ready_at(&self, limits: &PaceLimits) -> Option<Duration> {
        (self.in_flight < limits.concurrency.max(1)).then_some(self.not_before)
    }

    /// A request starts at `now`.
    pub fn start(&mut self, now: Duration, limits: &PaceLimits) {
        self.in_flight += 1;
        self.asked_wait += std::mem::take(&mut self.next_wait);
        // Without pacing a host stays ready, so its turn does not pass to others.
        let gap = limits.interval.saturating_add(self.slowdown);
        if !gap.is_zero() {
            self.hold_until(now.saturating_add(gap));
        }
    }

    /// A request has ended, however it ended, after so long.
    pub fn finish(&mut self, took: Duration) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.ended += 1;
        self.busy += took;
        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
    }

    /// A request that was started was not sent after all.
    pub fn take_back(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The host wants to be left alone for `wait` from `now` on. Afterwards it
    /// is asked more slowly than before.
    pub fn pause(&mut self, now: Duration, wait: Duration) {
        self.next_wait = self.next_wait.max(wait);
        self.slowdown = (self.slowdown * 2).clamp(FIRST_SLOWDOWN, LONGEST_SLOWDOWN);
        self.hold_until(now.saturating_add(wait));
    }

    /// The host has answered without complaint: a part of the slowdown goes.
    pub fn relax(&mut self) {
        self.slowdown = self.slowdown * 3 / 4;
        if self.slowdown < SHORTEST_SLOWDOWN {
            self.slowdown = Duration::ZERO;
        }
    }

    /// The least time in which the requests that were sent could have been
    /// answered, had they all been known from the start: one interval between
    /// each two, the waits that the host asked for, and no more in flight than
    /// allowed.
    #[must_use]
    pub fn least(&self, limits: &PaceLimits) -> Duration {
        let paced = limits.interval.saturating_mul(self.ended.saturating_sub(1)).max(self.asked_wait);
        let slots = u32::try_from(limits.concurrency.max(1)).unwrap_or(u32::MAX);
        (paced + self.quickest.unwrap_or_default()).max(self.busy / slots)
    }

    /// The requests that have ended, and the time they took in all.
    #[must_use]
    pub fn ended(&self) -> (u32, Duration) {
        (self.ended, self.busy)
    }

    /// Nothing starts before `deadline`. An earlier deadline never shortens a
    /// later one.
    pub fn hold_until(&mut self, deadline: Duration) {
        self.not_before = self.not_before.max(deadline);
    }

    /// The host wants more patience than a run has: ask it nothing more.
    pub fn close(&mut self) {
        self.is_closed = true;
    }

    /// Whether [`close`](Self::close) was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PaceLimits = PaceLimits { interval: Duration::from_millis(500), concurrency: 2 };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn starts_are_an_interval_apart() {
        let mut pace = HostPace::default();
        assert_eq!(pace.ready_at(&LIMITS), Some(at(0)));
        pace.start(at(100), &LIMITS);
        assert_eq!(pace.ready_at(&LIMITS), Some(at(600)));
    }

    #[test]
    fn a_full_host_is_never_ready() {
        let mut pace = HostPace::default();
        pace.start(at(0), &LIMITS);
        pace.start(at(500), &LIMITS);
        assert_eq!(pace.ready_at(&LIMITS), None);
        pace.finish(at(40));
        assert_eq!(pace.ready_at(&LIMITS), Some(at(1000)));
    }

    #[test]
    fn a_deadline_is_shared_and_only_grows() {
        let mut pace = HostPace::default();
        pace.start(at(0), &LIMITS);
        pace.hold_until(at(9000));
        pace.hold_until(at(3000));
        pace.finish(at(40));
        assert_eq!(pace.ready_at(&LIMITS), Some(at(9000)));
    }

    #[test]
    fn complaints_slow_us_down_and_good_answers_let_us_recover() {
        let mut pace = HostPace::default();
        let gap = |pace: &HostPace| {
            let mut next = pace.clone();
            next.start(at(100_000), &LIMITS);
            next.ready_at(&LIMITS).map(|ready| ready.saturating_sub(at(100_000)))
        };
        assert_eq!(gap(&pace), Some(at(500)));
        pace.pause(at(0), at(1000));
        assert_eq!(gap(&pace), Some(at(750)));
        pace.pause(at(0), at(1000));
        assert_eq!(gap(&pace), Some(at(1000)));
        for _ in 0..20 {
            pace.pause(at(0), at(1000));
        }
        assert_eq!(gap(&pace), Some(at(30_500)));
        pace.relax();
        assert_eq!(gap(&pace), Some(at(23_000)));
        for _ in 0..40 {
            pace.relax();
        }
        assert_eq!(gap(&pace), Some(at(500)));
    }

    #[test]
    fn the_least_time_knows_the_limits() {
        let mut paced = HostPace::default();
        for _ in 0..5 {
            paced.start(at(0), &LIMITS);
            paced.finish(at(40));
        }
        assert_eq!(paced.least(&LIMITS), at(4 * 500 + 40));
        let mut slow = HostPace::default();
        for _ in 0..4 {
            slow.start(at(0), &LIMITS);
            slow.finish(at(9000));
        }
        assert_eq!(slow.least(&LIMITS), at(18_000));
        let mut paused = HostPace::default();
        paused.start(at(0), &LIMITS);
        paused.finish(at(40));
        paused.pause(at(40), at(7000));
        assert_eq!(paused.least(&LIMITS), at(40));
        paused.start(at(7040), &LIMITS);
        paused.finish(at(40));
        assert_eq!(paused.least(&LIMITS), at(7040));
        assert_eq!(HostPace::default().least(&LIMITS), at(0));
    }

    #[test]
    fn a_limit_of_nothing_still_lets_one_through() {
        let limits = PaceLimits { interval: Duration::ZERO, concurrency: 0 };
        let mut pace = HostPace::default();
        assert_eq!(pace.ready_at(&limits), Some(at(0)));
        pace.start(at(0), &limits);
        assert_eq!(pace.ready_at(&limits), None);
    }
}
