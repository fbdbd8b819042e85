//! Fields that a word processor, a reference manager or a publishing system
//! should have filled in.

use std::collections::BTreeMap;

use memchr::memchr_iter;

use crate::document::{BlockKind, Document};
use crate::finding::{Confidence, Evidence, Finding, Fix, Provenance};
use crate::language::is_quote;
use crate::rules::{TextContext, Trace};
use crate::text::{Edit, EditSet, Span, offset};

use super::field_grammar::{FIELDS, Field, SHORTCODE, may_be_shortcode};

rule! {
    /// # What it finds
    ///
    /// Fields that were never filled in: Word’s `Error! Reference source not found.` in twenty languages and its codes (`REF _Ref…`, `HYPERLINK "…"`, `SEQ Figure \* ARABIC`), `ADDIN ZOTERO_ITEM CSL_CITATION {…}` and its like, EndNote’s `{Smith, 2010 #12}` and `!!! INVALID CITATION !!!`, LaTeX’s `Figure ??` and `[?]`, pandoc’s `(???)`, wiki templates such as `{{cite web|…}}`, and shortcodes such as `[caption …]`.
    ///
    /// # Why it matters
    ///
    /// The reference that should stand there is missing, and readers see the machinery.
    ///
    /// # How it knows
    ///
    /// By the form as the program writes it. `[?]` and `(???)` are also marks of doubt, so they are less certain and must come twice.
    ///
    /// # Example
    ///
    ///     As shown in Error! Reference source not found. the quay is lower.
    ///
    /// # Repaired
    ///
    /// Update the field in the program that owns it. A citation’s code holds its own text, which the evidence shows.
    ///
    /// # Limits
    ///
    /// Manuals quote these: what stands in code, in a heading or in quotation marks is talked about, and silences the same form elsewhere. `\cite{key}` and `[@key]` are right in sources, and stay silent.
    name: "residue/field-code", family: Residue, severity: Error,
    summary: "an unresolved field of a word processor, reference manager or CMS",
    check: Text(check),
}

/// A place where a field stands.
struct Hit {
    span: Span,
    what: &'static str,
    confidence: Confidence,
    is_mention: bool,
}

/// What a document has of one form.
#[derive(Default)]
struct Seen {
    count: usize,
    is_talked_about: bool,
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    let document = context.document;
    let mut hits = Vec::new();
    for (field, at) in context.traces.of(Trace::Field) {
        hits.extend(FIELDS.get(field).and_then(|field| hit(document, at, field)));
    }
    for at in memchr_iter(b'[', document.text.as_bytes()) {
        if document.text.get(at + 1..).is_some_and(may_be_shortcode) {
            hits.extend(hit(document, at, &SHORTCODE));
        }
    }
    hits.sort_by_key(|hit| hit.span);
    hits.dedup_by(|next, kept| next.span.overlaps(kept.span));
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    for hit in &hits {
        let seen = seen.entry(hit.what).or_default();
        seen.count += 1;
        seen.is_talked_about |= hit.is_mention;
    }
    for hit in &hits {
        let Some(seen) = seen.get(hit.what) else { continue };
        if seen.is_talked_about || hit.confidence < SURE && seen.count < 2 {
            continue;
        }
        let written = hit.span.slice(&document.text);
        let message = format!("{} was never filled in: the reference is missing", hit.what);
        let mut finding = Finding::new(&META, hit.span, hit.confidence, message);
        finding.evidence.push(Evidence::new("field", shortened(written)));
        if let Some(citation) = formatted_citation(written) {
            let edit = context.source(hit.span).map(|span| Edit::new(span, document.written(&citation)));
            let edits = edit.and_then(|edit| EditSet::new(vec![edit]));
            finding.fix =
                edits.map(|edits| Fix::new(Provenance::Token, "write the citation that the field holds", edits));
            finding.evidence.push(Evidence::new("formatted-citation", citation));
        }
        findings.push(finding);
    }
}

pub(super) const SURE: Confidence = Confidence::from_thousandths(965);

fn hit(document: &Document, at: usize, field: &Field) -> Option<Hit> {
    let (_, block) = document.block_at(offset(at))?;
    let base = block.span.start as usize;
    let text = block.span.slice(&document.text);
    let range = (field.read)(text, at - base)?;
    let span = Span::from_range(base + range.start..base + range.end);
    let before = text.get(..range.start)?.chars().next_back();
    let after = text.get(range.end..)?.chars().next();
    let quotes = |c: Option<char>| c.is_some_and(|c| is_quote(c) || c == '`');
    let is_mention = document.in_inline_code(span)
        || matches!(block.kind, BlockKind::Code | BlockKind::Heading)
        || quotes(before) && quotes(after);
    Some(Hit { span, what: field.what, confidence: field.confidence, is_mention })
}

/// The beginning of a long field.
fn shortened(written: &str) -> String {
    const SHOWN: usize = 80;
    if written.len() <= SHOWN {
        return written.to_owned();
    }
    format!("{}…", written.get(..written.floor_char_boundary(SHOWN)).unwrap_or_default())
}

/// What a reference manager's code says that the field shows.
fn formatted_citation(written: &str) -> Option<String> {
    let json = written.get(written.find('{')?..)?;
    let value: serde_json::Value = serde_json::Deserializer::from_str(json).into_iter().next()?.ok()?;
    let properties = value.get("properties").or_else(|| value.get("mendeley"))?;
    let names = ["plainCitation", "plainTextFormattedCitation", "formattedCitation"];
    names.into_iter().find_map(|name| properties.get(name)?.as_str().map(str::to_owned))
}
