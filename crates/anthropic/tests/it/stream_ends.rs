//! What a stream leaves behind when it ends, is dropped, or begins again.

use std::io::{Cursor, Error, ErrorKind as IoKind, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anthropic::partial_json::Strings;
use anthropic::transport::Body;
use anthropic::types::Message;
use anthropic::{ErrorKind, MessageStream};
use bytes::Bytes;
use futures_core::stream::FusedStream;
use futures_util::{FutureExt, Stream};
use serde_json::json;

use crate::stream_network::{began, reply};
use crate::stream_support::{
    answer, close, delta, drain, end, error_event, events_reply, input, messages, open, params,
    sse, start, text, text_block, then_broken, then_silence, tool_block,
};
use crate::stream_transcripts::Recording;
use crate::support::{Script, client};

/// A body that goes on without an end, and shows whether it is still there.
struct Kept {
    text: Option<String>,
    _kept: Arc<()>,
}

impl Stream for Kept {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.text.take() {
            Some(text) => Poll::Ready(Some(Ok(text.into()))),
            None => Poll::Pending,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_over_holds_no_connection() {
    let failed = [began("x"), vec![error_event("overloaded_error")]].concat();
    for events in [answer("x"), failed, began("x")] {
        let kept = Arc::new(());
        let body = Kept {
            text: Some(sse(&events)),
            _kept: kept.clone(),
        };
        let body = Body::stream(body, None);
        let script = Script::new([reply(body)]);
        let mut stream = messages(&client(&script)).await.unwrap();
        assert_eq!(Arc::strong_count(&kept), 2);
        drain(&mut stream).await;
        assert_eq!(Arc::strong_count(&kept), 1, "{events:?}");
        assert!(stream.is_terminated());
    }
}

#[test]
fn it_is_terminated_once_all_was_returned() {
    let mut update = answer("x");
    let late = update.remove(4);
    update.push(late);
    // The error behind an event that was held back, and an update behind the end.
    let held = vec![start(), error_event("invalid_request_error")];
    for (events, count) in [(answer("x"), 6), (held, 2), (update, 6)] {
        let mut stream = MessageStream::replay(Cursor::new(sse(&events)));
        for _ in 0..count {
            assert!(!stream.is_terminated(), "{events:?}");
            assert!(stream.next().now_or_never().unwrap().is_some());
        }
        let ended = stream.next().now_or_never().unwrap();
        assert!(ended.is_none() && stream.is_terminated(), "{events:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_chunk_brought_is_returned_without_waiting_for_the_next() {
    let mut events = began("a");
    events.extend([text(0, "b"), close(0), open(1, &text_block()), text(1, "c")]);
    let script = Script::new([reply(then_silence(sse(&events)))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    for event in &events {
        let next = stream.next().now_or_never();
        let next = next.expect("it has come").unwrap().unwrap();
        assert_eq!(next.type_name(), event["type"].as_str().unwrap());
    }
    assert!(stream.next().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_broken_attempt_is_in_the_error_of_the_next() {
    let refused = sse(&[error_event("invalid_request_error")]);
    let script = Script::new([reply(then_broken(sse(&[start()]))), reply(refused)]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let (events, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert!(events.is_empty());
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::InvalidRequest, 2)
    );
    assert!(error.partial::<Message>().is_none());
    assert!(stream.snapshot().is_none());
}

#[tokio::test(start_paused = true)]
async fn inputs_are_shown_after_another_attempt_too() {
    let mut events = vec![start(), open(0, &tool_block()), input(0, r#"{"a":1,"#)];
    events.extend([input(0, r#""b":2}"#), close(0)]);
    events.extend(end());
    let script = Script::new([reply(then_broken(sse(&[start()]))), events_reply(&events)]);
    let mut stream = messages(&client(&script))
        .await
        .unwrap()
        .with_partial_input();
    let mut views = Vec::new();
    while let Some(event) = stream.try_next().await.unwrap() {
        if event.partial_json().is_some() {
            views.push(stream.partial_input(0, Strings::Show).cloned().unwrap());
        }
    }
    assert_eq!(views, [json!({"a": 1}), json!({"a": 1, "b": 2})]);
    assert_eq!(stream.meta().attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_empty_piece_is_no_output() {
    let empty = sse(&began(""));
    let script = Script::new([reply(then_broken(empty)), events_reply(&answer("fine"))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let mut texts = stream.text_stream();
    assert_eq!(texts.try_next().await.unwrap().unwrap(), "fine");
    assert!(texts.try_next().await.unwrap().is_none());
    assert_eq!(stream.meta().attempts(), 2);
    // Nor behind the first.
    let mut events = began("a");
    events.extend([text(0, ""), close(0), open(1, &text_block()), text(1, "b")]);
    events.push(close(1));
    events.extend(end());
    let mut stream = MessageStream::replay(Cursor::new(sse(&events)));
    let mut texts = stream.text_stream();
    for expected in [Some("a"), Some("b"), None] {
        let piece = texts.try_next().now_or_never().unwrap().unwrap();
        assert_eq!(piece.as_deref(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_message_has_no_place_for_is_there_at_once() {
    let mut events = began("x");
    events.push(delta(0, &json!({"type": "mood_delta", "mood": "fine"})));
    let script = Script::new([reply(then_silence(sse(&events)))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    assert!(stream.unfolded().is_empty());
    for _ in 0..events.len() {
        stream.try_next().await.unwrap().unwrap();
    }
    assert!(!stream.is_terminated());
    let [unfolded] = stream.unfolded() else {
        panic!("one delta: {:?}", stream.unfolded());
    };
    assert_eq!(serde_json::to_value(unfolded).unwrap(), events[3]);
}

#[tokio::test(start_paused = true)]
async fn a_delta_behind_the_end_that_has_no_type_is_kept() {
    let late = json!({"delta": {"text": "x"}});
    let body = format!("{}data: {late}\n\n", sse(&answer("hello")));
    let mut stream = MessageStream::replay(Cursor::new(body));
    let (_, error) = drain(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    let [unfolded] = stream.unfolded() else {
        panic!("one event: {:?}", stream.unfolded());
    };
    assert_eq!(serde_json::to_value(unfolded).unwrap(), late);
}

#[tokio::test(start_paused = true)]
async fn a_recording_of_a_stream_that_is_dropped_has_what_came() {
    let bytes = sse(&[start()]);
    let script = Script::new([reply(then_silence(bytes.clone()))]);
    let recording = Recording::default();
    let request = client(&script).messages().stream(params());
    let mut stream = request.await.unwrap().record(recording.clone());
    assert!(stream.next().now_or_never().is_none());
    assert!(recording.bytes().is_empty(), "it may begin again");
    drop(stream);
    assert_eq!(recording.bytes(), bytes.as_bytes());
}

/// Fails once, and then goes on.
struct FailsOnce(Option<IoKind>, Cursor<String>);

impl Read for FailsOnce {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.0.take() {
            Some(kind) => Err(Error::from(kind)),
            None => self.1.read(into),
        }
    }
}

#[test]
fn a_recording_is_read_on_when_reading_it_was_interrupted() {
    let read = |kind| {
        let body = Cursor::new(sse(&answer("hello")));
        let stream = MessageStream::replay(FailsOnce(Some(kind), body));
        stream.final_text().now_or_never().unwrap()
    };
    assert_eq!(read(IoKind::Interrupted).unwrap(), "hello");
    let error = read(IoKind::PermissionDenied).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StreamTruncated);
}
