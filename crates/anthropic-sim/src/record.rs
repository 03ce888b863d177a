//! What was asked, kept for assertions, and what was answered, told to whoever listens.

use std::{collections::VecDeque, sync::Mutex, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, request::Parts};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    call::Call,
    state::{App, lock},
};

/// Bodies kept in all; the oldest requests go first. The newest request always stays.
const KEPT_BYTES: usize = 64 * 1024 * 1024;
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "x-api-key",
    "proxy-authorization",
    "cookie",
];

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
}

impl<'a> Told<'a> {
    pub(crate) fn new(app: &'a App, watch: Instant, exchange: Exchange) -> Self {
        let exchange = app.config.listener.is_some().then_some(exchange);
        Self {
            app,
            watch,
            exchange,
        }
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
    }

    pub(crate) fn answered(&mut self, status: Option<StatusCode>) {
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
        self.answered(None);
    }
}

/// Replaces the values of headers that carry credentials.
pub(crate) fn redacted(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in SECRET_HEADERS {
        if headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static("[redacted]"));
        }
    }
    headers
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
