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
/// or become a link is written as a character reference. A hyphen in a word, a
/// dot and a colon before a space are left to be read as they are, also by who
/// reads the source.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    let text = printable(text);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_plain = match c {
            ',' | ';' | '?' | '/' | '"' | '\'' | '%' | '=' => true,
            '.' => !ends_with_www(&safe),
            '-' => safe.ends_with(char::is_alphanumeric),
            ':' => rest.peek() == Some(&' '),
            c => !c.is_ascii_punctuation(),
        };
        if is_plain {
            safe.push(c);
        } else {
            safe.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    safe
}

/// GitHub makes a link of what begins like this.
fn ends_with_www(text: &str) -> bool {
    text.len().checked_sub(3).and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case("www"))
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
        assert_eq!(markdown("- gone: since 2026-11-27"), "&#45; gone: since 2026-11-27");
        assert_eq!(markdown("WWW.a.org :smile: ---"), "WWW&#46;a.org &#58;smile: &#45;&#45;&#45;");
        assert_eq!(code("a`b\nc"), "`aˋb c`");
    }
}
