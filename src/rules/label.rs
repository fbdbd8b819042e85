//! Broken labels made whole where the document holds the whole.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::citation::Kind;
use crate::finding::{Alternative, Fix, Provenance};
use crate::seam::{BrokenLabel, Damage};
use crate::text::{Edit, EditSet, SourceSpan, Span, offset};

use super::context::TextContext;
use super::mend::{gap_mark, is_balanced};

/// The repair of a broken label; `None` where nothing in the document tells
/// what it was.
pub(super) fn mended(context: &TextContext<'_>, broken: &BrokenLabel, labels: &WholeLabels<'_>) -> Option<Fix> {
    let span = context.source(broken.span)?;
    let written = context.document.source.get(span.range())?;
    if !is_balanced(written) {
        return None;
    }
    let one = |text: String| EditSet::new(vec![Edit::new(span, text)]);
    let inner = || inner_label(context, broken);
    let candidates = candidates(context, broken, labels);
    let title = match broken.damage {
        Damage::TailCut | Damage::HeadCut => "complete the label",
        Damage::Crossed | Damage::Holds => "set the two citations side by side",
    };
    let assemble = |label: &str| match broken.damage {
        Damage::TailCut | Damage::HeadCut => Some(label.to_owned()),
        Damage::Crossed if is_before(context, broken) => Some(format!("{} {label}", inner()?)),
        Damage::Holds | Damage::Crossed => Some(format!("{label} {}", inner()?)),
    };
    match candidates.as_slice() {
        // All but the bracket is there: it can stand in one place.
        [] => match closed(context, broken) {
            Some(host) => Some(Fix::new(Provenance::Bracket, "close the bracket", one(assemble(&host)?)?)),
            None => marked(context, broken),
        },
        [only] => {
            let provenance = if broken.damage == Damage::Holds { Provenance::Pieces } else { Provenance::Document };
            Some(Fix::new(provenance, title, one(assemble(only)?)?))
        }
        several => {
            let mut fix =
                Fix::new(Provenance::Candidates, "choose which of the document’s sources it was", EditSet::default());
            fix.alternatives = several
                .iter()
                .filter_map(|label| {
                    let title = format!("write {label}");
                    Some(Alternative { title, edits: one(assemble(label)?)?, provenance: Provenance::Candidates })
                })
                .collect();
            Some(fix)
        }
    }
}

/// The mark of a gap where a label lost its end for good.
fn marked(context: &TextContext<'_>, broken: &BrokenLabel) -> Option<Fix> {
    let document = context.document;
    if broken.piece.starts_with('【') {
        // The rest of a token that only its product knows.
        let inner = context.citations.get(broken.by?).filter(|inner| broken.span.contains(inner.span))?;
        let span = context.source(Span::new(broken.span.start, inner.span.start))?;
        let mark = gap_mark(document, &context.lacuna.mark(None), span.end);
        let edits = EditSet::new(vec![Edit::new(span, mark)])?;
        return Some(Fix::new(Provenance::Gap, "mark where a source was named", edits));
    }
    let (at, space) = match broken.damage {
        Damage::TailCut => (context.source(broken.span)?.end, ""),
        Damage::Crossed if !is_before(context, broken) => {
            let index = broken.by?;
            let inner = context.citations.get(index).filter(|inner| broken.span.contains(inner.span))?;
            (context.construct(index..index + 1, inner.span)?.start, " ")
        }
        _ => return None,
    };
    let mark = gap_mark(document, &context.lacuna.mark(None), if space.is_empty() { at } else { u32::MAX });
    let edits = EditSet::new(vec![Edit::insertion(at, format!("{mark}{space}"))])?;
    Some(Fix::new(Provenance::Gap, "mark where the label is cut", edits))
}

/// The labels that the piece may be of, as the document writes them elsewhere.
fn candidates(context: &TextContext<'_>, broken: &BrokenLabel, whole_labels: &WholeLabels<'_>) -> Vec<String> {
    let Some(whole) = broken.whole.as_deref() else { return Vec::new() };
    if broken.damage == Damage::Holds {
        return vec![format!("({whole})")];
    }
    if whole.eq_ignore_ascii_case(&broken.piece) {
        // `www.science` is a host, and may be the start of a longer one.
        let is_elsewhere = context.citations.iter().any(|citation| {
            let host = citation.target.as_ref().and_then(|target| target.host.as_ref());
            citation.kind.is_label() && host.is_some_and(|host| host.ascii.eq_ignore_ascii_case(whole))
        });
        return if is_elsewhere { vec![format!("({whole})")] } else { Vec::new() };
    }
    let piece = broken.piece.to_lowercase();
    let is_head_cut =
        broken.damage == Damage::HeadCut || broken.damage == Damage::Crossed && is_before(context, broken);
    let found = if is_head_cut { whole_labels.ending_with(&piece) } else { whole_labels.starting_with(&piece) };
    if found.is_empty() { vec![format!("({whole})")] } else { found }
}

/// The document's labels by what they name, for look-ups by start and by end.
pub(super) struct WholeLabels<'a> {
    context: &'a TextContext<'a>,
    names: OnceCell<Names>,
}

#[derive(Default)]
struct Names {
    forward: BTreeMap<String, String>,
    backward: BTreeMap<String, String>,
}

/// More candidates are no choice.
const MOST: usize = 5;

impl<'a> WholeLabels<'a> {
    pub(super) fn of(context: &'a TextContext<'a>) -> Self {
        Self { context, names: OnceCell::new() }
    }

    fn starting_with(&self, piece: &str) -> Vec<String> {
        distinct(&self.names().forward, piece)
    }

    fn ending_with(&self, piece: &str) -> Vec<String> {
        distinct(&self.names().backward, &piece.chars().rev().collect::<String>())
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let context = self.context;
            let mut names = Names::default();
            for citation in context.citations.iter().filter(|citation| citation.kind.is_label()) {
                let text = citation.span.slice(&context.document.text);
                let name = text.trim_matches(['(', ')', '[', ']']).to_lowercase();
                let host = citation.target.as_ref().and_then(|target| target.host.as_ref());
                let written = match (citation.kind, host) {
                    (Kind::DomainLabel, Some(host)) => Some(format!("({})", host.ascii)),
                    _ => context
                        .source(citation.span)
                        .and_then(|span| context.document.source.get(span.range()))
                        .map(str::to_owned),
                };
                let Some(written) = written else { continue };
                for key in std::iter::once(name).chain(host.map(|host| host.ascii.clone())) {
                    names.backward.entry(key.chars().rev().collect()).or_insert_with(|| written.clone());
                    names.forward.entry(key).or_insert_with(|| written.clone());
                }
            }
            names
        })
    }
}

/// The different labels whose names go on behind `piece`.
fn distinct(names: &BTreeMap<String, String>, piece: &str) -> Vec<String> {
    let longer = names.range(piece.to_owned()..).take_while(|(name, _)| name.starts_with(piece));
    let mut found: Vec<String> = Vec::new();
    for (_, label) in longer.filter(|(name, _)| name.len() > piece.len()).take(4 * MOST) {
        if !found.contains(label) {
            found.push(label.clone());
        }
    }
    found.truncate(MOST);
    found
}

/// The citation that broke the label, as the file writes it.
fn inner_label<'a>(context: &'a TextContext<'_>, broken: &BrokenLabel) -> Option<&'a str> {
    let index = broken.by?;
    let inner = context.citations.get(index)?;
    if !broken.span.contains(inner.span) || inner.span == broken.span {
        return None;
    }
    let construct = context.construct(index..index + 1, inner.span)?;
    let whole = context.source(broken.span)?;
    let is_inside = whole.start <= construct.start && construct.end <= whole.end;
    is_inside.then(|| context.document.source.get(construct.range()))?
}

/// Whether the citation that broke the label stands before what is left of it.
fn is_before(context: &TextContext<'_>, broken: &BrokenLabel) -> bool {
    let inner = broken.by.and_then(|index| context.citations.get(index));
    inner.is_some_and(|inner| inner.span.start == broken.span.start)
}

/// A label that lacks nothing but one bracket.
fn closed(context: &TextContext<'_>, broken: &BrokenLabel) -> Option<String> {
    let piece = broken.piece.trim_matches(['.', '-']);
    let is_host = matches!(crate::language::claim_host(piece), Some(crate::language::HostClaim::Clear(_)));
    let around = match broken.damage {
        Damage::TailCut | Damage::HeadCut => broken.span,
        Damage::Crossed if is_before(context, broken) => {
            Span::new(broken.span.end - offset(broken.piece.len()) - 1, broken.span.end)
        }
        Damage::Crossed => Span::new(broken.span.start, broken.span.start + offset(broken.piece.len()) + 1),
        Damage::Holds => return None,
    };
    let written: SourceSpan = context.source(around)?;
    let is_alone = written.len() == offset(broken.piece.len()) + 1;
    (is_host && is_alone && piece.len() == broken.piece.len()).then(|| format!("({piece})"))
}
