//! Punctuation by what it does, over all scripts that articles come in.

/// Ends a sentence: `.` and its kin in other scripts.
#[must_use]
pub fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | '‽'
            | '。'
            | '！'
            | '？'
            | '．'
            | '｡'
            | '؟'
            | '۔'
            | '।'
            | '॥'
            | '։'
            | '።'
            | '፧'
            | '၊'
            | '။'
            | '។'
            | '៕'
            | '๏'
            | '᙮'
    )
}

/// Ends a clause but not a sentence.
#[must_use]
pub fn ends_clause(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '，' | '；' | '：' | '、' | '،' | '؛' | '､')
}

/// A particle or a lesser letter of Chinese or Japanese, which no sentence
/// begins with.
#[must_use]
pub fn begins_no_sentence(c: char) -> bool {
    const PARTICLES: &str = "をがのん的了们們吗嗎呢吧着";
    const LESSER: &str = "ーっゃゅょぁぃぅぇぉッャュョァィゥェォ々";
    PARTICLES.contains(c) || LESSER.contains(c)
}

/// Opens a bracket or a quotation.
#[must_use]
pub fn opens(c: char) -> bool {
    matches!(
        c,
        '(' | '['
            | '{'
            | '“'
            | '‘'
            | '«'
            | '‹'
            | '„'
            | '‚'
            | '「'
            | '『'
            | '《'
            | '〈'
            | '（'
            | '［'
            | '【'
            | '¿'
            | '¡'
    )
}

/// Closes a bracket or a quotation. `’` is left to [`is_quote`]: it is an
/// apostrophe as often.
#[must_use]
pub fn closes(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '”' | '»' | '›' | '“' | '」' | '』' | '》' | '〉' | '）' | '］' | '】' | '"')
}

/// An apostrophe or a quotation mark of any style.
#[must_use]
pub fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '’' | '‘' | '“' | '”' | '„' | '‚' | '«' | '»' | '‹' | '›' | '「' | '」' | '『' | '』')
}

/// A hyphen or dash.
#[must_use]
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―')
}
