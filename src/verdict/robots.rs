//! What a host's `robots.txt` asks of programs (RFC 9309). The file is a
//! stranger's: it is read up to a size, up to a number of rules, and a rule is
//! matched in time proportional to the path and itself.
//!
//! A file that is not there allows everything. One that cannot be had because
//! the server fails forbids everything, as the RFC wishes; where there is no
//! server at all there is nobody to disturb, and the request for the page
//! itself tells what is wrong.

use memchr::memmem;
use url::{Position, Url};

use super::{NetworkFault, Outcome, Phase};

/// Bytes of a file that are read; the RFC asks for 500 KiB at least.
pub const LONGEST_ROBOTS: u64 = 512 << 10;

/// Rules that are kept of one file.
const MOST_RULES: usize = 4096;

/// Bytes of a rule's path, and of a page's, that are compared.
const LONGEST_PATH: usize = 4096;

/// What a host allows us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RobotsRules {
    /// Whatever these rules allow; without any, everything.
    Rules(Vec<RobotsRule>),
    /// Nothing: the server failed when it was asked for its rules.
    Unreachable,
}

/// One `Allow` or `Disallow` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RobotsRule {
    allows: bool,
    /// The pieces between the `*`; the first is where the path begins.
    pieces: Vec<Vec<u8>>,
    /// It ended in `$`: so must the path.
    is_anchored: bool,
    /// Its length as written, in bytes: the longest rule that matches decides.
    length: usize,
}

impl RobotsRules {
    /// The rules for the program that calls itself `agent`, from what came of
    /// asking for the file: the outcome, and the body where there was one.
    #[must_use]
    pub fn of(outcome: &Outcome, body: &[u8], agent: &str) -> Self {
        match outcome {
            Outcome::Answered { status: 200..=299, .. } => Self::parse(body, agent),
            Outcome::Answered { status: 500..=599, .. }
            | Outcome::TimedOut(Phase::Connect | Phase::Headers | Phase::Body)
            | Outcome::Unreachable(NetworkFault::Reset | NetworkFault::Protocol(_)) => Self::Unreachable,
            _ => Self::Rules(Vec::new()),
        }
    }

    /// Reads a file.
    #[must_use]
    pub fn parse(file: &[u8], agent: &str) -> Self {
        let agent = product_token(agent);
        let mut ours = Vec::new();
        let mut anyones = Vec::new();
        let mut has_ours = false;
        let mut group = Group::default();
        for (key, value) in lines(file) {
            if key.eq_ignore_ascii_case(b"user-agent") {
                if std::mem::take(&mut group.has_rules) {
                    group = Group::default();
                }
                let token = product_token(&String::from_utf8_lossy(value));
                group.is_anyones |= value == b"*";
                group.is_ours |= !agent.is_empty() && token == agent;
                has_ours |= group.is_ours;
                continue;
            }
            let allows = key.eq_ignore_ascii_case(b"allow");
            if !allows && !key.eq_ignore_ascii_case(b"disallow") {
                continue;
            }
            group.has_rules = true;
            // "Disallow:" without a path forbids nothing.
            let Some(rule) = RobotsRule::parse(value, allows) else { continue };
            let kept: &mut Vec<RobotsRule> = match (group.is_ours, group.is_anyones) {
                (true, _) => &mut ours,
                (_, true) => &mut anyones,
                _ => continue,
            };
            if kept.len() < MOST_RULES {
                kept.push(rule);
            }
        }
        Self::Rules(if has_ours { ours } else { anyones })
    }

    /// Whether the page may be asked. The longest rule that matches decides;
    /// of two as long, the one that allows.
    #[must_use]
    pub fn allow(&self, url: &Url) -> bool {
        let Self::Rules(rules) = self else {
            return false;
        };
        let path = normal(url[Position::BeforePath..Position::AfterQuery].as_bytes());
        let path = path.get(..LONGEST_PATH).unwrap_or(&path);
        if path == b"/robots.txt" {
            return true;
        }
        let matching = rules.iter().filter(|rule| rule.matches(path));
        matching.max_by_key(|rule| (rule.length, rule.allows)).is_none_or(|rule| rule.allows)
    }
}

/// The group of lines that is being read.
#[derive(Debug, Default)]
struct Group {
    is_ours: bool,
    is_anyones: bool,
    has_rules: bool,
}

impl RobotsRule {
    fn parse(value: &[u8], allows: bool) -> Option<Self> {
        let value = value.get(..LONGEST_PATH).unwrap_or(value);
        let (body, is_anchored) = value.strip_suffix(b"$").map_or((value, false), |body| (body, true));
        if !matches!(body.first(), Some(b'/' | b'*')) {
            return None;
        }
        let mut pieces: Vec<Vec<u8>> = body.split(|byte| *byte == b'*').map(normal).collect();
        // Of stars side by side one is enough.
        let mut place = 0;
        let last = pieces.len() - 1;
        pieces.retain(|piece| {
            place += 1;
            !piece.is_empty() || place == 1 || place == last + 1
        });
        Some(Self { allows, pieces, is_anchored, length: value.len() })
    }

    /// The first place where a piece fits is as good as any later one, so
    /// nothing is tried twice.
    fn matches(&self, path: &[u8]) -> bool {
        let Some((first, others)) = self.pieces.split_first() else {
            return false;
        };
        let Some(mut rest) = path.strip_prefix(first.as_slice()) else {
            return false;
        };
        let Some((last, between)) = others.split_last() else {
            return !self.is_anchored || rest.is_empty();
        };
        for piece in between {
            let Some(after) = memmem::find(rest, piece).and_then(|at| rest.get(at + piece.len()..)) else {
                return false;
            };
            rest = after;
        }
        if self.is_anchored { rest.ends_with(last) } else { memmem::find(rest, last).is_some() }
    }
}

/// The lines of a file as key and value, comments and white space gone.
fn lines(file: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    file.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(|line| {
        let line = line.split(|byte| *byte == b'#').next()?;
        let colon = memchr::memchr(b':', line)?;
        let (key, value) = line.split_at_checked(colon)?;
        Some((key.trim_ascii(), value.get(1..)?.trim_ascii()))
    })
}

/// The name of a program: what stands before its version, lower-case. The RFC
/// knows letters, `_` and `-`.
fn product_token(agent: &str) -> String {
    let is_letter = |c: &char| c.is_ascii_alphabetic() || matches!(c, '_' | '-');
    agent.trim_start().chars().take_while(is_letter).map(|c| c.to_ascii_lowercase()).collect()
}

/// One spelling for each path: what need not be escaped is not, what must be
/// is, with capital digits.
fn normal(path: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| u8::try_from(char::from(*byte?).to_digit(16)?).ok();
    let mut normal = Vec::with_capacity(path.len());
    let mut at = 0;
    while let Some(&byte) = path.get(at) {
        let escaped = match (byte, digit(path.get(at + 1)), digit(path.get(at + 2))) {
            (b'%', Some(high), Some(low)) => Some(high << 4 | low),
            _ => None,
        };
        at += if escaped.is_some() { 3 } else { 1 };
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        match escaped {
            Some(byte) if is_unreserved(byte) => normal.push(byte),
            Some(byte) => push_escaped(byte, &mut normal),
            None if byte.is_ascii_graphic() => normal.push(byte),
            None => push_escaped(byte, &mut normal),
        }
    }
    normal
}

fn push_escaped(byte: u8, to: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
    to.extend([b'%', digit(byte >> 4), digit(byte & 0x0f)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(file: &str, path: &str) -> bool {
        let url = Url::parse("https://a.test").and_then(|url| url.join(path)).expect("a URL");
        RobotsRules::parse(file.as_bytes(), "obelus/0.1.0 (+https://x.test)").allow(&url)
    }

    #[test]
    fn the_longest_rule_decides_and_allowing_wins_a_tie() {
        let file = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\nAllow: /a/b/d\nDisallow: /a/b/d\n";
        for (path, expected) in [
            ("/", true),
            ("/a", false),
            ("/abc", false),
            ("/a/b", true),
            ("/a/b/c?x", false),
            ("/a/b/d", true),
            ("/robots.txt", true),
        ] {
            assert_eq!(allows(file, path), expected, "{path}");
        }
    }

    #[test]
    fn the_group_that_names_us_is_the_one_that_counts() {
        let file = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-Agent: OBELUS/2\nDisallow: /x\nFoo: bar\n\n\
            User-agent: third\nDisallow: /\n\nuser-agent: obelus\nDisallow: /y\n";
        for (path, expected) in [("/", true), ("/x", false), ("/y", false), ("/z", true)] {
            assert_eq!(allows(file, path), expected, "{path}");
        }
        assert!(!allows("User-agent: *\nDisallow: /\n", "/"));
        assert!(allows("User-agent: obelusbot\nDisallow: /\n", "/"));
        assert!(allows("User-agent: obelus\nDisallow:\nUser-agent: *\nDisallow: /\n", "/"));
        assert!(allows("Disallow: /\n", "/"), "a rule without a group is nobody's");
        assert!(!allows("User-agent: obelus\nSitemap: x\nUser-agent: a\nDisallow: /\n", "/"));
    }

    #[test]
    fn stars_dollars_and_escapes() {
        for (rule, path, is_matched) in [
            ("/*.pdf$", "/a/b.pdf", true),
            ("/*.pdf$", "/a/b.pdf?x", false),
            ("/*.pdf$", "/a.pdf/b.pdf", true),
            ("/*.pdf", "/a/b.pdfx", true),
            ("/a*b*c", "/axxbyyczz", true),
            ("/a*b*c", "/axxcyyb", false),
            ("/a**c", "/abc", true),
            ("*", "/x", true),
            ("*/x", "/a/x", true),
            ("/$", "/", true),
            ("/$", "/a", false),
            ("/ab*ab$", "/ab", false),
            ("/ab*ab$", "/abab", true),
            ("/caf%c3%a9", "/café", true),
            ("/café", "/caf%C3%A9", true),
            ("/%7Euser", "/~user", true),
            ("/a%2fb", "/a/b", false),
            ("/?q=", "/?q=1", true),
            ("x", "/x", false),
        ] {
            let file = format!("user-agent: *\ndisallow: {rule} # comment\n");
            assert_eq!(!allows(&file, path), is_matched, "{rule} {path}");
        }
    }

    /// The rule by its definition, tried in every way.
    fn fits(rule: &[u8], path: &[u8]) -> bool {
        match rule.split_first() {
            None => true,
            Some((b'$', [])) => path.is_empty(),
            Some((b'*', rest)) => (0..=path.len()).any(|at| fits(rest, &path[at..])),
            Some((byte, rest)) => path.first() == Some(byte) && fits(rest, &path[1..]),
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn rules_match_as_they_are_defined(rule in "[/*][ab*]{0,8}[$]?", path in "/[ab]{0,10}") {
            let parsed = RobotsRule::parse(rule.as_bytes(), true).expect("a rule");
            proptest::prop_assert_eq!(parsed.matches(path.as_bytes()), fits(rule.as_bytes(), path.as_bytes()), "{} {}", rule, path);
        }

        #[test]
        fn no_file_is_too_strange(file in ".{0,200}", path in ".{0,50}") {
            if let Ok(url) = Url::parse("https://a.test/").and_then(|url| url.join(&path)) {
                let _ = RobotsRules::parse(file.as_bytes(), "obelus").allow(&url);
            }
        }
    }

    #[test]
    fn line_ends_marks_and_rubbish_are_read_over() {
        assert!(!allows("\u{feff}User-agent : *\r\n Disallow :/x \r\n", "/x"));
        assert!(!allows("user-agent:*\rdisallow:/x\r", "/x"));
        assert!(allows("<html><body>Not found: nothing here</body></html>", "/x"));
        assert!(allows("\0\u{1}\u{2}:::\n::\n", "/x"));
    }

    #[test]
    fn hostile_files_cost_no_more_than_their_size() {
        let size = usize::try_from(LONGEST_ROBOTS).expect("a size");
        let path = format!("/{}", "a".repeat(LONGEST_PATH * 2));
        for unit in ["User-agent: *\n", "Disallow: /a\n", "*", "/*a*a*a*ab", "%", "\n", ":", "Disallow: /*a*a*a*b$\n"] {
            let file = format!("User-agent: *\nDisallow: {}", unit.repeat(size / unit.len()));
            allows(&file, &path);
        }
    }

    #[test]
    fn what_no_file_means() {
        let allowed = |outcome: Outcome| {
            RobotsRules::of(&outcome, b"user-agent: *\ndisallow: /x", "obelus")
                .allow(&"http://a.test/x".parse().expect("a URL"))
        };
        let answered = |status| Outcome::Answered { status, headers: Vec::new(), page: None };
        for (outcome, expected) in [
            (answered(200), false),
            (answered(404), true),
            (answered(403), true),
            (answered(500), false),
            (answered(503), false),
            (Outcome::TimedOut(Phase::Headers), false),
            (Outcome::Unreachable(NetworkFault::Reset), false),
            (Outcome::Unreachable(NetworkFault::Refused), true),
            (Outcome::NameNotFound, true),
            (Outcome::TooManyRedirects, true),
        ] {
            assert_eq!(allowed(outcome.clone()), expected, "{outcome:?}");
        }
    }
}
