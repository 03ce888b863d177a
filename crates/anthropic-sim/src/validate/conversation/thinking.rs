//! Rules on thinking: <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>.

use super::turns::{Check, Conversation, items, kind, refuse, role, text, whole};
use crate::base::signature;
use crate::models::Model;

const LEAST_BUDGET: u64 = 1_024;

/// A budget is at least 1,024 (<https://github.com/themaximalist/llm.js/issues/30>) and below
/// `max_tokens` (<https://github.com/liuw1535/antigravity2api-nodejs/issues/149>), unless thinking
/// is interleaved with tool calls.
pub(super) fn budget(conversation: Conversation<'_>) -> Check {
    let thinking = conversation.body.get("thinking");
    let budget = thinking.and_then(|thinking| thinking.get("budget_tokens"));
    let Some(budget) = budget.filter(|budget| budget.is_number()).map(whole) else {
        return Ok(());
    };
    if budget < LEAST_BUDGET {
        return refuse(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        );
    }
    let interleaved = conversation.betas().contains("interleaved-thinking-")
        && !items(conversation.body, "tools").is_empty();
    if budget >= conversation.max_tokens() && !conversation.scope.counting && !interleaved {
        return refuse(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at \
             https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
        );
    }
    Ok(())
}

/// Models from Opus 4.7 on think adaptively only
/// (<https://github.com/zhukunpenglinyutong/jetbrains-cc-gui/issues/1003>), those before 4.6 never
/// (<https://github.com/lidge-jun/opencodex/pull/65>), and those before 3.7 not at all
/// (<https://github.com/anthropics/claude-code/issues/2245>).
pub(super) fn mode(conversation: Conversation<'_>) -> Check {
    match conversation.thinking() {
        "enabled" if !conversation.model_is(Model::thinks) => refuse(format!(
            "'{}' does not support thinking.",
            conversation.model_name()
        )),
        "enabled" if !conversation.model_is(Model::takes_thinking_budget) => refuse(
            "\"thinking.type.enabled\" is not supported for this model. Use \"thinking.type.adaptive\" and \
             \"output_config.effort\" to control thinking behavior.",
        ),
        "adaptive" if !conversation.model_is(Model::thinks_adaptively) => {
            refuse("adaptive thinking is not supported on this model")
        }
        _ => Ok(()),
    }
}

/// <https://github.com/mastra-ai/mastra/issues/7507>: with thinking on, a tool can't be forced.
pub(super) fn forced_tool(conversation: Conversation<'_>) -> Check {
    let choice = conversation.body.get("tool_choice");
    let choice = choice.map_or("", kind);
    if conversation.thinks() && matches!(choice, "any" | "tool") {
        return refuse("Thinking may not be enabled when tool_choice forces tool use.");
    }
    Ok(())
}

/// <https://github.com/anthropics/claude-code/issues/10627>: a thinking block is sent back as it
/// came, with its signature. Whose a signature is can't be checked here, only whether it could be
/// one.
//
// Whether a turn of thinking with a budget starts with its thinking block is not checked, since the
// sources differ: on a cloud the API was seen to refuse one that does not
// (https://github.com/Kilo-Org/kilocode/issues/5219), and the documentation of adaptive thinking,
// which needs no such block, has it so; that of extended thinking has it served with thinking
// off.
pub(super) fn signature(conversation: Conversation<'_>) -> Check {
    let digit =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    for (message, index, block) in conversation.blocks() {
        let signature = text(block, "signature");
        if kind(block) == "thinking" && (signature.is_empty() || !signature.bytes().all(digit)) {
            return refuse(format!(
                "messages.{message}.content.{index}: Invalid `signature` in `thinking` block"
            ));
        }
    }
    Ok(())
}

/// <https://github.com/anthropics/claude-code/issues/19539>: the thinking of the last assistant
/// message is sent back unchanged. Of signatures that were made elsewhere nothing is known.
pub(super) fn unchanged(conversation: Conversation<'_>) -> Check {
    let mut messages = conversation.messages.iter();
    let Some(last) = messages.rposition(|message| role(message) == "assistant") else {
        return Ok(());
    };
    let blocks = conversation.messages.get(last);
    let blocks = blocks.map_or(&[][..], |message| items(message, "content"));
    for (index, block) in blocks.iter().enumerate() {
        let (said, signature) = (text(block, "thinking"), text(block, "signature"));
        if kind(block) == "thinking" && signature::is_of_another(signature, said) {
            return refuse(format!(
                "messages.{last}.content.{index}: `thinking` or `redacted_thinking` blocks in the latest assistant message \
                 cannot be modified. These blocks must remain as they were in the original response."
            ));
        }
    }
    Ok(())
}

/// The message for an assistant message that does not start with thinking.
pub(super) fn missing(conversation: Conversation<'_>, index: usize, start: &str) -> String {
    let mut blocks = conversation.blocks();
    let calls = if blocks.any(|(_, _, block)| kind(block) == "tool_use") {
        " (preceeding the lastmost set of `tool_use` and `tool_result` blocks)"
    } else {
        ""
    };
    format!(
        "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{start}`. When `thinking` \
         is enabled, a final `assistant` message must start with a thinking block{calls}. We recommend you include \
         thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our \
         documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
    )
}
