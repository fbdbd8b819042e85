//! Whether a word can begin or end so, in Chinese and Japanese: `テムから` is
//! the rest of `システムから`. The dictionaries of `segment` see both sides of a
//! join at once and call many a wrong one whole; two letters on one side often
//! know better.
//!
//! The table lists pairs of letters that hardly ever stand behind (`<`) or
//! before (`>`) a word's edge. Counted by `cargo bench --bench splicebench --
//! --edges`; `docs/data.md` says on what.

use super::opening::language_of;
use super::script::is_unspaced_letter;
use super::table;

const EDGES: &str = include_str!("data/edges.txt");

/// Whether hardly any word begins as `text` does.
#[must_use]
pub fn begins_no_word(text: &str) -> bool {
    is_listed(text, '<', text.chars().take(2))
}

/// Whether hardly any word ends as `text` does.
#[must_use]
pub fn ends_no_word(text: &str) -> bool {
    /// Bytes that show the language.
    const NEAR: usize = 120;
    let near = text.get(text.ceil_char_boundary(text.len().saturating_sub(NEAR))..).unwrap_or_default();
    let last = near.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
    is_listed(near, '>', near.get(last..).unwrap_or_default().chars())
}

fn is_listed(near: &str, side: char, pair: impl Iterator<Item = char> + Clone) -> bool {
    pair.clone().count() == 2 && pair.clone().all(is_unspaced_letter) && {
        let key: String = language_of(near).chars().chain([side]).chain(pair).collect();
        table::find(EDGES, &key).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let keys: Vec<&str> = EDGES.lines().collect();
        assert!(keys.is_sorted() && keys.len() > 5000);
        assert!(keys.iter().step_by(53).all(|key| table::find(EDGES, key).is_some()));
    }

    #[test]
    fn edges_of_words() {
        assert!(begins_no_word("テムからの読み込み"));
        assert!(!begins_no_word("これは") && !begins_no_word("system") && !begins_no_word("の"));
        assert!(ends_no_word("このコンポーネ"));
        assert!(!ends_no_word("この") && !ends_no_word("x") && !ends_no_word(""));
    }
}
