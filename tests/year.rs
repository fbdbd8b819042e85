//! A year of nightly audits over a scripted web, without a network or a clock:
//! pages die, return, move, drift, hide behind walls; hosts lose their names,
//! go down and come back; whole nights pass without a network. Every true
//! change is reported within its rule's time, and nothing is reported dead
//! that is not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and counts in days"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use obelus::history::{DeathRule, RecheckRule, State};
use obelus::store::history::{Article, ChangeRow, CitedTarget, DueTarget, History, KnownArticle, SettleRules};
use obelus::verdict::{BodyExtent, Hop, Observation, Outcome, PageFacts, Phase, Probe, judge, read_passages};
use url::Url;

const DAYS: u32 = 365;
const HOSTS: u32 = 33;
const PAGES: u32 = 10;

/// Nights on which this machine has no network: nothing connects, or no name
/// is known, or the second half of the run is cut off.
const SILENT: [u32; 5] = [15, 16, 77, 150, 233];
const NAMELESS: [u32; 4] = [17, 78, 151, 300];
const CUT_OFF: [u32; 2] = [120, 260];

fn has_no_network(day: u32) -> bool {
    SILENT.contains(&day) || NAMELESS.contains(&day) || CUT_OFF.contains(&day)
}

/// What happens to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Steady,
    Dies,
    Returns,
    Glitch,
    Trouble,
    Moves,
    Drifts,
    Requoted,
    Walled,
    NameLost,
    HostDown,
    NameGlitch,
}

/// What a page is on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Page,
    OtherPage,
    OtherWords,
    NotFound,
    Busy,
    Wall,
    Elsewhere,
    NoName,
    Silence,
}

struct Scripted {
    fate: Fate,
    /// The day on which it happens.
    day: u32,
    url: Url,
    host: u32,
}

/// How long the passing things last, in days.
const GONE_FOR: u32 = 25;
const GLITCH: u32 = 2;
const TROUBLE: u32 = 10;
const WALL: u32 = 40;
const DOWN: u32 = 70;

impl Scripted {
    fn truth(&self, day: u32) -> Truth {
        let since = day.checked_sub(self.day);
        let lasts = |days: u32| since.is_some_and(|since| since < days);
        match self.fate {
            Fate::Dies if since.is_some() => Truth::NotFound,
            Fate::Returns if lasts(GONE_FOR) => Truth::NotFound,
            Fate::Glitch if lasts(GLITCH) => Truth::NotFound,
            Fate::Trouble if lasts(TROUBLE) => Truth::Busy,
            Fate::Moves if since.is_some() => Truth::Elsewhere,
            Fate::Drifts if since.is_some() => Truth::OtherPage,
            Fate::Requoted if since.is_some() => Truth::OtherWords,
            Fate::Walled if lasts(WALL) => Truth::Wall,
            Fate::NameLost if since.is_some() => Truth::NoName,
            Fate::HostDown if lasts(DOWN) => Truth::Silence,
            Fate::NameGlitch if lasts(GLITCH) => Truth::NoName,
            _ => Truth::Page,
        }
    }

    fn may_die(&self) -> bool {
        matches!(self.fate, Fate::Dies | Fate::Returns | Fate::NameLost)
    }
}

fn world() -> Vec<Scripted> {
    let mut pages = Vec::new();
    for host in 0..HOSTS {
        for page in 0..PAGES {
            let number = host * PAGES + page;
            let fate = match (host, page) {
                (30, _) => Fate::NameLost,
                (31, _) => Fate::HostDown,
                (32, _) => Fate::NameGlitch,
                (_, 4) => Fate::Dies,
                (_, 5) => Fate::Returns,
                (_, 6) => Fate::Glitch,
                (_, 7) => Fate::Trouble,
                (_, 8) => Fate::Moves,
                (_, 3) => Fate::Requoted,
                (_, 9) if host % 2 == 0 => Fate::Drifts,
                (_, 9) => Fate::Walled,
                _ => Fate::Steady,
            };
            let day = match host {
                30 => 40,
                31 => 60,
                32 => 28,
                _ => 2 + number * 7919 % 280,
            };
            let url = format!("https://host{host}.example.org/articles/{page}").parse().unwrap();
            pages.push(Scripted { fate, day, url, host });
        }
    }
    pages
}

/// What the article quotes from the pages whose words change.
const QUOTED: &str = "nobody will close the barrage before the autumn of 2031";
const ALTERED: &str = "nobody will close the barrage before the autumn of 2029";

fn cited(page: &Scripted) -> CitedTarget {
    let quoted = if page.fate == Fate::Requoted { vec![QUOTED.to_owned()] } else { Vec::new() };
    CitedTarget { quoted, ..CitedTarget::new(page.url.clone()) }
}

fn at(day: u32, seconds: i64) -> Timestamp {
    // Two in the morning, a little later every night.
    let night = i64::from(day) * 86_400 + 7_200 + i64::from(day % 7) * 300;
    Timestamp::from_second(1_767_225_600 + night + seconds).unwrap()
}

/// A page of some two hundred words; a few of them change with the months.
fn body(seed: u32, day: u32, title: &str, said: &str) -> PageFacts {
    let words: Vec<String> = (0..220)
        .map(|place| {
            let edition = if place % 40 == 7 { day / 30 } else { 0 };
            format!("w{}", letters(seed * 1_000 + place + edition * 77_777))
        })
        .collect();
    let html = format!("<title>{title}</title><main><p>{} {said}.</p></main>", words.join(" "));
    let mut page = PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole);
    if !said.is_empty() {
        page.passages = read_passages(&page, vec![QUOTED.to_owned()]);
    }
    page
}

/// A number as a word, for numbers are no words of a page.
fn letters(mut number: u32) -> String {
    let mut word = String::new();
    for _ in 0..6 {
        word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
    }
    word
}

fn observe(page: &Scripted, number: u32, truth: Truth, day: u32, ended: Timestamp) -> Observation {
    let mut observation =
        Observation::withheld(Probe::new(page.url.clone()), obelus::verdict::Withheld::Offline, ended);
    let answered = |status: u16, headers: &[(&str, &str)], page: PageFacts| Outcome::Answered {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        page: Some(Box::new(page)),
    };
    let title = format!("Article number {number} of the harbour post");
    let said = if page.fate == Fate::Requoted { QUOTED } else { "" };
    observation.outcome = match truth {
        Truth::Page => answered(200, &[], body(number, day, &title, said)),
        Truth::OtherWords => answered(200, &[], body(number, day, &title, ALTERED)),
        Truth::OtherPage => answered(200, &[], body(number + 50_000, day, "Cheap flights", "")),
        Truth::NotFound => answered(404, &[], body(1, 0, "Not found", "")),
        Truth::Busy => answered(503, &[], body(2, 0, "Busy", "")),
        Truth::Wall => answered(
            403,
            &[("cf-mitigated", "challenge"), ("server", "cloudflare")],
            body(3, 0, "Just a moment...", ""),
        ),
        Truth::Elsewhere => {
            observation.hops = vec![Hop { url: page.url.clone(), status: 301 }];
            observation.final_url = page.url.join(&format!("/archive/{number}")).unwrap();
            answered(200, &[], body(number, day, &title, said))
        }
        Truth::NoName => Outcome::NameNotFound,
        Truth::Silence => Outcome::TimedOut(Phase::Connect),
    };
    observation.attempts = 1;
    observation.elapsed = Duration::from_secs(1);
    observation
}

/// The first scheduled check on or after a day of the page's life, by the
/// distances alone.
fn first_check(day: u32, rule: &RecheckRule) -> u32 {
    let days: Vec<u32> =
        rule.distances.iter().map(|distance| u32::try_from(distance.as_secs() / 86_400).unwrap()).collect();
    let step = *days.last().unwrap();
    let repeated = (1..).map(|times| times * step);
    days.iter().copied().chain(repeated).find(|check| *check >= day).unwrap()
}

/// The night that lies `nights` nights with a network after a day.
fn nights_later(day: u32, nights: u32) -> u32 {
    let mut left = nights;
    let mut night = day;
    while left > 0 || has_no_network(night) {
        night += 1;
        left -= u32::from(left > 0 && !has_no_network(night));
    }
    night
}

/// What was reported of a page on a day.
#[derive(Debug)]
struct Told {
    day: u32,
    kind: String,
    rule: String,
    severity: String,
}

impl Told {
    fn is_death(&self) -> bool {
        self.severity == "error" && self.kind != "mended"
    }
}

struct Year {
    reported: BTreeMap<String, Vec<Told>>,
    observations: u64,
    bytes: u64,
}

fn live(pages: &[Scripted], recheck: &RecheckRule) -> Year {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("year.db")).unwrap();
    let rules = SettleRules { death: DeathRule::default(), recheck: recheck.clone(), judge: &|seen| judge(seen) };
    let numbers: BTreeMap<&Url, usize> = pages.iter().enumerate().map(|(number, page)| (&page.url, number)).collect();
    let mut reported: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for day in 0..DAYS {
        let run = history.begin_run(at(day, 0)).unwrap();
        if day == 0 {
            let article = Article {
                path: "articles/all.md".to_owned(),
                known: KnownArticle::default(),
                targets: pages.iter().map(cited).collect(),
                findings: Vec::new(),
            };
            history.put_articles(run, &[article], at(day, 0)).unwrap();
        }
        let due = history.due(at(day, 0), usize::MAX).unwrap();
        for (order, DueTarget { id: target, url, .. }) in due.iter().enumerate() {
            let number = numbers[url];
            let page = &pages[number];
            let is_cut_off = CUT_OFF.contains(&day) && order >= due.len() / 2;
            // The cut comes five minutes after the last answer.
            let seconds = 2 * order as i64 + if is_cut_off { 300 } else { 0 };
            let truth = match day {
                _ if is_cut_off || SILENT.contains(&day) => Truth::Silence,
                _ if NAMELESS.contains(&day) => Truth::NoName,
                _ => page.truth(day),
            };
            let seen = observe(page, number as u32, truth, day, at(day, seconds + 1));
            history.record(run, *target, &seen).unwrap();
        }
        let settled = history.settle(run, &rules).unwrap();
        for (host, url) in settled.controls {
            let page = &pages[numbers[&url]];
            let is_healthy = !has_no_network(day) && page.host < 30;
            history.settle_control(run, &host, at(day, 3_000), is_healthy, &rules).unwrap();
        }
        history.end_run(run, at(day, 3_600)).unwrap();
        for ChangeRow { subject, kind, rule, severity, .. } in history.changes(run - 1).unwrap() {
            reported.entry(subject).or_default().push(Told { day, kind, rule, severity });
        }
        for row in history.troubled(usize::MAX).unwrap().iter().filter(|row| row.story.state == State::Dead) {
            let page = &pages[numbers[&row.url]];
            assert!(page.may_die(), "day {day}: {:?} {}", page.fate, page.url);
        }
    }
    // Told anew, every story is the same.
    assert_eq!(history.rebuild(&rules).unwrap(), 0);
    let counts = history.counts(at(DAYS, 0)).unwrap();
    Year { reported, observations: counts.observations, bytes: history.size().unwrap() }
}

fn check(recheck: &RecheckRule) -> Year {
    let pages = world();
    let year = live(&pages, recheck);
    let mut failures = Vec::new();
    let mut expected = 0;
    for page in &pages {
        let told = year.reported.get(page.url.as_str()).map(Vec::as_slice).unwrap_or_default();
        let first = |is_it: fn(&Told) -> bool, from: u32| {
            told.iter().find(|one| one.day >= from && is_it(one)).map(|one| one.day)
        };
        let mut expect = |what: &str, found: Option<u32>, latest: u32| {
            if latest < DAYS {
                expected += 1;
                if found.is_none_or(|day| day > latest) {
                    failures.push(format!(
                        "{} {:?} on day {}: {what} by {latest}, was {found:?}; {told:?}",
                        page.url, page.fate, page.day
                    ));
                }
            }
        };
        let seen = nights_later(first_check(page.day, recheck), 0);
        // A failure is looked at again the next night, or the next but one.
        let proved = nights_later(seen, 5);
        match page.fate {
            Fate::Dies | Fate::NameLost => expect("dead", first(Told::is_death, page.day), proved),
            Fate::Returns if proved < page.day + GONE_FOR => {
                expect("dead", first(Told::is_death, page.day), proved);
                let back = page.day + GONE_FOR;
                let looked_at = nights_later(back + GONE_FOR / 3 + 1, 1);
                expect("back", first(|one| one.kind == "mended", back), looked_at);
            }
            Fate::Moves => expect("moved", first(|one| one.kind == "moved", page.day), nights_later(seen, 1)),
            Fate::Drifts | Fate::Requoted => {
                expect("drifted", first(|one| one.rule == "link/drifted", page.day), nights_later(seen, 1));
            }
            Fate::Walled if seen < page.day + WALL => {
                expect("walled", first(|one| one.rule == "link/blocked", page.day), nights_later(seen, 1));
            }
            Fate::Trouble if seen < page.day + TROUBLE => {
                expect("failing", first(|one| one.severity == "warning", page.day), nights_later(seen, 1));
            }
            _ => {}
        }
        for death in told.iter().filter(|one| one.is_death()) {
            let truth = page.truth(death.day);
            if !matches!(truth, Truth::NotFound | Truth::NoName) {
                failures.push(format!("false death of {} {:?} on day {}: {truth:?}", page.url, page.fate, death.day));
            }
        }
        if page.fate == Fate::Steady && !told.is_empty() {
            failures.push(format!("{} is steady: {told:?}", page.url));
        }
    }
    assert!(failures.is_empty(), "{} of {expected}:\n{}", failures.len(), failures.join("\n"));
    assert!(expected > 50, "{expected}");
    year
}

#[test]
fn a_year_by_the_usual_distances() {
    let year = check(&RecheckRule::default());
    assert!(year.observations > 1_500, "{}", year.observations);
}

#[test]
fn a_year_of_weekly_checks() {
    let week = [1, 7].map(|days: u64| Duration::from_hours(24 * days)).to_vec();
    let year = check(&RecheckRule { distances: week, ..RecheckRule::default() });
    assert!(year.observations > 10_000, "{}", year.observations);
    // Most of it is the same page again and again.
    let each = year.bytes / year.observations;
    assert!(each < 300, "{each} bytes for each of {} observations", year.observations);
}
