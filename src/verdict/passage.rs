//! What articles quote from a page, and whether the page holds it. A page's
//! text is too much to keep for years; this is what of it can be missed later.

use crate::passage::{Match, find, read_words};

use super::page::{BodyExtent, PageFacts};

/// A passage that an article quotes from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// As the article quotes it.
    pub quoted: String,
    /// Whether the page holds it.
    pub held: Held,
}

/// Whether a page holds a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Word by word.
    Verbatim,
    /// With other words: the worst difference, as people say it.
    Altered(String),
    /// Neither so nor much alike.
    Absent,
    /// Too little of the page was read to say so.
    Undecided,
}

/// Fewer characters of visible text are no article.
const SHORTEST: u32 = 500;

/// Looks passages up in a page. That it holds one is decided by what was read;
/// that it does not, only where all of it was, and nobody asks for money.
/// Passages too short to claim anything are left out.
#[must_use]
pub fn read_passages(page: &PageFacts, quoted: Vec<String>) -> Vec<Passage> {
    let text = page.text.as_ref().map(|text| text.content.as_str()).unwrap_or_default();
    let is_whole = page.extent == BodyExtent::Whole
        && page.text.as_ref().is_some_and(|text| text.is_whole)
        && page.characters >= SHORTEST
        && page.is_free != Some(false);
    let words = read_words(text);
    let look = |quoted: String| {
        let held = match find(&quoted, text, &words) {
            Match::TooShort => return None,
            Match::Verbatim(_) => Held::Verbatim,
            _ if !is_whole => Held::Undecided,
            Match::Altered(_, changes) => {
                changes.first().map_or(Held::Verbatim, |worst| Held::Altered(worst.in_words()))
            }
            Match::Similar | Match::Absent => Held::Absent,
        };
        Some(Passage { quoted, held })
    };
    quoted.into_iter().filter_map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(html: &str, extent: BodyExtent) -> Vec<Held> {
        let page = PageFacts::read(html.as_bytes(), Some("text/html"), extent);
        let quoted = ["We will not close the barrage before the autumn of 2031", "Too short"].map(str::to_owned);
        read_passages(&page, quoted.to_vec()).into_iter().map(|passage| passage.held).collect()
    }

    #[test]
    fn only_a_page_that_was_read_whole_lacks_a_passage() {
        let rest = "The council met and talked about the water and the wall for three hours. ".repeat(10);
        let page = |said: &str| format!("<title>A speech</title><p>{said}</p><p>{rest}</p>");
        let (whole, cut) = (BodyExtent::Whole, BodyExtent::CutAtLimit);
        let verbatim = page("“We will not close the barrage before the autumn of 2031,” he said.");
        assert_eq!(held(&verbatim, cut), [Held::Verbatim]);
        let altered = page("“We will not close the barrage before the autumn of 2029,” he said.");
        assert_eq!(held(&altered, whole), [Held::Altered("“2031” is “2029” in the source".to_owned())]);
        assert_eq!(held(&altered, cut), [Held::Undecided]);
        assert_eq!(held(&page("Nothing of the sort."), whole), [Held::Absent]);
        assert_eq!(held("<p>Please accept our terms.</p>", whole), [Held::Undecided]);
    }
}
