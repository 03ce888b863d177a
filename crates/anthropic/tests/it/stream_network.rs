//! Streams over a network that fails: what is tried again, and what is told.

use std::time::Duration;

use anthropic::stream::Missing;
use anthropic::types::{Message, StreamEvent};
use anthropic::{Client, ErrorKind, StreamLimits};
use anthropic_sim::faults::{Fault, FaultServer, Transcript};
use futures_util::StreamExt;
use serde_json::json;

use crate::stream_support::{
    EVENT_STREAM, answer, drain, error_event, events_reply, messages, open, params, sse, stalled,
    start, text, text_block, then_broken, then_silence,
};
use crate::stream_transcripts::Recording;
use crate::support::{Reply, Script, builder, client};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn began(words: &str) -> Vec<serde_json::Value> {
    vec![start(), open(0, &text_block()), text(0, words)]
}

pub(crate) fn reply(body: impl Into<anthropic::transport::Body>) -> Reply {
    Reply::new(200, &[EVENT_STREAM], body)
}

fn starts(events: &[StreamEvent]) -> usize {
    events
        .iter()
        .filter(|event| event.as_message_start().is_some())
        .count()
}

#[tokio::test(start_paused = true)]
async fn what_fails_before_any_output_is_tried_again() {
    for kind in [
        "overloaded_error",
        "rate_limit_error",
        "api_error",
        "timeout_error",
    ] {
        for before in [&[][..], &[start()], &[start(), json!({"type": "weather"})]] {
            let mut broken = before.to_vec();
            broken.push(error_event(kind));
            let script = Script::new([events_reply(&broken), events_reply(&answer("fine"))]);
            let mut stream = messages(&client(&script)).await.unwrap();
            let (events, error) = drain(&mut stream).await;
            assert!(error.is_none());
            assert_eq!((starts(&events), events.len()), (1, 6));
            assert_eq!(stream.meta().attempts(), 2);
            assert_eq!(stream.final_message().await.unwrap().text(), "fine");
            let sent = script.sent();
            let waited = sent[1].at - sent[0].at;
            assert!(
                waited >= SECOND * 3 / 8 && waited <= SECOND / 2 + SECOND / 100,
                "{waited:?}"
            );
            assert_eq!(sent[0].body, sent[1].body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_ends_or_stalls_before_any_output_is_tried_again() {
    let bodies = || {
        let head = sse(&[start()]);
        [
            then_broken(head.clone()),
            head.clone().into(),
            then_silence(head),
        ]
    };
    for body in bodies() {
        let script = Script::new([reply(body), events_reply(&answer("fine"))]);
        let recording = Recording::default();
        let mut stream = messages(&client(&script))
            .await
            .unwrap()
            .record(recording.clone());
        let (events, error) = drain(&mut stream).await;
        assert!(error.is_none());
        assert_eq!((starts(&events), stream.meta().attempts()), (1, 2));
        assert_eq!(recording.bytes(), sse(&answer("fine")).as_bytes());
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_is_let_go_once_there_is_output() {
    let script = Script::new([reply(then_silence(sse(&began("so far"))))]);
    let long = "word ".repeat(2_000);
    let client = client(&script);
    let request = client.messages().stream(params().system(long));
    let mut stream = request.await.unwrap();
    let sent = script.take().remove(0);
    assert!(!sent.body.is_unique(), "it may have to be sent again");
    stream.try_next().await.unwrap().unwrap();
    assert!(sent.body.is_unique(), "it will not be sent again");
    // A dump has its beginning all the same.
    let dump = drain(&mut stream).await.1.unwrap().dump();
    let cut = format!("… ({} bytes in all)", sent.body.len());
    assert!(
        dump.contains("\n{\"model\":") && dump.contains(&cut),
        "{dump}"
    );
    assert!(dump.len() > 4_000 && dump.len() < 6_000, "{dump}");
    assert!(dump.contains("\n(a stream)\n"), "{dump}");
}

#[tokio::test(start_paused = true)]
async fn the_attempts_of_a_request_and_of_its_stream_are_counted_together() {
    let overloaded = || events_reply(&[error_event("overloaded_error")]);
    let script = Script::new([Reply::status(503), overloaded(), overloaded(), overloaded()]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let (events, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert!(events.is_empty());
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Overloaded, 3));
    assert_eq!(script.sent().len(), 3);

    let script = Script::new([overloaded(), Reply::status(503), Reply::status(503)]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let (_, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!(
        (error.status().unwrap().as_u16(), error.attempts()),
        (503, 3)
    );

    let script = Script::new([overloaded()]);
    let once = client(&script).messages().stream(params()).max_retries(0);
    let (_, error) = drain(&mut once.await.unwrap()).await;
    assert_eq!(error.unwrap().attempts(), 1);
    assert_eq!(script.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_would_not_pass_is_not_tried_again() {
    let script = Script::new([events_reply(&[
        start(),
        error_event("invalid_request_error"),
    ])]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let (events, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!(starts(&events), 1);
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (ErrorKind::InvalidRequest, 200)
    );
    assert_eq!(error.request_id(), Some("req_head"));
    assert!(error.partial::<Message>().is_some());
}

#[tokio::test(start_paused = true)]
async fn after_the_first_output_nothing_is_tried_again() {
    let mut failed = began("so far");
    failed.push(error_event("overloaded_error"));
    let bodies = [
        sse(&failed).into(),
        then_broken(sse(&began("so far"))),
        sse(&began("so far")).into(),
    ];
    let kinds = [
        ErrorKind::Overloaded,
        ErrorKind::StreamTruncated,
        ErrorKind::StreamTruncated,
    ];
    for (body, kind) in bodies.into_iter().zip(kinds) {
        let script = Script::new([reply(body), events_reply(&answer("never asked for"))]);
        let mut stream = messages(&client(&script)).await.unwrap();
        let (events, error) = drain(&mut stream).await;
        let error = error.unwrap();
        assert_eq!((events.len(), error.kind()), (3, kind));
        assert!(error.is_in_stream());
        assert_eq!(error.partial::<Message>().unwrap().text(), "so far");
        assert_eq!(error.operation(), Some("messages.stream"));
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_nobody_has_seen_a_part_of_is_asked_for_again() {
    let mut failed = began("half a message");
    failed.push(error_event("overloaded_error"));
    let script = Script::new([events_reply(&failed), events_reply(&answer("whole"))]);
    let stream = messages(&client(&script)).await.unwrap();
    assert_eq!(stream.final_message().await.unwrap().text(), "whole");

    let script = Script::new([events_reply(&failed), events_reply(&answer("whole"))]);
    let mut long = params();
    long.max_tokens = 1 << 20;
    let message = client(&script).messages().create(long).await.unwrap();
    assert_eq!(message.text(), "whole");
    assert!(String::from_utf8_lossy(&script.sent()[0].body).contains("\"stream\":true"));
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_may_come_whole() {
    let whole = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    let json = ("content-type", "application/json");
    let mut long = params();
    long.max_tokens = 1 << 20;
    let broken = Reply::new(200, &[json], then_broken("{\"id".to_owned()));
    let script = Script::new([broken, Reply::new(200, &[json], whole.to_string())]);
    let message = client(&script)
        .messages()
        .create(long.clone())
        .await
        .unwrap();
    assert_eq!(message.text(), "hi");
    let script = Script::new([Reply::new(200, &[json], then_silence("{".to_owned()))]);
    let error = client(&script)
        .messages()
        .create(long)
        .timeout(3 * SECOND)
        .max_retries(0)
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn an_end_after_a_stop_reason_is_an_end_where_that_is_allowed() {
    let mut events = answer("x");
    events.pop();
    let script = Script::new([events_reply(&events), events_reply(&events)]);
    let client = client(&script);
    let mut stream = messages(&client).await.unwrap();
    let (read, error) = drain(&mut stream).await;
    assert_eq!(
        (read.len(), error.unwrap().kind()),
        (5, ErrorKind::StreamTruncated)
    );

    let mut limits = StreamLimits::default();
    limits.lenient_eof = true;
    let request = client.messages().stream(params()).stream_limits(limits);
    assert_eq!(request.await.unwrap().final_text().await.unwrap(), "x");
    let script = Script::new([reply(sse(&began("x")))]);
    let client = builder(&script)
        .stream_limits(limits)
        .max_retries(0)
        .build()
        .unwrap();
    let error = messages(&client)
        .await
        .unwrap()
        .final_text()
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::StreamTruncated,
        "there was no stop reason"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_tells_about_its_response() {
    let headers = [
        EVENT_STREAM,
        ("request-id", "req_1"),
        ("anthropic-workspace-id", "wrkspc_1"),
        ("anthropic-ratelimit-requests-remaining", "7"),
    ];
    let script = Script::new([Reply::new(200, &headers, sse(&answer("x")))]);
    let stream = messages(&client(&script)).await.unwrap();
    assert_eq!(stream.request_id(), Some("req_1"));
    assert_eq!(stream.meta().workspace_id(), Some("wrkspc_1"));
    assert_eq!(stream.meta().rate_limits().requests.remaining, Some(7));
    assert_eq!(
        (stream.meta().status().as_u16(), stream.meta().attempts()),
        (200, 1)
    );
    assert!(stream.meta().headers().contains_key("request-id"));
    let mut text = stream.into_text_stream();
    assert_eq!(StreamExt::next(&mut text).await.unwrap().unwrap(), "x");
    assert_eq!(text.into_inner().final_text().await.unwrap(), "x");
}

fn of(server: &FaultServer) -> Client {
    Client::builder()
        .api_key("k")
        .base_url(server.url())
        .max_retries(0)
        .build()
        .unwrap()
}

/// What a stream over a socket comes to: how many events, and the error.
async fn over_tcp(fault: Fault) -> (usize, Option<anthropic::Error>) {
    let server = FaultServer::start(fault).await.unwrap();
    match messages(&of(&server)).await {
        Ok(mut stream) => {
            let (events, error) = drain(&mut stream).await;
            (events.len(), error)
        }
        Err(error) => (0, Some(error)),
    }
}

#[tokio::test]
async fn faults_on_a_socket_are_told_as_what_they_are() {
    // Three events, of which the third is a ping.
    let sample = Transcript::sample();
    let sample = &sample;
    let kinds = [
        (Fault::end_after(sample, 4), ErrorKind::StreamTruncated),
        (Fault::cut_after(sample, 4), ErrorKind::StreamTruncated),
        (Fault::reset_after(sample, 4), ErrorKind::StreamTruncated),
        (
            Fault::error_after(sample, 4, "api_error", "oh"),
            ErrorKind::Internal,
        ),
        (Fault::bad_utf8_after(sample, 4), ErrorKind::Decode),
        (Fault::bad_json_after(sample, 4), ErrorKind::Decode),
    ];
    for (fault, wanted) in kinds {
        let (events, error) = over_tcp(fault).await;
        let error = error.unwrap();
        assert_eq!((events, error.kind()), (3, wanted), "{error}");
        assert_eq!(error.partial::<Message>().unwrap().text(), "One, ");
        assert_eq!(error.request_id(), Some("req_01FaultServer"));
    }
    let first = Fault::error_after(sample, 0, "overloaded_error", "oh");
    for (fault, wanted) in [
        (first, ErrorKind::Overloaded),
        (Fault::garbage(), ErrorKind::Body),
    ] {
        let (events, error) = over_tcp(fault).await;
        let error = error.unwrap();
        assert_eq!((events, error.kind()), (0, wanted), "{error}");
    }
    let (_, error) = over_tcp(Fault::html(200)).await;
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(error.to_string().contains("<!DOCTYPE html>"), "{error}");
    for whole in [
        Fault::sse(sample),
        Fault::drip(sample, Duration::ZERO),
        Fault::rechunked(sample, 5),
    ] {
        let (events, error) = over_tcp(whole).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(events, 9);
    }
}

#[tokio::test]
async fn silence_and_pings_on_a_socket_end_a_stream() {
    // Over a socket the clock is the real one; either way only one of the two runs, however slow
    // the machine is.
    let limit = Some(SECOND / 2);
    let sample = Transcript::sample();
    for (fault, which) in [
        (Fault::stall_after(&sample, 4), Missing::Bytes),
        (Fault::pings_after(&sample, 4, SECOND / 50), Missing::Events),
    ] {
        let mut limits = StreamLimits::default();
        limits.bytes_idle = limit.filter(|_| which == Missing::Bytes);
        limits.events_idle = limit.filter(|_| which == Missing::Events);
        let server = FaultServer::start(fault).await.unwrap();
        let request = of(&server).messages().stream(params());
        let mut stream = request.stream_limits(limits).await.unwrap();
        let (events, error) = drain(&mut stream).await;
        assert_eq!((events.len(), stalled(&error.unwrap()).which), (3, which));
    }
}

#[tokio::test]
async fn a_huge_event_is_read_up_to_the_limit() {
    let sample = Transcript::sample();
    let server = FaultServer::start(Fault::huge_event_after(&sample, 4, 3 << 20))
        .await
        .unwrap();
    let client = of(&server);
    let text = messages(&client).await.unwrap().final_text().await.unwrap();
    assert_eq!(text.len(), "One, two, three.".len() + (3 << 20));
    let mut limits = StreamLimits::default();
    limits.max_event_bytes = Some(1 << 20);
    let request = client.messages().stream(params()).stream_limits(limits);
    let (events, error) = drain(&mut request.await.unwrap()).await;
    assert_eq!(
        (events.len(), error.unwrap().kind()),
        (3, ErrorKind::EventTooLarge)
    );
}

#[tokio::test]
async fn a_reset_before_any_output_is_tried_again_over_a_socket() {
    let sample = Transcript::sample();
    let script = Fault::reset_after(&sample, 1).then(Fault::sse(&sample));
    let server = FaultServer::start(script).await.unwrap();
    let client = Client::builder()
        .api_key("k")
        .base_url(server.url())
        .build()
        .unwrap();
    let stream = messages(&client).await.unwrap();
    assert_eq!(stream.final_text().await.unwrap(), "One, two, three.");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn dropping_or_aborting_a_stream_closes_its_connection() {
    let sample = Transcript::sample();
    for abort in [false, true] {
        let server = FaultServer::start(Fault::stall_after(&sample, 4))
            .await
            .unwrap();
        let mut stream = messages(&of(&server)).await.unwrap();
        for _ in 0..3 {
            stream.try_next().await.unwrap().unwrap();
        }
        if abort {
            assert_eq!(stream.abort().unwrap().text(), "One, ");
        } else {
            drop(stream);
        }
        let closed = tokio::time::timeout(10 * SECOND, server.closed());
        closed.await.expect("the connection is still open");
    }
}

#[tokio::test]
async fn a_stream_read_to_its_end_gives_its_connection_back() {
    let server = FaultServer::start(Fault::sse(&Transcript::sample()))
        .await
        .unwrap();
    let client = of(&server);
    for _ in 0..3 {
        let (_, error) = drain(&mut messages(&client).await.unwrap()).await;
        assert!(error.is_none());
    }
    assert_eq!(server.requests()[2].connection, 0);
}

#[test]
fn a_stream_can_be_sent_to_another_thread() {
    fn is<T: Send + Unpin + 'static>() {}
    is::<anthropic::MessageStream>();
    is::<anthropic::stream::TextStream>();
    is::<anthropic::stream::SnapshotEvents>();
    is::<anthropic::stream::JsonLines<Message>>();
}
