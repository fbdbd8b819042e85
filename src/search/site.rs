//! One site that is cited without a page: which of its published lists are
//! asked, which of their pages are read, and what follows.
//!
//! All of it is bounded, whatever the site says: so many lists, so many pages
//! for a passage, so many passages.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use jiff::civil::Date;
use url::Url;

use crate::language::Host;
use crate::passage::read_words;
use crate::verdict::{FrontPage, Keep, Observation, Outcome, Probe, read_front_page};

use super::accept::{Answer, Candidate, decide};
use super::atom::Passage;
use super::list::{self, List, Listed};
use super::rank::Index;
use super::seen::{AS_IT_COMES, AS_TEXT, Seen, page, source};

/// Lists asked of one site, its robots.txt among them.
const MOST_LISTS: usize = 6;

/// Pages read for one passage, and passages looked up, of one site. With the
/// lists that is at most 24 addresses, pages that the articles link to left out.
const MOST_PAGES: usize = 3;
const MOST_PASSAGES: usize = 6;

/// Feeds that a front page may name.
const MOST_FEEDS: usize = 2;

/// A passage to be looked up, and where it stands.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The index of the document.
    pub document: usize,
    /// The article's date.
    pub date: Option<Date>,
    /// The passage.
    pub passage: Passage,
}

/// The search of one site.
#[derive(Debug)]
pub struct SiteSearch {
    host: Host,
    front: Url,
    wishes: Vec<Wish>,
    /// Pages of the site that the articles link to elsewhere.
    links: Vec<Listed>,
    /// What was read once need not be read again.
    read: HashMap<Url, Rc<List>>,
    front_page: OnceCell<FrontPage>,
}

impl SiteSearch {
    /// A search for the pages that `wishes` mean, on the site whose front page
    /// was asked as `front`. `links` are other addresses that the articles give.
    #[must_use]
    pub fn new(host: Host, front: Url, wishes: Vec<Wish>, links: Vec<Url>) -> Self {
        let links = links.into_iter().map(Listed::link).collect();
        Self { host, front, wishes, links, read: HashMap::new(), front_page: OnceCell::new() }
    }

    /// The passages, in their order.
    #[must_use]
    pub fn wishes(&self) -> &[Wish] {
        &self.wishes
    }

    /// What is to be kept of the references that a search reads as well.
    pub fn prepare(&self, probes: &mut [Probe]) {
        for probe in probes {
            if probe.url == self.front {
                probe.keep = probe.keep.and(AS_IT_COMES).and(AS_TEXT);
            } else if self.links.iter().any(|link| link.url == probe.url) {
                probe.keep = probe.keep.and(AS_TEXT);
            }
        }
    }

    /// What is to be asked next; nothing where the search is over.
    pub fn wanted(&mut self, seen: &Seen<'_>) -> Vec<Probe> {
        if !self.answers_at_all(seen) {
            return Vec::new();
        }
        let lists = self.lists(seen);
        let open: Vec<Probe> = lists.iter().filter_map(|url| seen.question(url, AS_IT_COMES)).collect();
        if !open.is_empty() {
            return open;
        }
        let pages = self.pages(seen, &lists);
        let mut wanted: Vec<Probe> = Vec::new();
        for listed in self.candidates(&pages).into_iter().flatten() {
            let question = seen.question(&listed.url, AS_TEXT);
            wanted.extend(question.filter(|probe| !wanted.contains(probe)));
        }
        wanted
    }

    /// What follows for each wish, once nothing more is wanted.
    pub fn answers(&mut self, seen: &Seen<'_>) -> Vec<Answer> {
        let lists = self.lists(seen);
        let pages = self.pages(seen, &lists);
        let everywhere: HashSet<String> =
            self.front_text(seen).map(read_words).unwrap_or_default().into_iter().map(|word| word.folded).collect();
        let candidates = self.candidates(&pages);
        let mut read: HashMap<&Url, Option<Candidate<'_>>> = HashMap::new();
        for listed in candidates.iter().flatten() {
            read.entry(&listed.url).or_insert_with(|| {
                seen.find(&listed.url, AS_TEXT).and_then(|observation| Candidate::read(listed, observation))
            });
        }
        let mut answers = Vec::new();
        for (wish, listed) in self.wishes.iter().zip(&candidates) {
            let near: Vec<&Candidate<'_>> =
                listed.iter().filter_map(|listed| read.get(&listed.url)?.as_ref()).collect();
            answers.push(match pages.len() {
                _ if !self.answers_at_all(seen) => Answer::Abstained("the site did not answer".to_owned()),
                0 => Answer::Abstained("no list of the site's pages could be read".to_owned()),
                _ => decide(&wish.passage, wish.date, &near, &everywhere),
            });
        }
        let left = self.wishes.len() - answers.len();
        answers.extend(std::iter::repeat_n(
            Answer::Abstained(format!("only the first {MOST_PASSAGES} citations of a site are looked up")),
            left,
        ));
        answers
    }

    /// A site that does not say a word has no lists either.
    fn answers_at_all(&self, seen: &Seen<'_>) -> bool {
        self.front(seen).is_some_and(|seen| matches!(seen.outcome, Outcome::Answered { .. }))
    }

    fn front<'a>(&self, seen: &Seen<'a>) -> Option<&'a Observation> {
        seen.find(&self.front, Keep::default())
    }

    fn front_text<'a>(&self, seen: &Seen<'a>) -> Option<&'a str> {
        Some(page(self.front(seen)?)?.text.as_ref()?.content.as_str())
    }

    /// Where the site stands: where its front page was found, if that is still
    /// the same site.
    fn home(&self, seen: &Seen<'_>) -> Url {
        let found = self.front(seen).map(|seen| &seen.final_url).filter(|url| self.is_own(url));
        found.unwrap_or(&self.front).clone()
    }

    /// Whether an address belongs to the site.
    fn is_own(&self, url: &Url) -> bool {
        let host = Host::of_url(url).filter(|_| matches!(url.scheme(), "http" | "https"));
        host.is_some_and(|host| host.registrable() == self.host.registrable())
    }

    /// The lists that are asked, as far as they are known, in order.
    fn lists(&mut self, seen: &Seen<'_>) -> Vec<Url> {
        let home = self.home(seen);
        let Ok(robots) = home.join("/robots.txt") else { return Vec::new() };
        let mut lists = vec![robots.clone()];
        if seen.find(&robots, AS_IT_COMES).is_none() {
            return lists;
        }
        let mut named = sitemaps_of(seen.list(&robots).unwrap_or_default());
        named.retain(|url| self.is_own(url));
        if named.is_empty() {
            named.extend(home.join("/sitemap.xml"));
        }
        named.sort_by_key(|url| !is_of_news(url));
        named.truncate(MOST_LISTS / 2);
        named.splice(0..0, self.feeds(seen, &home));
        for url in named {
            self.add(url, &mut lists);
        }
        let date = self.wishes.iter().filter_map(|wish| wish.date).max();
        let mut next = 1;
        while let Some(url) = lists.get(next).cloned() {
            next += 1;
            let Some(list) = self.list(&url, seen) else { continue };
            let mut children: Vec<&Listed> = list.lists.iter().collect();
            // News first; then what changed on the article's day or next after it.
            children.sort_by_key(|child| {
                let is_over = date.zip(child.changed).is_some_and(|(date, changed)| changed < date);
                (!is_of_news(&child.url), is_over, child.changed)
            });
            for child in children {
                self.add(child.url.clone(), &mut lists);
            }
        }
        lists
    }

    fn add(&self, url: Url, lists: &mut Vec<Url>) {
        if lists.len() < MOST_LISTS && self.is_own(&url) && !lists.contains(&url) {
            lists.push(url);
        }
    }

    fn feeds(&self, seen: &Seen<'_>, home: &Url) -> Vec<Url> {
        let front = self.front_page(seen);
        let base = front.base.as_ref().and_then(|base| home.join(base).ok());
        let feeds = front.feeds.iter().filter_map(|address| base.as_ref().unwrap_or(home).join(address).ok());
        feeds.filter(|url| self.is_own(url)).take(MOST_FEEDS).collect()
    }

    /// What the front page says; it has come once its robots.txt is asked for.
    fn front_page(&self, seen: &Seen<'_>) -> &FrontPage {
        self.front_page.get_or_init(|| self.front(seen).and_then(source).map(read_front_page).unwrap_or_default())
    }

    fn list(&mut self, url: &Url, seen: &Seen<'_>) -> Option<Rc<List>> {
        if let Some(known) = self.read.get(url) {
            return Some(Rc::clone(known));
        }
        let list = Rc::new(list::read(seen.list(url)?, url));
        self.read.insert(url.clone(), Rc::clone(&list));
        Some(list)
    }

    /// All pages of the site that are known, the articles' own links first.
    fn pages(&mut self, seen: &Seen<'_>, lists: &[Url]) -> Vec<Listed> {
        let mut pages = self.links.clone();
        for url in lists.iter().skip(1) {
            let list = self.list(url, seen);
            pages.extend(list.iter().flat_map(|list| &list.pages).cloned());
        }
        let home = self.home(seen);
        for script in &self.front_page(seen).linked_data {
            list::read_linked_data(script, &home, &mut pages);
        }
        let links = self.links.len();
        let mut index = 0;
        pages.retain(|page| {
            index += 1;
            index <= links || self.is_own(&page.url) && page.url.path() != "/"
        });
        pages
    }

    /// For each wish that is looked up, the pages that are read.
    fn candidates<'a>(&'a self, pages: &'a [Listed]) -> Vec<Vec<&'a Listed>> {
        let wishes = self.wishes.iter().take(MOST_PASSAGES);
        let index = Index::new(pages.iter().collect(), wishes.clone().map(|wish| &wish.passage));
        let best = |wish: &Wish| {
            let mut best = index.best(&wish.passage, wish.date, MOST_PAGES);
            // Pages that the article links to elsewhere are read anyway.
            for link in pages.iter().take(self.links.len()).take(MOST_PAGES) {
                if !best.iter().any(|known| known.url == link.url) {
                    best.push(link);
                }
            }
            best
        };
        wishes.map(best).collect()
    }
}

/// What the `Sitemap` lines of a robots.txt name.
fn sitemaps_of(robots: &str) -> Vec<Url> {
    let value = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("sitemap").then(|| Url::parse(value.trim()).ok())?
    };
    robots.lines().filter_map(value).take(100).collect()
}

fn is_of_news(url: &Url) -> bool {
    url.path().to_ascii_lowercase().contains("news")
}
