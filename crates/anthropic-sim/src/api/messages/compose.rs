//! From a draft to the message the API would send: fills in what is missing, cuts, counts, names.

use serde_json::{Map, Value, json};

use super::cache::Split;
use super::tool_calls;
use crate::base::ids::Hash;
use crate::base::signature;
use crate::scripting::reply::Draft;
use crate::scripting::request::{MessageRequest, is};
use crate::{models, tokens};

pub(super) fn message(request: &MessageRequest, draft: Draft, input: Split) -> Value {
    let content = draft.content.into_iter();
    let content = content.map(|block| called(block, request)).collect();
    let cut = match draft.stop_reason {
        Some(reason) => Cut {
            content,
            reason: Some(reason),
            sequence: draft.stop_sequence,
        },
        None => Cut::by_request(request, content),
    };
    let calls = cut.content.iter().any(|block| is(block, "tool_use"));
    let reason = cut
        .reason
        .unwrap_or_else(|| if calls { "tool_use" } else { "end_turn" }.to_owned());

    let mut asked = request.body().clone();
    if let Some(asked) = asked.as_object_mut() {
        // The same request gets the same id, streamed or not.
        asked.remove("stream");
    }
    let name = Hash::new().value(&asked).value(&json!(cut.content));
    let mut last_call = None;
    let content: Vec<Value> = cut
        .content
        .into_iter()
        .enumerate()
        .map(|(index, block)| filled(block, name, index, &mut last_call))
        .collect();

    let mut message = json!({
        "id": name.id("msg"),
        "type": "message",
        "role": "assistant",
        "model": models::find(request.model()).map_or(request.model(), |model| model.id),
        "usage": usage(request, &content, input),
        "content": content,
        "stop_reason": reason,
        "stop_sequence": cut.sequence,
        "stop_details": null,
    });
    if let Some(message) = message.as_object_mut() {
        for (name, value) in draft.fields {
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
            let cost = tokens::said(&block);
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

/// Gives a call without an input one that fits the request's tool.
fn called(mut block: Value, request: &MessageRequest) -> Value {
    if is(&block, "tool_use") && block.get("input").is_none() {
        let name = block.get("name").and_then(Value::as_str);
        let tool = name.and_then(|name| request.tool(name));
        let input = tool.map_or_else(|| json!({}), tool_calls::input);
        if let Some(fields) = block.as_object_mut() {
            fields.insert("input".to_owned(), input);
        }
    }
    block
}

/// Adds what the API always sends with a block. Results belong to the call before them.
fn filled(mut block: Value, message: Hash, index: usize, last_call: &mut Option<Value>) -> Value {
    let name = message.bytes(&index.to_be_bytes());
    let kind = block
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let Some(fields) = block.as_object_mut() else {
        return block;
    };
    let thought = fields.get("thinking").and_then(Value::as_str);
    let thought = thought.map(str::to_owned);
    let mut default = |field: &str, value: Value| {
        fields.entry(field).or_insert(value);
    };
    match kind.as_str() {
        "thinking" => {
            let signature = signature::of(thought.as_deref().unwrap_or_default());
            default("signature", json!(signature));
        }
        "compaction" => {
            default("encrypted_content", Value::Null);
            default("signature", json!(format!("simulated{}", name.text())));
        }
        "tool_use" => {
            default("id", json!(name.id("toolu")));
            default("caller", json!({"type": "direct"}));
        }
        "server_tool_use" => {
            default("id", json!(name.id("srvtoolu")));
            default("caller", json!({"type": "direct"}));
        }
        "mcp_tool_use" => default("id", json!(name.id("mcptoolu"))),
        result if result.ends_with("_tool_result") => {
            default("tool_use_id", last_call.clone().unwrap_or_default());
            if matches!(result, "web_search_tool_result" | "web_fetch_tool_result") {
                default("caller", json!({"type": "direct"}));
            }
        }
        _ => {}
    }
    if kind.ends_with("tool_use") {
        *last_call = fields.get("id").cloned();
    }
    block
}

fn usage(request: &MessageRequest, content: &[Value], input: Split) -> Value {
    let cost = |wanted: &dyn Fn(&Value) -> bool| -> u64 {
        let blocks = content.iter().filter(|block| wanted(block));
        blocks.map(tokens::said).sum()
    };
    let summary = cost(&|block| is(block, "compaction"));
    let thinking = cost(&|block| is(block, "thinking"));
    let least = u64::from(request.max_tokens() > 0);
    let output = cost(&|block| !is(block, "compaction")).max(least);
    let calls = |name: &str| {
        let calls = content.iter().filter(|block| is(block, "server_tool_use"));
        calls
            .filter(|block| block.get("name").is_some_and(|given| given == name))
            .count()
    };
    let (searches, fetches) = (calls("web_search"), calls("web_fetch"));
    let server_tools = (searches + fetches > 0)
        .then(|| json!({"web_search_requests": searches, "web_fetch_requests": fetches}));
    let mut usage = input.usage();
    let Some(fields) = usage.as_object_mut() else {
        return usage;
    };
    if summary > 0 {
        // Writing the summary is an iteration of its own, which the totals leave out.
        let iteration = |kind: &str, output: u64| {
            let mut iteration = fields.clone();
            iteration.insert("type".to_owned(), json!(kind));
            iteration.insert("output_tokens".to_owned(), json!(output));
            iteration
        };
        let iterations = json!([
            iteration("compaction", summary),
            iteration("message", output)
        ]);
        fields.insert("iterations".to_owned(), iterations);
    }
    // What is optional is there when it has a value, as in recorded responses.
    let body = request.body();
    let asked = |name: &str| body.get(name).filter(|value| value.is_string()).cloned();
    let thought = (thinking > 0).then(|| json!({"thinking_tokens": thinking}));
    let more = [
        ("output_tokens", Some(json!(output))),
        ("output_tokens_details", thought),
        ("server_tool_use", server_tools),
        ("service_tier", Some(json!("standard"))),
        (
            "inference_geo",
            asked("inference_geo").or_else(|| Some(json!("global"))),
        ),
        ("speed", asked("speed")),
    ];
    let more = more.into_iter();
    fields.extend(more.filter_map(|(name, value)| Some((name.to_owned(), value?))));
    usage
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
