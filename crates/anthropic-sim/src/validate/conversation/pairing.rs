//! Rules on tool calls and their results.
//!
//! The results of all calls of an assistant message are in the user message right after it, before
//! anything else in it (<https://github.com/anthropics/anthropic-sdk-typescript/issues/653>).

use std::collections::HashSet;

use serde_json::Value;

use super::turns::{Check, Conversation, items, kind, refuse, role, text};

/// The longest name in a call.
const MAX_NAME: usize = 200;

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

/// Ids match a pattern (<https://github.com/HKUDS/nanobot/pull/4356>), those of server tools' calls
/// another (<https://github.com/ding113/claude-code-hub/issues/470>).
pub(super) fn id_patterns(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        let name = kind(block);
        let (field, start, more) = match name {
            "tool_use" => ("id", "", "-"),
            "tool_result" => ("tool_use_id", "", "-"),
            "server_tool_use" => ("id", "srvtoolu_", ""),
            _ => continue,
        };
        let plain = |it: char| it.is_ascii_alphanumeric() || it == '_' || more.contains(it);
        let rest = text(block, field).strip_prefix(start).unwrap_or_default();
        if rest.is_empty() || !rest.chars().all(plain) {
            return refuse(format!(
                "messages.{message}.content.{index}.{name}.{field}: String should match pattern '^{start}[a-zA-Z0-9_{more}]+$'"
            ));
        }
    }
    Ok(())
}

/// The tool that a call names need not be on offer, nor its name be one that a tool may have, but
/// it is not empty (<https://github.com/sipeed/picoclaw/issues/1658>) and not too long
/// (<https://github.com/anthropics/claude-code/issues/2673>).
pub(super) fn names(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        if kind(block) != "tool_use" {
            continue;
        }
        let problem = match text(block, "name").chars().count() {
            0 => "String should have at least 1 character".to_owned(),
            1..=MAX_NAME => continue,
            _ => format!("String should have at most {MAX_NAME} characters"),
        };
        return refuse(format!(
            "messages.{message}.content.{index}.tool_use.name: {problem}"
        ));
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

/// The results that stand before anything else in the turn, whose messages are one to the API.
fn leading_results(turn: &[Value]) -> HashSet<&str> {
    let mut leading = HashSet::new();
    for message in turn {
        if !text(message, "content").is_empty() {
            break;
        }
        for block in items(message, "content") {
            if kind(block) != "tool_result" {
                return leading;
            }
            leading.insert(text(block, "tool_use_id"));
        }
    }
    leading
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

/// A server tool's result stands behind its call
/// (<https://github.com/anthropics/claude-code/issues/64383>), and a call has its result before the
/// user's next message that has anything but results of the client's tools
/// (<https://github.com/AnswerDotAI/lisette/issues/108>).
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
    let Waiting { cut_off, .. } = waiting(conversation);
    let Some((message, call)) = cut_off else {
        return Ok(());
    };
    let (name, id) = (text(call, "name"), text(call, "id"));
    // Both ways to search among tools have results of one kind.
    let searched = name.starts_with("tool_search_tool_");
    let result = if searched { "tool_search" } else { name };
    refuse(format!(
        "messages.{message}: `{name}` tool use with id `{id}` was found without a corresponding `{result}_tool_result` block"
    ))
}

/// <https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons>: while a server
/// tool's call waits for its result, the tool stays on offer. The documentation has only the end of
/// the message; the start is ours.
pub(super) fn waiting_tools(conversation: Conversation<'_>) -> Check {
    let tools = items(conversation.body, "tools");
    let on_offer = |name: &str| tools.iter().any(|tool| text(tool, "name") == name);
    // A thread's tools are those of its start, and messages can bring some. Counting runs no tool.
    let mut blocks = conversation.blocks();
    if conversation.scope.counting
        || conversation.has_thread()
        || blocks.any(|(_, _, block)| kind(block) == "tool_addition")
    {
        return Ok(());
    }
    for (message, call) in waiting(conversation).calls {
        let name = text(call, "name");
        // Code is run for other tools, too.
        if !name.ends_with("code_execution") && !on_offer(name) {
            return refuse(format!(
                "messages.{message}: `{name}` tool use with id `{}` waits for its result, but no `{name}` tool was provided",
                text(call, "id")
            ));
        }
    }
    Ok(())
}

/// Calls of server tools without their results, each with the index of its message.
struct Waiting<'a> {
    /// The first one whose turn is over, since the user has written something.
    cut_off: Option<(usize, &'a Value)>,
    /// Those whose turn is not: it was paused, or waits for results of the client's tools.
    calls: Vec<(usize, &'a Value)>,
}

/// What code calls is the business of the call that runs the code.
fn waiting(conversation: Conversation<'_>) -> Waiting<'_> {
    let (mut calls, mut closed) = (Vec::new(), HashSet::new());
    for (index, message) in conversation.messages.iter().enumerate() {
        let blocks = items(message, "content");
        match role(message) {
            "assistant" => {
                for block in blocks {
                    match kind(block) {
                        "server_tool_use" if !called_by_code(block) => calls.push((index, block)),
                        // Another model, or a summary, is what the turn goes on from.
                        "fallback" | "compaction" => calls.clear(),
                        name if name.ends_with("_tool_result") => {
                            closed.insert(text(block, "tool_use_id"));
                        }
                        _ => {}
                    }
                }
            }
            "user" if !only_results(message) => {
                calls.retain(|(_, call)| !closed.contains(text(call, "id")));
                if let Some(first) = calls.first() {
                    return Waiting {
                        cut_off: Some(*first),
                        calls: Vec::new(),
                    };
                }
                closed.clear();
            }
            _ => {}
        }
    }
    calls.retain(|(_, call)| !closed.contains(text(call, "id")));
    Waiting {
        cut_off: None,
        calls,
    }
}

fn called_by_code(call: &Value) -> bool {
    let caller = call.get("caller").map_or("", kind);
    caller.starts_with("code_execution")
}

fn only_results(message: &Value) -> bool {
    let content = message.get("content").and_then(Value::as_array);
    content.is_some_and(|blocks| blocks.iter().all(|block| kind(block) == "tool_result"))
}
