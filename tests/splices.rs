//! SpliceBench in small: clean articles of the fixtures, damaged by every
//! process of the bench, repaired alone, from a whole copy, and from an export.
//! The figures over many texts are the bench's (`docs/accuracy.md`); here it
//! must hold for each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::missing_docs_in_private_items,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking and reads files itself; the bench's modules are asked for a part of what they know"
)]

#[path = "../benches/splicebench/article.rs"]
mod article;
#[path = "../benches/splicebench/corpus.rs"]
mod corpus;
#[path = "../benches/splicebench/export.rs"]
mod export;
#[path = "../benches/splicebench/marker.rs"]
mod marker;
#[path = "../benches/splicebench/process.rs"]
mod process;
#[path = "../benches/splicebench/random.rs"]
mod random;
#[path = "../benches/splicebench/repair.rs"]
mod repair;

use std::path::Path;

use obelus::citation;
use obelus::document::{self, Format};

use corpus::Prose;

/// The clean articles of the fixtures, their citations taken out.
fn texts() -> Vec<Prose> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    let mut texts = corpus::read(&folder).unwrap();
    texts.retain(|prose| !prose.name.contains(".damaged.") && !prose.name.ends_with("tidal-barrage.txt"));
    // A placeholder for a citation is no citation, whatever the process does to it.
    texts.retain(|prose| !prose.text.contains("(example.com)"));
    for prose in &mut texts {
        let document = document::read_text(prose.text.clone(), prose.format).unwrap();
        prose.text = document.text.to_string();
        prose.format = Format::Plain;
        let labels = citation::extract(&document).into_iter().filter(|citation| citation.kind.is_label());
        for label in labels.collect::<Vec<_>>().iter().rev() {
            prose.text.replace_range(label.span.range(), "");
        }
        prose.name = prose.name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    texts
}

#[test]
fn every_process_is_repaired() {
    let texts = texts();
    assert!(texts.len() >= 4, "{}", texts.len());
    let mut rows = repair::Rows::new();
    for prose in &texts {
        repair::merge(&mut rows, repair::run(prose, 1));
    }
    assert_eq!(rows.len(), process::PROCESSES.len());
    let mut gaps = 0;
    for (name, row) in &rows {
        gaps += row.gaps;
        let failures = row.failures.join("\n");
        assert_eq!(row.back, row.lost, "{name}: every lost character comes back from a whole copy\n{failures}");
        assert_eq!(row.wrong, 0, "{name}: from a whole copy nothing comes that was never there\n{failures}");
        assert_eq!(
            row.whole_from_export, row.exports,
            "{name}: every article is whole again from its export\n{failures}"
        );
        assert_eq!(row.wrong_from_export, 0, "{name}: from its export nothing comes that was never there\n{failures}");
        assert_eq!(row.invented, 0, "{name}: alone no word is written");
        assert_eq!(row.unstable, 0, "{name}: a second repair changes nothing");
        assert_eq!(row.again, 0, "{name}: what was repaired is found no more");
    }
    assert!(gaps > 20, "{gaps}");
}
