//! Which page is meant: a generated set in ten languages, with precision and
//! coverage (`cargo test --test proposals -- --nocapture` prints them).
//!
//! The set is made from the project's own articles. A site holds one page for
//! each paragraph of an article, so its pages speak of the same things by the
//! same names. A page says what its paragraph says, its words in another order;
//! the article cites the site behind a part of the paragraph. Then the page is
//! there, or it is not, or it was published only later: whatever is proposed
//! where it should not be is wrong.

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

use std::collections::BTreeMap;
use std::fs;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use obelus::document;
use obelus::language::{Host, language_of};
use obelus::passage::read_words;
use obelus::search::{Answer, Passage, Seen, SiteSearch, Wish};
use obelus::verdict::{BodyExtent, Observation, Outcome, PageFacts, Probe, Withheld};
use url::Url;

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

/// Passages made of each paragraph.
const PER_PARAGRAPH: usize = 5;

const ARTICLE: Date = date(2026, 3, 20);

/// `SplitMix64`: the same set on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % limit.max(1) as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            let other = self.below(index + 1);
            items.swap(index, other);
        }
    }
}

/// The longer paragraphs of an article.
fn paragraphs(name: &str) -> Vec<String> {
    let path = format!("{}/fixtures/articles/{name}.md", env!("CARGO_MANIFEST_DIR"));
    let document = document::read(fs::read(path).unwrap(), None, Some("a.md")).unwrap();
    let texts = document.blocks.iter().map(|block| block.span.slice(&document.text).to_owned());
    texts.filter(|text| text.chars().count() > 60 && read_words(text).len() > 25).collect()
}

/// Words `from..to` of a text, as they stand there.
fn stretch(text: &str, from: usize, to: usize) -> String {
    let words = read_words(text);
    let to = to.min(words.len());
    words[from].span.join(words[to - 1].span).slice(text).to_owned()
}

/// A page that says what a paragraph says, its words in another order: its
/// title and its text.
fn retold(paragraph: &str, quotation: &str, random: &mut Random) -> (String, String) {
    let count = read_words(paragraph).len();
    let mut pieces: Vec<String> = (0..count).step_by(5).map(|from| stretch(paragraph, from, from + 5)).collect();
    let title = pieces[random.below(pieces.len())].clone() + " " + &pieces[random.below(pieces.len())];
    random.shuffle(&mut pieces);
    (title, format!("{}. {quotation}", pieces.join(". ")))
}

/// A site: what stands at each address.
struct Site(BTreeMap<Url, (String, &'static str)>);

impl Site {
    /// A site of these pages, by their titles and texts; one may be left out,
    /// one published only after the article.
    fn new(stories: &[(String, String)], without: Option<usize>, later: Option<usize>) -> Self {
        let mut pages = BTreeMap::new();
        let mut list = String::from("<urlset>");
        for (index, (title, text)) in stories.iter().enumerate().filter(|(index, _)| Some(*index) != without) {
            let day = if later == Some(index) { "2026-03-21" } else { "2026-03-19" };
            let html = format!("<title>{title}</title><meta name=date content={day}><p>{text}</p>");
            let url = url(&format!("/page/{index}"));
            list += &format!("<url><loc>{url}</loc><title>{}</title></url>", title.replace(['<', '&'], " "));
            pages.insert(url, (html, "text/html; charset=utf-8"));
        }
        pages.insert(url("/"), ("<title>Front</title><p>Welcome.".to_owned(), "text/html; charset=utf-8"));
        pages.insert(url("/sitemap.xml"), (list + "</urlset>", "application/xml"));
        Self(pages)
    }

    fn ask(&self, probe: &Probe) -> Observation {
        let mut seen = Observation::withheld(probe.clone(), Withheld::Offline, Timestamp::UNIX_EPOCH);
        let found = self.0.get(&probe.url);
        let page = found.map(|(text, kind)| {
            let mut page = PageFacts::read_whole(text.as_bytes(), Some(kind), BodyExtent::Whole);
            page.keep_only(probe.keep);
            Box::new(page)
        });
        let status = if found.is_some() { 200 } else { 404 };
        seen.outcome = Outcome::Answered { status, headers: Vec::new(), page };
        seen
    }
}

fn url(path: &str) -> Url {
    format!("https://site.org{path}").parse().unwrap()
}

/// What the search comes to, and how many pages it asked for.
fn search(site: &Site, passage: Passage) -> (Answer, usize) {
    let host = Host::of_url(&url("/")).unwrap();
    let wish = Wish { document: 0, date: Some(ARTICLE), passage };
    let mut search = SiteSearch::new(host, url("/"), vec![wish], Vec::new());
    let mut first = [Probe::new(url("/"))];
    search.prepare(&mut first);
    let mut seen: Vec<Observation> = first.into_iter().map(|probe| site.ask(&probe)).collect();
    loop {
        let wanted = search.wanted(&Seen::of(&seen));
        if wanted.is_empty() {
            break;
        }
        seen.extend(wanted.into_iter().map(|probe| site.ask(&probe)));
    }
    (search.answers(&Seen::of(&seen)).remove(0), seen.len())
}

/// A report as agencies write them: names and numbers of a small world that
/// every page of the site speaks of.
fn report(random: &mut Random) -> (Vec<String>, String) {
    const PEOPLE: &[&str] = &[
        "Abbot",
        "Baines",
        "Corvin",
        "Dallow",
        "Ellery",
        "Farrow",
        "Garrick",
        "Hollis",
        "Ingram",
        "Jessop",
        "Kershaw",
        "Lowther",
        "Mostyn",
        "Norwood",
        "Ormond",
        "Penrose",
        "Quayle",
        "Redmayne",
        "Sewell",
        "Tarrant",
        "Underhill",
        "Vosper",
        "Wexley",
        "Yardley",
    ];
    let mut people = PEOPLE.to_vec();
    random.shuffle(&mut people);
    let mut atoms: Vec<String> = people[..5].iter().map(|name| (*name).to_owned()).collect();
    atoms.extend((0..3).map(|_| (100 + random.below(9000)).to_string()));
    let text = format!(
        "On the harbour question {} met {} on Monday; the board of {} had counted {} boats and {} tonnes. According to {} and to {}, {} more were lost.",
        atoms[0], atoms[1], atoms[2], atoms[5], atoms[6], atoms[3], atoms[4], atoms[7]
    );
    (atoms, text)
}

#[derive(Default)]
struct Tally {
    asked: usize,
    right: usize,
    wrong: usize,
}

impl Tally {
    /// Cites the page of that number three times: while it is there, while it
    /// is not, and while it is dated later than the article.
    fn cite(&mut self, elsewhere: &mut Self, passage: &Passage, stories: &[(String, String)], index: usize) {
        for (is_there, without, later) in [(true, None, None), (false, Some(index), None), (false, None, Some(index))] {
            let (answer, asked) = search(&Site::new(stories, without, later), passage.clone());
            assert!(asked <= 1 + 6 + 3, "{asked}");
            let tally = if is_there { &mut *self } else { &mut *elsewhere };
            tally.asked += 1;
            if let Answer::Proposed(proposal) = answer {
                let is_right = is_there && proposal.url == url(&format!("/page/{index}"));
                tally.right += usize::from(is_right);
                tally.wrong += usize::from(!is_right);
            }
        }
    }
}

#[test]
fn what_is_proposed_is_meant() {
    let mut random = Random(7);
    let mut there: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut elsewhere = Tally::default();
    for name in ARTICLES {
        let paragraphs = paragraphs(name);
        let language = language_of(&paragraphs.join("\n"));
        for (index, paragraph) in paragraphs.iter().enumerate() {
            let count = read_words(paragraph).len();
            for round in 0..PER_PARAGRAPH {
                let cited = stretch(paragraph, random.below(count / 3), count);
                let mut passage = Passage::read(0, &cited, "site", language);
                let quotation = (round % 2 == 0).then(|| stretch(paragraph, count / 2, count / 2 + 10));
                passage.quotations.extend(quotation.clone());
                let stories: Vec<(String, String)> = paragraphs
                    .iter()
                    .enumerate()
                    .map(|(at, paragraph)| {
                        let quotation = quotation.as_deref().filter(|_| at == index).unwrap_or_default();
                        retold(paragraph, quotation, &mut random)
                    })
                    .collect();
                there.entry(&name[..2]).or_default().cite(&mut elsewhere, &passage, &stories, index);
            }
        }
    }
    for _ in 0..4 {
        let reports: Vec<(Vec<String>, String)> = (0..40).map(|_| report(&mut random)).collect();
        let stories: Vec<(String, String)> = reports
            .iter()
            .map(|(atoms, text)| (format!("{}, {} and the harbour", atoms[0], atoms[3]), text.clone()))
            .collect();
        for (index, (atoms, _)) in reports.iter().enumerate() {
            let cited = format!(
                "In the harbour {} boats were counted, said {}, and both {} and {} agreed on {} tonnes with {}.",
                atoms[5], atoms[2], atoms[0], atoms[3], atoms[6], atoms[1]
            );
            let passage = Passage::read(0, &cited, "site", Some("eng"));
            there.entry("invented").or_default().cite(&mut elsewhere, &passage, &stories, index);
        }
    }
    println!("{:<9} {:>7} {:>7} {:>7} {:>9}", "language", "asked", "right", "wrong", "coverage");
    let (mut right, mut wrong) = (0, elsewhere.wrong);
    for (language, tally) in &there {
        let coverage = 100.0 * tally.right as f64 / tally.asked as f64;
        println!("{language:<9} {:>7} {:>7} {:>7} {coverage:>8.1}%", tally.asked, tally.right, tally.wrong);
        right += tally.right;
        wrong += tally.wrong;
    }
    println!("not there {:>7} {:>7} {:>7}", elsewhere.asked, "", elsewhere.wrong);
    println!("{right} of {} proposals are right", right + wrong);
    assert!(right > 200, "{right}");
    assert_eq!(wrong, 0);
}
