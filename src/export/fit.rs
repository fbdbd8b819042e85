//! Whether a stretch of text is what an annotation says it is.

use crate::language::{ends_sentence, is_spaced_letter};

use super::answer::{Annotation, MisfitReason, Role};
use super::marker::{address_key, is_whole};

/// How well a stretch of text fits an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the quoted text, or a whole marker of the cited source.
    Proven,
    /// Nothing proves it; so well its edges fall on those of words and
    /// sentences: 0 where a word is cut, 1 at white space, 2 between words, 3
    /// around sentences.
    Likely(u8),
    /// It is not what the annotation says.
    Refuted(MisfitReason),
}

/// What can prove an annotation, looked up once.
#[derive(Debug)]
pub(super) enum Proof {
    /// Its quoted text, folded.
    Quote(String),
    /// A whole marker that shows one of these addresses, or none.
    Marker(Vec<String>),
    /// Nothing; the edges of words and sentences must do.
    Edges,
    /// There is nothing to prove: something beside the text.
    None,
}

impl Proof {
    pub(super) fn of(annotation: &Annotation) -> Self {
        match &annotation.quote {
            Some(quote) if !quote.trim().is_empty() => return Self::Quote(folded(quote)),
            Some(_) => return Self::None,
            None => {}
        }
        match annotation.role {
            Role::Marker | Role::Hidden => Self::Marker(keys(annotation)),
            Role::Claim | Role::Point => Self::Edges,
            Role::Aside => Self::None,
        }
    }

    pub(super) fn is_strong(&self) -> bool {
        matches!(self, Self::Quote(_) | Self::Marker(_))
    }

    /// How the bytes `start..end` of `text` fit; both stand on character
    /// boundaries.
    pub(super) fn fit(&self, text: &str, start: usize, end: usize) -> Fit {
        let slice = text.get(start..end).unwrap_or_default();
        match self {
            Self::Quote(quote) if slice.len() <= quote.len() * 3 && folded(slice) == *quote => Fit::Proven,
            Self::Quote(_) => Fit::Refuted(MisfitReason::OtherText),
            Self::Marker(keys) if is_whole(slice, keys) => Fit::Proven,
            Self::Marker(_) => Fit::Refuted(MisfitReason::NoMarker),
            Self::Edges => Fit::Likely(edges(text, start, end)),
            Self::None => Fit::Likely(2),
        }
    }
}

/// The addresses that an annotation cites, for comparing.
pub(super) fn keys(annotation: &Annotation) -> Vec<String> {
    annotation.sources.iter().filter_map(|source| source.url.as_deref()).map(address_key).collect()
}

/// Spaces and hyphens of one kind, so that recorders that fold them one to
/// one still fit: U+00A0, U+2007, U+2009, U+202F; U+2010, U+2011.
pub(super) fn folded(text: &str) -> String {
    let fold = |c| match c {
        '\u{A0}' | '\u{2007}' | '\u{2009}' | '\u{202F}' => ' ',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    };
    text.chars().map(fold).collect()
}

fn edges(text: &str, start: usize, end: usize) -> u8 {
    let (Some(before), Some(slice), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..)) else {
        return 0;
    };
    let (last_before, first, last, first_after) =
        (before.chars().next_back(), slice.chars().next(), slice.chars().next_back(), after.chars().next());
    let (Some(first), Some(last)) = (first, last) else {
        return point(last_before, first_after);
    };
    let joins = |one: Option<char>, other: char| is_spaced_letter(other) && one.is_some_and(is_spaced_letter);
    if joins(last_before, first) || joins(first_after, last) {
        return 0;
    }
    if first.is_whitespace() || last.is_whitespace() {
        return 1;
    }
    let begins = last_before.is_none_or(|c| c.is_whitespace() || ends_sentence(c));
    let stops = ends_sentence(last) || first_after.is_none_or(|c| c == '\n' || ends_sentence(c));
    if begins && stops { 3 } else { 2 }
}

/// A point stands where a word ends, best where a sentence does.
fn point(before: Option<char>, after: Option<char>) -> u8 {
    if before.is_some_and(is_spaced_letter) && after.is_some_and(is_spaced_letter) {
        return 0;
    }
    let stops = before.is_some_and(ends_sentence) || after.is_none_or(|c| c == '\n' || ends_sentence(c));
    if stops { 3 } else { 2 }
}
