//! Everything that begins with a bracket: domain labels, numeric markers,
//! footnote marks, pandoc's keys.

use crate::language::{closes, ends_clause, ends_sentence, is_quote};
use crate::text::{Span, offset};

use super::key::{is_long_key, key};
use super::label::Labels;
use super::{Citation, Kind, Scan};

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    let mut labels = Labels::default();
    for (at, block) in scan.openings() {
        let text = scan.text.get(at..block.span.end as usize).unwrap_or_default();
        let [bracket, first, ..] = text.as_bytes() else { continue };
        let marker = match (bracket, first) {
            (b'[', b'0'..=b'9') => numeric(scan, at, text),
            (b'[', b'^') => footnote(scan, at, text),
            (b'[', b'@') => key(at, text),
            (b'[', b'-' | b's' | b'c') if is_long_key(text) => key(at, text),
            _ => None,
        };
        match marker {
            Some(citation) => found.push(citation),
            None => labels.read(scan, at, text),
        }
    }
    if !scan.is_ascii {
        for bracket in ["（", "【"] {
            for at in memchr::memmem::find_iter(scan.text.as_bytes(), bracket) {
                if let Some(text) = scan.prose_from(at) {
                    labels.read(scan, at, text);
                }
            }
        }
    }
    labels.finish(found);
}

/// `[12]`, `[3, 5–7]`. Not an index (`a[1]`, `dp[i][1]`), a date, a line of a
/// reference list, a task box, a link's text.
fn numeric(scan: &Scan<'_>, at: usize, text: &str) -> Option<Citation> {
    let close = text.get(..text.floor_char_boundary(40))?.find(']')?;
    let inner = text.get(1..close)?;
    if !is_number_list(without_locator(inner)) {
        return None;
    }
    let (before, after) = (scan.before(at), text.get(close + 1..)?);
    let goes_elsewhere = match after.as_bytes().first() {
        Some(b'[') => !is_marker_run(after),
        Some(b'(') => is_destination(after) || before.ends_with(char::is_alphanumeric) && !is_page_remark(after),
        // `signed.[5]: 12` gives a page; `[5]: https://…` is an entry.
        Some(b':') => !before.ends_with(|c| ends_sentence(c) || ends_clause(c) || closes(c) || is_quote(c)),
        _ => false,
    };
    if goes_elsewhere {
        return None;
    }
    // A line of its own, the first of its block or one of a list of such.
    let is_entry = line_start(before)
        .is_some_and(|block| block.trim().is_empty() || block.trim_start().starts_with('[') || leads_to_address(after))
        && after.starts_with([' ', '\t', '\n'])
        && after.trim_start().starts_with(|c: char| c.is_alphanumeric() || c == '"' || c == '“');
    let glued = before.chars().next_back().filter(|c| !c.is_whitespace());
    let is_index = glued.is_some_and(|c| matches!(c, '_' | '$' | '=' | '-' | '/' | '\\' | '@' | '#' | '+' | '<' | '{'))
        || glued.is_some() && is_pattern(before, inner, after)
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
    after.starts_with(char::is_alphabetic)
}

/// Whether a bracket holds what a link leads to: `(https://…)`, `(#note)`,
/// `(page.html)`, `()`.
fn is_destination(after: &str) -> bool {
    let Some(inner) = in_bracket(after) else { return false };
    let has_suffix = inner.as_bytes().windows(2).any(|pair| matches!(pair, [b'.', next] if next.is_ascii_alphabetic()));
    inner.is_empty() || inner.starts_with(['#', '<']) || inner.contains('/') || has_suffix
}

/// `(p. 4)`, `(pp. 12–14)`, `(12)`: where in the source.
fn is_page_remark(after: &str) -> bool {
    in_bracket(after).is_some_and(|inner| {
        let number = inner.strip_prefix("pp").or_else(|| inner.strip_prefix('p')).or_else(|| inner.strip_prefix('S'));
        let number = number.map_or(inner, |rest| rest.strip_prefix('.').unwrap_or(rest));
        number.is_empty() || number.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// What a bracket that starts here holds, up to its first space.
fn in_bracket(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?;
    inner.get(..inner.floor_char_boundary(200))?.split([')', ' ', '\n']).next()
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
/// program: `t3[5-9]*`, `h8[35]00`, `ren[12]_other`, `$F[2]`, `/dev/tty[1-4]`,
/// `a[1-3]b`, `anaconda[23]-5.3`.
fn is_pattern(before: &str, inner: &str, after: &str) -> bool {
    let start = before.char_indices().rev().take(40).take_while(|(_, c)| !c.is_whitespace()).last();
    let run = before.get(start.map_or(before.len(), |(at, _)| at)..).unwrap_or_default();
    let name = run.bytes().rev().take_while(u8::is_ascii_alphanumeric);
    let (has_digit, has_letter) = name.fold((false, false), |(digit, letter), byte| {
        (digit || byte.is_ascii_digit(), letter || !byte.is_ascii_digit())
    });
    let goes_on = match after.as_bytes() {
        [b'*', ..] => has_digit,
        [b'_' | b'/', next, ..] => next.is_ascii_alphanumeric(),
        [b'-', next, ..] => next.is_ascii_digit(),
        [next, ..] => next.is_ascii_digit() && has_digit,
        [] => false,
    };
    let is_class = inner.contains('-') && is_single(before.chars().rev()) && is_single(after.chars());
    is_class || has_letter && goes_on || run.contains(['$', '\\']) || run.starts_with('/')
}

/// Whether exactly one letter comes first.
fn is_single(mut letters: impl Iterator<Item = char>) -> bool {
    letters.next().is_some_and(char::is_alphabetic) && !letters.next().is_some_and(char::is_alphanumeric)
}

/// Numbers, and where in the source: `13, Thm. 2`.
fn without_locator(inner: &str) -> &str {
    const LOCATORS: &[&str] = &[
        "thm", "theorem", "lemma", "prop", "cor", "def", "sec", "section", "ch", "chap", "chapter", "eq", "fig",
        "table", "tab", "app", "appendix", "p", "pp", "art", "kap", "abschn", "satz", "s", "vol", "no", "n",
    ];
    let Some(at) = inner.find(|c: char| c.is_alphabetic() || c == '§') else { return inner };
    let (numbers, locator) = inner.split_at_checked(at).unwrap_or((inner, ""));
    let Some(numbers) = numbers.strip_suffix(", ") else { return inner };
    let word = locator.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let is_locator = locator.starts_with('§') || LOCATORS.contains(&word.to_lowercase().as_str());
    if is_locator && locator.ends_with(|c: char| c.is_alphanumeric()) { numbers } else { inner }
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
    (fits && !is_definition && !is_character_class(label, scan.before(at), text.get(close + 1..)?)).then(|| Citation {
        span: Span::new(offset(at), offset(at + close + 1)),
        source: None,
        kind: Kind::Footnote,
        target: None,
    })
}

/// `[^i]n`, `a[^x-z]`: all characters but these, in a pattern.
fn is_character_class(label: &str, before: &str, after: &str) -> bool {
    let mut letters = label.chars();
    let is_class = match (letters.next(), letters.next(), letters.next(), letters.next()) {
        (Some(one), None, None, None) => one.is_alphabetic(),
        (Some(_), Some('-'), Some(_), None) => true,
        _ => false,
    };
    is_class
        && (before.ends_with(char::is_alphanumeric)
            || after.starts_with(|c: char| c.is_alphanumeric() || "*+?{".contains(c)))
}

#[cfg(test)]
mod tests {
    use crate::citation::{Kind, extract};
    use crate::document::{Format, read};

    fn markers(text: &str) -> Vec<String> {
        let Ok(document) = read(text.as_bytes().to_vec(), Some(Format::Plain), None) else { return Vec::new() };
        let is_marker = |kind| matches!(kind, Kind::Numeric | Kind::Footnote | Kind::Key);
        let all = extract(&document);
        let markers = all.iter().filter(|citation| is_marker(citation.kind));
        markers.map(|citation| citation.span.slice(&document.text).to_owned()).collect()
    }

    #[test]
    fn markers_with_pages_and_locators() {
        let table: [(&str, &[&str]); 9] = [
            ("It was signed.[5]: 12 It was ratified.[6]: 34–36 They", &["[5]", "[6]"]),
            ("They met.[10](p. 4) They left.[10](pp. 4–5)", &["[10]", "[10]"]),
            ("They met and went home.[8]:5", &["[8]"]),
            (
                "By [13, Thm. 2] and [2, 4, Section 3.1] and [5, § 7] it holds.",
                &["[13, Thm. 2]", "[2, 4, Section 3.1]", "[5, § 7]"],
            ),
            ("This is L[4]Solr again.", &["[4]"]),
            ("As @smith2020 says, and @doe_1999b, and (@roe:2001).", &["@smith2020", "@doe_1999b", "@roe:2001"]),
            ("See wor[^3]d and wor[^note]d.", &["[^3]", "[^note]"]),
            ("An e[4]veryone and e[5-7]veryone.", &["[4]", "[5-7]"]),
            ("Done.[1][2] Next", &["[1]", "[2]"]),
        ];
        for (text, expected) in table {
            assert_eq!(markers(text), expected, "{text}");
        }
    }

    #[test]
    fn places_in_programs_and_links_are_no_markers() {
        for text in [
            "Add anaconda[23]-5.3.1 there.",
            "Regex a[1-3]b matches.",
            "Regex [^i]n and a[^b]c and [^a-z]+ match.",
            "See [1](#note) and [2](page.html) and [3]() and [4](../x/y).",
            "Then callbacks[1](event) runs.",
            "In [5]: x = 1 and Out[5]: 42",
            "Text\n[5]: https://a.org",
            "Mail me@smith2020.org or @smith or @2020 or x@smith2020.",
            "Read [12, the rest] of it.",
            "Thanks to @adytzu2007 and @audunhalland for this.",
        ] {
            let found: Vec<String> = markers(text).into_iter().collect();
            assert_eq!(found, [""; 0], "{text}");
        }
    }
}
