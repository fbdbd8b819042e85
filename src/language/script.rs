//! Scripts that put spaces between words, and those that do not.

/// A letter or digit of a script whose words may touch brackets in good
/// style: Chinese, Japanese, Korean (particles follow a bracket at once),
/// Thai, Lao, Khmer, Burmese, Tibetan. Contact says nothing there; position
/// must do the work.
#[must_use]
pub fn is_unspaced_letter(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    matches!(c,
        '\u{0E00}'..='\u{0EFF}'     // Thai, Lao
        | '\u{0F00}'..='\u{0FFF}'   // Tibetan
        | '\u{1000}'..='\u{109F}'   // Burmese
        | '\u{1100}'..='\u{11FF}'   // Hangul jamo
        | '\u{1780}'..='\u{17FF}'   // Khmer
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
        | '\u{3040}'..='\u{30FF}'   // Kana
        | '\u{3100}'..='\u{318F}'   // Bopomofo, Hangul compatibility jamo
        | '\u{31A0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' // Han
        | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' // Hangul
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// A letter or digit of a script that sets words apart with spaces.
/// Combining marks count, for they belong to the letter before.
#[must_use]
pub fn is_spaced_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    (c.is_alphanumeric() || is_mark(c)) && !is_unspaced_letter(c) && !is_superscript(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05C7}' | '\u{064B}'..='\u{065F}' | '\u{0900}'..='\u{0903}'
        | '\u{093A}'..='\u{094F}' | '\u{0951}'..='\u{0957}' | '\u{0962}' | '\u{0963}')
}

/// Raised digits are marks of notes, not letters.
fn is_superscript(c: char) -> bool {
    matches!(c, '\u{00B2}' | '\u{00B3}' | '\u{00B9}' | '\u{2070}'..='\u{209F}')
}
