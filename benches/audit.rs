//! An audit at the size of a large desk: 50,000 articles, 500,000 citations,
//! 100,000 addresses. How long the first night takes and in how much memory,
//! when everything is read and asked (of a server on this machine), and the
//! next one, when nothing has changed and one in a hundred is due. Then the
//! room that many observations take, and how long the questions to them take.
//!
//! `cargo bench --bench audit`; `-- 5000 10000000` for other sizes (articles,
//! observations). The server is a process of its own (this program again); it
//! ends with its standard input.

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
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use obelus::history::{DeathRule, RecheckRule};
use obelus::store::history::{DueTarget, History, SettleRules};
use obelus::verdict::{BodyExtent, Keep, Observation, Outcome, PageFacts, Probe, Withheld, judge};

const CITATIONS: usize = 10;
const HOSTS: usize = 3_000;

fn main() {
    if std::env::args().any(|word| word == "--serve") {
        return serve();
    }
    let sizes: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let articles = sizes.first().copied().unwrap_or(50_000);
    let observations = sizes.get(1).copied().unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let targets = articles * 2;
    write_articles(&folder.path().join("articles"), articles, targets);
    let database = folder.path().join("obelus.db");

    let server = Server::start();
    let (time, memory) = run(folder.path(), &server, &[]);
    println!("first run, {articles} articles read and {targets} addresses asked: {time:?}, {memory} MiB");
    drop(server);
    one_in_a_hundred_is_due(&database);
    let (time, memory) = run(folder.path(), &Server::none(), &["--offline"]);
    println!("nothing changed, 1 % due: {time:?}, {memory} MiB");

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
    drop(history);
    for words in [["status"].as_slice(), &["changes"], &["changes", "--since", "1"], &["history", "http://h0.test/0"]] {
        let (time, memory) = timed_command(audit(folder.path()).args(words).stdout(Stdio::null()));
        println!("obelus audit {}: {time:?}, {memory} MiB", words.join(" "));
    }
}

/// An article has a quotation, and ten citations.
fn write_articles(folder: &Path, articles: usize, targets: usize) {
    for article in 0..articles {
        let inner = folder.join(format!("{}", article / 500));
        if article % 500 == 0 {
            fs::create_dir_all(&inner).unwrap();
        }
        let mut text = format!("# Article {article}\n\n");
        for place in 0..CITATIONS {
            let target = (article * CITATIONS + place * 7_919) % targets;
            let said = if place == 0 { "“nobody asked the fishermen about the sluice”" } else { "nothing" };
            let _ = writeln!(
                text,
                "The council met and said {said} in [the minutes](http://h{}.test/{target}) in the end.\n",
                target % HOSTS
            );
        }
        fs::write(inner.join(format!("{article}.md")), text).unwrap();
    }
}

fn audit(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
    command.current_dir(folder).arg("audit");
    command
}

/// One run of the program: how long it took, and its most memory in MiB.
fn run(folder: &Path, server: &Server, words: &[&str]) -> (Duration, u64) {
    let route = format!("*:80:127.0.0.1:{}", server.port);
    let mut command = audit(folder);
    command.args(["run", "--no-progress", "--fail-on", "never", "--connect-to", &route]);
    command.args(["--host-interval", "0s", "--concurrency", "128", "--address-concurrency", "128"]);
    timed_command(command.args(words).arg("articles"))
}

fn timed_command(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
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

fn one_in_a_hundred_is_due(database: &Path) {
    let file = rusqlite::Connection::open(database).unwrap();
    file.execute("UPDATE stories SET due = 0 WHERE target % 100 = 0", []).unwrap();
}

/// A page of some two kilobytes; a tenth of its text is of an edition.
fn html(number: u64, edition: usize) -> String {
    let title = format!("Minutes of the meeting number {number} of the council in the old hall by the harbour");
    let mut text = String::from("Nobody asked the fishermen about the sluice. ");
    for place in 0..300 {
        let of_edition = if place < 30 { edition as u64 } else { 0 };
        let _ = write!(text, "{} ", letters(number * 7_919 + place * 104_729 + of_edition * 15_485_863));
    }
    format!("<html lang=en><title>{title} | The Post</title><main><h1>{title}</h1><p>{text}</p></main></html>")
}

fn number_of(target: &DueTarget) -> u64 {
    target.url.path().trim_matches('/').parse().unwrap()
}

/// What a page is on a night. Of a hundred pages nine show another edition each
/// time, thirty the same text in another number of bytes (tokens, counters),
/// one is missing, and sixty are the same byte for byte.
fn seen(target: &DueTarget, night: usize) -> Observation {
    let number = number_of(target);
    let class = number % 100;
    let html = html(number, if class < 9 { night } else { 0 });
    let mut page = PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole);
    page.keep_only(Keep::default());
    let mut seen = Observation::withheld(Probe::new(target.url.clone()), Withheld::Offline, Timestamp::now());
    seen.outcome = Outcome::Answered {
        status: if class == 99 { 404 } else { 200 },
        headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
        page: Some(Box::new(page)),
    };
    seen.attempts = 1;
    seen
}

/// The same page on another night.
fn again(seen: &mut Observation, class: u64, night: usize) {
    seen.at = Timestamp::now();
    seen.elapsed = Duration::from_millis(80 + (night as u64 * 37) % 400);
    if let (9..39, Outcome::Answered { page: Some(page), .. }) = (class, &mut seen.outcome) {
        page.size += 1 + night as u64 % 7;
    }
}

/// A number as a word, for numbers are no words of a page.
fn letters(mut number: u64) -> String {
    let mut word = String::new();
    for _ in 0..5 {
        word.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    word
}

fn many_observations(history: &History, wanted: usize) {
    let targets = history.due(Timestamp::now() + SignedDuration::from_hours(24 * 400), usize::MAX).unwrap();
    let mut pages: Vec<Observation> = targets.iter().map(|target| seen(target, 0)).collect();
    let rules =
        SettleRules { death: DeathRule::default(), recheck: RecheckRule::default(), judge: &|seen| judge(seen) };
    let mut made = 0;
    for night in 0.. {
        let run = history.begin_run(Timestamp::now()).unwrap();
        for (target, page) in targets.iter().zip(&mut pages) {
            if made == wanted {
                break;
            }
            let class = number_of(target) % 100;
            if class < 9 {
                *page = seen(target, night);
            }
            again(page, class, night);
            history.record(run, target.id, page).unwrap();
            made += 1;
        }
        history.settle(run, &rules).unwrap();
        history.end_run(run, Timestamp::now()).unwrap();
        if made == wanted {
            return;
        }
    }
}

/// The server's process.
struct Server {
    process: Option<Child>,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let program = std::env::current_exe().unwrap();
        let mut process =
            Command::new(program).arg("--serve").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process: Some(process), port: line.trim().parse().unwrap() }
    }

    fn none() -> Self {
        Self { process: None, port: 9 }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }
}

/// The page of its number for every request.
fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn answer(stream: TcpStream) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let request = lines.next()?.ok()?;
        while !lines.next()?.ok()?.is_empty() {}
        let number: u64 = request.split(['/', ' ']).find_map(|word| word.parse().ok()).unwrap_or_default();
        let page = html(number, 0);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
            page.len()
        );
        out.write_all((head + &page).as_bytes()).ok()?;
    }
}
