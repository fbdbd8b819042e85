//! What a page looked like, short enough to be kept for years: its title, the
//! smallest hashes of its main text (see `verdict::Sketch`) and whether it held
//! what articles quote from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::verdict::{Held, PageFacts, Passage};

/// A page's likeness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Print {
    /// Its title.
    pub title: Option<String>,
    /// The smallest hashes of its text, ascending, cut to their upper half.
    pub minima: Vec<u32>,
    /// What articles quote from it.
    pub passages: Vec<Passage>,
}

/// How a page differs from the one that was cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The title that it had.
    pub title_before: Option<String>,
    /// The title that it has.
    pub title_now: Option<String>,
    /// The share of the text that is the same, in thousandths, where both were
    /// read.
    pub same: Option<u16>,
    /// The quotations that it held word by word and holds no more.
    pub lost: Vec<Passage>,
}

impl Drift {
    /// What changed, one clause each, the quotations first.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let lost = self.lost.iter().map(|passage| match &passage.held {
            Held::Altered(how) => format!("it no longer says “{}”: {how}", passage.quoted),
            _ => format!("it no longer says “{}”, or anything like it", passage.quoted),
        });
        let title = match (&self.title_before, &self.title_now) {
            (Some(before), Some(now)) if before != now => Some(format!("its title was “{before}” and is “{now}”")),
            _ => None,
        };
        let same = self.same.map(|same| format!("about {} % of its text is the same", same / 10));
        lost.chain(title).chain(same).collect()
    }
}

/// Hashes kept. The estimate is off by some 0.09.
const KEPT: usize = 32;

/// Text that is less alike is another text (Broder's resemblance of shingles
/// falls fast: a tenth of the words changed leaves about half).
const SAME_PAGE: u16 = 200;

/// With another title, text must be this much alike to be the same page.
const SAME_PAGE_RENAMED: u16 = 500;

impl Print {
    /// The likeness of a page.
    #[must_use]
    pub fn of(page: &PageFacts) -> Self {
        let mut minima: Vec<u32> =
            page.sketch.to_minima().iter().map(|hash| u32::try_from(hash >> 32).unwrap_or(u32::MAX)).collect();
        minima.dedup();
        minima.truncate(KEPT);
        Self { title: page.title.clone(), minima, passages: page.passages.clone() }
    }

    /// Takes over what `before` knows of quotations that this time could not
    /// be looked for.
    pub fn remember(&mut self, before: &Self) {
        let known = before.held();
        for passage in self.passages.iter_mut().filter(|passage| passage.held == Held::Undecided) {
            if let Some(held) = known.get(passage.quoted.as_str()) {
                passage.held = (*held).clone();
            }
        }
    }

    fn held(&self) -> BTreeMap<&str, &Held> {
        self.passages.iter().map(|passage| (passage.quoted.as_str(), &passage.held)).collect()
    }

    /// The quotations that this page held word by word, and `now` does not.
    fn lost(&self, now: &Self) -> Vec<Passage> {
        let before = self.held();
        let is_lost = |passage: &&Passage| {
            matches!(passage.held, Held::Altered(_) | Held::Absent)
                && before.get(passage.quoted.as_str()) == Some(&&Held::Verbatim)
        };
        now.passages.iter().filter(is_lost).cloned().collect()
    }

    /// How `now` differs from this, where it is another page.
    #[must_use]
    pub fn drift(&self, now: &Self) -> Option<Drift> {
        let (same, lost) = (self.same(now), self.lost(now));
        let is_renamed = match (&self.title, &now.title) {
            (Some(before), Some(now)) => shared_words(before, now) == 0,
            _ => false,
        };
        let is_drifted = match same {
            Some(same) if is_renamed => same < SAME_PAGE_RENAMED,
            Some(same) => same < SAME_PAGE,
            None => is_renamed,
        };
        (is_drifted || !lost.is_empty()).then(|| Drift {
            title_before: self.title.clone(),
            title_now: now.title.clone(),
            same,
            lost,
        })
    }

    /// The share of shingles in common, in thousandths.
    fn same(&self, other: &Self) -> Option<u16> {
        if self.minima.is_empty() || other.minima.is_empty() {
            return None;
        }
        let (one, two): (BTreeSet<u32>, BTreeSet<u32>) =
            (self.minima.iter().copied().collect(), other.minima.iter().copied().collect());
        let union: Vec<u32> = one.union(&two).copied().take(KEPT).collect();
        let shared = union.iter().filter(|hash| one.contains(hash) && two.contains(hash)).count();
        u16::try_from(shared * 1000 / union.len().max(1)).ok()
    }
}

/// Words of two or more letters in both titles.
fn shared_words(one: &str, two: &str) -> usize {
    let words = |title: &str| -> BTreeSet<String> {
        title
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.chars().count() > 1 || !word.is_ascii())
            .map(str::to_lowercase)
            .collect()
    };
    words(one).intersection(&words(two)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(title: &str, minima: std::ops::Range<u32>) -> Print {
        Print { title: (!title.is_empty()).then(|| title.to_owned()), minima: minima.collect(), passages: Vec::new() }
    }

    #[test]
    fn edits_are_no_drift_and_another_page_is() {
        let before = print("The barrage and the mud", 0..32);
        assert_eq!(before.drift(&print("The barrage and the mud", 4..36)), None);
        assert_eq!(before.drift(&print("Barrage: what is known", 10..42)), None);
        let other = before.drift(&print("Cheap flights", 100..132)).unwrap();
        assert_eq!((other.same, other.title_now.as_deref()), (Some(0), Some("Cheap flights")));
        assert!(before.drift(&print("The barrage and the mud", 100..132)).is_some());
        // Pages whose text was not read are known by their titles alone.
        assert!(print("One thing", 0..0).drift(&print("Another", 0..0)).is_some());
        assert_eq!(print("", 0..0).drift(&print("Another", 0..0)), None);
    }

    #[test]
    fn a_quotation_that_is_lost_is_drift() {
        let quoting = |held: Held| {
            let passages = vec![Passage { quoted: "the wall will stand".to_owned(), held }];
            Print { passages, ..print("The barrage and the mud", 0..32) }
        };
        let before = quoting(Held::Verbatim);
        assert_eq!(before.drift(&quoting(Held::Verbatim)), None);
        assert_eq!(before.drift(&quoting(Held::Undecided)), None);
        assert_eq!(quoting(Held::Absent).drift(&quoting(Held::Absent)), None, "it never held it");
        let altered = before.drift(&quoting(Held::Altered("“will” is “may” in the source".to_owned()))).unwrap();
        assert_eq!(altered.changes()[0], "it no longer says “the wall will stand”: “will” is “may” in the source");
        assert!(before.drift(&quoting(Held::Absent)).is_some());
        // A night on which little was read is no reason to forget.
        let mut night = quoting(Held::Undecided);
        night.remember(&before);
        assert_eq!(night, before);
    }
}
