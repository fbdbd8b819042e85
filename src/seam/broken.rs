//! Labels that were cut, or written over each other.
//!
//! A label's bracket that never closes, or was never opened, next to a piece
//! of a host: the piece alone proves little, so the whole host must stand
//! elsewhere in the document, or the piece must be a host by itself.

use crate::citation::{Citation, Kind, Scan};
use crate::document::{Block, Document};
use crate::finding::Confidence;
use crate::language::{HostClaim, Vocabulary, claim_host, ends_clause, ends_sentence, is_unspaced_letter};
use crate::text::{Span, offset};

use super::known::{KnownHosts, begins_host, ends_host, is_cut_start, link_names};

/// How a label is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Its end is gone: `(foreignpol`.
    TailCut,
    /// Its start is gone: `eignpolicy.com)`.
    HeadCut,
    /// Another citation begins inside it and took its end or start.
    Crossed,
    /// Another citation stands wholly inside it.
    Holds,
}

/// A broken label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLabel {
    /// All of it, the citation that broke it included.
    pub span: Span,
    /// How.
    pub damage: Damage,
    /// The citation that broke it, as an index.
    pub by: Option<usize>,
    /// What is left of it.
    pub piece: String,
    /// The host it was, where the document holds the whole.
    pub whole: Option<String>,
    /// How sure.
    pub confidence: Confidence,
}

/// Sure: the document holds the whole host.
const ATTESTED: Confidence = Confidence::from_thousandths(975);
/// The piece is a host, the bracket is not closed.
const HOST_ALONE: Confidence = Confidence::from_thousandths(900);

/// The piece is a word, the bracket is not closed, and labels stand there.
const WORD_ALONE: Confidence = Confidence::from_thousandths(750);

/// All broken labels of a document, in order.
#[must_use]
pub fn find_broken_labels(scan: &Scan<'_>, citations: &[Citation]) -> Vec<BrokenLabel> {
    let document = scan.document;
    let is_named = |citation: &&Citation| matches!(citation.kind, Kind::DomainLabel | Kind::LinkLabel);
    let hosts = KnownHosts::of(citations.iter().filter(|citation| !is_unclosed(document, citation)));
    let labels = KnownHosts::of(citations.iter().filter(is_named));
    let names = link_names(document, citations);
    let has_labels = citations.iter().any(|citation| citation.kind == Kind::DomainLabel);
    let walk = |cuts_labels| {
        let (hosts, labels, names) = (&hosts, &labels, names.as_slice());
        Walk { document, scan, citations, hosts, labels, names, has_labels, cuts_labels, found: vec![] }.all()
    };
    let mut found = walk(false);
    let is_cut = |broken: &BrokenLabel| matches!(broken.damage, Damage::TailCut | Damage::HeadCut);
    if found.iter().filter(|broken| is_cut(broken) && broken.confidence >= HOST_ALONE).nth(1).is_some() {
        // What cut two labels cut others, too, and more can be read as one.
        found = walk(true);
    }
    found.sort_by_key(|broken| (broken.span.start, std::cmp::Reverse(broken.span.end)));
    found.dedup_by(|next, kept| kept.span.overlaps(next.span));
    found
}

/// `(www.hani.co` without its end: an address that opens a bracket and does
/// not close it may itself be cut, and attests no whole host.
fn is_unclosed(document: &Document, citation: &Citation) -> bool {
    let before = document.text.get(..citation.span.start as usize).unwrap_or_default();
    let after = document.text.get(citation.span.end as usize..).unwrap_or_default();
    citation.kind == Kind::Url && before.ends_with(['(', '[']) && !after.starts_with([')', ']'])
}

struct Walk<'a> {
    document: &'a Document,
    scan: &'a Scan<'a>,
    citations: &'a [Citation],
    /// The hosts of all citations.
    hosts: &'a KnownHosts<'a>,
    /// Those that labels name: a label is cut from one of them.
    labels: &'a KnownHosts<'a>,
    names: &'a [&'a str],
    /// Whether the document cites by domain labels at all.
    has_labels: bool,
    /// Whether some of the document's labels are cut beyond doubt.
    cuts_labels: bool,
    found: Vec<BrokenLabel>,
}

impl Walk<'_> {
    fn all(mut self) -> Vec<BrokenLabel> {
        self.brackets();
        self.markup();
        for index in 0..self.citations.len() {
            self.inside(index);
        }
        self.found
    }

    /// Walks the brackets of each block, those of citations left out.
    fn brackets(&mut self) {
        let (document, scan) = (self.document, self.scan);
        let mut open: Vec<u32> = Vec::new();
        let mut done = 0;
        let mut walked = None;
        for (at, block) in scan.parentheses() {
            let base = block.span.start;
            if walked != Some(base) {
                walked = Some(base);
                open.clear();
                done = base;
            }
            let place = offset(at);
            if place < done {
                continue;
            }
            let text = block.span.slice(&document.text);
            let at = at - base as usize;
            if let Some(citation) = self.citation_at(place) {
                done = citation.end;
                continue;
            }
            match text.as_bytes().get(at) {
                Some(b'(') => match self.opened(block, text, at) {
                    Some(broken) => {
                        done = broken.span.end;
                        self.found.push(broken);
                    }
                    None => open.push(place),
                },
                Some(b')') if open.pop().is_none() && !self.is_open_before(base) => {
                    let broken = self.closed(text, base, at);
                    self.found.extend(broken);
                }
                _ => {}
            }
        }
    }

    /// Markdown links that are broken, so that their markup is left as text:
    /// `[see Notes here](https://…)` around another link, or a destination
    /// that runs into the next label.
    fn markup(&mut self) {
        let (document, scan) = (self.document, self.scan);
        for (at, block) in document.in_prose(scan.link_marks()) {
            let text = block.span.slice(&document.text);
            let at = at - block.span.start as usize;
            let Some(open) = open_bracket(text, at) else { continue };
            let destination = text.get(at + 2..).unwrap_or_default();
            let length = destination
                .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '['))
                .unwrap_or(destination.len());
            let place = |at: usize| block.span.start + offset(at);
            let end = at + 2 + length;
            let piece = text.get(open + 1..at).unwrap_or_default();
            let start =
                place(if text.get(..open).is_some_and(|before| before.ends_with('(')) { open - 1 } else { open });
            if let Some(inner) = self.label_starting(place(end)) {
                let inner_end = self.citations.get(inner).map_or(place(end), |citation| citation.span.end);
                self.found.push(broken(
                    Span::new(start, inner_end),
                    Damage::Crossed,
                    Some(inner),
                    piece,
                    None,
                    ATTESTED,
                ));
            } else if destination.get(length..).is_some_and(|rest| rest.starts_with(')'))
                && let Some(inner) = self.citation_in(Span::new(place(open + 1), place(at)))
            {
                let span = Span::new(place(open), place(end) + 1);
                self.found.push(broken(span, Damage::Holds, Some(inner), piece, None, ATTESTED));
            }
        }
    }

    /// What a citation holds, or ran into, by its own form: a label within the
    /// text of a link, a token begun before a token.
    fn inside(&mut self, index: usize) {
        let Some(citation) = self.citations.get(index) else { return };
        let text: &str = &self.document.text;
        if citation.kind == Kind::LinkLabel {
            let inner = text.get(citation.span.start as usize + 1..citation.span.end as usize).unwrap_or_default();
            let label = inner.find('(').and_then(|at| inner.get(at + 1..)).filter(|rest| {
                let piece = host_piece(rest);
                let is_closed = rest.get(piece.len()..).is_some_and(|behind| behind.starts_with(')'));
                let own = citation.target.as_ref().and_then(|target| target.host.as_ref());
                is_closed
                    && matches!(claim_host(piece), Some(HostClaim::Clear(host)) if own.is_none_or(|own| own.registrable() != host.registrable()))
            });
            if let Some(rest) = label {
                let piece = host_piece(rest);
                self.found.push(broken(citation.span, Damage::Holds, Some(index), piece, None, ATTESTED));
            }
        } else if citation.kind == Kind::Token && citation.span.slice(text).starts_with('【') {
            let before = text.get(..citation.span.start as usize).unwrap_or_default();
            let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(60))..).unwrap_or_default();
            let Some(piece) = near.rfind('【').and_then(|at| near.get(at..)) else { return };
            let is_begun = piece.contains('†')
                && !piece.contains('】')
                && piece.chars().nth(1).is_some_and(|c| c.is_ascii_digit());
            if is_begun {
                let start = citation.span.start - offset(piece.len());
                self.found.push(broken(
                    Span::new(start, citation.span.end),
                    Damage::Crossed,
                    Some(index),
                    piece,
                    None,
                    ATTESTED,
                ));
            }
        }
    }

    /// Whether the piece before a `)` is all of a link's text, or code: then
    /// the bracket alone is wrong.
    fn is_whole_link(&self, piece: Span) -> bool {
        let index = self.citations.partition_point(|citation| citation.span.end <= piece.start);
        let link = self.citations.get(index).filter(|citation| matches!(citation.kind, Kind::Link | Kind::Url));
        link.is_some_and(|link| link.span.start <= piece.start && piece.end <= link.span.end + 1)
            || self.document.in_inline_code(Span::new(piece.start, piece.start + 1))
    }

    /// The first citation that lies wholly in `span`.
    fn citation_in(&self, span: Span) -> Option<usize> {
        let index = self.citations.partition_point(|citation| citation.span.start < span.start);
        self.citations.get(index).filter(|citation| span.contains(citation.span)).map(|_| index)
    }

    /// The span of the label, address or token that covers `place`.
    fn citation_at(&self, place: u32) -> Option<Span> {
        let index = self.citations.partition_point(|citation| citation.span.end <= place);
        let citation = self.citations.get(index)?;
        let covers = citation.span.start <= place && citation.kind != Kind::Link;
        covers.then_some(citation.span)
    }

    fn label_starting(&self, place: u32) -> Option<usize> {
        let index = self.citations.partition_point(|citation| citation.span.start < place);
        let citation = self.citations.get(index)?;
        (citation.span.start == place && citation.kind.is_label()).then_some(index)
    }

    fn label_ending(&self, place: u32) -> Option<usize> {
        let index = self.citations.partition_point(|citation| citation.span.end < place);
        let citation = self.citations.get(index)?;
        (citation.span.end == place && citation.kind.is_label()).then_some(index)
    }

    /// A `(` that no citation owns: is there a piece of a host behind it?
    fn opened(&self, block: &Block, text: &str, at: usize) -> Option<BrokenLabel> {
        let rest = text.get(at + 1..)?;
        let piece = host_piece(rest);
        let start = block.span.start + offset(at);
        let end = start + 1 + offset(piece.len());
        if let Some(inner) = self.label_starting(end).filter(|_| piece.len() >= 2) {
            return self.interrupted(block, Span::new(start, end), piece, inner);
        }
        if let Some(name) = rest.strip_prefix('[').and_then(|rest| self.cut_name(rest)) {
            let span = Span::new(start, start + 2 + offset(name.0.len()));
            let confidence = if name.1.is_some() { ATTESTED } else { HOST_ALONE };
            return Some(broken(span, Damage::TailCut, None, name.0, name.1, confidence));
        }
        if piece.len() < 4 {
            return None;
        }
        let behind = rest.get(piece.len()..)?;
        let known = self.host_cut_to(piece, behind.starts_with(')'));
        if behind.starts_with(')') {
            // In a closed bracket a piece counts only when no word of prose
            // could be meant: `(foreignpolicy.c)`, `(foreignpol)`.
            let is_name = piece.starts_with(char::is_uppercase) && !piece.contains('.');
            let whole = known.filter(|_| !is_name && !matches!(claim_host(piece), Some(HostClaim::Clear(_))))?;
            let span = Span::new(start, end + 1);
            return Some(broken(span, Damage::TailCut, None, piece, Some(whole), ATTESTED));
        }
        // The closing bracket of another label that is cut is none of this one:
        // `(foreignpol and … eignpolicy.com)`.
        let is_closed = closing(behind)
            .and_then(|at| behind.get(..at))
            .is_some_and(|remark| known.is_none() || !self.labels.end_in(host_piece_back(remark)));
        if is_closed
            || self.document.in_inline_code(Span::new(end - 1, end))
            || behind.starts_with(['(', '[', '/', '@', ':', '_'])
        {
            return None;
        }
        let span = Span::new(start, end);
        if let Some(whole) = known {
            return Some(broken(span, Damage::TailCut, None, piece, Some(whole), ATTESTED));
        }
        let is_host = matches!(claim_host(piece), Some(HostClaim::Clear(_)));
        let is_known = self.hosts.contains(piece);
        let confidence = if is_known { ATTESTED } else { HOST_ALONE };
        let shows_host = self.has_labels || piece.starts_with("www.");
        if is_host || shows_host && begins_host(piece) {
            return Some(broken(span, Damage::TailCut, None, piece, is_known.then_some(piece), confidence));
        }
        // A single word in a bracket that nothing closes, where labels stand.
        let before = text.get(..at)?.trim_end();
        let is_place = before.ends_with(ends_sentence) && behind.starts_with(char::is_whitespace)
            || behind.starts_with(|c| ends_sentence(c) || ends_clause(c) || is_unspaced_letter(c))
            || behind.is_empty();
        let is_word = piece.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        (self.has_labels && (is_place || self.cuts_labels) && is_word)
            .then(|| broken(span, Damage::TailCut, None, piece, None, WORD_ALONE))
    }

    /// The host that `piece` is the cut start of. In a bracket that closes at
    /// once, a word of the dictionary is meant as a word: `pub(crate)`.
    fn host_cut_to(&self, piece: &str, is_closed: bool) -> Option<&str> {
        let has_dot = piece.contains('.');
        let hosts = if has_dot { self.hosts } else { self.labels };
        let host = hosts.starting_with(piece).filter(|host| is_cut_start(piece, host))?;
        let is_word = || !has_dot && !Vocabulary::default().lacks_english(piece);
        (!is_closed || !is_word()).then_some(host)
    }

    /// `([Word Off` where the document cites `([Word Office][1])`: the piece
    /// and the whole name.
    fn cut_name<'t>(&self, rest: &'t str) -> Option<(&'t str, Option<&str>)> {
        let near = rest.get(..rest.floor_char_boundary(120))?;
        let line = near.lines().next()?;
        if line.contains(']') {
            return None;
        }
        let word = line.chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum::<usize>();
        let alone = line.get(..word).filter(|word| word.len() >= 3 && !self.names.is_empty());
        self.names
            .iter()
            .find_map(|name| {
                let common: usize = name
                    .chars()
                    .zip(line.chars())
                    .take_while(|(one, other)| one == other)
                    .map(|(c, _)| c.len_utf8())
                    .sum();
                let piece = line.get(..common)?.trim_end();
                (piece.len() >= 3 && common < name.len()).then_some((piece, Some(*name)))
            })
            .or_else(|| alone.map(|piece| (piece, None)))
    }

    /// The label at `outer` runs into the citation `inner` before it closes.
    fn interrupted(&self, block: &Block, outer: Span, piece: &str, inner: usize) -> Option<BrokenLabel> {
        let inner_citation = self.citations.get(inner)?;
        let inner_span = inner_citation.span;
        let behind = Span::new(inner_span.end, block.span.end).slice(&self.document.text);
        let tail = host_piece(behind);
        let closes = behind.get(tail.len()..)?.starts_with(')');
        let joined = format!("{piece}{tail}");
        let is_host = self.hosts.contains(&joined) || matches!(claim_host(&joined), Some(HostClaim::Clear(_)));
        if closes && is_host {
            let span = Span::new(outer.start, inner_span.end + offset(tail.len()) + 1);
            return Some(broken(span, Damage::Holds, Some(inner), piece, Some(&joined), ATTESTED));
        }
        let known = self.host_cut_to(piece, behind.starts_with(')'));
        let is_complete = matches!(claim_host(piece), Some(HostClaim::Clear(_)));
        // A marker in a bracket follows a sentence: `(ibid.[4])`.
        let may_be_host = inner_citation.kind == Kind::DomainLabel && begins_host(piece);
        if known.is_none() && !is_complete && !may_be_host && closing(behind).is_some() {
            return None;
        }
        let span = Span::new(outer.start, inner_span.end);
        let confidence = if known.is_some() || is_complete { ATTESTED } else { HOST_ALONE };
        Some(broken(span, Damage::Crossed, Some(inner), piece, known, confidence))
    }

    /// Whether a bracket is open where a block starts: comments and quotations
    /// are read line by line.
    fn is_open_before(&self, start: u32) -> bool {
        /// A remark in brackets is not longer.
        const NEAR: usize = 200;
        let before = self.document.text.get(..start as usize).unwrap_or_default();
        before.bytes().rev().take(NEAR).find(|byte| matches!(byte, b'(' | b')')) == Some(b'(')
    }

    /// A `)` that nothing opened: is there a piece of a host before it?
    fn closed(&self, text: &str, base: u32, at: usize) -> Option<BrokenLabel> {
        let before = text.get(..at)?;
        let piece = host_piece_back(before);
        let start = base + offset(at - piece.len());
        let end = base + offset(at) + 1;
        let known = self.hosts.ending_with(piece).filter(|_| piece.len() >= 3);
        if let Some(inner) =
            self.label_ending(start).filter(|_| !piece.is_empty() && (known.is_some() || piece.contains('.')))
        {
            let inner_span = self.citations.get(inner)?.span;
            let confidence = if known.is_some() { ATTESTED } else { HOST_ALONE };
            let span = Span::new(inner_span.start, end);
            return Some(broken(span, Damage::Crossed, Some(inner), piece, known.as_deref(), confidence));
        }
        let span = Span::new(start, end);
        if piece.len() < 4 || !piece.contains('.') || self.is_whole_link(span) {
            return None;
        }
        if let Some(whole) = known.as_deref() {
            return Some(broken(span, Damage::HeadCut, None, piece, Some(whole), ATTESTED));
        }
        let is_host = matches!(claim_host(piece.trim_start_matches(['.', '-'])), Some(HostClaim::Clear(_)));
        let is_known = self.hosts.contains(piece);
        let confidence = if is_known { ATTESTED } else { HOST_ALONE };
        (is_host || self.cuts_labels && ends_host(piece))
            .then(|| broken(span, Damage::HeadCut, None, piece, is_known.then_some(piece), confidence))
    }
}

/// The `[` that the `]` at `close` belongs to, not far before it.
fn open_bracket(text: &str, close: usize) -> Option<usize> {
    /// Longest text of a link, in bytes.
    const LONGEST: usize = 400;
    let from = close.saturating_sub(LONGEST);
    let near = text.as_bytes().get(from..close)?;
    let mut depth = 0_usize;
    for (at, byte) in near.iter().enumerate().rev() {
        match byte {
            b']' => depth += 1,
            b'[' if depth == 0 => return Some(from + at),
            b'[' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn broken(
    span: Span,
    damage: Damage,
    by: Option<usize>,
    piece: &str,
    whole: Option<&str>,
    confidence: Confidence,
) -> BrokenLabel {
    BrokenLabel { span, damage, by, piece: piece.to_owned(), whole: whole.map(str::to_owned), confidence }
}

/// The host characters at the start of `text`.
fn host_piece(text: &str) -> &str {
    let length =
        text.bytes().take(253).take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')).count();
    text.get(..length).unwrap_or_default()
}

/// The host characters at the end of `text`.
fn host_piece_back(text: &str) -> &str {
    let length = text
        .bytes()
        .rev()
        .take(253)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        .count();
    text.get(text.len() - length..).unwrap_or_default()
}

/// Where the bracket closes that was opened before, those in between that open
/// and close left out.
fn closing(behind: &str) -> Option<usize> {
    /// A remark in brackets closes within a few sentences.
    const NEAR: usize = 600;
    let near = behind.get(..behind.floor_char_boundary(NEAR)).unwrap_or_default();
    let mut depth = 0_usize;
    near.bytes().position(|byte| {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return true,
            b')' => depth -= 1,
            _ => {}
        }
        false
    })
}
