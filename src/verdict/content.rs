//! What a successful answer means: whether the page that came is the page that
//! was cited. Decisive facts first; soft ones only together, and confirmed by a
//! control where one can confirm them.

use url::Url;

use super::answer::{Ruling, is_same_site};
use super::control::{CONSENT, EMPTY, FEW, Replacement, is_index, replacement, says_little};
use super::sketch::Words;
use super::{BodyExtent, ControlKind, Fact, Observation, Outcome, PageFacts, PageSign, Standing};

/// What a page rules where it is not simply there.
pub(super) fn rule_on_page(observation: &Observation, page: &PageFacts, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    if !page.is_markup() {
        return None;
    }
    let beside = Beside::of(observation, page);
    parked(observation, page, beside, evidence)
        .or_else(|| login(observation, page, evidence))
        .or_else(|| consent(observation, page, evidence))
        .or_else(|| replaced(observation, page, beside, evidence))
        .or_else(|| scripted(page, evidence))
        .or_else(|| paywall(page, evidence))
}

fn note(evidence: &mut Vec<Fact>, kind: &'static str, text: impl Into<String>) {
    evidence.push(Fact { kind, text: text.into() });
}

/// What the host says to a name that nobody gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// That it is not there.
    Missing,
    /// The same as to the page that was cited.
    Same,
    /// Another page.
    Other,
    /// Nothing of use, or it was not asked.
    Unknown,
}

/// Pages are the same from this resemblance on.
const SAME: f64 = 0.9;

/// Pages that say that something is missing differ by what they repeat of the
/// request, and are short.
const SAME_ERROR: f64 = 0.7;

impl Beside {
    fn of(observation: &Observation, page: &PageFacts) -> Self {
        let Some(sibling) = observation.control(ControlKind::Sibling) else { return Self::Unknown };
        let Outcome::Answered { status, page: other, .. } = &sibling.outcome else { return Self::Unknown };
        match (status, other) {
            (404 | 410, _) => Self::Missing,
            (200..=299, Some(other)) => {
                let limit = if page.has(PageSign::MissingTitle) { SAME_ERROR } else { SAME };
                let is_alike =
                    page.sketch.resemblance(&other.sketch).map_or(page.words == other.words, |alike| limit <= alike);
                let is_same = same_place(observation, sibling) && is_alike && same_title(page, other);
                if is_same { Self::Same } else { Self::Other }
            }
            _ => Self::Unknown,
        }
    }
}

/// Whether both were answered where they were asked, or at one place.
fn same_place(observation: &Observation, sibling: &Observation) -> bool {
    match (observation.hops.is_empty(), sibling.hops.is_empty()) {
        (true, true) => true,
        (false, false) => {
            let place = |url: &Url| (url.host_str().map(str::to_owned), url.path().to_owned());
            place(&observation.final_url) == place(&sibling.final_url)
                || observation.hops.len() == sibling.hops.len() && replacement(observation).is_none()
        }
        _ => false,
    }
}

fn same_title(page: &PageFacts, other: &PageFacts) -> bool {
    let title = |page: &PageFacts| page.title.as_deref().map(Words::of).unwrap_or_default();
    title(page) == title(other)
}

/// Sites that sell domains and show it at the domains they sell.
const MARKETS: &[&str] = &[
    "afternic.com",
    "bodis.com",
    "buydomains.com",
    "dan.com",
    "domainmarket.com",
    "hugedomains.com",
    "parkingcrew.net",
    "sedo.com",
    "sedoparking.com",
    "undeveloped.com",
];

/// A domain that is for sale, or holds nothing but advertisements.
fn parked(observation: &Observation, page: &PageFacts, beside: Beside, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    let host = |url: &Url| url.host_str().map(|host| host.trim_start_matches("www.").to_owned()).unwrap_or_default();
    let goal = host(&observation.final_url);
    if MARKETS.contains(&goal.as_str()) && !is_same_site(observation.first_url(), &observation.final_url) {
        note(evidence, "market", format!("it leads to {goal}, which sells domains"));
        return Some(Ruling::new(Standing::Parked, "domain-market", 970));
    }
    if page.words >= FEW {
        return None;
    }
    let confidence = match (page.has(PageSign::ForSale), page.has(PageSign::ParkingService), beside) {
        (true, true, Beside::Same) => 990,
        (true, false, Beside::Same) | (false, true, Beside::Same) => 960,
        (true, true, Beside::Unknown | Beside::Other) => 900,
        _ => return None,
    };
    note(evidence, "parked", "the page offers the domain for sale or comes from a service that parks domains");
    if beside == Beside::Same {
        note(evidence, "control", "a made-up name beside it is answered alike");
    }
    Some(Ruling::new(Standing::Parked, "parked-page", confidence))
}

/// Words of main text below which a page is taken for a form.
const FORM: u32 = 120;

/// A form that asks who one is, in place of the page.
fn login(observation: &Observation, page: &PageFacts, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    let cited = observation.first_url();
    if asks_for_login(cited) {
        return None;
    }
    let has_field = page.has(PageSign::PasswordField);
    if asks_for_login(&observation.final_url) || has_field && is_identity_host(&observation.final_url) {
        note(evidence, "login", format!("it leads to {}, where one signs in", observation.final_url));
        let confidence = if has_field { 980 } else { 900 };
        return Some(Ruling::new(Standing::Login, "login-page", confidence));
    }
    if has_field && page.words < FORM && !is_index(cited) {
        note(evidence, "login", "the page asks for a password and holds little else");
        return Some(Ruling::new(Standing::Login, "login-form", 850));
    }
    None
}

/// Whether an address is one to sign in at.
fn asks_for_login(url: &Url) -> bool {
    const HOSTS: &[&str] = &["login", "signin", "sso", "auth", "accounts", "idp"];
    const SEGMENTS: &[&str] = &[
        "login",
        "log-in",
        "signin",
        "sign-in",
        "sign_in",
        "sso",
        "auth",
        "authenticate",
        "wp-login",
        "anmelden",
        "connexion",
        "accedi",
        "inloggen",
        "users",
        "oauth",
        "oauth2",
        "saml",
    ];
    let first = url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default();
    let in_path = url.path().split('/').any(|segment| {
        let stem = segment.split('.').next().unwrap_or_default().to_ascii_lowercase();
        stem != "users" && SEGMENTS.contains(&stem.as_str())
    });
    HOSTS.contains(&first) || in_path
}

/// `id.` names accounts here, and Indonesian there.
fn is_identity_host(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.starts_with("id."))
}

/// A question for consent in place of the page.
fn consent(observation: &Observation, page: &PageFacts, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    let is_consent =
        |url: &Url| url.host_str().is_some_and(|host| host.starts_with("consent.") || host.starts_with("guce."));
    let is_sent = is_consent(&observation.final_url) && !is_consent(observation.first_url());
    let is_wall = page.has(PageSign::ConsentFramework) && page.characters < CONSENT;
    if !is_sent && !is_wall {
        return None;
    }
    note(evidence, "consent", "a question for consent came in place of the page");
    Some(Ruling::new(Standing::Unknown, "consent-wall", 900))
}

/// Another page in place of the one cited, with a success.
fn replaced(observation: &Observation, page: &PageFacts, beside: Beside, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    let cited = observation.first_url();
    if is_index(cited) {
        return None;
    }
    let says_missing = page.has(PageSign::MissingTitle) || page.has(PageSign::MissingText) && page.words < FEW;
    let replacement = replacement(observation);
    if let Some(replacement) = replacement {
        let place = match replacement {
            Replacement::Home => "the front page",
            Replacement::Parent => "a page above it",
            Replacement::ErrorPage => "an error page",
        };
        note(evidence, "replacement", format!("it leads to {place}, {}", observation.final_url));
    } else if says_missing {
        note(evidence, "words", "the page says that something is missing");
    } else if says_little(page) && beside == Beside::Same {
        note(evidence, "words", "the page holds few of the words of its address");
    } else {
        return None;
    }
    match beside {
        Beside::Same => note(evidence, "control", "a made-up name beside it is answered alike"),
        Beside::Missing => note(evidence, "control", "a made-up name beside it is answered 404"),
        Beside::Other => note(evidence, "control", "a made-up name beside it is answered otherwise"),
        Beside::Unknown => {}
    }
    let is_short = page.words < FEW;
    let is_for_good = observation.hops.iter().all(super::Hop::is_permanent);
    match (replacement, beside) {
        (Some(Replacement::Home), Beside::Same) => Some(Ruling::new(Standing::HomeRedirect, "front-page-instead", 980)),
        (Some(Replacement::Parent | Replacement::ErrorPage), Beside::Same) => {
            Some(Ruling::new(Standing::SoftNotFound, "same-as-made-up-name", 970))
        }
        (None, Beside::Same) if says_missing => Some(Ruling::new(Standing::SoftNotFound, "same-as-made-up-name", 980)),
        // A missing page as well as a wall that nobody knows, or one page for all.
        (None, Beside::Same) => Some(Ruling::new(Standing::Unknown, "same-as-made-up-name", 850)),
        // The server knows how to say 404, and chose this page for this address.
        (Some(Replacement::Home), _) if is_for_good && is_same_site(cited, &observation.final_url) => {
            Some(Ruling::new(Standing::Unknown, "sent-to-front-page", 800))
        }
        (Some(Replacement::Home), _) if is_same_site(cited, &observation.final_url) => {
            Some(Ruling::new(Standing::Unknown, "sent-to-front-page", 700))
        }
        (Some(Replacement::ErrorPage), _) if says_missing => {
            Some(Ruling::new(Standing::SoftNotFound, "error-page", 930))
        }
        (None, Beside::Missing | Beside::Unknown | Beside::Other) if page.has(PageSign::MissingTitle) && is_short => {
            Some(Ruling::new(Standing::Unknown, "reads-like-missing", 800))
        }
        _ => None,
    }
}

/// A page of so many bytes with no text to speak of is a shell, whatever it
/// says.
const HEAVY: u64 = 50_000;

/// A page whose text only scripts would make, or that sends readers on.
fn scripted(page: &PageFacts, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    if page.characters >= EMPTY || page.extent == BodyExtent::Torn {
        return None;
    }
    if page.has(PageSign::NeedsScripts) || page.has(PageSign::Scripts) && page.size > HEAVY {
        note(evidence, "scripts", "the page has no text without its scripts, which are not run");
        return Some(Ruling::new(Standing::Unknown, "needs-scripts", 900));
    }
    if page.has(PageSign::Refresh) {
        note(evidence, "refresh", "the page has no text and sends browsers on to another");
        return Some(Ruling::new(Standing::Unknown, "sends-on", 850));
    }
    None
}

fn paywall(page: &PageFacts, evidence: &mut Vec<Fact>) -> Option<Ruling> {
    if page.is_free != Some(false) {
        return None;
    }
    note(evidence, "paywall", "the page says of itself that it is not free to read");
    Some(Ruling::new(Standing::Paywall, "not-free", 970))
}
