//! Labels that belong to the name before them: `Reuters (reuters.com)
//! reports`, `로이터(reuters.com)는`. They stand in mid-sentence by right.

use deunicode::deunicode_char;

use crate::language::{closes, is_spaced_letter, is_word_char};

/// Whether the last few words of `before` spell `name`: `The Harbour Gazette`
/// for `harbourgazette`, `BBC` for `bbc`, `Frankfurter Allgemeine Zeitung` for
/// `faz`.
pub(super) fn names_host(before: &str, name: &str) -> bool {
    let name: String = name.chars().filter(|c| *c != '-').collect();
    /// Bytes before a label that can hold the name of its source.
    const NEAR: usize = 120;
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR))..).unwrap_or_default();
    let near = near.rsplit([')', ']', '】', '\n']).next().unwrap_or_default();
    let words: Vec<String> = near
        .trim_end()
        .rsplit(|c: char| !is_spaced_letter(c) && !matches!(c, '.' | '’' | '\''))
        .filter(|word| !word.is_empty())
        .take(6)
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    let mut joined = String::new();
    let mut initials = String::new();
    for word in &words {
        joined.insert_str(0, word);
        if let Some(first) = word.chars().next() {
            initials.insert(0, first);
        }
        let spelled = joined.len() >= 2
            && (name == joined || joined.len() >= 3 && (name.starts_with(&joined) || joined.starts_with(&name)));
        if spelled || initials.len() >= 2 && initials == name {
            return true;
        }
    }
    spells_in_latin(near, &name)
}

/// Whether the letters before the label, written in Latin ones, spell `name`
/// or its beginning: `강변일보` for `gangbyeon-news`, `南溪晚报` for
/// `nanxiwanbao`. Where words are not parted a name may begin at any letter.
fn spells_in_latin(near: &str, name: &str) -> bool {
    /// Letters that a name in Han or Hangul can have.
    const LONGEST: usize = 12;
    /// Latin letters that do not agree by chance.
    const SURE: usize = 5;
    let bare = near.trim_end().trim_end_matches(closes);
    let letters = bare.chars().rev().take_while(|c| is_word_char(*c)).take(LONGEST);
    let mut spelled = String::new();
    for letter in letters {
        if letter.is_ascii() {
            return false;
        }
        let latin = deunicode_char(letter).unwrap_or_default();
        let latin: String = latin.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        spelled.insert_str(0, &latin);
        let common = spelled.bytes().zip(name.bytes()).take_while(|(one, other)| one == other).count();
        if common >= SURE || common >= 3 && common == name.len() {
            return true;
        }
    }
    false
}

/// Whether a particle follows, as behind a noun with its gloss in Korean and
/// Japanese.
pub(super) fn begins_with_particle(after: &str) -> bool {
    const KOREAN: &[&str] = &[
        "은", "는", "이", "가", "을", "를", "의", "에", "에서", "에게", "와", "과", "로", "으로", "도", "만", "나",
        "이나", "및",
    ];
    /// Chinese function words among them.
    const OTHERS: &[char] = &[
        'は', 'が', 'を', 'に', 'の', 'へ', 'と', 'で', 'も', 'や', '的', '和', '在', '是', '了', '与', '及', '或',
        '对', '为', '等',
    ];
    let word: String = after.chars().take(4).take_while(|c| matches!(c, '\u{AC00}'..='\u{D7A3}')).collect();
    KOREAN.contains(&word.as_str()) || after.starts_with(OTHERS)
}

/// Whether a phrase often ends with `c`: a particle of Chinese or Japanese.
pub(super) fn ends_phrase(c: char) -> bool {
    matches!(c, 'は' | 'が' | 'を' | 'に' | 'の' | 'へ' | 'と' | 'で' | 'も' | 'や' | '的' | '了' | '着' | '过' | '過')
}

#[cfg(test)]
mod tests {
    use super::{begins_with_particle, names_host};

    #[test]
    fn glosses() {
        assert!(names_host("The Harbour Gazette ", "harbourgazette"));
        assert!(names_host("as Reuters ", "reuters"));
        assert!(names_host("die Frankfurter Allgemeine Zeitung ", "faz"));
        assert!(names_host("지난달 강변일보", "gangbyeon-news"));
        assert!(names_host("据南溪晚报", "nanxiwanbao") && names_host("据《南溪晚报》", "nanxiwanbao"));
        assert!(names_host("повідомляє Укрінформ ", "ukrinform"));
        assert!(!names_host("argument in Washington has been that ", "nato"));
        assert!(!names_host("지난달 강변일보", "hangang-news"));
    }

    #[test]
    fn particles() {
        assert!(begins_with_particle("는 말했다") && begins_with_particle("によると"));
        assert!(!begins_with_particle("는다고") && !begins_with_particle("合意"));
    }
}
