//! What the offsets of an export count is measured, and never assumed.
//!
//! Each way to read the offsets of an answer (unit, end convention, base
//! text) is tried on every annotation. Where the text at an offset is the
//! annotation's own quotation, or a whole marker of its source, that way is
//! proven there. A way is chosen only if no rival fits as well; rivals that
//! fit equally stay, and an annotation that they lead to different places has
//! no place. Where nothing quotes, an offset inside a character refutes a
//! unit, and the edges of words and sentences vote, but need a clear margin.
//! Inclusive ends are believed on proof only: of all products one counts so.

use std::collections::HashMap;

use crate::text::Span;

use super::answer::{Annotation, Answer, BaseText, Claimed, EndConvention, Offset, OffsetUnit, Placement, Role};
use super::draft::{Draft, Part};
use super::fit::{Fit, Proof, keys};
use super::frame::{Frames, Reading, locate};
use super::marker::{Markers, with_parentheses};
use super::place::place;
use super::ruler::Folding;

/// How the offsets of an answer are to be read, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    /// The units that fit; one where it is decided, none without offsets.
    pub units: Vec<OffsetUnit>,
    /// The end conventions that fit.
    pub ends: Vec<EndConvention>,
    /// The base texts that fit.
    pub bases: Vec<BaseText>,
    /// Annotations with offsets.
    pub with_offsets: usize,
    /// Those whose place their own text proves.
    pub proven: usize,
    /// Those that are proven in one unit and refuted in another.
    pub telling: usize,
    /// Of the telling ones, how many fit in each unit of
    /// [`OffsetUnit::ALL`].
    pub fits: [usize; 3],
    /// Those that fit only after a later edit of the text is undone.
    pub shifted: usize,
    /// Where the text was edited later: how many edits each unit of
    /// [`OffsetUnit::ALL`] needs to explain the offsets.
    pub shifts: Option<[usize; 3]>,
    /// Whether a recorder folded dashes, ellipses or quotation marks to ASCII
    /// after the offsets were counted.
    pub is_folded: bool,
    /// Those that fit nowhere.
    pub misfits: usize,
}

impl Measured {
    /// The unit, where it is decided.
    #[must_use]
    pub fn unit(&self) -> Option<OffsetUnit> {
        if let [unit] = self.units.as_slice() { Some(*unit) } else { None }
    }

    /// The proof in one sentence.
    #[must_use]
    pub fn describe(&self) -> String {
        if self.with_offsets == 0 {
            return "no offsets: the text itself says where its citations are".to_owned();
        }
        let Some(unit) = self.unit() else {
            let names: Vec<_> = self.units.iter().map(|unit| unit.name()).collect();
            let refuted: Vec<_> =
                OffsetUnit::ALL.iter().filter(|unit| !self.units.contains(unit)).map(|unit| unit.name()).collect();
            let but = if refuted.is_empty() { String::new() } else { format!("; {} do not fit", refuted.join(", ")) };
            return format!("undecided between {}: no span tells them apart{but}", names.join(" and "));
        };
        let of = |counts: [usize; 3], unit: OffsetUnit| counts.get(unit as usize).copied().unwrap_or_default();
        let others = OffsetUnit::ALL.into_iter().filter(|other| *other != unit);
        if let Some(shifts) = self.shifts {
            let others: Vec<_> = others.map(|other| format!("{} need {}", other.name(), of(shifts, other))).collect();
            let s = if of(shifts, unit) == 1 { "" } else { "s" };
            return format!("{} with {} later edit{s} fit; {}", unit.name(), of(shifts, unit), others.join(", "));
        }
        let count = |unit: OffsetUnit| of(self.fits, unit);
        let others: Vec<_> = others.map(|other| format!("{} fit {}", count(other), other.name())).collect();
        format!("{} of {} telling spans fit {}; {}", count(unit), self.telling, unit.name(), others.join(", "))
    }
}

/// How each annotation fits under one reading.
#[derive(Debug, Clone)]
pub(super) struct Score {
    pub(super) reading: Reading,
    fits: Vec<Fit>,
    proven: usize,
    impossible: usize,
    likely: usize,
}

impl Score {
    fn of(reading: Reading, notes: &[&Annotation], proofs: &[Proof], frames: &Frames<'_>) -> Self {
        let mut score = Self { reading, fits: Vec::with_capacity(notes.len()), proven: 0, impossible: 0, likely: 0 };
        for (note, proof) in notes.iter().zip(proofs) {
            let frame = frames.get(reading.base, note);
            let fit = match locate(note, frame, reading, 0) {
                Ok(range) => proof.fit(&frame.text, range.start, range.end),
                Err(reason) => {
                    score.impossible += 1;
                    Fit::Refuted(reason)
                }
            };
            match fit {
                Fit::Proven => score.proven += 1,
                Fit::Likely(likely) => score.likely += usize::from(likely),
                Fit::Refuted(_) => {}
            }
            score.fits.push(fit);
        }
        score
    }

    fn is_proven(&self, index: usize) -> bool {
        self.fits.get(index) == Some(&Fit::Proven)
    }

    /// Annotations that this reading proves and the other does not.
    fn alone(&self, other: &Self) -> usize {
        (0..self.fits.len()).filter(|index| self.is_proven(*index) && !other.is_proven(*index)).count()
    }

    /// Whether this reading rules the other out.
    fn beats(&self, other: &Self) -> bool {
        /// So many times as many proofs outweigh chance hits of short quotes.
        const OUTWEIGHS: usize = 3;
        let (own, others) = (self.alone(other), other.alone(self));
        if own != 0 || others != 0 {
            return own > OUTWEIGHS * others;
        }
        if self.impossible != other.impossible {
            return self.impossible < other.impossible;
        }
        let voters = self.fits.iter().filter(|fit| matches!(fit, Fit::Likely(_))).count();
        self.likely >= other.likely + (voters / 4).max(2)
    }
}

/// Every way to read the offsets, scored.
pub(super) fn scores(notes: &[&Annotation], proofs: &[Proof], frames: &Frames<'_>) -> Vec<Score> {
    let mut scores = Vec::new();
    for base in frames.bases() {
        for end in [EndConvention::HalfOpen, EndConvention::Inclusive] {
            for unit in OffsetUnit::ALL {
                scores.push(Score::of(Reading { unit, end, base }, notes, proofs, frames));
            }
        }
    }
    scores.retain(|score| score.reading.end == EndConvention::HalfOpen || score.proven > 0);
    scores
}

/// The best reading, and those that it does not rule out.
pub(super) fn best(scores: &[Score]) -> Vec<Score> {
    let rank = |score: &&Score| (score.proven, std::cmp::Reverse(score.impossible), score.likely);
    // Of equals the first, so that half-open bytes of the part lead.
    let Some(winner) = scores.iter().rev().max_by_key(rank) else { return Vec::new() };
    let mut rivals = vec![winner.clone()];
    rivals.extend(scores.iter().filter(|score| score.reading != winner.reading && !winner.beats(score)).cloned());
    rivals
}

/// The folding under which offsets fit that fit nowhere as the text stands,
/// with the readings that it leaves.
fn unfold(
    notes: &[&Annotation],
    proofs: &[Proof],
    text: &str,
    parts: &[Part],
    plain: &[Score],
) -> Option<(Vec<Score>, Folding)> {
    /// One annotation may fit by chance.
    const WITNESSES: usize = 2;
    let before = plain.first()?;
    let strong = proofs.iter().filter(|proof| proof.is_strong()).count();
    if before.proven == strong {
        return None;
    }
    let mut found: Option<(Vec<Score>, Folding)> = None;
    for folding in Folding::all() {
        let frames = Frames::of(text, parts, folding);
        let rivals = best(&scores(notes, proofs, &frames));
        let Some(winner) = rivals.first() else { continue };
        let is_better = before.alone(winner) == 0 && winner.alone(before) >= WITNESSES;
        if is_better
            && found.as_ref().is_none_or(|(best, _)| best.first().is_some_and(|best| best.proven < winner.proven))
        {
            found = Some((rivals, folding));
        }
    }
    found
}

/// Measures a draft and places its annotations.
pub(super) fn settle(draft: Draft, is_whole: bool) -> Answer {
    let Draft { id, conversation, title, text, parts, mut annotations } = draft;
    let (text, map) = text.finish();
    let markers = Markers::of(&text);
    decide_roles(&mut annotations, &markers);
    settle_without_offsets(&mut annotations, &markers, &text);
    let measured = measure(&text, &parts, &markers, &mut annotations);
    Answer { id, conversation, title, text, map, annotations, measured, is_whole }
}

/// Where no marker stands in the text that shows an annotation's address, the
/// annotations of that kind are about prose.
fn decide_roles(annotations: &mut [Annotation], markers: &Markers) {
    let open = |annotation: &&Annotation| annotation.may_be_claim && annotation.role == Role::Marker;
    if annotations.iter().filter(open).any(|annotation| markers.may_hold(&keys(annotation))) {
        return;
    }
    for annotation in annotations.iter_mut().filter(|annotation| annotation.may_be_claim) {
        annotation.role = Role::Claim;
    }
}

/// What has no offsets belongs to the markers of its address, in order; what
/// covers nothing and quotes nothing is about no text.
fn settle_without_offsets(annotations: &mut [Annotation], markers: &Markers, text: &str) {
    let mut used: HashMap<usize, usize> = HashMap::new();
    for annotation in annotations.iter_mut().filter(|annotation| annotation.placement == Placement::Nowhere) {
        let Claimed { start, end } = &annotation.claimed;
        let is_blank = annotation.quote.as_deref().is_some_and(|quote| quote.trim().is_empty());
        if start == end && (is_blank || annotation.role == Role::Hidden) {
            annotation.role = Role::Aside;
        }
        let is_open = matches!((start, end), (Offset::Missing, Offset::Missing) | (Offset::At(0), Offset::At(0)));
        if !is_open || matches!(annotation.role, Role::Point | Role::Aside) {
            continue;
        }
        annotation.claimed = Claimed::default();
        let showing = markers.showing(&keys(annotation));
        let Some(first) = showing.first() else { continue };
        let next = used.entry(first.start).or_default();
        if let Some(range) = showing.get(*next) {
            *next += 1;
            let whole = with_parentheses(text, range).unwrap_or_else(|| range.clone());
            annotation.role = Role::Marker;
            annotation.placement = Placement::Given(Span::from_range(whole));
        }
    }
}

fn measure(text: &str, parts: &[Part], markers: &Markers, annotations: &mut [Annotation]) -> Measured {
    let has_offsets = |annotation: &Annotation| {
        annotation.role != Role::Aside
            && annotation.placement == Placement::Nowhere
            && annotation.claimed != Claimed::default()
    };
    let open: Vec<usize> =
        annotations.iter().enumerate().filter(|(_, note)| has_offsets(note)).map(|(index, _)| index).collect();
    let notes: Vec<&Annotation> = open.iter().filter_map(|index| annotations.get(*index)).collect();
    if notes.is_empty() {
        return Measured::default();
    }
    let proofs: Vec<Proof> = notes.iter().map(|note| Proof::of(note)).collect();
    let mut frames = Frames::of(text, parts, Folding::default());
    let mut all = scores(&notes, &proofs, &frames);
    let mut rivals = best(&all);
    let unfolded = unfold(&notes, &proofs, text, parts, &rivals);
    let is_folded = unfolded.is_some();
    if let Some((folded, folding)) = unfolded {
        frames = Frames::of(text, parts, folding);
        all = scores(&notes, &proofs, &frames);
        rivals = folded;
    }
    let readings = |scores: &[Score]| scores.iter().map(|score| score.reading).collect::<Vec<_>>();
    let placed = place(&notes, &proofs, &frames, markers, (readings(&rivals), &readings(&all)));
    let mut measured = Measured::of(&placed.readings, &all);
    measured.is_folded = is_folded;
    measured.shifts = placed.shifts;
    for (index, placement) in open.into_iter().zip(placed.placements) {
        measured.shifted += usize::from(matches!(placement, Placement::Shifted(..)));
        measured.misfits += usize::from(matches!(placement, Placement::Misfit(_)));
        if let Some(annotation) = annotations.get_mut(index) {
            // Proven, but in a part that is not shown.
            if placement == Placement::Nowhere {
                annotation.role = Role::Aside;
            }
            annotation.placement = placement;
        }
    }
    measured
}

impl Measured {
    fn of(readings: &[Reading], all: &[Score]) -> Self {
        let mut measured = Self::default();
        let first = readings.first().and_then(|reading| all.iter().find(|score| score.reading == *reading));
        let Some(winner) = first else { return measured };
        for reading in readings {
            push_new(&mut measured.units, reading.unit);
            push_new(&mut measured.ends, reading.end);
            push_new(&mut measured.bases, reading.base);
        }
        measured.with_offsets = winner.fits.len();
        measured.proven = winner.proven;
        let by_unit: Vec<&Score> = OffsetUnit::ALL
            .into_iter()
            .filter_map(|unit| {
                let same = Reading { unit, ..winner.reading };
                all.iter().find(|score| score.reading == same)
            })
            .collect();
        for index in 0..winner.fits.len() {
            let proves =
                |unit: OffsetUnit| by_unit.iter().any(|score| score.reading.unit == unit && score.is_proven(index));
            let fits = OffsetUnit::ALL.map(proves);
            if fits.contains(&true) && fits.contains(&false) {
                measured.telling += 1;
                for (count, fits) in measured.fits.iter_mut().zip(fits) {
                    *count += usize::from(fits);
                }
            }
        }
        measured
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}
