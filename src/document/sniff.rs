//! Which format a file is in, by its name or by its content.

use memchr::memmem;
use url::Url;

use crate::export;

/// The formats that have a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text, possibly with Markdown habits.
    Plain,
    /// CommonMark with GFM's extensions.
    Markdown,
    /// HTML or XHTML.
    Html,
    /// A raw export of an LLM product, with its citations beside the text.
    Export,
}

impl Format {
    /// An address as this format may hold it anywhere.
    #[must_use]
    pub fn spell(self, url: &Url) -> String {
        match self {
            Self::Html => url.as_str().replace('&', "&amp;").replace('"', "%22").replace('\'', "%27"),
            _ => url.as_str().replace('(', "%28").replace(')', "%29"),
        }
    }

    /// All formats, for help texts.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Markdown, Self::Html, Self::Export];

    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Export => "export",
        }
    }

    /// The format with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The format a path's extension names.
#[must_use]
pub fn format_of_path(path: &str) -> Option<Format> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let (_, extension) = name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "md" | "markdown" | "mdx" => Some(Format::Markdown),
        "txt" | "text" => Some(Format::Plain),
        "html" | "htm" | "xhtml" => Some(Format::Html),
        "json" | "jsonl" | "ndjson" => Some(Format::Export),
        _ => None,
    }
}

/// The format that the first kilobytes look like.
pub(super) fn format_of(source: &str) -> Format {
    const LOOK: usize = 8192;
    let head = source.get(..source.floor_char_boundary(LOOK)).unwrap_or_default();
    if is_html(head) {
        Format::Html
    } else if export::is_export(source) {
        Format::Export
    } else if markdown_marks(head) >= 2 {
        Format::Markdown
    } else {
        Format::Plain
    }
}

fn is_html(head: &str) -> bool {
    let start = head.trim_start().as_bytes();
    let begins = |prefix: &[u8]| start.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
    if [&b"<!doctype html"[..], b"<html", b"<head", b"<body", b"<article"].iter().any(|prefix| begins(prefix)) {
        return true;
    }
    let closers = [&b"</p>"[..], b"</div>", b"</h1>", b"</h2>", b"</li>", b"</article>", b"</section>"];
    begins(b"<") && closers.iter().filter(|tag| memmem::find(head.as_bytes(), tag).is_some()).count() >= 2
        || begins(b"<p") && memmem::find(head.as_bytes(), b"</p>").is_some()
}

/// How many lines carry a mark that plain text seldom has.
fn markdown_marks(head: &str) -> usize {
    let mut marks = 0;
    for line in head.lines() {
        let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
        let is_heading = (1..=6).contains(&hashes) && line.get(hashes..).is_some_and(|rest| rest.starts_with(' '));
        let is_mark = is_heading
            || line.starts_with("```")
            || line.starts_with("[^") && line.contains("]:")
            || memmem::find(line.as_bytes(), b"](").is_some()
            || line.starts_with('|') && line.trim_end().ends_with('|');
        marks += usize::from(is_mark);
    }
    marks + 2 * usize::from(head.starts_with("---\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_then_content() {
        assert_eq!(format_of_path("a/b.MD"), Some(Format::Markdown));
        assert_eq!(format_of_path("a.b/c"), None);
        assert_eq!(format_of("<!DOCTYPE html><p>x"), Format::Html);
        assert_eq!(format_of("# Title\n\nSee [a](b).\n"), Format::Markdown);
        assert_eq!(format_of("Title\n\nJust words. (nato.int) ### Next\n"), Format::Plain);
    }
}
