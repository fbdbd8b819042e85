//! Asks the network. [`ask_all`] takes questions and gives back one observation
//! for each, in the same order: facts, which `verdict` judges; [`ask_each`] gives
//! each away as it comes.
//!
//! The parts, from the outside in: `run` keeps requests in flight; a
//! `schedule` says whose turn it is; an `inquiry` is one probe with its
//! redirects, repetitions and fallback; `controls` are asked where an answer
//! leaves a doubt; an `exchange` is one request and its answer; `client`,
//! `resolve` and `dial` see to it that a connection goes only where it may,
//! and `pool` that there are not too many; `body` unpacks; `fault` reads what
//! went wrong. The decisions themselves (what to repeat, how fast, which
//! addresses, what robots.txt means) are `verdict`'s.

mod body;
mod client;
mod connect_to;
mod controls;
mod dial;
mod download;
mod exchange;
mod fault;
mod filter;
mod inquiry;
mod job;
mod network_sense;
mod pool;
mod proxy;
mod resolve;
mod robots;
mod run;
mod schedule;
mod stop;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::config::HostRules;
use crate::verdict::{Observation, Probe, Timing};

pub use client::check_certificates;
pub use connect_to::{ConnectTo, ConnectToError};
pub use download::{Download, DownloadError, download};
pub use filter::TargetFilter;
pub use proxy::{Proxy, ProxyError};
pub use stop::StopSignal;

/// How the network is asked.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Requests in flight in all; 0 counts as 1.
    pub concurrency: usize,
    /// Requests in flight to one host; 0 counts as 1.
    pub host_concurrency: usize,
    /// Connections to one address, whatever the host names; 0 counts as 1.
    pub address_concurrency: usize,
    /// Shortest time between the starts of two requests to one host.
    pub host_interval: Duration,
    /// From the beginning of one request to the last byte of its answer. Half
    /// of it is the limit for connecting.
    pub timeout: Duration,
    /// Most repetitions of one request.
    pub retries: u32,
    /// The wait before the first repetition; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait that a server may ask for.
    pub longest_wait: Duration,
    /// Bytes of a page that are read, after decompression.
    pub max_body: u64,
    /// What we call ourselves.
    pub user_agent: String,
    /// Ask special-purpose addresses too.
    pub allow_private: bool,
    /// Where connections really go; the first rule that matches wins.
    pub connect_to: Vec<ConnectTo>,
    /// Certificates to trust beside the system's, each a PEM file's contents.
    pub extra_roots_pem: Vec<Vec<u8>>,
    /// Redirects followed for one probe.
    pub max_redirects: usize,
    /// The name server to ask; `None` for the system's.
    pub name_server: Option<SocketAddr>,
    /// Whether robots.txt is asked for, and obeyed.
    pub robots: bool,
    /// Where everything goes that no connect-to rule is about. Names are then
    /// looked up by the proxy, and nobody checks their addresses.
    pub proxy: Option<Proxy>,
    /// What holds for single hosts.
    pub hosts: HostRules,
    /// Most requests of the whole run; `None` for no limit.
    pub max_requests: Option<u64>,
    /// Which targets are asked. The caller leaves the others out; no redirect
    /// is followed to them, and what is asked beside obeys the exclusions.
    pub targets: TargetFilter,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            concurrency: 64,
            host_concurrency: 2,
            address_concurrency: 16,
            host_interval: Duration::from_millis(500),
            timeout: Duration::from_secs(20),
            retries: 2,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(1),
            max_body: 4 << 20,
            user_agent: default_user_agent(),
            allow_private: false,
            connect_to: Vec::new(),
            extra_roots_pem: Vec::new(),
            max_redirects: 10,
            name_server: None,
            robots: false,
            proxy: None,
            hosts: HostRules::default(),
            max_requests: None,
            targets: TargetFilter::default(),
        }
    }
}

impl FetchSettings {
    /// What of the settings may change an answer, in words: answers that were
    /// had in another way are not the same.
    #[must_use]
    pub fn way(&self) -> String {
        let mut way = format!("as {}, up to {} bytes", self.user_agent, self.max_body);
        if self.allow_private {
            way += ", private addresses too";
        }
        if let Some(server) = self.name_server {
            way += &format!(", names by {server}");
        }
        if let Some(proxy) = &self.proxy {
            way += &format!(", through {}", proxy.in_words());
        }
        for rule in &self.connect_to {
            way += &format!(", connecting by {rule}");
        }
        way += &self.hosts.in_words();
        for pem in &self.extra_roots_pem {
            way += &format!(", trusting {}", String::from_utf8_lossy(pem));
        }
        way
    }
}

/// The tool, its version and its home page, where the package names one.
fn default_user_agent() -> String {
    let tool = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
    match env!("CARGO_PKG_HOMEPAGE") {
        "" => tool.to_owned(),
        home_page => format!("{tool} (+{home_page})"),
    }
}

/// Why nothing could be asked at all. What happens to a single probe is never
/// an error, but its observation.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// An extra certificate is unusable.
    #[error("certificate file {number} cannot be used: {reason}")]
    BadCertificate {
        /// Which of [`FetchSettings::extra_roots_pem`], from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// The HTTP client could not be set up.
    #[error("the network client could not be set up: {0}")]
    Client(String),
    /// The runtime could not start.
    #[error("the network runtime could not start: {0}")]
    Runtime(#[from] std::io::Error),
}

/// What to ask.
#[derive(Debug)]
pub struct Question {
    /// The target.
    pub probe: Probe,
    /// What an earlier run saw of it: the server is asked whether that still
    /// holds, where it gave something to ask by.
    pub known: Option<Box<Observation>>,
}

impl From<Probe> for Question {
    fn from(probe: Probe) -> Self {
        Self { probe, known: None }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Answers {
    /// One for each question, in their order.
    pub observations: Vec<Observation>,
    /// How long it took.
    pub timing: Timing,
}

/// Asks everything and waits for the answers, which come in the order of the
/// questions. `on_answer` hears of each as it comes. When `stop` is given, the run
/// ends at once, and what has no answer by then is withheld as interrupted.
///
/// # Errors
///
/// Only where no probe could be asked: a bad certificate, no client, no
/// runtime.
pub fn ask_all(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(&Observation),
) -> Result<Answers, FetchError> {
    ask_in_rounds(questions, settings, stop, on_answer, &mut |_| Vec::new())
}

/// Says what is asked next, given everything that was seen; nothing where that
/// is all.
pub type NextRound<'a> = dyn FnMut(&[&Observation]) -> Vec<Question> + 'a;

/// The same, and then what `next` wants, until it wants nothing more. The
/// pacing, the connections, the budget and all that was learnt of hosts go on
/// from round to round.
///
/// # Errors
///
/// Those of [`ask_all`].
pub fn ask_in_rounds(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(&Observation),
    next: &mut NextRound<'_>,
) -> Result<Answers, FetchError> {
    let observations: RefCell<BTreeMap<usize, Box<Observation>>> = RefCell::default();
    let mut keep = |place, observation: Box<Observation>| {
        on_answer(&observation);
        observations.borrow_mut().insert(place, observation);
    };
    let mut next = || next(&observations.borrow().values().map(Box::as_ref).collect::<Vec<_>>());
    let timing = ask(questions, settings, stop, &mut keep, &mut next)?;
    let observations = observations.into_inner().into_values().map(|observation| *observation).collect();
    Ok(Answers { observations, timing })
}

/// As [`ask_all`], but each answer is given away as it comes, with the place of
/// its question: memory does not grow with what was answered.
///
/// # Errors
///
/// Those of [`ask_all`].
pub fn ask_each(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(usize, Box<Observation>),
) -> Result<Timing, FetchError> {
    ask(questions, settings, stop, on_answer, &mut Vec::new)
}

fn ask(
    questions: Vec<Question>,
    settings: &FetchSettings,
    stop: &StopSignal,
    on_answer: &mut dyn FnMut(usize, Box<Observation>),
    next: &mut dyn FnMut() -> Vec<Question>,
) -> Result<Timing, FetchError> {
    // One thread for all connections: what is passed between the loop, a
    // request and its connection wakes nobody. Pages are read beside it.
    let readers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(readers).enable_all().build()?;
    let timing = runtime.block_on(run::run(questions, settings, stop, on_answer, next));
    // A lookup that no longer matters must not hold up the end.
    runtime.shutdown_background();
    timing
}
