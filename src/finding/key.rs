//! Names for findings that survive edits elsewhere in the article.

use std::collections::HashMap;

use crate::text::Span;

/// A finding's name, unique in its document: sixteen hex digits, and an
/// ordinal where several findings look exactly alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingKey(String);

impl FindingKey {
    /// As printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Bytes of text on each side of a span that take part in its name: enough
/// to tell two places apart, few enough that edits further off do not matter.
const CONTEXT: usize = 32;

/// Hands out keys for one document, in order of the findings.
#[derive(Debug, Default)]
pub struct KeyMaker {
    seen: HashMap<u64, u32>,
}

impl KeyMaker {
    /// The key of a finding of `rule` at `span` of `text`.
    pub fn key(&mut self, rule: &str, text: &str, span: Span) -> FindingKey {
        let range = span.range();
        let before = text.floor_char_boundary(range.start.saturating_sub(CONTEXT));
        let after = text.ceil_char_boundary(range.end.saturating_add(CONTEXT));
        let mut hash = Fnv::default();
        hash.write(rule.as_bytes());
        for piece in [before..range.start, range.clone(), range.end..after] {
            // White space is left out, so that wrapping anew keeps the name.
            for word in text.get(piece).unwrap_or_default().split_whitespace() {
                hash.write(word.as_bytes());
            }
            hash.write(&[0]);
        }
        let ordinal = self.seen.entry(hash.0).and_modify(|count| *count += 1).or_insert(1);
        FindingKey(match ordinal {
            1 => format!("{:016x}", hash.0),
            again => format!("{:016x}-{again}", hash.0),
        })
    }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): keys are stored by users, so the hash
/// must never change with the standard library's.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_places_are_numbered_and_far_edits_change_nothing() {
        let near = "and the council said again that it doe(a.org)why this keeps coming back to the table.";
        let key = |before: &str| {
            let text = format!("{before}{near}");
            let at = text.find("(a.org)").unwrap();
            let mut maker = KeyMaker::default();
            let span = Span::from_range(at..at + 7);
            (maker.key("splice/cut-word", &text, span), maker.key("splice/cut-word", &text, span))
        };
        let (first, second) = key("");
        assert_eq!(second.as_str(), format!("{}-2", first.as_str()));
        assert_eq!(first, key("A new first sentence. ").0);
    }
}
