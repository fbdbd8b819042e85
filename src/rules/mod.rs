//! The rules: one file each, and the one list of them.
//!
//! A rule is static data and a plain function over a read-only context. It
//! knows nothing of output, network or time, and it cannot fail. To add one:
//! a file in its family's folder (its doc comment is the page that `obelus
//! explain` prints), its line in [`RULES`], its folder under
//! `fixtures/rules/`.

mod context;
#[macro_use]
mod declare;
mod encoding;
mod export;
mod ignore;
mod label;
mod layout;
mod link;
pub(crate) mod mend;
mod overlap;
mod quote;
mod reference;
mod residue;
mod splice;
mod trace;
mod truncated;

use crate::finding::RuleMeta;

pub use context::{
    IgnoreContext, LinkContext, LocalContext, LocalFault, MissingLocal, QuoteFinding, ReadQuotation, Reading,
    Reference, TextContext, UnusedIgnore,
};
pub use declare::{Check, Rule};
pub use trace::{Trace, find_traces};

/// Every rule, in the order of the contract.
pub static RULES: &[&Rule] = &[
    &splice::cut_word::RULE,
    &splice::lost_text::RULE,
    &splice::misplaced::RULE,
    &splice::stray_copy::RULE,
    &overlap::crossing::RULE,
    &overlap::nested::RULE,
    &overlap::duplicate::RULE,
    &truncated::label::RULE,
    &truncated::url::RULE,
    &truncated::sentence::RULE,
    &residue::vendor_token::RULE,
    &residue::wrapper::RULE,
    &residue::field_code::RULE,
    &residue::tracking::RULE,
    &reference::undefined::RULE,
    &reference::unused::RULE,
    &reference::numbering::RULE,
    &reference::glued::RULE,
    &reference::site_only::RULE,
    &layout::inline_heading::RULE,
    &layout::inline_list::RULE,
    &encoding::mojibake::RULE,
    &encoding::lost_character::RULE,
    &encoding::deceptive::RULE,
    &export::bad_offset::RULE,
    &link::gone::RULE,
    &link::host_gone::RULE,
    &link::soft_404::RULE,
    &link::home_redirect::RULE,
    &link::parked::RULE,
    &link::moved::RULE,
    &link::server_error::RULE,
    &link::tls::RULE,
    &link::timeout::RULE,
    &link::unreachable::RULE,
    &link::blocked::RULE,
    &link::login::RULE,
    &link::paywall::RULE,
    &link::private_address::RULE,
    &link::fragment_missing::RULE,
    &link::local_missing::RULE,
    &link::drifted::RULE,
    &quote::altered::RULE,
    &quote::absent::RULE,
    &ignore::unused::RULE,
];

/// The rule with that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static RuleMeta> {
    RULES.iter().map(|rule| rule.meta).find(|meta| meta.name == name)
}
