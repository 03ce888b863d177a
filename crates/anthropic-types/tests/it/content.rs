//! What content is made of.

use serde_json::json;

use anthropic_types::{
    ContentBlock, ImageBlock, Json, MessageContent, MessageParam, ToolResultBlockContent,
    ToolResultContentBlock, ToolUseBlock,
};

#[test]
fn one_block_is_content_and_so_is_json() {
    let image = || ImageBlock::from_bytes(b"GIF89a").unwrap();
    let content = MessageContent::from(image());
    assert_eq!(content, MessageContent::from([ContentBlock::from(image())]));
    assert!(
        matches!(MessageParam::user(image()), MessageParam::User(turn) if turn.content == content)
    );
    let call = ToolUseBlock::new("toolu_1", Json::default(), "map");
    let result = |block: ContentBlock| block.as_tool_result().unwrap().content.clone().unwrap();
    let blocks = ToolResultBlockContent::from([ToolResultContentBlock::from(image())]);
    assert_eq!(result(call.result(image())), blocks);
    let text = ToolResultBlockContent::Text(r#"{"degrees":12}"#.to_owned());
    assert_eq!(result(call.result(json!({"degrees": 12}))), text);
    assert_eq!(
        result(call.error(Json::new(&json!({"degrees": 12})).unwrap())),
        text
    );
}
