//! How the simulator counts tokens: a rule you can do in your head, not a tokenizer.
//!
//! - A text is one token per four characters (Unicode scalar values), rounded up; no text is no token.
//! - A message of the conversation costs its content plus 3.
//! - An image costs 1,500; a document 3,000, unless it is plain text, which costs what its text costs.
//! - A tool costs its definition as compact JSON, as text.
//! - A tool call costs its name plus its input as compact JSON; a tool result costs its content plus 3.
//! - Any other block costs its compact JSON.
//! - An answer costs the sum of its blocks, and at least 1 unless `max_tokens` is 0.
//!
//! `max_tokens` cuts by the same rule: a text of which `n` tokens may be said keeps its first `4n` characters. A
//! block that can't be cut, such as a tool call, is left out whole when it doesn't fit. Nothing is ever cached, so
//! the cache counters are 0.

use serde_json::Value;

const CHARS_PER_TOKEN: u64 = 4;
const PER_MESSAGE: u64 = 3;
const PER_IMAGE: u64 = 1_500;
const PER_DOCUMENT: u64 = 3_000;

/// The tokens of a text.
pub fn text(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(CHARS_PER_TOKEN)
}

/// The input tokens of a message request: system prompt, messages and tools.
pub fn request(body: &Value) -> u64 {
    let list = |name: &str| {
        body.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let system = body.get("system").map_or(0, content);
    let messages: u64 = list("messages")
        .map(|message| PER_MESSAGE + message.get("content").map_or(0, content))
        .sum();
    let tools: u64 = list("tools").map(compact).sum();
    system + messages + tools
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
