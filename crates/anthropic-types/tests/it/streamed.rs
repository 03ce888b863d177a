//! What a streamed message begins and ends with is read by a short way where it has just the usual
//! fields, and must come to the same as by the long one.

use anthropic_types::{ContentBlock, Message, MessageDeltaEvent, from_slice, repairs, to_vec};

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
