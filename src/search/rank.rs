//! Which pages of a list may be the one that a passage cites: those whose
//! title and address share its rarer words, rare being what few pages of the
//! list have (inverse document frequency; Spärck Jones, 1972).

use std::collections::HashMap;

use jiff::civil::Date;
use url::Url;

use crate::passage::read_words;

use super::atom::Passage;
use super::list::Listed;

/// Pages of lists, ready to be ranked.
pub(super) struct Index<'a> {
    pages: Vec<&'a Listed>,
    /// The words of each page's title and address that any passage has, as
    /// numbers of `words`.
    held: Vec<Vec<usize>>,
    words: HashMap<&'a str, usize>,
    /// How many pages hold each word.
    frequency: Vec<u32>,
}

impl<'a> Index<'a> {
    /// An index of `pages` for the words of `passages`.
    pub(super) fn new(pages: Vec<&'a Listed>, passages: impl Iterator<Item = &'a Passage>) -> Self {
        let mut words: HashMap<&str, usize> = HashMap::new();
        for word in passages.flat_map(|passage| &passage.words) {
            let next = words.len();
            words.entry(word.as_str()).or_insert(next);
        }
        let mut frequency = vec![0; words.len()];
        let mut held = Vec::with_capacity(pages.len());
        for page in &pages {
            let named = format!("{} {}", page.title, spaced(&page.url));
            let mut found: Vec<usize> =
                read_words(&named).iter().filter_map(|word| words.get(word.folded.as_str()).copied()).collect();
            found.sort_unstable();
            found.dedup();
            for word in &found {
                if let Some(count) = frequency.get_mut(*word) {
                    *count += 1;
                }
            }
            held.push(found);
        }
        Self { pages, held, words, frequency }
    }

    /// The `most` likeliest pages for a passage of an article of this day: none
    /// that was published later.
    pub(super) fn best(&self, passage: &Passage, date: Option<Date>, most: usize) -> Vec<&'a Listed> {
        let mut wanted = vec![false; self.frequency.len()];
        for index in passage.words.iter().filter_map(|word| self.words.get(word.as_str())) {
            if let Some(slot) = wanted.get_mut(*index) {
                *slot = true;
            }
        }
        let is_later = |page: &Listed| date.zip(page.published).is_some_and(|(date, published)| published > date);
        let mut scored: Vec<(f64, &Listed)> = self
            .pages
            .iter()
            .zip(&self.held)
            .filter(|(page, _)| !is_later(page))
            .map(|(page, held)| (held.iter().map(|word| self.weight(*word, &wanted)).sum(), *page))
            .filter(|(score, _)| *score > 0.0)
            .collect();
        scored.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.url.cmp(&other.1.url)));
        scored.dedup_by(|one, other| one.1.url == other.1.url);
        scored.truncate(most);
        scored.into_iter().map(|(_, page)| page).collect()
    }

    fn weight(&self, word: usize, wanted: &[bool]) -> f64 {
        let frequency = self.frequency.get(word).copied().filter(|_| wanted.get(word) == Some(&true));
        let count = f64::from(u32::try_from(self.pages.len()).unwrap_or(u32::MAX));
        frequency.map_or(0.0, |frequency| ((count + 1.0) / f64::from(frequency.max(1))).ln())
    }
}

/// The words of an address: its path, with spaces for what separates them.
fn spaced(url: &Url) -> String {
    let path = percent_decoded(url.path());
    path.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
}

fn percent_decoded(path: &str) -> String {
    // A query's value is decoded by the same rules, but for the plus sign.
    let query = format!("x={}", path.replace(['+', '&'], " "));
    url::form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_of_titles_and_addresses_decide() {
        let listed = |url: &str, title: &str, published: &str| Listed {
            url: url.parse().expect("a URL"),
            title: title.to_owned(),
            published: published.parse().ok(),
            changed: None,
        };
        let pages = [
            listed("https://a.test/news/1", "The harbour and the council", ""),
            listed("https://a.test/news/harbour-barrage-vote", "", ""),
            listed("https://a.test/news/3", "The council on buses", ""),
            listed("https://a.test/news/4", "The barrage vote", "2026-05-01"),
        ];
        let passage = Passage::read(0, "The council held a vote on the barrage in the harbour.", "a", Some("eng"));
        let index = Index::new(pages.iter().collect(), [&passage].into_iter());
        let date = "2026-04-01".parse().ok();
        let best: Vec<&str> = index.best(&passage, date, 2).iter().map(|page| page.url.path()).collect();
        assert_eq!(best, ["/news/harbour-barrage-vote", "/news/1"]);
    }
}
