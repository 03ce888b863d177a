//! The events of a message alone, of which none is built.

use serde_json::json;

use crate::stream_support::{
    EVENT_STREAM, TRANSCRIPTS, error_event, open, params, sse, start, text_block, then_silence,
};
use crate::support::{Reply, Script, client};

/// The types of the events and, last, the kind of the error if there was one.
async fn read(reply: Reply) -> Vec<String> {
    let script = Script::new([reply]);
    let request = client(&script).messages().stream(params()).events();
    let mut events = request.await.unwrap();
    assert_eq!(events.meta().attempts(), 1);
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(match event {
            Ok(event) => event.type_name().to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        });
    }
    let body: serde_json::Value = serde_json::from_slice(&script.only().body).unwrap();
    assert_eq!(body["stream"], true);
    seen
}

fn events(body: impl Into<anthropic::transport::Body>) -> Reply {
    Reply::new(200, &[EVENT_STREAM], body)
}

#[tokio::test]
async fn they_are_those_of_the_stream() {
    for transcript in TRANSCRIPTS {
        let events_of = transcript.events();
        let expected: Vec<_> = events_of
            .iter()
            .map(|event| event.type_name().to_owned())
            .collect();
        assert_eq!(
            read(events(transcript.lf())).await,
            expected,
            "{}",
            transcript.name
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_is_checked() {
    let begun = [start(), open(0, &text_block())];
    let cut = ["message_start", "content_block_start", "StreamTruncated"];
    assert_eq!(read(events(sse(&begun))).await, cut);
    let failed = sse(&[start(), error_event("overloaded_error")]);
    assert_eq!(read(events(failed)).await, ["message_start", "Overloaded"]);
    let stalled = then_silence(sse(&[start()]));
    assert_eq!(
        read(events(stalled)).await,
        ["message_start", "StreamStalled"]
    );
    // A server that leaves the connection open behind the last event.
    let whole = sse(&[start(), json!({"type": "message_stop"})]);
    let whole = then_silence(whole);
    assert_eq!(read(events(whole)).await, ["message_start", "message_stop"]);
}

#[tokio::test]
async fn a_plain_answer_is_read_as_its_events() {
    let message = TRANSCRIPTS[0].message();
    let body = serde_json::to_string(&message).unwrap();
    let seen = read(Reply::new(
        200,
        &[("content-type", "application/json")],
        body,
    ))
    .await;
    assert_eq!(seen.first().map(String::as_str), Some("message_start"));
    assert_eq!(seen.last().map(String::as_str), Some("message_stop"));
    assert_eq!(seen.len(), 2 + 2 * message.content.len());
}
