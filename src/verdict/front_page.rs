//! What a site's front page says of its other pages. Few pages are read so,
//! and what is wanted stands in elements of certain kinds: a tree and
//! selectors say that best.
//!
//! A tree costs more than one pass over the markup does, and by the standard
//! for broken nesting its cost can grow with the square of the page. So the
//! page comes to the parser in small pieces, and no further than a tree may
//! grow; what was read until then counts.

use std::sync::LazyLock;

use html5ever::ParseOpts;
use html5ever::driver::parse_document;
use html5ever::tendril::TendrilSink;
use scraper::{Html, HtmlTreeSink, Selector};
use serde_json::Value;

/// Most nodes of a tree. Front pages have some thousands, and say what is
/// wanted at their beginning.
const MOST_NODES: usize = 5_000;

/// Bytes of a page that are read, and of a piece of it.
const LONGEST_PAGE: usize = 256 << 10;
const PIECE: usize = 64;

/// Most feeds and scripts kept.
const MOST: usize = 64;

/// What a front page says of its site.
#[derive(Debug, Default, PartialEq)]
pub struct FrontPage {
    /// Where its addresses start from, if not from where it stands; as
    /// written.
    pub base: Option<String>,
    /// The addresses of its feeds, as written.
    pub feeds: Vec<String>,
    /// Its JSON-LD.
    pub linked_data: Vec<Value>,
}

/// Reads the markup of a front page.
#[must_use]
pub fn read_front_page(source: &str) -> FrontPage {
    // Feeds as pages announce them: https://www.rssboard.org/rss-autodiscovery
    static FEEDS: LazyLock<Option<Selector>> = LazyLock::new(|| {
        selector(
            "link[rel~='alternate' i][type='application/rss+xml' i], \
             link[rel~='alternate' i][type='application/atom+xml' i], \
             link[rel~='alternate' i][type='application/feed+json' i], \
             link[rel~='alternate' i][type='application/json' i]",
        )
    });
    static SCRIPTS: LazyLock<Option<Selector>> = LazyLock::new(|| selector("script[type='application/ld+json' i]"));
    static BASE: LazyLock<Option<Selector>> = LazyLock::new(|| selector("base[href]"));
    let tree = tree_of(source);
    let select = |selector: &'static Option<Selector>| selector.iter().flat_map(|selector| tree.select(selector));
    let address = |element: scraper::ElementRef<'_>| element.attr("href").map(|address| address.trim().to_owned());
    let script = |element: scraper::ElementRef<'_>| {
        let text: String = element.text().collect();
        serde_json::from_str(text.trim()).ok()
    };
    FrontPage {
        base: select(&BASE).find_map(address),
        feeds: select(&FEEDS).filter_map(address).take(MOST).collect(),
        linked_data: select(&SCRIPTS).take(MOST).filter_map(script).collect(),
    }
}

fn selector(text: &str) -> Option<Selector> {
    Selector::parse(text).ok()
}

fn tree_of(source: &str) -> Html {
    let mut parser = parse_document(HtmlTreeSink::new(Html::new_document()), ParseOpts::default());
    let mut rest = source.get(..source.floor_char_boundary(LONGEST_PAGE)).unwrap_or_default();
    while !rest.is_empty() && parser.tokenizer.sink.sink.0.borrow().tree.values().len() < MOST_NODES {
        let (piece, next) = rest.split_at(rest.floor_char_boundary(PIECE));
        parser.process(piece.into());
        rest = next;
    }
    parser.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_base_and_linked_data() {
        let page = read_front_page(
            "<!doctype html><title>x</title><base target=_top><base href=' /en/ '>\
             <link rel='ALTERNATE stylesheet' type=Application/RSS+XML href='feed?a=1&amp;b=2'>\
             <link rel=alternate hreflang=fr href=/fr/><link rel=stylesheet type=application/json href=no>\
             <!-- <link rel=alternate type=application/rss+xml href=commented> -->\
             <script>'<link rel=alternate type=application/rss+xml href=script>'</script>\
             <body><p>late<link rel=alternate type=application/feed+json href=/feed.json>\
             <script type='application/ld+json'> {\"@type\": \"WebSite\"} </script>\
             <script type='application/ld+json'>broken</script>",
        );
        assert_eq!(page.base.as_deref(), Some("/en/"));
        assert_eq!(page.feeds, ["feed?a=1&b=2", "/feed.json"]);
        assert_eq!(page.linked_data, [serde_json::json!({"@type": "WebSite"})]);
        assert_eq!(read_front_page(""), FrontPage::default());
    }

    /// Without the limits these take minutes or gigabytes.
    #[test]
    fn hostile_pages_end_soon() {
        let many = |unit: &dyn Fn(usize) -> String, count: usize| (0..count).map(unit).collect::<String>();
        let fonts = many(&|n| format!("<b x={n}>"), 60_000);
        for page in [
            "<div>".repeat(200_000),
            format!("{fonts}{}", "<p>".repeat(100_000)),
            format!("{fonts}{}", "</b>".repeat(100_000)),
            many(&|n| format!("<b x={n}><object></b></object>"), 40_000) + &"<p>".repeat(100_000),
            "<table>".repeat(100_000),
            "<svg><desc>".repeat(90_000),
            "<template>".repeat(90_000),
            "<select><option>".repeat(60_000),
            format!("<script type=application/ld+json>{}", "[".repeat(500_000)),
        ] {
            // The piece that goes beyond the limit may copy what is open, once
            // for each of its tags.
            let nodes = tree_of(&page).tree.values().len();
            assert!(nodes < MOST_NODES * (1 + PIECE / 3), "{nodes}: {}", page.get(..30).unwrap_or_default());
        }
    }
}
