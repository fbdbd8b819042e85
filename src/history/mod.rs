//! Time as evidence: what many checks of one reference mean together.
//!
//! One check proves little: a server has a bad night, a machine loses its
//! network, a wall goes up. A [`Story`] is what is known of a reference so
//! far; it is told every check in order ([`Story::hear`]) and every control
//! request to the reference's host ([`Story::hear_control`]), and changes its
//! [`State`] only when a rule says so. It is derived: told the same checks
//! again it becomes the same, so a store keeps the checks and may forget the
//! story. When to check next is [`RecheckRule`]'s decision, and which failures
//! were our own network's fault [`excused`]'s.

mod due;
mod outage;
mod print;
mod story;

pub use due::RecheckRule;
pub use outage::{Heard, excused};
pub use print::{Drift, Print};
pub use story::{Check, DeathRule, Failing, Sign, State, Story};
