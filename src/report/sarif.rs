//! `sarif`: the Static Analysis Results Interchange Format 2.1.0 (OASIS), for
//! code hosts and editors. Columns count code points; a key of ours is the
//! fingerprint by which a finding is known again after edits elsewhere.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::check::{DocumentReport, PlacedFinding};
use crate::document::Place;
use crate::finding::{RuleMeta, Severity};
use crate::rules::RULES;

use super::plain_json::Escaping;
use super::{RenderSettings, Report};

/// One run as one SARIF log.
pub(super) fn render(report: &Report, _: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    let results: Vec<Value> = report
        .documents
        .iter()
        .flat_map(|document| document.findings.iter().map(move |placed| result(document, placed)))
        .collect();
    let notifications: Vec<Value> = report
        .errors
        .iter()
        .map(|error| {
            json!({
                "level": "error",
                "message": { "text": error.message },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&error.path) } } }],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| descriptor(rule.meta)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "artifacts": report.documents.iter().map(artifact).collect::<Vec<_>>(),
            "invocations": [{
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(Escaping::new(&mut *out), &log)?;
    writeln!(out)
}

fn descriptor(rule: &RuleMeta) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.docs.trim(), "markdown": rule.docs.trim() },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn artifact(document: &DocumentReport) -> Value {
    json!({ "location": { "uri": uri(&document.path) }, "encoding": document.encoding })
}

fn result(document: &DocumentReport, placed: &PlacedFinding) -> Value {
    let found = &placed.finding;
    let related: Vec<Value> = found
        .related
        .iter()
        .zip(&placed.related)
        .map(|(related, place)| {
            let mut location = location(document, *place);
            if let Some(object) = location.as_object_mut() {
                object.insert("message".to_owned(), json!({ "text": related.message }));
            }
            location
        })
        .collect();
    let evidence: Vec<Value> =
        found.evidence.iter().map(|fact| json!({ "kind": fact.kind, "text": fact.text })).collect();
    let mut result = json!({
        "ruleId": found.rule.name,
        "ruleIndex": RULES.iter().position(|rule| rule.meta.name == found.rule.name),
        "level": level(found.severity),
        "rank": found.confidence.as_fraction() * 100.0,
        "message": { "text": found.message },
        "locations": [location(document, placed.place)],
        "relatedLocations": related,
        "partialFingerprints": { "obelusKey/v1": placed.key.as_str() },
        "properties": { "confidence": found.confidence.as_fraction(), "evidence": evidence },
    });
    let fixes = fixes(document, placed);
    if let (false, Some(object)) = (fixes.is_empty(), result.as_object_mut()) {
        object.insert("fixes".to_owned(), json!(fixes));
    }
    result
}

/// The fix and its alternatives, each as replacements of bytes of the file:
/// places of an edit have no lines of their own.
fn fixes(document: &DocumentReport, placed: &PlacedFinding) -> Vec<Value> {
    let Some(fix) = &placed.finding.fix else { return Vec::new() };
    let titles = std::iter::once(&fix.title).chain(fix.alternatives.iter().map(|other| &other.title));
    let choices = fix.choices().zip(&placed.edited).zip(titles).filter(|((edits, _), _)| !edits.is_empty());
    choices
        .map(|((edits, origins), title)| {
            let replacements: Vec<Value> = edits
                .edits()
                .iter()
                .zip(origins)
                .map(|(edit, origin)| {
                    json!({
                        "deletedRegion": { "byteOffset": origin.start, "byteLength": origin.end - origin.start },
                        "insertedContent": { "text": edit.replacement },
                    })
                })
                .collect();
            json!({
                "description": { "text": title },
                "artifactChanges": [{
                    "artifactLocation": { "uri": uri(&document.path) },
                    "replacements": replacements,
                }],
            })
        })
        .collect()
}

fn location(document: &DocumentReport, place: Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&document.path) },
        "region": region(place),
    } })
}

fn region(place: Place) -> Value {
    json!({
        "startLine": place.start.line,
        "startColumn": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    })
}

/// A path as a URI reference (RFC 3986): an address stays, in a path all but
/// the unreserved characters and slashes are escaped.
fn uri(path: &str) -> String {
    if path.starts_with("http://") || path.starts_with("https://") {
        return path.to_owned();
    }
    let mut uri = String::with_capacity(path.len());
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'\\' => uri.push('/'),
            byte if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./a b/é#1.md"), "a%20b/%C3%A9%231.md");
        assert_eq!(uri("https://example.org/a?b=c"), "https://example.org/a?b=c");
    }
}
