//! The run: one loop that starts requests while there is room, hears answers,
//! and ends when nothing is left or it is told to stop. Everything is owned by
//! the loop; only single requests run beside it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until};
use url::Url;

use crate::config::HostRules;
use crate::verdict::{HostMood, NetworkFault, Observation, Outcome, PaceLimits, RetryPolicy, Timing, Withheld};

use super::client::Clients;
use super::controls::{Controls, Settled};
use super::exchange::{ExchangeLimits, Reply, exchange};
use super::fault::{Failure, Silence};
use super::inquiry::{Inquiry, InquiryLimits, Step};
use super::schedule::Schedule;
use super::stop::StopSignal;
use super::{Answers, FetchError, FetchSettings, Question};

/// Asks all probes; see [`super::ask_all`].
pub(super) async fn run(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(&Observation),
) -> Result<Answers, FetchError> {
    let mut run = Run::new(settings, questions.len(), on_answer)?;
    for (index, question) in questions.into_iter().enumerate() {
        run.queue(Task { goal: Goal::Observation(index), inquiry: Inquiry::new(question) }, Duration::ZERO);
    }
    let stopped = stop.stopped();
    tokio::pin!(stopped);
    loop {
        run.start_what_is_due();
        let next_turn = run.next_turn();
        if run.in_flight.is_empty() && next_turn.is_none() {
            break;
        }
        tokio::select! {
            biased;
            () = &mut stopped => break,
            Some(ended) = run.in_flight.join_next_with_id() => match ended {
                Ok((id, reply)) => run.hear(id, reply),
                Err(error) => run.hear(error.id(), broken_off()),
            },
            () = sleep_until(next_turn.unwrap_or(run.began)), if next_turn.is_some() => {}
        }
    }
    Ok(run.finish())
}

/// Longer times are cut to this, so that no flag overflows a clock.
const FOREVER: Duration = Duration::from_hours(365 * 24);

/// An inquiry and what it is for.
struct Task {
    goal: Goal,
    inquiry: Inquiry,
}

/// A request in flight: whose, and since when.
struct Asked {
    task: Task,
    since: Duration,
}

/// What an inquiry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Goal {
    /// The observation at this place.
    Observation(usize),
    /// Observations that wait for a control.
    Control,
}

struct Run<'a> {
    began: Instant,
    concurrency: usize,
    /// Requests that may still be sent; `None` where there is no limit.
    budget: Option<u64>,
    exchange_limits: ExchangeLimits,
    inquiry_limits: InquiryLimits,
    clients: Clients,
    network: NetworkSense,
    schedule: Schedule<Task>,
    hosts: HostRules,
    in_flight: JoinSet<Reply>,
    asking: HashMap<Id, Asked>,
    controls: Controls,
    observations: Vec<Option<Observation>>,
    on_answer: &'a mut dyn FnMut(&Observation),
}

impl<'a> Run<'a> {
    fn new(
        settings: &FetchSettings,
        probes: usize,
        on_answer: &'a mut dyn FnMut(&Observation),
    ) -> Result<Self, FetchError> {
        Ok(Self {
            began: Instant::now(),
            concurrency: settings.concurrency.max(1),
            budget: settings.max_requests,
            exchange_limits: ExchangeLimits { timeout: settings.timeout.min(FOREVER), max_body: settings.max_body },
            inquiry_limits: InquiryLimits {
                retry: RetryPolicy {
                    retries: settings.retries,
                    first_wait: settings.first_wait,
                    longest_wait: settings.longest_wait.min(FOREVER),
                },
                max_redirects: settings.max_redirects,
            },
            clients: Clients::new(settings)?,
            network: NetworkSense::default(),
            schedule: Schedule::new(
                PaceLimits { interval: settings.host_interval, concurrency: settings.host_concurrency },
                settings.hosts.clone(),
            ),
            hosts: settings.hosts.clone(),
            in_flight: JoinSet::new(),
            asking: HashMap::new(),
            controls: Controls::default(),
            observations: std::iter::repeat_with(|| None).take(probes).collect(),
            on_answer,
        })
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Queues the task's next request, unless it is known to be in vain.
    fn queue(&mut self, task: Task, wait: Duration) {
        let url = task.inquiry.url();
        let host = pace_key(url);
        if self.network.is_absent && self.clients.needs_name_server(url) {
            return self.withhold(task, Withheld::NoNetwork);
        }
        if self.schedule.is_closed(&host) {
            return self.withhold(task, Withheld::AskedToWait);
        }
        // What cannot be asked waits for nobody's turn.
        if let Err(outcome) = self.clients.call(url) {
            return self.end(task, outcome);
        }
        let not_before = if wait.is_zero() { Duration::ZERO } else { self.now() + wait };
        self.schedule.push(&host, not_before, task);
    }

    fn start_what_is_due(&mut self) {
        while self.in_flight.len() < self.concurrency {
            let now = self.now();
            let Some(mut task) = self.schedule.start_next(now) else {
                return;
            };
            let call = if self.spend() {
                self.clients.call(task.inquiry.url())
            } else {
                Err(Outcome::Withheld(Withheld::Budget))
            };
            match call {
                Ok(call) => {
                    let call = match task.inquiry.validators() {
                        Some(validators) => call.only_if_changed_since(&validators),
                        None => call,
                    };
                    task.inquiry.start(now);
                    let limits = self.exchange_limits_of(task.inquiry.url());
                    let request = self.in_flight.spawn(exchange(call, limits));
                    self.asking.insert(request.id(), Asked { task, since: now });
                }
                Err(outcome) => {
                    self.schedule.take_back(&pace_key(task.inquiry.url()));
                    self.end(task, outcome);
                }
            }
        }
    }

    /// Whether one more request may be sent.
    fn spend(&mut self) -> bool {
        match &mut self.budget {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// The configuration may give one host more time, or less.
    fn exchange_limits_of(&self, url: &Url) -> ExchangeLimits {
        let rule = url.host_str().and_then(|host| self.hosts.of(host));
        let timeout = rule.and_then(|rule| rule.timeout).map(|timeout| timeout.min(FOREVER));
        ExchangeLimits { timeout: timeout.unwrap_or(self.exchange_limits.timeout), ..self.exchange_limits }
    }

    /// When there is something to start; `None` while there is no room for it.
    fn next_turn(&mut self) -> Option<Instant> {
        if self.in_flight.len() >= self.concurrency {
            return None;
        }
        self.schedule.next_turn().map(|turn| self.began + turn.min(FOREVER))
    }

    fn hear(&mut self, id: Id, reply: Reply) {
        let Some(Asked { mut task, since }) = self.asking.remove(&id) else {
            return;
        };
        let asked = task.inquiry.url().clone();
        let host = pace_key(&asked);
        let now = self.now();
        self.schedule.finish(&host, now.saturating_sub(since));
        let is_silent = self.hear_of_network(&asked, &reply);
        let (step, mood) = task.inquiry.hear(reply, &self.inquiry_limits);
        match mood {
            HostMood::Calm => {}
            HostMood::Pause(wait) => self.schedule.pause(&host, now, wait),
            HostMood::Closed => {
                for waiting in self.schedule.close(&host) {
                    self.withhold(waiting, Withheld::AskedToWait);
                }
            }
        }
        match step {
            _ if is_silent && self.network.is_absent => self.withhold(task, Withheld::NoNetwork),
            Step::Ask(wait) => self.queue(task, wait),
            Step::End(outcome) => self.end(task, outcome),
        }
    }

    /// Whether the name servers were silent about `url`. When that shows that
    /// there is no network, everything that would need one is withheld.
    fn hear_of_network(&mut self, url: &Url, reply: &Reply) -> bool {
        if !self.clients.needs_name_server(url) {
            return false;
        }
        let silence = match reply {
            Reply::Failed(failure) => match (failure.silence, &failure.outcome) {
                // Nobody knows whether the name was looked up by then.
                (None, Outcome::TimedOut(_)) => return false,
                (silence, _) => silence,
            },
            Reply::Redirect { .. } | Reply::Answer { .. } => None,
        };
        let was_absent = self.network.is_absent;
        self.network.hear(url, silence);
        if self.network.is_absent && !was_absent {
            let clients = &self.clients;
            let in_vain = self.schedule.take(|task| clients.needs_name_server(task.inquiry.url()));
            for task in in_vain {
                self.withhold(task, Withheld::NoNetwork);
            }
        }
        silence.is_some()
    }

    fn withhold(&mut self, task: Task, why: Withheld) {
        self.end(task, Outcome::Withheld(why));
    }

    fn end(&mut self, task: Task, outcome: Outcome) {
        let observation = task.inquiry.end(outcome, self.now(), Timestamp::now());
        match task.goal {
            Goal::Observation(index) => self.settle(index, observation),
            Goal::Control => {
                for (index, waiting) in self.controls.answer(observation) {
                    self.settle(index, waiting);
                }
            }
        }
    }

    /// Takes an observation in, unless it needs a control first.
    fn settle(&mut self, index: usize, observation: Observation) {
        match self.controls.settle(index, observation) {
            Settled::Done(index, observation) => {
                (self.on_answer)(&observation);
                if let Some(place) = self.observations.get_mut(index) {
                    *place = Some(*observation);
                }
            }
            Settled::Ask(control) => {
                self.queue(Task { goal: Goal::Control, inquiry: Inquiry::new(control.into()) }, Duration::ZERO);
            }
            Settled::Waits => {}
        }
    }

    /// Withholds what is still open, and gives back everything in order.
    fn finish(mut self) -> Answers {
        let elapsed = self.now();
        let (requests, optimum) = self.schedule.optimum(self.concurrency);
        self.in_flight.abort_all();
        let mut open = self.schedule.take(|_| true);
        open.extend(self.asking.drain().map(|(_, asked)| asked.task));
        open.sort_by_key(|task| task.goal);
        for task in open {
            self.withhold(task, Withheld::Interrupted);
        }
        Answers {
            observations: self.observations.into_iter().flatten().collect(),
            timing: Timing { requests, elapsed, optimum },
        }
    }
}

/// A request of ours broke off by itself; the server is not to blame.
fn broken_off() -> Reply {
    let fault = NetworkFault::Other("the request broke off on our side".into());
    Reply::Failed(Failure { outcome: Outcome::Unreachable(fault), is_before_request: false, silence: None })
}

/// What is paced together: all that goes to one host name, whatever its port.
fn pace_key(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// Whether this machine has a network, as far as name servers show it. One
/// answer of any name server, even a "no", settles that it has one. Silence
/// about one host settles nothing: that may be the host's own fault.
#[derive(Debug, Default)]
struct NetworkSense {
    is_present: bool,
    is_absent: bool,
    silent_about: BTreeSet<String>,
}

impl NetworkSense {
    /// So many hosts without a word mean that nobody is there.
    const SILENT_HOSTS: usize = 3;

    fn hear(&mut self, url: &Url, silence: Option<Silence>) {
        match silence {
            None => self.is_present = true,
            Some(_) if self.is_present => {}
            // The system itself says so.
            Some(Silence::Unreachable) => self.is_absent = true,
            Some(Silence::Waited) => {
                self.silent_about.insert(pace_key(url));
                self.is_absent = self.is_absent || self.silent_about.len() >= Self::SILENT_HOSTS;
            }
        }
    }
}
