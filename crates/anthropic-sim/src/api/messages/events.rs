//! From a message to the events of its stream.
//!
//! `message_start` carries the message as it is before any output; blocks follow, each opened empty
//! and filled by deltas; `message_delta` carries what is known only at the end. Folding the events
//! gives the message back, field for field.

use std::fmt::{Display, Write};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::base::wire;

/// Sizes of the pieces a text is cut into, in characters, taken in turn: uneven, as real ones are.
const PIECES: [usize; 6] = [4, 11, 3, 17, 8, 13];
/// What a message gets only at its end.
const LATE: [&str; 4] = ["stop_reason", "stop_sequence", "stop_details", "container"];
/// What of that is there only if it has a value.
const OPTIONAL: [&str; 1] = ["container"];
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
/// What usage does not have before the end.
const LATE_ALONE: [&str; 4] = [
    "output_tokens_details",
    "server_tool_use",
    "iterations",
    "fallback_credit",
];
/// What stands beside the delta in `message_delta`.
const BESIDE: [&str; 2] = ["context_management", "input_transformations"];
/// A ping follows the start of the first block, and every so many deltas.
const PING_EVERY: usize = 32;

/// The events as they go over the wire.
///
/// A stream may be thousands of deltas, so they are written as text into one buffer that all events
/// share, rather than built as values.
pub(super) fn encode(message: &Value) -> Vec<Bytes> {
    let mut events = Events::default();
    events.add(&start(message));
    let content = message.get("content").and_then(Value::as_array);
    for (index, block) in content.into_iter().flatten().enumerate() {
        let (opened, deltas) = taken_apart(block);
        events
            .add(&json!({"type": "content_block_start", "index": index, "content_block": opened}));
        if index == 0 {
            events.write("ping", PING);
        }
        for (number, delta) in (1..).zip(deltas) {
            let data =
                format!(r#"{{"type":"content_block_delta","delta":{delta},"index":{index}}}"#);
            events.write("content_block_delta", data);
            if number % PING_EVERY == 0 {
                events.write("ping", PING);
            }
        }
        events.add(&json!({"type": "content_block_stop", "index": index}));
    }
    events.add(&end(message));
    events.add(&json!({"type": "message_stop"}));
    events.cut()
}

const PING: &str = r#"{"type":"ping"}"#;

#[derive(Default)]
struct Events {
    text: String,
    ends: Vec<usize>,
}

impl Events {
    fn add(&mut self, event: &Value) {
        let name = event.get("type").and_then(Value::as_str);
        let data = wire::text(event);
        self.write(name.unwrap_or_default(), data);
    }

    fn write(&mut self, name: &str, data: impl Display) {
        // Writing to memory has no way to fail.
        let _ = write!(self.text, "event: {name}\ndata: {data}\n\n");
        self.ends.push(self.text.len());
    }

    fn cut(self) -> Vec<Bytes> {
        let mut rest = Bytes::from(self.text);
        let mut start = 0;
        let cut = self.ends.into_iter().map(|end| {
            let event = rest.split_to(end - start);
            start = end;
            event
        });
        cut.collect()
    }
}

fn start(message: &Value) -> Value {
    let mut message = message.clone();
    if let Some(fields) = message.as_object_mut() {
        fields.insert("content".to_owned(), json!([]));
        for name in LATE {
            fields.insert(name.to_owned(), Value::Null);
        }
        for name in OPTIONAL.into_iter().chain(BESIDE) {
            fields.remove(name);
        }
        if let Some(usage) = fields.get_mut("usage").and_then(Value::as_object_mut) {
            // The API starts counting at one or so; the final count comes with `message_delta`.
            let said = usage
                .get("output_tokens")
                .and_then(Value::as_u64)
                .unwrap_or_default();
            usage.insert("output_tokens".to_owned(), json!(said.min(1)));
            for name in LATE_ALONE {
                usage.remove(name);
            }
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

/// A block as it opens, and the deltas that make it whole, as text.
fn taken_apart(block: &Value) -> (Value, Vec<String>) {
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

/// A block on its way from whole to empty: each method takes out what deltas bring, and gives the
/// deltas.
struct Opening(Value);

impl Opening {
    fn take(&mut self, field: &str, leave: Value) -> Option<Value> {
        self.0
            .get_mut(field)
            .map(|slot| std::mem::replace(slot, leave))
    }

    fn text(&mut self) -> Vec<String> {
        let cited = self.0.get("citations").is_some_and(Value::is_array);
        let citations = cited.then(|| self.take("citations", json!([]))).flatten();
        let citations = citations
            .as_ref()
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let citations = citations
            .map(|citation| wire::text(&json!({"type": "citations_delta", "citation": citation})));
        let text = self.take("text", json!("")).unwrap_or_default();
        let text = pieces(text.as_str().unwrap_or_default(), "text_delta", "text");
        text.into_iter().chain(citations).collect()
    }

    fn thinking(&mut self) -> Vec<String> {
        let text = self.take("thinking", json!("")).unwrap_or_default();
        let mut deltas = pieces(
            text.as_str().unwrap_or_default(),
            "thinking_delta",
            "thinking",
        );
        let signature = self.take("signature", json!(""));
        deltas.push(wire::text(
            &json!({"type": "signature_delta", "signature": signature}),
        ));
        deltas
    }

    fn call(&mut self) -> Vec<String> {
        let input = self.take("input", json!({})).unwrap_or_default();
        // The API opens the input with an empty piece, and leaves it at that where there is none.
        let mut deltas = vec![r#"{"type":"input_json_delta","partial_json":""}"#.to_owned()];
        if input.as_object().is_some_and(|input| !input.is_empty()) {
            deltas.extend(pieces(
                &input.to_string(),
                "input_json_delta",
                "partial_json",
            ));
        }
        deltas
    }

    fn compaction(&mut self) -> Vec<String> {
        let mut delta = Map::new();
        delta.insert("type".to_owned(), json!("compaction_delta"));
        for field in ["content", "encrypted_content"] {
            delta.extend(
                self.take(field, Value::Null)
                    .map(|value| (field.to_owned(), value)),
            );
        }
        vec![wire::text(&Value::Object(delta))]
    }
}

fn pieces(text: &str, kind: &str, field: &str) -> Vec<String> {
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
        // A string is JSON whatever is in it.
        let piece = serde_json::to_string(piece).unwrap_or_default();
        deltas.push(format!(r#"{{"type":"{kind}","{field}":{piece}}}"#));
        rest = after;
    }
    deltas
}
