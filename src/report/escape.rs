//! Text of strangers in markup: nothing of it may be taken for a tag, an
//! attribute, a mention or a link.

use super::printable;

/// For HTML and XML, in text and in quoted attributes. Invisible and
/// direction-turning characters are spelled out.
pub(super) fn xml(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in printable(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // No character data of XML 1.0.
            '\u{FFFE}' | '\u{FFFF}' => safe.push('\u{FFFD}'),
            c => safe.push(c),
        }
    }
    safe
}

/// For a line of GitHub's Markdown: what could begin markup, mention somebody
/// or become a link is written as a character reference.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for c in printable(text).chars() {
        if c.is_ascii_punctuation() && !matches!(c, ',' | '.' | ';' | '?' | '/' | '"' | '\'' | '%' | '=') {
            safe.push_str(&format!("&#{};", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// For a code span of Markdown, in which nothing has a meaning but backticks.
#[must_use]
pub fn code(text: &str) -> String {
    format!("`{}`", printable(text).replace('`', "ˋ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(
            xml("<img src=x onerror='a()'>&\u{202E}"),
            "&lt;img src=x onerror=&#39;a()&#39;&gt;&amp;&lt;U+202E&gt;"
        );
        let line = markdown("@all see #1, <b>*x*</b> [a](http://b.org)");
        assert!(!line.contains(['@', '<', '*', '[', '(']), "{line}");
        assert!(!line.contains("://"), "{line}");
        assert_eq!(code("a`b\nc"), "`aˋb c`");
    }
}
