//! Text of strangers on a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` with everything that is invisible, moves the cursor or turns the
/// direction of writing spelled out: control characters as their pictures
/// (`␛`), the others as `<U+202E>`.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{0}'..='\u{1F}' => safe.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{FFFD}')),
            '\u{7F}' => safe.push('\u{2421}'),
            _ if is_unsafe(c) => {
                let _ = write!(safe, "<U+{:04X}>", u32::from(c));
            }
            _ => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{E000}'..='\u{F8FF}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}' | '\u{F0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(printable("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(printable("a\u{202E}b\u{E200}c"), "a<U+202E>b<U+E200>c");
        assert_eq!(printable("naïve 北约 👩‍👩‍👧"), "naïve 北约 👩‍👩‍👧");
    }
}
