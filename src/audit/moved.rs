//! Moved pages: their new addresses, written where the old ones stand. Only
//! an address that stands in the article letter for letter is replaced; a
//! label that merely names a site stays.

use std::collections::BTreeMap;

use url::Url;

use crate::citation::{self, Citation};
use crate::document::Document;
use crate::text::{Edit, EditSet, SourceSpan};

/// The edits that write the new addresses, by the old ones without fragments.
#[must_use]
pub fn moved_edits(document: &Document, moved: &BTreeMap<Url, Url>) -> EditSet {
    let mut edits: Vec<Edit> = Vec::new();
    for citation in citation::extract(document) {
        let Some(edit) = edit_of(document, &citation, moved) else { continue };
        // A link and its text may be one place to two citations.
        if !edits.iter().any(|known| known.conflicts(&edit)) {
            edits.push(edit);
        }
    }
    EditSet::new(edits).unwrap_or_default()
}

fn edit_of(document: &Document, citation: &Citation, moved: &BTreeMap<Url, Url>) -> Option<Edit> {
    let target = citation.target.as_ref().filter(|target| !target.site_only)?;
    let mut old = target.address.as_ref()?.to_url()?;
    old.set_fragment(None);
    let new = moved.get(&old)?;
    let place = citation.source.unwrap_or_else(|| document.source_span(citation.span));
    let written = document.source.get(place.range())?;
    let old = old.as_str();
    let at = written.rfind(old)?;
    let behind = written.get(at + old.len()..)?;
    // A longer address is another one.
    if behind.starts_with(|c: char| c.is_alphanumeric() || "/-_?=&%.~+".contains(c)) {
        return None;
    }
    let start = place.range().start + at;
    let span = SourceSpan::from_range(start..start + old.len());
    Some(Edit::new(span, document.format.spell(new)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    fn rewritten(text: &str, path: &str) -> String {
        let moved = BTreeMap::from([(
            "https://a.org/old".parse().expect("a URL"),
            "https://a.org/new?x=1&y=(2)".parse().expect("a URL"),
        )]);
        let document = document::read(text.as_bytes().to_vec(), None, Some(path)).expect("text");
        let edits = moved_edits(&document, &moved);
        String::from_utf8(document.rewrite(text.as_bytes(), &edits).expect("UTF-8")).expect("UTF-8")
    }

    #[test]
    fn only_the_very_address_is_replaced() {
        let markdown = "# Sources\n\nSee [the minutes](https://a.org/old#p2), <https://a.org/old> and https://a.org/older, said a.org too.\n";
        let expected = "# Sources\n\nSee [the minutes](https://a.org/new?x=1&y=%282%29#p2), <https://a.org/new?x=1&y=%282%29> and https://a.org/older, said a.org too.\n";
        assert_eq!(rewritten(markdown, "a.md"), expected);
        let html = "<p>See <a href=\"https://a.org/old\">the minutes</a> of May.</p>";
        let expected = "<p>See <a href=\"https://a.org/new?x=1&amp;y=(2)\">the minutes</a> of May.</p>";
        assert_eq!(rewritten(html, "a.html"), expected);
    }
}
