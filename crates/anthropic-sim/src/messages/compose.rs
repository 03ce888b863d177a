//! From a script to the message the API would send: fills in what is missing, cuts, counts, names.

use serde_json::{Map, Value, json};

use super::request::{MessageRequest, is};
use crate::{ids::Hash, reply::Script, tokens};

pub(super) fn message(request: &MessageRequest, script: Script) -> Value {
    let cut = match script.stop_reason {
        Some(reason) => Cut {
            content: script.content,
            reason: Some(reason),
            sequence: None,
        },
        None => Cut::by_request(request, script.content),
    };
    let called = cut.content.iter().any(|block| is(block, "tool_use"));
    let reason = cut
        .reason
        .unwrap_or_else(|| if called { "tool_use" } else { "end_turn" }.to_owned());

    let mut asked = request.body().clone();
    if let Some(asked) = asked.as_object_mut() {
        // The same request gets the same id, streamed or not.
        asked.remove("stream");
    }
    let name = Hash::new().value(&asked).value(&json!(cut.content));
    let content: Vec<Value> = cut
        .content
        .into_iter()
        .enumerate()
        .map(|(index, block)| filled(block, name, index))
        .collect();

    let mut message = json!({
        "id": name.id("msg"),
        "type": "message",
        "role": "assistant",
        "model": request.model(),
        "usage": usage(request, &content),
        "content": content,
        "stop_reason": reason,
        "stop_sequence": cut.sequence,
        "stop_details": null,
        "container": null,
    });
    if let Some(message) = message.as_object_mut() {
        for (name, value) in script.fields {
            merge(message, name, value);
        }
    }
    message
}

/// The content as far as the request lets it go, and why it ended there.
struct Cut {
    content: Vec<Value>,
    reason: Option<String>,
    sequence: Option<String>,
}

impl Cut {
    fn by_request(request: &MessageRequest, content: Vec<Value>) -> Self {
        let sequences = request
            .body()
            .get("stop_sequences")
            .and_then(Value::as_array);
        let sequences: Vec<&str> = sequences
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut left = request.max_tokens();
        let mut said = Vec::new();
        for mut block in content {
            let stop = stop_in(&mut block, &sequences);
            let cost = tokens::block(&block);
            if cost > left || request.max_tokens() == 0 {
                said.extend(shortened(block, left));
                return Self {
                    content: said,
                    reason: Some("max_tokens".to_owned()),
                    sequence: None,
                };
            }
            left -= cost;
            said.push(block);
            if stop.is_some() {
                return Self {
                    content: said,
                    reason: Some("stop_sequence".to_owned()),
                    sequence: stop,
                };
            }
        }
        Self {
            content: said,
            reason: None,
            sequence: None,
        }
    }
}

/// Cuts a text block before the first stop sequence in it, and names that.
fn stop_in(block: &mut Value, sequences: &[&str]) -> Option<String> {
    if !is(block, "text") {
        return None;
    }
    let text = block.get("text")?.as_str()?;
    let found = sequences.iter().filter(|sequence| !sequence.is_empty());
    let found = found.filter_map(|sequence| Some((text.find(sequence)?, *sequence)));
    let (at, sequence) = found.min_by_key(|(at, _)| *at)?;
    let kept = text.get(..at)?.to_owned();
    *block.get_mut("text")? = Value::String(kept);
    Some(sequence.to_owned())
}

/// What of a block fits; nothing, where a part of it would make no sense.
fn shortened(mut block: Value, left: u64) -> Option<Value> {
    let field = ["text", "thinking"]
        .into_iter()
        .find(|field| is(&block, field))?;
    let kept = tokens::cut(block.get(field)?.as_str()?, left).to_owned();
    if kept.is_empty() {
        return None;
    }
    *block.get_mut(field)? = Value::String(kept);
    Some(block)
}

/// Adds what the API always sends with a block.
fn filled(mut block: Value, message: Hash, index: usize) -> Value {
    let name = message.bytes(&index.to_be_bytes());
    let kind = block
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let Some(fields) = block.as_object_mut() else {
        return block;
    };
    let mut default = |field: &str, value: Value| {
        fields.entry(field).or_insert(value);
    };
    match kind.as_str() {
        "text" => default("citations", Value::Null),
        "thinking" => default("signature", json!(format!("simulated{}", name.text()))),
        "tool_use" => {
            default("id", json!(name.id("toolu")));
            default("caller", json!({"type": "direct"}));
        }
        "server_tool_use" => default("id", json!(name.id("srvtoolu"))),
        _ => {}
    }
    block
}

fn usage(request: &MessageRequest, content: &[Value]) -> Value {
    let output: u64 = content.iter().map(tokens::block).sum();
    let thinking: u64 = content
        .iter()
        .filter(|block| is(block, "thinking"))
        .map(tokens::block)
        .sum();
    let least = u64::from(request.max_tokens() > 0);
    let calls = |name: &str| {
        let calls = content.iter().filter(|block| is(block, "server_tool_use"));
        calls
            .filter(|block| block.get("name").is_some_and(|given| given == name))
            .count()
    };
    let (searches, fetches) = (calls("web_search"), calls("web_fetch"));
    let server_tools = (searches + fetches > 0)
        .then(|| json!({"web_search_requests": searches, "web_fetch_requests": fetches}));
    json!({
        "input_tokens": tokens::request(request.body()),
        "output_tokens": output.max(least),
        "output_tokens_details": {"thinking_tokens": thinking},
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "server_tool_use": server_tools,
        "service_tier": "standard",
        "inference_geo": request.body().get("inference_geo"),
    })
}

/// Sets a scripted field; objects such as `usage` are merged field by field.
fn merge(message: &mut Map<String, Value>, name: String, value: Value) {
    match (message.get_mut(&name), value) {
        (Some(Value::Object(into)), Value::Object(from)) => into.extend(from),
        (_, value) => {
            message.insert(name, value);
        }
    }
}
