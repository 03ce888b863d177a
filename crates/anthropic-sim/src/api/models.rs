//! The models endpoint. Ids, life cycles and limits are the API's; dates are placeholders, since
//! nothing here depends on them.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::{Value, json};

use crate::base::clock::rfc3339;
use crate::base::errors::ApiError;
use crate::http::call::{Call, CallArg, HandlerResult, json as answer};
use crate::http::paging::{self, Item};
use crate::models::{self, Model};

const NEWEST: Duration = Duration::from_secs(1_790_812_800);
const DAY: u32 = 86_400;

/// The routes; if any id is one of a model, those that nothing else has are described as the newest
/// is.
pub(crate) fn routes(lenient: bool) -> Router {
    Router::new()
        .route("/v1/models", get(list))
        .route("/v1/models/{id}", get(retrieve))
        .with_state(lenient)
}

async fn list(Extension(call): CallArg) -> HandlerResult {
    let wanted: Vec<&str> = call.params("lifecycle").collect();
    // Retired ones are listed only when they are asked for.
    let kept = all(&call).filter(|(_, model)| {
        let lifecycle = model
            .get("lifecycle")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if wanted.is_empty() {
            lifecycle != "retired"
        } else {
            wanted.contains(&lifecycle)
        }
    });
    Ok(answer(&paging::by_id(&call, &kept.collect::<Vec<_>>())?))
}

async fn retrieve(
    State(lenient): State<bool>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    let id = models::find(&id).map_or(id.as_str(), |model| model.id);
    if let Some((_, model)) = all(&call).find(|(known, _)| known == id) {
        return Ok(answer(&model));
    }
    let mut newest = all(&call)
        .next()
        .filter(|_| lenient)
        .map(|(_, model)| model);
    if let Some(fields) = newest.as_mut().and_then(Value::as_object_mut) {
        fields.insert("id".to_owned(), json!(id));
    }
    let missing = || ApiError::not_found(format!("model: {id}"));
    newest.map(|model| answer(&model)).ok_or_else(missing)
}

fn all(call: &Call) -> impl Iterator<Item = Item> + use<> {
    let beta = call.param("beta") == Some("true");
    let models = (0_u32..).zip(models::all());
    models.map(move |(age, model)| {
        let mut described = described(model, age);
        if let Some(fields) = described.as_object_mut().filter(|_| beta) {
            fields.insert("allowed_fallback_models".to_owned(), fallbacks(age));
        }
        (model.id.to_owned(), described)
    })
}

/// The next two active models, which only the beta form of the endpoint names.
fn fallbacks(age: u32) -> Value {
    let younger = usize::try_from(age).unwrap_or_default() + 1;
    let others = models::all().skip(younger);
    let active = others.filter(|model| model.lifecycle == "active");
    active.map(|model| model.id).take(2).collect()
}

fn described(model: &Model, age: u32) -> Value {
    let (line, name) = names(model.id);
    let created = NEWEST.saturating_sub(Duration::from_secs(u64::from(age * 30 * DAY)));
    let day = |days: u32| Duration::from_secs(u64::from(days * DAY));
    let retires = match model.lifecycle {
        "active" => None,
        "retired" => Some(rfc3339(NEWEST.saturating_sub(day(60)))),
        _ => Some(rfc3339(NEWEST.saturating_add(day(60)))),
    };
    let deprecated = match model.lifecycle {
        "retired" => NEWEST.saturating_sub(day(240)),
        _ => NEWEST,
    };
    json!({
        "id": model.id,
        "type": "model",
        "display_name": name,
        "line": line,
        "lifecycle": model.lifecycle,
        "created_at": rfc3339(created),
        "deprecated_at": retires.as_ref().map(|_| rfc3339(deprecated)),
        "retires_at": retires,
        "max_input_tokens": model.window(""),
        "max_tokens": model.output,
        "capabilities": capabilities(model),
    })
}

const LINES: [&str; 5] = ["haiku", "sonnet", "opus", "fable", "mythos"];

/// `claude-opus-4-5-20251101` is of the line `opus` and called "Claude Opus 4.5"; so is the older
/// `claude-3-opus-20240229`, called "Claude Opus 3". The oldest are of no line.
fn names(id: &str) -> (Option<&str>, String) {
    let words = || id.split('-').skip(1).filter(|word| word.len() != 8);
    let line = words().find(|word| LINES.contains(word));
    let title = line.into_iter().map(capital);
    let version: Vec<&str> = words().filter(|word| Some(*word) != line).collect();
    let version = match version.as_slice() {
        [] => None,
        // Words are kept apart, numbers are a version.
        [first, rest @ ..] if first.starts_with(char::is_alphabetic) => {
            let rest = rest.iter().map(|word| (*word).to_owned());
            Some(
                [capital(first)]
                    .into_iter()
                    .chain(rest)
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        }
        numbers => Some(numbers.join(".")),
    };
    let words: Vec<String> = title.chain(version).collect();
    (line, format!("Claude {}", words.join(" ")))
}

fn capital(word: &str) -> String {
    let mut word = word.to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

fn capabilities(model: &Model) -> Value {
    let yes = json!({"supported": true});
    let thinks = json!({"supported": model.thinks()});
    let adaptive = json!({"supported": model.thinks_adaptively()});
    let enabled = json!({"supported": model.takes_thinking_budget()});
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
            "supported": model.thinks(),
            "types": {"adaptive": adaptive, "between_tools": thinks, "disabled": yes, "enabled": enabled},
        },
    })
}
