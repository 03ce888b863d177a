//! The body of an error: the API's own shape, and those of what stands in front of it.
//!
//! | from | shape |
//! |---|---|
//! | the API | `{"type":"error","error":{"type":…,"message":…},"request_id":…}` |
//! | OpenAI-like gateways, LiteLLM | `{"error":{"message":…,"type":null,"code":"429"}}` |
//! | Google | `{"error":{"code":429,"message":…,"status":"RESOURCE_EXHAUSTED"}}`, alone or in a list |
//! | FastAPI | `{"detail":"…"}`, `{"detail":[{"loc":[…],"msg":…}]}`, `{"detail":{"error":…}}` |
//! | GLM | `{"code":500,"msg":"…","success":false}` |
//! | RFC 9457 | `{"type":"about:blank","title":"…","status":429,"detail":"…"}` |
//! | gateways that pass on the error of another | `{"error":{"error":{"message":…}}}` |
//! | Apigee, WSO2 | `{"fault":{"faultstring":"…"}}`, `{"fault":{"message":"…"}}` |
//! | AWS, Kong, Cloudflare and others | `{"message":"…"}`, `{"error":"…"}`, `{"errors":[…]}` |

use std::sync::LazyLock;

use crate::text::{append, read_json};
use anthropic_types::{ErrorCode, ErrorDetails, ErrorType};
use http::StatusCode;
use memchr::memmem::Finder;
use serde_json::Value;

/// A longer body is no error of a gateway's.
const SHORT: usize = 64 << 10;

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

/// An error with a status of success; `None` describes nothing.
pub(super) struct Disguised(pub(super) Option<ApiError>);

impl ApiError {
    /// Reads an error's body; `None` where nothing in it describes an error.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let document = document(body)?;
        Self::of(single(&document)?)
    }

    fn of(document: &Value) -> Option<Self> {
        let inner = inner(document);
        let text = |pointer: &str| inner.pointer(pointer)?.as_str().map(str::to_owned);
        // Python writes a type that is missing as `None`.
        let is_name = |name: &String| !matches!(name.as_str(), "" | "None" | "null");
        let error_type = text("/error/type").filter(is_name);
        let message = message(inner);
        if error_type.is_none() && message.is_none() {
            return None;
        }
        let id = document.get("request_id").and_then(Value::as_str);
        Some(Self {
            error_type: error_type.map(|name| ErrorType::from(name.as_str())),
            message: message.unwrap_or_default(),
            code: text("/error/details/error_code").map(ErrorCode::from),
            request_id: id.map(str::to_owned).or_else(|| text("/request_id")),
            status: status(inner),
        })
    }

    /// Reads the body of a response whose status is a success, where it is an error all the same.
    pub(super) fn in_success(body: &[u8]) -> Option<Disguised> {
        // Most responses are not, and are not parsed for it.
        static ERROR: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""error""#));
        let is_short = body.len() <= SHORT;
        let is_plain = !is_short || begins_as_response(body);
        if is_plain && ERROR.find(body).is_none() {
            return None;
        }
        let document = document(body)?;
        let document = match &document {
            Value::Array(items) if items.len() == 1 => items.first()?,
            other => other,
        };
        let is_typed = document.get("type").is_some_and(|it| it == "error");
        if is_typed && document.get("error").is_some() {
            return Some(Disguised(Self::of(document)));
        }
        if is_error(document) {
            Self::of(document).map(|error| Disguised(Some(error)))
        } else {
            None
        }
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

/// A document, or the first of a list.
fn single(document: &Value) -> Option<&Value> {
    match document {
        Value::Array(items) => items.first(),
        other => Some(other),
    }
}

/// The error that a server has put into the detail of its own, or into one without words.
fn inner(document: &Value) -> &Value {
    let has_error = |it: &&Value| it.get("error").is_some_and(Value::is_object);
    let is_bare = |it: &&Value| {
        let mut own = ["message", "type"].iter().filter_map(|key| it.get(*key));
        own.all(|own| words(own).is_none())
    };
    let detail = document.get("detail").filter(has_error);
    let bare = || document.get("error").filter(has_error).filter(is_bare);
    detail.or_else(bare).unwrap_or(document)
}

/// Whether a body begins with a key that most responses begin with, and foreign errors don't.
fn begins_as_response(body: &[u8]) -> bool {
    let Some(rest) = body.trim_ascii_start().strip_prefix(b"{") else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    let Some(value) = rest.strip_prefix(br#""type""#) else {
        let keys: [&[u8]; 4] = [br#""id""#, br#""model""#, br#""data""#, br#""content""#];
        return begins_with(rest, &keys);
    };
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii_start();
    !begins_with(value.strip_prefix(b"\"").unwrap_or(value), &PROBLEMS)
}

/// What the types of RFC 9457 begin with.
const PROBLEMS: [&[u8]; 3] = [b"about:", b"http:", b"https:"];

fn begins_with(text: &[u8], beginnings: &[&[u8]]) -> bool {
    beginnings.iter().any(|it| text.starts_with(it))
}

/// Whether a document is an error of the API's or of what is in front of it, and no response: its
/// type is `error`, or it has no type, nothing that responses have, and reports that it is one.
fn is_error(document: &Value) -> bool {
    let Some(fields) = document.as_object() else {
        return false;
    };
    // What is no text doesn't make it a response.
    if let Some(Value::String(name)) = fields.get("type") {
        if name == "error" {
            return true;
        }
        if !begins_with(name.as_bytes(), &PROBLEMS) {
            return false;
        }
    }
    let has = |keys: &[&str], is: fn(&Value) -> bool| {
        let mut values = keys.iter().filter_map(|key| fields.get(*key));
        values.any(is)
    };
    if has(&["choices", "content", "data", "id", "results"], |it| {
        !it.is_null()
    }) {
        return false;
    }
    has(&["error", "errors"], is_set)
        || has(&["success", "ok"], |it| matches!(it, Value::Bool(false)))
        || status(inner(document)).is_some()
        // As FastAPI has it.
        || (fields.len() == 1 && has(&["detail"], is_set))
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Whether a JSON text that stands in a response's place is an error.
pub(crate) fn is_error_document(text: &str) -> bool {
    ApiError::in_success(text.as_bytes()).is_some()
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
    let document = single(&document);
    let at = |key: &str| document.and_then(|it| it.get(key));
    let typed = at("type").and_then(Value::as_str);
    let is_typed = typed.is_some_and(|name| !name.is_empty());
    !is_typed && at("error").is_some_and(|error| is_set(error) || error.is_object())
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
    const PLACES: [&str; 16] = [
        "/error/message",
        "/error/msg",
        "/error/detail",
        "/error/error",
        "/error/error/message",
        "/error",
        "/message",
        "/Message",
        "/msg",
        "/detail",
        "/detail/message",
        "/detail/msg",
        "/detail/error",
        "/error_description",
        "/fault/faultstring",
        "/fault/message",
    ];
    const LISTS: [&str; 5] = ["/error/message", "/detail", "/errors", "/error", "/message"];
    // Where there are no words, a name is better than nothing.
    const LATER: [&str; 9] = [
        "/error_message",
        "/errorMessage",
        "/error_msg",
        "/errmsg",
        "/base_resp/status_msg",
        "/title",
        "/error/status",
        "/error/code",
        "/error/reason",
    ];
    let at = |place: &&str| words(document.pointer(place)?);
    let listed = |place: &&str| complaints(document.pointer(place)?);
    let found = PLACES.iter().find_map(at);
    let found = found.or_else(|| LISTS.iter().find_map(listed));
    found.or_else(|| LATER.iter().find_map(at))
}

fn words(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A list of what is wrong, and where, as FastAPI's.
fn complaints(list: &Value) -> Option<String> {
    const PLACES: [&str; 4] = ["msg", "message", "detail", "title"];
    let complaint = |item: &Value| {
        let named = || PLACES.iter().find_map(|key| words(item.get(*key)?));
        let text = words(item).or_else(named)?;
        let mut line = String::new();
        if let Some(Value::Array(place)) = item.get("loc") {
            for part in place {
                match part {
                    Value::String(name) => append(&mut line, ".", name),
                    other => append(&mut line, ".", &other.to_string()),
                }
            }
        }
        append(&mut line, ": ", &text);
        Some(line)
    };
    let mut found = String::new();
    for item in list.as_array()? {
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
    let places = [
        "/error/code",
        "/error/status",
        "/code",
        "/status",
        "/statusCode",
        "/status_code",
        "/errors/0/status",
    ];
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
            (r#"{"errors":["m",{"detail":"n","title":"t"}]}"#, "m; n"),
            (r#"{"detail":["m","n"]}"#, "m; n"),
            (r#"{"detail":{"error":"m"}}"#, "m"),
            (r#"{"detail":{"error":{"message":"m"}}}"#, "m"),
            (r#"{"detail":{"msg":"m"}}"#, "m"),
            (r#"{"type":"about:blank","title":"m","status":429}"#, "m"),
            (r#"{"title":"t","detail":"m"}"#, "m"),
            (r#"{"error":["m","n"]}"#, "m; n"),
            (r#"{"error":true,"message":"m"}"#, "m"),
            (r#"{"error_code":1,"error_msg":"m"}"#, "m"),
            (
                r#"{"base_resp":{"status_code":1004,"status_msg":"m"}}"#,
                "m",
            ),
            (
                r#"{"error":{"code":503,"message":"","status":"UNAVAILABLE"}}"#,
                "UNAVAILABLE",
            ),
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
    fn a_key_that_reports_nothing_makes_no_error() {
        for value in ["null", "false", "0", "0.0", "-0", r#""""#, "[]", "{}"] {
            for key in ["error", "errors"] {
                let body = format!(r#"{{"{key}":{value},"message":"m"}}"#);
                assert!(!is_error_document(&body), "{body}");
                assert_eq!(is_bare_error(&body), key == "error" && value == "{}");
            }
        }
        for value in ["true", "1", "-1", "0.5", r#""no""#, "[0]", r#"{"a":0}"#] {
            let body = format!(r#"{{"error":{value},"message":"m"}}"#);
            assert!(is_error_document(&body), "{body}");
            assert!(is_bare_error(&body), "{body}");
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

    /// The API's types as its documentation has them, and Google's names as their guide maps them.
    #[test]
    fn a_name_implies_the_status_that_is_sent_with_it() {
        let status = |body: &str| ApiError::parse(body.as_bytes())?.implied_status();
        for (name, expected) in [
            ("invalid_request_error", 400),
            ("authentication_error", 401),
            ("billing_error", 402),
            ("permission_error", 403),
            ("not_found_error", 404),
            ("conflict_error", 409),
            ("memory_path_conflict_error", 409),
            ("memory_precondition_failed_error", 412),
            ("request_too_large", 413),
            ("rate_limit_error", 429),
            ("api_error", 500),
            ("timeout_error", 504),
            ("overloaded_error", 529),
        ] {
            let body = format!(r#"{{"error":{{"type":"{name}","message":"m"}}}}"#);
            assert_eq!(status(&body).unwrap().as_u16(), expected, "{name}");
        }
        for (names, expected) in [
            (
                &["INVALID_ARGUMENT", "FAILED_PRECONDITION", "OUT_OF_RANGE"][..],
                400,
            ),
            (&["UNAUTHENTICATED"], 401),
            (&["PERMISSION_DENIED"], 403),
            (&["NOT_FOUND"], 404),
            (&["ABORTED", "ALREADY_EXISTS"], 409),
            (&["RESOURCE_EXHAUSTED"], 429),
            (&["INTERNAL", "UNKNOWN", "DATA_LOSS"], 500),
            (&["UNAVAILABLE"], 503),
            (&["DEADLINE_EXCEEDED"], 504),
        ] {
            for name in names {
                let body = format!(r#"{{"error":{{"message":"m","status":"{name}"}}}}"#);
                assert_eq!(status(&body).unwrap().as_u16(), expected, "{name}");
            }
        }
        let unheard_of = r#"{"error":{"message":"m","status":"UNHEARD_OF"}}"#;
        assert_eq!(status(unheard_of), None);
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
        for foreign in [
            r#"{"code":500,"msg":"404 NOT_FOUND","success":false}"#,
            r#"{"success":false,"errors":[{"code":10000,"message":"m"}],"result":null}"#,
            r#"{"error":{"message":"m","code":429},"user_id":"u"}"#,
            r#"{"type":"about:blank","title":"t","status":429}"#,
            r#"{"statusCode":429,"message":"m"}"#,
            r#"{"errors":["m"],"data":null}"#,
            r#"{"error":true,"message":"m"}"#,
            r#"{"detail":"m"}"#,
            r#" {"detail":[{"loc":["body"],"msg":"m"}]}"#,
            r#"{"detail":{"error":{"message":"m"}}}"#,
            r#"[{"error":{"code":503,"status":"UNAVAILABLE"}}]"#,
        ] {
            assert!(errs(foreign), "{foreign}");
        }
        for response in [
            "{}",
            "[]",
            "5",
            r#"{"message":"hello"}"#,
            r#"{"status":"ok","message":"done"}"#,
            r#"{"code":200,"msg":"fine","success":true}"#,
            r#"{"detail":"x","input_tokens":5}"#,
            r#"{"input_tokens":5,"error":null,"errors":[]}"#,
            r#"{"object":"list","data":[],"error":{"message":"m"}}"#,
            r#"{"type":"model","error":{"message":"m"}}"#,
            r#"{"results":[],"errors":["m"]}"#,
            r#"{"error":null,"message":"fine"}"#,
            r#"{"error":false,"errors":[],"message":"fine"}"#,
            r#"{"error":" ","errors":{},"message":"fine"}"#,
            r#"[{"error":{"message":"m"}},{"error":{"message":"n"}}]"#,
        ] {
            assert!(!errs(response), "{response}");
        }
    }

    #[test]
    fn the_message_is_found_within_errors_lists_and_faults() {
        for (body, expected) in [
            (r#"{"error":{"error":{"message":"m"}}}"#, "m"),
            (r#"{"error":{"error":{"msg":"m"},"code":1}}"#, "m"),
            (r#"{"error":{"error":"m"}}"#, "m"),
            (r#"{"error":{"message":"m","error":{"message":"n"}}}"#, "m"),
            (r#"{"error":{"type":"t","error":{"message":"m"}}}"#, "m"),
            (r#"{"error":{"message":["m"]}}"#, "m"),
            (r#"{"error":{"message":["m",{"msg":"n"}]}}"#, "m; n"),
            (r#"{"message":["m","n"]}"#, "m; n"),
            (
                r#"{"fault":{"faultstring":"m","detail":{"errorcode":"e"}}}"#,
                "m",
            ),
            (r#"{"fault":{"code":900800,"message":"m"}}"#, "m"),
        ] {
            assert_eq!(message_of(body).as_deref(), Some(expected), "{body}");
        }
        for body in [
            r#"{"error":{"error":{}}}"#,
            r#"{"error":{"message":[]}}"#,
            r#"{"fault":{}}"#,
        ] {
            assert_eq!(message_of(body), None, "{body}");
        }
    }

    #[test]
    fn an_error_in_an_error_is_that_error() {
        let body = r#"{"error":{"error":{"type":"overloaded_error","message":"m"}}}"#;
        let error = ApiError::parse(body.as_bytes()).unwrap();
        assert_eq!(error.implied_status().unwrap().as_u16(), 529);
        let body = r#"{"error":{"error":{"message":"m","code":429}}}"#;
        let error = ApiError::parse(body.as_bytes()).unwrap();
        assert_eq!(error.implied_status().unwrap().as_u16(), 429);
    }

    #[test]
    fn an_error_in_a_detail_is_that_error() {
        let body = r#"{"detail":{"type":"error","error":{"type":"overloaded_error","message":"m"},"request_id":"r"}}"#;
        let error = ApiError::parse(body.as_bytes()).unwrap();
        assert_eq!(error.implied_status().unwrap().as_u16(), 529);
        assert_eq!(error.request_id.as_deref(), Some("r"));
        let body = r#"{"error":{"message":"m","type":"None","param":"None","code":"429"}}"#;
        let error = ApiError::parse(body.as_bytes()).unwrap();
        assert!(error.error_type.is_none());
        assert_eq!(error.implied_status().unwrap().as_u16(), 429);
    }
}
