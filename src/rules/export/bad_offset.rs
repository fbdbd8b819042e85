//! Annotations of raw exports that do not fit their text.

use std::collections::HashMap;

use crate::document::Declared;
use crate::export::{Misfit, MisfitReason, Offset, Placement};
use crate::finding::{Confidence, Evidence, Finding};
use crate::rules::TextContext;

rule! {
    /// # What it finds
    ///
    /// An annotation of a raw export whose offsets do not lead to what it is about: they are negative, inverted or no numbers, run past the end of the text, fall inside a character, or lead to other text than the annotation quotes.
    ///
    /// # Why it matters
    ///
    /// Whoever renders the article from such an export writes the citation over the prose. This is where most damage of published articles comes from, and here it can still be prevented.
    ///
    /// # How it knows
    ///
    /// What the offsets count is not assumed. Bytes, code points and UTF-16 units are all tried, with half-open and inclusive ends, in the part and in the whole answer. The reading that the annotations themselves prove, by the text they quote or by a marker with their address, is the one that counts; an annotation that fits in none is flagged. Offsets that are off because the text was edited later, by one constant from some point on, or by dashes and quotation marks that were folded to ASCII, are understood and not flagged.
    ///
    /// # Example
    ///
    ///     {"type": "url_citation", "start_index": 9120, "end_index": 9164, "url": "https://harbour.example.org/quay"}
    ///
    /// in an answer of 3,000 characters.
    ///
    /// # Repaired
    ///
    /// Nothing is guessed. Export the answer again, or take the quoted text and place the citation by hand: the evidence shows what stands there and what was due.
    ///
    /// # Limits
    ///
    /// Where an annotation quotes nothing and no marker stands in the text, only impossible offsets and cut words show. Offsets that several units fit equally well are not flagged, but nothing is rendered from them.
    name: "export/bad-offset", family: Export, severity: Error,
    summary: "a raw export whose annotation does not fit its text",
    check: Text(check),
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    if context.document.declared.is_empty() {
        return;
    }
    let mut by_place: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, citation) in context.citations.iter().enumerate() {
        if let Some(source) = citation.source {
            by_place.entry(source).or_default().push(index);
        }
    }
    for declared in &context.document.declared {
        let Placement::Misfit(misfit) = &declared.annotation.placement else { continue };
        if misfit.reason == MisfitReason::Undecided {
            continue;
        }
        let citations = by_place.get(&declared.annotation.declared).cloned().unwrap_or_default();
        let first = citations.first().and_then(|index| context.citations.get(*index));
        let span = first.map_or(declared.span, |citation| citation.span);
        let (start, end) = (written(&declared.annotation.claimed.start), written(&declared.annotation.claimed.end));
        let message = format!("the offsets {start} to {end} of this annotation {}", misfit.reason.describe());
        let mut finding = Finding::new(&META, span, confidence(misfit), message);
        finding.citations = citations;
        finding.evidence = evidence(declared);
        findings.push(finding);
    }
}

fn written(offset: &Offset) -> String {
    match offset {
        Offset::Missing => "(none)".to_owned(),
        Offset::At(number) => number.to_string(),
        Offset::Unreadable(written) => written.clone(),
    }
}

/// Impossible offsets are wrong beyond doubt; where only a word is cut, the
/// unit may be one that nobody counts in.
fn confidence(misfit: &Misfit) -> Confidence {
    Confidence::from_thousandths(match misfit.reason {
        MisfitReason::CutsWord => 850,
        MisfitReason::NoMarker => 950,
        _ => 990,
    })
}

fn evidence(declared: &Declared) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    if !declared.stands.is_empty() {
        evidence.push(Evidence::new("stands", shortened(&declared.stands)));
    }
    if let Some(due) = declared.annotation.due() {
        evidence.push(Evidence::new("due", shortened(due)));
    }
    evidence
}

fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
