//! The models endpoint. Ids and life cycles are the API's; dates and limits are placeholders, since
//! nothing here depends on them.

use std::time::Duration;

use axum::{Extension, Router, extract::Path, routing::get};
use serde_json::{Value, json};

use crate::{
    base::{clock::rfc3339, errors::ApiError},
    http::{
        call::{Call, CallArg, HandlerResult, json as answer},
        paging::{self, Item},
    },
};

/// Newest first.
const MODELS: [(&str, &str); 22] = [
    ("claude-fable-5-2", "active"),
    ("claude-mythos-5-2", "active"),
    ("claude-haiku-5-5", "active"),
    ("claude-sonnet-5-5", "active"),
    ("claude-fable-5-1", "active"),
    ("claude-opus-5-5", "active"),
    ("claude-mythos-5-1", "active"),
    ("claude-sonnet-5", "active"),
    ("claude-fable-5", "active"),
    ("claude-mythos-5", "active"),
    ("claude-opus-5", "active"),
    ("claude-opus-4-8", "active"),
    ("claude-opus-4-7", "active"),
    ("claude-mythos-preview", "deprecated"),
    ("claude-opus-4-6", "active"),
    ("claude-sonnet-4-6", "active"),
    ("claude-haiku-4-5", "active"),
    ("claude-haiku-4-5-20251001", "active"),
    ("claude-opus-4-5", "active"),
    ("claude-opus-4-5-20251101", "active"),
    ("claude-sonnet-4-5", "deprecated"),
    ("claude-sonnet-4-5-20250929", "deprecated"),
];
const NEWEST: Duration = Duration::from_secs(1_790_812_800);
const DAY: u32 = 86_400;

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/v1/models", get(list))
        .route("/v1/models/{id}", get(retrieve))
}

async fn list(Extension(call): CallArg) -> HandlerResult {
    let wanted: Vec<&str> = call.params("lifecycle").collect();
    let kept = all(&call).filter(|(_, model)| {
        let lifecycle = model
            .get("lifecycle")
            .and_then(Value::as_str)
            .unwrap_or_default();
        wanted.is_empty() || wanted.contains(&lifecycle)
    });
    Ok(answer(&paging::by_id(&call, &kept.collect::<Vec<_>>())?))
}

async fn retrieve(Path(id): Path<String>, Extension(call): CallArg) -> HandlerResult {
    let found = all(&call).find(|(known, _)| *known == id);
    found
        .map(|(_, model)| answer(&model))
        .ok_or_else(|| ApiError::not_found(format!("model: {id}")))
}

fn all(call: &Call) -> impl Iterator<Item = Item> + use<> {
    let beta = call.param("beta") == Some("true");
    (0_u32..).zip(MODELS).map(move |(age, (id, lifecycle))| {
        let mut model = model(id, lifecycle, age);
        if let Some(fields) = model.as_object_mut().filter(|_| beta) {
            fields.insert("allowed_fallback_models".to_owned(), fallbacks(age));
        }
        (id.to_owned(), model)
    })
}

/// The next two active models, which only the beta form of the endpoint names.
fn fallbacks(age: u32) -> Value {
    let younger = usize::try_from(age).unwrap_or_default() + 1;
    let others = MODELS.iter().skip(younger);
    let active = others.filter(|(_, lifecycle)| *lifecycle == "active");
    active.map(|(id, _)| *id).take(2).collect()
}

fn model(id: &str, lifecycle: &str, age: u32) -> Value {
    let (line, name) = names(id);
    let created = NEWEST.saturating_sub(Duration::from_secs(u64::from(age * 15 * DAY)));
    let retires = (lifecycle != "active")
        .then(|| rfc3339(NEWEST.saturating_add(Duration::from_secs(u64::from(60 * DAY)))));
    json!({
        "id": id,
        "type": "model",
        "display_name": name,
        "line": line,
        "lifecycle": lifecycle,
        "created_at": rfc3339(created),
        "deprecated_at": retires.as_ref().map(|_| rfc3339(NEWEST)),
        "retires_at": retires,
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": capabilities(),
    })
}

/// `claude-opus-4-5-20251101` is of the line `opus` and called "Claude Opus 4.5".
fn names(id: &str) -> (&str, String) {
    let mut words = id.split('-').skip(1);
    let line = words.next().unwrap_or_default();
    let version: Vec<&str> = words.filter(|word| word.len() < 8).collect();
    let mut title = line.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    (line, format!("Claude {title} {}", version.join(".")))
}

fn capabilities() -> Value {
    let yes = json!({"supported": true});
    json!({
        "batch": yes, "citations": yes, "code_execution": yes, "image_input": yes, "pdf_input": yes,
        "structured_outputs": yes,
        "context_management": {
            "supported": true, "clear_thinking_20251015": yes, "clear_tool_uses_20250919": yes,
            "compact_20260112": yes,
        },
        "effort": {"supported": true, "low": yes, "medium": yes, "high": yes, "xhigh": yes, "max": yes},
        "server_tools": {"supported": true, "code_execution": yes, "web_search": yes},
        "thinking": {
            "supported": true,
            "types": {"adaptive": yes, "between_tools": yes, "disabled": yes, "enabled": yes},
        },
    })
}
