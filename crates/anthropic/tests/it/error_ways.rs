//! An error is handled alike however it comes: by its status, with status 200, as an event, and in
//! place of a body's end.

use std::time::Duration;

use anthropic::retry::RetryPolicy;
use anthropic::transport::Body;
use anthropic::{Client, ClientBuilder, Error, ErrorKind};
use futures_util::stream;
use serde_json::json;

use crate::stream_support::{EVENT_STREAM, answer, params, sse};
use crate::support::{Reply, Script, builder};

const JSON: (&str, &str) = ("content-type", "application/json");

fn error(name: &str, message: &str) -> String {
    json!({"type": "error", "error": {"type": name, "message": message}}).to_string()
}

async fn created(client: &Client) -> Error {
    client.messages().create(params()).await.unwrap_err()
}

async fn streamed(client: &Client) -> Error {
    match client.messages().stream(params()).await {
        Ok(stream) => stream.final_message().await.unwrap_err(),
        Err(error) => error,
    }
}

/// The errors of each way to ask, and how many requests it took.
async fn ways(
    reply: impl Fn() -> Reply,
    set: impl Fn(ClientBuilder) -> ClientBuilder,
) -> Vec<(&'static str, Error, usize)> {
    let mut found = Vec::new();
    for way in ["create", "stream"] {
        let script = Script::new((0..4).map(|_| reply()));
        let client = set(builder(&script)).build().unwrap();
        let error = match way {
            "create" => created(&client).await,
            _ => streamed(&client).await,
        };
        found.push((way, error, script.sent().len()));
    }
    found
}

/// As a document, and as an event.
fn bodies(error: &str) -> [((&'static str, &'static str), String); 2] {
    let event = format!("event: error\ndata: {error}\n\n");
    [(JSON, error.to_owned()), (EVENT_STREAM, event)]
}

#[tokio::test(start_paused = true)]
async fn the_server_decides_whether_it_is_worth_another_try() {
    for (name, default) in [
        ("overloaded_error", 3),
        ("invalid_request_error", 1),
        ("error_of_tomorrow", 1),
    ] {
        for (header, count) in [("", default), ("true", 3), ("false", 1)] {
            for (label, body) in bodies(&error(name, "so it is")) {
                let headers = [label, ("x-should-retry", header)];
                let reply = || Reply::new(200, &headers, body.clone());
                for (way, error, sent) in ways(reply, |it| it.max_retries(2)).await {
                    let case = format!("{name}, {header:?}, {label:?}, {way}: {error}");
                    assert_eq!(sent, count, "{case}");
                    assert_eq!(error.is_retryable(), count > 1, "{case}");
                    let is_forbidden = header == "false" && default > 1;
                    let why = "not retried: the response has `x-should-retry: false`";
                    assert_eq!(error.to_string().contains(why), is_forbidden, "{case}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_is_too_long_is_in_the_line() {
    for (label, body) in bodies(&error("overloaded_error", "so it is")) {
        let headers = [label, ("retry-after", "3600")];
        let reply = || Reply::new(200, &headers, body.clone());
        for (way, error, sent) in ways(reply, |it| it).await {
            let expected = "not retried: retry-after 3600s is beyond max_retry_after (60s)";
            assert!(error.to_string().contains(expected), "{way}: {error}");
            assert_eq!(
                error.retry_after(),
                Some(Duration::from_secs(3600)),
                "{way}"
            );
            assert_eq!(sent, 1, "{way}");
        }
    }
}

/// A body that breaks before its end.
fn broken(label: (&str, &str), text: &str) -> Reply {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let pieces = [Ok(text.to_owned().into()), Err(reset)];
    Reply::new(200, &[label], Body::stream(stream::iter(pieces), None))
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_is_used_up_is_in_the_line_of_a_broken_body() {
    let mut policy = RetryPolicy::default();
    policy.budget = Some(Duration::ZERO);
    let whole = sse(&answer("hello"));
    let begun = whole.get(..whole.len() / 2).unwrap();
    let no_budget = |it: ClientBuilder| it.retry_policy(policy.clone());
    let no_time = |it: ClientBuilder| it.total_timeout(Duration::from_millis(9));
    for reply in [
        &(|| broken(JSON, "{")) as &dyn Fn() -> Reply,
        &|| broken(EVENT_STREAM, begun),
        &|| Reply::new(200, &[EVENT_STREAM], begun.to_owned()),
    ] {
        for (way, error, sent) in ways(reply, no_budget).await {
            let line = error.to_string();
            assert!(
                line.contains("not retried: retry_budget is 0ns"),
                "{way}: {line}"
            );
            assert_eq!(sent, 1, "{way}");
        }
        for (way, error, sent) in ways(reply, no_time).await {
            let line = error.to_string();
            assert!(
                line.contains("not retried: total_timeout is 9ms"),
                "{way}: {line}"
            );
            assert_eq!(sent, 1, "{way}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_to_do_is_in_the_line_of_an_error_with_a_status_of_success() {
    for (status, name, message, expected) in [
        (
            401,
            "authentication_error",
            "no",
            "; the credential came from ",
        ),
        (
            400,
            "invalid_request_error",
            "temperature: Extra inputs are not permitted",
            "need the API version 2023-06-01",
        ),
        (
            404,
            "not_found_error",
            "model: x",
            "check the model's name, ",
        ),
        (
            404,
            "not_found_error",
            "no",
            "; the URL was https://api.anthropic.com/v1/messages",
        ),
    ] {
        let error = error(name, message);
        let as_status = || Reply::new(status, &[JSON], error.clone());
        let as_document = || Reply::new(200, &[JSON], error.clone());
        let event = format!("event: error\ndata: {error}\n\n");
        let as_event = || Reply::new(200, &[EVENT_STREAM], event.clone());
        for reply in [&as_status as &dyn Fn() -> Reply, &as_document, &as_event] {
            for (way, error, _) in ways(reply, |it| it).await {
                let line = error.to_string();
                assert_eq!(line.matches(expected).count(), 1, "{way}: {line}");
            }
        }
    }
}

/// What a gateway writes where it gives a stream up.
#[tokio::test(start_paused = true)]
async fn what_stands_between_events_is_in_the_error_of_a_stream_that_ends_early() {
    let refusal = error("invalid_request_error", "oops");
    let pretty = json!({"error": {"message": "oops", "type": "invalid_request_error"}});
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    let whole = sse(&answer("hello"));
    let delta = whole.find("event: content_block_stop").unwrap();
    let begun = whole.get(..delta).unwrap();
    for before in ["", ": keep-alive\n\n", "event: ping\n\n", begun] {
        for document in [&refusal, &pretty] {
            for end in ["", "\n", "\n\n", "\r\n\r\ndata: [DONE]\n\n"] {
                let body = format!("{before}{document}{end}");
                let reply = || Reply::new(200, &[EVENT_STREAM], body.clone());
                for (way, error, sent) in ways(reply, |it| it).await {
                    let case = format!("{way} {body:?}: {error}");
                    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{case}");
                    assert_eq!(error.api_message(), Some("oops"), "{case}");
                    assert_eq!(sent, 1, "{case}");
                }
            }
        }
    }
    for text in [
        "<html>502</html>",
        "upstream connect error",
        "error: upstream gone",
    ] {
        for end in ["", "\n", "\n\n"] {
            let body = format!("{begun}{text}{end}");
            let reply = || Reply::new(200, &[EVENT_STREAM], body.clone());
            for (way, error, _) in ways(reply, |it| it).await {
                let case = format!("{way} {body:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{case}");
                assert!(error.to_string().contains(text), "{case}");
            }
        }
    }
}

/// The last error of a stream of events alone.
async fn last_error(body: String) -> Error {
    let script = Script::new([Reply::new(200, &[EVENT_STREAM], body)]);
    let client = builder(&script).build().unwrap();
    let mut events = client.messages().stream(params()).events().await.unwrap();
    loop {
        match events.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => return error,
            None => panic!("it has no error"),
        }
    }
}

#[tokio::test]
async fn the_same_is_in_the_error_of_events_alone() {
    let whole = sse(&answer("hello"));
    let delta = whole.find("event: content_block_stop").unwrap();
    let begun = whole.get(..delta).unwrap();
    for (text, kind) in [
        (
            error("invalid_request_error", "oops"),
            ErrorKind::InvalidRequest,
        ),
        ("upstream gone, oops".to_owned(), ErrorKind::StreamTruncated),
        (
            "data: upstream gone, oops".to_owned(),
            ErrorKind::StreamTruncated,
        ),
    ] {
        for done in ["", "\n\ndata: [DONE]\n\n"] {
            if text.starts_with("data") && !done.is_empty() {
                continue;
            }
            let error = last_error(format!("{begun}{text}{done}")).await;
            assert_eq!(error.kind(), kind, "{text}{done}: {error}");
            assert!(error.to_string().contains("oops"), "{error}");
        }
    }
}

/// Comments and lines that are superseded by a message's end are no errors.
#[tokio::test]
async fn a_stream_that_is_whole_may_have_any_lines_between_its_events() {
    let whole = sse(&answer("hello"));
    let stray = format!("\n{}\nnovel: 1\n\nevent: ", error("api_error", "x"));
    let body = whole.replace("\nevent: ", &stray);
    let script = Script::new([Reply::new(200, &[EVENT_STREAM], body)]);
    let client = builder(&script).build().unwrap();
    let message = client.messages().create(params()).await.unwrap();
    assert_eq!(message.text(), "hello");
}
