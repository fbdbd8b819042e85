//! Half-open byte ranges, one type per coordinate system.

use std::ops::Range;

macro_rules! span_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name {
            /// First byte.
            pub start: u32,
            /// One past the last byte; never below `start`.
            pub end: u32,
        }

        impl $name {
            /// The range `start..end`; an inverted one is empty at `start`.
            #[must_use]
            pub fn new(start: u32, end: u32) -> Self {
                Self { start, end: end.max(start) }
            }

            /// From `usize` offsets. Inputs are under 4 GiB (`input` refuses
            /// larger files), so nothing is cut off; larger values saturate.
            #[must_use]
            pub fn from_range(range: Range<usize>) -> Self {
                Self::new(offset(range.start), offset(range.end))
            }

            /// As a range for slicing.
            #[must_use]
            pub fn range(self) -> Range<usize> {
                self.start as usize..self.end as usize
            }

            /// Length in bytes.
            #[must_use]
            pub fn len(self) -> u32 {
                self.end - self.start
            }

            /// Whether nothing lies in it.
            #[must_use]
            pub fn is_empty(self) -> bool {
                self.start == self.end
            }
        }
    };
}

span_type! {
    /// Bytes of the article's text, always on character boundaries.
    Span
}
span_type! {
    /// Bytes of the decoded file (UTF-8, without byte order mark).
    SourceSpan
}
span_type! {
    /// Bytes of the file as it lies on disk, in its own encoding.
    OriginSpan
}

impl Span {
    /// Whether `other` lies wholly in `self`.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The text it covers; empty where it lies outside of `text` or not on
    /// character boundaries.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }
}

/// An offset of `usize` as the 32 bits that spans hold.
pub(crate) fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
