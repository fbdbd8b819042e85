//! The texts that offsets may count in, and the way from there to the text of
//! the answer.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::Span;

use super::answer::{Annotation, BaseText, EndConvention, MisfitReason, Offset, OffsetUnit, Role};
use super::draft::Part;
use super::ruler::{Folding, Ruler};

/// One way to read offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) unit: OffsetUnit,
    pub(super) end: EndConvention,
    pub(super) base: BaseText,
}

/// A text that offsets may count in, and which stretches of the answer's own
/// text it is made of: first byte here, first byte there, length.
pub(super) struct Frame<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) ruler: Ruler,
    pieces: Vec<(usize, usize, usize)>,
}

impl Frame<'_> {
    /// The stretch of the answer's text; `None` where it is not shown.
    pub(super) fn shown(&self, range: &Range<usize>) -> Option<Span> {
        let find = |at: usize, is_end: bool| {
            self.pieces
                .iter()
                .find(|(from, _, length)| *from <= at && if is_end { at <= from + length } else { at < from + length })
                .map(|(from, to, _)| to + (at - from))
        };
        let end = find(range.end, true)?;
        let start = find(range.start, range.is_empty()).or_else(|| range.is_empty().then_some(end))?;
        (start <= end).then(|| Span::from_range(start..end))
    }

    /// The other way: where a stretch of the answer's text stands here.
    pub(super) fn holds(&self, shown: &Range<usize>) -> Option<Range<usize>> {
        let inside = |piece: &&(usize, usize, usize)| piece.1 <= shown.start && shown.end <= piece.1 + piece.2;
        let (from, to, _) = self.pieces.iter().find(inside)?;
        Some(from + (shown.start - to)..from + (shown.end - to))
    }
}

/// The frames of an answer.
pub(super) struct Frames<'a> {
    parts: Vec<Frame<'a>>,
    answer: Frame<'a>,
    everything: Option<Frame<'a>>,
}

impl<'a> Frames<'a> {
    pub(super) fn of(text: &'a str, parts: &'a [Part], folding: Folding) -> Self {
        let mut frames = Self {
            parts: Vec::with_capacity(parts.len()),
            answer: frame(Cow::Borrowed(text), vec![(0, 0, text.len())], folding),
            everything: None,
        };
        let mut everything = String::new();
        let mut pieces = Vec::new();
        for part in parts {
            let (own, pieces_of_own) = match part {
                Part::Shown(range) => {
                    let own = text.get(range.clone()).unwrap_or_default();
                    pieces.push((everything.len(), range.start, range.len()));
                    (own, vec![(0, range.start, range.len())])
                }
                Part::Hidden(own) => (own.as_str(), Vec::new()),
            };
            everything.push_str(own);
            frames.parts.push(frame(Cow::Borrowed(own), pieces_of_own, folding));
        }
        if parts.iter().any(|part| matches!(part, Part::Hidden(_))) {
            frames.everything = Some(frame(Cow::Owned(everything), pieces, folding));
        }
        frames
    }

    pub(super) fn bases(&self) -> Vec<BaseText> {
        let mut bases = vec![BaseText::Part];
        if self.parts.len() > 1 {
            bases.push(BaseText::Answer);
        }
        if self.everything.is_some() {
            bases.push(BaseText::Everything);
        }
        bases
    }

    pub(super) fn get(&self, base: BaseText, annotation: &Annotation) -> &Frame<'a> {
        match base {
            BaseText::Part => annotation.part.and_then(|part| self.parts.get(part)).unwrap_or(&self.answer),
            BaseText::Answer => &self.answer,
            BaseText::Everything => self.everything.as_ref().unwrap_or(&self.answer),
        }
    }
}

fn frame(text: Cow<'_, str>, pieces: Vec<(usize, usize, usize)>, folding: Folding) -> Frame<'_> {
    let ruler = Ruler::new(&text, folding);
    Frame { text, ruler, pieces }
}

/// The bytes of the frame's text that offsets, moved by `delta`, lead to.
pub(super) fn locate(
    annotation: &Annotation,
    frame: &Frame<'_>,
    reading: Reading,
    delta: i64,
) -> Result<Range<usize>, MisfitReason> {
    let (start, end) = match (&annotation.claimed.start, &annotation.claimed.end) {
        (Offset::At(start), Offset::At(end)) => (*start, *end),
        _ => return Err(MisfitReason::Unreadable),
    };
    if start < 0 || end < 0 {
        return Err(MisfitReason::Negative);
    }
    if end < start {
        return Err(MisfitReason::Inverted);
    }
    let is_inclusive = reading.end == EndConvention::Inclusive && annotation.role != Role::Point;
    let end = if is_inclusive { end.saturating_add(1) } else { end };
    let start = frame.ruler.byte(&frame.text, reading.unit, start.saturating_add(delta))?;
    let end = frame.ruler.byte(&frame.text, reading.unit, end.saturating_add(delta))?;
    Ok(start..end)
}
