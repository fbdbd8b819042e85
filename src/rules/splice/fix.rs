//! How a splice is repaired, as far as the article alone allows.
//!
//! A copy that is attested elsewhere goes; where text is lost, the mark of a
//! gap stays. The only copy of a citation never goes: it stays at its seam
//! behind the mark, or moves to the end of its sentence, which nothing attests.

use crate::document::Block;
use crate::finding::{Alternative, Fix, Provenance};
use crate::rules::TextContext;
use crate::rules::mend::taken_out;
use crate::seam::{Splice, SpliceKind};
use crate::text::{Edit, EditSet, SourceSpan};

use super::complete::Completions;
use super::place::{Habit, Habits};

/// Makes the repairs of one document's splices.
pub(super) struct Mender<'a> {
    context: &'a TextContext<'a>,
    completions: Completions<'a>,
    habits: Habits,
}

impl<'a> Mender<'a> {
    pub(super) fn of(context: &'a TextContext<'a>) -> Self {
        Self { context, completions: Completions::of(context), habits: Habits::default() }
    }

    /// The repair of a splice; `None` where markup stands in the way.
    pub(super) fn fix(&self, splice: &Splice) -> Option<Fix> {
        let site = Site::of(self.context, splice)?;
        let mut fix = match site.sent_back(&self.habits) {
            Some(fix) => fix,
            None if site.is_copy => site.without_copy()?,
            None => site.with_only_copy(&self.habits)?,
        };
        if splice.kind == SpliceKind::CutWord {
            fix.alternatives.extend(site.completed(&self.completions));
        }
        Some(fix)
    }
}

struct Site<'a> {
    context: &'a TextContext<'a>,
    splice: &'a Splice,
    block: &'a Block,
    /// The whole of the label in the file.
    construct: SourceSpan,
    /// All that the label says is said by a citation that stands where it belongs.
    is_copy: bool,
}

impl<'a> Site<'a> {
    fn of(context: &'a TextContext<'a>, splice: &'a Splice) -> Option<Self> {
        let construct = context.construct(splice.citations.clone(), splice.label)?;
        let (_, block) = context.document.prose_block(splice.label)?;
        let citations = context.citations.get(splice.citations.clone())?;
        let is_copy = citations.iter().all(|citation| context.sound.attest(context.document, citation));
        Some(Self { context, splice, block, construct, is_copy })
    }

    fn loses_text(&self) -> bool {
        matches!(self.splice.kind, SpliceKind::CutWord | SpliceKind::LostText)
    }

    fn gap(&self) -> String {
        self.context.gap(self.splice.lost, self.construct.end)
    }

    /// The label with what a gap leaves in its place.
    fn taken_out(&self) -> Edit {
        if self.loses_text() {
            return Edit::new(self.construct, self.gap());
        }
        taken_out(&self.context.document.source, self.construct)
    }

    fn without_copy(&self) -> Option<Fix> {
        let title = if self.loses_text() {
            "take the displaced copy out and mark the gap"
        } else {
            "take the displaced copy out"
        };
        Some(Fix::new(Provenance::StrayCopy, title, EditSet::new(vec![self.taken_out()])?))
    }

    fn with_only_copy(&self, habits: &Habits) -> Option<Fix> {
        let moved = self.moved(habits);
        if !self.loses_text() {
            return Some(Fix::new(Provenance::SentenceEnd, MOVE, moved?));
        }
        let source: &str = &self.context.document.source;
        let written = source.get(self.construct.range())?;
        let touches = source.get(self.construct.end as usize..)?.starts_with(char::is_alphanumeric);
        let trail = if touches { " " } else { "" };
        // A space, so that no markup makes a link of the two.
        let marked = format!("{} {written}{trail}", self.gap());
        let edits = EditSet::new(vec![Edit::new(self.construct, marked)])?;
        let mut fix = Fix::new(Provenance::Gap, "mark the gap before the citation", edits);
        fix.alternatives.extend(moved.map(|edits| Alternative {
            title: MOVE.to_owned(),
            edits,
            provenance: Provenance::SentenceEnd,
        }));
        Some(fix)
    }

    /// The label where the diagnosis puts it.
    fn sent_back(&self, habits: &Habits) -> Option<Fix> {
        let last = self.splice.meant.filter(|_| !self.loses_text())?;
        let first = self.context.citations.get(self.splice.citations.start)?;
        let habit = habits.of(self.context, first.kind);
        let title = "move the citation to where the process shows that it was meant to stand";
        Some(Fix::new(Provenance::Diagnosis, title, self.set(last.end, habit)?))
    }

    /// The label taken out, and set at a byte of the file.
    fn set(&self, at: u32, habit: Habit) -> Option<EditSet> {
        let written = self.context.document.source.get(self.construct.range())?;
        let space = if habit.is_spaced { " " } else { "" };
        EditSet::new(vec![self.taken_out(), Edit::insertion(at, format!("{space}{written}"))])
    }

    /// The label at the end of its sentence.
    fn moved(&self, habits: &Habits) -> Option<EditSet> {
        let document = self.context.document;
        let first = self.context.citations.get(self.splice.citations.start)?;
        let habit = habits.of(self.context, first.kind);
        let place = habit.sentence_end(&document.text, self.block.span, self.splice.label.end)?;
        // Behind the last character of the sentence, whatever markup follows.
        let last = document.text.get(..place as usize)?.chars().next_back()?;
        let last = crate::text::Span::new(place - crate::text::offset(last.len_utf8()), place);
        self.set(self.context.source(last)?.end, habit)
    }

    /// The cut words completed: shown, never written without asking.
    fn completed(&self, completions: &Completions<'_>) -> Vec<Alternative> {
        let left = completions.of_start(&self.splice.left).into_iter().map(|rest| (rest, true));
        let right = completions.of_end(&self.splice.right).into_iter().map(|rest| (rest, false));
        left.chain(right)
            .filter_map(|(rest, is_left)| {
                let gap = self.gap();
                let (text, title) = if is_left {
                    (format!("{rest} {gap}"), format!("complete “{0}” to “{0}·{rest}”", self.splice.left))
                } else {
                    (format!("{gap} {rest}"), format!("complete “{0}” to “{rest}·{0}”", self.splice.right))
                };
                let written = self.context.document.source.get(self.construct.range())?;
                let text = if self.is_copy { text } else { format!("{text} {written} ") };
                let edits = EditSet::new(vec![Edit::new(self.construct, text)])?;
                Some(Alternative { title, edits, provenance: Provenance::Candidates })
            })
            .collect()
    }
}

const MOVE: &str = "move the citation to the end of its sentence";
