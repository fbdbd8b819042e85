//! The four house styles in which citations are written.

use url::Url;

use crate::language::{HostClaim, claim_host};

use super::answer::Source;
use super::marker::without_counter;

/// How a rendered article names its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CitationStyle {
    /// `(nato.int)`
    Domain,
    /// `([nato.int](https://nato.int/page))`
    #[default]
    Link,
    /// `[^1]`, with the sources as notes at the end.
    Footnote,
    /// `[1]`, with the sources as a list at the end.
    Numeric,
}

impl CitationStyle {
    /// All of them, for help texts.
    pub const ALL: [Self; 4] = [Self::Domain, Self::Link, Self::Footnote, Self::Numeric];

    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Link => "link",
            Self::Footnote => "footnote",
            Self::Numeric => "numeric",
        }
    }

    /// The style with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.name() == name)
    }

    /// Whether a citation is a number, which touches the word before it.
    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Footnote | Self::Numeric)
    }
}

/// The sources of an article in order of first mention: their numbers.
#[derive(Debug, Default)]
pub(super) struct Bibliography {
    entries: Vec<Source>,
    numbers: std::collections::HashMap<String, usize>,
}

impl Bibliography {
    fn number(&mut self, source: &Source) -> usize {
        let key = source.url.as_deref().map_or_else(|| label(source), super::marker::address_key);
        *self.numbers.entry(key).or_insert_with(|| {
            self.entries.push(source.clone());
            self.entries.len()
        })
    }

    /// The citation of a group of sources that speak for one place.
    pub(super) fn cite(&mut self, sources: &[&Source], style: CitationStyle) -> String {
        let mut written: Vec<String> = Vec::new();
        for source in sources {
            let one = match style {
                CitationStyle::Domain => format!("({})", label(source)),
                CitationStyle::Link => match address(source) {
                    Some(url) => format!("([{}]({}))", escaped(&label(source)), destination(&url)),
                    None => format!("({})", label(source)),
                },
                CitationStyle::Footnote => format!("[^{}]", self.number(source)),
                CitationStyle::Numeric => format!("[{}]", self.number(source)),
            };
            if !written.contains(&one) {
                written.push(one);
            }
        }
        written.join(if style.is_number() { "" } else { " " })
    }

    /// The notes or the list for the end of the article.
    pub(super) fn write(&self, style: CitationStyle) -> String {
        let mut list = String::new();
        for (index, source) in self.entries.iter().enumerate() {
            let mark = if style == CitationStyle::Footnote { "^" } else { "" };
            let title = source.title.as_deref().map(one_line).filter(|title| !title.is_empty());
            let entry = match (address(source), title) {
                (Some(url), Some(title)) if style == CitationStyle::Footnote => {
                    format!(": [{}]({})", escaped(&title), destination(&url))
                }
                (Some(url), Some(title)) => format!(": {} \"{}\"", destination(&url), title.replace('"', "”")),
                (Some(url), None) => format!(": <{}>", bare(&url)),
                (None, title) => format!(": {}", title.unwrap_or_else(|| label(source))),
            };
            list.push_str(&format!("[{mark}{}]{entry}\n", index + 1));
        }
        list
    }
}

/// The address without the product's own counter.
fn address(source: &Source) -> Option<String> {
    source.url.as_deref().map(|url| without_counter(&one_line(url))).filter(|url| !url.is_empty())
}

/// The site that a reader recognises: the host without `www.`, a redirect's
/// true site, or a file's name.
pub(super) fn label(source: &Source) -> String {
    let title = source.title.as_deref().map(one_line).unwrap_or_default();
    let url = source.url.as_deref().and_then(|url| Url::parse(url).ok());
    let host = url.as_ref().and_then(|url| url.host_str()).map(|host| host.strip_prefix("www.").unwrap_or(host));
    let is_redirect = host.is_some_and(is_redirect);
    if let Some(site) = source.site.as_deref().filter(|site| is_redirect && !site.trim().is_empty()) {
        return one_line(site).trim_start_matches("www.").to_owned();
    }
    match host {
        Some(_)
            if is_redirect
                && claim_host(&title)
                    .is_some_and(|claim| matches!(claim, HostClaim::Clear(_) | HostClaim::Doubtful(_))) =>
        {
            title.trim_start_matches("www.").to_owned()
        }
        Some(host) => host.to_owned(),
        None if title.is_empty() => source.url.as_deref().map(one_line).unwrap_or_default(),
        None => title,
    }
}

/// Addresses by which Google's products hide the true one. They expire.
fn is_redirect(host: &str) -> bool {
    host == "vertexaisearch.cloud.google.com"
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Text inside of square brackets.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A destination inside of parentheses: brackets and spaces would end it.
fn destination(url: &str) -> String {
    let balanced = url.bytes().try_fold(0_i64, |depth, byte| {
        let depth = depth + i64::from(byte == b'(') - i64::from(byte == b')');
        (depth >= 0).then_some(depth)
    });
    if balanced == Some(0) && !url.contains([' ', '<', '>']) { url.to_owned() } else { format!("<{}>", bare(url)) }
}

/// An address between angle brackets.
fn bare(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E").replace(' ', "%20")
}
