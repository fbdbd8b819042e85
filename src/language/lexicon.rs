//! A list of English words, to tell that `plan` and `ning` are one word put
//! asunder. It explains a finding and never makes one, so it is looked at
//! only where a label touches letters on both sides.
//!
//! The list is text, sorted by bytes, and searched where it lies: nothing is
//! unpacked or built. Source and licence: `docs/data.md`.

const ENGLISH: &str = include_str!("data/english.txt");

/// Whether `word` (lower case) is on the list.
pub(super) fn is_english(word: &str) -> bool {
    let mut rest = ENGLISH;
    while !rest.is_empty() {
        let middle = rest.floor_char_boundary(rest.len() / 2);
        let start = rest.get(..middle).and_then(|head| head.rfind('\n')).map_or(0, |at| at + 1);
        let end = rest.get(start..).and_then(|tail| tail.find('\n')).map_or(rest.len(), |at| start + at);
        match rest.get(start..end).unwrap_or_default().cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest = rest.get(end + 1..).unwrap_or_default(),
            std::cmp::Ordering::Greater => rest = rest.get(..start).unwrap_or_default(),
        }
    }
    false
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
