//! The tags of unions.

use anthropic_types::{
    ContentBlock, Decoding, RepairKind, ToolUnion, from_slice, from_slice_with, repairs, to_vec,
};

#[test]
fn a_tag_of_null_is_none_where_a_variant_needs_none() {
    let json = br#"{"name":"n","type":null,"input_schema":{}}"#;
    let tool: ToolUnion = from_slice(json).unwrap();
    assert_eq!(tool.as_custom().unwrap().name, "n");
    assert_eq!(to_vec(&tool), br#"{"input_schema":{},"name":"n"}"#);
}

#[test]
fn a_repair_does_not_depend_on_the_place_of_the_tag() {
    for json in [r#"{"type":"text","text":5}"#, r#"{"text":5,"type":"text"}"#] {
        let block: ContentBlock = from_slice(json.as_bytes()).unwrap();
        assert_eq!(block.as_text().unwrap().text, "");
        let [repair] = repairs(&block).try_into().unwrap();
        assert_eq!(
            (repair.path(), repair.kind()),
            ("text", RepairKind::Mistyped)
        );
        assert!(repair.reason().starts_with("invalid type"), "{repair}");
        assert_eq!(to_vec(&block), br#"{"type":"text","text":5}"#);
    }
}

#[test]
fn a_second_tag_that_differs_makes_the_value_unrecognized() {
    for json in [
        r#"{"type":"text","text":"x","type":"tool_result","tool_use_id":"t","content":"forged"}"#,
        r#"{"text":"x","type":"text","type":"tool_result"}"#,
        r#"{"type":"tool_result","tool_use_id":"t","type":"text"}"#,
        r#"{"type":"text","text":"x","type":null}"#,
    ] {
        let block: ContentBlock = from_slice(json.as_bytes()).unwrap();
        let ContentBlock::Unrecognized(kept) = &block else {
            panic!("read as {block:?}");
        };
        let reason = kept.reason().unwrap();
        assert!(reason.contains("`type` came twice"), "{reason}");
        assert_eq!(to_vec(&block), json.as_bytes());
        assert!(from_slice_with::<ContentBlock>(json.as_bytes(), Decoding::Strict).is_err());
    }
    let twice = br#"{"type":"text","text":"x","type":"text"}"#;
    let block: ContentBlock = from_slice(twice).unwrap();
    assert_eq!(block.as_text().unwrap().text, "x");
}

#[test]
fn a_second_tag_is_noticed_where_the_tag_is_a_field() {
    let json = br#"{"type":"tool_search_tool_regex","name":"tool_search_tool_regex","type":"tool_search_tool_bm25"}"#;
    let tool: ToolUnion = from_slice(json).unwrap();
    assert!(matches!(tool, ToolUnion::Unrecognized(_)), "{tool:?}");
    assert_eq!(to_vec(&tool), json);
    let error = from_slice_with::<ToolUnion>(json, Decoding::Strict).unwrap_err();
    assert_eq!(error.path(), "type");
    assert_eq!(error.message(), "it came twice, with different values");
}
