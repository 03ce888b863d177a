//! How the simulator counts tokens: a rule you can do in your head, not a tokenizer.
//!
//! - A text is one token per four characters (Unicode scalar values), rounded up; no text is no
//!   token.
//! - A message of the conversation costs its content plus 3.
//! - An image costs 1,500; a document 3,000, unless it is plain text, which costs what its text
//!   costs.
//! - A tool costs its definition as compact JSON, as text.
//! - A tool call costs its name plus its input as compact JSON; a tool result costs its content
//!   plus 3.
//! - Any other block costs its compact JSON. `cache_control` costs nothing.
//! - Where the conversation has been compacted, what came before the last `compaction` block costs
//!   nothing.
//! - A response costs the sum of its blocks, and at least 1 unless `max_tokens` is 0. What server
//!   tools found is not written by the model, and costs nothing there.
//!
//! `max_tokens` cuts by the same rule: a text of which `n` tokens fit keeps its first `4n`
//! characters. A block that can't be cut, such as a tool call, is left out whole when it doesn't
//! fit.
//!
//! # The cache
//! Without `cache_control` nothing is cached and the cache counters are 0. With it, the request up
//! to the last block that has it (tools first, then the system prompt, then the messages) is split
//! in two: the longest start that an earlier request has cached is `cache_read_input_tokens`, and
//! the rest `cache_creation_input_tokens`, by the lifetime that the block asked for. What is behind
//! is `input_tokens`. Entries live for five minutes or an hour on the simulator's clock, and longer
//! when they are read. There is no shortest length, so that small tests can cache.

use serde_json::Value;

const CHARS_PER_TOKEN: u64 = 4;
const PER_MESSAGE: u64 = 3;
const PER_IMAGE: u64 = 1_500;
const PER_DOCUMENT: u64 = 3_000;
pub(crate) const CACHE_CONTROL: &str = "cache_control";

/// The tokens of a text.
pub fn text(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(CHARS_PER_TOKEN)
}

/// The input tokens of a message request: system prompt, messages and tools.
pub fn request(body: &Value) -> u64 {
    counts(body).iter().sum()
}

/// The tokens of each of a request's [`parts`]. Counting reads every character, and is done once.
pub(crate) fn counts(body: &Value) -> Vec<u64> {
    parts(body).iter().map(Part::tokens).collect()
}

/// A piece of a request that may end a cached start.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    /// Where it stands: `tools`, `system`, or a message's role.
    pub(crate) place: &'a str,
    pub(crate) value: &'a Value,
    cost: Cost,
    /// Whether a message begins with it.
    begins: bool,
}

/// What a part is, for its tokens.
#[derive(Debug, Clone, Copy)]
enum Cost {
    Compact,
    Block,
    Content,
    Nothing,
}

impl Part<'_> {
    fn tokens(&self) -> u64 {
        let own = match self.cost {
            Cost::Compact => compact(self.value),
            Cost::Block => block(self.value),
            Cost::Content => content(self.value),
            Cost::Nothing => 0,
        };
        own + if self.begins { PER_MESSAGE } else { 0 }
    }
}

/// A request in the order in which it is cached: tools, system prompt, messages.
pub(crate) fn parts(body: &Value) -> Vec<Part<'_>> {
    let part = |place, value, cost, begins| Part {
        place,
        value,
        cost,
        begins,
    };
    let tools = list(body, "tools").iter();
    let mut parts: Vec<Part<'_>> = tools
        .map(|tool| part("tools", tool, Cost::Compact, false))
        .collect();
    match body.get("system") {
        Some(Value::Array(blocks)) => {
            parts.extend(
                blocks
                    .iter()
                    .map(|value| part("system", value, Cost::Block, false)),
            );
        }
        Some(value) => parts.push(part("system", value, Cost::Content, false)),
        None => {}
    }
    let messages = list(body, "messages");
    let compacted = messages.iter().rposition(|message| {
        let blocks = list(message, "content").iter();
        blocks.into_iter().any(|block| {
            block.get("type").is_some_and(|kind| kind == "compaction")
                && block.get("content").is_some_and(Value::is_string)
        })
    });
    for message in messages
        .get(compacted.unwrap_or_default()..)
        .unwrap_or_default()
    {
        let place = message
            .get("role")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match message.get("content") {
            Some(Value::Array(blocks)) if !blocks.is_empty() => {
                let blocks = blocks.iter().enumerate();
                parts.extend(
                    blocks.map(|(index, value)| part(place, value, Cost::Block, index == 0)),
                );
            }
            Some(value) => parts.push(part(place, value, Cost::Content, true)),
            None => parts.push(part(place, message, Cost::Nothing, true)),
        }
    }
    parts
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The output tokens of a block: nothing for what server tools found.
pub(crate) fn said(value: &Value) -> u64 {
    match value.get("type").and_then(Value::as_str) {
        Some("fallback" | "mcp_tool_listing" | "container_upload") => 0,
        Some(kind) if kind.ends_with("_tool_result") => 0,
        Some("compaction") => value.get("content").map_or(0, content),
        _ => block(value),
    }
}

/// The tokens of one content block.
pub fn block(block: &Value) -> u64 {
    let field = |name: &str| block.get(name).and_then(Value::as_str).map_or(0, text);
    match block.get("type").and_then(Value::as_str) {
        Some("text") => field("text"),
        Some("thinking") => field("thinking"),
        Some("redacted_thinking") => field("data"),
        Some("image") => PER_IMAGE,
        Some("document") => document(block),
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            field("name") + block.get("input").map_or(0, compact)
        }
        Some("tool_result") => PER_MESSAGE + block.get("content").map_or(0, content),
        _ => compact(block),
    }
}

/// The start of a text that is at most `tokens` long.
pub(crate) fn cut(text: &str, tokens: u64) -> &str {
    let chars = usize::try_from(tokens.saturating_mul(CHARS_PER_TOKEN)).unwrap_or(usize::MAX);
    text.char_indices()
        .nth(chars)
        .map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

fn content(value: &Value) -> u64 {
    match value {
        Value::String(string) => text(string),
        Value::Array(blocks) => blocks.iter().map(block).sum(),
        _ => 0,
    }
}

fn document(block: &Value) -> u64 {
    let source = block.get("source");
    let kind = source
        .and_then(|source| source.get("type"))
        .and_then(Value::as_str);
    match (kind, source) {
        (Some("text"), Some(source)) => source.get("data").and_then(Value::as_str).map_or(0, text),
        (Some("content"), Some(source)) => source.get("content").map_or(0, content),
        _ => PER_DOCUMENT,
    }
}

fn compact(value: &Value) -> u64 {
    if value.get(CACHE_CONTROL).is_none() {
        return text(&value.to_string());
    }
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut() {
        fields.remove(CACHE_CONTROL);
    }
    text(&value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_rule_is_the_documented_one() {
        assert_eq!(
            (text(""), text("abcd"), text("abcde"), text("éééé")),
            (0, 1, 2, 1)
        );
        let body = json!({
            "system": "12345678",
            "messages": [{"role": "user", "content": "1234"}, {"role": "user", "content": [
                {"type": "text", "text": "12345"},
                {"type": "image", "source": {}},
                {"type": "tool_result", "tool_use_id": "x", "content": "1234"},
            ]}],
        });
        assert_eq!(request(&body), 2 + (3 + 1) + (3 + 2 + 1_500 + 3 + 1));
        assert_eq!(cut("ééééé", 1), "éééé");
        assert_eq!(cut("ab", 1), "ab");
    }
}
