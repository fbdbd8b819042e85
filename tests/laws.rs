//! Laws that hold for any text in any format: every place lies on character
//! boundaries and leads back to its own bytes, keys are unique, and the same
//! bytes give the same report.

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

use std::collections::HashSet;

use obelus::check::{CheckSettings, DocumentReport, check};
use obelus::document::{self, Document, Format};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Pieces that articles, and attackers, are made of.
const PIECES: &[&str] = &[
    "The harbour grew. ",
    "(nato.int)",
    "doe",
    "why ",
    "北约",
    "。",
    "é",
    "👩‍👩‍👧",
    "\r\n",
    "\n",
    "\n\n",
    "## ",
    "- ",
    "* ",
    "> ",
    "`",
    "```\n",
    "[a](https://a.org/b)",
    "([R](https://r.com))",
    "[1]",
    "[^1]",
    "\n[^1]: note https://n.org\n",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a href=\"https://h.org\">",
    "</a>",
    "&amp;",
    "&quot;é",
    "&北",
    "&#8217;",
    "<!-- x -->",
    "<script>x(y.org)</script>",
    "<code>",
    "</code>",
    "\\[",
    "citeturn0search0",
    "\u{E200}cite\u{E202}turn0search1\u{E201}",
    ":contentReference[oaicite:0]{index=0}",
    "https://x.org/(y)",
    "10.1000/xyz",
    "\u{202E}",
    "\u{FEFF}",
    "\0",
    "|",
    "---\n",
    "¹",
    "(reuters(apnews.com).com)",
    "(foreignpol ",
    "eignpolicy.com)",
    "【12†source】",
    "\t",
    "\u{301}",
    " ",
];

fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(PIECES).prop_map(str::to_owned);
    let piece = prop_oneof![9 => known, 1 => any::<String>()];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(Format::ALL.to_vec())
}

fn read(bytes: &[u8], format: Format) -> Option<(Document, DocumentReport)> {
    let document = document::read(bytes.to_vec(), Some(format), None).ok()?;
    let report = check("law".to_owned(), &document, &CheckSettings::default());
    Some((document, report))
}

proptest! {
    // A fixed seed: a test run must not depend on luck; fuzzing looks further.
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn places_lead_back_to_their_bytes(text in text(), format in formats()) {
        let Some((document, report)) = read(text.as_bytes(), format) else { return Ok(()) };
        for block in &document.blocks {
            prop_assert!(document.text.get(block.span.range()).is_some());
        }
        for (citation, cited) in report.citations.iter().zip(&report.cited) {
            prop_assert!(document.text.get(citation.span.range()).is_some());
            prop_assert_eq!(text.get(cited.place.origin.range()), Some(cited.text.as_str()));
        }
        for placed in &report.findings {
            prop_assert!(text.get(placed.place.origin.range()).is_some());
            prop_assert!(!document.text.get(placed.finding.span.range()).unwrap_or_default().is_empty() || placed.finding.span.is_empty());
        }
    }

    #[test]
    fn citations_are_in_order_and_apart(text in text(), format in formats()) {
        let Some((_, report)) = read(text.as_bytes(), format) else { return Ok(()) };
        for pair in report.citations.windows(2) {
            prop_assert!(pair[0].span.end <= pair[1].span.start || pair[0].span.is_empty() || pair[1].span.is_empty(), "{:?}", pair);
        }
    }

    #[test]
    fn keys_are_unique_and_reports_repeat(text in text(), format in formats()) {
        let Some((_, report)) = read(text.as_bytes(), format) else { return Ok(()) };
        let keys: HashSet<_> = report.findings.iter().map(|placed| placed.key.clone()).collect();
        prop_assert_eq!(keys.len(), report.findings.len());
        prop_assert_eq!(read(text.as_bytes(), format).map(|(_, report)| report), Some(report));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), format in formats()) {
        let _ = read(&bytes, format);
    }

    #[test]
    fn no_character_is_lost_in_reading(text in text(), format in formats()) {
        let Some((document, _)) = read(text.as_bytes(), format) else { return Ok(()) };
        let lost = |text: &str| text.matches('\u{FFFD}').count();
        let may_lose = text.matches(['\u{FFFD}', '\0']).count() + text.matches("&#").count();
        prop_assert!(lost(&document.text) <= may_lose, "{:?}", &document.text);
    }

    /// What stands before an article changes no key of what follows.
    #[test]
    fn a_clean_paragraph_before_changes_no_key(n in 1_usize..4) {
        let article = "The sums are public again this year as ever, and nobody doe(nato.int)why they differ from the ones before.\n\nThe end of the text follows here at last. (nato.int)\n";
        let before = "A new first paragraph.\n\n".repeat(n);
        let keys = |text: &str| read(text.as_bytes(), Format::Markdown).map(|(_, report)| report.findings.into_iter().map(|placed| placed.key).collect::<Vec<_>>());
        prop_assert_eq!(keys(article), keys(&format!("{before}{article}")));
    }
}
