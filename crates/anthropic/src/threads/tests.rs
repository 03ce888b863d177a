//! What the API holds of a conversation that somebody may change.

use anthropic_types::{Message, MessageParam};
use serde_json::json;

use super::{Reply, ThreadState};

fn reply() -> Reply {
    let message: Message = serde_json::from_value(json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }))
    .unwrap();
    Reply::of(&message)
}

fn conversation(count: usize) -> Vec<MessageParam> {
    (0..count)
        .map(|number| MessageParam::user(number.to_string()))
        .collect()
}

/// A thread that holds so many messages, which somebody was lent and left as they were.
fn lent(state: &mut ThreadState, messages: &[MessageParam]) {
    state.record(reply(), true, messages.len());
    state.watch(messages);
    state.check(messages);
    assert!(state.previous().is_some());
}

#[test]
fn a_change_of_any_message_that_is_held_begins_a_new_thread() {
    for changed in 0..6 {
        let mut state = ThreadState::new();
        lent(&mut state, &conversation(2));
        lent(&mut state, &conversation(4));
        let mut messages = conversation(7);
        state.record(reply(), true, 6);
        state.watch(&messages);
        messages[6] = MessageParam::user("new");
        state.check(&messages);
        assert!(state.previous().is_some(), "the API does not hold it");
        state.watch(&messages);
        messages[changed] = MessageParam::user("other");
        state.check(&messages);
        assert_eq!(state.previous(), None, "{changed}");
    }
}

/// Else a long conversation would be read twice a turn.
#[test]
fn what_was_read_of_a_conversation_is_not_read_again() {
    let mut state = ThreadState::new();
    lent(&mut state, &conversation(2));
    state.record(reply(), true, 4);
    let mut messages = conversation(4);
    messages[0] = MessageParam::user("not read");
    state.watch(&messages);
    state.check(&conversation(4));
    assert!(state.previous().is_some());
}

#[test]
fn breakpoints_that_come_and_go_begin_no_new_thread() {
    let mut state = ThreadState::new();
    lent(&mut state, &conversation(2));
    state.forget();
    let mut messages = conversation(2);
    messages[0] = MessageParam::user("with a breakpoint");
    state.watch(&messages);
    state.check(&messages);
    assert!(state.previous().is_some());
}
