//! From byte offsets to lines and columns.

use memchr::memchr_iter;

use super::span::offset;

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based; a line ends at `\n`, or at `\r` in a text without any `\n`.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
}

/// Every so many bytes the number of characters so far is noted, so that a
/// column deep in a line of megabytes costs no walk from the line's start.
const STRIDE: usize = 256;

/// Line starts and character counts of one text.
#[derive(Debug, Clone)]
pub struct LineIndex {
    line_starts: Vec<u32>,
    /// `counts[k]`: characters that start before byte `k * STRIDE`. Empty for
    /// ASCII, where bytes are characters.
    counts: Vec<u32>,
}

impl LineIndex {
    /// Reads the text once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let starts =
            |end| std::iter::once(0).chain(memchr_iter(end, text.as_bytes()).map(|at| offset(at + 1))).collect();
        let mut line_starts: Vec<u32> = starts(b'\n');
        if line_starts.len() == 1 {
            line_starts = starts(b'\r');
        }
        let counts = if text.is_ascii() { Vec::new() } else { stride_counts(text.as_bytes()) };
        Self { line_starts, counts }
    }

    /// The line and column of a byte offset into the same `text`.
    #[must_use]
    pub fn position(&self, text: &str, at: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= at).max(1) - 1;
        let start = self.line_starts.get(line).copied().unwrap_or(0);
        let column = self.characters_before(text, at) - self.characters_before(text, start);
        Position { line: offset(line) + 1, column: column + 1 }
    }

    /// The bytes of a line (1-based), its line end left out.
    #[must_use]
    pub fn line_range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let index = line.max(1) as usize - 1;
        let start = self.line_starts.get(index).map_or(text.len(), |start| *start as usize);
        let end = self.line_starts.get(index + 1).map_or(text.len(), |next| *next as usize - 1);
        start..end.max(start)
    }

    fn characters_before(&self, text: &str, at: u32) -> u32 {
        let at = (at as usize).min(text.len());
        let Some(counted) = self.counts.get(at / STRIDE) else {
            return offset(at);
        };
        let from = at / STRIDE * STRIDE;
        let rest = text.as_bytes().get(from..at).unwrap_or_default();
        counted + offset(count_starts(rest))
    }
}

fn stride_counts(bytes: &[u8]) -> Vec<u32> {
    let mut total = 0;
    let mut counts = vec![0];
    for chunk in bytes.chunks(STRIDE) {
        total += offset(count_starts(chunk));
        counts.push(total);
    }
    counts
}

/// Bytes that begin a character: all but UTF-8 continuation bytes. Counted in
/// pieces whose sum fits a byte, which the compiler makes vectors of.
fn count_starts(bytes: &[u8]) -> usize {
    const PIECE: usize = 128;
    let count = |piece: &[u8]| piece.iter().map(|byte| u8::from((*byte & 0xC0) != 0x80)).sum::<u8>();
    bytes.chunks(PIECE).map(|piece| usize::from(count(piece))).sum()
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, Position};

    #[test]
    fn columns_count_characters_across_strides() {
        let text = format!("é\n{}x", "ü".repeat(3000));
        let index = LineIndex::new(&text);
        let at = u32::try_from(text.len() - 1).unwrap();
        assert_eq!(index.position(&text, at), Position { line: 2, column: 3001 });
        assert_eq!(index.position(&text, 0), Position { line: 1, column: 1 });
        assert_eq!(index.line_range(&text, 1), 0..2);
    }

    #[test]
    fn ascii_and_empty() {
        let index = LineIndex::new("ab\ncd");
        assert_eq!(index.position("ab\ncd", 4), Position { line: 2, column: 2 });
        let empty = LineIndex::new("");
        assert_eq!(empty.position("", 0), Position { line: 1, column: 1 });
    }
}
