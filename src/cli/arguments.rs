//! The arguments, as typed.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use regex::Regex;
use url::Url;

use crate::document::Format;
use crate::export::CitationStyle;
use crate::fetch::{ConnectTo, Proxy};
use crate::finding::Severity;
use crate::search::Endpoint;

use super::audit_arguments::AuditCommand;
use super::units::{duration, fraction, header_value, positive, positive_duration, positive_size};

/// Proofreads the citations of articles: finds where source labels were
/// spliced into the prose, cut or overlap, and whether every source still
/// resolves.
#[derive(Debug, Parser)]
#[command(name = "obelus", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Extract, detect, ask every source, report
    Check {
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        network: Box<Network>,
        #[command(flatten)]
        searches: Searches,
        #[command(flatten)]
        known: Known,
    },
    /// Only list the citations
    Extract {
        #[command(flatten)]
        reading: Reading,
    },
    /// Many articles over time, with a history
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Print what is in force, and where it comes from
    Config {
        #[command(flatten)]
        reading: Reading,
        #[command(flatten)]
        network: Box<Network>,
        #[command(flatten)]
        searches: Searches,
    },
    /// Check, then give back the repaired article
    Repair {
        #[command(flatten)]
        mending: Mending,
    },
    /// List every rule
    Rules,
    /// Print one rule's page: what it finds, why, an example, the repair, the limits
    Explain {
        /// A rule's name, such as splice/cut-word
        rule: String,
    },
    /// Print a JSON Schema
    #[command(hide = true)]
    Schema {
        /// Of what
        of: SchemaOf,
    },
    /// Print a shell's completions
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of a command where one is named
    #[command(hide = true)]
    Man {
        /// The command, such as audit run
        command: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SchemaOf {
    /// obelus.toml
    Config,
    /// The report of check --format json
    Report,
}

/// What is looked for beyond the references.
#[derive(Debug, Default, Args)]
pub(super) struct Searches {
    /// Look for captures of what does not work at this CDX server or TimeMap service; alone: at the Wayback Machine
    #[arg(long, value_name = "ENDPOINT", num_args = 0..=1, require_equals = true, default_missing_value = Endpoint::DEFAULT, conflicts_with = "offline")]
    pub(super) archive: Option<Endpoint>,
    /// Look through the sites that are cited without a page for the page that is meant
    #[arg(long, conflicts_with = "offline")]
    pub(super) propose: bool,
    /// The article's date, where the document does not say
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) date: Option<Date>,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a date such as 2026-03-09 is needed".to_owned())
}

/// Findings that are known and kept quiet.
#[derive(Debug, Default, Args)]
pub(super) struct Known {
    /// Keep quiet about the findings that this file lists
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// List all findings in this file, as the next baseline
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    pub(super) write_baseline: Option<PathBuf>,
}

/// A base must be an address that others can be joined to.
fn base(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("this is no usable address: {error}"))?;
    if url.cannot_be_a_base() || !url.has_host() {
        return Err("an address with a host is needed, such as https://example.org/blog/".to_owned());
    }
    Ok(url)
}

#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Files, folders, globs, http(s) addresses, or - for standard input
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    /// The configuration; else the nearest obelus.toml, walking up from the first input
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Touch no network; every reference is not-checked
    #[arg(long)]
    pub(super) offline: bool,
    /// How to report: terminal, json, jsonl, sarif, junit, github, markdown or html
    #[arg(long, value_name = "F", default_value = "terminal")]
    pub(super) format: String,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// What the input is, instead of sniffing it
    #[arg(long, value_name = "F")]
    pub(super) input_format: Option<InputFormat>,
    /// The name to report for standard input, and to sniff by
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_path: Option<String>,
    /// What relative links are relative to; else they are looked for beside the articles
    #[arg(long, value_name = "URL", value_parser = base)]
    pub(super) base: Option<Url>,
    /// Run only these rules or families
    #[arg(long, value_name = "R,…", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Leave out these rules or families
    #[arg(long, value_name = "R,…", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Exit with 1 when something this bad was found
    #[arg(long, value_name = "L", default_value = "error")]
    pub(super) fail_on: FailOn,
    /// Hide findings below this confidence, 0 to 1
    #[arg(long, value_name = "N", default_value = "0.5", value_parser = fraction)]
    pub(super) min_confidence: f64,
    /// Only findings: no sources, no summary, no progress
    #[arg(long, short, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Notes, evidence and every source, too
    #[arg(long, short)]
    pub(super) verbose: bool,
    /// Whether to colour the report
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// No progress bar
    #[arg(long)]
    pub(super) no_progress: bool,
}

#[derive(Debug, Args)]
pub(super) struct Mending {
    /// A file, or - for standard input; several files with --write or --diff
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    /// Replace the file and keep the original as FILE.orig
    #[arg(long)]
    pub(super) write: bool,
    /// Keep no FILE.orig
    #[arg(long, requires = "write")]
    pub(super) no_backup: bool,
    /// Print a unified diff instead of the repaired text
    #[arg(long)]
    pub(super) diff: bool,
    /// Another copy of the article, in any format, to restore lost text from; repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) witness: Vec<String>,
    /// The raw export that the article was rendered from; without INPUT the article is rendered anew
    #[arg(long, value_name = "EXPORT")]
    pub(super) from: Option<String>,
    /// The conversation of the export, by its identifier or title
    #[arg(long, value_name = "ID", requires = "from")]
    pub(super) conversation: Option<String>,
    /// How an article rendered anew cites: domain, link, footnote or numeric
    #[arg(long, value_name = "STYLE", requires = "from", value_parser = citation_style)]
    pub(super) citation_style: Option<CitationStyle>,
    /// Also write what is one reconstruction among others
    #[arg(long = "unsafe")]
    pub(super) allow_unsafe: bool,
    /// Ask what to do where there is a choice
    #[arg(long)]
    pub(super) interactive: bool,
    /// Write one line of JSON per edit to this file
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// How to mark lost text; an n in braces becomes its estimated length
    #[arg(long, value_name = "TEMPLATE", default_value = "[…]")]
    pub(super) lacuna: String,
    /// What the input is, instead of sniffing it
    #[arg(long, value_name = "F")]
    pub(super) input_format: Option<InputFormat>,
    /// The name to report for standard input, and to sniff by
    #[arg(long, value_name = "PATH")]
    pub(super) stdin_path: Option<String>,
    /// Repair only what these rules or families find
    #[arg(long, value_name = "R,…", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Leave out these rules or families
    #[arg(long, value_name = "R,…", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The configuration; else the nearest obelus.toml, walking up from the first input
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Leave findings below this confidence alone, 0 to 1
    #[arg(long, value_name = "N", default_value = "0.5", value_parser = fraction)]
    pub(super) min_confidence: f64,
    /// Touch no network, which a repair never does; taken, as every command that reads takes it
    #[arg(long = "offline")]
    _offline: bool,
}

#[derive(Debug, Args)]
pub(super) struct Network {
    /// Connect to ADDR:PORT where HOST:PORT is meant; * matches any host
    #[arg(long, value_name = "HOST:PORT:ADDR:PORT")]
    pub(super) connect_to: Vec<ConnectTo>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE")]
    pub(super) cacert: Vec<PathBuf>,
    /// Ask references that lead to private or special-purpose addresses, too
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Requests in flight in all
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = positive)]
    pub(super) concurrency: usize,
    /// Requests in flight to one host
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = positive)]
    pub(super) host_concurrency: usize,
    /// Least time between two requests to one host
    #[arg(long, value_name = "D", default_value = "500ms", value_parser = duration)]
    pub(super) host_interval: Duration,
    /// Time for one request
    #[arg(long, value_name = "D", default_value = "20s", value_parser = positive_duration)]
    pub(super) timeout: Duration,
    /// Repetitions of a request that failed in a way that may pass
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) retries: u32,
    /// Stop reading a page there, after decompression
    #[arg(long, value_name = "SIZE", default_value = "4MiB", value_parser = positive_size)]
    pub(super) max_body: u64,
    /// What to call ourselves
    #[arg(long, value_name = "S", value_parser = header_value)]
    pub(super) user_agent: Option<String>,
    /// Most requests of the whole run [default: no limit]
    #[arg(long, value_name = "N")]
    pub(super) max_requests: Option<u64>,
    /// Ask this name server, and not the system's
    #[arg(long, value_name = "ADDR:PORT")]
    pub(super) resolver: Option<SocketAddr>,
    /// Connections to one address, whatever the host names
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(super) address_concurrency: usize,
    /// Send everything through this HTTP proxy (http:// or https://); no other is ever used
    #[arg(long, value_name = "URL")]
    pub(super) proxy: Option<Proxy>,
    /// Obey robots.txt
    #[arg(long)]
    pub(super) robots: bool,
    /// Ask only targets that match this regular expression, redirects included
    #[arg(long, value_name = "RE")]
    pub(super) include: Vec<Regex>,
    /// Do not ask targets that match this regular expression, nor follow redirects to them
    #[arg(long, value_name = "RE")]
    pub(super) exclude: Vec<Regex>,
    /// Keep good answers in this file, and use them again
    #[arg(long, value_name = "FILE")]
    pub(super) cache: Option<PathBuf>,
    /// The oldest answer in the cache that stands without asking
    #[arg(long, value_name = "D", default_value = "1d", value_parser = duration)]
    pub(super) max_age: Duration,
    /// Write every observation to a tape
    #[arg(long, value_name = "FILE")]
    pub(super) record: Option<PathBuf>,
    /// Judge again from a tape; the network is not touched
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "cache", "offline"])]
    pub(super) replay: Option<PathBuf>,
}

impl Default for Network {
    fn default() -> Self {
        let settings = crate::fetch::FetchSettings::default();
        Self {
            connect_to: Vec::new(),
            cacert: Vec::new(),
            allow_private: settings.allow_private,
            concurrency: settings.concurrency,
            host_concurrency: settings.host_concurrency,
            host_interval: settings.host_interval,
            timeout: settings.timeout,
            retries: settings.retries,
            max_body: settings.max_body,
            user_agent: None,
            max_requests: settings.max_requests,
            resolver: None,
            address_concurrency: settings.address_concurrency,
            proxy: None,
            robots: settings.robots,
            include: Vec::new(),
            exclude: Vec::new(),
            cache: None,
            max_age: Duration::from_hours(24),
            record: None,
            replay: None,
        }
    }
}

fn citation_style(name: &str) -> Result<CitationStyle, String> {
    CitationStyle::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = CitationStyle::ALL.iter().map(|style| style.name()).collect();
        format!("use one of {}", names.join(", "))
    })
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum InputFormat {
    Plain,
    Markdown,
    Html,
    Export,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Plain => Self::Plain,
            InputFormat::Markdown => Self::Markdown,
            InputFormat::Html => Self::Html,
            InputFormat::Export => Self::Export,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Of an audit's run: errors that were not there before
    NewError,
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    /// What makes a run fail.
    pub(super) fn limit(self) -> Option<Severity> {
        match self {
            Self::Error | Self::NewError => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Colour on a terminal, unless `NO_COLOR` is set to anything.
    pub(super) fn is_on(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        }
    }
}
