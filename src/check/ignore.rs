//! What the author of an article, or its desk, does not want to hear:
//! comments such as `<!-- obelus-ignore splice/cut-word: a quotation -->` and
//! the entries of a baseline.
//!
//! A comment covers the paragraph, item, cell or heading that it stands in or
//! directly behind, else the next one. It must name its rules: a comment that
//! silenced everything would silence what nobody has seen yet.

use memchr::memmem;

use crate::document::{Block, BlockKind, Document, Format, Place};
use crate::finding::Family;
use crate::rules::UnusedIgnore;
use crate::text::{LineIndex, OriginSpan, SourceSpan, Span};

use super::select::{RuleSelection, is_name_of};
use super::{DocumentReport, PlacedFinding};

/// An ignore comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Where the comment stands.
    pub place: Place,
    /// Where its findings begin.
    covers: OriginSpan,
    /// A place in the article's text near by.
    anchor: Span,
    /// Rules and families.
    names: Vec<String>,
}

/// Longest comment that is read, in bytes.
const LONGEST: usize = 4096;

/// The ignore comments of a document, in order.
pub(super) fn find(document: &Document, lines: &dyn Fn() -> LineIndex) -> Vec<Ignore> {
    const WORD: &str = "obelus-ignore";
    if document.format == Format::Plain {
        return Vec::new();
    }
    let source = &*document.source;
    let mut index = None;
    let mut ignores = Vec::new();
    for at in memmem::find_iter(source.as_bytes(), WORD) {
        let before = source.get(..at).unwrap_or_default();
        let (head, tail) = (before.trim_end(), source.get(at + WORD.len()..).unwrap_or_default());
        let tail = tail.get(..tail.floor_char_boundary(LONGEST)).unwrap_or_default();
        let (Some(start), Some(length)) = (head.strip_suffix("<!--").map(str::len), tail.find("-->")) else { continue };
        let body = tail.get(..length).unwrap_or_default();
        if !body.starts_with([':', ' ', '\t', '\r', '\n']) && !body.is_empty() {
            continue;
        }
        let comment = SourceSpan::from_range(start..at + WORD.len() + length + 3);
        if is_in_code(document, comment) {
            continue;
        }
        let names = body.split(':').next().unwrap_or_default();
        let names = names.split([',', ' ', '\t', '\r', '\n']).filter(|name| !name.is_empty());
        let covered = covered(document, comment);
        let lines = index.get_or_insert_with(lines);
        ignores.push(Ignore {
            place: document.place(comment, lines),
            covers: covered
                .map_or(OriginSpan::default(), |block| document.place(document.source_span(block.span), lines).origin),
            anchor: covered.map_or(Span::default(), |block| Span::new(block.span.start, block.span.start)),
            names: names.map(str::to_owned).collect(),
        });
    }
    ignores
}

/// Code shows a comment and does not make one.
fn is_in_code(document: &Document, comment: SourceSpan) -> bool {
    let holds = |span: Span| {
        let source = document.source_span(span);
        source.start <= comment.start && comment.end <= source.end
    };
    let block = document.blocks.partition_point(|block| document.source_span(block.span).end < comment.end);
    let inline = document.code.partition_point(|span| document.source_span(*span).end < comment.end);
    document.blocks.get(block).is_some_and(|block| block.kind == BlockKind::Code && holds(block.span))
        || document.code.get(inline).is_some_and(|span| holds(*span))
}

/// The block that a comment speaks of.
fn covered(document: &Document, comment: SourceSpan) -> Option<&Block> {
    let source = |block: &Block| document.source_span(block.span);
    let index = document.blocks.partition_point(|block| source(block).end < comment.start);
    let next = document.blocks.get(index);
    if next.is_some_and(|block| source(block).start <= comment.start) {
        return next;
    }
    let before = index.checked_sub(1).and_then(|index| document.blocks.get(index));
    let is_beside = |block: &&Block| {
        let gap = source(block).end as usize..comment.start as usize;
        document.source.get(gap).is_some_and(|gap| gap.bytes().all(|byte| matches!(byte, b' ' | b'\t')))
    };
    before.filter(is_beside).or(next)
}

impl Ignore {
    fn matches(&self, placed: &PlacedFinding) -> bool {
        let at = placed.place.origin.start;
        self.covers.start <= at
            && at <= self.covers.end
            && self.names.iter().any(|name| is_name_of(name, placed.finding.rule))
    }

    /// What is wrong with it, when it matched nothing.
    fn complaint(&self, ran: &dyn Fn(&str) -> bool) -> Option<String> {
        if self.names.is_empty() {
            return Some("the comment names no rule, so it ignores nothing".to_owned());
        }
        if let Some(name) = self.names.iter().find(|name| RuleSelection::new(&[(*name).clone()], &[]).is_err()) {
            return Some(format!("no rule and no family is called “{name}”; `obelus rules` lists them"));
        }
        let all_ran = self.names.iter().all(|name| ran(name));
        all_ran.then(|| format!("nothing of {} is found here any more", self.names.join(", ")))
    }
}

/// Takes away what comments and the baseline cover, and tells which of them
/// covered nothing. `ran` says of a name whether its rules could speak.
pub(super) fn suppress(
    report: &mut DocumentReport,
    baseline: Option<&super::Baseline>,
    ran: &dyn Fn(&str) -> bool,
) -> Vec<(UnusedIgnore, Place)> {
    let mut is_used = vec![false; report.ignores.len()];
    let mut known = baseline.map(|baseline| baseline.of(&report.path)).unwrap_or_default();
    let before = report.findings.len();
    report.findings.retain(|placed| {
        let mut is_kept = known.remove(placed.key.as_str()).is_none();
        for (ignore, used) in report.ignores.iter().zip(&mut is_used) {
            if ignore.matches(placed) {
                (*used, is_kept) = (true, false);
            }
        }
        is_kept
    });
    report.suppressed += crate::text::offset(before - report.findings.len());
    let comments = report.ignores.iter().zip(is_used).filter(|(_, used)| !used).filter_map(|(ignore, _)| {
        let what = ignore.complaint(ran)?;
        Some((UnusedIgnore { span: ignore.anchor, what }, ignore.place))
    });
    let entries = known.into_values().filter(|entry| ran(&entry.rule)).map(|entry| {
        let what = format!("the baseline lists {} with the key {}, which is not found any more", entry.rule, entry.key);
        (UnusedIgnore { span: Span::default(), what }, Place::START)
    });
    comments.chain(entries).collect()
}

/// Whether a name can only be judged where references were asked.
pub(super) fn needs_references(name: &str) -> bool {
    if name == "link/local-missing" {
        return false;
    }
    let family = name.split('/').next();
    [Family::Link, Family::Quote].into_iter().any(|known| family == Some(known.name()))
}
