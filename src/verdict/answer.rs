//! What a final HTTP answer means: one table of statuses, the walls before it,
//! and the question whether a redirect that ended well is a move.

use psl::{List, Psl};
use url::Url;

use crate::finding::Confidence;

use super::content::rule_on_page;
use super::registration::{Registration, registration};
use super::wall::find_wall;
use super::{BodyExtent, ControlKind, Fact, Hop, Observation, Outcome, PageFacts, Standing};

/// A class with its code and how sure we are of it.
pub(super) struct Ruling {
    pub standing: Standing,
    pub reason: &'static str,
    pub confidence: Confidence,
}

impl Ruling {
    pub(super) const fn new(standing: Standing, reason: &'static str, thousandths: u16) -> Self {
        Self { standing, reason, confidence: Confidence::from_thousandths(thousandths) }
    }
}

/// What an answer rules, and the new address where there is one. Facts go to
/// `evidence`.
pub(super) fn rule_on_answer(
    observation: &Observation,
    status: u16,
    headers: &[(String, String)],
    page: Option<&PageFacts>,
    evidence: &mut Vec<Fact>,
) -> (Ruling, Option<Url>) {
    let registration = registration(observation);
    let wall = find_wall(status, headers, page);
    if let Some((vendor, sign)) = &wall {
        evidence.push(Fact { kind: "wall", text: format!("{vendor} stands in front: {sign}") });
    }
    if registration == Some(Registration::Registered) {
        return (rule_on_landing(observation, status, page, evidence), None);
    }
    if wall.is_some() {
        return (Ruling::new(Standing::Blocked, "challenge-page", 980), None);
    }
    if matches!(status, 408 | 429 | 503)
        && let Some((_, value)) = headers.iter().find(|(name, _)| name == "retry-after")
    {
        let text = format!("the server asks to come back later: retry-after: {value}");
        evidence.push(Fact { kind: "retry-after", text });
    }
    let ruling = match status {
        200..=299 => rule_on_success(status, page),
        404 => rule_on_missing(observation, registration, evidence),
        400..=499 | 999 => rule_on_refusal(status),
        500..=599 => rule_on_failure(status),
        _ => Ruling::new(Standing::Unknown, "unexpected-status", 600),
    };
    if ruling.standing != Standing::Alive {
        return (ruling, None);
    }
    if let Some(ruling) = page.and_then(|page| rule_on_page(observation, page, evidence)) {
        return (ruling, None);
    }
    rule_on_redirects(observation, ruling, evidence)
}

/// A success proves a page only where there is one: an empty 202 is how bot
/// protections and queues answer.
fn rule_on_success(status: u16, page: Option<&PageFacts>) -> Ruling {
    let is_empty = page.is_none_or(|page| page.size == 0 && matches!(page.extent, BodyExtent::Whole));
    match status {
        204 | 205 => Ruling::new(Standing::Unknown, "no-content", 700),
        202 if is_empty => Ruling::new(Standing::Unknown, "accepted-without-page", 700),
        202 => Ruling::new(Standing::Alive, "answered", 700),
        200 | 203 => Ruling::new(Standing::Alive, "answered", 980),
        _ => Ruling::new(Standing::Alive, "answered", 800),
    }
}

/// A page that is missing is gone only where the host is there for us: one that
/// answers its own front page alike hides from programs.
fn rule_on_missing(observation: &Observation, registration: Option<Registration>, evidence: &mut Vec<Fact>) -> Ruling {
    let hidden = |evidence: &mut Vec<Fact>, text: String| {
        evidence.push(Fact { kind: "front-page", text });
        Ruling::new(Standing::Blocked, "nothing-for-us", 700)
    };
    if is_front_page(&observation.final_url) {
        return hidden(evidence, "a front page is rarely missing: the host may be hiding from programs".into());
    }
    let front = observation.control(ControlKind::Root);
    let answer = front.map(|front| &front.outcome);
    let confidence = match answer {
        Some(Outcome::Answered { status, .. }) if matches!(status, 401 | 403 | 404 | 429 | 999) => {
            let text = format!("the host answers {status} to its own front page: it may be hiding from programs");
            return hidden(evidence, text);
        }
        Some(Outcome::Answered { status, headers, page }) if find_wall(*status, headers, page.as_deref()).is_some() => {
            return hidden(evidence, "the host's front page is behind a wall: it may be hiding from programs".into());
        }
        Some(Outcome::Answered { status: 200..=299, .. }) => {
            evidence.push(Fact { kind: "front-page", text: "the host's front page is there".into() });
            980
        }
        _ => 900,
    };
    if registration == Some(Registration::Unknown) {
        evidence.push(Fact { kind: "registration", text: "the resolver knows no such DOI".into() });
        return Ruling::new(Standing::Gone, "doi-not-registered", confidence);
    }
    Ruling::new(Standing::Gone, "status-404", confidence)
}

/// The identifier is registered, so what is cited exists; the page it leads to
/// is the publisher's matter.
fn rule_on_landing(
    observation: &Observation,
    status: u16,
    page: Option<&PageFacts>,
    evidence: &mut Vec<Fact>,
) -> Ruling {
    evidence.push(Fact { kind: "registration", text: "the DOI is registered".into() });
    if matches!(status, 404 | 410) {
        return Ruling::new(Standing::Unknown, "landing-page-missing", 850);
    }
    let is_success = matches!(status, 200..=299);
    match page.filter(|_| is_success).and_then(|page| rule_on_page(observation, page, evidence)) {
        Some(Ruling { standing: Standing::SoftNotFound | Standing::HomeRedirect | Standing::Parked, .. }) => {
            Ruling::new(Standing::Unknown, "landing-page-missing", 800)
        }
        Some(_) => Ruling::new(Standing::Alive, "registered", 950),
        None if is_success => Ruling::new(Standing::Alive, "registered", 990),
        None => Ruling::new(Standing::Alive, "registered", 900),
    }
}

/// Says that this client, this request or this moment was not to the server's
/// liking; only 410 means the page.
fn rule_on_refusal(status: u16) -> Ruling {
    match status {
        410 => Ruling::new(Standing::Gone, "status-410", 990),
        401 => Ruling::new(Standing::Blocked, "needs-credentials", 900),
        402 => Ruling::new(Standing::Blocked, "payment-required", 800),
        403 => Ruling::new(Standing::Blocked, "forbidden", 700),
        407 => Ruling::new(Standing::Blocked, "proxy-credentials", 800),
        429 => Ruling::new(Standing::Blocked, "rate-limited", 950),
        451 => Ruling::new(Standing::Blocked, "legal-reasons", 950),
        999 => Ruling::new(Standing::Blocked, "status-999", 900),
        408 => Ruling::new(Standing::Timeout, "server-gave-up", 800),
        _ => Ruling::new(Standing::Unknown, "request-refused", 600),
    }
}

fn rule_on_failure(status: u16) -> Ruling {
    match status {
        // Only a captive portal answers this, and it is not the server asked.
        511 => Ruling::new(Standing::Unknown, "captive-portal", 950),
        503 => Ruling::new(Standing::ServerError, "unavailable", 900),
        502 | 504 | 520..=527 | 530 => Ruling::new(Standing::ServerError, "origin-unreachable", 900),
        _ => Ruling::new(Standing::ServerError, "server-failed", 900),
    }
}

/// A page that was reached over redirects is `moved` where the server says for
/// good that its address is another. It is still at home where the redirect
/// only spells the address anew, and where a whole site was cited and the
/// redirect stays within it.
fn rule_on_redirects(observation: &Observation, ruling: Ruling, evidence: &mut Vec<Fact>) -> (Ruling, Option<Url>) {
    let Some(first) = observation.hops.first() else {
        return (ruling, None);
    };
    let alive = |reason| Ruling { standing: Standing::Alive, reason, ..ruling };
    let cited = &first.url;
    let Some(goal) = permanent_goal(&observation.hops, &observation.final_url) else {
        return (alive("temporary-redirect"), None);
    };
    if is_front_page(cited) && is_same_site(cited, goal) {
        return (alive("same-site"), None);
    }
    let new_address = Some(goal.clone());
    if spelling(cited) == spelling(goal) {
        return (alive("same-address"), new_address);
    }
    evidence.push(Fact { kind: "moved-to", text: format!("moved for good to {goal}") });
    (Ruling { standing: Standing::Moved, reason: "permanent-redirect", ..ruling }, new_address)
}

/// Where the permanent redirects at the start of the way lead; `None` where
/// the first is not permanent.
fn permanent_goal<'a>(hops: &'a [Hop], final_url: &'a Url) -> Option<&'a Url> {
    let permanent = hops.iter().take_while(|hop| hop.is_permanent()).count();
    if permanent == 0 {
        return None;
    }
    Some(hops.get(permanent).map_or(final_url, |next| &next.url))
}

pub(super) fn is_front_page(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}

pub(super) fn is_same_site(one: &Url, other: &Url) -> bool {
    match (one.host_str(), other.host_str()) {
        (Some(one), Some(other)) => one == other || is_same_registrable(one, other),
        _ => false,
    }
}

fn is_same_registrable(one: &str, other: &str) -> bool {
    let domain = |host: &str| List.domain(host.as_bytes()).map(|domain| domain.as_bytes().to_vec());
    domain(one).is_some_and(|one| domain(other).is_some_and(|other| one == other))
}

/// What is left of an address without scheme, default port, `www.`, a slash at
/// its end and its fragment: the parts that servers canonicalise.
fn spelling(url: &Url) -> (&str, Option<u16>, &str, Option<&str>) {
    let host = url.host_str().unwrap_or_default();
    let path = url.path();
    (host.strip_prefix("www.").unwrap_or(host), url.port(), path.strip_suffix('/').unwrap_or(path), url.query())
}
