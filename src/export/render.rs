//! An answer as an article: every citation written anew, every other byte as
//! it is.
//!
//! A marker is replaced, a claim is followed by its sources, what the product
//! only shows on its own page is taken out. Nothing is guessed: an annotation
//! whose offsets fit nowhere stops the rendering, with the evidence.

use std::ops::Range;

use thiserror::Error;

use crate::language::{is_word_char, opens};
use crate::text::Span;

use super::answer::{Annotation, Answer, Misfit, MisfitReason, Offset, Placement, Role, Source};
use super::guard::Guards;
use super::style::{Bibliography, CitationStyle};

/// An article rendered from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The article, Markdown.
    pub text: String,
    /// What was written where, in order.
    pub placed: Vec<Placed>,
    /// Annotations that cite something without saying where, by their index.
    pub unplaced: Vec<usize>,
}

/// One change that rendering made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The stretch of the answer's text that it replaces; empty where it was
    /// put in.
    pub replaced: Span,
    /// Where it stands in the article.
    pub written: Span,
    /// The annotations it stands for, by their index.
    pub annotations: Vec<usize>,
}

/// Why an answer cannot be rendered without guessing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Broken {
    /// Offsets that fit nowhere.
    #[error(
        "{count} of {all} annotations do not fit the text, so the article cannot be rendered from this export: \
         the first is {first}"
    )]
    Misfits {
        /// How many.
        count: usize,
        /// Of how many.
        all: usize,
        /// The first, in words.
        first: String,
    },
    /// The export is cut off.
    #[error("the export breaks off inside this answer; export it again")]
    CutOff,
}

/// What happens at one place of the text.
struct Change {
    range: Range<usize>,
    annotations: Vec<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Replace,
    Insert,
}

/// Renders an answer. The same answer gives the same bytes.
///
/// # Errors
///
/// Where an annotation fits nowhere, or the export is cut off.
pub fn render(answer: &Answer, style: CitationStyle) -> Result<Rendered, Broken> {
    if !answer.is_whole {
        return Err(Broken::CutOff);
    }
    refuse_misfits(answer)?;
    let changes = changes(answer)?;
    let mut writer =
        Writer { answer, style, sources: Bibliography::default(), text: String::new(), placed: Vec::new() };
    let mut at = 0;
    for change in &changes {
        writer.copy(at..change.range.start);
        writer.apply(change);
        at = change.range.end;
    }
    writer.copy(at..answer.text.len());
    let list = writer.sources.write(style);
    if style.is_number() && !list.is_empty() {
        let kept = writer.text.trim_end().len();
        writer.text.truncate(kept);
        writer.text.push_str("\n\n");
        writer.text.push_str(&list);
    }
    let is_unplaced = |annotation: &Annotation| {
        annotation.placement == Placement::Nowhere && annotation.role != Role::Aside && !annotation.sources.is_empty()
    };
    let unplaced = answer.annotations.iter().enumerate().filter(|(_, note)| is_unplaced(note)).map(|(index, _)| index);
    Ok(Rendered { text: writer.text, placed: writer.placed, unplaced: unplaced.collect() })
}

fn refuse_misfits(answer: &Answer) -> Result<(), Broken> {
    let misfits = answer.annotations.iter().filter_map(|annotation| match &annotation.placement {
        Placement::Misfit(misfit) => Some((annotation, misfit)),
        _ => None,
    });
    let count = misfits.clone().count();
    let Some((annotation, misfit)) = misfits.into_iter().next() else { return Ok(()) };
    Err(broken(answer, annotation, misfit, count))
}

fn broken(answer: &Answer, annotation: &Annotation, misfit: &Misfit, count: usize) -> Broken {
    Broken::Misfits { count, all: answer.annotations.len(), first: annotation.explain(misfit, &answer.text) }
}

/// All changes, in order, without overlap.
fn changes(answer: &Answer) -> Result<Vec<Change>, Broken> {
    let guards = Guards::of(&answer.text);
    let mut changes: Vec<Change> = Vec::new();
    for (index, annotation) in answer.annotations.iter().enumerate() {
        let Some(span) = annotation.placement.span() else { continue };
        let (range, kind) = match annotation.role {
            Role::Aside => continue,
            Role::Marker | Role::Hidden if !span.is_empty() => (span.range(), Kind::Replace),
            _ if annotation.sources.is_empty() => continue,
            Role::Claim | Role::Point | Role::Marker | Role::Hidden => {
                let at = guards.behind(&answer.text, span.end as usize);
                (at..at, Kind::Insert)
            }
        };
        changes.push(Change { range, annotations: vec![index], kind });
    }
    // At one place, markers that stand there come after what was put in before.
    changes.sort_by_key(|change| (change.range.start, change.range.end));
    let mut merged: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match merged.last_mut() {
            Some(last) if last.range == change.range => last.annotations.extend(change.annotations),
            Some(last) if change.range.start < last.range.end => {
                if change.kind == Kind::Insert {
                    // A claim that ends inside of a marker: its sources join the marker's.
                    last.annotations.extend(change.annotations);
                    continue;
                }
                let misfit = Misfit { reason: MisfitReason::Overlap, at: Some(Span::from_range(change.range)) };
                let first = change.annotations.first().and_then(|index| answer.annotations.get(*index));
                let Some(annotation) = first else { continue };
                return Err(broken(answer, annotation, &misfit, 1));
            }
            _ => merged.push(change),
        }
    }
    Ok(merged)
}

struct Writer<'a> {
    answer: &'a Answer,
    style: CitationStyle,
    sources: Bibliography,
    text: String,
    placed: Vec<Placed>,
}

impl Writer<'_> {
    fn copy(&mut self, range: Range<usize>) {
        self.text.push_str(self.answer.text.get(range).unwrap_or_default());
    }

    fn apply(&mut self, change: &Change) {
        let notes: Vec<&Annotation> =
            change.annotations.iter().filter_map(|index| self.answer.annotations.get(*index)).collect();
        let sources: Vec<&Source> = notes.iter().flat_map(|note| &note.sources).collect();
        let written = if sources.is_empty() {
            let replaced = self.answer.text.get(change.range.clone()).unwrap_or_default();
            notes.first().map(|note| note.replacement(replaced)).unwrap_or_default()
        } else {
            self.spaced(&sources, change)
        };
        let start = self.text.len();
        self.text.push_str(&written);
        self.placed.push(Placed {
            replaced: Span::from_range(change.range.clone()),
            written: Span::from_range(start..self.text.len()),
            annotations: change.annotations.clone(),
        });
    }
}

impl Writer<'_> {
    /// The citation with the white space that its style wants around it.
    fn spaced(&mut self, sources: &[&Source], change: &Change) -> String {
        let mut written = self.sources.cite(sources, self.style);
        if self.style.is_number() {
            if change.kind == Kind::Replace && self.text.ends_with(' ') && !self.text.trim_end().is_empty() {
                self.text.pop();
            }
            return written;
        }
        let last = self.text.chars().next_back();
        if last.is_some_and(|c| !c.is_whitespace() && !opens(c)) {
            written.insert(0, ' ');
        }
        let next = self.answer.text.get(change.range.end..).and_then(|rest| rest.chars().next());
        if next.is_some_and(is_word_char) {
            written.push(' ');
        }
        written
    }
}

impl Annotation {
    /// What takes the place of a span that cites nothing: what the product
    /// shows there; nothing, where it is to be taken out; else what stands
    /// there.
    fn replacement(&self, replaced: &str) -> String {
        match (self.role, &self.shown) {
            (_, Some(shown)) => shown.clone(),
            (Role::Hidden, None) => String::new(),
            _ => replaced.to_owned(),
        }
    }

    /// A misfit in words, with what stands there and what was due.
    #[must_use]
    pub fn explain(&self, misfit: &Misfit, text: &str) -> String {
        let offset = |offset: &Offset| match offset {
            Offset::Missing => "none".to_owned(),
            Offset::At(number) => number.to_string(),
            Offset::Unreadable(written) => written.clone(),
        };
        let (start, end) = (offset(&self.claimed.start), offset(&self.claimed.end));
        let mut words = format!("the one whose offsets {start} to {end} {}", misfit.reason.describe());
        if let Some(at) = misfit.at {
            words.push_str(&format!(": there stands “{}”", shortened(at.slice(text))));
        }
        if let Some(due) = self.due() {
            words.push_str(&format!(", and not “{}”", shortened(due)));
        }
        words
    }

    /// What should stand at its offsets: the quotation, or the address.
    #[must_use]
    pub fn due(&self) -> Option<&str> {
        let quote = self.quote.as_deref().filter(|quote| !quote.trim().is_empty());
        let address = || self.sources.iter().find_map(|source| source.url.as_deref());
        quote.or_else(|| address().filter(|_| self.role == Role::Marker))
    }
}

/// At most so many characters of a text, on one line.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let mut short: String = text.chars().take(MOST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}
