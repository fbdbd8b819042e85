//! The document's own habit: where its labels stand when nothing is wrong.

use super::side::{Left, Right};

/// Counts over the labels of a document that show no damage by contact.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct HouseStyle {
    /// Behind a finished sentence or before the mark that ends it.
    terminal: u32,
    /// Inside a sentence that goes on.
    inside: u32,
    /// With white space before.
    spaced: u32,
    /// Touching a letter before, none behind.
    glued: u32,
}

impl HouseStyle {
    pub(super) fn count(&mut self, left: &Left<'_>, right: &Right<'_>) {
        if left.ends_sentence() || !right.goes_on() {
            self.terminal += 1;
        } else {
            self.inside += 1;
        }
        if !left.touching.is_empty() {
            self.glued += 1;
        } else if left.gap {
            self.spaced += 1;
        }
    }

    /// Whether labels stand at the ends of sentences as a rule: two at least,
    /// and four in five of all but the one in question.
    pub(super) fn is_terminal(&self) -> bool {
        self.terminal >= 2 && self.terminal >= 4 * self.inside.saturating_sub(1)
    }

    /// Whether labels are set off by a space as a rule: two at least, and four
    /// for each that is not, but for the one in question.
    pub(super) fn is_spaced(&self) -> bool {
        self.spaced >= 2 && self.spaced >= 4 * self.glued.saturating_sub(1)
    }
}
