//! The events of sessions: kept when sent, given a short reply, and streamed to whoever follows.
//!
//! A message to a session gets a turn of its agent: an event that it is running, the events of its
//! reply (messages and calls of tools), an event that it is idle. While results of custom tools are
//! missing, it stays idle and names their calls.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderValue, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::add::add;
use super::ask::Ask;
use super::catalog::catalog;
use super::store::{Fields, Item, Resources, Store, segment};
use crate::base::wire;
use crate::http::call::json as answer;

pub(super) const SESSION: &str = "/v1/sessions/{session_id}/events";
pub(super) const THREAD: &str = "/v1/sessions/{session_id}/threads/{thread_id}/events";

/// How many events may wait for a slow reader.
const WAITING: usize = 64;
/// After these nothing comes.
const LAST: [&str; 2] = ["session.deleted", "session.status_terminated"];
/// These make the agent speak.
pub(super) const CALLS: [&str; 4] = [
    "user.message",
    "user.tool_result",
    "user.custom_tool_result",
    "user.tool_confirmation",
];

pub(super) fn send(ask: &Ask<'_>, store: &mut Store) -> Response {
    let sent = ask.body.get("events").and_then(Value::as_array);
    let stored = append(ask, store, &ask.path, sent.map_or(&[], Vec::as_slice));
    let mut fields = Fields::new();
    fields.insert("data".to_owned(), Value::Array(stored));
    answer(&ask.shown(fields, &ask.path))
}

/// Keeps events and the agent's response to them; what was kept of the events comes back.
pub(super) fn append(ask: &Ask<'_>, store: &mut Store, path: &str, events: &[Value]) -> Vec<Value> {
    let mut stored = Vec::new();
    for event in events {
        let mut fields = event.as_object().cloned().unwrap_or_default();
        fields.insert("processed_at".to_owned(), json!(ask.now));
        stored.extend(keep(ask, store, path, fields));
    }
    if let Some(part) = &ask.part {
        let mut said = Vec::new();
        for event in part.events() {
            said.extend(keep(ask, store, path, fields(event)));
        }
        keep(ask, store, path, fields(part.end(&said)));
    }
    stored
}

fn fields(event: Value) -> Fields {
    match event {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// The last event of a session, at which streams end.
pub(super) fn end(ask: &Ask<'_>, store: &mut Store, session: &str, kind: &str) {
    let path = format!("/v1/sessions/{}/events", segment(session));
    let mut fields = Fields::new();
    fields.insert("type".to_owned(), json!(kind));
    keep(ask, store, &path, fields);
}

fn keep(ask: &Ask<'_>, store: &mut Store, path: &str, fields: Fields) -> Option<Value> {
    let key = add(ask, store, catalog().get(SESSION)?, path, fields);
    store
        .item(path, &key)
        .map(|item| Value::Object(item.value.clone()))
}

/// What was, then what comes.
pub(super) fn stream(ask: &Ask<'_>, resources: &Arc<Resources>) -> Response {
    let (sender, receiver) = mpsc::channel(WAITING);
    // The reader may be slower than the session, and must not hold it up.
    tokio::spawn(follow(Arc::clone(resources), ask.at(SESSION), sender));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, Body::from_stream(Events(receiver))).into_response()
}

async fn follow(resources: Arc<Resources>, path: String, sender: mpsc::Sender<Bytes>) {
    let mut news = resources.follow();
    let mut last = 0;
    loop {
        let unsent: Vec<Item> = {
            let store = resources.lock();
            // Everything was removed, and is numbered anew.
            if store.last() < last {
                return;
            }
            let items = store.items(&path).iter();
            items.filter(|item| item.number > last).cloned().collect()
        };
        for item in unsent {
            last = item.number;
            let kind = item
                .value
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let data = wire::text(&Value::Object(item.value));
            let event = Bytes::from(format!("event: {kind}\ndata: {data}\n\n"));
            if sender.send(event).await.is_err() || LAST.contains(&kind.as_str()) {
                return;
            }
        }
        if resources.is_closed() {
            return;
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
        }
    }
}

struct Events(mpsc::Receiver<Bytes>);

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
