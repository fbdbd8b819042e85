//! Whether a word can begin or end so. In Chinese and Japanese `テムから` is
//! the rest of `システムから`: the dictionaries of `segment` see both sides of a
//! join at once and call many a wrong one whole; two letters on one side often
//! know better. In languages that have no list of words here, three letters
//! tell a piece from a word: no German word ends as `Feuchtigk` does.
//!
//! The tables list pairs and triples of letters that hardly ever stand behind
//! (`<`) or before (`>`) a word's edge, though they stand elsewhere in words.
//! Counted by `cargo bench --bench splicebench -- --edges` and `--trigrams`;
//! `docs/data.md` says on what.

use super::opening::language_of;
use super::script::is_unspaced_letter;
use super::table;

const EDGES: &str = include_str!("data/edges.txt");
const TRIGRAMS: &str = include_str!("data/trigrams.txt");

/// Whether `word` ends as hardly any word of the language does, by its code
/// (as [`super::language_of`] gives it).
#[must_use]
pub fn ends_as_no_word(language: &str, word: &str) -> bool {
    let lower = word.to_lowercase();
    let at = lower.char_indices().rev().nth(2).map_or(lower.len(), |(at, _)| at);
    is_rare(language, '>', lower.get(at..).unwrap_or_default())
}

/// Whether `word` begins as hardly any word of the language does.
#[must_use]
pub fn begins_as_no_word(language: &str, word: &str) -> bool {
    let lower = word.to_lowercase();
    let end = lower.char_indices().nth(2).map_or(0, |(at, c)| at + c.len_utf8());
    is_rare(language, '<', lower.get(..end).unwrap_or_default())
}

fn is_rare(language: &str, side: char, three: &str) -> bool {
    !three.is_empty()
        && table::find(TRIGRAMS, &format!("{language}{side}")).is_some_and(|list| list.contains(&format!(" {three} ")))
}

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
    fn pieces_are_told_from_words() {
        for (language, piece) in [("deu", "Feuchtigk"), ("fra", "gouv"), ("rus", "переклю"), ("spa", "gobi")] {
            assert!(ends_as_no_word(language, piece), "{piece}");
        }
        for (language, word) in
            [("deu", "Feuchtigkeit"), ("fra", "gouvernement"), ("rus", "переключить"), ("spa", "gobierno")]
        {
            assert!(!ends_as_no_word(language, word) && !begins_as_no_word(language, word), "{word}");
        }
        assert!(begins_as_no_word("deu", "chtigkeit") && begins_as_no_word("rus", "ьность"));
        assert!(!ends_as_no_word("deu", "") && !begins_as_no_word("deu", "x") && !ends_as_no_word("xxx", "word"));
    }

    #[test]
    fn edges_of_words() {
        assert!(begins_no_word("テムからの読み込み"));
        assert!(!begins_no_word("これは") && !begins_no_word("system") && !begins_no_word("の"));
        assert!(ends_no_word("このコンポーネ"));
        assert!(!ends_no_word("この") && !ends_no_word("x") && !ends_no_word(""));
    }
}
