//! How single hosts are asked and judged.
//!
//! What a rule adds to a request is chosen by the host that is about to be
//! contacted, anew at every redirect, so a secret never goes to another host;
//! and it is added to `https` only. A variable of the environment may be named
//! only if its name begins with [`VARIABLE_PREFIX`]: a configuration file that
//! came with an article must not read the user's other secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::units;

/// What names of variables begin with.
const VARIABLE_PREFIX: &str = "OBELUS_";

/// What the file may say of a host.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostOptions {
    /// Requests in flight to it, in place of `host-concurrency`.
    pub concurrency: Option<usize>,
    /// Least time between two requests to it, such as "2s", in place of `host-interval`.
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub interval: Option<Duration>,
    /// Time for one request, such as "60s", in place of `timeout`.
    #[serde(deserialize_with = "duration")]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Duration>,
    /// Most repetitions of one request, in place of `retries`.
    pub retries: Option<u32>,
    /// Statuses of its answers that count as alive.
    pub accept: Vec<u16>,
    /// Headers for it, by name.
    pub headers: BTreeMap<String, String>,
    /// Headers for it whose values stand in variables of the environment, by name; the variables begin with OBELUS_.
    pub headers_from_env: BTreeMap<String, String>,
}

fn duration<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(value)?;
    units::duration(&text).map(Some).map_err(serde::de::Error::custom)
}

/// What holds for a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    /// A host's name, or all below it.
    pattern: String,
    is_suffix: bool,
    /// Requests in flight to it.
    pub concurrency: Option<usize>,
    /// Least time between two requests.
    pub interval: Option<Duration>,
    /// Time for one request.
    pub timeout: Option<Duration>,
    /// Most repetitions of one request.
    pub retries: Option<u32>,
    /// Statuses that count as alive.
    pub accept: Vec<u16>,
    /// Headers for every request.
    pub headers: Vec<(String, String)>,
    /// Headers for requests over `https`.
    pub secrets: Vec<(String, String)>,
}

impl HostRule {
    pub(super) fn new(
        pattern: &str,
        options: &HostOptions,
        secret: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let (name, is_suffix) = pattern.strip_prefix("*.").map_or((pattern, false), |name| (name, true));
        let pattern = idna::domain_to_ascii(name).map_err(|_| "this is no host's name".to_owned())?;
        let mut secrets = Vec::new();
        for (header, variable) in &options.headers_from_env {
            if !variable.starts_with(VARIABLE_PREFIX) {
                return Err(format!(
                    "the variable {variable} may not be used; only names that begin with {VARIABLE_PREFIX} may"
                ));
            }
            let value = secret(variable).ok_or_else(|| format!("the variable {variable} is not set"))?;
            secrets.push((header.clone(), value));
        }
        let headers: Vec<(String, String)> = options.headers.clone().into_iter().collect();
        if let Some((name, _)) = headers.iter().chain(&secrets).find(|(name, value)| !is_header(name, value)) {
            return Err(format!("“{name}” is no header, or its value is none"));
        }
        Ok(Self {
            pattern,
            is_suffix,
            concurrency: options.concurrency,
            interval: options.interval,
            timeout: options.timeout,
            retries: options.retries,
            accept: options.accept.clone(),
            headers,
            secrets,
        })
    }

    fn covers(&self, host: &str) -> bool {
        match host.strip_suffix(&self.pattern) {
            Some(below) => (below.is_empty() && !self.is_suffix) || (below.ends_with('.') && self.is_suffix),
            None => false,
        }
    }
}

/// Field names and values that every server takes (RFC 9110, 5.1 and 5.5, ASCII only).
fn is_header(name: &str, value: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_token) && value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// The rules of all hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostRules(Vec<HostRule>);

impl HostRules {
    /// The rules; names go before patterns, long patterns before short ones.
    #[must_use]
    pub fn new(mut rules: Vec<HostRule>) -> Self {
        rules.sort_by_key(|rule| (rule.is_suffix, std::cmp::Reverse(rule.pattern.len())));
        Self(rules)
    }

    /// The one rule that holds for `host`.
    #[must_use]
    pub fn of(&self, host: &str) -> Option<&HostRule> {
        let host = host.trim_end_matches('.');
        self.0.iter().find(|rule| rule.covers(host))
    }

    /// What of the rules may change an answer, in words; secrets by name only.
    #[must_use]
    pub fn in_words(&self) -> String {
        let of = |rule: &HostRule| {
            let star = if rule.is_suffix { "*." } else { "" };
            let plain = rule.headers.iter().map(|(name, value)| format!(", {name}: {value}"));
            let secret = rule.secrets.iter().map(|(name, _)| format!(", {name}: (secret)"));
            format!("; {star}{}{}", rule.pattern, plain.chain(secret).collect::<String>())
        };
        self.0.iter().filter(|rule| !rule.headers.is_empty() || !rule.secrets.is_empty()).map(of).collect()
    }

    /// Whether `status` counts as alive at `host`.
    #[must_use]
    pub fn accepts(&self, host: &str, status: u16) -> bool {
        self.of(host).is_some_and(|rule| rule.accept.contains(&status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_before_patterns_and_never_match_a_neighbour() {
        let options = |status| HostOptions { accept: vec![status], ..HostOptions::default() };
        let rule = |pattern, status| HostRule::new(pattern, &options(status), &|_| None).unwrap();
        let rules = HostRules::new(vec![rule("*.org", 1), rule("*.bücher.org", 2), rule("a.bücher.org", 3)]);
        assert!(rules.accepts("a.xn--bcher-kva.org", 3));
        assert!(rules.accepts("b.xn--bcher-kva.org.", 2));
        assert!(rules.accepts("example.org", 1));
        assert_eq!(rules.of("evilbcher.com"), None);
        assert_eq!(HostRules::new(vec![rule("x.org", 1)]).of("evilx.org"), None);
        assert_eq!(HostRules::new(vec![rule("*.x.org", 1)]).of("x.org"), None);
    }
}
