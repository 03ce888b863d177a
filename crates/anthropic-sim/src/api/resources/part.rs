//! An agent's part in a session, as events.

use serde_json::{Value, json};

use crate::base::errors::ApiError;

pub(super) const CUSTOM: &str = "agent.custom_tool_use";

/// An agent's part after the events of a request.
#[derive(Debug)]
pub(super) enum Part {
    /// A message of the assistant's.
    Says(Value),
    /// The model fails.
    Fails(ApiError),
    /// The results of these calls are missing still.
    Waits(Vec<String>),
}

pub(super) fn kind(event: &Value) -> &str {
    text(event, "type")
}

pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Part {
    /// The agent's events, but for the last one, which has the reason why it stopped.
    pub(super) fn events(&self) -> Vec<Value> {
        match self {
            Self::Waits(_) => Vec::new(),
            Self::Fails(error) => {
                let kind = match error.kind.as_ref() {
                    "overloaded_error" => "model_overloaded_error",
                    "rate_limit_error" => "model_rate_limited_error",
                    _ => "model_request_failed_error",
                };
                let error = json!({
                    "type": kind,
                    "message": error.message,
                    "retry_status": {"type": "exhausted"},
                });
                vec![
                    json!({"type": "session.status_running"}),
                    json!({"type": "session.error", "error": error}),
                ]
            }
            Self::Says(message) => {
                let mut events = vec![json!({"type": "session.status_running"})];
                let content = message.get("content").and_then(Value::as_array);
                for block in content.into_iter().flatten() {
                    match kind(block) {
                        "text" => events.push(json!({
                            "type": "agent.message",
                            "content": [{"type": "text", "text": text(block, "text")}],
                        })),
                        "thinking" => events.push(json!({"type": "agent.thinking"})),
                        "tool_use" => events.push(json!({
                            "type": CUSTOM,
                            "name": text(block, "name"),
                            "input": block.get("input").cloned().unwrap_or_default(),
                        })),
                        _ => {}
                    }
                }
                events
            }
        }
    }

    /// The event that ends the turn, after the events that were kept of it.
    pub(super) fn end(&self, kept: &[Value]) -> Value {
        let idle = |reason: Value| json!({"type": "session.status_idle", "stop_reason": reason});
        let ids = match self {
            Self::Fails(_) => return idle(json!({"type": "retries_exhausted"})),
            Self::Waits(ids) => ids.clone(),
            Self::Says(_) => {
                let calls = kept.iter().filter(|event| kind(event) == CUSTOM);
                calls.map(|event| text(event, "id").to_owned()).collect()
            }
        };
        if !ids.is_empty() {
            return idle(json!({"type": "requires_action", "event_ids": ids}));
        }
        let Self::Says(message) = self else {
            return idle(json!({"type": "end_turn"}));
        };
        if text(message, "stop_reason") != "refusal" {
            return idle(json!({"type": "end_turn"}));
        }
        let mut refused = idle(json!({"type": "refusal"}));
        if let (Some(fields), Some(details)) =
            (refused.as_object_mut(), message.get("stop_details"))
        {
            fields.insert("stop_details".to_owned(), details.clone());
        }
        refused
    }
}
