//! Offsets in three units, over one text.

use super::answer::{MisfitReason, OffsetUnit};

/// Characters between two notes of the ruler.
const STRIDE: usize = 64;

/// Which characters a recorder is taken to have folded to ASCII after the
/// offsets were counted. A recorder that folds one, folds all of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Folding {
    /// `—` to `--`.
    pub(super) dashes: bool,
    /// `…` to `...`.
    pub(super) ellipses: bool,
    /// Curly quotation marks to straight ones.
    pub(super) quotes: bool,
}

impl Folding {
    /// All that fold anything, the simplest first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        [1_u8, 2, 4, 3, 5, 6, 7].into_iter().map(|bits| Self {
            dashes: bits & 1 != 0,
            ellipses: bits & 2 != 0,
            quotes: bits & 4 != 0,
        })
    }

    /// Bytes of what stands at the start of `rest`, and its width before the
    /// folding in each unit.
    fn step(self, rest: &str) -> Option<(usize, [u32; 3])> {
        let c = rest.chars().next()?;
        if self.dashes && rest.starts_with("--") {
            return Some((2, [3, 1, 1]));
        }
        if self.ellipses && rest.starts_with("...") {
            return Some((3, [3, 1, 1]));
        }
        if self.quotes && matches!(c, '\'' | '"') {
            return Some((1, [3, 1, 1]));
        }
        let bytes = c.len_utf8();
        Some((bytes, [crate::text::offset(bytes), 1, if bytes == 4 { 2 } else { 1 }]))
    }
}

/// Counts of one text, noted every so many characters.
#[derive(Debug)]
pub(super) struct Ruler {
    folding: Folding,
    /// The byte, and the offset of it in each unit.
    notes: Vec<(usize, [u32; 3])>,
    end: [u32; 3],
}

impl Ruler {
    pub(super) fn new(text: &str, folding: Folding) -> Self {
        let mut notes = Vec::new();
        let (mut at, mut counts, mut characters) = (0, [0; 3], 0);
        while let Some((bytes, widths)) = text.get(at..).and_then(|rest| folding.step(rest)) {
            if characters % STRIDE == 0 {
                notes.push((at, counts));
            }
            characters += 1;
            at += bytes;
            counts = add(counts, widths);
        }
        Self { folding, notes, end: counts }
    }

    /// The length of the text.
    pub(super) fn length(&self, unit: OffsetUnit) -> u32 {
        of(self.end, unit)
    }

    /// The byte that stands at `offset`.
    pub(super) fn byte(&self, text: &str, unit: OffsetUnit, offset: i64) -> Result<usize, MisfitReason> {
        let offset = u32::try_from(offset)
            .map_err(|_| if offset < 0 { MisfitReason::Negative } else { MisfitReason::BeyondEnd })?;
        if offset == self.length(unit) {
            return Ok(text.len());
        }
        if self.length(unit) < offset {
            return Err(MisfitReason::BeyondEnd);
        }
        let note = self.notes.partition_point(|(_, counts)| of(*counts, unit) <= offset).saturating_sub(1);
        let (mut at, mut counts) = self.notes.get(note).copied().unwrap_or_default();
        while of(counts, unit) < offset {
            let Some((bytes, widths)) = text.get(at..).and_then(|rest| self.folding.step(rest)) else { break };
            at += bytes;
            counts = add(counts, widths);
        }
        if of(counts, unit) == offset { Ok(at) } else { Err(MisfitReason::InsideCharacter) }
    }

    /// The offset of a byte, which stands on a character boundary.
    pub(super) fn offset(&self, text: &str, unit: OffsetUnit, byte: usize) -> i64 {
        let note = self.notes.partition_point(|(at, _)| *at <= byte).saturating_sub(1);
        let (mut at, mut counts) = self.notes.get(note).copied().unwrap_or_default();
        while at < byte {
            let Some((bytes, widths)) = text.get(at..).and_then(|rest| self.folding.step(rest)) else { break };
            at += bytes;
            counts = add(counts, widths);
        }
        i64::from(of(counts, unit))
    }
}

fn of(counts: [u32; 3], unit: OffsetUnit) -> u32 {
    let [bytes, code_points, utf16] = counts;
    match unit {
        OffsetUnit::Bytes => bytes,
        OffsetUnit::CodePoints => code_points,
        OffsetUnit::Utf16 => utf16,
    }
}

fn add(counts: [u32; 3], widths: [u32; 3]) -> [u32; 3] {
    let mut sum = counts;
    for (count, width) in sum.iter_mut().zip(widths) {
        *count = count.saturating_add(width);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_units_over_one_text() {
        let text = format!("a😀é {}", "\u{20000}".repeat(100));
        let ruler = Ruler::new(&text, Folding::default());
        let byte = |unit, offset| ruler.byte(&text, unit, offset);
        assert_eq!(byte(OffsetUnit::CodePoints, 3), Ok(7));
        assert_eq!(byte(OffsetUnit::Utf16, 2), Err(MisfitReason::InsideCharacter));
        assert_eq!(byte(OffsetUnit::Bytes, 5), Ok(5));
        assert_eq!(byte(OffsetUnit::Bytes, -1), Err(MisfitReason::Negative));
        assert_eq!(byte(OffsetUnit::Utf16, 206), Err(MisfitReason::BeyondEnd));
        for (index, (at, _)) in text.char_indices().enumerate() {
            assert_eq!(byte(OffsetUnit::CodePoints, i64::try_from(index).unwrap()), Ok(at));
            for unit in OffsetUnit::ALL {
                assert_eq!(byte(unit, ruler.offset(&text, unit, at)), Ok(at));
            }
        }
    }

    #[test]
    fn folded_characters_count_as_they_were() {
        let folding = Folding { dashes: true, ellipses: true, quotes: false };
        let ruler = Ruler::new("a--b...c", folding);
        assert_eq!(ruler.byte("a--b...c", OffsetUnit::CodePoints, 4), Ok(7));
        assert_eq!(ruler.byte("a--b...c", OffsetUnit::Bytes, 4), Ok(3));
    }
}
