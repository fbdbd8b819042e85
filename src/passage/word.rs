//! Words, folded, with their places.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::language::is_unspaced_letter;
use crate::text::{Span, offset};

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Where, in the text.
    pub span: Span,
    /// Folded: NFKC, lower-case, thousands without separators.
    pub folded: String,
}

/// The words of a text. In scripts without spaces every letter is one.
#[must_use]
pub fn read_words(text: &str) -> Vec<Word> {
    let mut reader = Reader { text, words: Vec::with_capacity(text.len() / 6), start: None, raw: String::new() };
    let mut skip_to = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        if c == '[' {
            reader.finish(at);
            skip_to = at + note_length(text.get(at..).unwrap_or_default());
        } else if is_unspaced_letter(c) {
            reader.finish(at);
            reader.push(at..at + c.len_utf8(), c.encode_utf8(&mut [0; 4]));
        } else if is_word_letter(c) {
            reader.take(at, c);
        } else if is_invisible(c) || is_raised(c) {
            // Part of no word, and no end of one.
        } else if !joins(c, before, text.get(at + c.len_utf8()..).unwrap_or_default()) {
            reader.finish(at);
        } else {
            reader.take(at, c);
        }
        if !is_invisible(c) {
            before = c;
        }
    }
    reader.finish(text.len());
    reader.words
}

struct Reader<'a> {
    text: &'a str,
    words: Vec<Word>,
    start: Option<usize>,
    raw: String,
}

impl Reader<'_> {
    fn take(&mut self, at: usize, c: char) {
        self.start.get_or_insert(at);
        self.raw.push(c);
    }

    fn finish(&mut self, end: usize) {
        if let Some(start) = self.start.take() {
            let raw = std::mem::take(&mut self.raw);
            self.push(start..end, &raw);
        }
    }

    fn push(&mut self, range: std::ops::Range<usize>, raw: &str) {
        let range = range.start..trimmed_end(self.text, &range);
        let span = Span::new(offset(range.start), offset(range.end));
        let folded = fold(raw);
        let mut word = |folded: &str| {
            if !folded.is_empty() {
                self.words.push(Word { span, folded: folded.to_owned() });
            }
        };
        // A contracted "not" is a "not".
        match folded.as_ref() {
            "cannot" | "can't" => ["can", "not"].map(&mut word),
            "won't" => ["will", "not"].map(&mut word),
            "shan't" => ["shall", "not"].map(&mut word),
            other => match other.strip_suffix("n't") {
                Some(verb) => [verb, "not"].map(&mut word),
                None => [other, ""].map(&mut word),
            },
        };
    }
}

/// The end of a word, without what is invisible or raised behind it.
fn trimmed_end(text: &str, range: &std::ops::Range<usize>) -> usize {
    let word = text.get(range.clone()).unwrap_or_default();
    range.start + word.trim_end_matches(|c| is_invisible(c) || is_raised(c)).len()
}

fn fold(raw: &str) -> Cow<'_, str> {
    let is_plain = raw.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if is_plain {
        return Cow::Borrowed(raw);
    }
    let normalizer = const { ComposingNormalizerBorrowed::new_nfkc() };
    let mut folded: String = normalizer.normalize(raw).to_lowercase().replace(['’', '‘', 'ʼ'], "'").replace('ß', "ss");
    if folded.starts_with(|c: char| c.is_ascii_digit()) && folded.contains(',') && has_thousands(&folded) {
        folded.retain(|c| c != ',');
    }
    Cow::Owned(folded)
}

/// `1,200`, `12,345,678.9`
fn has_thousands(number: &str) -> bool {
    let whole = number.split('.').next().unwrap_or_default();
    whole.split(',').skip(1).all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_word_letter(c: char) -> bool {
    !is_raised(c) && (c.is_alphanumeric() || is_mark(c))
}

/// Combining marks of the scripts that write with them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
        | '\u{0900}'..='\u{0903}' | '\u{093A}'..='\u{094F}' | '\u{0951}'..='\u{0957}' | '\u{0962}' | '\u{0963}'
        | '\u{0981}'..='\u{0983}' | '\u{09BC}'..='\u{09CD}')
}

/// Soft hyphens, joiners and zero-width spaces.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// Raised digits are marks of notes.
fn is_raised(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '\u{2070}' | '\u{2074}'..='\u{2079}')
}

/// Whether a mark within a word belongs to it: `don’t`, `3.5`, `1,200`.
fn joins(c: char, before: char, after: &str) -> bool {
    let next = after.chars().next().unwrap_or(' ');
    match c {
        '\'' | '’' | 'ʼ' => before.is_alphabetic() && next.is_alphabetic() && !is_unspaced_letter(before),
        '.' | ',' => before.is_ascii_digit() && next.is_ascii_digit(),
        _ => false,
    }
}

/// The length of a mark of a note, `[12]`, `[^3]`; else of the bracket alone.
fn note_length(text: &str) -> usize {
    let inner = text.strip_prefix('[').map_or("", |inner| inner.strip_prefix('^').unwrap_or(inner));
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let is_note = (1..=3).contains(&digits) && inner.as_bytes().get(digits) == Some(&b']');
    if is_note { text.len() - inner.len() + digits + 1 } else { 1 }
}

/// Whether a folded word negates, in any of the languages that we know.
#[must_use]
pub fn is_negation(word: &str) -> bool {
    NEGATIONS.binary_search(&word).is_ok() || word.starts_with("kein") && word.len() <= 7
}

/// Sorted by bytes.
const NEGATIONS: &[&str] = &[
    "aldrig",
    "aucun",
    "aucune",
    "bez",
    "değil",
    "geen",
    "hiç",
    "ikke",
    "ingen",
    "inte",
    "jamais",
    "jamás",
    "mai",
    "ne",
    "neither",
    "nessun",
    "nessuna",
    "nessuno",
    "nev",
    "never",
    "nicht",
    "nichts",
    "nie",
    "niemals",
    "niet",
    "nigdy",
    "niks",
    "ninguna",
    "ninguno",
    "ningún",
    "no",
    "nobody",
    "non",
    "none",
    "nooit",
    "nor",
    "not",
    "nothing",
    "nowhere",
    "nunca",
    "não",
    "ohne",
    "pas",
    "rien",
    "sans",
    "senza",
    "sin",
    "uden",
    "utan",
    "without",
    "zonder",
    "без",
    "не",
    "нет",
    "ни",
    "никогда",
    "ні",
    "ніколи",
    "нікому",
    "لا",
    "لم",
    "لن",
    "ليس",
    "नहीं",
    "不",
    "无",
    "未",
    "沒",
    "没",
    "無",
    "非",
    "못",
    "안",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        read_words(text).into_iter().map(|word| word.folded).collect()
    }

    #[test]
    fn only_wording_counts() {
        assert_eq!(
            words("The “co\u{AD}operative”[12] didn’t pay 1,200.50\u{A0}euros²."),
            ["the", "cooperative", "did", "not", "pay", "1200.50", "euros"]
        );
        assert_eq!(words("ﬁnal Cafe\u{301} CANNOT"), ["final", "café", "can", "not"]);
        assert_eq!(words("北约，今年"), ["北", "约", "今", "年"]);
        assert_eq!(words("[the] 3.5%, 12,5"), ["the", "3.5", "12,5"]);
    }

    #[test]
    fn words_know_their_bytes() {
        let text = "É’s well-known\u{AD} end";
        let places: Vec<&str> = read_words(text).iter().map(|word| word.span.slice(text)).collect();
        assert_eq!(places, ["É’s", "well", "known", "end"]);
    }

    #[test]
    fn negations_are_sorted() {
        assert!(NEGATIONS.is_sorted());
        assert!(["not", "kein", "keine", "нет", "не", "不", "jamais"].into_iter().all(is_negation));
        assert!(!is_negation("note"));
    }
}
