//! Whether an identifier is registered, which is another question than whether
//! the page it leads to can be shown. The resolver of DOIs answers it itself:
//! a redirect for a name that is registered, 404 for one that is not (DOI
//! Handbook, "Resolution").

use super::{Observation, Outcome};

/// What a resolver said of an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registration {
    /// It redirected to the page that is registered.
    Registered,
    /// It knows no such identifier.
    Unknown,
}

/// Hosts that resolve DOIs and do nothing else.
const RESOLVERS: &[&str] = &["doi.org", "www.doi.org", "dx.doi.org"];

/// What the resolver said, where one was asked for a DOI and did answer.
pub(super) fn registration(observation: &Observation) -> Option<Registration> {
    let is_resolver = |url: &url::Url| {
        let is_doi = url.path().starts_with("/10.");
        is_doi && url.host_str().is_some_and(|host| RESOLVERS.contains(&host))
    };
    if !is_resolver(observation.first_url()) {
        return None;
    }
    if !is_resolver(&observation.final_url) {
        return Some(Registration::Registered);
    }
    matches!(observation.outcome, Outcome::Answered { status: 404, .. }).then_some(Registration::Unknown)
}
