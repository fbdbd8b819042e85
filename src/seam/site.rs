//! The places where labels stand.

use std::ops::Range;

use crate::citation::{Citation, Kind, is_opening_mark};
use crate::document::{BlockKind, Document};
use crate::text::Span;

use crate::language::{ends_clause, ends_sentence, is_spaced_letter, is_unspaced_letter, is_word_char};

use super::evidence::{Contact, Place};
use super::gloss::{begins_with_particle, ends_phrase};
use super::side::{Left, Right};

/// Forms differ in what contact means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// In brackets, set off by spaces: `(host)`.
    Label,
    /// Set right behind a word: `[12]`.
    Mark,
    /// Set anywhere by machines: tokens.
    Token,
}

impl Form {
    pub(super) const ALL: [Self; 3] = [Self::Label, Self::Mark, Self::Token];

    /// Its own among numbers in the order of [`Form::ALL`].
    pub(super) const fn pick(self, [label, mark, token]: [f64; 3]) -> f64 {
        match self {
            Self::Label => label,
            Self::Mark => mark,
            Self::Token => token,
        }
    }

    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Numeric | Kind::Footnote => Self::Mark,
            Kind::Token => Self::Token,
            _ => Self::Label,
        }
    }
}

/// What stands between a label and the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// A space does.
    pub is_there: bool,
    /// The text before ends with a letter, and not with a mark.
    pub behind_letter: bool,
    /// That letter or mark is of a script that sets no spaces.
    pub is_unspaced: bool,
}

/// Labels with nothing but a space between them, judged as one, with the text
/// on both sides.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub(super) citations: Range<usize>,
    pub(super) label: Span,
    pub(super) form: Form,
    /// Whether the markup raises it, so that readers see where it stands.
    pub(super) raised: bool,
    pub(super) block: BlockKind,
    pub(super) left: Left<'a>,
    pub(super) right: Right<'a>,
}

/// All sites in the prose of a document, in order.
pub(super) fn find_sites<'a>(document: &'a Document, citations: &[Citation]) -> Vec<Site<'a>> {
    let text: &str = &document.text;
    let mut sites: Vec<Site<'a>> = Vec::new();
    for (index, citation) in citations.iter().enumerate().filter(|(_, citation)| citation.kind.is_label()) {
        let Some((_, block)) = document.prose_block(citation.span) else { continue };
        let label = citation.span.slice(text);
        // What opens a claim stands before it, and touches it by right.
        if block.kind == BlockKind::Definition || is_tracker(label) || is_opening_mark(label) {
            continue;
        }
        let right = Right::of(text.get(citation.span.end as usize..block.span.end as usize).unwrap_or_default());
        let form = Form::of(citation.kind);
        if let Some(site) = sites.last_mut()
            && site.citations.end == index
            && site.form == form
            && block.span.contains(site.label)
            && Span::new(site.label.end, citation.span.start).slice(text).trim_matches(' ').is_empty()
        {
            site.citations.end = index + 1;
            site.label = site.label.join(citation.span);
            site.right = right;
            continue;
        }
        let left = Left::of(text.get(block.span.start as usize..citation.span.start as usize).unwrap_or_default());
        let citations = index..index + 1;
        let raised = citation.kind == Kind::Footnote && !citation.span.slice(text).starts_with("[^");
        sites.push(Site { citations, label: citation.span, form, raised, block: block.kind, left, right });
    }
    sites
}

/// `([#123](…))`, `(#7)`: an entry of a tracker of issues, part of its sentence
/// wherever it stands.
fn is_tracker(label: &str) -> bool {
    let name = label.trim_matches(['(', ')', '[', ']']);
    let number = name.strip_prefix(['#', '!']).or_else(|| name.strip_prefix("GH-"));
    number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

impl Site<'_> {
    /// Where it stands in its sentence.
    pub(super) fn place(&self) -> Place {
        let is_clause = |c: Option<char>| c.is_some_and(ends_clause);
        match () {
            () if self.left.is_empty() && self.right.goes_on() => Place::BlockStart,
            // `as follows:[3]`, before the list.
            () if self.right.first.is_none() && self.left.last.is_some_and(|c| matches!(c, ':' | '：')) => {
                Place::BlockEnd
            }
            () if self.left.ends_sentence() && self.right.is_low() && self.left.is_finished() => Place::LowerAfterEnd,
            () if self.left.ends_sentence() => Place::AfterStop,
            () if is_clause(self.right.first) => Place::ClauseEnd,
            () if is_clause(self.left.last) => Place::Clause,
            () if self.right.goes_on() => Place::Inside,
            () if self.right.first.is_none() => Place::BlockEnd,
            () => Place::BeforeStop,
        }
    }

    /// What parts it from the text before; `None` where nothing is before, or
    /// `contact` says more.
    pub(super) fn gap(&self, contact: Option<Contact>) -> Option<Gap> {
        let last = self.left.last?;
        let is_plain = contact.is_none_or(|contact| {
            matches!(contact, Contact::Left | Contact::Unspaced | Contact::Hangul | Contact::HangulParticle)
        });
        // Behind a Latin name in a Chinese sentence, too.
        const NEAR: usize = 24;
        let is_unspaced = self.left.text.chars().rev().take(NEAR).any(|c| is_unspaced_letter(c) && !is_hangul(c))
            || self.right.first.is_some_and(|c| is_unspaced_letter(c) && !is_hangul(c));
        is_plain.then(|| Gap { is_there: self.left.gap, behind_letter: is_word_char(last), is_unspaced })
    }

    /// Whether a gap follows where chance might have hit a word: a space, a
    /// mark, the end of the block. Between letters of a script without spaces
    /// there are no gaps to hit.
    pub(super) fn is_clear(&self, contact: Option<Contact>) -> bool {
        let is_untouched = contact.is_none_or(|contact| contact == Contact::Left);
        is_untouched && self.right.is_clear() && (!self.is_between_letters() || self.right.first.is_none())
    }

    /// What touches it.
    pub(super) fn contact(&self) -> Option<Contact> {
        if self.right.heading_mark() && !self.left.text.is_empty() {
            return Some(Contact::Heading);
        }
        // A raised mark needs no space; only letters that belong together tell.
        self.letters_contact().filter(|contact| !self.raised || *contact == Contact::Both)
    }

    fn letters_contact(&self) -> Option<Contact> {
        let before = self.left.text.chars().next_back();
        let after = self.right.text.chars().next();
        let touches_left = before.is_some_and(is_word_char);
        let touches_right = after.is_some_and(is_word_char);
        if after.is_some_and(is_hangul) || touches_right && before.is_some_and(is_hangul) {
            // `이름 (host)는`: a particle belongs to the word before the label.
            let follows_word = self.left.last.is_some_and(is_word_char);
            return Some(match touches_left {
                _ if follows_word && begins_with_particle(self.right.text) => Contact::HangulParticle,
                true => Contact::Hangul,
                false => Contact::HangulRight,
            });
        }
        let is_wide = |c: char| is_unspaced_letter(c) || !c.is_ascii() && (ends_sentence(c) || ends_clause(c));
        if before.is_some_and(is_wide) || after.is_some_and(is_wide) || self.left.last.is_some_and(is_wide) {
            return (touches_left && touches_right).then_some(Contact::Unspaced);
        }
        self.spaced_contact(before, after)
    }

    fn spaced_contact(&self, before: Option<char>, after: Option<char>) -> Option<Contact> {
        let touches_left = before.is_some_and(is_spaced_letter);
        let is_hyphen = |c: char| matches!(c, '-' | '‑' | '\'' | '‘');
        let bare = self.left.text.trim_end_matches(is_hyphen);
        let hangs = before.is_some_and(is_hyphen) && bare.ends_with(is_spaced_letter) && !self.left.closes_quote();
        match after {
            Some(c) if is_spaced_letter(c) && touches_left => {
                Some(if c.is_uppercase() || c.is_numeric() { Contact::BothCapital } else { Contact::Both })
            }
            Some(c) if c.is_numeric() => Some(Contact::RightDigit),
            Some(c) if is_spaced_letter(c) => {
                Some(if c.is_uppercase() { Contact::RightCapital } else { Contact::Right })
            }
            _ if self.right.hyphenated().is_some() || hangs => Some(Contact::Hyphen),
            _ if touches_left => Some(Contact::Left),
            _ => None,
        }
    }
}

impl Site<'_> {
    /// Between letters of a script without spaces, whether they touch or not.
    pub(super) fn is_between_letters(&self) -> bool {
        self.left.last.is_some_and(is_unspaced_letter)
            && self.right.first.is_some_and(|c| is_unspaced_letter(c) && !is_hangul(c))
    }

    /// In a script without spaces, with letters on both sides and neither a
    /// particle before nor one behind: no phrase ends there.
    pub(super) fn is_mid_phrase(&self) -> bool {
        let before = self.left.text.chars().next_back();
        let after = self.right.text.chars().next();
        let is_letter = |c: Option<char>| c.is_some_and(is_unspaced_letter);
        let is_between = is_letter(before) && after.is_some_and(is_word_char)
            || is_letter(after) && before.is_some_and(is_word_char);
        is_between && !begins_with_particle(self.right.text) && !before.is_some_and(ends_phrase)
    }
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}')
}
