//! Streams: their order, their pieces, and that they fold to the plain message.

use std::time::Duration;

use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::client::{open, post};
use crate::folding::assert_folds;
use crate::messages::{hello, hello_with};

#[tokio::test]
async fn the_events_come_in_the_protocols_order() {
    let simulator = Simulator::start().await.unwrap();
    let events = assert_folds(&simulator, &hello()).await;
    let mut names: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    let deltas = names
        .iter()
        .filter(|name| **name == "content_block_delta")
        .count();
    assert!(deltas > 5, "{deltas}");
    names.dedup();
    let expected = [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    let start = &events[0]["message"];
    assert_eq!(
        (&start["content"], &start["stop_reason"]),
        (&json!([]), &Value::Null)
    );
}

#[tokio::test]
async fn streams_fold_to_the_plain_message() {
    let simulator = Simulator::start().await.unwrap();
    // The API takes such a name only within another value.
    let within =
        json!({"type": "object", "properties": {"ünit": {"type": "string"}}, "required": ["ünit"]});
    let tool = json!({"name": "weather", "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}, "in": within},
    }});
    for fields in [
        json!({"max_tokens": 7}),
        json!({"max_tokens": 0}),
        json!({"stop_sequences": ["API"]}),
        json!({"thinking": {"type": "adaptive"}}),
        json!({"tools": [tool.clone()], "tool_choice": {"type": "any"}}),
        json!({"tools": [tool], "messages": [{"role": "user", "content": "Call weather."}], "thinking": {"type": "adaptive"}}),
        json!({"messages": [{"role": "user", "content": "Grüße 🦀🦀🦀, 日本語"}]}),
    ] {
        assert_folds(&simulator, &hello_with(fields)).await;
    }
}

#[tokio::test]
async fn every_kind_of_scripted_block_folds_too() {
    let citation = json!({"type": "char_location", "cited_text": "x", "document_index": 0, "document_title": null,
        "start_char_index": 0, "end_char_index": 1, "file_id": null});
    let result =
        json!({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []});
    let reply = || {
        Reply::new()
            .with_block(json!({"type": "compaction", "content": "what was said"}))
            .with_block(json!({"type": "redacted_thinking", "data": "abc"}))
            .with_block(json!({"type": "server_tool_use", "name": "web_search", "input": {"query": "rust"}}))
            .with_block(result.clone())
            .with_block(json!({"type": "text", "text": "Cited.", "citations": [citation]}))
            .with_tool_use("empty", json!({}))
            .stop_reason("pause_turn")
            .field("container", json!({"id": "container_1", "expires_at": "2026-11-01T00:00:00Z", "skills": null}))
            .field("context_management", json!({"applied_edits": []}))
    };
    let simulator = Simulator::builder()
        .reply(reply())
        .reply(reply())
        .start()
        .await
        .unwrap();
    let events = assert_folds(&simulator, &hello()).await;
    assert_eq!(events.last().unwrap()["type"], "message_stop");
    let usage = &events[events.len() - 2]["usage"];
    assert_eq!(usage["server_tool_use"]["web_search_requests"], 1);
}

#[tokio::test(start_paused = true)]
async fn the_pace_is_kept() {
    let pace = Duration::from_secs(3);
    let simulator = Simulator::builder().pace(pace).start().await.unwrap();
    let begin = tokio::time::Instant::now();
    let answer = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"stream": true})),
    )
    .await;
    let pauses = u32::try_from(answer.events().len()).unwrap();
    assert!(
        begin.elapsed() >= pace * (pauses - 1),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn dropping_the_simulator_breaks_open_streams_off() {
    let simulator = Simulator::builder()
        .pace(Duration::from_secs(600))
        .start()
        .await
        .unwrap();
    let body = hello_with(json!({"stream": true})).to_string();
    let mut socket = open(
        simulator.url(),
        "POST",
        "/v1/messages",
        &[],
        body.as_bytes(),
    )
    .await;
    let mut first = [0; 64];
    assert!(socket.read(&mut first).await.unwrap() > 0);
    drop(simulator);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut rest)).await;
    ended.expect("the connection ends").ok();
    assert!(!String::from_utf8_lossy(&rest).contains("message_stop"));
}
