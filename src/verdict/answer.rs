//! What a final HTTP answer means: one table of statuses, the walls before it,
//! and the question whether a redirect that ended well is a move.

use psl::{List, Psl};
use url::Url;

use crate::finding::Confidence;

use super::wall::find_wall;
use super::{BodyExtent, Fact, Hop, Observation, PageFacts, Standing};

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
    if let Some((vendor, sign)) = find_wall(status, headers, page) {
        evidence.push(Fact { kind: "wall", text: format!("{vendor} stands in front: {sign}") });
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
        400..=499 | 999 => rule_on_refusal(status, is_front_page(&observation.final_url), evidence),
        500..=599 => rule_on_failure(status),
        _ => Ruling::new(Standing::Unknown, "unexpected-status", 600),
    };
    if ruling.standing != Standing::Alive {
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

/// "Gone" is said only for the two statuses that mean it. All others say that
/// this client, this request or this moment was not to the server's liking.
fn rule_on_refusal(status: u16, is_front_page: bool, evidence: &mut Vec<Fact>) -> Ruling {
    match status {
        410 => Ruling::new(Standing::Gone, "status-410", 990),
        404 if is_front_page => {
            let text = "a front page is rarely missing: the server may be hiding from us";
            evidence.push(Fact { kind: "front-page", text: text.into() });
            Ruling::new(Standing::Gone, "status-404", 800)
        }
        404 => Ruling::new(Standing::Gone, "status-404", 960),
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

fn is_front_page(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}

fn is_same_site(one: &Url, other: &Url) -> bool {
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
