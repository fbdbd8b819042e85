//! Citations as products write them into an answer: `([host](url))`,
//! `【4:0†source】`, U+E200 … U+E201, `[[1]](url)`, `[1]`.

use std::collections::HashMap;
use std::ops::Range;

use memchr::{memchr, memmem};

/// Longest marker, in bytes: groups of links run long.
const LONGEST: usize = 4096;

/// An address without what products add to it, for comparing.
pub(super) fn address_key(url: &str) -> String {
    let (rest, fragment) = url.split_once('#').map_or((url, None), |(rest, fragment)| (rest, Some(fragment)));
    let Some((path, query)) = rest.split_once('?') else {
        return join(rest.trim_end_matches('/'), "", fragment);
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_added(pair)).collect();
    join(path.trim_end_matches('/'), &kept.join("&"), fragment)
}

fn join(path: &str, query: &str, fragment: Option<&str>) -> String {
    let mark = if query.is_empty() { "" } else { "?" };
    match fragment {
        Some(fragment) => format!("{path}{mark}{query}#{fragment}"),
        None => format!("{path}{mark}{query}"),
    }
}

/// A parameter by which products count visits: `utm_source=openai`,
/// `utm_source=chatgpt.com`.
fn is_added(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, value)| {
        name == "utm_source" && matches!(value, "openai" | "chatgpt.com" | "perplexity" | "copilot.com")
    })
}

/// An address without the parameter by which the product counts visits; every
/// other byte stays.
pub(super) fn without_counter(url: &str) -> String {
    let (rest, fragment) = url.split_once('#').map_or((url, None), |(rest, fragment)| (rest, Some(fragment)));
    match rest.split_once('?') {
        Some((path, query)) if query.split('&').any(is_added) => {
            let kept: Vec<&str> = query.split('&').filter(|pair| !is_added(pair)).collect();
            join(path, &kept.join("&"), fragment)
        }
        _ => url.to_owned(),
    }
}

/// Whether `slice` is one whole marker, and, where it shows an address, one
/// of `keys`.
pub(super) fn is_whole(slice: &str, keys: &[String]) -> bool {
    if slice.len() > LONGEST {
        return false;
    }
    let is_token = slice.starts_with('\u{E200}') && slice.find('\u{E201}') == Some(slice.len().wrapping_sub(3))
        || slice.starts_with('【') && slice.find('】') == Some(slice.len().wrapping_sub('】'.len_utf8()));
    if is_token || is_number(slice) {
        return true;
    }
    let holds = |url: &str| keys.contains(&address_key(url));
    if slice.contains("://") && !slice.contains(char::is_whitespace) && !slice.contains(['[', '(']) && holds(slice) {
        return true;
    }
    if slice.starts_with("sandbox:/") {
        return !slice.contains(['(', ')', '[', ']']) && !slice.ends_with(char::is_whitespace);
    }
    links(slice).is_some_and(|mut urls| urls.any(holds))
}

/// `[1]`, `[12]`.
fn is_number(slice: &str) -> bool {
    let inner = slice.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    (1..=3).contains(&inner.len()) && inner.bytes().all(|byte| byte.is_ascii_digit())
}

/// The addresses of a slice that is nothing but links, with or without a pair
/// of parentheses around them.
fn links(slice: &str) -> Option<impl Iterator<Item = &str>> {
    let inner = match slice.strip_prefix('(') {
        Some(rest) => rest.strip_suffix(')')?,
        None => slice,
    };
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        let (range, url) = link_at(inner, at)?;
        found.push(url);
        at = range.end;
        let rest = inner.get(at..)?;
        if rest.is_empty() {
            return Some(found.into_iter());
        }
        at += rest.len() - rest.trim_start_matches([',', ';', ' ']).len();
    }
}

/// The link that starts at `at`, and its address.
fn link_at(text: &str, at: usize) -> Option<(Range<usize>, &str)> {
    let rest = text.get(at..text.floor_char_boundary(at.saturating_add(LONGEST)))?;
    let mut depth = 0_usize;
    let label = rest.bytes().position(|byte| {
        depth = match byte {
            b'[' => depth + 1,
            b']' => depth.saturating_sub(1),
            _ => depth,
        };
        depth == 0
    })?;
    if !rest.starts_with('[') || !rest.get(label..)?.starts_with("](") {
        return None;
    }
    let from = label + 2;
    let mut depth = 1_usize;
    let length = rest.get(from..)?.bytes().position(|byte| {
        depth = match byte {
            b'(' => depth + 1,
            b')' => depth - 1,
            _ => depth,
        };
        depth == 0
    })?;
    let inside = rest.get(from..from + length)?;
    let url = inside.split(' ').next()?.trim_start_matches('<').trim_end_matches('>');
    Some((at..at + from + length + 1, url))
}

/// The markers of a text, by the address that they show.
#[derive(Debug, Default)]
pub(super) struct Markers {
    by_address: HashMap<String, Vec<Range<usize>>>,
    links: Vec<Range<usize>>,
    /// Tokens, which show no address.
    tokens: Vec<Range<usize>>,
}

impl Markers {
    /// Reads the text once.
    pub(super) fn of(text: &str) -> Self {
        let mut markers = Self::default();
        let mut last = 0;
        for middle in memmem::find_iter(text.as_bytes(), b"](") {
            let Some(open) = open_bracket(text, last, middle) else { continue };
            let Some((range, url)) = link_at(text, open) else { continue };
            last = range.end;
            markers.links.push(range.clone());
            markers.by_address.entry(address_key(url)).or_default().push(range);
        }
        for (open, close) in [('\u{E200}', '\u{E201}'), ('【', '】')] {
            let (mut buffer, mut other) = ([0; 4], [0; 4]);
            let close = close.encode_utf8(&mut other).as_bytes();
            for start in memmem::find_iter(text.as_bytes(), open.encode_utf8(&mut buffer).as_bytes()) {
                let window = text.as_bytes().get(start..text.len().min(start + LONGEST)).unwrap_or_default();
                if let Some(length) = memmem::find(window, close) {
                    markers.tokens.push(start..start + length + close.len());
                }
            }
        }
        markers.tokens.sort_by_key(|range| range.start);
        markers
    }

    /// Whether the text has a marker that shows one of these addresses, or
    /// one that shows none.
    pub(super) fn may_hold(&self, keys: &[String]) -> bool {
        !self.tokens.is_empty() || keys.iter().any(|key| self.by_address.contains_key(key))
    }

    /// The links that show the first of these addresses that any shows, in
    /// order.
    pub(super) fn showing(&self, keys: &[String]) -> &[Range<usize>] {
        keys.iter().find_map(|key| self.by_address.get(key)).map_or(&[], Vec::as_slice)
    }

    /// All links.
    pub(super) fn links(self) -> impl Iterator<Item = Range<usize>> {
        self.links.into_iter()
    }

    /// The tokens, in order.
    pub(super) fn tokens(&self) -> &[Range<usize>] {
        &self.tokens
    }
}

/// The `[` that belongs to the `]` at `close`, not before `from`.
fn open_bracket(text: &str, from: usize, close: usize) -> Option<usize> {
    const LONGEST_LABEL: usize = 400;
    let from = from.max(close.saturating_sub(LONGEST_LABEL));
    let bytes = text.as_bytes().get(from..close)?;
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().rev() {
        match byte {
            b']' => depth += 1,
            b'[' if depth == 0 => return Some(from + at),
            b'[' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A link's range widened by the parentheses around it, where there are any.
pub(super) fn with_parentheses(text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let before = range.start.checked_sub(1)?;
    (bytes.get(before) == Some(&b'(') && bytes.get(range.end) == Some(&b')')).then(|| before..range.end + 1)
}

/// All `[n]` of a text whose number `wanted` knows, with the number; `[1, 2]`
/// and `[3#part]` too. What is followed by `(` or `:` is a link, or defines
/// one.
pub(super) fn numbers(text: &str) -> Vec<(Range<usize>, Vec<usize>)> {
    let mut found = Vec::new();
    for open in memchr::memchr_iter(b'[', text.as_bytes()) {
        let rest = text.as_bytes().get(open + 1..text.len().min(open + 60)).unwrap_or_default();
        let Some(length) = memchr(b']', rest) else { continue };
        let inside = text.get(open + 1..open + 1 + length).unwrap_or_default();
        let parsed: Option<Vec<usize>> = inside
            .split(',')
            .map(|number| number.trim().split('#').next().filter(|digits| digits.len() <= 3)?.parse().ok())
            .collect();
        let end = open + length + 2;
        let next = text.as_bytes().get(end);
        if let Some(numbers) = parsed.filter(|numbers| !numbers.is_empty())
            && !matches!(next, Some(b'(' | b':'))
        {
            found.push((open..end, numbers));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_markers_and_pieces_of_them() {
        let keys = [address_key("https://a.org/x?utm_source=openai")];
        for whole in [
            "([a.org](https://a.org/x))",
            "[A](https://a.org/x/)",
            "([a.org](https://a.org/x?utm_source=chatgpt.com), [b](https://b.org))",
            "[[1]](https://a.org/x)",
            "\u{E200}cite\u{E202}turn0search0\u{E201}",
            "【4:0†source】",
            "[12]",
            "sandbox:/mnt/data/a.csv",
            "https://a.org/x",
        ] {
            assert!(is_whole(whole, &keys), "{whole}");
            let mut cut = whole.chars();
            let mut short = whole.chars();
            cut.next();
            short.next_back();
            let (cut, short) = (cut.as_str(), short.as_str());
            if !whole.contains("://") || whole.starts_with(['(', '[']) {
                assert!(!is_whole(short, &keys) || whole.starts_with("sandbox"), "{short}");
                assert!(!is_whole(cut, &keys), "{cut}");
            }
            assert!(!is_whole(&format!(" {whole}"), &keys));
        }
        assert!(!is_whole("[A](https://b.org/x)", &keys));
    }

    #[test]
    fn markers_by_address() {
        let text = "x ([a.org](https://a.org/b_(c)?utm_source=openai)). y 【1†s】 [1, 2] [3](u)";
        let markers = Markers::of(text);
        let shown = markers.showing(&[address_key("https://a.org/b_(c)")]);
        assert_eq!(shown.len(), 1);
        let whole = with_parentheses(text, &shown[0]).unwrap();
        assert!(text.get(whole).unwrap().ends_with("openai))"));
        assert_eq!(markers.tokens().len(), 1);
        assert_eq!(numbers(text).iter().map(|(_, n)| n.clone()).collect::<Vec<_>>(), [vec![1, 2]]);
    }

    #[test]
    fn only_the_counter_goes() {
        assert_eq!(without_counter("https://a.org/?b=1&utm_source=openai#c"), "https://a.org/?b=1#c");
        assert_eq!(without_counter("https://a.org/?utm_source=mail"), "https://a.org/?utm_source=mail");
    }
}
