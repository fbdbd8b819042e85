//! From what a rule found to edits of the file.
//!
//! Rules speak of the article's text; edits are made in its markup. What is
//! taken out here is whole: a label with its link and its brackets, never half
//! a tag.

use std::ops::Range;

use crate::document::{Document, Format};
use crate::finding::Lost;
use crate::text::{Edit, SourceSpan, Span};

use super::context::TextContext;

impl TextContext<'_> {
    /// The bytes of the file under `span`, where they can be edited.
    pub(super) fn source(&self, span: Span) -> Option<SourceSpan> {
        self.document.exact_source_span(span)
    }

    /// The whole construct of a run of citations that reads `label` in the
    /// text. `None` where it cannot be taken out without breaking the markup.
    pub(super) fn construct(&self, citations: Range<usize>, label: Span) -> Option<SourceSpan> {
        let parts = self.citations.get(citations)?.iter().filter_map(|citation| citation.source);
        let whole = parts.fold(self.source(label)?, |whole, part| {
            SourceSpan::new(whole.start.min(part.start), whole.end.max(part.end))
        });
        let written = self.document.source.get(whole.range())?;
        (!written.is_empty() && is_balanced(written)).then_some(whole)
    }

    /// The mark of a gap, as the file writes it, before the byte `next`.
    pub(super) fn gap(&self, lost: Option<Lost>, next: u32) -> String {
        let mark = self.lacuna.mark(lost.and_then(|lost| lost.best));
        gap_mark(self.document, &mark, next)
    }
}

/// `mark` as the file writes it before the byte `next`. In Markdown brackets
/// stay bare, unless what follows would make a link of them.
pub(crate) fn gap_mark(document: &Document, mark: &str, next: u32) -> String {
    let written = document.written(mark);
    let behind = document.source.get(next as usize..).unwrap_or_default();
    if document.format == Format::Markdown && !behind.starts_with(['(', '[', ':']) {
        return written.replace("\\[", "[").replace("\\]", "]");
    }
    written
}

/// Takes `span` out, with the one space that it leaves behind.
pub(crate) fn taken_out(source: &str, span: SourceSpan) -> Edit {
    let range = span.range();
    let before = source.get(..range.start).unwrap_or_default();
    let after = source.get(range.end..).unwrap_or_default();
    let ends = after.is_empty()
        || after.starts_with(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?'));
    if before.ends_with(' ') && ends {
        return Edit::deletion(SourceSpan::new(span.start - 1, span.end));
    }
    let begins = before.is_empty() || before.ends_with('\n');
    if begins && after.starts_with(' ') {
        return Edit::deletion(SourceSpan::new(span.start, span.end + 1));
    }
    Edit::deletion(span)
}

/// Elements that have no end tag.
const VOID: [&str; 6] = ["br", "img", "hr", "wbr", "input", "meta"];

/// Whether every tag in `markup` has its partner there.
pub(crate) fn is_balanced(markup: &str) -> bool {
    open_tags(markup).is_some_and(|open| open.is_empty())
}

/// The elements that `markup` leaves open; `None` where it ends some that it
/// did not begin, or stops inside a tag.
pub(crate) fn open_tags(markup: &str) -> Option<Vec<&str>> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let tag = rest.get(at + 1..).unwrap_or_default();
        let is_end = tag.starts_with('/');
        let name = tag.trim_start_matches('/');
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            rest = tag;
            continue;
        }
        let end = tag.find('>')?;
        let length = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name.get(..length).unwrap_or_default();
        if is_end {
            let last = open.pop()?;
            if !last.eq_ignore_ascii_case(name) {
                return None;
            }
        } else if !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) && !tag.get(..end)?.ends_with('/') {
            open.push(name);
        }
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    Some(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_pair_up() {
        for (markup, open) in [
            ("(<a href=\"x\">h</a>)", Some(vec![])),
            ("a < b <br> <i>c", Some(vec!["i"])),
            ("</b>(a.org)", None),
            ("<b>x</i>", None),
            ("<a href=\"x", None),
        ] {
            assert_eq!(open_tags(markup), open, "{markup}");
        }
    }

    #[test]
    fn one_space_goes_along() {
        for (source, label, left) in [
            ("new (a.org) quay", "(a.org)", "new quay"),
            ("plan(a.org)ning", "(a.org)", "planning"),
            ("grew (a.org).", "(a.org)", "grew."),
            ("(a.org) The", "(a.org)", "The"),
            ("grew (a.org)", "(a.org)", "grew"),
            ("。(a.org)他", "(a.org)", "。他"),
        ] {
            let at = source.find(label).unwrap();
            let edit = taken_out(source, SourceSpan::from_range(at..at + label.len()));
            let mut text = source.to_owned();
            text.replace_range(edit.span.range(), &edit.replacement);
            assert_eq!(text, left);
        }
    }
}
