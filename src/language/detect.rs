//! Which language a text is in.

/// The language of `text` as its ISO 639-3 code; `None` where the text is too
/// short or too mixed to tell.
#[must_use]
pub fn language_of(text: &str) -> Option<&'static str> {
    let info = whatlang::detect(text)?;
    info.is_reliable().then(|| info.lang().code())
}
