//! What the tests of streams share: the transcripts, events, clients and scripted bodies.

use std::time::Duration;

use anthropic::sse::Decoder;
use anthropic::stream::{MessageAccumulator, Stalled};
use anthropic::transport::Body;
use anthropic::types::{Message, MessageCreateParams, StreamEvent, from_slice};
use anthropic::{Client, ErrorKind, MessageStream, Result};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{Instant, interval_at};

use crate::support::Reply;

pub(crate) const EVENT_STREAM: (&str, &str) = ("content-type", "text/event-stream; charset=utf-8");

macro_rules! transcripts {
    ($($name:literal)*) => {
        &[$(Transcript {
            name: $name,
            bodies: [
                include_str!(concat!("../../../../examples/transcripts/", $name, ".lf.sse")),
                include_str!(concat!("../../../../examples/transcripts/", $name, ".crlf.sse")),
                include_str!(concat!("../../../../examples/transcripts/", $name, ".cr.sse")),
            ],
            message: include_str!(concat!("../../../../examples/transcripts/", $name, ".message.json")),
        }),*]
    };
}

/// A captured answer, with each of the three line ends, and the message that it is.
pub(crate) struct Transcript {
    pub(crate) name: &'static str,
    pub(crate) bodies: [&'static str; 3],
    message: &'static str,
}

pub(crate) static TRANSCRIPTS: &[Transcript] = transcripts![
    "citations" "compaction" "fallback_unknown" "interleaved" "refusal" "thinking_tool_use" "web_search"
];

impl Transcript {
    pub(crate) fn named(name: &str) -> &'static Self {
        TRANSCRIPTS.iter().find(|one| one.name == name).unwrap()
    }

    pub(crate) fn lf(&self) -> &'static str {
        self.bodies[0]
    }

    pub(crate) fn message(&self) -> Message {
        from_slice(self.message.as_bytes()).unwrap()
    }

    /// The events by the book: the decoder for lines, the types' own decoder, pings left out.
    pub(crate) fn events(&self) -> Vec<StreamEvent> {
        let mut decoder = Decoder::new();
        decoder.push(self.lf().as_bytes());
        let mut events = Vec::new();
        while let Some(event) = decoder.next_event() {
            let event: StreamEvent = from_slice(event.unwrap().data().as_bytes()).unwrap();
            if event.type_name() != "ping" {
                events.push(event);
            }
        }
        events
    }
}

pub(crate) fn fold(events: &[StreamEvent]) -> MessageAccumulator {
    let mut machine = MessageAccumulator::new();
    for event in events {
        machine.apply(event).unwrap();
    }
    machine
}

/// The body of a stream with these events.
pub(crate) fn sse(events: &[Value]) -> String {
    let event = |event: &Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        )
    };
    events.iter().map(event).collect()
}

pub(crate) fn start() -> Value {
    json!({"type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5", "content": [],
        "stop_reason": null, "usage": {"input_tokens": 3, "output_tokens": 1},
    }})
}

pub(crate) fn open(index: u64, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

pub(crate) fn text_block() -> Value {
    json!({"type": "text", "text": ""})
}

pub(crate) fn tool_block() -> Value {
    json!({"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}})
}

pub(crate) fn delta(index: u64, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

pub(crate) fn text(index: u64, text: &str) -> Value {
    delta(index, &json!({"type": "text_delta", "text": text}))
}

pub(crate) fn input(index: u64, piece: &str) -> Value {
    delta(
        index,
        &json!({"type": "input_json_delta", "partial_json": piece}),
    )
}

pub(crate) fn close(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

pub(crate) fn end() -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ]
}

/// A whole answer that says this.
pub(crate) fn answer(words: &str) -> Vec<Value> {
    let mut events = vec![start(), open(0, &text_block()), text(0, words), close(0)];
    events.extend(end());
    events
}

pub(crate) fn error_event(kind: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": "sorry"}, "request_id": "req_body"})
}

pub(crate) fn events_reply(events: &[Value]) -> Reply {
    Reply::new(
        200,
        &[EVENT_STREAM, ("request-id", "req_head")],
        sse(events),
    )
}

/// A body that goes on without an end.
pub(crate) fn then_silence(bytes: String) -> Body {
    Body::stream(chunk(bytes).chain(stream::pending()), None)
}

/// A body that breaks.
pub(crate) fn then_broken(bytes: String) -> Body {
    let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::stream(chunk(bytes).chain(stream::iter([Err(reset)])), None)
}

/// Waits on the paused clock.
pub(crate) async fn pause(length: Duration) {
    let mut timer = interval_at(Instant::now() + length, length);
    timer.tick().await;
}

fn chunk(bytes: String) -> stream::Iter<std::option::IntoIter<std::io::Result<Bytes>>> {
    stream::iter(Some(Ok(Bytes::from(bytes))))
}

pub(crate) fn params() -> MessageCreateParams {
    MessageCreateParams::new("claude-opus-5-5", 64_u64).user("hello")
}

pub(crate) async fn messages(client: &Client) -> Result<MessageStream> {
    client.messages().stream(params()).await
}

/// All events, and the error if there was one; checks that there is no more after it.
pub(crate) async fn drain(
    stream: &mut MessageStream,
) -> (Vec<StreamEvent>, Option<anthropic::Error>) {
    let mut events = Vec::new();
    let mut error = None;
    while let Some(item) = stream.next().await {
        assert!(error.is_none(), "there is more after an error");
        match item {
            Ok(event) => events.push(event),
            Err(failure) => error = Some(failure),
        }
    }
    assert!(stream.next().await.is_none());
    (events, error)
}

/// What a stream that stalled was waited for, and how long.
pub(crate) fn stalled(error: &anthropic::Error) -> Stalled {
    assert_eq!(error.kind(), ErrorKind::StreamStalled);
    let source = std::error::Error::source(error).unwrap();
    *source.downcast_ref().unwrap()
}

/// The same for a recording, which never has to wait.
pub(crate) fn replayed(body: impl Into<Vec<u8>>) -> (Vec<StreamEvent>, Option<anthropic::Error>) {
    let mut stream = MessageStream::replay(std::io::Cursor::new(body.into()));
    drain(&mut stream).now_or_never().unwrap()
}
