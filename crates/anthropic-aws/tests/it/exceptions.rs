//! AWS's exceptions: the API's types and kinds for them, and what of AWS's own a caller can read.

use anthropic::{Error, ErrorKind};
use anthropic_aws::AwsException;
use serde_json::{Value, json};

use crate::support::{EVENT_STREAM, Server, frame, keyed, params};

/// An exception's name without its end, AWS's status, the API's type and the kind.
const ALL: [(&str, Option<u16>, &str, ErrorKind); 24] = [
    (
        "Throttling",
        Some(429),
        "rate_limit_error",
        ErrorKind::RateLimited,
    ),
    (
        "TooManyRequests",
        None,
        "rate_limit_error",
        ErrorKind::RateLimited,
    ),
    (
        "ServiceQuotaExceeded",
        Some(400),
        "rate_limit_error",
        ErrorKind::RateLimited,
    ),
    (
        "LimitExceeded",
        None,
        "rate_limit_error",
        ErrorKind::RateLimited,
    ),
    (
        "RequestLimitExceeded",
        None,
        "rate_limit_error",
        ErrorKind::RateLimited,
    ),
    (
        "Validation",
        Some(400),
        "invalid_request_error",
        ErrorKind::InvalidRequest,
    ),
    (
        "Serialization",
        None,
        "invalid_request_error",
        ErrorKind::InvalidRequest,
    ),
    (
        "Conflict",
        Some(400),
        "invalid_request_error",
        ErrorKind::InvalidRequest,
    ),
    (
        "AccessDenied",
        Some(403),
        "permission_error",
        ErrorKind::PermissionDenied,
    ),
    (
        "ResourceNotFound",
        Some(404),
        "not_found_error",
        ErrorKind::NotFound,
    ),
    (
        "UnknownOperation",
        None,
        "not_found_error",
        ErrorKind::NotFound,
    ),
    (
        "UnrecognizedClient",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "InvalidSignature",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "MissingAuthenticationToken",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "IncompleteSignature",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "ExpiredToken",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "RequestExpired",
        None,
        "authentication_error",
        ErrorKind::Authentication,
    ),
    (
        "ModelTimeout",
        Some(408),
        "timeout_error",
        ErrorKind::RequestTimeout,
    ),
    (
        "ServiceUnavailable",
        Some(503),
        "overloaded_error",
        ErrorKind::Overloaded,
    ),
    (
        "ModelNotReady",
        Some(429),
        "overloaded_error",
        ErrorKind::Overloaded,
    ),
    (
        "InternalServer",
        Some(500),
        "api_error",
        ErrorKind::Internal,
    ),
    ("ModelError", Some(424), "api_error", ErrorKind::Internal),
    (
        "ModelStreamError",
        Some(424),
        "api_error",
        ErrorKind::Internal,
    ),
    ("SomethingNew", None, "api_error", ErrorKind::Internal),
];

/// The error of a response with this status and body.
async fn plain(status: u16, name: &str, body: &Value) -> Error {
    let (name, body) = (name.to_owned(), body.to_string());
    let server = Server::new(move |_| {
        let response = http::Response::builder().status(status);
        let response = response.header("x-amzn-errortype", &name);
        response.body(body.clone()).unwrap()
    });
    let client = server.client(keyed());
    client.messages().create(params("m")).await.unwrap_err()
}

/// The error of a stream whose only frame has this exception.
async fn framed(name: &str, body: &Value) -> Error {
    let mut small = name.to_owned();
    small[..1].make_ascii_lowercase();
    let mut bytes = Vec::new();
    let name = small.leak();
    let headers = [(":exception-type", &*name), (":message-type", "exception")];
    frame(headers, body, &mut bytes);
    let server = Server::new(move |_| {
        let response = http::Response::builder().header("content-type", EVENT_STREAM);
        response.body(bytes.clone()).unwrap()
    });
    let client = server.client(keyed());
    let stream = client.messages().stream(params("m")).await;
    match stream {
        Ok(stream) => stream.final_message().await.unwrap_err(),
        Err(error) => error,
    }
}

#[tokio::test]
async fn exceptions_have_the_apis_kinds_and_keep_awss_status() {
    for (short, described, api_type, kind) in ALL {
        let name = format!("{short}Exception");
        let body = json!({"message": "what is wrong", "originalStatusCode": 529});
        let status = described.unwrap_or(418);
        let sent = plain(status, &name, &body).await;
        assert_eq!(sent.status().map(|it| it.as_u16()), Some(status));
        for (error, status) in [
            (sent, Some(status)),
            (framed(&name, &body).await, described),
        ] {
            assert_eq!(error.kind(), kind, "{name}: {error}");
            let found = error.api_type().map(anthropic::types::ErrorType::as_str);
            assert_eq!(found, Some(api_type), "{name}");
            assert_eq!(error.api_message(), Some("what is wrong"));
            let exception = AwsException::from_error(&error).unwrap();
            assert_eq!(exception.name(), name);
            let found = exception.status().map(|it| it.as_u16());
            assert_eq!(found, status, "{name}");
            let original = exception.original_status().map(|it| it.as_u16());
            assert_eq!(original, Some(529), "{name}");
        }
    }
}

#[tokio::test]
async fn what_the_model_failed_with_may_be_missing_or_be_no_status() {
    for (given, wanted) in [
        (json!({"message": "m"}), None),
        (json!({"originalStatusCode": "500"}), Some(500)),
        (json!({"originalStatusCode": -1}), None),
        (json!({"originalStatusCode": {"a": 1}}), None),
        (json!({"originalStatusCode": 70_000}), None),
    ] {
        for error in [
            plain(424, "ModelErrorException", &given).await,
            framed("ModelStreamErrorException", &given).await,
        ] {
            let exception = AwsException::from_error(&error).unwrap();
            let found = exception.original_status().map(|it| it.as_u16());
            assert_eq!(found, wanted, "{given}");
            assert_eq!(exception.status().unwrap().as_u16(), 424);
        }
    }
    // The API's own errors are none of AWS's.
    let body = json!({"type": "error", "error": {"type": "api_error", "message": "m"}});
    let error = plain(500, "", &body).await;
    assert_eq!(AwsException::from_error(&error), None);
}

#[tokio::test]
async fn the_name_in_the_header_counts_whatever_the_body_is() {
    for body in [
        "<html>too many</html>",
        "",
        r#"{"message":"a","Message":"b"}"#,
        r#"{"type":"error","error":{"type":"rate_limit_error","message":"m"}}"#,
        r#"{"error":null,"message":"m"}"#,
        r#"{"error":"m"}"#,
    ] {
        let server = Server::new(move |_| {
            // The label of a stream does not make an error one.
            let response = http::Response::builder().status(429);
            let response = response.header("content-type", EVENT_STREAM);
            let response = response.header("x-amzn-errortype", "ThrottlingException:http://x/");
            response.body(body).unwrap()
        });
        let client = server.client(keyed());
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{body}");
        let exception = AwsException::from_error(&error);
        let name = exception.as_ref().map(AwsException::name);
        assert_eq!(name, Some("ThrottlingException"), "{body}");
    }
}

#[tokio::test]
async fn the_name_may_be_the_bodys_code() {
    for (code, name) in [
        (json!("ValidationException"), Some("ValidationException")),
        // What a gateway writes there is none of AWS's names.
        (json!("too_fast"), None),
        (json!(500), None),
    ] {
        let error = plain(429, "", &json!({"code": code, "message": "m"})).await;
        let exception = AwsException::from_error(&error);
        assert_eq!(exception.as_ref().map(AwsException::name), name);
    }
}
