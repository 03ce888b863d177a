//! Rules on the content of messages.

use serde_json::Value;

use super::thinking;
use super::turns::{Check, Conversation, items, kind, refuse, role, text};
use crate::models::Model;

/// <https://github.com/anthropics/claude-code/issues/6774>: content is not empty, except that of a
/// final assistant message.
pub(super) fn not_empty(conversation: Conversation<'_>) -> Check {
    let last = conversation.messages.len().saturating_sub(1);
    for (index, message) in conversation.messages.iter().enumerate() {
        let empty = match message.get("content") {
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(blocks)) => blocks.is_empty(),
            _ => false,
        };
        if empty && !(index == last && role(message) == "assistant") {
            return refuse(format!(
                "messages.{index}: all messages must have non-empty content except for the optional final assistant \
                 message"
            ));
        }
    }
    Ok(())
}

/// A text block is neither empty (<https://github.com/anthropics/claude-code/issues/59812>) nor
/// blank (<https://github.com/anthropics/claude-code/issues/23352>).
pub(super) fn text_not_empty(conversation: Conversation<'_>) -> Check {
    let system = items(conversation.body, "system").iter();
    let system = system.map(|block| ("system", block));
    let messages = conversation.blocks();
    let messages = messages.map(|(_, _, block)| ("messages", block));
    for (place, block) in system.chain(messages) {
        if kind(block) != "text" {
            continue;
        }
        let text = text(block, "text");
        if text.is_empty() {
            return refuse(format!("{place}: text content blocks must be non-empty"));
        }
        if text.trim().is_empty() {
            return refuse(format!(
                "{place}: text content blocks must contain non-whitespace text"
            ));
        }
    }
    for message in conversation.messages {
        let content = text(message, "content");
        if !content.is_empty() && content.trim().is_empty() {
            return refuse("messages: text content blocks must contain non-whitespace text");
        }
    }
    Ok(())
}

/// <https://github.com/tailcallhq/forgecode/issues/1872>: a prefill does not end with whitespace.
pub(super) fn no_trailing_space(conversation: Conversation<'_>) -> Check {
    let last = conversation.messages.last();
    let Some(message) = last.filter(|message| role(message) == "assistant") else {
        return Ok(());
    };
    let end = match message.get("content") {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Array(blocks)) => blocks.last().map_or("", |block| match kind(block) {
            "text" => text(block, "text"),
            _ => "",
        }),
        _ => "",
    };
    if end.ends_with(char::is_whitespace) {
        return refuse("messages: final assistant content cannot end with trailing whitespace");
    }
    Ok(())
}

/// What shows that a final assistant message is no prefill but a turn that goes on: a paused server
/// tool, or a fallback.
const CONTINUED: [&str; 4] = ["server_tool_use", "mcp_tool_use", "compaction", "fallback"];

/// <https://github.com/anomalyco/opencode/issues/13768>: from 4.6 on, models refuse a final
/// assistant message. <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>: a
/// response can't be prefilled with thinking on
/// (<https://github.com/Aider-AI/aider/issues/3820>; after tool calls,
/// <https://github.com/n8n-io/n8n/issues/22550>).
/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: nor with a schema
/// for it. The message for a schema, and for a prefill that starts with thinking, is ours: that of
/// the first.
pub(super) fn prefill(conversation: Conversation<'_>) -> Check {
    let body = conversation.body;
    let last = conversation.messages.last();
    let Some(message) = last.filter(|message| role(message) == "assistant") else {
        return Ok(());
    };
    let blocks = items(message, "content");
    let continued = blocks.iter().any(|block| CONTINUED.contains(&kind(block)))
        || conversation.has_thread()
        || body.get("compaction").is_some_and(|it| !it.is_null())
        || body.get("fallback_credit_token").is_some();
    // Calls without their results are refused for that.
    let calls = blocks.iter().any(|block| kind(block) == "tool_use");
    let able = conversation.model_is(Model::continues_prefill);
    let shaped = conversation.output_schemas().next().is_some();
    if continued || calls || (able && !conversation.thinks() && !shaped) {
        return Ok(());
    }
    let start = blocks.first().map_or("text", kind);
    if able && conversation.thinks() && !matches!(start, "thinking" | "redacted_thinking") {
        let last = conversation.messages.len().saturating_sub(1);
        return refuse(thinking::missing(conversation, last, start));
    }
    refuse(
        "This model does not support assistant message prefill. The conversation must end with a user message.",
    )
}

/// <https://github.com/openclaw/openclaw/issues/97292>: an error's content is the error's message.
pub(super) fn tool_errors(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        let failed = block.get("is_error") == Some(&Value::Bool(true));
        if kind(block) != "tool_result" || !failed {
            continue;
        }
        let empty = match block.get("content") {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(blocks)) => blocks.is_empty(),
            _ => false,
        };
        if empty {
            return refuse(format!(
                "messages.{message}.content.{index}.tool_result: content cannot be empty if `is_error` is true"
            ));
        }
    }
    Ok(())
}
