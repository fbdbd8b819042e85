//! Control requests: is the host well, whose page fails? Its front page is
//! asked, or, where that itself is the page that fails, what every host may
//! have beside it.

use std::collections::HashMap;

use url::Url;

use crate::fetch::{self, Question, StopSignal};
use crate::history::Sign;
use crate::store::history::{History, SettleRules};
use crate::verdict::{Outcome, Probe};

use super::{Audit, AuditError};

/// Asks one control per host and tells the stories.
pub(super) fn ask(
    hosts: &[(String, Url)],
    audit: &Audit,
    history: &History,
    run: i64,
    rules: &SettleRules<'_>,
    stop: &StopSignal,
) -> Result<(), AuditError> {
    let mut names: HashMap<Url, &str> = HashMap::new();
    let mut questions: Vec<Question> = Vec::new();
    for (host, failed) in hosts {
        let url = beside(failed);
        if audit.fetch.targets.admits(&url) && names.insert(url.clone(), host).is_none() {
            questions.push(Probe::new(url).into());
        }
    }
    if questions.is_empty() || stop.is_stopped() {
        return Ok(());
    }
    let answers = fetch::ask_all(questions, &audit.fetch, stop, &mut |_| {})?;
    for observation in &answers.observations {
        if matches!(observation.outcome, Outcome::Withheld(_)) {
            continue;
        }
        let Some(host) = names.get(&observation.probe.url) else { continue };
        let is_healthy = Sign::of((rules.judge)(observation).standing) == Sign::Good;
        history.settle_control(run, host, observation.at, is_healthy, rules)?;
    }
    Ok(())
}

fn beside(failed: &Url) -> Url {
    let is_front = matches!(failed.path(), "" | "/") && failed.query().is_none();
    let mut url = failed.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(if is_front { "/robots.txt" } else { "/" });
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_front_page_is_no_control_of_itself() {
        let control = |url: &str| beside(&url.parse().unwrap()).to_string();
        assert_eq!(control("https://a.org/x/y?z=1#w"), "https://a.org/");
        assert_eq!(control("https://a.org/"), "https://a.org/robots.txt");
    }
}
