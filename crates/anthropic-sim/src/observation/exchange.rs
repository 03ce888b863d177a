//! One request and the head of its response, as the listener receives them.

use std::time::Duration;

use http::{Method, StatusCode};

use super::scrub::Scrubbed;

/// One request and the head of its response: the argument of
/// [`Builder::on_exchange`](crate::Builder::on_exchange).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// When the request came in on the simulator's clock, in RFC 3339.
    pub time: String,
    /// The HTTP method.
    pub method: Method,
    /// The path as sent, still percent-encoded; segments that repeat a credential read
    /// `[redacted]`.
    pub path: String,
    /// The response's status. `None` where a fault left none, or the client went away before.
    pub status: Option<StatusCode>,
    /// The `request-id` of the response.
    pub request_id: String,
    /// The request's `model`, where its body has one.
    pub model: Option<String>,
    /// Whether the request asked for a stream.
    pub stream: bool,
    /// The fault that happened to it, as text.
    pub fault: Option<String>,
    /// From the end of the request's head to the response's head.
    pub duration: Duration,
}

impl Exchange {
    pub(crate) fn begun(time: String, request: &Scrubbed, request_id: &str) -> Self {
        Self {
            time,
            method: request.method.clone(),
            path: request.path.clone(),
            status: None,
            request_id: request_id.to_owned(),
            model: None,
            stream: false,
            fault: None,
            duration: Duration::ZERO,
        }
    }
}
