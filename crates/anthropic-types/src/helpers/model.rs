//! Models: which are deprecated, and when their lives end.

use crate::Model;
use crate::generated::MODEL_ENDS;

impl Model {
    /// Whether the model is deprecated: its end of life is announced or past, as far as this
    /// version knows.
    ///
    /// An unknown model is not deprecated. What the API knows today is in
    /// [`ModelInfo`](crate::ModelInfo).
    ///
    /// ```
    /// use anthropic_types::Model;
    ///
    /// assert!(Model::from("claude-3-opus-20240229").is_deprecated());
    /// assert!(!Model::CLAUDE_OPUS_5_5.is_deprecated());
    /// ```
    pub fn is_deprecated(&self) -> bool {
        self.deprecation().is_some()
    }

    /// The day of a deprecated model's end of life, such as `2026-01-05`, where this version knows
    /// it.
    ///
    /// ```
    /// use anthropic_types::Model;
    ///
    /// let model = Model::from("claude-3-opus-20240229");
    /// assert_eq!(model.end_of_life(), Some("2026-01-05"));
    /// ```
    pub fn end_of_life(&self) -> Option<&'static str> {
        let (_, end) = self.deprecation()?;
        *end
    }

    /// The model's row in the table of the deprecated ones.
    fn deprecation(&self) -> Option<&'static (&'static str, Option<&'static str>)> {
        let at = MODEL_ENDS.binary_search_by(|(id, _)| (*id).cmp(self.as_str()));
        MODEL_ENDS.get(at.ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deprecated_model_is_found_and_no_other() {
        assert!(MODEL_ENDS.is_sorted());
        for (id, end) in MODEL_ENDS {
            let model = Model::from(*id);
            assert!(Model::KNOWN.contains(&model), "{id}");
            assert!(model.is_deprecated(), "{id}");
            assert_eq!(model.end_of_life(), *end, "{id}");
        }
        for model in ["claude-opus-5-5", "claude", "zebra", ""].map(Model::from) {
            assert!(!model.is_deprecated(), "{model}");
            assert_eq!(model.end_of_life(), None, "{model}");
        }
    }

    #[test]
    fn models_that_programs_name_stay() {
        for id in [
            "claude-opus-4-5-20251101",
            "claude-opus-4-1",
            "claude-opus-4-1-20250805",
            "claude-opus-4-0",
            "claude-opus-4-20250514",
            "claude-sonnet-4-0",
            "claude-sonnet-4-20250514",
            "claude-3-7-sonnet-latest",
            "claude-3-7-sonnet-20250219",
            "claude-3-5-haiku-latest",
            "claude-3-5-haiku-20241022",
            "claude-3-5-sonnet-latest",
            "claude-3-5-sonnet-20241022",
            "claude-3-5-sonnet-20240620",
            "claude-3-opus-latest",
            "claude-3-opus-20240229",
            "claude-3-haiku-20240307",
        ] {
            let model = Model::from(id);
            assert!(Model::KNOWN.contains(&model), "{id}");
            assert!(model.is_deprecated(), "{id}");
        }
    }
}
