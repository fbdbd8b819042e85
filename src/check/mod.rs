//! The engine: runs the chosen rules over a document and turns what they say
//! into an inert report.
//!
//! A [`DocumentReport`] holds places and excerpts instead of the document, so
//! that the text of ten thousand articles need not stay in memory until the
//! network has answered.

mod bare;
mod baseline;
mod by_path;
mod date;
mod excerpt;
mod ignore;
mod local;
mod offer;
mod parallel;
mod plan;
mod quote;
mod select;
mod settle;

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;

use crate::citation::{self, Citation, Scan};
use crate::document::{Document, ExportFacts, Format, Place};
use crate::fault::{self, Diagnosis};
use crate::finding::{Confidence, Family, Finding, FindingKey, Fix, KeyMaker, Lacuna, Severity};
use crate::rules::{self, Check, LinkContext, ReadQuotation, Reference, TextContext};
use crate::seam::{self, BrokenLabel, SoundCitations, Splice, SpliceKind};
use crate::text::{EditSet, LineIndex, OriginSpan, SourceSpan, Span};

pub use bare::{BareDomains, Taken};
pub use baseline::{Baseline, BaselineEntry, BaselineError, write_baseline};
pub use by_path::{BadPattern, PathRule, PathRules};
pub use excerpt::Excerpt;
pub use ignore::Ignore;
pub use local::{LocalFiles, LocalLinks, check_local, given_files, wanted_files};
pub use offer::{offer_captures, offer_found_pages, offer_known_pages};
pub use parallel::in_parallel;
pub use plan::plan;
pub use quote::PlacedQuotation;
pub use select::{RuleSelection, UnknownRule};
pub use settle::settle;

/// What to run and what to show.
#[derive(Debug, Clone)]
pub struct CheckSettings {
    /// The rules to run.
    pub rules: RuleSelection,
    /// Findings below are hidden and count for nothing.
    pub min_confidence: Confidence,
    /// What holds for some documents only.
    pub paths: PathRules,
    /// Findings that are known and kept quiet.
    pub baseline: Option<Baseline>,
    /// Whether reports keep the text of their documents.
    pub keep_text: bool,
    /// What is taken of documents for the searches of a run.
    pub taken: Taken,
    /// How gaps are marked.
    pub lacuna: Lacuna,
}

impl Default for CheckSettings {
    fn default() -> Self {
        Self {
            rules: RuleSelection::all(),
            min_confidence: Confidence::from_thousandths(500),
            paths: PathRules::default(),
            baseline: None,
            keep_text: false,
            taken: Taken::default(),
            lacuna: Lacuna::default(),
        }
    }
}

impl CheckSettings {
    /// The rules that run over the document of that name.
    fn rules_for(&self, path: &str) -> Cow<'_, RuleSelection> {
        match self.paths.of(path).as_slice() {
            [] => Cow::Borrowed(&self.rules),
            by_path => Cow::Owned(self.rules.narrowed(by_path)),
        }
    }
}

/// All that is known of one document. Sorted and inert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReport {
    /// The name it goes by.
    pub path: String,
    /// How it was read.
    pub format: Format,
    /// Its encoding's name.
    pub encoding: &'static str,
    /// What the offsets of a raw export count; `None` for articles.
    pub export: Option<ExportFacts>,
    /// What its reader could not make sense of.
    pub issues: Vec<PlacedIssue>,
    /// Its citations, in order.
    pub citations: Vec<Citation>,
    /// For each citation, where it stands and what it is.
    pub cited: Vec<Cited>,
    /// For each citation, the index of its reference.
    pub resolutions: Vec<Option<usize>>,
    /// Its quotations near citations, in order.
    pub quotations: Vec<PlacedQuotation>,
    /// The words that bare domains are cited for, where they were taken.
    pub bare: BareDomains,
    /// The article's date, where it was looked for and is known.
    pub date: Option<Date>,
    /// Its links that stay at home.
    pub local: LocalLinks,
    /// Its findings, in order.
    pub findings: Vec<PlacedFinding>,
    /// The processes that explain its damage, best first.
    pub diagnoses: Vec<Diagnosed>,
    /// Its ignore comments, in order.
    pub ignores: Vec<Ignore>,
    /// Findings that comments and the baseline kept quiet.
    pub suppressed: u32,
    /// Its text, where the run keeps it: spans of findings are places in it.
    pub text: Option<Arc<str>>,
}

impl DocumentReport {
    /// By place, then by rule.
    fn sort_findings(&mut self) {
        self.findings.sort_by_key(|placed| (placed.finding.span, placed.finding.rule.name));
    }
}

/// A diagnosis with the findings that it explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosed {
    /// What happened.
    pub diagnosis: Diagnosis,
    /// The keys of the findings it explains.
    pub explains: Vec<FindingKey>,
    /// The places of the labels that only the diagnosis shows to be damaged.
    pub predicts: Vec<Place>,
}

impl Diagnosed {
    /// `None` where the run shows none of the findings.
    fn of(diagnosis: Diagnosis, findings: &[PlacedFinding], placer: &Placer<'_>) -> Option<Self> {
        let is_explained = |placed: &&PlacedFinding| {
            placed.finding.rule.family == Family::Splice
                && placed.finding.citations.first().is_some_and(|first| diagnosis.explains.contains(first))
        };
        let explains: Vec<FindingKey> = findings.iter().filter(is_explained).map(|placed| placed.key.clone()).collect();
        let predicts = diagnosis.predicts.iter().map(|label| placer.place(*label)).collect();
        (!explains.is_empty()).then_some(Self { diagnosis, explains, predicts })
    }
}

/// A reader's trouble with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedIssue {
    /// What, in one sentence.
    pub message: String,
    /// Where, if at one place.
    pub place: Option<Place>,
}

/// A citation's place and part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// Where in the file.
    pub place: Place,
    /// Where in the decoded file.
    pub source: SourceSpan,
    /// As written in the file.
    pub text: String,
    /// Its part in the article.
    pub role: Role,
}

/// What part a citation plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It stands where it was put on purpose.
    Genuine,
    /// A displaced second copy of another citation.
    StrayCopy,
    /// The only copy, at the wrong place, without loss.
    Misplaced,
    /// At the wrong place with loss, or broken itself.
    Damaged,
}

impl Role {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::StrayCopy => "stray-copy",
            Self::Misplaced => "misplaced",
            Self::Damaged => "damaged",
        }
    }
}

/// A finding with its places in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFinding {
    /// What the rule said.
    pub finding: Finding,
    /// Where in the file.
    pub place: Place,
    /// The places of its related spans, in their order.
    pub related: Vec<Place>,
    /// The words around it; none for findings about references.
    pub excerpt: Option<Excerpt>,
    /// Its name, stable under edits elsewhere.
    pub key: FindingKey,
    /// Where in the file its fix edits: for the fix itself and then for each
    /// alternative, the bytes under each edit, in order.
    pub edited: Vec<Vec<OriginSpan>>,
}

impl PlacedFinding {
    /// One that shows no words of the article and edits none.
    fn alone(finding: Finding, place: Place, key: FindingKey) -> Self {
        Self { finding, place, related: Vec::new(), excerpt: None, key, edited: Vec::new() }
    }
}

/// Extracts and judges the citations of one document, offline.
#[must_use]
pub fn check(path: String, document: &Document, settings: &CheckSettings) -> DocumentReport {
    let scan = Scan::new(document);
    let citations = citation::extract_from(&scan);
    let entries = citation::find_entries(document);
    let wrappers = citation::find_wrappers(&scan, &citations);
    let broken = seam::find_broken_labels(&scan, &citations);
    let vocabulary = seam::words_apart(document, &citations);
    let mut readings = seam::read_sites(document, &citations, &broken, &vocabulary);
    let diagnoses = fault::diagnose(document, &citations, &mut readings, &vocabulary);
    let mut splices = seam::find_splices(document, &citations, readings);
    // What touches may be the rest of a broken label, and not of a word.
    splices.retain(|splice| {
        let next = broken.partition_point(|broken| broken.span.end <= splice.span.start);
        !broken.get(next).is_some_and(|broken| broken.span.overlaps(splice.span))
    });
    let sound = SoundCitations::of(document, &citations, &splices);
    let context = TextContext {
        document,
        scan: &scan,
        traces: &rules::find_traces(&document.text),
        citations: &citations,
        entries: &entries,
        wrappers: &wrappers,
        splices: &splices,
        broken: &broken,
        sound: &sound,
        vocabulary: vocabulary.built(),
        lacuna: &settings.lacuna,
    };
    let mut findings = Vec::new();
    for rule in settings.rules_for(&path).iter() {
        if let Check::Text(check) = rule.check {
            check(&context, &mut findings);
        }
    }
    if document.is_encoding_guessed {
        doubt_guessed_characters(document, &mut findings);
    }
    findings.retain(|finding| settings.min_confidence <= finding.confidence);
    findings.sort_by_key(|finding| (finding.span, finding.rule.name));
    let roles = roles(&citations, &splices, &broken, settings.min_confidence);
    let placer = Placer::new(document);
    let issues = document
        .issues
        .iter()
        .map(|issue| PlacedIssue {
            message: issue.message.clone(),
            place: issue.source.map(|span| document.place(span, placer.lines())),
        })
        .collect();
    let is_genuine = |index: usize| roles.get(index) == Some(&Role::Genuine);
    let quotations = quote::find_quotations(document, &citations, &is_genuine, &|span| placer.place(span));
    let bare = bare::find(document, &citations, &is_genuine, &quotations, settings.taken);
    let local = local::find(&path, document, &|link| document.place(link.source, placer.lines()));
    let cited = citations.iter().zip(roles).map(|(citation, role)| placer.cited(citation, role)).collect();
    let mut keys = KeyMaker::default();
    let findings: Vec<PlacedFinding> =
        findings.into_iter().map(|finding| placer.placed(finding, &citations, &mut keys)).collect();
    let resolutions = vec![None; citations.len()];
    let diagnoses =
        diagnoses.into_iter().filter_map(|diagnosis| Diagnosed::of(diagnosis, &findings, &placer)).collect();
    DocumentReport {
        path,
        format: document.format,
        encoding: document.encoding,
        export: document.export.clone(),
        issues,
        citations,
        cited,
        resolutions,
        quotations,
        bare,
        date: settings.taken.date.then(|| date::stated_date(document)).flatten(),
        local,
        findings,
        diagnoses,
        ignores: ignore::find(document, &|| LineIndex::new(&document.source)),
        suppressed: 0,
        text: settings.keep_text.then(|| Arc::clone(&document.text)),
    }
}

/// What rests on characters that the encoding's guess made is no surer than
/// the guess.
fn doubt_guessed_characters(document: &Document, findings: &mut [Finding]) {
    /// Detection by statistics is right in most files, and wrong as a whole.
    const GUESSED: Confidence = Confidence::from_thousandths(900);
    for finding in findings.iter_mut().filter(|finding| !finding.span.slice(&document.text).is_ascii()) {
        finding.doubt(GUESSED);
    }
}

/// Adds what the link rules say, once the references are judged.
pub fn check_links(report: &mut DocumentReport, references: &[Reference], settings: &CheckSettings) {
    quote::read_quotations(&mut report.quotations, &report.citations, &report.resolutions, references);
    let quotations: Vec<ReadQuotation<'_>> = report
        .quotations
        .iter()
        .map(|placed| ReadQuotation { quotation: &placed.quotation, reading: &placed.reading })
        .collect();
    let context = LinkContext {
        citations: &report.citations,
        resolutions: &report.resolutions,
        references,
        quotations: &quotations,
    };
    let mut findings = Vec::new();
    for rule in settings.rules_for(&report.path).iter() {
        if let Check::Link(check) = rule.check {
            check(&context, &mut findings);
        }
    }
    findings.retain(|finding| settings.min_confidence <= finding.confidence);
    let mut keys = KeyMaker::default();
    let mut places: HashMap<Span, Place> = HashMap::new();
    for (citation, cited) in report.citations.iter().zip(&report.cited) {
        places.insert(citation.span, cited.place);
    }
    for placed in &report.quotations {
        places.insert(placed.quotation.span, placed.place);
    }
    for finding in findings {
        let Some(place) = places.get(&finding.span).copied() else { continue };
        let related = finding.related.iter().filter_map(|other| places.get(&other.span).copied()).collect();
        let url = finding
            .resolution
            .and_then(|index| references.get(index))
            .map_or("", |reference| reference.observation.probe.url.as_str());
        let key = keys.key(finding.rule.name, url, Span::from_range(0..url.len()));
        report.findings.push(PlacedFinding { related, ..PlacedFinding::alone(finding, place, key) });
    }
    report.sort_findings();
}

/// The worst severity among the findings of all documents.
#[must_use]
pub fn worst(reports: &[DocumentReport]) -> Option<Severity> {
    reports.iter().flat_map(|report| &report.findings).map(|placed| placed.finding.severity).max()
}

/// A citation's part follows from its seam, and from nothing that is hidden.
fn roles(citations: &[Citation], splices: &[Splice], broken: &[BrokenLabel], min: Confidence) -> Vec<Role> {
    let mut roles = vec![Role::Genuine; citations.len()];
    let broken = broken.iter().filter(|broken| min <= broken.confidence).filter_map(|broken| broken.by);
    for index in broken {
        if let Some(role) = roles.get_mut(index) {
            *role = Role::Damaged;
        }
    }
    for splice in splices.iter().filter(|splice| min <= splice.confidence) {
        let role = match splice.kind {
            _ if splice.repeats.is_some() => Role::StrayCopy,
            SpliceKind::StrayCopy => Role::StrayCopy,
            SpliceKind::Misplaced => Role::Misplaced,
            SpliceKind::CutWord | SpliceKind::LostText => Role::Damaged,
        };
        for slot in roles.get_mut(splice.citations.clone()).unwrap_or_default() {
            *slot = role;
        }
    }
    roles
}

/// A finding that was made once the rules had spoken.
pub(crate) fn placed(document: &Document, lines: &Rc<LineIndex>, finding: Finding) -> PlacedFinding {
    Placer { document, lines: Rc::clone(lines).into() }.placed(finding, &[], &mut KeyMaker::default())
}

/// Where the fix of a finding edits the file.
pub(crate) fn edited(document: &Document, finding: &Finding) -> Vec<Vec<OriginSpan>> {
    let origins = |edits: &EditSet| edits.edits().iter().map(|edit| document.origin_span(edit.span)).collect();
    finding.fix.iter().flat_map(Fix::choices).map(origins).collect()
}

/// Turns spans into places; the line index is built when first asked for.
struct Placer<'a> {
    document: &'a Document,
    lines: std::cell::OnceCell<Rc<LineIndex>>,
}

impl<'a> Placer<'a> {
    fn new(document: &'a Document) -> Self {
        Self { document, lines: std::cell::OnceCell::new() }
    }

    fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| Rc::new(LineIndex::new(&self.document.source)))
    }

    fn place(&self, span: Span) -> Place {
        self.document.place(self.document.source_span(span), self.lines())
    }

    fn cited(&self, citation: &Citation, role: Role) -> Cited {
        let source = citation.source.unwrap_or_else(|| self.document.source_span(citation.span));
        let text = self.document.source.get(source.range()).unwrap_or_default().to_owned();
        Cited { place: self.document.place(source, self.lines()), source, text, role }
    }

    fn placed(&self, finding: Finding, citations: &[Citation], keys: &mut KeyMaker) -> PlacedFinding {
        let key = keys.key(finding.rule.name, &self.document.text, finding.span);
        let about = finding.citations.first().and_then(|index| citations.get(*index));
        let markup = about.filter(|citation| citation.span == finding.span).and_then(|citation| citation.source);
        let source = markup.unwrap_or_else(|| self.document.source_span(finding.span));
        let place = self.document.place(source, self.lines());
        let line = self.lines().line_range(&self.document.source, place.start.line);
        let excerpt = Some(Excerpt::of(&self.document.source, line, source.range()));
        let related = finding.related.iter().map(|other| self.place(other.span)).collect();
        let edited = edited(self.document, &finding);
        PlacedFinding { finding, place, related, excerpt, key, edited }
    }
}
