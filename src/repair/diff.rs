//! What a repair changed, as a unified diff.

use similar::TextDiff;

/// The difference between two texts, three lines of context around each
/// change; empty where they are equal.
#[must_use]
pub fn unified_diff(path: &str, before: &str, after: &str) -> String {
    // The names would break the header, or a terminal.
    let path: String = path.chars().filter(|c| !c.is_control()).collect();
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}
