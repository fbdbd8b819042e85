//! Which rules run.

use thiserror::Error;

use crate::finding::RuleMeta;
use crate::rules::{RULES, Rule};

use super::by_path::PathRule;

/// A set of rules, in the order of the list.
#[derive(Debug, Clone)]
pub struct RuleSelection(Vec<&'static Rule>);

/// A name that is neither a rule nor a family.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no rule and no family is called “{0}”; `obelus rules` lists them")]
pub struct UnknownRule(pub String);

impl RuleSelection {
    /// Every rule.
    #[must_use]
    pub fn all() -> Self {
        Self(RULES.to_vec())
    }

    /// No rule: only extraction.
    #[must_use]
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// The rules that `select` names (all where it is empty) less those that
    /// `ignore` names. A name is a rule or a whole family.
    ///
    /// # Errors
    ///
    /// The first name that is neither.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, UnknownRule> {
        let unknown = select.iter().chain(ignore).find(|name| !RULES.iter().any(|rule| names(rule, name)));
        if let Some(name) = unknown {
            return Err(UnknownRule(name.clone()));
        }
        let is_in = |rule: &&&'static Rule, list: &[String]| list.iter().any(|name| names(rule, name));
        let chosen = RULES.iter().filter(|rule| select.is_empty() || is_in(rule, select));
        Ok(Self(chosen.filter(|rule| !is_in(rule, ignore)).copied().collect()))
    }

    /// The rules among them that `by_path` leaves.
    pub(super) fn narrowed(&self, by_path: &[&PathRule]) -> Self {
        let is_left = |rule: &&&'static Rule| {
            by_path.iter().all(|by_path| {
                let is_in = |list: &[String]| list.iter().any(|name| names(rule, name));
                (by_path.select.is_empty() || is_in(&by_path.select)) && !is_in(&by_path.ignore)
            })
        };
        Self(self.0.iter().filter(is_left).copied().collect())
    }

    /// The rules, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &'static Rule> + '_ {
        self.0.iter().copied()
    }
}

fn names(rule: &Rule, name: &str) -> bool {
    is_name_of(name, rule.meta)
}

/// Whether `name` is that of the rule or of its family.
pub(super) fn is_name_of(name: &str, rule: &RuleMeta) -> bool {
    rule.name == name || rule.family.name() == name
}
