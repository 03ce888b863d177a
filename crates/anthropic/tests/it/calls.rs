//! Calls by name: which body is sent where there is little or nothing to send, and how a stream
//! ends. The rest is in `operations`.

use std::error::Error as _;

use anthropic::operation::{BodyKind, Operation, OperationInfo, Place};
use anthropic::operations::{Answer, ParameterError, ParameterErrorKind, find, operations};
use anthropic::{Client, ErrorKind, Upload};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Script, client};

const EVENTS: &[(&str, &str)] = &[("content-type", "text/event-stream")];

/// Endpoints that the table does not have.
static CLEAR: Operation<()> = Operation::empty("things.clear", Method::POST, "/v1/things/clear");
static WATCH: Operation<anthropic::stream::EventStream<anthropic::types::Json>> =
    Operation::events("things.watch", Method::GET, "/v1/things/watch");

fn operation(id: &str) -> &'static OperationInfo {
    find(id).unwrap()
}

/// Whether a request's body is the form or the JSON that its operation has.
#[tokio::test]
async fn a_body_is_sent_by_the_operations_that_have_one() {
    let mut with_body = 0;
    for info in operations() {
        let needs = |place| {
            let mut all = info.parameters().iter();
            all.any(|it| it.place() == place && it.is_required())
        };
        if info.body_kind() == BodyKind::Multipart || needs(Place::Body) || needs(Place::Query) {
            continue;
        }
        let script = Script::new([Reply::new(200, EVENTS, "{}")]);
        let mut call = client(&script).call(info);
        for parameter in info.parameters().iter().filter(|it| it.is_required()) {
            call = call.param(parameter.name(), "1");
        }
        let _ = call.await;
        let sent = script.only();
        let has_body = info.parameters().iter().any(|it| it.place() == Place::Body);
        let expected: (&[u8], _) = if has_body {
            (b"{}", Some("application/json"))
        } else {
            (b"", None)
        };
        let found = (&sent.body[..], sent.header("content-type"));
        assert_eq!(found, expected, "{}", info.id());
        with_body += usize::from(has_body);
    }
    assert!(cfg!(not(feature = "agents")) || with_body > 0);
}

#[tokio::test]
async fn an_endpoint_of_ones_own_has_a_body_if_there_are_keys_for_it() {
    let script = Script::new([Reply::status(204), Reply::status(204)]);
    let clear = || client(&script).call(CLEAR.info());
    clear().await.unwrap();
    assert!(script.take().remove(0).body.is_empty());
    clear().extra("force", true).await.unwrap();
    assert_eq!(script.only().body, r#"{"force":true}"#);
    assert_eq!(CLEAR.info().doc(), "");
}

/// No event of it has to be the last.
#[tokio::test]
async fn a_stream_of_ones_own_ends_with_the_response() {
    let script = Script::new([Reply::new(200, EVENTS, "data: {\"type\":\"started\"}\n\n")]);
    let call = client(&script).call(WATCH.info());
    let Answer::Events(mut events) = call.await.unwrap() else {
        panic!("no stream");
    };
    assert!(events.try_next().await.unwrap().is_some());
    assert!(events.try_next().await.unwrap().is_none());
}

#[cfg(feature = "completions")]
#[tokio::test]
async fn the_piece_with_a_stop_reason_ends_a_text_completion() {
    let whole = "data: {\"type\":\"completion\",\"stop_reason\":null}\n\n\
                 data: {\"type\":\"completion\",\"stop_reason\":\"stop_sequence\"}\n\n";
    let script = Script::new([Reply::new(200, EVENTS, whole)]);
    let call = client(&script)
        .call(operation("completions.create"))
        .params(&json!({"model": "m", "prompt": "p", "max_tokens_to_sample": 1, "stream": true}));
    let Answer::Events(mut events) = call.await.unwrap() else {
        panic!("no stream");
    };
    for _ in 0..2 {
        assert!(events.try_next().await.unwrap().is_some());
    }
    assert!(events.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn betas_of_a_call_go_beside_those_of_the_request() {
    let script = Script::new([Reply::json(r#"{"data":[],"has_more":false}"#)]);
    let call = client(&script).call(operation("beta.models.list"));
    let request = call.param("betas", ["one", "two"]).request();
    request.beta("two").beta("three").await.unwrap();
    assert_eq!(
        script.only().header("anthropic-beta"),
        Some("one,two,three")
    );
}

#[cfg(feature = "admin")]
#[tokio::test]
async fn a_parameter_may_be_the_whole_body() {
    let create = operation("beta.organization.claude_tag.bundles.targets.create");
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let call = || client(&script).call(create).param("bundle_id", "b");
    let target = json!({"type": "slack", "id": "C1"});
    call().param("target", &target).await.unwrap();
    let sent = script.take().remove(0);
    assert_eq!(serde_json::from_slice::<Value>(&sent.body).unwrap(), target);
    assert_eq!(sent.header("content-type"), Some("application/json"));
    call()
        .param("target", &target)
        .extra("new", 1)
        .await
        .unwrap();
    let mut expected = target;
    expected["new"] = 1.into();
    let sent = script.take().remove(0);
    assert_eq!(
        serde_json::from_slice::<Value>(&sent.body).unwrap(),
        expected
    );
    // A key of the body does not stand for it.
    let error = call().extra("target", 1).await.unwrap_err();
    let cause = error.source().unwrap().downcast_ref::<ParameterError>();
    let cause = cause.unwrap();
    assert_eq!(
        (cause.operation(), cause.name(), cause.kind()),
        (create.id(), "target", ParameterErrorKind::Missing)
    );
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn what_a_header_takes_is_described() {
    let client = client(&Script::new([]));
    let list = client.call(operation("beta.models.list"));
    let error = list.param("betas", json!({"a": 1})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    let what = "takes a string, a number or a boolean, or a list of them";
    assert!(error.to_string().contains(what), "{error}");
}

#[test]
fn debug_output_names_parameters_and_shows_no_values() {
    let client: Client = client(&Script::new([]));
    let call = client.call(operation("messages.create"));
    let call = call.param("model", "canary").extra("new", "canary");
    let text = format!("{call:?}");
    assert!(
        text.starts_with(r#"Call { operation: "messages.create", parameters: ["model"], "#),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
    let wrong = client.call(operation("files.upload")).param("file", 1);
    let wrong = wrong.file("file", Upload::bytes("canary", "canary"));
    let text = format!("{wrong:?}");
    assert!(text.contains("is a file"), "{text}");
}
