//! From the article's text back to the file it was read from.

use super::span::{SourceSpan, Span, offset};

/// How a stretch of text came out of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// Byte for byte the same.
    Verbatim,
    /// Written differently in the file (an entity, an escape); maps as a whole.
    Decoded,
    /// Not in the file at all (a break between blocks); maps to a point.
    Synthetic,
}

/// A stretch of text; it ends where the next one starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    text_start: u32,
    source_start: u32,
    source_len: u32,
    kind: SegmentKind,
}

/// Segments that tile the text in order, with ascending source positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMap {
    segments: Vec<Segment>,
    text_len: u32,
}

impl SourceMap {
    /// The map of a text that is its own file.
    #[must_use]
    pub fn identity(len: usize) -> Self {
        let whole = Segment { text_start: 0, source_start: 0, source_len: offset(len), kind: SegmentKind::Verbatim };
        Self { segments: vec![whole], text_len: offset(len) }
    }

    /// The bytes of the file that `span` was read from. Markup between two
    /// parts of the span lies in the result; markup at its edges does not.
    #[must_use]
    pub fn source(&self, span: Span) -> SourceSpan {
        if span.is_empty() {
            let at = self.start_of(span.start);
            return SourceSpan::new(at, at);
        }
        SourceSpan::new(self.start_of(span.start), self.end_of(span.end))
    }

    /// The way back: the text that was read from bytes of the file; `None`
    /// where none was.
    #[must_use]
    pub fn text(&self, source: SourceSpan) -> Option<Span> {
        let end = |segment: &Segment| segment.source_start + segment.source_len;
        let first = self.segments.partition_point(|segment| end(segment) <= source.start);
        let last = self.segments.partition_point(|segment| segment.source_start < source.end).checked_sub(1)?;
        let (from, to) = (self.segments.get(first)?, self.segments.get(last)?);
        let start = match from.kind {
            SegmentKind::Verbatim => from.text_start + source.start.saturating_sub(from.source_start),
            SegmentKind::Decoded | SegmentKind::Synthetic => from.text_start,
        };
        let stop = match to.kind {
            SegmentKind::Verbatim => to.text_start + source.end.min(end(to)) - to.source_start,
            SegmentKind::Decoded | SegmentKind::Synthetic => self.end_of_segment(last),
        };
        (first <= last && start <= stop).then(|| Span::new(start, stop))
    }

    fn end_of_segment(&self, index: usize) -> u32 {
        self.segments.get(index + 1).map_or(self.text_len, |next| next.text_start)
    }

    /// The same, where the file holds the span and nothing less: `None` where it
    /// begins or ends inside something that is written differently, or in what
    /// is not in the file. Only such a span can be edited.
    #[must_use]
    pub fn exact_source(&self, span: Span) -> Option<SourceSpan> {
        let first = self.segments.get(self.index_at(span.start))?;
        let last = self.segments.get(self.index_at(span.end.saturating_sub(1).max(span.start)))?;
        let last_end =
            self.segments.get(self.index_at(last.text_start) + 1).map_or(self.text_len, |next| next.text_start);
        let begins = match first.kind {
            SegmentKind::Verbatim => true,
            SegmentKind::Decoded => span.start == first.text_start,
            SegmentKind::Synthetic => false,
        };
        let ends = match last.kind {
            SegmentKind::Verbatim => true,
            SegmentKind::Decoded => span.end == last_end || span.is_empty(),
            SegmentKind::Synthetic => false,
        };
        (begins && ends).then(|| self.source(span))
    }

    fn index_at(&self, at: u32) -> usize {
        self.segments.partition_point(|segment| segment.text_start <= at).saturating_sub(1)
    }

    fn start_of(&self, at: u32) -> u32 {
        let Some(segment) = self.segments.get(self.index_at(at)) else {
            return 0;
        };
        match segment.kind {
            SegmentKind::Verbatim => segment.source_start + (at - segment.text_start),
            SegmentKind::Decoded if at >= self.text_len => segment.source_start + segment.source_len,
            SegmentKind::Decoded | SegmentKind::Synthetic => segment.source_start,
        }
    }

    /// `at` is the exclusive end of a non-empty span.
    fn end_of(&self, at: u32) -> u32 {
        let Some(segment) = self.segments.get(self.index_at(at.saturating_sub(1))) else {
            return 0;
        };
        match segment.kind {
            SegmentKind::Verbatim => segment.source_start + (at - segment.text_start),
            SegmentKind::Decoded | SegmentKind::Synthetic => segment.source_start + segment.source_len,
        }
    }
}

/// Builds a text and its map together, piece by piece in file order.
#[derive(Debug, Default)]
pub struct TextBuilder {
    text: String,
    segments: Vec<Segment>,
}

impl TextBuilder {
    /// A builder with room for `capacity` bytes of text.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        /// Bytes of text between two pieces of markup, where there is much.
        const APART: usize = 64;
        Self { text: String::with_capacity(capacity), segments: Vec::with_capacity(capacity / APART) }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The length so far, as the offset of what comes next.
    #[must_use]
    pub fn position(&self) -> u32 {
        offset(self.text.len())
    }

    /// Appends `text`, which stands in the file at `source_start` as it is.
    pub fn verbatim(&mut self, text: &str, source_start: usize) {
        if text.is_empty() {
            return;
        }
        let start = offset(source_start);
        let length = offset(text.len());
        if let Some(last) = self.segments.last_mut()
            && last.kind == SegmentKind::Verbatim
            && last.source_start + last.source_len == start
        {
            last.source_len += length;
        } else {
            self.segment(start, length, SegmentKind::Verbatim);
        }
        self.text.push_str(text);
    }

    /// Appends `text`, which the file writes differently at `source`.
    pub fn decoded(&mut self, text: &str, source: std::ops::Range<usize>) {
        if text.is_empty() {
            return;
        }
        self.segment(offset(source.start), offset(source.len()), SegmentKind::Decoded);
        self.text.push_str(text);
    }

    /// Appends `text` of our own, at a point of the file.
    pub fn synthetic(&mut self, text: &str, source_at: usize) {
        if text.is_empty() {
            return;
        }
        self.segment(offset(source_at), 0, SegmentKind::Synthetic);
        self.text.push_str(text);
    }

    /// Appends `text`, which `map` leads back to a second text, which
    /// `through` leads back to the file.
    pub fn append(&mut self, text: &str, map: &SourceMap, through: &SourceMap) {
        for (index, segment) in map.segments.iter().enumerate() {
            let range = segment.text_start as usize..map.end_of_segment(index) as usize;
            let piece = text.get(range).unwrap_or_default();
            let between = Span::new(segment.source_start, segment.source_start + segment.source_len);
            match segment.kind {
                SegmentKind::Synthetic => self.synthetic(piece, through.start_of(between.start) as usize),
                SegmentKind::Decoded => self.decoded(piece, through.source(between).range()),
                SegmentKind::Verbatim => self.append_verbatim(piece, between, through),
            }
        }
    }

    /// Appends `piece`, which is the bytes `at` of the text that `through`
    /// maps.
    fn append_verbatim(&mut self, piece: &str, at: Span, through: &SourceMap) {
        let first = through.index_at(at.start);
        for (index, segment) in through.segments.iter().enumerate().skip(first) {
            if at.end <= segment.text_start {
                break;
            }
            let (start, end) = (at.start.max(segment.text_start), at.end.min(through.end_of_segment(index)));
            let part = piece.get((start - at.start) as usize..(end - at.start) as usize).unwrap_or_default();
            let source = segment.source_start as usize;
            match segment.kind {
                SegmentKind::Verbatim => self.verbatim(part, source + (start - segment.text_start) as usize),
                SegmentKind::Decoded => self.decoded(part, source..source + segment.source_len as usize),
                SegmentKind::Synthetic => self.synthetic(part, source),
            }
        }
    }

    /// The text and its map.
    #[must_use]
    pub fn finish(self) -> (String, SourceMap) {
        let text_len = offset(self.text.len());
        (self.text, SourceMap { segments: self.segments, text_len })
    }

    fn segment(&mut self, source_start: u32, source_len: u32, kind: SegmentKind) {
        let text_start = self.position();
        self.segments.push(Segment { text_start, source_start, source_len, kind });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_map_back() {
        // "a&amp;b" + a break of ours + "c"
        let mut builder = TextBuilder::default();
        builder.verbatim("a", 0);
        builder.decoded("&", 1..6);
        builder.verbatim("b", 6);
        builder.synthetic("\n", 7);
        builder.verbatim("c", 9);
        let (text, map) = builder.finish();
        assert_eq!(text, "a&b\nc");
        assert_eq!(map.source(Span::new(0, 2)), SourceSpan::new(0, 6));
        assert_eq!(map.source(Span::new(1, 2)), SourceSpan::new(1, 6));
        assert_eq!(map.source(Span::new(2, 3)), SourceSpan::new(6, 7));
        assert_eq!(map.source(Span::new(2, 5)), SourceSpan::new(6, 10));
        assert_eq!(map.text(SourceSpan::new(1, 6)), Some(Span::new(1, 2)));
        assert_eq!(map.text(SourceSpan::new(7, 10)), Some(Span::new(4, 5)));
        assert_eq!(map.text(SourceSpan::new(7, 9)), None);
    }

    #[test]
    fn a_text_of_a_text_maps_through_both() {
        // File: `x\\nyz`; between: `x⏎yz`; text: `yz` with `y` written `\\y`.
        let mut between = TextBuilder::default();
        between.verbatim("x", 0);
        between.decoded("\n", 1..3);
        between.verbatim("yz", 3);
        let (_, through) = between.finish();
        let mut upper = TextBuilder::default();
        upper.verbatim("x\nyz", 0);
        let (text, map) = upper.finish();
        let mut whole = TextBuilder::default();
        whole.append(&text, &map, &through);
        let (text, map) = whole.finish();
        assert_eq!(text, "x\nyz");
        assert_eq!(map.source(Span::new(1, 2)), SourceSpan::new(1, 3));
        assert_eq!(map.source(Span::new(2, 4)), SourceSpan::new(3, 5));
        assert_eq!(map.source(Span::new(3, 4)), SourceSpan::new(4, 5));
    }

    #[test]
    fn only_what_stands_in_the_file_is_exact() {
        let mut builder = TextBuilder::default();
        builder.verbatim("a", 0);
        builder.decoded("&", 1..6);
        builder.verbatim("b", 6);
        builder.synthetic("\n", 7);
        builder.verbatim("c", 9);
        let (_, map) = builder.finish();
        assert_eq!(map.exact_source(Span::new(1, 3)), Some(SourceSpan::new(1, 7)));
        assert_eq!(map.exact_source(Span::new(2, 4)), None, "the break is ours");
        let mut builder = TextBuilder::default();
        builder.decoded("fi", 0..5);
        builder.verbatim("x", 5);
        let (_, map) = builder.finish();
        assert_eq!(map.exact_source(Span::new(1, 3)), None, "half of an entity");
        assert_eq!(map.exact_source(Span::new(0, 2)), Some(SourceSpan::new(0, 5)));
    }
}
