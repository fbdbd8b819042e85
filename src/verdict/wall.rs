//! Walls: pages that a bot protection answers instead of the page that was
//! asked for. The table holds only decisive signs. That a server is *behind*
//! a vendor (its `server` header, its cookies, its ray or trace ids) is never
//! a sign: the vendor's headers are on every good page as well.

use super::PageFacts;

/// One sign of a wall: all conditions of a row must hold.
struct Wall {
    vendor: &'static str,
    when: When,
    sign: Sign,
}

/// For which statuses a row counts.
enum When {
    /// The sign says it all.
    Always,
    /// Only as an error page; the same words may stand in a good one.
    Error,
    /// As an error page, or as a page so short that nothing else can be on it.
    ErrorOrStub,
    /// Exactly this status.
    Status(u16),
}

enum Sign {
    /// The header is there.
    Header(&'static str),
    /// The header is there with this value.
    Value(&'static str, &'static str),
    /// A header whose name begins so is there.
    Prefix(&'static str),
    /// All of these phrases are on the page.
    Phrases(&'static [WallPhrase]),
}

/// Words of block pages that judgement looks for. Public because observations
/// keep which of them were seen instead of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the phrases below say it")]
pub enum WallPhrase {
    AccessDenied,
    ReferenceNumber,
    IncapsulaResource,
    IncapsulaIncident,
    WhyWasIBlocked,
    AutomationTools,
    CaptchaDelivery,
    SucuriDenied,
    RequestRejected,
    AnubisChallenge,
    AnubisCommand,
}

/// What each phrase looks like in a page's source, in any case of letters.
pub(super) const PHRASES: &[(WallPhrase, &str)] = &[
    (WallPhrase::AccessDenied, "access denied"),
    (WallPhrase::ReferenceNumber, "reference #"),
    // Akamai escapes its punctuation.
    (WallPhrase::ReferenceNumber, "reference&#32;&#35;"),
    (WallPhrase::IncapsulaResource, "_incapsula_resource"),
    (WallPhrase::IncapsulaIncident, "incapsula incident id"),
    (WallPhrase::WhyWasIBlocked, "/whywasiblocked"),
    (WallPhrase::AutomationTools, "denied because we believe you are using automation tools"),
    (WallPhrase::CaptchaDelivery, "captcha-delivery.com"),
    (WallPhrase::SucuriDenied, "sucuri website firewall - access denied"),
    (WallPhrase::RequestRejected, "the requested url was rejected. please consult with your administrator"),
    (WallPhrase::AnubisChallenge, "anubis_challenge"),
    (WallPhrase::AnubisCommand, "/.within.website/x/cmd/anubis/"),
];

const WALLS: &[Wall] = &[
    wall("Cloudflare", When::Always, Sign::Value("cf-mitigated", "challenge")),
    wall("Cloudflare pay per crawl", When::Status(402), Sign::Header("crawler-price")),
    wall("Cloudflare pay per crawl", When::Error, Sign::Header("crawler-error")),
    wall("Akamai", When::Error, Sign::Phrases(&[WallPhrase::AccessDenied, WallPhrase::ReferenceNumber])),
    wall("Imperva", When::Error, Sign::Phrases(&[WallPhrase::IncapsulaResource])),
    wall("Imperva", When::Error, Sign::Phrases(&[WallPhrase::IncapsulaIncident])),
    wall("HUMAN", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::WhyWasIBlocked])),
    wall("HUMAN", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::AutomationTools])),
    wall("DataDome", When::Status(403), Sign::Header("x-datadome")),
    wall("DataDome", When::Error, Sign::Phrases(&[WallPhrase::CaptchaDelivery])),
    wall("AWS WAF", When::Always, Sign::Value("x-amzn-waf-action", "challenge")),
    wall("AWS WAF", When::Always, Sign::Value("x-amzn-waf-action", "captcha")),
    wall("Sucuri", When::Error, Sign::Header("x-sucuri-block")),
    wall("Sucuri", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::SucuriDenied])),
    wall("F5", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::RequestRejected])),
    wall("Anubis", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::AnubisChallenge])),
    wall("Anubis", When::ErrorOrStub, Sign::Phrases(&[WallPhrase::AnubisCommand])),
    wall("Kasada", When::Status(429), Sign::Prefix("x-kpsdk-")),
];

const fn wall(vendor: &'static str, when: When, sign: Sign) -> Wall {
    Wall { vendor, when, sign }
}

/// A page no longer than this (bytes) has no room for an article beside a
/// challenge; challenge pages run to 10 KB and more.
const STUB: u64 = 20_000;

/// The headers that judgement reads; `fetch` keeps these and drops the rest.
/// Lower-case, exact.
const JUDGED_HEADERS: &[&str] = &[
    "cf-mitigated",
    "content-type",
    "crawler-error",
    "crawler-price",
    "retry-after",
    "x-amzn-waf-action",
    "x-datadome",
    "x-sucuri-block",
];

/// Whether judgement reads the header of this lower-case name.
#[must_use]
pub fn is_judged_header(name: &str) -> bool {
    JUDGED_HEADERS.contains(&name) || name.starts_with("x-kpsdk-")
}

/// The vendor whose wall this answer is, and the sign in words.
pub(super) fn find_wall(
    status: u16,
    headers: &[(String, String)],
    page: Option<&PageFacts>,
) -> Option<(&'static str, String)> {
    WALLS.iter().find_map(|wall| {
        if !applies(&wall.when, status, page) {
            return None;
        }
        Some((wall.vendor, sign_in_words(&wall.sign, headers, page)?))
    })
}

fn applies(when: &When, status: u16, page: Option<&PageFacts>) -> bool {
    match when {
        When::Always => true,
        When::Error => status >= 400,
        When::ErrorOrStub => status >= 400 || page.is_some_and(|page| page.size <= STUB),
        When::Status(expected) => status == *expected,
    }
}

fn sign_in_words(sign: &Sign, headers: &[(String, String)], page: Option<&PageFacts>) -> Option<String> {
    let header = |test: &dyn Fn(&str, &str) -> bool| {
        let (name, value) = headers.iter().find(|(name, value)| test(name, value))?;
        Some(format!("the answer has the header {name}: {value}"))
    };
    match sign {
        Sign::Header(wanted) => header(&|name, _| name == *wanted),
        Sign::Value(wanted, expected) => {
            header(&|name, value| name == *wanted && value.trim().eq_ignore_ascii_case(expected))
        }
        Sign::Prefix(prefix) => header(&|name, _| name.starts_with(prefix)),
        Sign::Phrases(phrases) => {
            let page = page?;
            if !phrases.iter().all(|phrase| page.phrases.contains(phrase)) {
                return None;
            }
            let words: Vec<String> = phrases.iter().map(|phrase| format!("“{}”", words_of(*phrase))).collect();
            Some(format!("the page says {}", words.join(" and ")))
        }
    }
}

fn words_of(phrase: WallPhrase) -> &'static str {
    PHRASES.iter().find(|(known, _)| *known == phrase).map_or("", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::BodyExtent;

    fn wall_of(status: u16, headers: &[(&str, &str)], body: &str) -> Option<&'static str> {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let page = PageFacts::read(body.as_bytes(), Some("text/html"), BodyExtent::Whole);
        find_wall(status, &headers, Some(&page)).map(|(vendor, _)| vendor)
    }

    #[test]
    fn every_vendors_wall_is_known() {
        let akamai = "<h1>Access Denied</h1>Reference&#32;&#35;18&#46;2f";
        let padded = format!("{}<script src='/_Incapsula_Resource?x'>", " ".repeat(9000));
        for (vendor, status, headers, body) in [
            ("Cloudflare", 403, &[("cf-mitigated", "challenge")][..], "<title>Just a moment...</title>"),
            ("Cloudflare", 503, &[("cf-mitigated", "challenge")], ""),
            ("Cloudflare pay per crawl", 402, &[("crawler-price", "USD 0.01")], ""),
            ("Cloudflare pay per crawl", 403, &[("crawler-error", "CrawlerForbidden")], ""),
            ("Akamai", 403, &[], akamai),
            ("Imperva", 403, &[], &padded),
            ("Imperva", 403, &[], "Request unsuccessful. Incapsula incident ID: 1-2"),
            ("HUMAN", 403, &[], "https://www.perimeterx.com/whywasiblocked"),
            ("DataDome", 403, &[("x-datadome", "protected")], ""),
            ("DataDome", 403, &[], "<script src='https://ct.captcha-delivery.com/c.js'>"),
            ("AWS WAF", 202, &[("x-amzn-waf-action", "challenge")], ""),
            ("AWS WAF", 405, &[("x-amzn-waf-action", "captcha")], ""),
            ("Sucuri", 403, &[("x-sucuri-block", "BOT")], ""),
            ("Sucuri", 403, &[], "<title>Sucuri WebSite Firewall - Access Denied</title>"),
            ("F5", 200, &[], "The requested URL was rejected. Please consult with your administrator."),
            ("Anubis", 200, &[], "<script id=\"anubis_challenge\">"),
            ("Kasada", 429, &[("x-kpsdk-ct", "0abc")], ""),
        ] {
            assert_eq!(wall_of(status, headers, body), Some(vendor), "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn standing_behind_a_vendor_is_no_sign() {
        let article = format!("anubis_challenge explained. {}", "word ".repeat(5000));
        for (status, headers, body) in [
            (404, &[("server", "cloudflare"), ("cf-ray", "8a-FRA")][..], "<title>Not found</title>"),
            (403, &[("server", "cloudflare")], "<title>Just a moment...</title>"),
            (404, &[("server", "AkamaiGHost")], "Not Found. Reference #1.2"),
            (403, &[], "Access Denied"),
            (200, &[("x-iinfo", "1-2"), ("x-cdn", "Imperva")], "<script src='/_Incapsula_Resource'>"),
            (200, &[("x-datadome", "protected")], "Good page"),
            (404, &[("server", "CloudFront")], ""),
            (404, &[("x-sucuri-id", "18001")], ""),
            (402, &[], "{\"x402Version\":1}"),
            (200, &[], &article),
        ] {
            assert_eq!(wall_of(status, headers, body), None, "{status} {headers:?}");
        }
    }

    #[test]
    fn all_headers_of_the_table_are_kept() {
        for wall in WALLS {
            match wall.sign {
                Sign::Header(name) | Sign::Value(name, _) => assert!(is_judged_header(name)),
                Sign::Prefix(prefix) => assert!(is_judged_header(&format!("{prefix}ct"))),
                Sign::Phrases(phrases) => {
                    assert!(phrases.iter().all(|phrase| !words_of(*phrase).is_empty()));
                }
            }
        }
    }
}
