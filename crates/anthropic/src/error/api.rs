//! The body of an error: the API's own shape, and those of what stands in front of it.
//!
//! | from | shape |
//! |---|---|
//! | the API | `{"type":"error","error":{"type":…,"message":…},"request_id":…}` |
//! | OpenAI-like gateways, LiteLLM | `{"error":{"message":…,"type":null,"code":"429"}}` |
//! | Google | `{"error":{"code":429,"message":…,"status":"RESOURCE_EXHAUSTED"}}`, alone or in a list |
//! | FastAPI | `{"detail":"…"}`, `{"detail":[{"loc":[…],"msg":…}]}` |
//! | GLM | `{"code":500,"msg":"…","success":false}` |
//! | AWS, Kong and others | `{"message":"…"}`, `{"error":"…"}`, `{"errors":[…]}` |

use std::sync::LazyLock;

use crate::text::{append, read_json};
use anthropic_types::{ErrorCode, ErrorDetails, ErrorType};
use http::StatusCode;
use memchr::memmem::Finder;
use serde_json::Value;

/// What an error's body reports.
pub(super) struct ApiError {
    /// The API's own name for the error; gateways often have none.
    pub(super) error_type: Option<ErrorType>,
    pub(super) message: String,
    pub(super) code: Option<ErrorCode>,
    pub(super) request_id: Option<String>,
    /// The status that the body itself names.
    pub(super) status: Option<StatusCode>,
}

impl ApiError {
    /// Reads an error's body; `None` where nothing in it describes an error.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let document = document(body)?;
        let document = match &document {
            Value::Array(items) => items.first()?,
            other => other,
        };
        let text = |pointer: &str| document.pointer(pointer)?.as_str().map(str::to_owned);
        let error_type = text("/error/type").filter(|name| !name.is_empty());
        let message = message(document);
        if error_type.is_none() && message.is_none() {
            return None;
        }
        Some(Self {
            error_type: error_type.map(|name| ErrorType::from(name.as_str())),
            message: message.unwrap_or_default(),
            code: text("/error/details/error_code").map(ErrorCode::from),
            request_id: text("/request_id"),
            status: status(document),
        })
    }

    /// Reads the body of a response whose status is a success, where it is an error all the same.
    ///
    /// It is one if its type is `error`, or if it has an `error`, be it text, and nothing else that
    /// a response has.
    pub(super) fn in_success(body: &[u8]) -> Option<Self> {
        // Most responses are not, and are not parsed for it.
        static ERROR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""error""#));
        ERROR.find(body)?;
        let document = document(body)?;
        let fields = match &document {
            Value::Array(items) if items.len() == 1 => items.first()?,
            other => other,
        };
        let fields = fields.as_object()?;
        match fields.get("error")? {
            Value::Object(_) => {}
            Value::String(text) if !text.trim().is_empty() => {}
            _ => return None,
        }
        let beside = [
            "code",
            "detail",
            "error",
            "message",
            "path",
            "request_id",
            "status",
            "timestamp",
            "type",
        ];
        let only = fields.keys().all(|key| beside.contains(&key.as_str()));
        let typed = match fields.get("type") {
            Some(Value::String(name)) => name == "error",
            None | Some(Value::Null) => only,
            Some(_) => false,
        };
        if !typed {
            return None;
        }
        Self::parse(body)
    }

    /// The status that the API sends with an error of this type.
    pub(super) fn implied_status(&self) -> Option<StatusCode> {
        let code = match self.error_type.as_ref().map(ErrorType::as_str) {
            Some("invalid_request_error") => 400,
            Some("authentication_error") => 401,
            Some("billing_error") => 402,
            Some("permission_error") => 403,
            Some("not_found_error") => 404,
            Some("conflict_error" | "memory_path_conflict_error") => 409,
            Some("memory_precondition_failed_error") => 412,
            Some("request_too_large") => 413,
            Some("rate_limit_error") => 429,
            Some("api_error") => 500,
            Some("timeout_error") => 504,
            Some("overloaded_error") => 529,
            _ => return self.status,
        };
        StatusCode::from_u16(code).ok()
    }
}

/// Whether an event's data is an object, or the first of a list, that has an error and no type of
/// its own.
pub(crate) fn is_bare_error(data: &str) -> bool {
    if memchr::memmem::find(data.as_bytes(), br#""error""#).is_none() {
        return false;
    }
    let Some(document) = document(data.as_bytes()) else {
        return false;
    };
    let document = match &document {
        Value::Array(items) => items.first(),
        other => Some(other),
    };
    let at = |key: &str| document.and_then(|it| it.get(key));
    let typed = at("type").and_then(Value::as_str);
    let is_typed = typed.is_some_and(|name| !name.is_empty());
    !is_typed && at("error").is_some_and(|error| !error.is_null())
}

/// The details in the API's error body, if they fit their type.
pub(super) fn details(body: &[u8]) -> Option<ErrorDetails> {
    let document = document(body)?;
    let details = document.pointer("/error/details")?.to_string();
    anthropic_types::from_slice(details.as_bytes()).ok()
}

/// A body as JSON.
fn document(body: &[u8]) -> Option<Value> {
    read_json(body).ok()
}

/// The words for a person, wherever they are.
fn message(document: &Value) -> Option<String> {
    const PLACES: [&str; 12] = [
        "/error/message",
        "/error/msg",
        "/error/detail",
        "/error",
        "/message",
        "/Message",
        "/msg",
        "/detail",
        "/detail/error/message",
        "/detail/message",
        "/errors/0/message",
        "/error_description",
    ];
    let at = |place: &&str| {
        let text = document.pointer(place)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    PLACES.iter().find_map(at).or_else(|| complaints(document))
}

/// FastAPI's list of what is wrong where.
fn complaints(document: &Value) -> Option<String> {
    let complaint = |item: &Value| {
        let text = item.get("msg")?.as_str()?;
        let mut line = String::new();
        if let Some(Value::Array(place)) = item.get("loc") {
            for part in place {
                match part {
                    Value::String(name) => append(&mut line, ".", name),
                    other => append(&mut line, ".", &other.to_string()),
                }
            }
        }
        append(&mut line, ": ", text);
        Some(line)
    };
    let mut found = String::new();
    for item in document.get("detail")?.as_array()? {
        if let Some(complaint) = complaint(item) {
            append(&mut found, "; ", &complaint);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The status in a body, as a number or as one of Google's names.
fn status(document: &Value) -> Option<StatusCode> {
    let number = |place: &&str| {
        let value = document.pointer(place)?;
        let code = match value {
            Value::String(text) => text.parse().ok()?,
            other => u16::try_from(other.as_u64()?).ok()?,
        };
        StatusCode::from_u16(code)
            .ok()
            .filter(|status| status.is_client_error() || status.is_server_error())
    };
    let places = ["/error/code", "/error/status", "/code", "/status"];
    places.iter().find_map(number).or_else(|| {
        let code = match document.pointer("/error/status")?.as_str()? {
            "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => 400,
            "UNAUTHENTICATED" => 401,
            "PERMISSION_DENIED" => 403,
            "NOT_FOUND" => 404,
            "ABORTED" | "ALREADY_EXISTS" => 409,
            "RESOURCE_EXHAUSTED" => 429,
            "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => 500,
            "UNAVAILABLE" => 503,
            "DEADLINE_EXCEEDED" => 504,
            _ => return None,
        };
        StatusCode::from_u16(code).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message_of(body: &str) -> Option<String> {
        ApiError::parse(body.as_bytes()).map(|error| error.message)
    }

    #[test]
    fn the_message_is_found_wherever_it_is() {
        for (body, expected) in [
            (
                r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#,
                "m",
            ),
            (r#"{"error":{"message":"m","type":null,"code":"429"}}"#, "m"),
            (
                r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#,
                "m",
            ),
            (r#"[{"error":{"code":429,"message":"m"}}]"#, "m"),
            (r#"{"detail":"m"}"#, "m"),
            (
                r#"{"detail":[{"loc":["body","model",0],"msg":"m"},{"msg":"n"}]}"#,
                "body.model.0: m; n",
            ),
            (r#"{"code":500,"msg":"m","success":false}"#, "m"),
            (r#"{"message":"m"}"#, "m"),
            (r#"{"Message":"m"}"#, "m"),
            (r#"{"error":"m"}"#, "m"),
            (r#"{"errors":[{"message":"m"}]}"#, "m"),
        ] {
            assert_eq!(message_of(body).as_deref(), Some(expected), "{body}");
        }
        for body in [
            "",
            "m",
            "{}",
            "[]",
            r#"{"detail":[]}"#,
            r#"{"error":{}}"#,
            r#"{"error":" "}"#,
        ] {
            assert_eq!(message_of(body), None, "{body}");
        }
    }

    #[test]
    fn the_status_in_a_body_is_found() {
        let status = |body: &str| ApiError::parse(body.as_bytes())?.implied_status();
        for (body, expected) in [
            (
                r#"{"error":{"type":"overloaded_error","message":"m","code":400}}"#,
                529,
            ),
            (r#"{"error":{"message":"m","code":"429"}}"#, 429),
            (r#"{"error":{"message":"m","status":"UNAVAILABLE"}}"#, 503),
            (r#"{"code":500,"msg":"m"}"#, 500),
        ] {
            assert_eq!(status(body).unwrap().as_u16(), expected, "{body}");
        }
        assert_eq!(status(r#"{"error":{"message":"m","code":200}}"#), None);
        assert_eq!(status(r#"{"error":{"message":"m","code":1210}}"#), None);
    }

    #[test]
    fn a_success_is_an_error_only_where_it_says_so() {
        let errs = |body: &str| ApiError::in_success(body.as_bytes()).is_some();
        assert!(errs(
            r#"{"type":"error","error":{"type":"api_error","message":"m"}}"#
        ));
        assert!(errs(r#"{"error":{"message":"m"},"request_id":"r"}"#));
        assert!(!errs(r#"{"type":"message","error":{"message":"m"}}"#));
        assert!(!errs(r#"{"id":"job_1","error":{"message":"m"}}"#));
        assert!(!errs(r#"{"error":null}"#));
        assert!(!errs(r#"{"type":"error","text":"\"error\""}"#));
    }
}
