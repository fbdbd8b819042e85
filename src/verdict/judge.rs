//! From what was seen to what it means. [`judge()`] is total and pure: every
//! observation has a verdict, the same one whenever it is judged.
//!
//! Two things are never done here. Trouble on the way ("could not check") never
//! becomes `gone`, and never becomes `alive`.

use crate::finding::Confidence;
use crate::language::Host;

use super::answer::{Ruling, rule_on_answer};
use super::registration::{Registration, registration};
use super::{
    BodyExtent, Fact, NetworkFault, Observation, Outcome, PageFacts, Phase, Standing, TlsFault, Verdict, Withheld,
};

/// Judges one observation.
#[must_use]
pub fn judge(observation: &Observation) -> Verdict {
    let mut evidence = way_in_words(observation);
    let mut moved_to = None;
    let ruling = match &observation.outcome {
        Outcome::Answered { status, headers, page } => {
            evidence.push(fact("status", format!("the server answered {status}")));
            evidence.extend(page.as_deref().and_then(body_in_words));
            let (ruling, goal) = rule_on_answer(observation, *status, headers, page.as_deref(), &mut evidence);
            moved_to = goal;
            ruling
        }
        outcome => {
            evidence.push(end_in_words(observation));
            let is_private = matches!(outcome, Outcome::Withheld(Withheld::PrivateAddress));
            if !is_private && registration(observation) == Some(Registration::Registered) {
                evidence.push(fact("registration", "the DOI is registered"));
                match outcome {
                    Outcome::NameNotFound | Outcome::HostNotFound => {
                        Ruling::new(Standing::Unknown, "landing-page-missing", 850)
                    }
                    _ => Ruling::new(Standing::Alive, "registered", 900),
                }
            } else {
                rule_on_trouble(observation)
            }
        }
    };
    let Ruling { standing, reason, confidence } = ruling;
    Verdict { standing, reason, confidence, evidence, moved_to }
}

fn fact(kind: &'static str, text: impl Into<String>) -> Fact {
    Fact { kind, text: text.into() }
}

/// How we got to the outcome: fallback, redirects, repetitions.
fn way_in_words(observation: &Observation) -> Vec<Fact> {
    let mut evidence = Vec::new();
    let url = &observation.probe.url;
    if !url.username().is_empty() || url.password().is_some() {
        evidence.push(fact("credentials", "the user name in the address was not sent"));
    }
    if let Some(outcome) = &observation.before_fallback {
        let failure = outcome_in_words(outcome).text;
        let text = format!("{} failed ({failure}), so http was asked", url.scheme());
        evidence.push(fact("fallback", text));
    }
    for hop in &observation.hops {
        evidence.push(fact("redirect", format!("{} from {}", hop.status, hop.url)));
    }
    if observation.attempts > 1 {
        evidence.push(fact("attempts", format!("asked {} times", observation.attempts)));
    }
    evidence
}

fn body_in_words(page: &PageFacts) -> Option<Fact> {
    let text = match page.extent {
        BodyExtent::Torn => format!("the page broke off after {} bytes", page.size),
        BodyExtent::CutAtLimit => format!("only the first {} bytes were read", page.size),
        BodyExtent::Whole | BodyExtent::Unread => return None,
    };
    Some(fact("body", text))
}

/// How it ended, and whose doing that was where it was another host's.
fn end_in_words(observation: &Observation) -> Fact {
    let goal = &observation.final_url;
    let host = goal.host_str().unwrap_or_default();
    match &observation.outcome {
        Outcome::Withheld(why) if !observation.hops.is_empty() => {
            let text = match why {
                Withheld::AskedToWait => format!(
                    "{host} asked us to wait for longer than a run lasts, so the redirect to {goal} was not followed"
                ),
                Withheld::Excluded => format!("it leads to {goal}, which is left out by --include or --exclude"),
                Withheld::Robots => {
                    format!("it leads to {goal}, and the robots.txt of {host} asks programs to stay away from it")
                }
                Withheld::PrivateAddress => format!("it leads to {goal}, a private or special-purpose address"),
                why => withheld_in_words(*why).to_owned(),
            };
            fact("withheld", text)
        }
        Outcome::HostNotFound => {
            let domain = Host::of_url(goal).map(|host| host.registrable().to_owned()).unwrap_or_default();
            fact("name", format!("the name does not exist, though {domain} does"))
        }
        outcome => outcome_in_words(outcome),
    }
}

/// The table of everything that is not an answer.
fn rule_on_trouble(observation: &Observation) -> Ruling {
    let (standing, reason, thousandths) = match &observation.outcome {
        // `rule_on_answer` has answered these.
        Outcome::Answered { .. } => (Standing::Unknown, "unexpected-status", 500),
        Outcome::NameNotFound | Outcome::HostNotFound if is_onion(observation) => (Standing::Unsupported, "onion", 990),
        Outcome::NameNotFound => (Standing::HostGone, "name-not-found", 980),
        Outcome::HostNotFound => (Standing::HostGone, "host-not-found", 960),
        Outcome::NameTrouble => (Standing::Unknown, "dns-trouble", 900),
        Outcome::Unreachable(fault) => (Standing::Unreachable, network_reason(fault), 900),
        Outcome::Tls(fault) => (Standing::Tls, tls_reason(fault), 950),
        Outcome::TimedOut(Phase::Resolve) => (Standing::Unknown, "dns-timeout", 900),
        Outcome::TimedOut(Phase::Connect) => (Standing::Timeout, "connect-timeout", 900),
        Outcome::TimedOut(Phase::Headers) => (Standing::Timeout, "answer-timeout", 900),
        Outcome::TimedOut(Phase::Body) => (Standing::Timeout, "body-timeout", 900),
        // Servers that want a cookie first send clients without one in
        // circles, so this says nothing of the page.
        Outcome::TooManyRedirects => (Standing::Unknown, "redirect-loop", 800),
        Outcome::BadRedirect => (Standing::Unknown, "bad-redirect", 800),
        Outcome::UnsupportedScheme => (Standing::Unsupported, "unsupported-scheme", 990),
        // The page was asked, and what its server said leads where nobody may ask now.
        Outcome::Withheld(Withheld::AskedToWait) if !observation.hops.is_empty() => {
            (Standing::Unknown, "asked-to-wait", 900)
        }
        Outcome::Withheld(why) => (Standing::NotChecked, withheld_reason(*why), 1000),
    };
    Ruling { standing, reason, confidence: Confidence::from_thousandths(thousandths) }
}

/// Onion names exist outside the domain name system; that it does not know
/// them means nothing.
fn is_onion(observation: &Observation) -> bool {
    observation.final_url.host_str().and_then(|host| host.rsplit('.').next()).is_some_and(|last| last == "onion")
}

fn network_reason(fault: &NetworkFault) -> &'static str {
    match fault {
        NetworkFault::Refused => "connection-refused",
        NetworkFault::Reset => "connection-reset",
        NetworkFault::NoRoute => "no-route",
        NetworkFault::NoAddress => "no-address",
        NetworkFault::Protocol(_) => "protocol-error",
        NetworkFault::Other(_) => "network-error",
    }
}

fn tls_reason(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::Expired => "certificate-expired",
        TlsFault::NotYetValid => "certificate-not-yet-valid",
        TlsFault::WrongName => "certificate-wrong-name",
        TlsFault::UnknownIssuer => "certificate-unknown-issuer",
        TlsFault::Revoked => "certificate-revoked",
        TlsFault::TooOld => "tls-too-old",
        TlsFault::Other(_) => "tls-failed",
    }
}

fn withheld_reason(why: Withheld) -> &'static str {
    match why {
        Withheld::Offline => "offline",
        Withheld::PrivateAddress => "private-address",
        Withheld::Interrupted => "interrupted",
        Withheld::NoNetwork => "no-network",
        Withheld::AskedToWait => "asked-to-wait",
        Withheld::Robots => "robots",
        Withheld::Excluded => "excluded",
        Withheld::Budget => "budget",
        Withheld::NotRecorded => "not-recorded",
    }
}

fn outcome_in_words(outcome: &Outcome) -> Fact {
    match outcome {
        Outcome::Answered { status, .. } => fact("status", format!("the server answered {status}")),
        Outcome::NameNotFound => fact("name", "the name does not exist"),
        Outcome::HostNotFound => fact("name", "the name does not exist, though its domain does"),
        Outcome::NameTrouble => fact("name", "the name servers could not look the name up"),
        Outcome::Unreachable(fault) => fact("network", network_in_words(fault)),
        Outcome::Tls(fault) => fact("tls", tls_in_words(fault)),
        Outcome::TimedOut(phase) => fact("timeout", format!("no {} in time", awaited(*phase))),
        Outcome::TooManyRedirects => fact("redirect", "the redirects do not end"),
        Outcome::BadRedirect => fact("redirect", "the redirect says no address that can be asked"),
        Outcome::UnsupportedScheme => fact("scheme", "only http and https are asked"),
        Outcome::Withheld(why) => fact("withheld", withheld_in_words(*why)),
    }
}

fn network_in_words(fault: &NetworkFault) -> String {
    match fault {
        NetworkFault::Refused => "the connection was refused".into(),
        NetworkFault::Reset => "the connection was cut before an answer".into(),
        NetworkFault::NoRoute => "there is no route to the address".into(),
        NetworkFault::NoAddress => "the name exists but has no address".into(),
        NetworkFault::Protocol(words) => format!("the server does not speak proper HTTP: {words}"),
        NetworkFault::Other(words) => format!("the network failed: {words}"),
    }
}

fn tls_in_words(fault: &TlsFault) -> String {
    match fault {
        TlsFault::Expired => "the certificate has expired".into(),
        TlsFault::NotYetValid => "the certificate is not valid yet".into(),
        TlsFault::WrongName => "the certificate is for another name".into(),
        TlsFault::UnknownIssuer => "the certificate is signed by nobody we trust".into(),
        TlsFault::Revoked => "the certificate was revoked".into(),
        TlsFault::TooOld => "the server offers only outdated versions of TLS".into(),
        TlsFault::Other(words) => format!("TLS failed: {words}"),
    }
}

fn awaited(phase: Phase) -> &'static str {
    match phase {
        Phase::Resolve => "answer from the name servers",
        Phase::Connect => "connection",
        Phase::Headers => "answer",
        Phase::Body => "whole page",
    }
}

fn withheld_in_words(why: Withheld) -> &'static str {
    match why {
        Withheld::Offline => "the run is offline",
        Withheld::PrivateAddress => "it leads to a private or special-purpose address",
        Withheld::Interrupted => "the run was interrupted",
        Withheld::NoNetwork => "this machine has no network",
        Withheld::AskedToWait => "the host asked us to wait for longer than a run lasts",
        Withheld::Robots => "the host's robots.txt asks programs to stay away from it",
        Withheld::Excluded => "it is left out by --include or --exclude",
        Withheld::Budget => "the run had sent as many requests as it may",
        Withheld::NotRecorded => "the tape does not hold it",
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
