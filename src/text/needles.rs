//! Many needles in one pass: with vector instructions where the processor has
//! them, else with an automaton.
//!
//! The vectors compare as many first bytes as the shortest needle has, up to
//! four: one needle of two bytes would let every other be found by two, which
//! stand nearly everywhere. So the shortest are searched for by themselves.

use aho_corasick::{AhoCorasick, Input, Match, packed};
use memchr::memmem::Finder;

/// Needles of fewer bytes are searched for by themselves.
const LONG: usize = 3;

/// A set of needles, built once.
#[derive(Debug)]
pub struct Needles {
    lengths: Vec<usize>,
    /// The indices of the long needles, in the order of both searchers.
    long: Vec<usize>,
    packed: Option<packed::Searcher>,
    automaton: Option<AhoCorasick>,
    short: Vec<(usize, Finder<'static>)>,
}

impl Needles {
    /// For needles of one byte or more; a few dozen at most, few of them short.
    pub fn new<'a>(needles: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let long = needles.clone().enumerate().filter(|(_, needle)| needle.len() >= LONG);
        let short = needles.clone().enumerate().filter(|(_, needle)| needle.len() < LONG);
        let words = long.clone().map(|(_, needle)| needle);
        let packed = packed::Searcher::new(words.clone());
        let automaton = if packed.is_none() { AhoCorasick::new(words).ok() } else { None };
        Self {
            lengths: needles.map(<[u8]>::len).collect(),
            long: long.map(|(index, _)| index).collect(),
            packed,
            automaton,
            short: short.map(|(index, needle)| (index, Finder::new(needle).into_owned())).collect(),
        }
    }

    /// Every needle that stands anywhere, in order, in the same form. They may
    /// overlap, but none may begin with another.
    pub fn find_all(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let mut from = 0;
        let next = || {
            let found = self.next_long(text, from)?;
            from = found.start() + 1;
            Some((self.long.get(found.pattern().as_usize()).copied()?, found.start()))
        };
        let mut all: Vec<(usize, usize)> = std::iter::from_fn(next).collect();
        let long = all.len();
        for (index, finder) in &self.short {
            all.extend(finder.find_iter(text.as_bytes()).map(|at| (*index, at)));
        }
        if long < all.len() {
            all.sort_unstable_by_key(|(index, at)| (*at, *index));
        }
        all.into_iter()
    }

    fn next_long(&self, text: &str, from: usize) -> Option<Match> {
        match (&self.packed, &self.automaton) {
            (Some(packed), _) => packed.find_in(text, aho_corasick::Span::from(from..text.len())),
            (None, automaton) => automaton.as_ref()?.find(Input::new(text).range(from..)),
        }
    }

    /// Which needle stands where, in order, never two that overlap: its index
    /// and the offset of its first byte.
    pub fn find_iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let packed = self.packed.iter().flat_map(move |searcher| searcher.find_iter(text));
        let automaton = self.automaton.iter().flat_map(move |automaton| automaton.find_iter(text));
        let index = |found: Match| self.long.get(found.pattern().as_usize()).copied();
        let mut long = packed.chain(automaton).filter_map(move |found| Some((index(found)?, found.start()))).peekable();
        let finders = self.short.iter();
        let mut short: Vec<(usize, usize)> =
            finders.flat_map(|(index, finder)| finder.find_iter(text.as_bytes()).map(|at| (*index, at))).collect();
        short.sort_unstable_by_key(|(_, at)| *at);
        let mut short = short.into_iter().peekable();
        let both = std::iter::from_fn(move || match (long.peek(), short.peek()) {
            (Some((_, one)), Some((_, other))) if one <= other => long.next(),
            (Some(_), None) => long.next(),
            _ => short.next(),
        });
        let mut end = 0;
        both.filter(move |(index, at)| {
            let is_free = end <= *at;
            if is_free {
                end = at + self.lengths.get(*index).copied().unwrap_or(0);
            }
            is_free
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_needles_come_in_order_and_apart() {
        let needles = Needles::new([&b"[^"[..], b"oaicite", b"{{", b"cite]"].into_iter());
        let found: Vec<(usize, usize)> = needles.find_iter("{{ [^1] oaicite {{{ cite]").collect();
        assert_eq!(found, [(2, 0), (0, 3), (1, 8), (2, 16), (3, 20)]);
        assert_eq!(needles.find_iter("oaicite]").collect::<Vec<_>>(), [(1, 0)]);
        assert_eq!(needles.find_iter("").count(), 0);
    }

    #[test]
    fn short_needles_alone_are_found() {
        let needles = Needles::new([&b"- "[..], b"* "].into_iter());
        assert_eq!(needles.find_iter("a - b * c").collect::<Vec<_>>(), [(0, 2), (1, 6)]);
    }
}
