//! `html`: one page that holds everything, for editors. It asks nobody for
//! anything: style and script stand in it and are the only ones that its
//! content security policy lets run, by their digests; every word of an
//! article or a server is escaped, and a link goes to `http` or `https` or is
//! none.

mod article;

use std::io::{self, Write};

use crate::check::{DocumentReport, PlacedFinding};
use crate::finding::Severity;
use crate::rules::Reference;
use crate::verdict::Standing;

use super::escape::xml;
use super::{Past, RenderSettings, Report};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// SHA-256 of the two files in base64, for the policy; a test keeps them true.
const STYLE_DIGEST: &str = "3y0hxKydSsoZH6ouDy1672lllXNePaM6QKhvHZ2ueJY=";
const SCRIPT_DIGEST: &str = "YTPmWDDS612ygHS4dStcuOwjefLv36n8LOdenTkVNmw=";

/// The whole page.
pub(super) fn render(report: &Report, _: RenderSettings, out: &mut dyn Write) -> io::Result<()> {
    head(report, out)?;
    writeln!(out, "<main id=\"report\">")?;
    if !report.errors.is_empty() {
        writeln!(out, "<section aria-labelledby=\"unread\"><h2 id=\"unread\">Not read</h2><ul class=\"unread\">")?;
        for error in &report.errors {
            writeln!(out, "<li>{}: {}</li>", xml(&error.path), xml(&error.message))?;
        }
        writeln!(out, "</ul></section>")?;
    }
    if report.documents.len() > 1 {
        overview(report, out)?;
    }
    for (index, entry) in report.documents.iter().enumerate() {
        document(index, entry, out)?;
    }
    sources(report, out)?;
    writeln!(out, "</main>")?;
    writeln!(
        out,
        "<footer><p>{} {}. Keys: <kbd>/</kbd> search, <kbd>j</kbd> next finding, <kbd>k</kbd> previous, <kbd>Esc</kbd> clears.</p></footer>",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION")
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let totals = report.totals();
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_DIGEST}'; \
         script-src 'sha256-{SCRIPT_DIGEST}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>Citations: {} errors, {} warnings</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>",
        totals.errors, totals.warnings
    )?;
    writeln!(out, "<a class=\"skip\" href=\"#report\">Skip to the report</a>\n<header><div>")?;
    writeln!(
        out,
        "<h1>Citations <small>{} in {}, {}</small></h1>\n<div class=\"tools\" role=\"search\">",
        count(totals.citations, "citation"),
        count(totals.documents, "document"),
        count(report.references.len(), "source")
    )?;
    writeln!(
        out,
        "<input id=\"search\" type=\"search\" placeholder=\"Search findings and sources\" aria-label=\"Search findings and sources\">"
    )?;
    for (severity, number, name) in [
        (Severity::Error, totals.errors, "error"),
        (Severity::Warning, totals.warnings, "warning"),
        (Severity::Info, totals.infos, "note"),
    ] {
        let class = severity.name();
        let label = count(number, name);
        writeln!(
            out,
            "<button type=\"button\" class=\"{class}\" data-severity=\"{class}\" aria-pressed=\"true\">{label}</button>"
        )?;
    }
    writeln!(out, "<select id=\"verdict\" aria-label=\"Sources by verdict\"><option value=\"\">All sources</option>")?;
    for (name, number) in &totals.verdicts {
        writeln!(out, "<option value=\"{name}\">{name} ({number})</option>")?;
    }
    writeln!(out, "</select>\n<output id=\"count\" aria-live=\"polite\"></output>\n</div></div></header>")
}

fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

fn document(index: usize, document: &DocumentReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"document\" aria-labelledby=\"d{index}\"><h2 id=\"d{index}\">{}</h2>",
        xml(&document.path)
    )?;
    write!(out, "<p class=\"facts\">{}, {}", document.format.name(), count(document.citations.len(), "citation"))?;
    if document.suppressed > 0 {
        write!(out, ", {} kept quiet", count(document.suppressed as usize, "finding"))?;
    }
    writeln!(out, "</p>")?;
    for issue in &document.issues {
        writeln!(out, "<p class=\"facts cause\">Note: {}</p>", xml(&issue.message))?;
    }
    for (rank, diagnosed) in document.diagnoses.iter().enumerate() {
        let head = if rank == 0 { "Likely cause" } else { "Or" };
        let explained = count(diagnosed.explains.len(), "finding");
        writeln!(
            out,
            "<p class=\"facts cause\">{head}: {} (explains {explained})</p>",
            xml(diagnosed.diagnosis.process.summary())
        )?;
    }
    if document.findings.is_empty() {
        return writeln!(out, "<p class=\"quiet\">Nothing found.</p></section>");
    }
    writeln!(out, "<div class=\"columns\">")?;
    match &document.text {
        Some(text) => article::write(index, document, text, out)?,
        None => writeln!(out, "<div></div>")?,
    }
    writeln!(out, "<ol class=\"findings\">")?;
    for (number, placed) in document.findings.iter().enumerate() {
        finding(&id(index, number), document, placed, out)?;
    }
    writeln!(out, "</ol></div></section>")
}

/// Where the findings are, document by document.
fn overview(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<nav class=\"overview\" aria-label=\"Documents\"><table><thead><tr><th scope=\"col\">Document</th>"
    )?;
    writeln!(
        out,
        "<th scope=\"col\" class=\"number\">Errors</th><th scope=\"col\" class=\"number\">Warnings</th><th scope=\"col\" class=\"number\">Notes</th></tr></thead><tbody>"
    )?;
    for (index, document) in report.documents.iter().enumerate() {
        write!(out, "<tr><td><a href=\"#d{index}\">{}</a></td>", xml(&document.path))?;
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            let number = document.findings.iter().filter(|placed| placed.finding.severity == severity).count();
            let class = if number == 0 { "none" } else { severity.name() };
            write!(out, "<td class=\"number {class}\">{number}</td>")?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></nav>")
}

/// The name of a finding in the page.
fn id(document: usize, finding: usize) -> String {
    format!("f{document}-{finding}")
}

fn finding(id: &str, document: &DocumentReport, placed: &PlacedFinding, out: &mut dyn Write) -> io::Result<()> {
    let found = &placed.finding;
    let severity = found.severity.name();
    let named = if found.severity == Severity::Info { "note" } else { severity };
    let place = placed.place.start;
    writeln!(
        out,
        "<li class=\"finding {severity}\" id=\"{id}\" data-severity=\"{severity}\" tabindex=\"0\"><div class=\"head\">\
         <span class=\"rule\">{}</span><span>{named}</span><span>line {}, column {}</span></div><p>{}</p>",
        found.rule.name,
        place.line,
        place.column,
        xml(&found.message)
    )?;
    if document.text.is_none()
        && let Some(excerpt) = &placed.excerpt
    {
        let (before, marked, after) = (xml(&excerpt.before), xml(&excerpt.marked), xml(&excerpt.after));
        writeln!(out, "<p>{before}<mark class=\"{severity}\">{marked}</mark>{after}</p>")?;
    }
    if let Some(best) = found.lost.and_then(|lost| lost.best) {
        writeln!(out, "<p class=\"quiet\">About {best} characters are lost.</p>")?;
    }
    if let Some(index) = found.resolution {
        writeln!(out, "<p><a href=\"#s{index}\">The source and what it answered</a></p>")?;
    }
    writeln!(out, "<details><summary>Evidence</summary><dl>")?;
    for fact in &found.evidence {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", fact.kind, xml(&fact.text))?;
    }
    let confidence = found.confidence.as_fraction();
    writeln!(
        out,
        "<dt>confidence</dt><dd>{confidence:.2}</dd><dt>key</dt><dd>{}</dd></dl></details></li>",
        placed.key.as_str()
    )
}

fn sources(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.references.is_empty() {
        return Ok(());
    }
    let has_history = !report.histories.is_empty();
    writeln!(out, "<section aria-labelledby=\"sources\"><h2 id=\"sources\">Sources</h2><table><thead><tr>")?;
    writeln!(out, "<th scope=\"col\">Verdict</th><th scope=\"col\">Source</th><th scope=\"col\">Why</th>")?;
    writeln!(out, "{}</tr></thead><tbody>", if has_history { "<th scope=\"col\">History</th>" } else { "" })?;
    let mut order: Vec<(usize, &Reference)> = report.references.iter().enumerate().collect();
    order.sort_by_key(|(index, reference)| (std::cmp::Reverse(rank(reference.verdict.standing)), *index));
    for (index, reference) in order {
        source(index, reference, report.histories.get(&index), has_history, out)?;
    }
    writeln!(out, "</tbody></table></section>")
}

fn source(
    index: usize,
    reference: &Reference,
    history: Option<&Vec<Past>>,
    has_history: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let standing = reference.verdict.standing;
    let observation = &reference.observation;
    let name = standing.name();
    writeln!(
        out,
        "<tr id=\"s{index}\" data-verdict=\"{name}\"><td class=\"verdict\"><span class=\"badge {}\">{name}</span></td><td>",
        class(standing)
    )?;
    link(observation.probe.url.as_str(), out)?;
    if observation.final_url != observation.probe.url {
        write!(out, " → ")?;
        link(observation.final_url.as_str(), out)?;
    }
    if let Some(title) = observation.page().and_then(|page| page.title.as_deref()) {
        write!(out, "<span class=\"title\">{}</span>", xml(title))?;
    }
    writeln!(out, "</td><td><details><summary>{}</summary><dl>", xml(reference.verdict.reason))?;
    for fact in &reference.verdict.evidence {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", fact.kind, xml(&fact.text))?;
    }
    if observation.attempts > 0 {
        writeln!(out, "<dt>checked</dt><dd>{}</dd>", observation.at)?;
    }
    writeln!(out, "</dl></details></td>")?;
    if has_history {
        write!(out, "<td>")?;
        sparkline(history.map(Vec::as_slice).unwrap_or_default(), out)?;
        write!(out, "</td>")?;
    }
    writeln!(out, "</tr>")
}

/// A link where the address is one of the web, else its text.
fn link(url: &str, out: &mut dyn Write) -> io::Result<()> {
    let shown = xml(url);
    if url.starts_with("http://") || url.starts_with("https://") {
        write!(out, "<a href=\"{shown}\" rel=\"noreferrer noopener\" target=\"_blank\">{shown}</a>")
    } else {
        write!(out, "{shown}")
    }
}

/// Checks shown in a sparkline, the latest.
const CHECKS: usize = 24;

/// One bar per check, oldest first; the taller, the better it stood.
fn sparkline(history: &[Past], out: &mut dyn Write) -> io::Result<()> {
    let latest = history.get(history.len().saturating_sub(CHECKS)..).unwrap_or_default();
    let (Some(first), Some(last)) = (latest.first(), latest.last()) else { return Ok(()) };
    let good = latest.iter().filter(|past| rank(past.standing) == 0).count();
    let label = format!("{good} of {} checks good, from {} to {}", latest.len(), first.at, last.at);
    write!(
        out,
        "<svg class=\"history\" viewBox=\"0 0 {} 16\" preserveAspectRatio=\"xMinYMid\" role=\"img\" aria-label=\"{label}\"><title>{label}</title>",
        CHECKS * 5
    )?;
    for (index, past) in latest.iter().enumerate() {
        let height = 16 - 3 * rank(past.standing);
        let (x, y) = (index * 5, 16 - height);
        write!(out, "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"4\" height=\"{height}\"/>", class(past.standing))?;
    }
    write!(out, "</svg>")
}

/// How bad a standing is, 0 to 3, as the link rules see it.
fn rank(standing: Standing) -> u8 {
    match class(standing) {
        "error" => 3,
        "warning" => 2,
        "info" => 1,
        _ => 0,
    }
}

/// The style of a standing: that of the rule which reports it.
fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Alive => "good",
        Standing::Gone | Standing::HostGone | Standing::SoftNotFound | Standing::HomeRedirect | Standing::Parked => {
            "error"
        }
        Standing::ServerError | Standing::Tls | Standing::Timeout | Standing::Unreachable => "warning",
        _ => "info",
    }
}
