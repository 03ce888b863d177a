//! What a streamed message begins and ends with is read by a short way where it has just the usual
//! fields, and must come to the same as by the long one.

use anthropic_types::{
    ContentBlock, Message, MessageDeltaEvent, MessageStopEvent, RepairKind, StreamEvent, Usage,
    from_slice, repairs, to_vec,
};
use serde_json::json;

/// The beginnings of messages, from plain ones to those with something noted.
const STARTS: [&str; 8] = [
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":{"input_tokens":3,"output_tokens":1}}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":null,"stop_sequence":null,"container":null,"usage":{"cache_creation":{"ephemeral_1h_input_tokens":1,"ephemeral_5m_input_tokens":2,"new":3},"cache_creation_input_tokens":4,"cache_read_input_tokens":null,"inference_geo":"eu","input_tokens":3,"output_tokens":1,"service_tier":"standard"}}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"stop_reason":5,"new":true,"usage":{"input_tokens":3,"output_tokens":1,"new":1}}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":null,"usage":{"input_tokens":null,"cache_read_input_tokens":"x"}}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[]}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"usage":7}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":"x","usage":{"input_tokens":3,"output_tokens":1,"server_tool_use":{"web_search_requests":1}}}"#,
    r#"{"id":"m","type":"message","role":"assistant","model":"c","content":[],"container":{"id":"c","expires_at":"2026-01-01T00:00:00Z"},"usage":{"input_tokens":3,"output_tokens":1,"iterations":[],"speed":"fast"}}"#,
];

const ENDS: [&str; 9] = [
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"x"},"usage":{"input_tokens":7,"cache_creation_input_tokens":1,"cache_read_input_tokens":2,"output_tokens":9}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"brand_new"},"usage":{"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":9}}"#,
    r#"{"type":"message_delta","delta":{},"usage":{"output_tokens":null}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":5,"new":[1]},"usage":{"output_tokens":"9","new":2},"new":{}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":[]}"#,
    r#"{"type":"message_delta","delta":null,"usage":{"output_tokens":9,"server_tool_use":{"web_search_requests":2}}}"#,
    r#"{"type":"message_delta","delta":{"stop_reason":"refusal","container":null,"stop_details":{"type":"refusal","category":"cyber"}},"context_management":null,"usage":{"output_tokens":9,"iterations":[]}}"#,
];

/// All that can be seen of a message.
fn shown(message: &Message) -> (String, Vec<String>, Vec<bool>) {
    let keys = ["stop_reason", "stop_sequence", "container", "usage"];
    let counts = ["input_tokens", "output_tokens", "cache_read_input_tokens"];
    let mut nulls: Vec<_> = keys.map(|key| message.extra.was_null(key)).into();
    nulls.extend(counts.map(|key| message.usage.extra.was_null(key)));
    (
        String::from_utf8(to_vec(message)).unwrap(),
        repairs(message).iter().map(ToString::to_string).collect(),
        nulls,
    )
}

#[test]
fn a_copy_is_what_it_is_a_copy_of() {
    for start in STARTS {
        let message: Message = from_slice(start.as_bytes()).unwrap();
        let copied = message.copied().unwrap();
        assert_eq!(copied, message);
        assert_eq!(shown(&copied), shown(&message), "{start}");
    }
    for block in [
        r#"{"type":"text","text":"Hi"}"#,
        r#"{"type":"text","text":null,"citations":null}"#,
        r#"{"type":"text","text":"","new":[1]}"#,
        r#"{"type":"text","text":"","citations":[],"cache_control":{"type":"ephemeral"}}"#,
        r#"{"type":"tool_use","id":"t","name":"n","input":{}}"#,
    ] {
        let block: ContentBlock = from_slice(block.as_bytes()).unwrap();
        let copied = block.copied().unwrap();
        assert_eq!(to_vec(&copied), to_vec(&block));
        assert_eq!(copied, block);
        assert_eq!(repairs(&copied), repairs(&block));
    }
}

#[test]
fn a_usual_update_comes_to_what_any_other_does() {
    for start in STARTS {
        for end in ENDS {
            let event: MessageDeltaEvent = from_slice(end.as_bytes()).unwrap();
            // A field that nobody knows takes the event the long way.
            let mut other = event.clone();
            other.extra.set("unusual", &true).unwrap();
            let mut updated: Message = from_slice(start.as_bytes()).unwrap();
            let mut wanted = updated.clone();
            updated.update(&event).unwrap();
            wanted.update(&other).unwrap();
            assert!(wanted.extra.remove("unusual").is_some());
            assert_eq!(shown(&updated), shown(&wanted), "{start} {end}");
            assert_eq!(updated, wanted);
        }
    }
}

/// A message that has been updated by an event.
fn updated(start: &str, end: &str) -> Message {
    let mut message: Message = from_slice(start.as_bytes()).unwrap();
    let event: MessageDeltaEvent = from_slice(end.as_bytes()).unwrap();
    message.update(&event).unwrap();
    message
}

#[test]
fn an_update_changes_nothing_but_how_a_message_ended() {
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","id":"x","model":"x","role":"x","type":"x","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":99}},"usage":{"output_tokens":9},"id":"y","model":"y","content":[],"delta_2":1}"#;
    let message = updated(STARTS[6], end);
    let expected = json!({"type": "message", "role": "assistant", "id": "m", "model": "c",
        "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
        "stop_sequence": "x", "delta_2": 1,
        "usage": {"input_tokens": 3, "output_tokens": 9,
            "server_tool_use": {"web_search_requests": 1}}});
    let shown: serde_json::Value = serde_json::from_slice(&to_vec(&message)).unwrap();
    assert_eq!(shown, expected);
}

#[test]
fn a_null_of_a_new_field_takes_nothing_away() {
    let end = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","new":null,"newer":null},"usage":{"output_tokens":9}}"#;
    let message = updated(STARTS[2], end);
    assert_eq!(message.extra.decode::<bool>("new"), Some(true));
    assert!(message.extra.get("newer").unwrap().is_null());
}

#[test]
fn what_an_update_gives_is_null_no_longer_and_what_it_does_not_give_still_is() {
    // With an unknown field, what is noted is kept in another way.
    for new in ["", r#""new":1,"#] {
        let start = format!(
            r#"{{"id":"m","type":"message","role":"assistant","model":"c","content":[],{new}"stop_reason":null,"stop_sequence":null,"container":null,"usage":{{"input_tokens":3,"output_tokens":1}}}}"#
        );
        let message = updated(&start, ENDS[0]);
        let was_null = |key| message.extra.was_null(key);
        assert!(!was_null("stop_reason"), "{start}");
        assert!(
            was_null("stop_sequence") && was_null("container"),
            "{start}"
        );
    }
}

#[test]
fn a_count_that_the_update_lacks_is_listed() {
    for (usage, kind) in [
        ("{}", RepairKind::Missing),
        (r#"{"output_tokens":null}"#, RepairKind::Null),
    ] {
        let end = format!(
            r#"{{"type":"message_delta","delta":{{"stop_reason":"end_turn"}},"usage":{usage}}}"#
        );
        let message = updated(STARTS[0], &end);
        let [repair] = message.repairs().try_into().unwrap();
        assert_eq!(
            (repair.path(), repair.kind()),
            ("usage.output_tokens", kind)
        );
    }
    assert!(updated(STARTS[0], ENDS[0]).repairs().is_empty());
}

#[test]
fn an_event_carries_text_or_thinking_of_a_block() {
    let event = |json: serde_json::Value| -> StreamEvent {
        from_slice(json.to_string().as_bytes()).unwrap()
    };
    let start = |block: serde_json::Value| {
        event(json!({"type": "content_block_start", "index": 1, "content_block": block}))
    };
    let delta = |delta: serde_json::Value| {
        event(json!({"type": "content_block_delta", "index": 2, "delta": delta}))
    };
    let thinking = |text: &str| json!({"type": "thinking", "thinking": text, "signature": ""});
    for (event, text, thinking, index) in [
        (start(thinking("hm")), None, Some("hm"), Some(1)),
        (start(thinking("")), None, None, Some(1)),
        (
            start(json!({"type": "text", "text": "Hi"})),
            Some("Hi"),
            None,
            Some(1),
        ),
        (
            start(json!({"type": "text", "text": ""})),
            None,
            None,
            Some(1),
        ),
        (
            delta(json!({"type": "thinking_delta", "thinking": "so"})),
            None,
            Some("so"),
            Some(2),
        ),
        (
            delta(json!({"type": "text_delta", "text": "Hi"})),
            Some("Hi"),
            None,
            Some(2),
        ),
        (
            event(json!({"type": "content_block_stop", "index": 3})),
            None,
            None,
            Some(3),
        ),
        (event(json!({"type": "message_stop"})), None, None, None),
    ] {
        assert_eq!(event.text(), text, "{event:?}");
        assert_eq!(event.thinking(), thinking, "{event:?}");
        assert_eq!(event.index(), index, "{event:?}");
    }
}

/// A call of each kind that starts with an empty input, and the same with this one.
fn calls(input: &serde_json::Value) -> [(ContentBlock, ContentBlock); 3] {
    ["tool_use", "server_tool_use", "mcp_tool_use"].map(|kind| {
        let call = |input: &serde_json::Value| {
            let call = json!({
                "type": kind, "id": "t", "name": "n", "server_name": "s", "input": input,
            });
            from_slice(call.to_string().as_bytes()).unwrap()
        };
        (call(&json!({})), call(input))
    })
}

/// What is written of a block of a response.
fn came(block: &ContentBlock) -> Vec<u8> {
    to_vec(&Message::new("m", [block.clone()], "c", Usage::new(1, 1)))
}

#[test]
fn an_input_that_adds_up_to_nothing_is_noted_as_in_a_document() {
    for input in [json!(null), json!("")] {
        for (mut block, whole) in calls(&input) {
            assert!(block.note_no_input(&input.to_string()));
            assert_eq!(repairs(&block).len(), 1, "{block:?}");
            assert_eq!(repairs(&block), repairs(&whole));
            assert_eq!(came(&block), came(&whole));
            if let (Some(block), Some(whole)) = (block.as_tool_use(), whole.as_tool_use()) {
                assert_eq!(block.extra.was_null("input"), input.is_null());
                assert_eq!(block, whole);
            }
        }
    }
    for (mut block, whole) in calls(&json!({})) {
        assert!(!block.note_no_input("{}"));
        assert!(repairs(&block).is_empty());
        assert_eq!(block, whole);
    }
    let mut text = ContentBlock::from("a");
    assert!(!text.note_no_input("null"));
    assert!(repairs(&text).is_empty());
}

#[test]
fn half_a_pair_in_a_delta_is_noted_of_the_field_that_grows() {
    let blocks = calls(&json!({})).map(|(block, _)| (block, "input"));
    let others = [
        (json!({"type": "text", "text": "a"}), "text"),
        (
            json!({"type": "thinking", "thinking": "a", "signature": ""}),
            "thinking",
        ),
        (json!({"type": "compaction", "content": "a"}), "content"),
    ];
    let others = others.map(|(json, key)| {
        let block: ContentBlock = from_slice(json.to_string().as_bytes()).unwrap();
        (block, key)
    });
    for (mut block, key) in blocks.into_iter().chain(others) {
        block.note_lone_surrogate(key);
        let [repair] = repairs(&block).try_into().unwrap();
        assert_eq!(
            (repair.path(), repair.kind()),
            (key, RepairKind::LoneSurrogate)
        );
    }
}

/// Whether a message that has been updated has all of the update.
fn has_all(start: &str, end: &str) -> bool {
    let mut message: Message = from_slice(start.as_bytes()).unwrap();
    let event: MessageDeltaEvent = from_slice(end.as_bytes()).unwrap();
    message.update(&event).unwrap()
}

fn update(delta: &str, beside: &str) -> String {
    format!(
        r#"{{"type":"message_delta","delta":{{{delta}}},"usage":{{"output_tokens":9}}{beside}}}"#
    )
}

#[test]
fn an_update_returns_whether_something_of_it_is_left() {
    for start in STARTS {
        for end in ENDS {
            // One of them has a field twice, with two values.
            let is_once = !end.contains(r#""new":{}"#);
            assert_eq!(has_all(start, end), is_once, "{start} {end}");
        }
    }
    for (delta, beside, has_it) in [
        (r#""new":1"#, r#","newer":2"#, true),
        (
            r#""id":"m","model":"c","type":"message","role":"assistant""#,
            r#","content":[]"#,
            true,
        ),
        (r#""id":"x""#, "", false),
        ("", r#","id":"x""#, false),
        ("", r#","model":"x""#, false),
        ("", r#","role":"user""#, false),
        (r#""type":"x""#, "", false),
        (r#""content":[1]"#, "", false),
        (r#""content":"x""#, "", false),
        (r#""content":[ ]"#, r#","content":" ""#, false),
        (r#""usage":{"output_tokens":9}"#, "", true),
        (r#""usage":{"output_tokens":8}"#, "", false),
        (r#""usage":{"cache_read_input_tokens":0}"#, "", false),
    ] {
        let end = update(delta, beside);
        assert_eq!(has_all(STARTS[0], &end), has_it, "{end}");
    }
}

#[test]
fn of_two_values_the_one_in_its_place_counts_and_the_other_is_left() {
    for (delta, beside, has_it) in [
        (
            r#""stop_reason":"end_turn""#,
            r#","stop_reason":"refusal""#,
            false,
        ),
        (
            r#""stop_reason":"end_turn""#,
            r#","stop_reason":"end_turn""#,
            true,
        ),
        (
            r#""stop_reason":null"#,
            r#","stop_reason":"end_turn""#,
            true,
        ),
        (r#""stop_reason":5"#, r#","stop_reason":"end_turn""#, false),
        (r#""new":1"#, r#","new":2"#, false),
        (r#""new":1"#, r#","new":1"#, true),
        (r#""new":null"#, r#","new":2"#, true),
        (r#""stop_sequence":"x""#, r#","stop_sequence":"y""#, false),
        (
            r#""container":{"id":"c","expires_at":"2026-01-01T00:00:00Z"}"#,
            r#","container":5"#,
            false,
        ),
        (
            r#""stop_details":{"type":"refusal"}"#,
            r#","stop_details":5"#,
            false,
        ),
        // But for what belongs there.
        (
            r#""input_transformations":[5]"#,
            r#","input_transformations":[]"#,
            false,
        ),
        (r#""context_management":{"applied_edits":[]}"#, "", true),
    ] {
        let end = update(delta, beside);
        assert_eq!(has_all(STARTS[0], &end), has_it, "{end}");
    }
    let end = update(
        r#""context_management":5"#,
        r#","context_management":{"applied_edits":[]}"#,
    );
    assert!(!has_all(STARTS[0], &end));
    assert!(updated(STARTS[0], &end).context_management.is_some());
}

#[test]
fn the_last_event_gives_what_there_is_not_yet() {
    let ended = |start: &str, has_usage: bool, fields: &str| {
        let mut message: Message = from_slice(start.as_bytes()).unwrap();
        let event = format!(r#"{{"type":"message_stop"{fields}}}"#);
        let event: MessageStopEvent = from_slice(event.as_bytes()).unwrap();
        let has_all = message.end(&event, has_usage).unwrap();
        (message, has_all)
    };
    let plain = ended(STARTS[0], false, "").0;
    for (fields, key) in [
        (r#","new":[1]"#, "new"),
        (r#","stop_reason":"end_turn""#, "stop_reason"),
        (r#","stop_sequence":"x""#, "stop_sequence"),
        (
            r#","stop_details":{"type":"refusal","category":null,"explanation":null}"#,
            "stop_details",
        ),
        (
            r#","container":{"id":"c","expires_at":"2026-01-01T00:00:00Z"}"#,
            "container",
        ),
        (r#","diagnostics":{}"#, "diagnostics"),
        (
            r#","context_management":{"applied_edits":[]}"#,
            "context_management",
        ),
        (r#","input_transformations":[]"#, "input_transformations"),
    ] {
        let (message, has_all) = ended(STARTS[0], true, fields);
        assert!(has_all, "{fields}");
        assert_ne!(message, plain, "{fields}");
        let mut wanted = serde_json::to_value(&plain).unwrap();
        let event: serde_json::Value =
            serde_json::from_str(&format!("{{{}}}", &fields[1..])).unwrap();
        wanted[key] = event[key].clone();
        let wanted: Message = serde_json::from_value(wanted).unwrap();
        assert_eq!(message, wanted, "{fields}");
        // Another value is there already.
        let written = String::from_utf8(to_vec(&message)).unwrap();
        let other = format!(r#","{key}":["other"]"#);
        let (again, has_all) = ended(&written, true, &other);
        assert!(!has_all, "{fields}");
        assert_eq!(again, message);
    }
    let (message, has_all) = ended(STARTS[0], false, r#","usage":{"output_tokens":7,"new":1}"#);
    assert!(has_all);
    assert_eq!(
        (message.usage.input_tokens, message.usage.output_tokens),
        (3, 7)
    );
    assert_eq!(message.usage.extra.decode("new"), Some(1));
    let (message, has_all) = ended(STARTS[0], true, r#","usage":{"output_tokens":7},"new":1"#);
    assert!(!has_all);
    assert_eq!(message.usage.output_tokens, 1);
    assert_eq!(message.extra.decode("new"), Some(1));
    // A whole usage takes the place of one that is missing.
    let counts = r#","usage":{"input_tokens":2,"output_tokens":7}"#;
    let (message, _) = ended(STARTS[4], false, counts);
    assert!(message.repairs().is_empty());
    let (message, _) = ended(STARTS[4], false, r#","usage":{"output_tokens":7}"#);
    assert_eq!(message.repairs().len(), 1);
}

#[test]
fn a_message_that_starts_again_keeps_what_it_has() {
    for start in STARTS {
        let message: Message = from_slice(start.as_bytes()).unwrap();
        let mut again = message.clone();
        assert!(again.start_again(&message).unwrap(), "{start}");
        assert_eq!(shown(&again), shown(&message), "{start}");
    }
    let read = |start: &str| from_slice::<Message>(start.as_bytes()).unwrap();
    let mut message = read(STARTS[6]);
    let plain = read(STARTS[0]);
    assert!(message.start_again(&plain).unwrap());
    assert_eq!(message, read(STARTS[6]));
    for other in [
        r#"[{"type":"text","text":"Ho"}]"#,
        r#"[{"type":"text","text":"Hi"},{"type":"text","text":""}]"#,
        r#""Hi""#,
    ] {
        let other = read(&STARTS[0].replace("[]", other));
        let before = message.clone();
        assert!(!message.start_again(&other).unwrap(), "{other:?}");
        assert_eq!(message, before);
    }
    let mut message = plain;
    assert!(message.start_again(&read(STARTS[6])).unwrap());
    assert_eq!(message.text(), "Hi");
}
