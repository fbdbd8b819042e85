//! Tracking parameters in cited addresses.

use url::Url;

use crate::citation::{Citation, Kind};
use crate::finding::{Confidence, Evidence, Finding};
use crate::rules::TextContext;

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
    /// The address without the parameters: the evidence shows it.
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
    for (index, citation) in context.citations.iter().enumerate().filter(|(_, citation)| is_written(citation)) {
        let Some(url) = citation.target.as_ref().and_then(|target| target.url.as_ref()) else { continue };
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
        finding.evidence.push(Evidence::new("without", without_counters(url)));
        findings.push(finding);
    }
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
