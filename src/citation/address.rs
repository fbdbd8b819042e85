//! Addresses, parsed only when somebody asks.
//!
//! Most addresses are written as the URL Standard would write them. A look
//! at their bytes shows that; then the text is kept as it is, and parsing,
//! which takes far longer, waits until a request is to be made of it.

use std::ops::Range;

use memchr::memchr2;
use url::Url;

/// An absolute address that names a host.
#[derive(Debug, Clone)]
pub struct Address(Form);

#[derive(Debug, Clone)]
enum Form {
    /// Its own serialisation; its host, a domain, stands at that range.
    Plain { text: String, domain: Range<usize> },
    /// Anything else.
    Parsed(Box<Url>),
}

impl Address {
    /// Reads an address; `None` where it is none, is relative or names no host.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let Some(domain) = plain_domain(written) else {
            return Url::parse(written).ok().filter(Url::has_host).map(|url| Self(Form::Parsed(Box::new(url))));
        };
        let slash = if domain.end == written.len() { "/" } else { "" };
        let mut text = String::with_capacity(written.len() + slash.len());
        text.push_str(written);
        text.push_str(slash);
        Some(Self(Form::Plain { text, domain }))
    }

    /// As the URL Standard serialises it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Plain { text, .. } => text,
            Form::Parsed(url) => url.as_str(),
        }
    }

    /// Its host in ASCII, where that is a domain.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        match &self.0 {
            Form::Plain { text, domain } => text.get(domain.clone()),
            Form::Parsed(url) => url.domain(),
        }
    }

    /// Whether it holds neither an escape nor a domain in another script.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.0, Form::Plain { .. })
    }

    /// What stands behind its `?`, if that is there.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let text = self.as_str();
        let at = memchr2(b'?', b'#', text.as_bytes())?;
        text.get(at..)?.strip_prefix('?')?.split('#').next()
    }

    /// What stands behind its `#`, if that is there.
    #[must_use]
    pub fn fragment(&self) -> Option<&str> {
        Some(self.as_str().split_once('#')?.1)
    }

    /// Whether it names more than the front page of its host.
    #[must_use]
    pub fn names_page(&self) -> bool {
        self.to_url().is_some_and(|url| url.path() != "/" || url.query().is_some())
    }

    /// The same, parsed. Never `None`: what is kept as text is an address.
    #[must_use]
    pub fn to_url(&self) -> Option<Url> {
        match &self.0 {
            Form::Plain { text, .. } => Url::parse(text).ok(),
            Form::Parsed(url) => Some(Url::clone(url)),
        }
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Address {}

/// Where the domain of `written` stands, if parsing would change nothing but
/// to write the slash behind a domain that ends it. Narrower than what the URL
/// Standard leaves alone: no escapes, ports, users, dots as segments, and no
/// other scheme.
fn plain_domain(written: &str) -> Option<Range<usize>> {
    let start = ["https://", "http://"].into_iter().find(|scheme| written.starts_with(scheme))?.len();
    let rest = written.as_bytes().get(start..)?;
    let length = plain_domain_len(rest)?;
    let path = rest.get(length..)?;
    (path.is_empty() || path.first() == Some(&b'/') && is_plain_path(path)).then(|| start..start + length)
}

/// The length of the domain at the start, if nothing need be done to its
/// labels: none is empty, none may be Punycode (`xn--`), and the last one makes
/// no number of the whole.
fn plain_domain_len(bytes: &[u8]) -> Option<usize> {
    let mut before = b'.';
    let mut is_named = false;
    let mut length = 0;
    for byte in bytes {
        match byte {
            b'a'..=b'z' => is_named |= before == b'.',
            b'0'..=b'9' => is_named &= before != b'.',
            b'-' if before != b'-' && before != b'.' => {}
            b'.' if before != b'.' => is_named = false,
            b'-' | b'.' => return None,
            _ => break,
        }
        before = *byte;
        length += 1;
    }
    (is_named && before != b'.').then_some(length)
}

/// What path, query and fragment all leave alone, and no segment that begins
/// with a dot.
fn is_plain_path(path: &[u8]) -> bool {
    let is_left_alone = |byte: &u8| LEFT_ALONE.get(usize::from(*byte)) == Some(&true);
    path.iter().all(is_left_alone) && !path.windows(2).any(|pair| pair == b"/.")
}

/// For each byte.
#[expect(clippy::indexing_slicing, reason = "evaluated while compiling")]
static LEFT_ALONE: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&()*+,;=:@/?#";
    while let [first, others @ ..] = rest {
        table[*first as usize] = true;
        rest = others;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::Address;

    /// Whatever is kept as text says what the parser says.
    fn assert_agrees(written: &str) {
        let parsed = Url::parse(written).ok().filter(Url::has_host);
        let address = Address::parse(written);
        assert_eq!(address.as_ref().map(Address::as_str), parsed.as_ref().map(Url::as_str), "{written:?}");
        let (Some(address), Some(url)) = (address, parsed) else { return };
        assert_eq!(address.to_url().as_ref(), Some(&url), "{written:?}");
        assert_eq!(address.domain(), url.domain(), "{written:?}");
        assert_eq!(address.query(), url.query(), "{written:?}");
        assert_eq!(address.fragment(), url.fragment(), "{written:?}");
    }

    #[test]
    fn what_is_common_is_kept_as_text() {
        for written in [
            "https://docs.rs",
            "https://docs.rs/",
            "http://www.example.org/a/b-c_d~e.html?x=1&y=/z#part:2",
            "https://img.shields.io/crates/v/serde.svg?style=flat-square",
            "https://en.wikipedia.org/wiki/Foo_(bar)",
        ] {
            assert!(Address::parse(written).is_some_and(|address| address.is_plain()), "{written}");
            assert_agrees(written);
        }
    }

    #[test]
    fn what_the_standard_rewrites_is_parsed() {
        for written in [
            "HTTPS://a.org/",
            "https://A.org/",
            "https://a.org:443/",
            "https://a.org:8080/",
            "https://user@a.org/",
            "https://a.org?x",
            "https://a.org#x",
            "https://a.org./",
            "https://1.2.3.4/",
            "https://1.2.3/",
            "https://a.1/",
            "https://a.0x1f/",
            "https://xn--mnchen-3ya.de/",
            "https://xn--a/",
            "https://a..org/",
            "https:///a.org/",
            "https://a.org/./b/../c",
            "https://a.org/%2e%2E/c",
            "https://a.org/.",
            "https://a.org/..",
            "https://a.org/a b",
            "https://a.org/a\tb",
            " https://a.org/ ",
            "https://a.org/{x}|^`\"<>\\",
            "https://a.org/?q='",
            "https://a.org/ü",
            "https://münchen.de/",
            "https://a_b.org/",
            "https://[::1]/",
            "ftp://a.org/x",
            "mailto:a@b.org",
            "//a.org/x",
            "a.org",
            "https://",
            "https://-/",
            "https://a-.org/",
            "https://ab--cd.org/x?y?z#a#b",
        ] {
            assert_agrees(written);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn text_and_parser_agree(written in "(https?|HTTP|ftp)?:?/{0,3}[a-z0-9A-Z.:@xn-]{0,12}[/?#.]{0,2}[a-zA-Z0-9 -~é\\t]{0,16}") {
            assert_agrees(&written);
        }

        #[test]
        fn they_agree_on_plain_ones(written in "https?://[a-z0-9-]{1,6}(\\.[a-z0-9-]{1,6}){0,2}(/[a-zA-Z0-9._~!$&()*+,;=:@/?#-]{0,16})?") {
            assert_agrees(&written);
        }
    }
}
