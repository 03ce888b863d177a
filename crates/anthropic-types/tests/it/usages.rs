//! Usages that add up.

use anthropic_types::{Usage, from_slice};

#[test]
fn usages_add_up_field_by_field() {
    let one: Usage = from_slice(
        br#"{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":3,"service_tier":"standard",
        "inference_geo":"us","cache_creation":{"ephemeral_1h_input_tokens":1,"ephemeral_5m_input_tokens":2},
        "server_tool_use":{"web_fetch_requests":1,"web_search_requests":0},
        "output_tokens_details":{"thinking_tokens":1},"later":7}"#,
    )
    .unwrap();
    let two: Usage = from_slice(
        br#"{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":40,"service_tier":"standard",
        "inference_geo":"eu","cache_creation":{"ephemeral_1h_input_tokens":10,"ephemeral_5m_input_tokens":0}}"#,
    )
    .unwrap();
    let sum: Usage = [one.clone(), two.clone()].into_iter().sum();
    let expected: Usage = from_slice(
        br#"{"input_tokens":11,"output_tokens":22,"cache_creation_input_tokens":3,"cache_read_input_tokens":40,
        "service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":11,"ephemeral_5m_input_tokens":2},
        "server_tool_use":{"web_fetch_requests":1,"web_search_requests":0},
        "output_tokens_details":{"thinking_tokens":1},"later":7}"#,
    )
    .unwrap();
    assert_eq!(sum, expected);
    let mut all = one.clone();
    all += two.clone();
    assert_eq!(all, expected);
    assert_eq!(one + two, expected);
    let none: [Usage; 0] = [];
    assert_eq!(none.iter().sum::<Usage>(), Usage::new(0, 0));
    let much = Usage::new(u64::MAX, 1) + Usage::new(2, 2);
    assert_eq!(much.input_tokens, u64::MAX);
}
