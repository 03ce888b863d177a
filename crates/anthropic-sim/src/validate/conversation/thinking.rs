//! Rules on thinking: <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>.

use serde_json::Value;

use super::turns::{Check, Conversation, kind, refuse, text};

/// With thinking on, a tool can't be forced.
pub(super) fn forced_tool(conversation: Conversation<'_>) -> Check {
    let choice = conversation.body.get("tool_choice");
    let choice = choice.map_or("", kind);
    if conversation.thinks() && matches!(choice, "any" | "tool") {
        return refuse("Thinking may not be enabled when tool_choice forces tool use.");
    }
    Ok(())
}

/// With thinking on, `temperature` and `top_k` can't be changed, and `top_p` is between 0.95 and 1.
pub(super) fn sampling(conversation: Conversation<'_>) -> Check {
    if !conversation.thinks() {
        return Ok(());
    }
    let given = |name: &str| conversation.body.get(name).and_then(Value::as_f64);
    if given("temperature").is_some_and(|value| value < 1.0) {
        return refuse("`temperature` may only be set to 1 when thinking is enabled.");
    }
    if given("top_k").is_some() {
        return refuse("`top_k` must be unset when thinking is enabled.");
    }
    if given("top_p").is_some_and(|value| value < 0.95) {
        return refuse(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.",
        );
    }
    Ok(())
}

/// A thinking block is sent back as it came, with its signature.
pub(super) fn signature(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        if kind(block) == "thinking" && text(block, "signature").is_empty() {
            return refuse(format!(
                "messages.{message}.content.{index}: Invalid `signature` in `thinking` block"
            ));
        }
    }
    Ok(())
}
