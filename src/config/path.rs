//! Which rules hold for some documents, and how bad their findings are.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::RuleSelection;
use crate::finding::Severity;

/// What the file may say of some documents.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PathOptions {
    /// Globs of the documents, from the folder of the file.
    #[serde(rename = "match")]
    pub matching: Vec<String>,
    /// Of the rules that run, only these rules or families.
    #[serde(default)]
    pub select: Vec<RuleName>,
    /// None of these rules or families.
    #[serde(default)]
    pub ignore: Vec<RuleName>,
    /// How bad the findings of a rule or family are.
    #[serde(default)]
    pub severity: BTreeMap<RuleName, Level>,
}

/// The name of a rule or of a family.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
pub struct RuleName(String);

impl RuleName {
    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RuleName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        RuleSelection::new(std::slice::from_ref(&name), &[]).map_err(|error| error.to_string())?;
        Ok(Self(name))
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the contract's own words")]
pub enum Level {
    Error,
    Warning,
    Info,
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::Error,
            Level::Warning => Self::Warning,
            Level::Info => Self::Info,
        }
    }
}
