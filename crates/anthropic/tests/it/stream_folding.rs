//! What an accumulator keeps, alone and behind a stream.

use anthropic::stream::MessageAccumulator;
use anthropic::types::{ContentBlock, Message};
use serde_json::{Value, json};

use crate::stream_support::{answer, close, input, open, start};

fn folded(events: &[Value]) -> MessageAccumulator {
    let mut machine = MessageAccumulator::new();
    for event in events {
        let event = serde_json::from_value(event.clone()).unwrap();
        machine.apply(&event).unwrap();
    }
    machine
}

#[test]
fn a_message_that_is_complete_has_finished_however_often_it_is_asked() {
    let mut machine = folded(&answer("x"));
    for lenient in [false, true, false] {
        machine = machine.lenient_eof(lenient);
        assert!(machine.is_complete());
        assert!(machine.finish().is_ok());
    }
    let mut cut = folded(&answer("x")[..5]).lenient_eof(true);
    assert!(!cut.is_complete());
    assert!(cut.finish().is_ok() && cut.is_complete());
    assert!(cut.finish().is_ok());
}

fn input_of(message: &Message) -> &anthropic::types::Json {
    match &message.content[0] {
        ContentBlock::ToolUse(block) => &block.input,
        ContentBlock::ServerToolUse(block) => &block.input,
        ContentBlock::McpToolUse(block) => &block.input,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_input_of_any_tool_is_what_was_sent_and_marked_where_it_is_no_json() {
    for block in [
        json!({"type": "tool_use", "id": "t", "name": "f", "input": {}}),
        json!({"type": "server_tool_use", "id": "t", "name": "web_search", "input": {}}),
        json!({"type": "mcp_tool_use", "id": "t", "name": "f", "server_name": "s", "input": {}}),
    ] {
        let good = [start(), open(0, &block), input(0, r#"{"a":1}"#), close(0)];
        let machine = folded(&good);
        for message in [machine.message(), machine.partial().as_ref()] {
            assert_eq!(input_of(message.unwrap()), &json!({"a": 1}), "{block}");
        }
        let bad = [start(), open(0, &block), input(0, r#"{"a":"#), close(0)];
        let machine = folded(&bad);
        for message in [machine.message(), machine.partial().as_ref()] {
            let input = input_of(message.unwrap());
            let invalid = input.invalid().expect("it is no JSON");
            assert_eq!(invalid.text, r#"{"a":"#, "{block}");
        }
    }
}
