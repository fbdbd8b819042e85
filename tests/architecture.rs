//! The laws of the house, held against the sources: a module imports only
//! from floors below it, only the edges touch the world, every rule is in the
//! list, every file tells its story.

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
use std::path::{Path, PathBuf};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// The floors, as in `ARCHITECTURE.md`.
const FLOORS: &[(&str, u8)] = &[
    ("text", 0),
    ("language", 1),
    ("finding", 1),
    ("export", 2),
    ("passage", 2),
    ("document", 3),
    ("citation", 4),
    ("seam", 5),
    ("verdict", 5),
    ("fault", 6),
    ("search", 6),
    ("history", 6),
    ("rules", 7),
    ("check", 8),
    ("repair", 9),
    ("report", 10),
    ("config", 10),
    ("input", 11),
    ("fetch", 11),
    ("store", 11),
    ("pipeline", 12),
    ("audit", 13),
    ("cli", 14),
];

/// The first floor that may touch disk, network, clock and environment.
const FIRST_EDGE: u8 = 11;

fn floor(module: &str) -> u8 {
    FLOORS.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no floor")).1
}

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(SOURCES).unwrap().to_path_buf(), text));
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new(SOURCES), &mut found);
    found.sort();
    found
}

fn module_of(path: &Path) -> String {
    let first = path.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a line of code names.
fn imports(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::")
        .filter_map(|(at, _)| {
            let rest = &code[at + "crate::".len()..];
            let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            FLOORS.iter().any(|(module, _)| *module == name).then_some(name)
        })
        .collect()
}

#[test]
fn imports_point_down() {
    let mut failures = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        for import in text.lines().flat_map(imports).filter(|import| *import != module) {
            if floor(&import) >= floor(&module) {
                failures.push(format!(
                    "{}: `{module}` (floor {}) may not use `{import}` (floor {})",
                    path.display(),
                    floor(&module),
                    floor(&import)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn only_the_edges_touch_the_world() {
    const WORLD: &[&str] = &[
        "std::fs",
        "std::env",
        "std::net::Tcp",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "tokio::",
        "reqwest::",
        "io::stdout",
        "io::stdin",
        "io::stderr",
        "println!",
    ];
    let mut failures = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if matches!(module.as_str(), "lib" | "main") || FIRST_EDGE <= floor(&module) {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in WORLD
            .iter()
            .filter(|call| code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(**call)))
        {
            failures.push(format!(
                "{}: `{module}` (floor {}) may not touch the world: {call}",
                path.display(),
                floor(&module)
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_is_in_the_list() {
    let list = fs::read_to_string(Path::new(SOURCES).join("rules/mod.rs")).unwrap();
    let mut missing = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.starts_with("rules")) {
        if !text.contains("\nrule! {") {
            continue;
        }
        let family = path.parent().unwrap().file_name().unwrap().to_string_lossy();
        let name = path.file_stem().unwrap().to_string_lossy();
        let line = format!("&{family}::{name}::RULE,");
        if !list.contains(&line) {
            missing.push(line);
        }
    }
    assert!(missing.is_empty(), "add to RULES in src/rules/mod.rs:\n{}", missing.join("\n"));
}

#[test]
fn every_page_has_its_headings() {
    for rule in obelus::rules::RULES {
        for heading in ["# What it finds", "# Why it matters", "# Example", "# Repaired", "# Limits"] {
            assert!(rule.meta.docs.contains(heading), "{} lacks “{heading}”", rule.meta.name);
        }
    }
}

#[test]
fn every_file_tells_its_story_and_stays_short() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} begins without a story", path.display());
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines; part it", path.display());
    }
}

/// The packages that the owner of the project set are where they belong:
/// `scraper` reads fetched pages only, and the network is `reqwest`'s.
#[test]
fn the_packages_that_were_set_are_used() {
    let uses = |package: &str| -> Vec<String> {
        let name = format!("{package}::");
        let used = sources().into_iter().filter(|(_, text)| text.contains(&name));
        used.map(|(path, _)| module_of(&path)).collect()
    };
    for package in ["tokio", "url", "serde", "indicatif"] {
        assert!(!uses(package).is_empty(), "{package}");
    }
    for (package, module) in [("reqwest", "fetch"), ("scraper", "verdict")] {
        let modules = uses(package);
        assert!(!modules.is_empty() && modules.iter().all(|used| used == module), "{package} in {modules:?}");
    }
}
