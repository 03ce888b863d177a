//! How large a stream's message, and a document in place of one, may be: exactly so large.

use anthropic::transport::Body;
use anthropic::types::Message;
use anthropic::{Client, ErrorKind, StreamLimits};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::stream_network::reply;
use crate::stream_support::{answer, messages, params, sse};
use crate::support::{Reply, Script, builder};

/// The bytes of these events that count: the text of a plain delta, and the whole of any other.
fn counted(events: &[Value]) -> usize {
    let size = |event: &Value| match event["delta"]["text"].as_str() {
        Some(text) => text.len(),
        None => event.to_string().len(),
    };
    events.iter().map(size).sum()
}

#[tokio::test]
async fn a_message_may_be_as_long_as_the_limit_and_no_longer() {
    let events = answer("hello");
    let read = async |max: usize| {
        let script = Script::new([reply(plain(&events))]);
        let client = builder(&script).max_response_bytes(max).build().unwrap();
        messages(&client).await.unwrap().final_message().await
    };
    // The text's delta is the third event; one byte less, and the message ends before it.
    for (count, text) in [(events.len(), "hello"), (3, "")] {
        let error = read(counted(&events[..count]) - 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
        assert!(error.to_string().contains("max_response_bytes"), "{error}");
        assert_eq!(error.partial::<Message>().unwrap().text(), text);
    }
    let message = read(counted(&events)).await.unwrap();
    assert_eq!(message.text(), "hello");
    let error = read(counted(&events[..3])).await.unwrap_err();
    assert_eq!(error.partial::<Message>().unwrap().text(), "hello");
}

/// The body as the API writes it, a delta's type first.
fn plain(events: &[Value]) -> String {
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello"}}"#;
    let body: String = events
        .iter()
        .map(|event| match event["delta"]["text"].as_str() {
            Some(_) => format!("event: content_block_delta\ndata: {delta}\n\n"),
            None => sse(std::slice::from_ref(event)),
        })
        .collect();
    body
}

/// A client whose documents in place of streams may have so many bytes.
fn limited(body: Body, limit: usize) -> Client {
    let mut limits = StreamLimits::default();
    limits.max_event_bytes = Some(limit);
    let script = Script::new([Reply::new(
        200,
        &[("content-type", "application/json")],
        body,
    )]);
    let builder = builder(&script).stream_limits(limits).max_retries(0);
    builder.build().unwrap()
}

/// A body in these chunks, which then goes on without an end, or ends.
fn chunks(parts: &[&str], ends: bool) -> Body {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| Ok::<_, std::io::Error>(Bytes::from((*part).to_owned())))
        .collect();
    if ends {
        Body::stream(stream::iter(parts), None)
    } else {
        Body::stream(stream::iter(parts).chain(stream::pending()), None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_may_be_as_long_as_the_limit_and_no_longer() {
    // Each of its events is shorter.
    let words = " and so on".repeat(50);
    let document = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "hello"}, {"type": "text", "text": words}],
        "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 9},
    })
    .to_string();
    let size = document.len();
    let read = async |body: Body, limit: usize| {
        let request = limited(body, limit).messages().stream(params());
        request.await.unwrap().final_text().await
    };
    let text = read(chunks(&[&document], true), size).await.unwrap();
    assert_eq!(text, format!("hello{words}"));
    // It is refused as soon as more has come, in whatever chunks, and however it goes on.
    let (before, after) = document.split_at(size - 20);
    for (parts, ends, limit) in [
        (&[&*document][..], true, size - 1),
        (&[&*document], false, size - 1),
        (&[before, after], true, size - 20),
        (&[before, after], false, size - 1),
    ] {
        let error = read(chunks(parts, ends), limit).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EventTooLarge, "{error}");
        assert!(error.to_string().contains(&limit.to_string()), "{error}");
    }
}
