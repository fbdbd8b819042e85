//! What burned the users of other checkers, one test each, with the thread it
//! is known from. Those about retries and pacing stand in `network.rs` and
//! `network_manners.rs`, about addresses in `network_routes.rs`, about caches
//! in `memory.rs`, about exports in `exports.rs`: each names its thread as well.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

mod loopback;

use loopback::asking::{ask_one, probe, ruled, settings};
use loopback::names::{NameAnswer, NameServer};
use loopback::{Seen, Server, answer, page, redirect};
use obelus::citation;
use obelus::document::{self, Format};
use obelus::fetch::FetchSettings;
use obelus::passage::{Match, find, read_words};
use obelus::repair::{AskNobody, RepairSettings, repair};
use obelus::verdict::{BodyExtent, FragmentState, PageFacts, find_fragment};

/// What is made of a URL when a server answers by this script.
fn made_of(url: &str, script: impl Fn(&Seen) -> loopback::Act + Send + Sync + 'static) -> (&'static str, &'static str) {
    let server = Server::plain(script);
    ruled(&ask_one(probe(url), &settings(&[server.rule("*", "")])))
}

fn article(title: &str, words: &str) -> loopback::Act {
    page(200, &format!("<title>{title}</title><main><h1>{title}</h1><p>{}</p></main>", words.repeat(30)))
}

/// lycheeverse/lychee#733, hyperledger/fabric#5328.
#[test]
fn a_wall_is_not_broken() {
    for status in [401, 403, 429, 451, 999] {
        assert_eq!(made_of("http://a.org/x", move |_| page(status, "no")).0, "blocked", "{status}");
    }
}

/// apify/apify-docs#2261: whoever lets 403 pass everywhere sees no deaths any
/// more. A wall is counted apart, and what is dead behind one server is dead.
#[test]
fn walls_hide_no_deaths() {
    let made = |path| {
        made_of(&format!("http://a.org{path}"), |seen| match seen.path.as_str() {
            "/walled" => page(403, "no"),
            "/" => page(200, "Front page"),
            _ => page(404, "not here"),
        })
    };
    assert_eq!((made("/walled").0, made("/dead").0), ("blocked", "gone"));
}

/// hallucinator (commit 0df2af2): a network that was down made references
/// invented ones. So do name servers that know nobody.
#[test]
fn a_network_that_is_down_makes_no_reference_false() {
    let made = |name_server| {
        ruled(&ask_one(probe("https://a.org/x"), &FetchSettings { retries: 0, name_server, ..settings(&[]) }))
    };
    assert_eq!(made(Some(loopback::closed_address())).0, "unknown");
    let secluded = NameServer::secluded(|_| NameAnswer::NoName);
    assert_eq!(made(Some(secluded.address)), ("unknown", "dns-trouble"));
    let public = NameServer::new(|_| NameAnswer::NoName);
    assert_eq!(made(Some(public.address)), ("host-gone", "name-not-found"));
}

/// `LinkChecker` records what robots.txt forbids as valid.
#[test]
fn what_robots_forbid_is_neither_good_nor_bad() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/robots.txt" => answer(200, &[], "User-agent: *\nDisallow: /"),
        _ => page(404, "nobody was to ask"),
    });
    let settings = FetchSettings { robots: true, ..settings(&[server.rule("*", "")]) };
    assert_eq!(ruled(&ask_one(probe("http://a.org/x"), &settings)), ("not-checked", "robots"));
}

/// Aureliolo/synthorg#2711: a challenge with a success made dead links look
/// healthy.
#[test]
fn a_202_without_a_page_is_not_alive() {
    assert_eq!(made_of("http://a.org/x", |_| page(202, "")), ("unknown", "accepted-without-page"));
}

/// microcks/microcks.io#595: hosts that answer 404 to what looks like curl.
#[test]
fn a_host_that_hides_is_not_gone() {
    assert_eq!(made_of("http://a.org/x", |_| page(404, "no")), ("blocked", "nothing-for-us"));
}

/// lycheeverse/lychee#2308, FreeGym/FreeGym-Wiki#73: valid DOIs whose
/// publishers refuse programs.
#[test]
fn a_doi_is_its_registration_and_not_its_landing_page() {
    for status in [403, 429, 500, 503] {
        let made = made_of("http://doi.org/10.1000/182", move |seen| match seen.host.as_str() {
            "doi.org" => redirect(302, "http://publisher.org/182"),
            _ => page(status, "no"),
        });
        assert_eq!(made, ("alive", "registered"), "{status}");
    }
    let made = made_of("http://dx.doi.org/10.1000/182", |seen| match seen.host.as_str() {
        "dx.doi.org" => redirect(301, "http://doi.org/10.1000/182"),
        "doi.org" => redirect(302, "http://publisher.org/182"),
        _ => page(404, "no"),
    });
    assert_eq!(made, ("unknown", "landing-page-missing"));
}

/// bids-standard/bids-website#223: excluding the resolver hides DOIs that do
/// not exist.
#[test]
fn a_doi_that_nobody_registered_is_gone() {
    let made = made_of("http://doi.org/10.9999/invented", |seen| match seen.path.as_str() {
        "/" => page(200, "The DOI System"),
        _ => page(404, "DOI Not Found"),
    });
    assert_eq!(made, ("gone", "doi-not-registered"));
}

/// `scipy-conference/scipy_proceedings`#935: the resolver itself refused.
#[test]
fn a_resolver_that_refuses_says_nothing_of_the_doi() {
    assert_eq!(made_of("http://doi.org/10.1000/182", |_| page(403, "no")).0, "blocked");
}

/// CDLUC3/ezid#381: a false 503 every month trained people to ignore the mail.
#[test]
fn a_503_is_trouble_and_not_death() {
    assert_eq!(made_of("http://a.org/x", |_| page(503, "no")).0, "server-error");
}

/// textlint-rule/textlint-rule-no-dead-link#96: HEAD answered 404, GET 200.
#[test]
fn only_get_is_asked() {
    let made = made_of("http://a.org/x", |seen| match seen.method.as_str() {
        "GET" => article("Good", "Words of the page. "),
        _ => page(404, ""),
    });
    assert_eq!(made, ("alive", "answered"));
}

/// textlint-rule/textlint-rule-no-dead-link#176: four requests per good URL.
#[test]
fn a_good_page_is_asked_once() {
    let server = Server::plain(|_| article("Good", "Words of the page. "));
    ask_one(probe("http://a.org/x"), &settings(&[server.rule("*", "")]));
    assert_eq!(server.seen().len(), 1);
}

/// `SteveHedden/open-knowledge-graphs`#48: "has been removed" killed a
/// specification.
#[test]
fn a_specification_may_say_has_been_removed() {
    let made = made_of("http://a.org/spec", |seen| match seen.path.as_str() {
        "/spec" => {
            article("What has been removed from the format", "The old header has been removed. Parsers skip it. ")
        }
        _ => page(404, "no"),
    });
    assert_eq!(made, ("alive", "answered"));
}

/// `cyberpower678/Cyberbot_II`#16: a URL with "error" in it was dead by rule.
#[test]
fn an_address_may_hold_the_word_error() {
    for path in ["/error", "/404", "/not-found/"] {
        let made = made_of(&format!("http://a.org{path}"), |_| article("On mistakes", "Everyone makes them. "));
        assert_eq!(made, ("alive", "answered"), "{path}");
    }
}

/// renevoorburg/robustify.js#4, #8: single-page hotels were dead, for they
/// answer any name alike, and a page that is like others is no error page.
#[test]
fn a_site_of_one_page_is_alive() {
    for path in ["/", "/rooms", "/index.html"] {
        let made =
            made_of(&format!("http://hotel.org{path}"), |_| page(200, "<title>Hotel Seaview</title><p>Twelve rooms."));
        assert_eq!(made, ("alive", "answered"), "{path}");
    }
}

/// felladrin/uo-is-not-dead#158, and the repair that a CDN's header needed.
#[test]
fn a_cdn_is_no_wall() {
    let headers = [("server", "cloudflare"), ("cf-ray", "1-FRA"), ("x-iinfo", "1"), ("x-datadome", "protected")];
    let made = made_of("http://a.org/x", move |seen| match seen.path.as_str() {
        "/x" => answer(404, &headers, "Not here."),
        _ => answer(200, &headers, "Front page"),
    });
    assert_eq!(made, ("gone", "status-404"));
}

fn page_of(html: &str) -> PageFacts {
    PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole)
}

/// lycheeverse/lychee#1574, #1591: encoded anchors.
#[test]
fn encoded_anchors_are_found() {
    let page = page_of("<h2 id='größe-und-maß'>Größe</h2>");
    assert_eq!(find_fragment(&page, "gr%C3%B6%C3%9Fe-und-ma%C3%9F"), FragmentState::Found);
}

/// lycheeverse/lychee#1467, tcort/markdown-link-check#304: anchors that only
/// scripts make.
#[test]
fn anchors_of_scripted_pages_are_not_judged() {
    let page = page_of("<div id=app></div><script type=module src=a.js></script>");
    assert_eq!(find_fragment(&page, "install"), FragmentState::Undecided);
}

/// lycheeverse/lychee#2179: a release for which every anchor was broken.
#[test]
fn anchors_that_are_there_are_found() {
    let page = page_of("<h2 id=Install>Install</h2><a name=usage></a><p><a id='a:b(c)'>x</a>");
    for anchor in ["Install", "usage", "a:b(c)", "a%3Ab%28c%29", "top", ""] {
        assert_eq!(find_fragment(&page, anchor), FragmentState::Found, "{anchor}");
    }
    assert!(matches!(find_fragment(&page, "configure"), FragmentState::Missing { .. }));
}

fn targets(text: &str) -> Vec<String> {
    let document = document::read(text.as_bytes().to_vec(), Some(Format::Plain), None).unwrap();
    let citations = citation::extract(&document);
    citations
        .iter()
        .filter_map(|citation| Some(citation.target.as_ref()?.address.as_ref()?.as_str().to_owned()))
        .collect()
}

/// lycheeverse/lychee#949: URLs cut at a parenthesis.
#[test]
fn parentheses_of_an_address_belong_to_it() {
    let text = "See (https://en.wikipedia.org/wiki/Obelus_(symbol)) and https://a.org/x_(y)/z.html.";
    assert_eq!(targets(text), ["https://en.wikipedia.org/wiki/Obelus_(symbol)", "https://a.org/x_(y)/z.html"]);
}

/// lycheeverse/lychee#408, #540: names without a scheme drowned in false hits.
#[test]
fn files_and_members_of_objects_are_no_domains() {
    for text in [
        "Run node.js with README.md and setup.py, e.g. as main.rs does.",
        "Call user.name or list.map (see config.toml) at 10.30 p.m.",
        "It ends here.It begins there, i.e. version 1.2.3 (v2.0).",
    ] {
        assert!(targets(text).is_empty(), "{text}: {:?}", targets(text));
    }
}

/// Mintplex-Labs/anything-llm#6254: with the citation marks went indices of
/// arrays and numbered links.
#[test]
fn code_and_links_survive_the_tokens_beside_them() {
    let text = "Take `a[1]` and [1](https://a.org/x), then b. \u{E200}cite\u{E202}turn0search1\u{E201}\n\n    x = list[2] + [3]\n\nSee[^4] too.\n\n[^4]: A note.\n";
    let document = document::read(text.as_bytes().to_vec(), Some(Format::Markdown), None).unwrap();
    let repaired = repair(&document, "x", &RepairSettings::default(), &mut AskNobody);
    assert_eq!(
        repaired.changes.apply(&document.source),
        text.replace("\u{E200}cite\u{E202}turn0search1\u{E201}", "[…]")
    );
}

/// freelawproject/eyecite#268: notes were written into tags.
#[test]
fn nothing_is_written_into_tags() {
    let html = "<p title=\"A (tides.org) B\">It was doe(<a href=\"https://tides.org/a?b=(c)\" class=\"s doe(tides.org)x\">tides.org</a>)why it closed \
                (<a href=\"https://tides.org/a?b=(c)\">tides.org</a>).</p>";
    let document = document::read(html.as_bytes().to_vec(), Some(Format::Html), None).unwrap();
    let settings = RepairSettings { allow_unsafe: true, ..RepairSettings::default() };
    let after = repair(&document, "x", &settings, &mut AskNobody).changes.apply(&document.source);
    let read = document::read(after.clone().into_bytes(), Some(Format::Html), None).unwrap();
    assert!(after.starts_with("<p title=\"A (tides.org) B\">It was doe"), "{after}");
    assert!(after.ends_with("(<a href=\"https://tides.org/a?b=(c)\">tides.org</a>).</p>"), "{after}");
    assert_eq!(read.links.len(), after.matches("<a ").count(), "{after}");
}

/// ms609/citation-bot#64, #70: noise taken into a DOI. poemswe/co-researcher#23:
/// a comma in one.
#[test]
fn a_doi_ends_where_it_ends() {
    assert_eq!(targets("See doi:10.1000/a,b, and more."), ["https://doi.org/10.1000/a,b"]);
    let text = "See doi:10.1000/182, and (10.1000/183). Also “10.1002/(SICI)1097-4636(199823)43:4<338::AID>”.";
    let found = targets(text);
    assert_eq!(found[..2], ["https://doi.org/10.1000/182", "https://doi.org/10.1000/183"]);
    assert!(found[2].starts_with("https://doi.org/10.1002/(SICI)1097-4636(199823)43:4"), "{found:?}");
}

/// freelawproject/eyecite#334: citations beside dashes were dropped.
#[test]
fn dashes_hide_no_citation() {
    for dash in ["–", "—", "‒", "−"] {
        assert_eq!(targets(&format!("As agreed {dash}(nato.int){dash} and so on.")), ["https://nato.int/"], "{dash}");
    }
}

const SOURCE: &str = "The minister did not agree to the plan of the harbour board. He said that it cost 1,200 million.";

fn look(quotation: &str) -> Match {
    find(quotation, SOURCE, &read_words(SOURCE))
}

/// open-legal-products/mike#391: an ellipsis swallowed "not".
#[test]
fn an_ellipsis_does_not_swallow_a_not() {
    assert!(matches!(look("The minister did … agree to the plan of the harbour board"), Match::Altered(..)));
}

/// monarch-initiative/dismech#10734: marks stripped on one side only.
#[test]
fn marks_of_notes_are_no_words_on_either_side() {
    assert!(matches!(look("agree to the plan[3] of the harbour board"), Match::Verbatim(_)));
    let source = "He did agree to the plan [4] of the harbour [12] board.";
    assert!(matches!(find("agree to the plan of the harbour board", source, &read_words(source)), Match::Verbatim(_)));
}

/// garrytan/gbrain#4706: typography folded, places kept.
#[test]
fn a_passage_keeps_its_place() {
    let source = "É — “We’re ﬁne,” he said,\u{A0}“and co\u{AD}operative.”";
    let Match::Verbatim(span) = find("We're fine, he said, \"and cooperative\"", source, &read_words(source)) else {
        panic!("it is there");
    };
    assert_eq!(span.slice(source), "We’re ﬁne,” he said,\u{A0}“and co\u{AD}operative");
}

/// zoharbabin/web-researcher-mcp#510: a passage that is somewhat alike is no
/// proof that it is there.
#[test]
fn likeness_is_no_proof() {
    assert!(!matches!(look("The board of the harbour agreed with the plan"), Match::Verbatim(_) | Match::Altered(..)));
}
