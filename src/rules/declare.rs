//! What a rule is, and the form in which its file declares it.

use crate::finding::{Finding, RuleMeta};

use super::context::{IgnoreContext, LinkContext, LocalContext, TextContext};

/// A rule: its description and its function.
#[derive(Debug)]
pub struct Rule {
    /// What it says about itself.
    pub meta: &'static RuleMeta,
    /// What it does.
    pub check: Check,
}

/// The kinds of rules, by what they look at. Each appends its findings.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Looks at an article alone.
    Text(fn(&TextContext<'_>, &mut Vec<Finding>)),
    /// Looks at what became of its references.
    Link(fn(&LinkContext<'_>, &mut Vec<Finding>)),
    /// Looks at links that stay at home, one finding for each in its order.
    Local(fn(&LocalContext<'_>, &mut Vec<Finding>)),
    /// Looks at what ignored nothing, one finding for each in its order.
    Ignore(fn(&IgnoreContext<'_>, &mut Vec<Finding>)),
}

/// Declares the statics `META` and `RULE` of a rule's file. The doc comment
/// inside becomes the rule's page.
macro_rules! rule {
    (
        $(#[doc = $page:literal])*
        name: $name:literal, family: $family:ident, severity: $severity:ident,
        summary: $summary:literal, check: $kind:ident($check:path) $(,)?
    ) => {
        pub(in crate::rules) static RULE: $crate::rules::Rule =
            $crate::rules::Rule { meta: &META, check: $crate::rules::Check::$kind($check) };

        static META: $crate::finding::RuleMeta = $crate::finding::RuleMeta {
            name: $name,
            family: $crate::finding::Family::$family,
            severity: $crate::finding::Severity::$severity,
            summary: $summary,
            docs: concat!($($page, "\n"),*),
        };
    };
}
