//! What an agent writes in a session: the reply that a message request with the session's
//! conversation would get, by the queue, by a rule, by the handler or built in, as events.
//!
//! It is found before the response is sent, because a handler may have to wait, and while it
//! waits nothing is locked.

use serde_json::{Value, json};

use super::ask::Ask;
use super::events::{CALLS, SESSION};
use super::part::{CUSTOM, Part, kind, text};
use super::related;
use super::store::{Fields, Item, SESSIONS, Store};
use crate::api::messages::Messages;
use crate::http::call::Call;

/// What an agent may write, so that nothing is cut.
const MAX_TOKENS: u64 = 64_000;
const RESULT: &str = "user.custom_tool_result";

/// A turn of the agent's that a request asks for.
#[derive(Debug)]
pub(super) struct Turn {
    request: Value,
    waits: Vec<String>,
}

impl Turn {
    /// The turn, if the request has events that make the agent speak.
    pub(super) fn due(ask: &Ask<'_>, store: &Store) -> Option<Self> {
        let (session, before, new) = if ask.operation.path == SESSION {
            let session = ask.ids.get("session_id")?.as_str()?;
            let session = store.item(SESSIONS, session)?.value.clone();
            (session, store.items(&ask.path), "events")
        } else if ask.is_create(SESSIONS) {
            let session = related::before(ask, store, ask.body.clone());
            (session, [].as_slice(), "initial_events")
        } else {
            return None;
        };
        let new = ask.body.get(new)?.as_array()?;
        if !new.iter().any(|event| CALLS.contains(&kind(event))) {
            return None;
        }
        let before: Vec<Value> = before.iter().map(whole).collect();
        let events: Vec<&Value> = before.iter().chain(new).collect();
        Some(Self {
            waits: waiting(&events),
            request: request(&session, &events),
        })
    }

    pub(super) async fn take(self, messages: &Messages, call: &Call) -> Part {
        if !self.waits.is_empty() {
            return Part::Waits(self.waits);
        }
        match messages.speak(self.request, call).await {
            Ok(message) => Part::Says(message),
            Err(error) => Part::Fails(error),
        }
    }
}

fn whole(item: &Item) -> Value {
    Value::Object(item.value.clone())
}

/// The calls of custom tools that have no result.
fn waiting(events: &[&Value]) -> Vec<String> {
    let results: Vec<&str> = events
        .iter()
        .filter(|event| kind(event) == RESULT)
        .map(|event| text(event, "custom_tool_use_id"))
        .collect();
    let calls = events.iter().filter(|event| kind(event) == CUSTOM);
    let calls = calls.map(|event| text(event, "id"));
    calls
        .filter(|id| !results.contains(id))
        .map(str::to_owned)
        .collect()
}

/// A session as a message request: what its agent is made of, and its conversation.
fn request(session: &Fields, events: &[&Value]) -> Value {
    let agent = session.get("agent").unwrap_or(&Value::Null);
    let field = |name: &str| agent.get(name).unwrap_or(&Value::Null);
    let model = field("model");
    let tools = field("tools").as_array().into_iter().flatten();
    let tools: Vec<Value> = tools
        .filter(|tool| kind(tool) == "custom")
        .map(|tool| {
            let field = |name: &str| tool.get(name).cloned().unwrap_or_default();
            json!({
                "name": field("name"),
                "description": field("description"),
                "input_schema": field("input_schema"),
            })
        })
        .collect();
    json!({
        "model": model.get("id").unwrap_or(model),
        "max_tokens": MAX_TOKENS,
        "system": field("system").as_str().unwrap_or_default(),
        "tools": tools,
        "messages": conversation(events),
    })
}

/// The messages that events are. Those of one side that follow each other are one.
fn conversation(events: &[&Value]) -> Vec<Value> {
    let mut messages: Vec<(&str, Vec<Value>)> = Vec::new();
    for event in events {
        let content = event.get("content").and_then(Value::as_array);
        let content = content.cloned().unwrap_or_default();
        let (role, blocks) = match kind(event) {
            "user.message" => ("user", content),
            "agent.message" => ("assistant", content),
            CUSTOM => {
                let field = |name: &str| event.get(name).cloned().unwrap_or_default();
                let call = json!({
                    "type": "tool_use",
                    "id": field("id"),
                    "name": field("name"),
                    "input": field("input"),
                });
                ("assistant", vec![call])
            }
            RESULT => {
                let result = json!({
                    "type": "tool_result",
                    "tool_use_id": text(event, "custom_tool_use_id"),
                    "content": content,
                    "is_error": event.get("is_error") == Some(&Value::Bool(true)),
                });
                ("user", vec![result])
            }
            _ => continue,
        };
        match messages.last_mut() {
            Some((last, known)) if *last == role => known.extend(blocks),
            _ => messages.push((role, blocks)),
        }
    }
    let messages = messages.into_iter();
    messages
        .map(|(role, content)| json!({"role": role, "content": content}))
        .collect()
}
