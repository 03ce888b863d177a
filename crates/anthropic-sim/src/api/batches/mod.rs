//! Message batches: created, in progress for a while, ended; or cancelled on the way.
//!
//! Results are made when the batch is created; what passes is only time. Requests are taken one
//! after the other, each for its share of [`Builder::batch_delay`](crate::Builder::batch_delay):
//! what is cancelled or expires half-way is half done. A batch's state is worked out from the clock
//! whenever somebody asks for it. Neither its requests nor its results are in memory as a whole.

mod requests;
mod results;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::task::yield_now;

use self::requests::Requests;
use self::results::Results;
use super::messages::Messages;
use super::shelf::{Kept, Shelf};
use crate::base::clock::{Clock, rfc3339};
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::http::call::{Call, CallArg, HandlerResult, json as answer};
use crate::http::paging;
use crate::validate::Checks;

const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// How long results can be had after the batch was created.
const KEPT: Duration = Duration::from_secs(29 * 24 * 60 * 60);
/// After how many requests others get a turn.
const TURN: usize = 64;

#[derive(Debug)]
pub(crate) struct Batches {
    shelf: Shelf<Batch>,
    messages: Arc<Messages>,
    checks: Checks,
    /// How long a batch is in progress.
    delay: Duration,
    /// The simulator's URL, for links where the request has no `host`.
    url: String,
}

impl Batches {
    pub(crate) fn new(
        clock: Arc<Clock>,
        ids: Arc<Ids>,
        lenient: bool,
        messages: Arc<Messages>,
        checks: Checks,
        delay: Duration,
        url: String,
    ) -> Self {
        Self {
            shelf: Shelf::new(clock, ids, lenient),
            messages,
            checks,
            delay,
            url,
        }
    }

    pub(crate) fn forget(&self) {
        self.shelf.forget();
    }

    pub(crate) fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/v1/messages/batches", post(create).get(list))
            .route("/v1/messages/batches/{id}", get(retrieve).delete(delete))
            .route("/v1/messages/batches/{id}/cancel", post(cancel))
            .route("/v1/messages/batches/{id}/results", get(results))
            .with_state(self)
    }

    /// A page of the batches, newest first.
    pub(crate) fn page(&self, call: &Call) -> Result<Value, ApiError> {
        let (now, origin) = (self.shelf.now(), call.origin(&self.url));
        let all = self.shelf.all();
        let items: Vec<_> = all
            .iter()
            .rev()
            .map(|batch| (batch.id.clone(), batch.json(now, &origin)))
            .collect();
        paging::by_id(call, &items)
    }

    /// Looks a batch up, with the time it is looked at.
    fn with<T>(
        &self,
        id: &str,
        look: impl FnOnce(&mut Batch, Duration) -> T,
    ) -> Result<T, ApiError> {
        let now = self.shelf.now();
        self.shelf.with(id, |batch| Ok(look(batch, now)))
    }

    async fn result(&self, call: &Call, params: Value) -> Value {
        let made = if params.get("stream") == Some(&Value::Bool(true)) {
            Err(ApiError::invalid(
                "stream: streaming is not supported in batches",
            ))
        } else {
            match self.checks.batched(call, &params) {
                Ok(()) => self.messages.make(params, call).await,
                Err(error) => Err(error),
            }
        };
        match made {
            Ok(made) => {
                let mut message = made.message;
                if let Some(tier) = message.pointer_mut("/usage/service_tier") {
                    *tier = json!("batch");
                }
                json!({"type": "succeeded", "message": message})
            }
            Err(error) => json!({"type": "errored", "error": error.body(&call.request_id)}),
        }
    }
}

#[derive(Debug)]
struct Batch {
    id: String,
    created: Duration,
    /// How long all requests take, one after the other.
    work: Duration,
    cancelled: Option<Cancelled>,
    results: Arc<Results>,
}

#[derive(Debug, Clone, Copy)]
struct Cancelled {
    initiated: Duration,
    done: Duration,
}

enum Phase {
    InProgress,
    Canceling,
    Ended(End),
}

/// When a batch ended, how many of its requests were done by then, and what became of the others.
struct End {
    at: Duration,
    answered: usize,
    rest: &'static str,
}

impl Kept for Batch {
    fn id(&self) -> &str {
        &self.id
    }

    /// One that has ended a while ago, with nothing in it.
    fn stand_in(id: &str, _: u64, now: Duration) -> Self {
        Self {
            id: id.to_owned(),
            created: now.saturating_sub(LIFETIME),
            work: Duration::ZERO,
            cancelled: None,
            results: Arc::default(),
        }
    }

    fn missing(id: &str) -> ApiError {
        ApiError::not_found(format!("No message batch found with the id {id}"))
    }
}

impl Batch {
    fn phase(&self, now: Duration) -> Phase {
        let expires = self.created.saturating_add(LIFETIME);
        let ready = self.created.saturating_add(self.work);
        let ended = |at, until, rest| {
            let answered = self.answered(until);
            Phase::Ended(End { at, answered, rest })
        };
        match self.cancelled {
            Some(cancelled) if now >= cancelled.done => {
                ended(cancelled.done, cancelled.initiated, "canceled")
            }
            Some(_) => Phase::Canceling,
            None if now >= ready && ready <= expires => ended(ready, ready, "expired"),
            None if now >= expires => ended(expires, expires, "expired"),
            None => Phase::InProgress,
        }
    }

    /// How many requests are done: each takes the same time.
    fn answered(&self, now: Duration) -> usize {
        let total = self.results.len();
        let worked = now.saturating_sub(self.created);
        if worked >= self.work {
            return total;
        }
        let share = worked.as_nanos().saturating_mul(total as u128) / self.work.as_nanos().max(1);
        usize::try_from(share).unwrap_or(total).min(total)
    }

    fn json(&self, now: Duration, origin: &str) -> Value {
        let total = self.results.len();
        let archived = Some(self.created.saturating_add(KEPT)).filter(|at| now >= *at);
        let mut counts = json!({
            "processing": total, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0,
        });
        let (status, ended) = match self.phase(now) {
            Phase::InProgress => ("in_progress", None),
            Phase::Canceling => ("canceling", None),
            Phase::Ended(end) => {
                let succeeded = self.results.succeeded(end.answered);
                counts = json!({
                    "processing": 0, "succeeded": succeeded, "errored": end.answered - succeeded,
                    "canceled": 0, "expired": 0,
                });
                if let Some(rest) = counts.get_mut(end.rest) {
                    *rest = json!(total - end.answered);
                }
                ("ended", Some(end.at))
            }
        };
        let results = || format!("{origin}/v1/messages/batches/{}/results", self.id);
        json!({
            "id": self.id,
            "type": "message_batch",
            "processing_status": status,
            "request_counts": counts,
            "created_at": rfc3339(self.created),
            "expires_at": rfc3339(self.created.saturating_add(LIFETIME)),
            "ended_at": ended.map(rfc3339),
            "cancel_initiated_at": self.cancelled.map(|cancelled| rfc3339(cancelled.initiated)),
            "archived_at": archived.map(rfc3339),
            "results_url": ended.filter(|_| archived.is_none()).map(|_| results()),
        })
    }
}

async fn create(State(batches): State<Arc<Batches>>, Extension(call): CallArg) -> HandlerResult {
    let requests = Requests::read(&call, batches.checks)?;
    let mut results = Results::default();
    for request in requests.iter() {
        let (custom_id, params) = request?;
        let result = batches.result(&call, params).await;
        results
            .push(&custom_id, &result)
            .map_err(|error| unkept(&error))?;
        if results.len() % TURN == 0 {
            yield_now().await;
        }
    }
    let created = batches.shelf.now();
    let batch = Batch {
        id: batches.shelf.ids.next("msgbatch"),
        created,
        work: batches.delay,
        cancelled: None,
        results: Arc::new(results),
    };
    let body = batch.json(created, &call.origin(&batches.url));
    batches.shelf.add(batch);
    Ok(answer(&body))
}

fn unkept(error: &std::io::Error) -> ApiError {
    let message = format!("The batch's results can't be kept: {error}");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "api_error", message)
}

async fn list(State(batches): State<Arc<Batches>>, Extension(call): CallArg) -> HandlerResult {
    Ok(answer(&batches.page(&call)?))
}

async fn retrieve(
    State(batches): State<Arc<Batches>>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    let origin = call.origin(&batches.url);
    Ok(answer(
        &batches.with(&id, |batch, now| batch.json(now, &origin))?,
    ))
}

async fn cancel(
    State(batches): State<Arc<Batches>>,
    Path(id): Path<String>,
    Extension(call): CallArg,
) -> HandlerResult {
    let (origin, delay) = (call.origin(&batches.url), batches.delay);
    let lenient = batches.shelf.lenient;
    let cancelled = batches.with(&id, |batch, now| match batch.phase(now) {
        Phase::Ended(..) if lenient => Ok(batch.json(now, &origin)),
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

async fn delete(State(batches): State<Arc<Batches>>, Path(id): Path<String>) -> HandlerResult {
    let now = batches.shelf.now();
    batches.shelf.remove(&id, |batch| match batch.phase(now) {
        Phase::Ended(..) => Ok(()),
        _ => Err(ApiError::invalid(format!(
            "Batch {id} is still being processed; cancel it before deleting it"
        ))),
    })?;
    Ok(answer(&json!({"id": id, "type": "message_batch_deleted"})))
}

async fn results(State(batches): State<Arc<Batches>>, Path(id): Path<String>) -> HandlerResult {
    let lines = batches.with(&id, |batch, now| match batch.phase(now) {
        Phase::Ended(_) if now >= batch.created.saturating_add(KEPT) => Err(ApiError::not_found(
            format!("The results of batch {id} are no longer kept"),
        )),
        Phase::Ended(end) => Ok(batch.results.download(end.answered, end.rest)),
        Phase::InProgress | Phase::Canceling => Err(ApiError::invalid(format!(
            "Batch {id} has no results yet: it is still being processed"
        ))),
    })??;
    Ok(([(header::CONTENT_TYPE, "application/x-jsonl")], lines).into_response())
}
