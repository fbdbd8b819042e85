//! The truth about a reference, as data: what to ask ([`Probe`]), what was
//! seen ([`Observation`], facts only) and what it means ([`Verdict`]).
//!
//! Nothing here touches the network or a clock; `fetch` fills observations,
//! [`judge()`] reads them. A stored observation can therefore be judged again by
//! a later version. The retry table, the pacer and the address policy live
//! here too, because they are decisions and not actions.

mod address;
mod answer;
mod content;
mod control;
mod fragment;
mod freshness;
mod front_page;
mod judge;
mod markup;
mod pace;
mod page;
mod passage;
mod registration;
mod retry;
mod robots;
mod sign;
mod sketch;
mod slug;
mod wall;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::finding::Confidence;

pub use address::{AddressPolicy, is_special_purpose};
pub use control::{ControlProbe, next_control};
pub use fragment::{FragmentState, find_fragment};
pub use freshness::{Validators, is_fresh, is_reusable};
pub use front_page::{FrontPage, read_front_page};
pub use judge::judge;
pub use pace::{HostPace, PaceLimits, Timing};
pub use page::{BodyExtent, LONGEST_SOURCE, PageFacts, PageText, day_of, is_textual, published};
pub use passage::{Held, Passage, read_passages};
pub use retry::{AskedWaits, HostMood, Next, RetryDecision, RetryPolicy, quota_wait, retry_after, retry_decision};
pub use robots::{LONGEST_ROBOTS, RobotsRule, RobotsRules};
pub use sign::PageSign;
pub use sketch::Sketch;
pub use wall::{WallPhrase, is_judged_header};

/// One distinct target to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked first.
    pub url: Url,
    /// Asked when `url` cannot be connected to: the `http` twin of a bare
    /// domain, which is tried over `https` first.
    pub fallback: Option<Url>,
    /// What of the page is kept for later.
    pub keep: Keep,
}

impl Probe {
    /// A probe without fallback, which keeps nothing but what judgement reads.
    #[must_use]
    pub fn new(url: Url) -> Self {
        Self { url, fallback: None, keep: Keep::default() }
    }
}

/// What of a page is kept beside what judgement reads. All of it would fill
/// the memory of a long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keep {
    /// The visible text: something is quoted from the page.
    pub text: bool,
    /// The anchors: a citation leads to a place on the page.
    pub anchors: bool,
    /// The page as it came, whatever its media type: it is a list of pages or
    /// of captures.
    pub source: bool,
}

impl Keep {
    /// Whether a page that was kept so will do where `other` is wanted.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.text >= other.text && self.anchors >= other.anchors && self.source >= other.source
    }

    /// What either keeps.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            text: self.text || other.text,
            anchors: self.anchors || other.anchors,
            source: self.source || other.source,
        }
    }
}

/// One redirect on the way: the URL that answered and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL that was asked.
    pub url: Url,
    /// Its 3xx status.
    pub status: u16,
}

impl Hop {
    /// Whether the server says the move is for good (301, 308).
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self.status, 301 | 308)
    }
}

/// Where in the exchange something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Looking the name up.
    Resolve,
    /// Opening the connection, TLS included.
    Connect,
    /// Waiting for the status line and headers.
    Headers,
    /// Reading the body.
    Body,
}

/// What is wrong with a server's certificate or its TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate has run out.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is for another name.
    WrongName,
    /// Nobody we trust signed it (self-signed ones included).
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// No protocol version in common: the server offers only old ones.
    TooOld,
    /// Anything else, in the library's words.
    Other(String),
}

/// Why the network refused, as far as it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkFault {
    /// Nothing listens there.
    Refused,
    /// The connection was cut before an answer.
    Reset,
    /// No route to the address.
    NoRoute,
    /// The name exists, but has no address.
    NoAddress,
    /// The peer does not speak HTTP as we know it.
    Protocol(String),
    /// Anything else, in the system's words.
    Other(String),
}

/// Why we did not ask. These are our own decisions, never the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withheld {
    /// The run is offline.
    Offline,
    /// The target, or a redirect of it, leads to a special-purpose address.
    PrivateAddress,
    /// The run was interrupted before its turn came.
    Interrupted,
    /// No name could be looked up at all: this machine has no network.
    NoNetwork,
    /// The host asked for a longer wait than a run has, before this turn came.
    AskedToWait,
    /// The host's robots.txt asks programs to stay away from it.
    Robots,
    /// The user leaves it out.
    Excluded,
    /// The run had sent as many requests as it may.
    Budget,
    /// The tape that is replayed does not hold it.
    NotRecorded,
}

/// How asking ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A final (not followed) HTTP answer.
    Answered {
        /// The status code.
        status: u16,
        /// The answer's headers that judgement reads, lower-case names.
        headers: Vec<(String, String)>,
        /// Facts of the page, where a body was read.
        page: Option<Box<PageFacts>>,
    },
    /// The name server says the name does not exist, and the domain that
    /// somebody would have to register for it does not either.
    NameNotFound,
    /// The name server says the name does not exist; its registrable domain
    /// does.
    HostNotFound,
    /// The name could not be looked up; nothing is known of the name.
    NameTrouble,
    /// The network said no.
    Unreachable(NetworkFault),
    /// The TLS handshake failed.
    Tls(TlsFault),
    /// Time ran out.
    TimedOut(Phase),
    /// Redirects without end: a loop, or more than the limit.
    TooManyRedirects,
    /// A redirect without a usable `Location`.
    BadRedirect,
    /// Only `http` and `https` are asked.
    UnsupportedScheme,
    /// We did not ask.
    Withheld(Withheld),
}

/// A request that tells an answer from what the host says to everyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// What was asked.
    pub kind: ControlKind,
    /// What was seen; shared by all that ask the same. Its own controls are
    /// empty, and so are its text and anchors.
    pub seen: Arc<Observation>,
}

/// The two controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlKind {
    /// A page beside the one cited, of a name that nobody gave.
    Sibling,
    /// The front page of the host that answered.
    Root,
}

/// Everything that was seen of one probe. Facts only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What was asked.
    pub probe: Probe,
    /// The last URL asked: the probe's own, its fallback, or a redirect's goal.
    pub final_url: Url,
    /// The redirects met, in order; all were followed but the last of a
    /// [`Outcome::BadRedirect`].
    pub hops: Vec<Hop>,
    /// How `probe.url` failed, where the fallback was asked in its place.
    pub before_fallback: Option<Outcome>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was asked beside it because the answer left a doubt, in order.
    pub controls: Vec<Control>,
    /// Requests sent, less the redirects followed: 1 where nothing had to be
    /// repeated, 0 where nothing was asked.
    pub attempts: u32,
    /// From the first request to the end.
    pub elapsed: Duration,
    /// When it ended.
    pub at: Timestamp,
    /// It comes from the cache: an earlier run saw it, and this one did not ask.
    pub is_cached: bool,
}

impl Observation {
    /// The observation of a probe that was not asked.
    #[must_use]
    pub fn withheld(probe: Probe, why: Withheld, at: Timestamp) -> Self {
        Self {
            final_url: probe.url.clone(),
            probe,
            hops: Vec::new(),
            before_fallback: None,
            outcome: Outcome::Withheld(why),
            controls: Vec::new(),
            attempts: 0,
            elapsed: Duration::ZERO,
            at,
            is_cached: false,
        }
    }

    /// The status of the last answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered { status, .. } => Some(status),
            _ => None,
        }
    }

    /// The last status that was seen on the way, a redirect's among them.
    #[must_use]
    pub fn last_status(&self) -> Option<u16> {
        self.status().or_else(|| self.hops.last().map(|hop| hop.status))
    }

    /// The URL that was asked first and answered: the fallback, where it took
    /// the place of the probe's own.
    #[must_use]
    pub fn first_url(&self) -> &Url {
        self.hops.first().map_or(&self.final_url, |hop| &hop.url)
    }

    /// What a control saw, if it was asked.
    #[must_use]
    pub fn control(&self, kind: ControlKind) -> Option<&Self> {
        self.controls.iter().find(|control| control.kind == kind).map(|control| control.seen.as_ref())
    }

    /// Drops the page's text, which nobody reads once the run is judged.
    pub fn forget_text(&mut self) {
        if let Outcome::Answered { page: Some(page), .. } = &mut self.outcome {
            page.keep_only(Keep::default());
        }
    }

    /// The page, where one was read.
    #[must_use]
    pub fn page(&self) -> Option<&PageFacts> {
        match &self.outcome {
            Outcome::Answered { page, .. } => page.as_deref(),
            _ => None,
        }
    }
}

/// Where a reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the contract's own words")]
pub enum Standing {
    Alive,
    Moved,
    Gone,
    HostGone,
    SoftNotFound,
    HomeRedirect,
    Parked,
    Blocked,
    Login,
    Paywall,
    ServerError,
    Tls,
    Timeout,
    Unreachable,
    Unsupported,
    Unknown,
    NotChecked,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Alive,
        Self::Moved,
        Self::Gone,
        Self::HostGone,
        Self::SoftNotFound,
        Self::HomeRedirect,
        Self::Parked,
        Self::Blocked,
        Self::Login,
        Self::Paywall,
        Self::ServerError,
        Self::Tls,
        Self::Timeout,
        Self::Unreachable,
        Self::Unsupported,
        Self::Unknown,
        Self::NotChecked,
    ];

    /// The standing with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// Whether the page that was cited is there and can be read.
    #[must_use]
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Alive | Self::Moved)
    }

    /// The contract's name, kebab case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Moved => "moved",
            Self::Gone => "gone",
            Self::HostGone => "host-gone",
            Self::SoftNotFound => "soft-404",
            Self::HomeRedirect => "home-redirect",
            Self::Parked => "parked",
            Self::Blocked => "blocked",
            Self::Login => "login",
            Self::Paywall => "paywall",
            Self::ServerError => "server-error",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Unsupported => "unsupported",
            Self::Unknown => "unknown",
            Self::NotChecked => "not-checked",
        }
    }
}

/// One fact that speaks for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// A stable kebab-case kind.
    pub kind: &'static str,
    /// The fact in words. May hold a server's own text: renderers escape it.
    pub text: String,
}

/// The judgement over one observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The class.
    pub standing: Standing,
    /// A stable kebab-case code: why this class.
    pub reason: &'static str,
    /// How sure.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<Fact>,
    /// The address that a permanent redirect gives: for `moved`, and for
    /// `alive` where it is another spelling of the same address.
    pub moved_to: Option<Url>,
}

impl Verdict {
    /// What tells most, in words: how it ended and what was made of that,
    /// without the way there.
    #[must_use]
    pub fn in_short(&self) -> String {
        const WAY: [&str; 7] = ["credentials", "fallback", "redirect", "attempts", "body", "archive", "captures"];
        let telling: Vec<&str> =
            self.evidence.iter().filter(|fact| !WAY.contains(&fact.kind)).map(|fact| fact.text.as_str()).collect();
        match telling.as_slice() {
            [] => self.evidence.last().map_or_else(String::new, |fact| fact.text.clone()),
            telling => telling.join("; "),
        }
    }

    /// The verdict where the desk has decided that `status` means alive at
    /// this host. The evidence stays, with the decision.
    #[must_use]
    pub fn accepted(mut self, status: u16) -> Self {
        self.evidence
            .push(Fact { kind: "accepted", text: format!("the configuration accepts {status} from this host") });
        Self {
            standing: Standing::Alive,
            reason: "accepted-status",
            confidence: Confidence::from_thousandths(900),
            ..self
        }
    }
}
