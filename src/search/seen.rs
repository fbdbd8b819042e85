//! What was seen, by address.

use std::collections::HashMap;

use url::Url;

use crate::verdict::{BodyExtent, Keep, Observation, Outcome, PageFacts, Probe};

/// Observations to look answers up in.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    by_url: HashMap<&'a Url, Vec<&'a Observation>>,
}

/// Lists and captures are asked for as they come.
pub(super) const AS_IT_COMES: Keep = Keep { text: false, anchors: false, source: true };

/// Of pages that may be the one meant, the text is wanted.
pub(super) const AS_TEXT: Keep = Keep { text: true, anchors: false, source: false };

impl<'a> Seen<'a> {
    /// All of these.
    #[must_use]
    pub fn of(observations: impl IntoIterator<Item = &'a Observation>) -> Self {
        let mut by_url: HashMap<&Url, Vec<&Observation>> = HashMap::new();
        for observation in observations {
            by_url.entry(&observation.probe.url).or_default().push(observation);
        }
        Self { by_url }
    }

    /// What came of asking for `url`, so that what `keep` wants was kept.
    #[must_use]
    pub fn find(&self, url: &Url, keep: Keep) -> Option<&'a Observation> {
        self.by_url.get(url)?.iter().copied().find(|seen| seen.probe.keep.covers(keep))
    }

    /// The question for `url`, unless it was asked.
    pub(super) fn question(&self, url: &Url, keep: Keep) -> Option<Probe> {
        let is_new = self.find(url, keep).is_none();
        is_new.then(|| Probe { keep, ..Probe::new(url.clone()) })
    }

    /// The list that came from `url`; `None` where it was not asked or did not
    /// come.
    pub(super) fn list(&self, url: &Url) -> Option<&'a str> {
        let seen = self.find(url, AS_IT_COMES)?;
        (seen.status() == Some(200)).then(|| source(seen)).flatten()
    }
}

/// What came, as it came.
pub(super) fn source(seen: &Observation) -> Option<&str> {
    seen.page()?.source.as_deref()
}

/// Whether the answer came to its end.
pub(super) fn is_whole(seen: &Observation) -> bool {
    seen.page().is_some_and(|page| page.extent == BodyExtent::Whole)
}

/// The page that came, where one did.
pub(super) fn page(seen: &Observation) -> Option<&PageFacts> {
    match &seen.outcome {
        Outcome::Answered { status: 200..=299, page, .. } => page.as_deref(),
        _ => None,
    }
}
