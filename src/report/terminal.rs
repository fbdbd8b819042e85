//! The report that people read: the damaged line with the place underlined,
//! the sources grouped by verdict, one line of summary.
//!
//! Articles hold paragraphs of thousands of characters on one line, so only a
//! window around each place is shown; columns are those of the file.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::check::{DocumentReport, Excerpt, PlacedFinding, Role};
use crate::citation::Address;
use crate::finding::{Lost, Severity};
use crate::rules::Reference;
use crate::verdict::Standing;

use super::{RenderSettings, Report, printable};

/// Writes the report for a terminal, or plain where colour is off.
pub(super) fn render(report: &Report, settings: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    let style = Style { on: settings.color };
    for document in &report.documents {
        if settings.citations_only {
            list_citations(document, style, out)?;
        } else {
            document_findings(document, settings, style, out)?;
        }
    }
    if settings.quiet {
        return Ok(());
    }
    if !settings.citations_only {
        sources(report, settings, style, out)?;
    }
    if let Some(timing) = report.timing.filter(|timing| timing.requests > 0) {
        let seconds = |time: std::time::Duration| time.as_secs_f64();
        let s = if timing.requests == 1 { "" } else { "s" };
        let (elapsed, optimum) = (seconds(timing.elapsed), seconds(timing.optimum));
        let beside = match timing.beside {
            0 => String::new(),
            beside => format!(", {beside} of them for no source itself,"),
        };
        writeln!(out, "{} request{s}{beside} in {elapsed:.1} s; the limits allow {optimum:.1} s", timing.requests)?;
    }
    writeln!(out, "{}", summary(report, settings))
}

const RED: &str = "1;31";
const YELLOW: &str = "1;33";
const BLUE: &str = "1;34";
const GREEN: &str = "1;32";
const BOLD: &str = "1";

#[derive(Clone, Copy)]
struct Style {
    on: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn severity(severity: Severity) -> &'static str {
        match severity {
            Severity::Error => RED,
            Severity::Warning => YELLOW,
            Severity::Info => BLUE,
        }
    }
}

fn document_findings(
    document: &DocumentReport,
    settings: RenderSettings,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(facts) = document.export.as_ref().filter(|_| settings.verbose) {
        for measured in &facts.measured {
            writeln!(out, "{}: {}: {}", style.paint(BOLD, "export"), facts.vendor.title, measured.describe())?;
        }
    }
    for issue in &document.issues {
        let place =
            issue.place.map_or_else(String::new, |place| format!(":{}:{}", place.start.line, place.start.column));
        writeln!(
            out,
            "{}: {}{place}: {}",
            style.paint(BOLD, "note"),
            printable(&document.path),
            printable(&issue.message)
        )?;
    }
    for placed in &document.findings {
        let has_offer = placed.finding.evidence.iter().any(|fact| OFFERS.contains(&fact.kind));
        if settings.verbose || placed.finding.severity > Severity::Info || has_offer {
            finding(document, placed, settings, style, out)?;
        }
    }
    causes(document, style, out)
}

/// Facts that an editor looks for: they are shown whatever the finding.
const OFFERS: [&str; 6] = ["proposed-page", "it-quotes", "it-names", "next-best", "same-passage", "capture"];

/// What explains several findings at once; of processes that tie, each.
fn causes(document: &DocumentReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (rank, diagnosed) in document.diagnoses.iter().enumerate() {
        let head = if rank == 0 { "likely cause" } else { "or" };
        let diagnosis = &diagnosed.diagnosis;
        write!(out, "{}: {}", style.paint(BOLD, head), diagnosis.process.summary())?;
        for parameter in &diagnosis.parameters {
            let (least, most) = (parameter.range.start(), parameter.range.end());
            write!(out, "; {} {}", parameter.name.replace('_', " "), parameter.best)?;
            if least < most {
                write!(out, ", between {least} and {most}")?;
            }
        }
        let count = diagnosed.explains.len();
        writeln!(out, " (explains {count} finding{})", if count == 1 { "" } else { "s" })?;
    }
    if document.diagnoses.is_empty() { Ok(()) } else { writeln!(out) }
}

fn finding(
    document: &DocumentReport,
    placed: &PlacedFinding,
    settings: RenderSettings,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let found = &placed.finding;
    let head = format!("{}[{}]", found.severity.name(), found.rule.name);
    let code = Style::severity(found.severity);
    writeln!(out, "{}: {}", style.paint(code, &head), printable(&found.message))?;
    let margin = placed.place.start.line.to_string().len();
    let place = format!("{}:{}:{}", printable(&document.path), placed.place.start.line, placed.place.start.column);
    writeln!(out, "{:margin$}{} {place}", "", style.paint(BLUE, "-->"))?;
    let bar = style.paint(BLUE, "|");
    if let Some(excerpt) = &placed.excerpt {
        let (line, indent, width) = window(excerpt);
        let number = style.paint(BLUE, &placed.place.start.line.to_string());
        writeln!(out, "{:margin$} {bar}", "")?;
        writeln!(out, "{number} {bar} {line}")?;
        writeln!(out, "{:margin$} {bar} {:indent$}{}", "", "", style.paint(code, &"^".repeat(width.max(1))))?;
    }
    let equals = style.paint(BLUE, "=");
    if let Some(Lost { min: Some(least), max: Some(most), best: Some(best) }) = found.lost {
        writeln!(out, "{:margin$} {equals} about {best} characters are lost, between {least} and {most}", "")?;
    }
    for (related, place) in found.related.iter().zip(&placed.related) {
        writeln!(
            out,
            "{:margin$} {equals} {}: {}:{}",
            "",
            printable(&related.message),
            place.start.line,
            place.start.column
        )?;
    }
    for fact in &found.evidence {
        // What a quotation's source says is the finding itself.
        let is_shown = matches!(fact.kind, "source" | "passage" | "archive") || OFFERS.contains(&fact.kind);
        if settings.verbose || is_shown {
            writeln!(out, "{:margin$} {equals} {}: {}", "", fact.kind, printable(&fact.text))?;
        }
    }
    if settings.verbose {
        writeln!(out, "{:margin$} {equals} confidence: {:.2}", "", found.confidence.as_fraction())?;
    }
    writeln!(out)
}

/// The line to show, the columns before the mark, and the mark's own.
fn window(excerpt: &Excerpt) -> (String, usize, usize) {
    let before = format!("{}{}", if excerpt.cut_before { "… " } else { "" }, printable(&excerpt.before));
    let marked = printable(&excerpt.marked);
    let after = printable(&excerpt.after);
    let line = format!("{before}{marked}{after}{}", if excerpt.cut_after { " …" } else { "" });
    (line, before.width(), marked.width())
}

fn list_citations(document: &DocumentReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (citation, cited) in document.citations.iter().zip(&document.cited) {
        let place = format!("{}:{}:{}", printable(&document.path), cited.place.start.line, cited.place.start.column);
        let goal = citation.target.as_ref().and_then(|target| target.address.as_ref()).map_or("", Address::as_str);
        let role = if cited.role == Role::Genuine {
            String::new()
        } else {
            format!(" [{}]", style.paint(RED, cited.role.name()))
        };
        let text = cited.text.lines().next().unwrap_or_default();
        writeln!(
            out,
            "{place}: {} {}{role} {}",
            citation.kind.name(),
            style.paint(BOLD, &printable(text)),
            printable(goal)
        )?;
    }
    Ok(())
}

/// The order in which verdicts are listed: what needs a hand first.
const ORDER: [Standing; 17] = [
    Standing::Gone,
    Standing::HostGone,
    Standing::SoftNotFound,
    Standing::HomeRedirect,
    Standing::Parked,
    Standing::ServerError,
    Standing::Tls,
    Standing::Timeout,
    Standing::Unreachable,
    Standing::Unknown,
    Standing::Blocked,
    Standing::Login,
    Standing::Paywall,
    Standing::Moved,
    Standing::Unsupported,
    Standing::NotChecked,
    Standing::Alive,
];

/// Sources listed for each verdict that needs no hand, unless all are wanted.
const FEW: usize = 10;

/// Why nothing could be asked from some moment on: one reason for all, and
/// said once.
const OF_THE_RUN: [(&str, &str); 3] =
    [("offline", "offline"), ("no-network", "no network"), ("interrupted", "interrupted")];

fn sources(report: &Report, settings: RenderSettings, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for standing in ORDER {
        let reason_of_run = |reference: &Reference| {
            let is_withheld = standing == Standing::NotChecked;
            OF_THE_RUN.iter().find(|(reason, _)| is_withheld && *reason == reference.verdict.reason)
        };
        let group: Vec<&Reference> =
            report.references.iter().filter(|reference| reference.verdict.standing == standing).collect();
        for reason in OF_THE_RUN.iter().map(Some).chain([None]) {
            let group: Vec<&Reference> =
                group.iter().copied().filter(|reference| reason_of_run(reference) == reason).collect();
            if !group.is_empty() {
                list_sources(standing, reason.map(|(_, why)| *why), &group, settings, style, out)?;
            }
        }
    }
    if report.references.is_empty() { Ok(()) } else { writeln!(out) }
}

/// The sources of one verdict; where `why` says why for all, without the
/// evidence of each, and only where all are wanted.
fn list_sources(
    standing: Standing,
    why: Option<&str>,
    group: &[&Reference],
    settings: RenderSettings,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_quiet = matches!(standing, Standing::Alive | Standing::NotChecked);
    let limit = match (settings.verbose, why, is_quiet) {
        (true, ..) => usize::MAX,
        (_, Some(_), _) => 0,
        (.., true) => FEW,
        _ => usize::MAX,
    };
    let code = match standing {
        Standing::Alive => GREEN,
        Standing::Gone | Standing::HostGone | Standing::SoftNotFound | Standing::HomeRedirect | Standing::Parked => RED,
        _ => YELLOW,
    };
    let reason = why.map_or_else(String::new, |why| format!(" ({why})"));
    writeln!(out, "{} {}{reason}", style.paint(code, standing.name()), group.len())?;
    for reference in group.iter().take(limit) {
        source(reference, why.is_none() && standing != Standing::Alive, out)?;
    }
    if limit > 0 && group.len() > limit {
        writeln!(out, "  … and {} more; --verbose lists them", group.len() - limit)?;
    }
    Ok(())
}

fn source(reference: &Reference, with_evidence: bool, out: &mut dyn Write) -> io::Result<()> {
    let observation = &reference.observation;
    write!(out, "  {}", printable(observation.probe.url.as_str()))?;
    if observation.final_url != observation.probe.url {
        write!(out, " → {}", printable(observation.final_url.as_str()))?;
    }
    if let Some(title) = observation.page().and_then(|page| page.title.as_deref()) {
        write!(out, " “{}”", printable(title))?;
    }
    if let Some(published) = observation.page().and_then(|page| page.published) {
        write!(out, " ({published})")?;
    }
    if with_evidence {
        write!(out, ": {}", printable(&reference.verdict.in_short()))?;
    }
    writeln!(out)
}

fn summary(report: &Report, settings: RenderSettings) -> String {
    let totals = report.totals();
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let mut line = format!("{}, {}", count(totals.documents, "document"), count(totals.citations, "citation"));
    if settings.citations_only {
        return line;
    }
    let quotations = totals.quotations.values().sum::<usize>();
    if quotations > 0 {
        let parts: Vec<String> =
            totals.quotations.iter().map(|(reading, number)| format!("{number} {reading}")).collect();
        line += &format!(", {} ({})", count(quotations, "quotation"), parts.join(", "));
    }
    line += &format!(", {}: ", count(report.references.len(), "source"));
    line += &format!(
        "{}, {}, {}",
        count(totals.errors, "error"),
        count(totals.warnings, "warning"),
        count(totals.infos, "note")
    );
    if totals.infos > 0 && !settings.verbose {
        line += " (--verbose shows the notes)";
    }
    if !report.errors.is_empty() {
        line += &format!("; {} could not be read", count(report.errors.len(), "input"));
    }
    line
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::render;
    use crate::report::{RenderSettings, Report};
    use crate::rules::Reference;
    use crate::verdict::{Observation, Probe, Withheld, judge};

    /// The report on sources that were withheld.
    fn sources(reasons: &[Withheld], settings: RenderSettings) -> String {
        let reference = |(index, why): (usize, &Withheld)| {
            let probe = Probe::new(format!("https://a{index}.org/").parse().unwrap());
            let observation = Observation::withheld(probe, *why, Timestamp::UNIX_EPOCH);
            let verdict = judge(&observation);
            Reference::new(observation, verdict)
        };
        let report = Report { references: reasons.iter().enumerate().map(reference).collect(), ..Report::default() };
        let mut out = Vec::new();
        render(&report, settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_holds_for_the_whole_run_is_said_once() {
        let reasons = [Withheld::NoNetwork, Withheld::AskedToWait, Withheld::NoNetwork, Withheld::Interrupted];
        let written = sources(&reasons, RenderSettings::default());
        let expected = "not-checked 2 (no network)\nnot-checked 1 (interrupted)\nnot-checked 1\n  https://a1.org/: ";
        assert!(written.starts_with(expected), "{written}");
        assert_eq!(written.matches("network").count(), 1, "{written}");
        let verbose = sources(&reasons, RenderSettings { verbose: true, ..RenderSettings::default() });
        assert_eq!(verbose.matches("network").count(), 1, "{verbose}");
        assert!(verbose.contains("  https://a0.org/\n  https://a2.org/\n"), "{verbose}");
    }
}
