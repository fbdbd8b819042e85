//! From offsets in the decoded file back to bytes on disk.
//!
//! For UTF-8 that is a shift by the byte order mark; for other encodings a
//! list of runs in which every character takes the same number of bytes on
//! both sides, so that a Cyrillic page in windows-1251 costs a run per change
//! between letters and spaces and not an entry per character.

use super::span::{OriginSpan, SourceSpan};

/// How the decoded file lies over the bytes on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoding {
    /// Byte for byte, after a mark of so many bytes.
    Shifted(u32),
    /// Character runs, in order.
    Runs(Vec<Run>),
}

/// Characters that all take `source_width` bytes decoded and `origin_width`
/// on disk, from the two starts up to the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    source_start: u32,
    origin_start: u32,
    source_width: u8,
    origin_width: u8,
}

impl Decoding {
    /// The bytes on disk under a range of the decoded file.
    #[must_use]
    pub fn origin(&self, span: SourceSpan) -> OriginSpan {
        OriginSpan::new(self.offset(span.start), self.offset(span.end))
    }

    fn offset(&self, at: u32) -> u32 {
        match self {
            Self::Shifted(mark) => at.saturating_add(*mark),
            Self::Runs(runs) => {
                let after = runs.partition_point(|run| run.source_start <= at);
                let Some(run) = after.checked_sub(1).and_then(|index| runs.get(index)) else {
                    return 0;
                };
                let characters = (at - run.source_start).div_ceil(u32::from(run.source_width).max(1));
                run.origin_start + characters * u32::from(run.origin_width)
            }
        }
    }
}

/// Collects runs, character by character.
#[derive(Debug, Default)]
pub struct DecodingBuilder {
    runs: Vec<Run>,
    source_end: u32,
    origin_end: u32,
}

impl DecodingBuilder {
    /// Starts behind a byte order mark of `mark` bytes.
    #[must_use]
    pub fn new(mark: u32) -> Self {
        Self { origin_end: mark, ..Self::default() }
    }

    /// Appends one character: its bytes decoded and on disk.
    pub fn push(&mut self, source_width: u8, origin_width: u8) {
        let same =
            self.runs.last().is_some_and(|run| run.source_width == source_width && run.origin_width == origin_width);
        if !same {
            self.runs.push(Run {
                source_start: self.source_end,
                origin_start: self.origin_end,
                source_width,
                origin_width,
            });
        }
        self.source_end += u32::from(source_width);
        self.origin_end += u32::from(origin_width);
    }

    /// The finished table. A last empty run closes it, so that the end of the
    /// text maps to the end of the file.
    #[must_use]
    pub fn finish(mut self) -> Decoding {
        self.runs.push(Run {
            source_start: self.source_end,
            origin_start: self.origin_end,
            source_width: 1,
            origin_width: 0,
        });
        Decoding::Runs(self.runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_map_back() {
        let mut builder = DecodingBuilder::new(2);
        for (source, origin) in [(1, 2), (2, 2), (2, 2), (4, 4), (1, 2)] {
            builder.push(source, origin);
        }
        let decoding = builder.finish();
        let origin = |start, end| decoding.origin(SourceSpan::new(start, end));
        assert_eq!(origin(0, 1), OriginSpan::new(2, 4));
        assert_eq!(origin(3, 5), OriginSpan::new(6, 8));
        assert_eq!(origin(5, 9), OriginSpan::new(8, 12));
        assert_eq!(origin(9, 10), OriginSpan::new(12, 14));
    }
}
