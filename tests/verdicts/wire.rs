//! What servers do on the wire, well and badly, one path each on one host: how
//! statuses, redirects and bodies come, and how connections end.

use std::io::Write;

use obelus::fetch::FetchSettings;
use obelus::verdict::BodyExtent;

use crate::Row;
use crate::conversations::Truth;
use crate::loopback::asking::{ask, page_of, probe, settings};
use crate::loopback::{Act, Server, answer, page, redirect};

type Case = (&'static str, Act, &'static str, &'static str);

fn gzipped(size: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b'a'; size]).expect("memory");
    encoder.finish().expect("memory")
}

fn raw(text: &str) -> Act {
    Act::Raw(text.as_bytes().to_vec())
}

/// The page is there, and what comes shows it.
fn living() -> Vec<Case> {
    let good = "<title>Good page</title>";
    vec![
        ("/200", page(200, good), "alive", "answered"),
        ("/301", redirect(301, "/200"), "moved", "permanent-redirect"),
        ("/302", redirect(302, "/200"), "alive", "temporary-redirect"),
        ("/303", redirect(303, "/200"), "alive", "temporary-redirect"),
        ("/307", redirect(307, "/200"), "alive", "temporary-redirect"),
        ("/308", redirect(308, "/200"), "moved", "permanent-redirect"),
        ("/chain", redirect(301, "/301"), "moved", "permanent-redirect"),
        ("/cross-host", redirect(301, "http://other.test/200"), "moved", "permanent-redirect"),
        ("/innocent-200", answer(200, &[("x-datadome", "protected"), ("x-iinfo", "1")], good), "alive", "answered"),
        ("/torn", raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<title>T</title>"), "alive", "answered"),
        ("/bad-chunk", raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), "alive", "answered"),
        ("/bad-gzip", answer(200, &[("content-encoding", "gzip")], "no gzip"), "alive", "answered"),
        ("/bomb", answer(200, &[("content-encoding", "gzip")], gzipped(64 << 20)), "alive", "answered"),
        ("/strange-coding", answer(200, &[("content-encoding", "compress")], "xx"), "alive", "answered"),
        (
            "/escapes",
            answer(200, &[("content-type", "text/html")], "<title>\u{1b}]0;x\u{7}</title>"),
            "alive",
            "answered",
        ),
        (
            "/cut",
            Act::Tear(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<title>T</title>".into()),
            "alive",
            "answered",
        ),
        ("/only-get", page(200, good), "alive", "answered"),
    ]
}

/// The server says that nothing is there.
fn dead() -> Vec<Case> {
    vec![
        ("/302-to-410", redirect(302, "/410"), "gone", "status-410"),
        ("/301-to-404", redirect(301, "/404"), "gone", "status-404"),
        ("/404", page(404, "no"), "gone", "status-404"),
        ("/410", page(410, "no"), "gone", "status-410"),
        ("/innocent-404", answer(404, &[("server", "cloudflare"), ("cf-ray", "1-FRA")], ""), "gone", "status-404"),
    ]
}

/// What comes does not tell.
fn hidden() -> Vec<Case> {
    let akamai = "<h1>Access Denied</h1> Reference&#32;&#35;18&#46;4e6c";
    let flood: String = (0..20_000).map(|n| format!("x-{n}: y\r\n")).collect();
    vec![
        ("/202-empty", page(202, ""), "unknown", "accepted-without-page"),
        ("/204", page(204, ""), "unknown", "no-content"),
        ("/300", page(300, "choose"), "unknown", "unexpected-status"),
        ("/304-unasked", answer(304, &[], ""), "unknown", "unexpected-status"),
        ("/301-nowhere", page(301, ""), "unknown", "bad-redirect"),
        ("/301-bad", redirect(301, "http://["), "unknown", "bad-redirect"),
        ("/301-ftp", redirect(301, "ftp://a.test/"), "unsupported", "unsupported-scheme"),
        ("/circle", redirect(302, "/circle"), "unknown", "redirect-loop"),
        ("/ping", redirect(302, "/pong"), "unknown", "redirect-loop"),
        ("/pong", redirect(302, "/ping"), "unknown", "redirect-loop"),
        ("/private", redirect(302, "http://10.0.0.1/"), "not-checked", "private-address"),
        ("/private-6", redirect(302, "http://[::1]:1/"), "not-checked", "private-address"),
        ("/private-mapped", redirect(302, "http://[::ffff:7f00:1]/"), "not-checked", "private-address"),
        ("/private-integer", redirect(302, "http://2130706433/"), "not-checked", "private-address"),
        ("/private-nat64", redirect(302, "http://[64:ff9b::7f00:1]/"), "not-checked", "private-address"),
        ("/private-octal", redirect(302, "http://0177.0.0.1/"), "not-checked", "private-address"),
        ("/private-hex", redirect(302, "//0x7f.1/"), "not-checked", "private-address"),
        ("/private-metadata", redirect(308, "http://169.254.169.254/latest/"), "not-checked", "private-address"),
        ("/private-name", redirect(302, "http://localhost/"), "not-checked", "private-address"),
        ("/file", redirect(302, "file:///etc/passwd"), "unsupported", "unsupported-scheme"),
        ("/401", page(401, ""), "blocked", "needs-credentials"),
        ("/403", page(403, "no"), "blocked", "forbidden"),
        ("/429", page(429, "no"), "blocked", "rate-limited"),
        ("/451", page(451, "no"), "blocked", "legal-reasons"),
        ("/500", page(500, "no"), "server-error", "server-failed"),
        ("/503", page(503, "no"), "server-error", "unavailable"),
        ("/999", page(999, "no"), "blocked", "status-999"),
        ("/cloudflare", answer(403, &[("cf-mitigated", "challenge")], ""), "blocked", "challenge-page"),
        ("/akamai", page(403, akamai), "blocked", "challenge-page"),
        ("/aws", answer(202, &[("x-amzn-waf-action", "challenge")], ""), "blocked", "challenge-page"),
        ("/datadome", answer(403, &[("x-datadome", "protected")], ""), "blocked", "challenge-page"),
        ("/kasada", answer(429, &[("x-kpsdk-ct", "x")], ""), "blocked", "challenge-page"),
        ("/reset", Act::Reset, "unreachable", "connection-reset"),
        ("/closed", raw(""), "unreachable", "connection-reset"),
        ("/not-http", raw("SSH-2.0-OpenSSH_9.9\r\n"), "unreachable", "protocol-error"),
        ("/header-flood", raw(&format!("HTTP/1.1 200 OK\r\n{flood}\r\n")), "unreachable", "protocol-error"),
        (
            "/bad-length",
            raw("HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n<title>T</title>"),
            "unreachable",
            "protocol-error",
        ),
        ("/half-a-head", raw("HTTP/1.1 200 OK\r\ncontent-"), "unreachable", "connection-reset"),
        (
            "/long-header",
            raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20))),
            "unreachable",
            "protocol-error",
        ),
        ("/half-a-head-cut", Act::Tear(b"HTTP/1.1 200 OK\r\ncontent-".into()), "unreachable", "connection-reset"),
    ]
}

/// How much of a page must have been read, where that is the point.
fn extent(path: &str) -> Option<BodyExtent> {
    match path {
        "/torn" | "/cut" | "/bad-chunk" | "/bad-gzip" => Some(BodyExtent::Torn),
        "/strange-coding" => Some(BodyExtent::Unread),
        "/bomb" => Some(BodyExtent::CutAtLimit),
        "/200" => Some(BodyExtent::Whole),
        _ => None,
    }
}

pub fn rows() -> Vec<Row> {
    let cases: Vec<(Truth, Case)> = [(Truth::Living, living()), (Truth::Dead, dead()), (Truth::Hidden, hidden())]
        .into_iter()
        .flat_map(|(truth, cases)| cases.into_iter().map(move |case| (truth, case)))
        .collect();
    let script: Vec<(&str, Act)> = cases.iter().map(|(_, case)| (case.0, case.1.clone())).collect();
    let server = Server::plain(move |seen| {
        let act = script.iter().find(|(path, _)| *path == seen.path && (*path != "/only-get" || seen.method == "GET"));
        let status = if seen.path == "/" { 200 } else { 404 };
        act.map_or_else(|| page(status, ""), |(_, act)| act.clone())
    });
    let rules = [server.rule("site.test", "80"), server.rule("other.test", "80")];
    let settings = FetchSettings { host_concurrency: 16, ..settings(&rules) };
    let probes = cases.iter().map(|(_, case)| probe(&format!("http://site.test{}", case.0))).collect();
    let observations = ask(probes, &settings);
    assert!(server.seen().iter().all(|seen| seen.method == "GET"));
    let row = |((truth, (path, _, standing, reason)), observation)| {
        if let Some(extent) = extent(path) {
            let page = page_of(observation);
            assert_eq!(page.extent, extent, "{path}");
            assert!(page.size <= settings.max_body, "{path}");
        }
        Row::new(&format!("wire: {path}"), truth, (standing, reason), observation)
    };
    cases.into_iter().zip(&observations).map(row).collect()
}
