//! Which targets are asked at all: `--include` and `--exclude`. They hold for
//! every redirect on the way as well.

use regex::Regex;
use url::Url;

/// The user's choice among targets, by patterns over the whole address.
#[derive(Debug, Clone, Default)]
pub struct TargetFilter {
    /// Where there are any, only what one of them matches is asked.
    pub include: Vec<Regex>,
    /// What one of them matches is not asked, included or not.
    pub exclude: Vec<Regex>,
}

impl TargetFilter {
    /// Whether this target is asked.
    #[must_use]
    pub fn admits(&self, url: &Url) -> bool {
        (self.include.is_empty() || any_matches(&self.include, url)) && !self.forbids(url)
    }

    /// Whether nothing at all is asked there, what we ask on our own account
    /// (controls, lists of a site's pages) among it.
    #[must_use]
    pub fn forbids(&self, url: &Url) -> bool {
        any_matches(&self.exclude, url)
    }
}

fn any_matches(patterns: &[Regex], url: &Url) -> bool {
    patterns.iter().any(|pattern| pattern.is_match(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusion_beats_inclusion() {
        let patterns = |all: &[&str]| all.iter().map(|one| Regex::new(one).expect("a pattern")).collect();
        let admits = |include: &[&str], exclude: &[&str]| {
            let filter = TargetFilter { include: patterns(include), exclude: patterns(exclude) };
            filter.admits(&"https://a.test/news/1".parse().expect("a URL"))
        };
        assert!(admits(&[], &[]));
        assert!(admits(&["b", "news"], &[]));
        assert!(!admits(&["^http://"], &[]));
        assert!(!admits(&[], &["a\\.test"]));
        assert!(!admits(&["news"], &["/1$"]));
    }
}
