//! Message batches: created, in progress for a while, ended; or cancelled on the way.
//!
//! Answers are made when the batch is created, since they depend on nothing that could change; what passes is only
//! time. A batch's state is worked out from the clock whenever somebody asks for it.

use std::{collections::HashSet, sync::Mutex, time::Duration};

use axum::{
    Extension,
    extract::{Path, State as Shared},
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    call::{Call, In, Out, json as answer, typed},
    clock::rfc3339,
    errors::ApiError,
    messages::{self, MessageRequest},
    pages,
    state::{App, State, lock},
    validate, wire,
};

const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_REQUESTS: usize = 100_000;
const MAX_ID: usize = 64;

/// All batches, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<Vec<Batch>>);

#[derive(Debug)]
struct Batch {
    id: String,
    created: Duration,
    /// When the answers are ready, if nothing happens before.
    ready: Duration,
    cancelled: Option<Cancelled>,
    results: Vec<(String, Value)>,
}

#[derive(Debug, Clone, Copy)]
struct Cancelled {
    initiated: Duration,
    done: Duration,
}

enum Phase {
    InProgress,
    Canceling,
    /// Since when, and what became of requests that got no answer.
    Ended(Duration, Option<&'static str>),
}

impl Batch {
    fn phase(&self, now: Duration) -> Phase {
        let expires = self.created.saturating_add(LIFETIME);
        match self.cancelled {
            Some(cancelled) if now >= cancelled.done => {
                Phase::Ended(cancelled.done, Some("canceled"))
            }
            Some(_) => Phase::Canceling,
            None if now >= self.ready && self.ready <= expires => Phase::Ended(self.ready, None),
            None if now >= expires => Phase::Ended(expires, Some("expired")),
            None => Phase::InProgress,
        }
    }

    fn json(&self, now: Duration, origin: &str) -> Value {
        let phase = self.phase(now);
        let total = self.results.len();
        let with = |kind: &str| {
            self.results
                .iter()
                .filter(|(_, result)| result["type"] == kind)
                .count()
        };
        let (status, ended, counts) = match phase {
            Phase::InProgress => ("in_progress", None, [total, 0, 0, 0, 0]),
            Phase::Canceling => ("canceling", None, [total, 0, 0, 0, 0]),
            Phase::Ended(at, Some("canceled")) => ("ended", Some(at), [0, 0, 0, total, 0]),
            Phase::Ended(at, Some(_)) => ("ended", Some(at), [0, 0, 0, 0, total]),
            Phase::Ended(at, None) => (
                "ended",
                Some(at),
                [0, with("succeeded"), with("errored"), 0, 0],
            ),
        };
        let [processing, succeeded, errored, canceled, expired] = counts;
        json!({
            "id": self.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": {
                "processing": processing, "succeeded": succeeded, "errored": errored,
                "canceled": canceled, "expired": expired,
            },
            "created_at": rfc3339(self.created),
            "expires_at": rfc3339(self.created.saturating_add(LIFETIME)),
            "ended_at": ended.map(rfc3339),
            "cancel_initiated_at": self.cancelled.map(|cancelled| rfc3339(cancelled.initiated)),
            "archived_at": null,
            "results_url": ended.map(|_| format!("{origin}/v1/messages/batches/{}/results", self.id)),
        })
    }

    fn lines(&self, unanswered: Option<&str>) -> Bytes {
        let mut lines = String::new();
        for (custom_id, result) in &self.results {
            let result = unanswered.map_or_else(|| result.clone(), |kind| json!({"type": kind}));
            lines.push_str(&wire::text(
                &json!({"custom_id": custom_id, "result": result}),
            ));
            lines.push('\n');
        }
        lines.into()
    }
}

pub(crate) async fn create(Shared(app): Shared<App>, Extension(call): In) -> Out {
    let requests = requests(call.json()?)?;
    let answered = requests
        .iter()
        .map(|(id, params)| (id.clone(), result(&app, &call, params)));
    let results = answered.collect();
    let created = app.clock.now();
    let ready = created.saturating_add(app.config.batch_delay);
    let batch = Batch {
        id: app.ids.next("msgbatch"),
        created,
        ready,
        cancelled: None,
        results,
    };
    let body = batch.json(created, &call.origin(&app.url));
    lock(&app.batches.0).push(batch);
    Ok(answer(&body))
}

/// The requests by their custom ids, which must be there, well formed and unique.
fn requests(body: &Value) -> Result<Vec<(String, &Value)>, ApiError> {
    let requests = body
        .get("requests")
        .ok_or_else(|| ApiError::invalid("requests: Field required"))?;
    let requests = requests
        .as_array()
        .ok_or_else(|| ApiError::invalid("requests: Input should be a valid list"))?;
    if requests.is_empty() || requests.len() > MAX_REQUESTS {
        return Err(ApiError::invalid(format!(
            "requests: a batch holds 1 to {MAX_REQUESTS} requests"
        )));
    }
    let mut seen = HashSet::new();
    let mut named = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        let at = |field: &str, problem: &str| {
            ApiError::invalid(format!("requests.{index}.{field}: {problem}"))
        };
        let id = request
            .get("custom_id")
            .ok_or_else(|| at("custom_id", "Field required"))?;
        let id = id
            .as_str()
            .ok_or_else(|| at("custom_id", "Input should be a valid string"))?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(plain) {
            return Err(at(
                "custom_id",
                "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
            ));
        }
        if !seen.insert(id) {
            return Err(at("custom_id", &format!("Duplicate custom_id '{id}'")));
        }
        let params = request
            .get("params")
            .ok_or_else(|| at("params", "Field required"))?;
        if !params.is_object() {
            return Err(at("params", "Input should be a valid dictionary"));
        }
        named.push((id.to_owned(), params));
    }
    Ok(named)
}

fn result(app: &State, call: &Call, params: &Value) -> Value {
    let request = MessageRequest::new(params.clone(), call.headers.clone());
    let said = if request.is_stream() {
        Err(ApiError::invalid(
            "stream: streaming is not supported in batches",
        ))
    } else {
        validate::batched(app, call, params).and_then(|()| messages::say(app, &request))
    };
    match said {
        Ok(mut message) => {
            if let Some(tier) = message.pointer_mut("/usage/service_tier") {
                *tier = json!("batch");
            }
            json!({"type": "succeeded", "message": message})
        }
        Err(error) => json!({"type": "errored", "error": error.body(&call.request_id)}),
    }
}

/// Looks a batch up, with the time it is looked at.
fn with<T>(
    app: &App,
    id: &str,
    look: impl FnOnce(&mut Batch, Duration) -> T,
) -> Result<T, ApiError> {
    let now = app.clock.now();
    let mut batches = lock(&app.batches.0);
    let batch = batches.iter_mut().find(|batch| batch.id == id);
    batch
        .map(|batch| look(batch, now))
        .ok_or_else(|| missing(id))
}

fn missing(id: &str) -> ApiError {
    ApiError::not_found(format!("No message batch found with the id {id}"))
}

pub(crate) async fn list(Shared(app): Shared<App>, Extension(call): In) -> Out {
    let (now, origin) = (app.clock.now(), call.origin(&app.url));
    let items: Vec<_> = lock(&app.batches.0)
        .iter()
        .rev()
        .map(|batch| (batch.id.clone(), batch.json(now, &origin)))
        .collect();
    Ok(answer(&pages::by_id(&call, &items)?))
}

pub(crate) async fn retrieve(
    Shared(app): Shared<App>,
    Path(id): Path<String>,
    Extension(call): In,
) -> Out {
    let origin = call.origin(&app.url);
    Ok(answer(&with(&app, &id, |batch, now| {
        batch.json(now, &origin)
    })?))
}

pub(crate) async fn cancel(
    Shared(app): Shared<App>,
    Path(id): Path<String>,
    Extension(call): In,
) -> Out {
    let (origin, delay) = (call.origin(&app.url), app.config.batch_delay);
    let cancelled = with(&app, &id, |batch, now| match batch.phase(now) {
        Phase::Ended(..) => Err(ApiError::invalid(format!(
            "Batch {} has ended and can no longer be canceled",
            batch.id
        ))),
        Phase::Canceling => Ok(batch.json(now, &origin)),
        Phase::InProgress => {
            batch.cancelled = Some(Cancelled {
                initiated: now,
                done: now.saturating_add(delay),
            });
            Ok(batch.json(now, &origin))
        }
    })??;
    Ok(answer(&cancelled))
}

pub(crate) async fn delete(Shared(app): Shared<App>, Path(id): Path<String>) -> Out {
    let now = app.clock.now();
    let mut batches = lock(&app.batches.0);
    let index = batches
        .iter()
        .position(|batch| batch.id == id)
        .ok_or_else(|| missing(&id))?;
    if !batches
        .get(index)
        .is_some_and(|batch| matches!(batch.phase(now), Phase::Ended(..)))
    {
        return Err(ApiError::invalid(format!(
            "Batch {id} is still being processed; cancel it before deleting it"
        )));
    }
    batches.remove(index);
    Ok(answer(&json!({"id": id, "type": "message_batch_deleted"})))
}

pub(crate) async fn results(Shared(app): Shared<App>, Path(id): Path<String>) -> Out {
    let lines = with(&app, &id, |batch, now| match batch.phase(now) {
        Phase::Ended(_, unanswered) => Some(batch.lines(unanswered)),
        Phase::InProgress | Phase::Canceling => None,
    })?;
    let lines = lines.ok_or_else(|| {
        ApiError::invalid(format!(
            "Batch {id} has no results yet: it is still being processed"
        ))
    })?;
    Ok(typed(StatusCode::OK, "application/x-jsonl", lines))
}
