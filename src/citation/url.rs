//! Addresses that stand in the text as such.

use crate::language::{claim_host, is_unspaced_letter};
use crate::text::{Span, offset};

use super::scan::Sight;
use super::{Citation, Kind, Scan, Target};

/// What is behind a scheme, and what needs none.
pub(super) const NEEDLES: [&[u8]; 2] = [b"://", b"www."];

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    for (needle, at) in scan.sightings(Sight::Address) {
        if needle == 0 {
            found.extend(scheme_start(scan.text, at).and_then(|start| address(scan, start, at + 3)));
            continue;
        }
        let before = scan.before(at).chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '@' | '_')) {
            found.extend(address(scan, at, at));
        }
    }
}

/// Where `http`, `https` or `ftp` before `://` begins.
fn scheme_start(text: &str, colon: usize) -> Option<usize> {
    ["https", "http", "ftp"].into_iter().find_map(|scheme| {
        let start = colon.checked_sub(scheme.len())?;
        let written = text.get(start..colon)?;
        let free = !text.get(..start)?.ends_with(|c: char| c.is_ascii_alphanumeric());
        (free && written.eq_ignore_ascii_case(scheme)).then_some(start)
    })
}

/// The address whose host starts at `host`, written from `start` on.
fn address(scan: &Scan<'_>, start: usize, host: usize) -> Option<Citation> {
    scan.prose_from(start)?;
    let rest = scan.after(host);
    let end = host + address_len(rest);
    let written = scan.text.get(start..end)?;
    let target = Target::written(written);
    let domain = target.address.as_ref()?.domain();
    // `https://…` as an ellipsis, `http://host` as an example: no host, no
    // citation. Behind a scheme a suffix that nobody knows is one: the network
    // has the word, unless an ellipsis shows that the host is cut.
    let is_cut = scan.text.get(end..).is_some_and(|rest| rest.starts_with('…') || rest.starts_with(".."));
    let names_host = domain.is_none_or(|domain| {
        domain == "localhost" || claim_host(domain).is_some() || start < host && !is_cut && is_qualified(domain)
    });
    names_host.then(|| Citation {
        span: Span::new(offset(start), offset(end)),
        source: None,
        kind: Kind::Url,
        target: Some(target),
    })
}

/// `intranet.corp`: two labels or more, the last one no number, and nothing
/// that stands for a name (`*.example.org`).
fn is_qualified(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let is_suffix = |last: &str| last.len() >= 2 && !last.starts_with(|c: char| c.is_ascii_digit());
    domain.contains('.') && domain.split('.').all(is_label) && domain.rsplit('.').next().is_some_and(is_suffix)
}

/// Longest address read, in bytes.
const LONGEST: usize = 4096;

/// How many bytes of `rest` belong to the address: up to white space, a quote
/// or a bracket that was not opened, less the punctuation of the sentence.
fn address_len(rest: &str) -> usize {
    let mut open = Vec::new();
    let mut end = 0;
    let mut before = '/';
    for (at, c) in rest.char_indices().take_while(|(at, _)| *at < LONGEST) {
        match c {
            // Most of them.
            'a'..='z' | 'A'..='Z' | '0'..='9' | '/' | '.' | '-' | '_' => {}
            '(' | '[' => open.push(c),
            ')' if open.pop() != Some('(') => break,
            ']' if open.pop() != Some('[') => break,
            _ if ends_address(c) || is_unspaced_letter(c) && before.is_ascii_alphanumeric() => break,
            _ => {}
        }
        before = c;
        end = at + c.len_utf8();
    }
    let mut address = rest.get(..end).unwrap_or_default();
    loop {
        let trimmed = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~', '’', '…', '&']);
        // Isolates and embeddings that an article in Arabic sets around it.
        let trimmed = trimmed
            .trim_end_matches(['\u{202A}', '\u{202B}', '\u{202C}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}']);
        let trimmed = trim_open(trimmed);
        if trimmed.len() == address.len() {
            return address.len();
        }
        address = trimmed;
    }
}

/// Without an opening bracket at the end that nothing follows.
fn trim_open(address: &str) -> &str {
    address.strip_suffix(['(', '[']).unwrap_or(address)
}

fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '<' | '>' | '"' | '`' | '{' | '}' | '|' | '\\' | '^' | '“' | '”' | '«' | '»' | '„')
        || matches!(
            c,
            '。' | '，'
                | '、'
                | '；'
                | '：'
                | '？'
                | '！'
                | '（'
                | '）'
                | '「'
                | '」'
                | '『'
                | '』'
                | '《'
                | '》'
                | '【'
                | '】'
        )
        || matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{200B}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::address_len;
    use crate::citation::extract;
    use crate::document::{Format, read};

    #[test]
    fn a_host_needs_no_known_suffix() {
        let table = [
            ("See https://made-up-host.zzz/y there.", Some("https://made-up-host.zzz/y")),
            ("See https://example.invalid/x.", Some("https://example.invalid/x")),
            ("See https://intranet.corp/page", Some("https://intranet.corp/page")),
            ("See http://münchen.intra/x there.", Some("http://münchen.intra/x")),
            ("See https://www.exam… there.", None),
            ("See https://*.example.proxy/x or www.nosuchsuffix/x there.", None),
            ("See https://www.exam... there.", None),
            ("See http://host/x or https://… or http://a..b/ or https://x.1/.", None),
        ];
        for (text, expected) in table {
            let document = read(text.as_bytes().to_vec(), Some(Format::Plain), None).unwrap();
            let found: Vec<_> =
                extract(&document).iter().map(|citation| citation.span.slice(&document.text).to_owned()).collect();
            assert_eq!(found, Vec::from_iter(expected.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn ends() {
        let table = [
            ("a.org/b_(c)), and", "a.org/b_(c)"),
            ("a.org/x.", "a.org/x"),
            ("a.org/x?y=1&z=2, so", "a.org/x?y=1&z=2"),
            ("a.org了解", "a.org"),
            ("zh.a.org/wiki/北约。", "zh.a.org/wiki/北约"),
            ("a.org/x**", "a.org/x"),
            ("a.org)", "a.org"),
            ("münchen.de/straße ok", "münchen.de/straße"),
        ];
        for (rest, expected) in table {
            assert_eq!(rest.get(..address_len(rest)), Some(expected));
        }
    }
}
