//! The references of an article as such: named, listed, numbered.

pub(super) mod glued;
pub(super) mod numbering;
pub(super) mod site_only;
pub(super) mod undefined;
pub(super) mod unused;

use std::collections::BTreeSet;

use crate::citation::EntryForm;

use super::TextContext;

/// The labels of the entries of these forms.
fn labels<'a>(context: &TextContext<'a>, forms: &[EntryForm]) -> BTreeSet<&'a str> {
    context.entries.iter().filter(|entry| forms.contains(&entry.form)).map(|entry| entry.label.as_str()).collect()
}
