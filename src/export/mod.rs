//! Raw exports: what a product saved of its model's answers, with citations as
//! offsets, tokens and numbers beside the text.
//!
//! [`read`] recognises the product by the shape of the data, never by a file's
//! name. One file per vendor knows where text and annotations stand; what the
//! offsets count is measured on each answer (`measure`), since no export names
//! its unit and several are wrong about it. [`render`] writes the article anew
//! with the true sources, or says with evidence why it cannot. Offsets that do
//! not fit, later edits of the text, rivals that fit equally: all of that is
//! data of an [`Answer`], and no error.

mod answer;
mod draft;
mod escape;
mod fit;
mod frame;
mod guard;
mod json;
mod likeness;
mod marker;
mod measure;
mod place;
mod read;
mod render;
mod ruler;
mod stream;
mod style;
mod vendor;

pub use answer::{
    Annotation, Answer, BaseText, Claimed, EndConvention, Misfit, MisfitReason, Offset, OffsetUnit, Placement, Role,
    Source,
};
pub use json::JsonError;
pub use likeness::{Likeness, answer_of};
pub use measure::Measured;
pub use read::{Export, NoExport, Trouble, is_export, read, read_conversation};
pub use render::{Broken, Placed, Rendered, render};
pub use stream::read_each;
pub use style::CitationStyle;
pub use vendor::{VENDORS, Vendor};
