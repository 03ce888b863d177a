//! Managed agents: streams of sessions, parameters in three places, betas that endpoints send.

use std::time::Duration;

use anthropic::transport::Body;
use anthropic::types::Null;
use anthropic::types::agents::environments::WorkPollParams;
use anthropic::types::agents::memory_stores::MemoryCreateParams;
use anthropic::types::agents::sessions::{
    EventSendParams, EventStreamParams, StreamSessionEvents, TextBlock, UserMessageEventParams,
    threads,
};
use anthropic::types::agents::{AgentUpdateParams, SessionCreateParams};
use anthropic::{ErrorKind, StreamLimits};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, error_event, sse, then_broken, then_silence};
use crate::support::{Reply, Script, client};

const BETA: &str = "managed-agents-2026-04-01";

fn running() -> Value {
    json!({"type": "session.status_running", "id": "sevt_1", "processed_at": "2026-10-01T00:00:00Z"})
}

fn novelty() -> Value {
    json!({"type": "session.novelty", "depth": [1, {"x": null}]})
}

fn reply(body: impl Into<Body>) -> Script {
    Script::new([Reply::new(200, &[EVENT_STREAM], body)])
}

/// The types of a session's events and, last, the kind of the error if there was one.
async fn read(script: &Script) -> Vec<String> {
    let request = client(script)
        .beta()
        .sessions()
        .events()
        .stream("sesn_1", EventStreamParams::new());
    let mut events = request.await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(match event {
            Ok(event) => event.type_name().to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        });
    }
    seen
}

#[tokio::test]
async fn a_session_streams_typed_events_and_keeps_new_ones() {
    let script = reply(sse(&[running(), json!({"type": "ping"}), novelty()]));
    let request = client(&script).beta().sessions().events().stream(
        "sesn_1",
        EventStreamParams::new().event_deltas(["agent.message"]),
    );
    let mut events = request.await.unwrap();
    let first = events.try_next().await.unwrap().unwrap();
    let StreamSessionEvents::SessionStatusRunning(running) = first else {
        panic!("{first:?}");
    };
    assert_eq!(running.id, "sevt_1");
    let second = events.try_next().await.unwrap().unwrap();
    assert!(matches!(second, StreamSessionEvents::Unrecognized(_)));
    assert_eq!(serde_json::to_value(&second).unwrap(), novelty());
    assert!(events.try_next().await.unwrap().is_none());
    let sent = script.only();
    assert_eq!(
        sent.uri.to_string(),
        "https://api.anthropic.com/v1/sessions/sesn_1/events/stream?event_deltas%5B%5D=agent.message"
    );
    assert_eq!(sent.header("anthropic-beta"), Some(BETA));
}

#[tokio::test]
async fn a_thread_streams_as_a_session_does() {
    let script = reply(sse(&[running()]));
    let request = client(&script).beta().sessions().threads().events().stream(
        "sesn_1",
        "sthr_1",
        threads::EventStreamParams::new(),
    );
    let mut events = request.await.unwrap();
    let event = events.try_next().await.unwrap().unwrap();
    assert_eq!(event.type_name(), "session.status_running");
    let path = "/v1/sessions/sesn_1/threads/sthr_1/stream";
    assert_eq!(script.only().uri.path(), path);
}

#[tokio::test(start_paused = true)]
async fn whatever_ends_a_stream_early_is_told() {
    let one = || sse(&[running()]);
    let told = |kind: ErrorKind| ["session.status_running".to_owned(), format!("{kind:?}")];
    let overloaded = one() + &sse(&[error_event("overloaded_error")]);
    assert_eq!(read(&reply(overloaded)).await, told(ErrorKind::Overloaded));
    // What is no stream is no session in which nothing happens.
    let text = reply(Body::from("upstream connect error"));
    assert_eq!(read(&text).await, ["UnexpectedContent"]);
    let cut = one() + "event: session.error\ndata: {\"id\":";
    assert_eq!(read(&reply(cut)).await, told(ErrorKind::StreamTruncated));
    assert_eq!(
        read(&reply(then_broken(one()))).await,
        told(ErrorKind::StreamTruncated)
    );
}

#[tokio::test]
async fn a_done_ends_no_stream_that_has_no_last_event() {
    let body = sse(&[running()]) + "data: [DONE]\n\n" + &sse(&[running()]);
    assert_eq!(
        read(&reply(body)).await,
        [running()["type"].as_str().unwrap(); 2]
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_waited_for_600_seconds() {
    let began = Instant::now();
    let seen = read(&reply(then_silence(sse(&[running()])))).await;
    assert_eq!(seen.last().unwrap(), "StreamStalled");
    assert_eq!(began.elapsed().as_secs(), 600);
}

/// A ping every ten seconds for an hour, then an event.
fn an_hour_of_pings() -> Body {
    let timer = tokio::time::interval(Duration::from_secs(10));
    let pings = stream::unfold(timer, |mut timer| async {
        timer.tick().await;
        Some((sse(&[json!({"type": "ping"})]), timer))
    });
    let body = pings.take(361).chain(stream::iter([sse(&[running()])]));
    Body::stream(
        body.map(|chunk| Ok::<_, std::io::Error>(Bytes::from(chunk))),
        None,
    )
}

#[tokio::test(start_paused = true)]
async fn pings_keep_a_stream_alive_unless_the_request_says_otherwise() {
    assert_eq!(
        read(&reply(an_hour_of_pings())).await,
        ["session.status_running"]
    );
    let script = reply(an_hour_of_pings());
    let mut limits = StreamLimits::default();
    limits.events_idle = Some(Duration::from_secs(60));
    let request = client(&script)
        .beta()
        .sessions()
        .events()
        .stream("sesn_1", EventStreamParams::new())
        .stream_limits(limits);
    let error = request.await.unwrap().try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamStalled);
}

#[tokio::test]
async fn events_are_sent_as_the_api_names_them() {
    let script = Script::new([Reply::json("{}")]);
    let message = UserMessageEventParams::new([TextBlock::new("Hello")]);
    let sessions = client(&script);
    let request = sessions
        .beta()
        .sessions()
        .events()
        .send("sesn_1", EventSendParams::new([message]));
    request.await.unwrap();
    let body: Value = serde_json::from_slice(&script.only().body).unwrap();
    let event = json!({"type": "user.message", "content": [{"type": "text", "text": "Hello"}]});
    assert_eq!(body, json!({"events": [event]}));
}

#[tokio::test]
async fn an_agent_is_named_by_its_id_and_updates_tell_null_from_nothing() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    let params = SessionCreateParams::new("agent_1", "env_1");
    let _ = client.beta().sessions().create(params).await;
    let params = AgentUpdateParams::new().description(Null);
    let _ = client.beta().agents().update("agent_1", params).await;
    let bodies = script
        .sent()
        .into_iter()
        .map(|sent| String::from_utf8(sent.body.to_vec()).unwrap());
    assert_eq!(
        bodies.collect::<Vec<_>>(),
        [
            r#"{"agent":"agent_1","environment_id":"env_1"}"#,
            r#"{"description":null}"#
        ]
    );
}

#[tokio::test]
async fn a_parameter_of_the_query_leaves_the_body() {
    let script = Script::new([Reply::json("{}")]);
    let params = MemoryCreateParams::new("/a.md").content("x").view("full");
    let client = client(&script);
    let _ = client
        .beta()
        .memory_stores()
        .memories()
        .create("memstore_1", params)
        .await;
    let sent = script.only();
    assert_eq!(sent.uri.query(), Some("view=full"));
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body, json!({"path": "/a.md", "content": "x"}));
}

#[tokio::test]
async fn a_worker_is_named_in_a_header_and_may_find_nothing_to_do() {
    let script = Script::new([Reply::json("null")]);
    let params = WorkPollParams::new()
        .block_ms(500)
        .anthropic_worker_id("w-1");
    let client = client(&script);
    let work = client
        .beta()
        .environments()
        .work()
        .poll("env_1", params)
        .await
        .unwrap();
    assert!(work.is_none());
    let sent = script.only();
    assert_eq!(sent.uri.query(), Some("block_ms=500"));
    assert_eq!(sent.header("anthropic-worker-id"), Some("w-1"));
}
