//! The events of a message alone, of which none is built.

use anthropic::ErrorKind;
use anthropic::types::StreamEvent;
use serde_json::json;

use crate::stream_halves::{delta, written};
use crate::stream_support::{
    EVENT_STREAM, TRANSCRIPTS, close, error_event, open, params, replayed, sse, start, text,
    text_block, then_silence,
};
use crate::support::{Reply, Script, builder, client};

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

/// The events of a body, or the kinds of their errors.
async fn all(body: String, strict: bool) -> Vec<Result<StreamEvent, ErrorKind>> {
    let script = Script::new([events(body)]);
    let client = builder(&script).strict(strict).build().unwrap();
    let mut events = client.messages().stream(params()).events().await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(event.map_err(|error| error.kind()));
    }
    seen
}

fn texts(seen: &[Result<StreamEvent, ErrorKind>]) -> Vec<(u64, &str)> {
    let events = seen.iter().flatten();
    events
        .filter_map(|event| Some((event.index()?, event.text()?)))
        .collect()
}

#[tokio::test]
async fn a_character_that_is_split_is_put_together() {
    let half =
        |index: u64, text: &str| delta(u32::try_from(index).unwrap(), "text_delta", "text", text);
    let begun = sse(&[start(), open(0, &text_block()), open(1, &text_block())]);
    let deltas = [
        half(0, r"a\ud83d"),
        half(1, r"b\ud83c"),
        half(0, r"\ude00"),
        half(1, r"\udf0dc\ud83d"),
    ];
    let body = begun + &written(&deltas);
    let body = body + &sse(&[close(0), close(1), json!({"type": "message_stop"})]);
    let seen = all(body, false).await;
    assert_eq!(
        texts(&seen),
        [
            (0, "a"),
            (1, "b"),
            (0, "\u{1F600}"),
            (1, "\u{1F30D}c"),
            (1, "\u{FFFD}")
        ]
    );
    // What stays alone comes before the end of its block.
    let last: Vec<_> = seen[seen.len() - 4..]
        .iter()
        .map(|event| event.as_ref().unwrap().type_name())
        .collect();
    let stop = "content_block_stop";
    assert_eq!(last, [stop, "content_block_delta", stop, "message_stop"]);
    // Or of the message, or where another one takes its place.
    let stop = sse(&[json!({"type": "message_stop"})]);
    for end in [stop.clone(), sse(&[open(0, &text_block())]) + &stop] {
        let body =
            sse(&[start(), open(0, &text_block())]) + &written(&[half(0, r"a\ud83d")]) + &end;
        let seen = all(body, false).await;
        assert_eq!(texts(&seen), [(0, "a"), (0, "\u{FFFD}")]);
        assert_eq!(
            seen.last().unwrap().as_ref().unwrap().type_name(),
            "message_stop"
        );
    }
    // One block's text has nothing to do with what else it may have.
    let other = delta(0, "thinking_delta", "thinking", r"b\ud83d");
    let body = sse(&[start(), open(0, &text_block())])
        + &written(&[half(0, r"a\ud83d"), other, half(0, r"\ude00")])
        + &stop;
    assert_eq!(texts(&all(body, false).await), [(0, "a"), (0, "\u{1F600}")]);
}

#[tokio::test]
async fn halves_are_kept_of_so_many_blocks() {
    let count = 300;
    let mut body = sse(&[start()]);
    for half in [r"\ud83d", r"\ude00"] {
        for index in 0..count {
            body += &written(&[delta(index, "text_delta", "text", half)]);
        }
    }
    body += &sse(&[json!({"type": "message_stop"})]);
    let seen = all(body, false).await;
    let joined = texts(&seen)
        .iter()
        .filter(|(_, text)| *text == "\u{1F600}")
        .count();
    let alone = texts(&seen)
        .iter()
        .filter(|(_, text)| *text == "\u{FFFD}")
        .count();
    assert_eq!((joined, alone), (256, 2 * (300 - 256)));
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_an_error_as_in_a_message() {
    let begun = [start(), open(0, &text_block())];
    for wrong in [
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 42}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": {}}}),
        json!({"type": "content_block_delta", "index": 0, "delta": "text"}),
        json!({"type": "content_block_delta", "index": [], "delta": {"type": "text_delta", "text": "x"}}),
        json!({"type": "content_block_start", "index": 1}),
        json!({"type": "content_block_stop", "index": "first"}),
        json!({"type": "message_delta", "delta": "end_turn"}),
        json!({"type": "message_start"}),
    ] {
        let body = sse(&begun) + &sse(std::slice::from_ref(&wrong));
        let rest = sse(&[text(0, "x"), close(0), json!({"type": "message_stop"})]);
        let (_, error) = replayed(body.clone());
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode, "{wrong}");
        let seen = all(body + &rest, false).await;
        assert_eq!(seen[2], Err(ErrorKind::Decode), "{wrong}");
        // Those after it come all the same.
        assert_eq!(texts(&seen), [(0, "x")], "{wrong}");
        assert_eq!(seen.len(), 6);
    }
    // What is merely empty adds nothing.
    let empty = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": null}});
    let seen = all(
        sse(&begun) + &sse(&[empty, json!({"type": "message_stop"})]),
        false,
    )
    .await;
    assert!(seen.iter().all(Result::is_ok));
}

#[tokio::test]
async fn an_index_is_the_one_that_it_can_only_mean() {
    let mut events = vec![start()];
    for words in ["a", "b"] {
        events.extend([open(0, &text_block()), text(0, words), close(0)]);
    }
    for event in &mut events {
        event.as_object_mut().unwrap().remove("index");
    }
    events.push(json!({"type": "message_stop"}));
    let (streamed, error) = replayed(sse(&events));
    assert!(error.is_none(), "{error:?}");
    let seen = all(sse(&events), false).await;
    assert_eq!(texts(&seen), [(0, "a"), (1, "b")]);
    assert_eq!(
        seen.into_iter().map(Result::unwrap).collect::<Vec<_>>(),
        streamed
    );
    // A delta of two open blocks.
    let mut lost = text(0, "x");
    lost.as_object_mut().unwrap().remove("index");
    let two = [
        start(),
        open(0, &text_block()),
        open(1, &text_block()),
        lost.clone(),
    ];
    assert_eq!(all(sse(&two), false).await[3], Err(ErrorKind::Decode));
    // Deltas make blocks of their own, and those of `message_start` are counted.
    let seen = all(sse(&[start(), text(3, "x"), lost.clone()]), false).await;
    assert_eq!(texts(&seen), [(3, "x"), (3, "x")]);
    let mut given = start();
    given["message"]["content"] = json!([text_block(), text_block()]);
    let mut next = open(0, &text_block());
    next.as_object_mut().unwrap().remove("index");
    let seen = all(sse(&[given, next, lost.clone()]), false).await;
    assert_eq!(texts(&seen), [(2, "x")]);
    // More than are followed are too many to tell which one is open.
    let mut many = vec![start()];
    many.extend((0..300).map(|index| open(index, &text_block())));
    many.extend((1..300).map(close));
    many.push(lost);
    let seen = all(sse(&many), false).await;
    assert_eq!(seen[many.len() - 1], Err(ErrorKind::Decode));
}

#[tokio::test]
async fn half_a_character_that_stays_alone_is_refused_by_a_strict_client() {
    let half = delta(0, "text_delta", "text", r"a\ud83d");
    let rest = sse(&[close(0), json!({"type": "message_stop"})]);
    let body = sse(&[start(), open(0, &text_block())]) + &written(&[half]) + &rest;
    let seen = all(body, true).await;
    let shown: Vec<_> = seen
        .iter()
        .map(|event| event.as_ref().map(StreamEvent::type_name))
        .collect();
    assert_eq!(
        shown,
        [
            Ok("message_start"),
            Ok("content_block_start"),
            Ok("content_block_delta"),
            Err(&ErrorKind::Decode),
            Ok("content_block_stop"),
            Ok("message_stop")
        ]
    );
}
