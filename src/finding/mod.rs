//! What a rule says: its static description ([`RuleMeta`]) and its
//! [`Finding`]s. Severity says how bad a finding is if it is true,
//! [`Confidence`] how sure we are; the two never mix but in
//! [`severity_of`], the one severity table. A finding may carry a [`Fix`].

mod fix;
mod key;
mod lacuna;
mod level;
mod rule;

pub use fix::{Alternative, Fix, Provenance, Safety, safety_of};
pub use key::{FindingKey, KeyMaker};
pub use lacuna::Lacuna;
pub use level::{Confidence, Severity, severity_of};
pub use rule::{Family, RuleMeta};

use crate::text::Span;

/// One thing that is wrong with an article, with its place and its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static RuleMeta,
    /// Where, in the article's text.
    pub span: Span,
    /// One sentence that stands alone.
    pub message: String,
    /// Other places that matter, each with a remark.
    pub related: Vec<Related>,
    /// The facts that speak for it.
    pub evidence: Vec<Evidence>,
    /// How bad, decided by [`severity_of`].
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Indices of the citations it is about, in the document's list.
    pub citations: Vec<usize>,
    /// Whether text is lost, and how much of it.
    pub lost: Option<Lost>,
    /// Index of the reference it is about, for link rules.
    pub resolution: Option<usize>,
    /// How it can be repaired.
    pub fix: Option<Fix>,
}

impl Finding {
    /// A finding with nothing but the necessary; its severity follows from
    /// the table.
    #[must_use]
    pub fn new(rule: &'static RuleMeta, span: Span, confidence: Confidence, message: String) -> Self {
        Self {
            rule,
            span,
            message,
            related: Vec::new(),
            evidence: Vec::new(),
            severity: severity_of(rule, confidence),
            confidence,
            citations: Vec::new(),
            lost: None,
            resolution: None,
            fix: None,
        }
    }
}

impl Finding {
    /// Holds the confidence down to `limit`; the severity follows.
    pub fn doubt(&mut self, limit: Confidence) {
        self.confidence = self.confidence.min(limit);
        self.severity = severity_of(self.rule, self.confidence);
    }
}

/// A second place of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// Where, in the article's text.
    pub span: Span,
    /// What about it.
    pub message: String,
}

/// One fact behind a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A stable kebab-case kind, such as `glued-left`.
    pub kind: &'static str,
    /// The fact: usually words of the article.
    pub text: String,
}

impl Evidence {
    /// A fact of `kind` with its words.
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// How many code points are gone at a splice; members are `None` where
/// nothing in the document tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lost {
    /// At least so many.
    pub min: Option<u32>,
    /// At most so many.
    pub max: Option<u32>,
    /// The likeliest number.
    pub best: Option<u32>,
}
