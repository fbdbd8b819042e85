//! How alike two pages are: the resemblance of their shingles (Broder, "On the
//! resemblance and containment of documents", 1997), estimated from the
//! smallest hashes of each. A sketch is small, keeps its meaning from version
//! to version, and holds no text.

use crate::language::is_unspaced_letter;

/// Words in a shingle.
const SHINGLE: usize = 5;

/// Hashes kept; the estimate is then off by some 0.06 at most pages.
const KEPT: usize = 64;

/// The shingles of a text, in short.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sketch {
    /// The smallest hashes, ascending.
    minima: Vec<u64>,
}

impl Sketch {
    /// The sketch of some words.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        let mut minima: Vec<u64> = match words.len() {
            0 => Vec::new(),
            1..=SHINGLE => vec![hash(words)],
            _ => words.windows(SHINGLE).map(hash).collect(),
        };
        minima.sort_unstable();
        minima.dedup();
        minima.truncate(KEPT);
        minima.shrink_to_fit();
        Self { minima }
    }

    /// The sketch with these hashes, as [`Sketch::to_minima`] gave them.
    #[must_use]
    pub fn from_minima(mut minima: Vec<u64>) -> Self {
        minima.sort_unstable();
        minima.dedup();
        minima.truncate(KEPT);
        Self { minima }
    }

    /// Its hashes, ascending: the form it is stored in.
    #[must_use]
    pub fn to_minima(&self) -> Vec<u64> {
        self.minima.clone()
    }

    /// Whether it is of no words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minima.is_empty()
    }

    /// The share of shingles that two texts have in common, from 0 to 1;
    /// `None` where one of them has no words.
    #[must_use]
    pub fn resemblance(&self, other: &Self) -> Option<f64> {
        if self.minima.is_empty() || other.minima.is_empty() {
            return None;
        }
        let mut union: Vec<u64> = self.minima.iter().chain(&other.minima).copied().collect();
        union.sort_unstable();
        union.dedup();
        union.truncate(KEPT);
        let in_both = |hash: &&u64| self.minima.binary_search(hash).is_ok() && other.minima.binary_search(hash).is_ok();
        let shared = u32::try_from(union.iter().filter(in_both).count()).ok()?;
        Some(f64::from(shared) / f64::from(u32::try_from(union.len()).ok()?))
    }
}

/// The words of a text that tell pages apart, lower-case: without numbers and
/// addresses, for error pages repeat the request, its time and its number.
#[must_use]
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split_whitespace() {
        let is_unspaced = piece.chars().any(is_unspaced_letter);
        let is_passing = piece.contains(|c: char| c == '/' || c.is_ascii_digit())
            || piece.matches('-').count() > 1
            || piece.len() > LONGEST_WORD;
        if is_passing && !is_unspaced {
            continue;
        }
        let mut word = String::new();
        for c in piece.chars() {
            if is_unspaced_letter(c) {
                flush(&mut word, &mut words);
                words.push(c.to_string());
            } else if c.is_alphabetic() {
                word.extend(c.to_lowercase());
            } else {
                flush(&mut word, &mut words);
            }
        }
        flush(&mut word, &mut words);
    }
    words
}

/// Longer ones are no words but names made up by programs. Bytes.
const LONGEST_WORD: usize = 24;

fn flush(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>. The order of
/// its values is mixed (by the finalizer of `MurmurHash3`), so that the smallest are a fair sample.
fn hash(words: &[String]) -> u64 {
    let mut hash = fnv(words.iter().flat_map(|word| word.bytes().chain([0])));
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// FNV-1a of some bytes.
pub(super) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(text: &str) -> Sketch {
        Sketch::of(&words(text))
    }

    #[test]
    fn error_pages_resemble_each_other_whatever_they_repeat() {
        let page = |path: &str| {
            format!(
                "Sorry! We cannot find {path} on this server. Try the search or go back to the front page. Request 8f3{}.",
                path.len()
            )
        };
        let resemblance = sketch(&page("/news/2019/a-long-story-name")).resemblance(&sketch(&page("/zzqk")));
        assert_eq!(resemblance, Some(1.0));
    }

    #[test]
    fn articles_do_not() {
        let frame = "Home News Sport Weather Subscribe to our letter and never miss a day of it ";
        let one = format!(
            "{frame}{}",
            "The barrage was built late and the mud was never counted by anyone at all. ".repeat(3)
        );
        let other = format!(
            "{frame}{}",
            "Nobody in the town remembers who owned the ferry before the bridge came here. ".repeat(3)
        );
        let resemblance = sketch(&one).resemblance(&sketch(&other)).expect("words");
        assert!(resemblance < 0.5, "{resemblance}");
        assert_eq!(sketch("").resemblance(&sketch("a")), None);
    }

    #[test]
    fn scripts_without_spaces_have_words() {
        assert_eq!(words("页面404不存在。"), ["页", "面", "不", "存", "在"]);
        assert_eq!(words("The page /a/b, 12:30 was some-thing"), ["the", "page", "was", "some", "thing"]);
    }
}
