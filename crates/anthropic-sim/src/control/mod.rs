//! The control interface for tests in any language: HTTP below `/_sim`.
//!
//! | request | |
//! |---|---|
//! | `GET /_sim/rules` | the rules with their numbers, and how often each was used |
//! | `POST /_sim/rules` | adds a [`Script`](crate::Script), a list of rules, or one rule, of at most 16 MiB |
//! | `DELETE /_sim/rules` | removes all rules and what is queued |
//! | `POST /_sim/reset` | goes back to the start: rules, faults, requests, the clock, rate limits, ids, what was created, what was replayed, endpoints for webhooks |
//! | `GET /_sim/requests` | the requests received, oldest first; `?path=/v1/messages` only those; the newest 1,000 of the program's, or as many as [`Builder::record_limit`](crate::Builder::record_limit) keeps |
//! | `GET /_sim/clock`, `POST /_sim/clock` | the time; `{"advance": SECONDS}` moves it |
//! | `GET /_sim/schema` | the schema of scripts |
//! | `GET /_sim/webhooks` | the endpoints, and the deliveries with their attempts |
//! | `POST /_sim/webhooks` | adds an endpoint: `{"url": URL}`, with `"key"` or `"keys"`, `"events"`, `"retries"` in seconds |
//! | `DELETE /_sim/webhooks` | removes all endpoints, with what was still to be delivered |
//! | `POST /_sim/webhooks/events` | delivers an event: `{"type": TYPE}`, with `"data"`, `"times"`, `"skew"` in seconds, `"forged"` |

mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};

use crate::base::clock::{Clock, rfc3339};
use crate::base::ids::Ids;
use crate::http::body::{decoded, read};
use crate::http::call::{json as answer, json_with, parse_query, typed};
use crate::http::rate_limits::Buckets;
use crate::observation::observer::Observer;
use crate::observation::recorder::RecordedRequest;
use crate::observation::recording::source::Source;
use crate::observation::scrub::clean;
use crate::scripting::faults::Faults;
use crate::scripting::script::{SCHEMA, Script};
use crate::scripting::scripts::Scripts;
use crate::webhooks::Webhooks;

/// As of a script that is read from a file.
const MAX_SCRIPT: usize = 16 * 1024 * 1024;

/// What of a simulator can be looked at and changed.
pub(crate) struct Control {
    pub(crate) clock: Arc<Clock>,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) limits: Arc<Buckets>,
    pub(crate) source: Arc<Source>,
    pub(crate) webhooks: Arc<Webhooks>,
    /// Clears what requests have created.
    pub(crate) forget: Box<dyn Fn() + Send + Sync>,
}

pub(crate) fn routes(control: Control) -> Router {
    Router::new()
        .route(
            "/_sim/rules",
            get(rules).post(add_rules).delete(remove_rules),
        )
        .route("/_sim/reset", post(reset))
        .route("/_sim/requests", get(requests))
        .route("/_sim/clock", get(time).post(advance))
        .route("/_sim/schema", get(schema))
        .merge(webhooks::routes())
        .with_state(Arc::new(control))
}

type Controlled = State<Arc<Control>>;

fn refused(problem: &str) -> Response {
    json_with(StatusCode::BAD_REQUEST, &json!({"error": problem}))
}

fn parsed(body: &Bytes) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

impl Control {
    /// The rules as they are shown: a reply can have a key in it.
    fn rules(&self) -> Response {
        let secrets = self.observer.journal().secrets();
        clean(&secrets, &self.scripts.json())
    }
}

async fn rules(State(control): Controlled) -> Response {
    control.rules()
}

async fn add_rules(State(control): Controlled, headers: HeaderMap, body: Body) -> Response {
    let body = read(body, &headers, MAX_SCRIPT).await;
    let body = match body.and_then(|body| decoded(body, &headers, MAX_SCRIPT)) {
        Ok(body) => body,
        Err(error) => return json_with(error.status, &json!({"error": error.message})),
    };
    let text = std::str::from_utf8(&body).map_err(|error| error.to_string());
    let script = text.and_then(|text| {
        let script = Script::from_json(text);
        script.map_err(|error| error.to_string())
    });
    match script {
        Ok(script) => {
            control.scripts.add(script);
            control.rules()
        }
        Err(problem) => refused(&problem),
    }
}

async fn remove_rules(State(control): Controlled) -> Response {
    control.scripts.clear();
    control.rules()
}

async fn reset(State(control): Controlled) -> Response {
    control.scripts.reset();
    control.faults.reset();
    control.source.restart();
    control.webhooks.reset();
    control.observer.forget();
    control.clock.reset();
    control.limits.reset(control.clock.now());
    (control.forget)();
    control.ids.restart();
    answer(&json!({"reset": true}))
}

async fn requests(State(control): Controlled, uri: Uri) -> Response {
    let query = parse_query(uri.query());
    let path = query.iter().find(|(name, _)| name == "path");
    let requests = control.observer.requests().into_iter();
    let requests = requests.filter(|request| path.is_none_or(|(_, path)| request.path == *path));
    let requests: Vec<Value> = requests.map(|request| described(&request)).collect();
    answer(&json!({"requests": requests}))
}

fn described(request: &RecordedRequest) -> Value {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), json!(value))
    });
    let body = match request.json() {
        Value::Null => json!(String::from_utf8_lossy(&request.body)),
        body => body,
    };
    json!({
        "method": request.method.as_str(),
        "path": request.path,
        "query": request.query,
        "headers": headers.collect::<serde_json::Map<_, _>>(),
        "body": body,
    })
}

async fn time(State(control): Controlled) -> Response {
    answer(&json!({"now": rfc3339(control.clock.now())}))
}

async fn advance(State(control): Controlled, body: Bytes) -> Response {
    let by = parsed(&body).and_then(|value| {
        let seconds = value.get("advance").and_then(Value::as_f64);
        let by = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        by.ok_or_else(|| {
            "advance: should be a number of seconds, such as {\"advance\": 3600}".to_owned()
        })
    });
    match by {
        Ok(by) => {
            control.clock.advance(by);
            time(State(control)).await
        }
        Err(problem) => refused(&problem),
    }
}

async fn schema() -> Response {
    typed(
        StatusCode::OK,
        "application/schema+json",
        Bytes::from_static(SCHEMA.as_bytes()),
    )
    .into_response()
}
