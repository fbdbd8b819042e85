//! The laws that hold for any bytes, whoever made them up. `tests/fuzzed.rs`
//! asks them of a kept corpus and its mutations, the targets under `fuzz/` of
//! whatever a fuzzer comes upon.

pub mod repair;

use std::collections::HashSet;
use std::ops::Range;

use obelus::check::{CheckSettings, DocumentReport, check};
use obelus::citation;
use obelus::document::{self, Document, Format};
use obelus::export::{self, Answer, CitationStyle, Rendered};
use obelus::report::{RENDERERS, RenderSettings, Report};
use obelus::text::{LineIndex, SourceSpan, Span};

/// A law, asked of some bytes; it panics where it is broken.
pub type Law = fn(&[u8]);

/// One line per law: each has its target and its corpus of that name.
pub const LAWS: &[(&str, Law)] = &[
    ("plain", plain),
    ("markdown", markdown),
    ("html", html),
    ("bytes", bytes),
    ("extract", extract),
    ("check", whole_check),
    ("export", exports),
    ("repair", repair::repairs),
];

pub fn plain(data: &[u8]) {
    read(data, Some(Format::Plain));
}

pub fn markdown(data: &[u8]) {
    read(data, Some(Format::Markdown));
}

pub fn html(data: &[u8]) {
    read(data, Some(Format::Html));
}

/// Encoding and format are left to what the bytes look like.
pub fn bytes(data: &[u8]) {
    read(data, None);
}

/// Reads a document: all that its reader says lies in its text, in order, and
/// leads back to the file.
fn read(data: &[u8], format: Option<Format>) -> Option<Document> {
    let document = document::read(data.to_vec(), format, None).ok()?;
    let lines = LineIndex::new(&document.source);
    apart("blocks", &document.text, document.blocks.iter().map(|block| block.span));
    apart("code", &document.text, document.code.iter().copied());
    apart("raised numbers", &document.text, document.raised.iter().copied());
    let mut end = 0;
    for block in &document.blocks {
        let source = document.source_span(block.span);
        in_file(&document, source, data, &lines);
        assert!(end <= source.start, "blocks stand in the file in their order");
        end = source.start;
    }
    for link in &document.links {
        on_characters("a link", &document.text, link.span.range());
        in_file(&document, link.source, data, &lines);
    }
    for issue in document.issues.iter().filter_map(|issue| issue.source) {
        in_file(&document, issue, data, &lines);
    }
    Some(document)
}

/// Whether a stretch of the decoded file has its place on disk.
fn in_file(document: &Document, source: SourceSpan, data: &[u8], lines: &LineIndex) {
    on_characters("a source span", &document.source, source.range());
    let place = document.place(source, lines);
    let origin = data.get(place.origin.range()).expect("a place lies in the file");
    assert!((place.start.line, place.start.column) <= (place.end.line, place.end.column));
    if std::str::from_utf8(data).is_ok() {
        assert_eq!(Some(origin), document.source.as_bytes().get(source.range()), "the file holds what the source does");
    }
}

fn on_characters(what: &str, text: &str, range: Range<usize>) {
    assert!(text.get(range.clone()).is_some(), "{what} at {range:?} is no stretch of a text of {} bytes", text.len());
}

fn apart(what: &str, text: &str, spans: impl Iterator<Item = Span>) {
    let mut end = 0;
    for span in spans {
        on_characters(what, text, span.range());
        assert!(end <= span.start, "{what} overlap at {span:?}");
        end = span.end;
    }
}

/// Citations are in order and apart, entries and wrappers lie in the text.
pub fn extract(data: &[u8]) {
    for document in Format::ALL.into_iter().filter_map(|format| read(data, Some(format))) {
        let citations = citation::extract(&document);
        let marked = citations.iter().map(|citation| citation.span).filter(|span| !span.is_empty());
        apart("citations", &document.text, marked);
        for citation in &citations {
            let source = citation.source.unwrap_or_else(|| document.source_span(citation.span));
            on_characters("a citation in the file", &document.source, source.range());
        }
        for entry in citation::find_entries(&document) {
            on_characters("an entry", &document.text, entry.mark.range());
        }
        for wrapper in citation::find_wrappers(&citation::Scan::new(&document), &citations) {
            on_characters("a wrapper", &document.text, wrapper.span.range());
            assert!(wrapper.span.contains(wrapper.prose), "a wrapper holds its prose");
        }
    }
}

/// All rules and renderers: places lie in the file, names of findings are
/// unique, and the same bytes give the same report.
pub fn whole_check(data: &[u8]) {
    for format in Format::ALL {
        let report = || {
            let document = document::read(data.to_vec(), Some(format), None).ok()?;
            let settings = CheckSettings { keep_text: true, ..CheckSettings::default() };
            Some(check("law".to_owned(), &document, &settings))
        };
        let Some(first) = report() else { continue };
        assert_eq!(report().as_ref(), Some(&first), "the same bytes give the same report");
        places_lead_back(&first, data);
        let report = Report { documents: vec![first], ..Report::default() };
        for (name, render) in RENDERERS {
            let mut written = Vec::new();
            render(&report, RenderSettings::default(), &mut written).expect("memory takes all that is written");
            assert!(std::str::from_utf8(&written).is_ok(), "{name} writes UTF-8");
            if *name == "json" {
                serde_json::from_slice::<serde_json::Value>(&written).expect("json is JSON");
            }
        }
    }
}

fn places_lead_back(report: &DocumentReport, data: &[u8]) {
    let text = report.text.as_deref().unwrap_or_default();
    let file = std::str::from_utf8(data).ok();
    for cited in &report.cited {
        let written = data.get(cited.place.origin.range()).expect("a citation lies in the file");
        assert!(file.is_none() || written == cited.text.as_bytes(), "the file holds the citation");
    }
    for placed in &report.findings {
        on_characters("a finding", text, placed.finding.span.range());
        assert!(data.get(placed.place.origin.range()).is_some(), "a finding lies in the file");
        if let Some(file) = file {
            on_characters("a finding in the file", file, placed.place.origin.range());
        }
        for related in &placed.finding.related {
            on_characters("a related span", text, related.span.range());
        }
    }
    let keys: HashSet<_> = report.findings.iter().map(|placed| &placed.key).collect();
    assert_eq!(keys.len(), report.findings.len(), "keys are unique");
}

/// Exports: annotations lie in the text, the text leads back to the export,
/// and rendering changes nothing but what it says.
pub fn exports(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    let Ok(export) = export::read(source) else { return };
    for answer in &export.answers {
        let whole = answer.map.source(Span::from_range(0..answer.text.len()));
        on_characters("an answer in the export", source, whole.range());
        for annotation in &answer.annotations {
            on_characters("an annotation's declaration", source, annotation.declared.range());
            if let Some(span) = annotation.placement.span() {
                on_characters("an annotation", &answer.text, span.range());
                on_characters("an annotation in the export", source, answer.map.source(span).range());
            }
        }
        for style in CitationStyle::ALL {
            let rendered = export::render(answer, style);
            assert_eq!(rendered, export::render(answer, style), "the same answer gives the same article");
            if let Ok(rendered) = &rendered {
                only_citations_change(answer, rendered);
            }
        }
    }
}

/// What stands between the citations of a rendered article stands between
/// their markers in the answer, but for white space before them and the list
/// of sources at the end.
fn only_citations_change(answer: &Answer, rendered: &Rendered) {
    let (mut read, mut written) = (0, 0);
    for placed in &rendered.placed {
        let kept = answer.text.get(read..placed.replaced.start as usize).expect("what is replaced is in order");
        let copied = rendered.text.get(written..placed.written.start as usize).expect("what is written is in order");
        assert_eq!(kept.trim_end(), copied.trim_end(), "what is not cited stays");
        on_characters("a placed citation", &rendered.text, placed.written.range());
        (read, written) = (placed.replaced.end as usize, placed.written.end as usize);
    }
    let rest = answer.text.get(read..).expect("what is replaced lies in the answer");
    let copied = rendered.text.get(written..).expect("what is written lies in the article");
    assert!(copied.starts_with(rest.trim_end()), "the end of the answer is kept");
}
