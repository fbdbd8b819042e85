//! The run: one loop that starts requests while there is room, hears answers,
//! and ends when nothing is left or it is told to stop. Everything is owned by
//! the loop; only single requests run beside it. What has not begun is a
//! number in a queue, and its question stays where it was.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until};
use url::{Position, Url};

use crate::config::HostRules;
use crate::verdict::{
    HostMood, LONGEST_ROBOTS, NetworkFault, Observation, Outcome, PaceLimits, Probe, RetryPolicy, Timing, Withheld,
};

use super::client::Client;
use super::controls::{Controls, Settled};
use super::exchange::{ExchangeLimits, Heard, Reply, exchange};
use super::fault::Failure;
use super::inquiry::{Inquiry, InquiryLimits, Step};
use super::job::{Goal, Job, Task, is_for_robots, new_job, url_of};
use super::network_sense::NetworkSense;
use super::robots::{Gate, Robots};
use super::schedule::{Schedule, ScheduleLimits};
use super::stop::StopSignal;
use super::{FetchError, FetchSettings, Question, TargetFilter};

/// Asks all probes; see [`super::ask_each`].
pub(super) async fn run(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(usize, Box<Observation>),
    next: &mut dyn FnMut() -> Vec<Question>,
) -> Result<Timing, FetchError> {
    let mut run = Run::new(settings, questions.len(), on_answer)?;
    run.add(questions);
    let stopped = stop.stopped();
    tokio::pin!(stopped);
    loop {
        run.start_what_is_due();
        let next_turn = run.next_turn();
        if run.in_flight.is_empty() && next_turn.is_none() {
            if run.is_settled() && !run.begin_round(next) {
                break;
            }
            continue;
        }
        tokio::select! {
            biased;
            () = &mut stopped => break,
            Some(ended) = run.in_flight.join_next_with_id() => match ended {
                Ok((id, heard)) => run.hear(id, heard),
                Err(error) => run.hear(error.id(), broken_off()),
            },
            () = sleep_until(next_turn.unwrap_or(run.began)), if next_turn.is_some() => {}
        }
    }
    Ok(run.finish())
}

/// Longer times are cut to this, so that no flag overflows a clock.
const FOREVER: Duration = Duration::from_hours(365 * 24);

/// A request in flight: whose, and since when.
struct Asked {
    task: Box<Task>,
    since: Duration,
}

struct Run<'a> {
    began: Instant,
    concurrency: usize,
    /// Requests that may still be sent; `None` where there is no limit.
    budget: Option<u64>,
    exchange_limits: ExchangeLimits,
    inquiry_limits: InquiryLimits,
    client: Client,
    network: NetworkSense<(Box<Task>, Outcome)>,
    schedule: Schedule<Job>,
    hosts: HostRules,
    targets: TargetFilter,
    robots: Option<Robots<Job>>,
    in_flight: JoinSet<Heard>,
    asking: HashMap<Id, Asked>,
    /// The addresses that are being asked, and jobs that want the same: none
    /// is asked twice at once.
    addresses_asked: HashMap<String, Vec<Job>>,
    controls: Controls,
    /// Questions of the first round: those of references.
    references: usize,
    /// Requests that asked for none.
    beside: u64,
    questions: Vec<Option<Question>>,
    on_answer: &'a mut dyn FnMut(usize, Box<Observation>),
}

impl<'a> Run<'a> {
    fn new(
        settings: &FetchSettings,
        references: usize,
        on_answer: &'a mut dyn FnMut(usize, Box<Observation>),
    ) -> Result<Self, FetchError> {
        let pace = PaceLimits { interval: settings.host_interval, concurrency: settings.host_concurrency };
        let limits = ScheduleLimits { pace, address_concurrency: settings.address_concurrency };
        Ok(Self {
            began: Instant::now(),
            concurrency: settings.concurrency.max(1),
            budget: settings.max_requests,
            exchange_limits: ExchangeLimits {
                timeout: settings.timeout.min(FOREVER),
                max_body: settings.max_body,
                wants_body: false,
                keeps_source: false,
            },
            inquiry_limits: InquiryLimits {
                retry: RetryPolicy {
                    retries: settings.retries,
                    first_wait: settings.first_wait,
                    longest_wait: settings.longest_wait.min(FOREVER),
                },
                max_redirects: settings.max_redirects,
            },
            client: Client::new(settings)?,
            network: NetworkSense::default(),
            schedule: Schedule::new(limits, settings.hosts.clone()),
            hosts: settings.hosts.clone(),
            targets: settings.targets.clone(),
            robots: settings.robots.then(|| Robots::new(&settings.user_agent)),
            in_flight: JoinSet::new(),
            asking: HashMap::new(),
            addresses_asked: HashMap::new(),
            controls: Controls::default(),
            references,
            beside: 0,
            questions: Vec::new(),
            on_answer,
        })
    }

    /// Queues questions behind those there are.
    fn add(&mut self, questions: Vec<Question>) {
        let first = self.questions.len();
        let mut questions: Vec<Option<Question>> = questions.into_iter().map(Some).collect();
        if self.questions.is_empty() {
            // In place: there may be a million of them.
            self.questions = questions;
        } else {
            self.questions.append(&mut questions);
        }
        for place in first..self.questions.len() {
            self.queue(Job::Waiting(place), Duration::ZERO);
        }
    }

    /// Whether everything that was asked has ended: what was held back ends
    /// now, and may want a control.
    fn is_settled(&mut self) -> bool {
        let held_back = self.network.release();
        let is_settled = held_back.is_empty();
        for (task, outcome) in held_back {
            self.end(Job::Begun(task), outcome);
        }
        is_settled
    }

    /// Asks what is wanted after all that was seen; `false` where that is
    /// nothing.
    fn begin_round(&mut self, next: &mut dyn FnMut() -> Vec<Question>) -> bool {
        let questions = next();
        let is_more = !questions.is_empty();
        self.add(questions);
        is_more
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Queues the job's next request, unless it is known to be in vain.
    fn queue(&mut self, job: Job, wait: Duration) {
        let Some(url) = url_of(&job, &self.questions) else {
            return;
        };
        let host = pace_key(url);
        if self.network.is_absent() && self.client.needs_name_server(url) {
            return self.withhold(job, Withheld::NoNetwork);
        }
        if self.schedule.is_closed(host) {
            return self.withhold(job, Withheld::AskedToWait);
        }
        if self.is_left_out(&job, url) {
            return self.withhold(job, Withheld::Excluded);
        }
        // What cannot be asked waits for nobody's turn.
        if let Err(outcome) = self.client.place(url) {
            return self.end(job, outcome);
        }
        let not_before = if wait.is_zero() { Duration::ZERO } else { self.began.elapsed() + wait };
        match &mut self.robots {
            Some(robots) if !is_for_robots(&job) => {
                let (url, host) = (url.clone(), host.to_owned());
                match robots.pass(&url, job) {
                    Gate::Open(job) => self.schedule.push(&host, not_before, job),
                    Gate::Shut(job) => self.withhold(job, Withheld::Robots),
                    Gate::Ask(file) => self.queue(new_job(Goal::Robots, Probe::new(file)), Duration::ZERO),
                    Gate::Waits => {}
                }
            }
            _ => {
                let host = host.to_owned();
                self.schedule.push(&host, not_before, job);
            }
        }
    }

    /// Whether the user's patterns keep a job from where it goes next: what is
    /// asked for a reference by all of them, redirects and all; what is asked
    /// beside it by the exclusions.
    fn is_left_out(&self, job: &Job, url: &Url) -> bool {
        match job {
            // Where a question begins is the caller's choice.
            Job::Waiting(_) => false,
            Job::Begun(task) => match task.goal {
                Goal::Observation(place) if place < self.references => !self.targets.admits(url),
                Goal::Robots if !task.inquiry.is_elsewhere() => false,
                Goal::Observation(_) | Goal::Control | Goal::Robots => self.targets.forbids(url),
            },
        }
    }

    fn start_what_is_due(&mut self) {
        while self.in_flight.len() < self.concurrency {
            let now = self.now();
            let Some(job) = self.schedule.start_next(now) else {
                return;
            };
            let Some(mut task) = self.begin(job) else { continue };
            let url = task.inquiry.url();
            if let Some(waiting) = self.addresses_asked.get_mut(address_of(url)) {
                self.schedule.take_back(pace_key(url), None);
                waiting.push(Job::Begun(task));
                continue;
            }
            let call = if self.spend() { self.client.call(url) } else { Err(Outcome::Withheld(Withheld::Budget)) };
            match call {
                Ok(call) => {
                    let call = match task.inquiry.validators() {
                        Some(validators) => call.only_if_changed_since(&validators),
                        None => call,
                    };
                    let limits = self.exchange_limits_of(&task);
                    self.addresses_asked.insert(address_of(url).to_owned(), Vec::new());
                    task.inquiry.start(now);
                    let request = self.in_flight.spawn(exchange(call, limits));
                    self.asking.insert(request.id(), Asked { task, since: now });
                }
                Err(outcome) => {
                    self.schedule.take_back(pace_key(url), None);
                    self.end(Job::Begun(task), outcome);
                }
            }
        }
    }

    /// The inquiry of a job, begun if it was not.
    fn begin(&mut self, job: Job) -> Option<Box<Task>> {
        match job {
            Job::Begun(task) => Some(task),
            Job::Waiting(place) => {
                let question = self.questions.get_mut(place)?.take()?;
                let mut inquiry = Inquiry::new(question);
                inquiry.fall_back_only_if(|url| self.targets.admits(url));
                Some(Box::new(Task { goal: Goal::Observation(place), inquiry, body: Vec::new() }))
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
    fn exchange_limits_of(&self, task: &Task) -> ExchangeLimits {
        let mut limits = self.exchange_limits;
        let rule = task.inquiry.url().host_str().and_then(|host| self.hosts.of(host));
        if let Some(timeout) = rule.and_then(|rule| rule.timeout) {
            limits.timeout = timeout.min(FOREVER);
        }
        limits.keeps_source = task.inquiry.keep().source;
        if task.goal == Goal::Robots {
            limits.wants_body = true;
            limits.max_body = LONGEST_ROBOTS;
        }
        limits
    }

    /// The configuration may let one host be asked more often, or less.
    fn inquiry_limits_at(&self, url: &Url) -> InquiryLimits {
        let mut limits = self.inquiry_limits;
        let rule = url.host_str().and_then(|host| self.hosts.of(host));
        limits.retry.retries = rule.and_then(|rule| rule.retries).unwrap_or(limits.retry.retries);
        limits
    }

    /// When there is something to start; `None` while there is no room for it.
    fn next_turn(&mut self) -> Option<Instant> {
        if self.in_flight.len() >= self.concurrency {
            return None;
        }
        self.schedule.next_turn().map(|turn| self.began + turn.min(FOREVER))
    }

    fn hear(&mut self, id: Id, heard: Heard) {
        let Some(Asked { mut task, since }) = self.asking.remove(&id) else {
            return;
        };
        let Heard { mut reply, address } = heard;
        let asked = task.inquiry.url().clone();
        for job in self.addresses_asked.remove(address_of(&asked)).unwrap_or_default() {
            self.queue(job, Duration::ZERO);
        }
        let host = pace_key(&asked);
        let now = self.now();
        if matches!(reply, Reply::Busy) {
            self.budget = self.budget.map(|left| left + 1);
            self.schedule.take_back(host, address);
        } else {
            let is_reference = matches!(task.goal, Goal::Observation(place) if place < self.references);
            self.beside += u64::from(!is_reference);
            self.schedule.finish(host, now.saturating_sub(since), address);
        }
        if let Reply::Answer { body, .. } = &mut reply {
            task.body = std::mem::take(body);
        }
        let is_answer = matches!(reply, Reply::Answer { .. } | Reply::Redirect { .. });
        let is_silent = self.hear_of_network(&asked, &reply);
        let (step, mood) = task.inquiry.hear(reply, &self.inquiry_limits_at(&asked));
        match mood {
            HostMood::Calm if is_answer => self.schedule.relax(host),
            HostMood::Calm => {}
            HostMood::Pause(wait) => self.schedule.pause(host, now, wait),
            HostMood::Closed => {
                for waiting in self.schedule.close(host) {
                    self.withhold(waiting, Withheld::AskedToWait);
                }
            }
        }
        match step {
            _ if is_silent && self.network.is_absent() => self.withhold(Job::Begun(task), Withheld::NoNetwork),
            Step::Ask(wait) => self.queue(Job::Begun(task), wait),
            Step::End(outcome) if is_silent && self.network.is_open() => self.network.hold((task, outcome)),
            Step::End(outcome) => self.end(Job::Begun(task), outcome),
        }
    }

    /// Whether the name servers were silent about `url`. When that shows that
    /// there is no network, everything that would need one is withheld.
    fn hear_of_network(&mut self, url: &Url, reply: &Reply) -> bool {
        if !self.client.needs_name_server(url) {
            return false;
        }
        let silence = match reply {
            Reply::Failed(failure) => match (failure.silence, &failure.outcome) {
                // Nobody knows whether the name was looked up by then.
                (None, Outcome::TimedOut(_)) => return false,
                (silence, _) => silence,
            },
            Reply::Redirect { .. } | Reply::Answer { .. } | Reply::Busy => None,
        };
        let was_open = self.network.is_open();
        self.network.hear(pace_key(url), silence);
        if was_open && self.network.is_absent() {
            let (client, questions) = (&self.client, &self.questions);
            let is_in_vain = |job: &Job| url_of(job, questions).is_some_and(|url| client.needs_name_server(url));
            let in_vain = self.schedule.take(is_in_vain);
            let held_back = self.network.release().into_iter().map(|(task, _)| Job::Begun(task));
            for job in in_vain.into_iter().chain(held_back) {
                self.withhold(job, Withheld::NoNetwork);
            }
        } else if was_open && !self.network.is_open() {
            self.is_settled();
        }
        silence.is_some()
    }

    fn withhold(&mut self, job: Job, why: Withheld) {
        self.end(job, Outcome::Withheld(why));
    }

    fn end(&mut self, job: Job, outcome: Outcome) {
        let Some(task) = self.begin(job) else {
            return;
        };
        let Task { goal, inquiry, body } = *task;
        let observation = inquiry.end(outcome, self.now(), Timestamp::now());
        match goal {
            Goal::Observation(place) => self.settle(place, observation),
            Goal::Control => {
                for (place, waiting) in self.controls.answer(observation) {
                    self.settle(place, waiting);
                }
            }
            Goal::Robots => {
                let file = &observation.probe.url;
                let released = self.robots.as_mut().map(|robots| robots.settle(file, &observation.outcome, &body));
                for job in released.unwrap_or_default() {
                    self.queue(job, Duration::ZERO);
                }
            }
        }
    }

    /// Takes an observation in, unless it needs a control first.
    fn settle(&mut self, place: usize, observation: Observation) {
        match self.controls.settle(place, observation) {
            Settled::Done(place, observation) => (self.on_answer)(place, observation),
            Settled::Ask(control) => self.queue(new_job(Goal::Control, control), Duration::ZERO),
            Settled::Waits => {}
        }
    }

    /// Withholds what is still open.
    fn finish(mut self) -> Timing {
        self.is_settled();
        let elapsed = self.now();
        let (requests, optimum) = self.schedule.optimum(self.concurrency);
        self.in_flight.abort_all();
        let mut open: Vec<Job> = self.asking.drain().map(|(_, asked)| Job::Begun(asked.task)).collect();
        open.extend(self.addresses_asked.drain().flat_map(|(_, waiting)| waiting));
        loop {
            open.extend(self.schedule.take(|_| true));
            open.extend(self.robots.iter_mut().flat_map(Robots::take));
            if open.is_empty() {
                break;
            }
            open.sort_by_key(|job| match job {
                Job::Waiting(place) => Goal::Observation(*place),
                Job::Begun(task) => task.goal,
            });
            // What is withheld may want a control, which is withheld in turn.
            for job in std::mem::take(&mut open) {
                self.withhold(job, Withheld::Interrupted);
            }
        }
        Timing { requests, beside: self.beside, elapsed, optimum }
    }
}

/// A request of ours broke off by itself; the server is not to blame.
fn broken_off() -> Heard {
    let fault = NetworkFault::Other("the request broke off on our side".into());
    let failure = Failure { outcome: Outcome::Unreachable(fault), is_before_request: false, silence: None };
    Heard { reply: Reply::Failed(failure), address: None }
}

/// What is asked of a server: the address without its fragment.
fn address_of(url: &Url) -> &str {
    &url[..Position::AfterQuery]
}

/// What is paced together: all that goes to one host name, whatever its port.
fn pace_key(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}
