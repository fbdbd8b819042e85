//! Links that stay at home, over files on disk and without the network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files itself"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn check(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_obelus"))
        .args(["check", "--offline", "--format", "json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn missing(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["rule"] == "link/local-missing")
        .map(|finding| finding["message"].as_str().unwrap().to_owned())
        .collect()
}

fn desk() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("desk");
    fs::create_dir_all(root.join("drafts")).unwrap();
    fs::write(folder.path().join("private.md"), "# Private\n").unwrap();
    fs::write(
        root.join("figures.md"),
        "# Figures\n\n## Totals, by year\n\n## Totals, by year\n\n<a id=\"Extra\"></a>Text.\n",
    )
    .unwrap();
    fs::write(root.join("guide.md"), "# Guide\n").unwrap();
    fs::write(
        root.join("plan.html"),
        "<h2 id=part-two>Two</h2><a name=old>Old</a><p><a href=\"#part-two\">a</a> <a href=\"#gone\">b</a></p>",
    )
    .unwrap();
    fs::write(
        root.join("drafts/article.md"),
        "# The article\n\n\
         Good: [a](../figures.md), [b](../figures.md#totals-by-year), [c](../figures.md#totals-by-year-1), [d](../figures.md#Extra), \
         [e](#the-article), [f](../guide), [g](../plan.html#part-two), [h](../plan.html#old), [i](../figures.md?raw=1), [j](/about), \
         [k](../../private.md), [l](../../nothing-to-see.md), [m]({{page}}), [n](#top), [o](article.md#the-article).\n\n\
         Bad: [p](../figure.md), [q](../figures.md#sums), [r](#no-such-part), [s](../plan.html#part-three).\n",
    )
    .unwrap();
    folder
}

#[test]
fn files_and_places_that_are_not_there_are_found() {
    let folder = desk();
    let root = folder.path().join("desk");
    let report = check(&root, &["drafts/article.md", "figures.md", "plan.html"]);
    assert_eq!(
        missing(&report["documents"][0]),
        [
            "../figure.md leads to a file that is not there",
            "../figures.md#sums leads to a place that is not there",
            "#no-such-part leads to a place that is not there",
            "../plan.html#part-three leads to a place that is not there",
        ]
    );
    assert_eq!(missing(&report["documents"][1]), [""; 0]);
    assert_eq!(missing(&report["documents"][2]), ["#gone leads to a place that is not there"]);
}

/// A file that was not given is looked for, but not read; one outside the
/// tree is not even looked for.
#[test]
fn files_that_were_not_given_are_only_looked_for() {
    let folder = desk();
    let report = check(&folder.path().join("desk"), &["drafts/article.md"]);
    assert_eq!(
        missing(&report["documents"][0]),
        ["../figure.md leads to a file that is not there", "#no-such-part leads to a place that is not there"]
    );
}

#[test]
fn a_base_makes_links_absolute() {
    let folder = desk();
    let report = check(&folder.path().join("desk"), &["--base", "https://desk.org/blog/drafts/", "drafts/article.md"]);
    assert_eq!(missing(&report["documents"][0]), ["#no-such-part leads to a place that is not there"]);
    let citations = report["documents"][0]["citations"].as_array().unwrap();
    let targets: Vec<&str> = citations.iter().filter_map(|citation| citation["target"].as_str()).collect();
    assert!(
        targets.contains(&"https://desk.org/blog/figures.md#sums") && targets.contains(&"https://desk.org/about"),
        "{targets:?}"
    );
    let output =
        Command::new(env!("CARGO_BIN_EXE_obelus")).args(["check", "--base", "mailto:x", "a.md"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_link_of_the_file_system_opens_no_other_tree() {
    let folder = desk();
    let root = folder.path().join("desk");
    std::os::unix::fs::symlink(folder.path(), root.join("out")).unwrap();
    fs::write(root.join("spy.md"), "[a](out/private.md) [b](out/nothing-to-see.md)\n").unwrap();
    let report = check(&root, &["spy.md"]);
    assert_eq!(missing(&report["documents"][0]), [""; 0]);
}
