//! Sitemaps and feeds: files that list articles. A source that is named
//! `.xml`, `.rss` or `.atom`, packed with gzip or not, is opened, and what it
//! lists takes its place; so is an address that ends in `/feed`, `/rss` or
//! `/atom`, as those of most publishing systems do.

use std::io::Read;

use flate2::read::GzDecoder;
use roxmltree::Document;
use url::Url;

use crate::fetch::{self, FetchSettings, StopSignal};
use crate::input::{self, Source, SourcePlace};
use crate::report::InputError;

/// Sitemaps that list sitemaps are followed so deep.
const DEEPEST: usize = 2;

/// Articles that all listings together may name.
const MOST: usize = 1_000_000;

/// The sources with every listing replaced by what it lists.
#[must_use]
pub fn open_listings(
    sources: Vec<Source>,
    settings: &FetchSettings,
    stop: &StopSignal,
) -> (Vec<Source>, Vec<InputError>) {
    let mut articles = Vec::new();
    let mut errors = Vec::new();
    for source in sources {
        if is_listing(&source.name) {
            open(&source, settings, stop, 0, &mut articles, &mut errors);
        } else {
            articles.push(source);
        }
    }
    (articles, errors)
}

fn is_listing(name: &str) -> bool {
    let url = Url::parse(name).ok();
    let path = url.as_ref().map_or(name, Url::path).to_ascii_lowercase();
    let file = path.strip_suffix(".gz").unwrap_or(&path);
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    [".xml", ".rss", ".atom"].iter().any(|ending| file.ends_with(ending))
        || (url.is_some() && matches!(last, "feed" | "rss" | "atom"))
}

/// The largest sitemap that its protocol allows, in bytes.
const LARGEST: u64 = 50 << 20;

fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut unpacked = Vec::new();
        let read = GzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut unpacked);
        read.map_err(|error| format!("it cannot be unpacked: {error}"))?;
        unpacked
    } else {
        bytes
    };
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

fn open(
    source: &Source,
    settings: &FetchSettings,
    stop: &StopSignal,
    depth: usize,
    articles: &mut Vec<Source>,
    errors: &mut Vec<InputError>,
) {
    let mut failed = |message: String| errors.push(InputError { path: source.name.clone(), message });
    let read = match &source.place {
        SourcePlace::Web(url) => {
            fetch::download(url, settings, stop).map(|page| page.body).map_err(|error| error.to_string())
        }
        place => input::read(place),
    };
    let listed = read.and_then(|bytes| addresses(&text_of(bytes)?));
    match listed {
        Err(message) => failed(message),
        Ok(listed) => {
            for address in listed {
                let Ok(url) = Url::parse(&address) else { continue };
                if !matches!(url.scheme(), "http" | "https") || articles.len() >= MOST {
                    continue;
                }
                let listed = Source { name: url.to_string(), place: SourcePlace::Web(url) };
                if is_listing(&listed.name) && depth < DEEPEST {
                    open(&listed, settings, stop, depth + 1, articles, errors);
                } else {
                    articles.push(listed);
                }
            }
        }
    }
}

/// What a sitemap (sitemaps.org), an RSS or an Atom feed lists, in its order.
fn addresses(text: &str) -> Result<Vec<String>, String> {
    let document = Document::parse(text).map_err(|error| format!("it is no XML: {error}"))?;
    let text_of = |node: roxmltree::Node<'_, '_>| node.text().map(|text| text.trim().to_owned());
    let root = document.root_element();
    let wanted = |node: &roxmltree::Node<'_, '_>, parents: &[&str], name: &str| {
        let parent = node.parent_element().map(|parent| parent.tag_name().name().to_owned()).unwrap_or_default();
        node.tag_name().name() == name && parents.contains(&parent.as_str())
    };
    let nodes = root.descendants().filter(roxmltree::Node::is_element);
    match root.tag_name().name() {
        "urlset" | "sitemapindex" => {
            Ok(nodes.filter(|node| wanted(node, &["url", "sitemap"], "loc")).filter_map(text_of).collect())
        }
        "rss" | "RDF" => Ok(nodes.filter(|node| wanted(node, &["item"], "link")).filter_map(text_of).collect()),
        "feed" => Ok(nodes
            .filter(|node| wanted(node, &["entry"], "link"))
            .filter(|node| matches!(node.attribute("rel"), None | Some("alternate")))
            .filter_map(|node| node.attribute("href").map(str::to_owned))
            .collect()),
        other => Err(format!("<{other}> is neither a sitemap nor a feed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sitemaps_and_feeds_list_articles() {
        let sitemap = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> https://a.org/1 </loc></url><url><image><loc>https://a.org/p.png</loc></image><loc>https://a.org/2</loc></url></urlset>";
        assert_eq!(addresses(sitemap).unwrap(), ["https://a.org/1", "https://a.org/2"]);
        let rss = "<rss><channel><link>https://a.org/</link><item><link>https://a.org/3</link></item></channel></rss>";
        assert_eq!(addresses(rss).unwrap(), ["https://a.org/3"]);
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><link href='https://a.org/'/><entry><link rel='enclosure' href='x'/><link href='https://a.org/4'/></entry></feed>";
        assert_eq!(addresses(atom).unwrap(), ["https://a.org/4"]);
        assert!(addresses("<html/>").is_err());
        assert!(["https://a.org/feed/", "https://a.org/sitemap.xml.gz", "a/feed.RSS"].into_iter().all(is_listing));
        assert!(!["https://a.org/feeds", "articles/feed", "a.html"].into_iter().any(is_listing));
        // No entity is expanded: a bomb is no XML to us.
        assert!(addresses("<!DOCTYPE a [<!ENTITY b 'c'>]><urlset><url><loc>&b;</loc></url></urlset>").is_err());
    }
}
