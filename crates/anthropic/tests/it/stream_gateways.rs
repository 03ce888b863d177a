//! What gateways in front of the API send that the API itself does not.

use anthropic::stream::MessageAccumulator;
use anthropic::types::Message;
use anthropic::{ErrorKind, MessageStream, StreamLimits};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};

use crate::stream_support::{
    EVENT_STREAM, answer, close, drain, end, error_event, open, params, replayed, sse, start, text,
    text_block, tool_block,
};
use crate::support::{Reply, Script, builder, client};

/// A body that comes in two chunks.
fn chunks(bodies: [String; 2]) -> anthropic::transport::Body {
    let chunks = bodies.map(|body| Ok::<_, anthropic::Error>(bytes::Bytes::from(body)));
    anthropic::transport::Body::stream(futures_util::stream::iter(chunks), None)
}

pub(crate) fn whole(body: impl Into<Vec<u8>>) -> Message {
    let stream = MessageStream::replay(std::io::Cursor::new(body.into()));
    stream.final_message().now_or_never().unwrap().unwrap()
}

#[test]
fn heartbeats_without_json_are_passed_over() {
    let heart = "data:\n\nevent: ping\ndata: still here\n\n: nothing\n\n";
    let body: String = answer("hello")
        .iter()
        .map(|event| sse(std::slice::from_ref(event)) + heart)
        .collect();
    let (events, error) = replayed(body.clone());
    assert!(error.is_none());
    assert_eq!(events.len(), answer("hello").len());
    assert_eq!(whole(body).text(), "hello");
}

#[test]
fn an_unknown_event_need_not_be_json() {
    let [first, rest @ ..] = &answer("hello")[..] else {
        unreachable!("an answer has events")
    };
    let body = sse(std::slice::from_ref(first)) + "event: note\ndata: not \"json\n\n" + &sse(rest);
    let (events, error) = replayed(body);
    assert!(error.is_none());
    let note = serde_json::to_value(&events[1]).unwrap();
    assert_eq!(note, json!({"type": "note", "data": "not \"json"}));
}

#[test]
fn an_update_without_usage_is_an_update() {
    let mut events = vec![start(), open(0, &text_block()), text(0, "x"), close(0)];
    for (extra, reason) in [
        (json!({"usage": null}), "end_turn"),
        (json!({"usage": {"input_tokens": 7}}), "max_tokens"),
        (json!({}), "stop_sequence"),
    ] {
        let mut update = json!({"type": "message_delta", "delta": {"stop_reason": reason}});
        for (key, value) in extra.as_object().unwrap() {
            update[key] = value.clone();
        }
        events.push(update);
    }
    events.push(json!({"type": "message_stop"}));
    let message = whole(sse(&events));
    let usage = &message.usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (7, 1));
    assert_eq!(message.stop_reason.unwrap(), "stop_sequence");
}

#[test]
fn an_update_that_makes_no_sense_is_an_error() {
    for delta in [json!(5), json!("end_turn"), json!([])] {
        let update = json!({"type": "message_delta", "delta": delta});
        let (_, error) = replayed(sse(&[start(), update]));
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    }
}

#[test]
fn the_text_that_a_block_starts_with_is_text() {
    let begun = json!({"type": "text", "text": "Hel"});
    let mut events = vec![start(), open(0, &begun), text(0, "lo"), close(0)];
    events.extend(end());
    let body = sse(&events);
    let (read, _) = replayed(body.clone());
    let said: String = read.iter().filter_map(|event| event.text()).collect();
    assert_eq!(said, "Hello");
    let mut stream = MessageStream::replay(std::io::Cursor::new(body));
    let mut pieces = stream.text_stream();
    let mut streamed = String::new();
    while let Some(piece) = pieces.try_next().now_or_never().unwrap().unwrap() {
        streamed += &piece;
    }
    assert_eq!(streamed, "Hello");
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(message.text(), "Hello");
}

#[test]
fn a_tool_input_may_come_with_the_start_of_its_block() {
    let mut block = tool_block();
    block["input"] = json!({"a": 1});
    let mut events = vec![start(), open(0, &block), close(0)];
    events.extend(end());
    let message = whole(sse(&events));
    assert_eq!(
        message.content[0].as_tool_use().unwrap().input,
        block["input"]
    );
}

#[test]
fn an_error_event_that_is_cut_off_is_a_cut() {
    let events = [start(), open(0, &text_block()), text(0, "so far")];
    let error = sse(&[error_event("overloaded_error")]);
    // Up to the brace that closes its JSON.
    for at in 0..error.trim_end().len() {
        let (_, found) = replayed(sse(&events) + &error[..at]);
        let found = found.unwrap();
        assert_eq!(found.kind(), ErrorKind::StreamTruncated, "cut at {at}");
        assert_eq!(found.partial::<Message>().unwrap().text(), "so far");
    }
    let (_, found) = replayed(sse(&events) + error.trim_end());
    assert_eq!(found.unwrap().kind(), ErrorKind::Overloaded);
}

/// A stream with this end, read by a client that is lenient or not.
async fn ended(events: &[Value], last: &str, lenient: bool) -> Option<ErrorKind> {
    let mut limits = StreamLimits::default();
    limits.lenient_eof = lenient;
    let script = Script::new([Reply::new(200, &[EVENT_STREAM], sse(events) + last)]);
    let client = builder(&script).stream_limits(limits).build().unwrap();
    let mut stream = client.messages().stream(params()).await.unwrap();
    let (_, error) = drain(&mut stream).await;
    error.map(|error| error.kind())
}

#[tokio::test]
async fn a_client_may_take_an_end_after_a_stop_reason_as_the_end() {
    const DONE: &str = "data: [DONE]\n\n";
    let truncated = Some(ErrorKind::StreamTruncated);
    let mut events = answer("x");
    assert_eq!(ended(&events, DONE, false).await, None);
    events.pop();
    for last in ["", DONE] {
        assert_eq!(ended(&events, last, true).await, None);
        assert_eq!(ended(&events, last, false).await, truncated);
    }
    events.pop();
    for last in ["", DONE] {
        assert_eq!(ended(&events, last, true).await, truncated);
    }
}

#[tokio::test]
async fn nothing_that_comes_behind_the_end_is_lost() {
    let mut events = answer("hello");
    let update = events.remove(4);
    let late = [events.clone(), vec![update]].concat();
    // In one chunk with the end, and in another.
    for cut in [0, 1] {
        let bodies = [
            sse(&late[..late.len() - cut]),
            sse(&late[late.len() - cut..]),
        ];
        let body = || chunks(bodies.clone());
        let script = Script::new([0, 1, 2].map(|_| Reply::new(200, &[EVENT_STREAM], body())));
        let client = client(&script);
        let stream = client.messages().stream(params()).await.unwrap();
        let message = stream.final_message().await.unwrap();
        assert_eq!(message.stop_reason.as_ref().unwrap(), "end_turn");
        assert_eq!(message.usage.output_tokens, 9);
        let mut stream = client.messages().stream(params()).await.unwrap();
        let (seen, error) = drain(&mut stream).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(seen.len(), late.len());
        let mut alone = client.messages().stream(params()).events().await.unwrap();
        let mut folded = MessageAccumulator::new();
        let mut count = 0;
        while let Some(event) = alone.next().await {
            folded.apply(&event.unwrap()).unwrap();
            count += 1;
        }
        assert_eq!(count, late.len());
        assert_eq!(folded.into_message().unwrap(), message);
    }
    for late in [text(0, "more"), open(1, &text_block()), start()] {
        let body = sse(&answer("hello")) + &sse(std::slice::from_ref(&late));
        let (seen, error) = replayed(body);
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Decode, "{late}");
        assert!(error.to_string().contains("after message_stop"), "{error}");
        assert_eq!(error.partial::<Message>().unwrap().text(), "hello");
        assert_eq!(seen.len(), answer("hello").len());
    }
    // What is empty, or no event at all, spoils nothing.
    let stop = sse(&[
        json!({"type": "message_stop"}),
        close(0),
        json!({"type": "note"}),
    ]);
    for late in [
        stop.as_str(),
        "data: [DONE]\n\n",
        "event: error\ndata: x\n\n",
        "\n\nnonsense",
        "data: {\"a\"",
        "{\"error\":{\"message\":\"boom\"}}\n\n",
    ] {
        let body = sse(&answer("hello")) + late;
        let (_, error) = replayed(body.clone());
        assert!(error.is_none(), "{late}");
        let client = client(&Script::new([Reply::new(200, &[EVENT_STREAM], body)]));
        let mut alone = client.messages().stream(params()).events().await.unwrap();
        while let Some(event) = alone.next().await {
            event.unwrap();
        }
    }
}

/// Such an event is of the message.
#[tokio::test]
async fn an_update_behind_the_end_that_is_unreadable_is_an_error() {
    let body = sse(&answer("hello")) + "event: message_delta\ndata: {\"delta\":5}\n\n";
    let (_, error) = replayed(body.clone());
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    let client = client(&Script::new([Reply::new(200, &[EVENT_STREAM], body)]));
    let alone = client.messages().stream(params()).events().await.unwrap();
    let seen: Vec<_> = alone.collect().await;
    let error = seen.into_iter().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
}
