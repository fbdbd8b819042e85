//! Whose turn it is. Work waits in one queue per host, and a host comes up
//! when its [`HostPace`] and the work itself allow it. Nothing that waits
//! holds a task or a slot; the run asks for the next turn when it has room.
//!
//! Times are durations since the run began. Work that is ready at the same
//! time is taken in the order in which it came.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::time::Duration;

use crate::config::HostRules;
use crate::verdict::{HostPace, PaceLimits};

/// Work `T`, queued by host.
#[derive(Debug)]
pub(super) struct Schedule<T> {
    limits: PaceLimits,
    rules: HostRules,
    hosts: HashMap<String, Host<T>>,
    /// When each host comes up. An entry counts only while it equals its
    /// host's `listed`; older ones are skipped.
    agenda: BinaryHeap<Reverse<(Turn, String)>>,
    arrivals: u64,
}

/// A time, and the place in line of the work that is due then.
type Turn = (Duration, u64);

#[derive(Debug)]
struct Host<T> {
    pace: HostPace,
    /// By the time before which it must not start, then by arrival.
    queue: BTreeMap<Turn, T>,
    listed: Option<Turn>,
}

impl<T> Default for Host<T> {
    fn default() -> Self {
        Self { pace: HostPace::default(), queue: BTreeMap::new(), listed: None }
    }
}

impl<T> Schedule<T> {
    pub(super) fn new(limits: PaceLimits, rules: HostRules) -> Self {
        Self { limits, rules, hosts: HashMap::new(), agenda: BinaryHeap::new(), arrivals: 0 }
    }

    /// Queues work for `host`, to start no earlier than `not_before`.
    pub(super) fn push(&mut self, host: &str, not_before: Duration, work: T) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        self.change(host, |host, _| {
            host.queue.insert((not_before, arrival), work);
        });
    }

    /// Takes the next work that may start at `now`, and counts it as started.
    pub(super) fn start_next(&mut self, now: Duration) -> Option<T> {
        while let Some(Reverse((turn, name))) = self.agenda.peek() {
            let is_current = self.hosts.get(name).is_some_and(|host| host.listed == Some(*turn));
            if is_current && turn.0 > now {
                return None;
            }
            let Reverse((_, name)) = self.agenda.pop()?;
            if is_current {
                return self.change(&name, |host, limits| {
                    host.listed = None;
                    let (_, work) = host.queue.pop_first()?;
                    host.pace.start(now, limits);
                    Some(work)
                });
            }
        }
        None
    }

    /// Work that was started for `host` has ended after so long.
    pub(super) fn finish(&mut self, host: &str, took: Duration) {
        self.change(host, |host, _| host.pace.finish(took));
    }

    /// Work that was started for `host` was not asked after all.
    pub(super) fn take_back(&mut self, host: &str) {
        self.change(host, |host, _| host.pace.take_back());
    }

    /// Nothing more starts for `host` until `wait` from `now` on.
    pub(super) fn pause(&mut self, host: &str, now: Duration, wait: Duration) {
        self.change(host, |host, _| host.pace.pause(now, wait));
    }

    /// How many requests have ended, and the least time in which they could
    /// have been, with no more than `concurrency` in flight in all.
    pub(super) fn optimum(&self, concurrency: usize) -> (u64, Duration) {
        let mut requests = 0;
        let mut busy = Duration::ZERO;
        let mut least = Duration::ZERO;
        for pace in self.hosts.values().map(|host| &host.pace) {
            let (ended, took) = pace.ended();
            requests += u64::from(ended);
            busy += took;
            least = least.max(pace.least(&self.limits));
        }
        (requests, least.max(busy / u32::try_from(concurrency.max(1)).unwrap_or(u32::MAX)))
    }

    /// Gives up on `host`; hands back what was queued for it.
    pub(super) fn close(&mut self, host: &str) -> Vec<T> {
        self.change(host, |host, _| {
            host.pace.close();
            std::mem::take(&mut host.queue).into_values().collect()
        })
    }

    /// Whether `host` was given up.
    pub(super) fn is_closed(&self, host: &str) -> bool {
        self.hosts.get(host).is_some_and(|host| host.pace.is_closed())
    }

    /// Hands back all queued work that `is_wanted`, in the order it came.
    pub(super) fn take(&mut self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let names: Vec<String> = self.hosts.keys().cloned().collect();
        let mut taken = BTreeMap::new();
        for name in names {
            self.change(&name, |host, _| {
                let (out, kept) = std::mem::take(&mut host.queue)
                    .into_iter()
                    .partition::<BTreeMap<_, _>, _>(|(_, work)| is_wanted(work));
                host.queue = kept;
                taken.extend(out.into_iter().map(|((_, arrival), work)| (arrival, work)));
            });
        }
        taken.into_values().collect()
    }

    /// When the next work may start. `None` where nothing waits, or all that
    /// waits is for hosts that must finish something first.
    pub(super) fn next_turn(&mut self) -> Option<Duration> {
        while let Some(Reverse((turn, name))) = self.agenda.peek() {
            if self.hosts.get(name).is_some_and(|host| host.listed == Some(*turn)) {
                return Some(turn.0);
            }
            self.agenda.pop();
        }
        None
    }

    /// Changes a host and lists it anew. Every change goes through here, so
    /// the agenda always holds each host that can come up.
    fn change<R>(&mut self, name: &str, change: impl FnOnce(&mut Host<T>, &PaceLimits) -> R) -> R {
        let limits = limits_of(name, &self.limits, &self.rules);
        let host = self.hosts.entry(name.to_owned()).or_default();
        let result = change(host, &limits);
        let turn = host
            .queue
            .first_key_value()
            .and_then(|(&(not_before, arrival), _)| Some((host.pace.ready_at(&limits)?.max(not_before), arrival)));
        if turn != host.listed {
            host.listed = turn;
            self.agenda.extend(turn.map(|turn| Reverse((turn, name.to_owned()))));
        }
        result
    }
}

/// The configuration may have other limits for one host.
fn limits_of(host: &str, usual: &PaceLimits, rules: &HostRules) -> PaceLimits {
    let rule = rules.of(host);
    PaceLimits {
        interval: rule.and_then(|rule| rule.interval).unwrap_or(usual.interval),
        concurrency: rule.and_then(|rule| rule.concurrency).unwrap_or(usual.concurrency),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn schedule(concurrency: usize) -> Schedule<u32> {
        Schedule::new(PaceLimits { interval: at(100), concurrency }, HostRules::default())
    }

    #[test]
    fn hosts_wait_for_themselves_only() {
        let mut schedule = schedule(2);
        for (host, work) in [("a", 1), ("a", 2), ("b", 3)] {
            schedule.push(host, at(0), work);
        }
        assert_eq!(schedule.start_next(at(0)), Some(1));
        assert_eq!(schedule.start_next(at(0)), Some(3));
        assert_eq!(schedule.start_next(at(99)), None);
        assert_eq!(schedule.next_turn(), Some(at(100)));
        assert_eq!(schedule.start_next(at(100)), Some(2));
        assert_eq!(schedule.next_turn(), None);
    }

    #[test]
    fn a_full_host_comes_up_again_when_something_ends() {
        let mut schedule = schedule(1);
        schedule.push("a", at(0), 1);
        schedule.push("a", at(0), 2);
        assert_eq!(schedule.start_next(at(0)), Some(1));
        assert_eq!(schedule.start_next(at(500)), None);
        assert_eq!(schedule.next_turn(), None);
        schedule.finish("a", at(500));
        assert_eq!(schedule.start_next(at(500)), Some(2));
    }

    #[test]
    fn work_that_is_put_off_lets_others_pass() {
        let mut schedule = schedule(2);
        schedule.push("a", at(3000), 1);
        schedule.push("a", at(0), 2);
        assert_eq!(schedule.start_next(at(0)), Some(2));
        assert_eq!(schedule.next_turn(), Some(at(3000)));
        assert_eq!(schedule.start_next(at(3000)), Some(1));
    }

    #[test]
    fn a_pause_holds_everyone() {
        let mut schedule = schedule(2);
        schedule.push("a", at(0), 1);
        schedule.pause("a", at(0), at(700));
        assert_eq!(schedule.start_next(at(699)), None);
        assert_eq!(schedule.next_turn(), Some(at(700)));
        assert_eq!(schedule.start_next(at(700)), Some(1));
    }

    #[test]
    fn what_is_taken_back_never_comes_up() {
        let mut schedule = schedule(1);
        for work in 0..6 {
            schedule.push(if work % 2 == 0 { "a" } else { "b" }, at(0), work);
        }
        assert_eq!(schedule.close("b"), [1, 3, 5]);
        assert!(schedule.is_closed("b") && !schedule.is_closed("a"));
        assert_eq!(schedule.take(|&work| work < 4), [0, 2]);
        assert_eq!(schedule.start_next(at(0)), Some(4));
        assert_eq!(schedule.start_next(at(9999)), None);
    }
}
