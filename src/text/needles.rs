//! Many needles in one pass: with vector instructions where the processor has
//! them, else with an automaton.

use aho_corasick::{AhoCorasick, packed};

/// A set of needles, built once.
#[derive(Debug)]
pub struct Needles {
    packed: Option<packed::Searcher>,
    automaton: Option<AhoCorasick>,
}

impl Needles {
    /// For needles of one byte or more; a few dozen at most.
    pub fn new<'a>(needles: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let packed = packed::Searcher::new(needles.clone());
        let automaton = if packed.is_none() { AhoCorasick::new(needles).ok() } else { None };
        Self { packed, automaton }
    }

    /// Which needle stands where, in order, never two that overlap: its index
    /// and the offset of its first byte.
    pub fn find_iter<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let packed = self.packed.iter().flat_map(move |searcher| searcher.find_iter(text));
        let automaton = self.automaton.iter().flat_map(move |automaton| automaton.find_iter(text));
        packed.chain(automaton).map(|found| (found.pattern().as_usize(), found.start()))
    }
}
