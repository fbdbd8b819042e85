//! Identifiers of documents: DOI, arXiv, PMID, ISBN.

use crate::text::{Span, offset};

use super::scan::Sight;
use super::{Citation, Kind, Scan, Target};

/// Reads the identifier around a needle at that offset.
type Grammar = fn(&Scan<'_>, usize) -> Option<Citation>;

/// What gives an identifier away, and how to read it from there.
pub(super) const FORMS: &[(&[u8], Grammar)] =
    &[(b"10.", doi), (b"PMID", pmid), (b"PMC", pmid), (b"ISBN", isbn), (b"rXiv", arxiv), (b"rxiv", arxiv)];

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    for (form, at) in scan.sightings(Sight::Identifier) {
        found.extend(FORMS.get(form).and_then(|(_, grammar)| grammar(scan, at)));
    }
}

/// `PMID: 31978945`, `PMID 31978945`: one to eight digits (the National
/// Library of Medicine on identifiers). `PMC7092803` names the same article's full text.
fn pmid(scan: &Scan<'_>, at: usize) -> Option<Citation> {
    let rest = scan.prose_from(at)?;
    if scan.before(at).ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '-')) {
        return None;
    }
    let (head, base) = if rest.starts_with("PMID") {
        (4 + separator(rest.get(4..)?)?, "https://pubmed.ncbi.nlm.nih.gov/")
    } else {
        (3, "https://pmc.ncbi.nlm.nih.gov/articles/PMC")
    };
    let number = rest.get(head..)?;
    let length = digits(number);
    let is_whole = !number.get(length..)?.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    // A short number behind `PMC` may be anything.
    let shortest = if head == 3 { 5 } else { 1 };
    if !(shortest..=8).contains(&length) || !is_whole {
        return None;
    }
    identified(Kind::Pmid, at..at + head + length, &format!("{base}{}", number.get(..length)?))
}

/// The length of `: `, `:`, ` ` between a name and its number.
fn separator(text: &str) -> Option<usize> {
    [": ", ":\u{A0}", ":", " ", "\u{A0}"].into_iter().find(|mark| text.starts_with(mark)).map(str::len)
}

/// `ISBN 978-0-306-40615-7`, `ISBN-10: 0-306-40615-2`: ten or thirteen digits
/// with a right check digit (ISBN Users' Manual, seventh edition, section 4).
fn isbn(scan: &Scan<'_>, at: usize) -> Option<Citation> {
    let rest = scan.prose_from(at)?;
    if scan.before(at).ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut head = 4;
    if let Some(form) =
        ["-10", "-13", " 10", " 13"].into_iter().find(|form| rest.get(4..).is_some_and(|rest| rest.starts_with(form)))
        && separator(rest.get(4 + form.len()..)?).is_some()
    {
        head += form.len();
    }
    head += separator(rest.get(head..)?)?;
    let mut values: Vec<u32> = Vec::new();
    let mut length = 0;
    for (at, c) in rest.get(head..)?.char_indices() {
        match c {
            '0'..='9' if values.len() < 13 => values.push(c.to_digit(10)?),
            'X' | 'x' if values.len() == 9 => values.push(10),
            '-' | '–' | '\u{2010}' | '\u{2011}' | ' ' if !values.is_empty() => continue,
            _ => break,
        }
        length = at + c.len_utf8();
    }
    is_isbn(&values).then(|| Citation {
        span: Span::new(offset(at), offset(at + head + length)),
        source: None,
        kind: Kind::Isbn,
        target: None,
    })
}

/// Whether the check digit is right.
fn is_isbn(values: &[u32]) -> bool {
    let weighted =
        |weight: fn(usize) -> u32| values.iter().enumerate().map(|(place, value)| weight(place) * value).sum::<u32>();
    match values.len() {
        10 => weighted(|place| 10 - u32::try_from(place).unwrap_or(0)) % 11 == 0,
        13 => values.starts_with(&[9, 7]) && weighted(|place| if place % 2 == 0 { 1 } else { 3 }) % 10 == 0,
        _ => false,
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
    identified(Kind::Doi, start..end, &format!("https://doi.org/{}", scan.text.get(at..end)?))
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

/// `arXiv:2101.00001v2`, `arXiv:hep-th/9901001`, `arXiv 2101.00001`. Grammar: arXiv's own page on
/// identifiers, old and new scheme.
fn arxiv(scan: &Scan<'_>, at: usize) -> Option<Citation> {
    let start = at.checked_sub(1)?;
    let rest = scan.prose_from(start)?;
    if !rest.starts_with(['a', 'A']) || scan.before(start).ends_with(char::is_alphanumeric) {
        return None;
    }
    let head = 5 + separator(rest.get(5..)?)?;
    let number = rest.get(head..)?;
    let length = new_scheme(number).or_else(|| old_scheme(number))?;
    let end = start + head + length;
    identified(Kind::Arxiv, start..end, &format!("https://arxiv.org/abs/{}", number.get(..length)?))
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

fn identified(kind: Kind, range: std::ops::Range<usize>, address: &str) -> Option<Citation> {
    let target = Some(Target::written(address)).filter(|target| target.address.is_some())?;
    let span = Span::new(offset(range.start), offset(range.end));
    Some(Citation { span, source: None, kind, target: Some(target) })
}

#[cfg(test)]
mod tests {
    use crate::citation::{Citation, extract};
    use crate::document::{Format, read};

    fn found(text: &str) -> Vec<(&'static str, String, Option<String>)> {
        let Ok(document) = read(text.as_bytes().to_vec(), Some(Format::Plain), None) else { return Vec::new() };
        let row = |citation: &Citation| {
            let address = citation.target.as_ref().and_then(|target| target.address.as_ref());
            let url = address.map(|address| address.as_str().to_owned());
            (citation.kind.name(), citation.span.slice(&document.text).to_owned(), url)
        };
        extract(&document).iter().map(row).collect()
    }

    #[test]
    fn numbers_of_articles_and_books() {
        let pubmed = Some("https://pubmed.ncbi.nlm.nih.gov/31978945".to_owned());
        assert_eq!(found("As shown (PMID: 31978945)."), [("pmid", "PMID: 31978945".to_owned(), pubmed.clone())]);
        assert_eq!(found("PMID 31978945, then"), [("pmid", "PMID 31978945".to_owned(), pubmed)]);
        let full = Some("https://pmc.ncbi.nlm.nih.gov/articles/PMC7092803".to_owned());
        assert_eq!(found("See PMC7092803."), [("pmid", "PMC7092803".to_owned(), full)]);
        let arxiv = |number: &str| Some(format!("https://arxiv.org/abs/{number}"));
        for written in ["arXiv:2301.12345v2", "arXiv: 2301.12345v2", "arXiv 2301.12345v2"] {
            assert_eq!(found(&format!("See {written}.")), [("arxiv", written.to_owned(), arxiv("2301.12345v2"))]);
        }
        assert_eq!(found("On arXiv 2301 of them."), []);
        let table = [
            ("ISBN 978-0-306-40615-7.", Some("ISBN 978-0-306-40615-7")),
            ("ISBN-10: 0-306-40615-2 and", Some("ISBN-10: 0-306-40615-2")),
            ("ISBN 0 8044 2957 X,", Some("ISBN 0 8044 2957 X")),
            ("ISBN 978-0-306-40615-8", None),
            ("ISBN 12", None),
            ("PMC123 and XPMID: 4 and PMID: x", None),
        ];
        for (text, expected) in table {
            let texts: Vec<String> = found(text).into_iter().map(|(_, written, _)| written).collect();
            assert_eq!(texts.first().map(String::as_str), expected, "{text}");
        }
    }
}
