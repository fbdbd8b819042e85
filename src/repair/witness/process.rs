//! Which process made the damage, now that the export shows where every label
//! was meant to stand.
//!
//! The fault models guess from the damaged article alone. With the raw text
//! beside it nothing is left to guess: each displaced label has a true place
//! and a place where it landed, and the distance between the two, in characters,
//! bytes or UTF-16 units, is the mistake itself.

use crate::check::DocumentReport;
use crate::document::Document;
use crate::export::Placed;
use crate::fault::Process;
use crate::text::{Span, offset};

use super::gap::Laid;
use super::restore::{Site, is_same_source};
use super::stream::Stream;

/// The raw text of an answer, and what rendering replaced in it.
#[derive(Debug)]
pub(in crate::repair) struct RawText {
    text: String,
    /// What stands in the rendered article for which bytes of the raw text.
    placed: Vec<(Span, Span)>,
}

/// A process that is shown, not guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Which.
    pub process: Process,
    /// By how many characters every label is late, for a constant shift.
    pub shift: Option<u32>,
    /// How many displaced labels it explains.
    pub explains: usize,
    /// How many there are.
    pub of: usize,
}

impl RawText {
    pub(in crate::repair) fn new(text: String, placed: &[Placed]) -> Self {
        Self { text, placed: placed.iter().map(|placed| (placed.written, placed.replaced)).collect() }
    }

    /// The byte of the raw text that byte `at` of the rendered article stands for.
    fn raw(&self, at: u32) -> u32 {
        let next = self.placed.partition_point(|(written, _)| written.start <= at);
        match next.checked_sub(1).and_then(|last| self.placed.get(last)) {
            Some((written, replaced)) if at < written.end => replaced.start,
            Some((written, replaced)) => replaced.end + (at - written.end),
            None => at,
        }
    }

    /// Code points before byte `at`.
    fn characters(&self, at: u32) -> u32 {
        offset(self.before(at).chars().count())
    }

    fn before(&self, at: u32) -> &str {
        self.text.get(..at as usize).unwrap_or_default()
    }
}

/// Where a label landed and where it may have been meant to stand, in code
/// points, and the meant place in bytes and UTF-16 units.
struct Landing {
    landed: u32,
    meant: Vec<Meant>,
}

struct Meant {
    characters: u32,
    bytes: u32,
    utf16: u32,
}

/// So many labels show a process as well as all of them.
const MOST: usize = 64;

/// The process that explains most of the displaced labels; `None` where none
/// explains two of three.
pub(super) fn shown(
    document: &Document,
    report: &DocumentReport,
    article: &Stream,
    copy: &Laid<'_>,
    raw: &RawText,
    sites: &[Site],
) -> Option<Shown> {
    let displaced = sites.iter().filter(|site| site.finding.is_some() && !site.citations.is_empty());
    let landings: Vec<Landing> =
        displaced.take(MOST).filter_map(|site| landing(document, report, article, copy, raw, site)).collect();
    let fixed = [
        (Process::ByteAsChar, count(&landings, |landed, meant| meant.bytes == landed)),
        (Process::Utf16AsChar, count(&landings, |landed, meant| meant.utf16 == landed)),
    ];
    let mut best: Option<Shown> = None;
    let mut offer = |process, shift, explains| {
        if best.is_none_or(|best: Shown| best.explains < explains) {
            best = Some(Shown { process, shift, explains, of: landings.len() });
        }
    };
    for (process, explains) in fixed {
        offer(process, None, explains);
    }
    let shifts = landings
        .iter()
        .flat_map(|landing| landing.meant.iter().filter_map(|meant| landing.landed.checked_sub(meant.characters)));
    for shift in shifts.filter(|shift| *shift > 0) {
        let explains = count(&landings, |landed, meant| landed.checked_sub(meant.characters) == Some(shift));
        offer(Process::ConstantShift, Some(shift), explains);
    }
    best.filter(|best| best.explains >= 2 && best.explains * 3 >= best.of * 2)
}

fn count(landings: &[Landing], is: impl Fn(u32, &Meant) -> bool) -> usize {
    landings.iter().filter(|landing| landing.meant.iter().any(|meant| is(landing.landed, meant))).count()
}

fn landing(
    document: &Document,
    report: &DocumentReport,
    article: &Stream,
    copy: &Laid<'_>,
    raw: &RawText,
    site: &Site,
) -> Option<Landing> {
    let at = article.index_at(site.span.start);
    let offer = copy.offer(article, at)?;
    let left = article.spans.get(at.checked_sub(1)?)?.end;
    // White space that stands before the label stood there before, too.
    let spaces = Span::new(left, site.span.start).slice(&document.text).chars().count();
    let rendered = |at: u32| copy.document.source_span(Span::new(at, at)).start;
    let landed = raw.characters(raw.raw(rendered(offer.span.start))) + offset(spaces);
    let citation = report.citations.get(site.citations.start)?;
    let labels = copy.citations.iter().filter(|label| label.kind.is_label());
    let meant = labels
        .filter(|label| is_same_source(document, citation, copy.document, label))
        .take(MOST)
        .map(|label| {
            let bytes = raw.raw(rendered(label.span.start));
            let utf16 = offset(raw.before(bytes).encode_utf16().count());
            Meant { characters: raw.characters(bytes), bytes, utf16 }
        })
        .collect();
    Some(Landing { landed, meant })
}
