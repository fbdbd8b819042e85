//! The ledger of a repair: one line of JSON per edit.

use std::io::{self, Write};

use serde::Serialize;

use crate::document::Document;
use crate::repair::Repaired;

#[derive(Serialize)]
struct Line<'a> {
    rule: &'static str,
    key: &'a str,
    start: u32,
    end: u32,
    before: &'a str,
    after: &'a str,
    safety: &'static str,
    provenance: &'static str,
    evidence: Vec<Fact<'a>>,
}

#[derive(Serialize)]
struct Fact<'a> {
    kind: &'static str,
    text: &'a str,
}

/// Writes the edits in the order in which they were made. Places count bytes
/// of the file as it was.
///
/// # Errors
///
/// What the writer says.
pub fn write_ledger(document: &Document, repaired: &Repaired, out: &mut dyn Write) -> io::Result<()> {
    for made in &repaired.made {
        let origin = document.origin_span(made.span);
        let line = Line {
            rule: made.rule.name,
            key: made.key.as_str(),
            start: origin.start,
            end: origin.end,
            before: &made.before,
            after: &made.after,
            safety: made.safety().name(),
            provenance: made.provenance.name(),
            evidence: made.evidence.iter().map(|fact| Fact { kind: fact.kind, text: &fact.text }).collect(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}
