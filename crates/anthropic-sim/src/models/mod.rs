//! The models that the simulator knows, and what each takes: every one that the API's description
//! has ever named, also those that the API has retired, so that older programs run.

mod table;

use self::table::MODELS;
use crate::base::errors::ApiError;

/// What a model takes follows from its generation. The variants are named after the first models of
/// theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Generation {
    /// Before thinking.
    Claude2,
    /// Thinking with a budget.
    Sonnet37,
    /// `temperature` or `top_p`, not both.
    Opus41,
    /// A response that the context window has no room for ends early instead of being refused.
    Sonnet45,
    /// Adaptive thinking too, and no prefill.
    Opus46,
    /// Adaptive thinking only, and no sampling parameters.
    Opus47,
    /// System messages within a conversation.
    Opus48,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Model {
    pub(crate) id: &'static str,
    /// Names that stand for it.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) lifecycle: &'static str,
    /// The context window, in tokens.
    window: u64,
    /// Whether a beta makes the window a million tokens.
    grows: bool,
    /// The most that `max_tokens` may be.
    pub(crate) output: u64,
    generation: Generation,
}

impl Model {
    /// The context window for a request with these betas.
    pub(crate) fn window(&self, betas: &str) -> u64 {
        if self.grows && betas.contains("context-1m-") {
            1_000_000
        } else {
            self.window
        }
    }

    /// The most that `max_tokens` may be in a request with these betas.
    pub(crate) fn most_output(&self, betas: &str) -> u64 {
        let grown = if self.id.starts_with("claude-3-7-sonnet") && betas.contains("output-128k-") {
            128_000
        } else if self.generation >= Generation::Opus46 && betas.contains("output-300k-") {
            300_000
        } else {
            0
        };
        self.output.max(grown)
    }

    /// Whether a final assistant message is continued.
    pub(crate) fn continues_prefill(&self) -> bool {
        self.generation < Generation::Opus46
    }

    pub(crate) fn thinks(&self) -> bool {
        self.generation >= Generation::Sonnet37
    }

    pub(crate) fn takes_thinking_budget(&self) -> bool {
        self.thinks() && self.generation < Generation::Opus47
    }

    pub(crate) fn thinks_adaptively(&self) -> bool {
        self.generation >= Generation::Opus46
    }

    pub(crate) fn takes_sampling(&self) -> bool {
        self.generation < Generation::Opus47
    }

    /// Whether `temperature` and `top_p` may be given together.
    pub(crate) fn takes_sampling_pair(&self) -> bool {
        self.generation < Generation::Opus41
    }

    /// Whether a request is refused whose prompt and `max_tokens` together exceed the window.
    pub(crate) fn reserves_output(&self) -> bool {
        matches!(self.generation, Generation::Sonnet37 | Generation::Opus41)
    }

    /// Whether messages may have the role `system`.
    pub(crate) fn takes_system_messages(&self) -> bool {
        self.generation >= Generation::Opus48
    }
}

/// The model of this id or alias.
pub(crate) fn find(id: &str) -> Option<&'static Model> {
    let mut models = MODELS.iter();
    models.find(|model| model.id == id || model.aliases.contains(&id))
}

/// Fails unless the API has a model of this id or alias.
pub(crate) fn check(id: &str) -> Result<(), ApiError> {
    let missing = || ApiError::not_found(format!("model: {id}"));
    find(id).map(drop).ok_or_else(missing)
}

/// All models, newest first.
pub(crate) fn all() -> impl Iterator<Item = &'static Model> {
    MODELS.iter()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_model_of_the_description_is_known() {
        let description = include_str!("../description/description.json");
        let named = description.split('"').filter(|word| {
            // Betas and products are named after dates and not after versions.
            word.starts_with("claude-")
                && !word.starts_with("claude-tag")
                && !word.contains("-code-")
        });
        let unknown: HashSet<&str> = named.filter(|name| find(name).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(find("claude-3-opus-latest").is_some());
        assert!(find("claude-opus-999").is_none());
    }

    #[test]
    fn no_name_stands_for_two_models() {
        let mut seen = HashSet::new();
        let names = MODELS.iter().flat_map(|model| {
            let aliases = model.aliases.iter().copied();
            aliases.chain([model.id])
        });
        for name in names {
            assert!(seen.insert(name), "{name}");
        }
    }
}
