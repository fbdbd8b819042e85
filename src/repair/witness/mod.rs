//! Lost text restored from other copies of the article.
//!
//! A copy is laid beside the article, citations and layout left out. Where the
//! article has a label and the copy has text in its place, and both agree on
//! the [`EDGE`](align::EDGE) characters before and behind, what lies between is
//! what was lost. Copies that show the same damage say nothing; copies that
//! disagree are a choice for people.

mod align;
mod gap;
mod model;
mod process;
mod restore;
mod stream;

use std::rc::Rc;

use crate::check::{DocumentReport, PlacedFinding, Role};
use crate::citation::{self, Citation};
use crate::document::Document;
use crate::finding::{Alternative, Confidence, Evidence, Family, Finding, Fix, Lacuna, Provenance, Safety};
use crate::rules;
use crate::text::{EditSet, LineIndex, Span};

use align::Block;
use gap::{Laid, Offer};
pub(super) use process::RawText;
pub use process::Shown;
use restore::Site;
use stream::{Stream, labels};

/// Another copy of the article, in whatever format.
#[derive(Debug)]
pub struct Witness {
    document: Document,
    citations: Vec<Citation>,
    provenance: Provenance,
    raw: Option<RawText>,
}

impl Witness {
    /// Another copy.
    #[must_use]
    pub fn new(document: Document) -> Self {
        let citations = citation::extract(&document);
        Self { document, citations, provenance: Provenance::Witness, raw: None }
    }

    /// The article as its raw export gives it.
    #[must_use]
    pub(super) fn from_export(document: Document, raw: RawText) -> Self {
        Self { provenance: Provenance::Export, raw: Some(raw), ..Self::new(document) }
    }
}

/// So many characters of the article stand in the witness, too.
pub(super) fn shared(article: &Document, witness: &Witness) -> usize {
    let article = Stream::of(article, &labels(&citation::extract(article)));
    let other = Stream::of(&witness.document, &labels(&witness.citations));
    align::align(&article.chars, &other.chars).iter().map(|block| block.len).sum()
}

/// Gives the findings of `report` the fixes that the witnesses attest, and adds
/// findings where only they show that text is lost. Gives the process that made
/// the damage, where an export shows it.
pub(super) fn collate(
    document: &Document,
    report: &mut DocumentReport,
    witnesses: &[Witness],
    lacuna: &Lacuna,
) -> Option<Shown> {
    if witnesses.is_empty() {
        return None;
    }
    let sites = sites(document, report, lacuna);
    let left_out = left_out(document, report, &sites);
    let article = Stream::of(document, &left_out);
    let laid: Vec<(Laid<'_>, Provenance)> =
        witnesses.iter().map(|witness| (lay(&article, witness, &sites), witness.provenance)).collect();
    let raw = laid.iter().zip(witnesses).find_map(|((copy, _), witness)| Some((copy, witness.raw.as_ref()?)));
    let shown = raw.and_then(|(copy, raw)| process::shown(document, report, &article, copy, raw, &sites));
    let mut found = Vec::new();
    for site in &sites {
        if let Some(restored) = restored(document, report, &article, &laid, site) {
            found.push((site, restored));
        }
    }
    let lengths: Vec<(usize, u32)> =
        found.iter().filter_map(|(site, restored)| Some((site.finding?, restored.lost?))).collect();
    let lines = Rc::new(LineIndex::new(&document.source));
    for (site, restored) in found {
        match site.finding.and_then(|index| report.findings.get_mut(index)) {
            Some(placed) => attach(document, placed, restored.fix),
            None => report.findings.extend(silent(document, &lines, site, restored.fix)),
        }
    }
    model::sharpen(document, report, &lengths, lacuna);
    shown
}

/// What the witnesses make of one site.
struct Restored {
    fix: Fix,
    /// The code points that were lost, where they are restored beyond doubt.
    lost: Option<u32>,
}

/// The seams of the article: its labels, in runs, and its marks of gaps.
fn sites(document: &Document, report: &DocumentReport, lacuna: &Lacuna) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    for (index, citation) in report.citations.iter().enumerate().filter(|(_, citation)| citation.kind.is_label()) {
        if document.prose_block(citation.span).is_none() {
            continue;
        }
        if let Some(last) = sites.last_mut()
            && last.citations.end == index
            && Span::new(last.span.end, citation.span.start).slice(&document.text).trim_matches(' ').is_empty()
        {
            last.span = last.span.join(citation.span);
            last.citations.end = index + 1;
            continue;
        }
        sites.push(Site { span: citation.span, citations: index..index + 1, finding: None, is_gap: false });
    }
    let gaps = marks(document, lacuna).into_iter();
    sites.extend(gaps.map(|span| Site { span, citations: 0..0, finding: None, is_gap: true }));
    sites.sort_by_key(|site| site.span);
    join_gaps(document, &mut sites);
    for (index, placed) in report.findings.iter().enumerate().filter(|(_, placed)| is_seam(placed)) {
        let next = sites.partition_point(|site| site.span.end <= placed.finding.span.start);
        if let Some(site) = sites.get_mut(next).filter(|site| placed.finding.span.overlaps(site.span))
            && site.finding.is_none()
        {
            site.finding = Some(index);
        }
    }
    sites
}

/// The marks of gaps in a text.
fn marks(document: &Document, lacuna: &Lacuna) -> Vec<Span> {
    let mut forms = vec![lacuna.mark(None), Lacuna::default().mark(None)];
    forms.dedup();
    let places = |form: &String| -> Vec<Span> {
        let found = memchr::memmem::find_iter(document.text.as_bytes(), form.as_bytes());
        found.map(|at| Span::from_range(at..at + form.len())).collect()
    };
    forms.iter().flat_map(places).collect()
}

/// A mark right before a label is of the same seam.
fn join_gaps(document: &Document, sites: &mut Vec<Site>) {
    let mut joined: Vec<Site> = Vec::with_capacity(sites.len());
    for site in sites.drain(..) {
        match joined.last_mut() {
            Some(last) if last.span.overlaps(site.span) => {}
            Some(last)
                if last.is_gap
                    && last.citations.is_empty()
                    && Span::new(last.span.end, site.span.start).slice(&document.text).trim_matches(' ').is_empty() =>
            {
                *last = Site { span: last.span.join(site.span), is_gap: true, ..site };
            }
            _ => joined.push(site),
        }
    }
    *sites = joined;
}

/// Whether a finding says that a label stands where it should not.
fn is_seam(placed: &PlacedFinding) -> bool {
    placed.finding.rule.family == Family::Splice || placed.finding.rule.name == "residue/vendor-token"
}

/// What is no word of the article: labels, gaps, and what broken labels left.
fn left_out(document: &Document, report: &DocumentReport, sites: &[Site]) -> Vec<Span> {
    let mut spans = labels(&report.citations);
    spans.extend(sites.iter().map(|site| site.span));
    let is_broken = |placed: &&PlacedFinding| {
        placed.finding.rule.family == Family::Overlap || placed.finding.rule.name == "truncated/label"
    };
    spans.extend(report.findings.iter().filter(is_broken).map(|placed| placed.finding.span));
    spans.retain(|span| document.text.get(span.range()).is_some());
    spans.sort_unstable();
    spans
}

/// Lays a witness beside the article.
fn lay<'a>(article: &Stream, witness: &'a Witness, sites: &[Site]) -> Laid<'a> {
    let mut left_out = labels(&witness.citations);
    left_out.extend(marks(&witness.document, &Lacuna::default()));
    left_out.sort_unstable();
    let stream = Stream::of(&witness.document, &left_out);
    let blocks = align::align(&article.chars, &stream.chars);
    let is_edited = is_edited(article, &stream, &blocks, sites);
    Laid { document: &witness.document, citations: &witness.citations, stream, blocks, is_edited }
}

/// Whether the copies differ where no label stands.
fn is_edited(article: &Stream, other: &Stream, blocks: &[Block], sites: &[Site]) -> bool {
    let places: Vec<usize> = sites.iter().map(|site| article.index_at(site.span.start)).collect();
    let start = Block { one: 0, other: 0, len: 0 };
    let end = Block { one: article.chars.len(), other: other.chars.len(), len: 0 };
    let all: Vec<Block> = std::iter::once(start).chain(blocks.iter().copied()).chain([end]).collect();
    all.windows(2).any(|pair| {
        let [left, right] = pair else { return false };
        let differs = left.one_end() < right.one || left.other_end() < right.other;
        // A few characters to each side: what both sides could claim.
        let (from, to) = (left.one_end().saturating_sub(align::EDGE), right.one + align::EDGE);
        let first = places.partition_point(|place| *place < from);
        differs && places.get(first).is_none_or(|place| to < *place)
    })
}

fn restored(
    document: &Document,
    report: &DocumentReport,
    article: &Stream,
    laid: &[(Laid<'_>, Provenance)],
    site: &Site,
) -> Option<Restored> {
    let at = article.index_at(site.span.start);
    let offers: Vec<(usize, Offer)> = laid
        .iter()
        .enumerate()
        .filter_map(|(index, (copy, _))| Some((index, copy.offer(article, at)?)))
        .filter(|(index, offer)| {
            let copy = laid.get(*index).map(|(copy, _)| copy);
            copy.is_some_and(|copy| is_telling(document, copy, site, offer))
        })
        .collect();
    // Equal readings count once, whoever offers them.
    let mut readings: Vec<(usize, &Offer, usize)> = Vec::new();
    for (index, offer) in &offers {
        let words = |index: usize, offer: &Offer| {
            laid.get(index).map(|(copy, _)| restore::bare(copy, offer)).unwrap_or_default()
        };
        match readings.iter_mut().find(|(other, known, _)| words(*other, known) == words(*index, offer)) {
            Some((_, _, count)) => *count += 1,
            None => readings.push((*index, offer, 1)),
        }
    }
    let fixes: Vec<(Fix, u32)> = readings
        .iter()
        .filter_map(|(index, offer, _)| {
            let (copy, provenance) = laid.get(*index)?;
            let edits = restore::edits(document, report, article, copy, site, offer)?;
            let provenance =
                if is_attested(document, copy, site, offer) { *provenance } else { Provenance::SentenceEnd };
            let title =
                if offer.lost == 0 { "take the label out: nothing is lost here" } else { "restore the lost text" };
            Some((Fix::new(provenance, title, edits), restore::lost(document, copy, site, offer)))
        })
        .collect();
    match <[_; 1]>::try_from(fixes) {
        Ok([(fix, lost)]) => {
            let lost = (fix.safety() == Safety::Safe).then_some(lost);
            Some(Restored { fix, lost })
        }
        Err(fixes) if fixes.is_empty() => None,
        Err(fixes) => {
            let mut choice = Fix::new(Provenance::Candidates, "choose between the copies", EditSet::default());
            choice.alternatives = fixes
                .into_iter()
                .enumerate()
                .map(|(index, (fix, _))| Alternative {
                    title: format!("restore the text of copy {}", index + 1),
                    edits: fix.edits,
                    provenance: Provenance::Candidates,
                })
                .collect();
            Some(Restored { fix: choice, lost: None })
        }
    }
}

/// Whether what a copy has says anything about the site. Where nothing is
/// missing beside a label or a mark that the copy has as well, that is the same
/// damage, or none.
fn is_telling(document: &Document, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    if offer.lost > 0 {
        return is_attested(document, copy, site, offer);
    }
    let has_label = copy.labels_in(offer.span).iter().any(|label| label.kind.is_label());
    site.finding.is_some() && !site.is_gap && !has_label
}

/// Whether the restored text and its place are beyond doubt: the article shows
/// damage there itself, or the copies agree everywhere else.
fn is_attested(document: &Document, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let is_whole = !copy.is_edited && !restore::is_abridged(document, copy, site, offer);
    site.finding.is_some() || site.is_gap || is_whole || restore::cuts_word(document, copy, site, offer)
}

/// The witness's fix goes before what the article alone allows.
fn attach(document: &Document, placed: &mut PlacedFinding, fix: Fix) {
    let text = fix.title.clone();
    placed.finding.evidence.push(Evidence::new("witness", text));
    let is_choice = fix.edits.is_empty();
    let own = placed.finding.fix.take();
    placed.finding.fix = Some(match own {
        // Copies that disagree: the gap stays marked until somebody chooses.
        Some(mut own) if is_choice => {
            own.alternatives.splice(0..0, fix.alternatives);
            own
        }
        _ => fix,
    });
    // A copy of the article says it: that is certain.
    placed.finding.confidence = placed.finding.confidence.max(CERTAIN);
    placed.edited = crate::check::edited(document, &placed.finding);
}

const CERTAIN: Confidence = Confidence::from_thousandths(990);

/// A finding where only the witness shows that text is lost.
fn silent(document: &Document, lines: &Rc<LineIndex>, site: &Site, fix: Fix) -> Option<PlacedFinding> {
    let rule = rules::find("splice/lost-text")?;
    let label = site.span.slice(&document.text);
    let message = format!("another copy of the article has text where {label} stands");
    let mut finding = Finding::new(rule, site.span, CERTAIN, message);
    finding.citations = site.citations.clone().collect();
    finding.evidence.push(Evidence::new("witness", fix.title.clone()));
    finding.fix = Some(fix);
    Some(crate::check::placed(document, lines, finding))
}

/// Whether the label stands where somebody put it.
fn is_genuine(report: &DocumentReport, index: usize) -> bool {
    report.cited.get(index).is_some_and(|cited| cited.role == Role::Genuine)
}
