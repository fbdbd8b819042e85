//! Words where no spaces part them: Chinese, Japanese, Thai, by the
//! dictionaries that Unicode's ICU ships.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;

/// Characters on either side that settle where the words end.
const REACH: usize = 16;

/// Whether a word begins in `before` and ends in `after`. Both are read as if
/// nothing stood between them.
#[must_use]
pub fn is_inside_word(before: &str, after: &str) -> bool {
    let start = before.char_indices().rev().take(REACH).last().map_or(before.len(), |(at, _)| at);
    let near = before.get(start..).unwrap_or_default();
    let text: String = near.chars().chain(after.chars().take(REACH)).collect();
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    !segmenter.segment_str(&text).any(|end| end == near.len())
}

/// Where the words of `text` end, in bytes, its end among them.
pub fn word_ends(text: &str) -> impl Iterator<Item = usize> {
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    segmenter.segment_str(text).skip(1).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::is_inside_word;

    #[test]
    fn words_without_spaces() {
        assert!(is_inside_word("他们在北京大", "学读书"));
        assert!(!is_inside_word("他们在", "北京大学读书"));
        assert!(is_inside_word("コンピュ", "ータを使う"));
        assert!(!is_inside_word("コンピュータを", "使う"));
        assert!(is_inside_word("ภาษาไ", "ทย"));
    }
}
