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

/// An alphabet, as far as hosts may mix them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the scripts' own")]
pub enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Georgian,
    /// Han, Kana, Bopomofo, Hangul.
    EastAsian,
}

impl Alphabet {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Greek => "Greek",
            Self::Cyrillic => "Cyrillic",
            Self::Armenian => "Armenian",
            Self::Hebrew => "Hebrew",
            Self::Arabic => "Arabic",
            Self::Indic => "Indic",
            Self::Thai => "Thai",
            Self::Georgian => "Georgian",
            Self::EastAsian => "East Asian",
        }
    }
}

/// The alphabet of a letter, by its block; `None` for digits, marks, and
/// scripts that are in no host's use.
#[must_use]
pub fn alphabet(c: char) -> Option<Alphabet> {
    if !c.is_alphabetic() {
        return None;
    }
    Some(match c {
        'a'..='z' | 'A'..='Z' | '\u{AA}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Alphabet::Latin,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Alphabet::Greek,
        '\u{400}'..='\u{52F}' => Alphabet::Cyrillic,
        '\u{530}'..='\u{58F}' => Alphabet::Armenian,
        '\u{590}'..='\u{5FF}' => Alphabet::Hebrew,
        '\u{600}'..='\u{77F}' => Alphabet::Arabic,
        '\u{900}'..='\u{DFF}' => Alphabet::Indic,
        '\u{E00}'..='\u{EFF}' => Alphabet::Thai,
        '\u{10A0}'..='\u{10FF}' => Alphabet::Georgian,
        _ if is_unspaced_letter(c) => Alphabet::EastAsian,
        _ => return None,
    })
}
