//! From byte offsets to lines and columns.

use memchr::{memchr, memchr_iter, memrchr};

use super::count::count_bytes;
use super::span::{SourceSpan, offset};

/// A place as people count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// 1-based; a line ends at `\n`, or at `\r` in a text without any `\n`.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
}

/// Every so many bytes it is noted what was counted so far: few notes, for few
/// places are asked of most texts, and no long walk to any place, even deep in
/// a line of megabytes.
const STRIDE: usize = 256;

/// What was counted before a stride.
#[derive(Debug, Clone, Copy)]
struct Note {
    /// Ends of lines.
    lines: u32,
    /// Where the line starts that is open here.
    line_start: u32,
    /// Characters that start; in ASCII, bytes are characters.
    characters: u32,
}

/// Lines and characters of one text.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// The byte that ends a line.
    line_end: u8,
    is_ascii: bool,
    /// One for each stride that begins in the text, its end included.
    notes: Vec<Note>,
}

impl LineIndex {
    /// Reads the text once.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let has = |byte| memchr(byte, bytes).is_some();
        let line_end = if !has(b'\n') && has(b'\r') { b'\r' } else { b'\n' };
        let is_ascii = text.is_ascii();
        let mut notes = Vec::with_capacity(bytes.len() / STRIDE + 2);
        let mut note = Note { lines: 0, line_start: 0, characters: 0 };
        notes.push(note);
        for (index, stride) in bytes.chunks(STRIDE).enumerate() {
            let lines = count(stride, |byte| byte == line_end);
            if lines > 0 {
                let last = memrchr(line_end, stride).map_or(0, |at| index * STRIDE + at + 1);
                (note.lines, note.line_start) = (note.lines + lines, offset(last));
            }
            note.characters += if is_ascii { offset(stride.len()) } else { count(stride, is_start) };
            notes.push(note);
        }
        Self { line_end, is_ascii, notes }
    }

    /// The line and column of a byte offset into the same `text`.
    #[must_use]
    pub fn position(&self, text: &str, at: u32) -> Position {
        let at = (at as usize).min(text.len());
        let (note, stride) = self.before(text, at);
        let line = note.lines + count(stride, |byte| byte == self.line_end);
        let start = memrchr(self.line_end, stride).map_or(note.line_start as usize, |end| at - stride.len() + end + 1);
        let column = self.characters_before(text, at) - self.characters_before(text, start);
        Position { line: line + 1, column: column + 1 }
    }

    /// Those of both ends of a stretch of the same `text`.
    #[must_use]
    pub fn positions(&self, text: &str, span: SourceSpan) -> (Position, Position) {
        let start = self.position(text, span.start);
        // Most are short and end on the line that they begin on.
        let is_near = (span.len() as usize) < STRIDE;
        let within = text.as_bytes().get(span.range()).filter(|_| is_near);
        let end = match within.filter(|within| memchr(self.line_end, within).is_none()) {
            Some(_) if self.is_ascii => Position { column: start.column + span.len(), ..start },
            Some(within) => Position { column: start.column + count(within, is_start), ..start },
            None => self.position(text, span.end),
        };
        (start, end)
    }

    /// The bytes of a line (1-based), its line end left out.
    #[must_use]
    pub fn line_range(&self, text: &str, line: u32) -> std::ops::Range<usize> {
        let line = line.max(1);
        let start = self.line_start(text, line - 1).unwrap_or(text.len());
        let end = self.line_start(text, line).map_or(text.len(), |next| next - 1);
        start..end.max(start)
    }

    /// Where the line starts that so many line ends stand before.
    fn line_start(&self, text: &str, lines: u32) -> Option<usize> {
        let index = self.notes.partition_point(|note| note.lines < lines);
        let Some(index) = index.checked_sub(1) else { return Some(0) };
        let note = self.notes.get(index)?;
        let from = index * STRIDE;
        let stride = text.as_bytes().get(from..(from + STRIDE).min(text.len()))?;
        let end = memchr_iter(self.line_end, stride).nth((lines - note.lines - 1) as usize)?;
        Some(from + end + 1)
    }

    fn characters_before(&self, text: &str, at: usize) -> u32 {
        if self.is_ascii {
            return offset(at);
        }
        let (note, stride) = self.before(text, at);
        note.characters + count(stride, is_start)
    }

    /// The last note before `at`, and the bytes from there on.
    fn before<'t>(&self, text: &'t str, at: usize) -> (Note, &'t [u8]) {
        let note = self.notes.get(at / STRIDE).copied().unwrap_or(Note { lines: 0, line_start: 0, characters: 0 });
        (note, text.as_bytes().get(at / STRIDE * STRIDE..at).unwrap_or_default())
    }
}

fn count(bytes: &[u8], is_counted: impl Fn(u8) -> bool) -> u32 {
    offset(count_bytes(bytes, is_counted))
}

/// Whether a byte begins a character: all but UTF-8 continuation bytes do.
fn is_start(byte: u8) -> bool {
    (byte & 0xC0) != 0x80
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, Position, SourceSpan};

    /// The same, counted from the start each time.
    fn counted(text: &str, line_end: char, at: usize) -> Position {
        let before = text.get(..at).unwrap();
        let start = before.rfind(line_end).map_or(0, |end| end + 1);
        let count = |text: &str, is_counted: &dyn Fn(char) -> bool| {
            u32::try_from(text.chars().filter(|c| is_counted(*c)).count()).unwrap()
        };
        let line = count(before, &|c| c == line_end) + 1;
        Position { line, column: count(before.get(start..).unwrap(), &|_| true) + 1 }
    }

    #[test]
    fn every_place_is_where_counting_finds_it() {
        let long = "ü".repeat(700);
        for text in [
            String::new(),
            "ab\ncd".to_owned(),
            "\n\n\n".to_owned(),
            "one\rtwo\r\rthree".to_owned(),
            "one\r\ntwo\r\n".to_owned(),
            "x".repeat(512),
            format!("{}\n{}", "x".repeat(255), "y".repeat(256)),
            format!("é\n{long}x\n\n{long}\n"),
            "ab\n".repeat(400),
        ] {
            let line_end = if text.contains('\r') && !text.contains('\n') { '\r' } else { '\n' };
            let index = LineIndex::new(&text);
            let places = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
            for at in places() {
                assert_eq!(index.position(&text, u32::try_from(at).unwrap()), counted(&text, line_end, at), "{at}");
            }
            for (start, end) in
                places().flat_map(|at| places().skip_while(move |to| *to < at).step_by(37).map(move |to| (at, to)))
            {
                let span = SourceSpan::from_range(start..end);
                let expected = (index.position(&text, span.start), index.position(&text, span.end));
                assert_eq!(index.positions(&text, span), expected, "{span:?}");
            }
            let mut start = 0;
            for (line, written) in (1..).zip(text.split(line_end)) {
                let range = start..start + written.len();
                assert_eq!(index.line_range(&text, line), range, "line {line}");
                start = range.end + 1;
            }
            let beyond = u32::try_from(text.len()).unwrap() + 2;
            assert_eq!(index.line_range(&text, beyond), text.len()..text.len());
        }
    }
}
