//! How likely a sentence begins so, in Chinese and Japanese: where no space
//! and no capital tells, the first letters do. `トを使う` goes on a word,
//! `今回は` begins something.
//!
//! The table gives log-odds in tenths of a nat: how much more often a sentence
//! begins with one letter, or two, than a cut leaves such a rest. Counted by
//! `cargo bench --bench splicebench -- --openings`; `docs/data.md` says on
//! what.

use super::script::is_unspaced_letter;
use super::table;

const OPENINGS: &str = include_str!("data/openings.txt");

/// Whether a sentence begins so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Opening {
    /// Hardly ever.
    Never,
    /// Now and then.
    Seldom,
    /// More often than not.
    Often,
}

/// What the first letters of `text` say; `None` where they say nothing, or
/// are of another script.
#[must_use]
pub fn opening(text: &str) -> Option<Opening> {
    let first = text.chars().next().filter(|c| is_unspaced_letter(*c))?;
    let language = language_of(text);
    let both: String = text.chars().take(2).collect();
    let find = |key: &str| table::find(OPENINGS, &format!("{language}{key}"));
    let tenths: i32 = find(&both).or_else(|| find(&first.to_string()))?.parse().ok()?;
    match tenths {
        ..=-24 => Some(Opening::Never),
        -23..=-9 => Some(Opening::Seldom),
        9.. => Some(Opening::Often),
        _ => None,
    }
}

/// Japanese where kana stand near, else Chinese.
pub(super) fn language_of(text: &str) -> &'static str {
    const NEAR: usize = 40;
    let is_kana = |c: char| matches!(c, '\u{3040}'..='\u{30FF}');
    if text.chars().take(NEAR).any(is_kana) { "ja" } else { "zh" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let keys: Vec<&str> = OPENINGS.lines().filter_map(|line| line.split('\t').next()).collect();
        assert!(keys.is_sorted() && keys.len() > 5000);
        assert!(keys.iter().step_by(53).all(|key| table::find(OPENINGS, key).is_some()));
        assert_eq!(table::find(OPENINGS, "zh𠀀"), None);
    }

    #[test]
    fn beginnings_and_rests() {
        assert_eq!(opening("トを使用することで"), Some(Opening::Never));
        assert_eq!(opening("を使う"), Some(Opening::Never));
        assert_eq!(opening("また、この"), Some(Opening::Often));
        assert_eq!(opening("但是这个"), Some(Opening::Often));
        assert_eq!(opening("的时候"), Some(Opening::Never));
        assert_eq!(opening("Then"), None);
    }
}
