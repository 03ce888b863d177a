//! Messages that go back into a conversation, and the JSON in them.

use anthropic_types::{
    ContentBlock, Json, McpToolUseBlock, Message, MessageCreateParams, ServerToolUseBlock,
    ThinkingBlock, ToolUseBlock, Usage, from_slice, to_vec,
};

#[test]
fn a_message_goes_back_as_it_came_but_for_file_ids() {
    let json = br#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"thinking","thinking":"hm","signature":"c2ln","later":1},
        {"type":"hologram","depth":3},
        {"type":"text","text":"x","citations":[{"type":"char_location","cited_text":"c",
         "document_index":0,"document_title":null,"start_char_index":0,"end_char_index":1,
         "file_id":"file_1"},{"type":"page_location","cited_text":"p","document_index":1,
         "document_title":"P","start_page_number":1,"end_page_number":2,"file_id":"file_2"},
         {"type":"content_block_location","cited_text":"b","document_index":2,
         "document_title":null,"start_block_index":0,"end_block_index":1,"file_id":"file_3"}]}],
        "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":2}}"#;
    let message: Message = from_slice(json).unwrap();
    let param: serde_json::Value = serde_json::from_slice(&to_vec(&message.into_param())).unwrap();
    let expected = serde_json::json!({"role": "assistant", "content": [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln", "later": 1},
        {"type": "hologram", "depth": 3},
        {"type": "text", "text": "x", "citations": [{"type": "char_location", "cited_text": "c",
            "document_index": 0, "document_title": null, "start_char_index": 0,
            "end_char_index": 1}, {"type": "page_location", "cited_text": "p",
            "document_index": 1, "document_title": "P", "start_page_number": 1,
            "end_page_number": 2}, {"type": "content_block_location", "cited_text": "b",
            "document_index": 2, "document_title": null, "start_block_index": 0,
            "end_block_index": 1}]}]});
    assert_eq!(param, expected);
}

#[test]
fn json_may_follow_on_other_text() {
    let read = |texts: &[&str]| {
        let content = texts.iter().copied().map(ContentBlock::from);
        let message = Message::new("m", content, "m", Usage::new(1, 1));
        message.json::<Vec<u8>>().map_err(|error| error.to_string())
    };
    assert_eq!(read(&["[1,", "2]"]), Ok(vec![1, 2]));
    assert_eq!(read(&["Let me look.", "[1,2]", " "]), Ok(vec![1, 2]));
    assert!(read(&["[1]", "[true]"]).unwrap_err().contains("[0]"));
    for (text, is_prose) in [
        ("No.", true),
        ("nothing", true),
        ("```json\n[1]\n```", true),
        ("[No.", false),
        ("null", false),
        ("", false),
    ] {
        let line = read(&[text]).unwrap_err();
        assert_eq!(line.contains("the text is not JSON"), is_prose, "{line}");
        assert_eq!(line.contains("near `"), !text.is_empty(), "{line}");
    }
    assert!(read(&[]).is_err());
}

#[test]
fn what_the_api_refuses_is_not_sent_back_unless_that_is_asked_for() {
    let json = br#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
        {"type":"text","text":""},{"type":"text","text":"\n\n"},
        {"type":"tool_use","id":"t","name":"n","input":{},"caller":null},
        {"type":"text","text":null}],"usage":{"input_tokens":1,"output_tokens":2}}"#;
    let message: Message = from_slice(json).unwrap();
    let whole = message.clone().into_whole_param();
    let value: serde_json::Value = serde_json::from_slice(&to_vec(&whole)).unwrap();
    assert_eq!(value["content"].as_array().unwrap().len(), 4);
    // A request allows no `null` for the caller.
    let call = serde_json::json!({"type": "tool_use", "id": "t", "name": "n", "input": {}});
    let params = MessageCreateParams::new("m", 9)
        .user("hi")
        .message(&message);
    let value: serde_json::Value = serde_json::from_slice(&to_vec(&params)).unwrap();
    assert_eq!(
        value["messages"][1],
        serde_json::json!({"role": "assistant", "content": [call]})
    );

    let empty = Message::new("m", [ContentBlock::from("")], "m", Usage::new(1, 1));
    let params = MessageCreateParams::new("m", 9).user("hi").message(empty);
    assert_eq!(params.messages.len(), 1);
}

#[test]
fn a_message_is_shown_block_by_block() {
    let shown =
        |content: Vec<ContentBlock>| Message::new("m", content, "m", Usage::new(1, 1)).to_string();
    let text = || ContentBlock::from("Let me look.");
    let thinking = || ContentBlock::from(ThinkingBlock::new("c2ln", "hm"));
    let input = || Json::parse(r#"{"q":1}"#).unwrap();
    assert_eq!(shown(Vec::new()), "");
    // Text with citations comes in pieces.
    assert_eq!(shown(vec!["a ".into(), "b".into()]), "a b");
    assert_eq!(
        shown(vec![thinking(), text(), thinking(), thinking()]),
        "[thinking: hm]\nLet me look.\n[thinking: hm]\n[thinking: hm]"
    );
    let calls: [ContentBlock; 3] = [
        ToolUseBlock::new("t", input(), "look").into(),
        ServerToolUseBlock::new("t", input(), "web_search").into(),
        McpToolUseBlock::new("t", input(), "find", "s").into(),
    ];
    let lines = "[look {\"q\":1}]\n[web_search {\"q\":1}]\n[find {\"q\":1}]";
    assert_eq!(shown(calls.into()), lines);
    let other: ContentBlock = from_slice(br#"{"type":"hologram"}"#).unwrap();
    assert_eq!(shown(vec![text(), other]), "Let me look.\n[hologram]");
}
