//! Requests of checks, and how they are sent.

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};

use crate::report::{Fault, Verdict};

/// A request as the client makes it.
pub(super) fn request(method: &str, url: &str, body: impl Into<Body>) -> Verdict<HttpRequest> {
    let request = http::Request::builder()
        .method(method)
        .uri(url)
        .header("accept", "application/json")
        .header("user-agent", "contract/1");
    request
        .body(body.into())
        .map_err(|error| Fault::new(error.to_string()))
}

/// Sends, and fails the check if that fails.
pub(super) async fn send(transport: &dyn Transport, request: HttpRequest) -> Verdict<HttpResponse> {
    let sent = transport.send(request).await;
    sent.map_err(|error| Fault::new(format!("unexpected error: {}", chain(&error))))
}

/// The error with all its causes.
pub(super) fn chain(error: &TransportError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
