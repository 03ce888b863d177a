//! The errors of the platforms themselves.

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::platform::Platform;
use crate::http::call::json_with;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// An error in a platform's own shape.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    /// The name of AWS's exception.
    pub(crate) exception: Option<&'static str>,
}

impl Refusal {
    /// An exception of AWS's.
    pub(crate) fn aws(status: StatusCode, name: &'static str, message: &str) -> Self {
        Self {
            status,
            body: json!({"message": message}),
            exception: Some(name),
        }
    }

    /// An error of Google's.
    pub(crate) fn google(status: StatusCode, message: &str) -> Self {
        let name = match status.as_u16() {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            400..=499 => "INVALID_ARGUMENT",
            503 => "UNAVAILABLE",
            504 => "DEADLINE_EXCEEDED",
            _ => "INTERNAL",
        };
        let error = json!({"code": status.as_u16(), "message": message, "status": name});
        Self {
            status,
            body: json!({"error": error}),
            exception: None,
        }
    }

    /// An error of Azure's.
    pub(crate) fn azure(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            body: json!({"error": {"code": code, "message": message}}),
            exception: None,
        }
    }

    /// An error in the API's shape, by the platform.
    pub(crate) fn api(status: StatusCode, kind: &str, message: &str) -> Self {
        Self {
            status,
            body: json!({"type": "error", "error": {"type": kind, "message": message}}),
            exception: None,
        }
    }

    /// A path that the platform does not have.
    pub(crate) fn no_path(platform: Platform) -> Self {
        let status = StatusCode::NOT_FOUND;
        match platform {
            Platform::Bedrock | Platform::Mantle | Platform::Aws => Self::aws(
                status,
                "UnknownOperationException",
                "The operation is unknown.",
            ),
            Platform::Vertex | Platform::GoogleCloud => {
                Self::google(status, "The requested URL was not found on this server.")
            }
            Platform::Foundry => Self::azure(status, "404", "Resource not found"),
        }
    }

    /// Credentials that are missing, unknown or too old.
    pub(crate) fn unauthenticated(platform: Platform) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        match platform {
            Platform::Bedrock | Platform::Mantle | Platform::Aws => Self::aws(
                StatusCode::FORBIDDEN,
                "AccessDeniedException",
                "Authentication failed: Please make sure your API Key is valid.",
            ),
            Platform::Vertex | Platform::GoogleCloud => Self::google(
                status,
                "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other \
                 valid authentication credential.",
            ),
            Platform::Foundry => Self::azure(
                status,
                "401",
                "Access denied due to invalid subscription key or wrong API endpoint.",
            ),
        }
    }

    /// A body that cannot be read.
    pub(crate) fn malformed(platform: Platform, invoked: bool, message: &str) -> Self {
        let status = StatusCode::BAD_REQUEST;
        match platform {
            _ if invoked => Self::aws(status, "ValidationException", message),
            Platform::Vertex => Self::google(status, message),
            _ => Self::api(status, "invalid_request_error", message),
        }
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = json_with(self.status, &self.body);
        if let Some(name) = self.exception {
            let name = format!("{name}:http://internal.amazon.com/coral/com.amazon.coral.service/");
            if let Ok(name) = HeaderValue::from_str(&name) {
                response.headers_mut().insert(ERROR_TYPE, name);
            }
        }
        response
    }
}

/// An error of the API's as an exception of Bedrock's runtime.
pub(super) fn exception(status: StatusCode, kind: &str, message: &str) -> Refusal {
    let (name, code) = match (kind, status.as_u16()) {
        (_, 413) => ("RequestEntityTooLargeException", 413),
        ("not_found_error", _) if message.starts_with("model") => {
            let message = "The provided model identifier is invalid.";
            return Refusal::aws(StatusCode::BAD_REQUEST, "ValidationException", message);
        }
        ("rate_limit_error", _) | (_, 429) => ("ThrottlingException", 429),
        ("authentication_error", _) => ("UnrecognizedClientException", 403),
        ("permission_error", _) => ("AccessDeniedException", 403),
        ("not_found_error", _) => ("ResourceNotFoundException", 404),
        ("overloaded_error", _) | (_, 503 | 529) => ("ServiceUnavailableException", 503),
        ("timeout_error", _) | (_, 408 | 504) => ("ModelTimeoutException", 408),
        (_, 424) => ("ModelErrorException", 424),
        (_, 400..=499) => ("ValidationException", 400),
        _ => ("InternalServerException", 500),
    };
    let code = StatusCode::from_u16(code).unwrap_or(status);
    Refusal::aws(code, name, message)
}
