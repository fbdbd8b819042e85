//! What became of quotations in the pages they are said to come from.

pub(super) mod absent;
pub(super) mod altered;

use super::context::{LinkContext, Reading};

/// The page that a quotation was looked up in, as people write it.
fn page<'a>(context: &'a LinkContext<'_>, reading: &Reading) -> &'a str {
    let reference = reading.resolution.and_then(|index| context.references.get(index));
    reference.map_or("its source", |reference| reference.observation.final_url.as_str())
}
