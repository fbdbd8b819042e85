//! Links that the markup gives: citations with an address.

use crate::language::{HostClaim, claim_host, ends_sentence};
use crate::text::Span;

use super::{Citation, Kind, Scan, Target};

pub(super) fn extract(scan: &Scan<'_>, found: &mut Vec<Citation>) {
    for link in &scan.document.links {
        if is_no_reference(&link.destination) {
            continue;
        }
        let text = link.span.slice(scan.text);
        let label = bracketed(scan, link.span).filter(|_| is_elsewhere(&link.destination));
        let (span, kind) = match label {
            Some(span) => (span, Kind::LinkLabel),
            None if is_number(text) && is_raised(scan, link.span) => (link.span, Kind::Footnote),
            None if is_number(text) => (link.span, Kind::Numeric),
            None if link.autolink => (link.span, Kind::Url),
            None => (link.span, Kind::Link),
        };
        // A label's span maps to its brackets and all markup between them.
        let is_bracketed_number = matches!(kind, Kind::Numeric | Kind::Footnote) && text.starts_with('[');
        let source = (kind != Kind::LinkLabel && !is_bracketed_number).then_some(link.source);
        found.push(Citation { span, source, kind, target: Some(Target::written(&link.destination)) });
    }
    for raised in &scan.document.raised {
        let text = raised.slice(scan.text);
        if is_number(text) {
            found.push(Citation { span: *raised, source: None, kind: Kind::Footnote, target: None });
        }
    }
}

/// Destinations that cite nothing: mail, telephone, scripts, embedded data,
/// places in the same document.
fn is_no_reference(destination: &str) -> bool {
    const SCHEMES: [&str; 5] = ["mailto:", "tel:", "sms:", "javascript:", "data:"];
    let starts = |scheme: &&str| destination.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    destination.is_empty() || destination.starts_with('#') || SCHEMES.iter().any(starts)
}

/// Whether the markup raises the number.
fn is_raised(scan: &Scan<'_>, span: Span) -> bool {
    let next = scan.document.raised.partition_point(|raised| raised.end < span.end);
    scan.document.raised.get(next).is_some_and(|raised| raised.overlaps(span))
}

/// Whether a link leads to another site; a label that leads within its own is
/// a cross-reference, `(Section 6.4)`, and part of the sentence.
fn is_elsewhere(destination: &str) -> bool {
    destination.starts_with("//") || destination.split(['/', '?', '#']).next().is_some_and(|head| head.contains(':'))
}

/// The span with its brackets, where nothing but the link stands in a bracket
/// pair and the link's text is short, as a label's is.
fn bracketed(scan: &Scan<'_>, span: Span) -> Option<Span> {
    let text = span.slice(scan.text);
    if text.is_empty() || text.len() > 80 || text.contains('\n') {
        return None;
    }
    let before = scan.text.get(..span.start as usize)?;
    let after = scan.text.get(span.end as usize..)?;
    let pair = (before.chars().next_back()?, after.chars().next()?);
    if !matches!(pair, ('(', ')') | ('[', ']') | ('（', '）') | ('【', '】')) {
        return None;
    }
    // `(see)`-like running text in brackets is a link; a host, a name or a few
    // capitalised words are a label.
    let is_host = matches!(claim_host(text), Some(HostClaim::Clear(_)));
    let is_name = text.split_whitespace().count() <= 6 && !text.ends_with(ends_sentence);
    let open = u32::try_from(pair.0.len_utf8()).ok()?;
    let close = u32::try_from(pair.1.len_utf8()).ok()?;
    (is_host || is_name).then(|| Span::new(span.start - open, span.end + close))
}

/// `3`, `[3]`: the number of a note.
fn is_number(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(text);
    !inner.is_empty() && inner.len() <= 3 && inner.bytes().all(|byte| byte.is_ascii_digit())
}
