//! What vendor files fill in: an answer part by part, its annotations as they
//! are written. Nothing is measured here.

use std::ops::Range;

use crate::text::TextBuilder;

use super::answer::{Annotation, Claimed, Offset, Placement, Role, Source};
use super::json::Value;

/// An answer in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) id: Option<String>,
    pub(super) conversation: Option<String>,
    pub(super) title: Option<String>,
    pub(super) text: TextBuilder,
    pub(super) parts: Vec<Part>,
    pub(super) annotations: Vec<Annotation>,
}

/// One string of an answer.
#[derive(Debug)]
pub(super) enum Part {
    /// Shown: these bytes of the answer's text.
    Shown(Range<usize>),
    /// Not shown: the model's thoughts.
    Hidden(String),
}

impl Draft {
    /// An answer that calls itself by `value`'s `id` or `uuid`.
    pub(super) fn of(value: Value<'_>) -> Self {
        Self { id: value.any(&["id", "uuid"]).string(), ..Self::default() }
    }

    /// Appends a part that is shown, and gives its index.
    pub(super) fn say(&mut self, text: Value<'_>) -> usize {
        let start = self.text.text().len();
        text.append_to(&mut self.text);
        self.parts.push(Part::Shown(start..self.text.text().len()));
        self.parts.len() - 1
    }

    /// Appends to the last part, where the product sends it in pieces.
    pub(super) fn say_on(&mut self, text: Value<'_>) -> usize {
        if !matches!(self.parts.last(), Some(Part::Shown(_))) {
            return self.say(text);
        }
        text.append_to(&mut self.text);
        let length = self.text.text().len();
        if let Some(Part::Shown(range)) = self.parts.last_mut() {
            range.end = length;
        }
        self.parts.len() - 1
    }

    /// Appends a part that is not shown.
    pub(super) fn think(&mut self, text: Value<'_>) -> usize {
        self.parts.push(Part::Hidden(text.text().unwrap_or_default().into_owned()));
        self.parts.len() - 1
    }

    /// Where a part lies in the answer's text.
    pub(super) fn part(&self, index: usize) -> Range<usize> {
        match self.parts.get(index) {
            Some(Part::Shown(range)) => range.clone(),
            _ => 0..0,
        }
    }

    pub(super) fn annotate(&mut self, annotation: Annotation) {
        self.annotations.push(annotation);
    }
}

impl Annotation {
    /// An annotation of that role, which `value` declares.
    pub(super) fn new(role: Role, value: Value<'_>) -> Self {
        Self {
            role,
            claimed: Claimed::default(),
            quote: None,
            sources: Vec::new(),
            shown: None,
            declared: value.place(),
            placement: Placement::Nowhere,
            part: None,
            may_be_claim: false,
        }
    }

    /// With offsets.
    pub(super) fn between(mut self, start: Value<'_>, end: Value<'_>) -> Self {
        self.claimed = Claimed { start: Offset::of(start), end: Offset::of(end) };
        self
    }

    /// With offsets whose start is left out where it is zero, as protocol
    /// buffers do.
    pub(super) fn up_to(mut self, start: Value<'_>, end: Value<'_>) -> Self {
        self = self.between(start, end);
        if self.claimed.start == Offset::Missing && self.claimed.end != Offset::Missing {
            self.claimed.start = Offset::At(0);
        }
        self
    }

    /// At a place that needs no offsets.
    pub(super) fn given(mut self, range: Range<usize>) -> Self {
        self.placement = Placement::Given(crate::text::Span::from_range(range));
        self
    }

    pub(super) fn in_part(mut self, part: usize) -> Self {
        self.part = Some(part);
        self
    }

    pub(super) fn quoting(mut self, quote: Value<'_>) -> Self {
        self.quote = quote.text().map(Into::into);
        self
    }

    pub(super) fn citing(mut self, source: Source) -> Self {
        if !source.is_empty() && !self.sources.contains(&source) {
            self.sources.push(source);
        }
        self
    }

    /// A marker, or, where no marker stands in the text, a claim.
    pub(super) fn or_claim(mut self) -> Self {
        self.may_be_claim = true;
        self
    }
}

impl Offset {
    fn of(value: Value<'_>) -> Self {
        match value.integer() {
            Some(number) => Self::At(number),
            None if value.exists() => Self::Unreadable(value.written().chars().take(40).collect()),
            None => Self::Missing,
        }
    }
}

impl Source {
    /// A source from the members by which most products name address and
    /// title.
    pub(super) fn of(value: Value<'_>) -> Self {
        Self {
            url: value.any(&["url", "uri", "source_url", "link"]).string(),
            title: value.any(&["title", "name", "filename", "file_name"]).string(),
            site: None,
        }
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.url.is_none() && self.title.is_none() && self.site.is_none()
    }
}
