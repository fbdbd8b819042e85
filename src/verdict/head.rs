//! Distils a page to the few elements that facts are read from: its title, its
//! `meta` elements and its JSON-LD. What is left is small and flat, so that
//! the HTML parser behind it meets no nesting, no formatting elements to
//! reconstruct and no tag of a megabyte, whatever the page holds. One pass
//! over the bytes; works for every encoding that leaves ASCII alone.

use memchr::{memchr, memmem};

/// Longer tags (data URLs, floods of attributes) are left out. Bytes.
const LONGEST_TAG: usize = 8 * 1024;

/// A longer title or JSON-LD script is left out. Bytes.
const LONGEST_TEXT: usize = 128 * 1024;

/// Distilling ends when it has kept so much. Bytes.
const ENOUGH: usize = 256 * 1024;

/// The elements that are kept, in order.
#[derive(Debug, Default)]
pub(super) struct Distilled {
    /// The first `title` and every `meta`, as source.
    pub head: Vec<u8>,
    /// The text of each `application/ld+json` script.
    pub linked_data: Vec<Vec<u8>>,
}

/// Keeps what facts are read from.
pub(super) fn distil(page: &[u8]) -> Distilled {
    let mut kept = Distilled::default();
    let mut kept_bytes = 0;
    let mut has_title = false;
    let mut rest = page;
    while let Some(from) = memchr(b'<', rest).and_then(|at| rest.get(at..)) {
        rest = from;
        if rest.starts_with(b"<!--") {
            let Some(after) = memmem::find(rest, b"-->").and_then(|end| rest.get(end..)) else {
                break;
            };
            rest = after;
            continue;
        }
        let name = tag_name(rest);
        if name.is_empty() {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let Some((tag, after)) = tag_length(rest).and_then(|length| rest.split_at_checked(length)) else {
            break;
        };
        rest = after;
        if name.eq_ignore_ascii_case(b"meta") && tag.len() <= LONGEST_TAG {
            kept.head.extend_from_slice(tag);
            kept_bytes += tag.len();
        } else if let Some(closing) = raw_text_end(name) {
            let text_length = find_ignoring_case(rest, closing);
            let Some((text, after)) = text_length.and_then(|end| rest.split_at_checked(end)) else {
                break;
            };
            rest = after;
            if text.len() > LONGEST_TEXT {
                continue;
            }
            // Titles of inline drawings come after the page's own.
            if name.eq_ignore_ascii_case(b"title") && !has_title {
                has_title = true;
                kept.head.extend_from_slice(b"<title>");
                kept.head.extend_from_slice(text);
                kept.head.extend_from_slice(b"</title>");
                kept_bytes += text.len();
            } else if is_linked_data(tag) {
                kept.linked_data.push(text.to_vec());
                kept_bytes += text.len();
            }
        }
        if kept_bytes > ENOUGH {
            break;
        }
    }
    kept
}

/// The name of the start tag that `source` begins with; empty where it begins
/// with an end tag, a declaration or a stray `<`.
fn tag_name(source: &[u8]) -> &[u8] {
    let name = source.get(1..).unwrap_or_default();
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    name.get(..length).unwrap_or_default()
}

/// The length of the tag that `source` begins with; a `>` inside a quoted
/// attribute does not end it.
fn tag_length(source: &[u8]) -> Option<usize> {
    let mut quote = None;
    let mut before = b' ';
    for (index, &byte) in source.iter().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            None if byte == b'>' => return Some(index + 1),
            // A quote opens a value only after `=`; elsewhere it is a letter.
            None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    None
}

/// What ends the text of an element that holds no elements.
fn raw_text_end(name: &[u8]) -> Option<&'static [u8]> {
    const RAW: &[(&[u8], &[u8])] =
        &[(b"script", b"</script"), (b"style", b"</style"), (b"title", b"</title"), (b"textarea", b"</textarea")];
    RAW.iter().find(|(raw, _)| name.eq_ignore_ascii_case(raw)).map(|(_, end)| *end)
}

fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> Option<usize> {
    memmem::find_iter(text, b"</").find(|&at| {
        let found = text.get(at..at + wanted.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(wanted))
    })
}

fn is_linked_data(tag: &[u8]) -> bool {
    tag.len() <= LONGEST_TAG && memmem::find(&tag.to_ascii_lowercase(), b"application/ld+json").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head_of(page: &str) -> String {
        String::from_utf8(distil(page.as_bytes()).head).expect("UTF-8")
    }

    #[test]
    fn keeps_title_meta_and_linked_data() {
        let page = "<!doctype html><head><!-- <title>no</title> --><TITLE lang=en>Yes</TITLE>\
            <meta name=a content='>'><script>if (a<b) '<meta>'</script>\
            <script type='application/ld+json'>{\"a\":1}</script><body><svg><title>x</title>";
        assert_eq!(head_of(page), "<title>Yes</title><meta name=a content='>'>");
        assert_eq!(distil(page.as_bytes()).linked_data, [b"{\"a\":1}".to_vec()]);
    }

    #[test]
    fn torn_pages_give_what_was_whole() {
        for page in ["<", "<meta", "<meta content='", "<title>abc", "<!-- ", "<script>", "</", "<>"] {
            assert_eq!(head_of(page), "", "{page}");
        }
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let page = format!("<meta content='{}'><meta name=b>", "x".repeat(LONGEST_TAG));
        assert_eq!(head_of(&page), "<meta name=b>");
    }
}
