//! Rules on tool calls and their results.
//!
//! The results of all calls of an assistant message are in the user message right after it, before
//! anything else in it (<https://github.com/anthropics/anthropic-sdk-typescript/issues/653>).

use std::collections::HashSet;

use serde_json::Value;

use super::turns::{Check, Conversation, items, kind, refuse, role, text};

/// <https://github.com/tghamm/Anthropic.SDK/issues/128>: calls are the assistant's, results the
/// user's.
pub(super) fn roles(conversation: Conversation<'_>) -> Check {
    for (index, message) in conversation.messages.iter().enumerate() {
        for block in items(message, "content") {
            let (of, wanted) = match kind(block) {
                "tool_use" => ("tool_use", "assistant"),
                "tool_result" => ("tool_result", "user"),
                _ => continue,
            };
            if role(message) != wanted {
                return refuse(format!(
                    "messages.{index}: `{of}` blocks can only be in `{wanted}` messages"
                ));
            }
        }
    }
    Ok(())
}

/// <https://github.com/HKUDS/nanobot/pull/4356>: ids match a pattern.
pub(super) fn id_patterns(conversation: Conversation<'_>) -> Check {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    for (message, index, block) in conversation.blocks() {
        let (name, field) = match kind(block) {
            "tool_use" => ("tool_use", "id"),
            "tool_result" => ("tool_result", "tool_use_id"),
            _ => continue,
        };
        let id = text(block, field);
        if id.is_empty() || !id.bytes().all(plain) {
            return refuse(format!(
                "messages.{message}.content.{index}.{name}.{field}: String should match pattern '^[a-zA-Z0-9_-]+$'"
            ));
        }
    }
    Ok(())
}

/// An id names one call (<https://github.com/anthropics/claude-code/issues/20901>), and a call has
/// one result (<https://github.com/sipeed/picoclaw/pull/1793>).
pub(super) fn unique_ids(conversation: Conversation<'_>) -> Check {
    let (mut calls, mut results) = (HashSet::new(), HashSet::new());
    for (message, index, block) in conversation.blocks() {
        let place = || format!("messages.{message}.content.{index}");
        match kind(block) {
            "tool_use" if !calls.insert(text(block, "id")) => {
                return refuse(format!("{}: `tool_use` ids must be unique", place()));
            }
            "tool_result" if !results.insert(text(block, "tool_use_id")) => {
                let id = text(block, "tool_use_id");
                return refuse(format!(
                    "{}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {id}",
                    place()
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The messages of one role that follow each other, which the API combines, and the index of the
/// first.
fn turns(messages: &[Value]) -> impl Iterator<Item = (usize, &[Value])> {
    let mut start = 0;
    messages
        .chunk_by(|one, other| role(one) == role(other))
        .map(move |turn| {
            let first = start;
            start += turn.len();
            (first, turn)
        })
}

fn ids<'a>(turn: &'a [Value], wanted: &'static str, name: &'static str) -> Vec<&'a str> {
    let blocks = turn.iter().flat_map(|message| items(message, "content"));
    let blocks = blocks.filter(|block| kind(block) == wanted);
    blocks.map(|block| text(block, name)).collect()
}

/// The results that stand before anything else in their message.
fn leading_results(turn: &[Value]) -> HashSet<&str> {
    let leading = turn.iter().flat_map(|message| {
        let blocks = items(message, "content").iter();
        blocks.take_while(|block| kind(block) == "tool_result")
    });
    leading.map(|block| text(block, "tool_use_id")).collect()
}

/// Every call has its result in the next message
/// (<https://github.com/anthropics/claude-code/issues/1237>), and every result its call in the one
/// before (<https://github.com/anthropics/claude-code/issues/13460>).
pub(super) fn pairs(conversation: Conversation<'_>) -> Check {
    let mut open: Vec<&str> = Vec::new();
    let mut asked = 0;
    for (first, turn) in turns(conversation.messages) {
        let turn_role = turn.first().map_or("", role);
        if turn_role == "system" {
            continue;
        }
        if turn_role == "user" {
            for (offset, message) in turn.iter().enumerate() {
                let blocks = items(message, "content").iter().enumerate();
                for (index, block) in blocks.filter(|(_, block)| kind(block) == "tool_result") {
                    let id = text(block, "tool_use_id");
                    if !open.contains(&id) {
                        return refuse(format!(
                            "messages.{}.content.{index}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. \
                             Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
                            first + offset
                        ));
                    }
                }
            }
            let given = leading_results(turn);
            open.retain(|id| !given.contains(id));
        }
        answered(&open, asked)?;
        open = ids(turn, "tool_use", "id");
        asked = first + turn.len() - 1;
    }
    answered(&open, asked)
}

fn answered(open: &[&str], message: usize) -> Check {
    if open.is_empty() {
        return Ok(());
    }
    refuse(format!(
        "messages.{message}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
         `tool_use` block must have a corresponding `tool_result` block in the next message.",
        open.join(", ")
    ))
}

/// <https://github.com/anthropics/claude-code/issues/64383>: a server tool's result stands behind
/// its call. A call of a turn that was paused, or that waits for the client's results, has none
/// yet.
pub(super) fn server_pairs(conversation: Conversation<'_>) -> Check {
    let mut called = HashSet::new();
    for (message, index, block) in conversation.blocks() {
        let name = kind(block);
        let call = match name {
            "server_tool_use" | "mcp_tool_use" => {
                called.insert(text(block, "id"));
                continue;
            }
            "tool_result" => continue,
            "mcp_tool_result" => "mcp_tool_use",
            _ if name.ends_with("_tool_result") => "server_tool_use",
            _ => continue,
        };
        let id = text(block, "tool_use_id");
        if !called.contains(id) {
            return refuse(format!(
                "messages.{message}.content.{index}: unexpected `tool_use_id` found in `{name}` blocks: {id}. Each `{name}` \
                 block must have a corresponding `{call}` block before it."
            ));
        }
    }
    Ok(())
}
