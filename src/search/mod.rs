//! What is looked for beyond the references themselves: the page that a bare
//! domain stands for ([`SiteSearch`]), and captures of what is gone
//! ([`ArchiveSearch`]).
//!
//! Nothing is asked here. A search names what is wanted next, given what was
//! seen ([`Seen`]); when it wants nothing more, the same observations give its
//! answer. So a tape that holds them is searched again to the same end.

mod accept;
mod archive;
mod atom;
mod capture;
mod list;
mod rank;
mod seen;
mod site;

pub use accept::{Answer, Proposal};
pub use archive::{ArchiveSearch, BadEndpoint, Endpoint};
pub use atom::{Atom, Passage, context_of};
pub use capture::{Archived, Capture};
pub use seen::Seen;
pub use site::{SiteSearch, Wish};
