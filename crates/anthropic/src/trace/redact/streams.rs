//! Streams of events, as a whole and line by line, and events by themselves.

use serde_json::{Value, json};

use super::tests::{events, joined};
use super::{Redactor, hidden};

#[track_caller]
fn check(text: &str, shown: &str) {
    let mut redactor = Redactor::default();
    let lines = text.split_inclusive('\n').map(|line| redactor.line(line));
    assert_eq!(lines.collect::<String>(), shown, "{text}, by lines");
    assert_eq!(hidden(text), shown, "{text}, at once");
    assert_eq!(hidden(shown), shown, "{text}, twice");
}

fn delta(index: &Value, piece: &str) -> String {
    let delta = json!({"type": "input_json_delta", "partial_json": piece});
    let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
    format!("data: {event}\n\n")
}

/// The pieces of texts that come in turns.
fn deltas(pieces: &[(Value, &str)]) -> String {
    let deltas = pieces.iter().map(|(index, piece)| delta(index, piece));
    deltas.collect()
}

#[track_caller]
fn check_pieces(pieces: &[(Value, &str)], shown: &[&str]) {
    let indexes = pieces.iter().map(|(index, _)| index.clone());
    let shown: Vec<_> = indexes.zip(shown.iter().copied()).collect();
    let mut redactor = Redactor::default();
    let text = deltas(pieces);
    let lines = text.split_inclusive('\n').map(|line| redactor.line(line));
    assert_eq!(lines.collect::<String>(), deltas(&shown));
    assert_eq!(hidden(&text), deltas(&shown));
}

#[test]
fn blocks_are_read_apart() {
    let (a, b, none) = (json!(0), json!(1), Value::Null);
    check_pieces(
        &[
            (a.clone(), r#"{"secret":""#),
            (b.clone(), r#"see "a": "#),
            (a.clone(), r#"canary","b":nu"#),
            (b.clone(), "https://us"),
            (a.clone(), r#"ll,"token":"#),
            (b.clone(), "er@h/"),
            (a.clone(), "5}"),
        ],
        &[
            r#"{"secret":"[hidden]"#,
            r#"see "a": "#,
            r#"","b":nu"#,
            "https://",
            r#"ll,"token":"#,
            "[hidden]@h/",
            r#""[hidden]"}"#,
        ],
    );
    // Without an index, of one block.
    check_pieces(
        &[(none.clone(), r#"{"secret":""#), (a.clone(), r#"canary"}"#)],
        &[r#"{"secret":"[hidden]"#, r#""}"#],
    );
    // Of several, it may be any.
    check_pieces(
        &[
            (a.clone(), "a"),
            (b, "b"),
            (none, r#"{"secret":""#),
            (a, r#"canary"}"#),
        ],
        &["a", "b", "[hidden]", "[hidden]"],
    );
    // Of very many, those that are known are followed.
    let many: Vec<_> = (0..40).map(|at| (json!(at), "{\"secret\":\"")).collect();
    let ends = (0..40).map(|at| (json!(at), "canary\"}"));
    let text = deltas(&many) + &deltas(&ends.collect::<Vec<_>>());
    assert!(!hidden(&text).contains("canary"), "{}", hidden(&text));
}

#[test]
fn the_kind_of_an_event_is_found_wherever_it_is() {
    let open = r#"{\"secret\":\""#;
    for (first, then) in [
        // Behind the delta, on the same line or another one.
        (
            r#"{"delta":{"partial_json":"P"},"index":0,"type":"content_block_delta"}"#,
            true,
        ),
        (
            r#"{"delta":{"partial_json":"P"},"\u0069ndex":0,"typ\u0065":"content_block_\u0064elta"}"#,
            true,
        ),
        (
            r#"{"type":"content_block_delta","index":0,N"delta":{"partial_json":"P"}}"#,
            true,
        ),
        (
            r#"{"type":"content_block_delta","delta":{"partial_json":"P"},N"index":0}"#,
            false,
        ),
        (
            r#"{"delta":{"partial_json":"P"},N"index":0,"type":"content_block_delta"}"#,
            false,
        ),
        // Of no kind, or of two.
        (r#"{"delta":{"partial_json":"P"},"index":0}"#, true),
        (
            r#"{"type":"x","delta":{"partial_json":"P"},"type":"content_block_delta"}"#,
            false,
        ),
        (
            r#"{"type":"x"}{"delta":{"partial_json":"P"},"type":"content_block_delta"}"#,
            false,
        ),
    ] {
        let event = |piece: &str| {
            let event = first.replace('N', "\ndata: ").replace('P', piece);
            format!("data: {event}\n\n")
        };
        let pieces = [open, r#"canary\",\"a\":\"shown\"}"#];
        let (shown, end) = if then {
            (format!("{open}[hidden]"), r#"\",\"a\":\"shown\"}"#)
        } else {
            ("[hidden]".to_owned(), "[hidden]")
        };
        let text: String = pieces.map(event).concat();
        check(&text, &(event(&shown) + &event(end)));
    }
}

#[test]
fn other_texts_are_by_themselves() {
    for (open, hidden) in [
        (r#"the "password":"#, None),
        ("at http://localhost:3000", None),
        ("at https://example.com/?flag", None),
        (r"C:\temp\", None),
        (r#"{"secret":null"#, None),
        (r#"{"token": ["#, Some(r#"{"token": "[hidden]""#)),
    ] {
        for kind in ["agent.message", "content_block_start", "message_start"] {
            let event = |open: &str| {
                let texts = json!([{"text": open}, {"text": "shown"}]);
                let event = json!({"type": kind, "index": 0, "content": texts});
                format!("data: {event}\n\n")
            };
            let [text, shown] = [open, hidden.unwrap_or(open)].map(event);
            check(&(text.clone() + &text), &(shown.clone() + &shown));
        }
    }
}

#[test]
fn texts_are_those_of_their_ids() {
    // What only looks like the end of a block is none.
    let note = r#"{"type":"x","note":"\"content_block_stop\" \"content_block_start\""}"#;
    let of = |piece: &str| delta(&json!(0), piece);
    check(
        &format!(
            "{}data: {note}\n\n{}",
            of("{\"secret\":\"a"),
            of("canary\"}")
        ),
        &format!(
            "{}data: {note}\n\n{}",
            of("{\"secret\":\"[hidden]"),
            of("\"}")
        ),
    );
    // Those of a session have ids, and are known from their start on.
    let of = |id: &str, text: &str| {
        let delta = json!({"content": {"type": "text", "text": text}, "type": "content_delta"});
        let event = json!({"delta": delta, "event_id": id, "type": "event_delta"});
        format!("data: {event}\n\n")
    };
    let start = |id: &str| {
        let event = json!({"id": id, "type": "agent.message"});
        let event = json!({"event": event, "type": "event_start"});
        format!("data: {event}\n\n")
    };
    let stream = |pieces: [&str; 4]| {
        let [before, open, plain, end] = pieces;
        let starts = start("e1") + &start("e2");
        of("e0", before) + &starts + &of("e1", open) + &of("e2", plain) + &of("e1", end)
    };
    check(
        &stream(["canary\"}", "{\"secret\":\"", "shown", "canary\"}"]),
        &stream(["[hidden]", "{\"secret\":\"[hidden]", "shown", "\"}"]),
    );
}

#[test]
fn what_a_block_begins_with_is_of_its_text() {
    for (kind, key, other) in [("text", "text", "see \"a\""), ("thinking", "thinking", "b")] {
        let start = |index: u64, text: &str| {
            let block = json!({"type": kind, key: text});
            let event =
                json!({"type": "content_block_start", "index": index, "content_block": block});
            format!("data: {event}\n\n")
        };
        let delta = |index: u64, text: &str| {
            let delta = json!({"type": format!("{kind}_delta"), key: text});
            let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
            format!("data: {event}\n\n")
        };
        let stream = |pieces: [&str; 3]| {
            let [begun, canary, end] = pieces;
            let (one, two) = (start(0, begun), start(1, other));
            one + &two + &delta(0, canary) + &delta(1, other) + &delta(0, end)
        };
        check(
            &stream([r#"{"secret":"a"#, r#"canary","b":"#, "5}"]),
            &stream([r#"{"secret":"[hidden]"#, r#"","b":"#, "5}"]),
        );
    }
}

#[test]
fn what_a_text_ends_with_is_shown() {
    for text in [
        r"The folder is C:\temp\",
        "It runs at http://localhost:3000",
        "It runs at http://127.0.0.1:80",
        "It is at https://example.com",
        "Open https://example.com/?limit=",
        "Open https://example.com/?limit=5",
        r#"{"secret":nul"#,
        r#"{"secret":"#,
        r#"{"max_tokens":5"#,
    ] {
        for size in [1, 2, 5, 100] {
            let pieces: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = pieces.chunks(size).map(|it| it.iter().collect()).collect();
            let stream = events("text_delta", "text", &pieces) + "data: {\"a\":1}\n\n";
            assert_eq!(joined(&hidden(&stream), "text"), text, "{size}");
            assert!(size < 100 || hidden(&stream) == stream, "{text}");
        }
    }
    for text in [
        "at https://canary",
        "at https://user:1234",
        "https://h/?canary",
    ] {
        let stream = events("text_delta", "text", &[text.to_owned()]);
        assert!(!hidden(&stream).contains("canary") && !hidden(&stream).contains("1234"));
    }
}

#[test]
fn an_event_has_any_number_of_lines() {
    for (text, shown) in [
        (
            "{\"secret\":\ndata: \"canary\"}",
            "{\"secret\":\ndata: \"[hidden]\"}",
        ),
        (
            "{\"secret\"\ndata\ndata::\ndata:\"canary\"}",
            "{\"secret\"\ndata\ndata::\ndata:\"[hidden]\"}",
        ),
        (
            "{\"secret\":[1,\ndata: \"canary\"\ndata: ],\"a\":1}",
            "{\"secret\":\"[hidden]\",\"a\":1}",
        ),
        (
            "{\"secret\":12\ndata: 34,\"a\":1}",
            "{\"secret\":\"[hidden]\",\"a\":1}",
        ),
        (
            "{\"secret\":\"a\ndata: canary\",\"a\":1}",
            "{\"secret\":\"[hidden]\",\"a\":1}",
        ),
        (
            "{\"secret\":\n: note\nid: 1\nevent: x\nx\ndata: \"canary\"}",
            "{\"secret\":\n: note\nid: 1\nevent: x\nx\ndata: \"[hidden]\"}",
        ),
        // Lines of no event.
        (
            "{}\n\n{\"type\":\"text_delta\",\"text\":\"canary\"}",
            "{}\n\n{\"type\":\"text_delta\",\"text\":\"[hidden]\"}",
        ),
        (
            "{}\n\n{\n\"secret\":\n\"canary\"}\n\ndata: {}",
            "{}\n\n{\n\"secret\":\n\"[hidden]\"}\n\ndata: {}",
        ),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let [text, shown] =
                    [text, shown].map(|it| format!("{mark}data: {it}\n\n").replace('\n', end));
                check(&text, &shown);
            }
        }
    }
    // The lines' ends may come apart.
    let mut redactor = Redactor::default();
    let parts = [
        "data: {\"secret\":\r",
        "\n",
        "data: [\"canary\"\r",
        "\ndata: \"canary\"]}\r",
        "\n",
    ];
    let shown: String = parts.iter().map(|part| redactor.line(part)).collect();
    assert_eq!(shown, "data: {\"secret\":\r\ndata: \"[hidden]\"}\r\n");
}

#[test]
fn of_a_long_line_the_rest_counts() {
    let open = r#"{\"secret\":\""#;
    let end = delta(&json!(0), "canary\"}");
    for (head, rest, is_known) in [
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"partial_json":""#,
            "",
            true,
        ),
        (
            r#"{"delta":{"partial_json":""#,
            r#","type":"content_block_delta""#,
            false,
        ),
    ] {
        let mut redactor = Redactor::default();
        let line = redactor.line(&format!("data: {head}{{\\\"a\\\":"));
        assert_eq!(line.ends_with("[hidden]"), !is_known, "{line}");
        let rest = format!("5,{}\"}}{rest}}}\n", &open[1..]);
        for part in rest.as_bytes().chunks(7) {
            redactor.skip(part);
        }
        let shown: String = ["\n", &*end].map(|line| redactor.line(line)).concat();
        let hidden = if is_known { "\"}" } else { "[hidden]" };
        assert_eq!(shown, "\n".to_owned() + &delta(&json!(0), hidden));
    }
}

#[test]
fn an_event_by_itself_has_no_piece_of_a_text() {
    for (text, shown) in [
        (
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"ry\"}"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"[hidden]"}}"#,
        ),
        (
            r#"{"type":"content_block_delta","delta":{"text":"ry\"}"#,
            r#"{"type":"content_block_delta","delta":{"text":"[hidden]"#,
        ),
        (
            r#"{"partial_json":"ry\"}"}"#,
            r#"{"partial_json":"[hidden]"}"#,
        ),
        (
            r#"{"a":"{\"partial_json\":\"ry\\\"}\"}","b":"{\"partial_json\":null}"}"#,
            r#"{"a":"{\"partial_json\":\"[hidden]\"}","b":"{\"partial_json\":null}"}"#,
        ),
        (
            r#"{"type":"text","text":"shown"}"#,
            r#"{"type":"text","text":"shown"}"#,
        ),
    ] {
        check(text, shown);
    }
}

const ESCAPED: &[(&str, &str)] = &[
    (
        r#"\"secret\"\u003a\"canary\"}"#,
        r#"\"secret\"\u003a\"[hidden]\"}"#,
    ),
    (
        r#"\"secret\"\u0020:\u0020\u0009\u000a\"canary\"}"#,
        r#"\"secret\"\u0020:\u0020\u0009\u000a\"[hidden]\"}"#,
    ),
    (
        r#"\"secret\":\u005b\"canary\"\u005d,\"a\":1}"#,
        r#"\"secret\":\"[hidden]\",\"a\":1}"#,
    ),
    (
        r#"\"secret\":\u007b\"a\":\"canary\"\u007d\u007d"#,
        r#"\"secret\":\"[hidden]\"\u007d"#,
    ),
    (
        r#"\"secret\":\u0035\u002c\"b\":6}"#,
        r#"\"secret\":\"[hidden]\",\"b\":6}"#,
    ),
    (
        r#"\"secret\":\u006eu\u006cl\u002c\"b\":6}"#,
        r#"\"secret\":null\u002c\"b\":6}"#,
    ),
    (
        r#"\"secret\":null\u0063anary,\"b\":6}"#,
        r#"\"secret\":\"[hidden]\",\"b\":6}"#,
    ),
    (
        r#"\"tokens\":\u0035,\"b\":6}"#,
        r#"\"tokens\":\u0035,\"b\":6}"#,
    ),
    (
        r#"\u0022secret\u0022:\u0022can\u005c\u0022ary\u0022,\"b\":6}"#,
        r#"\u0022secret\u0022:\u0022[hidden]\",\"b\":6}"#,
    ),
    (
        r#"\"t\":\"{\u005c\"secret\u005c\":\u005c\"canary\u005c\"}\"}"#,
        r#"\"t\":\"{\u005c\"secret\u005c\":\u005c\"[hidden]\\\"}\"}"#,
    ),
    (
        r#"\"s\u0065cret\b\":\"canary\"}"#,
        r#"\"s\u0065cret\b\":\"[hidden]\"}"#,
    ),
];
const ESCAPED_URLS: &[(&str, &str)] = &[
    (
        r"https:\u002f\u002fuser:canary@h/a",
        r"https:\u002f\u002f[hidden]@h/a",
    ),
    (
        r"https\u003a/\/user:canary@h/a",
        r"https\u003a/\/[hidden]@h/a",
    ),
    (
        r"https://user:canary\u0040h/a\u0020b",
        r"https://[hidden]\u0020b",
    ),
    (
        r"https://h/a\u003ftoken=canary b",
        r"https://h/a\u003ftoken=[hidden] b",
    ),
    (
        r"https://h/a?token\u003dcanary b",
        r"https://h/a?[hidden] b",
    ),
    (
        r"https://h/a#token\u003dcanary b",
        r"https://h/a#[hidden] b",
    ),
    (
        r"https://h/a\u0023token=canary\u000ab",
        r"https://h/a\u0023token=[hidden]\u000ab",
    ),
    (
        r"https://h/a?limit=5\u0026token=canary b",
        r"https://h/a?limit=5[hidden] b",
    ),
    (r"https://h/a?b\u0022, c", r"https://h/a?b\u0022, c"),
    (r"https://u:a\\canary@h/ b", r"https://[hidden]@h/ b"),
    (r"https://h/?a=\\canary b", r"https://h/?a=[hidden] b"),
    (r"\ud83d \udE00 \Ud83d \ud83", r"\ud83d \udE00 \Ud83d \ud83"),
];

#[test]
fn what_is_escaped_by_number_counts() {
    for (text, shown) in ESCAPED.iter().chain(ESCAPED_URLS) {
        let [text, shown] = [text, shown].map(|it| format!(r#"{{"text":"{{{it}","z":"shown"}}"#));
        check(&text, &shown);
    }
}
