//! Reading a bracket as a domain label.

use crate::language::{Host, HostClaim, claim_host, ends_sentence};

use super::Scan;

/// Longest label looked at, in bytes.
const LONGEST: usize = 260;

/// A label read from its opening bracket on.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) claim: HostClaim,
    /// Path behind the host, if any: `bbc.com/news`.
    pub(super) path: String,
    /// Bytes from the opening to behind the closing bracket.
    pub(super) len: usize,
}

/// The label that starts with the bracket at the start of `text`, if its
/// content is a host, alone or with a path.
pub(super) fn read_label(text: &str) -> Option<Label> {
    let open = text.chars().next()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '（' => '）',
        '【' => '】',
        _ => return None,
    };
    let inner = text.get(open.len_utf8()..)?;
    let end = inner.char_indices().take(LONGEST).find(|(_, c)| *c == close || !may_stand_in_label(*c))?;
    if end.1 != close {
        return None;
    }
    let content = inner.get(..end.0)?.trim_matches(' ');
    let (host, path) = match content.split_once('/') {
        Some((host, path)) => (host, path),
        None => (content, ""),
    };
    Some(Label { claim: claim_host(host)?, path: path.to_owned(), len: open.len_utf8() + end.0 + close.len_utf8() })
}

fn may_stand_in_label(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '.' | '-' | '/' | '_' | '~' | '%' | ' ' | '+' | '=' | '&' | '?' | '#')
        || !c.is_ascii()
            && !c.is_whitespace()
            && !ends_sentence(c)
            && !matches!(c, '，' | '、' | '；' | '：' | '（' | '【')
}

/// Whether a doubtful host is one after all: it stands where citations stand
/// (after a finished sentence, before a space or the end), or the document
/// gives its address elsewhere.
pub(super) fn is_corroborated(scan: &Scan<'_>, host: &Host, at: usize, len: usize) -> bool {
    let before = scan.before(at);
    let gap = before.trim_end_matches(' ');
    let after = scan.after(at + len);
    let stands_apart = gap.len() < before.len()
        && gap.ends_with(ends_sentence)
        && (after.is_empty() || after.starts_with([' ', '\n']));
    let is_site_like = host.registrable().len() >= 6;
    stands_apart && is_site_like && !is_file_stem(host.name())
        || scan.document.links.iter().any(|link| {
            link.destination
                .split_once("://")
                .is_some_and(|(_, rest)| rest.strip_prefix("www.").unwrap_or(rest).starts_with(host.registrable()))
        })
}

/// Names of files that projects have at their root.
fn is_file_stem(name: &str) -> bool {
    matches!(
        name,
        "readme"
            | "changelog"
            | "license"
            | "contributing"
            | "main"
            | "lib"
            | "mod"
            | "index"
            | "setup"
            | "install"
            | "build"
            | "test"
            | "tests"
            | "config"
            | "todo"
            | "security"
            | "authors"
            | "history"
            | "news"
            | "conftest"
    )
}
