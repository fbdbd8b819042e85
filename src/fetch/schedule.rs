//! Whose turn it is. Work waits in one queue per host, and a host comes up
//! when its [`HostPace`] and the work itself allow it. Nothing that waits
//! holds a task or a slot; the run asks for the next turn when it has room.
//!
//! Hosts that were found to share an address share its limit of connections,
//! too: what is ready but finds the address full waits in a line of its own.
//!
//! Times are durations since the run began. Of hosts that are ready at the
//! same time the one that came first goes first, so that hosts are finished one
//! after the other and few connections stand open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::config::HostRules;
use crate::verdict::{HostPace, PaceLimits};

/// Work `T`, queued by host.
#[derive(Debug)]
pub(super) struct Schedule<T> {
    limits: ScheduleLimits,
    rules: HostRules,
    hosts: HashMap<Arc<str>, Host<T>>,
    /// When each host comes up. An entry counts only while it equals its
    /// host's `listed`; older ones are skipped.
    agenda: BinaryHeap<Reverse<(Turn, Arc<str>)>>,
    addresses: HashMap<IpAddr, Address>,
    arrivals: u64,
}

/// What holds for every host and every address.
#[derive(Debug, Clone, Copy)]
pub(super) struct ScheduleLimits {
    pub pace: PaceLimits,
    /// Requests in flight to one address, whatever the hosts; 0 counts as 1.
    pub address_concurrency: usize,
}

/// A time, and a place in line at that time.
type Turn = (Duration, u64);

#[derive(Debug)]
struct Host<T> {
    pace: HostPace,
    /// Work that may start at any time, by arrival.
    ready: VecDeque<T>,
    /// Work that must not start before a time; then by arrival.
    later: BTreeMap<Turn, T>,
    listed: Option<Turn>,
    /// Its place in line: hosts that came first go first.
    rank: u64,
    /// Where it answered last.
    address: Option<IpAddr>,
    /// The addresses that count its requests in flight.
    counted: Vec<IpAddr>,
}

/// What is known of an address that hosts share.
#[derive(Debug, Default)]
struct Address {
    in_flight: usize,
    /// Hosts that were ready when it was full.
    line: VecDeque<Arc<str>>,
}

impl<T> Host<T> {
    fn new(rank: u64) -> Self {
        Self {
            pace: HostPace::default(),
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            listed: None,
            rank,
            address: None,
            counted: Vec::new(),
        }
    }

    /// When its next work may start.
    fn turn(&self, limits: &PaceLimits) -> Option<Turn> {
        let due = match self.later.first_key_value() {
            _ if !self.ready.is_empty() => Duration::ZERO,
            Some((&(not_before, _), _)) => not_before,
            None => return None,
        };
        Some((self.pace.ready_at(limits)?.max(due), self.rank))
    }

    /// The work that may start at `now`.
    fn next(&mut self, now: Duration) -> Option<T> {
        // What has waited for its time has waited longest.
        let is_due = self.later.first_key_value().is_some_and(|(turn, _)| turn.0 <= now);
        if is_due { self.later.pop_first().map(|(_, work)| work) } else { self.ready.pop_front() }
    }
}

impl<T> Schedule<T> {
    pub(super) fn new(limits: ScheduleLimits, rules: HostRules) -> Self {
        let (hosts, addresses) = (HashMap::new(), HashMap::new());
        Self { limits, rules, hosts, agenda: BinaryHeap::new(), addresses, arrivals: 0 }
    }

    /// Queues work for `host`, to start no earlier than `not_before`.
    pub(super) fn push(&mut self, host: &str, not_before: Duration, work: T) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        self.change(host, |host, _| {
            if not_before.is_zero() {
                host.ready.push_back(work);
            } else {
                host.later.insert((not_before, arrival), work);
            }
        });
    }

    /// Takes the next work that may start at `now`, and counts it as started.
    pub(super) fn start_next(&mut self, now: Duration) -> Option<T> {
        while let Some(Reverse((turn, name))) = self.agenda.peek() {
            let listed = self.hosts.get_mut(name).filter(|host| host.listed == Some(*turn));
            if listed.is_some() && turn.0 > now {
                return None;
            }
            let Some(host) = listed else {
                self.agenda.pop();
                continue;
            };
            let Reverse((_, name)) = self.agenda.pop()?;
            host.listed = None;
            if let Some(address) = host.address {
                let shared = self.addresses.entry(address).or_default();
                if shared.in_flight >= self.limits.address_concurrency.max(1) {
                    shared.line.push_back(name);
                    continue;
                }
                shared.in_flight += 1;
                host.counted.push(address);
            }
            let work = self.change(&name, |host, limits| {
                let work = host.next(now)?;
                host.pace.start(now, limits);
                Some(work)
            });
            if work.is_some() {
                return work;
            }
        }
        None
    }

    /// Work that was started for `host` has ended after so long; `address` is
    /// where it was answered.
    pub(super) fn finish(&mut self, host: &str, took: Duration, address: Option<IpAddr>) {
        self.change(host, |host, _| {
            host.pace.finish(took);
            host.address = address.or(host.address);
        });
        self.leave_address(host);
    }

    /// Work that was started for `host` was not asked after all; `address` is
    /// where there was no room for it.
    pub(super) fn take_back(&mut self, host: &str, address: Option<IpAddr>) {
        self.change(host, |host, _| {
            host.pace.take_back();
            host.address = address.or(host.address);
        });
        self.leave_address(host);
    }

    /// One request of `host` less at its address: the next in line comes up.
    /// Where that was the last, everyone does, for nobody else would call them.
    fn leave_address(&mut self, host: &str) {
        let Some(address) = self.hosts.get_mut(host).and_then(|host| host.counted.pop()) else {
            return;
        };
        let Some(shared) = self.addresses.get_mut(&address) else {
            return;
        };
        shared.in_flight = shared.in_flight.saturating_sub(1);
        let is_last = shared.in_flight == 0;
        while let Some(next) = self.addresses.get_mut(&address).and_then(|shared| shared.line.pop_front()) {
            self.change(&next, |_, _| ());
            let is_listed = self.hosts.get(&next).is_some_and(|host| host.listed.is_some());
            if is_listed && !is_last {
                break;
            }
        }
    }

    /// Nothing more starts for `host` until `wait` from `now` on.
    pub(super) fn pause(&mut self, host: &str, now: Duration, wait: Duration) {
        self.change(host, |host, _| host.pace.pause(now, wait));
    }

    /// `host` has answered without complaint.
    pub(super) fn relax(&mut self, host: &str) {
        self.change(host, |host, _| host.pace.relax());
    }

    /// How many requests have ended, and the least time in which they could
    /// have been, with no more than `concurrency` in flight in all.
    pub(super) fn optimum(&self, concurrency: usize) -> (u64, Duration) {
        let mut requests = 0;
        let mut busy = Duration::ZERO;
        let mut least = Duration::ZERO;
        #[expect(clippy::iter_over_hash_type, reason = "sums and maxima have no order")]
        for (name, host) in &self.hosts {
            let (ended, took) = host.pace.ended();
            requests += u64::from(ended);
            busy += took;
            least = least.max(host.pace.least(&limits_of(name, &self.limits.pace, &self.rules)));
        }
        (requests, least.max(busy / u32::try_from(concurrency.max(1)).unwrap_or(u32::MAX)))
    }

    /// Gives up on `host`; hands back what was queued for it.
    pub(super) fn close(&mut self, host: &str) -> Vec<T> {
        self.change(host, |host, _| {
            host.pace.close();
            let ready = std::mem::take(&mut host.ready).into_iter();
            ready.chain(std::mem::take(&mut host.later).into_values()).collect()
        })
    }

    /// Whether `host` was given up.
    pub(super) fn is_closed(&self, host: &str) -> bool {
        self.hosts.get(host).is_some_and(|host| host.pace.is_closed())
    }

    /// Hands back all queued work that `is_wanted`, host by host.
    pub(super) fn take(&mut self, is_wanted: impl Fn(&T) -> bool) -> Vec<T> {
        let mut names: Vec<(u64, Arc<str>)> =
            self.hosts.iter().map(|(name, host)| (host.rank, Arc::clone(name))).collect();
        names.sort_unstable();
        let mut taken = Vec::new();
        for (_, name) in names {
            self.change(&name, |host, _| {
                let (out, kept) = std::mem::take(&mut host.ready).into_iter().partition(&is_wanted);
                host.ready = kept;
                taken.extend::<VecDeque<T>>(out);
                let (out, kept) = std::mem::take(&mut host.later).into_iter().partition(|(_, work)| is_wanted(work));
                host.later = kept;
                taken.extend(BTreeMap::into_values(out));
            });
        }
        taken
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
        let limits = limits_of(name, &self.limits.pace, &self.rules);
        if !self.hosts.contains_key(name) {
            let rank = self.hosts.len() as u64;
            self.hosts.insert(name.into(), Host::new(rank));
        }
        let known = self.hosts.get_key_value(name).map(|(name, _)| Arc::clone(name)).unwrap_or_default();
        let host = self.hosts.entry(Arc::clone(&known)).or_insert_with(|| Host::new(0));
        let result = change(host, &limits);
        let turn = host.turn(&limits);
        if turn != host.listed {
            host.listed = turn;
            self.agenda.extend(turn.map(|turn| Reverse((turn, known))));
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
        let pace = PaceLimits { interval: at(100), concurrency };
        Schedule::new(ScheduleLimits { pace, address_concurrency: 2 }, HostRules::default())
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
    fn without_pacing_hosts_are_finished_one_after_the_other() {
        let pace = PaceLimits { interval: Duration::ZERO, concurrency: 1 };
        let mut schedule = Schedule::new(ScheduleLimits { pace, address_concurrency: 9 }, HostRules::default());
        for (host, work) in [("a", 1), ("b", 2), ("a", 3), ("b", 4)] {
            schedule.push(host, at(0), work);
        }
        let mut order = Vec::new();
        while let Some(work) = schedule.start_next(at(7)) {
            order.push(work);
            schedule.finish(if work % 2 == 1 { "a" } else { "b" }, at(1), None);
        }
        assert_eq!(order, [1, 3, 2, 4]);
    }

    #[test]
    fn a_full_host_comes_up_again_when_something_ends() {
        let mut schedule = schedule(1);
        schedule.push("a", at(0), 1);
        schedule.push("a", at(0), 2);
        assert_eq!(schedule.start_next(at(0)), Some(1));
        assert_eq!(schedule.start_next(at(500)), None);
        assert_eq!(schedule.next_turn(), None);
        schedule.finish("a", at(500), None);
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

    #[test]
    fn hosts_that_share_an_address_share_its_limit() {
        let mut schedule = schedule(2);
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        for (host, work) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
            schedule.push(host, at(0), work);
        }
        // Nothing is known of them yet; then all turn out to be one server.
        let started: Vec<u32> = std::iter::from_fn(|| schedule.start_next(at(0))).collect();
        assert_eq!(started, [1, 2, 3, 4]);
        for host in ["a", "b", "c", "d"] {
            schedule.finish(host, at(1), Some(address));
            schedule.push(host, at(0), 9);
        }
        let now = at(100);
        assert_eq!([schedule.start_next(now), schedule.start_next(now)], [Some(9), Some(9)]);
        assert_eq!(schedule.start_next(now), None);
        assert_eq!(schedule.next_turn(), None, "who waits for room costs no turn");
        schedule.push("e", at(0), 5);
        assert_eq!(schedule.start_next(now), Some(5), "others pass");
        schedule.finish("a", at(1), Some(address));
        assert_eq!(schedule.start_next(now), Some(9));
        assert_eq!(schedule.start_next(now), None);
        schedule.finish("b", at(1), Some(address));
        schedule.finish("c", at(1), Some(address));
        assert_eq!(schedule.start_next(now), Some(9));
        assert_eq!(schedule.start_next(at(9999)), None);
    }

    #[test]
    fn a_place_in_line_that_is_no_longer_wanted_holds_nobody_up() {
        let mut schedule = schedule(9);
        let address: IpAddr = "192.0.2.1".parse().expect("an address");
        for host in ["a", "b", "c", "d"] {
            schedule.push(host, at(0), 0);
            assert_eq!(schedule.start_next(at(0)), Some(0));
            schedule.finish(host, at(1), Some(address));
        }
        for host in ["a", "b", "c", "d"] {
            schedule.push(host, at(0), 1);
        }
        let now = at(500);
        assert_eq!([(); 3].map(|()| schedule.start_next(now)), [Some(1), Some(1), None]);
        assert_eq!(schedule.close("c"), [1]);
        schedule.finish("a", at(1), Some(address));
        assert_eq!(schedule.start_next(now), Some(1));
    }
}
