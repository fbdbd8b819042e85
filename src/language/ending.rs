//! What phrases hardly end with: articles, prepositions and their like, the
//! particles of Korean, the letters of Chinese and Japanese that lead on. A
//! citation stands behind a phrase; one behind `of the` interrupts it.
//!
//! The table gives for a language's ending how much less often a mark or a
//! bracket follows it than others, in tenths of a nat. Counted by `cargo bench --bench splicebench -- --endings`; `docs/data.md`
//! says on what.

use super::script::{is_spaced_letter, is_unspaced_letter};
use super::table;
use super::word::last_word;

const ENDINGS: &str = include_str!("data/endings.txt");

/// How seldom a phrase ends so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ending {
    /// Hardly ever.
    Never,
    /// Now and then.
    Seldom,
}

impl Ending {
    /// What the table's number means.
    #[must_use]
    pub fn of(tenths: u32) -> Option<Self> {
        match tenths {
            24.. => Some(Self::Never),
            10.. => Some(Self::Seldom),
            _ => None,
        }
    }
}

/// What the last word of `text` says, or its last letters where words are not
/// parted or grow at their ends, in a language by its code (as
/// [`super::language_of`] gives it); `None` where it says nothing.
#[must_use]
pub fn ending(language: &str, text: &str) -> Option<Ending> {
    ending_keys(text).iter().find_map(|key| listed(language, key))?.parse().ok().and_then(Ending::of)
}

/// Whether it says anything in some language. A look into all tables takes a
/// fifth of the time that it takes to tell a language.
#[must_use]
pub fn may_be_ending(text: &str) -> bool {
    let keys = ending_keys(text);
    LANGUAGES.iter().any(|language| keys.iter().any(|key| listed(language, key).is_some()))
}

fn listed(language: &str, key: &str) -> Option<&'static str> {
    table::find(ENDINGS, &format!("{language} {key}"))
}

/// The languages of the table.
const LANGUAGES: [&str; 23] = [
    "ara", "cat", "ces", "cmn", "deu", "ell", "eng", "fin", "fra", "hun", "ita", "jpn", "kor", "nld", "pol", "por",
    "ron", "rus", "spa", "swe", "tur", "ukr", "vie",
];

/// Under what the table may have the end of `text`, what says most first: a
/// word in lower case; of Chinese, Japanese and Korean the last two letters,
/// then the last.
#[must_use]
pub fn ending_keys(text: &str) -> Vec<String> {
    let Some(last) = text.chars().next_back() else { return Vec::new() };
    if is_spaced_letter(last) {
        return vec![last_word(text).to_lowercase()];
    }
    if !is_unspaced_letter(last) {
        return Vec::new();
    }
    let letters: Vec<char> = text.chars().rev().take(2).take_while(|c| is_unspaced_letter(*c)).collect();
    let two = letters.iter().rev().collect::<String>();
    if letters.len() == 2 { vec![two, last.to_string()] } else { vec![two] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_languages_are_those_of_the_table() {
        let mut languages: Vec<&str> = ENDINGS.lines().filter_map(|line| line.split(' ').next()).collect();
        languages.dedup();
        assert_eq!(languages, LANGUAGES);
    }

    #[test]
    fn what_ends_nothing_in_one_language_may_in_another() {
        assert_eq!(ending("deu", "sie kam, weil"), Some(Ending::Never));
        assert_eq!(ending("eng", "sie kam, weil"), None);
        assert!(may_be_ending("sie kam, weil") && !may_be_ending("the harbourmaster"));
    }
}
