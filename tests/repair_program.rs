//! `obelus repair` as people run it: what is printed, what is written, and
//! what is never touched.

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

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const ARTICLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/articles/tidal-barrage.txt");

struct Desk {
    folder: tempfile::TempDir,
    file: PathBuf,
}

impl Desk {
    fn with(text: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("article.txt");
        fs::write(&file, text).unwrap();
        Self { folder, file }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn repair(&self, flags: &[&str]) -> Output {
        run(&self.file, flags)
    }
}

fn run(file: &Path, flags: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_obelus")).arg("repair").args(flags).arg(file).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_text_is_printed_and_the_file_stays() {
    let original = fs::read(ARTICLE).unwrap();
    let desk = Desk::with(&original);
    let output = desk.repair(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap().matches("[…]").count(), 5);
    assert_eq!(fs::read(&desk.file).unwrap(), original);
    assert_eq!(desk.repair(&["--offline"]).stdout, output.stdout, "every command that reads takes --offline");
    let mut child = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["repair", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&original).unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, output.stdout, "standard input is repaired alike");
}

#[test]
fn writing_keeps_the_original_once() {
    let original = fs::read(ARTICLE).unwrap();
    let desk = Desk::with(&original);
    let printed = desk.repair(&[]).stdout;
    let output = desk.repair(&["--write"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read(&desk.file).unwrap(), printed);
    assert_eq!(fs::read(desk.path("article.txt.orig")).unwrap(), original);
    // Nothing is left to do, so nothing is written and the copy is not in the way.
    assert_eq!(desk.repair(&["--write"]).status.code(), Some(0));
    fs::write(&desk.file, &original).unwrap();
    let output = desk.repair(&["--write"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("article.txt.orig is there already"), "{}", stderr(&output));
    assert_eq!(fs::read(&desk.file).unwrap(), original);
    assert_eq!(desk.repair(&["--write", "--no-backup"]).status.code(), Some(0));
    assert_eq!(fs::read(&desk.file).unwrap(), printed);
    let names = fs::read_dir(desk.folder.path()).unwrap().count();
    assert_eq!(names, 2, "no temporary file stays behind");
}

#[test]
fn the_ledger_leads_back_to_the_bytes() {
    let mut original = b"\xEF\xBB\xBF".to_vec();
    original.extend(fs::read(ARTICLE).unwrap());
    let desk = Desk::with(&original);
    let ledger = desk.path("ledger.jsonl");
    let output = desk.repair(&["--ledger", ledger.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<serde_json::Value> =
        fs::read_to_string(ledger).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Five labels, both sides of eight headings, two list marks.
    assert_eq!(lines.len(), 5 + 16 + 2);
    let place = |line: &serde_json::Value, name: &str| usize::try_from(line[name].as_u64().unwrap()).unwrap();
    let mut edits = Vec::new();
    for line in &lines {
        let range = place(line, "start")..place(line, "end");
        assert_eq!(&original[range.clone()], line["before"].as_str().unwrap().as_bytes());
        assert_eq!(line["safety"], "safe");
        for name in ["rule", "key", "provenance"] {
            assert!(!line[name].as_str().unwrap().is_empty());
        }
        assert!(line["evidence"].is_array());
        edits.push((range.start, range.end, line["after"].as_str().unwrap()));
    }
    let mut rebuilt = original;
    edits.sort_unstable();
    for (start, end, after) in edits.into_iter().rev() {
        rebuilt.splice(start..end, after.bytes());
    }
    assert_eq!(rebuilt, output.stdout, "the ledger is the repair");
}

#[test]
fn a_diff_shows_what_would_change() {
    let desk = Desk::with(b"One line. (a.org) (a.org)\nAnother.\n");
    let output = desk.repair(&["--diff"]);
    let diff = String::from_utf8(output.stdout).unwrap();
    assert!(diff.contains("\n-One line. (a.org) (a.org)\n+One line. (a.org)\n Another.\n"), "{diff}");
    assert_eq!(desk.repair(&["--diff", "--write"]).status.code(), Some(0));
    assert_eq!(fs::read(&desk.file).unwrap(), b"One line. (a.org)\nAnother.\n");
    assert!(desk.repair(&["--diff"]).stdout.is_empty());
}

/// Whoever saves the file while questions are open keeps what was saved.
#[test]
fn a_file_that_changed_meanwhile_is_not_written() {
    let text = "The county plans a quay. (harbour.org)\n\nIt has been plan(fishers.eu)ning it for years. All planning takes time.\n";
    let desk = Desk::with(text.as_bytes());
    let mut child = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["repair", "--interactive", "--write"])
        .arg(&desk.file)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It asks before it writes: the question is on standard error.
    let mut errors = child.stderr.take().unwrap();
    let mut asked = Vec::new();
    while !String::from_utf8_lossy(&asked).contains("Enter for") {
        let mut buffer = [0; 256];
        let read = errors.read(&mut buffer).unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&asked));
        asked.extend_from_slice(&buffer[..read]);
    }
    fs::write(&desk.file, "Saved meanwhile.\n").unwrap();
    child.stdin.take().unwrap().write_all(b"1\n").unwrap();
    let mut rest = String::new();
    errors.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(2));
    assert!(rest.contains("it changed while it was read; nothing was written"), "{rest}");
    assert_eq!(fs::read_to_string(&desk.file).unwrap(), "Saved meanwhile.\n");
    assert!(!desk.path("article.txt.orig").exists());
}

#[test]
fn what_cannot_be_done_is_said() {
    let desk = Desk::with(b"One. (a.org) (a.org)\n");
    let other = desk.path("other.txt");
    fs::write(&other, "Two. (b.org) (b.org)\n").unwrap();
    let output = run(&other, &[desk.file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("these are 2 articles"), "{}", stderr(&output));
    assert_eq!(
        run(&other, &["--write", "--no-backup", desk.file.to_str().unwrap(), "nowhere.txt"]).status.code(),
        Some(2)
    );
    assert_eq!(fs::read(&desk.file).unwrap(), b"One. (a.org)\n", "the others are repaired");
    assert_eq!(desk.repair(&["--lacuna", " "]).status.code(), Some(2));
    // The encoding has no ellipsis: the gap is not marked, and that is said.
    let greek = encoding_rs::ISO_8859_7.encode("Το λιμάνι μεγάλωσε φέτος, λένε όλοι. (limani.gr) Και το εμπ(limani.gr)υπάρχει ακόμη στην πόλη μας. Αυτό είναι όλο. (polis.gr)\n").0;
    let page = desk.path("page.html");
    fs::write(&page, [b"<meta charset=iso-8859-7><p>".as_slice(), &greek].concat()).unwrap();
    let output = run(&page, &["--input-format", "plain"]);
    assert!(stderr(&output).contains("iso-8859-7 has no “…”"), "{}", stderr(&output));
    let output = run(&page, &["--input-format", "html"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("[&#8230;]"), "{}", stderr(&output));
}
