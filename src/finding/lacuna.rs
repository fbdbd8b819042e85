//! The mark that stands where text is gone.
//!
//! Editors write `[…]`. A template may hold `{n}`, which becomes the estimated
//! number of lost characters, or `?` where nothing tells.

/// How gaps are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacuna {
    template: String,
}

impl Default for Lacuna {
    fn default() -> Self {
        Self { template: "[…]".to_owned() }
    }
}

const NUMBER: &str = "{n}";

impl Lacuna {
    /// `None` where the template holds nothing but white space or runs over
    /// lines: readers would not see it.
    #[must_use]
    pub fn new(template: &str) -> Option<Self> {
        let is_seen = !template.trim().is_empty() && !template.chars().any(char::is_control);
        is_seen.then(|| Self { template: template.to_owned() })
    }

    /// The mark of a gap of about so many code points.
    #[must_use]
    pub fn mark(&self, lost: Option<u32>) -> String {
        let number = lost.map_or_else(|| "?".to_owned(), |lost| lost.to_string());
        self.template.replace(NUMBER, &number)
    }

    /// Whether `text` ends with such a mark, or with `[…]`.
    #[must_use]
    pub fn ends(&self, text: &str) -> bool {
        text.ends_with("[…]") || text.ends_with("[...]") || self.ends_with_template(text).unwrap_or(false)
    }

    fn ends_with_template(&self, text: &str) -> Option<bool> {
        let mut parts = self.template.rsplit(NUMBER);
        let mut rest = text.strip_suffix(parts.next()?)?;
        for part in parts {
            let bare = rest.strip_suffix('?').unwrap_or_else(|| rest.trim_end_matches(|c: char| c.is_ascii_digit()));
            if bare.len() == rest.len() {
                return None;
            }
            rest = bare.strip_suffix(part)?;
        }
        Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::Lacuna;

    #[test]
    fn marks_are_written_and_known_again() {
        let table = [
            ("[…]", Some(7), "[…]"),
            ("[lost: {n}]", Some(164), "[lost: 164]"),
            ("⟨{n}⟩", None, "⟨?⟩"),
            ("{n}/{n}", Some(3), "3/3"),
        ];
        for (template, lost, mark) in table {
            let lacuna = Lacuna::new(template).unwrap();
            assert_eq!(lacuna.mark(lost), mark);
            assert!(lacuna.ends(&format!("it doe{mark}")), "{mark}");
            assert!(!lacuna.ends("it does"));
        }
        assert!(!Lacuna::new("[{n}]").unwrap().ends("as in []"));
        assert_eq!(Lacuna::new(" \n"), None);
    }
}
