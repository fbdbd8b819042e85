//! JSON that is safe to show.
//!
//! JSON leaves the control characters of ISO 6429's second set (`U+009B` begins
//! an escape sequence) and the controls of writing direction as they are. A
//! terminal that shows the file would obey them, so they are written as `\\u009b`,
//! which means the same.

use std::io::{self, Write};

/// Escapes on the way to `out`. All that is written must be JSON in UTF-8,
/// where such characters stand in strings only, and come in whole characters,
/// as `serde_json` writes it.
pub(super) struct Escaping<W> {
    out: W,
}

impl<W: Write> Escaping<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| !text.is_ascii()) else {
            self.out.write_all(bytes)?;
            return Ok(bytes.len());
        };
        let mut done = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| is_control(*c)) {
            self.out.write_all(bytes.get(done..at).unwrap_or_default())?;
            write!(self.out, "\\u{:04x}", u32::from(c))?;
            done = at + c.len_utf8();
        }
        self.out.write_all(bytes.get(done..).unwrap_or_default())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Characters that steer a terminal or turn the direction of writing; none is
/// beyond U+FFFF.
fn is_control(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9F}' | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::Escaping;

    #[test]
    fn the_value_stays_and_the_controls_go() {
        let value = serde_json::json!({"naïve\u{9b}2J": "a\u{202e}b\u{2068}c\u{2069} 北约 \u{e200} 👩‍👩‍👧 \n"});
        let mut out = Vec::new();
        serde_json::to_writer(Escaping::new(&mut out), &value).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.contains("naïve\\u009b2J") && written.contains("a\\u202eb\\u2068c\\u2069 北约"));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), value);
    }
}
