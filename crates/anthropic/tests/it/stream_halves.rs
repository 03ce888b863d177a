//! Characters that are split between the events of a stream, and those that are not whole.

use anthropic::stream::MessageAccumulator;
use anthropic::types::{Message, StreamEvent, from_slice, to_vec};
use anthropic::{ErrorKind, MessageStream, StreamLimits};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_gateways::whole;
use crate::stream_repairs::{between, repaired};
use crate::stream_support::{
    EVENT_STREAM, close, drain, end, messages, open, params, replayed, sse, start, text_block,
    then_silence,
};
use crate::support::{Reply, Script, builder, client};

/// The data of a delta whose text is written as it stands: `json!` would not take half a character.
pub(crate) fn delta(index: u32, kind: &str, key: &str, text: &str) -> String {
    format!(
        r#"{{"type":"content_block_delta","index":{index},"delta":{{"type":"{kind}","{key}":"{text}"}}}}"#
    )
}

/// The body of events that are written as they stand.
pub(crate) fn written(events: &[String]) -> String {
    let mut body = String::new();
    for data in events {
        body.extend(["data: ", data, "\n\n"]);
    }
    body
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

/// The texts of the events that are handed out, by way of a stream of its own.
fn pieces(body: &str) -> (String, String) {
    let replay = || MessageStream::replay(std::io::Cursor::new(body.to_owned()));
    let mut stream = replay();
    let (events, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?}");
    let of_events = events.iter().filter_map(StreamEvent::text).collect();
    // Folded once more they are the same message.
    let mut machine = MessageAccumulator::new();
    for event in &events {
        machine.apply(event).unwrap();
    }
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(machine.message(), Some(&message));
    assert_eq!(repaired(machine.message().unwrap()), repaired(&message));
    let mut stream = replay();
    let mut texts = stream.text_stream();
    let mut of_texts = String::new();
    while let Some(piece) = texts.next().now_or_never().unwrap() {
        of_texts += &piece.unwrap();
    }
    assert_eq!(of_texts, of_events);
    (of_events, message.text())
}

#[test]
fn the_pieces_of_a_text_are_the_text() {
    let begun = sse(&[start(), open(0, &text_block())]);
    let data = |texts: &[(u32, &str)]| -> String {
        let deltas = texts
            .iter()
            .map(|(index, text)| delta(*index, "text_delta", "text", text));
        let deltas: Vec<_> = deltas.collect();
        written(&deltas)
    };
    let [update, stop] = end().map(|event| sse(&[event]));
    for (deltas, text) in [
        (&[(0, r"a\ud83d")][..], "a\u{FFFD}"),
        (&[(0, r"\ud83d")], "\u{FFFD}"),
        (&[(0, r"a\ud83d"), (0, "")], "a\u{FFFD}"),
        (&[(0, r"a\ud83d"), (0, r"\ude00")], "a\u{1F600}"),
        (&[(0, r"a\ud83d"), (0, r"\ud83d")], "a\u{FFFD}\u{FFFD}"),
        (
            &[(0, r"a\ud83d"), (1, r"b\ud83d"), (1, r"\ude00c")],
            "ab\u{1F600}c\u{FFFD}",
        ),
        (&[(1, r"a\ud83d"), (0, r"b\ud83d")], ""),
    ] {
        let deltas = data(deltas);
        let mut ends = vec![
            // The block's end, the message's, and that of the events.
            format!("{}{update}{stop}", sse(&[close(0)])),
            format!("{update}{stop}"),
        ];
        if deltas.contains(r#""index":1"#) {
            ends.remove(0);
        }
        for end in ends {
            let (pieces, whole) = pieces(&format!("{begun}{deltas}{end}"));
            // Those of several blocks come in another order.
            if text.is_empty() || deltas.contains(r#""index":1"#) {
                assert_eq!(pieces.len(), whole.len());
                continue;
            }
            assert_eq!(
                (pieces.as_str(), whole.as_str()),
                (text, text),
                "{deltas}{end}"
            );
        }
    }
}

#[tokio::test]
async fn half_a_character_is_handed_out_at_the_end_of_events_that_have_no_other() {
    let mut limits = StreamLimits::default();
    limits.lenient_eof = true;
    let begun = sse(&[start(), open(0, &text_block())]);
    let half = delta(0, "text_delta", "text", r"a\ud83d");
    let [update, _] = end().map(|event| sse(&[event]));
    let body = format!("{begun}data: {half}\n\n{update}");
    for last in ["", "data: [DONE]\n\n"] {
        for strict in [false, true] {
            let body = then(&body, last);
            let script = Script::new([Reply::new(200, &[EVENT_STREAM], body)]);
            let client = builder(&script).stream_limits(limits).strict(strict);
            let client = client.build().unwrap();
            let mut stream = messages(&client).await.unwrap();
            let (events, error) = drain(&mut stream).await;
            let text: String = events.iter().filter_map(StreamEvent::text).collect();
            let kind = error.map(|error| error.kind());
            assert_eq!(kind, strict.then_some(ErrorKind::Decode), "{last:?}");
            if !strict {
                assert_eq!(text, "a\u{FFFD}");
                assert_eq!(stream.final_text().await.unwrap(), text);
            }
        }
    }
}

/// A body that stays open behind what should be the last of it, if there is such.
fn then(body: &str, last: &str) -> anthropic::transport::Body {
    let body = format!("{body}{last}");
    if last.is_empty() {
        body.into()
    } else {
        then_silence(body)
    }
}

#[test]
fn what_a_block_has_no_place_for_takes_no_half_of_its_text() {
    let begun =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let text = |text: &str| delta(0, "text_delta", "text", text);
    let thinking = delta(0, "thinking_delta", "thinking", r"b\ud83d");
    let body = between(&[begun, &text(r"a\ud83d"), &thinking, &text(r"\ude00")]);
    let mut stream = MessageStream::replay(std::io::Cursor::new(body));
    let (_, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?}");
    let [StreamEvent::ContentBlockDelta(astray)] = stream.unfolded() else {
        panic!("{:?}", stream.unfolded());
    };
    let astray = astray.delta.as_thinking_delta().unwrap();
    assert_eq!(astray.thinking, "b\u{FFFD}");
    assert!(astray.extra.is_repaired());
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    assert_eq!(message.text(), "a\u{1F600}");
    assert!(repaired(&message).is_empty());
    // A block of an unknown type has no text, and no half of one waits for more.
    let unknown = r#"{"type":"content_block_start","index":0,"content_block":{"type":"hologram"}}"#;
    let body = between(&[unknown, &text(r"a\ud83d"), &text(r"\ude00")]);
    let mut stream = MessageStream::replay(std::io::Cursor::new(body));
    let (_, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?}");
    let texts: Vec<_> = stream
        .unfolded()
        .iter()
        .filter_map(StreamEvent::text)
        .collect();
    assert_eq!(texts, ["a\u{FFFD}", "\u{FFFD}"]);
}

/// What deltas may make longer: how the block starts, and the type and key of its deltas.
const GROWING: [(&str, &str, &str); 4] = [
    (r#"{"type":"text","text":""}"#, "text_delta", "text"),
    (
        r#"{"type":"thinking","thinking":"","signature":""}"#,
        "thinking_delta",
        "thinking",
    ),
    (
        r#"{"type":"tool_use","id":"t","name":"f","input":{}}"#,
        "input_json_delta",
        "partial_json",
    ),
    (
        r#"{"type":"compaction","content":""}"#,
        "compaction_delta",
        "content",
    ),
];

/// Streams in which characters are split, and whether each is whole at the end.
fn split() -> Vec<(String, &'static str, bool)> {
    let mut found = Vec::new();
    for (block, kind, key) in GROWING {
        let open = format!(r#"{{"type":"content_block_start","index":0,"content_block":{block}}}"#);
        for (deltas, is_whole) in [
            (&[r#"{\"a\":\"\ud83d"#, r#"\ude00\"}"#][..], true),
            (&[r#"{\"a\":\"\ud83d"#, "", r#"\ude00\"}"#], true),
            (&[r#"{\"a\":\"\ud83d"#, r#"\"}"#], false),
            (&[r#"{\"a\":\"\ude00\"}"#], false),
            (&[r#"{\"a\":\"\ud83d"#], false),
        ] {
            let mut events = vec![open.clone()];
            let pieces = deltas.iter().map(|piece| delta(0, kind, key, piece));
            events.extend(pieces);
            let events: Vec<_> = events.iter().map(String::as_str).collect();
            // In JSON half a character is an escape, and nothing is replaced.
            found.push((between(&events), key, is_whole || key == "partial_json"));
        }
    }
    found
}

#[tokio::test]
async fn a_strict_client_refuses_what_is_among_the_repairs_and_nothing_else() {
    for (body, _, is_whole) in split() {
        let message = whole(body.clone());
        assert_eq!(message.repairs().is_empty(), is_whole, "{body}");
        let reply = || Reply::new(200, &[EVENT_STREAM], body.clone());
        let script = Script::new([0, 1].map(|_| reply()));
        let client = builder(&script).strict(true).max_retries(0);
        let client = client.build().unwrap();
        let streamed = messages(&client).await.unwrap().final_message().await;
        let kind = streamed.as_ref().err().map(anthropic::Error::kind);
        assert_eq!(kind, (!is_whole).then_some(ErrorKind::Decode), "{body}");
        if let Ok(streamed) = streamed {
            assert_eq!(streamed, message);
        }
        let mut events = client.messages().stream(params()).events().await.unwrap();
        let mut failed = false;
        while let Some(event) = events.next().await {
            failed |= event.is_err();
        }
        assert_eq!(failed, !is_whole, "{body}");
    }
}

#[tokio::test]
async fn events_alone_are_as_whole_as_those_of_a_message() {
    for (body, key, _) in split() {
        let (streamed, error) = replayed(body.clone());
        assert!(error.is_none(), "{body}: {error:?}");
        let script = Script::new([Reply::new(200, &[EVENT_STREAM], body.clone())]);
        let request = client(&script).messages().stream(params()).events();
        let mut events = request.await.unwrap();
        let mut alone = Vec::new();
        while let Some(event) = events.try_next().await.unwrap() {
            alone.push(event);
        }
        assert_eq!(alone, streamed, "{key} {body}");
        let repairs = |events: &[StreamEvent]| -> Vec<_> {
            events.iter().flat_map(anthropic::types::repairs).collect()
        };
        assert_eq!(repairs(&alone), repairs(&streamed), "{body}");
    }
}
