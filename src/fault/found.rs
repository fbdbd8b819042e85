//! Claims that were searched for as text: a label belongs behind its claim, and
//! whoever has only the claim's last word, or the last letters of it, looks
//! for them and sets the label behind the first match.
//!
//! So every label stands where the letters before it occur for the first time,
//! and they come again where labels belong. How likely that is can be counted:
//! a label is where the ends of these and those sentences, and no others, are
//! found first.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::habit::{Places, Sight};
use super::plain::PlainText;

/// The letters that are searched for: a claim's last ones, or its last word.
const LENGTHS: [usize; 2] = [4, LONGEST];
const LONGEST: usize = 16;
/// Fewer letters are searched for by nobody.
const SHORTEST: usize = 2;
/// Who finds a claim so close before itself has found it.
const NEAR: usize = 60;

/// For each number of letters what it says of every label.
pub(super) fn first_matches(text: &PlainText, places: &Places) -> Vec<Vec<Sight>> {
    let search = Search::of(text);
    LENGTHS.iter().map(|letters| search.sights(places, *letters)).collect()
}

struct Search<'a> {
    text: &'a PlainText,
    /// The letters before labels, by their hash, and before which character
    /// they occur first.
    first: HashMap<u64, usize, RandomState>,
}

impl<'a> Search<'a> {
    fn of(text: &'a PlainText) -> Self {
        /// Most letters of a text stand before no label: a bit for each hash
        /// tells that without a look into the table.
        const BITS: u64 = 1 << 16;
        let bit = |hash: u64| usize::try_from((hash ^ hash >> 32) % BITS).unwrap_or_default();
        let mut search = Self { text, first: HashMap::default() };
        let mut first = HashMap::default();
        let mut may_hold = vec![false; usize::try_from(BITS).unwrap_or_default()];
        for place in text.places.iter().flat_map(|place| [*place, search.claim_end(*place)]) {
            for hash in search.hashes(place).skip(SHORTEST - 1) {
                first.insert(hash, usize::MAX);
                if let Some(slot) = may_hold.get_mut(bit(hash)) {
                    *slot = true;
                }
            }
        }
        for place in 0..=text.chars().len() {
            for hash in search.hashes(place).skip(SHORTEST - 1) {
                if may_hold.get(bit(hash)) == Some(&true)
                    && let Some(known) = first.get_mut(&hash)
                {
                    *known = place.min(*known);
                }
            }
        }
        search.first = first;
        search
    }

    /// Of the last letter before `place`, of the last two, and so on up to the
    /// beginning of the word.
    fn hashes(&self, place: usize) -> impl Iterator<Item = u64> {
        /// The offset and the prime of FNV-1a.
        const START: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        let before = self.text.chars().get(..place).unwrap_or_default();
        let letters = before.iter().rev().take(LONGEST).take_while(|c| c.is_alphanumeric());
        letters.scan(START, |hash, c| {
            *hash = (*hash ^ u64::from(u32::from(*c))).wrapping_mul(PRIME);
            Some(*hash)
        })
    }

    /// Where the last letter before `place` ends, marks left aside.
    fn claim_end(&self, place: usize) -> usize {
        /// A stop, a closing bracket, a quotation mark.
        const MARKS: usize = 4;
        let before = self.text.chars().get(..place).unwrap_or_default();
        place - before.iter().rev().take(MARKS).take_while(|c| !c.is_alphanumeric()).count()
    }

    /// Behind which character so many last letters of a claim are found that
    /// ends before `place`.
    fn found(&self, place: usize, letters: usize) -> Option<usize> {
        let end = self.claim_end(place);
        let hash = self.hashes(end).take(letters).skip(SHORTEST - 1).last()?;
        let first = self.first.get(&hash).copied()?;
        Some(if first + NEAR < end { first } else { place })
    }

    fn sights(&self, places: &Places, letters: usize) -> Vec<Sight> {
        let labels = self.text.places.iter();
        let mut sights: HashMap<usize, Sight, RandomState> =
            labels.clone().map(|place| (*place, Sight::default())).collect();
        for place in 0..places.len() {
            let ratios = places.ratios_at(place);
            // Nobody sets labels there, so nobody searches for what is before.
            if ratios.iter().all(|ratio| *ratio < 1.0) {
                continue;
            }
            let Some(found) = self.found(place, letters) else { continue };
            if let Some(sight) = sights.get_mut(&found) {
                sight.add(ratios, 1.0, found != place);
            }
        }
        labels.map(|place| sights.get(place).copied().unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::habit::evidence;

    #[test]
    fn labels_behind_the_first_match_are_likelier_than_chance() {
        let story = "The old quarter needs more money. A second bridge was built beside the mill. \
                     Nobody there had asked for the money. In spring the river rose above the bridge. \
                     It took a month until the water left the quarter. ";
        let filler = "Some other words stand here to part both of them. ".repeat(4);
        let text: String = format!("{story}{filler}{story}").replace("  ", " ");
        let chars: Vec<char> = text.chars().collect();
        let after = |word: &str| text.find(word).unwrap() + word.len();
        let places: Vec<usize> = [after("quarter"), after("money"), after("bridge")].into();
        let evidence = |places: Vec<usize>| {
            let plain = PlainText::from_parts(chars.clone(), places);
            let habits = Places::of(plain.chars());
            first_matches(&plain, &habits)
                .into_iter()
                .map(|sights| evidence(sights.into_iter(), 0.1))
                .collect::<Vec<_>>()
        };
        let (matches, others) = (evidence(places), evidence(["second", "spring", "month"].map(after).into()));
        assert!(matches.iter().zip(others).all(|(one, other)| *one > other + 4.0));
    }
}
