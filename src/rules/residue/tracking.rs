//! Tracking parameters in cited addresses.

use std::collections::HashMap;

use url::Url;

use crate::citation::{Address, Citation, Kind};
use crate::finding::{Confidence, Evidence, Finding, Fix, Provenance};
use crate::rules::TextContext;
use crate::text::{Edit, EditSet, SourceSpan, offset};

rule! {
    /// # What it finds
    ///
    /// A cited address that carries parameters which only count visitors: `utm_source=chatgpt.com`, `fbclid`, `gclid`, `mc_eid`, …
    ///
    /// # Why it matters
    ///
    /// The parameter tells the site which tool or mailing the link was copied from, and makes two addresses of one page. It never leads anywhere else.
    ///
    /// # How it knows
    ///
    /// The names are those of well-known counters: everything that begins with `utm_`, the click identifiers of advertising networks and mailing services, and `ref_src=twsrc…`. A name that may mean something to the page (`ref`, `source`, `id`) is not among them.
    ///
    /// # Example
    ///
    ///     The quay was [raised](https://harbour.example.org/quay?utm_source=chatgpt.com) in May.
    ///
    /// # Repaired
    ///
    ///     The quay was [raised](https://harbour.example.org/quay) in May.
    ///
    /// The parameters go; every other byte of the address stays.
    ///
    /// # Limits
    ///
    /// A few pages answer differently to a counter's parameter. Follow the shorter address once before you print it.
    name: "residue/tracking", family: Residue, severity: Info,
    summary: "a tracking parameter left in a cited URL",
    check: Text(check),
}

const CERTAIN: Confidence = Confidence::from_thousandths(990);

/// Names of parameters that counters add, lower case. Sources: the public
/// documentation of each service; the lists that browsers strip by default
/// (Firefox's query stripping, Brave's) agree on all of them.
const COUNTERS: &[&str] = &[
    "__hsfp",
    "__hssc",
    "__hstc",
    "__s",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "dclid",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "hsctatracking",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "ml_subscriber",
    "ml_subscriber_hash",
    "msclkid",
    "oft_ck",
    "oft_id",
    "oft_k",
    "oft_lk",
    "oft_sk",
    "oly_anon_id",
    "oly_enc_id",
    "rb_clickid",
    "s_kwcid",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "yclid",
    "ysclid",
];

fn is_counter(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("utm_")
        || COUNTERS.binary_search(&name.as_str()).is_ok()
        || name == "ref_src" && value.starts_with("twsrc")
        || name == "referrer" && value == "grok.com"
}

fn check(context: &TextContext<'_>, findings: &mut Vec<Finding>) {
    // A note has its entry's address, and the entry has a finding of its own.
    let is_written = |citation: &Citation| !matches!(citation.kind, Kind::Footnote | Kind::Numeric);
    let mut definitions = None;
    for (index, citation) in context.citations.iter().enumerate().filter(|(_, citation)| is_written(citation)) {
        let address = citation.target.as_ref().and_then(|target| target.address.as_ref());
        let Some(url) = address.filter(|address| address.query().is_some()).and_then(Address::to_url) else { continue };
        let counters: Vec<String> = url
            .query_pairs()
            .filter(|(name, value)| is_counter(name, value))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if counters.is_empty() {
            continue;
        }
        let message =
            format!("the cited address carries {}, which counts visitors and leads nowhere", counters.join(", "));
        let mut finding = Finding::new(&META, citation.span, CERTAIN, message);
        finding.citations = vec![index];
        finding.evidence = counters.into_iter().map(|counter| Evidence::new("parameter", counter)).collect();
        finding.evidence.push(Evidence::new("without", without_counters(&url)));
        let source: &str = &context.document.source;
        let own = citation.source.unwrap_or_else(|| context.document.source_span(citation.span));
        let cut = cuts(source, own);
        let edits = if cut.is_empty() {
            let known = definitions.get_or_insert_with(|| find_definitions(source));
            url.query().and_then(|_| known.get(url.as_str())).map(|span| cuts(source, *span))
        } else {
            Some(cut)
        };
        finding.fix = edits
            .filter(|edits| !edits.is_empty())
            .and_then(EditSet::new)
            .map(|edits| Fix::new(Provenance::Counter, "cut the parameters that only count visitors", edits));
        findings.push(finding);
    }
}

/// The counters in the addresses that stand in `span`, with what parts them
/// from the rest.
fn cuts(source: &str, span: SourceSpan) -> Vec<Edit> {
    let written = source.get(span.range()).unwrap_or_default();
    let mut edits = Vec::new();
    for at in memchr::memchr_iter(b'?', written.as_bytes()) {
        let query = written.get(at + 1..).unwrap_or_default();
        let length = query.find(ends_query).unwrap_or(query.len());
        let pairs = pairs(query.get(..length).unwrap_or_default());
        let is_gone = |pair: &Pair<'_>| {
            let (name, value) = pair.text.split_once('=').unwrap_or((pair.text, ""));
            is_counter(name, value)
        };
        if !pairs.iter().any(is_gone) {
            continue;
        }
        let kept: Vec<String> = pairs
            .iter()
            .filter(|pair| !is_gone(pair))
            .enumerate()
            .map(|(index, pair)| format!("{}{}", if index == 0 { "" } else { pair.separator }, pair.text))
            .collect();
        let mark = if kept.is_empty() { "" } else { "?" };
        let place = span.start + offset(at);
        edits.push(Edit::new(SourceSpan::new(place, place + 1 + offset(length)), format!("{mark}{}", kept.concat())));
    }
    // A query within a query is part of the outer one.
    let mut end = 0;
    edits.retain(|edit| {
        let is_apart = edit.span.start >= end;
        end = end.max(edit.span.end);
        is_apart
    });
    edits
}

fn ends_query(c: char) -> bool {
    c.is_whitespace() || matches!(c, '#' | ')' | ']' | '>' | '<' | '"' | '\'' | '`' | '”' | '»')
}

/// A parameter as written, and what stands before it.
struct Pair<'a> {
    separator: &'a str,
    text: &'a str,
}

/// The parameters of a query; in markup `&` may be written `&amp;`.
fn pairs(query: &str) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    let mut separator = "";
    let mut rest = query;
    loop {
        let at = rest.find('&');
        pairs.push(Pair { separator, text: rest.get(..at.unwrap_or(rest.len())).unwrap_or_default() });
        let Some(behind) = at.and_then(|at| rest.get(at..)) else { return pairs };
        separator = if behind.starts_with("&amp;") { "&amp;" } else { "&" };
        rest = behind.get(separator.len()..).unwrap_or_default();
    }
}

/// The lines that define a reference, by their address: `[1]: https://…`.
fn find_definitions(source: &str) -> HashMap<String, SourceSpan> {
    let mut found = HashMap::new();
    for at in memchr::memmem::find_iter(source.as_bytes(), b"]: ") {
        let rest = source.get(at + 3..).unwrap_or_default();
        let start = at + 3 + usize::from(rest.starts_with('<'));
        let rest = source.get(start..).unwrap_or_default();
        let length = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
        let Ok(url) = Url::parse(rest.get(..length).unwrap_or_default()) else { continue };
        found.entry(url.into()).or_insert(SourceSpan::from_range(start..start + length));
    }
    found
}

/// The address less its counters; every other byte stays as it is written.
fn without_counters(url: &Url) -> String {
    let kept: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            !is_counter(name, value)
        })
        .collect();
    let mut clean = url.clone();
    clean.set_query((!kept.is_empty()).then(|| kept.join("&")).as_deref());
    clean.into()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{COUNTERS, without_counters};

    #[test]
    fn the_names_can_be_searched() {
        assert!(COUNTERS.is_sorted());
    }

    #[test]
    fn the_rest_of_an_address_stays() {
        let table = [
            ("https://a.org/x?utm_source=b", "https://a.org/x"),
            ("https://a.org/x?id=7&utm_source=b&q=%20c#d", "https://a.org/x?id=7&q=%20c#d"),
            ("https://a.org/x?fbclid", "https://a.org/x"),
        ];
        for (written, clean) in table {
            let url = Url::parse(written).ok();
            assert_eq!(url.as_ref().map(without_counters).as_deref(), Some(clean));
        }
    }
}
