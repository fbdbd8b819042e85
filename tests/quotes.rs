//! Quotations against pages: a generated set in ten languages, with precision
//! and coverage (`cargo test --test quotes -- --nocapture` prints them), and
//! the whole way from an article over a server to the report.
//!
//! The set is made from the project's own articles. A page is an article as
//! HTML, with the noise of real pages: entities, emphasis, notes, soft hyphens,
//! other spaces. A quotation is some of its words with the noise of
//! typesetting; then it is left as it is, altered in one way, or taken from
//! elsewhere. What is said of it is right, wrong, or undecided.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, reads files and prints its table"
)]

mod loopback;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use loopback::certificates::Authority;
use loopback::{Server, page};
use obelus::document;
use obelus::passage::{Match, find, read_words};
use obelus::verdict::{BodyExtent, PageFacts};

const ARTICLES: &[&str] = &[
    "ar-maktabat",
    "de-typografie",
    "en-museums",
    "es-transbordadores",
    "fr-abeilles",
    "hi-chawal",
    "ja-todai",
    "ko-sijang",
    "uk-arkhivy",
    "zh-qiaoliang",
];

/// Quotations made of each article.
const PER_ARTICLE: usize = 4000;

/// `SplitMix64`: the same set on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }
}

/// The blocks of an article's text.
fn blocks(name: &str) -> Vec<String> {
    let path = format!("{}/fixtures/articles/{name}.md", env!("CARGO_MANIFEST_DIR"));
    let document = document::read(fs::read(path).unwrap(), None, Some("a.md")).unwrap();
    // Marks of notes are citations, which a quotation is freed of.
    let without_notes = |text: &str| {
        let mut pieces = text.split("[^");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| text + piece.split_once(']').map_or(piece, |(_, rest)| rest))
    };
    document.blocks.iter().map(|block| without_notes(block.span.slice(&document.text))).collect()
}

/// The article as the HTML of a noisy page, and back as the text that is read
/// from it.
fn page_text(blocks: &[String], random: &mut Random) -> String {
    let mut html = String::from("<!doctype html><title>x</title><nav><a href=/>Home</a></nav><main>");
    for block in blocks {
        html.push_str("<p>");
        for c in block.chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                ' ' if random.one_in(40) => html.push_str("&nbsp;"),
                ' ' if random.one_in(60) => html.push_str("<sup>[7]</sup> "),
                ' ' if random.one_in(40) => html.push_str(" <em></em>"),
                '\'' | '’' => html.push_str("&#8217;"),
                _ if c.is_alphabetic() && random.one_in(200) => html.push_str(&format!("{c}&shy;")),
                _ if c.is_alphabetic() && random.one_in(200) => html.push_str(&format!("<b>{c}</b>")),
                _ => html.push(c),
            }
        }
        html.push_str("</p>\n");
    }
    html.push_str("</main><footer>All rights</footer>");
    let facts = PageFacts::read(html.as_bytes(), Some("text/html; charset=utf-8"), BodyExtent::Whole);
    facts.text.unwrap().content
}

/// A stretch of words of one block, as it stands there.
fn stretch(blocks: &[String], random: &mut Random) -> Option<String> {
    let block = &blocks[random.below(blocks.len())];
    let words = read_words(block);
    let length = 4 + random.below(36);
    let start = random.below(words.len().checked_sub(length)?);
    let span = words[start].span.join(words[start + length - 1].span);
    Some(span.slice(block).to_owned())
}

/// What typesetting does to a quotation.
fn typeset(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '’' if random.one_in(2) => out.push('\''),
            '–' if random.one_in(2) => out.push('-'),
            ' ' if random.one_in(30) => out.push('\u{A0}'),
            ',' if random.one_in(20) => {}
            _ if random.one_in(50) => out.extend(c.to_uppercase()),
            _ => out.push(c),
        }
    }
    out
}

/// Words that say no, by the article's language.
fn negation(name: &str) -> &'static str {
    match &name[..2] {
        "de" => " nicht ",
        "fr" => " pas ",
        "es" => " no ",
        "uk" => " не ",
        "ar" => " لا ",
        "hi" => " नहीं ",
        "ja" | "zh" => "不",
        "ko" => " 안 ",
        _ => " not ",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Made {
    AsItIs,
    Elided,
    OtherNumber,
    Negated,
    OtherWord,
    LessAWord,
    SwallowedNot,
    Elsewhere,
    Shuffled,
}

/// One quotation with what was done to it; `None` where it cannot be done.
fn make(name: &str, blocks: &[String], others: &[String], random: &mut Random) -> Option<(Made, String)> {
    const KINDS: [Made; 9] = [
        Made::AsItIs,
        Made::Elided,
        Made::OtherNumber,
        Made::Negated,
        Made::OtherWord,
        Made::LessAWord,
        Made::SwallowedNot,
        Made::Elsewhere,
        Made::Shuffled,
    ];
    let kind = KINDS[random.below(KINDS.len())];
    let text = stretch(if kind == Made::Elsewhere { others } else { blocks }, random)?;
    let words = read_words(&text);
    let is_negation = |at: usize| obelus::passage::is_negation(&words[at].folded);
    let at = |word: usize| words[word].span.range();
    let middle = 1 + random.below(words.len().checked_sub(2)?);
    let made = match kind {
        Made::AsItIs | Made::Elsewhere => text.clone(),
        Made::Elided => {
            let end = (middle + 1 + random.below(6)).min(words.len() - 1);
            if (middle..end).any(is_negation) {
                return None;
            }
            format!("{} … {}", &text[..at(middle - 1).end], &text[at(end).start..])
        }
        Made::SwallowedNot => {
            if !is_negation(middle) {
                return None;
            }
            let next = at(middle + 1).start;
            let between = &text[at(middle - 1).end..next];
            if between.contains(|c: char| c.is_ascii_punctuation()) {
                return None;
            }
            format!("{} … {}", &text[..at(middle - 1).end], &text[next..])
        }
        Made::OtherNumber => {
            let digit = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).nth(random.below(3))?;
            let other = char::from(b'0' + ((digit.1 as u8 - b'0') + 1 + random.below(8) as u8) % 10);
            format!("{}{other}{}", &text[..digit.0], &text[digit.0 + 1..])
        }
        Made::Negated => {
            let after = at(middle - 1).end;
            format!("{}{}{}", &text[..after], negation(name), text[after..].trim_start())
        }
        Made::OtherWord => {
            let other = read_words(&stretch(others, random)?).swap_remove(random.below(3)).folded;
            if other == words[middle].folded {
                return None;
            }
            format!("{}{other}{}", &text[..at(middle).start], &text[at(middle).end..])
        }
        Made::LessAWord => {
            let same =
                words[middle].folded == words[middle - 1].folded || words[middle].folded == words[middle + 1].folded;
            if same {
                return None;
            }
            format!("{}{}", &text[..at(middle).start], text[at(middle).end..].trim_start())
        }
        // Few words may come to stand as they stood.
        Made::Shuffled if words.len() < 10 => return None,
        Made::Shuffled => {
            let mut order: Vec<&str> = words.iter().map(|word| word.span.slice(&text)).collect();
            for index in (1..order.len()).rev() {
                order.swap(index, random.below(index + 1));
            }
            order.join(" ")
        }
    };
    Some((kind, typeset(&made, random)))
}

/// What was said: right, wrong or nothing.
#[derive(Default)]
struct Score {
    right: usize,
    wrong: usize,
    undecided: usize,
}

#[test]
fn what_is_said_of_quotations_is_right() {
    let mut scores: BTreeMap<Made, Score> = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, name) in ARTICLES.iter().enumerate() {
        let mut random = Random(number as u64);
        let all = blocks(name);
        // Half of the article is the page, the other half is elsewhere.
        let (others, blocks): (Vec<_>, Vec<_>) = all.into_iter().enumerate().partition(|(index, _)| index % 3 == 0);
        let strip = |blocks: Vec<(usize, String)>| blocks.into_iter().map(|(_, block)| block).collect::<Vec<_>>();
        let (others, blocks) = (strip(others), strip(blocks));
        let source = page_text(&blocks, &mut random);
        let words = read_words(&source);
        for _ in 0..PER_ARTICLE {
            let Some((kind, quotation)) = make(name, &blocks, &others, &mut random) else { continue };
            let said = find(&quotation, &source, &words);
            let is_right = match (kind, &said) {
                (_, Match::Similar | Match::TooShort) => None,
                (Made::AsItIs | Made::Elided, said) => Some(matches!(said, Match::Verbatim(_))),
                (Made::Elsewhere | Made::Shuffled, said) => Some(*said == Match::Absent),
                (_, said) => Some(matches!(said, Match::Altered(..))),
            };
            let score = scores.entry(kind).or_default();
            match is_right {
                Some(true) => score.right += 1,
                None => score.undecided += 1,
                Some(false) => {
                    score.wrong += 1;
                    failures.push(format!("{name} {kind:?}: {quotation}\n   {said:?}"));
                }
            }
        }
    }
    println!(
        "{:<14} {:>7} {:>7} {:>9} {:>10} {:>10}",
        "quotation", "right", "wrong", "undecided", "precision", "coverage"
    );
    let mut sum = Score::default();
    let row = |name: &str, score: &Score| {
        let decided = (score.right + score.wrong) as f64;
        let precision = score.right as f64 / decided.max(1.0);
        let coverage = decided / (decided + score.undecided as f64);
        println!(
            "{name:<14} {:>7} {:>7} {:>9} {precision:>10.4} {coverage:>10.3}",
            score.right, score.wrong, score.undecided
        );
        precision
    };
    for (kind, score) in &scores {
        row(&format!("{kind:?}"), score);
        sum.right += score.right;
        sum.wrong += score.wrong;
        sum.undecided += score.undecided;
    }
    let precision = row("all", &sum);
    println!("{}", failures.iter().take(30).cloned().collect::<Vec<_>>().join("\n"));
    assert_eq!(scores.len(), 9, "every kind is made");
    assert!(precision >= 0.999, "{precision}");
    assert!(sum.right > 10_000, "{}", sum.right);
}

const SOURCE: &str = "<html lang=en><title>Council minutes</title><meta name=date content=2026-03-09><main>\
    <p>The council met on Monday in the old customs house, and everyone who had a boat came to listen.</p>\
    <p>Its chair said that the barrage would not be closed before 2031, and that 1,200 families had been told by letter.</p>\
    <p>Nobody had asked the fishermen, she added, and nobody would ask them now; the money had been spent already.</p>\
    <p>The engineers explained at length how the gates are built, who pays for the bearings and the paint, and why the mud \
    was never counted. They left before the vote, which was close. The minutes were read out and approved by all.</p></main>";

/// From the article over the server to the report.
#[test]
fn quotations_are_looked_up_in_the_pages_they_cite() {
    let authority = Authority::new();
    let server = Server::tls(&authority.identity(&["council.org"]), |seen| match seen.path.as_str() {
        "/minutes" => page(200, SOURCE),
        "/" => page(200, "<title>Council</title><p>Welcome to the pages of the council."),
        _ => page(404, ""),
    });
    let folder = tempfile::tempdir().unwrap();
    let pem = folder.path().join("ca.pem");
    fs::write(&pem, authority.pem()).unwrap();
    let article = folder.path().join("article.md");
    fs::write(
        &article,
        "The chair said “the barrage would not be closed before 2031” ([minutes](https://council.org/minutes)).\n\n\
         She said “the barrage would be closed before 2031” ([minutes](https://council.org/minutes)).\n\n\
         She said “1,300 families had been told by letter” ([minutes](https://council.org/minutes)).\n\n\
         She said “we shall build another harbour for every child in town” ([minutes](https://council.org/minutes)).\n\n\
         The mayor said “all of them have been lost at sea for good” (council.org).\n\n\
         It stands [in the minutes](https://council.org/minutes#votes), [or so](https://council.org/minutes#:~:text=bearings%20and%20the%20paint).\n",
    )
    .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["check", "--format", "json", "--host-interval", "0s", "--retries", "0", "--cacert"])
        .arg(&pem)
        .args(["--connect-to", &format!("*:443:127.0.0.1:{}", server.address.port())])
        .arg(&article)
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let document = &report["documents"][0];
    let readings: Vec<&str> =
        document["quotations"].as_array().unwrap().iter().map(|entry| entry["reading"].as_str().unwrap()).collect();
    assert_eq!(readings, ["found", "altered", "altered", "absent", "undecided"], "{document:#}");
    assert_eq!(document["quotations"][4]["reason"], "site-only");
    let passage = document["quotations"][0]["passage"].as_str().unwrap();
    assert_eq!(
        passage,
        "https://council.org/minutes#:~:text=the%20barrage%20would%20not%20be%20closed%20before%202031"
    );
    let findings = document["findings"].as_array().unwrap();
    let message = |rule: &str| -> Vec<&str> {
        let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
        of_rule.map(|finding| finding["message"].as_str().unwrap()).collect()
    };
    assert_eq!(
        message("quote/altered"),
        [
            "the quotation differs from https://council.org/minutes: the source has “not”, which is left out",
            "the quotation differs from https://council.org/minutes: “1300” is “1200” in the source",
        ]
    );
    assert_eq!(message("quote/absent").len(), 1);
    assert_eq!(message("link/fragment-missing"), ["https://council.org/minutes has no place “votes”"]);
    let minutes =
        report["resolutions"].as_array().unwrap().iter().find(|entry| entry["url"] == "https://council.org/minutes");
    assert_eq!(minutes.unwrap()["published"], "2026-03-09");
    assert_eq!(minutes.unwrap()["title"], "Council minutes");
    assert_eq!(server.count("council.org", "/minutes"), 1, "one page is asked once, however often it is quoted");
}
