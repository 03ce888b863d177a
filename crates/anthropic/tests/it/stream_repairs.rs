//! Streams whose events lack parts, or have them in another shape.

use anthropic::types::{Message, from_slice, to_vec};
use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_gateways::whole;
use crate::stream_support::{close, drain, open, replayed, sse, start, text, text_block};

#[test]
fn a_field_of_an_update_that_does_not_fit_is_listed() {
    let usage = json!({"output_tokens": null, "input_tokens": 3});
    let update = json!({"type": "message_delta", "delta": {"stop_reason": 5}, "usage": usage});
    let message = whole(sse(&[start(), update, json!({"type": "message_stop"})]));
    assert_eq!(message.stop_reason, None);
    assert_eq!(message.extra.decode("stop_reason"), Some(5));
    let repairs: Vec<_> = message.repairs().iter().map(ToString::to_string).collect();
    assert_eq!(repairs.len(), 2, "{repairs:?}");
    assert!(repairs[0].starts_with("stop_reason: "), "{repairs:?}");
    assert_eq!(repairs[1], "usage.output_tokens: null");
    // What stood there before is not the total, and would be billed by.
    assert_eq!(
        (message.usage.input_tokens, message.usage.output_tokens),
        (3, 0)
    );
}

/// The data of a delta whose text is written as it stands: `json!` would not take half a character.
fn delta(index: u32, kind: &str, key: &str, text: &str) -> String {
    format!(
        r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{key}":"{text}"}}}}"#
    )
}

#[test]
fn a_pair_of_surrogates_split_over_two_deltas_is_one_character() {
    let delta = |kind: &str, key: &str, text: &str| delta(0, kind, key, text);
    let read = |block: Value, deltas: &[String]| {
        let mut body = sse(&[start(), open(0, &block)]);
        for data in deltas {
            body.push_str("event: content_block_delta\ndata: ");
            body.push_str(data);
            body.push_str("\n\n");
        }
        body.push_str(&sse(&[close(0), json!({"type": "message_stop"})]));
        whole(body)
    };
    let text = |texts: &[&str]| {
        let deltas: Vec<_> = texts
            .iter()
            .map(|text| delta("text_delta", "text", text))
            .collect();
        let message = read(text_block(), &deltas);
        (message.text(), message.repairs().len())
    };
    assert_eq!(
        text(&[r"a\ud83d", r"\ude00 b"]),
        ("a\u{1F600} b".to_owned(), 0)
    );
    assert_eq!(
        text(&[r"\uD83D", "", r"\uDE00\ud83d", r"\ude00"]),
        ("\u{1F600}\u{1F600}".to_owned(), 0)
    );
    // Alone, it is U+FFFD, and listed.
    assert_eq!(text(&[r"a\ud83d", "b"]), ("a\u{FFFD}b".to_owned(), 1));
    assert_eq!(text(&[r"a\ud83d"]), ("a\u{FFFD}".to_owned(), 1));
    assert_eq!(text(&[r"\ude00a", "b"]), ("\u{FFFD}ab".to_owned(), 1));
    assert_eq!(text(&[r"a\ude00b", "c"]), ("a\u{FFFD}bc".to_owned(), 1));

    let tool = json!({"type": "tool_use", "id": "t", "name": "n", "input": {}});
    let pieces = [r#"{\"a\":\"\ud83d"#, r#"\ude00\"}"#];
    let deltas = pieces.map(|piece| delta("input_json_delta", "partial_json", piece));
    let message = read(tool, &deltas);
    let input: Value = message.tool_uses().next().unwrap().input_as().unwrap();
    assert_eq!(input, json!({"a": "\u{1F600}"}));

    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let deltas = [r"\ud83d", r"\ude00"].map(|text| delta("thinking_delta", "thinking", text));
    let message = read(thinking, &deltas);
    assert_eq!(
        message.content[0].as_thinking().unwrap().thinking,
        "\u{1F600}"
    );
}

#[test]
fn a_usage_that_is_none_takes_nothing_away() {
    let update = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": 5});
    let message = whole(sse(&[start(), update, json!({"type": "message_stop"})]));
    assert_eq!(message.usage.input_tokens, 3);
    assert_eq!(message.extra.decode("usage"), Some(5));
    let repairs: Vec<_> = message.repairs().iter().map(ToString::to_string).collect();
    assert_eq!(repairs, ["usage: another type"]);
}

#[test]
fn new_fields_of_a_delta_that_adds_nothing_else_are_beside_the_message() {
    for (block, delta, kept) in [
        (
            text_block(),
            json!({"type": "text_delta", "text": "", "new": "x"}),
            true,
        ),
        (
            text_block(),
            json!({"type": "text_delta", "text": "x", "new": "x"}),
            false,
        ),
        (
            json!({"type": "compaction", "content": null}),
            json!({"type": "compaction_delta", "content": "x", "new": "x"}),
            true,
        ),
    ] {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let events = [
            start(),
            open(0, &block),
            event,
            close(0),
            json!({"type": "message_stop"}),
        ];
        let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
        let (_, error) = drain(&mut stream).now_or_never().unwrap();
        assert!(error.is_none(), "{delta}");
        assert_eq!(stream.unfolded().len(), usize::from(kept), "{delta}");
    }
}

/// The body of a stream with these events between a message's start and its end, as they are
/// written.
fn between(events: &[&str]) -> String {
    let mut body = sse(&[start()]);
    for data in events {
        body.extend(["data: ", data, "\n\n"]);
    }
    body + &sse(&[close(0), json!({"type": "message_stop"})])
}

#[test]
fn whatever_grows_may_be_split_within_a_character() {
    let begun = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a\ud83d"}}"#;
    let read = |last: &str| {
        let message = whole(between(&[begun, &delta(0, "text_delta", "text", last)]));
        (message.text(), message.repairs().len())
    };
    assert_eq!(read(r"\ude00b"), ("a\u{1F600}b".to_owned(), 0));
    assert_eq!(read("b"), ("a\u{FFFD}b".to_owned(), 1));
    let alone = whole(between(&[begun]));
    assert_eq!(
        (alone.text(), alone.repairs().len()),
        ("a\u{FFFD}".to_owned(), 1)
    );

    let compaction = r#"{"type":"content_block_start","index":0,"content_block":{"type":"compaction","content":null}}"#;
    let read = |texts: &[&str]| {
        let mut events = vec![compaction.to_owned()];
        let deltas = texts
            .iter()
            .map(|text| delta(0, "compaction_delta", "content", text));
        events.extend(deltas);
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let message = whole(between(&events));
        let block = message.content[0].as_compaction().unwrap();
        (block.content.clone().unwrap(), message.repairs().len())
    };
    assert_eq!(read(&[r"a\ud83d", r"\ude00"]), ("a\u{1F600}".to_owned(), 0));
    assert_eq!(read(&[r"a\ud83d", "b"]), ("a\u{FFFD}b".to_owned(), 1));
    assert_eq!(read(&[r"a\ud83d"]), ("a\u{FFFD}".to_owned(), 1));
    assert_eq!(read(&[r"a\ud83db"]), ("a\u{FFFD}b".to_owned(), 1));
}

#[test]
fn half_a_character_in_a_tool_input_is_kept_as_it_came() {
    let tool = r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#;
    let read = |pieces: &[&str]| {
        let mut events = vec![tool.to_owned()];
        let deltas = pieces
            .iter()
            .map(|piece| delta(0, "input_json_delta", "partial_json", piece));
        events.extend(deltas);
        let events: Vec<_> = events.iter().map(String::as_str).collect();
        let message = whole(between(&events));
        assert_eq!(message.repairs().len(), 0);
        message
            .tool_uses()
            .next()
            .unwrap()
            .input
            .as_str()
            .to_owned()
    };
    let alone = r#"{"a":"\ud83d"}"#;
    assert_eq!(read(&[r#"{\"a\":\"\ud83d\"}"#]), alone);
    assert_eq!(read(&[r#"{\"a\":\"\ud83d"#, r#"\"}"#]), alone);
    assert_eq!(read(&[r#"{\"a\":\"\\ud83d\"}"#]), alone);
    let second = r#"{"a":"\ude00 \ud83d\ud83d"}"#;
    assert_eq!(
        read(&[r#"{\"a\":\""#, r"\ude00 \ud83d\ud83d", r#"\"}"#]),
        second
    );
}

#[test]
fn half_a_character_anywhere_else_is_listed_as_in_a_plain_answer() {
    let block = r#"{"type":"text","text":"a\ud83d","citations":[{"type":"char_location","cited_text":"\ude00","document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1}]}"#;
    let message = format!(
        r#"{{"id":"m\ud83d","type":"message","role":"assistant","model":"m","content":[{block},{{"type":"x\ud83d"}}],"container":{{"id":"\ud83d","expires_at":"2026-01-01T00:00:00Z"}},"stop_details":{{"type":"refusal","explanation":"\ud83d","category":null}},"usage":{{"input_tokens":3,"output_tokens":1,"service_tier":"\ud83d"}}}}"#
    );
    let plain: Message = from_slice(message.as_bytes()).unwrap();
    assert_eq!(plain.repairs().len(), 6, "{:?}", plain.repairs());
    let body = format!(
        "data: {{\"type\":\"message_start\",\"message\":{message}}}\n\ndata: {{\"type\":\"message_stop\"}}\n\n"
    );
    let streamed = whole(body);
    assert_eq!(streamed, plain);
    assert_eq!(streamed.repairs(), plain.repairs());
    // What it is sent as is text, and what is unknown is as it came.
    let written = String::from_utf8(to_vec(&streamed)).unwrap();
    assert!(
        written.contains("a\u{FFFD}") && written.contains(r#"{"type":"x\ud83d"}"#),
        "{written}"
    );

    let late = r#"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"type":"refusal","explanation":"\ud83d","category":null}},"usage":{"output_tokens":2}}"#;
    let thinking = r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#;
    let signature = delta(0, "signature_delta", "signature", r"s\ud83d");
    let message = whole(between(&[thinking, &signature, late]));
    let repairs: Vec<_> = message
        .repairs()
        .iter()
        .map(|it| it.path().to_owned())
        .collect();
    assert_eq!(
        repairs,
        ["content[0].signature", "stop_details.explanation"]
    );
}

#[test]
fn each_block_has_a_half_of_a_character_of_its_own() {
    let mut body = sse(&[start(), open(0, &text_block()), open(1, &text_block())]);
    for (index, half) in [
        (0, r"a\ud83d"),
        (1, r"b\ud83c"),
        (0, r"\ude00"),
        (1, r"\udf0d"),
    ] {
        body.push_str("event: content_block_delta\ndata: ");
        body.push_str(&delta(index, "text_delta", "text", half));
        body.push_str("\n\n");
    }
    body.push_str(&sse(&[close(0), close(1), json!({"type": "message_stop"})]));
    let message = whole(body);
    assert_eq!(message.text(), "a\u{1F600}b\u{1F30D}");
    assert_eq!(message.repairs().len(), 0);
}

#[test]
fn a_delta_of_another_shape_is_an_error_and_an_empty_one_is_kept() {
    for delta in [
        json!({"type": "text_delta", "text": 42}),
        json!({"type": "text_delta", "text": {"q": 1}}),
        json!({"type": "thinking_delta", "thinking": ["x"]}),
        json!({"type": "input_json_delta", "partial_json": {"q": 1}}),
        json!({"type": "signature_delta", "signature": 1}),
        json!({"type": "text_delta", "text": "x", "type2": 1, "text": false}),
        json!("text"),
    ] {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let (_, error) = replayed(sse(&[start(), open(0, &text_block()), event]));
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode, "{delta}");
    }
    for delta in [
        json!({"type": "text_delta"}),
        json!({"type": "text_delta", "text": null}),
        Value::Null,
    ] {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let events = [
            start(),
            open(0, &text_block()),
            text(0, "x"),
            event,
            close(0),
            json!({"type": "message_stop"}),
        ];
        let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
        let (_, error) = drain(&mut stream).now_or_never().unwrap();
        assert!(error.is_none(), "{delta}");
        assert_eq!(stream.snapshot().unwrap().text(), "x");
        assert_eq!(stream.unfolded().len(), 1, "{delta}");
    }
}

#[test]
fn a_fallback_that_names_no_model_leaves_the_one_that_is_known() {
    let fallback = json!({"type": "fallback", "from": {"model": "claude-opus-5-5"}});
    let named = |model: &str| {
        let mut named = fallback.clone();
        named["to"] = json!({"model": model});
        named
    };
    for (block, model) in [
        (fallback.clone(), "claude-opus-5-5"),
        (named(""), "claude-opus-5-5"),
        (named("claude-haiku-4-5"), "claude-haiku-4-5"),
    ] {
        let message = whole(sse(&[
            start(),
            open(0, &block),
            close(0),
            json!({"type": "message_stop"}),
        ]));
        assert_eq!(message.model.as_str(), model, "{block}");
    }
}
