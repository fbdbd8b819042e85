//! The day on which a document says that it was published: in its front matter,
//! or in the markup of a page.

use jiff::civil::Date;

use crate::document::{Document, Format};
use crate::verdict::{day_of, published};

/// Names of that day in front matter, best first.
const NAMES: &[&str] = &["published", "publishdate", "published_at", "datepublished", "pubdate", "date"];

/// Longer front matter is none. Lines.
const LONGEST: usize = 200;

pub(super) fn stated_date(document: &Document) -> Option<Date> {
    match document.format {
        Format::Html => published(&document.source),
        Format::Markdown | Format::Plain => in_front_matter(&document.source),
        Format::Export => None,
    }
}

/// YAML between lines of `---`, or TOML between lines of `+++`.
fn in_front_matter(source: &str) -> Option<Date> {
    let mut lines = source.trim_start_matches('\u{feff}').lines();
    let fence = lines.next().map(str::trim_end).filter(|line| matches!(*line, "---" | "+++"))?;
    let inside: Vec<&str> = lines.by_ref().take(LONGEST).take_while(|line| line.trim_end() != fence).collect();
    let values: Vec<(String, &str)> = inside
        .iter()
        .filter_map(|line| line.split_once([':', '=']))
        .map(|(name, value)| (name.trim().to_ascii_lowercase().replace('-', "_"), value))
        .collect();
    NAMES.iter().find_map(|wanted| {
        let (_, value) = values.iter().find(|(name, _)| name == wanted || name.replace('_', "") == *wanted)?;
        day_of(value.trim().trim_matches(['"', '\'']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::read;

    #[test]
    fn front_matter_and_markup_say_it() {
        for (path, text) in [
            ("a.md", "---\ntitle: x\ndate: 2026-03-09\n---\n\nText.\n"),
            ("a.md", "---\ndate: 2026-03-11\npublish-date: \"2026-03-09T10:00:00Z\"\n---\n\nText.\n"),
            ("a.md", "+++\ntitle = 'x'\ndate = 2026-03-09\n+++\n\nText.\n"),
            ("a.html", "<meta property=article:published_time content=2026-03-09><p>Text.</p>"),
            ("a.html", "<p>Text of <time datetime=2026-03-09>Monday</time>.</p>"),
        ] {
            let document = read(text.as_bytes().to_vec(), None, Some(path)).expect("text");
            assert_eq!(stated_date(&document), "2026-03-09".parse().ok(), "{text}");
        }
        for text in ["Text.\n", "date: 2026-03-09\n", "---\ndate: soon\n---\nText.\n"] {
            let document = read(text.as_bytes().to_vec(), None, Some("a.md")).expect("text");
            assert_eq!(stated_date(&document), None, "{text}");
        }
    }
}
