//! What archives have of pages that are gone: the questions to an endpoint, and
//! what its answers mean. An endpoint in trouble never means that there is
//! nothing; neither does a 404 of one that has shown no list yet.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use url::Url;

use crate::verdict::{Observation, Probe};

use super::capture::{Archived, Capture, TimeMap, read_cdx, read_timemap};
use super::seen::{AS_IT_COMES, Seen, is_whole, source};

/// Where captures are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    written: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// A CDX server, and what stands before the time in a capture's address.
    Cdx { server: Url, playback: Url },
    /// What stands before the page's address in a TimeMap's, and behind it.
    TimeMap { before: String, after: String },
}

/// Why an endpoint is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no endpoint; write the address of a CDX server, of a TimeMap service, or one with {{url}} in it")]
pub struct BadEndpoint(String);

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || BadEndpoint(text.to_owned());
        let (before, after) = text.split_once("{url}").unwrap_or((text, ""));
        let url = Url::parse(&format!("{before}{after}")).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(wrong)?;
        let is_template = before.len() < text.len();
        let form = if is_template || url.path().contains("timemap") {
            let slash = if is_template || before.ends_with(['/', '=']) { "" } else { "/" };
            Form::TimeMap { before: format!("{before}{slash}"), after: after.to_owned() }
        } else {
            Form::Cdx { playback: playback(&url).ok_or_else(wrong)?, server: url }
        };
        Ok(Self { written: text.to_owned(), form })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Where a CDX server's captures are read: `/web/` beside `/cdx/search/cdx`, as
/// at the Wayback Machine; the folder that `cdx` lies in elsewhere.
fn playback(server: &Url) -> Option<Url> {
    let path = server.path().trim_end_matches('/');
    let folder = match path.strip_suffix("/cdx/search/cdx") {
        Some(root) => format!("{root}/web/"),
        None => format!("{}/", path.rsplit_once('/')?.0),
    };
    let mut url = server.clone();
    url.set_query(None);
    url.set_path(&folder);
    Some(url)
}

impl Endpoint {
    /// The Wayback Machine's CDX server.
    pub const DEFAULT: &str = "https://web.archive.org/cdx/search/cdx";

    fn host(&self) -> String {
        let url = match &self.form {
            Form::Cdx { server, .. } => Some(server.clone()),
            Form::TimeMap { before, after } => Url::parse(&format!("{before}{after}")).ok(),
        };
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Captures that one question asks for.
const ASKED_FOR: &str = "-5";

/// TimeMaps that are read beside the first.
const MOST_FURTHER: usize = 3;

/// The search for captures of some pages.
#[derive(Debug)]
pub struct ArchiveSearch<'a> {
    endpoint: &'a Endpoint,
    /// The pages, with the dates of the articles that cite each.
    pages: Vec<(Url, BTreeSet<Option<Date>>)>,
}

impl<'a> ArchiveSearch<'a> {
    /// A search for captures of these pages, each about the days of the
    /// articles that cite it (`None`: not known).
    #[must_use]
    pub fn new(endpoint: &'a Endpoint, pages: Vec<(Url, BTreeSet<Option<Date>>)>) -> Self {
        Self { endpoint, pages }
    }

    /// What is to be asked next; nothing where the search is over.
    #[must_use]
    pub fn wanted(&self, seen: &Seen<'_>) -> Vec<Probe> {
        let mut wanted: Vec<Probe> = Vec::new();
        for (page, dates) in &self.pages {
            for url in self.questions(page, dates, seen) {
                let question = seen.question(&url, AS_IT_COMES);
                wanted.extend(question.filter(|probe| !wanted.contains(probe)));
            }
        }
        wanted
    }

    /// What was found of each page.
    #[must_use]
    pub fn answers(&self, seen: &Seen<'_>) -> Vec<(Url, Archived)> {
        let proved = self.pages.iter().any(|(page, dates)| {
            let questions = self.questions(page, dates, seen);
            questions.iter().filter_map(|url| seen.find(url, AS_IT_COMES)).any(|seen| self.read(seen).is_some())
        });
        let of = |(page, dates): &(Url, BTreeSet<Option<Date>>)| (page.clone(), self.of(page, dates, seen, proved));
        self.pages.iter().map(of).collect()
    }

    fn of(&self, page: &Url, dates: &BTreeSet<Option<Date>>, seen: &Seen<'_>, proved: bool) -> Archived {
        let mut captures: Vec<Capture> = Vec::new();
        let mut trouble = None;
        for url in self.questions(page, dates, seen) {
            let Some(answer) = seen.find(&url, AS_IT_COMES) else {
                trouble = Some(format!("{} was not asked", self.endpoint.host()));
                continue;
            };
            match self.read(answer) {
                Some(map) => captures.extend(map.captures),
                // RFC 7089 leaves it to archives how they say that they have nothing.
                None if answer.status() == Some(404) && proved && self.is_timemap() => {}
                None => trouble = Some(self.trouble(answer)),
            }
        }
        captures.sort_by(|one, other| (one.taken, &one.url).cmp(&(other.taken, &other.url)));
        captures.dedup();
        match (captures.is_empty(), trouble) {
            (false, _) => Archived::Captures(captures),
            (true, None) => Archived::Nothing,
            (true, Some(why)) => Archived::NotKnown(why),
        }
    }

    fn is_timemap(&self) -> bool {
        matches!(self.endpoint.form, Form::TimeMap { .. })
    }

    fn trouble(&self, answer: &Observation) -> String {
        let host = self.endpoint.host();
        match answer.status() {
            Some(200) => format!("{host} gave no list of captures"),
            Some(status) => format!("{host} answered {status}"),
            None => format!("{host} could not be asked ({})", crate::verdict::judge(answer).in_short()),
        }
    }

    /// The list that came, if one did and came whole.
    fn read(&self, answer: &Observation) -> Option<TimeMap> {
        let text = source(answer).filter(|_| answer.status() == Some(200))?;
        match &self.endpoint.form {
            Form::Cdx { playback, .. } => {
                let captures = read_cdx(text, playback).filter(|_| is_whole(answer))?;
                Some(TimeMap { captures, further: Vec::new() })
            }
            Form::TimeMap { .. } => read_timemap(text, &answer.final_url),
        }
    }

    /// The questions for a page, as far as they are known: what follows from
    /// the answers among them.
    fn questions(&self, page: &Url, dates: &BTreeSet<Option<Date>>, seen: &Seen<'_>) -> Vec<Url> {
        let page = &without_credentials(page);
        match &self.endpoint.form {
            Form::Cdx { server, .. } => dates.iter().flat_map(|date| self.about(server, page, *date, seen)).collect(),
            Form::TimeMap { before, after } => {
                // As it is, for that is how Memento writes it; only a query needs it escaped.
                let address = if before.contains('?') {
                    url::form_urlencoded::byte_serialize(page.as_str().as_bytes()).collect()
                } else {
                    page.as_str().to_owned()
                };
                let Ok(first) = Url::parse(&format!("{before}{address}{after}")) else { return Vec::new() };
                let map = seen.find(&first, AS_IT_COMES).and_then(|answer| self.read(answer)).unwrap_or_default();
                let further = nearest_maps(map.further, dates).into_iter();
                std::iter::once(first).chain(further.filter(|url| self.is_of_endpoint(url))).collect()
            }
        }
    }

    /// Further TimeMaps lie at the same host: an archive sends us nowhere else.
    fn is_of_endpoint(&self, url: &Url) -> bool {
        url.host_str() == Some(self.endpoint.host().as_str())
    }

    /// The last captures until a day; where there are none, the first after it.
    fn about(&self, server: &Url, page: &Url, date: Option<Date>, seen: &Seen<'_>) -> Vec<Url> {
        let question = |limits: &[(&str, &str)]| {
            let mut url = server.clone();
            let fixed = [("url", page.as_str()), ("fl", "timestamp,original,statuscode"), ("filter", "statuscode:200")];
            url.query_pairs_mut().extend_pairs(fixed).extend_pairs(limits);
            url
        };
        let Some(date) = date else { return vec![question(&[("limit", ASKED_FOR)])] };
        let day = date.strftime("%Y%m%d").to_string();
        let until = question(&[("to", &day), ("limit", ASKED_FOR)]);
        let is_empty = |answer: &Observation| self.read(answer).is_some_and(|map| map.captures.is_empty());
        let after = seen.find(&until, AS_IT_COMES).is_some_and(is_empty);
        let after = after.then(|| question(&[("from", &day), ("limit", "1")]));
        std::iter::once(until).chain(after).collect()
    }
}

/// A user name in an article's link is nobody's business, an archive's least.
fn without_credentials(page: &Url) -> Url {
    let mut page = page.clone();
    let _ = page.set_username("");
    let _ = page.set_password(None);
    page
}

/// Of several TimeMaps, the first that reach the days in question; the last
/// ones where none does.
fn nearest_maps(mut further: Vec<(Url, Option<Date>)>, dates: &BTreeSet<Option<Date>>) -> Vec<Url> {
    further.sort_by_key(|(_, until)| *until);
    let from = match dates.first().copied().flatten() {
        Some(date) => further.iter().position(|(_, until)| until.is_none_or(|until| until >= date)),
        None => None,
    };
    let last = further.len().saturating_sub(MOST_FURTHER);
    let from = from.map_or(last, |from| from.saturating_sub(1));
    further.into_iter().skip(from).take(MOST_FURTHER).map(|(url, _)| url).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_told_apart_by_their_address() {
        let form = |text: &str| text.parse::<Endpoint>().map(|endpoint| endpoint.form);
        let Ok(Form::Cdx { playback, .. }) = form(Endpoint::DEFAULT) else { panic!("no CDX server") };
        assert_eq!(playback.as_str(), "https://web.archive.org/web/");
        let Ok(Form::Cdx { playback, .. }) = form("http://localhost:8080/coll/cdx") else { panic!("no CDX server") };
        assert_eq!(playback.as_str(), "http://localhost:8080/coll/");
        for (text, before, after) in [
            ("https://arc.test/timemap/link/", "https://arc.test/timemap/link/", ""),
            ("https://arc.test/timemap/link", "https://arc.test/timemap/link/", ""),
            ("https://arc.test/list?of={url}&x=1", "https://arc.test/list?of=", "&x=1"),
        ] {
            assert_eq!(form(text), Ok(Form::TimeMap { before: before.into(), after: after.into() }), "{text}");
        }
        for wrong in ["", "arc.test", "ftp://arc.test/cdx", "article.md", "{url}"] {
            assert!(form(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn questions_name_page_and_day() {
        let endpoint: Endpoint = Endpoint::DEFAULT.parse().expect("an endpoint");
        let dates = BTreeSet::from(["2026-03-09".parse().ok()]);
        let page: Url = "https://me:secret@a.test/x?y=1&z".parse().expect("a URL");
        let search = ArchiveSearch::new(&endpoint, vec![(page, dates)]);
        let wanted = search.wanted(&Seen::default());
        let expected = "https://web.archive.org/cdx/search/cdx?url=https%3A%2F%2Fa.test%2Fx%3Fy%3D1%26z&fl=timestamp%2Coriginal%2Cstatuscode&filter=statuscode%3A200&to=20260309&limit=-5";
        assert_eq!(wanted.iter().map(|probe| probe.url.as_str()).collect::<Vec<_>>(), [expected]);
    }
}
