//! Lists that sites publish of their pages: sitemaps and indexes of them
//! (<https://www.sitemaps.org/protocol.html>), news sitemaps, RSS, Atom, JSON
//! Feed, and the JSON-LD of a page. All are read as one thing: records with an
//! address, a title and days. What is no list is an empty one.

use jiff::civil::Date;
use jiff::fmt::rfc2822;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;
use url::Url;

use crate::verdict::day_of;

/// A page that a list names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub url: Url,
    /// Empty where the list gives none.
    pub title: String,
    /// When it was published.
    pub published: Option<Date>,
    /// When it was changed last: it was published no later.
    pub changed: Option<Date>,
}

impl Listed {
    pub(super) fn link(url: Url) -> Self {
        Self { url, title: String::new(), published: None, changed: None }
    }
}

/// A list of pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub pages: Vec<Listed>,
    /// Further lists.
    pub lists: Vec<Listed>,
}

/// More pages, or lists, of one list are not looked at.
const MOST_PAGES: usize = 20_000;
const MOST_LISTS: usize = 1_000;

/// Longest title kept, in bytes.
const LONGEST_TITLE: usize = 500;

/// Reads a list. Addresses are joined to `base`, which is where it stood.
pub(super) fn read(source: &str, base: &Url) -> List {
    let source = source.trim_start_matches('\u{feff}').trim_start();
    match source.bytes().next() {
        Some(b'<') => read_xml(source, base),
        Some(b'{' | b'[') => {
            let mut list = List::default();
            if let Ok(value) = serde_json::from_str(source) {
                read_linked_data(&value, base, &mut list.pages);
            }
            list
        }
        _ => List { pages: lines(source).collect(), lists: Vec::new() },
    }
}

/// A sitemap may be one address a line.
fn lines(source: &str) -> impl Iterator<Item = Listed> {
    let addresses = source.lines().map(str::trim).filter(|line| line.starts_with("http"));
    addresses.filter_map(|line| Url::parse(line).ok()).map(Listed::link).take(MOST_PAGES)
}

/// What a record of a list holds.
#[derive(Debug, Default)]
struct Record {
    is_list: bool,
    address: String,
    title: String,
    published: Option<Date>,
    changed: Option<Date>,
}

fn read_xml(source: &str, base: &Url) -> List {
    let mut list = List::default();
    let mut reader = Reader::from_str(source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut record: Option<Record> = None;
    let mut text = String::new();
    // What is broken ends the list; what came before it stands.
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) => start(&tag, &mut record, &mut text),
            Event::Text(piece) => push(&mut text, &piece),
            Event::CData(piece) => push(&mut text, &piece),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(character)) => push(&mut text, character.encode_utf8(&mut [0; 4])),
                _ => push(&mut text, quick_xml::escape::resolve_predefined_entity(&name).unwrap_or_default()),
            },
            Event::End(tag) => {
                let name = tag.local_name();
                if is_record(name.as_ref()) {
                    if let Some(record) = record.take() {
                        finish(record, base, &mut list);
                    }
                } else if let Some(record) = &mut record {
                    field(record, name.as_ref(), text.trim());
                }
                text.clear();
            }
            Event::Eof => break,
            _ => {}
        }
        if list.pages.len() >= MOST_PAGES || list.lists.len() >= MOST_LISTS {
            break;
        }
    }
    list
}

fn is_record(name: &str) -> bool {
    matches!(name, "url" | "sitemap" | "item" | "entry")
}

fn start(tag: &BytesStart<'_>, record: &mut Option<Record>, text: &mut String) {
    let name = tag.local_name();
    text.clear();
    match (name.as_ref(), record.as_mut()) {
        // A picture's own address is none of a page.
        ("url", Some(_)) => {}
        (name, _) if is_record(name) => {
            *record = Some(Record { is_list: name == "sitemap", ..Record::default() });
        }
        ("link", Some(record)) => {
            let value = |wanted: &str| {
                let found = tag.try_get_attribute(wanted).ok().flatten()?;
                Some(found.value.into_owned())
            };
            let is_page = value("rel").is_none_or(|rel| rel == "alternate");
            if let Some(address) = value("href").filter(|_| is_page && record.address.is_empty()) {
                record.address = address.replace("&amp;", "&");
            }
        }
        _ => {}
    }
}

fn field(record: &mut Record, name: &str, text: &str) {
    match name {
        "loc" | "link" if record.address.is_empty() => text.clone_into(&mut record.address),
        "title" if record.title.is_empty() => text.clone_into(&mut record.title),
        "publication_date" | "published" | "pubDate" | "date" | "issued" => {
            record.published = record.published.or_else(|| day(text));
        }
        "lastmod" | "updated" | "modified" => record.changed = record.changed.or_else(|| day(text)),
        _ => {}
    }
}

fn finish(record: Record, base: &Url, list: &mut List) {
    let address = record.address.trim();
    let Some(url) = base.join(address).ok().filter(|_| !address.is_empty()) else { return };
    let listed = Listed { url, title: record.title, published: record.published, changed: record.changed };
    let known = if record.is_list { &mut list.lists } else { &mut list.pages };
    known.push(listed);
}

fn push(text: &mut String, piece: &str) {
    let room = LONGEST_TITLE.saturating_sub(text.len());
    text.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
}

/// A day, as W3C dates (`2026-03-09T…`) and as RSS writes them
/// (`Mon, 09 Mar 2026 …`).
fn day(text: &str) -> Option<Date> {
    let by_mail = || {
        let time = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
        Some(time.date())
    };
    day_of(text).or_else(by_mail)
}

/// Everything with an address and a title in JSON-LD, and the items of a JSON
/// Feed (<https://www.jsonfeed.org/version/1.1/>).
pub(super) fn read_linked_data(value: &Value, base: &Url, pages: &mut Vec<Listed>) {
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values.iter().rev()),
            Value::Object(members) => {
                let text = |names: &[&str]| names.iter().find_map(|name| members.get(*name)?.as_str());
                let address = text(&["url", "@id", "external_url"]).and_then(|address| base.join(address).ok());
                let title = text(&["headline", "name", "title"]);
                if let (Some(url), Some(title)) = (address, title)
                    && pages.len() < MOST_PAGES
                {
                    pages.push(Listed {
                        url,
                        title: title.get(..title.floor_char_boundary(LONGEST_TITLE)).unwrap_or_default().to_owned(),
                        published: text(&["datePublished", "date_published"]).and_then(day),
                        changed: text(&["dateModified", "date_modified"]).and_then(day),
                    });
                }
                open.extend(members.values());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(source: &str) -> Vec<(String, String, Option<String>)> {
        let base = "https://a.test/feed".parse().expect("a URL");
        let pages = read(source, &base).pages.into_iter();
        pages.map(|page| (page.url.to_string(), page.title, page.published.map(|date| date.to_string()))).collect()
    }

    #[test]
    fn every_form_gives_the_same() {
        let expected = ["https://a.test/news/1?x=1&y=2", "Tide & mud", "2026-03-09"];
        for source in [
            "<?xml version='1.0'?><urlset xmlns:news='n'><url><loc> https://a.test/news/1?x=1&amp;y=2 </loc><news:news><news:publication_date>2026-03-09T10:00:00Z</news:publication_date><news:title>Tide &amp; mud</news:title></news:news><image:image><image:loc>https://a.test/p.jpg</image:loc></image:image></url></urlset>",
            "<rss><channel><title>All</title><link>https://a.test/</link><item><title><![CDATA[Tide & mud]]></title><link>/news/1?x=1&amp;y=2</link><pubDate>Mon, 09 Mar 2026 10:00:00 +0100</pubDate></item></channel></rss>",
            "<feed><title>All</title><link href='/'/><entry><title>Tide &#38; mud</title><link rel='self' href='/x'/><link href='/news/1?x=1&amp;y=2'/><published>2026-03-09</published></entry></feed>",
            "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"url\":\"/news/1?x=1&y=2\",\"title\":\"Tide & mud\",\"date_published\":\"2026-03-09T10:00:00Z\"}]}",
            "{\"@graph\":[{\"@type\":\"NewsArticle\",\"url\":\"https://a.test/news/1?x=1&y=2\",\"headline\":\"Tide & mud\",\"datePublished\":\"2026-03-09\"}]}",
        ] {
            let found = pages(source);
            let [(url, title, date)] = found.as_slice() else { panic!("{source}: {found:?}") };
            assert_eq!([url.as_str(), title, date.as_deref().unwrap_or_default()], expected, "{source}");
        }
        assert_eq!(pages("https://a.test/1\nhttps://a.test/2\n\nno").len(), 2);
    }

    #[test]
    fn an_index_names_lists() {
        let base = "https://a.test/".parse().expect("a URL");
        let list = read("<sitemapindex><sitemap><loc>/one.xml</loc><lastmod>2026-03-09</lastmod></sitemap>", &base);
        assert_eq!((list.pages.len(), list.lists.len()), (0, 1));
        assert_eq!(list.lists[0].url.as_str(), "https://a.test/one.xml");
    }

    #[test]
    fn what_is_no_list_is_empty_and_costs_no_more_than_its_size() {
        for source in
            ["", "<html><p>x", "<", "{", "[[[", "text", "<url>", "<!DOCTYPE x [<!ENTITY a 'b'>]><url><loc>&a;"]
        {
            assert_eq!(pages(source), [], "{source}");
        }
        for unit in
            ["<url><loc>", "<item>", "<a b='", "<![CDATA[", "&amp;", "[", "{\"url\":", "<url><loc>x</loc></url>"]
        {
            let _ = pages(&unit.repeat(200_000 / unit.len()));
        }
    }
}
