//! The file itself: TOML with the place of every key.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::check::{BadPattern, PathRule, PathRules};
use crate::text::{LineIndex, Position, SourceSpan};

use super::host::{HostOptions, HostRule, HostRules};
use super::path::{Level, PathOptions, RuleName};

/// A parsed configuration file.
#[derive(Debug, Default)]
pub struct ConfigFile {
    /// The keys that are flags, in the order of their names.
    pub settings: Vec<Setting>,
    /// The tables.
    pub sections: Sections,
}

/// A flag as the file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The flag's long name.
    pub key: String,
    /// What the file says.
    pub given: Given,
    /// Where the key stands.
    pub key_at: Position,
    /// Where the value stands.
    pub value_at: Position,
}

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `true` or `false`.
    Switch(bool),
    /// One value, or a list of them, as a command line would have them.
    Values(Vec<String>),
}

/// What no flag can say.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sections {
    /// How single hosts are asked and judged, by name; `*.example.org` stands for all hosts below.
    pub host: BTreeMap<String, HostOptions>,
    /// Which rules hold for some documents; of several that match, all hold.
    pub path: Vec<PathOptions>,
    /// How bad the findings of a rule or family are, in all documents.
    pub severity: BTreeMap<RuleName, Level>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {message}", at.line, at.column)]
pub struct ConfigError {
    /// Line and column.
    pub at: Position,
    /// What, and what to do.
    pub message: String,
}

/// A table that cannot be put to use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// A `match` that is no pattern.
    #[error("[[path]]: {0}")]
    Pattern(#[from] BadPattern),
    /// A host without the secret it needs.
    #[error("[host.\"{host}\"]: {message}")]
    Host {
        /// The host's pattern.
        host: String,
        /// What, and what to do.
        message: String,
    },
}

impl ConfigFile {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// The first mistake, with its place.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let lines = LineIndex::new(text);
        let at = |byte: usize| lines.position(text, SourceSpan::from_range(byte..byte).start);
        let wrong = |error: &toml::de::Error| ConfigError {
            at: at(error.span().map_or(0, |span| span.start)),
            message: error.message().replace('\n', "; "),
        };
        let table = DeTable::parse(text).map_err(|error| wrong(&error))?;
        let mut settings = Vec::new();
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            if SECTIONS.contains(&name) {
                continue;
            }
            let value_at = at(value.span().start);
            let Some(given) = given(value.get_ref()) else {
                let message = format!("“{name}” takes true or false, a value or a list of values");
                return Err(ConfigError { at: value_at, message });
            };
            settings.push(Setting { key: name.to_owned(), given, key_at: at(key.span().start), value_at });
        }
        let sections = toml::from_str(text).map_err(|error| wrong(&error))?;
        Ok(Self { settings, sections })
    }
}

const SECTIONS: [&str; 3] = ["host", "path", "severity"];

impl Sections {
    /// The rules by path. Paths are taken from `here`, the folder of the run,
    /// patterns from `root`, the folder of the file.
    ///
    /// # Errors
    ///
    /// A `match` that is no pattern.
    pub fn path_rules(&self, root: String, here: String) -> Result<PathRules, SectionError> {
        let everywhere =
            PathOptions { matching: vec!["**".to_owned()], severity: self.severity.clone(), ..PathOptions::default() };
        let rules = std::iter::once(&everywhere)
            .chain(&self.path)
            .map(|options| {
                let names = |list: &[RuleName]| list.iter().map(|name| name.as_str().to_owned()).collect();
                let severities =
                    options.severity.iter().map(|(name, level)| (name.as_str().to_owned(), (*level).into())).collect();
                PathRule::new(&options.matching, names(&options.select), names(&options.ignore), severities)
            })
            .collect::<Result<_, BadPattern>>()?;
        Ok(PathRules::new(root, here, rules))
    }

    /// The rules by host. `secret` gives the value of a variable of the
    /// environment.
    ///
    /// # Errors
    ///
    /// A variable that is not set, or that may not be used.
    pub fn host_rules(&self, secret: &dyn Fn(&str) -> Option<String>) -> Result<HostRules, SectionError> {
        let rule = |(pattern, options): (&String, &HostOptions)| {
            HostRule::new(pattern, options, secret)
                .map_err(|message| SectionError::Host { host: pattern.clone(), message })
        };
        Ok(HostRules::new(self.host.iter().map(rule).collect::<Result<_, _>>()?))
    }
}

fn given(value: &DeValue<'_>) -> Option<Given> {
    if let DeValue::Boolean(on) = value {
        return Some(Given::Switch(*on));
    }
    if let DeValue::Array(items) = value {
        let items = items.iter().map(|item| plain(item.get_ref())).collect::<Option<_>>()?;
        return Some(Given::Values(items));
    }
    plain(value).map(|value| Given::Values(vec![value]))
}

fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_flags_and_tables_are_typed() {
        let file = ConfigFile::parse(
            "timeout = \"5s\"\noffline = true\nselect = [\"splice\", \"link/gone\"]\n\n[host.\"*.example.org\"]\naccept = [403]\n\n[[path]]\nmatch = [\"drafts/**\"]\nignore = [\"link\"]\n",
        )
        .unwrap();
        let keys: Vec<&str> = file.settings.iter().map(|setting| setting.key.as_str()).collect();
        assert_eq!(keys, ["offline", "select", "timeout"]);
        assert_eq!(file.settings[2].given, Given::Values(vec!["5s".to_owned()]));
        assert_eq!((file.settings[2].value_at.line, file.settings[2].value_at.column), (1, 11));
        assert!(file.sections.host.contains_key("*.example.org"));
        assert_eq!(file.sections.path.len(), 1);
    }

    #[test]
    fn every_mistake_has_its_place() {
        for (text, place, words) in [
            ("timeout = \n", (1, 11), ""),
            ("a = 1\na = 2\n", (2, 1), "duplicate"),
            ("é = { x = 1 }\n", (1, 1), ""),
            ("[host.\"x.org\"]\nconcurency = 2\n", (2, 1), "concurency"),
            ("[host.\"x.org\"]\ninterval = \"soon\"\n", (2, 12), "begin with a number"),
            ("[severity]\n\"splice/nothing\" = \"info\"\n", (2, 1), "splice/nothing"),
            ("[[path]]\nignore = [\"link\"]\n", (1, 1), "match"),
            ("[[path]]\nmatch = [\"x\"]\nignore = [\"links\"]\n", (3, 10), "links"),
        ] {
            let error = ConfigFile::parse(text).map(|file| file.settings).unwrap_err();
            assert!(error.message.contains(words), "{text}: {error}");
            assert_eq!((error.at.line, error.at.column), place, "{text}: {error}");
        }
    }

    #[test]
    fn secrets_come_only_from_variables_of_ours() {
        let rules = |name: &str| {
            let text = format!("[host.\"x.org\".headers-from-env]\nAuthorization = \"{name}\"\n");
            let file = ConfigFile::parse(&text).unwrap();
            file.sections.host_rules(&|variable| (variable != "OBELUS_UNSET").then(|| "Bearer 1".to_owned()))
        };
        assert!(rules("OBELUS_X").is_ok());
        assert!(rules("AWS_SECRET_ACCESS_KEY").unwrap_err().to_string().contains("OBELUS_"));
        assert!(rules("OBELUS_UNSET").unwrap_err().to_string().contains("not set"));
    }
}
