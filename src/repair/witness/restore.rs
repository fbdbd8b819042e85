//! The edits that put lost text back, and the labels where they belong.

use crate::check::DocumentReport;
use crate::citation::{Citation, Kind};
use crate::document::{Document, Format};
use crate::language::{ends_sentence, is_spaced_letter};
use crate::rules::mend::is_balanced;
use crate::text::{Edit, EditSet, SourceSpan, Span, offset};

use super::gap::{Laid, Offer};
use super::is_genuine;
use super::site::{PartKind, Site};
use super::stream::{Stream, may_be_layout};
use super::words::words;

/// An article that is to be restored.
#[derive(Clone, Copy)]
pub(super) struct Damaged<'a> {
    pub(super) document: &'a Document,
    pub(super) report: &'a DocumentReport,
    pub(super) stream: &'a Stream,
}

/// The words that a copy has in a gap, for comparison.
pub(super) fn bare<'a>(copy: &'a Laid<'_>, offer: &Offer) -> &'a [char] {
    copy.stream.chars.get(offer.chars.clone()).unwrap_or_default()
}

/// The code points that were lost at a seam of one part.
pub(super) fn lost(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> u32 {
    counted(damaged, copy, site, offer, |document, span| span.slice(&document.text))
}

/// The same in the file: breaks between paragraphs count for what they are.
pub(super) fn lost_in_file(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> u32 {
    counted(damaged, copy, site, offer, |document, span| {
        document.source.get(document.source_span(span).range()).unwrap_or_default()
    })
}

fn counted<'a>(
    damaged: Damaged<'a>,
    copy: &Laid<'a>,
    site: &Site,
    offer: &Offer,
    slice: fn(&'a Document, Span) -> &'a str,
) -> u32 {
    let count = |document: &'a Document, span: Span| offset(slice(document, span).chars().count());
    let (left, right) = around(damaged, site);
    let kept = count(damaged.document, Span::new(left, right)).saturating_sub(count(damaged.document, site.span));
    let labels = copy.labels_in(offer.span).filter(|label| offer.span.contains(label.span));
    let labels: u32 = labels.map(|label| count(copy.document, label.span)).sum();
    count(copy.document, offer.span).saturating_sub(labels + kept)
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
    let gap = words(document, copy, offer.span, &[]).text;
    before.trim_end().ends_with(ends_sentence) && gap.trim_end().ends_with(ends_sentence)
}

/// Whether the copy has all citations of the seam, wherever.
pub(super) fn is_cited_elsewhere(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site) -> bool {
    let Damaged { document, report, .. } = damaged;
    let has = |own: &Citation| copy.citations.iter().any(|label| is_same_source(document, own, copy.document, label));
    let mut citations = site.citations().filter_map(|index| report.citations.get(index)).peekable();
    citations.peek().is_some() && citations.all(has)
}

/// Whether the copy has a citation of the seam there, too.
pub(super) fn has_own_label(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let cites = |index: usize| {
        damaged.report.citations.get(index).is_some_and(|own| own_label(damaged, copy, own, offer.span, &[]).is_some())
    };
    site.citations().any(cites)
}

/// Whether the copy has all citations of the seam there.
pub(super) fn has_all_labels(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let mut taken = Vec::new();
    site.citations().all(|index| {
        let own = damaged.report.citations.get(index);
        let label = own.and_then(|own| own_label(damaged, copy, own, offer.span, &taken)).map(|label| label.span.start);
        taken.extend(label);
        label.is_some()
    })
}

/// The copy's label within `span` that cites what `own` does, `taken` ones left
/// out.
fn own_label<'a>(
    damaged: Damaged<'_>,
    copy: &'a Laid<'_>,
    own: &Citation,
    span: Span,
    taken: &[u32],
) -> Option<&'a Citation> {
    copy.labels_in(span)
        .filter(|label| !taken.contains(&label.span.start))
        .find(|label| is_same_source(damaged.document, own, copy.document, label))
}

pub(super) fn is_same_source(document: &Document, one: &Citation, copy: &Document, other: &Citation) -> bool {
    fn host(citation: &Citation) -> Option<&str> {
        let host = citation.target.as_ref()?.host.as_ref()?.ascii.as_str();
        Some(host.strip_prefix("www.").unwrap_or(host))
    }
    match (host(one), host(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.kind == other.kind && one.span.slice(&document.text) == other.span.slice(&copy.text),
    }
}

/// The edits; `None` where markup stands in the way, a label has no place, or
/// nothing would change.
pub(super) fn edits(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> Option<EditSet> {
    let document = damaged.document;
    let region = region(damaged, site);
    let source = construct(damaged, site, region)?;
    let (left, right) = around(damaged, site);
    let kept = kept(damaged, copy, site, offer)?;
    let places: Vec<u32> = kept.iter().filter_map(|label| label.place).collect();
    let mut words = words(document, copy, offer.span, &places);
    // What stands between the region and the words beside it stays, and counts
    // for what the copy has there.
    if left < region.start {
        words.trim_start();
    }
    if region.end < right {
        words.trim_end();
    }
    let mut more = Vec::new();
    let mut taken = Vec::new();
    let mut homeless: Vec<&str> = Vec::new();
    for label in &kept {
        match label.place.and_then(|place| words.place_of(place)) {
            Some(place) => words.put(place, &label.written, document),
            None => match label.citation.and_then(|own| true_place(damaged, copy, own, offer, &taken)) {
                Some(last) => {
                    let at = document.exact_source_span(last)?.end;
                    taken.push(last);
                    more.push(Edit::insertion(at, format!(" {}", label.written)));
                }
                None if offer.lost > 0 && label.citation.is_some_and(|own| is_second(damaged, copy, site, own)) => {}
                None => homeless.push(&label.written),
            },
        }
    }
    let homeless = homeless.join(" ");
    if !homeless.is_empty() && !words.keep(&homeless, document, site) {
        more.push(Edit::insertion(word_end(document, region.end)?, format!(" {homeless}")));
    }
    let written = words.written(document, source);
    if more.is_empty() && document.source.get(source.range()) == Some(written.as_str()) {
        return None;
    }
    EditSet::new(std::iter::once(Edit::new(source, written)).chain(more).collect())
}

/// Where the word ends that goes on behind `at`, in the file.
fn word_end(document: &Document, at: u32) -> Option<u32> {
    let behind = document.text.get(at as usize..)?;
    let (last, c) = behind.char_indices().take_while(|(_, c)| c.is_alphanumeric()).last()?;
    Some(document.exact_source_span(Span::from_range(at as usize + last..at as usize + last + c.len_utf8()))?.end)
}

/// Where the words before the seam end, and those behind it begin.
fn around(damaged: Damaged<'_>, site: &Site) -> (u32, u32) {
    let spans = &damaged.stream.spans;
    let before = damaged.stream.index_at(site.span.start).checked_sub(1).and_then(|last| spans.get(last));
    let behind = spans.get(damaged.stream.index_at(site.span.end));
    let end = offset(damaged.document.text.len());
    (before.map_or(0, |span| span.end), behind.map_or(end, |span| span.start))
}

/// The seam with the layout beside it, up to the ends of lines: the copy's own
/// takes its place.
fn region(damaged: Damaged<'_>, site: &Site) -> Span {
    let text: &str = &damaged.document.text;
    let (left, right) = around(damaged, site);
    let before = text.get(left as usize..site.span.start as usize).unwrap_or_default();
    let after = text.get(site.span.end as usize..right as usize).unwrap_or_default();
    let is_layout = |c: char| may_be_layout(c) && !matches!(c, '\n' | '\r');
    let start = site.span.start as usize - (before.len() - before.trim_end_matches(is_layout).len());
    let end = site.span.end as usize + (after.len() - after.trim_start_matches(is_layout).len());
    Span::from_range(start..end)
}

/// The region in the file, all markup of its labels included.
fn construct(damaged: Damaged<'_>, site: &Site, region: Span) -> Option<SourceSpan> {
    let Damaged { document, report, .. } = damaged;
    let whole = site
        .citations()
        .filter_map(|index| report.citations.get(index)?.source)
        .fold(document.exact_source_span(region)?, |whole, part| {
            SourceSpan::new(whole.start.min(part.start), whole.end.max(part.end))
        });
    let written = document.source.get(whole.range())?;
    let is_marked_up = document.format != Format::Plain && !is_balanced(written);
    (!is_marked_up).then_some(whole)
}

/// A label of the seam that must not be lost.
struct Kept<'a> {
    /// As the file writes it.
    written: String,
    citation: Option<&'a Citation>,
    /// Where the copy has it.
    place: Option<u32>,
}

fn kept<'a>(damaged: Damaged<'a>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> Option<Vec<Kept<'a>>> {
    let Damaged { document, report, .. } = damaged;
    let mut kept: Vec<Kept<'a>> = Vec::new();
    for part in &site.parts {
        let citation = match part.kind {
            PartKind::Label(index) => report.citations.get(index),
            PartKind::Gap => continue,
            PartKind::Doubtful | PartKind::Piece if offer.is_prose => continue,
            PartKind::Doubtful | PartKind::Piece => None,
        };
        let taken: Vec<u32> = kept.iter().filter_map(|label| label.place).collect();
        let own = citation.and_then(|own| own_label(damaged, copy, own, offer.span, &taken));
        if own.is_none() && is_attested(damaged, part.kind, part.span) {
            continue;
        }
        let source = citation.and_then(|citation| citation.source);
        let source = source.or_else(|| document.exact_source_span(part.span))?;
        let place = own.map(|label| label.span.start);
        kept.push(Kept { written: document.source.get(source.range())?.to_owned(), citation, place });
    }
    Some(kept)
}

/// Whether a citation that stands where it belongs says all that the label says.
fn is_attested(damaged: Damaged<'_>, kind: PartKind, span: Span) -> bool {
    let Damaged { document, report, .. } = damaged;
    let genuine = || report.citations.iter().enumerate().filter(|(index, _)| is_genuine(report, *index));
    match kind {
        PartKind::Label(index) => {
            let own = report.citations.get(index);
            !is_genuine(report, index)
                && own.is_some_and(|own| {
                    genuine().any(|(other, candidate)| other != index && says_all(document, candidate, own))
                })
        }
        _ => genuine().any(|(_, candidate)| candidate.span.slice(&document.text) == span.slice(&document.text)),
    }
}

/// Whether the article has the citation elsewhere, and so has the copy, which
/// has none here: it is a displaced second copy.
fn is_second(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, own: &Citation) -> bool {
    let Damaged { document, report, .. } = damaged;
    let is_elsewhere = report.citations.iter().enumerate().any(|(other, candidate)| {
        !site.span.contains(candidate.span) && is_genuine(report, other) && says_all(document, candidate, own)
    });
    is_elsewhere && copy.citations.iter().any(|label| is_same_source(document, own, copy.document, label))
}

/// Whether `candidate` says all that `citation` says.
fn says_all(document: &Document, candidate: &Citation, citation: &Citation) -> bool {
    let is_mark = matches!(citation.kind, Kind::Footnote | Kind::Numeric | Kind::Token | Kind::Key);
    match (&citation.target, &candidate.target) {
        _ if is_mark => candidate.span.slice(&document.text) == citation.span.slice(&document.text),
        (Some(own), Some(other)) if own.site_only => own.host.is_some() && own.host == other.host,
        (Some(own), Some(other)) => own.address.is_some() && own.address == other.address,
        _ => false,
    }
}

/// The last character before the place where the copy has the label, if the
/// article has no such label there and none of `taken` is it.
fn true_place(damaged: Damaged<'_>, copy: &Laid<'_>, own: &Citation, offer: &Offer, taken: &[Span]) -> Option<Span> {
    /// A label is displaced by less, in bytes.
    const FAR: u32 = 20_000;
    let Damaged { document, report, stream } = damaged;
    let around = Span::new(offer.span.start.saturating_sub(FAR), offer.span.end.saturating_add(FAR));
    let mut labels: Vec<&Citation> =
        copy.labels_in(around).filter(|label| is_same_source(document, own, copy.document, label)).collect();
    labels.sort_by_key(|label| label.span.start.abs_diff(offer.span.start));
    labels.into_iter().find_map(|label| {
        let index = copy.place_in_article(label.span.start)?;
        let last = *stream.spans.get(index.checked_sub(1)?)?;
        let next = stream.spans.get(index).map_or(offset(document.text.len()), |next| next.start);
        let between = Span::new(last.end, next);
        let is_taken = report.citations.iter().any(|known| between.contains(known.span) && known.kind.is_label());
        (!is_taken && !taken.contains(&last)).then_some(last)
    })
}
