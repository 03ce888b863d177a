//! Cache breakpoints that move as a conversation grows.
//!
//! The API caches a prompt up to each block with `cache_control`, of which a request may have four.
//! A conversation that grows wants one at its end, and the one of the turn before, which is where
//! the cache is read from.
//!
//! ```
//! use anthropic::caching;
//! use anthropic::types::{CacheControlEphemeral, MessageCreateParams, Model};
//!
//! let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");
//! caching::move_breakpoint(&mut params, CacheControlEphemeral::new());
//! let mut params = params.assistant("Aare, Rhine, Rhone.").user("And three lakes?");
//! caching::move_breakpoint(&mut params, CacheControlEphemeral::new());
//! ```
//!
//! A run does it by itself: `Runner::cache_prompt`.

use anthropic_types::{
    CacheControlEphemeral, ContentBlock, MessageContent, MessageCreateParams, MessageParam,
    SystemMessageContent, SystemMessageContentBlock, SystemPrompt, TextBlock, ToolResultBlock,
    ToolResultBlockContent, ToolResultContentBlock, ToolUnion,
};

/// How many breakpoints a request may have.
pub const MAX_BREAKPOINTS: usize = 4;

/// Ends the cached part of the prompt at the conversation's last block that can do so, which is not
/// one of thinking.
///
/// Breakpoints that are in the conversation already stay, the newest first, as long as the whole
/// request has at most [`MAX_BREAKPOINTS`]; the older ones are taken off. Those of tools and of the
/// system prompt, and the request's own `cache_control`, are the caller's and stay. Where they
/// leave no room, the conversation has none.
///
/// Call it before each request. What was cached stays so: a block is the same with and without its
/// breakpoint.
pub fn move_breakpoint(params: &mut MessageCreateParams, cache: impl Into<CacheControlEphemeral>) {
    let room = MAX_BREAKPOINTS.saturating_sub(fixed(params));
    if room > 0 {
        set_last(&mut params.messages, cache.into());
    }
    keep(&mut params.messages, room);
}

/// Takes off the oldest breakpoints of the conversation that are too many.
#[cfg(feature = "tools")]
pub(crate) fn limit(params: &mut MessageCreateParams) {
    let room = MAX_BREAKPOINTS.saturating_sub(fixed(params));
    keep(&mut params.messages, room);
}

/// The breakpoints outside of the conversation.
fn fixed(params: &MessageCreateParams) -> usize {
    let system = match &params.system {
        Some(SystemPrompt::Blocks(blocks)) => blocks.as_slice(),
        _ => &[],
    };
    let system = system.iter().filter(|block| block.cache_control.is_some());
    let tools = params.tools.iter().flatten().filter(|tool| is_cached(tool));
    usize::from(params.cache_control.is_some()) + system.count() + tools.count()
}

fn is_cached(tool: &ToolUnion) -> bool {
    match tool.as_custom() {
        Some(custom) => custom.cache_control.is_some(),
        // The others have no long schemas.
        None => serde_json::to_value(tool).is_ok_and(|tool| {
            tool.get("cache_control")
                .is_some_and(serde_json::Value::is_object)
        }),
    }
}

fn set_last(messages: &mut [MessageParam], cache: CacheControlEphemeral) {
    for message in messages.iter_mut().rev() {
        let content = match message {
            MessageParam::User(turn) => &mut turn.content,
            MessageParam::Assistant(turn) => &mut turn.content,
            _ => continue,
        };
        if let MessageContent::Text(text) = content {
            let text = std::mem::take(text);
            *content = MessageContent::Blocks(vec![TextBlock::new(text).into()]);
        }
        let MessageContent::Blocks(blocks) = content else {
            continue;
        };
        let mut slots = blocks.iter_mut().rev().filter_map(slot);
        if let Some(slot) = slots.next() {
            slot.get_or_insert(cache);
            return;
        }
    }
}

/// Keeps so many of the conversation's breakpoints, the newest.
fn keep(messages: &mut [MessageParam], room: usize) {
    let mut left = room;
    let mut take = |slot: &mut Option<CacheControlEphemeral>| {
        if slot.is_some() && left == 0 {
            *slot = None;
        } else if slot.is_some() {
            left -= 1;
        }
    };
    for message in messages.iter_mut().rev() {
        match message {
            MessageParam::User(turn) => of_content(&mut turn.content, &mut take),
            MessageParam::Assistant(turn) => of_content(&mut turn.content, &mut take),
            MessageParam::System(turn) => {
                if let Some(SystemMessageContent::Blocks(blocks)) = &mut turn.content {
                    blocks.iter_mut().rev().for_each(|block| match block {
                        SystemMessageContentBlock::Text(block) => take(&mut block.cache_control),
                        SystemMessageContentBlock::ToolAddition(block) => {
                            take(&mut block.cache_control);
                        }
                        SystemMessageContentBlock::ToolRemoval(block) => {
                            take(&mut block.cache_control);
                        }
                        _ => {}
                    });
                }
            }
            _ => {}
        }
    }
}

fn of_content(
    content: &mut MessageContent,
    take: &mut impl FnMut(&mut Option<CacheControlEphemeral>),
) {
    let MessageContent::Blocks(blocks) = content else {
        return;
    };
    for block in blocks.iter_mut().rev() {
        if let Some(slot) = slot(block) {
            take(slot);
        }
        if let ContentBlock::ToolResult(result) = block {
            of_result(result, take);
        }
    }
}

fn of_result(
    result: &mut ToolResultBlock,
    take: &mut impl FnMut(&mut Option<CacheControlEphemeral>),
) {
    let Some(ToolResultBlockContent::Blocks(blocks)) = &mut result.content else {
        return;
    };
    for block in blocks.iter_mut().rev() {
        match block {
            ToolResultContentBlock::Text(block) => take(&mut block.cache_control),
            ToolResultContentBlock::Image(block) => take(&mut block.cache_control),
            ToolResultContentBlock::Document(block) => take(&mut block.cache_control),
            ToolResultContentBlock::SearchResult(block) => take(&mut block.cache_control),
            _ => {}
        }
    }
}

macro_rules! slots {
    ($block:ident: $($variant:ident)*) => {
        match $block {
            $(ContentBlock::$variant(block) => Some(&mut block.cache_control),)*
            _ => None,
        }
    };
}

/// Where a block has its breakpoint, if it can have one.
fn slot(block: &mut ContentBlock) -> Option<&mut Option<CacheControlEphemeral>> {
    if block
        .as_text()
        .is_some_and(|text| text.text.trim().is_empty())
    {
        return None;
    }
    slots! {
        block: Text ToolUse ServerToolUse WebSearchToolResult WebFetchToolResult
            CodeExecutionToolResult BashCodeExecutionToolResult TextEditorCodeExecutionToolResult
            ToolSearchToolResult ContainerUpload Image Document SearchResult ToolResult
            AdvisorToolResult McpToolUse McpToolResult Compaction ToolAddition ToolRemoval
    }
}

#[cfg(test)]
mod tests {
    use anthropic_types::{Message, Model, ThinkingBlock, Tool, Usage};
    use serde_json::json;

    use super::*;

    fn places(params: &MessageCreateParams) -> Vec<usize> {
        let messages = serde_json::to_value(&params.messages).unwrap();
        let messages = messages.as_array().unwrap().iter().enumerate();
        let of = |(index, message): (usize, &serde_json::Value)| {
            let count = message.to_string().matches("cache_control").count();
            std::iter::repeat_n(index, count)
        };
        messages.flat_map(of).collect()
    }

    #[test]
    fn it_moves_with_the_conversation_within_four() {
        let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8);
        for turn in 0..6 {
            params = params.user(format!("{turn}?"));
            move_breakpoint(&mut params, CacheControlEphemeral::new());
            move_breakpoint(&mut params, CacheControlEphemeral::new());
            params = params.assistant("Yes.");
        }
        assert_eq!(places(&params), [4, 6, 8, 10]);
    }

    #[test]
    fn those_of_the_caller_stay_and_take_their_room() {
        let cache = CacheControlEphemeral::new;
        let tool = Tool::new(json!({"type": "object"}), "a").cache_control(cache());
        let system = vec![TextBlock::new("Be brief.").cache_control(cache())];
        let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8)
            .tools([tool])
            .system(system)
            .user("1");
        for turn in 2..5 {
            move_breakpoint(&mut params, cache());
            params = params.assistant("Yes.").user(format!("{turn}"));
        }
        move_breakpoint(&mut params, cache());
        assert_eq!(places(&params), [4, 6]);
        let mut params = params.cache_control(cache());
        move_breakpoint(&mut params, cache());
        assert_eq!(places(&params), [6]);
        let system = vec![
            TextBlock::new("Be").cache_control(cache()),
            TextBlock::new("brief.").cache_control(cache()),
        ];
        let mut params = params.system(system);
        move_breakpoint(&mut params, cache());
        assert_eq!(places(&params), [0; 0]);
    }

    #[test]
    fn thinking_and_blank_text_have_none() {
        let thinking = ThinkingBlock::new("s", "hm");
        let content = [TextBlock::new("Yes.").into(), ContentBlock::from(thinking)];
        let message = Message::new("msg_1", content, "m", Usage::new(1, 1));
        let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8).user("1");
        params.messages.push(message.into_whole_param());
        move_breakpoint(&mut params, CacheControlEphemeral::new());
        let content = serde_json::to_value(&params.messages[1]).unwrap();
        assert!(
            content["content"][0].get("cache_control").is_some(),
            "{content}"
        );
    }
}
