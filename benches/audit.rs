//! How long an audit takes to find what is due, at the size of a large desk:
//! 50,000 articles, 500,000 citations, 100,000 addresses, all unchanged since
//! yesterday and one in a hundred due. And how long the questions to a history
//! of many observations take.
//!
//! `cargo bench --bench audit`; `-- 5000 2000000` for other sizes (articles,
//! observations).

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    missing_docs,
    reason = "a bench fails by panicking, and reads files and clocks itself"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use obelus::history::{DeathRule, RecheckRule};
use obelus::store::history::{History, SettleRules};
use obelus::verdict::{BodyExtent, Observation, Outcome, PageFacts, Probe, Withheld, judge};

const CITATIONS: usize = 10;

fn main() {
    let sizes: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let articles = sizes.first().copied().unwrap_or(50_000);
    let observations = sizes.get(1).copied().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let targets = articles * 2;
    write_articles(&folder.path().join("articles"), articles, targets);
    let database = folder.path().join("obelus.db");

    let (first, memory) = run(folder.path());
    println!("first run, {articles} articles read: {first:?}, {memory} MiB");
    all_checked(&database, targets);
    let (second, memory) = run(folder.path());
    println!("nothing changed, 1 % due: {second:?}, {memory} MiB");

    let history = History::open(&database).unwrap();
    let timed = |what: &str, work: &dyn Fn() -> usize| {
        let start = Instant::now();
        let found = work();
        println!("{what}: {found} in {:?}", start.elapsed());
    };
    timed("due", &|| history.due(Timestamp::now(), usize::MAX).unwrap().len());
    let before = history.size().unwrap();
    many_observations(&history, observations);
    let each = (history.size().unwrap() - before) / observations as u64;
    println!("{observations} observations more: {each} bytes each; the rest {} MiB", before >> 20);
    timed("status", &|| {
        let counts = history.counts(Timestamp::now()).unwrap();
        history.troubled().unwrap().len() + counts.states.len()
    });
    timed("changes", &|| history.changes(history.run_before(None).unwrap()).unwrap().len());
}

fn write_articles(folder: &Path, articles: usize, targets: usize) {
    for article in 0..articles {
        let inner = folder.join(format!("{}", article / 500));
        if article % 500 == 0 {
            fs::create_dir_all(&inner).unwrap();
        }
        let mut text = format!("# Article {article}\n\n");
        for place in 0..CITATIONS {
            let target = (article * CITATIONS + place * 7_919) % targets;
            let _ = writeln!(
                text,
                "The council met and [said so](https://h{}.example.org/{target}) in the end.\n",
                target % 3_000
            );
        }
        fs::write(inner.join(format!("{article}.md")), text).unwrap();
    }
}

/// One run of the program: how long it took, and its most memory in MiB.
fn run(folder: &Path) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .current_dir(folder)
        .args(["audit", "run", "--offline", "--no-progress", "--fail-on", "never", "articles"])
        .stdout(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(kilobytes.unwrap_or(0) / 1_024);
        std::thread::sleep(Duration::from_millis(2));
    }
    (start.elapsed(), most)
}

fn seen(url: &str, at: Timestamp, title: &str) -> Observation {
    let mut seen = Observation::withheld(Probe::new(url.parse().unwrap()), Withheld::Offline, at);
    let html = format!("<title>{title}</title><main><p>{}</p></main>", title.repeat(30));
    let page = PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole);
    seen.outcome = Outcome::Answered {
        status: 200,
        headers: vec![("etag".to_owned(), format!("\"{}\"", url.len()))],
        page: Some(Box::new(page)),
    };
    seen.attempts = 1;
    seen.elapsed = Duration::from_millis(120);
    seen
}

/// Every address was well last night, but for one in a hundred that is due.
fn all_checked(database: &Path, targets: usize) {
    let history = History::open(database).unwrap();
    let now = Timestamp::now();
    let run = history.begin_run(now).unwrap();
    for (id, url, _) in history.due(now, usize::MAX).unwrap() {
        if id % 100 != 0 {
            let title = format!("Minutes of the meeting number {id} of the council in the old hall by the harbour");
            history.record(run, id, &seen(url.as_str(), now, &title)).unwrap();
        }
    }
    settle(&history, run);
    assert_eq!(history.counts(now).unwrap().due as usize, targets.div_ceil(100));
}

fn settle(history: &History, run: i64) {
    let rules =
        SettleRules { death: DeathRule::default(), recheck: RecheckRule::default(), judge: &|seen| judge(seen) };
    history.settle(run, &rules).unwrap();
    history.end_run(run, Timestamp::now()).unwrap();
}

/// The same pages seen again, night after night; one in fifty has changed.
fn many_observations(history: &History, wanted: usize) {
    let targets: Vec<_> = history.due(Timestamp::now() + SignedDuration::from_hours(24 * 400), 20_000).unwrap();
    let mut made = 0;
    while made < wanted {
        let now = Timestamp::now();
        let run = history.begin_run(now).unwrap();
        for (id, url, _) in &targets {
            if made == wanted {
                break;
            }
            let edition = if (made + *id as usize).is_multiple_of(50) { made } else { 0 };
            let title = format!("Minutes of the meeting number {id} of the council in the old hall, edition {edition}");
            history.record(run, *id, &seen(url.as_str(), now, &title)).unwrap();
            made += 1;
        }
        settle(history, run);
    }
}
