//! A `create` that may take longer than ten minutes: streamed, though nobody asked for a stream.

use std::time::Duration;

use anthropic::types::{Message, MessageCreateParams, StreamEvent};
use anthropic::{ClientBuilder, ErrorKind, Request, RequestOptions};
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::stream_support::{EVENT_STREAM, answer, params, sse, start, then_broken};
use crate::support::{Reply, Script, builder, client};

type Client = fn(ClientBuilder) -> ClientBuilder;
type Create = fn(Request<Message>) -> Request<Message>;

const JSON: (&str, &str) = ("content-type", "application/json");

fn long() -> MessageCreateParams {
    let mut long = params();
    long.max_tokens = 1 << 20;
    long
}

fn message() -> String {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    message.to_string()
}

fn reply(media: (&str, &str), id: &str, body: anthropic::transport::Body) -> Reply {
    Reply::new(200, &[media, ("request-id", id)], body)
}

#[tokio::test(start_paused = true)]
async fn a_wrapped_answer_tells_the_attempt_that_gave_it() {
    let streamed = [
        reply(EVENT_STREAM, "req_1", then_broken(sse(&[start()]))),
        reply(EVENT_STREAM, "req_2", sse(&answer("hi")).into()),
    ];
    let whole = [
        reply(JSON, "req_1", then_broken("{\"id".to_owned())),
        reply(JSON, "req_2", message().into()),
    ];
    for replies in [streamed, whole] {
        let script = Script::new(replies);
        let request = client(&script).messages().create(long());
        let response = request.with_response().await.unwrap();
        assert_eq!(response.text(), "hi");
        assert_eq!(response.request_id(), Some("req_2"));
        assert_eq!(response.meta().headers()["request-id"], "req_2");
        assert_eq!(response.meta().attempts(), 2);
    }
}

#[tokio::test]
async fn a_raw_answer_is_streamed_only_when_the_caller_says_so() {
    let stream = |script: &Script| -> Option<Value> {
        let body: Value = serde_json::from_slice(&script.only().body).unwrap();
        body.get("stream").cloned()
    };
    let script = Script::new([Reply::json("{}")]);
    let request = client(&script).messages().create(long());
    request.raw().await.unwrap();
    assert_eq!(stream(&script), None);

    let script = Script::new([Reply::json("{}")]);
    let request = client(&script).messages().create(long());
    request.extra_body("stream", true).raw().await.unwrap();
    assert_eq!(stream(&script), Some(true.into()));

    // The other way round: what is decoded is streamed unless the caller says otherwise.
    let script = Script::new([reply(JSON, "req_1", message().into())]);
    let request = client(&script).messages().create(long());
    request.extra_body("stream", false).await.unwrap();
    assert_eq!(stream(&script), Some(false.into()));
}

#[tokio::test]
async fn a_caller_who_says_how_long_it_may_take_gets_no_stream() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let plain: Client = |it| it;
    let same: Create = |it| it;
    let limits: [(Client, Create); 6] = [
        (plain, |it| it.timeout(HOUR)),
        (plain, |it| it.timeout(None)),
        (plain, |it| it.attempt_timeout(HOUR)),
        (|it| it.timeout(HOUR), same),
        (|it| it.timeout(None), same),
        (|it| it.attempt_timeout(HOUR), same),
    ];
    let streamed = async |client: ClientBuilder, script: &Script, set: Create| {
        let client = client.build().unwrap();
        let answer = set(client.messages().create(long())).await;
        assert_eq!(answer.unwrap().text(), "hi");
        let body: Value = serde_json::from_slice(&script.only().body).unwrap();
        body.get("stream") == Some(&true.into())
    };
    for (index, (client, request)) in limits.into_iter().enumerate() {
        let script = Script::new([reply(JSON, "req_1", message().into())]);
        let client = client(builder(&script));
        assert!(!streamed(client, &script, request).await, "{index}");
    }
    // None of these says anything of a response's length.
    let others: [Client; 3] = [
        |it| it.timeout(Duration::from_secs(600)),
        |it| it.connect_timeout(HOUR),
        |it| it.total_timeout(HOUR),
    ];
    for (index, client) in others.into_iter().enumerate() {
        let script = Script::new([reply(JSON, "req_1", message().into())]);
        assert!(
            streamed(client(builder(&script)), &script, same).await,
            "{index}"
        );
    }
}

#[tokio::test]
async fn a_message_that_comes_as_a_stream_has_the_limit_of_a_whole_one() {
    const LIMIT: usize = 10_000;
    // Escapes and pieces of other kinds are no plain pieces to the reader.
    let texts = [
        "x".repeat(20_000),
        "\\\"".repeat(10_000),
        "é\u{1f600}".repeat(5_000),
    ];
    for text in texts {
        for size in [1, 100, 30_000] {
            let chars: Vec<char> = text.chars().collect();
            let pieces = chars
                .chunks(size)
                .map(|piece| piece.iter().collect::<String>());
            let mut events = answer("");
            let delta = |text: String| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
            events.splice(2..3, pieces.map(delta));
            let script = Script::new([Reply::new(200, &[EVENT_STREAM], sse(&events))]);
            let client = builder(&script).max_response_bytes(LIMIT).build().unwrap();
            let error = client.messages().create(long()).await.unwrap_err();
            let line = error.to_string();
            assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{line}");
            assert!(line.contains("longer than 10000 bytes"), "{line}");
            assert!(line.contains("max_response_bytes"), "{line}");
            assert_eq!(script.sent().len(), 1);
            // So has one that is built beside its events, which alone have none.
            let reply = || Reply::new(200, &[EVENT_STREAM], sse(&events));
            let script = Script::new([reply(), reply(), reply()]);
            let client = builder(&script).max_response_bytes(LIMIT).build().unwrap();
            let mut stream = client.messages().stream(long()).await.unwrap();
            let error = loop {
                match stream.try_next().await {
                    Ok(event) => assert!(event.is_some(), "the whole stream was read"),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{error}");
            let partial = error.partial::<Message>().unwrap().text();
            assert!(partial.len() <= LIMIT && text.starts_with(&partial));
            let events = client.messages().stream(long()).events().await.unwrap();
            let read: Vec<_> = events.try_collect().await.unwrap();
            let read: String = read.iter().filter_map(StreamEvent::text).collect();
            assert_eq!(read, text);
            let any = RequestOptions::new().max_response_bytes(None);
            let stream = client.messages().stream(long()).options(any).await.unwrap();
            let message = stream.final_message().await.unwrap();
            assert_eq!(message.text(), text);
        }
    }
}
