//! The forms of citations, and how each is written.

use obelus::document::Format;

use crate::random::Random;

/// A source that an article cites.
#[derive(Clone)]
pub struct Source {
    pub host: String,
    pub name: String,
    pub path: String,
}

const NAMES: &[&str] = &[
    "reuters",
    "apnews",
    "theguardian",
    "lemonde",
    "spiegel",
    "elpais",
    "asahi",
    "hani",
    "kommersant",
    "pravda",
    "nature",
    "science",
    "worldbank",
    "oecd",
    "unesco",
    "eurostat",
    "brookings",
    "chathamhouse",
    "rand",
    "ecfr",
    "foreignpolicy",
    "foreignaffairs",
    "politico",
    "axios",
    "bloomberg",
    "ft",
    "wsj",
    "nytimes",
    "washingtonpost",
    "aljazeera",
    "dw",
    "france24",
    "nhk",
    "yna",
    "xinhuanet",
    "scmp",
    "hindustantimes",
    "dawn",
    "arabnews",
    "ynet",
    "iea",
    "irena",
    "ipcc",
    "noaa",
    "nasa",
    "esa",
    "cern",
    "arxiv",
    "pubmed",
    "mayoclinic",
    "who",
    "cdc",
    "nih",
    "harvard",
    "mit",
    "ox",
    "ethz",
    "tudelft",
    "mozilla",
    "python",
    "debian",
    "kernel",
    "w3",
    "ietf",
];

const SUFFIXES: &[&str] =
    &["com", "org", "net", "int", "eu", "de", "fr", "co.uk", "gov", "edu", "io", "co.jp", "ru", "cn", "kr"];

const WORDS: &[&str] =
    &["news", "2026", "report", "energy", "policy", "harbour", "analysis", "world", "topic-7", "a", "article", "index"];

/// A handful of sources; real names on any suffix, and made-up ones.
pub fn sources(random: &mut Random, count: usize) -> Vec<Source> {
    let mut names: Vec<&str> = NAMES.to_vec();
    random.shuffle(&mut names);
    (0..count)
        .map(|index| {
            let name = names[index % names.len()];
            let host = match random.between(0, 9) {
                0 => format!("www.{name}.{}", random.pick(SUFFIXES)),
                1 => {
                    format!("{}-{name}.{}", random.pick(&["north", "data", "open", "le", "my"]), random.pick(SUFFIXES))
                }
                2 => format!("blog.{name}.{}", random.pick(SUFFIXES)),
                _ => format!("{name}.{}", random.pick(SUFFIXES)),
            };
            let path = format!("{}/{}-{}", random.pick(WORDS), random.pick(WORDS), random.between(10, 9999));
            let mut letters = name.chars();
            let name = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
            Source { host, name, path }
        })
        .collect()
}

/// A form of citation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marker {
    Domain,
    BracketHost,
    LinkLabel,
    NamedLink,
    Numeric,
    Footnote,
    Superscript,
    TokenPrivate,
    TokenBare,
    TokenSpelled,
    TokenContentReference,
    TokenLenticular,
}

pub const MARKERS: &[Marker] = &[
    Marker::Domain,
    Marker::BracketHost,
    Marker::LinkLabel,
    Marker::NamedLink,
    Marker::Numeric,
    Marker::Footnote,
    Marker::Superscript,
    Marker::TokenPrivate,
    Marker::TokenBare,
    Marker::TokenSpelled,
    Marker::TokenContentReference,
    Marker::TokenLenticular,
];

impl Marker {
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "(host)",
            Self::BracketHost => "[host]",
            Self::LinkLabel => "([host](url))",
            Self::NamedLink => "([Name][n])",
            Self::Numeric => "[n]",
            Self::Footnote => "[^n]",
            Self::Superscript => "superscript",
            Self::TokenPrivate => "token, private use",
            Self::TokenBare => "token, stripped",
            Self::TokenSpelled => "token, spelled out",
            Self::TokenContentReference => ":contentReference",
            Self::TokenLenticular => "lenticular",
        }
    }

    pub fn is_token(self) -> bool {
        matches!(
            self,
            Self::TokenPrivate
                | Self::TokenBare
                | Self::TokenSpelled
                | Self::TokenContentReference
                | Self::TokenLenticular
        )
    }

    /// Whether its text holds a host that can be cut or overlapped.
    pub fn shows_host(self) -> bool {
        matches!(self, Self::Domain | Self::BracketHost | Self::LinkLabel)
    }

    /// Set right behind a word or a stop, without a space.
    pub fn is_mark(self) -> bool {
        matches!(self, Self::Numeric | Self::Footnote | Self::Superscript)
    }

    /// Citations of one form share a kind in the report.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Domain | Self::BracketHost => "domain-label",
            Self::LinkLabel | Self::NamedLink => "link-label",
            Self::Numeric | Self::Superscript => "numeric",
            Self::Footnote => "footnote",
            _ => "token",
        }
    }

    pub fn format(self) -> Format {
        match self {
            Self::LinkLabel | Self::NamedLink | Self::Footnote => Format::Markdown,
            _ => Format::Plain,
        }
    }

    /// The citation of source `number` (from 0).
    pub fn write(self, source: &Source, number: usize) -> String {
        let one = number + 1;
        match self {
            Self::Domain => format!("({})", source.host),
            Self::BracketHost => format!("[{}]", source.host),
            Self::LinkLabel => format!("([{}](https://{}/{}))", source.host, source.host, source.path),
            Self::NamedLink => format!("([{}][{one}])", source.name),
            Self::Numeric => format!("[{one}]"),
            Self::Footnote => format!("[^{one}]"),
            Self::Superscript => one.to_string().chars().map(raised).collect(),
            Self::TokenPrivate => format!("\u{E200}cite\u{E202}turn0search{number}\u{E201}"),
            Self::TokenBare => format!("citeturn0search{number}"),
            Self::TokenSpelled => format!("\\ue200cite\\ue202turn0search{number}\\ue201"),
            Self::TokenContentReference => format!(":contentReference[oaicite:{number}]{{index={number}}}"),
            Self::TokenLenticular => format!("【{number}†source】"),
        }
    }

    /// What the end of the article needs to hold for the citations to lead
    /// anywhere.
    pub fn entries(self, sources: &[Source]) -> String {
        let line = |(index, source): (usize, &Source)| {
            let one = index + 1;
            let url = format!("https://{}/{}", source.host, source.path);
            match self {
                Self::NamedLink => format!("[{one}]: {url} \"{}\"\n", source.name),
                Self::Footnote => format!("[^{one}]: {}, {url}\n", source.name),
                Self::Numeric => format!("[{one}] {}. {url}\n", source.name),
                _ => String::new(),
            }
        };
        let lines: String = sources.iter().enumerate().map(line).collect();
        if lines.is_empty() { lines } else { format!("\n\n{lines}") }
    }
}

fn raised(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        other => char::from_u32(0x2070 + other.to_digit(10).unwrap_or(0)).unwrap_or(other),
    }
}
