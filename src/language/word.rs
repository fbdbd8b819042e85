//! Words at an edge, and whether they are whole.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::text::offset;

use super::common::{ENGLISH, common_lists};
use super::lexicon::{english_words_ending, is_english};
use super::script::{is_spaced_letter, is_unspaced_letter};

/// Belongs to a word: letters, digits, marks of any script.
#[must_use]
pub fn is_word_char(c: char) -> bool {
    is_spaced_letter(c) || is_unspaced_letter(c)
}

/// The longest word looked at. Longer runs of letters are no words; the limit
/// keeps every look at an edge short, whatever the text.
const LONGEST: usize = 96;

/// The word that `text` ends with, in bytes from its end; empty where the
/// last character is no letter.
#[must_use]
pub fn last_word(text: &str) -> &str {
    let start = text
        .char_indices()
        .rev()
        .take(LONGEST)
        .take_while(|(_, c)| is_spaced_letter(*c))
        .last()
        .map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

/// The word that `text` starts with; empty where the first character is no
/// letter.
#[must_use]
pub fn first_word(text: &str) -> &str {
    let end = text
        .char_indices()
        .take(LONGEST)
        .take_while(|(_, c)| is_spaced_letter(*c))
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8());
    text.get(..end).unwrap_or_default()
}

/// The words that an article itself attests, lower case. Built once, and only
/// when a first candidate asks.
#[derive(Debug, Default)]
pub struct Vocabulary<'a> {
    words: HashSet<Cow<'a, str>, RandomState>,
    /// The commonest words of the languages that it is in.
    common: HashSet<&'static str, RandomState>,
    is_english: bool,
}

impl<'a> Vocabulary<'a> {
    /// All words of `text` but those that touch one of `labels` (byte ranges,
    /// in order): they may be what a splice cut.
    #[must_use]
    pub fn of(text: &'a str, labels: &[Range<usize>]) -> Self {
        let mut words = HashSet::default();
        let mut labels = labels.iter().peekable();
        for (start, word) in words_of(text) {
            while labels.next_if(|label| label.end < start).is_some() {}
            if labels.peek().is_none_or(|label| start + word.len() < label.start) {
                words.insert(in_lower_case(word));
            }
        }
        let lists = common_lists(|word| words.contains(word));
        let is_english = lists.contains(&ENGLISH);
        let common = lists.into_iter().flat_map(str::split_ascii_whitespace).collect();
        Self { words, common, is_english }
    }

    /// Whether two pieces of a word are one when they are put together.
    #[must_use]
    pub fn joins(&self, left: &str, right: &str) -> bool {
        /// Shorter words come about by chance.
        const SHORTEST: usize = 5;
        let joined = format!("{left}{right}").to_lowercase();
        let is_long = joined.chars().count() >= SHORTEST;
        is_long && (self.words.contains(joined.as_str()) || self.is_english && is_english(&joined))
    }

    /// The words that end with `rest`, by their length in characters, and how
    /// likely each length is among them: the commonest words of the language
    /// count most, those of the article more than the rest of the list.
    #[must_use]
    pub fn lengths_of_words_ending(&self, rest: &str) -> BTreeMap<u32, f64> {
        const COMMON: f64 = 20.0;
        const OWN: f64 = 5.0;
        const LISTED: f64 = 1.0;
        let lower = rest.to_lowercase();
        let mut weights: BTreeMap<u32, f64> = BTreeMap::new();
        let mut count = |word: &str, weight: f64| {
            *weights.entry(offset(word.chars().count())).or_default() += weight;
        };
        for word in self.words.iter().filter(|word| word.ends_with(lower.as_str())) {
            count(word, OWN);
        }
        for word in self.common.iter().filter(|word| word.ends_with(lower.as_str())) {
            count(word, COMMON);
        }
        if self.is_english {
            for word in english_words_ending(&lower) {
                count(word, LISTED);
            }
        }
        let total: f64 = weights.values().sum();
        for weight in weights.values_mut() {
            *weight /= total;
        }
        weights
    }

    /// Whether `word` is none that we know, in a language whose words we know.
    #[must_use]
    pub fn lacks(&self, word: &str) -> bool {
        self.is_english && self.lacks_english(word)
    }

    /// Whether neither the article nor English has the word, in whatever
    /// language the article is.
    #[must_use]
    pub fn lacks_english(&self, word: &str) -> bool {
        !self.attests(word) && !is_english(&word.to_lowercase())
    }

    /// Whether `word` is attested as a whole word: by the article, or by the
    /// commonest words of its language.
    #[must_use]
    pub fn attests(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        self.words.contains(lower.as_str()) || self.common.contains(lower.as_str())
    }
}

/// A vocabulary that is built when a first candidate asks, and then shared by
/// all that ask.
#[derive(Debug)]
pub struct LazyVocabulary<'a> {
    text: &'a str,
    labels: Vec<Range<usize>>,
    built: OnceCell<Vocabulary<'a>>,
}

impl<'a> LazyVocabulary<'a> {
    /// As [`Vocabulary::of`].
    #[must_use]
    pub fn of(text: &'a str, labels: Vec<Range<usize>>) -> Self {
        Self { text, labels, built: OnceCell::new() }
    }

    /// The words that touch none of the labels.
    pub fn get(&self) -> &Vocabulary<'a> {
        self.built.get_or_init(|| Vocabulary::of(self.text, &self.labels))
    }

    /// The same, where somebody has asked before.
    #[must_use]
    pub fn built(&self) -> Option<&Vocabulary<'a>> {
        self.built.get()
    }
}

/// The words of a text with their offsets.
fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut end = 0;
    std::iter::from_fn(move || {
        let start = end + run_len(text.get(end..)?, false);
        end = start + run_len(text.get(start..)?, true);
        text.get(start..end).filter(|word| !word.is_empty()).map(|word| (start, word))
    })
}

/// Bytes of the run at the start of `text` that is of letters, or of anything
/// else. Most of most texts is ASCII, which the byte alone tells.
fn run_len(text: &str, of_letters: bool) -> usize {
    let mut end = 0;
    while let Some(byte) = text.as_bytes().get(end) {
        let (is_letter, length) = if byte.is_ascii() {
            (byte.is_ascii_alphanumeric(), 1)
        } else {
            let Some(c) = text.get(end..).and_then(|rest| rest.chars().next()) else { break };
            (is_spaced_letter(c), c.len_utf8())
        };
        if is_letter != of_letters {
            break;
        }
        end += length;
    }
    end
}

fn in_lower_case(word: &str) -> Cow<'_, str> {
    let is_lower = word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lower { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert_eq!(last_word("But it doe"), "doe");
        assert_eq!(last_word("it "), "");
        assert_eq!(first_word("why this"), "why");
        assert_eq!(first_word("é-x"), "é");
        assert_eq!(first_word("北约"), "");
    }

    #[test]
    fn cut_words_do_not_attest_themselves() {
        let vocabulary = Vocabulary::of("It doe(a.org)zhy this. Planning is planning.", &[6..13]);
        assert!(!vocabulary.attests("zhy"));
        assert!(vocabulary.attests("planning"));
    }
}
