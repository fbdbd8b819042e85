//! The facts on one side of a label.

use crate::language::{
    begins_no_sentence, closes, ends_clause, ends_sentence, first_word, is_common, is_dash, is_unspaced_letter,
    is_word_char, joins_clauses, last_word, opens,
};

/// What stands before a label, up to the start of its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left<'a> {
    /// The text up to the label.
    pub(super) text: &'a str,
    /// Whether white space parts it from the label.
    pub(super) gap: bool,
    /// The last character before that space.
    pub(super) last: Option<char>,
    /// The word that touches the label; empty where none does.
    pub(super) touching: &'a str,
}

impl<'a> Left<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let trimmed = text.trim_end();
        Self { text, gap: trimmed.len() < text.len(), last: trimmed.chars().next_back(), touching: last_word(text) }
    }

    /// At the start of the block, or behind the end of a sentence, quotation
    /// marks, brackets and emphasis left aside.
    pub(super) fn ends_sentence(&self) -> bool {
        let bare =
            self.text.trim_end().trim_end_matches(|c| closes(c) || matches!(c, '\'' | '’' | '*' | '_' | '~' | '`'));
        bare.is_empty() || bare.ends_with(ends_sentence)
    }

    /// Nothing but space stands before the label.
    pub(super) fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// `'word'`: the straight mark before the label ends a quotation that began
    /// with one not far before.
    pub(super) fn closes_quote(&self) -> bool {
        /// Bytes of a quotation of some words.
        const NEAR: usize = 120;
        let Some(quoted) = self.text.strip_suffix('\'') else { return false };
        let near = quoted.get(quoted.ceil_char_boundary(quoted.len().saturating_sub(NEAR))..).unwrap_or_default();
        near.match_indices('\'').any(|(at, _)| !near.get(..at).is_some_and(|before| before.ends_with(is_word_char)))
    }

    /// Whether a word of some length ends the sentence, and not an abbreviation
    /// or the block's beginning.
    pub(super) fn is_finished(&self) -> bool {
        let bare = self.text.trim_end().trim_end_matches(|c: char| !is_word_char(c));
        if bare.ends_with(is_unspaced_letter) {
            return true;
        }
        let word = last_word(bare);
        let length = word.chars().count();
        (length > 3 || length == 3 && word.chars().all(char::is_uppercase) || length > 1 && is_common(word))
            && !bare.get(..bare.len() - word.len()).unwrap_or_default().ends_with('.')
    }

    /// The last word, whether it touches or not.
    pub(super) fn word(&self) -> &'a str {
        last_word(self.text.trim_end())
    }
}

/// What stands behind a label, up to the end of its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Right<'a> {
    /// The text from the label on.
    pub(super) text: &'a str,
    /// The first character behind that space.
    pub(super) first: Option<char>,
    /// The word that touches the label; empty where none does.
    pub(super) touching: &'a str,
}

impl<'a> Right<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let trimmed = text.trim_start();
        Self { text, first: trimmed.chars().next(), touching: first_word(text) }
    }

    /// Whether the sentence goes on: a letter or digit, touching or not, or
    /// what opens a bracket, a quotation, an insertion.
    pub(super) fn goes_on(&self) -> bool {
        self.first.is_some_and(|c| is_word_char(c) || opens(c) || is_dash(c))
    }

    /// Whether no letter touches, nor what could begin a sentence.
    pub(super) fn is_clear(&self) -> bool {
        self.text.chars().next().is_none_or(|c| c.is_whitespace() || closes(c) || ends_sentence(c) || ends_clause(c))
    }

    /// Whether what follows cannot begin a sentence: a lower-case letter, a
    /// particle, a letter that only goes on a syllable.
    pub(super) fn is_low(&self) -> bool {
        let mut letters = self.text.trim_start().chars();
        let first = letters.next();
        first.is_some_and(char::is_lowercase)
            || first.is_some_and(begins_no_sentence) && !letters.next().is_some_and(ends_clause)
    }

    /// Whether a new clause begins behind it.
    pub(super) fn begins_clause(&self) -> bool {
        joins_clauses(first_word(self.text.trim_start()))
    }

    /// `(host)’s`, `(host)-based`: the label serves as a word.
    pub(super) fn is_possessive(&self) -> bool {
        self.hyphenated().is_some_and(|(mark, word)| {
            let is_possessive = matches!(mark, '\'' | '’') && matches!(word, "s" | "S");
            let is_compound = mark == '-' && matches!(word, "based" | "style" | "like" | "type" | "hosted" | "owned");
            is_possessive || is_compound
        })
    }

    /// The word that touches, a hyphen or apostrophe between them or not.
    pub(super) fn piece(&self) -> &'a str {
        if self.touching.is_empty() { self.hyphenated().map_or("", |(_, word)| word) } else { self.touching }
    }

    /// `)-tab`, `)’s`: the word behind a hyphen or apostrophe that touches.
    pub(super) fn hyphenated(&self) -> Option<(char, &'a str)> {
        let mark = self.text.chars().next().filter(|c| matches!(c, '-' | '‑' | '\'' | '’'))?;
        let word = first_word(self.text.get(mark.len_utf8()..)?);
        (!word.is_empty()).then_some((mark, word))
    }

    /// `)# Heading`, `)### Next`: a heading mark that lost its line.
    pub(super) fn heading_mark(&self) -> bool {
        let marks = self.text.bytes().take_while(|byte| *byte == b'#').count();
        (1..=6).contains(&marks) && self.text.as_bytes().get(marks) == Some(&b' ')
    }
}
