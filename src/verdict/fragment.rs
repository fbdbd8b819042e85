//! Whether a page has the place that a fragment leads to: an element's id or
//! an anchor's name (HTML standard, "Navigating to a fragment"), and passages
//! named by a text directive (URL Fragment Text Directives, draft of the WICG).

use percent_encoding::percent_decode_str;

use crate::passage::{Word, read_words};

use super::{BodyExtent, PageFacts, PageSign};

/// What became of a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FragmentState {
    /// The page has the place.
    Found,
    /// It does not. `nearest` is an anchor that differs in case only.
    Missing {
        /// An anchor that differs in case only.
        nearest: Option<String>,
        /// Whether scripts may make it all the same.
        has_scripts: bool,
    },
    /// Nothing can be said.
    Undecided,
}

/// What divides the place on the page from directives to the browser.
const DIRECTIVES: &str = ":~:";

/// Looks a fragment up, as it stands in a URL behind `#`.
#[must_use]
pub fn find_fragment(page: &PageFacts, fragment: &str) -> FragmentState {
    let is_whole = page.extent == BodyExtent::Whole && page.text.as_ref().is_none_or(|text| text.is_whole);
    if !page.is_markup() || !is_whole || page.has(PageSign::NeedsScripts) {
        return FragmentState::Undecided;
    }
    let (anchor, directives) = fragment.split_once(DIRECTIVES).unwrap_or((fragment, ""));
    match find_anchor(page, anchor) {
        FragmentState::Found => find_passages(page, directives),
        other => other,
    }
}

fn find_anchor(page: &PageFacts, anchor: &str) -> FragmentState {
    if anchor.is_empty() || anchor.eq_ignore_ascii_case("top") {
        return FragmentState::Found;
    }
    let Some(anchors) = &page.anchors else { return FragmentState::Undecided };
    if is_for_scripts(anchor) {
        return FragmentState::Undecided;
    }
    let decoded = decode(anchor);
    // GitHub sets this before the names that authors give.
    let generated = format!("user-content-{decoded}");
    if anchors.iter().any(|known| *known == decoded || known == anchor || *known == generated) {
        return FragmentState::Found;
    }
    let folded = decoded.to_lowercase();
    let nearest = anchors.iter().find(|known| known.to_lowercase() == folded).cloned();
    FragmentState::Missing { nearest, has_scripts: page.has(PageSign::Scripts) }
}

/// Fragments that are no places but words to a script or a viewer: `#/route`,
/// `#!page`, `#page=3`, `#L10-L20`.
fn is_for_scripts(anchor: &str) -> bool {
    let is_line = anchor.strip_prefix('L').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    anchor.starts_with(['/', '!', '?']) || anchor.contains(['=', '/']) || is_line
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn find_passages(page: &PageFacts, directives: &str) -> FragmentState {
    let mut wanted = directives.split('&').filter_map(|directive| directive.strip_prefix("text=")).peekable();
    if wanted.peek().is_none() {
        return FragmentState::Found;
    }
    let Some(text) = &page.text else { return FragmentState::Undecided };
    let words = read_words(&text.content);
    if wanted.all(|directive| holds(&words, directive)) {
        return FragmentState::Found;
    }
    FragmentState::Missing { nearest: None, has_scripts: page.has(PageSign::Scripts) }
}

/// `[prefix-,]start[,end][,-suffix]`; what stands around the passage only
/// tells like passages apart.
fn holds(words: &[Word], directive: &str) -> bool {
    let parts = directive.split(',').filter(|part| !part.ends_with('-') && !part.starts_with('-'));
    let mut from = 0;
    for part in parts.take(2) {
        let wanted = read_words(&decode(part));
        match place(&wanted, words.get(from..).unwrap_or_default()) {
            Some(at) => from += at + wanted.len(),
            None => return false,
        }
    }
    true
}

fn place(wanted: &[Word], words: &[Word]) -> Option<usize> {
    /// Longer parts are looked up by their beginning.
    const LONGEST: usize = 100;
    let wanted = wanted.get(..wanted.len().min(LONGEST))?;
    let is_same = |window: &[Word]| window.iter().zip(wanted).all(|(one, other)| one.folded == other.folded);
    if wanted.is_empty() {
        return Some(0);
    }
    words.windows(wanted.len()).position(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(fragment: &str) -> FragmentState {
        let html = "<h2 id=Two>Two</h2><a name='für'></a><div id=user-content-notes></div><p>The barrage would not be closed before 2031.";
        let page = PageFacts::read(html.as_bytes(), Some("text/html"), BodyExtent::Whole);
        find_fragment(&page, fragment)
    }

    #[test]
    fn places_are_found_by_id_by_name_and_by_words() {
        for fragment in [
            "Two",
            "f%C3%BCr",
            "für",
            "notes",
            "",
            "top",
            ":~:text=barrage%20would",
            "Two:~:text=The%20barrage,2031",
            ":~:text=a-,would%20not,-later&text=closed",
        ] {
            assert_eq!(state(fragment), FragmentState::Found, "{fragment}");
        }
    }

    #[test]
    fn what_is_missing_is_said_with_what_is_near() {
        let missing =
            |nearest: Option<&str>| FragmentState::Missing { nearest: nearest.map(str::to_owned), has_scripts: false };
        assert_eq!(state("three"), missing(None));
        assert_eq!(state("two"), missing(Some("Two")));
        assert_eq!(state(":~:text=would%20be%20closed"), missing(None));
        assert_eq!(state(":~:text=2031,barrage"), missing(None));
    }

    #[test]
    fn what_only_scripts_know_is_undecided() {
        for fragment in ["/route", "!page", "page=3", "L10-L20"] {
            assert_eq!(state(fragment), FragmentState::Undecided, "{fragment}");
        }
        let shell = "<div id=root></div><script src=a.js></script>";
        let page = PageFacts::read(shell.as_bytes(), Some("text/html"), BodyExtent::Whole);
        assert_eq!(find_fragment(&page, "two"), FragmentState::Undecided);
        let pdf = PageFacts::read(b"", Some("application/pdf"), BodyExtent::Unread);
        assert_eq!(find_fragment(&pdf, "two"), FragmentState::Undecided);
    }
}
