//! An address that is cut.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::citation::{Citation, Kind};
use crate::document::{BlockKind, Format};
use crate::finding::{Confidence, Evidence, Finding, Fix, Provenance};
use crate::language::{Vocabulary, is_word_char};
use crate::rules::TextContext;
use crate::text::{Edit, EditSet, Span, offset};

use super::cut::{
    Cut, Shown, bracketed_address, continuation, ends_in_escape, has_slug, of_destination, shown_in_bracket,
};

rule! {
    /// # What it finds
    ///
    /// An address of which a part is missing: an ellipsis of a display in a link's destination, at the end of a long address or of one alone in its bracket, an address broken by a line end, one that ends inside an escape (`%E2%8`), one that ends amid a word and stands elsewhere whole, and a link whose bracket never closes.
    ///
    /// # Why it matters
    ///
    /// The reference leads nowhere, or to another page. A link checker says “not found” and blames the site.
    ///
    /// # How it knows
    ///
    /// The cut itself shows; and where the document holds the whole address, too, the finding is an error.
    ///
    /// # Example
    ///
    ///     See [the survey](https://harbournotes.org/2024/the-great-dred…).
    ///
    /// # Repaired
    ///
    ///     See [the survey](https://harbournotes.org/2024/the-great-dredging).
    ///
    /// # Limits
    ///
    /// `https://example.org/…` and `https://example.org/.../name` are how people write “and so on”, and stay silent. An address that was cut where a word ends shows nothing.
    name: "truncated/url", family: Truncated, severity: Error,
    summary: "a URL that is cut",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let mut own = Vec::new();
    check_links(context, &mut own);
    check_unclosed(context, &mut own);
    check_shown(context, &mut own);
    let whole = Addresses::of(context);
    for (index, citation) in context.citations.iter().enumerate() {
        if citation.kind == Kind::Url && citation.source.is_none() {
            own.extend(bare(context, &whole, index, citation));
        }
    }
    // An unclosed link's address is looked at as a bare one, too.
    own.sort_by_key(|finding| finding.span);
    let mut end = 0;
    own.retain(|finding| {
        let is_new = finding.span.start >= end;
        end = end.max(finding.span.end);
        is_new
    });
    findings.extend(own);
}

/// Links whose destination is cut.
fn check_links(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    for link in &context.document.links {
        let Some(cut) = of_destination(&link.destination) else { continue };
        let next = context.citations.partition_point(|citation| citation.span.end < link.span.end);
        let citation = context.citations.get(next).filter(|citation| citation.span.contains(link.span));
        let span = citation.map_or(link.span, |citation| citation.span);
        let what = match cut {
            Cut::Ellipsis => "has an ellipsis where a part of it is missing",
            Cut::Escape => "ends inside an escape",
        };
        let message = format!("the link's address {} {what}", link.destination);
        let mut finding = Finding::new(&META, span, CERTAIN, message);
        finding.citations.extend(citation.map(|_| next));
        finding.evidence.push(Evidence::new("destination", link.destination.clone()));
        findings.push(finding);
    }
}

/// `[text](https://…` whose bracket does not close before the block ends.
fn check_unclosed(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    if document.format == Format::Html {
        return;
    }
    for at in context.scan.link_marks() {
        let start = at + "](".len();
        let Some((_, block)) = document.prose_block(Span::from_range(at..start)) else { continue };
        let rest = document.text.get(start..block.span.end as usize).unwrap_or_default();
        let before = document.text.get(block.span.start as usize..at).unwrap_or_default();
        let Some(length) = unclosed(before, rest) else { continue };
        let span = Span::from_range(start..start + length);
        if context.broken.iter().any(|broken| broken.span.overlaps(span)) {
            continue;
        }
        let message = format!("the link to {} has no closing bracket", span.slice(&document.text));
        let mut finding = Finding::new(&META, span, CERTAIN, message);
        let edit = context.source(span).map(|span| Edit::insertion(span.end, ")"));
        let edits = edit.and_then(|edit| EditSet::new(vec![edit]));
        finding.fix = edits.map(|edits| Fix::new(Provenance::Bracket, "close the bracket behind the address", edits));
        findings.push(finding);
    }
}

/// `(https://example.org/the-long-way-ho…)`: alone in its bracket, so no
/// sentence goes on there. Behind a slash the ellipsis may be “and so on”,
/// unless others of the document are cut.
fn check_shown(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let mut shown = Vec::new();
    for at in context.scan.schemes() {
        let Some(span) = bracketed_address(&document.text, at) else { continue };
        let is_prose = document.prose_block(span).is_some() && !document.in_inline_code(span);
        if let Some(cut) = shown_in_bracket(span.slice(&document.text)).filter(|_| is_prose) {
            shown.push((span, cut));
        }
    }
    let has_cut = shown.iter().any(|(_, cut)| *cut == Shown::AmidWord);
    for (span, cut) in shown {
        let confidence = match cut {
            Shown::AmidWord => CERTAIN,
            Shown::WithDots => LIKELY,
            Shown::BehindSlash if has_cut => LIKELY,
            Shown::BehindSlash => continue,
        };
        let mut finding = Finding::new(
            &META,
            span,
            confidence,
            format!("the address {} is cut: its end is missing", span.slice(&document.text)),
        );
        let citations = context.citations.partition_point(|citation| citation.span.end <= span.start);
        let citation = context.citations.get(citations).filter(|citation| citation.span.overlaps(span));
        finding.citations.extend(citation.map(|_| citations));
        findings.push(finding);
    }
}

/// Length of the address that `rest` starts with, where no bracket closes it.
fn unclosed(before: &str, rest: &str) -> Option<usize> {
    /// A link's text and its address are not longer.
    const NEAR: usize = 2000;
    let label = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR))..)?;
    let is_open = label.rfind('[').is_some_and(|open| !label.get(open..).is_some_and(|label| label.contains(']')));
    let near = rest.get(..rest.floor_char_boundary(NEAR))?;
    let length = near.find(char::is_whitespace).unwrap_or(near.len());
    let address = near.get(..length)?;
    let (_, host) = address.split_once("://")?;
    let has_host = host.bytes().take_while(u8::is_ascii_alphanumeric).count() >= 2;
    (is_open && has_host && !near.contains(')')).then_some(length)
}

/// An address in the text.
fn bare<'a>(context: &'a TextContext<'_>, whole: &Addresses<'a>, index: usize, citation: &Citation) -> Option<Finding> {
    let document = context.document;
    let (_, block) = document.block_at(citation.span.start)?;
    let address = citation.span.slice(&document.text);
    let rest = document.text.get(citation.span.end as usize..block.span.end as usize)?;
    let broken = || broken_line(context, block.span, citation.span, rest);
    let finding = |end: u32, confidence, message| {
        let mut finding = Finding::new(&META, Span::new(citation.span.start, end), confidence, message);
        finding.citations.push(index);
        finding
    };
    if let Some(end) = broken() {
        let mut finding = finding(end, LIKELY, format!("a line end breaks the address {address}"));
        finding.fix = joined(context, citation.span.end, end);
        return Some(finding);
    }
    if ends_in_escape(address) {
        return Some(finding(citation.span.end, CERTAIN, format!("the address {address} ends inside an escape")));
    }
    if let Some(mark) = ["…", "..."].into_iter().find(|mark| rest.starts_with(mark)) {
        let confidence = shown_cut(address, mark, whole, block.span)?;
        let message = format!("the address {address}{mark} is cut: its end is missing");
        return Some(finding(citation.span.end + offset(mark.len()), confidence, message));
    }
    let longer = whole.that_completes(address)?;
    let mut finding = finding(citation.span.end, LIKELY, format!("the address {address} ends amid a word"));
    let is_only = whole.longer_than(address).iter().all(|(rest, _)| *rest == longer);
    let edit = context.source(citation.span).map(|span| Edit::insertion(span.end, document.written(longer)));
    finding.fix = edit
        .and_then(|edit| EditSet::new(vec![edit]))
        .filter(|_| is_only)
        .map(|edits| Fix::new(Provenance::Document, "complete the address as the document has it elsewhere", edits));
    finding.evidence.push(Evidence::new("whole", longer));
    Some(finding)
}

/// The two parts of a broken address without the line end between them.
fn joined(context: &TextContext<'_>, first_end: u32, end: u32) -> Option<Fix> {
    let behind = Span::new(first_end, end).slice(&context.document.text);
    let length = behind.find(|c: char| !c.is_whitespace())?;
    let gap = context.source(Span::new(first_end, first_end + offset(length)))?;
    let title = "join the two parts of the address";
    Some(Fix::new(Provenance::Pieces, title, EditSet::new(vec![Edit::deletion(gap)])?))
}

/// The end of an address that goes on in the next line.
fn broken_line(context: &TextContext<'_>, block: Span, span: Span, rest: &str) -> Option<u32> {
    let document = context.document;
    if document.format == Format::Html || document.block_at(span.start)?.1.kind == BlockKind::Code {
        return None;
    }
    let line_end = rest.find('\n').filter(|end| *end <= 1)?;
    let before = document.text.get(span.start as usize..span.end as usize + line_end)?;
    let opened = document.text.get(block.start as usize..span.start as usize)?;
    let bracket = if opened.ends_with("](") { Some(')') } else { opened.ends_with('<').then_some('>') };
    let next = rest.get(line_end + 1..)?;
    let length = continuation(before, next, bracket)?;
    Some(span.end + offset(line_end + 1 + length))
}

/// How sure an ellipsis behind an address is a cut. Behind a whole address it
/// is the sentence's; before its own whole it is a display.
fn shown_cut<'a>(address: &'a str, mark: &str, whole: &Addresses<'a>, block: Span) -> Option<Confidence> {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest).split_once('/')?.1;
    if !path.ends_with(is_word_char) || path.contains("compare/") {
        return None;
    }
    let longer = whole.longer_than(address);
    if longer.iter().any(|(_, span)| span.overlaps(block)) {
        return None;
    }
    if longer.iter().any(|(rest, _)| rest.starts_with(is_word_char)) && has_slug(path) {
        return Some(CERTAIN);
    }
    (has_slug(path) && path.contains(['-', '_'])).then_some(if mark == "…" { LIKELY } else { POSSIBLE })
}

/// All addresses of a document, for look-ups by start; sorted when first
/// asked for.
struct Addresses<'a> {
    context: &'a TextContext<'a>,
    sorted: OnceCell<BTreeSet<(&'a str, Span)>>,
    vocabulary: OnceCell<Vocabulary<'a>>,
}

impl<'a> Addresses<'a> {
    fn of(context: &'a TextContext<'a>) -> Self {
        Self { context, sorted: OnceCell::new(), vocabulary: OnceCell::new() }
    }

    fn sorted(&self) -> &BTreeSet<(&'a str, Span)> {
        self.sorted.get_or_init(|| {
            let document = self.context.document;
            let links = document.links.iter().map(|link| (link.destination.as_str(), link.span));
            let bare = self.context.citations.iter().filter(|citation| citation.kind == Kind::Url);
            links.chain(bare.map(|citation| (citation.span.slice(&document.text), citation.span))).collect()
        })
    }

    /// What goes on behind `address` in other addresses; the first few.
    fn longer_than(&self, address: &'a str) -> Vec<(&'a str, Span)> {
        /// Of many that begin alike none says more than the first.
        const MOST: usize = 16;
        let range = self.sorted().range((address, Span::default())..).take(MOST).filter(|(other, _)| *other != address);
        range.map_while(|(other, span)| Some((other.strip_prefix(address)?, *span))).collect()
    }

    /// The longer address that shows that this one ends amid a word of a
    /// title: no word by itself, and whole in the longer one.
    fn that_completes(&self, address: &'a str) -> Option<&'a str> {
        /// A shorter rest is an ending, as in `trees`.
        const SHORTEST: usize = 3;
        let (_, path) = address.split_once("://")?.1.split_once('/')?;
        let piece = path.rsplit(['/', '-', '_']).next()?;
        let is_letters = |text: &str| !text.is_empty() && text.chars().all(char::is_alphabetic);
        let last = path.rsplit('/').next()?;
        if !is_letters(piece) || last.split(['-', '_']).count() < 3 {
            return None;
        }
        let rest = self.longer_than(address).into_iter().map(|(rest, _)| rest).find(|rest| {
            let tail = rest.split(['-', '_', '/', '.', '?', '#']).next().unwrap_or_default();
            is_letters(tail) && tail.len() >= SHORTEST
        })?;
        self.vocabulary().lacks(piece).then_some(rest)
    }

    /// The article's words but those of its addresses, which may be cut.
    fn vocabulary(&self) -> &Vocabulary<'a> {
        self.vocabulary.get_or_init(|| {
            let citations = self.context.citations.iter();
            let spans: Vec<_> = citations.map(|citation| citation.span.range()).collect();
            Vocabulary::of(&self.context.document.text, &spans)
        })
    }
}

const CERTAIN: Confidence = Confidence::from_thousandths(965);
const LIKELY: Confidence = Confidence::from_thousandths(900);
const POSSIBLE: Confidence = Confidence::from_thousandths(750);
