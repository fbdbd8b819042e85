//! What a cut word may have been: suggestions for people, never repairs.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;

use crate::language::{Vocabulary, first_word, last_word};
use crate::rules::TextContext;
use crate::text::Span;

/// The words that a document's cut pieces may be of.
pub(super) struct Completions<'a> {
    context: &'a TextContext<'a>,
    words: OnceCell<Words<'a>>,
}

struct Words<'a> {
    forward: BTreeSet<&'a str>,
    backward: BTreeSet<String>,
}

/// So many suggestions for one piece.
const MOST: usize = 3;

impl<'a> Completions<'a> {
    pub(super) fn of(context: &'a TextContext<'a>) -> Self {
        Self { context, words: OnceCell::new() }
    }

    /// What may follow a piece that lost its end. The article's own words first;
    /// then endings that make a common word of it.
    pub(super) fn of_start(&self, piece: &str) -> Vec<String> {
        /// Endings of English words, commonest first.
        const ENDINGS: [&str; 12] = ["s", "g", "ng", "ing", "ed", "d", "e", "t", "y", "ly", "er", "ion"];
        let Some(vocabulary) = self.asked(piece) else { return Vec::new() };
        let words = self.words();
        let own = words.forward.range(piece..).map_while(|word| word.strip_prefix(piece));
        let mut found: Vec<String> = own.filter(|rest| !rest.is_empty()).take(MOST).map(str::to_owned).collect();
        if found.is_empty() && vocabulary.lacks(piece) {
            let is_word = |ending: &&str| !vocabulary.lacks_english(&format!("{piece}{ending}"));
            found.extend(ENDINGS.into_iter().filter(is_word).take(MOST).map(str::to_owned));
        }
        found
    }

    /// What may precede a piece that lost its start, by the article's own words.
    pub(super) fn of_end(&self, piece: &str) -> Vec<String> {
        if self.asked(piece).is_none() {
            return Vec::new();
        }
        let reversed: String = piece.chars().rev().collect();
        let own = self.words().backward.range(reversed.clone()..).map_while(|word| word.strip_prefix(&reversed));
        own.filter(|rest| !rest.is_empty()).take(MOST).map(|rest| rest.chars().rev().collect()).collect()
    }

    /// The vocabulary, where it is worth asking: `piece` may be no whole word.
    fn asked(&self, piece: &str) -> Option<&'a Vocabulary<'a>> {
        self.context.vocabulary.filter(|vocabulary| piece.chars().count() >= 3 && !vocabulary.attests(piece))
    }

    fn words(&self) -> &Words<'a> {
        self.words.get_or_init(|| {
            let text: &str = &self.context.document.text;
            let labels = self.context.citations.iter().filter(|citation| citation.kind.is_label());
            let labels = labels.map(|citation| citation.span.range());
            // Most words come again: sorting each once costs a fraction.
            let mut words: HashSet<&str, RandomState> = HashSet::default();
            let mut start = 0;
            for range in labels.chain([text.len()..text.len()]) {
                let between = Span::from_range(start..range.start.max(start)).slice(text);
                // What touches a label may be cut itself.
                let inner = between.len() - last_word(between).len();
                let outer = first_word(between).len().min(inner);
                let whole = between.get(outer..inner).unwrap_or_default();
                words.extend(whole.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 3));
                start = range.end.max(start);
            }
            let forward: BTreeSet<&str> = words.into_iter().collect();
            let backward = forward.iter().map(|word| word.chars().rev().collect()).collect();
            Words { forward, backward }
        })
    }
}
