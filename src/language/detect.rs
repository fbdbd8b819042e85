//! Which language a text is in.

/// The language of `text` as its ISO 639-3 code; `None` where the text is too
/// short or too mixed to tell.
#[must_use]
pub fn language_of(text: &str) -> Option<&'static str> {
    let info = whatlang::detect(text)?;
    info.is_reliable().then(|| info.lang().code())
}

/// The language that a document begins in: what follows is in the same, or
/// tells no more.
#[must_use]
pub fn language_of_beginning(text: &str) -> Option<&'static str> {
    /// Bytes.
    const BEGINNING: usize = 1000;
    language_of(text.get(..text.floor_char_boundary(BEGINNING)).unwrap_or_default())
}
