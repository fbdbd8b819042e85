//! A server that we did not write: nginx, as Debian packages it, over TLS with
//! HTTP/2. Where it is not installed the test says so and passes, unless the
//! variable `OBELUS_NGINX` is set to `required`, as `.ci/run` does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files and clocks itself"
)]
#![cfg(unix)]

mod loopback;

use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use loopback::asking::{ask, page_of, probe, ruled, settings};
use loopback::certificates::Authority;
use loopback::closed_address;
use obelus::fetch::{FetchSettings, Question, StopSignal, ask_all};
use obelus::verdict::BodyExtent;

/// Pages that are cited, and what is made of them.
const CASES: &[(&str, &str, &str)] = &[
    ("https://site.test/", "alive", "answered"),
    ("https://site.test/page.html", "alive", "answered"),
    ("https://site.test/packed.html", "alive", "answered"),
    ("https://site.test/moved", "moved", "permanent-redirect"),
    ("https://site.test/elsewhere", "alive", "temporary-redirect"),
    ("https://site.test/removed", "gone", "status-410"),
    ("https://site.test/nothing.html", "gone", "status-404"),
    ("https://site.test/forbidden", "blocked", "forbidden"),
    ("https://site.test/failing", "server-error", "server-failed"),
    ("https://site.test/circle", "unknown", "redirect-loop"),
    ("https://site.test/inward", "not-checked", "private-address"),
    ("https://site.test/drawing.svgz", "alive", "answered"),
    ("https://other.test/", "tls", "certificate-wrong-name"),
    ("http://site.test/page.html", "alive", "same-address"),
];

fn configuration(folder: &Path, tls: SocketAddr, plain: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        r"
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    log_format protocol '$server_protocol $status $request_uri';
    access_log {folder}/access.log protocol;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; application/pdf pdf; image/svg+xml svgz; }}
    keepalive_requests 5;
    absolute_redirect off;
    server {{
        listen {tls} ssl http2;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        root {folder}/site;
        gzip on;
        gzip_min_length 1;
        location = /moved {{ return 301 /page.html; }}
        location = /elsewhere {{ return 302 /page.html; }}
        location = /removed {{ return 410; }}
        location = /forbidden {{ return 403; }}
        location = /failing {{ return 500; }}
        location = /circle {{ return 302 /circle; }}
        location = /inward {{ return 302 http://169.254.169.254/latest/meta-data/; }}
    }}
    server {{
        listen {plain};
        return 301 https://$host$request_uri;
    }}
}}
"
    )
}

struct Nginx {
    process: Child,
    folder: tempfile::TempDir,
    tls: SocketAddr,
    plain: SocketAddr,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> Option<PathBuf> {
    let found = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from);
    found.into_iter().find(|path| path.is_file())
}

impl Nginx {
    fn start(program: &Path, authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        std::fs::create_dir(&site).unwrap();
        let page = |title: &str| {
            let words = "Words about the tides of the estuary and the works that tame them. ".repeat(40);
            format!("<!doctype html><title>{title}</title><h1>{title}</h1><p>{words}</p>")
        };
        std::fs::write(site.join("index.html"), page("Front")).unwrap();
        std::fs::write(site.join("page.html"), page("A page")).unwrap();
        std::fs::write(site.join("packed.html"), page("A packed page")).unwrap();
        std::fs::write(site.join("drawing.svgz"), [0x1f, 0x8b, 0]).unwrap();
        let identity = authority.identity(&["site.test"]);
        let (certificate, key) = identity.pem();
        std::fs::write(folder.path().join("certificate.pem"), certificate).unwrap();
        std::fs::write(folder.path().join("key.pem"), key).unwrap();
        // A port may be taken between its choice and its use: then another.
        for _ in 0..5 {
            let (tls, plain) = (closed_address(), closed_address());
            let file = folder.path().join("nginx.conf");
            std::fs::write(&file, configuration(folder.path(), tls, plain)).unwrap();
            let mut process = Command::new(program)
                .arg("-c")
                .arg(&file)
                .arg("-e")
                .arg(folder.path().join("error.log"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let patience = Instant::now() + Duration::from_secs(20);
            while Instant::now() < patience && process.try_wait().unwrap().is_none() {
                if TcpStream::connect(tls).is_ok() {
                    return Self { process, folder, tls, plain };
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        let log = std::fs::read_to_string(folder.path().join("error.log")).unwrap_or_default();
        panic!("nginx does not start: {log}");
    }

    fn settings(&self, authority: &Authority) -> FetchSettings {
        let rules = ["site.test", "other.test"].map(|host| {
            let rule = |port: u16, to: SocketAddr| format!("{host}:{port}:{}:{}", to.ip(), to.port());
            [rule(443, self.tls), rule(80, self.plain)]
        });
        let mut settings = settings(rules.as_flattened());
        settings.extra_roots_pem = vec![authority.pem()];
        settings
    }
}

#[test]
fn nginx_over_tls_and_http2() {
    let Some(program) = program() else {
        let is_required = std::env::var_os("OBELUS_NGINX").is_some_and(|value| value == "required");
        assert!(!is_required, "nginx is required and not installed");
        eprintln!("skipped: nginx is not installed (apt-get install nginx)");
        return;
    };
    let authority = Authority::new();
    let nginx = Nginx::start(&program, &authority);
    let settings = nginx.settings(&authority);
    let observations = ask(CASES.iter().map(|case| probe(case.0)).collect(), &settings);
    let made: Vec<_> = observations.iter().map(|seen| (seen.probe.url.as_str(), ruled(seen))).collect();
    let expected: Vec<_> = CASES.iter().map(|(url, standing, reason)| (*url, (*standing, *reason))).collect();
    assert_eq!(made, expected);
    let packed = page_of(&observations[2]);
    assert_eq!((packed.title.as_deref(), packed.extent), (Some("A packed page"), BodyExtent::Whole));

    // Five requests to a connection: the server says goodbye (GOAWAY) again
    // and again, and no request is lost.
    let many = FetchSettings { host_concurrency: 8, ..settings.clone() };
    let probes = (0..60).map(|n| probe(&format!("https://site.test/page.html?{n}"))).collect();
    let observations = ask(probes, &many);
    for seen in &observations {
        assert_eq!(ruled(seen), ("alive", "answered"), "{:?} after {}", seen.outcome, seen.attempts);
    }
    let log = std::fs::read_to_string(nginx.folder.path().join("access.log")).unwrap();
    let over_http2 = log.lines().filter(|line| line.starts_with("HTTP/2.0 200 /page.html?")).count();
    assert!(over_http2 >= 60, "{log}");

    // What was seen before holds: the server is asked, and sends no page.
    let known = ask(vec![probe("https://site.test/page.html")], &settings).remove(0);
    let question = Question { probe: known.probe.clone(), known: Some(Box::new(known.clone())) };
    let again = ask_all(vec![question], &settings, &StopSignal::new(), &mut |_| {}).unwrap().observations.remove(0);
    assert_eq!(page_of(&again), page_of(&known));
    let log = std::fs::read_to_string(nginx.folder.path().join("access.log")).unwrap();
    assert!(log.contains("HTTP/2.0 304 /page.html"), "{log}");
}
