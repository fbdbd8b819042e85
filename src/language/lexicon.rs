//! A list of English words, to tell that `plan` and `ning` are one word put
//! asunder. It explains a finding and never makes one, so it is looked at
//! only where a label touches letters on both sides.
//!
//! Source and licence: `docs/data.md`.

use memchr::memmem;

use super::table;

const ENGLISH: &str = include_str!("data/english.txt");

/// Whether `word` (lower case) is on the list.
pub(super) fn is_english(word: &str) -> bool {
    table::find(ENGLISH, word).is_some()
}

/// The words of the list that end with `rest` (lower case).
pub(super) fn english_words_ending(rest: &str) -> impl Iterator<Item = &'static str> {
    let line_end = format!("{rest}\n");
    let ends: Vec<usize> = memmem::find_iter(ENGLISH.as_bytes(), &line_end).collect();
    let length = rest.len();
    ends.into_iter().filter_map(move |at| {
        let head = ENGLISH.get(..at)?;
        let start = head.rfind('\n').map_or(0, |line| line + 1);
        ENGLISH.get(start..at + length)
    })
}

#[cfg(test)]
mod tests {
    use super::{ENGLISH, is_english};

    #[test]
    fn every_word_is_found() {
        assert!(ENGLISH.lines().is_sorted());
        assert!(ENGLISH.lines().step_by(97).all(is_english));
        assert!(is_english("planning") && is_english(ENGLISH.lines().next().unwrap()));
        assert!(!is_english("planniaty") && !is_english("") && !is_english("zzz"));
    }
}
