//! Superscript digits of Unicode: `said.¹²`.

use memchr::memchr2_iter;

use crate::language::{closes, ends_clause, ends_sentence, is_quote, is_unspaced_letter};
use crate::text::{Span, offset};

use super::{Citation, Kind, Scan};

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    if scan.is_ascii {
        return;
    }
    let mut done = 0;
    let mut certain = 0_u32;
    let (mut notes, mut doubtful) = (Vec::new(), Vec::new());
    // The first bytes of `¹` and `⁴`.
    for at in memchr2_iter(0xC2, 0xE2, scan.text.as_bytes()) {
        let first = scan.text.get(at..).and_then(|rest| rest.chars().next());
        if at < done || first.and_then(value).is_none() {
            continue;
        }
        let run = run_len(scan.text.get(at..).unwrap_or_default());
        done = at + run;
        if scan.prose_from(at).is_none() {
            continue;
        }
        let span = Span::new(offset(at), offset(done));
        let note = Citation { span, source: None, kind: Kind::Numeric, target: None };
        if is_note(scan.before(at)) {
            certain += 1;
            notes.push(note);
        } else if is_displaced_note(scan.before(at), scan.after(done)) {
            let (before, after) = (scan.before(at), scan.after(done));
            // No formula raises a number behind a space or a Chinese letter.
            let is_loose = before.ends_with(' ')
                && after.starts_with(|c: char| c.is_lowercase() || is_unspaced_letter(c))
                || before.ends_with(is_unspaced_letter);
            certain += u32::from(is_loose || splits_a_word(before, after));
            doubtful.push(note);
        }
    }
    // In an article that cites by raised numbers one inside a word is a note
    // at the wrong place.
    if certain >= 2 || certain == 1 && doubtful.len() > 2 {
        notes.append(&mut doubtful);
    }
    // Where the encoding is a guess, a raised digit may be half of a letter;
    // notes count up from 1.
    if !scan.document.is_encoding_guessed || counts_up(&mut notes, scan.text) {
        found.append(&mut notes);
    }
}

/// Whether the numbers of notes count up from 1 in the order of the text, one
/// by one; any may come again.
fn counts_up(notes: &mut [Citation], text: &str) -> bool {
    notes.sort_by_key(|note| note.span);
    let mut highest = 0;
    notes.iter().all(|note| {
        let digits = note.span.slice(text).chars().map_while(value);
        let number = digits.fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(digit));
        let follows = (1..=highest + 1).contains(&number);
        highest = highest.max(number);
        follows
    })
}

/// The value of a superscript digit.
fn value(c: char) -> Option<u32> {
    match c {
        '¹' => Some(1),
        '²' => Some(2),
        '³' => Some(3),
        '\u{2070}' | '⁴'..='⁹' => Some(u32::from(c) - 0x2070),
        _ => None,
    }
}

/// `groundw¹ork`, `t²hat`: letters enough for a word, and no formula.
fn splits_a_word(before: &str, after: &str) -> bool {
    const SHORTEST: usize = 4;
    let is_letter = |c: &char| c.is_lowercase();
    let left = before.chars().rev().take(SHORTEST).take_while(is_letter).count();
    let right = after.chars().take(SHORTEST).take_while(is_letter).count();
    left >= 1 && right >= 2 && left + right > SHORTEST - usize::from(left == 1)
}

/// Behind a space, or with letters on both sides: no exponent stands there.
fn is_displaced_note(before: &str, after: &str) -> bool {
    let Some(last) = before.chars().next_back() else { return false };
    const UNITS: &[&str] = &["km", "cm", "dm", "mm", "nm", "ft", "in", "mi", "yd", "ha"];
    let start =
        before.char_indices().rev().take(24).take_while(|(_, c)| c.is_alphabetic()).last().map_or(0, |(at, _)| at);
    let word = before.get(start..).unwrap_or_default();
    let is_word = word.chars().nth(1).is_some() && !UNITS.contains(&word);
    last.is_whitespace() || last.is_alphabetic() && (is_word || after.starts_with(char::is_alphabetic))
}

/// Bytes of superscript digits and the commas and dashes between them.
fn run_len(text: &str) -> usize {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if is_superscript(c) {
            end = at + c.len_utf8();
        } else if !matches!(c, ',' | '⁻' | '–' | '˒') || end == 0 {
            break;
        }
    }
    end
}

fn is_superscript(c: char) -> bool {
    value(c).is_some()
}

/// A note follows a word or a mark of punctuation; an exponent follows a
/// number, a symbol or a unit.
fn is_note(before: &str) -> bool {
    let Some(last) = before.chars().next_back() else { return false };
    if closes(last) || ends_sentence(last) || ends_clause(last) || is_quote(last) {
        return true;
    }
    let word = before.chars().rev().take(24).take_while(|c| c.is_alphabetic()).count();
    let begins_after_number = before.chars().rev().nth(word).is_some_and(|c| c.is_ascii_digit() || c == '/');
    word >= 4 && !begins_after_number
}

#[cfg(test)]
mod tests {
    use crate::citation::{Kind, extract};
    use crate::document::{Format, read};

    fn notes(bytes: &[u8]) -> usize {
        let document = read(bytes.to_vec(), Some(Format::Plain), None).unwrap();
        extract(&document).iter().filter(|citation| citation.kind == Kind::Numeric).count()
    }

    #[test]
    fn a_guessed_encoding_makes_no_notes() {
        let western = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
        let counted = "L’été était chaud.¹ Les blés étaient mûrs à la fête.² Les prés jaunis l’étaient déjà.³";
        assert_eq!(notes(&western(counted)), 3);
        let by_chance = "L’été était chaud.³ Les blés étaient mûrs à la fête.¹ Les prés jaunis l’étaient déjà.³";
        assert_eq!(notes(&western(by_chance)), 0);
        assert_eq!(notes(by_chance.as_bytes()), 3);
    }
}
