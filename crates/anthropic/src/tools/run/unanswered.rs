//! Calls of the API's own tools whose results will never come.
//!
//! The API takes such a call back at the end of a conversation, where the turn goes on from it, and
//! before results of the caller's own tools. Once the user has written anything else, it refuses
//! the conversation.

use std::collections::HashSet;
use std::ops::RangeBounds;

use anthropic_types::{ContentBlock, MessageContent, MessageParam, ToolCaller};

/// Takes those of the last turn out, with what code that they ran has called. Messages that have
/// nothing else go, too. Returns whether there were any.
pub(super) fn take_out(messages: &mut Vec<MessageParam>) -> bool {
    let (start, end) = (start_of_turn(messages), messages.len());
    let gone = unanswered(messages.get(start..).unwrap_or_default());
    leave_out(messages, start..end, &gone);
    !gone.is_empty()
}

/// The calls of the last turn that have no result yet, and what code that they ran has called.
pub(super) fn calls(messages: &[MessageParam]) -> HashSet<String> {
    unanswered(messages.get(start_of_turn(messages)..).unwrap_or_default())
}

/// Takes out what is still open of `calls` where the user has written something since, by which the
/// turn is over.
pub(super) fn give_way(messages: &mut Vec<MessageParam>, calls: &HashSet<String>) {
    let is_open = |block: &ContentBlock| call(block).is_some_and(|(id, _)| calls.contains(id));
    let Some(last) = messages
        .iter()
        .rposition(|message| blocks(message).iter().any(is_open))
    else {
        return;
    };
    let said = messages.iter().skip(last).position(is_said);
    let start = start_of_turn(messages.get(..last).unwrap_or_default());
    if let Some(end) = said.map(|after| last + after) {
        // The user's message may have results, too.
        let gone = unanswered(messages.get(start..=end).unwrap_or_default());
        leave_out(messages, start..=end, &gone);
    }
}

/// Where the turn begins that is the last one: at what the user has written, which has no calls.
fn start_of_turn(messages: &[MessageParam]) -> usize {
    messages.iter().rposition(is_said).unwrap_or(0)
}

/// The calls of a turn that have no result, and what code that they ran has called.
fn unanswered(turn: &[MessageParam]) -> HashSet<String> {
    let turn = turn.iter().flat_map(blocks);
    let answered: HashSet<&str> = turn.clone().filter_map(ContentBlock::tool_use_id).collect();
    let mut gone: HashSet<String> = HashSet::new();
    for block in turn {
        let Some((id, code)) = call(block) else {
            continue;
        };
        let is_gone = match (code, block) {
            (Some(code), _) => gone.contains(code),
            // The caller's own tools have a result each.
            (None, ContentBlock::ToolUse(_)) => false,
            (None, _) => !answered.contains(id),
        };
        if is_gone {
            gone.insert(id.to_owned());
        }
    }
    gone
}

/// Takes calls and their results out of some messages.
fn leave_out(
    messages: &mut Vec<MessageParam>,
    turn: impl RangeBounds<usize>,
    gone: &HashSet<String>,
) {
    if gone.is_empty() {
        return;
    }
    let is_kept = |block: &ContentBlock| match call(block) {
        Some((id, _)) => !gone.contains(id),
        None => block.tool_use_id().is_none_or(|id| !gone.contains(id)),
    };
    let mut index = 0;
    messages.retain_mut(|message| {
        let is_of_turn = turn.contains(&index);
        index += 1;
        if !is_of_turn {
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

/// The id of a call, and that of the call whose code made it.
fn call(block: &ContentBlock) -> Option<(&str, Option<&str>)> {
    Some(match block {
        ContentBlock::ServerToolUse(call) => (&call.id, call.caller.as_ref().and_then(code)),
        ContentBlock::ToolUse(call) => (&call.id, call.caller.as_ref().and_then(code)),
        ContentBlock::McpToolUse(call) => (&call.id, None),
        _ => return None,
    })
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
