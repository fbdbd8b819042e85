//! What is a host name, and what only looks like one.
//!
//! `nato.int` is a host, `node.js` is not: the public suffix list decides,
//! after IDNA. But the list holds `md`, `rs`, `name` and `is` too, so a claim
//! can be [`HostClaim::Doubtful`]: then the context must speak for it.

use std::borrow::Cow;

/// A host name in its ASCII form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// Lower case, IDNA-encoded.
    pub ascii: String,
}

impl Host {
    /// The registrable domain: one label under a public suffix.
    #[must_use]
    pub fn registrable(&self) -> &str {
        psl::domain_str(&self.ascii).unwrap_or(&self.ascii)
    }

    /// The name someone chose: the registrable domain without its suffix.
    #[must_use]
    pub fn name(&self) -> &str {
        self.registrable().split('.').next().unwrap_or_default()
    }

    /// The host of a parsed URL, whatever its suffix; `None` for addresses.
    #[must_use]
    pub fn of_url(url: &url::Url) -> Option<Self> {
        url.domain().map(Self::of_domain)
    }

    /// The host that a domain names, which is in its ASCII form already.
    #[must_use]
    pub fn of_domain(domain: &str) -> Self {
        Self { ascii: domain.trim_end_matches('.').to_owned() }
    }
}

/// How far a piece of text, on its own, is a host name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostClaim {
    /// A host by every rule.
    Clear(Host),
    /// A host by the rules, but also a file name or a member of an object:
    /// `README.md`, `user.name`. Needs the context's word.
    Doubtful(Host),
}

/// Suffixes that are file extensions, or names of members in code, more often
/// than the end of a host.
const DOUBTFUL_SUFFIXES: &[&str] = &[
    "app",
    "as",
    "bar",
    "bot",
    "box",
    "cab",
    "call",
    "cat",
    "cc",
    "channel",
    "click",
    "contact",
    "data",
    "date",
    "diy",
    "do",
    "email",
    "events",
    "fit",
    "foo",
    "fyi",
    "gives",
    "host",
    "id",
    "java",
    "kim",
    "lat",
    "link",
    "list",
    "map",
    "md",
    "mk",
    "ml",
    "mm",
    "mo",
    "moi",
    "mov",
    "name",
    "new",
    "now",
    "one",
    "page",
    "pet",
    "phd",
    "pl",
    "pm",
    "properties",
    "ps",
    "pub",
    "py",
    "rs",
    "run",
    "sc",
    "select",
    "sh",
    "show",
    "so",
    "st",
    "storage",
    "target",
    "tel",
    "text",
    "tf",
    "to",
    "tools",
    "top",
    "vi",
    "version",
    "win",
    "work",
    "works",
    "zip",
    "zone",
];

/// Two-letter country suffixes that are words of prose or code as well.
const WORD_SUFFIXES: &[&str] = &["am", "at", "be", "by", "in", "is", "it", "me", "my", "no", "us"];

/// First labels that belong to programs and files, not to publishers.
const CODE_STEMS: &[&str] = &[
    "app",
    "args",
    "array",
    "bar",
    "baz",
    "body",
    "build",
    "changelog",
    "config",
    "console",
    "contributing",
    "ctx",
    "data",
    "df",
    "do",
    "doc",
    "document",
    "el",
    "elem",
    "err",
    "error",
    "event",
    "example",
    "file",
    "foo",
    "fs",
    "i",
    "index",
    "init",
    "input",
    "install",
    "item",
    "key",
    "lib",
    "license",
    "list",
    "log",
    "main",
    "makefile",
    "map",
    "math",
    "mod",
    "module",
    "node",
    "np",
    "obj",
    "object",
    "options",
    "os",
    "output",
    "params",
    "path",
    "pd",
    "process",
    "props",
    "query",
    "readme",
    "req",
    "request",
    "res",
    "response",
    "result",
    "row",
    "self",
    "server",
    "session",
    "setup",
    "size",
    "src",
    "state",
    "std",
    "str",
    "string",
    "sys",
    "system",
    "table",
    "target",
    "test",
    "tests",
    "that",
    "this",
    "todo",
    "type",
    "user",
    "util",
    "utils",
    "value",
    "values",
    "var",
    "window",
    "x",
    "y",
];

/// Reads `text` as a host name. `None` where it is none: no known public
/// suffix, a bad label, a number, an abbreviation, a version.
#[must_use]
pub fn claim_host(text: &str) -> Option<HostClaim> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if !has_host_shape(text) {
        return None;
    }
    let ascii = to_ascii(text)?;
    let suffix = psl::suffix(ascii.as_bytes()).filter(psl::Suffix::is_known)?;
    let registrable = psl::domain_str(&ascii)?;
    let stem = registrable.split('.').next().unwrap_or_default();
    let suffix = std::str::from_utf8(suffix.as_bytes()).ok()?;
    if stem.len() == 1 && suffix.len() == 1 || is_dotted_abbreviation(&ascii) {
        return None;
    }
    let doubtful = is_doubtful(text, stem, suffix, ascii.split('.').count());
    let host = Host { ascii: ascii.into_owned() };
    Some(if doubtful { HostClaim::Doubtful(host) } else { HostClaim::Clear(host) })
}

/// A cheap look before IDNA and the suffix list: two labels at least, the
/// last one of letters, nothing that a label cannot hold.
fn has_host_shape(text: &str) -> bool {
    if text.len() < 4 || text.len() > 253 {
        return false;
    }
    let mut labels = 0;
    for label in text.split('.') {
        let fits = !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || !c.is_ascii() && !c.is_whitespace());
        if !fits {
            return false;
        }
        labels += 1;
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    labels >= 2 && last.chars().count() >= 2 && !last.starts_with(|c: char| c.is_ascii_digit())
}

fn to_ascii(text: &str) -> Option<Cow<'_, str>> {
    if text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
        && !text.contains("xn--")
    {
        return Some(Cow::Borrowed(text));
    }
    idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::URL)
        .ok()
        .map(|ascii| Cow::Owned(ascii.into_owned()))
}

/// `e.g`, `a.m`, `u.s`: one letter between every two dots.
fn is_dotted_abbreviation(ascii: &str) -> bool {
    ascii.split('.').all(|label| label.len() == 1)
}

fn is_doubtful(written: &str, stem: &str, suffix: &str, labels: usize) -> bool {
    if written.starts_with("www.") {
        return false;
    }
    // `ASP.NET`, `System.Net`: a product or a namespace writes its suffix large;
    // whoever writes hosts in capitals writes all of it so.
    let written_suffix = written.rsplit('.').next().unwrap_or_default();
    let is_all_capitals = !written.contains(char::is_lowercase) && !matches!(suffix, "net" | "io");
    if written_suffix.starts_with(char::is_uppercase) && !is_all_capitals {
        return true;
    }
    if labels > 2 {
        return DOUBTFUL_SUFFIXES.contains(&suffix) && CODE_STEMS.contains(&stem);
    }
    let code_like = CODE_STEMS.contains(&stem);
    if DOUBTFUL_SUFFIXES.contains(&suffix) {
        return true;
    }
    if WORD_SUFFIXES.contains(&suffix) {
        return code_like || stem.len() < 3;
    }
    code_like && !matches!(suffix, "com" | "org" | "net" | "edu" | "gov" | "int")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> &'static str {
        match claim_host(text) {
            None => "no",
            Some(HostClaim::Clear(_)) => "clear",
            Some(HostClaim::Doubtful(_)) => "doubtful",
        }
    }

    #[test]
    fn hosts_and_look_alikes() {
        let table = [
            ("nato.int", "clear"),
            ("en.Wikipedia.org", "clear"),
            ("bbc.co.uk", "clear"),
            ("corriere.it", "clear"),
            ("münchen.de", "clear"),
            ("президент.рф", "clear"),
            ("例え.テスト", "no"),
            ("node.js", "no"),
            ("e.g", "no"),
            ("i.e.", "no"),
            ("v1.2.3", "no"),
            ("1.2.3.4", "no"),
            ("co.uk", "no"),
            ("end.of", "no"),
            ("README.md", "doubtful"),
            ("lib.rs", "doubtful"),
            ("user.name", "doubtful"),
            ("ASP.NET", "doubtful"),
            ("NATO.INT", "clear"),
            ("System.Com", "doubtful"),
            ("README.MD", "doubtful"),
            ("this.is", "doubtful"),
            ("foo..com", "no"),
            ("-a.com", "no"),
        ];
        for (text, expected) in table {
            assert_eq!(verdict(text), expected, "{text}");
        }
    }

    #[test]
    fn parts() {
        let Some(HostClaim::Clear(host)) = claim_host("www.energy.gov.uk") else {
            panic!("a host");
        };
        assert_eq!((host.registrable(), host.name()), ("energy.gov.uk", "energy"));
    }
}
