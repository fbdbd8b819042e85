//! Citations that a raw export declares beside its text.
//!
//! A declared marker is the citation that stands there: a link says more of
//! itself, a token is given the source that it stands for. A declared claim is
//! prose; the citation is a point behind it, and its place in the file is the
//! claim. One whose offsets fit nowhere is placed where the export declares
//! it, so that its source is still asked.

use crate::document::{Declared, Document};
use crate::export::{Placement, Role, Source};
use crate::text::Span;

use super::{Citation, Kind, Target};

/// Merges what the document declares into what was found in its text.
pub(super) fn merge(document: &Document, mut citations: Vec<Citation>) -> Vec<Citation> {
    if document.declared.is_empty() {
        return citations;
    }
    let mut added = Vec::new();
    for declared in &document.declared {
        let sources = &declared.annotation.sources;
        match declared.annotation.role {
            _ if sources.is_empty() => {}
            Role::Marker if declared.annotation.placement.span().is_some() => {
                mark(declared, &mut citations, &mut added);
            }
            Role::Hidden | Role::Aside => {}
            _ => added.extend(sources.iter().map(|source| behind(declared, &citations, source))),
        }
    }
    // A token that the export takes out, or replaces by words, is none.
    citations.retain(|citation| citation.kind != Kind::Token || !document.is_explained(citation.span));
    citations.extend(added);
    citations.sort_by_key(|citation| (citation.span.start, citation.span.end));
    citations
}

fn mark(declared: &Declared, citations: &mut [Citation], added: &mut Vec<Citation>) {
    let next = citations.partition_point(|citation| citation.span.end <= declared.span.start);
    let mut sources = declared.annotation.sources.iter();
    match citations.get_mut(next).filter(|citation| citation.span.overlaps(declared.span)) {
        Some(citation) if citation.kind == Kind::Token => {
            citation.kind = Kind::Annotation;
            citation.span = declared.span;
            citation.target = sources.next().and_then(target);
        }
        Some(citation) if citation.target.as_ref().is_some_and(|target| target.address.is_some()) => return,
        Some(citation) => citation.target = sources.next().and_then(target),
        None => added.extend(sources.next().map(|source| Citation {
            span: declared.span,
            source: declared.source,
            kind: Kind::Annotation,
            target: target(source),
        })),
    }
    let point = Span::new(declared.span.end, declared.span.end);
    added.extend(sources.map(|source| Citation {
        span: point,
        source: declared.source,
        kind: Kind::Annotation,
        target: target(source),
    }));
}

/// The citation of a claim.
fn behind(declared: &Declared, citations: &[Citation], source: &Source) -> Citation {
    let is_elsewhere =
        matches!(declared.annotation.placement, Placement::Misfit(_) | Placement::Nowhere) || declared.span.is_empty();
    let end = declared.span.end;
    let next = citations.partition_point(|citation| citation.span.end <= end);
    let inside = citations.get(next).filter(|citation| citation.span.start < end);
    let at = inside.map_or(end, |citation| citation.span.end);
    Citation {
        span: Span::new(at, at),
        source: if is_elsewhere { Some(declared.annotation.declared) } else { declared.source },
        kind: Kind::Annotation,
        target: target(source),
    }
}

fn target(source: &Source) -> Option<Target> {
    source.url.as_deref().map(Target::written)
}
