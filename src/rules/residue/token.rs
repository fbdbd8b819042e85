//! What can be made of a token that its product left unresolved.

use crate::citation::Citation;
use crate::document::BlockKind;
use crate::finding::{Fix, Provenance};
use crate::rules::TextContext;
use crate::rules::mend::{gap_mark, is_balanced, taken_out};
use crate::text::{Edit, EditSet, Span, offset};

/// The repair of a run of tokens at `span`.
pub(super) fn fix(context: &TextContext<'_>, run: &[usize], span: Span) -> Option<Fix> {
    let (_, block) = context.document.block_at(span.start)?;
    if block.kind == BlockKind::Code || !is_balanced(context.document.source.get(context.source(span)?.range())?) {
        return None;
    }
    let tokens: Vec<&Citation> = run.iter().filter_map(|index| context.citations.get(*index)).collect();
    let readings: Vec<Token> = tokens.iter().map(|token| Token::of(context, token)).collect();
    if readings.iter().all(|reading| *reading == Token::Empty) {
        let edit = taken_out(&context.document.source, context.source(span)?);
        return Some(Fix::new(Provenance::Token, "take out a mark that stands for nothing", EditSet::new(vec![edit])?));
    }
    if readings.iter().all(|reading| *reading == Token::Unknown || *reading == Token::Empty) {
        let whole = context.source(span)?;
        let mark = gap_mark(context.document, &context.lacuna.mark(None), whole.end);
        let edits = EditSet::new(vec![Edit::new(whole, mark)])?;
        return Some(Fix::new(Provenance::Gap, "mark where a source was named", edits));
    }
    let edits: Option<Vec<Vec<Edit>>> =
        tokens.iter().zip(&readings).map(|(token, reading)| written(context, token, reading)).collect();
    Some(Fix::new(Provenance::Token, "write the source that the token names", EditSet::new(edits?.concat())?))
}

/// What a token carries.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// Nothing: it only marks where something begins.
    Empty,
    /// Something that only its product knows.
    Unknown,
    /// A link whose text begins with so many bytes of the token’s own.
    Link(u32),
    /// A name.
    Name(String),
}

impl Token {
    fn of(context: &TextContext<'_>, token: &Citation) -> Self {
        let text = token.span.slice(&context.document.text);
        if text == "[cite_start]" || text.starts_with("[span_") {
            return Self::Empty;
        }
        if token.target.is_some() && token.source.is_some() {
            return match text.find('‡') {
                Some(at)
                    if text
                        .get(at + '‡'.len_utf8()..)
                        .is_some_and(|name| !name.is_empty() && !name.starts_with(']')) =>
                {
                    Self::Link(offset(at + '‡'.len_utf8()))
                }
                _ => Self::Unknown,
            };
        }
        match name_in(text) {
            Some(name) => Self::Name(name.to_owned()),
            None => Self::Unknown,
        }
    }
}

/// `report.pdf` of `【4:0†report.pdf】`, `nato.int` of `[oai_citation:1‡nato.int]`.
fn name_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(['†', '‡'])?;
    let name = rest.split(['†', '‡', '】', ']']).next()?.trim();
    let is_lines = name.strip_prefix('L').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (name != "source" && !is_lines && name.contains(char::is_alphabetic)).then_some(name)
}

fn written(context: &TextContext<'_>, token: &Citation, reading: &Token) -> Option<Vec<Edit>> {
    let document = context.document;
    Some(match reading {
        Token::Empty => vec![Edit::deletion(context.source(token.span)?)],
        Token::Unknown => {
            let span = token.source.or_else(|| context.source(token.span))?;
            vec![Edit::new(span, gap_mark(document, &context.lacuna.mark(None), span.end))]
        }
        Token::Name(name) => vec![Edit::new(context.source(token.span)?, format!("({})", document.written(name)))],
        Token::Link(own) => {
            let link = token.source?;
            let head = context.source(Span::new(token.span.start, token.span.start + own))?;
            let before = document.source.get(..link.start as usize).unwrap_or_default();
            let after = document.source.get(link.end as usize..).unwrap_or_default();
            let mut edits = vec![Edit::deletion(head)];
            if !(before.ends_with('(') && after.starts_with(')')) {
                edits.push(Edit::insertion(link.start, "("));
                edits.push(Edit::insertion(link.end, ")"));
            }
            edits
        }
    })
}
