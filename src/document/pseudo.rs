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
    name.starts_with(b"grok:") || name.starts_with(b"grok-card") || name == b"antml:cite"
}

/// Whether a tag of that name, which starts at `at`, is Claude's
/// `<cite index="12-1">` or the end of one, and not HTML's title of a work.
pub(super) fn is_pseudo_cite(name: &[u8], source: &str, at: usize) -> bool {
    /// The sentence that a tag holds is shorter.
    const LONGEST: usize = 4096;
    if name != b"cite" {
        return false;
    }
    let tag = source.get(at..).unwrap_or_default();
    if !tag.starts_with("</") {
        return tag.starts_with("<cite index=");
    }
    let before = source.get(source.ceil_char_boundary(at.saturating_sub(LONGEST))..at).unwrap_or_default();
    before.rfind("<cite").and_then(|open| before.get(open..)).is_some_and(|open| open.starts_with("<cite index="))
}
