//! Facts of a fetched page: bytes and a content type in, plain data out. A
//! page is a stranger's; reading it costs time and memory in proportion to its
//! size and no stack.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use jiff::civil::Date;
use serde_json::Value;
use url::Url;

use super::Keep;
use super::markup;
use super::passage::Passage;
use super::sign::{PageSign, signs_of};
use super::sketch::{Sketch, Words};
use super::slug::says_little_of;
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
    /// The first heading, likewise.
    pub heading: Option<String>,
    /// The day the page says it was published, as written there.
    pub published: Option<Date>,
    /// The language that the page declares, lower-case, without region.
    pub language: Option<String>,
    /// Bytes of the body that were read, after decompression.
    pub size: u64,
    /// Whether that is all of it.
    pub extent: BodyExtent,
    /// Which words of block pages it holds, sorted.
    pub phrases: Vec<WallPhrase>,
    /// What else its words and elements are signs of, sorted.
    pub signs: Vec<PageSign>,
    /// Characters of visible text, frame included.
    pub characters: u32,
    /// Words of its main text, without numbers.
    pub words: u32,
    /// Its main text in short, to compare pages by.
    pub sketch: Sketch,
    /// Whether its JSON-LD says that it is free to read.
    pub is_free: Option<bool>,
    /// Its visible text, where the probe keeps it.
    pub text: Option<PageText>,
    /// The ids and names that fragments may lead to, where the probe keeps
    /// them.
    pub anchors: Option<Vec<String>>,
    /// What articles quote from it, as far as an audit looked for it.
    pub passages: Vec<Passage>,
    /// What came, decoded, where the probe keeps it.
    pub source: Option<String>,
}

/// The text that a reader of a page sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageText {
    /// White space collapsed, one line per block; at most 1 MiB.
    pub content: String,
    /// Whether that is all of it.
    pub is_whole: bool,
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
            heading: None,
            published: None,
            language: None,
            size: body.len() as u64,
            extent,
            phrases: Vec::new(),
            signs: Vec::new(),
            characters: 0,
            words: 0,
            sketch: Sketch::default(),
            is_free: None,
            text: None,
            anchors: None,
            passages: Vec::new(),
            source: None,
        };
        if body.is_empty() || !facts.media_type.as_deref().is_none_or(is_textual) {
            return facts;
        }
        let decoded = recode(body);
        let body = decoded.as_ref();
        facts.phrases = phrases_of(body);
        let source = decode(body, content_type);
        match facts.media_type.as_deref() {
            None => read_markup(&source, &mut facts),
            Some(kind) if kind.contains("html") => read_markup(&source, &mut facts),
            Some("text/plain") => read_plain(&source, &mut facts),
            Some(_) => {}
        }
        facts
    }

    /// Reads a page and keeps it as it came, whatever it is.
    #[must_use]
    pub fn read_whole(body: &[u8], content_type: Option<&str>, extent: BodyExtent) -> Self {
        let source = decode(&recode(body), content_type).into_owned();
        Self { source: Some(source), ..Self::read(body, content_type, extent) }
    }

    /// Whether a sign is on the page.
    #[must_use]
    pub fn has(&self, sign: PageSign) -> bool {
        self.signs.binary_search(&sign).is_ok()
    }

    /// Whether it is a page with markup.
    #[must_use]
    pub fn is_markup(&self) -> bool {
        self.media_type.as_deref().is_none_or(|kind| kind.contains("html"))
    }

    /// Notes whether it speaks of what the address that was cited for it names.
    /// Its text must be there still.
    pub fn compare_with(&mut self, cited: &Url) {
        let Some(text) = self.text.as_ref().filter(|_| self.is_markup()) else { return };
        let head = [&self.title, &self.heading].map(|part| part.as_deref().unwrap_or_default()).join("\n");
        if says_little_of(cited, &head, &text.content)
            && let Err(place) = self.signs.binary_search(&PageSign::LittleOfAddress)
        {
            self.signs.insert(place, PageSign::LittleOfAddress);
        }
    }

    /// Drops what judgement does not read and the probe does not keep.
    pub fn keep_only(&mut self, keep: Keep) {
        if !keep.text {
            self.text = None;
        }
        if !keep.anchors {
            self.anchors = None;
        }
        if !keep.source {
            self.source = None;
        }
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

fn read_markup(source: &str, facts: &mut PageFacts) {
    let page = markup::read(source);
    facts.signs = signs_of(&page, source);
    facts.title = Some(collapse(&page.title)).filter(|title| !title.is_empty());
    facts.heading = Some(collapse(&page.heading)).filter(|heading| !heading.is_empty());
    facts.language = page.language.as_deref().map(primary_language).filter(|language| !language.is_empty());
    let linked_data = values(&page);
    facts.published = published_of(&page, &linked_data);
    facts.is_free = linked_data.iter().find_map(free_in_value);
    facts.characters = count(page.text.chars());
    let main = Words::of(&page.main);
    // A page whose frame was never closed is taken whole.
    let main = if main.len() < FEWEST_WORDS { Words::of(&page.text) } else { main };
    facts.words = u32::try_from(main.len()).unwrap_or(u32::MAX);
    facts.sketch = Sketch::of(&main);
    facts.text = Some(PageText { is_whole: page.is_whole, content: page.text });
    facts.anchors = Some(page.anchors);
}

/// Fewer words of main text mean that it was not recognised.
const FEWEST_WORDS: usize = 8;

fn read_plain(source: &str, facts: &mut PageFacts) {
    let all = Words::of(source);
    facts.characters = count(source.chars());
    facts.words = u32::try_from(all.len()).unwrap_or(u32::MAX);
    facts.sketch = Sketch::of(&all);
    let content = source.get(..source.floor_char_boundary(1 << 20)).unwrap_or_default();
    facts.text = Some(PageText { is_whole: content.len() == source.len(), content: content.to_owned() });
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

fn primary_language(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().trim().to_ascii_lowercase()
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

/// Longest page kept as it came, in bytes.
pub const LONGEST_SOURCE: u64 = 1 << 20;

/// The day on which a page of HTML says that it was published.
#[must_use]
pub fn published(source: &str) -> Option<Date> {
    let page = markup::read(source);
    published_of(&page, &values(&page))
}

fn values(page: &markup::Markup) -> Vec<Value> {
    page.linked_data.iter().filter_map(|script| serde_json::from_str(script.trim()).ok()).collect()
}

/// By its `meta`, else by its JSON-LD, else by a `time` that says so, else by
/// the only day that any `time` gives.
fn published_of(page: &markup::Markup, linked_data: &[Value]) -> Option<Date> {
    let only_time = || {
        let mut days = page.times.iter().map(|(_, time)| day_of(time));
        let first = days.next()??;
        days.all(|day| day == Some(first)).then_some(first)
    };
    published_in_meta(&page.metas)
        .or_else(|| linked_data.iter().find_map(published_in_value))
        .or_else(|| page.times.iter().filter(|(is_marked, _)| *is_marked).find_map(|(_, time)| day_of(time)))
        .or_else(only_time)
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

fn published_in_meta(metas: &[(String, String)]) -> Option<Date> {
    PUBLISHED_NAMES.iter().find_map(|wanted| {
        let mut named = metas.iter().filter(|(name, _)| name == wanted);
        named.find_map(|(_, content)| day_of(content))
    })
}

fn published_in_value(value: &Value) -> Option<Date> {
    match value {
        Value::Array(values) => values.iter().find_map(published_in_value),
        Value::Object(members) => members
            .get("datePublished")
            .and_then(Value::as_str)
            .and_then(day_of)
            .or_else(|| members.get("@graph").and_then(published_in_value)),
        _ => None,
    }
}

/// Whether the page's own description says that it is free to read
/// (<https://schema.org/isAccessibleForFree>); lists of other pages do not
/// count.
fn free_in_value(value: &Value) -> Option<bool> {
    match value {
        Value::Array(values) => values.iter().find_map(free_in_value),
        Value::Object(members) => members
            .get("isAccessibleForFree")
            .and_then(truth)
            .or_else(|| members.get("hasPart").and_then(free_in_value))
            .or_else(|| ["@graph", "mainEntity"].iter().find_map(|key| members.get(*key).and_then(free_in_value))),
        _ => None,
    }
}

/// A truth value, also where it is written as text: `"False"`,
/// `"http://schema.org/False"`.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.rsplit('/').next()?.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The day that a time of the form `YYYY-MM-DD…` or `YYYY/MM/DD…` begins with.
#[must_use]
pub fn day_of(text: &str) -> Option<Date> {
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
            "<time datetime=2026-01-01>x</time><time itemprop=datePublished datetime=2026-03-09T10:00>y</time>",
            "<p>On <time datetime='2026-03-09'>Monday</time>",
            "<script type=application/ld+json>{\"datePublished\":\"2026-03-09\"}</script>",
            "<script type=application/ld+json>{\"@graph\":[{},{\"datePublished\":\"2026-03-09T1\"}]}</script>",
        ] {
            assert_eq!(html(page).published, expected, "{page}");
        }
        assert_eq!(html("<meta name=date content='yesterday é'>").published, None);
        assert_eq!(html("<time datetime=2026-03-09></time><time datetime=2026-03-08></time>").published, None);
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
