//! What `obelus.toml` may say, and what the code makes of it.
//!
//! A key at the top of the file is a flag's long name and means what the flag
//! means, so a flag can never lack its key; which keys there are, only the
//! command line knows, and it takes them from [`ConfigFile::settings`]. Three
//! tables say what no flag can: `[host."…"]` how one host is asked and judged,
//! `[[path]]` which rules hold for some documents, `[severity]` how bad a
//! finding is. Every mistake is an error with its line and column.

mod file;
mod host;
mod path;
pub mod units;

pub use file::{ConfigError, ConfigFile, Given, SectionError, Sections, Setting};
pub use host::{HostOptions, HostRule, HostRules};
pub use path::{Level, PathOptions, RuleName};
