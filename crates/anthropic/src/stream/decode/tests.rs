use super::*;
use crate::sse::{Decoder, KEPT_CAPACITY};

/// What the wire says, read both ways.
fn read(data: &str) -> StreamEvent {
    anthropic_types::from_slice(data.as_bytes()).unwrap()
}

fn short(data: &str) -> Option<StreamEvent> {
    let mut scratch = String::new();
    let found = written(data.as_bytes(), &mut scratch)?;
    let text = found.text.unwrap_or(&scratch);
    let (index, kind) = (found.index, found.kind);
    Some(event_of(Piece { index, kind, text }))
}

#[test]
fn the_short_way_gives_what_the_long_way_gives() {
    for data in [
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":17,"delta":{"type":"text_delta","text":""}}"#,
        r#"{"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "a\n\u00e9\ud83d\ude00"}}"#,
        r#"{"type": "content_block_delta", "index": 2, "delta": {"type": "thinking_delta", "thinking": " so"}}"#,
        r#"{"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{\"a\": "}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"thinking_delta","thinking":"so \"so\""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"é\\\/\b\f\r\t\u0000é"}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
    ] {
        assert_eq!(short(data), Some(read(data)), "{data}");
    }
}

#[test]
fn whatever_is_not_just_a_piece_takes_the_long_way() {
    for data in [
        r#"{"index":1,"delta":{"text":"Hi","type":"text_delta"},"type":"content_block_delta"}"#,
        r#"{"type": "content_block_delta", "index":0, "delta": {"type": "text_delta", "text": "Hi"}}"#,
        r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}, "new": 1}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi","new":1}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"},"new":1}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"","estimated_tokens":5}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","thinking":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"x"}}"#,
        r#"{"type":"content_block_delta","index":-1,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}} x"#,
        r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_start","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"},"delta":{}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"half \ud83d"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\ud83d half"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\x"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":null}}"#,
        r#"{"type":"content_block_delta","index":00,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi","new":"1"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi\"}}"#,
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\tb\"}}",
        "[]",
        "",
    ] {
        assert_eq!(short(data), None, "{data}");
    }
}

#[test]
fn a_long_text_is_read_as_a_short_one_is() {
    let delta = |text: &str| {
        format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{text}"}}}}"#
        )
    };
    for blanks in [0, SHORT - 1, SHORT, 2 * SHORT] {
        let blanks = " ".repeat(blanks);
        for text in ["a", "\u{e9}", r"\n", r#"\""#, "~\u{7f}"] {
            let data = delta(&format!("{blanks}{text}"));
            assert_eq!(short(&data), Some(read(&data)), "{data}");
        }
        for text in ["\t", "\0", "\u{1f}", "\"", r"\", r"\x"] {
            let data = delta(&format!("{blanks}{text}"));
            assert_eq!(short(&data), None, "{data}");
        }
        let mut data = delta(&format!("{blanks}#")).into_bytes();
        let place = data.iter().rposition(|byte| *byte == b'#').unwrap();
        data[place] = 0xE9;
        assert!(written(&data, &mut String::new()).is_none(), "{blanks:?}");
    }
}

fn decoded(body: &str) -> String {
    let mut decoder = Decoder::new();
    decoder.push(body.as_bytes());
    let event = decoder.next_raw().unwrap().unwrap();
    if let Some(piece) = piece(&event, &mut String::new()) {
        return format!("piece {}", piece.text);
    }
    match decode(event.into_text().unwrap(), Decoding::Lenient) {
        Ok((Frame::Ping, _)) => "ping".to_owned(),
        Ok((Frame::Error, _)) => "error".to_owned(),
        Ok((Frame::Done, _)) => "done".to_owned(),
        Ok((Frame::Cut, _)) => "cut".to_owned(),
        Ok((Frame::Event(StreamEvent::Unrecognized(unknown)), _)) => {
            format!("unknown {}", unknown.json())
        }
        Ok((Frame::Event(event), _)) => event.type_name().to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

#[test]
fn the_payload_says_the_type_and_the_name_stands_in() {
    for (body, wanted) in [
        ("event: ping\ndata: {}\n\n", "ping"),
        ("event: ping\n\n", "ping"),
        ("data: {\"type\": \"ping\"}\n\n", "ping"),
        (
            "event: x\ndata: {\"type\": \"message_stop\"}\n\n",
            "message_stop",
        ),
        ("event: message_stop\ndata: {}\n\n", "message_stop"),
        ("event: message_stop\n\n", "message_stop"),
        (
            "event: content_block_stop\ndata: { \"index\": 4}\n\n",
            "content_block_stop",
        ),
        ("data: {\"type\":\"error\",\"error\":{}}\n\n", "error"),
        ("event: error\ndata: out of cheese\n\n", "error"),
        (
            "event: weather\ndata: {\"sky\":\"blue\"}\n\n",
            "unknown {\"type\":\"weather\",\"sky\":\"blue\"}",
        ),
        ("data: {\"sky\":\"blue\"}\n\n", "unknown {\"sky\":\"blue\"}"),
        ("data:\n\n", "ping"),
        ("event: ping\ndata: still here\n\n", "ping"),
        ("data: [DONE]\n\n", "done"),
        (
            "event: weather\ndata: \"blue\n\n",
            "unknown {\"type\":\"weather\",\"data\":\"\\\"blue\"}",
        ),
        ("event: message_stop\ndata: nonsense\n\n", "Decode"),
        ("data: {\"type\":\n\n", "Decode"),
    ] {
        assert_eq!(decoded(body), wanted, "{body:?}");
    }
}

#[test]
fn the_place_of_a_text_is_in_data_that_can_be_taken_or_nowhere() {
    let long = "x".repeat(4 * KEPT_CAPACITY);
    let body = format!("data: {long}\n\n");
    for (size, is_loose) in [(1 << 10, true), (body.len(), false)] {
        let mut decoder = Decoder::new();
        for chunk in body.as_bytes().chunks(size) {
            decoder.push(chunk);
        }
        let event = decoder.next_raw().unwrap().unwrap();
        let data = std::str::from_utf8(event.data()).unwrap();
        for part in [0..data.len(), 0..1, 1..4, 2..data.len(), 7..7] {
            let found = place(&event, data.get(part.clone()).unwrap());
            assert_eq!(found, is_loose.then_some(part));
        }
        for elsewhere in ["x", long.as_str()] {
            assert_eq!(place(&event, elsewhere), None);
        }
    }
    assert_eq!(text(b"data".to_vec()), "data");
    assert_eq!(text(b"d\xFFt".to_vec()), "d\u{FFFD}t");
}
