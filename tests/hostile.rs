//! Hostile input: nothing panics, and time grows with the size and not with
//! its square. Each text is read at two sizes and the larger may take at most
//! a generous multiple of the smaller one's time per byte.

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

use std::time::{Duration, Instant};

use obelus::check::{CheckSettings, check};
use obelus::document::{self, Format};

fn time(text: &str, format: Format) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "this test measures time")]
    let start = Instant::now();
    if let Ok(document) = document::read(text.as_bytes().to_vec(), Some(format), None) {
        let report = check("hostile".to_owned(), &document, &CheckSettings::default());
        assert_eq!(report.citations.len(), report.cited.len());
    }
    start.elapsed()
}

/// A quadratic step of 8 in size takes 64 times as long; noise on a shared
/// machine does not reach 24 once the small run is long enough to measure.
fn assert_linear(name: &str, unit: &str, failures: &mut Vec<String>) {
    const SMALL: usize = 3_000;
    const STEP: usize = 8;
    for format in Format::ALL {
        let small = unit.repeat(SMALL / unit.len() + 1);
        let large = unit.repeat(SMALL * STEP / unit.len() + 1);
        // Another program may take the machine for a while: try again before
        // saying so.
        let mut tries = (0..4).map(|_| (time(&small, format).max(Duration::from_millis(2)), time(&large, format)));
        let is_linear = |(base, taken): &(Duration, Duration)| *taken <= *base * 24;
        let Some((base, taken)) = tries.next().filter(|first| !is_linear(first)) else { continue };
        if !tries.any(|again| is_linear(&again)) {
            failures.push(format!(
                "{name} as {}: {base:?} for {SMALL} bytes, {taken:?} for {STEP} times as many",
                format.name()
            ));
        }
    }
}

#[test]
fn time_stays_linear() {
    let units = [
        ("open brackets", "["),
        ("open parentheses", "("),
        ("brackets in pairs", "[]"),
        ("images", "!["),
        ("inline links unclosed", "[a]("),
        ("link ends", "]("),
        ("reference ends", "]["),
        ("quotes", ">"),
        ("spaced quotes", "> "),
        ("quotation marks", "“"),
        ("stars", "*a **b "),
        ("underscores", "_a __b "),
        ("backticks", "`"),
        ("growing backticks", "` `` ``` ```` "),
        ("tildes", "~~a"),
        ("tags", "<a"),
        ("open tags", "<div>"),
        ("links without end", "<a href=x>"),
        ("comments", "<!--"),
        ("instructions", "<?"),
        ("declarations", "<!A"),
        ("entities", "&amp;"),
        ("bad entities", "&#x"),
        ("labels", "(a.org)"),
        ("spliced labels", "wor(nato.int)rd"),
        ("different labels", "x(a.org)y (b.org) z. (c.org) "),
        ("numeric", "a[1]b[2]c"),
        ("cut labels", "(foreignpol (foreignpolicy.com) "),
        ("cut heads", "eignpolicy.com) (foreignpolicy.com) "),
        ("nested labels", "(reuters(apnews.com).com)"),
        ("cut names", "([Word Off ([Word Office](https://a.org)) "),
        ("tokens", "\u{E200}cite\u{E202}turn0search0"),
        ("stripped tokens", "citeturn0search0"),
        ("references", ":contentReference[oaicite:0]{index=0}"),
        ("lenticular", "【1†"),
        ("spans", "[span_1](start_span)"),
        ("grok", "<grok:render a>"),
        ("addresses", "https://a.org/("),
        ("superscripts", "word¹"),
        ("headings", "x. ## a "),
        ("lists", "- a. "),
        ("tables", "|a"),
        ("definitions", "[a]: http://b.org\n"),
        ("footnotes", "[^a]: b [^a] "),
        ("list marks", "- - "),
        ("deep lists", "* \n"),
        ("long word", "a"),
        ("nul", "a\0b "),
        ("bidi", "a\u{202E}b "),
        ("emoji", "👩‍👩‍👧‍👦"),
        ("combining", "e\u{301}\u{301}"),
        ("span marks that cross", "[span_1](start_span)a[span_2](start_span)b[span_1](end_span)c[span_2](end_span)"),
        ("span ends", "[span_1](start_span)a[span_1](end_span)"),
        ("entity blocks", "entity[\"a\",\"b\"]"),
        ("open entity blocks", "entity[\""),
        ("attributions", "^[a]({\"attribution\":1})"),
        ("attributions without a start", "]({\"attribution\":1})"),
        ("templates", "{{cite web|"),
        ("wiki notes", "<ref>"),
        ("codes of reference managers", "ADDIN CSL_CITATION {\"a\":\""),
        ("messages of Word", "Error! Reference source not found. "),
        ("doubts", "word [?]. "),
        ("lost characters", "a\u{FFFD}"),
        ("halves", "a \\ud83d "),
        ("garbled", "aÃ© "),
        ("garbled runs", "æ—¥æœ¬"),
        ("garbled and quoted", "“Ã©” "),
        ("ranges", "a [1-999] "),
        ("glued numbers", "words1 "),
        ("entries", "[1] A\n"),
        ("notes", "[^1]: a\n"),
        ("books", "ISBN 0-306-40615-2 "),
        ("hash marks", "#"),
        ("newlines", "\n"),
        ("carriage returns", "\r\n"),
    ];
    let mut failures = Vec::new();
    for (name, unit) in units {
        assert_linear(name, unit, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn absurd_nesting_is_said() {
    for text in ["[".repeat(100_000), ">".repeat(100_000), "“".repeat(100_000), "(".repeat(100_000)] {
        let document = document::read(text.clone().into_bytes(), Some(Format::Markdown), None).unwrap();
        let is_bounded = !text.starts_with('“');
        assert_eq!(document.issues.len(), usize::from(is_bounded), "{}", &text[..3]);
    }
}
