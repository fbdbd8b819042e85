//! Every report format with a hostile article, hostile titles and hostile
//! paths: each stays valid in its own grammar, and nothing of a stranger's
//! becomes markup, a command, a mention or a script.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]

mod browser;
mod loopback;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use browser::Browser;
use loopback::{Act, Seen, Server, page};
use serde_json::Value;

const HOSTILE_NAME: &str = "a <b> & \"c\" %0A::error::'@all'.md";
const HOSTILE_TITLE: &str =
    "</title><script>window.broken = 1; alert(1)</script><img src=http://evil.org/x onerror=\"window.broken = 1\">";
const HOSTILE_ARTICLE: &str = "# <script>window.broken = 1</script> &amp; more\n\nThe council met. (nato.int) But it doe(nato.int)why this \u{202E}issue keeps <img src=x onerror=window.broken=1> coming up `</script><script>window.broken = 1</script>`.\n\n::error::planted @everyone and ]]> and --> and <!-- \u{1b}[31m red\n\nSee https://gone.example.org/\"><script>window.broken=1</script> and <https://dead.example.org/page> and javascript:window.broken=1 too. The end it see(nato.int)ms is near.\n";

struct Site {
    folder: tempfile::TempDir,
    server: Server,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(HOSTILE_NAME), HOSTILE_ARTICLE).unwrap();
        fs::write(folder.path().join("good.md"), "Nothing is wrong here.\n").unwrap();
        let script = |seen: &Seen| -> Act {
            match seen.host.as_str() {
                "nato.int" => page(200, &format!("<title>{}</title>", HOSTILE_TITLE.replace('<', "&lt;"))),
                _ => page(404, "no"),
            }
        };
        Self { folder, server: Server::plain(script) }
    }

    /// The report in a format; the run must have found something.
    fn report(&self, format: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
            .current_dir(self.folder.path())
            .args(["check", "--format", format, "--host-interval", "0s", "--retries", "0", "--timeout", "5s"])
            .args(["--connect-to", &self.server.rule("*", "443"), "--connect-to", &self.server.rule("*", "80")])
            .args([HOSTILE_NAME, "good.md", "missing.md"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn page(&self) -> PathBuf {
        let path = self.folder.path().join("report.html");
        fs::write(&path, self.report("html")).unwrap();
        path
    }
}

#[test]
fn sarif_is_valid() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sarif-2.1.0.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    // As published, this pattern is no regular expression; we give no language.
    for definition in ["run", "toolComponent"] {
        schema["definitions"][definition]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let log: Value = serde_json::from_str(&Site::new().report("sarif")).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)), "{uri}");
    }
    let fixed = results.iter().filter(|result| result["fixes"].is_array()).count();
    assert!(fixed > 0, "a splice has a fix");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// Who makes the edits of the log has the article that `repair` gives.
/// oxsecurity/megalinter#8474: a fix without changes has the whole log refused.
#[test]
fn sarif_fixes_repair_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let text = "\u{feff}Étude. The council met. (nato.int) But it doe(nato.int)why this issue keeps coming up.\r\n";
    fs::write(folder.path().join("a.md"), text).unwrap();
    let run = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_obelus")).current_dir(folder.path()).args(words).output().unwrap().stdout
    };
    let log: Value = serde_json::from_slice(&run(&["check", "--offline", "--format", "sarif", "a.md"])).unwrap();
    assert_eq!(log["runs"][0]["columnKind"], "unicodeCodePoints");
    let mut bytes = text.as_bytes().to_vec();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut replacements: Vec<&Value> = results
        .iter()
        .filter_map(|result| result["fixes"][0]["artifactChanges"][0]["replacements"].as_array())
        .flatten()
        .collect();
    assert!(!replacements.is_empty());
    let fixes = results.iter().filter_map(|result| result["fixes"].as_array()).flatten();
    assert!(fixes.into_iter().all(|fix| !fix["artifactChanges"][0]["replacements"].as_array().unwrap().is_empty()));
    replacements.sort_by_key(|one| std::cmp::Reverse(one["deletedRegion"]["byteOffset"].as_u64()));
    for one in replacements {
        let number = |name: &str| usize::try_from(one["deletedRegion"][name].as_u64().unwrap()).unwrap();
        let start = number("byteOffset");
        let inserted = one["insertedContent"]["text"].as_str().unwrap().bytes();
        bytes.splice(start..start + number("byteLength"), inserted);
    }
    assert_eq!(bytes, run(&["repair", "a.md"]));
    assert_ne!(bytes, text.as_bytes());
}

#[test]
fn junit_is_well_formed_and_counts_right() {
    let text = Site::new().report("junit");
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count().to_string();
    let root = document.root_element();
    assert_eq!(root.attribute("tests").unwrap(), count("testcase"));
    assert_eq!(root.attribute("failures").unwrap(), count("failure"));
    assert_eq!(root.attribute("errors").unwrap(), "1");
    assert!(document.descendants().any(|node| node.attribute("name") == Some(HOSTILE_NAME)));
    assert!(document.descendants().any(|node| node.attribute("name") == Some("nothing found")));
}

#[test]
fn annotations_are_commands_of_ours() {
    let text = Site::new().report("github");
    assert!(text.lines().count() > 3);
    for line in text.lines() {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(["error ", "warning ", "notice "].iter().any(|command| head.starts_with(command)), "{line}");
        assert!(!message.contains('\u{1b}') && !head.contains('\u{1b}'), "{line}");
        assert!(
            head.contains("file=missing.md") || head.contains("%250A%3A%3Aerror%3A%3A") || head.contains("good.md"),
            "{line}"
        );
    }
}

#[test]
fn markdown_mentions_nobody_and_holds_no_markup_of_strangers() {
    let text = Site::new().report("markdown");
    let events: Vec<_> = pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES).collect();
    for event in &events {
        let is_foreign = matches!(
            event,
            pulldown_cmark::Event::Html(_)
                | pulldown_cmark::Event::InlineHtml(_)
                | pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { .. } | pulldown_cmark::Tag::Image { .. })
        );
        assert!(!is_foreign, "{event:?}");
    }
    let outside_code: String = text.split('`').step_by(2).collect();
    assert!(!outside_code.contains('@'), "{outside_code}");
    assert!(text.contains("gone") && text.contains("splice/cut-word"));
}

#[test]
fn the_policy_names_the_style_and_script_that_stand_in_the_page() {
    let text = fs::read_to_string(Site::new().page()).unwrap();
    let policy = between(&text, "Content-Security-Policy\" content=\"", "\"");
    for (element, directive) in [("style", "style-src"), ("script", "script-src")] {
        let content = between(&text, &format!("<{element}>"), &format!("</{element}>"));
        let expected = format!("{directive} 'sha256-{}'", digest(content));
        assert!(policy.contains(&expected), "put {} into src/report/html/mod.rs for {element}", digest(content));
    }
    assert!(policy.starts_with("default-src 'none'; "));
    assert_eq!(text.matches("<script").count(), 1);
}

fn between<'a>(text: &'a str, head: &str, tail: &str) -> &'a str {
    text.split_once(head).unwrap().1.split_once(tail).unwrap().0
}

/// SHA-256 in base64, by the TLS library that is here anyway.
fn digest(content: &str) -> String {
    use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let rustls::SupportedCipherSuite::Tls13(suite) = TLS13_AES_128_GCM_SHA256 else { panic!("a TLS 1.3 suite") };
    let hash = suite.common.hash_provider.hash(content.as_bytes());
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for group in hash.as_ref().chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            encoded.push(if place <= group.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    encoded
}

/// `OBELUS_BROWSER=required`, as CI sets it, makes a missing browser a failure.
fn browser() -> Option<Browser> {
    let browser = Browser::start();
    if browser.is_none() {
        assert!(std::env::var_os("OBELUS_BROWSER").is_none(), "no Chromium, and OBELUS_BROWSER asks for one");
        eprintln!("SKIPPED: no Chromium is installed (apt-get install chromium), so the HTML report was not opened");
    }
    browser
}

#[test]
fn the_page_loads_filters_and_keeps_strangers_words_as_text() {
    let site = Site::new();
    let Some(mut browser) = browser() else { return };
    let path = site.page();
    browser.open(&path);
    let count = |browser: &mut Browser, selector: &str| {
        browser.value(&format!("document.querySelectorAll({}).length", Value::from(selector))).as_u64().unwrap()
    };
    assert_eq!(browser.value("typeof window.broken"), "undefined");
    assert_eq!(count(&mut browser, "script"), 1);
    assert_eq!(count(&mut browser, "img, iframe, link, object, embed, form"), 0);
    assert_eq!(count(&mut browser, "a[href]:not([href^='#']):not([href^='https://']):not([href^='http://'])"), 0);
    let titles = browser.value("document.querySelector('.title').textContent");
    assert!(titles.as_str().unwrap().contains("<script>window.broken = 1; alert(1)</script>"), "{titles}");
    let shown = ".finding:not([hidden])";
    let all = count(&mut browser, shown);
    assert!(all > 3);
    browser.value("document.querySelector('button[data-severity=error]').click()");
    let fewer = count(&mut browser, shown);
    assert!(fewer < all && fewer > 0, "{fewer} of {all}");
    assert_eq!(count(&mut browser, ".finding.error:not([hidden])"), 0);
    browser.value("document.querySelector('button[data-severity=error]').click()");
    browser.value("document.activeElement.blur()");
    browser.press("/");
    for key in "dead.example.org".chars() {
        browser.press(&key.to_string());
    }
    assert_eq!(browser.value("document.querySelector('#search').value"), "dead.example.org");
    let found = count(&mut browser, shown);
    assert!(found > 0 && found < all, "{found} of {all}");
    assert_eq!(count(&mut browser, "tr[data-verdict]:not([hidden])"), 1);
    browser.press("Escape");
    assert_eq!(count(&mut browser, shown), all);
    browser.press("j");
    browser.press("j");
    assert_eq!(browser.value("document.querySelectorAll('.finding')[1].classList.contains('here')"), true);
    assert!(count(&mut browser, "mark.here") > 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// Seven nights of an audit (see `tests/audit_history.rs`) as a page: the past
/// of each source, by night and by day.
#[test]
fn the_page_of_an_audit_shows_the_past_in_the_dark_too() {
    let folder = tempfile::tempdir().unwrap();
    let kept = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/history-1.sql")).unwrap();
    rusqlite::Connection::open(folder.path().join("obelus.db")).unwrap().execute_batch(&kept).unwrap();
    let articles = folder.path().join("articles");
    fs::create_dir(&articles).unwrap();
    fs::write(
        articles.join("one.md"),
        "See <http://archive.example.org/dies/plan> and [this](http://plans.example.org/moves/new-plan).\n",
    )
    .unwrap();
    fs::write(
        articles.join("two.md"),
        "See <http://guide.example.org/drifts/coast> and <http://paper.example.org/wall/news>.\n",
    )
    .unwrap();
    let path = folder.path().join("report.html");
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .current_dir(folder.path())
        .args(["audit", "status", "--format", "html", "--output", "report.html"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let Some(mut browser) = browser() else { return };
    browser.open(&path);
    assert_eq!(browser.value("document.querySelectorAll('svg.history').length"), 4);
    let dead =
        "[...document.querySelectorAll('tr[data-verdict]')].find((row) => row.textContent.includes('/dies/plan'))";
    assert_eq!(browser.value(&format!("{dead}.querySelectorAll('svg.history rect.error').length")), 4);
    let label = browser.value(&format!("{dead}.querySelector('svg.history').getAttribute('aria-label')"));
    assert!(label.as_str().unwrap().starts_with("2 of 6 checks good, from 2026-11-25"), "{label}");
    assert!(browser.value("document.body.textContent").as_str().unwrap().contains("its title was"));
    // By verdict.
    browser.value("document.querySelector('#verdict').value = 'gone'; document.querySelector('#verdict').dispatchEvent(new Event('change'))");
    assert_eq!(browser.value("document.querySelectorAll('tr[data-verdict]:not([hidden])').length"), 1);
    // Light and dark.
    let mut brightness = |scheme: &str| {
        let features = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        browser.call("Emulation.setEmulatedMedia", &features);
        let colors = "['backgroundColor', 'color'].map((name) => getComputedStyle(document.body)[name].match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))";
        let sums = browser.value(colors);
        (sums[0].as_u64().unwrap(), sums[1].as_u64().unwrap())
    };
    let ((paper, ink), (dark_paper, light_ink)) = (brightness("light"), brightness("dark"));
    assert!(paper > 600 && ink < 200 && dark_paper < 200 && light_ink > 600, "{paper} {ink} {dark_paper} {light_ink}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
