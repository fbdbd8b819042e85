//! The laws of `tests/law`, asked of the inputs that fuzzing found
//! (`fuzz/corpus`), of the fixtures, and of mutations of both. The same inputs
//! at every run; `fuzz/README.md` tells how to look further.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::missing_docs_in_private_items,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and reads files itself"
)]

mod law;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use law::{LAWS, Law};

/// Mutations per law: seconds of work for a build without optimisation.
const MUTATIONS: usize = 300;

/// Longest input that is mutated, in bytes.
const LONGEST: usize = 2_000;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn inputs(folder: &str) -> Vec<Vec<u8>> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Says which input breaks the law, so that it can be kept.
fn ask(name: &str, law: Law, data: &[u8]) {
    let holds = catch_unwind(AssertUnwindSafe(|| law(data))).is_ok();
    assert!(holds, "{name} is broken by “{}”", data.escape_ascii());
}

#[test]
fn laws_hold_for_what_fuzzing_found() {
    for (name, law) in LAWS {
        for data in inputs(&format!("fuzz/corpus/{name}")) {
            ask(name, *law, &data);
        }
    }
}

#[test]
fn laws_hold_for_mutations() {
    let articles = inputs("fixtures");
    for (name, law) in LAWS {
        let mut seeds = inputs(&format!("fuzz/corpus/{name}"));
        seeds.extend(articles.iter().filter(|data| data.len() < LONGEST).cloned());
        let mut chance = Chance(1);
        for _ in 0..MUTATIONS {
            let (seed, other) = (chance.of(&seeds).unwrap(), chance.of(&seeds).unwrap());
            ask(name, *law, &mutated(seed, other, &mut chance));
        }
    }
}

/// Pieces that mean something to a reader, an extractor or a rule.
const PIECES: &[&[u8]] = &[
    b"(nato.int)",
    b"[1]",
    b"[^1]",
    b"](https://a.org/x)",
    b"([R][1])",
    b"\n\n[1]: https://r.com/\n",
    b"<p>",
    b"</a>",
    b"<a href='h.org'>",
    b"&amp;",
    b"`",
    b"```\n",
    b"\\",
    b"\r",
    b"\r\n",
    b"> ",
    b"- ",
    b"## ",
    b"|",
    b"\xE2\x80\x8B",
    b"\xEE\x88\x80cite\xEE\x88\x82turn0search0\xEE\x88\x81",
    b":contentReference[oaicite:0]{index=0}",
    b"\xE3\x80\x9012\xE2\x80\xA0source\xE3\x80\x91",
    b"\xC2\xB9",
    b"\xEF\xBF\xBD",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"\0",
    b"\xE5\x8C\x97",
    b"\xF0\x9F\x91\xA9",
    b"10.1000/x",
    b"ISBN 978-0-306-40615-7",
    b"\"",
    b"{",
    b"}",
    b"\\ud83d",
    b"start_index\":",
    b"-1",
    b"1e9",
];

/// A few changes: pieces put in, taken out, doubled, bytes flipped, the tail
/// of another input.
fn mutated(seed: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut data = seed.to_vec();
    for _ in 0..=chance.below(6) {
        let at = chance.below(data.len() + 1);
        let end = (at + chance.below(24)).min(data.len());
        match chance.below(6) {
            0 => drop(data.splice(at..at, chance.of(PIECES).copied().unwrap_or_default().iter().copied())),
            1 => drop(data.drain(at..end)),
            2 => data.extend_from_within(at..end),
            3 => {
                if let Some(byte) = data.get_mut(at) {
                    *byte ^= 1 << chance.below(8);
                }
            }
            4 => drop(data.splice(at..end, chance.of(PIECES).copied().unwrap_or_default().iter().copied())),
            _ => drop(data.splice(at.., other.iter().skip(chance.below(other.len() + 1)).copied())),
        }
    }
    data.truncate(2 * LONGEST);
    data
}

/// Marsaglia's xorshift with 64 bits: the same numbers at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}
