//! An error's line and its dump: one line whatever came back, no secret, and what a person needs.

use std::fmt::Write as _;
use std::time::Duration;

use anthropic::retry::RetryPolicy;
use anthropic::transport::{Body, TransportError};
use anthropic::{AuthScheme, Client, Error, ErrorKind, RequestOptions};
use futures_util::stream;
use serde_json::{Value, json};

use crate::stream_support::params;
use crate::support::{Reply, Script, builder, client, get};

const KEY: &str = "canary-key-7f3a";
const HEADER: &str = "canary-header-9b1c";

#[tokio::test]
async fn whatever_a_server_sends_stays_on_one_line() {
    let message = "a\nb\r\u{1b}[31mc\u{202e}d\u{2028}e\0f";
    let body = json!({"error": {"type": "x\ny", "message": message}}).to_string();
    for reply in [
        Reply::new(400, &[], body.clone()),
        Reply::new(400, &[("request-id", "r")], format!("<html>{message}")),
        Reply::new(200, &[("content-type", "text/html")], message),
        Reply::new(307, &[("location", "https://elsewhere.example/\tx")], ""),
    ] {
        let error = get(&client(&Script::new([reply]))).await.unwrap_err();
        let line = error.to_string();
        let bad = |char: char| char.is_control() || matches!(char, '\u{202e}' | '\u{2028}');
        assert!(!line.contains(bad), "{line:?}");
    }
    let event = format!("event: error\ndata: {}\n\n", body.replace('\n', ""));
    let reply = Reply::new(200, &[("content-type", "text/event-stream")], event);
    let script = Script::new([reply]);
    let error = match client(&script).messages().stream(params()).await {
        Ok(stream) => stream.final_message().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(!error.to_string().contains(char::is_control), "{error}");
    assert!(error.to_string().contains(r"a\nb\r\u{1b}[31mc"), "{error}");
}

#[tokio::test]
async fn what_a_server_sends_in_place_of_a_name_is_cut_in_the_line() {
    let long = "x".repeat(5_000);
    let body = json!({"error": {"type": long, "message": "m"}}).to_string();
    let media = format!("text/{long}");
    let page = "<html>no</html>";
    for (reply, expected) in [
        (
            Reply::new(400, &[("request-id", &long)], body),
            "… (400): m",
        ),
        (
            Reply::new(400, &[("request-id", &long)], "no"),
            "request xxx",
        ),
        (
            Reply::new(200, &[("content-type", &media)], page),
            "…; JSON was expected",
        ),
        (
            Reply::new(200, &[("content-type", &media)], "{]"),
            "…; JSON was expected",
        ),
    ] {
        let error = get(&client(&Script::new([reply]))).await.unwrap_err();
        let line = error.to_string();
        assert!(line.contains(expected), "{line}");
        assert!(line.chars().count() < 800, "{line}");
        assert!(!line.contains(&"x".repeat(201)), "{line}");
        if let Some(id) = error.request_id() {
            assert_eq!(id, long);
        }
    }
    let reply = Reply::new(200, &[("content-type", &media)], page);
    let client = client(&Script::new([reply]));
    let stream = client.messages().stream(params()).await.unwrap();
    let line = stream.final_message().await.unwrap_err().to_string();
    assert!(line.contains("…; text/event-stream was expected"), "{line}");
    // Where a secret is cut, its beginning does not stay.
    let cut = format!("text/{}{KEY}", "x".repeat(185));
    let reply = Reply::new(200, &[("content-type", &cut)], page);
    let client = builder(&Script::new([reply])).api_key(KEY).build().unwrap();
    let line = get(&client).await.unwrap_err().to_string();
    assert!(
        line.contains("[masked]") && !line.contains("canary"),
        "{line}"
    );
}

/// A few thousand letters fit into a log; a megabyte that a server repeats does not.
#[tokio::test]
async fn a_text_of_any_length_is_cut_in_the_line_and_nowhere_else() {
    let long = "ä".repeat(1 << 20);
    let message = json!({"error": {"type": "overloaded_error", "message": long}}).to_string();
    let event = format!("event: error\ndata: {message}\n\n");
    let misfit = json!({"id": 1, "type": "model", "display_name": long, "created_at": [long]});
    for reply in [
        Reply::new(529, &[], message),
        Reply::new(200, &[("content-type", "text/event-stream")], event),
        Reply::new(
            200,
            &[("content-type", "application/json")],
            misfit.to_string(),
        ),
        Reply::Error(TransportError::io(std::io::Error::other(long.clone()))),
    ] {
        let client = builder(&Script::new([reply]))
            .max_retries(0)
            .build()
            .unwrap();
        let error = match client.messages().stream(params()).await {
            Ok(stream) => stream.final_message().await.unwrap_err(),
            Err(error) => error,
        };
        let line = error.to_string();
        assert!(line.chars().count() < 8_000, "{}", line.len());
        if let Some(message) = error.api_message() {
            assert_eq!(message, long);
            assert!(line.contains("ä…; "), "{}", &line[line.len() - 200..]);
        }
    }
}

#[tokio::test]
async fn a_full_stop_of_the_apis_is_no_end_of_the_line() {
    for (message, wanted) in [
        ("The key is invalid.", "The key is invalid; "),
        ("The key is invalid", "The key is invalid; "),
        ("Wait...", "Wait...; "),
    ] {
        let body = json!({"error": {"type": "authentication_error", "message": message}});
        let script = Script::new([Reply::new(401, &[], body.to_string())]);
        let error = get(&client(&script)).await.unwrap_err();
        assert_eq!(error.api_message(), Some(message));
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!error.to_string().contains("invalid.;"), "{error}");
    }
}

/// Answers that repeat the credential and a header in every place.
fn echoes() -> Vec<Reply> {
    let both = format!("{KEY} and {HEADER}");
    let api = json!({
        "type": "error",
        "error": {"type": both, "message": both, "details": {"error_code": both}},
        "request_id": both,
    });
    let headers = [
        ("request-id", both.as_str()),
        ("content-type", both.as_str()),
        ("server", both.as_str()),
        (KEY, "a name"),
    ];
    vec![
        Reply::new(401, &headers, api.to_string()),
        Reply::new(500, &headers, both.clone()),
        Reply::new(200, &headers, both.clone()),
        Reply::new(
            200,
            &[("content-type", "application/json")],
            format!(r#"{{"id": "{both}"#),
        ),
        Reply::new(
            307,
            &[(
                "location",
                format!("https://{KEY}.example/{HEADER}").as_str(),
            )],
            "",
        ),
    ]
}

fn check(error: &Error, what: &str) {
    let mut texts = format!("{error} {error:?} {error:#?} {}", error.dump());
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let _ = write!(texts, "{error} {error:?}");
        cause = error.source();
    }
    assert!(!texts.contains("canary"), "{what}: {texts}");
}

#[tokio::test]
async fn secrets_that_a_server_repeats_are_masked() {
    for scheme in [AuthScheme::Bearer, AuthScheme::XApiKey] {
        for (number, reply) in echoes().into_iter().enumerate() {
            let script = Script::new([reply]);
            let client = builder(&script)
                .auth_scheme(scheme)
                .header("x-mine", HEADER)
                .max_retries(0)
                .build()
                .unwrap();
            let error = get(&client).await.unwrap_err();
            check(&error, &format!("{scheme:?} {number}"));
        }
    }
    // In a stream that has begun.
    let event = json!({"type": "error", "error": {"type": "api_error", "message": KEY}});
    let event = format!("event: error\ndata: {event}\n\n");
    let reply = Reply::new(200, &[("content-type", "text/event-stream")], event);
    let client = builder(&Script::new([reply])).max_retries(0);
    let streamed = client.build().unwrap().messages().stream(params()).await;
    let error = match streamed {
        Ok(stream) => stream.final_message().await.unwrap_err(),
        Err(error) => error,
    };
    check(&error, "a stream");
    assert_eq!(error.api_message(), Some("[masked]"));
}

#[tokio::test]
async fn a_fetched_token_is_masked_too() {
    let script = Script::new([Reply::new(500, &[], "token canary-token-1 is bad")]);
    let token = anthropic::platform::credentials_fn(|| async { Ok("canary-token-1") });
    let client = Client::builder()
        .transport(script)
        .credentials(token)
        .max_retries(0);
    let error = get(&client.build().unwrap()).await.unwrap_err();
    check(&error, "a fetched token");
    assert!(
        error.to_string().contains("token [masked] is bad"),
        "{error}"
    );
}

#[tokio::test]
async fn the_cause_is_in_the_line() {
    let broken = stream::iter([
        Ok::<_, std::io::Error>("{\"a\":".into()),
        Err(std::io::ErrorKind::ConnectionReset.into()),
    ]);
    let reply = Reply::new(
        200,
        &[("content-type", "application/json")],
        Body::stream(broken, None),
    );
    let client = builder(&Script::new([reply])).max_retries(0);
    let error = get(&client.build().unwrap()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the connection broke (200): connection reset"),
        "{error}"
    );
    let error = Error::new(ErrorKind::Middleware, "no quota").caused_by("the table is gone");
    assert_eq!(error.to_string(), "middleware: no quota: the table is gone");
    // A cause without words is none.
    let table = Error::new(ErrorKind::Middleware, "the table is gone").caused_by(" ");
    let error = Error::new(ErrorKind::Middleware, "no quota").caused_by(table);
    let line = error.to_string();
    assert!(
        line.contains("no quota: middleware: the table is gone"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_decision_is_in_the_line() {
    let overloaded = || Reply::new(529, &[("retry-after", "86400")], "");
    let client = client(&Script::new([overloaded()]));
    let line = get(&client).await.unwrap_err().to_string();
    let expected = "not retried: retry-after 86400s is beyond max_retry_after (60s)";
    assert!(line.contains(expected), "{line}");

    let once = Body::stream(stream::iter([Ok::<_, std::io::Error>("x".into())]), None);
    let script = Script::new([Reply::status(529)]);
    let request = crate::support::client(&script).post::<Value>("/v1/thing");
    let line = request.body("text/plain", once).await.unwrap_err();
    let expected = "not retried: the body can be read only once";
    assert!(line.to_string().contains(expected), "{line}");

    let mut policy = RetryPolicy::default();
    policy.budget = Some(Duration::from_millis(5));
    let client = builder(&Script::new([Reply::status(529)])).retry_policy(policy);
    let line = get(&client.build().unwrap()).await.unwrap_err();
    let expected = "not retried: retry_budget is 5ms";
    assert!(line.to_string().contains(expected), "{line}");

    let client =
        builder(&Script::new([Reply::status(529)])).total_timeout(Duration::from_millis(9));
    let line = get(&client.build().unwrap()).await.unwrap_err();
    let expected = "not retried: total_timeout is 9ms";
    assert!(line.to_string().contains(expected), "{line}");
}

#[tokio::test(start_paused = true)]
async fn what_to_do_is_in_the_line() {
    let asked = |status, headers: &[(&str, &str)]| Reply::new(status, headers, "");
    for (reply, expected) in [
        (
            asked(429, &[]),
            "; try again later, or send fewer requests at a time [",
        ),
        (
            asked(429, &[("retry-after", "1")]),
            "at a time; the server asks to wait 1s [",
        ),
        (asked(529, &[]), "; try again later, or another model ["),
    ] {
        let script = Script::new([reply]);
        let client = builder(&script).max_retries(0).build().unwrap();
        let line = get(&client).await.unwrap_err().to_string();
        assert!(line.contains(expected), "{line}");
    }
    // Of an error without words its type is left.
    let body = r#"{"type":"error","error":{"type":"overloaded_error"}}"#;
    let script = Script::new([Reply::new(529, &[], body)]);
    let client = builder(&script).max_retries(0).build().unwrap();
    let line = get(&client).await.unwrap_err().to_string();
    let expected = "overloaded_error (529); try again later, or another model";
    assert!(line.starts_with(expected), "{line}");
    // In a stream that has begun.
    let event = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Busy."}});
    let event = format!("event: error\ndata: {event}\n\n");
    let reply = Reply::new(200, &[("content-type", "text/event-stream")], event);
    let client = builder(&Script::new([reply])).max_retries(0);
    let streamed = client.build().unwrap().messages().stream(params()).await;
    let line = match streamed {
        Ok(stream) => stream.final_message().await.unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    assert!(
        line.contains(": Busy; try again later, or another model"),
        "{line}"
    );
}

#[tokio::test]
async fn a_refused_credential_is_named_by_where_it_came_from() {
    let refused = || Script::new([Reply::status(401)]);
    let line = |error: Error| error.to_string();
    let of_key = get(&client(&refused())).await.unwrap_err();
    assert!(
        line(of_key).contains("the credential came from the client's api_key"),
        "the key"
    );
    let script = refused();
    let options = RequestOptions::new().auth_token("another");
    let request = client(&script).get::<Value>("/v1/thing").options(options);
    let of_options = line(request.await.unwrap_err());
    assert!(of_options.contains("the request's options"), "{of_options}");
    let script = refused();
    let request = client(&script).get::<Value>("/v1/thing");
    let of_header = request.header("authorization", "Bearer other").await;
    let of_header = line(of_header.unwrap_err());
    assert!(of_header.contains("a header of the request"), "{of_header}");
    // In whichever way it came, it is not named where it was left out.
    let key = || RequestOptions::new().api_key("another");
    for options in [
        RequestOptions::new().without_header("authorization"),
        RequestOptions::new()
            .header("authorization", "Bearer other")
            .without_header("authorization"),
        key().without_header("authorization"),
    ] {
        let script = refused();
        let request = client(&script).get::<Value>("/v1/thing").options(options);
        let left_out = line(request.await.unwrap_err());
        assert_eq!(script.only().header("authorization"), None);
        assert!(
            left_out.contains("left out the credential, by `without_header`"),
            "{left_out}"
        );
    }
    let script = refused();
    let anonymous = Client::builder().transport(script).anonymous();
    let none = line(get(&anonymous.build().unwrap()).await.unwrap_err());
    assert!(
        none.contains("the client has no credential of its own"),
        "{none}"
    );
    // The key goes in another header than the one that is left out.
    let script = refused();
    let request = client(&script).get::<Value>("/v1/thing");
    let of_key = line(request.without_header("x-api-key").await.unwrap_err());
    assert!(of_key.contains("the client's api_key"), "{of_key}");
}

/// A secret of which a part would be left where a text is cut, at every place of the cut.
#[tokio::test]
async fn no_part_of_a_secret_is_shown_at_a_cut() {
    const LONG: &str = "canary-0123456789-abcdefghij-klmnopqrst-uvwxyz.0123/456+789=";
    for limit in [200, 16 << 10] {
        for before in (limit - 70..=limit).step_by(7) {
            let text = format!("{:.before$}{LONG} and more", "x ".repeat(limit));
            let encoding = ("content-encoding", LONG);
            for (status, headers) in [
                (500, &[][..]),
                (200, &[]),
                (500, &[encoding]),
                (200, &[encoding]),
            ] {
                let script = Script::new([Reply::new(status, headers, text.clone())]);
                let client = builder(&script).api_key(LONG).max_retries(0);
                let request = client.build().unwrap().post::<Value>("/v1/thing");
                let error = request.json(&text).await.unwrap_err();
                check(&error, &format!("{status} {before}"));
            }
        }
    }
}

#[tokio::test]
async fn a_dump_has_the_exchange() {
    let body = r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#;
    let reply = Reply::new(400, &[("request-id", "req_1"), ("x-odd", "odd")], body);
    let script = Script::new([reply]);
    let request = client(&script)
        .post::<Value>("/v1/thing?limit=3")
        .query("q", "canary")
        .header("x-mine", HEADER)
        .json(&json!({"mcp": {"authorization_token": "canary-1"}, "model": "m"}));
    let error = request.await.unwrap_err();
    check(&error, "a dump");
    let dump = error.dump();
    for expected in [
        "POST https://api.anthropic.com/v1/thing?limit=3&q=[hidden]\n",
        "\nx-mine: [hidden]\n",
        "\ncontent-type: [hidden]\n",
        r#"{"mcp":{"authorization_token":"[hidden]"},"model":"m"}"#,
        "\n400 Bad Request\nrequest-id: req_1\nx-odd: [hidden]\n",
        body,
        "\ninvalid_request_error (400): no [client.post, request req_1]\nInvalidRequest, attempts: 1",
    ] {
        let expected = expected.replace("content-type: [hidden]", "content-type: application/json");
        assert!(dump.contains(&expected), "{expected}\n---\n{dump}");
    }
    assert!(dump.contains(&format!("{body}\n\ninvalid")), "{dump}");
    // Large bodies are cut, and what is no text is counted.
    let script = Script::new([Reply::status(400)]);
    let long = "é".repeat(50_000);
    let request = client(&script).post::<Value>("/v1/thing").json(&long);
    let dump = request.await.unwrap_err().dump();
    assert!(!dump.contains("\n\n\n\n"), "no body, no line: {dump}");
    assert!(dump.len() < 20_000 && dump.contains("(100002 bytes in all)"));
    let script = Script::new([Reply::new(400, &[], vec![0xff; 300])]);
    let dump = get(&client(&script)).await.unwrap_err().dump();
    assert!(dump.contains("(300 bytes that are no text)"), "{dump}");
    let script = Script::new([Reply::new(400, &[], "a\u{fffd}b\u{fffd}c")]);
    let dump = get(&client(&script)).await.unwrap_err().dump();
    assert!(dump.contains("\na\u{fffd}b\u{fffd}c\n"), "{dump}");
}

#[tokio::test]
async fn the_path_of_a_request_is_named_without_host_and_query() {
    for (target, path) in [
        ("/v1/thing?x=1", "/v1/thing"),
        ("https://api.anthropic.com/v1/thing?x=1#y", "/v1/thing"),
        ("https://api.anthropic.com", "/"),
        (
            "/v1/fetch/https://other.example/x",
            "/v1/fetch/https://other.example/x",
        ),
    ] {
        let script = Script::new([Reply::status(404)]);
        let request = client(&script).get::<Value>(target);
        let error = request.await.unwrap_err();
        assert_eq!(error.path(), Some(path), "{target}");
    }
}

/// The error comes after the response: the request is written down once more.
#[tokio::test]
async fn the_dump_of_what_cannot_be_decoded_has_the_request() {
    let script = Script::new([Reply::json("{")]);
    let request = client(&script).post::<Value>("/v1/thing").json(&json!([1]));
    let dump = request.await.unwrap_err().dump();
    let first = "POST https://api.anthropic.com/v1/thing\n";
    assert!(dump.starts_with(first), "{dump}");
}
