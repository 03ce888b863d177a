//! The inspector, `GET /_sim`: a page that shows requests and responses as they happen.
//!
//! A few files in the binary and JSON beside them: nothing is loaded from elsewhere, nothing is
//! built, and secrets are removed before anything is sent. Its own requests do not pass the gate
//! and are not shown.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use serde_json::{Value, json};

mod live;
mod view;

use crate::api::batches::Batches;
use crate::api::files::Files;
use crate::api::resources::Resources;
use crate::base::cause::Cause;
use crate::http::call::{Call, json as answer, json_with, parse_query};
use crate::observation::journal::Journal;
use crate::observation::scrub::clean;
use crate::validate::conversation::Lenient;

const HTML: &str = include_str!("page/index.html");
/// What the page loads: path, type, text.
const FILES: [(&str, &str, &str); 6] = [
    ("/_sim/page.css", "text/css", include_str!("page/page.css")),
    (
        "/_sim/page.js",
        "text/javascript",
        include_str!("page/page.js"),
    ),
    (
        "/_sim/dom.js",
        "text/javascript",
        include_str!("page/dom.js"),
    ),
    (
        "/_sim/lists.js",
        "text/javascript",
        include_str!("page/lists.js"),
    ),
    (
        "/_sim/exchange.js",
        "text/javascript",
        include_str!("page/exchange.js"),
    ),
    (
        "/_sim/conversation.js",
        "text/javascript",
        include_str!("page/conversation.js"),
    ),
];
/// How many objects of a kind are listed.
const NEWEST: usize = 100;
/// The page may load its own style and script and talk to its own origin, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the inspector shows.
#[derive(Debug)]
pub(crate) struct Inspector {
    pub(crate) journal: Arc<Journal>,
    pub(crate) batches: Arc<Batches>,
    pub(crate) files: Arc<Files>,
    pub(crate) resources: Arc<Resources>,
    /// The rules on conversations that are off.
    pub(crate) lenient: Lenient,
}

impl Inspector {
    /// What requests have made, without the secrets of any.
    fn shown(&self, value: &Value) -> Response {
        clean(&self.journal.secrets(), value)
    }
}

/// Whether a path is that of a file which is the same for everybody.
pub(crate) fn is_file(path: &str) -> bool {
    FILES.iter().any(|(known, ..)| *known == path)
}

pub(crate) fn routes(inspector: Inspector) -> Router {
    let mut router = Router::new();
    for (path, kind, text) in FILES {
        router = router.route(path, get(move || async move { file(kind, text) }));
    }
    router
        .route("/_sim", get(|| async { file("text/html", HTML) }))
        .route("/_sim/", get(to_the_page))
        .route("/_sim/live", get(changes))
        .route("/_sim/exchanges", get(exchanges).delete(clear))
        .route("/_sim/exchanges/{number}", get(exchange))
        .route("/_sim/batches", get(list_batches))
        .route("/_sim/files", get(list_files))
        .route("/_sim/sessions", get(list_sessions))
        .route("/_sim/checks", get(list_checks))
        .with_state(Arc::new(inspector))
}

/// The page's own links lead from the path without a slash.
async fn to_the_page(uri: Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}"));
    let to = format!("../_sim{}", query.unwrap_or_default());
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("../_sim"));
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, to)]).into_response()
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let kind = HeaderValue::try_from(format!("{kind}; charset=utf-8"));
    let headers = [
        (
            header::CONTENT_TYPE,
            kind.unwrap_or(HeaderValue::from_static("text/plain")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ),
        (
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, Bytes::from_static(text.as_bytes())).into_response()
}

/// Server-sent events: each carries the exchanges that are new or have changed, the first one all
/// of them.
async fn changes(State(inspector): State<Arc<Inspector>>) -> Response {
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (
        headers,
        Body::from_stream(live::Live::new(&inspector.journal)),
    )
        .into_response()
}

async fn exchanges(State(inspector): State<Arc<Inspector>>) -> Response {
    let all = inspector.journal.since(0);
    answer(&json!({"exchanges": all.iter().map(|entry| view::summary(entry)).collect::<Vec<_>>()}))
}

async fn clear(State(inspector): State<Arc<Inspector>>) -> Response {
    inspector.journal.clear();
    answer(&json!({"exchanges": []}))
}

async fn exchange(
    State(inspector): State<Arc<Inspector>>,
    Path(number): Path<u64>,
    uri: Uri,
) -> Response {
    // How many pieces of the response the page has already.
    let query = parse_query(uri.query());
    let from = query.iter().find(|(name, _)| name == "from");
    let from = from
        .and_then(|(_, from)| from.parse().ok())
        .unwrap_or_default();
    match inspector.journal.find(number) {
        Some(entry) => answer(&view::detail(&entry, from)),
        None => json_with(StatusCode::NOT_FOUND, &json!({"error": "not kept"})),
    }
}

/// The newest batches as the API itself would list them.
async fn list_batches(State(inspector): State<Arc<Inspector>>) -> Response {
    let call = Call {
        query: vec![("limit".to_owned(), "100".to_owned())],
        ..Call::default()
    };
    match inspector.batches.page(&call) {
        Ok(page) => inspector.shown(&page),
        Err(error) => json_with(error.status, &Value::String(error.message)),
    }
}

/// The newest files as the API itself would list them.
async fn list_files(State(inspector): State<Arc<Inspector>>) -> Response {
    inspector.shown(&json!({"data": inspector.files.newest(NEWEST)}))
}

/// The newest sessions, each with its events and resources.
async fn list_sessions(State(inspector): State<Arc<Inspector>>) -> Response {
    inspector.shown(&json!({"data": inspector.resources.sessions(NEWEST)}))
}

/// The rules on conversations in their order, and how many of the requests that are shown each has
/// refused.
async fn list_checks(State(inspector): State<Arc<Inspector>>) -> Response {
    let causes = inspector.journal.causes();
    let checks = inspector.lenient.names().map(|(name, is_on, quoted)| {
        let causes = causes.iter();
        let refused = causes.filter(|cause| **cause == Cause::Check(name)).count();
        json!({"name": name, "on": is_on, "quoted": quoted, "refused": refused})
    });
    answer(&json!({"data": checks.collect::<Vec<_>>()}))
}
