//! The document's own habit: where its labels stand when nothing is wrong.

use super::evidence::{Habit, Place};
use super::site::{Form, Site};

/// Counts over the labels of one form that show no damage by contact.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    end: u32,
    /// Before commas: at home beside the ends of sentences.
    clause: u32,
    inside: u32,
    /// Proven by contact to be where nobody put them.
    displaced: u32,
    spaced: u32,
    glued: u32,
}

/// How a label took part in telling the habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vote {
    /// It may stand where it stands by habit.
    Style,
    /// It is displaced.
    Displaced,
    /// Not at all.
    None,
}

/// The habit of every form.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct HouseStyle {
    labels: Counts,
    marks: Counts,
    tokens: Counts,
}

impl HouseStyle {
    fn counts_mut(&mut self, form: Form) -> &mut Counts {
        match form {
            Form::Label => &mut self.labels,
            Form::Mark => &mut self.marks,
            Form::Token => &mut self.tokens,
        }
    }

    fn counts(&self, form: Form) -> Counts {
        match form {
            Form::Label => self.labels,
            Form::Mark => self.marks,
            Form::Token => self.tokens,
        }
    }

    pub(super) fn count(&mut self, site: &Site<'_>) {
        let counts = self.counts_mut(site.form);
        match site.place() {
            Place::End => counts.end += 1,
            Place::ClauseEnd => counts.clause += 1,
            Place::Clause | Place::Inside | Place::LowerAfterEnd => counts.inside += 1,
        }
        if site.left.gap {
            counts.spaced += 1;
        } else if !site.left.text.is_empty() {
            counts.glued += 1;
        }
    }

    /// A label that no habit put where it stands.
    pub(super) fn count_displaced(&mut self, form: Form) {
        self.counts_mut(form).displaced += 1;
    }

    /// Where the other labels of this form stand. `vote` says how the site
    /// itself was counted.
    pub(super) fn habit(&self, site: &Site<'_>, vote: Vote) -> Habit {
        let counts = self.counts(site.form);
        let voted = vote == Vote::Style;
        let displaced = counts.displaced - u32::from(vote == Vote::Displaced);
        let own = |is: fn(Place) -> bool| u32::from(voted && is(site.place()));
        let end = counts.end - own(|place| place == Place::End);
        let clause = counts.clause - own(|place| place == Place::ClauseEnd);
        let inside = counts.inside - own(|place| !matches!(place, Place::End | Place::ClauseEnd));
        let other = if clause > end { clause + inside } else { inside };
        match (end, other) {
            (0, 0) if displaced < 2 => Habit::Unknown,
            (1, 0) if displaced < 2 => Habit::EndOnce,
            (4.., _) if end >= 9 * other => Habit::EndAlways,
            (2.., _) if end >= 4 * other => Habit::EndMostly,
            _ if displaced >= 2 && 2 * displaced >= end + other => Habit::Scattered,
            _ => Habit::Anywhere,
        }
    }

    /// Whether the other labels of this form are set off by a space and this
    /// one is not, or the other way round: two at least, and four for each
    /// that is not, but for the one in question.
    pub(super) fn breaks_spacing(&self, site: &Site<'_>, voted: bool) -> bool {
        let counts = self.counts(site.form);
        let (same, other) = if site.left.gap { (counts.spaced, counts.glued) } else { (counts.glued, counts.spaced) };
        other >= 2 && other >= 4 * same.saturating_sub(u32::from(voted))
    }
}
