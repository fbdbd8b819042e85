//! `json` and `jsonl`: the contract's wire types, version 1.
//!
//! Core types carry no `Serialize`; these structs do, and are built only here.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::check::{Diagnosed, DocumentReport, PlacedFinding, PlacedQuotation};
use crate::citation::Address;
use crate::document::{ExportFacts, Place};
use crate::fault::Parameter;
use crate::finding::{FindingKey, Fix, Lost};
use crate::rules::{QuoteFinding, Reference};

use super::plain_json::Escaping;
use super::{RenderSettings, Report};

const SCHEMA_VERSION: u32 = 1;

/// The JSON Schema of [`render`]'s object.
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(Run<'_>).to_value()
}

/// One pretty-printed object for the whole run.
pub(super) fn render(report: &Report, _: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    let run = Run {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        documents: report.documents.iter().map(document).collect(),
        rest: rest(report),
    };
    serde_json::to_writer_pretty(Escaping::new(&mut *out), &run)?;
    writeln!(out)
}

/// One line per document, then one line for the rest.
pub(super) fn render_lines(report: &Report, _: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    for entry in &report.documents {
        serde_json::to_writer(Escaping::new(&mut *out), &document(entry))?;
        writeln!(out)?;
    }
    serde_json::to_writer(Escaping::new(&mut *out), &rest(report))?;
    writeln!(out)
}

#[derive(Serialize, JsonSchema)]
struct DiagnosisWire<'a> {
    process: &'static str,
    parameters: BTreeMap<&'static str, LostWire>,
    explains: Vec<&'a str>,
    predicts: Vec<SpanWire>,
    confidence: f64,
}

#[derive(Serialize, JsonSchema)]
struct Run<'a> {
    schema_version: u32,
    tool: Tool,
    documents: Vec<DocumentWire<'a>>,
    #[serde(flatten)]
    rest: Rest<'a>,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Rest<'a> {
    resolutions: Vec<ResolutionWire<'a>>,
    errors: Vec<ErrorWire<'a>>,
    summary: Summary,
}

#[derive(Serialize, JsonSchema)]
struct ErrorWire<'a> {
    path: &'a str,
    message: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    documents: usize,
    citations: usize,
    findings: Counts,
    verdicts: BTreeMap<&'static str, usize>,
    network: Option<NetworkWire>,
}

/// How long the asking took; `optimum_ms` is the least that the limits allow.
#[derive(Serialize, JsonSchema)]
struct NetworkWire {
    requests: u64,
    /// Those of them that asked for no reference: controls, robots.txt, what a search looks through.
    beside: u64,
    elapsed_ms: u64,
    optimum_ms: u64,
}

#[derive(Serialize, JsonSchema)]
struct Counts {
    error: usize,
    warning: usize,
    info: usize,
}

#[derive(Serialize, JsonSchema)]
struct DocumentWire<'a> {
    path: &'a str,
    format: &'static str,
    encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    export: Option<ExportWire>,
    issues: Vec<IssueWire<'a>>,
    citations: Vec<CitationWire<'a>>,
    /// Quotations near citations, and what became of each.
    quotations: Vec<QuotationWire<'a>>,
    findings: Vec<FindingWire<'a>>,
    diagnoses: Vec<DiagnosisWire<'a>>,
    suppressed: u32,
}

/// How a raw export was read.
#[derive(Serialize, JsonSchema)]
struct ExportWire {
    vendor: &'static str,
    /// Its answers that have offsets, in order.
    answers: Vec<MeasuredWire>,
}

/// What the offsets of one answer count. Several units, ends or bases: they
/// fit equally, and it is undecided.
#[derive(Serialize, JsonSchema)]
struct MeasuredWire {
    units: Vec<&'static str>,
    ends: Vec<&'static str>,
    bases: Vec<&'static str>,
    annotations: usize,
    proven: usize,
    telling: usize,
    shifted: usize,
    folded: bool,
    misfits: usize,
    proof: String,
}

#[derive(Serialize, JsonSchema)]
struct IssueWire<'a> {
    message: &'a str,
    span: Option<SpanWire>,
}

#[derive(Serialize, JsonSchema)]
struct SpanWire {
    start: u32,
    end: u32,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize, JsonSchema)]
struct CitationWire<'a> {
    id: String,
    kind: &'static str,
    span: SpanWire,
    text: &'a str,
    host: Option<&'a str>,
    target: Option<&'a str>,
    role: &'static str,
    resolution: Option<usize>,
}

#[derive(Serialize, JsonSchema)]
struct QuotationWire<'a> {
    span: SpanWire,
    citations: Vec<String>,
    /// `found`, `altered`, `absent` or `undecided`.
    reading: &'static str,
    /// Why nothing could be decided: a stable code.
    reason: Option<&'static str>,
    resolution: Option<usize>,
    /// A link that makes browsers show the passage of the source.
    passage: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct FindingWire<'a> {
    rule: &'static str,
    severity: &'static str,
    confidence: f64,
    span: SpanWire,
    message: &'a str,
    citations: Vec<String>,
    resolution: Option<usize>,
    related: Vec<RelatedWire<'a>>,
    evidence: Vec<EvidenceWire<'a>>,
    lost: Option<LostWire>,
    fix: Option<FixWire<'a>>,
    key: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct RelatedWire<'a> {
    span: SpanWire,
    message: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct EvidenceWire<'a> {
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct LostWire {
    min: Option<u32>,
    max: Option<u32>,
    best: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct FixWire<'a> {
    safety: &'static str,
    provenance: &'static str,
    title: &'a str,
    edits: Vec<EditWire<'a>>,
    alternatives: Vec<Vec<EditWire<'a>>>,
}

#[derive(Serialize, JsonSchema)]
struct EditWire<'a> {
    start: u32,
    end: u32,
    replacement: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct ResolutionWire<'a> {
    url: &'a str,
    final_url: &'a str,
    verdict: &'static str,
    reason: &'static str,
    confidence: f64,
    status: Option<u16>,
    hops: Vec<HopWire<'a>>,
    evidence: Vec<EvidenceWire<'a>>,
    title: Option<&'a str>,
    published: Option<String>,
    checked_at: Option<String>,
    cached: bool,
    attempts: u32,
    elapsed_ms: u64,
}

#[derive(Serialize, JsonSchema)]
struct HopWire<'a> {
    url: &'a str,
    status: u16,
}

fn id(index: usize) -> String {
    format!("c{}", index + 1)
}

fn span(place: Place) -> SpanWire {
    SpanWire {
        start: place.origin.start,
        end: place.origin.end,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
    }
}

fn export(facts: &ExportFacts) -> ExportWire {
    let with_offsets = facts.measured.iter().filter(|measured| measured.with_offsets > 0);
    ExportWire {
        vendor: facts.vendor.name,
        answers: with_offsets
            .map(|measured| MeasuredWire {
                units: measured.units.iter().map(|unit| unit.name()).collect(),
                ends: measured.ends.iter().map(|end| end.name()).collect(),
                bases: measured.bases.iter().map(|base| base.name()).collect(),
                annotations: measured.with_offsets,
                proven: measured.proven,
                telling: measured.telling,
                shifted: measured.shifted,
                folded: measured.is_folded,
                misfits: measured.misfits,
                proof: measured.describe(),
            })
            .collect(),
    }
}

fn document(report: &DocumentReport) -> DocumentWire<'_> {
    let citations = report.citations.iter().zip(&report.cited).zip(&report.resolutions).enumerate();
    DocumentWire {
        path: &report.path,
        format: report.format.name(),
        encoding: report.encoding,
        export: report.export.as_ref().map(export),
        issues: report
            .issues
            .iter()
            .map(|issue| IssueWire { message: &issue.message, span: issue.place.map(span) })
            .collect(),
        citations: citations
            .map(|(index, ((citation, cited), resolution))| {
                let target = citation.target.as_ref();
                CitationWire {
                    id: id(index),
                    kind: citation.kind.name(),
                    span: span(cited.place),
                    text: &cited.text,
                    host: target.and_then(|target| target.host.as_ref()).map(|host| host.ascii.as_str()),
                    target: target.and_then(|target| target.address.as_ref()).map(Address::as_str),
                    role: cited.role.name(),
                    resolution: *resolution,
                }
            })
            .collect(),
        quotations: report.quotations.iter().map(quotation).collect(),
        findings: report.findings.iter().map(finding).collect(),
        diagnoses: report.diagnoses.iter().map(diagnosis).collect(),
        suppressed: report.suppressed,
    }
}

fn quotation(placed: &PlacedQuotation) -> QuotationWire<'_> {
    let reading = &placed.reading;
    let reason = match reading.finding {
        QuoteFinding::Undecided(why) => Some(why),
        _ => None,
    };
    QuotationWire {
        span: span(placed.place),
        citations: placed.quotation.citations.iter().map(|index| id(*index)).collect(),
        reading: reading.finding.name(),
        reason,
        resolution: reading.resolution,
        passage: reading.passage.as_ref().map(url::Url::as_str),
    }
}

fn diagnosis(diagnosed: &Diagnosed) -> DiagnosisWire<'_> {
    let parameter = |parameter: &Parameter| {
        let (min, max) = (*parameter.range.start(), *parameter.range.end());
        (parameter.name, LostWire { min: Some(min), max: Some(max), best: Some(parameter.best) })
    };
    DiagnosisWire {
        process: diagnosed.diagnosis.process.name(),
        parameters: diagnosed.diagnosis.parameters.iter().map(parameter).collect(),
        explains: diagnosed.explains.iter().map(FindingKey::as_str).collect(),
        predicts: diagnosed.predicts.iter().map(|place| span(*place)).collect(),
        confidence: diagnosed.diagnosis.confidence.as_fraction(),
    }
}

fn finding(placed: &PlacedFinding) -> FindingWire<'_> {
    let finding = &placed.finding;
    FindingWire {
        rule: finding.rule.name,
        severity: finding.severity.name(),
        confidence: finding.confidence.as_fraction(),
        span: span(placed.place),
        message: &finding.message,
        citations: finding.citations.iter().map(|index| id(*index)).collect(),
        resolution: finding.resolution,
        related: finding
            .related
            .iter()
            .zip(&placed.related)
            .map(|(related, place)| RelatedWire { span: span(*place), message: &related.message })
            .collect(),
        evidence: finding.evidence.iter().map(|fact| EvidenceWire { kind: fact.kind, text: &fact.text }).collect(),
        lost: finding.lost.map(|Lost { min, max, best }| LostWire { min, max, best }),
        fix: finding.fix.as_ref().map(|fix| fix_wire(fix, placed)),
        key: placed.key.as_str(),
    }
}

fn fix_wire<'a>(fix: &'a Fix, placed: &PlacedFinding) -> FixWire<'a> {
    let mut sets = fix.choices().zip(&placed.edited).map(|(edits, origins)| {
        let edits = edits.edits().iter().zip(origins);
        edits
            .map(|(edit, origin)| EditWire { start: origin.start, end: origin.end, replacement: &edit.replacement })
            .collect::<Vec<_>>()
    });
    FixWire {
        safety: fix.safety().name(),
        provenance: fix.provenance.name(),
        title: &fix.title,
        edits: sets.next().unwrap_or_default(),
        alternatives: sets.collect(),
    }
}

fn rest(report: &Report) -> Rest<'_> {
    let totals = report.totals();
    Rest {
        resolutions: report.references.iter().map(resolution).collect(),
        errors: report.errors.iter().map(|error| ErrorWire { path: &error.path, message: &error.message }).collect(),
        summary: Summary {
            documents: totals.documents,
            citations: totals.citations,
            findings: Counts { error: totals.errors, warning: totals.warnings, info: totals.infos },
            verdicts: totals.verdicts,
            network: report.timing.map(|timing| NetworkWire {
                requests: timing.requests,
                beside: timing.beside,
                elapsed_ms: milliseconds(timing.elapsed),
                optimum_ms: milliseconds(timing.optimum),
            }),
        },
    }
}

fn resolution(reference: &Reference) -> ResolutionWire<'_> {
    let observation = &reference.observation;
    let verdict = &reference.verdict;
    let page = observation.page();
    ResolutionWire {
        url: observation.probe.url.as_str(),
        final_url: observation.final_url.as_str(),
        verdict: verdict.standing.name(),
        reason: verdict.reason,
        confidence: verdict.confidence.as_fraction(),
        status: observation.last_status(),
        hops: observation.hops.iter().map(|hop| HopWire { url: hop.url.as_str(), status: hop.status }).collect(),
        evidence: verdict.evidence.iter().map(|fact| EvidenceWire { kind: fact.kind, text: &fact.text }).collect(),
        title: page.and_then(|page| page.title.as_deref()),
        published: page.and_then(|page| page.published).map(|date| date.to_string()),
        // What was not asked has no time, so that offline runs repeat to the byte.
        checked_at: (observation.attempts > 0).then(|| observation.at.to_string()),
        cached: observation.is_cached,
        attempts: observation.attempts,
        elapsed_ms: milliseconds(observation.elapsed),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
