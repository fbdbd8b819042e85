//! Everything that begins with a bracket: domain labels, numeric markers,
//! footnote marks, pandoc keys.

use crate::language::{HostClaim, is_spaced_letter};
use crate::text::{Span, offset};

use super::label::{is_corroborated, read_label};
use super::{Citation, Kind, Scan, Target};

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    for (at, text) in scan.brackets() {
        let Some(first) = text.as_bytes().get(1) else { continue };
        let citation = match (text.as_bytes().first(), first) {
            (Some(b'['), b'0'..=b'9') => numeric(scan, at, text),
            (Some(b'['), b'^') => footnote(scan, at, text),
            (Some(b'['), b'@') => key(at, text),
            (Some(b'['), b'-' | b's' | b'c') if is_long_key(text) => key(at, text),
            _ => None,
        };
        found.extend(citation.or_else(|| domain(scan, at, text)));
    }
    if !scan.is_ascii {
        for bracket in ["（", "【"] {
            for at in memchr::memmem::find_iter(scan.text.as_bytes(), bracket) {
                found.extend(scan.prose_from(at).and_then(|text| domain(scan, at, text)));
            }
        }
    }
}

fn domain(scan: &Scan<'_>, at: usize, text: &str) -> Option<Citation> {
    let second = text.chars().nth(1)?;
    if !second.is_alphanumeric() && second != ' ' {
        return None;
    }
    let label = read_label(text)?;
    let before = scan.before(at);
    // `[text](host)` without a scheme, `foo[host.name]`, `call(host)` in code style.
    let is_doubtful = matches!(label.claim, HostClaim::Doubtful(_));
    let goes_on = text.get(label.len..).is_some_and(cuts_a_word);
    let is_index = before.ends_with(is_spaced_letter) && (is_doubtful || is_identifier(before) && !goes_on);
    if text.starts_with('[') && (text.as_bytes().get(label.len) == Some(&b'(') || is_index) {
        return None;
    }
    let is_copy = before.ends_with(text.get(..label.len)?);
    let is_code = before.ends_with([']', '_', '$', '"', '\'', '=', '@', '/', '\\']) && !is_copy;
    if is_code || text.starts_with('(') && is_call(before) {
        return None;
    }
    let host = match label.claim {
        HostClaim::Clear(host) => host,
        HostClaim::Doubtful(host) => is_corroborated(scan, &host, at, label.len).then_some(host)?,
    };
    let target = if label.path.is_empty() {
        Target::site(host)
    } else {
        let mut target = Target::written(&format!("https://{}/{}", host.ascii, label.path));
        target.site_only = false;
        target
    };
    Some(Citation {
        span: Span::new(offset(at), offset(at + label.len)),
        source: None,
        kind: Kind::DomainLabel,
        target: Some(target),
    })
}

/// Whether the text before a `(` ends like the name of a function:
/// `verify_source(`, `obj.call(`, `camelCase(`.
fn is_call(before: &str) -> bool {
    let start = before
        .char_indices()
        .rev()
        .take(64)
        .take_while(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-' | '>'))
        .last()
        .map_or(before.len(), |(at, _)| at);
    let name = before.get(start..).unwrap_or_default();
    // A host in a bracket of its own that the next label runs into is no name.
    let outer = before.get(..start).unwrap_or_default().strip_suffix('(');
    if outer.is_some_and(|outer| !outer.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']'))) {
        return false;
    }
    let has_inner_mark = name.trim_matches(['.', ':', '-', '>']).contains(['_', '.', ':', '>']);
    let has_camel_case = name
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_') && (has_inner_mark || has_camel_case)
}

/// `[12]`, `[3, 5–7]`. Not an index (`a[1]`, `dp[i][1]`), a date, a line of a
/// reference list, a task box, a link's text.
fn numeric(scan: &Scan<'_>, at: usize, text: &str) -> Option<Citation> {
    let close = text.get(..text.floor_char_boundary(40))?.find(']')?;
    let inner = text.get(1..close)?;
    if !is_number_list(inner) {
        return None;
    }
    let after = text.get(close + 1..)?;
    if after.starts_with(['(', ':', '[']) && !is_marker_run(after) {
        return None;
    }
    let before = scan.before(at);
    // A line of its own, the first of its block or one of a list of such.
    let is_entry = line_start(before)
        .is_some_and(|block| block.trim().is_empty() || block.trim_start().starts_with('[') || leads_to_address(after))
        && after.starts_with([' ', '\t', '\n'])
        && after.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '"' || c == '“');
    let glued = before.chars().next_back().filter(|c| !c.is_whitespace());
    let is_index = glued.is_some_and(|c| matches!(c, '_' | '$' | '=' | '-' | '/' | '\\' | '@' | '#' | '+' | '<' | '{'))
        || glued.is_some() && is_pattern(before, after)
        || is_identifier(before) && !cuts_a_word(after);
    if is_entry || is_index {
        return None;
    }
    // `text^[3]`: raised, as converters write what the page raised.
    let kind = if before.ends_with('^') { Kind::Footnote } else { Kind::Numeric };
    let span = Span::new(offset(at), offset(at + close + 1));
    Some(Citation { span, source: None, kind, target: None })
}

/// The lines before, where nothing but spaces stands before on the line.
/// Never looks back along the line: it may be the whole file.
fn line_start(before: &str) -> Option<&str> {
    let lines = before.trim_end_matches([' ', '\t']);
    (lines.is_empty() || lines.ends_with('\n')).then_some(lines)
}

/// `[1]` on a line of its own, and an address on the next.
fn leads_to_address(after: &str) -> bool {
    let next = after.trim_start();
    next.starts_with("http://") || next.starts_with("https://")
}

/// `[1][2][3]`: a run of markers, and not an index of an index.
fn is_marker_run(after: &str) -> bool {
    let Some(inner) = after.strip_prefix('[') else { return false };
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && inner.as_bytes().get(digits) == Some(&b']')
}

/// `e[4]veryone`: letters go on behind the bracket, as behind no index.
fn cuts_a_word(after: &str) -> bool {
    after.starts_with(char::is_lowercase)
}

/// Whether the word that touches the bracket is a name in a program: a single
/// letter, snake or camel case, or a closed index.
fn is_identifier(before: &str) -> bool {
    let tail: String =
        before.chars().rev().take(40).take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect();
    let letters = tail.chars().filter(|c| c.is_alphabetic()).count();
    let has_inner_dot = tail.trim_matches('.').contains('.');
    let is_single = letters == 1 && tail.chars().count() == 1;
    let has_camel = {
        let name: Vec<char> = tail.chars().rev().collect();
        name.windows(2).any(|pair| matches!(pair, [a, b] if a.is_lowercase() && b.is_uppercase()))
    };
    is_single || tail.contains('_') || has_inner_dot && !tail.starts_with('.') || has_camel
}

/// Whether the bracket is a class of characters in a pattern or a place in a
/// program: `t3[5-9]*`, `h8[35]00`, `ren[12]_other`, `$F[2]`, `/dev/tty[1-4]`.
fn is_pattern(before: &str, after: &str) -> bool {
    let start = before.char_indices().rev().take(40).take_while(|(_, c)| !c.is_whitespace()).last();
    let run = before.get(start.map_or(before.len(), |(at, _)| at)..).unwrap_or_default();
    let name = run.bytes().rev().take_while(u8::is_ascii_alphanumeric);
    let (has_digit, has_letter) = name.fold((false, false), |(digit, letter), byte| {
        (digit || byte.is_ascii_digit(), letter || !byte.is_ascii_digit())
    });
    let goes_on = match after.as_bytes() {
        [b'*', ..] => has_digit,
        [b'_' | b'/', next, ..] => next.is_ascii_alphanumeric(),
        [next, ..] => next.is_ascii_digit() && has_digit,
        [] => false,
    };
    has_letter && goes_on || run.contains(['$', '\\']) || run.starts_with('/')
}

/// Numbers below a thousand, with commas and ranges between. None begins with
/// a zero.
fn is_number_list(inner: &str) -> bool {
    let mut digits = 0;
    let mut numbers = 0;
    for c in inner.chars() {
        match c {
            '0'..='9' => {
                if c == '0' && digits == 0 {
                    return false;
                }
                digits += 1;
                numbers += usize::from(digits == 1);
            }
            ',' | ';' | '-' | '–' | '—' | ' ' => digits = 0,
            _ => return false,
        }
        if digits > 3 {
            return false;
        }
    }
    numbers > 0 && inner.ends_with(|c: char| c.is_ascii_digit())
}

fn footnote(scan: &Scan<'_>, at: usize, text: &str) -> Option<Citation> {
    let close = text.get(..text.floor_char_boundary(80))?.find(']')?;
    let label = text.get(2..close)?;
    let fits = label.starts_with(char::is_alphanumeric)
        && !label.contains(|c: char| c.is_whitespace() || c == '^' || c == '[');
    let is_definition = text.as_bytes().get(close + 1) == Some(&b':') && line_start(scan.before(at)).is_some();
    (fits && !is_definition).then(|| Citation {
        span: Span::new(offset(at), offset(at + close + 1)),
        source: None,
        kind: Kind::Footnote,
        target: None,
    })
}

/// `[see @key…`, `[-@key]`, `[cf. @key]`: a key behind a few words.
fn is_long_key(text: &str) -> bool {
    ["[-@", "[see @", "[cf. @", "[see also @"].iter().any(|prefix| text.starts_with(prefix))
}

/// `[@doe2019]`, `[see @doe2019, p. 3; @roe2020]`.
fn key(at: usize, text: &str) -> Option<Citation> {
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
