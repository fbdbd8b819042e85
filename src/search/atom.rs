//! What of a passage can be looked up in a page: its quotations, and its
//! atoms, which are numbers and names. Common words tell no page from another.

use crate::language::{ends_sentence, is_unspaced_letter};
use crate::passage::{Word, read_words};

/// A passage that cites a site and no page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passage {
    /// The index of the citation in its document.
    pub citation: usize,
    /// What it quotes from there.
    pub quotations: Vec<String>,
    /// Its numbers and names.
    pub atoms: Vec<Atom>,
    /// All its longer words, folded, each once.
    pub words: Vec<String>,
    /// Stands for the words before the citation: see [`context_of`].
    pub context: Option<u64>,
}

/// A number or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// As the article writes it.
    pub written: String,
    /// Its words, folded.
    pub words: Vec<String>,
}

/// More atoms of a passage, and more of its words, are not looked at.
const MOST_ATOMS: usize = 40;
const MOST_WORDS: usize = 300;

/// Words in a name.
const LONGEST_NAME: usize = 4;

/// Languages that write all their nouns with a capital: one by itself is no
/// name there.
const CAPITAL_NOUNS: &[&str] = &["deu", "ltz"];

/// Fewer letters, or digits, are met by chance.
const FEWEST_LETTERS: usize = 4;
const FEWEST_DIGITS: usize = 3;

impl Passage {
    /// Reads the words of a passage. `site` is the name of the site that it
    /// cites, which stands on all of its pages; `language` an ISO 639-3 code.
    #[must_use]
    pub fn read(citation: usize, text: &str, site: &str, language: Option<&str>) -> Self {
        let words = read_words(text);
        let are_nouns_capital = language.is_none_or(|language| CAPITAL_NOUNS.contains(&language));
        let mut atoms = numbers(text, &words);
        atoms.extend(names(text, &words, are_nouns_capital));
        atoms.retain(|atom| atom.words.concat() != site);
        atoms.truncate(MOST_ATOMS);
        // Short words join others, in any language that writes spaces.
        let tells = |word: &String| {
            word.chars().count() >= FEWEST_LETTERS || word.chars().any(|c| c.is_ascii_digit() || is_unspaced_letter(c))
        };
        let mut known: Vec<String> = words.into_iter().take(MOST_WORDS).map(|word| word.folded).filter(tells).collect();
        known.sort_unstable();
        known.dedup();
        Self { citation, quotations: Vec::new(), atoms, words: known, context: None }
    }
}

/// Numbers of some digits that are no years.
fn numbers(text: &str, words: &[Word]) -> Vec<Atom> {
    let is_year = |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    let is_telling = |word: &&Word| {
        let folded = word.folded.as_str();
        let digits = folded.bytes().filter(u8::is_ascii_digit).count();
        let is_number = folded.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        is_number && !is_year(folded) && (digits >= FEWEST_DIGITS || folded.contains('.') && digits > 1)
    };
    let mut atoms: Vec<Atom> = Vec::new();
    for word in words.iter().filter(is_telling) {
        push(&mut atoms, word.span.slice(text), vec![word.folded.clone()]);
    }
    atoms
}

/// Words with a capital where no sentence begins, joined to names.
fn names(text: &str, words: &[Word], are_nouns_capital: bool) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut run: Vec<&Word> = Vec::new();
    let mut end = None;
    for word in words {
        let between = end.and_then(|end: u32| text.get(end as usize..word.span.start as usize));
        end = Some(word.span.end);
        // Nobody knows what stands before the passage: it may begin with a sentence.
        let begins_sentence = between.is_none_or(|between| between.contains(|c| ends_sentence(c) || c == '\n'));
        let written = word.span.slice(text);
        let is_capital = written.starts_with(char::is_uppercase);
        let is_joined = matches!(between, Some(" " | "-" | "\u{a0}"));
        if !is_joined || !is_capital || run.len() == LONGEST_NAME {
            close(text, &mut run, are_nouns_capital, &mut atoms);
        }
        if is_capital && (!begins_sentence || is_acronym(written)) {
            run.push(word);
        }
    }
    close(text, &mut run, are_nouns_capital, &mut atoms);
    atoms
}

fn close(text: &str, run: &mut Vec<&Word>, are_nouns_capital: bool, atoms: &mut Vec<Atom>) {
    let run = std::mem::take(run);
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
    let written = text.get(first.span.start as usize..last.span.end as usize).unwrap_or_default();
    let is_name = match run.as_slice() {
        [_] if is_acronym(written) => written.len() > 2,
        [_] => !are_nouns_capital && written.chars().count() >= FEWEST_LETTERS,
        _ => true,
    };
    if is_name {
        push(atoms, written, run.iter().map(|word| word.folded.clone()).collect());
    }
}

fn is_acronym(written: &str) -> bool {
    written.chars().count() > 1 && written.chars().all(|c| c.is_uppercase() || c.is_ascii_digit())
}

fn push(atoms: &mut Vec<Atom>, written: &str, words: Vec<String>) {
    if !atoms.iter().any(|known| known.words == words) {
        atoms.push(Atom { written: written.to_owned(), words });
    }
}

/// Words that a context is made of.
const CONTEXT: usize = 8;

/// Fewer words stand in many places.
const FEWEST_CONTEXT: usize = 5;

/// Stands for the last words of a text that ends before a citation: two copies
/// of an article have the same there. `None` where there are too few words.
#[must_use]
pub fn context_of(before: &str) -> Option<u64> {
    const LONGEST: usize = 160;
    let from = before.ceil_char_boundary(before.len().saturating_sub(LONGEST));
    let words = read_words(before.get(from..).unwrap_or_default());
    // The first word may have been cut.
    let words = words.get(usize::from(from > 0)..).unwrap_or_default();
    let last = words.get(words.len().saturating_sub(CONTEXT)..).unwrap_or_default();
    let is_spaced = |word: &&Word| !word.folded.chars().all(is_unspaced_letter);
    if last.len() < FEWEST_CONTEXT || last.len() < CONTEXT && !last.iter().all(|word| is_spaced(&word)) {
        return None;
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in last.iter().flat_map(|word| word.folded.bytes().chain([0])) {
        // FNV-1a (Fowler, Noll, Vo).
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(text: &str, language: &str) -> Vec<String> {
        Passage::read(0, text, "nato", Some(language)).atoms.into_iter().map(|atom| atom.written).collect()
    }

    #[test]
    fn numbers_and_names_tell_pages_apart() {
        let text = "The secretary said in May 2024 that NATO had 1,250 people in Vilnius. Critics of Ursula von der Leyen and of the SIPRI counted 14.5 of 12.";
        assert_eq!(atoms(text, "eng"), ["1,250", "14.5", "Vilnius", "Ursula", "Leyen", "SIPRI"]);
        let german = "Die Regierung schickte 300 Soldaten nach Wilna, sagte Anna Weber der SIPRI.";
        assert_eq!(atoms(german, "deu"), ["300", "Anna Weber", "SIPRI"]);
        assert_eq!(atoms("北约向维尔纽斯派遣了1250名士兵。", "cmn"), ["1250"]);
    }

    #[test]
    fn contexts_are_the_words_before() {
        let one = context_of("It was said that the barrage would be closed in autumn of that year. ");
        assert_eq!(one, context_of("… that the “barrage” would be  closed in autumn of that year"));
        assert_ne!(one, context_of("It was said that the barrage would be closed in spring of that year."));
        assert_eq!(context_of("In that year."), None);
    }
}
