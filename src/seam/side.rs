//! The facts on one side of a label.

use crate::language::{closes, ends_sentence, first_word, is_spaced_letter, is_unspaced_letter, last_word};

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

    /// The last word, whether it touches or not.
    pub(super) fn word(&self) -> &'a str {
        last_word(self.text.trim_end())
    }

    pub(super) fn touches_unspaced(&self) -> bool {
        !self.gap && self.last.is_some_and(is_unspaced_letter)
    }
}

/// What stands behind a label, up to the end of its block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Right<'a> {
    /// The text from the label on.
    pub(super) text: &'a str,
    /// Whether white space parts it from the label.
    pub(super) gap: bool,
    /// The first character behind that space.
    pub(super) first: Option<char>,
    /// The word that touches the label; empty where none does.
    pub(super) touching: &'a str,
}

impl<'a> Right<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let trimmed = text.trim_start();
        Self { text, gap: trimmed.len() < text.len(), first: trimmed.chars().next(), touching: first_word(text) }
    }

    /// Whether the sentence goes on: a letter or digit, touching or not.
    pub(super) fn goes_on(&self) -> bool {
        self.first.is_some_and(|c| is_spaced_letter(c) || is_unspaced_letter(c))
    }

    pub(super) fn touches_unspaced(&self) -> bool {
        !self.gap && self.first.is_some_and(is_unspaced_letter)
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
