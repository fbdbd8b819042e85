//! What a page looked like, short enough to be kept for years: its title and
//! the smallest hashes of its main text (see `verdict::Sketch`).

use std::collections::BTreeSet;

use crate::verdict::PageFacts;

/// A page's likeness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Print {
    /// Its title.
    pub title: Option<String>,
    /// The smallest hashes of its text, ascending, cut to their upper half.
    pub minima: Vec<u32>,
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
        Self { title: page.title.clone(), minima }
    }

    /// How `now` differs from this, where it is another page.
    #[must_use]
    pub fn drift(&self, now: &Self) -> Option<Drift> {
        let same = self.same(now);
        let is_renamed = match (&self.title, &now.title) {
            (Some(before), Some(now)) => shared_words(before, now) == 0,
            _ => false,
        };
        let is_drifted = match same {
            Some(same) if is_renamed => same < SAME_PAGE_RENAMED,
            Some(same) => same < SAME_PAGE,
            None => is_renamed,
        };
        is_drifted.then(|| Drift { title_before: self.title.clone(), title_now: now.title.clone(), same })
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
        Print { title: (!title.is_empty()).then(|| title.to_owned()), minima: minima.collect() }
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
}
