//! What a run looks for beyond its references: which searches there are, and
//! what they found. What they want asked and what follows is `search`'s to say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use url::Url;

use crate::check::{DocumentReport, Taken};
use crate::config::HostRules;
use crate::fetch::{FetchSettings, TargetFilter};
use crate::language::Host;
use crate::search::{Answer, ArchiveSearch, Archived, Endpoint, Seen, SiteSearch, Wish};
use crate::verdict::{Keep, Probe, Standing};

use super::judge;
use super::references::Resolved;

/// What is looked for beyond the references.
#[derive(Debug, Clone, Default)]
pub struct Looking {
    /// The pages that bare domains stand for, on their sites.
    pub pages: bool,
    /// Captures of what does not work.
    pub archive: Option<Endpoint>,
    /// The date of articles that state none.
    pub date: Option<Date>,
}

impl Looking {
    /// What is taken of each of so many documents.
    pub(super) fn taken(&self, documents: usize) -> Taken {
        Taken { passages: self.pages, contexts: documents > 1, date: self.pages || self.archive.is_some() }
    }
}

/// More sites of a run are not searched: each may send us a megabyte a list.
const MOST_SITES: usize = 50;

/// The searches of a run.
pub(super) struct Searches<'a> {
    sites: Vec<SiteSearch>,
    /// Passages of sites that are not searched.
    left_out: Vec<Wish>,
    endpoint: Option<&'a Endpoint>,
    /// The references, with the dates of the articles that cite each; empty
    /// where no archive is asked.
    cited: Vec<(Url, BTreeSet<Option<Date>>)>,
    hosts: &'a HostRules,
    targets: &'a TargetFilter,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By the index of a reference.
    pub archived: Vec<(usize, Archived)>,
    /// For citations of documents, by their indices.
    pub pages: Vec<(usize, usize, Answer)>,
}

impl<'a> Searches<'a> {
    /// The searches for these documents. Of some references more is kept then.
    pub(super) fn plan(
        documents: &mut [DocumentReport],
        probes: &mut [Probe],
        looking: &'a Looking,
        settings: &'a FetchSettings,
    ) -> Self {
        let asked_about = if looking.archive.is_some() { &*probes } else { &[] };
        let mut cited: Vec<(Url, BTreeSet<Option<Date>>)> =
            asked_about.iter().map(|probe| (probe.url.clone(), BTreeSet::new())).collect();
        for document in documents.iter_mut() {
            document.date = document.date.or(looking.date);
            for index in document.resolutions.iter().flatten() {
                if let Some((_, dates)) = cited.get_mut(*index) {
                    dates.insert(document.date);
                }
            }
        }
        let mut sites = if looking.pages { sites(documents) } else { Vec::new() };
        let left_out = sites.split_off(sites.len().min(MOST_SITES));
        for site in &sites {
            site.prepare(probes);
        }
        Self {
            left_out: left_out.iter().flat_map(SiteSearch::wishes).cloned().collect(),
            sites,
            endpoint: looking.archive.as_ref(),
            cited,
            hosts: &settings.hosts,
            targets: &settings.targets,
        }
    }

    /// Whether nothing is searched.
    pub(super) fn are_none(&self) -> bool {
        self.sites.is_empty() && self.endpoint.is_none()
    }

    /// What is to be asked next; nothing where all searches are over.
    pub(super) fn wanted(&mut self, seen: &Seen<'_>) -> Vec<Probe> {
        let mut wanted: Vec<Probe> = Vec::new();
        for site in &mut self.sites {
            wanted.extend(site.wanted(seen).into_iter().filter(|probe| !self.targets.forbids(&probe.url)));
        }
        wanted.extend(self.archive(seen).iter().flat_map(|archive| archive.wanted(seen)));
        wanted
    }

    /// The search for captures of what does not work.
    fn archive(&self, seen: &Seen<'_>) -> Option<ArchiveSearch<'a>> {
        let endpoint = self.endpoint?;
        let does_not_work = |url: &Url| {
            let observation = seen.find(url, Keep::default());
            observation.is_some_and(|observation| may_need_capture(judge(observation, self.hosts).standing))
        };
        let pages = self.cited.iter().filter(|(url, _)| does_not_work(url)).cloned().collect();
        Some(ArchiveSearch::new(endpoint, pages))
    }

    /// What all of it comes to.
    pub(super) fn finish(mut self, resolved: &Resolved) -> Found {
        if self.are_none() {
            return Found::default();
        }
        let seen = Seen::of(resolved.observations.iter().chain(&resolved.searched));
        let mut found = Found::default();
        let places: HashMap<&Url, usize> = self.cited.iter().enumerate().map(|(at, (url, _))| (url, at)).collect();
        for (url, archived) in self.archive(&seen).iter().flat_map(|archive| archive.answers(&seen)) {
            found.archived.extend(places.get(&url).map(|index| (*index, archived)));
        }
        for site in &mut self.sites {
            let answers = site.answers(&seen);
            let wishes = site.wishes().iter();
            found
                .pages
                .extend(wishes.zip(answers).map(|(wish, answer)| (wish.document, wish.passage.citation, answer)));
        }
        for wish in &self.left_out {
            let why = Answer::Abstained(format!("only {MOST_SITES} sites of a run are searched"));
            found.pages.push((wish.document, wish.passage.citation, why));
        }
        found
    }
}

/// One search for each site that is cited without a page.
fn sites(documents: &[DocumentReport]) -> Vec<SiteSearch> {
    let mut wishes: BTreeMap<Host, (Url, Vec<Wish>)> = BTreeMap::new();
    for (index, document) in documents.iter().enumerate() {
        for passage in &document.bare.passages {
            let target = document.citations.get(passage.citation).and_then(|citation| citation.target.as_ref());
            let front = target.and_then(|target| target.host.clone().zip(target.address.as_ref()?.to_url()));
            let Some((host, url)) = front else { continue };
            let wish = Wish { document: index, date: document.date, passage: passage.clone() };
            wishes.entry(host).or_insert_with(|| (url, Vec::new())).1.push(wish);
        }
    }
    let of = |(host, (front, wishes)): (Host, (Url, Vec<Wish>))| {
        let links = links_to(&host, documents);
        SiteSearch::new(host, front, wishes, links)
    };
    wishes.into_iter().map(of).collect()
}

/// The articles' other links to a site, without fragments.
fn links_to(host: &Host, documents: &[DocumentReport]) -> Vec<Url> {
    let targets =
        documents.iter().flat_map(|document| &document.citations).filter_map(|citation| citation.target.as_ref());
    let site = host.registrable();
    // The look at the end spares most a look into the list of suffixes.
    let is_of_site = |known: &Host| known.ascii.ends_with(site) && known.registrable() == site;
    let mut links: Vec<Url> = targets
        .filter(|target| !target.site_only)
        .filter(|target| target.host.as_ref().is_some_and(is_of_site))
        .filter_map(|target| target.address.as_ref().filter(|address| address.names_page())?.to_url())
        .collect();
    for link in &mut links {
        link.set_fragment(None);
    }
    links.sort();
    links.dedup();
    links
}

/// Whether captures of a reference are looked for: it is dead, or it is in
/// trouble. What is blocked, or asks for money, may well be there.
fn may_need_capture(standing: Standing) -> bool {
    matches!(
        standing,
        Standing::Gone
            | Standing::HostGone
            | Standing::SoftNotFound
            | Standing::HomeRedirect
            | Standing::Parked
            | Standing::ServerError
            | Standing::Tls
            | Standing::Timeout
            | Standing::Unreachable
    )
}
