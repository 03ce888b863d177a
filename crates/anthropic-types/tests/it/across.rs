//! What several variants of a union have: read and changed without a match.

use anthropic_types::{
    CacheControlEphemeral, ContentBlock, ImageBlockSource, StreamEvent, TextCitation, ToolChoice,
    ToolUnion, from_slice, to_vec,
};
use serde_json::{Value, json};

fn block(value: &Value) -> ContentBlock {
    from_slice(value.to_string().as_bytes()).unwrap()
}

fn written(block: &ContentBlock) -> Value {
    serde_json::from_slice(&to_vec(block)).unwrap()
}

#[test]
fn variants_that_share_a_field_are_read_alike() {
    for (kind, name) in [
        ("tool_use", "get_time"),
        ("server_tool_use", "web_search"),
        ("server_tool_use", "a_tool_of_tomorrow"),
        ("mcp_tool_use", "look"),
    ] {
        let call = block(&json!({
            "type": kind, "id": "toolu_1", "name": name, "server_name": "s", "input": {"q": 1},
        }));
        assert_eq!(call.id(), Some("toolu_1"), "{kind}");
        assert_eq!(call.name(), Some(name), "{kind}");
        assert_eq!(call.input().unwrap().as_str(), r#"{"q":1}"#, "{kind}");
        assert_eq!((call.text(), call.tool_use_id()), (None, None), "{kind}");
    }
    for (kind, is_error) in [
        ("tool_result", Some(true)),
        ("mcp_tool_result", Some(false)),
    ] {
        let result = block(&json!({
            "type": kind, "tool_use_id": "toolu_1", "is_error": is_error, "content": [],
        }));
        assert_eq!(result.tool_use_id(), Some("toolu_1"), "{kind}");
        assert_eq!(result.is_error(), is_error, "{kind}");
        assert_eq!((result.id(), result.input()), (None, None), "{kind}");
    }
}

#[test]
fn a_field_that_is_left_out_is_none_and_so_is_an_unknown_variant() {
    let result = block(&json!({"type": "tool_result", "tool_use_id": "toolu_1"}));
    assert_eq!(result.is_error(), None);
    assert_eq!(result.cache_control(), None);
    let mut unknown = block(&json!({"type": "hologram", "id": "h", "text": "t"}));
    assert_eq!((unknown.id(), unknown.text()), (None, None));
    assert!(unknown.cache_control_mut().is_none());
    assert!(unknown.as_text_mut().is_none());
}

#[test]
fn what_is_shared_is_changed_in_place() {
    let mut text = block(&json!({"type": "text", "text": "a"}));
    text.text_mut().unwrap().push('b');
    let cache = text.cache_control_mut().unwrap();
    *cache = Some(CacheControlEphemeral::new());
    let expected = json!({
        "type": "text", "text": "ab", "cache_control": {"type": "ephemeral"},
    });
    assert_eq!(written(&text), expected);
    *text.cache_control_mut().unwrap() = None;
    assert_eq!(written(&text), json!({"type": "text", "text": "ab"}));

    let mut result = block(&json!({"type": "tool_result", "tool_use_id": "toolu_1"}));
    "toolu_2".clone_into(result.tool_use_id_mut().unwrap());
    *result.is_error_mut().unwrap() = Some(true);
    let expected = json!({"type": "tool_result", "tool_use_id": "toolu_2", "is_error": true});
    assert_eq!(written(&result), expected);
}

#[test]
fn a_variant_is_changed_in_place_also_behind_a_box() {
    let mut call = block(&json!({"type": "tool_use", "id": "1", "name": "a", "input": {}}));
    assert!(call.as_text_mut().is_none());
    "b".clone_into(&mut call.as_tool_use_mut().unwrap().name);
    assert_eq!(call.name(), Some("b"));
    let mut source = ImageBlockSource::from(anthropic_types::UrlImageSource::new("https://a.b/c"));
    "https://d.e/f".clone_into(&mut source.as_url_mut().unwrap().url);
    assert_eq!(source.as_url().unwrap().url, "https://d.e/f");
}

#[test]
fn a_name_is_changed_where_it_is_any_text() {
    for (kind, is_text) in [
        ("tool_use", true),
        ("mcp_tool_use", true),
        ("server_tool_use", false),
        ("text", false),
    ] {
        let json = json!({
            "type": kind, "id": "1", "name": "a", "server_name": "s", "input": {}, "text": "t",
        });
        let mut call = block(&json);
        let name = call.name_mut();
        assert_eq!(name.is_some(), is_text, "{kind}");
        if let Some(name) = name {
            name.push('b');
            assert_eq!(call.name(), Some("ab"), "{kind}");
        }
    }
    let tool = |value: Value| from_slice::<ToolUnion>(value.to_string().as_bytes()).unwrap();
    let mut custom = tool(json!({"name": "a", "input_schema": {"type": "object"}}));
    "b".clone_into(custom.name_mut().unwrap());
    assert_eq!(custom.name(), Some("b"));
    let mut bash = tool(json!({"type": "bash_20250124", "name": "bash"}));
    assert!(bash.name_mut().is_none());
}

#[test]
fn only_the_citations_of_a_text_are_citations() {
    let citation = json!({
        "type": "char_location", "cited_text": "c", "document_index": 2, "document_title": null,
        "start_char_index": 0, "end_char_index": 1,
    });
    let text = block(&json!({"type": "text", "text": "a", "citations": [citation]}));
    let [citation @ TextCitation::CharLocation(_)] = text.citations().unwrap() else {
        panic!("{text:?}")
    };
    assert_eq!(citation.document_index(), Some(2));
    let mut result = block(&json!({
        "type": "search_result", "source": "s", "title": "t", "content": [],
        "citations": {"enabled": true},
    }));
    assert!(result.citations().is_none() && result.citations_mut().is_none());
    assert_eq!(result.title(), Some("t"));
}

#[test]
fn a_name_that_the_type_fixes_is_a_name() {
    let tool = |value: Value| from_slice::<ToolUnion>(value.to_string().as_bytes()).unwrap();
    let custom = tool(json!({"name": "get_time", "input_schema": {"type": "object"}}));
    assert_eq!(custom.name(), Some("get_time"));
    let bash = tool(json!({"type": "bash_20250124", "name": "bash"}));
    assert_eq!(bash.name(), Some("bash"));
    let choice = from_slice::<ToolChoice>(br#"{"type":"tool","name":"get_time"}"#).unwrap();
    assert_eq!(choice.name(), Some("get_time"));
    let choice = from_slice::<ToolChoice>(br#"{"type":"auto"}"#).unwrap();
    assert_eq!(choice.name(), None);
}

#[test]
fn a_method_by_hand_stays_where_it_reads_more() {
    let event = from_slice::<StreamEvent>(br#"{"type":"content_block_stop","index":3}"#).unwrap();
    assert_eq!(event.index(), Some(3));
}
