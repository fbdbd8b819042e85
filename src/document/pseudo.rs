//! Markup that only looks like markup: citation tokens of LLM products that
//! borrow the shape of a link or a tag. Readers keep them as text, for they
//! are no links of the article, and what they mean is decided later.

/// Whether a Markdown link's destination shows that the link is a token:
/// `[span_1](start_span)`, `[](grok_render_citation_card_json={…})`,
/// `^[…]({"attribution":…})`.
pub(super) fn is_pseudo_destination(destination: &str) -> bool {
    matches!(destination, "start_span" | "end_span")
        || destination.starts_with("grok_render_")
        || destination.starts_with("{\"attribution\"")
}

/// Whether a tag is no element of HTML but a token: `<grok:render …>`.
pub(super) fn is_pseudo_tag(name: &[u8]) -> bool {
    name.starts_with(b"grok:") || name.starts_with(b"grok-card")
}
