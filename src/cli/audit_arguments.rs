//! The arguments of `obelus audit`, as typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::arguments::{Network, Reading};
use super::units::duration;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check what is due and record it
    Run {
        #[command(flatten)]
        reading: Box<Reading>,
        #[command(flatten)]
        network: Box<Network>,
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        schedule: Schedule,
    },
    /// The present state
    Status {
        #[command(flatten)]
        reading: Box<Reading>,
        #[command(flatten)]
        history: HistoryFile,
    },
    /// What is new, mended, worse or moved
    Changes {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// Since this run (its number) or this day; the last run's changes otherwise
        #[arg(long, value_name = "RUN|DATE")]
        since: Option<String>,
        /// How to print them
        #[arg(long, value_name = "F", default_value = "terminal")]
        format: ListFormat,
    },
    /// Everything known of one reference or article
    History {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// An address or a path
        subject: String,
    },
    /// Acknowledge a finding: it fails no run any more
    Ack {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// The finding's key, as status and changes print it
        key: String,
        /// Why it is left alone
        #[arg(long)]
        reason: String,
        /// Until this day, such as 2027-01-31
        #[arg(long, value_name = "DATE")]
        until: Option<jiff::civil::Date>,
    },
    /// List the acknowledgements, and those that match nothing any more
    Acks {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
    },
    /// Write all observations, for another history or a spreadsheet
    Export {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// jsonl, which import reads, or csv
        #[arg(long, value_name = "F", default_value = "jsonl")]
        format: ExportFormat,
        /// Write them to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take in what another history exported
    Import {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Forget all of a reference or an article
    Forget {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// An address or a path
        subject: String,
    },
    /// Write the new addresses of moved pages into the articles
    Fix {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
        /// Articles; all that cite a moved page otherwise
        inputs: Vec<String>,
        /// Replace the files; a unified diff is printed otherwise
        #[arg(long)]
        write: bool,
        /// Keep no FILE.orig
        #[arg(long)]
        no_backup: bool,
    },
    /// Check the database
    Doctor {
        #[command(flatten)]
        history: HistoryFile,
        #[command(flatten)]
        plain: Plain,
    },
}

#[derive(Debug, Args)]
pub(super) struct HistoryFile {
    /// The history
    #[arg(long, value_name = "FILE", default_value = "obelus.db")]
    pub(super) database: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Plain {
    /// The configuration; else the nearest obelus.toml, walking up from here
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Schedule {
    /// Ask at most so many references [default: all that are due]
    #[arg(long, value_name = "N")]
    pub(super) budget: Option<usize>,
    /// Stop politely after this time; the next run goes on
    #[arg(long, value_name = "D", value_parser = duration)]
    pub(super) max_duration: Option<Duration>,
    /// When a reference is checked again, from its first day on; the last distance repeats
    #[arg(long, value_name = "D,…", value_delimiter = ',', default_value = "1d,7d,30d,90d,365d", value_parser = duration)]
    pub(super) recheck: Vec<Duration>,
    /// The least time until a failure is checked again
    #[arg(long, value_name = "D", default_value = "12h", value_parser = duration)]
    pub(super) recheck_failing: Duration,
    /// Write the state to this file as OpenMetrics text
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
    /// Wait for a run that is under way
    #[arg(long)]
    pub(super) wait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Terminal,
    Json,
    Markdown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    Jsonl,
    Csv,
}
