//! Finding the passage.

use std::collections::HashMap;

use crate::language::{ends_clause, ends_sentence};
use crate::text::Span;

use super::align::{Alignment, best_windows, exact, lay};
use super::change::{Change, ChangeKind, changes};
use super::word::{Word, is_negation, read_words};

/// What became of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It stands there word for word.
    Verbatim(Span),
    /// A passage is so like it that it must be the one meant, with these
    /// changes, the worst first.
    Altered(Span, Vec<Change>),
    /// Something is like it; that decides nothing.
    Similar,
    /// Nothing is like it.
    Absent,
    /// It is too short to decide anything.
    TooShort,
}

/// Fewer words, or characters, than these are no evidence.
const FEWEST_WORDS: usize = 4;
const FEWEST_CHARACTERS: usize = 20;

/// More words of a quotation are not looked at.
const MOST_WORDS: usize = 400;

/// A quotation in more pieces decides nothing.
const MOST_PIECES: usize = 12;

/// Altered quotations of fewer words cannot be told from other sentences.
const FEWEST_ALTERED: usize = 6;

/// Most words that an ellipsis leaves out, and that a remark in brackets
/// stands for.
const LONGEST_GAP: usize = 120;
const LONGEST_REMARK: usize = 8;

/// How many places of a source are compared with a quotation.
const PLACES: usize = 3;

/// Looks `quotation` up in `source`, whose words are `words`.
#[must_use]
pub fn find(quotation: &str, source: &str, words: &[Word]) -> Match {
    let mut pieces = pieces(quotation);
    let length: usize = pieces.iter().map(|piece| piece.words.len()).sum();
    let characters: usize =
        pieces.iter().flat_map(|piece| &piece.words).map(|word| word.folded.chars().count() + 1).sum();
    if length < FEWEST_WORDS || characters < FEWEST_CHARACTERS {
        return Match::TooShort;
    }
    if pieces.len() > MOST_PIECES {
        return Match::Similar;
    }
    for piece in &mut pieces {
        piece.words.truncate(MOST_WORDS);
    }
    let (numbers, row) = number(&pieces, words);
    let wanted: Vec<Vec<u32>> = pieces.iter().map(|piece| ids(&piece.words, &numbers)).collect();
    if let Some(chain) = exact_chain(&pieces, &wanted, &row) {
        return verdict_on_chain(&chain, source, words);
    }
    match (pieces.as_slice(), wanted.as_slice()) {
        ([piece], [wanted]) => approximate(&piece.words, wanted, words, &row),
        _ => approximate_pieces(&pieces, &wanted, words, &row),
    }
}

/// A stretch of a quotation that leaves nothing out.
struct Piece {
    words: Vec<Word>,
    /// How many words of the source may stand before it, behind the last one.
    gap: usize,
    /// Whether an ellipsis stands before it.
    is_elided: bool,
}

/// Parts a quotation at its ellipses and at remarks in brackets.
fn pieces(quotation: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = quotation;
    let (mut gap, mut is_elided) = (0, false);
    loop {
        let cut = next_cut(rest);
        let (text, length, next) = cut.unwrap_or((rest.len(), 0, (0, false)));
        let words = read_words(rest.get(..text).unwrap_or_default());
        if words.is_empty() {
            (gap, is_elided) = (gap.max(next.0), is_elided || next.1);
        } else {
            pieces.push(Piece { words, gap, is_elided });
            (gap, is_elided) = next;
        }
        if cut.is_none() {
            return pieces;
        }
        rest = rest.get(text + length..).unwrap_or_default();
    }
}

/// Where the next ellipsis or remark stands, how long it is, and what gap it
/// allows.
fn next_cut(text: &str) -> Option<(usize, usize, (usize, bool))> {
    const ELLIPSES: [&str; 8] = ["[…]", "[...]", "(…)", "(...)", "[. . .]", "…", "...", ". . ."];
    for (at, c) in text.char_indices() {
        if !matches!(c, '[' | '(' | '…' | '.') {
            continue;
        }
        let rest = text.get(at..)?;
        if let Some(ellipsis) = ELLIPSES.iter().find(|ellipsis| rest.starts_with(**ellipsis)) {
            return Some((at, ellipsis.len(), (LONGEST_GAP, true)));
        }
        // A note's mark is no remark.
        let remark = rest.strip_prefix('[').and_then(|inner| inner.find(']'));
        if let Some(end) = remark
            && !rest.get(1..=end).is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Some((at, end + 2, (LONGEST_REMARK, false)));
        }
    }
    None
}

/// Numbers the words of the quotation from 1, and the source by them; 0 is any
/// other word.
fn number<'a>(pieces: &'a [Piece], words: &[Word]) -> (HashMap<&'a str, u32>, Vec<u32>) {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    for word in pieces.iter().flat_map(|piece| &piece.words) {
        let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
        numbers.entry(word.folded.as_str()).or_insert(next);
    }
    let row = ids(words, &numbers);
    (numbers, row)
}

fn ids(words: &[Word], numbers: &HashMap<&str, u32>) -> Vec<u32> {
    words.iter().map(|word| numbers.get(word.folded.as_str()).copied().unwrap_or(0)).collect()
}

/// Where all pieces stand word for word, in order, with gaps as allowed: the
/// words of each, as a range.
fn exact_chain(pieces: &[Piece], wanted: &[Vec<u32>], row: &[u32]) -> Option<Vec<(std::ops::Range<usize>, bool)>> {
    let places: Vec<Vec<usize>> = wanted.iter().map(|wanted| exact(wanted, row)).collect();
    let first = places.first()?;
    first.iter().take(64).find_map(|start| {
        let mut chain = vec![(*start..*start + wanted.first()?.len(), false)];
        for ((piece, wanted), places) in pieces.iter().zip(wanted).zip(&places).skip(1) {
            let end = chain.last()?.0.end;
            let next = places.get(places.partition_point(|place| *place < end))?;
            if next - end > piece.gap {
                return None;
            }
            chain.push((*next..*next + wanted.len(), piece.is_elided));
        }
        Some(chain)
    })
}

fn verdict_on_chain(chain: &[(std::ops::Range<usize>, bool)], source: &str, words: &[Word]) -> Match {
    let ends = chain.first().zip(chain.last());
    let Some((first, last)) = ends.map(|(first, last)| (first.0.start, last.0.end)) else { return Match::Similar };
    let span = span_of(words.get(first..last));
    for pair in chain.windows(2) {
        let [(before, _), (after, is_elided)] = pair else { continue };
        match swallowed(before.end..after.start, source, words).filter(|_| *is_elided) {
            Some(Swallowed { negation, is_same_clause: true }) => {
                let change = Change { kind: ChangeKind::Negation, quoted: "…".to_owned(), source: negation };
                return Match::Altered(span, vec![change]);
            }
            Some(Swallowed { is_same_clause: false, .. }) => return Match::Similar,
            None => {}
        }
    }
    Match::Verbatim(span)
}

/// A negation that an ellipsis leaves out beside what is quoted.
struct Swallowed {
    negation: String,
    /// Whether nothing but that clause is left out, so that it is surely
    /// reversed.
    is_same_clause: bool,
}

fn swallowed(gap: std::ops::Range<usize>, source: &str, words: &[Word]) -> Option<Swallowed> {
    /// Words from the edge of the gap within which a negation belongs to what
    /// is quoted.
    const NEAR: usize = 3;
    let left_out = words.get(gap.clone())?;
    let is_whole_between = |from: u32, to: u32| {
        let between = source.get(from as usize..to as usize).unwrap_or_default();
        !between.contains(|c| ends_sentence(c) || ends_clause(c))
    };
    let before = gap.start.checked_sub(1).and_then(|at| words.get(at));
    let after = words.get(gap.end);
    let near_start = left_out.iter().take(NEAR).find(|word| is_negation(&word.folded));
    let near_end = left_out.iter().rev().take(NEAR).find(|word| is_negation(&word.folded));
    let found = near_start
        .filter(|word| before.is_some_and(|before| is_whole_between(before.span.end, word.span.start)))
        .or_else(|| {
            near_end.filter(|word| after.is_some_and(|after| is_whole_between(word.span.end, after.span.start)))
        });
    let ends = before.zip(after).map(|(before, after)| (before.span.end, after.span.start));
    let is_same_clause = ends.is_some_and(|(from, to)| is_whole_between(from, to));
    found.map(|word| Swallowed { negation: word.span.slice(source).to_owned(), is_same_clause })
}

fn span_of(words: Option<&[Word]>) -> Span {
    let ends = words.and_then(|words| Some((words.first()?, words.last()?)));
    ends.map_or(Span::new(0, 0), |(first, last)| first.span.join(last.span))
}

/// The best alignment of one piece.
fn best(quoted: &[Word], wanted: &[u32], row: &[u32], within: std::ops::Range<usize>) -> Option<(usize, Alignment)> {
    let row = row.get(within.clone())?;
    // Words that are not the quotation's may stand at either end.
    let margin = quoted.len() / 8 + 2;
    let length = quoted.len() + margin;
    // Words in their order say more than words.
    let pairs: std::collections::HashSet<(u32, u32)> =
        wanted.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    let mut weights: Vec<u32> = row.iter().map(|word| u32::from(*word != 0)).collect();
    for (weight, pair) in weights.iter_mut().zip(row.windows(2)) {
        let pair = pair.first().copied().zip(pair.get(1).copied());
        *weight += 3 * u32::from(pair.is_some_and(|pair| pairs.contains(&pair)));
    }
    let places = best_windows(&weights, length, PLACES).into_iter().map(|start| {
        let end = (start + length + margin).min(row.len());
        let start = start.saturating_sub(margin);
        let mut alignment = lay(wanted, row.get(start..end).unwrap_or_default());
        alignment.start += start;
        alignment
    });
    let alignment = places.min_by_key(Alignment::edits)?;
    Some((within.start, alignment))
}

fn approximate(quoted: &[Word], wanted: &[u32], words: &[Word], row: &[u32]) -> Match {
    let Some((_, alignment)) = best(quoted, wanted, row, 0..row.len()) else { return Match::Absent };
    match Likeness::of(&alignment, quoted.len()) {
        Likeness::Same => {
            let changes = changes(&alignment, quoted, words);
            let span = span_of(words.get(alignment.start..end_of(&alignment)));
            if changes.is_empty() { Match::Verbatim(span) } else { Match::Altered(span, changes) }
        }
        Likeness::Some => Match::Similar,
        Likeness::None => Match::Absent,
    }
}

fn end_of(alignment: &Alignment) -> usize {
    let of_source = alignment.steps.iter().filter(|step| **step != super::align::Step::Added).count();
    alignment.start + of_source
}

/// How like a passage is to a quotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    Same,
    Some,
    None,
}

impl Likeness {
    fn of(alignment: &Alignment, length: usize) -> Self {
        let (matched, edits) = (alignment.matched(), alignment.edits());
        if FEWEST_ALTERED <= length && length * 4 <= matched * 5 && edits * 5 <= length {
            Self::Same
        } else if matched * 5 < length * 3 {
            Self::None
        } else {
            Self::Some
        }
    }
}

/// Pieces of which not all stand there word for word: the longest leads.
fn approximate_pieces(pieces: &[Piece], wanted: &[Vec<u32>], words: &[Word], row: &[u32]) -> Match {
    let mut found = Vec::new();
    let mut has_some = false;
    let mut from = 0;
    for (piece, wanted) in pieces.iter().zip(wanted) {
        let within = from..row.len();
        let place = exact(wanted, row).into_iter().find(|place| from <= *place);
        if let Some(place) = place.filter(|_| wanted.len() >= 3) {
            from = place + wanted.len();
            found.push((place, from, Vec::new()));
            continue;
        }
        let Some((offset, alignment)) = best(&piece.words, wanted, row, within) else { continue };
        match Likeness::of(&alignment, piece.words.len()) {
            Likeness::Same => {
                let source = words.get(offset..).unwrap_or_default();
                let changes = changes(&alignment, &piece.words, source);
                from = offset + end_of(&alignment);
                found.push((offset + alignment.start, from, changes));
            }
            Likeness::Some => has_some = true,
            Likeness::None => {}
        }
    }
    if found.is_empty() {
        return if has_some { Match::Similar } else { Match::Absent };
    }
    let is_near = found.windows(2).all(|pair| matches!(pair, [(_, end, _), (start, ..)] if start - end <= LONGEST_GAP));
    let mut all: Vec<Change> = found.iter().flat_map(|(_, _, changes)| changes.clone()).collect();
    if found.len() < pieces.len() || !is_near || all.is_empty() {
        return Match::Similar;
    }
    all.sort();
    let ends = found.first().zip(found.last()).map_or(0..0, |(first, last)| first.0..last.1);
    Match::Altered(span_of(words.get(ends)), all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "The council met on Monday. Its chair said that the barrage would not be closed before 2031, \
        and that 1,200 families had been told. Nobody, she added, had asked the fishermen. They will sign in the end.";

    fn look(quotation: &str) -> Match {
        find(quotation, SOURCE, &read_words(SOURCE))
    }

    fn worst(quotation: &str) -> Option<(ChangeKind, String, String)> {
        match look(quotation) {
            Match::Altered(_, changes) => {
                changes.into_iter().next().map(|change| (change.kind, change.quoted, change.source))
            }
            _ => None,
        }
    }

    #[test]
    fn word_for_word_whatever_the_typography() {
        for quotation in [
            "the barrage would not be closed before 2031",
            "The Barrage wouldn’t be closed before 2031",
            "its chair said … 1200 families had been told",
            "[the town’s] council met on Monday",
            "had been told. Nobody[3], she added, had asked",
            "the barrage [at the mouth] would not be closed",
        ] {
            assert!(matches!(look(quotation), Match::Verbatim(_)), "{quotation}: {:?}", look(quotation));
        }
        let Match::Verbatim(span) = look("had been told. Nobody, she") else { panic!("it is there") };
        assert_eq!(span.slice(SOURCE), "had been told. Nobody, she");
    }

    #[test]
    fn changes_are_told_the_worst_first() {
        let change = |kind, quoted: &str, source: &str| Some((kind, quoted.to_owned(), source.to_owned()));
        assert_eq!(worst("the barrage would be closed before 2031"), change(ChangeKind::Negation, "", "not"));
        assert_eq!(worst("the barrage would not be closed before 2013"), change(ChangeKind::Number, "2013", "2031"));
        assert_eq!(worst("that 1,300 families had been told"), change(ChangeKind::Number, "1300", "1200"));
        assert_eq!(worst("and that 1,200 farmers had been told"), change(ChangeKind::Wording, "farmers", "families"));
        let both =
            worst("its chair said that the barage would be closed before 2013, and that 1,200 families had been told");
        assert_eq!(both, change(ChangeKind::Negation, "", "not"));
    }

    #[test]
    fn an_ellipsis_must_not_swallow_a_not() {
        assert!(
            matches!(worst("the barrage would … be closed before 2031"), Some((ChangeKind::Negation, _, source)) if source == "not")
        );
        assert_eq!(look("said that the barrage … 1200 families had been told"), Match::Similar);
        assert!(matches!(look("The council met … 1,200 families had been told"), Match::Verbatim(_)));
    }

    #[test]
    fn what_is_short_or_elsewhere_decides_nothing() {
        assert_eq!(look("met on Monday"), Match::TooShort);
        assert_eq!(look("on the so it"), Match::TooShort);
        assert_eq!(look("the harbour master refused every single question about money"), Match::Absent);
        assert_eq!(look("the chair met families and fishermen on Monday before closing"), Match::Absent);
    }
}
