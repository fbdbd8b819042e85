//! What a run looks for beyond its references, against scripted sites and
//! archives on loopback: the page that a bare domain stands for, and captures
//! of what is gone. Requests are counted at the servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

mod loopback;

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

use loopback::{Act, Seen, Server, answer, page, redirect};
use serde_json::Value;
use tempfile::TempDir;

/// A folder of articles, and what obelus says of them.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(articles: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in articles {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn check(&self, server: &Server, arguments: &[&str]) -> String {
        let rules = [server.rule("*", "443"), server.rule("*", "80")];
        let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
            .current_dir(self.folder.path())
            .args(["check", "--format", "json", "--retries", "0", "--host-interval", "0s"])
            .args(["--connect-to", &rules[0], "--connect-to", &rules[1]])
            .args(arguments)
            .arg(".")
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.is_empty(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    }
}

fn json(report: &str) -> Value {
    serde_json::from_str(report).unwrap()
}

/// The findings of a rule in all documents.
fn findings(report: &str, rule: &str) -> Vec<Value> {
    let report = json(report);
    let documents = report["documents"].as_array().unwrap().iter();
    let all = documents.flat_map(|document| document["findings"].as_array().unwrap().clone());
    all.filter(|finding| finding["rule"] == rule).collect()
}

/// The facts of a kind in a finding.
fn facts(finding: &Value, kind: &str) -> Vec<String> {
    let facts = finding["evidence"].as_array().unwrap().iter();
    facts.filter(|fact| fact["kind"] == kind).map(|fact| fact["text"].as_str().unwrap().to_owned()).collect()
}

/// What an edit replaces in a text.
fn under<'a>(edit: &Value, text: &'a str) -> &'a str {
    let at = |name: &str| usize::try_from(edit[name].as_u64().unwrap()).unwrap();
    &text[at("start")..at("end")]
}

/// Plain servers answer for `https`, too: nobody checks who they are, so the
/// handshake fails and `http` is asked.
const ARTICLE: &str = "---\ntitle: The barrage\ndate: 2026-03-20\n---\n\n\
    The council of Wexmouth voted on Monday, and engineers counted 4,310 tonnes of mud behind the gates. \
    Maren Oldfield of the Estuary Trust called the survey “a ledger that nobody ever wanted to read”. (coastnews.org)\n";

fn story(title: &str, published: &str, words: &str) -> Act {
    let head = format!("<title>{title}</title><meta property=article:published_time content={published}>");
    let filler = "The ferry timetable changes with the tide and nobody likes it. ".repeat(8);
    page(
        200,
        &format!("<html lang=en><head>{head}</head><body><main><p>{words}</p><p>{filler}</p></main></body></html>"),
    )
}

const MEANT: &str = "Wexmouth voted; behind the gates lie 4,310 tonnes, said Maren Oldfield of the Estuary Trust. She called it “a ledger that nobody ever wanted to read”.";

fn site(seen: &Seen) -> Act {
    let xml = |body: &str| answer(200, &[("content-type", "application/xml")], body);
    match seen.path.as_str() {
        "/" => page(
            200,
            "<title>Coast News</title><link rel=alternate type='application/rss+xml' href='/feed.xml'><p>Welcome to the coast, its harbours and its news of today and tomorrow.",
        ),
        "/robots.txt" => answer(
            200,
            &[("content-type", "text/plain")],
            "Sitemap: http://coastnews.org/index.xml\nSitemap: http://elsewhere.test/s.xml",
        ),
        "/index.xml" => xml("<sitemapindex><sitemap><loc>http://coastnews.org/news.xml</loc></sitemap></sitemapindex>"),
        "/news.xml" => {
            xml("<urlset><url><loc>http://coastnews.org/2026/barrage-mud-survey-wexmouth-council</loc></url>\
             <url><loc>http://coastnews.org/2026/ferry-timetable</loc></url>\
             <url><loc>http://coastnews.org/2026/council-buses</loc></url></urlset>")
        }
        "/feed.xml" => xml(
            "<rss><channel><item><title>After the vote: mud, gates and the council of Wexmouth</title><link>http://coastnews.org/2026/later</link><pubDate>Wed, 01 Apr 2026 08:00:00 GMT</pubDate></item></channel></rss>",
        ),
        "/2026/barrage-mud-survey-wexmouth-council" => story("Mud behind the gates", "2026-03-17", MEANT),
        "/2026/later" => story("After the vote", "2026-04-01", MEANT),
        path if path.starts_with("/2026/") => story("Something else", "2026-02-01", "Wexmouth has buses."),
        _ => page(404, "no"),
    }
}

#[test]
fn the_page_that_is_meant_is_proposed_with_its_evidence() {
    let server = Server::plain(site);
    let desk = Desk::new(&[("a.md", ARTICLE)]);
    let report = desk.check(&server, &["--propose"]);
    let found = findings(&report, "reference/site-only");
    let [finding] = found.as_slice() else { panic!("{report}") };
    let proposed = facts(finding, "proposed-page");
    let address = "http://coastnews.org/2026/barrage-mud-survey-wexmouth-council";
    assert_eq!(
        proposed,
        [format!("{address} is likely to be meant at 6:200: “Mud behind the gates”, published by 2026-03-17")],
        "{finding:#}"
    );
    assert_eq!(facts(finding, "it-quotes").len(), 1);
    assert!(facts(finding, "passage")[0].starts_with(&format!("{address}#:~:text=a%20ledger")));
    assert_eq!(facts(finding, "it-names"), ["it holds 4,310; Wexmouth; Oldfield; Estuary Trust"]);
    // It is shown and never done.
    assert_eq!(finding["fix"]["safety"], "display");
    assert_eq!(finding["fix"]["edits"].as_array().unwrap().len(), 0);
    let edit = &finding["fix"]["alternatives"][0][0];
    assert_eq!(edit["replacement"], format!("[coastnews.org]({address})"));
    assert_eq!(under(edit, ARTICLE), "coastnews.org");
    // What other sites' lists say is nobody's business, and each address is asked once.
    assert_eq!(server.count("elsewhere.test", "/s.xml"), 0);
    let mut asked: Vec<String> =
        server.seen().iter().map(|seen| seen.path.clone()).filter(|path| !path.is_empty()).collect();
    let count = asked.len();
    asked.sort();
    asked.dedup();
    assert_eq!(asked.len(), count, "{asked:?}");
    assert!(count <= 8, "{asked:?}");
    assert_eq!(json(&report)["summary"]["network"]["beside"], count - 1);
}

#[test]
fn nobody_searches_unasked() {
    let server = Server::plain(site);
    let desk = Desk::new(&[("a.md", ARTICLE)]);
    let report = desk.check(&server, &[]);
    assert_eq!(facts(&findings(&report, "reference/site-only")[0], "proposed-page"), [""; 0]);
    assert_eq!(server.seen().iter().filter(|seen| !seen.path.is_empty()).count(), 1);
}

/// Each lacks one thing that the rule asks for.
#[test]
fn a_page_that_is_not_certain_is_not_proposed() {
    let undated = ARTICLE.replace("date: 2026-03-20\n", "");
    let early = ARTICLE.replace("2026-03-20", "2026-03-16");
    let vague =
        "---\ndate: 2026-03-20\n---\n\nThe survey of mud was read by the council of the town. (coastnews.org)\n"
            .to_owned();
    // Only a date tells the later page from the one that is meant.
    let alone = |seen: &Seen| if seen.path == "/feed.xml" { page(404, "") } else { site(seen) };
    let twin = |seen: &Seen| match seen.path.as_str() {
        path if path.starts_with("/2026/") => story(&format!("Story {path}"), "2026-03-17", MEANT),
        _ => site(seen),
    };
    let broken = |seen: &Seen| match seen.path.as_str() {
        "/" => site(seen),
        _ => answer(200, &[("content-type", "application/xml")], "<urlset><url><loc>\u{0}"),
    };
    type Script = fn(&Seen) -> Act;
    let cases: [(&str, &str, Script, &str); 5] = [
        ("no date", &undated, alone, "date is not known"),
        ("an earlier article", &early, site, "before the article"),
        ("a passage of common words", &vague, site, "no page that was read holds a quotation"),
        ("pages that are alike", ARTICLE, twin, "almost alike"),
        ("lists that are none", ARTICLE, broken, "no list of the site's pages"),
    ];
    for (case, text, script, why) in cases {
        let server = Server::plain(script);
        let report = Desk::new(&[("a.md", text)]).check(&server, &["--propose"]);
        let finding = &findings(&report, "reference/site-only")[0];
        assert_eq!(facts(finding, "proposed-page"), [""; 0], "{case}");
        let told = facts(finding, "no-page-proposed");
        assert!(told.len() == 1 && told[0].contains(why), "{case}: {told:?}");
        assert!(finding["fix"].is_null(), "{case}");
    }
    // The same, once somebody says the date.
    let server = Server::plain(site);
    let report = Desk::new(&[("a.md", &undated)]).check(&server, &["--propose", "--date", "2026-03-20"]);
    assert_eq!(facts(&findings(&report, "reference/site-only")[0], "proposed-page").len(), 1);
}

#[test]
fn exclusions_and_robots_hold_for_searches_too() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/robots.txt" => answer(200, &[], "User-agent: *\nDisallow: /news.xml\nSitemap: http://coastnews.org/news.xml"),
        _ => site(seen),
    });
    let desk = Desk::new(&[("a.md", ARTICLE)]);
    desk.check(&server, &["--propose", "--robots", "--exclude", "feed"]);
    assert_eq!(server.count("coastnews.org", "/news.xml"), 0);
    assert_eq!(server.count("coastnews.org", "/feed.xml"), 0);
    let report = Desk::new(&[("a.md", ARTICLE)]).check(&server, &["--propose", "--max-requests", "2"]);
    assert_eq!(facts(&findings(&report, "reference/site-only")[0], "no-page-proposed").len(), 1);
}

/// A site that answers everything with more lists costs a bounded number of
/// requests.
#[test]
fn a_site_of_endless_lists_is_left_soon() {
    let server = Server::plain(|seen| match seen.path.as_str() {
        "/" => page(200, "<title>Endless</title>"),
        path => {
            let list = |n: usize| format!("<sitemap><loc>http://coastnews.org{path}/{n}</loc></sitemap>");
            let lists: String = (0..5000).map(list).collect();
            answer(200, &[("content-type", "application/xml")], format!("<sitemapindex>{lists}</sitemapindex>"))
        }
    });
    let report = Desk::new(&[("a.md", ARTICLE)]).check(&server, &["--propose"]);
    assert!(server.seen().iter().filter(|seen| !seen.path.is_empty()).count() <= 7);
    assert!(facts(&findings(&report, "reference/site-only")[0], "no-page-proposed")[0].contains("no list"));
}

/// Without the network: a copy of the article with the addresses, and the
/// article's own links to the site.
#[test]
fn copies_and_other_links_are_offered_offline() {
    let linked = ARTICLE.replace("(coastnews.org)", "([coastnews.org](https://coastnews.org/2026/mud))");
    let article = format!("{ARTICLE}\nThe [timetable](https://www.coastnews.org/ferry) is another matter.\n");
    let desk = Desk::new(&[("a.md", &article), ("b.md", &linked)]);
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .current_dir(desk.folder.path())
        .args(["check", "--offline", "--format", "json", "a.md", "b.md"])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let found = findings(&report, "reference/site-only");
    let [finding] = found.as_slice() else { panic!("{report}") };
    let place = format!("behind the same words {} cites https://coastnews.org/2026/mud", "b.md:6:200");
    assert_eq!(facts(finding, "same-passage"), [place]);
    assert_eq!(finding["fix"]["alternatives"][0][0]["replacement"], "[coastnews.org](https://coastnews.org/2026/mud)");
    assert_eq!(
        facts(finding, "same-site-link"),
        ["the article links to https://www.coastnews.org/ferry of this site at 8:5"]
    );
}

const CITING: &str = "---\ndate: 2020-06-15\n---\n\nSee [the minutes](http://gone.test/minutes#p2) and [the plan](http://gone.test/plan).\n";

fn archive(seen: &Seen) -> Act {
    let path = seen.path.as_str();
    let lines = |body: &str| answer(200, &[("content-type", "text/plain")], body);
    match seen.host.as_str() {
        "gone.test" if path == "/" => page(200, "<title>Gone</title>"),
        "gone.test" => page(404, ""),
        "arc.test" if !path.starts_with("/cdx/search/cdx?") => page(404, ""),
        _ if path.contains("minutes") && path.contains("to=20200615") => {
            lines("20190102030405 http://gone.test/minutes 200\n20200101000000 http://gone.test/minutes 200\n")
        }
        _ if path.contains("plan") && path.contains("from=20200615") => {
            lines("20210101000000 http://gone.test/plan 200\n")
        }
        _ => lines(""),
    }
}

const ENDPOINT: &str = "--archive=http://arc.test/cdx/search/cdx";

#[test]
fn captures_nearest_to_the_article_are_offered_for_dead_links() {
    let server = Server::plain(archive);
    let desk = Desk::new(&[("a.md", CITING)]);
    let report = desk.check(&server, &[ENDPOINT]);
    let gone = findings(&report, "link/gone");
    let capture = "http://arc.test/web/20200101000000/http://gone.test/minutes";
    assert_eq!(
        facts(&gone[0], "capture"),
        [format!("{capture} was captured on 2020-01-01, the last one until the article of 2020-06-15")]
    );
    // One page for another: never done unasked.
    assert_eq!((&gone[0]["fix"]["safety"], &gone[0]["fix"]["provenance"]), (&"unsafe".into(), &"capture".into()));
    let edit = &gone[0]["fix"]["edits"][0];
    assert_eq!(under(edit, CITING), "http://gone.test/minutes#p2");
    assert_eq!(edit["replacement"], capture);
    // What was captured only later may be the error page: it is shown, and no more.
    assert!(facts(&gone[1], "capture")[0].contains("only after the article"));
    assert!(gone[1]["fix"].is_null());
    let never = CITING.replace("minutes", "nothing").replace("plan", "neither");
    let report = Desk::new(&[("a.md", &never)]).check(&server, &[ENDPOINT]);
    for finding in findings(&report, "link/gone") {
        assert_eq!(facts(&finding, "archive"), ["the archive never had a capture of it"]);
    }
    // Without a date the last one is shown, and what is alive is not looked for.
    let undated = CITING.replace("---\ndate: 2020-06-15\n---\n\n", "").replace("minutes#p2", "");
    let before = server.seen().iter().filter(|seen| seen.host == "arc.test").count();
    Desk::new(&[("a.md", &undated)]).check(&server, &[ENDPOINT]);
    assert_eq!(server.seen().iter().filter(|seen| seen.host == "arc.test").count(), before + 1);
}

#[test]
fn an_endpoint_in_trouble_never_means_that_there_is_nothing() {
    let cases: [(&str, Act); 5] = [
        ("answered 503", page(503, "")),
        ("answered 404", page(404, "")),
        ("gave no list", page(200, "<p>Welcome to our archive")),
        ("gave no list", answer(200, &[("content-type", "text/plain")], "Blocked Site Error")),
        ("could not be asked", Act::Reset),
    ];
    for (why, act) in cases {
        let server = Server::plain(move |seen| if seen.host == "arc.test" { act.clone() } else { archive(seen) });
        for endpoint in [ENDPOINT, "--archive=http://arc.test/timemap/link/"] {
            let report = Desk::new(&[("a.md", CITING)]).check(&server, &[endpoint]);
            for finding in findings(&report, "link/gone") {
                let told = facts(&finding, "archive");
                assert!(told.len() == 1 && told[0].contains("not known") && told[0].contains(why), "{why}: {told:?}");
            }
        }
    }
}

#[test]
fn time_maps_are_followed_to_the_day() {
    let server = Server::plain(|seen| {
        let map = |body: &str| answer(200, &[("content-type", "application/link-format")], body);
        match (seen.host.as_str(), seen.path.as_str()) {
            ("arc.test", "/timemap/link/http://gone.test/minutes") => {
                map("<http://gone.test/minutes>; rel=\"original\",\n\
                 </timemap/1>; rel=\"timemap\"; until=\"Tue, 01 Jan 2019 00:00:00 GMT\",\n\
                 </timemap/2>; rel=\"timemap\"; until=\"Fri, 01 Jan 2021 00:00:00 GMT\",\n\
                 <http://evil.test/timemap>; rel=\"timemap\"; until=\"Fri, 01 Jan 2021 00:00:00 GMT\"\n")
            }
            ("arc.test", "/timemap/2") => map("<http://gone.test/minutes>; rel=\"original\",\n\
                 <http://arc.test/2020/minutes>; rel=\"memento\"; datetime=\"Wed, 01 Jan 2020 00:00:00 GMT\"\n"),
            ("arc.test", "/timemap/1") => map("<http://gone.test/minutes>; rel=\"original\"\n"),
            ("arc.test", _) => page(404, ""),
            _ => archive(seen),
        }
    });
    let report = Desk::new(&[("a.md", CITING)]).check(&server, &["--archive=http://arc.test/timemap/link"]);
    let gone = findings(&report, "link/gone");
    assert!(facts(&gone[0], "capture")[0].starts_with("http://arc.test/2020/minutes was captured on 2020-01-01"));
    // This archive has shown a list, so its 404 means that it has none.
    assert_eq!(facts(&gone[1], "archive"), ["the archive never had a capture of it"]);
    assert!(server.seen().iter().all(|seen| seen.host != "evil.test"));
}

/// A tape holds what the searches saw, so that they come to the same end.
#[test]
fn searches_are_recorded_and_replayed() {
    let script = |seen: &Seen| if seen.host == "coastnews.org" { site(seen) } else { archive(seen) };
    let server = Server::plain(script);
    let desk = Desk::new(&[("a.md", ARTICLE), ("b.md", CITING)]);
    let tape = desk.path("tape");
    let tape = tape.to_str().unwrap();
    let recorded = desk.check(&server, &["--propose", ENDPOINT, "--record", tape]);
    let asked = server.seen().len();
    assert_eq!(desk.check(&server, &["--propose", ENDPOINT, "--replay", tape]), recorded);
    let without = desk.check(&server, &["--replay", tape]);
    assert_eq!(facts(&findings(&without, "reference/site-only")[0], "proposed-page"), [""; 0]);
    assert_eq!(server.seen().len(), asked);
    assert!(!facts(&findings(&recorded, "reference/site-only")[0], "proposed-page").is_empty());
    assert!(!facts(&findings(&recorded, "link/gone")[0], "capture").is_empty());
}

#[test]
fn a_cache_answers_searches_as_well() {
    let script = |seen: &Seen| if seen.host == "coastnews.org" { site(seen) } else { archive(seen) };
    let server = Server::plain(script);
    let desk = Desk::new(&[("a.md", ARTICLE)]);
    let cache = desk.path("cache");
    let arguments = ["--propose", "--cache", cache.to_str().unwrap()];
    let first = desk.check(&server, &arguments);
    let asked = server.seen().len();
    let second = desk.check(&server, &arguments);
    assert_eq!(server.seen().len(), asked);
    assert_eq!(findings(&first, "reference/site-only"), findings(&second, "reference/site-only"));
}

#[test]
fn the_configuration_may_say_it_unless_it_came_with_the_articles() {
    let server = Server::plain(archive);
    let desk = Desk::new(&[("a.md", CITING)]);
    let mut file = std::fs::File::create(desk.path("obelus.toml")).unwrap();
    file.write_all(b"archive = \"http://arc.test/cdx/search/cdx\"\ndate = 2018-01-01\npropose = true\n").unwrap();
    let report = desk.check(&server, &[]);
    assert_eq!(facts(&findings(&report, "link/gone")[0], "capture").len(), 1);
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .current_dir("/")
        .args(["check", "--replay", "/nowhere"])
        .arg(desk.path("a.md"))
        .output()
        .unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("“archive” decides where requests go"));
}

/// Redirects of an archive's answers are followed as any others.
#[test]
fn an_archive_that_moves_is_followed() {
    let server = Server::plain(|seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("old.test", path) => redirect(302, &format!("http://arc.test{path}")),
        _ => archive(seen),
    });
    let report = Desk::new(&[("a.md", CITING)]).check(&server, &["--archive=http://old.test/cdx/search/cdx"]);
    assert!(facts(&findings(&report, "link/gone")[0], "capture")[0].contains("2020-01-01"));
}
