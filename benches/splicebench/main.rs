//! SpliceBench: damages clean articles in every way that we know citations to
//! be damaged, and scores the detector against the truth.
//!
//! `cargo bench --bench splicebench -- FOLDER...` runs it on any folders of
//! clean prose (`.txt`, `.md`, `.html`, or JSON lines with a `text` field) and
//! prints the tables of `docs/accuracy.md`. Flags: `--seed N`; `--half
//! fit|held|all` (weights are fitted on one half of the texts and scored on
//! the other; default `held`); `--copies N` articles of every process made
//! from each text; `--clean FOLDER` texts only to be quiet on; `--misses N`,
//! `--wrong N` print so many of what was missed or wrongly found; `--fit` prints
//! fitted weights instead of scores, `--openings`, `--edges`,
//! `--endings`, `--trigrams` the tables of how sentences, words and phrases
//! begin and end; `--repair`
//! repairs instead of checking, and prints what came back.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    missing_docs,
    unreachable_pub,
    reason = "a bench reads its texts itself, prints its tables, and may stop on a bug"
)]

mod article;
mod corpus;
mod export;
mod fit;
mod marker;
mod openings;
mod process;
mod random;
mod repair;
mod score;
mod table;

use std::path::PathBuf;

use rayon::prelude::*;

use article::Specimen;
use corpus::Prose;
use marker::{MARKERS, Marker};
use process::PROCESSES;
use random::Random;
use score::Scores;

struct Arguments {
    seed: u64,
    half: String,
    copies: usize,
    misses: usize,
    wrong: usize,
    fit: bool,
    repair: bool,
    /// Prints a table of the language instead.
    table: Option<fn(&[Prose])>,
    folders: Vec<PathBuf>,
    clean: Vec<PathBuf>,
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        seed: 1,
        half: "held".to_owned(),
        copies: 1,
        misses: 0,
        wrong: 0,
        fit: false,
        repair: false,
        table: None,
        folders: Vec::new(),
        clean: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default();
        match word.as_str() {
            "--bench" => {}
            "--seed" => found.seed = value().parse().unwrap_or(1),
            "--half" => found.half = value(),
            "--copies" => found.copies = value().parse().unwrap_or(1),
            "--misses" => found.misses = value().parse().unwrap_or(0),
            "--wrong" => found.wrong = value().parse().unwrap_or(0),
            "--fit" => found.fit = true,
            "--repair" => found.repair = true,
            "--openings" => found.table = Some(openings::print),
            "--edges" => found.table = Some(openings::print_edges),
            "--endings" => found.table = Some(openings::print_endings),
            "--trigrams" => found.table = Some(openings::print_trigrams),
            "--clean" => found.clean.push(value().into()),
            _ => found.folders.push(word.into()),
        }
    }
    found
}

/// Which half a text belongs to: by its words, so that neither order nor
/// folder moves it.
fn is_held_back(text: &str) -> bool {
    Random::named(0, text).chance(50)
}

fn load(folders: &[PathBuf]) -> Vec<Prose> {
    let mut texts = Vec::new();
    for folder in folders {
        match corpus::read(folder) {
            Ok(found) => texts.extend(found),
            Err(error) => eprintln!("{}: {error}", folder.display()),
        }
    }
    texts
}

/// One article of every process, and one without damage, from one text.
fn specimens<'a>(prose: &'a Prose, random: &'a mut Random) -> impl Iterator<Item = Specimen> + 'a {
    PROCESSES.iter().copied().map(Some).chain([None]).filter_map(move |process| {
        let fits = |marker: &Marker| process.is_none_or(|process| process.fits(*marker));
        let fitting: Vec<Marker> = MARKERS.iter().copied().filter(fits).collect();
        let marker = *random.pick(&fitting);
        let count = random.between(4, 12);
        let mut article = article::plant(prose, marker, count, random)?;
        if let Some(process) = process {
            process.run(&mut article, random);
        }
        Some(article.finish(&prose.language, process))
    })
}

fn run(prose: &Prose, seed: u64) -> Scores {
    let mut scores = Scores::default();
    scores.clean(&prose.name, &prose.text, prose.format);
    let base = score::read(&prose.text, prose.format);
    let base = |kind: &str| {
        base.iter().flat_map(|base| &base.citations).filter(|citation| citation.kind.name() == kind).count()
    };
    let mut random = Random::named(seed, &prose.name);
    specimens(prose, &mut random).for_each(|specimen| scores.damaged(&specimen, base(specimen.marker.kind())));
    scores
}

fn examples(prose: &Prose, seed: u64) -> Vec<fit::Example> {
    let mut random = Random::named(seed, &prose.name);
    specimens(prose, &mut random).flat_map(|specimen| fit::examples(&specimen)).collect()
}

fn main() {
    let arguments = arguments();
    if arguments.folders.is_empty() && arguments.clean.is_empty() {
        println!(
            "usage: cargo bench --bench splicebench -- [--seed N] [--half fit|held|all] [--copies N] [--clean FOLDER] FOLDER..."
        );
        return;
    }
    let texts: Vec<Prose> = load(&arguments.folders)
        .into_iter()
        .filter(|prose| match arguments.half.as_str() {
            "fit" => !is_held_back(&prose.text),
            "held" => is_held_back(&prose.text),
            _ => true,
        })
        .collect();
    if let Some(print) = arguments.table {
        print(&texts.into_iter().chain(load(&arguments.clean)).collect::<Vec<_>>());
        return;
    }
    let jobs: Vec<(&Prose, u64)> =
        texts.iter().flat_map(|prose| (0..arguments.copies).map(move |copy| (prose, copy as u64))).collect();
    if arguments.fit {
        let parts: Vec<_> =
            jobs.par_iter().map(|(prose, copy)| examples(prose, arguments.seed * 1000 + copy)).collect();
        let quiet = load(&arguments.clean);
        let quiet: Vec<_> = quiet.par_iter().map(|prose| fit::innocent(&prose.text, prose.format)).collect();
        fit::print(&parts.into_iter().chain(quiet).flatten().collect::<Vec<_>>());
        return;
    }
    if arguments.repair {
        let parts: Vec<repair::Rows> =
            jobs.par_iter().map(|(prose, copy)| repair::run(prose, arguments.seed * 1000 + copy)).collect();
        let mut rows = repair::Rows::new();
        for part in parts {
            repair::merge(&mut rows, part);
        }
        repair::print(&rows, arguments.misses);
        return;
    }
    let parts: Vec<Scores> = jobs.par_iter().map(|(prose, copy)| run(prose, arguments.seed * 1000 + copy)).collect();
    let mut scores = Scores::default();
    for part in parts {
        scores.merge(part);
    }
    let quiet = load(&arguments.clean);
    let parts: Vec<Scores> = quiet
        .par_iter()
        .map(|prose| {
            let mut scores = Scores::default();
            scores.clean(&prose.name, &prose.text, prose.format);
            scores
        })
        .collect();
    let mut clean = Scores::default();
    for part in parts {
        clean.merge(part);
    }
    println!(
        "{} texts, half `{}`, seed {}, {} of each process",
        texts.len(),
        arguments.half,
        arguments.seed,
        arguments.copies
    );
    table::print(&scores, &clean);
    let some = |title: &str, lines: &[String], most: usize| {
        if let Some(step) = lines.len().checked_div(most) {
            println!("\n{title}: {}", lines.len());
            lines.iter().step_by(step.max(1)).take(most).for_each(|line| println!("  {line}"));
        }
    };
    some("missed", &scores.misses, arguments.misses);
    some("wrong", &scores.wrong, arguments.wrong);
    some("wrong on clean texts", &clean.wrong, arguments.wrong);
}
