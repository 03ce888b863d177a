//! The form that the response to a request has to have.

use axum::response::Response;
use bytes::Bytes;
use http::response::Parts;
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde_json::{Value, json};

use super::errors::{self, Refusal};
use super::platform::Platform;
use crate::base::wire;

/// The form of a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) platform: Platform,
    /// Whether the request was InvokeModel's or one of its kin.
    pub(crate) invoked: bool,
    /// Whether tokens are counted.
    pub(crate) counts: bool,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const AWS_REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

impl Form {
    pub(crate) fn of(platform: Platform) -> Self {
        Self {
            platform,
            invoked: false,
            counts: false,
        }
    }

    /// Whether the API's own headers are passed on.
    fn is_transparent(self) -> bool {
        !self.invoked && self.platform != Platform::Vertex
    }

    /// Makes the headers the platform's.
    pub(crate) fn headers(self, headers: &mut HeaderMap) {
        let id = headers.get(REQUEST_ID).cloned();
        match (self.platform, id) {
            (Platform::Bedrock | Platform::Mantle | Platform::Aws, Some(id)) => {
                headers.insert(AWS_REQUEST_ID, id);
            }
            (Platform::Foundry, Some(id)) => {
                headers.insert(HeaderName::from_static("apim-request-id"), id);
            }
            _ => {}
        }
        if self.is_transparent() {
            return;
        }
        let own =
            |name: &HeaderName| name.as_str().starts_with("anthropic-") || *name == REQUEST_ID;
        let names: Vec<HeaderName> = headers.keys().filter(|name| own(name)).cloned().collect();
        for name in names {
            headers.remove(name);
        }
    }

    /// The body of a response without an error, where it is another; `None` leaves it as it is.
    pub(crate) fn body(self, headers: &mut HeaderMap, body: &[u8]) -> Option<String> {
        if !self.invoked {
            return None;
        }
        let value: Value = serde_json::from_slice(body).ok()?;
        if self.counts {
            return Some(wire::text(
                &json!({"inputTokens": value.get("input_tokens")?}),
            ));
        }
        let usage = value.get("usage")?;
        for (header, field) in [
            ("x-amzn-bedrock-input-token-count", "input_tokens"),
            ("x-amzn-bedrock-output-token-count", "output_tokens"),
        ] {
            if let Some(tokens) = usage.get(field).and_then(Value::as_u64) {
                headers.insert(HeaderName::from_static(header), tokens.into());
            }
        }
        None
    }

    /// A response of the API's with an error, as the platform has it.
    pub(crate) fn refused(self, parts: Parts, body: Bytes) -> Response {
        let Some(refusal) = self.error(parts.status, &body) else {
            let mut response = Response::from_parts(parts, body.into());
            self.headers(response.headers_mut());
            return response;
        };
        let mut made = refusal.into_response();
        // Such as `retry-after`.
        for (name, value) in &parts.headers {
            if !made.headers().contains_key(name) && *name != header::CONTENT_LENGTH {
                made.headers_mut().append(name.clone(), value.clone());
            }
        }
        self.headers(made.headers_mut());
        made
    }

    /// An error of the API's as the platform has it; `None` where that is the same.
    pub(crate) fn error(self, status: StatusCode, body: &[u8]) -> Option<Refusal> {
        let error: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| error.pointer(name)?.as_str();
        let (kind, message) = (text("/error/type")?, text("/error/message")?);
        match self.platform {
            _ if self.invoked => Some(errors::exception(status, kind, message)),
            Platform::Vertex if matches!(status.as_u16(), 401 | 403 | 404 | 429) => {
                Some(Refusal::google(status, message))
            }
            _ => None,
        }
    }
}
