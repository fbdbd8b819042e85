//! Asking the library and judging its answers, as every test of the network
//! does.

use std::time::Duration;

use obelus::fetch::{FetchSettings, StopSignal, ask_all};
use obelus::verdict::{Observation, Outcome, PageFacts, Probe, judge};
use url::Url;

use super::closed_address;

/// Settings that waste no time, with these connect-to rules.
pub fn settings(rules: &[String]) -> FetchSettings {
    FetchSettings {
        host_interval: Duration::ZERO,
        first_wait: Duration::from_millis(10),
        timeout: Duration::from_secs(10),
        connect_to: rules.iter().map(|rule| rule.parse().expect("a rule")).collect(),
        // Nobody answers there: what no rule is about must not leave the machine.
        name_server: Some(closed_address()),
        ..FetchSettings::default()
    }
}

pub fn probe(url: &str) -> Probe {
    Probe::new(Url::parse(url).expect("a URL"))
}

/// A bare domain: https first, then http.
pub fn bare(host: &str) -> Probe {
    let url = |scheme| Url::parse(&format!("{scheme}://{host}/")).expect("a URL");
    Probe { fallback: Some(url("http")), ..Probe::new(url("https")) }
}

pub fn ask(probes: Vec<Probe>, settings: &FetchSettings) -> Vec<Observation> {
    ask_all(probes.into_iter().map(Into::into).collect(), settings, &StopSignal::new(), &mut |_| {})
        .expect("a run")
        .observations
}

pub fn ask_one(probe: Probe, settings: &FetchSettings) -> Observation {
    ask(vec![probe], settings).remove(0)
}

pub fn ruled(observation: &Observation) -> (&'static str, &'static str) {
    let verdict = judge(observation);
    (verdict.standing.name(), verdict.reason)
}

pub fn page_of(observation: &Observation) -> &PageFacts {
    match &observation.outcome {
        Outcome::Answered { page: Some(page), .. } => page.as_ref(),
        other => panic!("no page: {other:?}"),
    }
}
