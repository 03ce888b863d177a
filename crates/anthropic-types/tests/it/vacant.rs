//! Fields that do not come or do not fit: what stands in their place, and how that is written.

use anthropic_types::{
    BashCodeExecutionResultBlock, BrowserFormInputValue, BrowserHoldKeyInput, ContentBlock, Decode,
    Decoding, ImageBlockSource, Message, MessageParam, MessageStartEvent,
    TextEditorCodeExecutionCreateResultBlock, ToolUnion, WebSearchToolResultBlockContent,
    from_slice, from_slice_with, repairs, to_vec,
};
use serde_json::{Value, json};

#[test]
fn a_value_that_is_missing_is_zero_false_or_empty() {
    let json = br#"{"type":"text_editor_code_execution_create_result"}"#;
    let result: TextEditorCodeExecutionCreateResultBlock = from_slice(json).unwrap();
    assert!(!result.is_file_update);
    assert_eq!(to_vec(&result), json);

    let json = br#"{"type":"bash_code_execution_result"}"#;
    let result: BashCodeExecutionResultBlock = from_slice(json).unwrap();
    assert_eq!((result.return_code, &*result.stdout), (0, ""));
    assert!(result.content.is_empty());
    assert_eq!(to_vec(&result), json);

    let input: BrowserHoldKeyInput = from_slice(br#"{"text":"a"}"#).unwrap();
    assert!(input.duration.total_cmp(&0.0).is_eq(), "{input:?}");
    assert_eq!(to_vec(&input), br#"{"text":"a"}"#);
    let json = br#"{"duration":1.5,"text":"a"}"#;
    assert_eq!(
        to_vec(&from_slice::<BrowserHoldKeyInput>(json).unwrap()),
        json
    );
}

#[test]
fn a_value_that_does_not_fit_leaves_nothing_of_the_one_before_it() {
    let json = br#"{"type":"message","id":"a","model":"m","content":[{"type":"text","text":"x"}],
        "usage":{"input_tokens":1,"output_tokens":2},
        "id":5,"model":5,"content":5,"usage":5}"#;
    let message: Message = from_slice(json).unwrap();
    assert_eq!((&*message.id, message.model.as_str()), ("", ""));
    assert!(message.content.is_empty());
    assert_eq!(message.usage.output_tokens, 0);
    assert_eq!(message.repairs().len(), 4);
    let json = br#"{"type":"bash_code_execution_result","content":[],"stderr":"","stdout":"",
        "return_code":7,"return_code":"x"}"#;
    let result: BashCodeExecutionResultBlock = from_slice(json).unwrap();
    assert_eq!(result.return_code, 0);
}

#[test]
fn a_union_that_is_missing_holds_nothing() {
    for json in [r#"{"type":"image"}"#, r#"{"type":"image","source":null}"#] {
        let block: ContentBlock = from_slice(json.as_bytes()).unwrap();
        let ContentBlock::Image(image) = &block else {
            panic!("{block:?}")
        };
        let ImageBlockSource::Unrecognized(source) = &image.source else {
            panic!("{image:?}")
        };
        assert!(source.json().is_null(), "{source:?}");
        assert_eq!(source.type_name(), None);
    }
    let block: ContentBlock = from_slice(br#"{"type":"image"}"#).unwrap();
    assert_eq!(to_vec(&block), br#"{"type":"image"}"#);
}

#[test]
fn an_object_that_is_missing_is_written_once_something_is_put_into_it() {
    let json = br#"{"type":"message_start"}"#;
    let mut event: MessageStartEvent = from_slice(json).unwrap();
    assert_eq!(to_vec(&event), json);
    event.message.id = "msg_1".to_owned();
    let written: Value = serde_json::from_slice(&to_vec(&event)).unwrap();
    let message = json!({"type": "message", "role": "assistant", "id": "msg_1"});
    assert_eq!(written["message"], message);
}

#[test]
fn an_input_that_is_no_object_stays_in_a_response_and_is_one_in_a_request() {
    for kind in ["tool_use", "server_tool_use", "mcp_tool_use"] {
        let call = json!({"type": kind, "id": "t", "name": "n", "server_name": "s", "input": ""});
        let json = json!({
            "type": "message", "id": "msg_1", "role": "assistant", "model": "m",
            "content": [call], "usage": {"input_tokens": 5, "output_tokens": 7},
        });
        let message: Message = from_slice(json.to_string().as_bytes()).unwrap();
        let written: Value = serde_json::from_slice(&to_vec(&message)).unwrap();
        assert_eq!(written, json);
        let turn: Value = serde_json::from_slice(&to_vec(&MessageParam::from(message))).unwrap();
        assert_eq!(turn["content"][0]["input"], json!({}), "{turn}");
    }
}

#[test]
fn another_role_is_kept_and_another_type_is_another_object() {
    let json = br#"{"type":"message","role":"oracle","id":"a"}"#;
    let message: Message = from_slice(json).unwrap();
    assert_eq!(message.id, "a");
    assert_eq!(message.extra.decode::<String>("role").unwrap(), "oracle");
    // A role alone makes no message, nor does another type.
    for json in [
        r#"{"role":"assistant"}"#,
        r#"{"role":"assistant","id":"a"}"#,
        r#"{"type":"completion","role":"assistant","id":"a"}"#,
        r#"{"type":"completion","type":"message","id":"a"}"#,
    ] {
        assert!(from_slice::<Message>(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn a_shape_is_that_of_the_value() {
    fn read<T: Decode>(json: &str) -> T {
        from_slice_with(json.as_bytes(), Decoding::Strict).unwrap()
    }
    let value = read::<BrowserFormInputValue>;
    assert_eq!(value("true"), BrowserFormInputValue::Boolean(true));
    assert_eq!(value(" false"), BrowserFormInputValue::Boolean(false));
    assert_eq!(value("-1.5"), BrowserFormInputValue::Number(-1.5));
    assert_eq!(value("\"\""), BrowserFormInputValue::Text(String::new()));
    for json in ["null", "[]", "{}"] {
        let value = value(json);
        assert!(
            matches!(value, BrowserFormInputValue::Unrecognized(_)),
            "{json}"
        );
        assert_eq!(to_vec(&value), json.as_bytes());
    }

    let json = r#"{"type":"web_search_tool_result_error","error_code":"unavailable"}"#;
    let content = read::<WebSearchToolResultBlockContent>(json);
    let WebSearchToolResultBlockContent::Error(error) = content else {
        panic!("{content:?}")
    };
    assert_eq!(error.error_code.as_str(), "unavailable");
}

#[test]
fn the_last_of_two_values_counts_also_where_one_is_before_the_tag() {
    let json = br#"{"strict":true,"type":"tool_search_tool_regex","name":"tool_search_tool_regex",
        "defer_loading":"x","strict":false}"#;
    let tool: ToolUnion = from_slice(json).unwrap();
    let ToolUnion::ToolSearchToolRegex20251119(search) = &tool else {
        panic!("{tool:?}")
    };
    assert_eq!(search.strict, Some(false));
    let paths: Vec<_> = repairs(&tool)
        .iter()
        .map(|it| it.path().to_owned())
        .collect();
    assert_eq!(paths, ["defer_loading"]);
}
