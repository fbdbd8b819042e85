//! Which stretches two copies of an article share.
//!
//! Stretches that occur once in either copy are anchors (as in the patience
//! difference); the longest chain of them that runs forward in both is kept
//! and grown to both sides. What lies between two anchors is looked at again by
//! itself, where more may be unique. Linear in the length of the copies, but
//! for the sort of the anchors.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

/// Characters of an anchor, and the least that both edges of a gap must share.
pub(super) const EDGE: usize = 12;

/// A stretch that both copies share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// Where it begins in the first copy.
    pub(super) one: usize,
    /// Where it begins in the second.
    pub(super) other: usize,
    /// Its length.
    pub(super) len: usize,
}

impl Block {
    pub(super) fn one_end(self) -> usize {
        self.one + self.len
    }

    pub(super) fn other_end(self) -> usize {
        self.other + self.len
    }
}

/// The stretches that `one` and `other` share, in order.
pub(super) fn align(one: &[char], other: &[char]) -> Vec<Block> {
    /// Looks between anchors of anchors; deeper there is nothing new.
    const DEPTH: usize = 4;
    let mut blocks = Vec::new();
    between(one, other, 0..one.len(), 0..other.len(), DEPTH, &mut blocks);
    blocks
}

fn between(
    one: &[char],
    other: &[char],
    first: Range<usize>,
    second: Range<usize>,
    depth: usize,
    blocks: &mut Vec<Block>,
) {
    let mut found = grown(one, other, &first, &second);
    if depth == 0 || found.is_empty() {
        blocks.append(&mut found);
        return;
    }
    let (mut from, mut to) = (first.start, second.start);
    let end = Block { one: first.end, other: second.end, len: 0 };
    for block in found.into_iter().chain([end]) {
        if from + EDGE <= block.one && to + EDGE <= block.other {
            between(one, other, from..block.one, to..block.other, depth - 1, blocks);
        }
        if block.len > 0 {
            blocks.push(block);
        }
        (from, to) = (block.one_end(), block.other_end());
    }
}

/// The anchors of two ranges, in one chain, grown as far as the copies agree.
fn grown(one: &[char], other: &[char], first: &Range<usize>, second: &Range<usize>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let same = |a: usize, b: usize| one.get(a).is_some_and(|c| other.get(b) == Some(c));
    for (at, place) in chain(&anchors(one, other, first, second)) {
        let (low, high) = blocks.last().map_or((first.start, second.start), |last| (last.one_end(), last.other_end()));
        if at < low || place < high {
            continue;
        }
        let before = (1..=(at - low).min(place - high)).take_while(|step| same(at - step, place - step)).count();
        let room = (first.end - at).min(second.end - place);
        let behind = (0..room).take_while(|step| same(at + step, place + step)).count();
        if behind >= EDGE {
            blocks.push(Block { one: at - before, other: place - before, len: before + behind });
        }
    }
    blocks
}

/// Where stretches stand that occur once in both ranges, in order of the first.
fn anchors(one: &[char], other: &[char], first: &Range<usize>, second: &Range<usize>) -> Vec<(usize, usize)> {
    let mine = hashes(one, first);
    let (own, theirs) = (once(&mine), once(&hashes(other, second)));
    let place = |(at, hash): (usize, &u64)| {
        let is_once = own.get(hash).copied().flatten() == Some(at);
        let place = theirs.get(hash).copied().flatten().filter(|_| is_once)?;
        Some((first.start + at, second.start + place))
    };
    mine.iter().enumerate().filter_map(place).collect()
}

/// The hash of the stretch that begins at each character of a range.
fn hashes(chars: &[char], range: &Range<usize>) -> Vec<u64> {
    /// Any odd number does; this one is Knuth's for 64 bits.
    const FACTOR: u64 = 6_364_136_223_846_793_005;
    let Some(chars) = chars.get(range.clone()).filter(|chars| chars.len() >= EDGE) else { return Vec::new() };
    let power = (1..EDGE).fold(FACTOR, |power, _| power.wrapping_mul(FACTOR));
    let value = |c: char| u64::from(u32::from(c)) + 1;
    let mut hash = 0_u64;
    let mut hashes = Vec::with_capacity(chars.len());
    for (at, c) in chars.iter().enumerate() {
        hash = hash.wrapping_mul(FACTOR).wrapping_add(value(*c));
        if let Some(gone) = at.checked_sub(EDGE).and_then(|gone| chars.get(gone)) {
            hash = hash.wrapping_sub(value(*gone).wrapping_mul(power));
        }
        if at + 1 >= EDGE {
            hashes.push(hash);
        }
    }
    hashes
}

/// For each hash where it stands, if only once.
fn once(hashes: &[u64]) -> HashMap<u64, Option<usize>, RandomState> {
    let mut places = HashMap::with_capacity_and_hasher(hashes.len(), RandomState::default());
    for (at, hash) in hashes.iter().enumerate() {
        places.entry(*hash).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

/// The longest chain of pairs that runs forward in both.
fn chain(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the pair that ends the chain of that length earliest.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let place = |index: &usize| pairs.get(*index).map_or(0, |(_, place)| *place);
    for (index, (_, at)) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| place(tail) < *at);
        before.push(length.checked_sub(1).and_then(|last| tails.get(last).copied()));
        match tails.get_mut(length) {
            Some(tail) => *tail = index,
            None => tails.push(index),
        }
    }
    let mut chained = Vec::with_capacity(tails.len());
    let mut next = tails.last().copied();
    while let Some(index) = next {
        chained.extend(pairs.get(index).copied());
        next = before.get(index).copied().flatten();
    }
    chained.reverse();
    chained
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(one: &str, other: &str) -> Vec<String> {
        let one: Vec<char> = one.chars().collect();
        let other: Vec<char> = other.chars().collect();
        align(&one, &other).iter().map(|block| one[block.one..block.one_end()].iter().collect()).collect()
    }

    #[test]
    fn what_is_shared_is_found_around_what_is_not() {
        let whole = "the harbour grew by a third and nobody knows why it did so in that year";
        let cut = "the harbour grew by a thnows why it did so in that year";
        assert_eq!(blocks(cut, whole), ["the harbour grew by a th", "nows why it did so in that year"]);
        assert_eq!(blocks(whole, whole), [whole]);
        assert!(blocks("short", "short").is_empty());
    }

    #[test]
    fn repeated_stretches_are_anchored_between_their_neighbours() {
        let chorus = "and so the river runs on ";
        let one = format!("first verse of the song {chorus}second verse of it {chorus}third one");
        let other = format!("first verse of the song, {chorus}second verse of it {chorus}third one");
        let found = blocks(&one, &other).concat();
        assert_eq!(found, one);
    }

    #[test]
    fn hostile_repetition_stays_fast() {
        let one: Vec<char> = "ab".repeat(200_000).chars().collect();
        let other: Vec<char> = "ab".repeat(150_000).chars().chain("xyz".repeat(50_000).chars()).collect();
        assert!(align(&one, &other).len() < 10);
    }
}
