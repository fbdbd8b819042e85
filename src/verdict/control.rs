//! Control requests: when an answer leaves a doubt, what the host says to
//! everyone settles it. After Bar-Yossef, Broder, Kumar and Tomkins, "Sic
//! transit gloria telae" (WWW 2004): a page beside the one cited, of a name
//! that nobody gave, must not be there; if both are answered alike, the page
//! is not there either.
//!
//! Controls are asked only in doubt and are the same for all pages of a folder
//! or host, so that they cost a fraction of a request per reference. The made-up
//! name follows from host and folder alone: a run that is repeated, or replayed
//! from a tape, asks the same.

use url::Url;

use super::answer::{is_front_page, is_same_site};
use super::registration::{Registration, registration};
use super::sketch::fnv;
use super::wall::find_wall;
use super::{ControlKind, Observation, Outcome, PageFacts, PageSign};

/// A control to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlProbe {
    /// Which.
    pub kind: ControlKind,
    /// What is asked. Whoever has the answer for this URL need not ask again.
    pub url: Url,
}

/// The next control that an observation needs, given those it has.
#[must_use]
pub fn next_control(observation: &Observation) -> Option<ControlProbe> {
    let Outcome::Answered { status, headers, page } = &observation.outcome else { return None };
    // A list is one, or it is none.
    let is_list = observation.probe.keep.source && !observation.probe.keep.text;
    if is_list || registration(observation) == Some(Registration::Registered) {
        return None;
    }
    match (status, page) {
        (404, _) if !is_front_page(&observation.final_url) => ask(observation, ControlKind::Root),
        (200..=299, Some(page))
            if is_doubtful(observation, page) && find_wall(*status, headers, Some(page)).is_none() =>
        {
            ask(observation, ControlKind::Sibling)
        }
        _ => None,
    }
}

fn ask(observation: &Observation, kind: ControlKind) -> Option<ControlProbe> {
    if observation.control(kind).is_some() {
        return None;
    }
    let url = match kind {
        ControlKind::Root => root(&observation.final_url),
        ControlKind::Sibling => sibling(observation.first_url()),
    };
    Some(ControlProbe { kind, url: url? })
}

/// Whether a successful answer may not be the page that was cited.
fn is_doubtful(observation: &Observation, page: &PageFacts) -> bool {
    if !page.is_markup() {
        return false;
    }
    let cited = observation.first_url();
    let says_missing = page.has(PageSign::MissingTitle) || page.has(PageSign::MissingText) && page.words < FEW;
    let says_sale = page.has(PageSign::ForSale) || page.has(PageSign::ParkingService);
    says_sale && page.words < FEW
        || (says_missing || says_little(page)) && !is_index(cited)
        || replacement(observation).is_some()
}

/// Whether a page says little of what its address names, and shows nothing
/// that would say why: scripts that fill it, a form, a question, a price.
pub(super) fn says_little(page: &PageFacts) -> bool {
    let waits_for_scripts = page.has(PageSign::NeedsScripts) && page.characters < EMPTY;
    let asks = page.has(PageSign::PasswordField) || page.has(PageSign::ConsentFramework) && page.characters < CONSENT;
    page.has(PageSign::LittleOfAddress) && !waits_for_scripts && !asks && page.is_free != Some(false)
}

/// Characters of visible text below which a page with a consent framework is
/// taken for its wall.
pub(super) const CONSENT: u32 = 800;

/// Characters of visible text below which a page that scripts fill is empty.
pub(super) const EMPTY: u32 = 200;

/// Pages with more words of main text are not made to say that nothing is
/// there.
pub(super) const FEW: u32 = 250;

/// What was shown in place of the page, as far as the way there tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replacement {
    /// The front page of the site.
    Home,
    /// A page that the cited one lay below.
    Parent,
    /// A page whose address says that it is an error page.
    ErrorPage,
}

/// Whether the redirects led to a page that stands for others.
pub(super) fn replacement(observation: &Observation) -> Option<Replacement> {
    let cited = &observation.hops.first()?.url;
    let goal = &observation.final_url;
    if is_index(cited) {
        return None;
    }
    if is_error_address(goal) && !is_error_address(cited) {
        return Some(Replacement::ErrorPage);
    }
    if is_index(goal) {
        return Some(Replacement::Home);
    }
    let folder = goal.path().strip_suffix('/').unwrap_or(goal.path());
    let below = cited.path().strip_prefix(folder).filter(|rest| rest.starts_with('/') && rest.len() > 1);
    (is_same_site(cited, goal) && goal.query().is_none() && below.is_some()).then_some(Replacement::Parent)
}

/// A site's front page, in any of its usual spellings: `/`, `/en/`,
/// `/index.html`.
pub(super) fn is_index(url: &Url) -> bool {
    const NAMES: &[&str] = &["index", "home", "default", "main", "start", "startseite", "accueil", "inicio"];
    let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
    let is_language = |segment: &str| {
        let (language, region) = segment.split_once(['-', '_']).unwrap_or((segment, "xx"));
        language.len() == 2
            && region.len() == 2
            && segment.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'))
    };
    let is_name = |segment: &str| {
        let stem = segment.split('.').next().unwrap_or_default();
        NAMES.iter().any(|name| stem.eq_ignore_ascii_case(name))
    };
    if url.query().is_some_and(|query| !query.is_empty()) {
        return false;
    }
    match (segments.next(), segments.next(), segments.next()) {
        (None, ..) => true,
        (Some(first), None, _) => is_language(first) || is_name(first),
        (Some(first), Some(second), None) => is_language(first) && is_name(second),
        _ => false,
    }
}

/// `/404`, `/not-found.html`, `/errors/404.aspx`, `/page-not-found/`.
fn is_error_address(url: &Url) -> bool {
    let last = url.path().rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let stem: String = last
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    matches!(
        stem.as_str(),
        "404"
            | "error404"
            | "404error"
            | "notfound"
            | "pagenotfound"
            | "error"
            | "errorpage"
            | "fehler"
            | "404notfound"
            | "filenotfound"
            | "http404"
    )
}

fn root(url: &Url) -> Option<Url> {
    let mut root = url.join("/").ok()?;
    root.set_fragment(None);
    Some(root)
}

/// The page beside `cited` that nobody made: in the same folder, with the same
/// extension, or with the same query but another value.
fn sibling(cited: &Url) -> Option<Url> {
    let mut url = cited.clone();
    url.set_fragment(None);
    // Nothing of a stranger's user name goes anywhere.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if is_front_page_with_query(cited) {
        let names: Vec<String> = cited.query_pairs().map(|(name, _)| name.into_owned()).collect();
        let made_up = made_up_name(cited.host_str()?, &format!("{}?{}", cited.path(), names.join("&")));
        url.query_pairs_mut().clear().extend_pairs(names.iter().map(|name| (name.as_str(), made_up.as_str())));
        return Some(url);
    }
    url.set_query(None);
    let path = cited.path();
    let ends_in_slash = path.len() > 1 && path.ends_with('/');
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let (folder, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).filter(|extension| extension.len() <= 5);
    let made_up = made_up_name(cited.host_str()?, folder);
    let mut sibling = format!("{folder}/{made_up}");
    if let Some(extension) = extension {
        sibling.push('.');
        sibling.push_str(extension);
    }
    if ends_in_slash {
        sibling.push('/');
    }
    url.set_path(&sibling);
    Some(url)
}

/// Whether the query and not the path says which page is meant.
fn is_front_page_with_query(url: &Url) -> bool {
    const PROGRAMS: &[&str] = &["php", "asp", "aspx", "jsp", "cgi", "cfm", "do", "pl"];
    let is_program = url.path().rsplit_once('.').is_some_and(|(_, extension)| PROGRAMS.contains(&extension));
    url.query().is_some_and(|query| query.contains('=')) && (is_program || url.path() == "/")
}

/// Letters in a made-up name, as in the paper: 26 to the power of 25 names are
/// more than any host has.
const LETTERS: usize = 25;

fn made_up_name(host: &str, folder: &str) -> String {
    let mut state = fnv(host.bytes().chain([0]).chain(folder.bytes()));
    let mut name = String::with_capacity(LETTERS);
    for _ in 0..LETTERS {
        // SplitMix64 (Steele, Lea and Flood, 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let letter = u8::try_from((mixed ^ mixed >> 31) % 26).unwrap_or(0);
        name.push(char::from(b'a' + letter));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn siblings_stand_in_the_same_folder_and_repeat() {
        for (cited, start, end, length) in [
            ("https://a.org/news/story.html#x", "https://a.org/news/", ".html", 0),
            ("https://a.org/2024/05/story/", "https://a.org/2024/05/", "/", 0),
            ("https://u:p@a.org/story?page=2", "https://a.org/", "", 0),
            ("https://a.org/item.php?id=7", "https://a.org/item.php?id=", "", 0),
            ("https://a.org/?p=7", "https://a.org/?p=", "", 0),
        ] {
            let made = sibling(&url(cited)).expect("a URL");
            assert_eq!(sibling(&url(cited)).as_ref(), Some(&made));
            let text = made.as_str();
            assert!(text.starts_with(start) && text.ends_with(end), "{cited}: {text}");
            assert_eq!(text.len() - start.len() - end.len() - length, LETTERS, "{cited}: {text}");
        }
        let one = sibling(&url("https://a.org/news/one.html"));
        assert_eq!(one, sibling(&url("https://a.org/news/two.html")));
        assert_ne!(one, sibling(&url("https://b.org/news/one.html")));
    }

    #[test]
    fn front_pages_have_many_spellings() {
        for text in [
            "https://a.org/",
            "https://a.org/en/",
            "https://a.org/de-at",
            "https://a.org/index.php",
            "https://a.org/en/home.html",
        ] {
            assert!(is_index(&url(text)), "{text}");
        }
        for text in ["https://a.org/news", "https://a.org/eng", "https://a.org/?p=1", "https://a.org/en/news/"] {
            assert!(!is_index(&url(text)), "{text}");
        }
    }
}
