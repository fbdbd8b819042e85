//! MB/s of the whole offline check (read, extract, rules) on one core, over
//! several kinds of text, and in the same run what `pulldown-cmark` alone
//! needs to walk the same Markdown.
//!
//! `cargo bench --bench offline`. Texts are made from the fixtures, repeated
//! to a megabyte; link-dense Markdown is the READMEs in the local cargo
//! registry, each a document of its own as `check` reads them, where there is
//! one, else a fixture.

#![allow(clippy::disallowed_methods, missing_docs, reason = "a bench reads its texts itself")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use obelus::check::{CheckSettings, check};
use obelus::document::{self, Format};
use pulldown_cmark::{Options, Parser};

const SIZE: usize = 1 << 20;

fn main() {
    divan::main();
}

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles").join(name)).unwrap_or_default()
}

/// The paragraphs of an article without labels, headings and marks: nothing
/// that could be a citation.
fn prose(name: &str) -> String {
    let text = fixture(name);
    let plain = |line: &&str| !line.is_empty() && !line.contains(['[', '(', '`', '#', '<', '|', '>', '/', '（', '@']);
    text.lines().filter(plain).map(|line| format!("{line}\n\n")).collect()
}

/// One document of a megabyte.
fn repeated(unit: &str) -> Vec<String> {
    vec![unit.repeat(SIZE / unit.len().max(1) + 1)]
}

/// Wrapped at 80 characters, as Markdown prose is written.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_inclusive(' ') {
        width += word.len();
        out.push_str(word);
        if 80 < width {
            out.push('\n');
            width = 0;
        }
    }
    out
}

fn readmes() -> Vec<String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(Into::into)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let mut texts = Vec::new();
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok()).into_iter().flatten().flatten();
    for registry in registries {
        let mut crates: Vec<_> =
            fs::read_dir(registry.path()).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        crates.sort();
        texts.extend(crates.iter().filter_map(|path| fs::read_to_string(path.join("README.md")).ok()));
    }
    if texts.is_empty() { repeated(&fixture("en-museums.md")) } else { texts }
}

static TEXTS: LazyLock<Vec<(&str, Format, Vec<String>)>> = LazyLock::new(|| {
    let english = prose("en-museums.md");
    let japanese = prose("ja-todai.md");
    let german = prose("de-typografie.md");
    let html = |text: &str| {
        text.lines().filter(|line| !line.is_empty()).map(|line| format!("<p>{line}</p>\n")).collect::<String>()
    };
    vec![
        ("plain prose, English", Format::Plain, repeated(&english)),
        ("plain prose, Japanese", Format::Plain, repeated(&japanese)),
        ("plain prose, German", Format::Plain, repeated(&german)),
        ("wrapped Markdown, English", Format::Markdown, repeated(&wrapped(&english))),
        ("wrapped Markdown, Japanese", Format::Markdown, repeated(&japanese)),
        ("wrapped Markdown, German", Format::Markdown, repeated(&wrapped(&german))),
        ("READMEs", Format::Markdown, readmes()),
        ("HTML, English", Format::Html, repeated(&html(&english))),
        ("HTML, Japanese", Format::Html, repeated(&html(&japanese))),
        ("damaged article", Format::Plain, repeated(&fixture("tidal-barrage.txt"))),
    ]
});

fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, ..)| *name)
}

fn markdown_names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().filter(|(_, format, _)| *format == Format::Markdown).map(|(name, ..)| *name)
}

fn texts(name: &str) -> (Format, &'static [String]) {
    TEXTS.iter().find(|(known, ..)| *known == name).map_or((Format::Plain, &[]), |(_, format, texts)| (*format, texts))
}

fn bytes(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

#[divan::bench(args = names(), sample_count = 10)]
fn whole_check(bencher: Bencher<'_, '_>, name: &str) {
    let (format, texts) = texts(name);
    let settings = CheckSettings::default();
    let files = || texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    bencher.counter(bytes(texts)).with_inputs(files).bench_values(|files| {
        let read =
            |file| document::read(file, Some(format), None).map(|document| check(String::new(), &document, &settings));
        files.into_iter().map(read).collect::<Vec<_>>()
    });
}

#[divan::bench(args = markdown_names(), sample_count = 10)]
fn walk_alone(bencher: Bencher<'_, '_>, name: &str) {
    let (_, texts) = texts(name);
    // Those that the reader reads with.
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    bencher
        .counter(bytes(texts))
        .bench(|| texts.iter().map(|text| Parser::new_ext(text, options).into_offset_iter().count()).sum::<usize>());
}
