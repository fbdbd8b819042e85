//! Severity and confidence, and the one table that joins them.

use super::rule::{Family, RuleMeta};

/// How bad a finding is if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be looked at.
    Warning,
    /// The article or a reference is broken.
    Error,
}

impl Severity {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a judgement is, in thousandths: 0 never, 1000 always. An integer,
/// so that it can be compared, hashed and printed the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Confidence(u16);

impl Confidence {
    /// From this on a damage finding is an error (contract, "Rules").
    pub const ERROR: Self = Self(950);

    /// `thousandths` above 1000 count as 1000.
    #[must_use]
    pub const fn from_thousandths(thousandths: u16) -> Self {
        Self(if thousandths > 1000 { 1000 } else { thousandths })
    }

    /// The nearest thousandth of `value`, which is clamped to 0..=1.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 before the cast")]
    pub fn from_fraction(value: f64) -> Self {
        Self((value.clamp(0.0, 1.0) * 1000.0).round() as u16)
    }

    /// In thousandths.
    #[must_use]
    pub const fn thousandths(self) -> u16 {
        self.0
    }

    /// As a fraction of one.
    #[must_use]
    pub fn as_fraction(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

/// The one severity table: damage to the text is an error only when we are
/// nearly certain of it, everything else is as bad as its rule says.
#[must_use]
pub fn severity_of(rule: &RuleMeta, confidence: Confidence) -> Severity {
    let is_damage = matches!(
        rule.family,
        Family::Splice | Family::Overlap | Family::Truncated | Family::Residue | Family::Encoding
    );
    if is_damage && confidence < Confidence::ERROR { rule.severity.min(Severity::Warning) } else { rule.severity }
}
