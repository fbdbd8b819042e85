//! What is offered beside findings, once the run knows it: the page that a bare
//! domain may stand for, and captures of what is gone. Nothing is done unasked:
//! such a fix is one choice among several, or one that only `--unsafe` makes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use url::Url;

use crate::citation::{Address, Citation, Kind};
use crate::document::Format;
use crate::finding::{Alternative, Evidence, Family, Fix, Provenance};
use crate::rules::Reference;
use crate::search::{Answer, Capture, Proposal};
use crate::text::{Edit, EditSet, OriginSpan, SourceSpan};

use super::{Cited, DocumentReport, PlacedFinding};

/// The rule whose findings are about bare domains.
const SITE_ONLY: &str = "reference/site-only";

/// Other links to a site that are named beside a finding.
const MOST_LINKS: usize = 5;

/// Offers what the run itself knows: the address that another copy of the
/// article gives for the same words, and the article's other links to the site.
pub fn offer_known_pages(documents: &mut [DocumentReport]) {
    let copies = copies(documents);
    for (index, document) in documents.iter_mut().enumerate() {
        let mut offers: Vec<(usize, Evidence, Option<Url>)> = Vec::new();
        for passage in &document.bare.passages {
            let site = document.citations.get(passage.citation).and_then(site_of);
            let key = passage.context.zip(site);
            let known = key.and_then(|key| copies.get(&key)).into_iter().flatten();
            let known: Vec<&(usize, String, Url)> = known.filter(|(document, ..)| *document != index).collect();
            let urls: BTreeSet<&Url> = known.iter().map(|(.., url)| url).collect();
            for (_, place, url) in &known {
                let text = format!("behind the same words {place} cites {url}");
                let only = (urls.len() == 1).then(|| url.clone());
                offers.push((passage.citation, Evidence::new("same-passage", text), only));
            }
        }
        for (citation, evidence, url) in offers {
            offer_page(document, citation, vec![evidence], url.as_ref());
        }
        offer_links(document);
    }
}

/// For the words before a citation and the site it cites: which document gives
/// which address, and where.
type Copies = HashMap<(u64, String), Vec<(usize, String, Url)>>;

fn copies(documents: &[DocumentReport]) -> Copies {
    let mut copies = Copies::new();
    for (index, document) in documents.iter().enumerate() {
        for (context, citation) in &document.bare.contexts {
            let Some(cited) = document.cited.get(*citation) else { continue };
            let Some(citation) = document.citations.get(*citation) else { continue };
            let url = citation.target.as_ref().and_then(|target| target.address.as_ref()?.to_url());
            let (Some(site), Some(url)) = (site_of(citation), url) else { continue };
            let place = format!("{}:{}:{}", document.path, cited.place.start.line, cited.place.start.column);
            copies.entry((*context, site)).or_default().push((index, place, url));
        }
    }
    copies
}

/// The registrable domain that a citation leads to.
fn site_of(citation: &Citation) -> Option<String> {
    Some(citation.target.as_ref()?.host.as_ref()?.registrable().to_owned())
}

/// The article's other links to each site that it also cites without a page.
fn offer_links(document: &mut DocumentReport) {
    if !document.findings.iter().any(|placed| placed.finding.rule.name == SITE_ONLY) {
        return;
    }
    let mut links: BTreeMap<String, Vec<(Address, String)>> = BTreeMap::new();
    for (citation, cited) in document.citations.iter().zip(&document.cited) {
        let Some(target) = citation.target.as_ref().filter(|target| !target.site_only) else { continue };
        let address = target.address.as_ref().filter(|address| address.names_page());
        let (Some(site), Some(address)) = (site_of(citation), address) else { continue };
        let known = links.entry(site).or_default();
        if !known.iter().any(|(link, _)| link == address) {
            known.push((address.clone(), format!("{}:{}", cited.place.start.line, cited.place.start.column)));
        }
    }
    let citations = &document.citations;
    for placed in document.findings.iter_mut().filter(|placed| placed.finding.rule.name == SITE_ONLY) {
        let first = placed.finding.citations.first().and_then(|index| citations.get(*index));
        let known = first.and_then(site_of).and_then(|site| links.get(&site));
        for (address, place) in known.into_iter().flatten().take(MOST_LINKS) {
            let text = format!("the article links to {} of this site at {place}", address.as_str());
            placed.finding.evidence.push(Evidence::new("same-site-link", text));
        }
    }
}

/// Offers what was found on the sites: for a citation of a document, a page or
/// the reason why there is none.
pub fn offer_found_pages(documents: &mut [DocumentReport], answers: Vec<(usize, usize, Answer)>) {
    for (document, citation, answer) in answers {
        let Some(document) = documents.get_mut(document) else { continue };
        let place = document.cited.get(citation).map(|cited| cited.place.start);
        let place = place.map_or_else(String::new, |place| format!("{}:{}", place.line, place.column));
        match answer {
            Answer::Proposed(proposal) => {
                let evidence = in_words(&proposal, &place);
                offer_page(document, citation, evidence, Some(&proposal.url));
            }
            Answer::Abstained(why) => {
                let evidence = Evidence::new("no-page-proposed", format!("for the citation at {place}: {why}"));
                offer_page(document, citation, vec![evidence], None);
            }
        }
    }
}

fn in_words(proposal: &Proposal, place: &str) -> Vec<Evidence> {
    let mut text = format!("{} is likely to be meant at {place}", proposal.url);
    if let Some(title) = proposal.title.as_deref().filter(|title| !title.is_empty()) {
        text += &format!(": “{title}”");
    }
    text += &format!(", published by {}", proposal.published);
    let mut evidence = vec![Evidence::new("proposed-page", text)];
    let quotations = proposal.quotations.iter();
    evidence.extend(quotations.map(|quotation| Evidence::new("it-quotes", format!("it holds “{quotation}”"))));
    if !proposal.atoms.is_empty() {
        evidence.push(Evidence::new("it-names", format!("it holds {}", proposal.atoms.join("; "))));
    }
    evidence.extend(proposal.passage.iter().map(|link| Evidence::new("passage", link.as_str())));
    if let Some((url, tenths)) = &proposal.next {
        let text = match tenths {
            Some(tenths) => format!("it matches {}.{} times as well as {url}", tenths / 10, tenths % 10),
            None => format!("{url} was read as well and holds nothing of it"),
        };
        evidence.push(Evidence::new("next-best", text));
    }
    evidence
}

/// Adds evidence to the finding about a bare domain, and the choice to write
/// `url` there.
fn offer_page(document: &mut DocumentReport, citation: usize, evidence: Vec<Evidence>, url: Option<&Url>) {
    let edit = url.and_then(|url| page_edit(document, citation, url));
    let is_about = |placed: &&mut PlacedFinding| {
        placed.finding.rule.name == SITE_ONLY && placed.finding.citations.contains(&citation)
    };
    let Some(placed) = document.findings.iter_mut().find(is_about) else { return };
    placed.finding.evidence.extend(evidence);
    let (Some((edit, origin)), Some(url)) = (edit, url) else { return };
    let Some(edits) = EditSet::new(vec![edit]) else { return };
    let title = format!("link to {url}");
    let fix = placed.finding.fix.get_or_insert_with(|| {
        placed.edited = vec![Vec::new()];
        Fix::new(Provenance::Candidates, "link to the page, if it is the one that is meant", EditSet::default())
    });
    if !fix.alternatives.iter().any(|known| known.edits == edits) {
        fix.alternatives.push(Alternative { title, edits, provenance: Provenance::Candidates });
        placed.edited.push(vec![origin]);
    }
}

/// The edit that makes a link of a label, in the words of its format.
fn page_edit(document: &DocumentReport, citation: usize, url: &Url) -> Option<(Edit, OriginSpan)> {
    let (cited, citation) = (document.cited.get(citation)?, document.citations.get(citation)?);
    let host = citation.target.as_ref()?.host.as_ref().filter(|_| citation.kind == Kind::DomainLabel)?;
    let at = cited.text.to_ascii_lowercase().find(&host.ascii)?;
    let written = cited.text.get(at..at + host.ascii.len())?;
    let address = document.format.spell(url);
    let replacement = match document.format {
        Format::Markdown => format!("[{written}]({address})"),
        Format::Html => format!("<a href=\"{address}\">{written}</a>"),
        Format::Plain => address,
        Format::Export => return None,
    };
    edit_in(cited, at, written.len(), replacement)
}

/// An edit within a citation, and its bytes on disk; `None` where those are not
/// the bytes of the text.
fn edit_in(cited: &Cited, at: usize, length: usize, replacement: String) -> Option<(Edit, OriginSpan)> {
    let origin = cited.place.origin;
    let is_same = (origin.end - origin.start) as usize == cited.text.len();
    let start = cited.source.range().start + at;
    let span = SourceSpan::from_range(start..start + length);
    let shift = |offset: usize| u32::try_from(offset).ok().map(|offset| origin.start + offset);
    let origin = OriginSpan { start: shift(at)?, end: shift(at + length)? };
    is_same.then(|| (Edit::new(span, replacement), origin))
}

/// Offers the captures nearest to the article's date for links that do not
/// work.
pub fn offer_captures(document: &mut DocumentReport, references: &[Reference]) {
    let mut findings = std::mem::take(&mut document.findings);
    for placed in findings.iter_mut().filter(|placed| placed.finding.rule.family == Family::Link) {
        let reference = placed.finding.resolution.and_then(|index| references.get(index));
        let Some((reference, archived)) = reference.and_then(|found| Some((found, found.archived.as_ref()?))) else {
            continue;
        };
        let Some(capture) = archived.nearest(document.date) else { continue };
        let is_until = document.date.is_some_and(|date| capture.taken.date() <= date);
        placed.finding.evidence.push(Evidence::new("capture", offered(capture, document.date)));
        if is_until {
            offer_capture(document, placed, &reference.observation.probe.url, capture);
        }
    }
    document.findings = findings;
}

fn offered(capture: &Capture, date: Option<Date>) -> String {
    let day = capture.taken.date();
    let when = match date {
        None => "the article's date is not known, --date says it".to_owned(),
        Some(date) if day <= date => format!("the last one until the article of {date}"),
        Some(date) => format!("only after the article of {date}"),
    };
    format!("{} was captured on {day}, {when}", capture.url)
}

/// The edits that write the capture's address wherever the dead one stands
/// letter for letter.
fn offer_capture(document: &DocumentReport, placed: &mut PlacedFinding, dead: &Url, capture: &Capture) {
    let address = document.format.spell(&capture.url);
    let (mut edits, mut origins) = (Vec::new(), Vec::new());
    for cited in placed.finding.citations.iter().filter_map(|index| document.cited.get(*index)) {
        let Some((at, length)) = written_address(&cited.text, dead.as_str()) else { continue };
        if let Some((edit, origin)) = edit_in(cited, at, length, address.clone()) {
            edits.push(edit);
            origins.push(origin);
        }
    }
    let Some(edits) = EditSet::new(edits).filter(|edits| !edits.edits().is_empty()) else { return };
    let title = format!("link to the capture of {}", capture.taken.date());
    placed.finding.fix = Some(Fix::new(Provenance::Capture, title, edits));
    placed.edited = vec![origins];
}

/// Where an address stands in a citation, with the fragment that follows it.
fn written_address(text: &str, address: &str) -> Option<(usize, usize)> {
    let at = text.rfind(address)?;
    let behind = text.get(at + address.len()..)?;
    let fragment = behind.strip_prefix('#').map_or(0, |rest| {
        let is_of_address = |c: char| c.is_alphanumeric() || "-_.~%/?:=&+!".contains(c);
        1 + rest.find(|c| !is_of_address(c)).unwrap_or(rest.len())
    });
    // A longer address is another one.
    let is_longer = behind.starts_with(|c: char| c.is_alphanumeric() || "/-_?=&%~+".contains(c));
    (!is_longer).then_some((at, address.len() + fragment))
}
