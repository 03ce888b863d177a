//! The latest requests, kept for assertions.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::base::sync::lock;

/// The limit on the bodies of all kept requests; the oldest are dropped first, the newest never.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A request as the simulator received it, with credentials redacted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: Method,
    /// The path as sent, still percent-encoded; segments that repeat a credential read
    /// `[redacted]`.
    pub path: String,
    /// The query as sent, without its question mark; the values of parameters that are secrets by
    /// their name, or repeat a credential, read `[redacted]`.
    pub query: Option<String>,
    /// The headers; the values of those that carry credentials read `[redacted]`, and so does a
    /// credential that another one repeats.
    pub headers: HeaderMap,
    /// The body's bytes, as they were sent; those of a request for credentials without secrets.
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

#[derive(Debug)]
pub(crate) struct Recorder {
    limit: usize,
    kept: Mutex<Requests>,
}

#[derive(Debug, Default)]
struct Requests {
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

    pub(crate) fn clear(&self) {
        *lock(&self.kept) = Requests::default();
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.kept).requests.iter().cloned().collect()
    }
}
