//! What gateways bend: read, listed, and written back as it came.

use anthropic_types::{
    AssistantMessage, ComputerLeftClickDragInput, ContentBlock, Decode, Decoding, Encode, Json,
    Message, MessageBatchResult, MessageCreateParams, MessageParam, Model, ModelInfo, RepairKind,
    StopReason, TextBlock, ToolUseBlock, Usage, from_slice, from_slice_with, repairs, to_vec,
    try_to_vec,
};
use serde_json::{Value, json};

/// Reads a value, which must not work strictly, and lists its repairs.
fn read<T: Decode + Encode>(json: &str) -> (T, Vec<(String, RepairKind)>) {
    let strict = from_slice_with::<T>(json.as_bytes(), Decoding::Strict);
    assert!(strict.is_err(), "{json}");
    let value: T = from_slice(json.as_bytes()).unwrap();
    let found = repairs(&value);
    let found = found
        .iter()
        .map(|repair| (repair.path().to_owned(), repair.kind()));
    let found = found.collect();
    (value, found)
}

fn message(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    let mut message = json!({
        "type": "message", "id": "msg_1", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 7},
    });
    change(message.as_object_mut().unwrap());
    message.to_string()
}

/// Reads a changed message and makes sure that it is written as it came.
fn repaired(
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
) -> (Message, Vec<(String, RepairKind)>) {
    let json = message(change);
    let (decoded, found) = read::<Message>(&json);
    let back: Value = serde_json::from_slice(&to_vec(&decoded)).unwrap();
    assert_eq!(back, serde_json::from_str::<Value>(&json).unwrap());
    (decoded, found)
}

fn one(path: &str, kind: RepairKind) -> Vec<(String, RepairKind)> {
    vec![(path.to_owned(), kind)]
}

#[test]
fn required_fields_may_be_missing_or_null() {
    let (decoded, found) = repaired(|message| drop(message.insert("content".into(), Value::Null)));
    assert_eq!(found, one("content", RepairKind::Null));
    assert!(decoded.content.is_empty() && decoded.extra.was_null("content"));

    let (decoded, found) = repaired(|message| drop(message.remove("content")));
    assert_eq!(found, one("content", RepairKind::Missing));
    assert!(decoded.content.is_empty());

    let (decoded, found) = repaired(|message| drop(message.remove("usage")));
    assert_eq!(found, one("usage", RepairKind::Missing));
    assert_eq!(
        (decoded.usage.input_tokens, decoded.text()),
        (0, "fine".into())
    );

    let (decoded, found) = repaired(|message| drop(message.insert("usage".into(), Value::Null)));
    assert_eq!(found, one("usage", RepairKind::Null));
    assert_eq!(decoded.usage, Usage::new(0, 0));

    let (_, found) = repaired(|message| drop(message.insert("usage".into(), json!({}))));
    let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["usage.input_tokens", "usage.output_tokens"]);
}

#[test]
fn fractions_are_rounded_and_other_types_cost_the_field() {
    let (decoded, found) = repaired(|message| message["usage"]["input_tokens"] = json!(83677.86));
    assert_eq!(found, one("usage.input_tokens", RepairKind::Rounded));
    assert_eq!(decoded.usage.input_tokens, 83_678);
    assert_eq!(
        decoded.usage.extra.get("input_tokens"),
        Some(&Json::parse("83677.86").unwrap())
    );

    for wrong in [json!("5"), json!(-3), json!([1]), json!(1e300)] {
        let (decoded, found) = repaired(|message| message["usage"]["input_tokens"] = wrong.clone());
        assert_eq!(found, one("usage.input_tokens", RepairKind::Mistyped));
        assert_eq!(decoded.usage.input_tokens, 0);
        assert_eq!(
            decoded.usage.extra.get("input_tokens"),
            Some(&Json::from(wrong))
        );
    }

    let (decoded, found) = repaired(|message| drop(message.insert("stop_reason".into(), json!(5))));
    assert_eq!(found, one("stop_reason", RepairKind::Mistyped));
    assert_eq!(decoded.stop_reason, None);
    let (decoded, _) = repaired(|message| drop(message.insert("id".into(), json!({"a": 1}))));
    assert_eq!((decoded.id.as_str(), decoded.text()), ("", "fine".into()));
}

#[test]
fn a_field_that_is_set_after_its_repair_is_written() {
    let (mut decoded, _) = repaired(|message| {
        message["usage"]["input_tokens"] = json!(1.5);
        message["usage"]["output_tokens"] = json!("x");
        message.remove("id");
    });
    decoded.usage.input_tokens = 9;
    decoded.usage.output_tokens = 8;
    decoded.id = "mine".into();
    let back: Value = serde_json::from_slice(&to_vec(&decoded)).unwrap();
    assert_eq!(
        back["usage"],
        json!({"input_tokens": 9, "output_tokens": 8})
    );
    assert_eq!(back["id"], "mine");
}

#[test]
fn a_list_that_was_rounded_is_written_as_it_came_unless_it_changed() {
    let came = r#"{"action":"left_click_drag","coordinate":[1.5, 2,9007199254740993],"start_coordinate":[3,4]}"#;
    let typed = || from_slice::<ComputerLeftClickDragInput>(came.as_bytes()).unwrap();
    let coordinate = |input: &ComputerLeftClickDragInput| {
        let written: Value = serde_json::from_slice(&to_vec(input)).unwrap();
        written["coordinate"].to_string()
    };
    let mut input = typed();
    assert_eq!(input.coordinate, [2, 2, 9_007_199_254_740_993]);
    assert_eq!(coordinate(&input), "[1.5,2,9007199254740993]");
    input.coordinate[1] = 9;
    assert_eq!(coordinate(&input), "[2,9,9007199254740993]");
    // The same as a float.
    let mut input = typed();
    input.coordinate[2] -= 1;
    assert_eq!(coordinate(&input), "[2,2,9007199254740992]");
    let mut input = typed();
    input.coordinate.pop();
    assert_eq!(coordinate(&input), "[2,2]");
}

#[test]
fn answers_of_older_versions_are_read() {
    let usage = json!({"input_tokens": 1, "output_tokens": 2, "server_tool_use": {"web_search_requests": 1}});
    let (decoded, found) = repaired(|message| drop(message.insert("usage".into(), usage)));
    assert_eq!(
        found,
        one(
            "usage.server_tool_use.web_fetch_requests",
            RepairKind::Missing
        )
    );
    assert_eq!(
        decoded.usage.server_tool_use.unwrap().web_search_requests,
        1
    );

    let old = r#"{"type":"model","id":"claude-2.1","display_name":"Claude 2.1","created_at":"2023-11-21T00:00:00Z"}"#;
    let (model, found) = read::<ModelInfo>(old);
    assert_eq!(model.display_name, "Claude 2.1");
    assert!(found.iter().all(|(_, kind)| *kind == RepairKind::Missing) && !found.is_empty());

    let row = format!(
        r#"{{"type":"succeeded","message":{}}}"#,
        message(|message| {
            message["usage"]["server_tool_use"] = json!({"web_search_requests": 1});
        })
    );
    let (row, _) = read::<MessageBatchResult>(&row);
    assert_eq!(row.as_succeeded().unwrap().message.text(), "fine");
}

#[test]
fn blocks_that_lack_fields_stay_what_they_are() {
    let (block, found) = read::<ContentBlock>(r#"{"type":"thinking","thinking":"hm"}"#);
    assert_eq!(block.as_thinking().unwrap().thinking, "hm");
    assert_eq!(found, one("signature", RepairKind::Missing));
    let (block, _) =
        read::<ContentBlock>(r#"{"type":"thinking","thinking":"hm","signature":null}"#);
    assert_eq!(block.as_thinking().unwrap().signature, "");

    for (input, kind) in [
        ("", RepairKind::Missing),
        (r#","input":null"#, RepairKind::Null),
    ] {
        for name in ["tool_use", "server_tool_use"] {
            let json = format!(r#"{{"type":"{name}","id":"t","name":"n"{input}}}"#);
            let (block, found) = read::<ContentBlock>(&json);
            assert_eq!(found, one("input", kind));
            let input = match &block {
                ContentBlock::ToolUse(block) => &block.input,
                ContentBlock::ServerToolUse(block) => &block.input,
                other => panic!("{other:?}"),
            };
            assert_eq!(input.as_str(), "{}");
            // What is sent must have one, which is an object.
            let sent: Value = serde_json::from_slice(&to_vec(&block)).unwrap();
            assert_eq!(sent["input"], json!({}));
        }
    }
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character() {
    let json = r#"{"type":"text","text":"a\ud83d b\ude00\ud83d\ude00"}"#;
    let (block, found) = read::<TextBlock>(json);
    assert_eq!(block.text, "a\u{FFFD} b\u{FFFD}\u{1F600}");
    assert_eq!(found, one("text", RepairKind::LoneSurrogate));
    assert_eq!(
        to_vec(&block),
        format!(r#"{{"type":"text","text":"{}"}}"#, block.text).as_bytes()
    );

    let json = message(|message| {
        message.insert("stop_reason".into(), json!("HALF"));
    });
    let (decoded, found) = read::<Message>(
        &json
            .replace("HALF", "\\udc00")
            .replace("\"id\"", "\"x\\ud800\":1,\"id\""),
    );
    assert_eq!(
        decoded.stop_reason,
        Some(StopReason::Unrecognized("\u{FFFD}".into()))
    );
    assert_eq!(found, one("stop_reason", RepairKind::LoneSurrogate));
    assert!(decoded.extra.get("x\u{FFFD}").is_some());
}

#[test]
fn null_is_told_from_absence_and_kept() {
    let json = message(|message| {
        message.insert("stop_sequence".into(), Value::Null);
        message.insert("new".into(), Value::Null);
        message["content"][0]["citations"] = Value::Null;
        let tool = json!({"type": "tool_use", "id": "t", "name": "n", "input": {}, "caller": null});
        message["content"].as_array_mut().unwrap().push(tool);
    });
    let decoded: Message = from_slice_with(json.as_bytes(), Decoding::Strict).unwrap();
    let back: Value = serde_json::from_slice(&to_vec(&decoded)).unwrap();
    assert_eq!(back, serde_json::from_str::<Value>(&json).unwrap());
    assert!(decoded.extra.was_null("stop_sequence") && !decoded.extra.was_null("stop_reason"));
    assert!(!decoded.extra.was_null("new") && decoded.extra.get("new").unwrap().is_null());

    // Equality ignores it.
    let without = message(|message| {
        message.insert("new".into(), Value::Null);
        let tool = json!({"type": "tool_use", "id": "t", "name": "n", "input": {}});
        message["content"].as_array_mut().unwrap().push(tool);
    });
    assert_eq!(decoded, from_slice::<Message>(without.as_bytes()).unwrap());

    // Requests may have `null` for citations, and not for the caller.
    let sent: Value = serde_json::from_slice(&to_vec(&MessageParam::from(decoded))).unwrap();
    assert_eq!(
        sent["content"][0],
        json!({"type": "text", "text": "fine", "citations": null})
    );
    assert_eq!(
        sent["content"][1],
        json!({"type": "tool_use", "id": "t", "name": "n", "input": {}})
    );
}

#[test]
fn what_was_null_and_is_set_has_its_value() {
    let json = message(|message| drop(message.insert("stop_sequence".into(), Value::Null)));
    let mut decoded: Message = from_slice(json.as_bytes()).unwrap();
    decoded.stop_sequence = Some("END".into());
    let back: Value = serde_json::from_slice(&to_vec(&decoded)).unwrap();
    assert_eq!(back["stop_sequence"], "END");
}

#[test]
fn an_extra_field_replaces_a_known_one_at_any_depth() {
    let mut params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 16).user("hi");
    params.extra.set("max_tokens", &64).unwrap();
    params.extra.set("system", &"new").unwrap();
    let MessageParam::User(user) = &mut params.messages[0] else {
        panic!("{params:?}")
    };
    user.extra.set("role", &"developer").unwrap();
    let text = String::from_utf8(to_vec(&params)).unwrap();
    assert_eq!(text.matches("max_tokens").count(), 1, "{text}");
    assert_eq!(text.matches("role").count(), 1, "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["max_tokens"], 64);
    assert_eq!(
        (&value["system"], &value["messages"][0]["role"]),
        (&json!("new"), &json!("developer"))
    );
}

#[test]
fn numbers_that_are_not_finite_are_refused_by_name() {
    for value in [f64::NAN, f64::INFINITY] {
        let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 16).temperature(value);
        assert_eq!(try_to_vec(&params).unwrap_err().path(), "temperature");
        assert!(
            serde_json::to_string(&params)
                .unwrap_err()
                .to_string()
                .contains("temperature")
        );
    }
    let finite = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 16).temperature(0.5);
    assert_eq!(try_to_vec(&finite).unwrap(), to_vec(&finite));
}

#[test]
fn the_last_of_two_values_counts_in_either_pass() {
    let json = r#"{"type":"text","text":5,"text":"last","citations":"x","citations":null}"#;
    let (block, found) = read::<TextBlock>(json);
    assert_eq!((block.text.as_str(), found.len()), ("last", 0));
    assert!(block.extra.is_empty() && block.extra.was_null("citations"));
    let (block, found) = read::<TextBlock>(r#"{"type":"text","text":"first","text":5}"#);
    assert_eq!((block.text.as_str(), found.len()), ("", 1));
}

#[test]
fn sending_back_a_repaired_turn_keeps_what_came() {
    let json =
        r#"{"role":"assistant","content":[{"type":"thinking","thinking":5,"signature":"s"}]}"#;
    let (turn, _) = read::<AssistantMessage>(json);
    let sent: Value = serde_json::from_slice(&to_vec(&turn)).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(json).unwrap());
    let call = ToolUseBlock::new("t", json!({}), "n");
    assert!(repairs(&call).is_empty());
}
