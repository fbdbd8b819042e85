//! Lost text restored from other copies of the article.
//!
//! A copy is laid beside the article, citations and layout left out. Where the
//! article has a label and the copy has text in its place, and both agree on
//! the [`EDGE`](align::EDGE) characters before and behind, what lies between is
//! what was lost. Copies that show the same damage say nothing, copies that
//! descend from one damaged copy are one voice, and copies that disagree are a
//! choice for people.

mod align;
mod gap;
mod kinship;
mod lay;
mod model;
mod process;
mod restore;
mod site;
mod stream;
mod words;

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::check::{DocumentReport, PlacedFinding, Role};
use crate::citation::{self, Citation};
use crate::document::Document;
use crate::finding::{self, Alternative, Confidence, Evidence, Finding, Fix, Lacuna, Provenance};
use crate::rules;
use crate::text::{EditSet, LineIndex};

use gap::{Laid, Offer};
pub(super) use kinship::Kin;
use kinship::{Family, Scars};
use lay::lay;
pub(super) use process::RawText;
pub use process::Shown;
use restore::Damaged;
use site::{PartKind, Site, labels, left_out, marks, sites};
use stream::Stream;

/// Another copy of the article, in whatever format.
#[derive(Debug)]
pub struct Witness {
    document: Document,
    citations: Vec<Citation>,
    scars: Scars,
    provenance: Provenance,
    raw: Option<RawText>,
}

impl Witness {
    /// Another copy.
    #[must_use]
    pub fn new(document: Document) -> Self {
        let citations = citation::extract(&document);
        let scars = kinship::scars(&document, &citations);
        Self { document, citations, scars, provenance: Provenance::Witness, raw: None }
    }

    /// The article as its raw export gives it.
    #[must_use]
    pub(super) fn from_export(document: Document, raw: RawText) -> Self {
        Self { provenance: Provenance::Export, raw: Some(raw), ..Self::new(document) }
    }

    fn label_texts(&self) -> impl Iterator<Item = &str> {
        labels(&self.citations).into_iter().map(|span| span.slice(&self.document.text))
    }
}

/// Which witnesses are kin of the article, and which of each other.
pub(super) fn kin(document: &Document, witnesses: &[Witness], lacuna: &Lacuna) -> Kin {
    if witnesses.is_empty() {
        return Kin::default();
    }
    let mut own = kinship::scars(document, &citation::extract(document));
    own.add_healed(document, &marks(document, lacuna));
    Kin { families: kinship::families(&own, witnesses.iter().map(|witness| &witness.scars)) }
}

/// How much of an article other texts share.
#[derive(Debug)]
pub(super) struct Likeness(Stream);

impl Likeness {
    pub(super) fn of(article: &Document) -> Self {
        Self(Stream::of(article, &labels(&citation::extract(article))))
    }

    /// So many characters of the article stand in the witness, too.
    pub(super) fn shared(&self, witness: &Witness) -> usize {
        let other = Stream::of(&witness.document, &labels(&witness.citations));
        align::align(&self.0.chars, &other.chars).iter().map(|block| block.len).sum()
    }
}

/// Gives the findings of `report` the fixes that the witnesses attest, and adds
/// findings where only they show that text is lost. Gives the process that made
/// the damage, where an export shows it.
pub(super) fn collate(
    document: &Document,
    report: &mut DocumentReport,
    witnesses: &[Witness],
    kin: &Kin,
    lacuna: &Lacuna,
) -> Option<Shown> {
    if witnesses.is_empty() {
        return None;
    }
    let sites = sites(document, report, lacuna, witnesses.iter().flat_map(Witness::label_texts));
    let stream = Stream::of(document, &left_out(document, report, &sites));
    let damaged = Damaged { document, report, stream: &stream };
    let copies: Vec<Copy<'_>> = witnesses
        .iter()
        .zip(&kin.families)
        .map(|(witness, family)| Copy {
            laid: lay(damaged, witness, &sites, *family == Family::Article),
            provenance: witness.provenance,
            family: *family,
        })
        .collect();
    let raw = copies.iter().zip(witnesses).find_map(|(copy, witness)| Some((&copy.laid, witness.raw.as_ref()?)));
    let shown = raw.and_then(|(copy, raw)| process::shown(damaged, copy, raw, &sites));
    let found = restored_sites(damaged, &copies, &sites);
    let refuted = refuted(damaged, &copies, &sites);
    let waiting = waiting(damaged, &found, &sites);
    let lengths: Vec<(usize, u32)> = found
        .iter()
        .filter_map(|(site, restored)| match site.findings.as_slice() {
            [only] => Some((*only, restored.lost?)),
            _ => None,
        })
        .collect();
    let lines = Rc::new(LineIndex::new(&document.source));
    for (site, restored) in found {
        if site.findings.is_empty() {
            report.findings.extend(silent(document, &lines, &site, restored));
            continue;
        }
        for index in &site.findings {
            if let Some(placed) = report.findings.get_mut(*index) {
                attach(document, placed, restored.clone());
            }
        }
    }
    for index in refuted.into_iter().chain(waiting) {
        report.findings.get_mut(index).and_then(|placed| placed.finding.fix.take());
    }
    model::sharpen(document, report, &lengths, lacuna);
    shown
}

/// The findings whose label stands where it should: a copy that is whole where
/// the article is damaged has it there, too, and nothing is missing.
fn refuted(damaged: Damaged<'_>, copies: &[Copy<'_>], sites: &[Site]) -> Vec<usize> {
    let mut refuted = Vec::new();
    for copy in copies.iter().filter(|copy| !copy.laid.is_kin) {
        let offers: Vec<(&Site, Offer)> = sites
            .iter()
            .filter_map(|site| Some((site, copy.laid.offer(damaged.document, damaged.stream, site)?)))
            .collect();
        let heals = |(site, offer): &(&Site, Offer)| match offer.lost {
            0 => !offer.is_prose && site.has(PartKind::Piece),
            _ => restore::cuts_word(damaged.document, &copy.laid, site, offer),
        };
        if copy.provenance != Provenance::Export && !offers.iter().any(heals) {
            continue;
        }
        let stands = offers.iter().filter(|(site, offer)| {
            offer.lost == 0 && !site.is_gap() && restore::has_all_labels(damaged, &copy.laid, site, offer)
        });
        let of_splices = stands.flat_map(|(site, _)| site.findings.iter().copied());
        refuted.extend(of_splices.filter(|index| is_splice(damaged.report, *index)));
    }
    refuted
}

/// The findings beside a seam that is restored now: with its words there, the
/// copies may tell of them, too.
fn waiting(damaged: Damaged<'_>, found: &[(Site, Restored)], sites: &[Site]) -> Vec<usize> {
    let at = |place: u32| damaged.stream.index_at(place);
    let is_near = |site: &Site| {
        found.iter().filter(|(other, _)| !other.span.overlaps(site.span)).any(|(other, restored)| {
            let gap =
                at(other.span.start).abs_diff(at(site.span.end)).min(at(site.span.start).abs_diff(at(other.span.end)));
            gap < align::EDGE && restored.lost.is_some()
        })
    };
    let is_left = |site: &&Site| found.iter().all(|(other, _)| !other.span.overlaps(site.span));
    sites.iter().filter(is_left).filter(|site| is_near(site)).flat_map(|site| site.findings.iter().copied()).collect()
}

fn is_splice(report: &DocumentReport, index: usize) -> bool {
    report.findings.get(index).is_some_and(|placed| placed.finding.rule.family == finding::Family::Splice)
}

/// A witness beside the article.
struct Copy<'a> {
    laid: Laid<'a>,
    provenance: Provenance,
    family: Family,
}

/// What the witnesses make of one site.
#[derive(Clone)]
struct Restored {
    fix: Fix,
    /// What speaks for it, in words.
    voices: String,
    /// The code points that were lost, where they are restored beyond doubt.
    lost: Option<u32>,
}

/// The sites that a copy restores. Seams with too few words between them are
/// one.
fn restored_sites(damaged: Damaged<'_>, copies: &[Copy<'_>], sites: &[Site]) -> Vec<(Site, Restored)> {
    /// Seams of one group, and the words between two of them.
    const MOST: usize = 8;
    const NEAR: usize = 20 * align::EDGE;
    let words = |group: &Site, other: &Site| {
        damaged.stream.index_at(other.span.start).saturating_sub(damaged.stream.index_at(group.span.end))
    };
    let mut found: Vec<(Site, Restored)> = Vec::new();
    let mut doubtful = Vec::new();
    let mut next = 0;
    while let Some(site) = sites.get(next) {
        let mut group = site.clone();
        let mut behind = next + 1;
        next = behind;
        let mut offers = Vec::new();
        // Where no words part two seams, what is missing may be of either.
        loop {
            let other = sites.get(behind).filter(|_| behind < next + MOST);
            if other.is_none_or(|other| words(&group, other) > 0) {
                offers = self::offers(damaged, copies, &group);
            }
            let Some(other) = other.filter(|other| offers.is_empty() && words(&group, other) <= NEAR) else { break };
            group = group.joined(other);
            behind += 1;
        }
        if offers.is_empty() {
            continue;
        }
        next = behind;
        let all = offers.clone();
        offers.retain(|(copy, offer)| is_telling(damaged, &copy.laid, &group, offer));
        match restored(damaged, &group, &offers) {
            Some(restored) => found.push((group, restored)),
            None => doubtful.push((group, all)),
        }
    }
    if let Some(number) = constant_loss(damaged, copies, &found) {
        for (site, mut offers) in doubtful {
            offers.retain(|(copy, offer)| eaten(damaged, &copy.laid, &site, offer) == Some(number));
            found.extend(restored(damaged, &site, &offers).map(|restored| (site, restored)));
        }
        found.sort_by_key(|(site, _)| site.span);
    }
    found
}

/// The number of characters that every label ate behind its place, where some
/// gaps that are restored beyond doubt agree on it.
fn constant_loss(damaged: Damaged<'_>, copies: &[Copy<'_>], found: &[(Site, Restored)]) -> Option<u32> {
    /// Fewer agree by chance.
    const FEWEST: usize = 2;
    let certain = found.iter().filter(|(_, restored)| restored.lost.is_some());
    let numbers: Vec<u32> = certain
        .filter_map(|(site, _)| {
            let (copy, offer) = offers(damaged, copies, site).into_iter().next()?;
            eaten(damaged, &copy.laid, site, &offer)
        })
        .collect();
    let number = *numbers.first()?;
    (numbers.len() >= FEWEST && numbers.iter().all(|other| *other == number)).then_some(number)
}

/// How many characters a label that stands in its place has eaten.
fn eaten(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> Option<u32> {
    let is_eater = offer.lost > 0 && site.parts.len() == 1 && restore::has_all_labels(damaged, copy, site, offer);
    is_eater.then(|| restore::lost_in_file(damaged, copy, site, offer))
}

fn offers<'a, 'b>(damaged: Damaged<'_>, copies: &'b [Copy<'a>], site: &Site) -> Vec<(&'b Copy<'a>, Offer)> {
    let offer = |copy: &'b Copy<'a>| Some((copy, copy.laid.offer(damaged.document, damaged.stream, site)?));
    copies.iter().filter_map(offer).collect()
}

/// A reading of a seam, and the copies that have it, as numbers from 1.
struct Reading<'a> {
    offer: &'a Offer,
    copy: &'a Copy<'a>,
    families: BTreeSet<Family>,
}

fn restored(damaged: Damaged<'_>, site: &Site, offers: &[(&Copy<'_>, Offer)]) -> Option<Restored> {
    let mut readings: Vec<Reading<'_>> = Vec::new();
    for (copy, offer) in offers {
        let words = restore::bare(&copy.laid, offer);
        match readings.iter_mut().find(|known| restore::bare(&known.copy.laid, known.offer) == words) {
            Some(known) => {
                known.families.insert(copy.family);
                // An independent copy speaks for its kin.
                if known.copy.laid.is_kin && !copy.laid.is_kin {
                    (known.copy, known.offer) = (copy, offer);
                }
            }
            None => readings.push(Reading { offer, copy, families: BTreeSet::from([copy.family]) }),
        }
    }
    let fixes: Vec<(Fix, String, u32)> = readings.iter().filter_map(|reading| fix(damaged, site, reading)).collect();
    match <[_; 1]>::try_from(fixes) {
        Ok([(fix, voices, lost)]) if fix.provenance != Provenance::Candidates => {
            Some(Restored { lost: Some(lost), fix, voices })
        }
        Ok([one]) => Some(choice(vec![one])),
        Err(fixes) => (!fixes.is_empty()).then(|| choice(fixes)),
    }
}

/// What people are to decide.
fn choice(fixes: Vec<(Fix, String, u32)>) -> Restored {
    let mut choice = Fix::new(Provenance::Candidates, "choose between the copies", EditSet::default());
    let voices = fixes.iter().map(|(_, voices, _)| voices.as_str()).collect::<Vec<_>>().join("; ");
    choice.alternatives = fixes
        .into_iter()
        .map(|(fix, voices, _)| Alternative {
            title: format!("restore the text of {voices}"),
            edits: fix.edits,
            provenance: Provenance::Candidates,
        })
        .collect();
    Restored { fix: choice, voices, lost: None }
}

fn fix(damaged: Damaged<'_>, site: &Site, reading: &Reading<'_>) -> Option<(Fix, String, u32)> {
    let Reading { offer, copy, families } = reading;
    let edits = restore::edits(damaged, &copy.laid, site, offer)?;
    let title = if offer.lost == 0 { "take the label out: nothing is lost here" } else { "restore the lost text" };
    let (provenance, voices) = match families.len() {
        _ if copy.laid.is_kin => (Provenance::Candidates, "a copy that descends from the same damaged one".to_owned()),
        1 => (copy.provenance, "one copy".to_owned()),
        several => (copy.provenance, format!("{several} independent copies")),
    };
    let lost = restore::lost(damaged, &copy.laid, site, offer);
    Some((Fix::new(provenance, title, edits), voices, lost))
}

/// Whether what a copy has says anything about the site. Where nothing is
/// missing beside a label or a mark that the copy has as well, that is the same
/// damage, or none.
fn is_telling(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    if offer.lost > 0 {
        return is_attested(damaged, copy, site, offer);
    }
    let has_label = copy.labels_in(offer.span).next().is_some();
    !site.findings.is_empty() && !site.is_gap() && !has_label && is_attested(damaged, copy, site, offer)
}

/// Whether the restored text and its place are beyond doubt: the article shows
/// damage there itself, or the copies agree everywhere else, so that nobody can
/// have edited one of them. An editor who leaves whole sentences out leaves a
/// citation that the copy has there, and sets none that it has elsewhere.
fn is_attested(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let findings = site.findings.iter().filter_map(|index| damaged.report.findings.get(*index));
    let is_certain = findings.into_iter().any(|placed| Confidence::ERROR <= placed.finding.confidence);
    let is_shown = is_certain || site.is_gap() || restore::cuts_word(damaged.document, copy, site, offer);
    is_shown || !copy.is_edited && !may_be_abridged(damaged, copy, site, offer)
}

fn may_be_abridged(damaged: Damaged<'_>, copy: &Laid<'_>, site: &Site, offer: &Offer) -> bool {
    let has_none = copy.labels_in(offer.span).next().is_none();
    let is_elsewhere = copy.writes_alike
        && !restore::has_own_label(damaged, copy, site, offer)
        && restore::is_cited_elsewhere(damaged, copy, site);
    let is_foreign = is_elsewhere || has_none && copy.cites_alike;
    !is_foreign && restore::is_abridged(damaged.document, copy, site, offer)
}

/// The witness's fix goes before what the article alone allows.
fn attach(document: &Document, placed: &mut PlacedFinding, restored: Restored) {
    let Restored { fix, voices, .. } = restored;
    placed.finding.evidence.push(Evidence::new("witness", format!("{}: {voices}", fix.title)));
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
fn silent(document: &Document, lines: &Rc<LineIndex>, site: &Site, restored: Restored) -> Option<PlacedFinding> {
    let rule = rules::find("splice/lost-text")?;
    let label = site.span.slice(&document.text);
    let message = format!("another copy of the article has text where {label} stands");
    let mut finding = Finding::new(rule, site.span, CERTAIN, message);
    finding.citations = site.citations().collect();
    finding.evidence.push(Evidence::new("witness", format!("{}: {}", restored.fix.title, restored.voices)));
    finding.fix = Some(restored.fix);
    Some(crate::check::placed(document, lines, finding))
}

/// Whether the label stands where somebody put it.
fn is_genuine(report: &DocumentReport, index: usize) -> bool {
    report.cited.get(index).is_some_and(|cited| cited.role == Role::Genuine)
}
