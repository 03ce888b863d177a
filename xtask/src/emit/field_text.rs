//! The docs of a field, for the field itself and for its setter.

/// The docs of a field, in parts.
pub(crate) struct FieldText {
    pub(super) words: String,
    /// Bounds, the default, and what `null` does.
    pub(super) bounds: String,
    pub(super) betas: String,
}

impl FieldText {
    /// All of it.
    pub(crate) fn all(&self) -> String {
        let text = spaced(&self.words, &self.bounds);
        if self.betas.is_empty() {
            return text;
        }
        format!("{text}\n\n{}", self.betas)
    }

    /// The first paragraph, with the bounds.
    pub(crate) fn brief(&self) -> String {
        let first = self.words.split("\n\n").next().unwrap_or_default();
        spaced(first, &self.bounds)
    }
}

fn spaced(text: &str, more: &str) -> String {
    format!("{text} {more}").trim().to_owned()
}
