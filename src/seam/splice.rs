//! Labels written over, or into, the prose.
//!
//! Two passes. The first takes the seams that contact alone proves; what is
//! left tells the house style, and by it the second pass judges the seams
//! that need more than contact. A label glosses a name when the name stands
//! right before it (`Reuters (reuters.com) reports`): that alarms nobody.

use std::collections::HashMap;
use std::ops::Range;

use crate::citation::{Citation, Kind};
use crate::document::{BlockKind, Document};
use crate::finding::{Confidence, Evidence};
use crate::language::{Vocabulary, ends_clause, first_word, is_dangling, is_spaced_letter, joins_clauses};
use crate::text::Span;

use super::evidence::{Fact, confidence};
use super::side::{Left, Right};
use super::style::HouseStyle;

/// What a splice did to the prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpliceKind {
    /// A part of a word is left over.
    CutWord,
    /// Text is gone, no part of a word is left over.
    LostText,
    /// Nothing is gone: without the label the text joins up.
    Misplaced,
    /// A second copy where it does not belong, no more is known.
    StrayCopy,
}

/// A label at a seam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The citations of the run, as indices.
    pub citations: Range<usize>,
    /// The label, or the run of labels.
    pub label: Span,
    /// The label with the pieces of words that touch it.
    pub span: Span,
    /// What it did.
    pub kind: SpliceKind,
    /// How sure.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// The other citation that it repeats, as an index.
    pub repeats: Option<usize>,
    /// The piece that touches on the left; empty where none does.
    pub left: String,
    /// The piece that touches on the right.
    pub right: String,
}

/// All splices of a document, in order.
#[must_use]
pub fn find_splices(document: &Document, citations: &[Citation]) -> Vec<Splice> {
    let runs = runs(document, citations);
    if runs.is_empty() {
        return Vec::new();
    }
    let mut judge = Judge::new(document, citations, &runs);
    let mut found: Vec<Option<Splice>> =
        runs.iter().enumerate().map(|(index, run)| judge.by_contact(index, run)).collect();
    judge.learn(&runs, &found);
    for (index, run) in runs.iter().enumerate() {
        if let Some(slot) = found.get_mut(index).filter(|slot| slot.is_none()) {
            *slot = judge.by_position(index, run);
        }
    }
    found.into_iter().flatten().collect()
}

/// Labels with nothing but a space between them; judged as one.
#[derive(Debug)]
struct Run<'a> {
    citations: Range<usize>,
    span: Span,
    form: Form,
    left: Left<'a>,
    right: Right<'a>,
}

/// Forms differ in what contact means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In brackets, set off by spaces: `(host)`.
    Label,
    /// Set right behind a word: `[12]`.
    Mark,
    /// Set anywhere by machines: tokens.
    Token,
}

fn form_of(kind: Kind) -> Form {
    match kind {
        Kind::Numeric | Kind::Footnote => Form::Mark,
        Kind::Token => Form::Token,
        _ => Form::Label,
    }
}

fn runs<'a>(document: &'a Document, citations: &[Citation]) -> Vec<Run<'a>> {
    let text: &str = &document.text;
    let mut runs: Vec<Run<'a>> = Vec::new();
    for (index, citation) in citations.iter().enumerate().filter(|(_, citation)| citation.kind.is_label()) {
        let Some((_, block)) = document.prose_block(citation.span) else { continue };
        if block.kind == BlockKind::Definition {
            continue;
        }
        let right = Right::of(text.get(citation.span.end as usize..block.span.end as usize).unwrap_or_default());
        let form = form_of(citation.kind);
        if let Some(run) = runs.last_mut()
            && run.citations.end == index
            && run.form == form
            && block.span.contains(run.span)
            && Span::new(run.span.end, citation.span.start).slice(text).trim_matches(' ').is_empty()
        {
            run.citations.end = index + 1;
            run.span = run.span.join(citation.span);
            run.right = right;
            continue;
        }
        let left = Left::of(text.get(block.span.start as usize..citation.span.start as usize).unwrap_or_default());
        runs.push(Run { citations: index..index + 1, span: citation.span, form, left, right });
    }
    runs
}

struct Judge<'a> {
    document: &'a Document,
    citations: &'a [Citation],
    /// For each run, the run before it with the same host, and whether it is
    /// the very last one; else the one after it.
    repeats: Vec<Option<Repeat>>,
    vocabulary: Option<Vocabulary>,
    style: HouseStyle,
    sure: u32,
    /// Whether numbers in brackets serve as citations elsewhere, too.
    has_clean_marks: bool,
}

#[derive(Debug, Clone, Copy)]
struct Repeat {
    citation: usize,
    /// It stands before the run, and not behind it.
    is_before: bool,
    /// It is the label right before the run.
    is_previous: bool,
}

impl<'a> Judge<'a> {
    fn new(document: &'a Document, citations: &'a [Citation], runs: &[Run<'_>]) -> Self {
        let repeats = find_repeats(citations, runs);
        let has_clean_marks = runs.iter().any(|run| run.form == Form::Mark && run.right.touching.is_empty());
        Self { document, citations, repeats, vocabulary: None, style: HouseStyle::default(), sure: 0, has_clean_marks }
    }

    fn attests(&mut self, word: &str) -> bool {
        let labels = || -> Vec<Range<usize>> {
            self.citations
                .iter()
                .filter(|citation| citation.kind.is_label())
                .map(|citation| citation.span.range())
                .collect()
        };
        self.vocabulary.get_or_insert_with(|| Vocabulary::of(&self.document.text, &labels())).attests(word)
    }

    /// Seams that letters touching the label prove, whatever the style.
    fn by_contact(&mut self, index: usize, run: &Run<'_>) -> Option<Splice> {
        let (left, right) = (run.left.touching, run.right.touching);
        let mut facts = Vec::new();
        if run.right.heading_mark() && !run.left.text.is_empty() && run.form != Form::Token {
            facts.push(Fact::HeadingMark);
        } else if !right.is_empty() {
            let is_low = !right.starts_with(char::is_uppercase);
            let number_alone = run.form != Form::Label && !is_low;
            if number_alone || run.form == Form::Token && left.is_empty() && !run.left.ends_sentence() {
                return None;
            }
            facts.push(match (left.is_empty(), is_low) {
                (false, _) => Fact::BothTouch,
                (true, true) => Fact::RightTouches,
                (true, false) => return None,
            });
            if run.form == Form::Mark && !self.has_clean_marks {
                return None;
            }
        } else {
            return None;
        }
        Some(self.splice(index, run, &facts))
    }

    /// Learns the house style from the labels that contact did not condemn.
    fn learn(&mut self, runs: &[Run<'_>], found: &[Option<Splice>]) {
        for (index, (run, splice)) in runs.iter().zip(found).enumerate() {
            // Copies do not vote: if they are strays, they would outvote the rest.
            let is_copy = self.repeats.get(index).copied().flatten().is_some_and(|repeat| repeat.is_before);
            let is_inside = !run.left.ends_sentence() && run.right.goes_on();
            if splice.is_some() {
                self.sure += 1;
            } else if run.form == Form::Label && !(is_copy && is_inside) {
                self.style.count(&run.left, &run.right);
            }
        }
    }

    /// Seams that need the document's own habits as evidence.
    fn by_position(&mut self, index: usize, run: &Run<'_>) -> Option<Splice> {
        if run.form != Form::Label || self.is_gloss(run) {
            return None;
        }
        let facts = self.position_facts(index, run)?;
        let splice = self.splice(index, run, &facts);
        (splice.confidence >= Confidence::from_thousandths(500)).then_some(splice)
    }

    fn position_facts(&mut self, index: usize, run: &Run<'_>) -> Option<Vec<Fact>> {
        let (left, right) = (&run.left, &run.right);
        let mut facts = Vec::new();
        let is_inside = !left.ends_sentence() && right.goes_on();
        if !right.touching.is_empty() {
            facts.push(Fact::RightCapital);
        } else if let Some((mark, word)) = right.hyphenated() {
            let is_possessive = matches!(mark, '\'' | '’') && matches!(word, "s" | "S");
            let is_compound = mark == '-' && matches!(word, "based" | "style" | "like" | "type" | "hosted" | "owned");
            if is_possessive || is_compound {
                return None;
            }
            facts.push(Fact::HyphenTouches);
        } else if !left.touching.is_empty() {
            // Before the mark that ends a sentence, a whole word with a label
            // set close to it is somebody's habit.
            if !right.goes_on() && self.attests(left.touching) {
                return None;
            }
            facts.push(Fact::LeftTouches);
            if !self.attests(left.touching) && !left.touching.starts_with(char::is_uppercase) {
                facts.push(Fact::Fragment);
            }
        } else if left.text.ends_with(['-', '‑', '\'', '‘'])
            && left.text.trim_end_matches(['-', '‑', '\'', '‘']).ends_with(is_spaced_letter)
        {
            facts.push(Fact::HyphenTouches);
        } else if !is_inside {
            return None;
        }
        let is_spaced_script = !left.touches_unspaced() && !right.touches_unspaced();
        if is_spaced_script && !left.gap && self.style.is_spaced() {
            facts.push(Fact::StyleSpaced);
        }
        if is_inside {
            self.inside_facts(run, &mut facts);
        }
        self.repeat_facts(index, &mut facts);
        Some(facts)
    }

    fn inside_facts(&mut self, run: &Run<'_>, facts: &mut Vec<Fact>) {
        facts.push(Fact::InsideSentence);
        if self.style.is_terminal() {
            facts.push(Fact::StyleTerminal);
        }
        if run.left.last.is_some_and(ends_clause) {
            facts.push(Fact::AfterClause);
        }
        if run.left.gap && is_dangling(run.left.word()) {
            facts.push(Fact::DanglingWord);
        }
        if self.sure > 0 {
            facts.push(Fact::OtherSplices);
        }
    }

    fn repeat_facts(&self, index: usize, facts: &mut Vec<Fact>) {
        match self.repeats.get(index).copied().flatten() {
            Some(repeat) if repeat.is_previous => facts.push(Fact::RepeatsPrevious),
            Some(repeat) if repeat.is_before => facts.push(Fact::Repeats),
            _ => {}
        }
    }

    /// Whether the words right before the label name its host: its letters
    /// begin the host's name, or are its initials.
    fn is_gloss(&self, run: &Run<'_>) -> bool {
        let Some(citation) = self.citations.get(run.citations.start) else { return false };
        let Some(host) = citation.target.as_ref().and_then(|target| target.host.as_ref()) else { return false };
        names_host(run.left.text, host.name())
    }

    fn splice(&mut self, index: usize, run: &Run<'_>, facts: &[Fact]) -> Splice {
        let (left, right) = (run.left.touching, run.right.touching);
        let right_piece = run.right.hyphenated().filter(|_| right.is_empty()).map_or(right, |(_, word)| word);
        let kind = self.kind(run, facts);
        let repeats = self.repeats.get(index).copied().flatten().map(|repeat| repeat.citation);
        let mut evidence = Vec::new();
        for (kind, piece) in [("glued-left", left), ("glued-right", right)] {
            if !piece.is_empty() {
                evidence.push(Evidence::new(kind, piece));
            }
        }
        if run.right.hyphenated().is_some() && right.is_empty() {
            evidence.push(Evidence::new("glued-right", right_piece));
        }
        for fact in facts.iter().filter(|fact| {
            !matches!(
                fact,
                Fact::BothTouch | Fact::LeftTouches | Fact::RightTouches | Fact::RightCapital | Fact::HyphenTouches
            )
        }) {
            evidence.push(Evidence::new(fact.kind(), fact_words(*fact, run)));
        }
        if let Some(other) = repeats.and_then(|other| self.citations.get(other))
            && !facts.iter().any(|fact| matches!(fact, Fact::Repeats | Fact::RepeatsPrevious))
        {
            evidence.push(Evidence::new("repeats", other.span.slice(&self.document.text)));
        }
        let start = run.span.start - crate::text::offset(left.len());
        let end = run.span.end + crate::text::offset(right.len());
        Splice {
            citations: run.citations.clone(),
            label: run.span,
            span: Span::new(start, end),
            kind,
            confidence: confidence(facts),
            evidence,
            repeats,
            left: left.to_owned(),
            right: right_piece.to_owned(),
        }
    }

    fn kind(&mut self, run: &Run<'_>, facts: &[Fact]) -> SpliceKind {
        let (left, right) = (run.left.touching, run.right.touching);
        if !left.is_empty() && !right.is_empty() {
            let whole = self.attests(left) && self.attests(right);
            let joins = self.vocabulary.as_ref().is_some_and(|vocabulary| vocabulary.joins(left, right));
            return match (whole, joins) {
                (true, _) => SpliceKind::LostText,
                (false, true) => SpliceKind::Misplaced,
                (false, false) => SpliceKind::CutWord,
            };
        }
        if facts.contains(&Fact::HeadingMark) {
            return SpliceKind::LostText;
        }
        let touching = if left.is_empty() { right } else { left };
        if !touching.is_empty() {
            return if self.attests(touching) { SpliceKind::LostText } else { SpliceKind::CutWord };
        }
        // Between two clauses nothing need be missing; inside one, something is.
        let between_clauses =
            facts.contains(&Fact::AfterClause) || joins_clauses(first_word(run.right.text.trim_start()));
        if between_clauses { SpliceKind::StrayCopy } else { SpliceKind::LostText }
    }
}

fn fact_words(fact: Fact, run: &Run<'_>) -> &'static str {
    match fact {
        Fact::HeadingMark => "a heading mark touches the citation",
        Fact::InsideSentence => "the sentence goes on behind the citation",
        Fact::StyleTerminal => "the other citations stand at the ends of sentences",
        Fact::StyleSpaced => "the other citations are set off by spaces",
        Fact::RepeatsPrevious => "the same as the citation before",
        Fact::Repeats => "the same as another citation",
        Fact::DanglingWord => "the word before cannot end a phrase",
        Fact::OtherSplices => "other citations of the article are spliced",
        Fact::AfterClause => "a clause ends before the citation",
        Fact::Fragment if run.right.touching.is_empty() => "what touches is no word of the article",
        _ => "",
    }
}

/// For each run the citation with the same host in another run: the nearest
/// before, else the nearest behind.
fn find_repeats(citations: &[Citation], runs: &[Run<'_>]) -> Vec<Option<Repeat>> {
    let host = |run: &Run<'_>| {
        let citation = citations.get(run.citations.start)?;
        if form_of(citation.kind) != Form::Label {
            return None;
        }
        citation.target.as_ref()?.host.as_ref().map(|host| host.ascii.as_str())
    };
    let mut repeats = vec![None; runs.len()];
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut previous = None;
    for (index, run) in runs.iter().enumerate() {
        let Some(host) = host(run) else { continue };
        if let Some(earlier) = last.insert(host, index) {
            if let (Some(slot), Some(other)) = (repeats.get_mut(index), runs.get(earlier)) {
                *slot = Some(Repeat {
                    citation: other.citations.start,
                    is_before: true,
                    is_previous: previous == Some(earlier),
                });
            }
            if let Some(slot) = repeats.get_mut(earlier).filter(|slot| slot.is_none()) {
                *slot = Some(Repeat { citation: run.citations.start, is_before: false, is_previous: false });
            }
        }
        previous = Some(index);
    }
    repeats
}

/// Whether the last few words of `before` spell `name`: `The Harbour Gazette`
/// for `harbourgazette`, `BBC` for `bbc`, `Frankfurter Allgemeine Zeitung` for
/// `faz`.
fn names_host(before: &str, name: &str) -> bool {
    let name: String = name.chars().filter(|c| *c != '-').collect();
    /// Bytes before a label that can hold the name of its source.
    const NEAR: usize = 120;
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR))..).unwrap_or_default();
    let near = near.rsplit([')', ']', '】', '\n']).next().unwrap_or_default();
    let words: Vec<String> = near
        .trim_end()
        .rsplit(|c: char| !is_spaced_letter(c) && !matches!(c, '.' | '’' | '\''))
        .filter(|word| !word.is_empty())
        .take(6)
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    let mut joined = String::new();
    let mut initials = String::new();
    for word in &words {
        joined.insert_str(0, word);
        if let Some(first) = word.chars().next() {
            initials.insert(0, first);
        }
        let spelled = joined.len() >= 2
            && (name == joined || joined.len() >= 3 && (name.starts_with(&joined) || joined.starts_with(&name)));
        if spelled || initials.len() >= 2 && initials == name {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::names_host;

    #[test]
    fn glosses() {
        assert!(names_host("The Harbour Gazette ", "harbourgazette"));
        assert!(names_host("as Reuters ", "reuters"));
        assert!(names_host("die Frankfurter Allgemeine Zeitung ", "faz"));
        assert!(!names_host("argument in Washington has been that ", "nato"));
    }
}
