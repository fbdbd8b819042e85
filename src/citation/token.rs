//! Citation tokens that LLM products leave unresolved, in all their states:
//! with their private-use characters, stripped of them, or spelled out.
//!
//! Tokens count in code too, for they break programs; but a token in inline
//! code or between quotation marks is talked about and not left behind.

use std::ops::Range;

use crate::document::BlockKind;
use crate::language::{HostClaim, claim_host, ends_clause, ends_sentence, is_quote};
use crate::text::{Span, offset};

use super::scan::Sight;
use super::{Citation, Kind, Scan, Target};

/// Reads the token around a needle at `at`; the text is its block's.
type Grammar = fn(&str, usize) -> Option<Range<usize>>;

/// What gives a token away, and how to read it whole from there.
pub(super) const FORMS: &[(&str, Grammar)] = &[
    ("\u{E200}", private_use),
    ("\u{E202}", private_use_stray),
    ("\\ue200", spelled_out),
    ("\\ue202", spelled_out),
    ("oaicite", content_reference),
    ("oai_citation", oai_citation),
    ("†", lenticular),
    ("[cite_start]", |_, at| Some(at..at + "[cite_start]".len())),
    ("[cite:", |text, at| numbered(text, at, "[cite:")),
    ("[web:", |text, at| numbered(text, at, "[web:")),
    ("[attached_file:", |text, at| numbered(text, at, "[attached_file:")),
    ("[citation:", |text, at| numbered(text, at, "[citation:")),
    ("](start_span)", |text, at| span_mark(text, at, "](start_span)")),
    ("](end_span)", |text, at| span_mark(text, at, "](end_span)")),
    ("<grok:", grok_element),
    ("<grok-card", grok_element),
    ("grok_render_", grok_link),
    ("[^", caret),
    ("turn", stripped),
];

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    let mut done = 0;
    let mut left_behind = Vec::new();
    let mut mentions = 0_usize;
    for (form, at) in scan.sightings(Sight::Token) {
        if at < done {
            continue;
        }
        let Some((_, block)) = scan.document.block_at(offset(at)) else { continue };
        let base = block.span.start as usize;
        let text = block.span.slice(scan.text);
        let Some((_, grammar)) = FORMS.get(form) else { continue };
        let Some(range) = grammar(text, at - base) else { continue };
        let span = Span::new(offset(base + range.start), offset(base + range.end));
        if base + range.start < done {
            continue;
        }
        done = base + range.end;
        if scan.document.in_inline_code(span) || is_quoted(text, &range, block.kind) {
            mentions += 1;
        } else {
            left_behind.push((span, block.kind));
        }
    }
    // Where an article talks about tokens, its code blocks show examples.
    left_behind.retain(|(_, kind)| mentions == 0 || *kind != BlockKind::Code);
    found.extend(left_behind.into_iter().map(|(span, _)| Citation {
        span,
        source: None,
        kind: Kind::Token,
        target: named_source(span.slice(scan.text)),
    }));
}

/// Whether the token stands alone between quotation marks, or, in code,
/// between the marks of a string or a pattern.
fn is_quoted(text: &str, range: &Range<usize>, kind: BlockKind) -> bool {
    let before = text.get(..range.start).and_then(|before| before.chars().next_back());
    let after = text.get(range.end..).and_then(|after| after.chars().next());
    let (Some(before), Some(after)) = (before, after) else { return false };
    let quotes = matches!(
        (before, after),
        ('"', '"') | ('\'', '\'') | ('`', '`') | ('“', '”') | ('‘', '’') | ('«', '»') | ('„', '“') | ('「', '」')
    );
    let pattern = matches!((before, after), ('/', '/') | ('(', ')') | ('"' | '\'' | '`', _));
    quotes || kind == BlockKind::Code && (pattern || is_handled(text, range.start))
}

/// Whether a line of code handles tokens on purpose: a test or a cleaner.
fn is_handled(text: &str, at: usize) -> bool {
    const HANDLERS: [&str; 7] = ["assert", "expect", "strip", "replace", "clean", "regex", "pattern"];
    /// Code lines are short; longer ones are looked at near the token only.
    const NEAR: usize = 200;
    let near = text.get(text.ceil_char_boundary(at.saturating_sub(NEAR))..at).unwrap_or_default();
    let line = near.rsplit('\n').next().unwrap_or_default();
    line.contains(['"', '\'']) && HANDLERS.iter().any(|word| line.contains(word))
}

/// Longest token read, in bytes: blocks of search results run long.
const LONGEST: usize = 4096;

fn window(text: &str, from: usize, length: usize) -> &str {
    text.get(from..text.floor_char_boundary(from.saturating_add(length))).unwrap_or_default()
}

/// U+E200 name U+E202 references U+E201.
fn private_use(text: &str, at: usize) -> Option<Range<usize>> {
    let inner = window(text, at + 3, LONGEST);
    let named = inner.starts_with(|c: char| c.is_ascii_lowercase() || c == '\u{E202}');
    let end = inner.find('\u{E201}').map(|end| at + 3 + end + 3);
    // Without its end the token goes as far as its own alphabet does.
    let open_end = || {
        let length = inner.find(|c: char| !(c.is_ascii_alphanumeric() || ('\u{E200}'..='\u{E206}').contains(&c)));
        at + 3 + length.unwrap_or(inner.len())
    };
    named.then(|| at..end.unwrap_or_else(open_end))
}

/// U+E202 before a reference, the opening mark gone: with the verb before it
/// and the references behind.
fn private_use_stray(text: &str, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    while let Some(length) = text.get(end..)?.strip_prefix('\u{E202}').and_then(turn_len) {
        end += '\u{E202}'.len_utf8() + length;
    }
    if end == at {
        return None;
    }
    if text.get(end..)?.starts_with('\u{E201}') {
        end += '\u{E201}'.len_utf8();
    }
    Some(at - verb_len(text.get(..at)?)..end)
}

/// Length of the verb that `before` ends with: what was to be shown.
fn verb_len(before: &str) -> usize {
    const VERBS: [&str; 5] = ["filecite", "cite", "navlist", "video", "image"];
    VERBS.into_iter().find(|verb| before.ends_with(verb)).map_or(0, str::len)
}

/// `\ue200cite\ue202turn0search3\ue201`, as characters.
fn spelled_out(text: &str, at: usize) -> Option<Range<usize>> {
    const END: &str = "\\ue201";
    let inner = window(text, at, 600);
    let line = inner.lines().next()?;
    if let Some(end) = line.find(END) {
        return Some(at..at + end + END.len());
    }
    let mut end = "\\ue20x".len();
    let mut references = 0;
    loop {
        let rest = inner.get(end..)?;
        let step = if rest.starts_with("\\ue20") {
            "\\ue20x".len()
        } else if let Some(length) = turn_len(rest) {
            references += 1;
            length
        } else {
            break;
        };
        end += step;
    }
    (references > 0).then_some(at..at + end)
}

/// What a reference may lead to.
const TURN_KINDS: [&str; 20] = [
    "search",
    "view",
    "news",
    "image",
    "file",
    "fetch",
    "forecast",
    "finance",
    "sports",
    "reddit",
    "academia",
    "product",
    "click",
    "calculator",
    "maps",
    "map",
    "video",
    "business",
    "youtube",
    "time",
];

/// Length of `turn0search3` at the start of `text`, a line range included.
fn turn_len(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("turn")?;
    let turn = digits(rest);
    let rest = rest.get(turn..)?;
    let kind = TURN_KINDS.iter().find(|kind| rest.starts_with(**kind))?;
    let rest = rest.get(kind.len()..)?;
    let number = digits(rest);
    let lines = line_range(rest.get(number..)?);
    (turn > 0 && number > 0).then(|| 4 + turn + kind.len() + number + lines)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// `L18-L33` behind a reference to a file.
fn line_range(text: &str) -> usize {
    let Some(rest) = text.strip_prefix('L') else { return 0 };
    let first = digits(rest);
    let Some(rest) = rest.get(first..).filter(|_| first > 0) else { return 0 };
    match rest.strip_prefix("-L").map(digits) {
        Some(last) if last > 0 => 1 + first + 2 + last,
        _ => 1 + first,
    }
}

/// `citeturn0search0turn0news1`: the private-use characters were dropped.
fn stripped(text: &str, at: usize) -> Option<Range<usize>> {
    let mut end = at;
    while let Some(length) = text.get(end..).and_then(turn_len) {
        end += length;
    }
    if end == at {
        return None;
    }
    let before = text.get(..at)?;
    let verb = verb_len(before);
    if verb > 0 {
        return Some(at - verb..end);
    }
    let free = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-' | '/'));
    free.then_some(at..end)
}

/// `:contentReference[oaicite:0]{index=0}` and its broken forms, `【oaicite:4】`.
fn content_reference(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + "oaicite".len()..)?;
    let number = rest.strip_prefix(':').map_or(0, |rest| 1 + digits(rest));
    let mut end = at + "oaicite".len() + number;
    if number < 2 {
        return None;
    }
    let before = text.get(..at)?;
    let opener = [":contentReference[", "::content[", "contentReference[", "【", "["]
        .into_iter()
        .find(|head| before.ends_with(head))?;
    let tail = text.get(end..)?;
    let closer = if opener == "【" { "】" } else { "]" };
    if tail.starts_with(closer) {
        end += closer.len();
    }
    let tail = text.get(end..)?;
    let index = tail.strip_prefix('{').unwrap_or(tail);
    if let Some(value) = index.strip_prefix("index=") {
        let brace = tail.len() - index.len();
        let length = digits(value);
        let closed = usize::from(value.as_bytes().get(length) == Some(&b'}'));
        end += brace + "index=".len() + length + closed;
    }
    Some(at - opener.len()..end)
}

/// `[oai_citation:0‡host](url)`: the reader took the link's markup away.
fn oai_citation(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at + "oai_citation".len()..)?;
    let separator = rest.strip_prefix([':', '_'])?;
    let number = digits(separator);
    let mut end = at + "oai_citation".len() + 1 + number;
    if number == 0 {
        return None;
    }
    let start = if text.get(..at)?.ends_with('[') { at - 1 } else { at };
    if let Some(name) = text.get(end..)?.strip_prefix('‡') {
        end += '‡'.len_utf8() + source_name(name).len();
    }
    if start < at && text.get(end..)?.starts_with(']') {
        end += 1;
    }
    Some(start..end)
}

/// The host or file behind a `‡`, without the punctuation of the sentence.
fn source_name(text: &str) -> &str {
    let length = text.find(|c: char| c.is_whitespace() || matches!(c, ']' | ')' | '(' | '[')).unwrap_or(text.len());
    text.get(..length).unwrap_or_default().trim_end_matches(|c| ends_sentence(c) || ends_clause(c) || is_quote(c))
}

/// What an unlinked token leads to: `oai_citation:3‡nato.int` names its host.
fn named_source(written: &str) -> Option<Target> {
    let (_, name) = written.strip_prefix('[').unwrap_or(written).strip_prefix("oai_citation")?.split_once('‡')?;
    match claim_host(source_name(name))? {
        HostClaim::Clear(host) => Some(Target::site(host)),
        // A file that was handed in: `notes.md`.
        HostClaim::Doubtful(_) => None,
    }
}

/// Whether a token opens what another closes, so that it stands before its
/// sentence and not behind: `[cite_start]`, `[span_1](start_span)`.
#[must_use]
pub fn is_opening_mark(written: &str) -> bool {
    written == "[cite_start]" || written.starts_with("[span_") && written.ends_with("](start_span)")
}

/// `【12†source】`, `【4:0†file.pdf】`, `【65†L323-L332】`.
fn lenticular(text: &str, at: usize) -> Option<Range<usize>> {
    let before = text.get(..at)?;
    let number = before.bytes().rev().take_while(|byte| byte.is_ascii_digit() || *byte == b':').count();
    let start = (at - number).checked_sub('【'.len_utf8())?;
    if number == 0 || !before.get(start..)?.starts_with('【') {
        return None;
    }
    let inner = window(text, at, 300);
    let line = inner.lines().next()?;
    let end = line.find('】').filter(|end| !line.get(..*end).is_some_and(|inside| inside.contains('【')))?;
    Some(start..at + end + '】'.len_utf8())
}

/// `[cite: 4, 5, 230-234]`, `[web:1]`: a head, numbers, a bracket.
fn numbered(text: &str, at: usize, head: &str) -> Option<Range<usize>> {
    let inner = window(text, at + head.len(), 200);
    let end = inner.find(']')?;
    let numbers = inner.get(..end)?;
    let fits = numbers.contains(|c: char| c.is_ascii_digit())
        && numbers.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | ',' | '-' | '–'));
    let is_link = inner.get(end + 1..)?.starts_with('(');
    (fits && !is_link).then_some(at..at + head.len() + end + 1)
}

/// `[span_1](start_span)`.
fn span_mark(text: &str, at: usize, tail: &str) -> Option<Range<usize>> {
    let before = text.get(..at)?;
    let number = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = (at - number).checked_sub("[span_".len())?;
    (number > 0 && before.get(start..)?.starts_with("[span_")).then_some(start..at + tail.len())
}

/// `<grok:render …>…</grok:render>`, or the lone tag.
fn grok_element(text: &str, at: usize) -> Option<Range<usize>> {
    const END: &str = "</grok:render>";
    let inner = window(text, at, LONGEST);
    let tag = inner.find('>')? + 1;
    let rest = inner.get(tag..)?;
    let whole = rest.find(END).filter(|end| !rest.get(..*end).is_some_and(|between| between.contains("<grok:render")));
    Some(at..at + whole.map_or(tag, |end| tag + end + END.len()))
}

/// `[](grok_render_citation_card_json={…})`.
fn grok_link(text: &str, at: usize) -> Option<Range<usize>> {
    let start = at.checked_sub("[](".len())?;
    if !text.get(start..at)?.starts_with("[](") {
        return None;
    }
    let end = window(text, at, LONGEST).find("})")?;
    Some(start..at + end + 2)
}

/// `[^4^]`: no footnote of any Markdown.
fn caret(text: &str, at: usize) -> Option<Range<usize>> {
    let number = digits(window(text, at + 2, 8));
    let end = at + 2 + number;
    (number > 0 && text.get(end..)?.starts_with("^]")).then_some(at..end + 2)
}

#[cfg(test)]
mod tests {
    use super::{FORMS, is_opening_mark, named_source};

    fn token_in(text: &str) -> Option<&str> {
        FORMS.iter().find_map(|(needle, grammar)| {
            let at = text.find(needle)?;
            text.get(grammar(text, at)?)
        })
    }

    #[test]
    fn tokens_are_read_whole() {
        let table = [
            (
                "so.\u{E200}cite\u{E202}turn0search3\u{E202}turn0news1\u{E201} Next",
                Some("\u{E200}cite\u{E202}turn0search3\u{E202}turn0news1\u{E201}"),
            ),
            ("so citeturn0search3turn1view0 Next", Some("citeturn0search3turn1view0")),
            ("a filecitet is return0search", None),
            ("x :contentReference[oaicite:3]{index=3}er on", Some(":contentReference[oaicite:3]{index=3}")),
            ("x [oaicite:5]index=5} y", Some("[oaicite:5]index=5}")),
            ("x【12†source】y", Some("【12†source】")),
            ("【題名】 1†", None),
            ("a [cite: 4, 5, 230-234] b", Some("[cite: 4, 5, 230-234]")),
            ("a [cite: Smith] b", None),
            ("[span_1](start_span)Text", Some("[span_1](start_span)")),
            ("\\ue200cite\\ue202turn0search3\\ue201 x", Some("\\ue200cite\\ue202turn0search3\\ue201")),
            ("done[^4^] x", Some("[^4^]")),
            ("so filecite\u{E202}turn0file1\u{E201} Next", Some("filecite\u{E202}turn0file1\u{E201}")),
            (
                "so.cite\u{E202}turn0search3\u{E202}turn0search4 Next",
                Some("cite\u{E202}turn0search3\u{E202}turn0search4"),
            ),
            ("a oai_citation:3‡nato.int. Next", Some("oai_citation:3‡nato.int")),
            ("a [oai_citation:3‡nato.int](https://nato.int)", Some("[oai_citation:3‡nato.int]")),
            ("filecite\u{E202}x turn1file0L18-L33.", Some("turn1file0L18-L33")),
        ];
        for (text, expected) in table {
            assert_eq!(token_in(text), expected, "{text}");
        }
    }

    #[test]
    fn a_token_may_name_its_source() {
        let host = |written| named_source(written).and_then(|target| target.host).map(|host| host.ascii);
        assert_eq!(host("oai_citation:3‡nato.int"), Some("nato.int".to_owned()));
        assert_eq!(host("[oai_citation:3‡www.nato.int]"), Some("www.nato.int".to_owned()));
        assert_eq!(host("oai_citation:3‡notes.md"), None);
        assert_eq!(host("【3†nato.int】"), None);
    }

    #[test]
    fn opening_marks_are_told_from_closing_ones() {
        assert!(is_opening_mark("[cite_start]") && is_opening_mark("[span_12](start_span)"));
        assert!(!is_opening_mark("[cite: 1]") && !is_opening_mark("[span_12](end_span)"));
    }
}
