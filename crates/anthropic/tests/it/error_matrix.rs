//! Errors of every type, bent in every place: by status, with status 200, and as an event of a
//! stream they are the same error.

use anthropic::types::{ErrorResponse, Message, from_slice};
use anthropic::{Client, Error, ErrorKind};
use serde_json::{Value, json};

use crate::stream_support::{EVENT_STREAM, params};
use crate::support::{Reply, Script, builder};

/// The API's types with their status, and one of tomorrow.
const TYPES: [(&str, u16); 10] = [
    ("invalid_request_error", 400),
    ("authentication_error", 401),
    ("billing_error", 402),
    ("permission_error", 403),
    ("not_found_error", 404),
    ("rate_limit_error", 429),
    ("api_error", 500),
    ("timeout_error", 504),
    ("overloaded_error", 529),
    ("error_of_tomorrow", 400),
];

const PLACES: [&str; 7] = [
    "/type",
    "/error",
    "/error/type",
    "/error/message",
    "/error/details",
    "/error/details/error_code",
    "/request_id",
];

fn client(script: &Script) -> Client {
    builder(script).max_retries(0).build().unwrap()
}

/// A document with another value in a place, or without one.
fn bent(document: &Value, place: &str, value: Option<&Value>) -> Value {
    let mut document = document.clone();
    let (parent, key) = place.rsplit_once('/').unwrap();
    let fields = document.pointer_mut(parent).unwrap();
    let fields = fields.as_object_mut().unwrap();
    match value {
        Some(value) => fields.insert(key.to_owned(), value.clone()),
        None => fields.remove(key),
    };
    document
}

async fn plain(status: u16, document: &Value) -> Result<Message, Error> {
    let headers = [("content-type", "application/json")];
    let script = Script::new([Reply::new(status, &headers, document.to_string())]);
    client(&script).messages().create(params()).await
}

async fn streamed(document: &Value) -> Error {
    let event = format!("event: error\ndata: {document}\n\n");
    let script = Script::new([Reply::new(200, &[EVENT_STREAM], event)]);
    match client(&script).messages().stream(params()).await {
        Ok(stream) => stream.final_message().await.unwrap_err(),
        Err(error) => error,
    }
}

/// What the body of an error reports.
fn facts(error: &Error) -> impl PartialEq + std::fmt::Debug {
    (
        error.api_type().cloned(),
        error.api_message().map(str::to_owned),
        error.error_code().cloned(),
        error.details().map(|details| format!("{details:?}")),
    )
}

#[tokio::test]
async fn an_error_is_the_same_in_every_way() {
    let others = json!([null, 5, "x", {}, {"q": 1}, [], ["x"]]);
    let mut count = 0;
    for (name, status) in TYPES {
        let document = json!({
            "type": "error", "request_id": "req_1",
            "error": {"type": name, "message": "so it is", "details": {"error_code": "c"}},
        });
        let whole = streamed(&document).await;
        assert_eq!(whole.api_type().unwrap().as_str(), name);
        assert_eq!(whole.api_message(), Some("so it is"));
        assert_eq!(whole.error_code().unwrap().as_str(), "c");
        let by_status = plain(status, &document).await.unwrap_err();
        assert_eq!(facts(&by_status), facts(&whole), "{name}");
        if name != "error_of_tomorrow" {
            assert_eq!(by_status.kind(), whole.kind(), "{name}");
        }
        for place in PLACES {
            let values = others.as_array().unwrap().iter().map(Some);
            for value in std::iter::once(None).chain(values) {
                let document = bent(&document, place, value);
                let streamed = streamed(&document).await;
                let by_status = plain(status, &document).await.unwrap_err();
                assert_eq!(facts(&by_status), facts(&streamed), "{document}");
                assert_ne!(streamed.kind(), ErrorKind::StreamTruncated, "{document}");
                // A text is another type, and without an error nothing of one is left.
                let is_other = value.is_some_and(Value::is_string);
                if (place == "/type" && is_other) || (place == "/error" && value.is_none()) {
                    continue;
                }
                let in_success = plain(200, &document).await.unwrap_err();
                assert_eq!(facts(&in_success), facts(&streamed), "{document}");
                assert_eq!(in_success.kind(), streamed.kind(), "{document}");
                count += 1;
            }
        }
    }
    assert!(count >= 540, "only {count} errors");
}

/// An error that is a value has no status.
#[test]
fn a_type_alone_gives_the_kind() {
    for (name, kind) in [
        ("invalid_request_error", ErrorKind::InvalidRequest),
        ("authentication_error", ErrorKind::Authentication),
        ("billing_error", ErrorKind::Billing),
        ("permission_error", ErrorKind::PermissionDenied),
        ("not_found_error", ErrorKind::NotFound),
        ("request_too_large", ErrorKind::RequestTooLarge),
        ("rate_limit_error", ErrorKind::RateLimited),
        ("timeout_error", ErrorKind::RequestTimeout),
        ("api_error", ErrorKind::Internal),
        ("overloaded_error", ErrorKind::Overloaded),
        ("conflict_error", ErrorKind::Conflict),
        ("memory_path_conflict_error", ErrorKind::Conflict),
        (
            "memory_precondition_failed_error",
            ErrorKind::PreconditionFailed,
        ),
        ("error_of_tomorrow", ErrorKind::Api),
    ] {
        let json = json!({"type": "error", "error": {"type": name, "message": "m"}}).to_string();
        let error: ErrorResponse = from_slice(json.as_bytes()).unwrap();
        assert_eq!(ErrorKind::from(&error), kind, "{name}");
        // Its words begin the line of an error of that kind.
        let line = Error::new(kind, "m").to_string();
        let begins = format!("{kind}: m");
        assert!(begins.len() > 5 && line.starts_with(&begins), "{line}");
    }
    // In a column, as any text.
    assert_eq!(format!("{:>10}|", ErrorKind::NotFound), " not found|");
}
