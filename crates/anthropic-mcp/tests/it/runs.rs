//! A run that calls the tools of two servers.

use anthropic::Client;
use anthropic::types::{MessageCreateParams, Model};
use anthropic_mcp::Server;
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

use crate::http::demo;

#[tokio::test]
async fn a_run_calls_two_servers() {
    let (one, two) = (demo(true).await, demo(false).await);
    let first = Server::http(one.1).connect().await.unwrap();
    let second = Server::http(two.1).connect().await.unwrap();
    let simulator = Simulator::builder()
        .reply(
            Reply::tool_use("add", json!({"a": 20, "b": 1}))
                .with_tool_use("second_add", json!({"a": 20, "b": 1}))
                .with_tool_use("second_draw", json!({}))
                .with_tool_use("fail", json!({})),
        )
        .reply(Reply::text("42"))
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url());
    let client = client.build().unwrap();
    let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Add.");
    let tools = [
        first.tools().await.unwrap(),
        second.tools().await.unwrap().prefixed("second_").unwrap(),
    ];
    let outcome = client
        .messages()
        .run(params)
        .tools(tools)
        .max_turns(3)
        .await
        .unwrap();
    assert_eq!(outcome.text().unwrap(), "42");
    let requests = simulator.requests();
    let results = requests[1].json()["messages"][2]["content"].clone();
    let results = results.as_array().unwrap();
    assert_eq!(results.len(), 4);
    assert_eq!(
        (&results[0]["content"], &results[1]["content"]),
        (&json!("21"), &json!("21"))
    );
    assert_eq!(
        results[2]["content"][1]["source"]["media_type"],
        "image/gif"
    );
    assert_eq!(results[3]["is_error"], true);
    let sent = requests[0].json();
    let names: Vec<&str> = sent["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"add") && names.contains(&"second_add"));
}
