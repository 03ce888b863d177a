//! What was asked, kept for assertions, and what was answered, told to whoever listens.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, request::Parts};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    call::Call,
    clock::rfc3339,
    journal::{Entry, Phase, Said},
    scrub,
    state::{App, lock},
    tee::Tee,
};

/// Bodies kept in all; the oldest requests go first. The newest request always stays.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
/// A request as the simulator received it, with credentials redacted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: Method,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, without its question mark.
    pub query: Option<String>,
    /// The headers; the values of those that carry credentials read `[redacted]`.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The body as JSON; null when it isn't any.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// One request and the head of its answer, as told to [`Builder::on_exchange`](crate::Builder::on_exchange).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// When the request came in on the simulator's clock, in RFC 3339.
    pub time: String,
    /// The HTTP method.
    pub method: Method,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The answer's status. `None` where a fault left none, or the client went away before.
    pub status: Option<StatusCode>,
    /// The `request-id` of the answer.
    pub request_id: String,
    /// The request's `model`, where its body has one.
    pub model: Option<String>,
    /// Whether the request asked for a stream.
    pub stream: bool,
    /// The fault that happened to it, as text.
    pub fault: Option<String>,
    /// From the end of the request's head to the answer's head.
    pub duration: Duration,
}

impl Exchange {
    pub(crate) fn begun(time: String, parts: &Parts, request_id: &str) -> Self {
        Self {
            time,
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            status: None,
            request_id: request_id.to_owned(),
            model: None,
            stream: false,
            fault: None,
            duration: Duration::ZERO,
        }
    }
}

/// An exchange under way. Its listener hears of it once: when the answer is ready, or when there will be none because
/// the client has gone.
pub(crate) struct Told<'a> {
    app: &'a App,
    watch: Instant,
    exchange: Option<Exchange>,
    entry: Arc<Entry>,
    answered: bool,
}

impl<'a> Told<'a> {
    pub(crate) fn new(app: &'a App, watch: Instant, parts: &Parts, request_id: &str) -> Self {
        let time = rfc3339(app.clock.now());
        let entry = app.journal.begin(parts, time.clone(), request_id);
        let listens = app.config.listener.is_some();
        Self {
            app,
            watch,
            exchange: listens.then(|| Exchange::begun(time, parts, request_id)),
            entry,
            answered: false,
        }
    }

    pub(crate) fn asked(&self, headers: &HeaderMap, body: Bytes) {
        let headers = scrub::headers(headers);
        self.update(|said, _| said.request(headers, body));
    }

    /// Takes what is in the request's body.
    pub(crate) fn look(&mut self, call: &Call) {
        if let (Some(exchange), Ok(body)) = (&mut self.exchange, call.json()) {
            let model = body.get("model").and_then(Value::as_str);
            exchange.model = model.map(str::to_owned);
            exchange.stream = body.get("stream").is_some_and(|stream| stream == true);
        }
    }

    pub(crate) fn fault(&mut self, name: &str) {
        if let Some(exchange) = &mut self.exchange {
            exchange.fault = Some(name.to_owned());
        }
        self.update(|said, _| said.fault = Some(name.to_owned()));
    }

    /// Bytes that go over the wire past the HTTP library.
    pub(crate) fn wrote(&self, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.update(|said, at| said.piece(at, bytes));
    }

    /// The answer of a fault is over.
    pub(crate) fn played(&mut self, status: Option<StatusCode>) {
        self.update(|said, at| {
            said.status = status;
            said.end(at, Phase::Done);
        });
        self.tell(status);
    }

    /// The answer is ready; its body is followed from here on.
    pub(crate) fn answered(&mut self, response: Response) -> Response {
        let status = response.status();
        let headers = response.headers().clone();
        self.update(|said, at| {
            said.status = Some(status);
            said.headers = headers;
            said.took = at;
        });
        self.tell(Some(status));
        let (app, entry) = (Arc::clone(self.app), Arc::clone(&self.entry));
        response.map(|body| Body::new(Tee::new(body, app, entry)))
    }

    fn update(&self, change: impl FnOnce(&mut Said, Duration)) {
        self.app.journal.update(&self.entry, change);
    }

    fn tell(&mut self, status: Option<StatusCode>) {
        self.answered = true;
        if let (Some(listener), Some(mut exchange)) =
            (&self.app.config.listener, self.exchange.take())
        {
            exchange.status = status;
            exchange.duration = self.watch.elapsed();
            listener(&exchange);
        }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.update(|said, at| said.end(at, Phase::Broken));
            self.tell(None);
        }
    }
}

#[derive(Debug)]
pub(crate) struct Recorder {
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<RecordedRequest>,
    bytes: usize,
}

impl Recorder {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn push(&self, request: RecordedRequest) {
        let mut kept = lock(&self.kept);
        kept.bytes += request.body.len();
        kept.requests.push_back(request);
        while kept.requests.len() > self.limit
            || (kept.bytes > KEPT_BYTES && kept.requests.len() > 1)
        {
            let oldest = kept.requests.pop_front();
            kept.bytes -= oldest.map_or(0, |request| request.body.len());
        }
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.kept).requests.iter().cloned().collect()
    }
}
