//! Endpoints for webhooks and their deliveries, for tests in any language.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{Control, Controlled, parsed, refused};
use crate::http::call::json as answer;
use crate::webhooks::{Webhook, WebhookEvent};

pub(super) fn routes() -> Router<Arc<Control>> {
    Router::new()
        .route("/_sim/webhooks", get(list).post(add).delete(clear))
        .route("/_sim/webhooks/events", post(send))
}

async fn list(State(control): Controlled) -> Response {
    answer(&control.webhooks.json())
}

async fn add(State(control): Controlled, body: Bytes) -> Response {
    let webhook = parsed(&body).and_then(|value| webhook(&value));
    match webhook.and_then(|webhook| control.webhooks.add(&webhook)) {
        Ok(()) => answer(&control.webhooks.json()),
        Err(problem) => refused(&problem),
    }
}

async fn clear(State(control): Controlled) -> Response {
    control.webhooks.clear();
    answer(&control.webhooks.json())
}

async fn send(State(control): Controlled, body: Bytes) -> Response {
    match parsed(&body).and_then(|value| WebhookEvent::from_json(&value)) {
        Ok(event) => answer(&json!({"id": control.webhooks.send(&event, &control.ids)})),
        Err(problem) => refused(&problem),
    }
}

/// Reads an endpoint's settings.
fn webhook(value: &Value) -> Result<Webhook, String> {
    let fields = value.as_object().ok_or("should be an object")?;
    let url = fields.get("url").and_then(Value::as_str);
    let mut webhook =
        Webhook::new(url.ok_or("url: should be a URL, such as http://127.0.0.1:8080/")?);
    for (name, value) in fields {
        let texts =
            || -> Option<Vec<&str>> { value.as_array()?.iter().map(Value::as_str).collect() };
        let read = match name.as_str() {
            "url" => Some(webhook.clone()),
            "key" => value.as_str().map(|key| webhook.clone().key(key)),
            "keys" => texts().map(|keys| keys.into_iter().fold(webhook.clone(), Webhook::key)),
            "events" => texts().map(|types| webhook.clone().events(types)),
            "retries" => seconds(value).map(|retries| webhook.clone().retries(retries)),
            _ => return Err(format!("{name}: there is no such field")),
        };
        webhook = read.ok_or_else(|| format!("{name}: has not the right type"))?;
    }
    Ok(webhook)
}

fn seconds(value: &Value) -> Option<Vec<Duration>> {
    let seconds = value.as_array()?.iter().map(Value::as_f64);
    let durations = seconds.map(|seconds| Duration::try_from_secs_f64(seconds?).ok());
    durations.collect()
}
