//! Links that stay at home: to a place in the same document, to another file
//! beside it. They are checked without the network. Which files there are is a
//! fact that comes from outside; what a link means is decided here.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;

use crate::document::{BlockKind, Document, Format, Place};
use crate::finding::KeyMaker;
use crate::rules::{Check, LocalContext, LocalFault, MissingLocal};
use crate::text::Span;

use super::{CheckSettings, DocumentReport, PlacedFinding};

/// The links of a document that stay at home, and the places in it that links
/// may lead to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LocalLinks {
    /// The links, in order.
    links: Vec<LocalLink>,
    /// The places in the document.
    anchors: Anchors,
}

/// The places of a document that a fragment may name: ids, names, and headings
/// as GitHub names them. Sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Anchors(Vec<String>);

impl Anchors {
    fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }
}

/// One link that stays at home.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LocalLink {
    span: Span,
    place: Place,
    /// As written.
    written: String,
    /// The file it leads to, slashes between its parts; `None` for the
    /// document itself.
    path: Option<String>,
    /// The place in it, percent-decoded.
    anchor: Option<String>,
}

/// What is known of files: those that were given, and those that were looked
/// up and are not there.
#[derive(Debug, Default)]
pub struct LocalFiles {
    /// The anchors of each document that was given, by its path.
    pub anchors: HashMap<String, Anchors>,
    /// Paths where nothing is.
    pub missing: HashSet<String>,
}

/// Finds the local links of a document; `path` is its name.
pub(super) fn find(path: &str, document: &Document, place: &dyn Fn(&crate::document::Link) -> Place) -> LocalLinks {
    // What comes over standard input or the web has no neighbours.
    let folder =
        (path != "-" && !path.contains("://")).then(|| path.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder));
    let read = |link: &crate::document::Link| {
        let (file, anchor) = link
            .destination
            .split_once('#')
            .map_or((link.destination.as_str(), None), |(file, anchor)| (file, Some(anchor)));
        let file = file.split('?').next().unwrap_or_default();
        let path = if file.is_empty() { None } else { Some(join(folder?, &decode(file))?) };
        Some(LocalLink {
            span: link.span,
            place: place(link),
            written: link.destination.clone(),
            path,
            anchor: anchor.map(decode).filter(|anchor| !anchor.is_empty()),
        })
    };
    let links: Vec<LocalLink> =
        document.links.iter().filter(|link| is_local(&link.destination)).filter_map(read).collect();
    LocalLinks { links, anchors: anchors_of(document) }
}

/// Whether a destination leads to a file or place beside the document. One
/// that begins with a slash means the root of a site, which is not here.
fn is_local(destination: &str) -> bool {
    !destination.is_empty()
        && !has_scheme(destination)
        && !destination.starts_with(['/', '\\', '?'])
        && !destination.starts_with("www.")
        && !destination.contains(['{', '}', '<', '>', '$', '\n', '\t'])
}

/// Whether an address names its scheme, and so stands alone (URL Standard,
/// "scheme start state"): spaces before it count for nothing.
fn has_scheme(address: &str) -> bool {
    let address = address.trim_start_matches(|c: char| c <= ' ');
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = address.bytes().take_while(is_of_name).count();
    address.starts_with(|c: char| c.is_ascii_alphabetic()) && address.as_bytes().get(length) == Some(&b':')
}

/// `file` seen from `folder`, without dots; `None` where it climbs out of what
/// the folder's own path shows.
fn join(folder: &str, file: &str) -> Option<String> {
    let root = if folder.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split(['/', '\\']).chain(file.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().filter(|part| *part != "..")?;
            }
            _ => parts.push(part),
        }
    }
    Some(format!("{root}{}", parts.join("/")))
}

/// The same path whatever its dots: the key of [`LocalFiles`].
fn normal(path: &str) -> String {
    join("", path)
        .map_or_else(|| path.to_owned(), |normal| if path.starts_with('/') { format!("/{normal}") } else { normal })
}

fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Every place of a document that a fragment may name.
fn anchors_of(document: &Document) -> Anchors {
    let mut anchors: Vec<String> = Vec::new();
    if document.format != Format::Html {
        let headings = document.blocks.iter().filter(|block| block.kind == BlockKind::Heading);
        let texts = headings.map(|heading| heading.span.slice(&document.text));
        anchors.extend(texts.clone().map(slug));
        anchors.sort_unstable();
        // The second heading of a name is `name-1`.
        let repeats: Vec<String> = anchors
            .chunk_by(|one, other| one == other)
            .flat_map(|same| same.iter().enumerate().skip(1).map(|(count, name)| format!("{name}-{count}")))
            .collect();
        anchors.extend(repeats);
        // `## Title {#name}`, as Pandoc and Hugo have it.
        let named = |text: &str| Some(text.trim_end().strip_suffix('}')?.rsplit_once("{#")?.1.to_owned());
        anchors.extend(texts.filter_map(named));
    }
    anchors.extend(document.anchors.iter().cloned());
    anchors.sort_unstable();
    anchors.dedup();
    Anchors(anchors)
}

/// A heading's name as GitHub makes it: lower-case, spaces as hyphens, without
/// punctuation (github/html-pipeline, `TableOfContentsFilter`).
fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars() {
        match c {
            ' ' | '\n' => slug.push('-'),
            'a'..='z' | '0'..='9' | '-' | '_' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if c.is_ascii() => {}
            _ if c.is_alphanumeric() || is_mark(c) => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0900}'..='\u{0903}' | '\u{093A}'..='\u{094F}')
}

/// The files that links of the given documents lead to and that were not
/// given themselves, each with the document that links to it.
#[must_use]
pub fn wanted_files(reports: &[DocumentReport], files: &LocalFiles) -> Vec<(String, String)> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    let mut seen = HashSet::new();
    for report in reports {
        for path in report.local.links.iter().filter_map(|link| link.path.as_ref()) {
            if !files.anchors.contains_key(path) && seen.insert(path.clone()) {
                wanted.push((path.clone(), report.path.clone()));
            }
        }
    }
    wanted
}

/// The anchors of the documents that were given and that others link to.
#[must_use]
pub fn given_files(reports: &[DocumentReport]) -> LocalFiles {
    if reports.iter().all(|report| report.local.links.iter().all(|link| link.path.is_none())) {
        return LocalFiles::default();
    }
    let anchors = reports.iter().map(|report| (normal(&report.path), report.local.anchors.clone())).collect();
    LocalFiles { anchors, missing: HashSet::new() }
}

/// Adds what the rules say of local links.
pub fn check_local(report: &mut DocumentReport, files: &LocalFiles, settings: &CheckSettings) {
    let missing: Vec<(MissingLocal, Place)> = report
        .local
        .links
        .iter()
        .filter_map(|link| {
            let fault = fault(link, &report.local.anchors, files)?;
            Some((MissingLocal { span: link.span, written: link.written.clone(), fault }, link.place))
        })
        .collect();
    if missing.is_empty() {
        return;
    }
    let (missing, places): (Vec<MissingLocal>, Vec<Place>) = missing.into_iter().unzip();
    let context = LocalContext { missing: &missing, is_markdown: report.format != Format::Html };
    let mut keys = KeyMaker::default();
    for rule in settings.rules_for(&report.path).iter() {
        let Check::Local(check) = rule.check else { continue };
        let mut findings = Vec::new();
        check(&context, &mut findings);
        for (finding, place) in findings.into_iter().zip(&places) {
            let written =
                missing.iter().find(|link| link.span == finding.span).map_or("", |link| link.written.as_str());
            let key = keys.key(finding.rule.name, written, Span::from_range(0..written.len()));
            if settings.min_confidence <= finding.confidence {
                report.findings.push(PlacedFinding::alone(finding, *place, key));
            }
        }
    }
    report.sort_findings();
}

fn fault(link: &LocalLink, own: &Anchors, files: &LocalFiles) -> Option<LocalFault> {
    let anchors = match &link.path {
        None => own,
        Some(path) if files.missing.contains(path) => return Some(LocalFault::NoFile),
        // A file that was not given is not read.
        Some(path) => files.anchors.get(path)?,
    };
    let anchor = link.anchor.as_ref()?;
    let is_there = anchors.contains(anchor)
        || anchors.contains(&anchor.to_lowercase())
        || anchor.strip_prefix("user-content-").is_some_and(|name| anchors.contains(name))
        || anchor.eq_ignore_ascii_case("top")
        || anchor.starts_with(['/', '!', ':'])
        || anchor.contains('=')
        || anchor.strip_prefix(['l', 'L']).is_some_and(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    (!is_there).then_some(LocalFault::NoAnchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_named_as_github_names_them() {
        for (heading, expected) in [
            ("What it finds", "what-it-finds"),
            ("`check --format json`: how?", "check---format-json-how"),
            ("Über den Fluß (1)", "über-den-fluß-1"),
            ("北约 2%", "北约-2"),
            ("snake_case & more", "snake_case--more"),
        ] {
            assert_eq!(slug(heading), expected);
        }
    }

    #[test]
    fn paths_are_joined_and_never_climb_out() {
        for (folder, file, expected) in [
            ("docs", "a.md", Some("docs/a.md")),
            ("docs", "../a.md", Some("a.md")),
            ("", "./x/../a.md", Some("a.md")),
            ("/srv/docs", "../a.md", Some("/srv/a.md")),
            ("docs", "../../a.md", None),
            ("", "../../etc/passwd", None),
        ] {
            assert_eq!(join(folder, file).as_deref(), expected, "{folder} {file}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_not_local() {
        for destination in
            ["https://a.org", "mailto:a@b.org", "/root", "//a.org", "{{ page }}", "www.a.org", "", "tel:1"]
        {
            assert!(!is_local(destination), "{destination}");
        }
        assert!(is_local("#part") && is_local("a.md#part") && is_local("../img/x.png?raw=1"));
    }
}
