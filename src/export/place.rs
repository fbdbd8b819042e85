//! Where each annotation belongs, once it is measured how to read offsets.
//!
//! Offsets that fit are taken at their word. Offsets that do not, while their
//! quotation or marker stands elsewhere, were counted before somebody edited
//! the text: from the edit on all of them are off by one constant. The
//! annotation is looked for near where the last constant leads, behind its
//! predecessor, and is moved only if it stands at one place only, or if the
//! next annotation fits with the same constant.

use std::ops::Range;

use memchr::memmem;

use super::answer::{Annotation, Misfit, MisfitReason, Offset, Placement};
use super::fit::{Fit, Proof};
use super::frame::{Frame, Frames, Reading, locate};
use super::marker::{Markers, with_parentheses};

/// Where annotations belong, and by which readings.
pub(super) struct Outcome {
    /// In the order of the annotations.
    pub(super) placements: Vec<Placement>,
    /// The readings that lead there; one where it is decided.
    pub(super) readings: Vec<Reading>,
    /// Where the text was edited later: how many shifts each unit of
    /// [`OffsetUnit::ALL`] needs to explain it.
    pub(super) shifts: Option<[usize; 3]>,
}

/// Places `notes`. `rivals` are the readings that fit best as the text
/// stands, `all` those that there are: after an edit at the beginning of the
/// text the true one may fit nowhere.
pub(super) fn place(
    notes: &[&Annotation],
    proofs: &[Proof],
    frames: &Frames<'_>,
    markers: &Markers,
    (rivals, all): (Vec<Reading>, &[Reading]),
) -> Outcome {
    let at_word = |readings: &[Reading]| -> Vec<Placement> {
        notes.iter().zip(proofs).map(|(note, proof)| at_word(note, proof, frames, readings)).collect()
    };
    let placements = at_word(&rivals);
    let is_lost = |(placement, proof): (&Placement, &Proof)| {
        proof.is_strong() && matches!(placement, Placement::Misfit(misfit) if may_be_moved(misfit.reason))
    };
    if !placements.iter().zip(proofs).any(is_lost) {
        return Outcome { placements, readings: rivals, shifts: None };
    }
    let mut shifts = [usize::MAX; 3];
    let mut least = (usize::MAX, usize::MAX);
    let mut winners: Vec<(Reading, Vec<Placement>)> = Vec::new();
    for reading in all {
        let mut placements = at_word(&[*reading]);
        let steps = Mover { notes, proofs, frames, markers, reading: *reading }.run(&mut placements);
        let misfits = placements.iter().filter(|placement| matches!(placement, Placement::Misfit(_))).count();
        if let Some(fewest) = shifts.get_mut(reading.unit as usize) {
            *fewest = (*fewest).min(steps + misfits);
        }
        // The reading that leaves least unexplained, with the fewest edits.
        let cost = (misfits, steps);
        if cost < least {
            winners.clear();
        }
        if cost <= least {
            least = cost;
            winners.push((*reading, placements));
        }
    }
    let (readings, found) = winners.into_iter().unzip();
    Outcome { placements: agreed(found), readings, shifts: Some(shifts) }
}

/// What several readings place alike; the rest is undecided.
fn agreed(mut found: Vec<Vec<Placement>>) -> Vec<Placement> {
    let others = found.split_off(found.len().min(1));
    let mut agreed = found.pop().unwrap_or_default();
    for (index, placement) in agreed.iter_mut().enumerate() {
        let is_same = |other: &Vec<Placement>| other.get(index).map(Placement::span) == Some(placement.span());
        if !others.iter().all(is_same) {
            *placement = Placement::Misfit(Misfit { reason: MisfitReason::Undecided, at: placement.span() });
        }
    }
    agreed
}

fn may_be_moved(reason: MisfitReason) -> bool {
    matches!(
        reason,
        MisfitReason::OtherText | MisfitReason::NoMarker | MisfitReason::BeyondEnd | MisfitReason::InsideCharacter
    )
}

/// An annotation's place by its own offsets, as far as the readings agree.
fn at_word(note: &Annotation, proof: &Proof, frames: &Frames<'_>, readings: &[Reading]) -> Placement {
    let mut proven: Vec<Placement> = Vec::new();
    let mut likely: Vec<Placement> = Vec::new();
    let mut refuted: Option<Misfit> = None;
    for reading in readings {
        let frame = frames.get(reading.base, note);
        let range = match locate(note, frame, *reading, 0) {
            Ok(range) => range,
            Err(reason) => {
                refuted.get_or_insert(Misfit { reason, at: None });
                continue;
            }
        };
        let placement = frame.shown(&range).map_or(Placement::Nowhere, Placement::Claimed);
        let list = match proof.fit(&frame.text, range.start, range.end) {
            Fit::Proven => &mut proven,
            Fit::Likely(0) => {
                refuted = Some(Misfit { reason: MisfitReason::CutsWord, at: placement.span() });
                continue;
            }
            Fit::Likely(_) => &mut likely,
            Fit::Refuted(reason) => {
                // What the offsets lead to says more than that they lead nowhere.
                refuted = Some(Misfit { reason, at: placement.span() });
                continue;
            }
        };
        if !list.contains(&placement) {
            list.push(placement);
        }
    }
    let mut found = if proven.is_empty() { likely } else { proven };
    match (found.pop(), found.pop()) {
        (Some(only), None) => only,
        (Some(one), Some(_)) => Placement::Misfit(Misfit { reason: MisfitReason::Undecided, at: one.span() }),
        (None, _) => Placement::Misfit(refuted.unwrap_or(Misfit { reason: MisfitReason::Unreadable, at: None })),
    }
}

/// Undoes constant shifts.
struct Mover<'a> {
    notes: &'a [&'a Annotation],
    proofs: &'a [Proof],
    frames: &'a Frames<'a>,
    markers: &'a Markers,
    reading: Reading,
}

/// How far around the expected place a quotation is looked for, in bytes.
const NEAR: usize = 1 << 16;

/// What all searches of one answer may cost: so many readings of its text.
const READINGS: usize = 64;

impl Mover<'_> {
    /// Moves what can be moved, and counts the shifts that it takes.
    fn run(&self, placed: &mut [Placement]) -> usize {
        let mut order: Vec<usize> = (0..self.notes.len()).collect();
        order.sort_by_key(|index| self.notes.get(*index).map(|note| (note.part, start_of(note))));
        let mut delta = 0;
        let mut steps = 0;
        let mut part = None;
        // Where the last annotation ended: the next one stands behind it.
        let mut after = 0;
        let mut budget: Option<usize> = None;
        for (rank, index) in order.iter().copied().enumerate() {
            let (Some(note), Some(proof)) = (self.notes.get(index), self.proofs.get(index)) else { continue };
            let frame = self.frames.get(self.reading.base, note);
            let budget = budget.get_or_insert(frame.text.len().saturating_mul(READINGS).max(NEAR * READINGS));
            if part != note.part {
                (part, delta, after) = (note.part, 0, 0);
            }
            let Some(slot) = placed.get_mut(index) else { continue };
            let may_move = matches!(slot, Placement::Misfit(misfit) if may_be_moved(misfit.reason));
            if proof.is_strong() && !may_move {
                if let Ok(range) = locate(note, frame, self.reading, 0) {
                    steps += usize::from(delta != 0);
                    (delta, after) = (0, range.end);
                }
                continue;
            }
            if !proof.is_strong() {
                self.carry(note, proof, delta, slot);
                continue;
            }
            let next = order.iter().skip(rank + 1).find(|next| self.proofs.get(**next).is_some_and(Proof::is_strong));
            let Some(moved) = self.moved(note, proof, frame, delta).or_else(|| {
                let next = next.and_then(|next| self.notes.get(*next).zip(self.proofs.get(*next)));
                self.search((note, proof), frame, delta, after, next.map(|(note, proof)| (*note, proof)), budget)
            }) else {
                continue;
            };
            let (range, by) = moved;
            steps += usize::from(delta != by);
            (delta, after) = (by, range.end);
            *slot = frame.shown(&range).map_or(Placement::Nowhere, |span| Placement::Shifted(span, by));
        }
        steps
    }

    /// The annotation's range, if it is proven at `delta` from its offsets.
    fn moved(&self, note: &Annotation, proof: &Proof, frame: &Frame<'_>, delta: i64) -> Option<(Range<usize>, i64)> {
        let range = locate(note, frame, self.reading, delta).ok()?;
        (proof.fit(&frame.text, range.start, range.end) == Fit::Proven).then_some((range, delta))
    }

    /// What proves nothing itself goes with the shift around it.
    fn carry(&self, note: &Annotation, proof: &Proof, delta: i64, slot: &mut Placement) {
        if delta == 0 {
            return;
        }
        let frame = self.frames.get(self.reading.base, note);
        *slot = match locate(note, frame, self.reading, delta) {
            Ok(range)
                if !matches!(proof.fit(&frame.text, range.start, range.end), Fit::Likely(0) | Fit::Refuted(_)) =>
            {
                frame.shown(&range).map_or(Placement::Nowhere, |span| Placement::Shifted(span, delta))
            }
            Ok(range) => Placement::Misfit(Misfit { reason: MisfitReason::CutsWord, at: frame.shown(&range) }),
            Err(reason) => Placement::Misfit(Misfit { reason, at: None }),
        };
    }

    fn search(
        &self,
        (note, proof): (&Annotation, &Proof),
        frame: &Frame<'_>,
        delta: i64,
        after: usize,
        next: Option<(&Annotation, &Proof)>,
        budget: &mut usize,
    ) -> Option<(Range<usize>, i64)> {
        let start = start_of(note)?;
        let unit = self.reading.unit;
        let expected = frame.ruler.byte(&frame.text, unit, start.saturating_add(delta)).unwrap_or(frame.text.len());
        let candidates = match proof {
            Proof::Quote(_) => quotations(note.quote.as_deref()?, &frame.text, expected, after, budget),
            Proof::Marker(keys) => self.markers_like(note, keys, frame, after),
            Proof::Edges | Proof::None => Vec::new(),
        };
        let distance = |range: &&Range<usize>| range.start.abs_diff(expected);
        let nearest = candidates.iter().min_by_key(distance)?;
        let is_tied = candidates.iter().filter(|other| distance(other) == distance(&nearest)).count() > 1;
        let by = frame.ruler.offset(&frame.text, unit, nearest.start) - start;
        let is_only = candidates.len() == 1 && is_long(frame.text.get(nearest.clone()).unwrap_or_default());
        let shares = next.is_some_and(|(note, proof)| {
            let frame = self.frames.get(self.reading.base, note);
            self.moved(note, proof, frame, by).is_some()
        });
        (is_only || shares && !is_tied).then(|| (nearest.clone(), by))
    }

    /// The markers that show what the annotation cites and are as long as its
    /// offsets say.
    fn markers_like(&self, note: &Annotation, keys: &[String], frame: &Frame<'_>, after: usize) -> Vec<Range<usize>> {
        let Some(length) = length_of(note) else { return Vec::new() };
        let unit = self.reading.unit;
        let is_as_long = |range: &Range<usize>| {
            let offset = |at| frame.ruler.offset(&frame.text, unit, at);
            offset(range.end) - offset(range.start) == length
        };
        /// More are no help.
        const MOST: usize = 64;
        let shown = self.markers.showing(keys);
        let all = if shown.is_empty() { self.markers.tokens() } else { shown };
        let from = frame.shown(&(after..after)).map_or(0, |span| span.start as usize);
        all.iter()
            .skip(all.partition_point(|range| range.start < from))
            .take(MOST)
            .filter_map(|range| frame.holds(range))
            .flat_map(|range| [with_parentheses(&frame.text, &range), Some(range)])
            .flatten()
            .filter(|range| after <= range.start && is_as_long(range))
            .collect()
    }
}

fn start_of(note: &Annotation) -> Option<i64> {
    if let Offset::At(start) = note.claimed.start { Some(start) } else { None }
}

fn length_of(note: &Annotation) -> Option<i64> {
    let Offset::At(end) = note.claimed.end else { return None };
    Some(end - start_of(note)?)
}

/// Whether so much text stands at one place only by design, not by chance.
fn is_long(text: &str) -> bool {
    const LONG: usize = 8;
    text.chars().filter(|c| !c.is_whitespace()).count() >= LONG
}

/// Where the quotation stands near `expected`, not before `after`.
fn quotations(quote: &str, text: &str, expected: usize, after: usize, budget: &mut usize) -> Vec<Range<usize>> {
    /// More are no help.
    const MOST: usize = 16;
    let from = expected.saturating_sub(NEAR).max(after).min(text.len());
    let to = expected.saturating_add(NEAR).saturating_add(quote.len()).min(text.len());
    let window = text.as_bytes().get(from..to).unwrap_or_default();
    let Some(left) = budget.checked_sub(window.len()) else { return Vec::new() };
    *budget = left;
    memmem::find_iter(window, quote.as_bytes()).take(MOST).map(|at| from + at..from + at + quote.len()).collect()
}
