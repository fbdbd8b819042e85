//! Which process made the damage, now that the export shows where every label
//! was meant to stand.
//!
//! The fault models guess from the damaged article alone. With the raw text
//! beside it nothing is left to guess: each displaced label has a true place
//! and a place where it landed, and every process says of the one where the
//! other must be. Exporters count in the raw text, or in the text without its
//! markers; both are tried.

use std::ops::Range;

use crate::export::{Answer, Rendered};
use crate::fault::Process;
use crate::text::{Span, offset};

use super::gap::Laid;
use super::restore::{self, Damaged, is_same_source};
use super::site::Site;

/// The raw text of an answer, and what rendering replaced in it.
#[derive(Debug)]
pub(in crate::repair) struct RawText {
    text: String,
    /// In order.
    markers: Vec<Marker>,
}

/// What was rendered as one citation.
#[derive(Debug)]
struct Marker {
    /// In the rendered article.
    written: Span,
    /// In the raw text; empty where the citation was put in.
    replaced: Span,
    /// Where else the export says that it stands, in bytes of the raw text.
    points: Vec<u32>,
}

/// A process that is shown, not guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub process: Process,
    /// Its number of characters, where it has one: by how many every label is
    /// late, or how many every label ate.
    pub characters: Option<u32>,
    /// How many displaced labels it explains.
    pub explains: usize,
    /// How many there are.
    pub of: usize,
}

impl RawText {
    pub(in crate::repair) fn new(answer: &Answer, rendered: &Rendered) -> Self {
        let marker = |placed: &crate::export::Placed| {
            let annotations = placed.annotations.iter().filter_map(|index| answer.annotations.get(*index));
            let spans = annotations.filter_map(|annotation| annotation.placement.span());
            let points = spans.filter(|_| placed.replaced.is_empty()).flat_map(|span| [span.start, span.end]).collect();
            Marker { written: placed.written, replaced: placed.replaced, points }
        };
        Self { text: answer.text.clone(), markers: rendered.placed.iter().map(marker).collect() }
    }

    /// The byte of the raw text that byte `at` of the rendered article stands for.
    fn raw(&self, at: u32) -> u32 {
        let next = self.markers.partition_point(|marker| marker.written.start <= at);
        match next.checked_sub(1).and_then(|last| self.markers.get(last)) {
            Some(marker) if at < marker.written.end => marker.replaced.start,
            Some(marker) => marker.replaced.end + (at - marker.written.end),
            None => at,
        }
    }

    /// Whether a citation that the export declares stands at byte `at` of the
    /// rendered article.
    pub(super) fn declares(&self, at: u32) -> bool {
        let next = self.markers.partition_point(|marker| marker.written.start <= at);
        let last = next.checked_sub(1).and_then(|last| self.markers.get(last));
        last.is_some_and(|marker| at < marker.written.end)
    }

    /// A place in all units, in the text with markers and without.
    fn point(&self, at: u32) -> Point {
        let raw = Units::of(self.text.get(..at as usize).unwrap_or_default());
        let before = self.markers.iter().take_while(|marker| marker.replaced.end <= at);
        let gone = before.map(|marker| Units::of(marker.replaced.slice(&self.text)));
        let plain = gone.fold(raw, |rest, gone| Units {
            characters: rest.characters.saturating_sub(gone.characters),
            bytes: rest.bytes.saturating_sub(gone.bytes),
            utf16: rest.utf16.saturating_sub(gone.utf16),
        });
        Point { raw, plain }
    }
}

#[derive(Debug, Clone, Copy)]
struct Units {
    characters: u32,
    bytes: u32,
    utf16: u32,
}

impl Units {
    fn of(text: &str) -> Self {
        let (characters, utf16) = (text.chars().count(), text.encode_utf16().count());
        Self { characters: offset(characters), bytes: offset(text.len()), utf16: offset(utf16) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Point {
    raw: Units,
    plain: Units,
}

/// Where a label landed, and where it may have been meant to stand.
struct Landing {
    landed: Point,
    meant: Vec<Meant>,
    /// It stands where it belongs, and ate so many characters behind it.
    ate: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Meant {
    at: Point,
    /// By how much the labels before it made the text shorter.
    shrunk: u32,
    /// And by how much they made the text without markers longer: the labels,
    /// and the labels with a space each.
    grown: [u32; 2],
}

/// So many labels show a process as well as all of them.
const MOST: usize = 64;

/// The process that explains most of the displaced labels; `None` where none
/// explains two of three.
pub(super) fn shown(damaged: Damaged<'_>, copy: &Laid<'_>, raw: &RawText, sites: &[Site]) -> Option<Shown> {
    let labels = sites.iter().filter(|site| site.citations().next().is_some());
    let landings: Vec<Landing> = labels.filter_map(|site| landing(damaged, copy, raw, site)).take(MOST).collect();
    let mut best: Option<Shown> = None;
    let mut offer = |process, characters, explains| {
        if best.is_none_or(|best: Shown| best.explains < explains) {
            best = Some(Shown { process, characters, explains, of: landings.len() });
        }
    };
    // What has no number to fit goes first.
    let both = |is: fn(&Units, &Units) -> bool| {
        let any = |landed: &Point, meant: &Meant| is(&landed.raw, &meant.at.raw) || is(&landed.plain, &meant.at.plain);
        count(&landings, any)
    };
    offer(
        Process::ByteAsChar,
        None,
        both(|landed, meant| landed.characters == meant.bytes && meant.bytes != meant.characters),
    );
    offer(
        Process::Utf16AsChar,
        None,
        both(|landed, meant| landed.characters == meant.utf16 && meant.utf16 != meant.characters),
    );
    offer(
        Process::GrowingDrift,
        None,
        count(&landings, |landed, meant| {
            meant.shrunk > 0 && landed.raw.characters == meant.at.raw.characters + meant.shrunk
        }),
    );
    for with_space in 0..2 {
        offer(
            Process::GrowingDrift,
            None,
            count(&landings, |landed, meant| {
                let grown = meant.grown.get(with_space).copied().unwrap_or_default();
                // The space before a marker may have gone with it.
                let early = meant.at.plain.characters.checked_sub(landed.plain.characters + grown);
                grown > 0 && early.is_some_and(|rest| rest <= 1)
            }),
        );
    }
    for loss in numbers(&landings, |landing| landing.ate.into_iter().collect()) {
        let explains = landings.iter().filter(|landing| landing.ate == Some(loss)).count();
        offer(Process::ConstantLoss, Some(loss), explains);
    }
    for unit in [|point: &Point| point.raw.characters, |point: &Point| point.plain.characters] {
        let late = |landed: &Point, meant: &Meant| unit(landed).checked_sub(unit(&meant.at)).filter(|late| *late > 0);
        let all = |landing: &Landing| landing.meant.iter().filter_map(|meant| late(&landing.landed, meant)).collect();
        for shift in numbers(&landings, all) {
            let explains = count(&landings, |landed, meant| late(landed, meant) == Some(shift));
            offer(Process::ConstantShift, Some(shift), explains);
        }
    }
    offer(Process::StaleOffsets, None, stale(&landings));
    best.filter(|best| best.explains >= 2 && best.explains * 3 >= best.of * 2)
}

fn count(landings: &[Landing], is: impl Fn(&Point, &Meant) -> bool) -> usize {
    landings.iter().filter(|landing| landing.meant.iter().any(|meant| is(&landing.landed, meant))).count()
}

/// All numbers that landings give, each once.
fn numbers(landings: &[Landing], of: impl Fn(&Landing) -> Vec<u32>) -> Vec<u32> {
    let mut numbers: Vec<u32> = landings.iter().flat_map(of).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// How many labels are late by a share of what stands before them: characters
/// were taken out there, about as many in every stretch.
fn stale(landings: &[Landing]) -> usize {
    /// Fewer labels lie on some line.
    const FEWEST: usize = 3;
    /// What one clean-up takes out at once, in characters.
    const STEP: f64 = 4.0;
    let late = |landing: &Landing| {
        let landed = landing.landed.plain.characters;
        let late = |meant: &Meant| Some((meant.at.plain.characters, landed.checked_sub(meant.at.plain.characters)?));
        landing.meant.iter().filter_map(late).min_by_key(|(_, late)| *late)
    };
    let late: Vec<(u32, u32)> = landings.iter().filter_map(late).filter(|(_, late)| *late > 0).collect();
    let (places, sum) = late
        .iter()
        .fold((0.0, 0.0), |(places, sum), (place, late)| (places + f64::from(*place), sum + f64::from(*late)));
    let is_growing = late.windows(2).all(|pair| matches!(pair, [one, next] if one.1 <= next.1))
        && late.first().zip(late.last()).is_some_and(|(first, last)| first.1 < last.1);
    if late.len() < FEWEST || !is_growing {
        return 0;
    }
    let on_line = |(place, late): &&(u32, u32)| (f64::from(*place) * sum / places - f64::from(*late)).abs() <= STEP;
    late.iter().filter(on_line).count()
}

/// `None` where the label stands where the copy has it, and nothing is lost.
fn landing(damaged: Damaged<'_>, copy: &Laid<'_>, raw: &RawText, site: &Site) -> Option<Landing> {
    let Damaged { document, report, stream } = damaged;
    let offer = copy.offer(document, stream, site)?;
    let is_own = restore::has_own_label(damaged, copy, site, &offer);
    if is_own && offer.lost == 0 {
        return None;
    }
    let left = stream.spans.get(stream.index_at(site.span.start).checked_sub(1)?)?.end;
    // White space that stands before the label stood there before, too.
    let spaces = offset(Span::new(left, site.span.start).slice(&document.text).chars().count());
    let rendered = |at: u32| copy.document.source_span(Span::new(at, at)).start;
    let mut landed = raw.point(raw.raw(rendered(offer.span.start)));
    landed.raw.characters += spaces;
    landed.plain.characters += spaces;
    let citation = report.citations.get(site.citations().next()?)?;
    let labels = copy.citations.iter().filter(|label| label.kind.is_label());
    let meant = labels
        .filter(|label| is_same_source(document, citation, copy.document, label))
        .take(MOST)
        .flat_map(|label| meant(damaged, copy, raw, rendered(label.span.start)))
        .collect();
    let ate = is_own.then(|| restore::lost_in_file(damaged, copy, site, &offer));
    Some(Landing { landed, meant, ate })
}

/// Where the label that stands at byte `at` of the rendered article may have
/// been meant to stand.
fn meant(damaged: Damaged<'_>, copy: &Laid<'_>, raw: &RawText, at: u32) -> Vec<Meant> {
    let own = raw.raw(at);
    let before: Vec<&Marker> = raw.markers.iter().take_while(|marker| marker.written.end <= at).collect();
    let replaced: u32 = before.iter().map(|marker| Units::of(marker.replaced.slice(&raw.text)).characters).sum();
    let widths: u32 = before.iter().map(|marker| width(damaged, copy, marker)).sum();
    let marker = raw.markers.get(before.len()).map(|marker| marker.points.as_slice()).unwrap_or_default();
    let points = std::iter::once(own).chain(marker.iter().copied());
    let grown = [widths, widths + offset(before.len())];
    points.map(|at| Meant { at: raw.point(at), shrunk: replaced.saturating_sub(widths), grown }).collect()
}

/// How many characters the article's label for a marker has.
fn width(damaged: Damaged<'_>, copy: &Laid<'_>, marker: &Marker) -> u32 {
    let Damaged { document, report, .. } = damaged;
    let written: Range<u32> = marker.written.start..marker.written.end;
    let start = |label: &crate::citation::Citation| copy.document.source_span(label.span).start;
    let labels = copy.citations.iter().filter(|label| label.kind.is_label() && written.contains(&start(label)));
    let own = |label| report.citations.iter().find(|own| is_same_source(document, own, copy.document, label));
    labels.filter_map(own).map(|own| offset(own.span.slice(&document.text).chars().count())).sum()
}
