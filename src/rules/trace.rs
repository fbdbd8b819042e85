//! What rules look for by its letters, all of it found in one pass.

use std::sync::LazyLock;

use crate::text::{Lookout, Sightings};

use super::encoding::lost_character;
use super::layout::{inline_heading, inline_list};
use super::residue::field_grammar;

/// What gives something away that a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trace {
    /// A field of a program: one of `field_grammar::FIELDS`.
    Field,
    /// The mark of a heading.
    Heading,
    /// The mark of a list's item.
    Item,
    /// Half of a character, spelled out.
    Half,
    /// What stands for a character that was lost.
    Lost,
}

static LOOKOUT: LazyLock<Lookout<Trace>> = LazyLock::new(|| Lookout::new(&needles()));

fn needles() -> [(Trace, Vec<&'static [u8]>); 5] {
    [
        (Trace::Field, field_grammar::FIELDS.iter().map(|field| field.needle).collect()),
        (Trace::Heading, vec![inline_heading::MARK]),
        (Trace::Item, inline_list::SPACED_MARKS.to_vec()),
        (Trace::Half, lost_character::HALVES.to_vec()),
        (Trace::Lost, vec![lost_character::LOST]),
    ]
}

/// Reads a text once.
#[must_use]
pub fn find_traces(text: &str) -> Sightings<Trace> {
    LOOKOUT.look(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_needles_can_be_told_apart() {
        crate::text::assert_apart(&super::needles());
    }
}
