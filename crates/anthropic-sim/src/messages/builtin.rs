//! The built-in answer: what the simulator says when nobody told it what to say.
//!
//! It depends on the request alone, and it is honest: it says that no model is at work.

use serde_json::{Value, json};

use super::request::{MessageRequest, plain};
use crate::{reply::Script, schema};

const QUOTED_CHARS: usize = 200;
const THINKING: &str = "No thinking takes place in the simulator. This block stands where a model's thinking would, \
    so that a client can be tested with it.";

pub(super) fn script(request: &MessageRequest) -> Script {
    let mut script = Script::default();
    script.content.extend(thinking(request));
    script
        .content
        .push(tool_use(request).unwrap_or_else(|| text(request)));
    script
}

fn thinking(request: &MessageRequest) -> Option<Value> {
    let config = request.body().get("thinking")?;
    if !matches!(config.get("type")?.as_str()?, "enabled" | "adaptive") {
        return None;
    }
    let omitted = config
        .get("display")
        .is_some_and(|display| display == "omitted");
    Some(json!({"type": "thinking", "thinking": if omitted { "" } else { THINKING }}))
}

/// The tool that `tool_choice` forces, called with an input made from its schema.
fn tool_use(request: &MessageRequest) -> Option<Value> {
    let choice = request.body().get("tool_choice")?;
    let tool = match choice.get("type")?.as_str()? {
        "tool" => request.tool(choice.get("name")?.as_str()?)?,
        "any" => {
            let named = || request.tools().filter(|tool| tool.get("name").is_some());
            named()
                .find(|tool| tool.get("input_schema").is_some())
                .or_else(|| named().next())?
        }
        _ => return None,
    };
    let input = tool
        .get("input_schema")
        .map_or_else(|| json!({}), schema::instance);
    let input = if input.is_object() { input } else { json!({}) };
    Some(json!({"type": "tool_use", "name": tool.get("name")?, "input": input}))
}

fn text(request: &MessageRequest) -> Value {
    let format = request
        .body()
        .pointer("/output_config/format")
        .or_else(|| request.body().get("output_format"));
    let schema = format.and_then(|format| format.get("schema"));
    let text = schema.map_or_else(
        || prose(request),
        |schema| schema::instance(schema).to_string(),
    );
    json!({"type": "text", "text": text})
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
            "Tools on offer: {tools}; set tool_choice to have one called."
        ));
    }
    text.join(" ")
}

fn quote(text: &str) -> String {
    let start: String = text.chars().take(QUOTED_CHARS).collect();
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("“{start}{more}”")
}
