//! The acceptance rule. A page is proposed for a passage only if it holds a
//! quotation of it or three of its rare atoms and most of all, matches half as
//! well again as the next, and was published no later than the article. Rare is
//! what no other page that was read holds, for sites write of the same people
//! again and again. Everything else is an abstention that says what was lacking. Of 1,600 answers of AI search
//! engines that were asked for the source of an excerpt, over 60 % were wrong
//! (Jaźwińska and Chandrasekar, Tow Center, 2025): to abstain is no failure.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use url::Url;

use crate::passage::{Match, Word, find, passage_link, read_words};
use crate::text::Span;
use crate::verdict::{Observation, judge};

use super::atom::{Atom, Passage};
use super::list::Listed;
use super::seen::page;

/// What became of the search for one passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This page is meant.
    Proposed(Box<Proposal>),
    /// None is proposed, and why: a sentence.
    Abstained(String),
}

/// A page with everything that speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its address.
    pub url: Url,
    /// Its title.
    pub title: Option<String>,
    /// When it was published, at the latest.
    pub published: Date,
    /// The quotations it holds.
    pub quotations: Vec<String>,
    /// A link that makes browsers show the first of them there.
    pub passage: Option<Url>,
    /// The atoms it holds, as the article writes them.
    pub atoms: Vec<String>,
    /// What it was compared with: the next best page, and how much better it
    /// matches, in tenths; `None` where that holds nothing of the passage.
    pub next: Option<(Url, Option<u32>)>,
}

/// Rare atoms that prove a page where it holds no quotation.
const ENOUGH_ATOMS: usize = 3;

/// What a quotation counts for, in atoms.
const QUOTATION: usize = 5;

/// By how much the best page must match better than the next.
const MARGIN: (usize, usize) = (3, 2);

/// A page that was read.
pub(super) struct Candidate<'a> {
    pub listed: &'a Listed,
    url: &'a Url,
    title: Option<&'a str>,
    published: Option<Date>,
    changed: Option<Date>,
    text: &'a str,
    words: Vec<Word>,
    places: HashMap<String, Vec<usize>>,
}

impl<'a> Candidate<'a> {
    /// `None` where no page was there to read.
    pub(super) fn read(listed: &'a Listed, seen: &'a Observation) -> Option<Self> {
        let page = page(seen).filter(|_| judge(seen).standing.is_readable())?;
        let text = page.text.as_ref()?.content.as_str();
        let words = read_words(text);
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, word) in words.iter().enumerate() {
            places.entry(word.folded.clone()).or_default().push(index);
        }
        Some(Self {
            listed,
            url: &seen.final_url,
            title: page.title.as_deref(),
            published: page.published.or(listed.published),
            changed: listed.changed,
            text,
            words,
            places,
        })
    }

    fn holds(&self, atom: &Atom) -> bool {
        let Some(first) = atom.words.first().and_then(|first| self.places.get(first)) else { return false };
        first.iter().any(|at| {
            let there = self.words.iter().skip(*at).map(|word| &word.folded);
            there.take(atom.words.len()).eq(&atom.words)
        })
    }

    /// The day by which it was published.
    fn by(&self) -> Option<Date> {
        self.published.or(self.changed)
    }
}

/// How well a page matches a passage.
struct Fit<'a> {
    page: &'a Candidate<'a>,
    quotations: Vec<(&'a str, Span)>,
    atoms: Vec<&'a Atom>,
}

impl Fit<'_> {
    fn score(&self) -> usize {
        self.quotations.len() * QUOTATION + self.atoms.len()
    }
}

/// Decides on one passage. `everywhere` holds the words of the site's front
/// page: what stands there is rare nowhere on the site.
pub(super) fn decide(
    passage: &Passage,
    date: Option<Date>,
    candidates: &[&Candidate<'_>],
    everywhere: &HashSet<String>,
) -> Answer {
    let abstained = |why: &str| Answer::Abstained(why.to_owned());
    if candidates.is_empty() {
        return abstained("no page that the site lists could be read beside it");
    }
    let is_everywhere = |atom: &Atom| atom.words.iter().all(|word| everywhere.contains(word));
    let telling: Vec<&Atom> = passage.atoms.iter().filter(|atom| !is_everywhere(atom)).collect();
    let mut fits: Vec<Fit<'_>> = candidates
        .iter()
        .map(|page| Fit {
            page,
            quotations: passage
                .quotations
                .iter()
                .map(String::as_str)
                .filter_map(|quotation| match find(quotation, page.text, &page.words) {
                    Match::Verbatim(span) => Some((quotation, span)),
                    _ => None,
                })
                .collect(),
            atoms: telling.iter().copied().filter(|atom| page.holds(atom)).collect(),
        })
        .collect();
    fits.sort_by(|one, other| other.score().cmp(&one.score()).then_with(|| one.page.url.cmp(other.page.url)));
    // A page under two addresses is one page.
    fits.dedup_by(|one, other| one.page.url == other.page.url);
    let mut ranked = fits.into_iter();
    let Some(best) = ranked.next() else { return abstained("no page could be read") };
    let next = ranked.next();
    if best.quotations.is_empty() && !is_proved_by_atoms(&best, passage, candidates) {
        return abstained(
            "no page that was read holds a quotation, or most names and numbers of the passage and three that no other holds",
        );
    }
    let rival = next.as_ref().map_or(0, Fit::score);
    if best.score() * MARGIN.1 < rival * MARGIN.0 {
        return abstained("two pages match the passage almost alike");
    }
    match (date, best.page.by()) {
        (None, _) => abstained("a page matches, but the article's date is not known; --date says it"),
        (_, None) => abstained("a page matches, but nothing says when it was published"),
        (Some(date), Some(by)) if by > date => {
            abstained("a page matches, but nothing shows that it was published before the article")
        }
        (Some(_), Some(by)) => Answer::Proposed(Box::new(proposal(&best, by, next.as_ref()))),
    }
}

/// Whether names and numbers alone prove a page: it holds most of them, and
/// enough that no other page holds. Without another page nothing is rare.
fn is_proved_by_atoms(best: &Fit<'_>, passage: &Passage, candidates: &[&Candidate<'_>]) -> bool {
    let others = || candidates.iter().filter(|page| page.url != best.page.url);
    let rare = best.atoms.iter().filter(|atom| !others().any(|page| page.holds(atom))).count();
    others().next().is_some() && rare >= ENOUGH_ATOMS && best.atoms.len() * 2 > passage.atoms.len()
}

fn proposal(best: &Fit<'_>, published: Date, next: Option<&Fit<'_>>) -> Proposal {
    let mut url = best.page.url.clone();
    url.set_fragment(None);
    Proposal {
        url,
        title: best.page.title.map(str::to_owned).or_else(|| Some(best.page.listed.title.clone())),
        published,
        quotations: best.quotations.iter().map(|(quotation, _)| (*quotation).to_owned()).collect(),
        passage: best.quotations.first().and_then(|(_, span)| passage_link(best.page.url, best.page.text, *span)),
        atoms: best.atoms.iter().map(|atom| atom.written.clone()).collect(),
        next: next.map(|next| {
            let tenths = (best.score() * 10).checked_div(next.score());
            (next.page.url.clone(), tenths.map(|tenths| u32::try_from(tenths).unwrap_or(u32::MAX)))
        }),
    }
}
