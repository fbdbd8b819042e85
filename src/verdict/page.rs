//! Facts of a fetched page: bytes and a content type in, plain data out. A
//! page is a stranger's; reading it costs time and memory in proportion to its
//! size and no stack, see [`distil`].

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::civil::Date;
use scraper::{Html, Selector};
use serde_json::Value;

use super::head::{Distilled, distil};
use super::wall::{PHRASES, WallPhrase};

/// How much of a body was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyExtent {
    /// All of it.
    Whole,
    /// Up to our own limit.
    CutAtLimit,
    /// The connection ended, stalled or lied before the body was whole.
    Torn,
    /// Nothing: it is not text.
    Unread,
}

/// What is known of a page besides its status and headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFacts {
    /// The media type, lower-case, without parameters.
    pub media_type: Option<String>,
    /// The title, white space collapsed, at most 300 characters.
    pub title: Option<String>,
    /// The day the page says it was published, as written there.
    pub published: Option<Date>,
    /// Bytes of the body that were read, after decompression.
    pub size: u64,
    /// Whether that is all of it.
    pub extent: BodyExtent,
    /// Which words of block pages it holds, sorted.
    pub phrases: Vec<WallPhrase>,
}

/// Longest title kept, in characters.
const LONGEST_TITLE: usize = 300;

impl PageFacts {
    /// Reads a page. `content_type` is the header's value.
    #[must_use]
    pub fn read(body: &[u8], content_type: Option<&str>, extent: BodyExtent) -> Self {
        let mut facts = Self {
            media_type: content_type.and_then(media_type),
            title: None,
            published: None,
            size: body.len() as u64,
            extent,
            phrases: Vec::new(),
        };
        if body.is_empty() || !facts.media_type.as_deref().is_none_or(is_textual) {
            return facts;
        }
        let decoded = recode(body);
        let body = decoded.as_ref();
        facts.phrases = phrases_of(body);
        if facts.media_type.as_deref().is_none_or(|kind| kind.contains("html")) {
            read_head(&distil(body), content_type, &mut facts);
        }
        facts
    }
}

/// Whether a body of this media type is worth reading as text.
#[must_use]
pub fn is_textual(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || ["html", "xml", "json", "javascript"].iter().any(|kind| media_type.contains(kind))
}

fn media_type(content_type: &str) -> Option<String> {
    let essence = content_type.split(';').next()?.trim().to_ascii_lowercase();
    essence.contains('/').then_some(essence)
}

/// UTF-16 becomes UTF-8, because markup is looked for as ASCII; every other
/// encoding is left as it is.
fn recode(body: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::for_bom(body) {
        Some((encoding, _)) if encoding != UTF_8 => Cow::Owned(encoding.decode(body).0.into_owned().into_bytes()),
        _ => Cow::Borrowed(body),
    }
}

fn phrases_of(body: &[u8]) -> Vec<WallPhrase> {
    static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder().ascii_case_insensitive(true).build(PHRASES.iter().map(|(_, words)| words)).ok()
    });
    let Some(finder) = FINDER.as_ref() else {
        return Vec::new();
    };
    let mut phrases: Vec<WallPhrase> = finder
        .find_overlapping_iter(body)
        .filter_map(|found| PHRASES.get(found.pattern().as_usize()).map(|(phrase, _)| *phrase))
        .collect();
    phrases.sort_unstable();
    phrases.dedup();
    phrases
}

fn read_head(distilled: &Distilled, content_type: Option<&str>, facts: &mut PageFacts) {
    let source = decode(&distilled.head, content_type);
    let document = Html::parse_document(&source);
    facts.title = selected(&document, "title")
        .next()
        .map(|title| collapse(&title.text().collect::<String>()))
        .filter(|title| !title.is_empty());
    facts.published = published_in_meta(&document).or_else(|| {
        let mut scripts = distilled.linked_data.iter();
        scripts.find_map(|script| published_in_linked_data(script))
    });
}

fn selected<'a>(document: &'a Html, selector: &str) -> impl Iterator<Item = scraper::ElementRef<'a>> {
    let elements = Selector::parse(selector).map(|selector| document.select(&selector).collect::<Vec<_>>());
    elements.unwrap_or_default().into_iter()
}

fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let declared =
        content_type.and_then(charset_parameter).or_else(|| charset_parameter(&String::from_utf8_lossy(bytes)));
    declared.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252).decode(bytes).0
}

/// The value after `charset=`, in a header or in a `meta` element's source.
fn charset_parameter(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start_matches([' ', '"', '\'']);
    let is_label = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    Some(value.chars().take_while(|&c| is_label(c)).collect())
}

fn collapse(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(LONGEST_TITLE).collect()
}

/// The names under which pages give their day of publication, best first.
const PUBLISHED_NAMES: &[&str] = &[
    "article:published_time",
    "datepublished",
    "citation_publication_date",
    "citation_date",
    "parsely-pub-date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "pubdate",
    "date",
];

fn published_in_meta(document: &Html) -> Option<Date> {
    let metas: Vec<(String, &str)> = selected(document, "meta[content]")
        .filter_map(|meta| {
            let meta = meta.value();
            let name = ["property", "name", "itemprop"].iter().find_map(|key| meta.attr(key))?;
            Some((name.to_ascii_lowercase(), meta.attr("content")?))
        })
        .collect();
    PUBLISHED_NAMES.iter().find_map(|wanted| {
        let mut named = metas.iter().filter(|(name, _)| name == wanted);
        named.find_map(|(_, content)| day(content))
    })
}

/// `serde_json` bounds its own depth, so hostile nesting is merely refused.
fn published_in_linked_data(script: &[u8]) -> Option<Date> {
    let value: Value = serde_json::from_slice(script).ok()?;
    published_in_value(&value)
}

fn published_in_value(value: &Value) -> Option<Date> {
    match value {
        Value::Array(values) => values.iter().find_map(published_in_value),
        Value::Object(members) => members
            .get("datePublished")
            .and_then(Value::as_str)
            .and_then(day)
            .or_else(|| members.get("@graph").and_then(published_in_value)),
        _ => None,
    }
}

/// The day that a time of the form `YYYY-MM-DD…` or `YYYY/MM/DD…` begins with.
fn day(text: &str) -> Option<Date> {
    text.trim().get(..10)?.replace('/', "-").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(page: &str) -> PageFacts {
        PageFacts::read(page.as_bytes(), Some("text/html; charset=utf-8"), BodyExtent::Whole)
    }

    #[test]
    fn title_and_size() {
        let facts = html("<html><head><title> A\n &amp; B </title></head><body>x");
        assert_eq!(facts.title.as_deref(), Some("A & B"));
        assert_eq!(facts.size, 53);
        assert_eq!(facts.media_type.as_deref(), Some("text/html"));
        assert_eq!(html("<title> </title>").title, None);
    }

    #[test]
    fn the_day_of_publication() {
        let expected = Some(jiff::civil::date(2026, 3, 9));
        for page in [
            "<meta property='article:published_time' content='2026-03-09T10:00:00+01:00'>",
            "<meta name=date content='2001-01-01'><meta itemprop=datePublished content=2026-03-09>",
            "<meta name='citation_publication_date' content='2026/03/09'>",
            "<script type=application/ld+json>{\"datePublished\":\"2026-03-09\"}</script>",
            "<script type=application/ld+json>{\"@graph\":[{},{\"datePublished\":\"2026-03-09T1\"}]}</script>",
        ] {
            assert_eq!(html(page).published, expected, "{page}");
        }
        assert_eq!(html("<meta name=date content='yesterday é'>").published, None);
    }

    #[test]
    fn encodings_by_header_by_meta_and_by_mark() {
        let latin = b"<title>caf\xe9</title>";
        let facts = PageFacts::read(latin, Some("text/html; charset=ISO-8859-1"), BodyExtent::Whole);
        assert_eq!(facts.title.as_deref(), Some("café"));
        let cyrillic = b"<meta charset=\"windows-1251\"><title>\xcc\xe8\xf0</title>";
        let facts = PageFacts::read(cyrillic, None, BodyExtent::Whole);
        assert_eq!(facts.title.as_deref(), Some("Мир"));
        let wide: Vec<u8> = "\u{feff}<title>平和</title>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let facts = PageFacts::read(&wide, Some("text/html"), BodyExtent::Whole);
        assert_eq!(facts.title.as_deref(), Some("平和"));
    }

    #[test]
    fn what_is_not_text_is_not_read() {
        let facts = PageFacts::read(b"<title>x</title>", Some("image/png"), BodyExtent::Unread);
        assert_eq!(facts.title, None);
        let facts = PageFacts::read(b"<title>x</title>", Some("text/plain"), BodyExtent::Whole);
        assert_eq!(facts.title, None);
    }

    #[test]
    fn hostile_pages_cost_no_more_than_their_size() {
        let size = 1 << 20;
        for unit in [
            "<div>",
            "<b a=1>",
            "<b id=x><p>",
            "<table>",
            "<a b c d e ",
            "<!--",
            "<title>",
            "<meta>",
            "<meta a='",
            "<script type=application/ld+json>",
            "<template>",
            "</script",
            "<svg>",
            "[",
            "\0",
            "<",
        ] {
            let page = unit.repeat(size / unit.len());
            let facts = html(&page);
            assert_eq!(facts.size, page.len() as u64, "{unit}");
        }
        let attributes: String = (0..400_000).map(|n| format!(" a{n}=1")).collect();
        assert_eq!(html(&format!("<meta{attributes}>")).title, None);
        let nested = format!("<script type=application/ld+json>{}</script>", "[".repeat(100_000));
        assert_eq!(html(&nested).published, None);
    }
}
