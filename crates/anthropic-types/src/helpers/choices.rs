//! The common choices of settings that have several shapes.

use crate::{
    CitationsConfig, Fallback, Fallbacks, Model, ThinkingConfig, ThinkingConfigAdaptive,
    ThinkingConfigBetweenTools, ThinkingConfigDisabled, ThinkingConfigEnabled, ToolChoice,
    ToolChoiceAny, ToolChoiceAuto, ToolChoiceNone, ToolChoiceTool,
};

impl ToolChoice {
    /// The model decides whether to call tools.
    ///
    /// ```
    /// use anthropic_types::{MessageCreateParams, Model, ToolChoice};
    ///
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    /// let params = params.tool_choice(ToolChoice::tool("weather"));
    /// ```
    pub fn auto() -> Self {
        ToolChoiceAuto::new().into()
    }

    /// The model must call one of the tools.
    pub fn any() -> Self {
        ToolChoiceAny::new().into()
    }

    /// The model must call this tool.
    pub fn tool(name: impl Into<String>) -> Self {
        ToolChoiceTool::new(name).into()
    }

    /// The model must not call tools.
    pub fn none() -> Self {
        ToolChoiceNone::new().into()
    }
}

impl ThinkingConfig {
    /// Thinking of which the model decides when and how much.
    ///
    /// ```
    /// use anthropic_types::{MessageCreateParams, Model, ThinkingConfig};
    ///
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
    /// let params = params.thinking(ThinkingConfig::adaptive());
    /// ```
    pub fn adaptive() -> Self {
        ThinkingConfigAdaptive::new().into()
    }

    /// Thinking with a fixed budget of tokens: 1,024 or more, and less than `max_tokens`.
    pub fn enabled(budget_tokens: u64) -> Self {
        ThinkingConfigEnabled::new(budget_tokens).into()
    }

    /// No thinking, except for short progress notes between tool calls.
    pub fn between_tools() -> Self {
        ThinkingConfigBetweenTools::new().into()
    }

    /// No thinking.
    pub fn disabled() -> Self {
        ThinkingConfigDisabled::new().into()
    }
}

/// Whether there are citations: `document.citations(true)`.
impl From<bool> for CitationsConfig {
    fn from(enabled: bool) -> Self {
        Self::new().enabled(enabled)
    }
}

/// A model to fall back to, which changes nothing else of the request.
impl From<Model> for Fallback {
    fn from(model: Model) -> Self {
        Self::new(model)
    }
}

impl<T: Into<Fallback>, const N: usize> From<[T; N]> for Fallbacks {
    fn from(models: [T; N]) -> Self {
        Self::List(models.into_iter().map(Into::into).collect())
    }
}
