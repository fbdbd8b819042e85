//! The words that an address has for its page: `/2026/03/tide-barrage-opens`
//! speaks of tides, barrages and openings. A page that holds hardly any of them
//! may be another one, whatever language it says so in, or says nothing.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::language::{Alphabet, alphabet, is_unspaced_letter};

/// Fewer letters join words, and stand on any page.
const FEWEST_LETTERS: usize = 4;

/// Fewer words may be missing by chance: a title was changed, a section is
/// called otherwise.
const FEWEST_WORDS: usize = 2;

/// Letters of a text that show its alphabet.
const TELLING: usize = 2000;

/// Whether an address has words for its page, in the alphabet of the page, and
/// the page holds less than half of them, however inflected: one may stand in
/// any page's frame. `head` is its title and first heading, `text` all that a
/// reader sees.
pub(super) fn says_little_of(address: &Url, head: &str, text: &str) -> bool {
    let words = words_of(address);
    if words.len() < FEWEST_WORDS {
        return false;
    }
    let holds_most = |text: &str| {
        let text = text.to_lowercase();
        words.iter().filter(|word| text.contains(stem(word))).count() * 2 >= words.len()
    };
    // Nearly every page that is there says it in its title.
    !holds_most(head) && is_in_alphabet_of(&words, text) && !holds_most(text)
}

/// The words of the last part of the path, lower-case, without numbers. In
/// scripts without spaces, pairs of letters.
fn words_of(address: &Url) -> Vec<String> {
    let path = address.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let name = last.rsplit_once('.').filter(|(_, extension)| extension.len() <= 5).map_or(last, |(name, _)| name);
    let name = percent_decode_str(name).decode_utf8_lossy().to_lowercase();
    let mut words = Vec::new();
    for piece in name.split(|c: char| !c.is_alphanumeric()) {
        let letters: Vec<char> = piece.chars().collect();
        if letters.iter().copied().all(is_unspaced_letter) {
            words.extend(letters.chunks_exact(2).map(|pair| pair.iter().collect()));
        } else if letters.len() >= FEWEST_LETTERS && letters.iter().all(|c| c.is_alphabetic()) {
            words.push(piece.to_owned());
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// A word without the quarter that inflection may change.
fn stem(word: &str) -> &str {
    let kept = (word.chars().count() * 3).div_ceil(4).max(FEWEST_LETTERS);
    word.char_indices().nth(kept).and_then(|(at, _)| word.get(..at)).unwrap_or(word)
}

/// Whether most of a text is written in the alphabet of the words: an address
/// is often another alphabet's transcription.
fn is_in_alphabet_of(words: &[String], text: &str) -> bool {
    let wanted: Option<Alphabet> = words.iter().flat_map(|word| word.chars()).find_map(alphabet);
    let (mut same, mut other) = (0, 0);
    for letter in text.chars().filter_map(alphabet).take(TELLING) {
        let count = if Some(letter) == wanted { &mut same } else { &mut other };
        *count += 1;
    }
    same > other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says_little(address: &str, title: &str, text: &str) -> bool {
        says_little_of(&Url::parse(&format!("https://a.org{address}")).expect("a URL"), title, text)
    }

    #[test]
    fn pages_speak_of_what_their_addresses_name() {
        let text = "Hmm. That did not go to plan. Try the menu above.";
        for address in ["/2026/03/tide-barrage-opens", "/news/tide_barrage_opens.html", "/Tide+Barrage/"] {
            assert!(says_little(address, "Coast Report", text), "{address}");
            assert!(!says_little(address, "The barrage that opened", text), "{address}");
            assert!(!says_little(address, "", "All of the TIDES. And what the barrages do."), "{address}");
            assert_eq!(says_little(address, "", "All of the TIDES."), address.contains("opens"), "{address}");
        }
        assert!(says_little("/%E5%8C%97%E7%BA%A6%E5%B3%B0%E4%BC%9A", "", "返回首页继续浏览"));
        assert!(!says_little("/%E5%8C%97%E7%BA%A6%E5%B3%B0%E4%BC%9A", "", "峰会在维尔纽斯"));
    }

    #[test]
    fn few_words_and_other_alphabets_tell_nothing() {
        for address in ["/", "/news/12345", "/story", "/article/a1b2c3d4-e5f6", "/p.php?id=3", "/en/to-be-or-not"] {
            assert!(!says_little(address, "", "Hmm."), "{address}");
        }
        assert!(!says_little("/pobeda-na-vyborah", "", "Выборы прошли спокойно."));
        assert!(!says_little("/north-sea-summit", "", ""));
    }
}
