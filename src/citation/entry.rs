//! Entries: what the markers of an article refer to. Notes (`[^3]: …`),
//! numbered references (`[3] …`, or `3. …` under a heading that says so), and
//! keys (`[@doe2019]: …`).

use std::collections::BTreeSet;

use memchr::memchr_iter;

use crate::document::{Block, BlockKind, Document, Format};
use crate::text::{Span, offset};

use super::{Citation, Kind};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its form.
    pub form: EntryForm,
    /// What markers call it, lower case: `3`, `smith`.
    pub label: String,
    /// The mark in the text, such as `[3]`; the entry's first words where
    /// the reader took the mark away.
    pub mark: Span,
}

/// The forms of entries, each with its own markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryForm {
    /// `[^3]: …`, cited by `[^3]`.
    Note,
    /// `[3] …`, cited by `[3]` or `³`.
    Number,
    /// `3. …` in a list of references, cited by `[3]` or `³`. Its number may
    /// be counted anew by whoever shows the list.
    Item,
    /// `[@key]: …`, cited by `[@key]`.
    Key,
}

/// All entries of a document, in order.
#[must_use]
pub fn find_entries(document: &Document) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut in_references = false;
    for block in &document.blocks {
        let text = block.span.slice(&document.text);
        match block.kind {
            BlockKind::Code => continue,
            BlockKind::Heading => in_references = is_references_heading(text),
            _ => {}
        }
        if block.kind != BlockKind::Heading && text.len() < 60 && is_references_heading(text) {
            in_references = true;
            continue;
        }
        entries.extend(definition(document, block));
        if text.starts_with('[') {
            lines(text).for_each(|(at, line)| entries.extend(bracketed(line, block.span.start + offset(at))));
        } else if in_references {
            if let Some(item) = listed(document, block) {
                entries.push(item);
            } else if let Some(first) =
                is_references_heading(lines(text).next().map_or("", |(_, line)| line)).then_some(1)
            {
                lines(text)
                    .skip(first)
                    .for_each(|(at, line)| entries.extend(bracketed(line, block.span.start + offset(at))));
            }
        }
    }
    entries
}

/// The lines of a block with their offsets.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let starts = std::iter::once(0).chain(memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
    starts.map(|at| {
        let line = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        (at + (line.len() - line.trim_start().len()), line.trim())
    })
}

/// `[3] Smith, …`, `[^3]: …`, `[@key]: …` at the start of a line.
fn bracketed(line: &str, at: u32) -> Option<Entry> {
    const LONGEST_LABEL: usize = 80;
    let inner = line.strip_prefix('[')?;
    let close = inner.get(..inner.floor_char_boundary(LONGEST_LABEL))?.find(']')?;
    let (label, rest) = (inner.get(..close)?, inner.get(close + 1..)?);
    let (form, label) = if let Some(name) = label.strip_prefix('^') {
        (EntryForm::Note, name)
    } else if let Some(key) = label.strip_prefix('@') {
        (EntryForm::Key, key)
    } else {
        (EntryForm::Number, label)
    };
    let is_entry = match form {
        EntryForm::Note | EntryForm::Key => rest.starts_with(':') && !label.contains(char::is_whitespace),
        _ => is_number(label) && is_entry_text(rest),
    };
    let mark = Span::new(at, at + offset(close + 2));
    (is_entry && !label.is_empty()).then(|| Entry { form, label: label.to_lowercase(), mark })
}

fn is_number(label: &str) -> bool {
    (1..=3).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_digit()) && !label.starts_with('0')
}

/// What follows a number in a list of references: a name, a title, an address.
fn is_entry_text(rest: &str) -> bool {
    let text = rest.strip_prefix(':').unwrap_or(rest);
    text.starts_with([' ', '\t']) && {
        let first = text.trim_start().chars().next();
        first
            .is_some_and(|c| c.is_uppercase() || c.is_numeric() || matches!(c, '"' | '“' | '«' | '„' | '<' | '*' | '_'))
            || text.trim_start().starts_with("http")
            || first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase())
    }
}

/// A Markdown footnote: its label stands before the block in the file.
fn definition(document: &Document, block: &Block) -> Option<Entry> {
    if block.kind != BlockKind::Definition || document.format == Format::Plain {
        return None;
    }
    let label = before_block(document, block)?.trim_end().strip_suffix("]:")?.trim_start().strip_prefix("[^")?;
    Some(Entry { form: EntryForm::Note, label: label.to_lowercase(), mark: first_words(document, block) })
}

/// The rest of the line before a block's text, in the file.
fn before_block<'a>(document: &'a Document, block: &Block) -> Option<&'a str> {
    let start = document.source_span(block.span).start as usize;
    /// Marks of lists and notes are shorter.
    const LONGEST: usize = 200;
    let from = document.source.ceil_char_boundary(start.saturating_sub(LONGEST));
    document.source.get(from..start)?.rsplit('\n').next()
}

/// The block's first line, at most 60 bytes of it.
fn first_words(document: &Document, block: &Block) -> Span {
    let line = block.span.slice(&document.text).lines().next().unwrap_or_default();
    let length = line.floor_char_boundary(60);
    Span::new(block.span.start, block.span.start + offset(length))
}

/// `3. Smith, …` in a list of references.
fn listed(document: &Document, block: &Block) -> Option<Entry> {
    let text = block.span.slice(&document.text);
    let number = |line: &str| {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let label = line.get(..digits)?;
        let rest = line.get(digits..)?;
        (is_number(label) && rest.starts_with(['.', ')'])).then(|| label.to_owned())
    };
    let label = number(text).or_else(|| number(before_block(document, block)?.trim_start()))?;
    Some(Entry { form: EntryForm::Item, label, mark: first_words(document, block) })
}

/// Whether a line says that references follow.
fn is_references_heading(line: &str) -> bool {
    // Most lines are bounded by letters as they are.
    let is_bare =
        matches!(line.as_bytes(), [first, .., last] if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric());
    let name = if is_bare { line } else { line.trim_matches(|c: char| !c.is_alphanumeric()) };
    // Length and first letter tell nearly all apart, and cost nothing.
    let Some((letters, first)) = FIRST_LETTERS.get(name.len()).zip(name.bytes().next()) else { return false };
    if letters & first_letter(first) == 0 {
        return false;
    }
    let is_ascii = name.is_ascii();
    let is_name = |known: &str| {
        known.eq_ignore_ascii_case(name) || !is_ascii && name.chars().flat_map(char::to_lowercase).eq(known.chars())
    };
    REFERENCES.iter().any(|known| known.len() == name.len() && is_name(known))
}

/// For each length of those names, in bytes, their first letters as bits.
#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
const FIRST_LETTERS: [u32; 64] = {
    let mut letters = [0; 64];
    let mut rest = REFERENCES;
    while let [name, others @ ..] = rest {
        letters[name.len()] |= first_letter(name.as_bytes()[0]);
        rest = others;
    }
    letters
};

/// The bit of an ASCII letter in either case; all that begin beyond ASCII share
/// one.
const fn first_letter(byte: u8) -> u32 {
    if byte.is_ascii() { 1 << (byte & 0x1F) } else { 1 }
}

/// What lists of references are called.
const REFERENCES: &[&str] = &[
    "references",
    "reference list",
    "bibliography",
    "works cited",
    "sources",
    "notes",
    "footnotes",
    "endnotes",
    "notes and references",
    "citations",
    "literatur",
    "literaturverzeichnis",
    "quellen",
    "quellenverzeichnis",
    "einzelnachweise",
    "références",
    "bibliographie",
    "notes et références",
    "sources et références",
    "referencias",
    "bibliografía",
    "fuentes",
    "notas",
    "referências",
    "riferimenti",
    "bibliografia",
    "fonti",
    "note",
    "literatura",
    "literatuur",
    "bronnen",
    "referenser",
    "källor",
    "литература",
    "источники",
    "список литературы",
    "примечания",
    "джерела",
    "література",
    "список літератури",
    "список використаних джерел",
    "примітки",
    "المراجع",
    "المصادر",
    "संदर्भ",
    "参考文献",
    "参考资料",
    "參考文獻",
    "出典",
    "脚注",
    "참고문헌",
    "참고 문헌",
    "출처",
];

/// The labels that a marker names: `3`, `5`, `6`, `7` for `[3, 5–7]`. Empty
/// for citations that name none.
#[must_use]
pub fn cited_labels(citation: &Citation, text: &str) -> Vec<String> {
    let written = citation.span.slice(text);
    match citation.kind {
        Kind::Footnote => written
            .strip_prefix("[^")
            .and_then(|inner| inner.strip_suffix(']'))
            .map(|label| vec![label.to_lowercase()])
            .unwrap_or_default(),
        Kind::Numeric => numbers(written).into_iter().map(|number| number.to_string()).collect(),
        Kind::Key => keys(written),
        _ => Vec::new(),
    }
}

/// Of a longer range only the ends are taken.
const LONGEST_RANGE: u16 = 60;

/// The numbers of `[3, 5–7]` or `³˒⁵`, ranges spelled out.
fn numbers(written: &str) -> BTreeSet<u16> {
    let plain: String = written.chars().map(lowered).collect();
    let mut numbers = BTreeSet::new();
    for part in plain.trim_matches(['[', ']']).split([',', ';', ' ']) {
        let mut ends = part.split(['-', '–', '—']).filter_map(|end| end.parse::<u16>().ok());
        let Some(first) = ends.next() else { continue };
        let last = ends.next().unwrap_or(first);
        if last < first.saturating_add(LONGEST_RANGE) {
            numbers.extend(first..=last.max(first));
        } else {
            numbers.extend([first, last]);
        }
    }
    numbers
}

/// A raised digit as a plain one.
fn lowered(c: char) -> char {
    match c {
        '\u{2070}' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        '˒' => ',',
        other => other,
    }
}

fn keys(written: &str) -> Vec<String> {
    let key = |part: &str| {
        let (_, key) = part.split_once('@')?;
        let length = key.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_:.-+".contains(byte)).count();
        Some(key.get(..length)?.trim_end_matches([':', '.']).to_lowercase())
    };
    written.split(';').filter_map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn ranges_are_spelled_out() {
        let table: [(&str, &[u16]); 4] =
            [("[3, 5–7]", &[3, 5, 6, 7]), ("[12]", &[12]), ("¹˒³", &[1, 3]), ("[9-2]", &[9])];
        for (written, expected) in table {
            assert_eq!(numbers(written).into_iter().collect::<Vec<_>>(), expected, "{written}");
        }
    }
}
