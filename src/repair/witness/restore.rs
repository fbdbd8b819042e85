//! The edits that put lost text back, and the label where it belongs.

use std::ops::Range;

use crate::check::DocumentReport;
use crate::citation::{Citation, Kind};
use crate::document::{Document, Format};
use crate::language::{ends_sentence, is_spaced_letter};
use crate::rules::mend::is_balanced;
use crate::text::{Edit, EditSet, SourceSpan, Span, offset};

use super::gap::{Laid, Offer};
use super::is_genuine;
use super::stream::Stream;

/// A seam of the article.
#[derive(Debug)]
pub(super) struct Site {
    /// The label, the run of labels, or the mark of a gap.
    pub(super) span: Span,
    /// Its citations, as indices.
    pub(super) citations: Range<usize>,
    /// The finding that speaks of it, as an index.
    pub(super) finding: Option<usize>,
    /// Somebody marked a gap here.
    pub(super) is_gap: bool,
}

/// The words that a copy has in a gap, for comparison.
pub(super) fn bare(copy: &Laid<'_>, offer: &Offer) -> Vec<char> {
    let from = copy.stream.index_at(offer.span.start);
    copy.stream.chars.get(from..from + offer.lost).unwrap_or_default().to_vec()
}

/// The code points that were lost.
pub(super) fn lost(document: &Document, copy: &Laid<'_>, site: &Site, offer: &Offer) -> u32 {
    let region = region(document, site);
    let spaces = region.slice(&document.text).chars().count() - site.span.slice(&document.text).chars().count();
    let words = words(document, copy, offer.span, None).text;
    offset(words.chars().count()).saturating_sub(offset(spaces))
}

/// Whether the article has half of a word of the copy beside the seam.
pub(super) fn cuts_word(document: &Document, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let letter = |c: Option<char>| c.is_some_and(is_spaced_letter);
    let (text, other): (&str, &str) = (&document.text, &copy.document.text);
    let before = text.get(..site.span.start as usize).and_then(|before| before.chars().next_back());
    let after = text.get(site.span.end as usize..).and_then(|after| after.chars().next());
    let gap = offer.span.slice(other);
    offer.lost > 0 && (letter(before) && letter(gap.chars().next()) || letter(after) && letter(gap.chars().next_back()))
}

/// Whether whole sentences are missing behind a whole sentence: that is how
/// editors shorten.
pub(super) fn is_abridged(document: &Document, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let before = document.text.get(..site.span.start as usize).unwrap_or_default();
    let gap = words(document, copy, offer.span, None).text;
    before.trim_end().ends_with(ends_sentence) && gap.trim_end().ends_with(ends_sentence)
}

fn own_label<'a>(
    document: &Document,
    report: &DocumentReport,
    copy: &'a Laid<'_>,
    site: &Site,
    labels: &'a [Citation],
) -> Option<&'a Citation> {
    let own = report.citations.get(site.citations.clone())?;
    labels
        .iter()
        .filter(|label| label.kind.is_label())
        .find(|label| own.iter().any(|citation| is_same_source(document, citation, copy.document, label)))
}

pub(super) fn is_same_source(document: &Document, one: &Citation, copy: &Document, other: &Citation) -> bool {
    let host = |citation: &Citation| Some(citation.target.as_ref()?.host.as_ref()?.ascii.clone());
    match (host(one), host(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.kind == other.kind && one.span.slice(&document.text) == other.span.slice(&copy.text),
    }
}

/// The edits; `None` where markup stands in the way, or a label has no place.
pub(super) fn edits(
    document: &Document,
    report: &DocumentReport,
    article: &Stream,
    copy: &Laid<'_>,
    site: &Site,
    offer: &Offer,
) -> Option<EditSet> {
    let region = region(document, site);
    let source = construct(document, report, site, region)?;
    let at = article.index_at(site.span.start);
    let left = article.spans.get(at.checked_sub(1)?)?.end;
    let right = article.spans.get(at)?.start;
    let label = kept_label(document, report, site)?;
    let wanted = own_label(document, report, copy, site, copy.labels_in(offer.span)).map(|label| label.span.start);
    let mut words = words(document, copy, offer.span, wanted.filter(|_| !label.is_empty()));
    // What stands between the region and the words beside it stays, and counts
    // for what the copy has there.
    if left < region.start {
        words.trim_start();
    }
    if region.end < right {
        words.trim_end();
    }
    let mut more = None;
    if !label.is_empty() {
        match words.label {
            Some(place) => words.put(place, &label, document),
            None => match true_place(document, report, article, copy, site, offer) {
                Some(place) => {
                    more = Some(Edit::insertion(document.exact_source_span(place)?.end, format!(" {label}")));
                }
                None if offer.lost > 0 && is_second(document, report, copy, site) => {}
                None => words.keep(&label, document, site)?,
            },
        }
    }
    let written = words.written(document);
    let edits = std::iter::once(Edit::new(source, written)).chain(more);
    EditSet::new(edits.collect())
}

/// The site with the spaces beside it.
fn region(document: &Document, site: &Site) -> Span {
    let text: &str = &document.text;
    let before = text.get(..site.span.start as usize).unwrap_or_default();
    let after = text.get(site.span.end as usize..).unwrap_or_default();
    let is_space = |c: char| matches!(c, ' ' | '\t');
    let start = before.trim_end_matches(is_space).len();
    let end = text.len() - after.trim_start_matches(is_space).len();
    Span::from_range(start..end)
}

/// The region in the file, all markup of its labels included.
fn construct(document: &Document, report: &DocumentReport, site: &Site, region: Span) -> Option<SourceSpan> {
    let citations = report.citations.get(site.citations.clone()).unwrap_or_default();
    let whole = citations
        .iter()
        .filter_map(|citation| citation.source)
        .fold(document.exact_source_span(region)?, |whole, part| {
            SourceSpan::new(whole.start.min(part.start), whole.end.max(part.end))
        });
    let written = document.source.get(whole.range())?;
    let is_marked_up = document.format != Format::Plain && !is_balanced(written);
    (!is_marked_up).then_some(whole)
}

/// The labels of the site that must not be lost, as the file writes them.
fn kept_label(document: &Document, report: &DocumentReport, site: &Site) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for index in site.citations.clone() {
        let citation = report.citations.get(index)?;
        // A token stands for a source that only its product knows; its copies
        // say no more than it does.
        let is_attested = !is_genuine(report, index)
            && report.citations.iter().enumerate().any(|(other, candidate)| {
                other != index && is_genuine(report, other) && says_all(document, candidate, citation)
            });
        if !is_attested {
            let source = citation.source.or_else(|| document.exact_source_span(citation.span))?;
            kept.push(document.source.get(source.range())?);
        }
    }
    Some(kept.join(" "))
}

/// Whether the article has the site's citations elsewhere, and so has the copy,
/// which has none here: they are displaced second copies.
fn is_second(document: &Document, report: &DocumentReport, copy: &Laid<'_>, site: &Site) -> bool {
    site.citations.clone().all(|index| {
        let Some(citation) = report.citations.get(index) else { return false };
        let is_elsewhere = report.citations.iter().enumerate().any(|(other, candidate)| {
            !site.citations.contains(&other) && is_genuine(report, other) && says_all(document, candidate, citation)
        });
        is_elsewhere && copy.citations.iter().any(|label| is_same_source(document, citation, copy.document, label))
    })
}

/// Whether `candidate` says all that `citation` says.
fn says_all(document: &Document, candidate: &Citation, citation: &Citation) -> bool {
    let is_mark = matches!(citation.kind, Kind::Footnote | Kind::Numeric | Kind::Token | Kind::Key);
    match (&citation.target, &candidate.target) {
        _ if is_mark => candidate.span.slice(&document.text) == citation.span.slice(&document.text),
        (Some(own), Some(other)) if own.site_only => own.host.is_some() && own.host == other.host,
        (Some(own), Some(other)) => own.url.is_some() && own.url == other.url,
        _ => false,
    }
}

/// The last character before the place where the copy has the label, if the
/// article has no such label there.
fn true_place(
    document: &Document,
    report: &DocumentReport,
    article: &Stream,
    copy: &Laid<'_>,
    site: &Site,
    offer: &Offer,
) -> Option<Span> {
    /// A label is displaced by less, in bytes.
    const FAR: u32 = 20_000;
    let around = Span::new(offer.span.start.saturating_sub(FAR), offer.span.end.saturating_add(FAR));
    let mut labels: Vec<&Citation> = copy
        .labels_in(around)
        .iter()
        .filter(|label| own_label(document, report, copy, site, std::slice::from_ref(*label)).is_some())
        .collect();
    labels.sort_by_key(|label| label.span.start.abs_diff(offer.span.start));
    labels.into_iter().find_map(|label| {
        let index = copy.place_in_article(label.span.start)?;
        let last = *article.spans.get(index.checked_sub(1)?)?;
        let next = article.spans.get(index).map_or(offset(document.text.len()), |next| next.start);
        let between = Span::new(last.end, next);
        let is_taken = report.citations.iter().any(|known| between.contains(known.span) && known.kind.is_label());
        (!is_taken).then_some(last)
    })
}

/// Text of a copy as the article will have it.
struct Words {
    text: String,
    /// Where the copy has the label, in bytes of `text`.
    label: Option<usize>,
    /// Pieces of markup, by their place; in order.
    markup: Vec<(usize, String)>,
}

/// What the copy has in `span`, its own citations left out; `wanted` is the
/// place of the label that is to be remembered.
fn words(document: &Document, copy: &Laid<'_>, span: Span, wanted: Option<u32>) -> Words {
    let other: &str = &copy.document.text;
    let mut found = Words { text: String::new(), label: None, markup: Vec::new() };
    let mut at = span.start;
    let labels = copy.labels_in(span).iter().filter(|label| label.kind.is_label());
    let ends = labels.map(|label| (label.span, Some(label.span.start)));
    for (label, start) in ends.chain([(Span::new(span.end, span.end), None)]) {
        let piece = Span::new(at, label.start.clamp(at, span.end));
        push_words(document, copy, piece, &mut found.text);
        if start.is_some() && start == wanted {
            found.label = Some(found.text.trim_end().len());
        }
        at = at.max(label.end.min(span.end));
        // The space before a label that goes along goes, too.
        let after = other.get(at as usize..).unwrap_or_default();
        if start.is_some() && after.starts_with(|c: char| c.is_whitespace() || ends_sentence(c)) {
            found.text.truncate(found.text.trim_end_matches(' ').len());
        }
    }
    found
}

/// Appends a stretch of the copy, its white space made one space or one break.
fn push_words(document: &Document, copy: &Laid<'_>, span: Span, text: &mut String) {
    let mut rest = span.slice(&copy.document.text);
    let mut at = span.start;
    while let Some(c) = rest.chars().next() {
        if !c.is_whitespace() {
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            text.push_str(rest.get(..length).unwrap_or_default());
            at += offset(length);
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        let length = rest.len() - rest.trim_start().len();
        let gap = rest.get(..length).unwrap_or_default();
        let block = |at: u32| copy.document.block_at(at).map(|(index, _)| index);
        let is_break = gap.contains('\n')
            && (gap.matches('\n').count() > 1 || block(at.saturating_sub(1)) != block(at + offset(length)));
        let is_own_space = c == '\u{A0}' || c == '\u{202F}';
        match () {
            () if is_break && document.format != Format::Html => text.push_str(paragraph(document)),
            () if is_own_space && length == c.len_utf8() => text.push(c),
            () if text.ends_with(char::is_whitespace) => {}
            () => text.push(' '),
        }
        at += offset(length);
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// How the article parts its paragraphs.
fn paragraph(document: &Document) -> &'static str {
    let source: &str = &document.source;
    match (
        source.contains("\r\n"),
        document.format == Format::Markdown || source.contains("\n\n") || source.contains("\r\n\r\n"),
    ) {
        (true, true) => "\r\n\r\n",
        (true, false) => "\r\n",
        (false, true) => "\n\n",
        (false, false) => "\n",
    }
}

fn is_mark(c: char) -> bool {
    c.is_whitespace() || matches!(c, '#' | '•')
}

impl Words {
    fn trim_start(&mut self) {
        let gone = self.text.len() - self.text.trim_start_matches(is_mark).len();
        self.text.drain(..gone);
        self.label = self.label.map(|place| place.saturating_sub(gone));
    }

    fn trim_end(&mut self) {
        self.text.truncate(self.text.trim_end_matches(is_mark).len());
        self.label = self.label.map(|place| place.min(self.text.len()));
    }

    /// Puts the label in where the copy has it.
    fn put(&mut self, place: usize, label: &str, document: &Document) {
        let behind = self.text.get(place..).unwrap_or_default();
        let lead = if self.is_unspaced(document) { "" } else { " " };
        let trail = if behind.starts_with(char::is_alphanumeric) { " " } else { "" };
        self.markup.push((place, format!("{lead}{label}{trail}")));
    }

    /// Keeps the label at its seam, between two words of what is restored.
    fn keep(&mut self, label: &str, document: &Document, site: &Site) -> Option<()> {
        let before = document.text.get(..site.span.start as usize)?.trim_end();
        let first = self.text.find(' ');
        if before.ends_with(ends_sentence) && first == Some(0) {
            self.markup.push((0, format!(" {label}")));
            return Some(());
        }
        // What nothing shows to be a seam keeps its label where a copy has it.
        if site.finding.is_none() && !site.is_gap {
            return None;
        }
        let place = self.text.rfind(' ')?;
        self.markup.push((place, format!(" {label}")));
        Some(())
    }

    fn is_unspaced(&self, document: &Document) -> bool {
        let is_wide = |c: char| crate::language::is_unspaced_letter(c);
        self.text.chars().next_back().is_some_and(is_wide) && !document.text.contains(" (")
    }

    /// As the file writes it.
    fn written(&self, document: &Document) -> String {
        let mut written = String::new();
        let mut at = 0;
        for (place, markup) in &self.markup {
            written.push_str(&document.written(self.text.get(at..*place).unwrap_or_default()));
            written.push_str(markup);
            at = *place;
        }
        written.push_str(&document.written(self.text.get(at..).unwrap_or_default()));
        written
    }
}
