//! Links that make browsers show a passage.

use url::Url;

use crate::text::Span;

/// Passages up to so many characters are written out in a link.
const LONGEST_LINK: usize = 300;

/// A page's address with a text fragment that makes browsers show the passage
/// at `span` of its text
/// (<https://wicg.github.io/scroll-to-text-fragment/>).
#[must_use]
pub fn passage_link(page: &Url, text: &str, span: Span) -> Option<Url> {
    let passage: String = span.slice(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let directive = if passage.chars().count() <= LONGEST_LINK && !span.slice(text).contains('\n') {
        escape(&passage)
    } else {
        let words: Vec<&str> = passage.split(' ').collect();
        let ends = (words.get(..words.len().min(5))?, words.get(words.len().saturating_sub(5)..)?);
        format!("{},{}", escape(&ends.0.join(" ")), escape(&ends.1.join(" ")))
    };
    let mut link = page.clone();
    link.set_fragment(Some(&format!(":~:text={directive}")));
    Some(link)
}

/// Percent-encodes all but letters and digits of ASCII: `-`, `,` and `&` mean
/// something in a text directive.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}
