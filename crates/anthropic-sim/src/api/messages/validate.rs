//! What makes a message request invalid although its shape is right: an unknown model, ranges, and
//! parameters that contradict each other. The shape is checked before, for every request alike, in
//! `validate/`.

use http::StatusCode;
use serde_json::Value;

use crate::{
    base::errors::ApiError,
    tokens::{self, CACHE_CONTROL},
};

type Check = Result<(), ApiError>;

const MIN_THINKING: f64 = 1_024.0;
const MAX_CACHED: usize = 4;

pub(super) fn create(body: &Value) -> Check {
    common(body)?;
    let max_tokens = body.get("max_tokens").and_then(Value::as_f64);
    let max_tokens = max_tokens.unwrap_or_default();
    if max_tokens < 0.0 {
        return Err(wrong("max_tokens", "greater than or equal to 0"));
    }
    thinking(body, max_tokens)
}

pub(super) fn count_tokens(body: &Value) -> Check {
    common(body)
}

fn common(body: &Value) -> Check {
    model(body)?;
    sampling(body)?;
    let messages = body.get("messages").and_then(Value::as_array);
    // A turn that was paused goes on from nothing new.
    let continued = body
        .pointer("/thread/type")
        .is_some_and(|kind| kind == "continue");
    if messages.is_some_and(Vec::is_empty) && !continued {
        return Err(ApiError::invalid(
            "messages: at least one message is required",
        ));
    }
    cache_control(body)?;
    tool_choice(body)
}

fn cache_control(body: &Value) -> Check {
    let has = |value: &Value| value.get(CACHE_CONTROL).is_some_and(Value::is_object);
    let parts = tokens::parts(body);
    let blocks = parts.iter().filter(|part| has(part.value)).count();
    let found = blocks + usize::from(has(body));
    if found <= MAX_CACHED {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "A maximum of {MAX_CACHED} blocks with cache_control may be provided. Found {found}."
    )))
}

fn wrong(name: &str, wanted: &str) -> ApiError {
    ApiError::invalid(format!("{name}: Input should be {wanted}"))
}

fn model(body: &Value) -> Check {
    let model = body
        .get("model")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if model.starts_with("claude-") {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::NOT_FOUND,
        "not_found_error",
        format!("model: {model}"),
    ))
}

/// The sampling parameters of earlier versions.
fn sampling(body: &Value) -> Check {
    for (name, most) in [("temperature", 1.0), ("top_p", 1.0), ("top_k", f64::MAX)] {
        let value = body.get(name).and_then(Value::as_f64).unwrap_or_default();
        if value < 0.0 {
            return Err(wrong(name, "greater than or equal to 0"));
        }
        if value > most {
            return Err(wrong(name, "less than or equal to 1"));
        }
    }
    Ok(())
}

fn tool_choice(body: &Value) -> Check {
    let tools = body.get("tools").and_then(Value::as_array);
    let tools: &[Value] = tools.map_or(&[], Vec::as_slice);
    let choice = body.get("tool_choice");
    let of = |name: &str| choice.and_then(|choice| choice.get(name)?.as_str());
    match of("type") {
        Some("any" | "tool") if tools.is_empty() => Err(ApiError::invalid(
            "tool_choice: may only be specified while providing tools",
        )),
        Some("tool") => {
            let name = of("name").unwrap_or_default();
            let mut names = tools.iter().filter_map(|tool| tool.get("name"));
            if names.any(|given| given == name) {
                return Ok(());
            }
            Err(ApiError::invalid(format!(
                "tool_choice: Tool '{name}' not found in provided tools"
            )))
        }
        _ => Ok(()),
    }
}

fn thinking(body: &Value, max_tokens: f64) -> Check {
    let budget = body
        .pointer("/thinking/budget_tokens")
        .and_then(Value::as_f64);
    match budget {
        Some(budget) if budget < MIN_THINKING => Err(wrong(
            "thinking.enabled.budget_tokens",
            "greater than or equal to 1024",
        )),
        Some(budget) if budget >= max_tokens => Err(ApiError::invalid(
            "max_tokens: must be greater than thinking.budget_tokens",
        )),
        _ => Ok(()),
    }
}
