//! What a rule says about itself.

use super::level::Severity;

/// The first half of a rule's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the contract's own words")]
pub enum Family {
    Splice,
    Overlap,
    Truncated,
    Residue,
    Reference,
    Layout,
    Encoding,
    Export,
    Link,
    Quote,
    Ignore,
}

impl Family {
    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Splice => "splice",
            Self::Overlap => "overlap",
            Self::Truncated => "truncated",
            Self::Residue => "residue",
            Self::Reference => "reference",
            Self::Layout => "layout",
            Self::Encoding => "encoding",
            Self::Export => "export",
            Self::Link => "link",
            Self::Quote => "quote",
            Self::Ignore => "ignore",
        }
    }
}

/// A rule's static description. `docs` is the doc comment of the rule's file:
/// what `obelus explain` prints.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// `family/name`; reads well after "allow".
    pub name: &'static str,
    /// The family, first half of the name.
    pub family: Family,
    /// One line for the table of rules.
    pub summary: &'static str,
    /// The page, Markdown with fixed headings.
    pub docs: &'static str,
    /// How bad a finding is when it is certain.
    pub severity: Severity,
}
