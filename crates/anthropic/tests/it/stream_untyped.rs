//! Events whose type is missing, can't be read or is none of the API's, and whole protocols of
//! others.

use anthropic::types::{Message, StreamEvent};
use anthropic::{Client, Error, ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{
    EVENT_STREAM, answer, close, drain, end, open, params, replayed, sse, start, text, text_block,
};
use crate::support::{Reply, Script, builder, client};

/// Types that can't be read; the last stands for none.
fn unreadable() -> Vec<Value> {
    vec![
        json!(null),
        json!(5),
        json!(""),
        json!({"q": 1}),
        json!("none"),
    ]
}

/// The event with another type, or without one.
fn retyped(event: &Value, wrong: &Value) -> Value {
    let mut event = event.clone();
    let fields = event.as_object_mut().unwrap();
    if *wrong == "none" {
        fields.remove("type");
    } else {
        fields.insert("type".to_owned(), wrong.clone());
    }
    event
}

/// The body of a stream in which the types are these, with or without the events' names.
fn body(events: &[Value], wrong: &Value, named: bool) -> String {
    let lines = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap();
        let name = if named {
            format!("event: {name}\n")
        } else {
            String::new()
        };
        format!("{name}data: {}\n\n", retyped(event, wrong))
    });
    lines.collect()
}

fn message(body: String) -> Result<Message, Error> {
    let stream = MessageStream::replay(std::io::Cursor::new(body));
    stream.final_message().now_or_never().unwrap()
}

/// The events of a stream that nothing is built of.
async fn events(client: &Client) -> (Vec<StreamEvent>, Option<Error>) {
    let mut events = client.messages().stream(params()).events().await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(event) => seen.push(event),
            Err(error) => return (seen, Some(error)),
        }
    }
    (seen, None)
}

fn stream_of(body: impl Into<String>) -> Reply {
    Reply::new(200, &[EVENT_STREAM], body.into())
}

#[tokio::test]
async fn the_name_stands_in_for_a_type_that_cannot_be_read() {
    let whole = message(sse(&answer("hello"))).unwrap();
    for wrong in unreadable().into_iter().chain([json!("delta")]) {
        let body = body(&answer("hello"), &wrong, true);
        assert_eq!(message(body.clone()).unwrap(), whole, "{wrong}");
        let (streamed, _) = replayed(body.clone());
        let script = Script::new([stream_of(body)]);
        let (seen, error) = events(&client(&script)).await;
        assert!(error.is_none(), "{wrong}: {error:?}");
        assert_eq!(seen, streamed, "{wrong}");
        assert_eq!(seen.last().unwrap().type_name(), "message_stop");
    }
}

#[test]
fn an_event_without_any_type_does_not_pass_unseen() {
    for wrong in unreadable() {
        for number in [0, 1, 2, 4] {
            let mut events = answer("hello");
            events[number] = retyped(&events[number], &wrong);
            let data = events.iter().map(|event| format!("data: {event}\n\n"));
            let error = message(data.collect()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{wrong} {number}");
            let line = error.to_string();
            let key = ["message", "content_block", "delta", "", "delta"][number];
            assert!(line.contains(key), "{line}");
        }
    }
    // Nor one under the name that an event has by default, or under that of a sign of life.
    for name in ["message", "ping"] {
        let piece = retyped(&text(0, "hello"), &json!("none"));
        let before = sse(&[start(), open(0, &text_block())]);
        let body = format!("{before}event: {name}\ndata: {piece}\n\n{}", sse(&end()));
        assert_eq!(
            message(body).unwrap_err().kind(),
            ErrorKind::Decode,
            "{name}"
        );
    }
}

#[test]
fn data_that_is_no_object_does_not_pass_unseen() {
    let all = json!(answer("hello"));
    for data in [all.to_string(), json!("x").to_string(), "5".to_owned()] {
        let before = sse(&[start(), open(0, &text_block())]);
        let body = format!("{before}data: {data}\n\n{}", sse(&end()));
        assert_eq!(
            message(body).unwrap_err().kind(),
            ErrorKind::Decode,
            "{data}"
        );
    }
    let twice = r#"{"type":"content_block_delta","index":0,"delta":{},"type":"other"}"#;
    let before = sse(&[start(), open(0, &text_block())]);
    let body = format!("{before}data: {twice}\n\n{}", sse(&end()));
    assert_eq!(message(body).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn an_event_of_a_new_type_with_a_delta_is_beside_the_message() {
    let new = json!({"type": "content_block_patch", "index": 0, "delta": {"at": 1}});
    let idle = json!({"type": "still_there", "at": 5});
    let mut events = vec![start(), open(0, &text_block()), new, idle, close(0)];
    events.extend(end());
    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let (seen, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?}");
    assert_eq!(seen.len(), events.len());
    let unfolded: Vec<_> = stream
        .unfolded()
        .iter()
        .map(StreamEvent::type_name)
        .collect();
    assert_eq!(unfolded, ["content_block_patch"]);
}

#[tokio::test]
async fn events_alone_are_read_as_those_of_a_message() {
    let begun = sse(&[start()]);
    let rest = sse(&answer("hello")[1..]);
    let ended = "data: [DONE]\n\n";
    for (body, count, kind) in [
        // Signs of life, by name and by type, and the end that some gateways send.
        (
            format!(
                "data: {{\"type\":\"ping\"}}\n\n{begun}event: ping\ndata: x\n\ndata:\n\n{rest}{ended}"
            ),
            6,
            None,
        ),
        (
            format!("{begun}{ended}"),
            1,
            Some(ErrorKind::StreamTruncated),
        ),
        // Errors, by name, by type, and by what they have.
        (
            format!("{begun}event: error\ndata: upstream gone\n\n{rest}"),
            1,
            Some(ErrorKind::Api),
        ),
        (
            format!(
                "{begun}data: {{\"type\":\"error\",\"error\":{{\"type\":\"overloaded_error\",\"message\":\"m\"}}}}\n\n{rest}"
            ),
            1,
            Some(ErrorKind::Overloaded),
        ),
        (
            format!(
                "{begun}data: {{\"type\":5,\"error\":{{\"code\":\"429\",\"message\":\"m\"}}}}\n\n{rest}"
            ),
            1,
            Some(ErrorKind::RateLimited),
        ),
        (format!("{begun}event: message_stop\n\n"), 2, None),
        (
            format!("{begun}event: note\ndata: not \"json\n\n{rest}"),
            7,
            None,
        ),
        (
            format!("{begun}event: ping\n{}", rest.split_once('\n').unwrap().1),
            6,
            None,
        ),
    ] {
        let script = Script::new([stream_of(body.clone())]);
        let (seen, error) = events(&client(&script)).await;
        assert_eq!(error.as_ref().map(Error::kind), kind, "{body}: {error:?}");
        assert_eq!(seen.len(), count, "{body}");
        assert!(error.is_none_or(|error| error.is_in_stream()));
        // A message's stream agrees.
        let (streamed, error) = replayed(body.clone());
        assert_eq!(error.map(|error| error.kind()), kind, "{body}");
        if count > 1 {
            assert_eq!(streamed, seen, "{body}");
        }
    }
}

#[tokio::test]
async fn the_stream_of_another_protocol_is_quoted_and_not_asked_for_again() {
    let chunk = r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"hello"}}]}"#;
    let response = r#"{"type":"response.created","response":{"id":"r"}}"#;
    let candidate = r#"{"candidates":[{"content":{"parts":[{"text":"hello"}]}}]}"#;
    let line = r#"{"type":"text-generation","text":"hello"}"#;
    for (body, quoted) in [
        (
            format!("data: {chunk}\n\ndata: [DONE]\n\n"),
            "chat.completion.chunk",
        ),
        (format!("data: {chunk}\n\n"), "chat.completion.chunk"),
        (
            format!("event: response.created\ndata: {response}\n\n"),
            "response.created",
        ),
        (
            format!("data: {candidate}\n\ndata: {candidate}\n\n"),
            "candidates",
        ),
        (
            format!("data: {line}\n\ndata: [DONE]\n\n"),
            "text-generation",
        ),
    ] {
        let script = Script::new([
            stream_of(body.clone()),
            stream_of(body.clone()),
            stream_of(body.clone()),
        ]);
        let stream = client(&script).messages().stream(params()).await.unwrap();
        let error = stream.final_message().await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::UnexpectedContent,
            "{body}: {error}"
        );
        assert!(error.to_string().contains(quoted), "{error}");
        assert_eq!(script.sent().len(), 1, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_behind_unknown_events_is_quoted_and_asked_for_again() {
    let idle = "event: still_there\ndata: {\"at\": 5}\n\n";
    for body in [
        idle.to_owned(),
        format!(": hello\n\n{idle}"),
        "id: 1\n\n".to_owned(),
    ] {
        let script = Script::new([stream_of(body.clone()), stream_of(sse(&answer("hello")))]);
        let stream = client(&script).messages().stream(params()).await.unwrap();
        assert_eq!(stream.final_message().await.unwrap().text(), "hello");
        let script = Script::new([stream_of(body.clone())]);
        let client = builder(&script).max_retries(0).build().unwrap();
        let stream = client.messages().stream(params()).await.unwrap();
        let error = stream.final_message().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StreamTruncated);
        let first = body.split([' ', '\n']).next().unwrap();
        assert!(error.to_string().contains(first), "{error}");
    }
    let body = sse(&[start(), json!({"type": "patch", "at": {"x": 1}})]);
    let (_, error) = replayed(body);
    let line = error.unwrap().to_string();
    assert!(
        line.contains("not known") && line.contains("patch"),
        "{line}"
    );
}
