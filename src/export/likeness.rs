//! Which answer an article was made from.
//!
//! Compared are runs of letters and digits, so that layout, markup and
//! punctuation do not matter, and scripts without spaces are no exception.

use std::collections::{HashSet, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::answer::Answer;

/// Letters in a run: shorter ones are shared by chance, longer ones are
/// broken by every splice.
const RUN: usize = 16;

/// Less of an article shared is a quotation, or a topic in common.
const LEAST: u16 = 150;

/// An article, to compare answers with.
#[derive(Debug)]
pub struct Likeness {
    hasher: FixedState,
    runs: HashSet<u64>,
}

impl Likeness {
    /// Reads the article once.
    #[must_use]
    pub fn to(article: &str) -> Self {
        let hasher = FixedState::default();
        let runs = runs(article, &hasher).collect();
        Self { hasher, runs }
    }

    /// How much of the article's text the answer holds, in thousandths.
    #[must_use]
    pub fn of(&self, answer: &Answer) -> u16 {
        let shared: HashSet<u64> = runs(&answer.text, &self.hasher).filter(|run| self.runs.contains(run)).collect();
        let share = shared.len() * 1000 / self.runs.len().max(1);
        u16::try_from(share).unwrap_or(1000)
    }
}

/// The answer that holds most of an article; the first of several that hold
/// as much. `None` where all hold little of it.
#[must_use]
pub fn answer_of<'a>(answers: &'a [Answer], article: &str) -> Option<&'a Answer> {
    let likeness = Likeness::to(article);
    let scored = answers.iter().map(|answer| (likeness.of(answer), answer)).filter(|(share, _)| LEAST <= *share);
    scored.rev().max_by_key(|(share, _)| *share).map(|(_, answer)| answer)
}

fn runs<'a>(text: &'a str, hasher: &'a FixedState) -> impl Iterator<Item = u64> + 'a {
    let mut last = VecDeque::with_capacity(RUN);
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).filter_map(move |c| {
        if last.len() == RUN {
            last.pop_front();
        }
        last.push_back(c);
        (last.len() == RUN).then(|| hasher.hash_one(&last))
    })
}
