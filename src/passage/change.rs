//! What differs between a quotation and its source.

use super::align::{Alignment, Step};
use super::word::{Word, is_negation};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What it touches; the worst first.
    pub kind: ChangeKind,
    /// The words of the quotation, folded; empty where it leaves some out.
    pub quoted: String,
    /// The words of the source, folded; empty where the quotation adds some.
    pub source: String,
}

impl Change {
    /// As people say it.
    #[must_use]
    pub fn in_words(&self) -> String {
        match (self.quoted.as_str(), self.source.as_str()) {
            ("…", source) => format!("the ellipsis leaves out “{source}”"),
            (quoted, "") => format!("“{quoted}” is not in the source"),
            ("", source) => format!("the source has “{source}”, which is left out"),
            (quoted, source) => format!("“{quoted}” is “{source}” in the source"),
        }
    }
}

/// What a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A negation is gone or has come.
    Negation,
    /// A number is another.
    Number,
    /// Other words.
    Wording,
    /// Another spelling of the same word.
    Spelling,
}

/// The changes of an alignment, the worst first. `source` begins where the
/// alignment's row did.
pub(super) fn changes(alignment: &Alignment, quoted: &[Word], source: &[Word]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut in_quote, mut in_source) = (0, alignment.start);
    let mut open: Option<(usize, usize)> = None;
    for step in &alignment.steps {
        if *step == Step::Same {
            if let Some((quote_start, source_start)) = open.take() {
                changes.extend(change(quoted.get(quote_start..in_quote), source.get(source_start..in_source)));
            }
        } else {
            open.get_or_insert((in_quote, in_source));
        }
        in_quote += usize::from(*step != Step::Left);
        in_source += usize::from(*step != Step::Added);
    }
    if let Some((quote_start, source_start)) = open {
        changes.extend(change(quoted.get(quote_start..in_quote), source.get(source_start..in_source)));
    }
    changes.sort();
    changes
}

fn change(quoted: Option<&[Word]>, source: Option<&[Word]>) -> Option<Change> {
    let (quoted, source) = (quoted.unwrap_or_default(), source.unwrap_or_default());
    let joined = |words: &[Word]| words.iter().map(|word| word.folded.as_str()).collect::<String>();
    // `co-operate` and `cooperate` are one word.
    if joined(quoted) == joined(source) {
        return None;
    }
    let negations = |words: &[Word]| words.iter().filter(|word| is_negation(&word.folded)).count();
    let numbers = |words: &[Word]| {
        words.iter().filter(|word| is_number(&word.folded)).map(|word| word.folded.clone()).collect::<Vec<_>>()
    };
    let kind = if negations(quoted) != negations(source) {
        ChangeKind::Negation
    } else if numbers(quoted) != numbers(source) {
        ChangeKind::Number
    } else if let ([one], [other]) = (quoted, source)
        && is_spelling(&one.folded, &other.folded)
    {
        ChangeKind::Spelling
    } else {
        ChangeKind::Wording
    };
    let spaced = |words: &[Word]| words.iter().map(|word| word.folded.as_str()).collect::<Vec<_>>().join(" ");
    Some(Change { kind, quoted: spaced(quoted), source: spaced(source) })
}

fn is_number(word: &str) -> bool {
    const NAMES: &[&str] = &[
        "billion",
        "billions",
        "dozen",
        "eight",
        "eighty",
        "eleven",
        "fifty",
        "five",
        "forty",
        "four",
        "half",
        "hundred",
        "hundreds",
        "million",
        "millions",
        "nine",
        "ninety",
        "one",
        "quarter",
        "seven",
        "seventy",
        "six",
        "sixty",
        "ten",
        "third",
        "thirty",
        "thousand",
        "thousands",
        "three",
        "trillion",
        "twelve",
        "twenty",
        "two",
    ];
    word.contains(|c: char| c.is_ascii_digit()) || NAMES.binary_search(&word).is_ok()
}

/// Long words that differ by a letter or two: `organisation`, `organization`.
fn is_spelling(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().min(other.len()) < 6 || one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let ahead = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let behind = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    one.len().max(other.len()).saturating_sub(ahead + behind) <= 1
}
