//! Calls of the API's own tools whose results will never come.
//!
//! The API takes such a call back at the end of a conversation, where the turn goes on from it, and
//! before results of the caller's own tools. Once the user has written anything else, it refuses
//! the conversation.

use std::collections::HashSet;

use anthropic_types::{ContentBlock, MessageContent, MessageParam, ToolCaller};

/// Takes those of the last turn out, with what code that they ran has called. Messages that have
/// nothing else go, too.
pub(super) fn take_out(messages: &mut Vec<MessageParam>) {
    let start = messages.iter().rposition(is_said).map_or(0, |at| at + 1);
    let turn = messages.iter().skip(start).flat_map(blocks);
    let answered: HashSet<&str> = turn.clone().filter_map(ContentBlock::tool_use_id).collect();
    let mut gone: HashSet<String> = HashSet::new();
    for block in turn {
        let (id, code) = match block {
            ContentBlock::ServerToolUse(call) => (&call.id, call.caller.as_ref().and_then(code)),
            ContentBlock::ToolUse(call) => (&call.id, call.caller.as_ref().and_then(code)),
            ContentBlock::McpToolUse(call) => (&call.id, None),
            _ => continue,
        };
        let is_gone = match (code, block) {
            (Some(code), _) => gone.contains(code),
            // The caller's own tools have a result each.
            (None, ContentBlock::ToolUse(_)) => false,
            (None, _) => !answered.contains(id.as_str()),
        };
        if is_gone {
            gone.insert(id.clone());
        }
    }
    if gone.is_empty() {
        return;
    }
    let is_kept = |block: &ContentBlock| match block {
        ContentBlock::ServerToolUse(call) => !gone.contains(&call.id),
        ContentBlock::McpToolUse(call) => !gone.contains(&call.id),
        ContentBlock::ToolUse(call) => !gone.contains(&call.id),
        other => other.tool_use_id().is_none_or(|id| !gone.contains(id)),
    };
    let mut index = 0;
    messages.retain_mut(|message| {
        index += 1;
        if index <= start {
            return true;
        }
        let content = match message {
            MessageParam::Assistant(said) => &mut said.content,
            MessageParam::User(said) => &mut said.content,
            _ => return true,
        };
        let MessageContent::Blocks(blocks) = content else {
            return true;
        };
        let before = blocks.len();
        blocks.retain(is_kept);
        blocks.len() == before || !blocks.is_empty()
    });
}

/// Whether it is the user's, and more than results of tools.
fn is_said(message: &MessageParam) -> bool {
    let MessageParam::User(said) = message else {
        return false;
    };
    match &said.content {
        MessageContent::Blocks(blocks) => !blocks
            .iter()
            .all(|block| matches!(block, ContentBlock::ToolResult(_))),
        _ => true,
    }
}

fn blocks(message: &MessageParam) -> &[ContentBlock] {
    match message {
        MessageParam::Assistant(said) => match &said.content {
            MessageContent::Blocks(blocks) => blocks,
            _ => &[],
        },
        _ => &[],
    }
}

/// The call whose code made a call.
fn code(caller: &ToolCaller) -> Option<&str> {
    match caller {
        ToolCaller::CodeExecution20250825(caller) => Some(&caller.tool_id),
        ToolCaller::CodeExecution20260120(caller) => Some(&caller.tool_id),
        _ => None,
    }
}
