//! What a stream may say and in which order, and what becomes of what nobody knows.

use anthropic::stream::{MessageAccumulator, ProtocolError};
use anthropic::types::{Message, StreamEvent, from_slice};
use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{
    Transcript, answer, close, delta, end, error_event, input, open, replayed, sse, start, text,
    text_block, tool_block,
};

fn typed(event: &Value) -> StreamEvent {
    from_slice(event.to_string().as_bytes()).unwrap()
}

/// Applies events, of which all but the last are good.
fn violation(events: &[Value]) -> ProtocolError {
    let mut machine = MessageAccumulator::new();
    let (last, before) = events.split_last().unwrap();
    for event in before {
        machine.apply(&typed(event)).unwrap();
    }
    let message = machine.partial();
    let error = machine.apply(&typed(last)).unwrap_err();
    assert_eq!(machine.partial(), message, "an error changes nothing");
    let (_, streamed) = replayed(sse(events));
    let streamed = streamed.unwrap();
    assert_eq!(streamed.kind(), ErrorKind::Decode);
    assert!(
        streamed.to_string().contains(&error.to_string()),
        "{streamed}"
    );
    error
}

#[test]
fn the_order_of_events_is_checked() {
    let began = || vec![start(), open(0, &text_block())];
    let with = |mut events: Vec<Value>, more: &[Value]| {
        events.extend_from_slice(more);
        events
    };
    assert!(matches!(
        violation(&[text(0, "x")]),
        ProtocolError::NotStarted { .. }
    ));
    assert!(matches!(
        violation(&end()[1..]),
        ProtocolError::NotStarted { .. }
    ));
    let again = with(began(), &[start()]);
    assert_eq!(violation(&again), ProtocolError::StartedTwice);
    let twice = with(began(), &[open(0, &text_block())]);
    assert!(matches!(
        violation(&twice),
        ProtocolError::BlockExists { index: 0, .. }
    ));
    let nowhere = with(began(), &[input(1, "x")]);
    assert!(matches!(
        violation(&nowhere),
        ProtocolError::NoBlock { index: 1, .. }
    ));
    let far = with(began(), &[close(u64::MAX)]);
    assert!(matches!(
        violation(&far),
        ProtocolError::NoBlock {
            index: u64::MAX,
            ..
        }
    ));
    let late = with(began(), &[close(0), text(0, "x")]);
    assert!(matches!(
        violation(&late),
        ProtocolError::BlockEnded { index: 0, .. }
    ));
    let malformed = with(
        began(),
        &[json!({"type": "content_block_delta", "index": -1, "delta": {}})],
    );
    assert!(matches!(
        violation(&malformed),
        ProtocolError::Malformed { .. }
    ));
}

#[test]
fn nothing_but_the_unknown_comes_after_the_end() {
    let mut machine = MessageAccumulator::new();
    for event in answer("x") {
        machine.apply(&typed(&event)).unwrap();
    }
    machine.apply(&typed(&json!({"type": "epilogue"}))).unwrap();
    for event in answer("x") {
        // Some gateways send those then.
        let kind = event["type"].as_str().unwrap();
        if ["message_delta", "message_stop", "content_block_stop"].contains(&kind) {
            machine.apply(&typed(&event)).unwrap();
            continue;
        }
        let error = machine.apply(&typed(&event)).unwrap_err();
        assert!(matches!(error, ProtocolError::AfterEnd { .. }), "{error}");
    }
    // Whether it has its index or not.
    let stop = typed(&json!({"type": "content_block_stop"}));
    machine.apply(&stop).unwrap();
}

#[test]
fn an_index_that_never_comes_leaves_no_hole() {
    let block =
        |index: u64, words: &str| [open(index, &text_block()), text(index, words), close(index)];
    let mut events = vec![start()];
    for (index, words) in [(5, "b"), (u64::MAX, "c"), (2, "a")] {
        events.extend(block(index, words));
    }
    events.extend(end());
    let stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(message.content.len(), 3);
    assert_eq!(message.text(), "abc");
}

#[test]
fn the_unknown_is_handed_out_and_kept() {
    let hologram = json!({"type": "hologram", "scene": 1});
    let odd = json!({"type": "text_delta", "text": "lost on a hologram"});
    let mut events = vec![
        json!({"type": "prologue", "n": 1}),
        start(),
        json!({"type": "weather", "sky": "blue"}),
        open(0, &hologram),
        delta(0, &json!({"type": "hologram_delta", "frame": 2})),
        delta(0, &odd),
        close(0),
        open(1, &json!({"type": "text", "text": "", "mood": "fine"})),
        delta(1, &json!({"type": "confidence_delta", "score": 1})),
        delta(1, &json!({"type": "text_delta", "text": "x", "weight": 2})),
        close(1),
        json!({
            "type": "message_delta", "delta": {"stop_reason": "moonrise", "stop_mood": "calm"},
            "usage": {"output_tokens": 2, "moon_tokens": 7, "service_tier": "batch", "speed": null},
            "phase": "full",
        }),
    ];
    events.push(json!({"type": "message_stop", "bye": true}));
    let (read, error) = replayed(sse(&events));
    assert!(error.is_none());
    let read: Vec<Value> = read
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect();
    for (read, sent) in read.iter().zip(&events) {
        // What is null counts as absent.
        if sent["type"] != "message_start" && sent["type"] != "message_delta" {
            assert_eq!(read, sent);
        }
    }
    assert_eq!(read.len(), events.len());

    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    while stream.try_next().now_or_never().unwrap().unwrap().is_some() {}
    let unfolded: Vec<Value> = stream
        .unfolded()
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect();
    assert_eq!(unfolded, [&events[4..6], &events[8..10]].concat());
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    let wanted: Message = serde_json::from_value(json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [hologram, {"type": "text", "text": "x", "mood": "fine"}],
        "stop_reason": "moonrise", "stop_mood": "calm", "phase": "full", "bye": true,
        "usage": {"input_tokens": 3, "output_tokens": 2, "moon_tokens": 7, "service_tier": "batch"},
    }))
    .unwrap();
    // As values, in which the order of keys doesn't count.
    let value = |message: &Message| serde_json::to_value(message).unwrap();
    assert_eq!(value(&message), value(&wanted));
}

#[test]
fn usage_is_set_and_never_added() {
    let update = |usage: Value| json!({"type": "message_delta", "delta": {}, "usage": usage});
    let mut events = vec![
        start(),
        update(json!({"output_tokens": 5, "cache_read_input_tokens": 7})),
    ];
    events.push(update(
        json!({"output_tokens": 6, "input_tokens": 4, "cache_read_input_tokens": null}),
    ));
    let mut machine = MessageAccumulator::new();
    for event in &events {
        machine.apply(&typed(event)).unwrap();
    }
    let usage = &machine.message().unwrap().usage;
    assert_eq!((usage.input_tokens, usage.output_tokens), (4, 6));
    assert_eq!(usage.cache_read_input_tokens, Some(7));
}

#[test]
fn a_message_delta_overwrites_what_it_carries_and_nothing_else() {
    let container = |id: &str| json!({"id": id, "expires_at": "2026-01-01T00:00:00Z"});
    let edits = json!({"applied_edits": [
        {"type": "clear_tool_uses_20250919", "cleared_tool_uses": 1, "cleared_input_tokens": 2},
    ]});
    let update = json!({
        "type": "message_delta",
        "delta": {"stop_reason": "stop_sequence", "stop_sequence": "END", "container": container("new")},
        "usage": {
            "output_tokens": 9, "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0},
            "cache_creation": {"ephemeral_1h_input_tokens": 1, "ephemeral_5m_input_tokens": 2},
            "fallback_credit": {"status": {"type": "redeemed"}},
        },
        "context_management": edits, "input_transformations": [], "diagnostics": {"why": "not"},
    });
    let mut first = start();
    first["message"]["container"] = container("old");
    first["message"]["usage"]["cache_creation_input_tokens"] = json!(5);
    let silent = json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 9}});
    let mut wanted = first["message"].clone();
    for (key, value) in [
        ("stop_reason", json!("stop_sequence")),
        ("stop_sequence", json!("END")),
        ("container", container("new")),
        ("context_management", edits.clone()),
        ("input_transformations", json!([])),
        ("diagnostics", json!({"why": "not"})),
    ] {
        wanted[key] = value;
    }
    wanted["usage"]["output_tokens"] = json!(9);
    for key in ["server_tool_use", "cache_creation", "fallback_credit"] {
        wanted["usage"][key] = update["usage"][key].clone();
    }
    let wanted: Message = serde_json::from_value(wanted).unwrap();
    let mut machine = MessageAccumulator::new();
    for event in [&first, &update, &silent] {
        machine.apply(&typed(event)).unwrap();
    }
    assert_eq!(machine.message(), Some(&wanted));
}

#[test]
fn a_delta_that_its_block_has_no_field_for_is_kept() {
    let mut events = vec![start(), open(0, &text_block()), open(1, &tool_block())];
    let astray = [
        delta(0, &json!({"type": "thinking_delta", "thinking": "hm"})),
        delta(1, &json!({"type": "signature_delta", "signature": "s"})),
        input(0, "{}"),
    ];
    events.extend(astray.iter().cloned());
    events.push(text(0, "x"));
    events.extend(end());
    let mut machine = MessageAccumulator::new();
    for event in &events {
        machine.apply(&typed(event)).unwrap();
    }
    let unfolded: Vec<StreamEvent> = astray.iter().map(typed).collect();
    assert_eq!(machine.unfolded(), unfolded);
    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    while stream.try_next().now_or_never().unwrap().unwrap().is_some() {}
    assert_eq!(stream.unfolded(), unfolded);
}

#[test]
fn pieces_grow_in_place() {
    let mut machine = MessageAccumulator::new();
    for event in [
        start(),
        open(0, &text_block()),
        text(0, &"x".repeat(100_000)),
    ] {
        machine.apply(&typed(&event)).unwrap();
    }
    // Doubling leaves room for far more than what follows.
    machine.apply(&typed(&text(0, "x"))).unwrap();
    let at = |machine: &MessageAccumulator| {
        let message = machine.message().unwrap();
        (
            std::ptr::from_ref(message),
            message.content[0].as_text().unwrap().text.as_ptr(),
        )
    };
    let before = at(&machine);
    let piece = typed(&text(0, "0123456789"));
    for _ in 0..1_000 {
        machine.apply(&piece).unwrap();
        assert_eq!(at(&machine), before);
    }
}

#[test]
fn a_compaction_is_signed_as_thinking_is() {
    let sign = |signature: &str| json!({"type": "signature_delta", "signature": signature});
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let compaction = json!({"type": "compaction", "content": "short"});
    let mut machine = MessageAccumulator::new();
    for event in [
        start(),
        open(0, &thinking),
        delta(0, &sign("dGhpbms=")),
        open(1, &compaction),
        delta(1, &sign("c2hvcnQ=")),
    ] {
        machine.apply(&typed(&event)).unwrap();
    }
    let [thinking, compaction] = &machine.message().unwrap().content[..] else {
        panic!("two blocks");
    };
    assert_eq!(thinking.as_thinking().unwrap().signature, "dGhpbms=");
    let compaction = compaction.as_compaction().unwrap();
    assert_eq!(compaction.signature.as_deref(), Some("c2hvcnQ="));
    assert!(machine.unfolded().is_empty());
}

fn tool_input(pieces: &[&str]) -> anthropic::types::Json {
    let mut events = vec![start(), open(0, &tool_block())];
    events.extend(pieces.iter().map(|piece| input(0, piece)));
    events.push(close(0));
    events.extend(end());
    let stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    message.content[0].as_tool_use().unwrap().input.clone()
}

#[test]
fn a_tool_input_is_the_text_that_was_sent() {
    let sent = r#"{"z": 12345678901234567890123, "a":  [1.0]}"#;
    assert_eq!(tool_input(&[&sent[..9], "", &sent[9..]]).as_str(), sent);
    assert_eq!(tool_input(&[]).as_str(), "{}");
    assert_eq!(tool_input(&["", " "]).as_str(), "{}");
}

#[test]
fn a_tool_input_that_is_not_json_spoils_nothing_else() {
    let sent = r#"{"pattern": "\d", "#;
    let input = tool_input(&[sent]);
    assert_eq!(input.invalid().unwrap().text, sent);
}

#[test]
fn an_input_on_its_way_is_in_the_partial_message() {
    let events = [
        start(),
        open(0, &tool_block()),
        input(0, "{\"a\": "),
        input(0, "1"),
    ];
    let (_, error) = replayed(sse(&events));
    let error = error.unwrap();
    let partial = error.partial::<Message>().unwrap();
    let input = &partial.content[0].as_tool_use().unwrap().input;
    assert_eq!(input.invalid().unwrap().text, "{\"a\": 1");
}

#[test]
fn a_block_may_start_without_what_its_deltas_bring() {
    let mut events = vec![start()];
    events.extend([open(0, &json!({"type": "text"})), text(0, "hi"), close(0)]);
    events.push(open(1, &json!({"type": "thinking", "thinking": ""})));
    events.push(delta(
        1,
        &json!({"type": "thinking_delta", "thinking": "hm"}),
    ));
    events.push(open(
        2,
        &json!({"type": "tool_use", "id": "t", "name": "f"}),
    ));
    events.push(input(2, "{\"a\":1}"));
    events.extend(end());
    let stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(message.text(), "hi");
    assert_eq!(message.content[1].as_thinking().unwrap().thinking, "hm");
    assert_eq!(
        message.content[2].as_tool_use().unwrap().input,
        json!({"a": 1})
    );
}

#[test]
fn an_error_event_is_the_error_it_names() {
    let events = [
        start(),
        open(0, &text_block()),
        text(0, "so far"),
        error_event("overloaded_error"),
    ];
    let (read, error) = replayed(sse(&events));
    let error = error.unwrap();
    assert_eq!(read.len(), 3);
    assert_eq!(
        (error.kind(), error.is_in_stream()),
        (ErrorKind::Overloaded, true)
    );
    assert_eq!(error.api_message(), Some("sorry"));
    assert_eq!(error.request_id(), Some("req_body"));
    assert_eq!(error.partial::<Message>().unwrap().text(), "so far");
}

#[test]
fn a_known_failure_is_told_again_by_the_final_message() {
    let events = [start(), open(0, &text_block()), text(0, "so far")];
    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let error = async {
        while let Ok(Some(_)) = stream.try_next().await {}
        assert_eq!(stream.snapshot().unwrap().text(), "so far");
        stream.final_message().await.unwrap_err()
    };
    let error = error.now_or_never().unwrap();
    assert_eq!(error.kind(), ErrorKind::StreamTruncated);
    assert_eq!(error.partial::<Message>().unwrap().text(), "so far");
}

#[test]
fn an_abort_gives_what_there_is() {
    let stream = MessageStream::replay(std::io::Cursor::new(sse(&answer("hello"))));
    assert!(stream.abort().is_none());
    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&answer("hello"))));
    for _ in 0..3 {
        stream.try_next().now_or_never().unwrap().unwrap();
    }
    assert_eq!(stream.abort().unwrap().text(), "hello");
}

#[test]
fn the_snapshot_is_what_was_handed_out() {
    let transcript = Transcript::named("thinking_tool_use");
    let mut stream = MessageStream::replay(transcript.lf().as_bytes());
    assert!(stream.snapshot().is_none());
    let mut machine = MessageAccumulator::new();
    while let Some(event) = stream.try_next().now_or_never().unwrap().unwrap() {
        machine.apply(&event).unwrap();
        if event.type_name() != "message_start" {
            assert_eq!(stream.snapshot(), machine.message());
        }
    }
    assert_eq!(stream.snapshot(), Some(&transcript.message()));
}

#[test]
fn a_tool_input_can_be_read_while_it_arrives() {
    use anthropic::partial_json::Strings;
    let mut events = vec![start(), open(0, &tool_block())];
    events.extend(["{\"city\":", "\"Bas", "el\", \"n\":4", "2}"].map(|piece| input(0, piece)));
    events.push(close(0));
    events.extend(end());
    let stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    let mut stream = stream.with_partial_input();
    let mut seen = Vec::new();
    while let Some(event) = stream.try_next().now_or_never().unwrap().unwrap() {
        if event.partial_json().is_some() {
            seen.push(stream.partial_input(0, Strings::Show).unwrap().clone());
        }
    }
    let city = |city: &str| json!({"city": city});
    assert_eq!(
        seen,
        [
            json!({}),
            city("Bas"),
            city("Basel"),
            json!({"city": "Basel", "n": 42})
        ]
    );
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(message.content[0].as_tool_use().unwrap().input, seen[3]);
}

#[test]
fn a_view_can_be_asked_for_when_an_input_is_under_way() {
    use anthropic::partial_json::Strings;
    let mut events = vec![start(), open(0, &tool_block())];
    events.extend(["{\"a\":1,", "\"b\":2,"].map(|piece| input(0, piece)));
    let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
    for _ in 0..3 {
        stream.try_next().now_or_never().unwrap().unwrap();
    }
    assert_eq!(stream.input_text(0), Some("{\"a\":1,"));
    assert_eq!(stream.partial_input(0, Strings::Show), None);
    let mut stream = stream.with_partial_input();
    let view = |stream: &mut MessageStream| stream.partial_input(0, Strings::Show).cloned();
    assert_eq!(view(&mut stream), Some(json!({"a": 1})));
    stream.try_next().now_or_never().unwrap().unwrap();
    assert_eq!(view(&mut stream), Some(json!({"a": 1, "b": 2})));
    assert_eq!(stream.input_text(0), Some("{\"a\":1,\"b\":2,"));
    assert_eq!(stream.input_text(1), None);
}
