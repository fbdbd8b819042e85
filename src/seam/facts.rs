//! Reads the facts of every site of a document.
//!
//! Each site's facts are its own; what the whole document says of it is for
//! `odds` to weigh.

use std::cell::OnceCell;
use std::ops::Range;

use crate::citation::{Citation, Kind};
use crate::document::{BlockKind, Document};
use crate::finding::Lost;
use crate::language::{
    LazyVocabulary, begins_as_no_word, begins_no_word, ending, ends_as_no_word, ends_clause, ends_no_word, is_dangling,
    is_inside_word, is_unspaced_letter, language_of_beginning, may_be_ending, opening,
};
use crate::text::{SourceSpan, Span};

use super::broken::BrokenLabel;
use super::evidence::{Contact, Fact, Place};
use super::gloss::{begins_with_particle, names_host};
use super::repeat::{Repeat, find_repeats};
use super::site::{Form, Gap, Site, find_sites};

/// A site and the facts that count for or against it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The citations of the run, as indices.
    pub citations: Range<usize>,
    /// The label, or the run of labels.
    pub label: Span,
    /// Its form.
    pub form: Form,
    /// Where it stands in its sentence.
    pub place: Place,
    /// What parts it from the text before; `None` where what touches says
    /// more.
    pub gap: Option<Gap>,
    /// A gap follows where chance might have hit a word.
    pub is_clear: bool,
    /// Whether it repeats the label before it; `None` where that is common by
    /// right.
    pub repeats_previous: Option<bool>,
    /// The facts.
    pub facts: Vec<Fact>,
    /// The other citation that it repeats, as an index.
    pub repeats: Option<usize>,
    /// The piece of a word that touches on the left; empty where none does.
    pub left: String,
    /// The piece that touches on the right, a hyphen or apostrophe left out.
    pub right: String,
    /// What the diagnosis says of the loss.
    pub lost: Option<Lost>,
    /// The diagnosis says that nothing is lost.
    pub is_lossless: bool,
    /// The last character of the sentence behind which the label was meant to
    /// stand, in the file, where the diagnosis leaves no other place.
    pub meant: Option<SourceSpan>,
    /// Both pieces are whole words.
    pub is_whole: bool,
    /// The label stands between two clauses, so that nothing need be missing.
    pub between_clauses: bool,
}

impl Reading {
    /// Whether letters show that nobody set the label there on purpose.
    #[must_use]
    pub fn is_displaced(&self) -> bool {
        self.facts.iter().any(|fact| match fact {
            Fact::Contact(_, contact) => matches!(
                contact,
                Contact::Both
                    | Contact::BothCapital
                    | Contact::Right
                    | Contact::RightCapital
                    | Contact::Hangul
                    | Contact::HangulRight
            ),
            Fact::InsideWord | Fact::FragmentLeft | Fact::FragmentRight | Fact::JoinsUp => true,
            _ => false,
        })
    }
}

/// The facts of all sites, in order. Sites that no weight may condemn (a
/// possessive behind the label, numbers in a document that cites by none) are
/// left out, and so are labels that are `broken` themselves: what touches them
/// is the rest of another label, and says nothing of where labels stand.
#[must_use]
pub fn read_sites<'a>(
    document: &'a Document,
    citations: &'a [Citation],
    broken: &[BrokenLabel],
    vocabulary: &'a LazyVocabulary<'a>,
) -> Vec<Reading> {
    let mut sites = find_sites(document, citations);
    sites.retain(|site| {
        let next = broken.partition_point(|broken| broken.span.end <= site.label.start);
        !broken.get(next).is_some_and(|broken| broken.span.overlaps(site.label))
    });
    if sites.is_empty() {
        return Vec::new();
    }
    let reader = Reader::new(document, citations, &sites, vocabulary);
    sites.iter().enumerate().filter_map(|(index, site)| reader.read(index, site)).collect()
}

/// The words of a document that touch no label.
#[must_use]
pub fn words_apart<'a>(document: &'a Document, citations: &[Citation]) -> LazyVocabulary<'a> {
    let labels = citations.iter().filter(|citation| citation.kind.is_label());
    LazyVocabulary::of(&document.text, labels.map(|citation| citation.span.range()).collect())
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}')
}

struct Reader<'a> {
    document: &'a Document,
    citations: &'a [Citation],
    repeats: Vec<Option<Repeat>>,
    /// For each site what touches it.
    contacts: Vec<Option<Contact>>,
    /// For each site whether it stands inside a word of a script without spaces.
    inside: Vec<bool>,
    vocabulary: &'a LazyVocabulary<'a>,
    /// The document's language, once asked for.
    language: OnceCell<Option<&'static str>>,
    /// Whether numbers serve as citations at all.
    marks_cite: bool,
}

/// One number stands where numbers stand, or two stand in the middle of words,
/// as no index and no power does.
fn marks_cite(sites: &[Site<'_>], contacts: &[Option<Contact>]) -> bool {
    let mut marks = sites.iter().zip(contacts).filter(|(site, _)| site.form == Form::Mark);
    let is_split = |contact: Option<Contact>| {
        matches!(contact, Some(Contact::Both | Contact::Right | Contact::Hangul | Contact::HangulRight))
    };
    marks.clone().any(|(site, contact)| site.right.touching.is_empty() || *contact == Some(Contact::Unspaced))
        || marks.by_ref().filter(|(_, contact)| is_split(**contact)).nth(1).is_some()
}

impl<'a> Reader<'a> {
    fn new(
        document: &'a Document,
        citations: &'a [Citation],
        sites: &[Site<'_>],
        vocabulary: &'a LazyVocabulary<'a>,
    ) -> Self {
        let repeats = find_repeats(&document.text, citations, sites);
        let contacts: Vec<Option<Contact>> = sites.iter().map(Site::contact).collect();
        let mut inside = Vec::with_capacity(sites.len());
        for site in sites {
            inside.push(
                site.is_between_letters() && is_inside_word(site.left.text.trim_end(), site.right.text.trim_start()),
            );
        }
        let marks_cite = marks_cite(sites, &contacts);
        Self { document, citations, repeats, contacts, inside, vocabulary, language: OnceCell::new(), marks_cite }
    }

    fn language(&self) -> Option<&'static str> {
        *self.language.get_or_init(|| language_of_beginning(&self.document.text))
    }

    fn read(&self, index: usize, site: &Site<'_>) -> Option<Reading> {
        let is_footnote = self.citations.get(site.citations.start).is_some_and(|first| first.kind == Kind::Footnote);
        let serves_as_word = site.right.is_possessive() && (site.left.gap || site.left.is_empty());
        if serves_as_word || site.form == Form::Mark && !is_footnote && !self.marks_cite {
            return None;
        }
        let contact = self.contacts.get(index).copied().flatten();
        // Raised by the markup, it stood there before the page was made.
        if site.raised && contact.is_none() {
            return None;
        }
        let mut facts = Vec::new();
        let repeat = self.repeats.get(index).copied().flatten();
        facts.extend(contact.map(|contact| Fact::Contact(site.form, contact)));
        let place = site.place();
        if ends_no_word(site.left.text.trim_end()) {
            facts.push(Fact::CutEnding);
        }
        if begins_no_word(site.right.text.trim_start()) {
            facts.push(Fact::CutBeginning);
        }
        // What was eaten took the space with it.
        if matches!(place, Place::AfterStop | Place::LowerAfterEnd) && !site.right.is_clear() {
            facts.extend(opening(site.right.text).map(Fact::Opening));
        }
        // At the ends of sentences sources repeat by right, and so do numbers
        // behind one name after another.
        let may_tell = !place.is_end() && (site.form != Form::Mark || contact.is_some());
        if may_tell && repeat.is_some_and(|repeat| repeat.is_before && !repeat.is_previous) {
            facts.push(Fact::Repeats);
        }
        if self.inside.get(index).copied().unwrap_or(false) {
            facts.push(Fact::InsideWord);
        }
        self.name_facts(index, site, &mut facts);
        let is_copy = repeat.is_some_and(|repeat| repeat.is_previous) && !place.is_end();
        let is_whole = self.word_facts(site, is_copy, &mut facts);
        Some(Reading {
            citations: site.citations.clone(),
            label: site.label,
            form: site.form,
            place,
            gap: site.gap(contact),
            is_clear: site.is_clear(contact),
            repeats_previous: may_tell.then(|| repeat.is_some_and(|repeat| repeat.is_previous)),
            facts,
            repeats: repeat.map(|repeat| repeat.citation),
            left: site.left.touching.to_owned(),
            right: site.right.piece().to_owned(),
            lost: None,
            is_lossless: false,
            meant: None,
            is_whole,
            between_clauses: site.left.last.is_some_and(ends_clause) || site.right.begins_clause(),
        })
    }

    /// What speaks for a label set into the sentence on purpose.
    fn name_facts(&self, index: usize, site: &Site<'_>, facts: &mut Vec<Fact>) {
        let citation = self.citations.get(site.citations.start);
        let host = citation.and_then(|citation| citation.target.as_ref()).and_then(|target| target.host.as_ref());
        let word = site.left.word();
        if site.form == Form::Label && host.is_some_and(|host| names_host(site.left.text, host.name())) {
            facts.push(Fact::Gloss);
        } else if site.left.gap && word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) {
            facts.push(Fact::AfterName);
        }
        if begins_with_particle(site.right.text) {
            facts.push(Fact::Particle);
        } else if site.is_mid_phrase() {
            facts.push(Fact::MidPhrase);
        }
        let is_inside = matches!(site.place(), Place::Inside | Place::ClauseEnd | Place::Clause);
        if is_inside && site.form == Form::Mark && site.right.touching.is_empty() {
            facts.push(Fact::MarkInside);
        }
        // A name in another script cannot be held against a host; and who is
        // named in the sentence is seldom cited elsewhere.
        let is_first = citation.is_some_and(|citation| citation.target.is_some())
            && self.repeats.get(index).is_some_and(Option::is_none);
        if is_inside
            && site.form == Form::Label
            && is_first
            && !site.left.last.is_some_and(|c| c.is_ascii() || is_latin(c))
        {
            facts.push(Fact::OnceInOtherScript);
        }
        /// Bytes of a line that is no running text.
        const SHORT: usize = 80;
        let length = site.left.text.len() + site.right.text.len();
        let is_apart = match site.block {
            BlockKind::TableCell | BlockKind::Heading => true,
            BlockKind::ListItem | BlockKind::Paragraph => length < SHORT,
            BlockKind::Definition | BlockKind::Code => false,
        };
        if is_apart {
            facts.push(Fact::Apart);
        }
    }

    /// Whether a phrase can end with what stands before the label.
    fn phrase_fact(&self, site: &Site<'_>) -> Option<Fact> {
        // `as shown in [3]`: a number with a space before it may be the noun.
        if site.form == Form::Mark && site.left.gap {
            return None;
        }
        if is_dangling(site.left.word()) {
            return Some(Fact::DanglingWord);
        }
        // Before a mark the phrase has ended, whatever ended it.
        let before = Some(site.left.text.trim_end()).filter(|_| site.place() == Place::Inside)?;
        /// Of so few labels it is less work to ask whether the language matters.
        const FEW: usize = 4;
        if self.contacts.len() <= FEW && !may_be_ending(before) {
            return None;
        }
        ending(self.language()?, before).map(Fact::Ending)
    }

    /// What the words beside the label say. Gives whether those that touch are
    /// whole words. Words with a capital may be names that no list has, so they
    /// count as cut only beside a copy of the label before.
    fn word_facts(&self, site: &Site<'_>, is_copy: bool, facts: &mut Vec<Fact>) -> bool {
        let (left, right) = (site.left.touching, site.right.touching);
        facts.extend(self.phrase_fact(site));
        if left.is_empty() && right.is_empty() {
            return true;
        }
        let before = site.left.word();
        let vocabulary = self.vocabulary.get();
        let may_be_cut = |word: &str| word.starts_with(char::is_lowercase) || is_copy && !word.is_empty();
        // A word in Latin letters amid Chinese is an English one, if not a name.
        let bare = site.left.text.get(..site.left.text.len() - left.len()).unwrap_or_default();
        let is_foreign = left.is_ascii() && bare.trim_end().ends_with(is_unspaced_letter);
        let is_cut =
            |word: &str| may_be_cut(word) && (vocabulary.lacks(word) || is_foreign && vocabulary.lacks_english(word));
        let is_left_whole = left.is_empty() || vocabulary.attests(left);
        let is_right_whole = right.is_empty() || vocabulary.attests(right);
        let is_rare =
            |ends: fn(&str, &str) -> bool, word: &str| self.language().is_some_and(|language| ends(language, word));
        if is_cut(left) {
            facts.push(Fact::FragmentLeft);
        } else if !is_left_whole && is_rare(ends_as_no_word, left) {
            facts.push(Fact::RareEnd);
        }
        if is_cut(right) {
            facts.push(Fact::FragmentRight);
        } else if !is_right_whole && is_rare(begins_as_no_word, right) {
            facts.push(Fact::RareStart);
        }
        let is_whole = is_left_whole && is_right_whole;
        if !is_whole && !right.is_empty() && vocabulary.joins(before, right) {
            facts.push(Fact::JoinsUp);
        }
        is_whole
    }
}
