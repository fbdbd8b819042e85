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
}

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
        self.hold_until(now.saturating_add(limits.interval));
    }

    /// A request has ended, however it ended.
    pub fn finish(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
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
        pace.finish();
        assert_eq!(pace.ready_at(&LIMITS), Some(at(1000)));
    }

    #[test]
    fn a_deadline_is_shared_and_only_grows() {
        let mut pace = HostPace::default();
        pace.start(at(0), &LIMITS);
        pace.hold_until(at(9000));
        pace.hold_until(at(3000));
        pace.finish();
        assert_eq!(pace.ready_at(&LIMITS), Some(at(9000)));
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
