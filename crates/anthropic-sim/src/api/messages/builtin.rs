//! The built-in reply, for requests that no script matches.
//!
//! It depends on the request alone, and states that no model is at work.

use serde_json::{Value, json};

use super::{citing, tool_calls};
use crate::scripting::calling::ToolCalls;
use crate::scripting::reply::Reply;
use crate::scripting::request::{MessageRequest, plain};
use crate::{schema, tokens};

const QUOTED_CHARS: usize = 200;
const THINKING: &str = "No thinking takes place in the simulator. This block stands where a model's thinking would, \
    so that a client can be tested with it.";
const COMPACT_EDIT: &str = "compact_20260112";
/// Where the API compacts unless the request sets another threshold.
const COMPACT_AT: u64 = 150_000;

pub(super) fn reply(request: &MessageRequest, calls: ToolCalls) -> Reply {
    let body = request.body();
    if body
        .pointer("/compaction/type")
        .is_some_and(|kind| kind == "summarize")
    {
        return Reply::compaction(summary(request));
    }
    let mut reply = Reply::new();
    if body.get("context_management").is_some_and(Value::is_object) {
        reply = reply.field("context_management", json!({"applied_edits": []}));
    }
    if let Some(edit) = due_compaction(request) {
        reply = reply.with_compaction(summary(request));
        if edit.get("pause_after_compaction") == Some(&Value::Bool(true)) {
            return reply.stop_reason("compaction");
        }
    }
    reply = thinking(request, reply);
    let (ours, theirs): (Vec<&Value>, Vec<&Value>) = tool_calls::chosen(request, calls)
        .into_iter()
        .partition(|tool| tool_calls::is_run_here(tool));
    for tool in theirs {
        reply = tool_calls::server(reply, tool, request);
    }
    if ours.is_empty() {
        return text(request, reply);
    }
    ours.into_iter().fold(reply, tool_calls::client)
}

/// The edit that compacts, when the conversation is long enough for it.
fn due_compaction(request: &MessageRequest) -> Option<&Value> {
    let edits = request.body().pointer("/context_management/edits")?;
    let mut edits = edits.as_array()?.iter();
    let edit = edits.find(|edit| edit.get("type").is_some_and(|kind| kind == COMPACT_EDIT))?;
    let trigger = edit.pointer("/trigger/value").and_then(Value::as_u64);
    (tokens::request(request.body()) >= trigger.unwrap_or(COMPACT_AT)).then_some(edit)
}

fn summary(request: &MessageRequest) -> String {
    let messages = request.messages().len();
    format!("A simulator summarises nothing. The conversation had {messages} messages.")
}

fn thinking(request: &MessageRequest, reply: Reply) -> Reply {
    let config = request.body().get("thinking");
    let field = |name: &str| config?.get(name)?.as_str();
    match (field("type"), field("display")) {
        (Some("enabled" | "adaptive"), Some("omitted")) => reply.with_thinking(""),
        (Some("enabled" | "adaptive"), _) => reply.with_thinking(THINKING),
        _ => reply,
    }
}

/// What the request's schema asks for, or else prose, and a quotation where citations are on.
fn text(request: &MessageRequest, reply: Reply) -> Reply {
    let format = request
        .body()
        .pointer("/output_config/format")
        .or_else(|| request.body().get("output_format"));
    if let Some(schema) = format.and_then(|format| format.get("schema")) {
        return reply.with_text(schema::instance(schema).to_string());
    }
    let reply = reply.with_text(prose(request));
    match citing::quotation(request) {
        Some((text, citation)) => reply
            .with_text(" Its first source says: ")
            .with_cited_text(text, [citation]),
        None => reply,
    }
}

fn prose(request: &MessageRequest) -> String {
    let mut text = vec!["This is a simulator of the Claude API, not a model.".to_owned()];
    let said = request.last_user_text();
    if !said.is_empty() {
        text.push(format!("You said: {}", quote(&said)));
    }
    let results = request.tool_results();
    for result in &results {
        let content = result.get("content").map(plain).unwrap_or_default();
        text.push(format!("A tool answered: {}", quote(&content)));
    }
    if said.is_empty() && results.is_empty() {
        text.push("Your last message has no text in it.".to_owned());
    }
    let tools = request.tools().count();
    if tools > 0 && results.is_empty() {
        text.push(format!(
            "Tools on offer: {tools}, none of them called; set tool_choice to have one called."
        ));
    }
    text.join(" ")
}

fn quote(text: &str) -> String {
    let start: String = text.chars().take(QUOTED_CHARS).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("“{start}{more}”")
}
