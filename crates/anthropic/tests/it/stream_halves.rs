//! Characters that are split between the events of a stream, and those that are not whole.

use anthropic::types::{Message, from_slice, to_vec};
use serde_json::{Value, json};

use crate::stream_gateways::whole;
use crate::stream_repairs::{between, repaired};
use crate::stream_support::{close, open, sse, start, text_block};

/// The data of a delta whose text is written as it stands: `json!` would not take half a character.
pub(crate) fn delta(index: u32, kind: &str, key: &str, text: &str) -> String {
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
fn half_a_character_at_the_start_and_at_the_end_of_any_block_is_told_from_a_whole_one() {
    let started = |block: &str| {
        format!(r#"{{"type":"content_block_start","index":0,"content_block":{block}}}"#)
    };
    let thinking = |text: &str| {
        started(&format!(
            r#"{{"type":"thinking","thinking":"{text}","signature":"s"}}"#
        ))
    };
    let piece = |text: &str| delta(0, "thinking_delta", "thinking", text);
    for (first, last, text, repairs) in [
        (r"a\ud83d", r"\ude00", "a\u{1F600}", 0),
        (r"a\ud83d", "", "a\u{FFFD}", 1),
        ("a", r"b\ud83d", "ab\u{FFFD}", 1),
        ("", r"\ud83db", "\u{FFFD}b", 1),
        ("", r"\udc00\udc00", "\u{FFFD}\u{FFFD}", 1),
    ] {
        let message = whole(between(&[&thinking(first), &piece(last)]));
        let block = message.content[0].as_thinking().unwrap();
        assert_eq!(block.thinking, text);
        assert_eq!(repaired(&message), vec!["content[0].thinking"; repairs]);
    }
    let compaction = started(r#"{"type":"compaction","content":"a\ud83d"}"#);
    let more = delta(0, "compaction_delta", "content", r"\ude00");
    let message = whole(between(&[&compaction, &more]));
    let block = message.content[0].as_compaction().unwrap();
    assert_eq!(block.content.as_deref(), Some("a\u{1F600}"));
    assert!(repaired(&message).is_empty());
    // In a tool's input it is text like any other.
    let tool = started(r#"{"type":"tool_use","id":"t","name":"n","input":{}}"#);
    let cut = delta(0, "input_json_delta", "partial_json", r#"{\"a\":\"\ud83d"#);
    let message = whole(between(&[&tool, &cut]));
    let input = &message.content[0].as_tool_use().unwrap().input;
    assert_eq!(input.invalid().unwrap().text, r#"{"a":"\ud83d"#);
}

#[test]
fn a_character_that_was_sent_as_the_replacement_is_no_repair() {
    for (block, kind, key) in [
        (text_block(), "text_delta", "text"),
        (
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            "thinking_delta",
            "thinking",
        ),
        (
            json!({"type": "tool_use", "id": "t", "name": "f", "input": {}}),
            "input_json_delta",
            "partial_json",
        ),
    ] {
        // With a new field, so that it is read as a whole.
        let mut delta = json!({"type": kind, "new": 1});
        delta[key] = json!("\"a\u{FFFD}\"");
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let events = [
            start(),
            open(0, &block),
            event,
            json!({"type": "message_stop"}),
        ];
        let message = whole(sse(&events));
        assert!(repaired(&message).is_empty(), "{kind}");
    }
}
