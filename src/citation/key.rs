//! Keys as pandoc and its kin cite: `[@doe2019, p. 3]`, `@doe2019 says`.

use memchr::memchr_iter;

use crate::text::{Span, offset};

use super::{Citation, Kind, Scan};

/// Keys in running text. Handles of people look the same, so that only a key
/// with a year at its end counts; and where an article names people by their
/// handles, a year proves nothing unless it has keys in brackets, too. `found`
/// holds those already.
pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    let mut keys = Vec::new();
    let mut has_handles = false;
    for at in memchr_iter(b'@', scan.text.as_bytes()) {
        let before = scan.text.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(|c| !c.is_whitespace() && !matches!(c, '(' | '“' | '"' | '—')) {
            continue;
        }
        let Some(written) = scan.prose_from(at).and_then(|text| text.get(1..)) else { continue };
        let length = written.bytes().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(byte));
        let key = written.get(..length.count()).unwrap_or_default().trim_end_matches(['_', ':', '-']);
        if ends_with_year(key) {
            let span = Span::new(offset(at), offset(at + 1 + key.len()));
            keys.push(Citation { span, source: None, kind: Kind::Key, target: None });
        } else {
            has_handles |= !key.is_empty();
        }
    }
    if !has_handles || !keys.is_empty() && found.iter().any(|citation| citation.kind == Kind::Key) {
        found.append(&mut keys);
    }
}

/// `smith2020`, `doe_1999b`: a name, a year, a letter at most.
fn ends_with_year(key: &str) -> bool {
    let head = key.strip_suffix(|c: char| c.is_ascii_lowercase()).unwrap_or(key);
    let Some((name, year)) = head.len().checked_sub(4).and_then(|at| head.split_at_checked(at)) else { return false };
    let name = name.trim_end_matches(['_', ':', '-']);
    let is_year = (year.starts_with("19") || year.starts_with("20")) && year.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = name.len() >= 2 && name.ends_with(|c: char| c.is_ascii_alphabetic());
    is_year && is_name && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// `[see @key…`, `[-@key]`, `[cf. @key]`: a key behind a few words.
pub(super) fn is_long_key(text: &str) -> bool {
    ["[-@", "[see @", "[cf. @", "[see also @"].iter().any(|prefix| text.starts_with(prefix))
}

/// `[@doe2019]`, `[see @doe2019, p. 3; @roe2020]`.
pub(super) fn key(at: usize, text: &str) -> Option<Citation> {
    let close = text.get(..text.floor_char_boundary(200))?.find(']')?;
    let inner = text.get(1..close)?;
    let is_key = |part: &str| {
        let Some((_, key)) = part.split_once('@') else { return false };
        let length = key.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_:.-+".contains(byte)).count();
        let key = key.get(..length).unwrap_or_default();
        let rest = part.split_once('@').and_then(|(_, all)| all.get(length..)).unwrap_or_default();
        key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.len() >= 2 && !rest.starts_with('/')
    };
    let fits = inner.split(';').all(is_key) && text.as_bytes().get(close + 1) != Some(&b'(');
    fits.then(|| Citation {
        span: Span::new(offset(at), offset(at + close + 1)),
        source: None,
        kind: Kind::Key,
        target: None,
    })
}
