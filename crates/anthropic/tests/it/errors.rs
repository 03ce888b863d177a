//! What an error tells, whatever came back.

use std::collections::BTreeMap;
use std::error::Error as _;

use anthropic::ErrorKind;
use anthropic::operation::Operation;
use anthropic::types::{ErrorCode, ErrorType, Json, WorkLeaseStateState};
use http::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Reply, Script, builder, client, get};

static THING: Operation<Json> = Operation::json("thing.retrieve", Method::GET, "/v1/things/{id}");
static GONE: Operation<()> = Operation::empty("thing.delete", Method::DELETE, "/v1/things/{id}");

const ID: (&str, &str) = ("request-id", "req_42");

async fn failing(reply: Reply) -> anthropic::Error {
    let client = builder(&Script::new([reply]))
        .max_retries(0)
        .build()
        .unwrap();
    client
        .request(&THING, &["a"])
        .query("secret", "canary")
        .await
        .unwrap_err()
}

#[tokio::test]
async fn an_api_error_tells_everything() {
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too high",
        "details":{"error_code":"tool_name_conflict"}},"request_id":"req_body"}"#;
    let headers = [
        ID,
        ("anthropic-workspace-id", "wrkspc_1"),
        ("content-type", "application/json"),
    ];
    let error = failing(Reply::new(400, &headers, body)).await;
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST));
    assert_eq!(error.api_type(), Some(&ErrorType::InvalidRequestError));
    assert_eq!(error.api_message(), Some("max_tokens: too high"));
    assert_eq!(error.error_code(), Some(&ErrorCode::ToolNameConflict));
    assert_eq!(error.request_id(), Some("req_42"));
    assert_eq!(error.meta().unwrap().workspace_id(), Some("wrkspc_1"));
    assert_eq!(error.operation(), Some("thing.retrieve"));
    assert_eq!(
        (error.method(), error.path()),
        (Some(&Method::GET), Some("/v1/things/a"))
    );
    assert_eq!(error.body(), body);
    assert!(!error.is_in_stream());
    assert_eq!(
        error.to_string(),
        "invalid_request_error (400): max_tokens: too high [thing.retrieve, request req_42]",
    );
}

#[tokio::test]
async fn the_kind_comes_from_the_type_first_and_then_the_status() {
    let cases = [
        (500, "overloaded_error", ErrorKind::Overloaded),
        (400, "rate_limit_error", ErrorKind::RateLimited),
        (400, "billing_error", ErrorKind::Billing),
        (401, "authentication_error", ErrorKind::Authentication),
        (403, "permission_error", ErrorKind::PermissionDenied),
        (404, "not_found_error", ErrorKind::NotFound),
        (504, "timeout_error", ErrorKind::RequestTimeout),
        (500, "api_error", ErrorKind::Internal),
        (413, "invalid_request_error", ErrorKind::RequestTooLarge),
        (422, "new_error", ErrorKind::UnprocessableEntity),
        (418, "teapot_error", ErrorKind::Api),
        (529, "", ErrorKind::Overloaded),
        (400, "", ErrorKind::InvalidRequest),
        (431, "", ErrorKind::InvalidRequest),
        (401, "", ErrorKind::Authentication),
        (402, "", ErrorKind::Billing),
        (403, "", ErrorKind::PermissionDenied),
        (404, "", ErrorKind::NotFound),
        (408, "", ErrorKind::RequestTimeout),
        (504, "", ErrorKind::RequestTimeout),
        (409, "", ErrorKind::Conflict),
        (412, "", ErrorKind::PreconditionFailed),
        (413, "", ErrorKind::RequestTooLarge),
        (429, "", ErrorKind::RateLimited),
    ];
    for (status, error_type, kind) in cases {
        let body = format!(r#"{{"type":"error","error":{{"type":"{error_type}","message":"m"}}}}"#);
        let body = if error_type.is_empty() {
            String::new()
        } else {
            body
        };
        let error = failing(Reply::new(status, &[ID], body)).await;
        assert_eq!(error.kind(), kind, "{status} {error_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_after_a_retry_counts_the_attempts_everywhere() {
    let script = Script::new([Reply::status(500), Reply::status(500)]);
    let client = builder(&script).max_retries(1).build().unwrap();
    let error = client.post("/v1/thing").json(&[1]).await;
    let error: anthropic::Error = anthropic::Result::<Value>::unwrap_err(error);
    assert_eq!(error.method(), Some(&Method::POST));
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.meta().unwrap().attempts(), 2);
    assert!(!error.elapsed().is_zero());
    assert_eq!(error.meta().unwrap().elapsed(), error.elapsed());
    let unsent = anthropic::Error::new(ErrorKind::Middleware, "no");
    assert_eq!((unsent.method(), unsent.path()), (None, None));
}

fn with_details(details: &str) -> String {
    format!(
        r#"{{"type":"error","error":{{"type":"api_error","message":"m","details":{details}}}}}"#
    )
}

#[tokio::test]
async fn details_have_the_type_that_belongs_to_their_code() {
    let body = with_details(
        r#"{"error_code":"heartbeat_precondition_failed","current_state":
            {"last_heartbeat":null,"lease_extended":false,"state":"active","ttl_seconds":60}}"#,
    );
    let error = failing(Reply::new(412, &[ID], body)).await;
    assert_eq!(
        error.error_code(),
        Some(&ErrorCode::HeartbeatPreconditionFailed)
    );
    let details = error.details().unwrap();
    assert_eq!(details.error_code, ErrorCode::HeartbeatPreconditionFailed);
    let lease = details.current_state.unwrap();
    assert_eq!(
        (lease.state, lease.ttl_seconds),
        (WorkLeaseStateState::Active, 60)
    );
    assert_eq!(details.appeal_url, None);
}

#[tokio::test]
async fn an_unknown_code_is_kept_with_what_belongs_to_it() {
    let body = with_details(r#"{"error_code":"moon_in_the_way","phase":"full"}"#);
    let error = failing(Reply::new(400, &[ID], body)).await;
    assert_eq!(
        error.error_code(),
        Some(&ErrorCode::Unrecognized("moon_in_the_way".into()))
    );
    let details = error.details().unwrap();
    assert_eq!(
        details.extra.decode::<String>("phase").as_deref(),
        Some("full")
    );
    let debug = format!("{error:#?}");
    assert!(debug.contains("moon_in_the_way"), "{debug}");
}

#[tokio::test]
async fn details_that_do_not_fit_leave_the_code() {
    let cases: [(_, Option<ErrorCode>); 4] = [
        ("null", None),
        ("{}", None),
        (r#"{"error_code":7}"#, None),
        (r#"{"error_code":null,"paths":["a"]}"#, None),
    ];
    for (details, code) in cases {
        let body = with_details(details);
        let error = failing(Reply::new(400, &[ID], body.clone())).await;
        assert_eq!(error.error_code(), code.as_ref(), "{details}");
        assert_eq!(error.details(), None, "{details}");
        assert_eq!(error.body(), body.as_bytes());
    }
}

#[tokio::test]
async fn a_detail_that_does_not_fit_leaves_the_others() {
    let body =
        with_details(r#"{"error_code":"scan_failed","plugin_version_id":["a"],"field":"f"}"#);
    let error = failing(Reply::new(400, &[ID], body)).await;
    assert_eq!(error.error_code(), Some(&ErrorCode::ScanFailed));
    let details = error.details().unwrap();
    assert_eq!(details.field.unwrap().as_str(), "f");
    assert_eq!(details.plugin_version_id, None);
    assert!(details.extra.get("plugin_version_id").is_some());
}

/// Every code that the description has is a variant of its own.
#[test]
fn every_known_code_is_known() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/api.json");
    let description: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let errors = description["errors"].as_array().unwrap();
    assert!(errors.len() >= 133);
    for error in errors {
        let code = error["error_code"].as_str().unwrap();
        let known = ErrorCode::from(code);
        assert!(!matches!(known, ErrorCode::Unrecognized(_)), "{code}");
        assert_eq!(known.as_str(), code);
    }
}

#[tokio::test]
async fn an_unknown_error_type_is_kept() {
    let body = r#"{"type":"error","error":{"type":"teapot_error","message":"short and stout"}}"#;
    let error = failing(Reply::new(418, &[ID], body)).await;
    assert_eq!(
        error.api_type().map(ErrorType::as_str),
        Some("teapot_error")
    );
    assert!(
        error
            .to_string()
            .starts_with("teapot_error (418): short and stout"),
        "{error}"
    );
}

#[tokio::test]
async fn a_request_id_in_the_body_serves_when_no_header_has_one() {
    let body =
        r#"{"type":"error","error":{"type":"api_error","message":"m"},"request_id":"req_b"}"#;
    assert_eq!(
        failing(Reply::new(500, &[], body)).await.request_id(),
        Some("req_b")
    );
}

#[tokio::test]
async fn an_error_body_that_is_not_json_is_quoted() {
    let html = "<html>\n  <h1>502 Bad Gateway</h1></html>";
    let error = failing(Reply::new(502, &[ID], html)).await;
    assert_eq!(
        (error.kind(), error.api_type()),
        (ErrorKind::Internal, None)
    );
    assert_eq!(error.body(), html);
    assert_eq!(
        error.to_string(),
        "the API failed (502): the response is not the API's: `<html> <h1>502 Bad \
         Gateway</h1></html>`; the URL was https://api.anthropic.com/v1/things/a [thing.retrieve, \
         request req_42]",
    );
}

#[tokio::test]
async fn a_large_error_body_is_cut() {
    let error = failing(Reply::new(400, &[ID], "x".repeat(100_000))).await;
    assert_eq!(error.body().len(), 64 << 10);
    let line = error.to_string();
    assert!(line.len() < 400 && line.contains(" …`"), "{line}");
}

#[tokio::test]
async fn a_200_that_is_html_is_unexpected_content() {
    let headers = [ID, ("content-type", "text/html")];
    let error = failing(Reply::new(200, &headers, "<html>log in</html>")).await;
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::UnexpectedContent, Some(StatusCode::OK))
    );
    assert_eq!(error.body(), "<html>log in</html>");
    assert_eq!(
        error.to_string(),
        "unexpected content (200): the body is text/html; JSON was expected; it begins \
         `<html>log in</html>`; the URL was https://api.anthropic.com/v1/things/a \
         [thing.retrieve, request req_42]",
    );
    // A wrong label does not make it JSON.
    let headers = [ID, ("content-type", "application/json")];
    let error = failing(Reply::new(200, &headers, "<html>log in</html>")).await;
    let line = error.to_string();
    let expected = "the body is a web page; JSON was expected";
    assert!(line.contains(expected), "{line}");
}

#[tokio::test]
async fn a_200_that_does_not_claim_to_be_json_is_read_if_it_is() {
    let headers = [ID, ("content-type", "text/plain")];
    let error = failing(Reply::new(200, &headers, "It works!")).await;
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(
        error.to_string().contains("the body is text/plain"),
        "{error}"
    );
    let script = Script::new([Reply::new(200, &headers, "{}")]);
    get(&client(&script)).await.unwrap();
}

#[tokio::test]
async fn an_empty_body_is_unexpected_content() {
    let error = failing(Reply::new(200, &[ID], "")).await;
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::UnexpectedContent, Some("req_42"))
    );
    assert!(error.to_string().contains("the body is empty"), "{error}");
}

#[tokio::test]
async fn broken_json_is_a_decode_error_with_an_excerpt() {
    let error = failing(Reply::new(200, &[ID], r#"{"a": [1, 2}"#)).await;
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::Decode, Some("req_42"))
    );
    assert_eq!(error.body(), r#"{"a": [1, 2}"#);
    assert!(error.to_string().contains(r#"`{"a": [1, 2}`"#), "{error}");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_by_its_path() {
    static PAGE: Operation<anthropic::Page<bool>> = Operation::page(
        "p",
        Method::GET,
        "/v1/p",
        anthropic::operation::PageShape::Ids,
    );
    let script = Script::new([Reply::json(
        r#"{"data":[true,false,"no"],"has_more":false}"#,
    )]);
    let error = client(&script).request(&PAGE, &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let line = error.to_string();
    assert!(line.contains("data[2]"), "{line}");
    assert!(line.contains("string \"no\", expected"), "{line}");
    assert!(error.source().is_some());
}

/// A type whose message has nothing behind the value.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

#[tokio::test]
async fn a_secret_with_which_a_message_ends_is_not_quoted() {
    let body = r#"{"canary":1,"api_key":"canary"}"#;
    let script = Script::new([Reply::new(200, &[], body)]);
    let error = client(&script).get::<Empty>("/v1/thing").await.unwrap_err();
    let message = error.to_string();
    let (line, _) = message.split_once("; in ").unwrap();
    assert_eq!(
        line,
        "unexpected data (200): at the document: unknown field [hidden]"
    );
    assert!(error.source().is_none(), "it has the name, too");
}

#[tokio::test]
async fn a_value_that_does_not_fit_and_is_secret_is_not_quoted() {
    for value in [
        r#""canary, expected more""#,
        r#""can\"ary""#,
        "4213",
        "42.13",
    ] {
        let body = format!(r#"{{"a":true,"api_key":{value}}}"#);
        let script = Script::new([Reply::new(200, &[], body)]);
        let client = client(&script);
        let request = client.get::<BTreeMap<String, bool>>("/v1/thing");
        let error = request.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let line = format!("{error} {:?}", error.source());
        assert!(line.contains("invalid type: [hidden], expected"), "{line}");
        let quotes = ["can", "ary", "4213", "42.13"].map(|it| line.contains(it));
        assert_eq!(quotes, [false; 4], "{line}");
    }
}

/// The name in such a message is the type's own.
#[tokio::test]
async fn a_field_that_is_missing_is_named_beside_secrets() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is not read")]
    struct Thing {
        id: String,
    }
    for (body, message) in [
        (r#"{"password":"canary"}"#, "missing field `id`"),
        (
            r#"{"password":"canary","id":"a","id":"b"}"#,
            "duplicate field `id`",
        ),
    ] {
        let script = Script::new([Reply::new(200, &[], body)]);
        let error = client(&script).get::<Thing>("/v1/thing").await.unwrap_err();
        let line = error.to_string();
        assert!(
            line.contains(&format!("at the document: {message}")),
            "{line}"
        );
        assert!(
            error.source().is_some() && !line.contains("canary"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn an_operation_without_an_answer_takes_any() {
    for body in ["", "{}", "not json"] {
        let script = Script::new([Reply::new(204, &[], body)]);
        client(&script).request(&GONE, &["a"]).await.unwrap();
    }
}

#[tokio::test]
async fn no_credential_is_an_error_before_anything_is_sent() {
    let script = Script::new([]);
    let client = anthropic::Client::builder()
        .transport(script.clone())
        .build()
        .unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!((error.kind(), script.sent().len()), (ErrorKind::Config, 0));
    assert!(error.to_string().contains("ANTHROPIC_API_KEY"), "{error}");
}

#[test]
fn two_explicit_credentials_are_an_error_that_names_both() {
    let builder = anthropic::Client::builder()
        .api_key("canary-key-7f3a")
        .auth_token("canary-key-77aa");
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert!(
        text.contains("api_key") && text.contains("auth_token"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn path_parameters_are_encoded() {
    let script = Script::new([Reply::json("{}")]);
    client(&script)
        .request(&THING, &["a/b c?d#e%2f é"])
        .await
        .unwrap();
    assert_eq!(
        script.only().uri.path(),
        "/v1/things/a%2Fb%20c%3Fd%23e%252f%20%C3%A9"
    );
}

#[tokio::test]
async fn path_parameters_that_could_reach_another_path_are_refused() {
    let script = Script::new([]);
    let bad = [
        "",
        ".",
        "..",
        "%2e",
        "%2E%2e",
        ".%2e",
        "%252e%252e",
        ";x",
        "..;x",
        ".;",
        "%2e;v=1",
    ];
    for id in bad {
        let error = client(&script).request(&THING, &[id]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{id}");
        assert!(error.to_string().contains("`id`"), "{error}");
        assert_eq!(error.attempts(), 0);
    }
    for path in ["/v1/../admin", "/v1/%2e%2e/admin", "/v1/;x"] {
        let error = client(&script).get::<Value>(path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{path}");
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn a_mistake_in_an_option_comes_back_from_the_await() {
    let script = Script::new([]);
    for request in [
        client(&script).get::<Value>("/").header("bad name", "x"),
        client(&script).get("/").header("x-ok", "line\nend"),
        client(&script).get("/").merge_body(&[1]),
        client(&script).post("/").json(&[1]).extra_body("key", 1),
        client(&script).get("/").beta("no\nbeta".to_owned()),
    ] {
        assert_eq!(request.await.unwrap_err().kind(), ErrorKind::Request);
    }
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn debug_leaves_the_headers_to_the_dump() {
    let name = "anthropic-ratelimit-tokens-limit";
    let body = r#"{"error":{"type":"invalid_request_error","message":"no"}}"#;
    let error = failing(Reply::new(400, &[ID, (name, "7")], body)).await;
    let debug = format!("{error:?} {error:#?}");
    assert!(debug.contains("req_42") && !debug.contains(name), "{debug}");
    let bytes = format!("body_bytes: {}", body.len());
    assert!(debug.contains(&bytes), "{debug}");
    assert!(error.dump().contains(name), "{}", error.dump());
}

/// What a `main` that returns it prints, and what there is to know beyond that.
#[tokio::test]
async fn debug_is_the_line_and_in_full_what_there_is() {
    let error = anthropic::Client::new(" ").unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    assert_eq!(
        format!("{error:#?}"),
        format!(
            "Error {{\n    kind: Config,\n    message: {:?},\n    ..\n}}",
            error.to_string()
        )
    );
    let builder = anthropic::Client::builder().api_key("key").max_retries(0);
    let client = builder.base_url("http://127.0.0.1:1").build().unwrap();
    let error = client.get::<Value>("/v1/models").await.unwrap_err();
    let debug = format!("{error:?}");
    let line = "could not connect: 127.0.0.1:1: Connection refused";
    assert!(
        debug.starts_with(line) && !debug.contains("source"),
        "{debug}"
    );
    assert!(format!("{error:#?}").contains("source:"), "{error:#?}");
}

/// What only the old version has is refused with a hint; other faults of the same fields are not.
#[tokio::test]
async fn parameters_of_the_old_version_name_it() {
    let refusal = |message: &str| {
        let body = format!(
            r#"{{"type":"error","error":{{"type":"invalid_request_error","message":"{message}"}}}}"#
        );
        Reply::new(400, &[("content-type", "application/json")], body)
    };
    let line = async |message: &str, version: Option<&str>| {
        let script = Script::new([refusal(message)]);
        let params = anthropic::types::MessageCreateParams::new("m", 10).user("Hi");
        let mut request = client(&script).messages().create(params);
        if let Some(version) = version {
            request = request.api_version(version);
        }
        request.await.unwrap_err().to_string()
    };
    let hint = r#".api_version("2023-06-01")"#;
    for name in ["temperature", "top_p", "top_k", "requests.3.params.top_k"] {
        let refused = format!("{name}: Extra inputs are not permitted");
        let shown = line(&refused, None).await;
        assert!(shown.contains(&refused) && shown.contains(hint), "{shown}");
        assert!(!line(&refused, Some("2023-06-01")).await.contains(hint));
    }
    for other in [
        "temperature: range: 0..1",
        "colour: Extra inputs are not permitted",
        "temperature_2: Extra inputs are not permitted",
        "temperature",
    ] {
        assert!(!line(other, None).await.contains(hint), "{other}");
    }
}
