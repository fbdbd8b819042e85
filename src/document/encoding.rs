//! From bytes to text, with the way back.
//!
//! A byte order mark decides; else valid UTF-8 is UTF-8; else a declaration in
//! the file; else detection. A file that is UTF-8 but for a few bad bytes
//! stays UTF-8: reading all of it in a legacy encoding would ruin the rest.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use thiserror::Error;

use crate::text::{Decoding, DecodingBuilder, SourceSpan, count_bytes, offset};

use super::Issue;

/// Why bytes cannot be read as an article.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// A well-known kind of file that holds no plain text.
    #[error("this is {0}, not text; export it as text, Markdown or HTML first")]
    Known(&'static str),
    /// JSON, or what is called so, that is no raw export.
    #[error("{0}")]
    NoExport(#[from] crate::export::NoExport),
    /// Too many bytes that no text holds.
    #[error("this is a binary file, not text")]
    Binary,
}

/// Text with the way back to its bytes.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: &'static str,
    /// Neither a mark nor a declaration nor valid UTF-8 says so.
    pub(super) is_guessed: bool,
    pub(super) decoding: Decoding,
    pub(super) issues: Vec<Issue>,
}

pub(super) fn decode(bytes: Vec<u8>) -> Result<Decoded, Unreadable> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes)
        && encoding != UTF_8
    {
        return Ok(transcode(&bytes, encoding, mark, Vec::new()));
    }
    refuse_binary(&bytes)?;
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            text.drain(..mark);
            let decoding = Decoding::Shifted(offset(mark));
            Ok(Decoded { text, encoding: "utf-8", is_guessed: false, decoding, issues: Vec::new() })
        }
        Err(error) => Ok(decode_other(&error.into_bytes(), mark)),
    }
}

fn decode_other(bytes: &[u8], mark: usize) -> Decoded {
    let damaged_utf8 = mark > 0 || is_mostly_utf8(bytes);
    if !damaged_utf8 {
        let declared = declared(bytes);
        let (encoding, how) = match declared {
            Some(encoding) => (encoding, "as it declares"),
            None => (detect(bytes), "by detection"),
        };
        let issue = Issue::new(format!("not valid UTF-8; read as {}, {how}", encoding.name().to_lowercase()));
        return Decoded { is_guessed: declared.is_none(), ..transcode(bytes, encoding, 0, vec![issue]) };
    }
    let mut decoded = transcode(bytes, UTF_8, mark, Vec::new());
    let bad = decoded.text.matches(char::REPLACEMENT_CHARACTER).count();
    let first = decoded.text.find(char::REPLACEMENT_CHARACTER).unwrap_or(0);
    decoded.issues.push(Issue {
        message: format!(
            "{bad} byte sequence{} not valid UTF-8; read as U+FFFD",
            if bad == 1 { " is" } else { "s are" }
        ),
        source: Some(SourceSpan::from_range(first..first + char::REPLACEMENT_CHARACTER.len_utf8())),
    });
    decoded
}

/// Decodes byte by byte, so that each character's bytes are known.
fn transcode(bytes: &[u8], encoding: &'static Encoding, mark: usize, issues: Vec<Issue>) -> Decoded {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len());
    let mut runs = DecodingBuilder::new(offset(mark));
    let mut pending = 0_u8;
    let body = bytes.get(mark..).unwrap_or_default();
    let mut buffer = [0_u8; 16];
    let steps = body.iter().map(std::slice::from_ref).chain([&[][..]]);
    for step in steps {
        pending = pending.saturating_add(u8::from(!step.is_empty()));
        let (_, _, written, _) = decoder.decode_to_utf8(step, &mut buffer, step.is_empty());
        let piece = buffer.get(..written).and_then(|piece| std::str::from_utf8(piece).ok()).unwrap_or_default();
        for c in piece.chars() {
            #[expect(clippy::cast_possible_truncation, reason = "at most 4")]
            runs.push(c.len_utf8() as u8, pending);
            pending = 0;
        }
        text.push_str(piece);
    }
    Decoded { text, encoding: lower_name(encoding), is_guessed: false, decoding: runs.finish(), issues }
}

/// WHATWG names are few; their lower-case forms are kept as statics.
fn lower_name(encoding: &'static Encoding) -> &'static str {
    const LOWER: &[&str] = &[
        "big5",
        "euc-jp",
        "euc-kr",
        "gb18030",
        "gbk",
        "ibm866",
        "iso-2022-jp",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-8-i",
        "koi8-r",
        "koi8-u",
        "macintosh",
        "shift_jis",
        "utf-16be",
        "utf-16le",
        "utf-8",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1255",
        "windows-1256",
        "windows-1257",
        "windows-1258",
        "windows-874",
        "x-mac-cyrillic",
        "x-user-defined",
    ];
    LOWER.iter().find(|name| name.eq_ignore_ascii_case(encoding.name())).copied().unwrap_or(encoding.name())
}

/// More well-formed multi-byte sequences than malformed ones.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

/// The encoding that the first kilobyte names: `<meta charset=…>`, an XML
/// declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const LABELS: [&[u8]; 2] = [b"charset=", b"encoding="];
    let head = bytes.get(..bytes.len().min(1024))?;
    let head = head.to_ascii_lowercase();
    let start = LABELS.iter().find_map(|label| Some(memchr::memmem::find(&head, label)? + label.len()))?;
    let value = head.get(start..)?;
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte))?;
    let encoding = Encoding::for_label(value.get(..end)?)?;
    // The bytes are not UTF-8, and text that declares UTF-16 in ASCII is not UTF-16.
    (encoding != UTF_8 && encoding != UTF_16LE && encoding != UTF_16BE).then_some(encoding)
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    /// More than enough for the detector's statistics.
    const LOOK: usize = 1 << 20;
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..bytes.len().min(LOOK)).unwrap_or_default(), true);
    detector.guess(None, chardetng::Utf8Detection::Deny)
}

fn refuse_binary(bytes: &[u8]) -> Result<(), Unreadable> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF"),
        (b"PK\x03\x04", "a ZIP archive (or a DOCX, ODT or EPUB file)"),
        (b"\x89PNG", "a picture"),
        (b"\xFF\xD8\xFF", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"\x28\xB5\x2F\xFD", "a zstd archive"),
        (b"\x7FELF", "a program"),
        (b"\xD0\xCF\x11\xE0", "an old Office document"),
        (b"SQLite format 3", "a database"),
        (b"{\\rtf", "an RTF document"),
    ];
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(Unreadable::Known(name));
    }
    let head = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let odd = count_bytes(head, |byte| byte < 9 || (14..27).contains(&byte) || byte == 127);
    // A stray control character is a flaw of the text; one in fifty is no text.
    if odd * 50 > head.len() { Err(Unreadable::Binary) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> (String, &'static str) {
        let decoded = decode(bytes.to_vec()).ok().unwrap();
        (decoded.text, decoded.encoding)
    }

    #[test]
    fn marks_declarations_and_guesses() {
        assert_eq!(text_of(b"\xEF\xBB\xBFhi"), ("hi".into(), "utf-8"));
        assert_eq!(text_of(b"\xFF\xFEh\0\xE9\0"), ("hé".into(), "utf-16le"));
        assert_eq!(text_of(b"<meta charset=iso-8859-2>\xE9\xB1"), ("<meta charset=iso-8859-2>éą".into(), "iso-8859-2"));
        let russian = encoding_rs::WINDOWS_1251.encode("Это обычный русский текст о мостах и реках.").0;
        assert_eq!(text_of(&russian), ("Это обычный русский текст о мостах и реках.".into(), "windows-1251"));
        let japanese = encoding_rs::SHIFT_JIS.encode("これは普通の日本語の文章です。橋と川について。").0;
        assert_eq!(text_of(&japanese).1, "shift_jis");
    }

    #[test]
    fn damaged_utf8_stays_utf8() {
        assert_eq!(text_of(b"caf\xC3\xA9 \xC3\xA8 na\xEFve"), ("café è na\u{FFFD}ve".into(), "utf-8"));
    }

    #[test]
    fn binaries_are_refused() {
        assert!(matches!(decode(b"%PDF-1.7 x".to_vec()), Err(Unreadable::Known(_))));
        assert!(matches!(decode(vec![0; 100]), Err(Unreadable::Binary)));
    }

    #[test]
    fn legacy_offsets_lead_back() {
        let bytes = encoding_rs::SHIFT_JIS.encode("橋 (a.org) 川").0.into_owned();
        let decoded = transcode(&bytes, encoding_rs::SHIFT_JIS, 0, Vec::new());
        let at = decoded.text.find("(a.org)").unwrap();
        let origin = decoded.decoding.origin(SourceSpan::from_range(at..at + 7));
        assert_eq!(&bytes[origin.range()], b"(a.org)");
    }
}
