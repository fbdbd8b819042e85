//! `obelus.toml` as people use it: found, obeyed, overruled, and refused with
//! the place of the mistake; secrets go to their host only; what is ignored
//! stays quiet, and what ignores nothing is told.

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

mod loopback;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use loopback::certificates::Authority;
use loopback::{Server, page, redirect};

const DAMAGED: &str = "The council met. (nato.int) But it doe(nato.int)why this issue keeps coming up.\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn obelus(here: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_obelus")).current_dir(here).args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_nearest_file_holds_and_the_command_line_overrules_it() {
    let site = folder(&[
        ("obelus.toml", "offline = true\nfail-on = \"never\"\nrecheck = [\"1d\", \"7d\"]\n"),
        ("news/obelus.toml", "offline = true\n"),
        ("news/deep/a.md", DAMAGED),
        ("b.md", DAMAGED),
    ]);
    let code = |arguments: &[&str]| obelus(site.path(), arguments).status.code();
    assert_eq!(code(&["check", "b.md"]), Some(0));
    assert_eq!(code(&["check", "news/deep/a.md"]), Some(1));
    assert_eq!(code(&["check", "--fail-on", "error", "b.md"]), Some(1));
    assert_eq!(code(&["check", "--config", "obelus.toml", "news/deep/a.md"]), Some(0));
    let shown = said(&obelus(site.path(), &["config", "--timeout", "3s", "b.md"]));
    let audits = "# --recheck=1d --recheck=7d              # obelus.toml:3, where a command has it";
    for line in ["fail-on = \"never\"", "# obelus.toml:2", "timeout = \"3s\"", "# command line", "retries = 2", audits]
    {
        assert!(shown.contains(line), "{line} is missing in\n{shown}");
    }
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (text, expected) in [
        ("timeout = \"soon\"\n", "obelus.toml:1:11: invalid value 'soon' for '--timeout <D>': begin with a number"),
        ("\nfail_on = \"error\"\n", "obelus.toml:2:1: no flag is called “fail_on”"),
        ("offline = \"yes\"\n", "obelus.toml:1:11: “offline” takes true or false"),
        ("output = \"/etc/passwd\"\n", "obelus.toml:1:1: “output” can only be given on the command line"),
        ("[host.\"a.org\"]\nwait = 3\n", "obelus.toml:2:1: unknown field `wait`"),
        ("[host.\"a.org\".headers-from-env]\nAuthorization = \"HOME\"\n", "only names that begin with OBELUS_ may"),
        ("[[path]]\nmatch = [\"a{\"]\n", "“a{” is no usable pattern"),
    ] {
        let site = folder(&[("obelus.toml", text), ("a.md", "Nothing.\n")]);
        let output = obelus(site.path(), &["check", "--offline", "a.md"]);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(said(&output).contains(expected), "{text}\nsaid {}", said(&output));
    }
}

#[test]
fn rules_and_severities_hold_by_path() {
    let text = "offline = true\n\n[[path]]\nmatch = [\"drafts/**\"]\nseverity = { splice = \"info\" }\n\n[[path]]\nmatch = [\"old/*\"]\nignore = [\"splice\"]\n";
    let site = folder(&[("obelus.toml", text), ("drafts/a.md", DAMAGED), ("old/b.md", DAMAGED), ("new/c.md", DAMAGED)]);
    let code = |path: &str| obelus(site.path(), &["check", path]).status.code();
    assert_eq!([code("drafts/a.md"), code("old/b.md"), code("new/c.md")], [Some(0), Some(0), Some(1)]);
    let from_below = obelus(&site.path().join("drafts"), &["check", "a.md"]);
    assert_eq!(from_below.status.code(), Some(0), "{}", said(&from_below));
}

#[test]
fn ignores_and_baselines_keep_quiet_and_are_counted() {
    let ignored = format!("<!-- obelus-ignore splice/cut-word: quoted -->\n{DAMAGED}");
    let site = folder(&[("a.md", DAMAGED), ("b.md", &ignored)]);
    let json = |arguments: &[&str]| -> serde_json::Value {
        let output = obelus(site.path(), &[&["check", "--offline", "--format", "json"], arguments].concat());
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
    };
    assert_eq!(json(&["b.md"])["documents"][0]["suppressed"], 1);
    assert_eq!(json(&["b.md"])["summary"]["findings"]["error"], 0);
    obelus(site.path(), &["check", "--offline", "--write-baseline", "known.json", "a.md"]);
    let known = json(&["--baseline", "known.json", "a.md"]);
    assert_eq!(known["summary"]["findings"], serde_json::json!({ "error": 0, "warning": 0, "info": 0 }));
    fs::write(site.path().join("a.md"), "Nothing is wrong here.\n").unwrap();
    let rules: Vec<String> = json(&["--baseline", "known.json", "a.md"])["documents"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule == "ignore/unused"), "{rules:?}");
}

/// The secret is sent to its host over TLS, and neither to the host it
/// redirects to nor over plain HTTP; an accepted status counts as alive there
/// and nowhere else.
#[test]
fn secrets_and_accepted_statuses_belong_to_their_host() {
    let authority = Authority::new();
    let script = |seen: &loopback::Seen| match (seen.host.as_str(), seen.path.as_str()) {
        ("members.example.org", "/away") => redirect(302, "https://other.example.net/"),
        _ => page(403, "no"),
    };
    let secure = Server::tls(&authority.identity(&["members.example.org", "other.example.net"]), script);
    let plain = Server::plain(script);
    let text = "host-interval = \"0s\"\nretries = 0\n\n[host.\"members.example.org\"]\naccept = [403]\nheaders = { X-Desk = \"seven\" }\nheaders-from-env = { Authorization = \"OBELUS_MEMBERS\" }\n";
    let article = "See <https://members.example.org/away>, <https://members.example.org/in>, <http://members.example.org/plain> and <https://other.example.net/in>.\n";
    let site = folder(&[("obelus.toml", text), ("a.md", article)]);
    fs::write(site.path().join("ca.pem"), authority.pem()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .current_dir(site.path())
        .env("OBELUS_MEMBERS", "Bearer 123")
        .args(["check", "--format", "json", "--cacert", "ca.pem", "a.md", "--connect-to"])
        .arg(secure.rule("*", "443"))
        .args(["--connect-to", &plain.rule("*", "80")])
        .output()
        .unwrap();
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    let verdicts: Vec<&str> =
        report["resolutions"].as_array().unwrap().iter().map(|entry| entry["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["blocked", "alive", "alive", "blocked"]);
    let seen = secure.seen();
    for request in &seen {
        let is_own = request.host == "members.example.org";
        assert_eq!(request.header("authorization").is_some(), is_own, "{request:?}");
        assert_eq!(request.header("x-desk").is_some(), is_own, "{request:?}");
    }
    assert!(seen.iter().any(|request| request.host == "other.example.net"));
    assert!(plain.seen().iter().all(|request| request.header("authorization").is_none()));
    assert!(!said(&output).contains("Bearer 123"));
}

/// A file that came with the articles cannot turn requests, or secrets,
/// elsewhere; the user's own can.
#[test]
fn a_strangers_file_is_not_trusted_with_the_network() {
    for text in [
        "allow-private = true\n",
        "connect-to = [\"*:443:10.0.0.1:443\"]\n",
        "proxy = \"http://10.0.0.1:3128\"\n",
        "resolver = \"10.0.0.1:53\"\n",
        "[host.\"a.org\".headers-from-env]\nAuthorization = \"OBELUS_MEMBERS\"\n",
    ] {
        let site = folder(&[("sent/obelus.toml", text), ("sent/a.md", "Whole. (nato.int)\n")]);
        let check = |here: &Path, arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_obelus"));
            command.current_dir(here).env("OBELUS_MEMBERS", "x").args(["check", "--offline"]).args(arguments);
            command.output().unwrap()
        };
        let refused = check(site.path(), &["sent/a.md"]);
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(said(&refused).contains("name it with --config if you trust it"), "{}", said(&refused));
        assert_eq!(check(site.path(), &["--config", "sent/obelus.toml", "sent/a.md"]).status.code(), Some(0), "{text}");
        assert_eq!(check(&site.path().join("sent"), &["a.md"]).status.code(), Some(0), "{text}");
    }
}
