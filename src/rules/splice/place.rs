//! Where labels stand in this document when nothing is wrong: the only hint
//! where a displaced one belongs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::citation::Kind;
use crate::language::{closes, ends_sentence, is_quote, last_word};
use crate::rules::TextContext;
use crate::text::Span;

/// The habit of the document's sound labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habit {
    /// Before the full stop, and not behind it.
    is_inside: bool,
    /// Set off by a space.
    pub(super) is_spaced: bool,
}

/// The habits of all forms, each read when first asked for.
#[derive(Debug, Default)]
pub(super) struct Habits {
    known: RefCell<BTreeMap<Kind, Habit>>,
}

impl Habits {
    pub(super) fn of(&self, context: &TextContext<'_>, kind: Kind) -> Habit {
        *self.known.borrow_mut().entry(kind).or_insert_with(|| Habit::of(context, kind))
    }
}

/// More labels tell no more.
const SAMPLE: usize = 200;

impl Habit {
    /// Of the labels of the same form as `kind`.
    fn of(context: &TextContext<'_>, kind: Kind) -> Self {
        let text: &str = &context.document.text;
        let (mut before, mut behind, mut spaced, mut glued) = (0_usize, 0_usize, 0_usize, 0_usize);
        let alike = context
            .citations
            .iter()
            .enumerate()
            .filter(|(index, citation)| citation.kind == kind && context.sound.holds(*index));
        for (_, citation) in alike.take(SAMPLE) {
            let left = text.get(..citation.span.start as usize).unwrap_or_default();
            let right = text.get(citation.span.end as usize..).unwrap_or_default();
            let is_spaced = left.ends_with([' ', '\n']);
            spaced += usize::from(is_spaced);
            glued += usize::from(!is_spaced);
            let bare = left.trim_end().trim_end_matches(|c| closes(c) || is_quote(c));
            before += usize::from(right.starts_with(ends_sentence));
            behind += usize::from(bare.ends_with(ends_sentence));
        }
        // With nothing to go by: behind the stop, with a space.
        Self { is_inside: before > behind, is_spaced: spaced >= glued }
    }

    /// Where the sentence ends that goes on behind `from`, as the place for a
    /// label; `None` where the block has no end to go by.
    pub(super) fn sentence_end(self, text: &str, block: Span, from: u32) -> Option<u32> {
        /// Sentences are shorter, in bytes.
        const LONGEST: usize = 2000;
        let rest = text.get(from as usize..block.end as usize)?;
        let is_whole = rest.len() <= LONGEST;
        let rest = rest.get(..rest.floor_char_boundary(LONGEST))?;
        for (at, c) in rest.char_indices().filter(|(_, c)| ends_sentence(*c)) {
            let behind = rest.get(at + c.len_utf8()..)?;
            let closing: usize = behind.chars().take_while(|c| closes(*c) || is_quote(*c)).map(char::len_utf8).sum();
            let next = behind.get(closing..)?;
            let is_end = next.is_empty() || next.starts_with(char::is_whitespace) || !c.is_ascii();
            if !is_end || c == '.' && is_abbreviation(rest.get(..at)?, next) {
                continue;
            }
            let end = if self.is_inside { at } else { at + c.len_utf8() + closing };
            return Some(from + crate::text::offset(end));
        }
        let bare = rest.trim_end();
        (is_whole && !bare.is_empty()).then(|| from + crate::text::offset(bare.len()))
    }
}

/// `U.S. officials`, `Dr. Weber`, `e.g. this`.
fn is_abbreviation(before: &str, next: &str) -> bool {
    let word = last_word(before);
    let goes_on = next.trim_start().starts_with(char::is_lowercase);
    goes_on || word.chars().count() <= 1 || matches!(word, "Dr" | "Mr" | "Mrs" | "Ms" | "St" | "Prof" | "No" | "vs")
}
