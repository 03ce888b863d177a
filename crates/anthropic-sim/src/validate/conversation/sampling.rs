//! Rules on `temperature`, `top_p` and `top_k`, which are parameters of earlier versions.

use serde_json::Value;

use super::turns::{Check, Conversation, refuse};
use crate::models::Model;

const DOCS: &str = "Please consult our documentation at \
                    https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";

fn given(conversation: Conversation<'_>, name: &str) -> Option<f64> {
    conversation.body.get(name).and_then(Value::as_f64)
}

/// <https://platform.claude.com/docs/en/api/messages>: `temperature` and `top_p` are between 0 and
/// 1, `top_k` is not negative.
pub(super) fn ranges(conversation: Conversation<'_>) -> Check {
    for (name, most) in [("temperature", 1.0), ("top_p", 1.0), ("top_k", f64::MAX)] {
        let value = given(conversation, name).unwrap_or_default();
        if value < 0.0 {
            return refuse(format!(
                "{name}: Input should be greater than or equal to 0"
            ));
        }
        if value > most {
            return refuse(format!("{name}: Input should be less than or equal to 1"));
        }
    }
    Ok(())
}

/// <https://github.com/UKGovernmentBEIS/inspect_ai/issues/3721>: models from Opus 4.7 on take no
/// `temperature` but 1. `top_p` and `top_k` they take not at all.
pub(super) fn of_model(conversation: Conversation<'_>) -> Check {
    if conversation.model_is(Model::takes_sampling) {
        return Ok(());
    }
    for (name, taken) in [("temperature", Some(1.0)), ("top_p", None), ("top_k", None)] {
        let value = given(conversation, name);
        if value.is_some() && value != taken {
            return refuse(format!("`{name}` is deprecated for this model."));
        }
    }
    Ok(())
}

/// <https://github.com/BerriAI/litellm/issues/15097>: models from Opus 4.1 on take one of
/// `temperature` and `top_p`.
pub(super) fn pair(conversation: Conversation<'_>) -> Check {
    let both = given(conversation, "temperature").and(given(conversation, "top_p"));
    if both.is_some() && !conversation.model_is(Model::takes_sampling_pair) {
        return refuse(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        );
    }
    Ok(())
}

/// With thinking on, `temperature` is 1 (<https://github.com/MartialBE/one-hub/issues/529>), there
/// is no `top_k` (<https://github.com/quarkiverse/quarkus-langchain4j/issues/1812>), and `top_p` is
/// between 0.95 and 1 (<https://platform.claude.com/docs/en/build-with-claude/extended-thinking>).
pub(super) fn with_thinking(conversation: Conversation<'_>) -> Check {
    if !conversation.thinks() {
        return Ok(());
    }
    if given(conversation, "temperature").is_some_and(|value| value < 1.0) {
        return refuse(format!(
            "`temperature` may only be set to 1 when thinking is enabled. {DOCS}"
        ));
    }
    if given(conversation, "top_k").is_some() {
        return refuse(format!(
            "`top_k` must be unset when thinking is enabled. {DOCS}"
        ));
    }
    if given(conversation, "top_p").is_some_and(|value| value < 0.95) {
        return refuse(format!(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. {DOCS}"
        ));
    }
    Ok(())
}
