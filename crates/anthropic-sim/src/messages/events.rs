//! From a message to the events of its stream.
//!
//! `message_start` carries the message as it is before anything was said; blocks follow, each opened empty and
//! filled by deltas; `message_delta` carries what is known only at the end. Folding the events gives the message
//! back, field for field.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::wire;

/// Sizes of the pieces a text is cut into, in characters, taken in turn: uneven, as real ones are.
const PIECES: [usize; 6] = [4, 11, 3, 17, 8, 13];
/// What a message gets only at its end.
const LATE: [&str; 4] = ["stop_reason", "stop_sequence", "stop_details", "container"];
const LATE_USAGE: [&str; 8] = [
    "input_tokens",
    "output_tokens",
    "output_tokens_details",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "server_tool_use",
    "iterations",
    "fallback_credit",
];
/// What stands beside the delta in `message_delta`.
const BESIDE: [&str; 2] = ["context_management", "input_transformations"];
/// A ping follows `message_start`, and every so many deltas.
const PING_EVERY: usize = 32;

/// The events as they go over the wire.
pub(super) fn encode(message: &Value) -> Vec<Bytes> {
    let events = events(message).into_iter();
    events
        .map(|event| {
            let name = event
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let data = wire::text(&event);
            Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
        })
        .collect()
}

fn events(message: &Value) -> Vec<Value> {
    let mut events = vec![start(message), json!({"type": "ping"})];
    let content = message
        .get("content")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (index, block) in content.enumerate() {
        let (opened, deltas) = taken_apart(block);
        events
            .push(json!({"type": "content_block_start", "index": index, "content_block": opened}));
        for (number, delta) in (1..).zip(deltas) {
            events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            if number % PING_EVERY == 0 {
                events.push(json!({"type": "ping"}));
            }
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(end(message));
    events.push(json!({"type": "message_stop"}));
    events
}

fn start(message: &Value) -> Value {
    let mut message = message.clone();
    if let Some(fields) = message.as_object_mut() {
        fields.insert("content".to_owned(), json!([]));
        for name in LATE {
            fields.insert(name.to_owned(), Value::Null);
        }
        for name in BESIDE {
            fields.remove(name);
        }
        if let Some(usage) = fields.get_mut("usage").and_then(Value::as_object_mut) {
            // The API starts counting at one or so; the final count comes with `message_delta`.
            let said = usage
                .get("output_tokens")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            usage.insert("output_tokens".to_owned(), json!(said.min(1)));
            for name in ["output_tokens_details", "iterations", "fallback_credit"] {
                usage.remove(name);
            }
            usage.insert("server_tool_use".to_owned(), Value::Null);
        }
    }
    json!({"type": "message_start", "message": message})
}

fn end(message: &Value) -> Value {
    let pick = |from: Option<&Value>, names: &[&str]| {
        let named = |name: &&str| Some(((*name).to_owned(), from?.get(*name)?.clone()));
        names.iter().filter_map(named).collect::<Map<_, _>>()
    };
    let mut event = json!({
        "type": "message_delta",
        "delta": pick(Some(message), &LATE),
        "usage": pick(message.get("usage"), &LATE_USAGE),
    });
    if let Some(event) = event.as_object_mut() {
        event.extend(pick(Some(message), &BESIDE));
    }
    event
}

/// A block as it opens, and the deltas that make it whole.
fn taken_apart(block: &Value) -> (Value, Vec<Value>) {
    let mut opening = Opening(block.clone());
    let deltas = match block.get("type").and_then(Value::as_str) {
        Some("text") => opening.text(),
        Some("thinking") => opening.thinking(),
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => opening.call(),
        Some("compaction") => opening.compaction(),
        _ => Vec::new(),
    };
    (opening.0, deltas)
}

/// A block on its way from whole to empty: each method takes out what deltas bring, and gives the deltas.
struct Opening(Value);

impl Opening {
    fn take(&mut self, field: &str, leave: Value) -> Option<Value> {
        self.0
            .get_mut(field)
            .map(|slot| std::mem::replace(slot, leave))
    }

    fn text(&mut self) -> Vec<Value> {
        let cited = self.0.get("citations").is_some_and(Value::is_array);
        let citations = cited.then(|| self.take("citations", json!([]))).flatten();
        let citations = citations
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let citations =
            citations.map(|citation| json!({"type": "citations_delta", "citation": citation}));
        let text = self.take("text", json!("")).unwrap_or_default();
        let text = pieces(text.as_str().unwrap_or_default(), "text_delta", "text");
        text.into_iter().chain(citations).collect()
    }

    fn thinking(&mut self) -> Vec<Value> {
        let text = self.take("thinking", json!("")).unwrap_or_default();
        let mut deltas = pieces(
            text.as_str().unwrap_or_default(),
            "thinking_delta",
            "thinking",
        );
        let signature = self.take("signature", json!(""));
        deltas.push(json!({"type": "signature_delta", "signature": signature}));
        deltas
    }

    fn call(&mut self) -> Vec<Value> {
        let input = self.take("input", json!({})).unwrap_or_default();
        // The API opens the input with an empty piece, and leaves it at that where there is none.
        let mut deltas = vec![json!({"type": "input_json_delta", "partial_json": ""})];
        if input.as_object().is_some_and(|input| !input.is_empty()) {
            deltas.extend(pieces(
                &input.to_string(),
                "input_json_delta",
                "partial_json",
            ));
        }
        deltas
    }

    fn compaction(&mut self) -> Vec<Value> {
        let mut delta = Map::new();
        delta.insert("type".to_owned(), json!("compaction_delta"));
        for field in ["content", "encrypted_content"] {
            delta.extend(
                self.take(field, Value::Null)
                    .map(|value| (field.to_owned(), value)),
            );
        }
        vec![Value::Object(delta)]
    }
}

fn pieces(text: &str, kind: &str, field: &str) -> Vec<Value> {
    let mut rest = text;
    let mut deltas = Vec::new();
    let mut sizes = PIECES.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().copied().unwrap_or(1);
        let end = rest
            .char_indices()
            .nth(size)
            .map_or(rest.len(), |(end, _)| end);
        let (piece, after) = rest.split_at(end);
        let mut delta = Map::new();
        delta.insert("type".to_owned(), json!(kind));
        delta.insert(field.to_owned(), json!(piece));
        deltas.push(Value::Object(delta));
        rest = after;
    }
    deltas
}
