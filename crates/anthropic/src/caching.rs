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
    CacheControlEphemeral, CacheControlEphemeralTtl, ContentBlock, MessageContent,
    MessageCreateParams, MessageParam, SystemMessageContent, SystemMessageContentBlock,
    SystemPrompt, TextBlock, ToolResultBlock, ToolResultBlockContent, ToolResultContentBlock,
    ToolUnion,
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
/// The API takes no lifetime of an hour after one of five minutes. So where tools, system prompt or
/// an earlier breakpoint of the conversation have five minutes, the conversation's later ones have
/// five minutes, too. Where the request has its own `cache_control`, which is about the same block,
/// the new one has the lifetime of that.
///
/// Call it before each request. What was cached stays so: a block is the same with and without its
/// breakpoint.
pub fn move_breakpoint(params: &mut MessageCreateParams, cache: impl Into<CacheControlEphemeral>) {
    let mut cache = cache.into();
    if let Some(own) = &params.cache_control {
        cache.ttl.clone_from(&own.ttl);
    }
    let fixed = Fixed::of(params);
    if fixed.room() > 0 {
        set_last(&mut params.messages, cache);
    }
    fixed.fit(&mut params.messages);
}

/// Takes off the oldest breakpoints of the conversation that are too many, and lifetimes that the
/// API does not take.
#[cfg(feature = "tools")]
pub(crate) fn limit(params: &mut MessageCreateParams) {
    Fixed::of(params).fit(&mut params.messages);
}

/// The breakpoints outside of the conversation.
struct Fixed {
    count: usize,
    /// One before the conversation has the shorter lifetime.
    is_short: bool,
}

impl Fixed {
    fn of(params: &MessageCreateParams) -> Self {
        let system = match &params.system {
            Some(SystemPrompt::Blocks(blocks)) => blocks.as_slice(),
            _ => &[],
        };
        let system = system.iter().filter_map(|block| {
            let cache = block.cache_control.as_ref()?;
            Some(is_long(cache))
        });
        let tools = params.tools.iter().flatten().filter_map(is_tool_long);
        let mut fixed = Self {
            count: usize::from(params.cache_control.is_some()),
            is_short: false,
        };
        for is_long in tools.chain(system) {
            fixed.count += 1;
            fixed.is_short |= !is_long;
        }
        fixed
    }

    fn room(&self) -> usize {
        MAX_BREAKPOINTS.saturating_sub(self.count)
    }

    /// Keeps the newest breakpoints of the conversation, as many as there is room for, with
    /// lifetimes that do not grow.
    fn fit(&self, messages: &mut [MessageParam]) {
        let mut marked = Vec::new();
        for message in messages {
            of_message(message, &mut marked);
        }
        let mut is_short = self.is_short;
        let too_many = marked.len().saturating_sub(self.room());
        for (at, slot) in marked.into_iter().enumerate() {
            if at < too_many {
                *slot = None;
            } else if let Some(cache) = slot {
                if is_short && is_long(cache) {
                    cache.ttl = None;
                }
                is_short |= !is_long(cache);
            }
        }
    }
}

fn is_long(cache: &CacheControlEphemeral) -> bool {
    matches!(cache.ttl, Some(CacheControlEphemeralTtl::V1h))
}

/// Whether a tool's breakpoint has the longer lifetime, if it has a breakpoint.
fn is_tool_long(tool: &ToolUnion) -> Option<bool> {
    if let Some(custom) = tool.as_custom() {
        return custom.cache_control.as_ref().map(is_long);
    }
    // The others have no long schemas.
    let tool = serde_json::to_value(tool).ok()?;
    let cache = tool.get("cache_control")?.as_object()?;
    Some(cache.get("ttl").is_some_and(|ttl| ttl == "1h"))
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

/// The places of a message's breakpoints, in their order.
type Marked<'m> = Vec<&'m mut Option<CacheControlEphemeral>>;

fn of_message<'m>(message: &'m mut MessageParam, marked: &mut Marked<'m>) {
    let content = match message {
        MessageParam::User(turn) => &mut turn.content,
        MessageParam::Assistant(turn) => &mut turn.content,
        MessageParam::System(turn) => {
            if let Some(SystemMessageContent::Blocks(blocks)) = &mut turn.content {
                let slots = blocks.iter_mut().filter_map(|block| match block {
                    SystemMessageContentBlock::Text(block) => Some(&mut block.cache_control),
                    SystemMessageContentBlock::ToolAddition(block) => {
                        Some(&mut block.cache_control)
                    }
                    SystemMessageContentBlock::ToolRemoval(block) => Some(&mut block.cache_control),
                    _ => None,
                });
                marked.extend(slots.filter(|slot| slot.is_some()));
            }
            return;
        }
        _ => return,
    };
    let MessageContent::Blocks(blocks) = content else {
        return;
    };
    for block in blocks {
        match block {
            ContentBlock::ToolResult(result) => of_result(result, marked),
            block => marked.extend(slot(block).filter(|slot| slot.is_some())),
        }
    }
}

/// What is in a result comes before its end.
fn of_result<'m>(result: &'m mut ToolResultBlock, marked: &mut Marked<'m>) {
    if let Some(ToolResultBlockContent::Blocks(blocks)) = &mut result.content {
        let slots = blocks.iter_mut().filter_map(|block| match block {
            ToolResultContentBlock::Text(block) => Some(&mut block.cache_control),
            ToolResultContentBlock::Image(block) => Some(&mut block.cache_control),
            ToolResultContentBlock::Document(block) => Some(&mut block.cache_control),
            ToolResultContentBlock::SearchResult(block) => Some(&mut block.cache_control),
            _ => None,
        });
        marked.extend(slots.filter(|slot| slot.is_some()));
    }
    let slot = &mut result.cache_control;
    marked.extend(Some(slot).filter(|slot| slot.is_some()));
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
        // What has no place for one stays as it is.
        let mut params = params.user("5");
        let before = params.messages.clone();
        move_breakpoint(&mut params, cache());
        assert_eq!(params.messages, before);
    }

    /// Wherever it is.
    #[test]
    fn the_oldest_one_is_taken_off() {
        let cached = |mut block: serde_json::Value| {
            block["cache_control"] = json!({"type": "ephemeral"});
            block
        };
        let text = json!({"type": "text", "text": "x"});
        let found =
            json!({"type": "search_result", "source": "s", "title": "t", "content": [text]});
        let plain = json!({"type": "text", "media_type": "text/plain", "data": "x"});
        let document = json!({"type": "document", "source": plain});
        let image =
            json!({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}});
        let removal =
            json!({"type": "tool_removal", "tool": {"type": "tool_reference", "name": "a"}});
        let addition =
            json!({"type": "tool_addition", "tool": {"type": "tool_reference", "name": "a"}});
        let mut oldest = Vec::new();
        for (role, block) in [
            ("user", &text),
            ("user", &document),
            ("assistant", &text),
            ("system", &text),
            ("system", &addition),
            ("system", &removal),
        ] {
            oldest.push(json!({"role": role, "content": [cached(block.clone())]}));
        }
        for block in [&text, &image, &document, &found] {
            let within = [cached(block.clone())];
            let result = json!({"type": "tool_result", "tool_use_id": "t", "content": within});
            oldest.push(json!({"role": "user", "content": [result]}));
        }
        for oldest in oldest {
            let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8);
            let oldest: MessageParam = serde_json::from_value(oldest).unwrap();
            params.messages.push(oldest);
            let mut expected = vec![0];
            for turn in 1..5 {
                assert_eq!(places(&params), expected, "{params:?}");
                let text = TextBlock::new("?").cache_control(CacheControlEphemeral::new());
                params = params.user(vec![ContentBlock::from(text)]);
                Fixed::of(&params).fit(&mut params.messages);
                expected.push(turn);
            }
            assert_eq!(places(&params), [1, 2, 3, 4], "{params:?}");
        }
    }

    /// The lifetimes of the conversation's breakpoints, in order.
    fn lifetimes(params: &MessageCreateParams) -> Vec<String> {
        fn find(value: &serde_json::Value, found: &mut Vec<String>) {
            let inner = value.get("content").unwrap_or(value).as_array();
            inner.into_iter().flatten().for_each(|it| find(it, found));
            if let Some(cache) = value.get("cache_control") {
                found.push(cache["ttl"].as_str().unwrap_or("5m").to_owned());
            }
        }
        let mut found = Vec::new();
        find(&serde_json::to_value(&params.messages).unwrap(), &mut found);
        found
    }

    #[test]
    fn no_long_lifetime_comes_after_a_short_one() {
        let hour = || CacheControlEphemeral::new().ttl("1h");
        let short = CacheControlEphemeral::new;
        let params = || MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8).user("1");
        let tool = |cache| Tool::new(json!({"type": "object"}), "a").cache_control(cache);
        let bash = |cache| anthropic_types::ToolBash20250124::new().cache_control(cache);
        let text = |cache| vec![TextBlock::new("Be brief.").cache_control(cache)];
        let user = |cache: CacheControlEphemeral| {
            let mut params = params();
            move_breakpoint(&mut params, cache);
            params.assistant("Yes.").user("2")
        };
        let result = |inner: CacheControlEphemeral, outer: CacheControlEphemeral| {
            let inner = TextBlock::new("x").cache_control(inner);
            let mut block = ToolResultBlock::new("t").cache_control(outer);
            block.content = Some(ToolResultBlockContent::Blocks(vec![inner.into()]));
            params().user(vec![ContentBlock::from(block)]).user("3")
        };
        for (params, cache, expected) in vec![
            (params(), hour(), &["1h"][..]),
            (params().tools([tool(hour())]), hour(), &["1h"]),
            (params().tools([tool(short())]), hour(), &["5m"]),
            (params().tools([bash(hour())]), hour(), &["1h"]),
            (params().tools([bash(short())]), hour(), &["5m"]),
            (params().system(text(short())), hour(), &["5m"]),
            (params().system(text(hour())), hour(), &["1h"]),
            (params().system(text(hour())), short(), &["5m"]),
            // Of the conversation itself.
            (user(short()), hour(), &["5m", "5m"]),
            (user(hour()), hour(), &["1h", "1h"]),
            (user(hour()), short(), &["1h", "5m"]),
            (user(hour()).system(text(short())), hour(), &["5m", "5m"]),
            (result(hour(), short()), hour(), &["1h", "5m", "5m"]),
            (result(short(), hour()), hour(), &["5m", "5m", "5m"]),
            // The request's own, at the end.
            (params().cache_control(hour()), short(), &["1h"]),
            (params().cache_control(short()), hour(), &["5m"]),
        ] {
            let mut params = params;
            move_breakpoint(&mut params, cache);
            assert_eq!(lifetimes(&params), expected, "{params:?}");
        }
    }

    /// One that is too old to stay takes no lifetime from the others.
    #[test]
    fn what_is_taken_off_does_not_count() {
        let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 8);
        for lifetime in ["5m", "1h", "1h", "1h", "1h"] {
            let cache = CacheControlEphemeral::new().ttl(lifetime);
            let text = TextBlock::new("?").cache_control(cache);
            let blocks = vec![ContentBlock::from(text)];
            params = params.user(blocks).assistant("Yes.");
        }
        Fixed::of(&params).fit(&mut params.messages);
        assert_eq!(lifetimes(&params), ["1h"; 4]);
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
