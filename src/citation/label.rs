//! Domain labels: `(nato.int)`, `[reuters.com]`, `(nato.int, reuters.com)`,
//! `(via apnews.com)`.
//!
//! What a bracket holds says whether it can be one; what touches the bracket
//! says whether prose stands there or a program. A clear host beats the mere
//! look of a name before it, for names are what splices cut: `OpenA(nato.int)d`.
//! Where a program may as well stand there, the document must cite the host
//! elsewhere.

use std::collections::HashSet;

use memchr::memchr;

use crate::language::{Host, HostClaim, claim_host, ends_sentence, is_spaced_letter};
use crate::text::{Span, offset};

use super::{Citation, Kind, Scan, Target};

/// Longest label looked at, in bytes.
const LONGEST: usize = 260;

/// The labels read so far.
#[derive(Debug, Default)]
pub(super) struct Labels {
    sure: Vec<Citation>,
    /// Citations if the document names their source elsewhere.
    doubtful: Vec<Citation>,
}

impl Labels {
    /// Reads the bracket at `at`; `text` goes from there to the block's end.
    pub(super) fn read(&mut self, scan: &Scan<'_>, at: usize, text: &str) {
        let Some(label) = read_label(text) else { return };
        let before = scan.before(at);
        let list = match standing(before, text, &label) {
            Standing::Sure => &mut self.sure,
            Standing::Doubtful => &mut self.doubtful,
            Standing::None => return,
        };
        let mut start = at;
        for part in label.parts {
            let end = at + part.end;
            let span = Span::new(offset(start), offset(end));
            list.push(Citation { span, source: None, kind: Kind::DomainLabel, target: Some(part.target()) });
            start = end;
        }
    }

    /// Hands over the labels; `found` holds the links and addresses already.
    pub(super) fn finish(mut self, found: &mut Vec<Citation>) {
        if !self.doubtful.is_empty() {
            let cited: HashSet<&str> = found.iter().chain(&self.sure).filter_map(registrable).collect();
            self.doubtful.retain(|citation| registrable(citation).is_some_and(|host| cited.contains(host)));
        }
        found.append(&mut self.sure);
        found.append(&mut self.doubtful);
    }
}

fn registrable(citation: &Citation) -> Option<&str> {
    citation.target.as_ref()?.host.as_ref().map(Host::registrable)
}

/// A label read from its opening bracket on.
#[derive(Debug)]
struct Label<'t> {
    /// Its hosts: one, mostly.
    parts: Vec<Part<'t>>,
    is_clear: bool,
    /// Bytes from the opening to behind the closing bracket.
    len: usize,
}

/// One host of a label.
#[derive(Debug)]
struct Part<'t> {
    host: Host,
    /// Path behind the host, if any: `bbc.com/news`.
    path: &'t str,
    /// Its end, in bytes from the opening bracket on. Each part begins where
    /// the one before ends, so that they share out the bracket.
    end: usize,
}

impl Part<'_> {
    fn target(self) -> Target {
        if self.path.is_empty() {
            return Target::site(self.host);
        }
        Target::written(&format!("https://{}/{}", self.host.ascii, self.path))
    }
}

/// The label that starts with the bracket at the start of `text`, if its
/// content is hosts, alone or with a path. Several hosts, or one with words
/// about it, must be clear.
fn read_label(text: &str) -> Option<Label<'_>> {
    let open = text.chars().next()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '（' => '）',
        '【' => '】',
        _ => return None,
    };
    let near = text.get(open.len_utf8()..text.floor_char_boundary(LONGEST))?;
    if !near.starts_with(|c: char| c.is_alphanumeric() || c == ' ') {
        return None;
    }
    let content = near.get(..near.find(close)?)?;
    memchr(b'.', content.as_bytes())?;
    let len = open.len_utf8() + content.len() + close.len_utf8();
    let mut parts = Vec::new();
    let mut is_clear = true;
    let mut end = open.len_utf8();
    for written in content.split([',', ';', '，', '、', '；']) {
        end += written.len();
        let written = if parts.is_empty() { without_lead(written.trim_matches(' ')) } else { written };
        let (claim, path) = read_host(without_count(written.trim()))?;
        let (host, clear) = match claim {
            HostClaim::Clear(host) => (host, true),
            HostClaim::Doubtful(host) => (host, false),
        };
        is_clear &= clear;
        parts.push(Part { host, path, end });
        end += text.get(end..)?.chars().next().map_or(0, char::len_utf8);
    }
    let is_plain = || {
        let whole = content.trim_matches(' ');
        without_count(without_lead(whole)).len() == whole.len()
    };
    if !is_clear && (parts.len() > 1 || !is_plain()) {
        return None;
    }
    if let Some(last) = parts.last_mut() {
        last.end = len;
    }
    Some(Label { parts, is_clear, len })
}

/// A host, alone or with a path.
fn read_host(written: &str) -> Option<(HostClaim, &str)> {
    let (host, path) = written.split_once('/').unwrap_or((written, ""));
    let may_stand_in_path =
        |c: char| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() || ".-/_~%+=&?#".contains(c);
    path.chars().all(may_stand_in_path).then_some((claim_host(host)?, path))
}

/// Without the words that lead to a source: `Source: apnews.com`, `via …`.
fn without_lead(written: &str) -> &str {
    const LEADS: &[&str] = &[
        "source",
        "sources",
        "via",
        "from",
        "see",
        "quelle",
        "quellen",
        "fuente",
        "fuentes",
        "fonte",
        "fontes",
        "fonti",
        "bron",
        "källa",
        "kilde",
        "lähde",
        "źródło",
        "zdroj",
        "kaynak",
        "nguồn",
        "sumber",
        "πηγή",
        "источник",
        "джерело",
        "المصدر",
        "מקור",
        "स्रोत",
        "来源",
        "來源",
        "出典",
        "출처",
    ];
    let (lead, rest) = match written.split_once([':', '：']) {
        Some(parts) => parts,
        None => match written.split_once(' ') {
            Some((lead, rest)) if matches!(lead, "via" | "Via" | "from" | "see" | "See") => (lead, rest),
            _ => return written,
        },
    };
    let lead = lead.trim_end();
    if lead.len() <= 24 && LEADS.contains(&lead.to_lowercase().as_str()) { rest.trim_start() } else { written }
}

/// Without the count of further sources: `nato.int +1`.
fn without_count(written: &str) -> &str {
    match written.split_once(" +") {
        Some((host, count)) if (1..=2).contains(&count.len()) && count.bytes().all(|byte| byte.is_ascii_digit()) => {
            host
        }
        _ => written,
    }
}

/// Whether a bracket with a host in it cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Sure,
    /// If the document cites the host elsewhere.
    Doubtful,
    None,
}

fn standing(before: &str, text: &str, label: &Label<'_>) -> Standing {
    let (written, after) = text.split_at_checked(label.len).unwrap_or((text, ""));
    // The text of a link without a scheme.
    if written.starts_with('[') && after.starts_with('(') {
        return Standing::None;
    }
    let contact = if before.ends_with(written) { Contact::Prose } else { contact(before, written, after) };
    let goes_on = after.starts_with(char::is_alphabetic);
    match contact {
        Contact::Syntax => Standing::None,
        Contact::Prose if label.is_clear || stands_apart(before, after, label) => Standing::Sure,
        Contact::Prose => Standing::Doubtful,
        _ if !label.is_clear => Standing::None,
        // No program has letters behind a closing bracket.
        _ if goes_on => Standing::Sure,
        _ if is_program(before, after) => Standing::None,
        Contact::Name => Standing::Sure,
        Contact::Code => Standing::Doubtful,
    }
}

/// Whether a doubtful host stands where citations stand: after a finished
/// sentence, before a space or the end.
fn stands_apart(before: &str, after: &str, label: &Label<'_>) -> bool {
    let gap = before.trim_end_matches(' ');
    gap.len() < before.len()
        && gap.ends_with(ends_sentence)
        && (after.is_empty() || after.starts_with([' ', '\n']))
        && label.parts.iter().all(|part| part.host.registrable().len() >= 6 && !is_file_stem(part.host.name()))
}

/// What touches the opening bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// Space, punctuation, a word: nothing of a program.
    Prose,
    /// A name of prose that may be one of a program, too: `OpenAI(`.
    Name,
    /// What is a name or a sign of programs, mostly: `verify_source(`, `=(`.
    Code,
    /// The markup of a link, a variable, a string.
    Syntax,
}

fn contact(before: &str, written: &str, after: &str) -> Contact {
    let Some(last) = before.chars().next_back() else { return Contact::Prose };
    match last {
        '$' | '@' | '\\' => Contact::Syntax,
        // `[text](host)`, `[text][host]`.
        ']' if is_closed(before) => Contact::Syntax,
        '"' | '\'' if after.starts_with(last) => Contact::Syntax,
        // A closing quotation mark, or what the French leave out a vowel for.
        '"' | '\'' if before.chars().rev().nth(1).is_some_and(|c| !c.is_whitespace()) => Contact::Prose,
        ']' | '_' | '=' | '/' | '"' | '\'' => Contact::Code,
        _ if is_spaced_letter(last) => named(before, written.starts_with('[')),
        _ => Contact::Prose,
    }
}

/// Whether the `]` at the end was opened not far before.
fn is_closed(before: &str) -> bool {
    const NEAR: usize = 200;
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR))..before.len() - 1);
    near.is_some_and(|near| near.rfind('[') > near.rfind(']') || near.ends_with(']'))
}

/// What kind of name the text ends with.
fn named(before: &str, is_square: bool) -> Contact {
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
        return Contact::Prose;
    }
    let inner = name.trim_matches(['.', ':', '-', '>']);
    if inner.contains(['_', ':', '>']) {
        return Contact::Code;
    }
    if inner.contains('.') {
        // `Booking.com`, `U.S`, and what is none of both.
        let is_name =
            matches!(claim_host(inner), Some(HostClaim::Clear(_))) || inner.split('.').all(|part| part.len() == 1);
        return if is_name { Contact::Name } else { Contact::Code };
    }
    let is_camel = inner
        .as_bytes()
        .windows(2)
        .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    match inner.as_bytes() {
        [first, ..] if is_camel && first.is_ascii_uppercase() => Contact::Name,
        _ if is_camel => Contact::Code,
        [_] if is_square => Contact::Name,
        _ => Contact::Prose,
    }
}

/// Whether the line around a bracket is one of a program.
fn is_program(before: &str, after: &str) -> bool {
    const NEAR: usize = 80;
    const SIGNS: &[&str] = &["{", "}", "=", "::", "->", "()", "$", "</", "//"];
    let left = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR))..).unwrap_or_default();
    let left = left.rsplit('\n').next().unwrap_or_default();
    let right = after.get(..after.floor_char_boundary(NEAR)).and_then(|near| near.lines().next()).unwrap_or_default();
    let is_member = matches!(right.as_bytes(), [b'.', next, ..] if next.is_ascii_lowercase());
    is_member
        || right.starts_with(['(', '[', '{'])
        || right.trim_end() == ";"
        || SIGNS.iter().any(|sign| left.contains(sign) || right.contains(sign))
}

/// Names of files that projects have at their root.
fn is_file_stem(name: &str) -> bool {
    matches!(
        name,
        "readme"
            | "changelog"
            | "license"
            | "contributing"
            | "main"
            | "lib"
            | "mod"
            | "index"
            | "setup"
            | "install"
            | "build"
            | "test"
            | "tests"
            | "config"
            | "todo"
            | "security"
            | "authors"
            | "history"
            | "news"
            | "conftest"
    )
}

#[cfg(test)]
mod tests {
    use crate::citation::{Kind, extract};
    use crate::document::{Format, read};

    fn labels(text: &str) -> Vec<String> {
        let Ok(document) = read(text.as_bytes().to_vec(), Some(Format::Plain), None) else { return Vec::new() };
        let label = |citation: &crate::citation::Citation| citation.span.slice(&document.text).to_owned();
        extract(&document).iter().filter(|citation| citation.kind == Kind::DomainLabel).map(label).collect()
    }

    #[test]
    fn a_clear_host_beats_the_look_of_a_name() {
        for text in [
            "But in OpenA(foreignpolicy.com)d the vote was lost.",
            "A film on YouTube(nato.int)he was asked about.",
            "It runs JavaScri(bbc.com)mes a day.",
            "He ate at McDon(nato.int)d for a week.",
            "It was on GitHub(lemonde.fr)ted by nobody.",
            "As OpenAI(foreignpolicy.com) has said.",
            "In the U.S(ecfr.eu)lly nobody.",
            "He wrote node.js(nato.int)nd more.",
            "We under_sco(nato.int)nd this.",
            "La fin de l'(nato.int)s et de tout.",
            "He said \"no\"(nato.int)nd left.",
            "They cut the end](nato.int)nd left.",
            "Either/(nato.int)or both.",
            "The hotel on Booking.com(booking.com) was full.",
            "It g[le-yna.edu] this again.",
            "And a[kommersant.edu] the rest.",
            "Read obj.call(nato.int) and (nato.int).",
        ] {
            let found = labels(text);
            assert_eq!(found.len(), text.matches(['(', '[']).count(), "{text}: {found:?}");
        }
    }

    #[test]
    fn programs_stay_programs() {
        for text in [
            "Call foo(bar.baz) for it.",
            "Take array[index.io] of it.",
            "Call verify_source(nato.int) first.",
            "Then obj.call(nato.int) returns.",
            "The readConfig(nato.int) function.",
            "const page = HttpClient(nato.int);",
            "let x = YouTube(nato.int).open();",
            "See [the text](nato.int) there.",
            "See [the text][nato.int] there.",
            "Run $(nato.int) or \"(nato.int)\" alone.",
            "Mail (nato.int!) or (ask me@nato.int).",
            "Use node.js, vue.js (node.js, vue.js).",
            "Read (README.md, lib.rs) and (see lib.rs).",
            "A framework (ASP.NET) of theirs.",
        ] {
            assert_eq!(labels(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn one_bracket_may_hold_several_hosts_and_words_about_them() {
        let table: [(&str, &[&str]); 8] = [
            ("They met (NATO.INT) twice.", &["(NATO.INT)"]),
            ("They met (nato.int, reuters.com).", &["(nato.int", ", reuters.com)"]),
            ("They met [nato.int; www.bbc.co.uk/news].", &["[nato.int", "; www.bbc.co.uk/news]"]),
            ("They met (Source: apnews.com).", &["(Source: apnews.com)"]),
            ("They met (via apnews.com).", &["(via apnews.com)"]),
            ("Sie trafen sich (Quellen: nato.int, bbc.com).", &["(Quellen: nato.int", ", bbc.com)"]),
            ("They met (nato.int +1).", &["(nato.int +1)"]),
            ("会议（来源：nato.int）。", &["（来源：nato.int）"]),
        ];
        for (text, expected) in table {
            assert_eq!(labels(text), expected, "{text}");
        }
    }
}
