//! The escapes of JSON strings.

use std::ops::Range;

/// A stretch of a string as it is written, between its quotation marks.
#[derive(Debug)]
pub(super) enum Piece {
    /// Bytes that stand for themselves.
    Plain(Range<usize>),
    /// Bytes that stand for a character; U+FFFD for half a surrogate pair.
    Escape(Range<usize>, char),
}

/// Hands out the pieces of a string in order. What is no escape of JSON, such
/// as `\x`, stands for itself.
pub(super) fn pieces(written: &str, mut sink: impl FnMut(Piece)) {
    let mut plain = 0;
    let mut at = 0;
    while let Some(found) = written.get(at..).and_then(|rest| memchr::memchr(b'\\', rest.as_bytes())) {
        let start = at + found;
        let Some((c, length)) = escape(written.as_bytes().get(start..).unwrap_or_default()) else {
            at = start + 1;
            continue;
        };
        if plain < start {
            sink(Piece::Plain(plain..start));
        }
        at = start + length;
        plain = at;
        sink(Piece::Escape(start..at, c));
    }
    if plain < written.len() {
        sink(Piece::Plain(plain..written.len()));
    }
}

/// The character that the escape at the start of `bytes` stands for, and the
/// escape's length.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let simple = match bytes.get(1)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'u' => return unicode(bytes),
        _ => return None,
    };
    Some((simple, 2))
}

/// `\uXXXX`, or a pair of them.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = code_unit(bytes)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = bytes.get(6..).and_then(code_unit).filter(|unit| (0xDC00..0xE000).contains(unit));
    match second {
        Some(second) if first < 0xDC00 => {
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Some((char::from_u32(code)?, 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

fn code_unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(written: &str) -> String {
        let mut text = String::new();
        pieces(written, |piece| match piece {
            Piece::Plain(range) => text.push_str(written.get(range).unwrap()),
            Piece::Escape(_, c) => text.push(c),
        });
        text
    }

    #[test]
    fn pairs_halves_and_what_is_no_escape() {
        assert_eq!(decode(r"a\ud83d\ude00b\n"), "a😀b\n");
        assert_eq!(decode(r"\ud83dx\ude00\ud83d\u0041"), "\u{FFFD}x\u{FFFD}\u{FFFD}A");
        assert_eq!(decode(r"\x\u12"), r"\x\u12");
        assert_eq!(decode(r#"\\n\""#), "\\n\"");
    }
}
