//! The `robots.txt` files of a run: each asked once for its scheme, host and
//! port, while what wants to go there waits. What a file means is `verdict`'s
//! to say.

use std::collections::HashMap;

use url::Url;

use crate::verdict::{Outcome, RobotsRules};

/// The files, and work `T` that waits for them.
#[derive(Debug)]
pub(super) struct Robots<T> {
    agent: String,
    /// By the file's URL.
    files: HashMap<Url, File<T>>,
}

#[derive(Debug)]
enum File<T> {
    Asked(Vec<T>),
    Known(RobotsRules),
}

/// Whether work may go where it wants.
#[derive(Debug)]
pub(super) enum Gate<T> {
    /// It may.
    Open(T),
    /// It may not.
    Shut(T),
    /// It waits for this file, which is to be asked.
    Ask(Url),
    /// It waits for a file that is being asked.
    Waits,
}

impl<T> Robots<T> {
    /// `agent` is what we call ourselves.
    pub(super) fn new(agent: &str) -> Self {
        Self { agent: agent.to_owned(), files: HashMap::new() }
    }

    /// Whether `work` may ask `url`.
    pub(super) fn pass(&mut self, url: &Url, work: T) -> Gate<T> {
        let Ok(place) = url.join("/robots.txt") else {
            return Gate::Open(work);
        };
        match self.files.get_mut(&place) {
            Some(File::Known(rules)) if rules.allow(url) => Gate::Open(work),
            Some(File::Known(_)) => Gate::Shut(work),
            Some(File::Asked(waiting)) => {
                waiting.push(work);
                Gate::Waits
            }
            None => {
                self.files.insert(place.clone(), File::Asked(vec![work]));
                Gate::Ask(place)
            }
        }
    }

    /// Takes in what came of asking for a file; hands back what waited for it.
    pub(super) fn settle(&mut self, file: &Url, outcome: &Outcome, body: &[u8]) -> Vec<T> {
        let rules = RobotsRules::of(outcome, body, &self.agent);
        match self.files.insert(file.clone(), File::Known(rules)) {
            Some(File::Asked(waiting)) => waiting,
            _ => Vec::new(),
        }
    }

    /// Hands back everything that waits.
    pub(super) fn take(&mut self) -> Vec<T> {
        let mut asked: Vec<&mut Vec<T>> = Vec::new();
        #[expect(clippy::iter_over_hash_type, reason = "the run puts it in order")]
        for file in self.files.values_mut() {
            if let File::Asked(waiting) = file {
                asked.push(waiting);
            }
        }
        asked.into_iter().flat_map(std::mem::take).collect()
    }
}
