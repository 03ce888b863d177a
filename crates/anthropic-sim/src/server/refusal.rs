//! Refusals by the HTTP library, in the API's shape.
//!
//! What isn't HTTP never becomes a request: the library writes a bare status and closes the
//! connection. So that such a client gets an error body and headers like any other, the bare head
//! is replaced on its way out.

use std::fmt::Write;
use std::io::IoSlice;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::base::wire;
use crate::http::rate_limits::Buckets;

/// Writes them.
#[derive(Debug)]
pub(crate) struct Refusals {
    pub(crate) ids: Arc<Ids>,
    pub(crate) limits: Arc<Buckets>,
}

impl Refusals {
    /// The bytes to send instead of these, if they are a bare refusal.
    pub(crate) fn instead_of(&self, slices: &[IoSlice<'_>]) -> Option<Vec<u8>> {
        let mut full = slices.iter().filter(|slice| !slice.is_empty());
        let (head, None) = (full.next()?, full.next()) else {
            return None;
        };
        let rest = head.strip_prefix(b"HTTP/1.1 4")?;
        let text = std::str::from_utf8(rest).ok()?;
        // Every response of ours has an id.
        let bare = text.ends_with("\r\n\r\n")
            && text.contains("content-length: 0\r\n")
            && !text.contains("request-id: ");
        let status = StatusCode::from_bytes(head.get(9..12)?).ok()?;
        bare.then(|| self.written(status))
    }

    fn written(&self, status: StatusCode) -> Vec<u8> {
        let message = match status {
            StatusCode::URI_TOO_LONG => "The path is too long",
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => "The headers are too many or too long",
            StatusCode::PAYLOAD_TOO_LARGE => "The request is too large",
            _ => "This is not a request in HTTP/1.1",
        };
        let id = self.ids.next("req");
        let error = ApiError::new(status, "invalid_request_error", message);
        let body = wire::text(&error.body(&id));
        let mut limits = HeaderMap::new();
        self.limits.write(&mut limits);
        let mut text =
            format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nrequest-id: {id}\r\n");
        for (name, value) in &limits {
            // Writing to memory has no way to fail.
            let _ = write!(text, "{name}: {}\r\n", value.to_str().unwrap_or_default());
        }
        let _ = write!(
            text,
            "connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        text.into_bytes()
    }
}
