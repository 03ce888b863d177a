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
