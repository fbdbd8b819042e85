//! Identifiers of documents: DOI and arXiv.

use memchr::memmem;
use url::Url;

use crate::text::{Span, offset};

use super::{Citation, Kind, Scan, Target};

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    let bytes = scan.text.as_bytes();
    for at in memmem::find_iter(bytes, b"10.") {
        found.extend(doi(scan, at));
    }
    for needle in [&b"rXiv:"[..], b"rxiv:"] {
        for at in memmem::find_iter(bytes, needle) {
            found.extend(at.checked_sub(1).and_then(|start| arxiv(scan, start)));
        }
    }
}

/// `10.1000/xyz`, with `doi:` before it or alone. Grammar: DOI Handbook 2.2;
/// four to nine digits after `10.`, a slash, a suffix without white space.
fn doi(scan: &Scan<'_>, at: usize) -> Option<Citation> {
    let before = scan.before(at);
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '-' | '_')) {
        return None;
    }
    let rest = scan.prose_from(at)?;
    let digits = rest.bytes().skip(3).take_while(u8::is_ascii_digit).count();
    if !(4..=9).contains(&digits) || rest.as_bytes().get(3 + digits) != Some(&b'/') {
        return None;
    }
    let suffix = rest.get(4 + digits..)?;
    let suffix = suffix.get(..suffix_len(suffix))?;
    if suffix.len() < 2 || !suffix.contains(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let end = at + 4 + digits + suffix.len();
    let tail: String = before.chars().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect();
    let prefix = ["doi: ", "doi:"].into_iter().find(|prefix| tail.to_ascii_lowercase().ends_with(prefix));
    let start = at - prefix.map_or(0, str::len);
    let url = Url::parse(&format!("https://doi.org/{}", scan.text.get(at..end)?)).ok()?;
    Some(identified(Kind::Doi, start..end, url))
}

/// A suffix ends at white space, a quote, or a bracket it did not open; the
/// sentence's punctuation is none of it.
fn suffix_len(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut end = 0;
    for (at, c) in text.char_indices().take(200) {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            ']' | '[' | '"' | '“' | '”' | '{' | '}' | '|' | '，' | '。' => break,
            _ if c.is_whitespace() || c.is_control() => break,
            _ => {}
        }
        end = at + c.len_utf8();
    }
    text.get(..end).unwrap_or_default().trim_end_matches(['.', ',', ';', ':', '\'', '*', '_', '!', '?']).len()
}

/// `arXiv:2101.00001v2`, `arXiv:hep-th/9901001`. Grammar: arXiv's own page on
/// identifiers, old and new scheme.
fn arxiv(scan: &Scan<'_>, start: usize) -> Option<Citation> {
    let rest = scan.prose_from(start)?;
    if !rest.starts_with(['a', 'A']) || scan.before(start).ends_with(char::is_alphanumeric) {
        return None;
    }
    let written = rest.get(6..)?;
    let padding = written.len() - written.trim_start_matches(' ').len();
    let number = written.get(padding..)?;
    let length = new_scheme(number).or_else(|| old_scheme(number))?;
    let end = start + 6 + padding + length;
    let url = Url::parse(&format!("https://arxiv.org/abs/{}", number.get(..length)?)).ok()?;
    Some(identified(Kind::Arxiv, start..end, url))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn new_scheme(text: &str) -> Option<usize> {
    let year = digits(text);
    let rest = text.get(year..)?.strip_prefix('.')?;
    let number = digits(rest);
    let fits = year == 4 && (4..=5).contains(&number);
    fits.then(|| year + 1 + number + version(rest.get(number..).unwrap_or_default()))
}

fn old_scheme(text: &str) -> Option<usize> {
    let archive = text.bytes().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'.')).count();
    let rest = text.get(archive..)?.strip_prefix('/')?;
    let number = digits(rest);
    let fits = archive >= 2 && number == 7;
    fits.then(|| archive + 1 + number + version(rest.get(number..).unwrap_or_default()))
}

fn version(text: &str) -> usize {
    match text.strip_prefix('v').map(digits) {
        Some(length) if length > 0 => 1 + length,
        _ => 0,
    }
}

fn identified(kind: Kind, range: std::ops::Range<usize>, url: Url) -> Citation {
    let mut target = Target::written(url.as_str());
    target.url = Some(url);
    Citation { span: Span::new(offset(range.start), offset(range.end)), source: None, kind, target: Some(target) }
}
