//! Follows every exchange: keeps the request, writes the journal, and calls the listener.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use super::exchange::Exchange;
use super::journal::{Content, Entry, Journal, Phase};
use super::recorder::{RecordedRequest, Recorder};
use super::scrub::Scrubbed;
use super::tee::Tee;
use crate::base::cause::Cause;
use crate::base::clock::{Clock, rfc3339};

pub(crate) type Listener = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// Where the exchanges of a simulator go.
pub(crate) struct Observer {
    clock: Arc<Clock>,
    recorder: Recorder,
    journal: Arc<Journal>,
    listener: Option<Listener>,
}

impl Observer {
    pub(crate) fn new(clock: Arc<Clock>, record_limit: usize, listener: Option<Listener>) -> Self {
        Self {
            clock,
            recorder: Recorder::new(record_limit),
            journal: Arc::default(),
            listener,
        }
    }

    /// Follows an exchange whose request's head has arrived.
    pub(crate) fn begin(
        self: &Arc<Self>,
        stopwatch: Instant,
        request: &Scrubbed,
        request_id: &str,
    ) -> Observation {
        let time = rfc3339(self.clock.now());
        let entry = self.journal.begin(request, time.clone(), request_id);
        let listens = self.listener.is_some();
        Observation {
            observer: Arc::clone(self),
            stopwatch,
            exchange: listens.then(|| Exchange::begun(time, request, request_id)),
            entry,
            reported: false,
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.recorder.all()
    }

    /// Clears the requests that were kept for assertions.
    pub(crate) fn forget(&self) {
        self.recorder.clear();
    }

    pub(crate) fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer")
            .field("recorder", &self.recorder)
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}

/// An exchange under way. The listener is called once: when the response's head is ready, or when
/// there will be none because the client has disconnected.
pub(crate) struct Observation {
    observer: Arc<Observer>,
    stopwatch: Instant,
    exchange: Option<Exchange>,
    entry: Arc<Entry>,
    reported: bool,
}

impl Observation {
    /// The request as it arrived, whatever becomes of it.
    pub(crate) fn request(&self, request: Scrubbed, body: Bytes) {
        let headers = request.headers.clone();
        self.observer.recorder.push(RecordedRequest {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: body.clone(),
        });
        self.update(|content, _| content.request(headers, body));
    }

    /// Takes what the listener gets of the request's body.
    pub(crate) fn body(&mut self, json: &Value) {
        if let Some(exchange) = &mut self.exchange {
            let model = json.get("model").and_then(Value::as_str);
            exchange.model = model.map(str::to_owned);
            exchange.stream = json.get("stream").is_some_and(|stream| stream == true);
        }
    }

    /// Whether the request's body is of interest.
    pub(crate) fn wants_body(&self) -> bool {
        self.exchange.is_some()
    }

    pub(crate) fn fault(&mut self, name: &str) {
        if let Some(exchange) = &mut self.exchange {
            exchange.fault = Some(name.to_owned());
        }
        self.update(|content, _| content.fault = Some(name.to_owned()));
    }

    /// Which rule decided the response.
    pub(crate) fn cause(&self, cause: Cause) {
        self.update(|content, _| content.cause = Some(cause));
    }

    /// Bytes that were written to the socket past the HTTP library.
    pub(crate) fn wrote(&self, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.update(|content, at| content.piece(at, bytes));
    }

    /// The response of a fault is over.
    pub(crate) fn played(&mut self, status: Option<StatusCode>) {
        self.update(|content, at| {
            content.status = status;
            content.end(at, Phase::Done);
        });
        self.report(status);
    }

    /// The response's head is ready; its body is followed from here on.
    pub(crate) fn response(&mut self, response: Response) -> Response {
        let status = response.status();
        let headers = self.entry.secrets.headers(response.headers());
        self.update(|content, at| {
            content.status = Some(status);
            content.headers = headers;
            content.took = at;
        });
        self.report(Some(status));
        let journal = Arc::clone(&self.observer.journal);
        let entry = Arc::clone(&self.entry);
        response.map(|body| Body::new(Tee::new(body, journal, entry)))
    }

    fn update(&self, change: impl FnOnce(&mut Content, Duration)) {
        self.observer.journal.update(&self.entry, change);
    }

    fn report(&mut self, status: Option<StatusCode>) {
        self.reported = true;
        if let (Some(listener), Some(mut exchange)) =
            (&self.observer.listener, self.exchange.take())
        {
            exchange.status = status;
            exchange.duration = self.stopwatch.elapsed();
            listener(&exchange);
        }
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        if !self.reported {
            self.update(|content, at| content.end(at, Phase::Broken));
            self.report(None);
        }
    }
}
