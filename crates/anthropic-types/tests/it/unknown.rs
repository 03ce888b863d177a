//! What this version does not know: kept, readable, and written back as it came.

use anthropic_types::{
    ContentBlock, Decoding, Json, Message, MessageBatchResult, Model, StopReason, StreamEvent,
    ToolUnion, from_slice, from_slice_with, to_vec,
};
use serde_json::{Value, json};

fn message(content: &Value, more: &Value) -> Value {
    let mut message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": content, "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2},
    });
    message
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    message
}

/// Decodes and encodes again, and makes sure that nothing but absent nulls got lost.
fn round(value: &Value) -> Message {
    let decoded: Message = from_slice(value.to_string().as_bytes()).unwrap();
    let back: Value = serde_json::from_slice(&to_vec(&decoded)).unwrap();
    assert_eq!(&back, value);
    let by_serde: Message = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(by_serde, decoded);
    decoded
}

#[test]
fn an_unknown_block_is_kept_whole() {
    let decoded = round(&message(
        &json!([{"depth": 3, "type": "hologram", "x": [1]}]),
        &json!({}),
    ));
    let ContentBlock::Unrecognized(block) = &decoded.content[0] else {
        panic!("{decoded:?}")
    };
    assert_eq!(
        (block.type_name(), block.reason()),
        (Some("hologram"), None)
    );
    assert_eq!(decoded.content[0].type_name(), "hologram");
}

#[test]
fn a_known_block_that_does_not_fit_spoils_only_itself() {
    let content = json!(["no block", {"type": 7}, {"type": "text", "text": "fine"}]);
    let decoded = round(&message(&content, &json!({})));
    for block in &decoded.content[..2] {
        let ContentBlock::Unrecognized(block) = block else {
            panic!("{decoded:?}")
        };
        assert!(block.reason().is_some(), "{block:?}");
    }
    assert_eq!(decoded.text(), "fine");
}

#[test]
fn the_nearest_union_keeps_what_does_not_fit() {
    let content = json!([{"type": "text", "text": "x", "citations": [{"type": "char_location"}]}]);
    let decoded = round(&message(&content, &json!({})));
    assert_eq!(decoded.text(), "x");
}

#[test]
fn unknown_fields_strings_and_constants_are_kept() {
    let more = json!({"stop_reason": "bored", "role": "oracle", "brand_new": {"a": 1}});
    let content = json!([{"type": "text", "text": "x", "sparkle": true}]);
    let decoded = round(&message(&content, &more));
    assert_eq!(
        decoded.stop_reason,
        Some(StopReason::Unrecognized("bored".into()))
    );
    assert_eq!(decoded.stop_reason.unwrap().as_str(), "bored");
    assert_eq!(
        decoded.extra.decode::<String>("role").as_deref(),
        Some("oracle")
    );
    assert!(decoded.extra.get("brand_new").is_some());
}

#[test]
fn the_tag_may_come_last() {
    let decoded: ContentBlock =
        from_slice(br#"{"text":"late","later":[1,2],"type":"text"}"#).unwrap();
    let block = decoded.as_text().unwrap();
    assert_eq!(block.text, "late");
    assert!(block.extra.get("later").is_some());
}

#[test]
fn a_tool_without_a_type_is_a_custom_one() {
    let json = r#"{"name":"t","input_schema":{"type":"object"}}"#;
    let tool: ToolUnion = from_slice(json.as_bytes()).unwrap();
    assert_eq!(tool.as_custom().unwrap().name, "t");
    let back: Value = serde_json::from_slice(&to_vec(&tool)).unwrap();
    assert_eq!(back, serde_json::from_str::<Value>(json).unwrap());
}

#[test]
fn a_tag_with_two_spellings_keeps_the_one_that_came() {
    for name in ["tool_search_tool_regex", "tool_search_tool_regex_20251119"] {
        let json = json!({"type": name, "name": "tool_search_tool_regex"});
        let tool: ToolUnion = from_slice(json.to_string().as_bytes()).unwrap();
        assert!(!matches!(tool, ToolUnion::Unrecognized(_)));
        assert_eq!(
            serde_json::from_slice::<Value>(&to_vec(&tool)).unwrap(),
            json
        );
    }
}

#[test]
fn open_strings_compare_by_what_they_say() {
    assert_eq!(
        StopReason::Unrecognized("end_turn".into()),
        StopReason::EndTurn
    );
    assert_eq!(StopReason::from("end_turn").as_str(), "end_turn");
    assert_eq!(StopReason::EndTurn, "end_turn");
}

#[test]
fn models_are_parsed_and_ordered_by_their_names() {
    let mut models = ["claude-b", "claude-a"].map(|name| name.parse::<Model>().unwrap());
    models.sort();
    assert_eq!(models, ["claude-a", "claude-b"].map(Model::from));
    let known: Model = Model::CLAUDE_OPUS_5_5.as_str().parse().unwrap();
    assert_eq!(known, Model::CLAUDE_OPUS_5_5);
}

#[test]
fn errors_name_their_path() {
    let error = from_slice_with::<Message>(
        br#"{"id":"m","content":[],"model":"x","usage":{"input_tokens":-1,"output_tokens":2}}"#,
        Decoding::Strict,
    )
    .unwrap_err();
    assert_eq!(error.path(), "usage.input_tokens");
    // Neither by its type nor by its fields.
    let other = br#"{"id":"m","object":"chat.completion","model":"x","choices":[]}"#;
    let error = from_slice::<Message>(other).unwrap_err();
    assert!(
        error.to_string().contains("missing field `content`"),
        "{error}"
    );
    let error = br#"{"type":"error","error":{"type":"overloaded_error","message":"later"}}"#;
    for broken in ["", "{", "<html>", "[]", "null", "{}", "5"] {
        assert!(
            from_slice::<Message>(broken.as_bytes()).is_err(),
            "{broken}"
        );
    }
    assert!(from_slice::<Message>(error).is_err());
}

#[test]
fn an_unknown_event_is_kept() {
    let event: StreamEvent = from_slice(br#"{"type":"weather","rain":true}"#).unwrap();
    assert_eq!(event.type_name(), "weather");
    let result: MessageBatchResult = from_slice(br#"{"type":"postponed"}"#).unwrap();
    assert_eq!(result.type_name(), "postponed");
}

#[test]
fn a_block_of_tomorrow_is_sent_as_json_and_equals_the_same() {
    let sent = |json: &str| ContentBlock::Unrecognized(Json::parse(json).unwrap().into());
    let json = r#"{"type":"hologram","depth":3}"#;
    let block = sent(json);
    assert_eq!(to_vec(&block), json.as_bytes());
    assert_eq!(block, from_slice::<ContentBlock>(json.as_bytes()).unwrap());
    assert_eq!(block, sent(r#"{"depth": 3, "type": "hologram"}"#));
    assert_ne!(block, sent(r#"{"type":"hologram","depth":4}"#));
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let json = format!(r#"{{"type":"tool_use","id":"t","name":"n","input":{deep}}}"#);
    // Refused or kept, but never a stack overflow.
    let _ = from_slice::<ContentBlock>(json.as_bytes());
}

#[test]
fn a_variant_without_a_tag_goes_round() {
    let read = |value: &Value| from_slice::<ToolUnion>(value.to_string().as_bytes()).unwrap();
    let untagged = json!({"name": "n", "input_schema": {"type": "object"}, "new": 1});
    let tagged = json!({"name": "n", "input_schema": {"type": "object"}, "type": "custom"});
    for value in [&untagged, &tagged] {
        let tool = read(value);
        assert_eq!(tool.as_custom().unwrap().name, "n");
        let back: Value = serde_json::from_slice(&to_vec(&tool)).unwrap();
        assert_eq!(&back, value);
        assert_eq!(
            serde_json::from_value::<ToolUnion>(value.clone()).unwrap(),
            tool
        );
    }
    // What lacks what the variant needs, and has another tag, is none of it.
    for value in [
        json!({"name": "n"}),
        json!({"name": "n", "input_schema": {"type": "object"}, "type": "of_tomorrow"}),
    ] {
        let tool = read(&value);
        let back: Value = serde_json::from_slice(&to_vec(&tool)).unwrap();
        assert_eq!(back, value);
        let is_of_tomorrow = value.get("type").is_some();
        assert_eq!(
            matches!(tool, ToolUnion::Unrecognized(_)),
            is_of_tomorrow,
            "{tool:?}"
        );
    }
}
