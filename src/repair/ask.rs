//! Choices that people make.
//!
//! Over any reader and writer, so that a dialogue can be tested without a
//! terminal.

use std::io::{BufRead, Write};

use crate::check::PlacedFinding;
use crate::finding::Safety;
use crate::text::EditSet;

/// Somebody to ask.
pub trait Ask {
    /// Whether questions are answered at all.
    fn is_willing(&self) -> bool;
    /// Puts a question.
    fn ask(&mut self, question: &Question<'_>) -> Answer;
}

/// A finding that can be repaired in several ways, or only by guessing.
#[derive(Debug)]
pub struct Question<'a> {
    /// The finding.
    pub placed: &'a PlacedFinding,
    /// What can be done.
    pub suggestions: Vec<Suggestion<'a>>,
    /// What is done if nobody decides, as an index.
    pub unasked: Option<usize>,
}

/// One way to repair a finding.
#[derive(Debug)]
pub struct Suggestion<'a> {
    /// What it does.
    pub title: &'a str,
    /// What it changes.
    pub edits: &'a EditSet,
    /// How well it is attested.
    pub safety: Safety,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// That suggestion.
    Take(usize),
    /// Nothing.
    Leave,
    /// What is done if nobody decides.
    Unasked,
}

/// Asks nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct AskNobody;

impl Ask for AskNobody {
    fn is_willing(&self) -> bool {
        false
    }

    fn ask(&mut self, _: &Question<'_>) -> Answer {
        Answer::Unasked
    }
}

/// Asks line by line. The end of the input, and `q`, end the dialogue: from
/// there on nobody is asked.
pub struct Dialogue<Input, Output> {
    input: Input,
    output: Output,
    /// Makes text fit to be shown on a terminal.
    shown: fn(&str) -> String,
    is_over: bool,
}

impl<Input: BufRead, Output: Write> Dialogue<Input, Output> {
    /// A dialogue; `shown` makes the article's words harmless to a terminal.
    pub fn new(input: Input, output: Output, shown: fn(&str) -> String) -> Self {
        Self { input, output, shown, is_over: false }
    }

    fn put(&mut self, question: &Question<'_>) -> std::io::Result<()> {
        let shown = self.shown;
        let out = &mut self.output;
        let placed = question.placed;
        let start = placed.place.start;
        writeln!(
            out,
            "\n{}:{} {}: {}",
            start.line,
            start.column,
            placed.finding.rule.name,
            shown(&placed.finding.message)
        )?;
        if let Some(excerpt) = &placed.excerpt {
            writeln!(out, "    {}⟦{}⟧{}", shown(&excerpt.before), shown(&excerpt.marked), shown(&excerpt.after))?;
        }
        for (index, suggestion) in question.suggestions.iter().enumerate() {
            writeln!(out, "  {}  {} ({})", index + 1, shown(suggestion.title), suggestion.safety.name())?;
            for edit in suggestion.edits.edits() {
                writeln!(out, "       “{}”", shown(&edit.replacement))?;
            }
        }
        let default = question.unasked.map_or_else(|| "nothing".to_owned(), |index| (index + 1).to_string());
        write!(out, "a number, n for nothing, q to ask no more; Enter for {default}: ")?;
        out.flush()
    }

    /// `None` where the input ended.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.input.read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_lowercase()),
        }
    }
}

impl<Input: BufRead, Output: Write> Ask for Dialogue<Input, Output> {
    fn is_willing(&self) -> bool {
        !self.is_over
    }

    fn ask(&mut self, question: &Question<'_>) -> Answer {
        /// Who types nothing sensible so often means to stop.
        const PATIENCE: usize = 20;
        for _ in 0..PATIENCE {
            if self.put(question).is_err() {
                break;
            }
            let Some(line) = self.line() else { break };
            match line.as_str() {
                "" => return Answer::Unasked,
                "n" => return Answer::Leave,
                "q" => break,
                number => {
                    let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                    if let Some(index) = index.filter(|index| *index < question.suggestions.len()) {
                        return Answer::Take(index);
                    }
                }
            }
        }
        self.is_over = true;
        Answer::Unasked
    }
}
