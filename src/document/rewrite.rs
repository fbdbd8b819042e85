//! Edits back into the bytes of a file, in its own encoding.
//!
//! What no edit touches is copied byte for byte: marks, line ends and bytes
//! that no encoding explains stay what they are.

use encoding_rs::Encoding;
use thiserror::Error;

use crate::text::{Edit, EditSet};

use super::{Document, Format};

/// Why an edit cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unencodable {
    /// The encoding has no such character.
    #[error("{encoding} has no “{character}”; save the file as UTF-8 first, or give --lacuna a mark that it has")]
    Character {
        /// What cannot be written.
        character: char,
        /// In which encoding.
        encoding: &'static str,
    },
    /// A byte means one thing here and another there.
    #[error("{0} files cannot be edited in place; save the file as UTF-8 first")]
    Encoding(&'static str),
}

impl Document {
    /// The file with `edits` made. `original` is the bytes it was read from.
    ///
    /// # Errors
    ///
    /// Where a replacement cannot be written in the file's encoding.
    pub fn rewrite(&self, original: &[u8], edits: &EditSet) -> Result<Vec<u8>, Unencodable> {
        let mut bytes = Vec::with_capacity(original.len());
        let mut done = 0;
        for edit in edits.edits() {
            let replacement = self.encode(edit)?;
            let gone = self.decoding.origin(edit.span).range();
            bytes.extend_from_slice(original.get(done..gone.start).unwrap_or_default());
            bytes.extend_from_slice(&replacement);
            done = gone.end;
        }
        bytes.extend_from_slice(original.get(done..).unwrap_or_default());
        Ok(bytes)
    }

    /// The bytes of an edit's replacement.
    ///
    /// # Errors
    ///
    /// As [`Document::rewrite`].
    pub fn encode(&self, edit: &Edit) -> Result<Vec<u8>, Unencodable> {
        let text = edit.replacement.as_str();
        match self.encoding {
            "utf-8" => Ok(text.as_bytes().to_vec()),
            "utf-16le" => Ok(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            "utf-16be" => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            // It switches between states, and an edit cannot know in which it falls.
            "iso-2022-jp" => Err(Unencodable::Encoding(self.encoding)),
            name => {
                let Some(encoding) = Encoding::for_label(name.as_bytes()) else {
                    return Err(Unencodable::Encoding(self.encoding));
                };
                let (bytes, used, lost) = encoding.encode(text);
                if used != encoding {
                    return Err(Unencodable::Encoding(self.encoding));
                }
                if !lost {
                    return Ok(bytes.into_owned());
                }
                self.encode_referenced(text, encoding)
            }
        }
    }

    /// In HTML, what the encoding lacks is written as a character reference.
    fn encode_referenced(&self, text: &str, encoding: &'static Encoding) -> Result<Vec<u8>, Unencodable> {
        let mut bytes = Vec::new();
        for character in text.chars() {
            let mut buffer = [0; 4];
            let (written, _, lost) = encoding.encode(character.encode_utf8(&mut buffer));
            if !lost {
                bytes.extend_from_slice(&written);
            } else if self.format == Format::Html {
                bytes.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
            } else {
                return Err(Unencodable::Character { character, encoding: self.encoding });
            }
        }
        Ok(bytes)
    }

    /// `text` as the file writes it: special characters escaped where the
    /// format has any.
    #[must_use]
    pub fn written(&self, text: &str) -> String {
        match self.format {
            Format::Html => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
            Format::Markdown => {
                let mut written = String::with_capacity(text.len());
                for c in text.chars() {
                    if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<') {
                        written.push('\\');
                    }
                    written.push(c);
                }
                written
            }
            // An export is read, never written.
            Format::Plain | Format::Export => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::read;
    use crate::text::SourceSpan;

    fn rewritten(bytes: &[u8], format: Format, find: &str, put: &str) -> Result<Vec<u8>, Unencodable> {
        let document = read(bytes.to_vec(), Some(format), None).unwrap();
        let at = document.source.find(find).unwrap();
        let edit = Edit::new(SourceSpan::from_range(at..at + find.len()), put);
        document.rewrite(bytes, &EditSet::new(vec![edit]).unwrap())
    }

    #[test]
    fn every_encoding_keeps_its_other_bytes() {
        let utf16 = |text: &str| -> Vec<u8> {
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        };
        let plain = Format::Plain;
        assert_eq!(rewritten(b"\xEF\xBB\xBFa (b)\r\n", plain, "(b)", "[…]"), Ok("\u{FEFF}a […]\r\n".into()));
        assert_eq!(rewritten(&utf16("é 😀 (b)\r\n"), plain, "(b)", "😀…"), Ok(utf16("é 😀 😀…\r\n")));
        let russian = "Это обычный русский текст о мостах (b) и реках.";
        let encoded = |text: &str| encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
        assert_eq!(rewritten(&encoded(russian), plain, "(b)", "[…]"), Ok(encoded(&russian.replace("(b)", "[…]"))));
        // A bad byte in UTF-8 stays what it is.
        let bad = b"caf\xC3\xA9 \xC3\xA8 na\xEFve (b) x".to_vec();
        assert_eq!(rewritten(&bad, plain, "(b)", "…"), Ok(b"caf\xC3\xA9 \xC3\xA8 na\xEFve \xE2\x80\xA6 x".to_vec()));
    }

    #[test]
    fn what_cannot_be_written_is_said_or_referenced() {
        let greek = b"<meta charset=iso-8859-7><p>\xE1\xE2\xE3 (b)</p>".to_vec();
        let written = rewritten(&greek, Format::Html, "(b)", "[…]").unwrap();
        assert!(written.ends_with(b"\xE1\xE2\xE3 [&#8230;]</p>"));
        let error = rewritten(&greek, Format::Plain, "(b)", "[…]").unwrap_err();
        assert_eq!(error, Unencodable::Character { character: '…', encoding: "iso-8859-7" });
    }
}
