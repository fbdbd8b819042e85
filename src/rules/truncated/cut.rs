//! Where an address shows by itself that it was cut.
//!
//! Programs that show a long address put an ellipsis into it, and people copy
//! what they see. Mail and editors break a long line inside it. Limits on
//! length cut it anywhere, inside an escape as well. Each of these leaves a
//! mark that can be read without asking the network. But `https://host/…` is
//! how people write “and so on”, so an ellipsis counts only where it touches
//! a word that it cut.

use memchr::memchr2;

use crate::language::is_word_char;
use crate::text::Span;

/// What is wrong with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// An ellipsis stands where a part of it is missing.
    Ellipsis,
    /// It ends inside an escape.
    Escape,
}

/// Whether a link leads to a cut address. What stands as a link's destination
/// is meant as a target, so an ellipsis inside it is never mere display.
pub(super) fn of_destination(destination: &str) -> Option<Cut> {
    let bytes = destination.as_bytes();
    // A quick look, which nearly all pass: neither `%` nor the first byte of `…`.
    if memchr2(b'%', 0xE2, bytes).is_none() && !bytes.ends_with(b"...") {
        return None;
    }
    let (_, rest) = destination.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    if ends_in_escape(path) {
        return Some(Cut::Escape);
    }
    let (before, after) = split_at_ellipsis(path)?;
    // `/2024/…/page`, or amid a title.
    let is_cut = if before.ends_with('/') {
        after.starts_with('/') && after.len() > 1
    } else {
        before.ends_with(is_word_char) && has_slug(before)
    };
    is_cut.then_some(Cut::Ellipsis)
}

/// The text on both sides of the first ellipsis, written as `…`, escaped, or
/// as three dots at the end. Three dots inside are a range of versions.
fn split_at_ellipsis(path: &str) -> Option<(&str, &str)> {
    ["…", "%E2%80%A6", "%e2%80%a6"]
        .into_iter()
        .find_map(|mark| path.split_once(mark))
        .or_else(|| Some((path.strip_suffix("...")?, "")))
        .filter(|(before, _)| !before.is_empty() && !before.ends_with('.'))
}

/// How an address that is all of a bracket's content ends in an ellipsis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// `…` behind a letter or digit.
    AmidWord,
    /// Three dots there.
    WithDots,
    /// Behind a slash.
    BehindSlash,
}

/// The address whose `://` stands at `at`, where it is all that its bracket
/// holds.
pub(super) fn bracketed_address(text: &str, at: usize) -> Option<Span> {
    /// No address that is shown cut is longer.
    const LONGEST: usize = 200;
    let before = text.get(..at)?;
    let scheme = ["https", "http"].into_iter().find(|scheme| before.ends_with(scheme))?;
    let start = at - scheme.len();
    let open = before.get(..start)?.chars().next_back()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '（' => '）',
        '【' => '】',
        _ => return None,
    };
    // `[text](https://…)` is a link.
    if before.get(..start)?.ends_with("](") {
        return None;
    }
    let inner = text.get(start..)?.char_indices().take(LONGEST);
    let (end, last) = inner.into_iter().find(|(_, c)| *c == close || c.is_whitespace())?;
    (last == close).then(|| Span::from_range(start..start + end))
}

/// How an address that is alone in its bracket is cut, if it is.
pub(super) fn shown_in_bracket(address: &str) -> Option<Shown> {
    let (kept, mark) = ["…", "..."].into_iter().find_map(|mark| Some((address.strip_suffix(mark)?, mark)))?;
    let host = kept.split_once("://")?.1.split(['/', ':']).next()?;
    let is_made_up = host.contains("example") || host.starts_with("localhost") || kept.contains("/compare/");
    match kept.chars().next_back()? {
        _ if is_made_up || host.len() < 3 => None,
        '/' if host.contains('.') => Some(Shown::BehindSlash),
        last if !is_word_char(last) && !matches!(last, '-' | '_' | '=' | '.') => None,
        _ if mark == "…" => Some(Shown::AmidWord),
        _ => Some(Shown::WithDots),
    }
}

/// Whether the last part of a path is made of several words: a title, as
/// those are that get cut, and no place to fill in.
pub(super) fn has_slug(path: &str) -> bool {
    let last = path.rsplit(['/', '=']).next().unwrap_or_default();
    last.split(['-', '_']).filter(|word| !word.is_empty()).count() >= 3 || last.chars().count() >= 16
}

/// Whether an address ends in `%`, `%4`, or amid the bytes of one character.
/// One escape must be whole before, unless the half one cannot be a
/// placeholder such as `%s` or `%d`.
pub(super) fn ends_in_escape(address: &str) -> bool {
    let bytes = address.as_bytes();
    let Some(at) = bytes.iter().rposition(|byte| *byte == b'%') else { return false };
    let (before, tail) = bytes.split_at(at);
    let has_escape = before.windows(3).any(is_escape);
    match tail.get(1..).unwrap_or_default() {
        [] => has_escape,
        [digit] => digit.is_ascii_digit() || has_escape && digit.is_ascii_hexdigit(),
        [_, _] if has_escape && is_escape(tail) => lacks_bytes(bytes),
        _ => false,
    }
}

fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// Whether the escapes at the end are the start of a character in UTF-8, and
/// the escapes before them are whole characters: then they are no Latin-1.
fn lacks_bytes(address: &[u8]) -> bool {
    /// More escapes are not looked back at.
    const MOST: usize = 64;
    let escapes = address.rchunks(3).take(MOST).take_while(|chunk| is_escape(chunk));
    let mut decoded: Vec<u8> =
        escapes.filter_map(|chunk| u8::from_str_radix(std::str::from_utf8(chunk.get(1..)?).ok()?, 16).ok()).collect();
    decoded.reverse();
    // A look that begins amid a character must not count against it.
    let start = decoded.iter().position(|byte| *byte & 0xC0 != 0x80).unwrap_or(decoded.len());
    let Err(error) = std::str::from_utf8(decoded.get(start..).unwrap_or_default()) else { return false };
    let is_unfinished = error.error_len().is_none();
    let rest = decoded.len() - start - error.valid_up_to();
    is_unfinished && (rest >= 2 || error.valid_up_to() >= 2)
}

/// Length of the rest of an address that a line end broke: `before` is the
/// address up to its line's end, `after` the next line.
pub(super) fn continuation(before: &str, after: &str, bracket: Option<char>) -> Option<usize> {
    let indent = after.len() - after.trim_start_matches([' ', '\t', '>']).len();
    let line = after.get(indent..)?;
    let length = line.find(char::is_whitespace).unwrap_or(line.len());
    let word = line.get(..length)?;
    if word.contains("://") || word.starts_with("www.") {
        return None;
    }
    if let Some(close) = bracket {
        let end = word.find(close).filter(|end| *end > 0)?;
        let is_address = word.get(..end)?.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>()[]\"".contains(&byte));
        return is_address.then_some(indent + end);
    }
    let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '"', '\'', '*', '_', '>']);
    goes_on(before, bare).then(|| indent + bare.len())
}

/// Whether `word` reads as the rest of an address and as no word of prose.
fn goes_on(before: &str, word: &str) -> bool {
    let is_ascii = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~%=&?#+,:@".contains(&byte));
    let Some(first) = word.bytes().next().filter(|_| is_ascii) else { return false };
    let signs = word.bytes().filter(|byte| b"/-_=&%?#".contains(byte)).count();
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    let is_file = [".html", ".htm", ".pdf", ".php", ".aspx", ".shtml"].iter().any(|ending| word.ends_with(ending));
    match before.bytes().next_back() {
        Some(b'-' | b'_') => {
            first.is_ascii_lowercase() && (signs > 0 || is_file) || first.is_ascii_digit() && signs > 0
        }
        Some(b'/') => first.is_ascii_alphanumeric() && (is_file || signs >= 2 && !word.contains("--")),
        Some(b'=') => first.is_ascii_alphanumeric() && (signs > 0 || has_digit && word.len() >= 6),
        Some(b'&' | b'?') => first.is_ascii_alphabetic() && word.contains('='),
        Some(b'%') => word.as_bytes().get(..2).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit)) && signs > 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations() {
        let table = [
            ("https://a.org/the-long-way-ho...", Some(Cut::Ellipsis)),
            ("https://a.org/the-long-way-ho…", Some(Cut::Ellipsis)),
            ("https://a.org/2024/…/page", Some(Cut::Ellipsis)),
            ("https://a.org/2024/%E2%80%A6/page", Some(Cut::Ellipsis)),
            ("https://a.org/wiki/%D0%91%D0", Some(Cut::Escape)),
            ("https://a.org/wiki/%D0%91%", Some(Cut::Escape)),
            ("https://a.org/wiki/a%2", Some(Cut::Escape)),
            ("https://a.org/wiki/%E2%82%AC%E2%82", Some(Cut::Escape)),
            ("https://a.org/wiki/%D0%91%D0%B0", None),
            ("https://a.org/caf%E9", None),
            ("https://a.org/%d", None),
            ("https://a.org/%s", None),
            ("https://a.org/...", None),
            ("https://a.org/…/repo", None),
            ("https://a.org/x/compare/v1.0...v2.0", None),
            ("https://a.org/search?q=...", None),
            ("https://a.org/v1...", None),
        ];
        for (destination, expected) in table {
            assert_eq!(of_destination(destination), expected, "{destination}");
        }
    }

    #[test]
    fn brackets() {
        let table = [
            ("https://harbour.org/the-long-way-ho…", Some(Shown::AmidWord)),
            ("https://harbour.o…", Some(Shown::AmidWord)),
            ("https://harbour.org/the-...", Some(Shown::WithDots)),
            ("https://harbour.org/…", Some(Shown::BehindSlash)),
            ("https://harbour.org/...", Some(Shown::BehindSlash)),
            ("https://example.org/the-long-way-ho…", None),
            ("https://github.com/a/b/compare/v1...", None),
            ("https://…", None),
            ("https://harbour.org/home", None),
        ];
        for (address, expected) in table {
            assert_eq!(shown_in_bracket(address), expected, "{address}");
        }
    }

    #[test]
    fn lines() {
        let table = [
            ("https://a.org/long-", "way-home. And", None, Some(8)),
            ("https://a.org/long-", "way home", None, None),
            ("https://a.org/x/", "and/or", None, None),
            ("https://a.org/x/", "2024/05/home", None, Some(12)),
            ("https://a.org/x/", "home.html.", None, Some(9)),
            ("https://a.org/", "https://b.org/c-d-e", None, None),
            ("https://a.org/lo", "ng> and", Some('>'), Some(2)),
            ("https://a.org/lo", "ng and>", Some('>'), None),
        ];
        for (before, after, bracket, expected) in table {
            assert_eq!(continuation(before, after, bracket), expected, "{before} {after}");
        }
    }
}
