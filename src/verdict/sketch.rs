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
    pub(super) fn of(words: &Words) -> Self {
        let mut minima = shingles(words);
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

/// Words, one behind the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Words {
    /// The words of a text that tell pages apart, lower-case: without numbers
    /// and addresses, for error pages repeat the request, its time and its
    /// number.
    #[must_use]
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self { text: String::with_capacity(text.len()), ends: Vec::with_capacity(text.len() / 6) };
        for piece in text.split_whitespace() {
            let is_passing = piece.bytes().any(|byte| byte == b'/' || byte.is_ascii_digit())
                || piece.bytes().filter(|byte| *byte == b'-').count() > 1
                || piece.len() > LONGEST_WORD;
            if is_passing && !piece.chars().any(is_unspaced_letter) {
                continue;
            }
            for c in piece.chars() {
                if c.is_ascii_lowercase() {
                    words.text.push(c);
                } else if is_unspaced_letter(c) {
                    words.finish();
                    words.text.push(c);
                    words.finish();
                } else if c.is_alphabetic() {
                    words.text.extend(c.to_lowercase());
                } else {
                    words.finish();
                }
            }
            words.finish();
        }
        words
    }

    /// Ends a word, unless it is empty.
    fn finish(&mut self) {
        if self.ends.last().copied().unwrap_or(0) < self.text.len() {
            self.ends.push(self.text.len());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().filter_map(move |end| self.text.get(std::mem::replace(&mut from, *end)..*end))
    }
}

/// Longer ones are no words but names made up by programs. Bytes.
const LONGEST_WORD: usize = 24;

/// The hashes of all runs of [`SHINGLE`] words; of fewer words, of them
/// together. Every byte is part of as many runs: their hashes grow side by side.
fn shingles(words: &Words) -> Vec<u64> {
    if words.ends.is_empty() {
        return Vec::new();
    }
    let mut hashes = Vec::with_capacity(words.len());
    // The oldest run comes first.
    let mut open = [OFFSET; SHINGLE];
    for (count, word) in words.iter().enumerate() {
        for byte in word.bytes().chain([0]) {
            open = open.map(|hash| step(hash, byte));
        }
        if count + 1 >= SHINGLE {
            hashes.push(mixed(open[0]));
        }
        open.rotate_left(1);
        open[SHINGLE - 1] = OFFSET;
    }
    if hashes.is_empty() {
        // The first run is the one that was never shifted out.
        let last = (SHINGLE - 1).checked_sub(words.len()).and_then(|at| open.get(at));
        hashes.extend(last.map(|hash| mixed(*hash)));
    }
    hashes
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// The order of FNV's values is mixed (by the finalizer of `MurmurHash3`), so
/// that the smallest are a fair sample.
fn mixed(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// FNV-1a of some bytes.
pub(super) fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(OFFSET, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(text: &str) -> Sketch {
        Sketch::of(&Words::of(text))
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

    /// Sketches are kept for years.
    #[test]
    fn hashes_keep_their_values() {
        for (text, minima) in [
            ("", vec![]),
            ("mud", vec![0x5ebd_2bb3_7077_e1fd]),
            ("one two three four five", vec![0x77b5_3320_0b8f_2cc3]),
            ("One, two three four five six", vec![0x77b5_3320_0b8f_2cc3, 0xa15d_8ebf_5749_6cb1]),
        ] {
            assert_eq!(sketch(text).to_minima(), minima, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_have_words() {
        let words = |text: &str| Words::of(text).iter().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words("页面404不存在。"), ["页", "面", "不", "存", "在"]);
        assert_eq!(words("The page /a/b, 12:30 was some-thing"), ["the", "page", "was", "some", "thing"]);
    }
}
