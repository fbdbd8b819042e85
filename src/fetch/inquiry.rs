//! One probe on its way to an observation: which URL is asked next and when,
//! until there is nothing left to ask. Sends nothing itself.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::verdict::{
    AskedWaits, Hop, HostMood, Keep, NetworkFault, Next, Observation, Outcome, Phase, Probe, RetryPolicy, Validators,
    Withheld, retry_decision,
};

use super::Question;
use super::exchange::Reply;

/// A probe under way.
#[derive(Debug)]
pub(super) struct Inquiry {
    probe: Probe,
    url: Url,
    fallback: Option<Url>,
    /// What an earlier run saw, where the server may say that it still holds.
    known: Option<Box<Observation>>,
    before_fallback: Option<Outcome>,
    hops: Vec<Hop>,
    /// What the current URL last said, while it is to be asked again.
    heard: Option<Outcome>,
    /// Requests sent for the current URL.
    sent: u32,
    /// Requests sent in all, but for the first one of each redirect's goal.
    attempts: u32,
    is_redirected: bool,
    /// Whether the current request is among the attempts.
    is_counted: bool,
    /// Since the run began.
    started: Option<Duration>,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask [`Inquiry::url`], after so long.
    Ask(Duration),
    /// It is over.
    End(Outcome),
}

/// How long to wait for a connection to an address that has its fill of them,
/// until it is known which hosts share it.
const WAIT_FOR_SEAT: Duration = Duration::from_millis(20);

/// How long an inquiry goes on.
#[derive(Debug, Clone, Copy)]
pub(super) struct InquiryLimits {
    pub retry: RetryPolicy,
    pub max_redirects: usize,
}

impl Inquiry {
    pub(super) fn new(Question { probe, known }: Question) -> Self {
        Self {
            url: probe.url.clone(),
            fallback: probe.fallback.clone(),
            probe,
            known,
            before_fallback: None,
            hops: Vec::new(),
            heard: None,
            sent: 0,
            attempts: 0,
            is_redirected: false,
            is_counted: false,
            started: None,
        }
    }

    /// What is to be asked.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether what is to be asked is another address than the probe's own.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.url != self.probe.url
    }

    /// Gives the fallback up where it may not be asked.
    pub(super) fn fall_back_only_if(&mut self, may_be_asked: impl FnOnce(&Url) -> bool) {
        self.fallback = self.fallback.take().filter(may_be_asked);
    }

    /// What of the page is kept.
    pub(super) fn keep(&self) -> Keep {
        self.probe.keep
    }

    /// The validators to ask with: those of the page that is known of the very
    /// URL that is asked.
    pub(super) fn validators(&self) -> Option<Validators> {
        self.known.as_ref().filter(|known| known.final_url == self.url).and_then(|known| Validators::of(known))
    }

    /// Its request is sent.
    pub(super) fn start(&mut self, now: Duration) {
        self.started.get_or_insert(now);
        self.sent += 1;
        self.is_counted = !std::mem::take(&mut self.is_redirected);
        self.attempts += u32::from(self.is_counted);
    }

    /// Takes in what came back, and says what that means for the host that was
    /// asked.
    pub(super) fn hear(&mut self, reply: Reply, limits: &InquiryLimits) -> (Step, HostMood) {
        match reply {
            Reply::Redirect { status, location } => (self.follow(status, location.as_deref(), limits), HostMood::Calm),
            Reply::Answer { outcome, asked, .. } => {
                let outcome = self.renewed(outcome);
                let decision = retry_decision(&outcome, self.sent, asked, &limits.retry);
                (self.step(decision.next, outcome), decision.host)
            }
            Reply::Failed(failure) => {
                // The address check came before the connection.
                if matches!(failure.outcome, Outcome::Withheld(_)) && self.hops.is_empty() {
                    self.attempts = self.attempts.saturating_sub(1);
                }
                let can_fall_back = failure.is_before_request && is_no_connection(&failure.outcome);
                if can_fall_back && let Some(fallback) = self.fallback.take() {
                    self.before_fallback = Some(failure.outcome);
                    self.turn_to(fallback);
                    return (Step::Ask(Duration::ZERO), HostMood::Calm);
                }
                let decision = retry_decision(&failure.outcome, self.sent, AskedWaits::default(), &limits.retry);
                if decision.next == Next::Stop && can_fall_back && self.hops.is_empty() {
                    return (Step::End(self.first_failure(failure.outcome)), decision.host);
                }
                (self.step(decision.next, failure.outcome), decision.host)
            }
            Reply::Busy => {
                self.sent -= 1;
                self.attempts -= u32::from(self.is_counted);
                self.is_redirected = !self.is_counted;
                (Step::Ask(WAIT_FOR_SEAT), HostMood::Calm)
            }
        }
    }

    fn step(&mut self, next: Next, outcome: Outcome) -> Step {
        match next {
            Next::Wait(wait) => {
                self.heard = Some(outcome);
                Step::Ask(wait)
            }
            Next::Stop => Step::End(outcome),
        }
    }

    /// Where it is not to go on, what was heard already is a fact and stays
    /// one.
    fn unless_heard(&mut self, outcome: Outcome) -> Outcome {
        let is_broken_off =
            matches!(outcome, Outcome::Withheld(Withheld::AskedToWait | Withheld::Interrupted | Withheld::Budget));
        self.heard.take().filter(|_| is_broken_off).unwrap_or(outcome)
    }

    /// "Not modified" means that the known answer still holds.
    fn renewed(&mut self, outcome: Outcome) -> Outcome {
        let is_unchanged = matches!(outcome, Outcome::Answered { status: 304, .. }) && self.validators().is_some();
        match self.known.take_if(|_| is_unchanged) {
            Some(known) => known.outcome,
            None => outcome,
        }
    }

    /// Where neither the first URL nor its fallback can be connected to, the
    /// first failure is the one that counts: it is what a reader meets.
    fn first_failure(&mut self, last: Outcome) -> Outcome {
        let Some(first) = self.before_fallback.take() else {
            return last;
        };
        self.url = self.probe.url.clone();
        first
    }

    fn follow(&mut self, status: u16, location: Option<&str>, limits: &InquiryLimits) -> Step {
        self.hops.push(Hop { url: self.url.clone(), status });
        let location = location.filter(|location| !location.trim().is_empty());
        let Some(mut goal) = location.and_then(|location| self.url.join(location).ok()) else {
            return Step::End(Outcome::BadRedirect);
        };
        // As browsers do: the place on the page survives the redirect.
        if goal.fragment().is_none() {
            goal.set_fragment(self.url.fragment());
        }
        // Without cookies the same question has the same answer, so the first
        // repetition proves the circle.
        let is_circle = self.hops.iter().any(|hop| is_same_request(&hop.url, &goal));
        let is_too_long = self.hops.len() > limits.max_redirects;
        self.turn_to(goal);
        self.is_redirected = true;
        // Once a server has answered there is no falling back.
        self.fallback = None;
        if is_circle || is_too_long {
            return Step::End(Outcome::TooManyRedirects);
        }
        Step::Ask(Duration::ZERO)
    }

    fn turn_to(&mut self, url: Url) {
        self.url = url;
        self.heard = None;
        self.sent = 0;
    }

    /// Ends it. `now` counts from the beginning of the run.
    pub(super) fn end(mut self, outcome: Outcome, now: Duration, at: Timestamp) -> Observation {
        let mut outcome = self.unless_heard(outcome);
        if let Outcome::Answered { page: Some(page), .. } = &mut outcome {
            page.compare_with(self.hops.first().map_or(&self.url, |hop| &hop.url));
            page.keep_only(self.probe.keep);
        }
        Observation {
            probe: self.probe,
            final_url: self.url,
            hops: self.hops,
            before_fallback: self.before_fallback,
            outcome,
            controls: Vec::new(),
            attempts: self.attempts,
            elapsed: self.started.map_or(Duration::ZERO, |started| now.saturating_sub(started)),
            at,
            is_cached: false,
        }
    }
}

fn is_same_request(one: &Url, other: &Url) -> bool {
    let question = |url: &Url| {
        let mut url = url.clone();
        url.set_fragment(None);
        url
    };
    question(one) == question(other)
}

/// Whether another scheme on the same host may do better. A name that gave no
/// address gives none for the other scheme either.
fn is_no_connection(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Unreachable(fault) => *fault != NetworkFault::NoAddress,
        Outcome::Tls(_) | Outcome::TimedOut(Phase::Connect) => true,
        _ => false,
    }
}
