//! The network, on one machine: 20,000 links over 1,000 hosts of the loopback
//! interface with pacing off, and the memory of 1,000,000 links that wait.
//!
//! `cargo bench --bench network`; `benches/network.md` says more. The server
//! is a process of its own (this program again), so that its time and memory
//! are not ours; it ends with its standard input. Where the variable `LYCHEE`
//! names that program, it checks the same list against the same server.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench measures, and stops where it cannot"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use obelus::fetch::{FetchSettings, Question, StopSignal, ask_all};
use obelus::verdict::Probe;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

const LINKS: usize = 20_000;
const HOSTS: usize = 1_000;
const ROUNDS: usize = 5;

const WAITING_LINKS: usize = 1_000_000;
const WAITING_HOSTS: usize = 50_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--serve") => serve(),
        Some("--wait") => wait_in_line(),
        _ => measure(),
    }
}

fn measure() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("links.md");
    let line = |n: usize| format!("- [page {n}](http://{}:{}/page/{n})\n", address(n % HOSTS), server.port);
    std::fs::write(&list, (0..LINKS).map(line).collect::<String>()).expect("a list");
    println!("{LINKS} links over {HOSTS} hosts, pacing off; best and worst of {ROUNDS} rounds");
    println!("{:<34} {:>8} {:>8} {:>9} {:>9}", "", "best s", "worst s", "cpu s", "peak MB");
    row("obelus", || obelus(&list));
    row("obelus --host-concurrency 10", || {
        let mut command = obelus(&list);
        command.args(["--host-concurrency", "10"]);
        command
    });
    if let Some(program) = std::env::var_os("LYCHEE") {
        row("lychee", || {
            let mut command = Command::new(&program);
            command.args(["--no-progress", "--host-request-interval", "0ms"]).arg(&list);
            command
        });
    }
    println!("\n{WAITING_LINKS} links over {WAITING_HOSTS} hosts wait for hosts that do not answer");
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg("--wait").output().expect("a run");
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

fn obelus(list: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
    command
        .args(["check", "--allow-private", "--host-interval", "0s", "--concurrency", "128", "--no-progress"])
        .arg(list);
    command
}

/// The host of this number: an address of the loopback network.
fn address(host: usize) -> Ipv4Addr {
    let [_, _, high, low] = u32::try_from(host).expect("a small number").to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}

fn row(name: &str, command: impl Fn() -> Command) {
    let mut times = Vec::new();
    let (mut cpu, mut peak) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let mut child = command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect(name);
        let used = watch(&mut child);
        times.push(began.elapsed().as_secs_f64());
        cpu = used.cpu.min(cpu);
        peak = used.peak_kilobytes.max(peak);
    }
    let best = times.iter().copied().fold(f64::INFINITY, f64::min);
    let worst = times.iter().copied().fold(0.0, f64::max);
    println!("{name:<34} {best:>8.2} {worst:>8.2} {cpu:>9.2} {:>9}", peak / 1024);
}

/// What a process has used.
#[derive(Default)]
struct Used {
    /// The most memory, from the kernel's own mark.
    peak_kilobytes: u64,
    /// Seconds, of the program and of the kernel for it.
    cpu: f64,
}

/// Waits for the end; the marks only grow, so the last reading is as good as
/// the end's.
fn watch(child: &mut Child) -> Used {
    let mut used = Used::default();
    while child.try_wait().expect("a child").is_none() {
        if let Some(peak) = peak_of(&format!("/proc/{}/status", child.id())) {
            used.peak_kilobytes = peak;
        }
        if let Some(cpu) = cpu_of(&format!("/proc/{}/stat", child.id())) {
            used.cpu = cpu;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    used
}

fn peak_of(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn cpu_of(stat: &str) -> Option<f64> {
    /// The kernel counts in hundredths.
    const TICKS: f64 = 100.0;
    let text = std::fs::read_to_string(stat).ok()?;
    let fields: Vec<&str> = text.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|field| field.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// A million questions in the queue, and hosts that let us wait: what memory
/// that takes when the first requests have run into their time limit.
fn wait_in_line() {
    let question = |n: usize| {
        let url = format!("http://127.1.{}.{}:9/articles/2026/11/22/page-{n}", n % WAITING_HOSTS / 250, n % 250);
        Question::from(Probe::new(Url::parse(&url).expect("a URL")))
    };
    let questions: Vec<Question> = (0..WAITING_LINKS).map(question).collect();
    println!("  the questions themselves: {} MB", peak_of("/proc/self/status").unwrap_or(0) / 1024);
    // Pacing of a real run: two at a time to a host, every half second.
    let settings = FetchSettings { allow_private: true, retries: 0, ..FetchSettings::default() };
    let stop = StopSignal::new();
    let giver = stop.clone();
    let mut answers = 0;
    let _ = ask_all(questions, &settings, &stop, &mut |_| {
        answers += 1;
        if answers == 1_000 {
            let peak = peak_of("/proc/self/status").unwrap_or(0) / 1024;
            println!("  questions, queue and the first {answers} answers: {peak} MB");
            giver.stop();
        }
    });
}

/// The server's process.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut process = Command::new(program)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its port");
        Self { process, port: line.trim().parse().expect("a port") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A page of about a kilobyte for every request, on one port of all hosts.
fn serve() {
    let page = format!("<!doctype html><title>A page</title><p>{}</p>", "Words of the page. ".repeat(50));
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\r\n{page}",
        page.len()
    );
    let answer: &'static [u8] = Box::leak(answer.into_bytes().into_boxed_slice());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let first = TcpListener::bind((address(0), 0)).await.expect("a port");
        let port = first.local_addr().expect("its address").port();
        tokio::spawn(listen(first, answer));
        for host in 1..HOSTS {
            let listener = TcpListener::bind((address(host), port)).await.expect("the same port everywhere");
            tokio::spawn(listen(listener, answer));
        }
        println!("{port}");
        std::io::stdout().flush().expect("an output");
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let _ = ended.await;
    });
    runtime.shutdown_background();
}

async fn listen(listener: TcpListener, answer: &'static [u8]) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer_all(stream, answer));
    }
}

async fn answer_all(mut stream: TcpStream, answer: &'static [u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    let mut filled = 0;
    loop {
        let read = stream.read(buffer.get_mut(filled..).unwrap_or_default()).await?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        if buffer.get(..filled).is_some_and(|head| head.ends_with(b"\r\n\r\n")) {
            stream.write_all(answer).await?;
            filled = 0;
        }
    }
}
