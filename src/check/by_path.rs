//! Rules that hold for some documents only.

use std::collections::BTreeMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::finding::{RuleMeta, Severity};

/// What holds for the documents that match.
#[derive(Debug, Clone)]
pub struct PathRule {
    matcher: GlobSet,
    pub(super) select: Vec<String>,
    pub(super) ignore: Vec<String>,
    severities: BTreeMap<String, Severity>,
}

/// A pattern that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{pattern}” is no usable pattern: {reason}")]
pub struct BadPattern {
    /// As written.
    pub pattern: String,
    /// Why.
    pub reason: String,
}

impl PathRule {
    /// A rule for the documents that any of `patterns` matches; names are
    /// rules or families.
    ///
    /// # Errors
    ///
    /// The first pattern that is none.
    pub fn new(
        patterns: &[String],
        select: Vec<String>,
        ignore: Vec<String>,
        severities: BTreeMap<String, Severity>,
    ) -> Result<Self, BadPattern> {
        let mut matcher = GlobSetBuilder::new();
        for pattern in patterns {
            let bad = |error: globset::Error| BadPattern { pattern: pattern.clone(), reason: error.kind().to_string() };
            matcher.add(GlobBuilder::new(pattern).literal_separator(true).build().map_err(bad)?);
        }
        let built = matcher.build();
        let matcher = built.map_err(|error| BadPattern { pattern: patterns.join(" "), reason: error.to_string() })?;
        Ok(Self { matcher, select, ignore, severities })
    }

    fn severity(&self, rule: &RuleMeta) -> Option<Severity> {
        self.severities.get(rule.name).or_else(|| self.severities.get(rule.family.name())).copied()
    }
}

/// All rules by path, and the folders that paths and patterns start from.
#[derive(Debug, Clone, Default)]
pub struct PathRules {
    root: String,
    here: String,
    rules: Vec<PathRule>,
}

impl PathRules {
    /// Patterns start from the folder `root`, paths from `here`; both are
    /// absolute.
    #[must_use]
    pub fn new(root: String, here: String, rules: Vec<PathRule>) -> Self {
        Self { root, here, rules }
    }

    /// The rules that hold for a document, in their order.
    pub(super) fn of(&self, path: &str) -> Vec<&PathRule> {
        if self.rules.is_empty() {
            return Vec::new();
        }
        let place = self.seen_from_root(path);
        self.rules.iter().filter(|rule| rule.matcher.is_match(&place)).collect()
    }

    /// `path` as it is seen from the root, where it lies below it.
    fn seen_from_root(&self, path: &str) -> String {
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.here) };
        let (place, root) = (parts(&whole), parts(&self.root));
        place.strip_prefix(root.as_slice()).unwrap_or(&place).join("/")
    }
}

/// The last of the rules that speaks of `rule` decides.
pub(super) fn severity(rules: &[&PathRule], rule: &RuleMeta) -> Option<Severity> {
    rules.iter().rev().find_map(|by_path| by_path.severity(rule))
}

fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_start_from_the_folder_of_the_file() {
        let rule = |pattern: &str| {
            PathRule::new(&[pattern.to_owned()], Vec::new(), Vec::new(), BTreeMap::new()).expect("a pattern")
        };
        let rules =
            PathRules::new("/site".into(), "/site/news".into(), vec![rule("news/**"), rule("*.md"), rule("**")]);
        let count = |path: &str| rules.of(path).len();
        assert_eq!(count("a.md"), 2);
        assert_eq!(count("./deep/a.md"), 2);
        assert_eq!(count("../a.md"), 2);
        assert_eq!(count("/elsewhere/a.md"), 1);
    }
}
