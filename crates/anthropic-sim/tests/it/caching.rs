//! The prompt cache in the usage of messages.

use std::time::Duration;

use anthropic_sim::{Simulator, tokens};
use serde_json::{Value, json};

use crate::client::post;
use crate::messages::hello_with;

fn cached(question: &str) -> Value {
    let control = json!({"type": "ephemeral"});
    let system = json!([{"type": "text", "text": "12345678", "cache_control": control}]);
    hello_with(json!({"system": system, "messages": [{"role": "user", "content": question}]}))
}

async fn usage(simulator: &Simulator, body: &Value) -> [u64; 3] {
    let message = post(simulator.url(), "/v1/messages", body).await.ok();
    [
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
    ]
    .map(|name| message["usage"][name].as_u64().unwrap())
}

#[tokio::test]
async fn a_start_is_written_once_and_then_read_until_it_expires() {
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    assert_eq!(usage(&simulator, &cached("1234")).await, [4, 2, 0]);
    assert_eq!(usage(&simulator, &cached("12345678")).await, [5, 0, 2]);
    simulator.advance(Duration::from_secs(300));
    assert_eq!(usage(&simulator, &cached("1234")).await, [4, 2, 0]);
    let mut other = cached("1234");
    other["model"] = json!("claude-haiku-5-5");
    assert_eq!(
        usage(&simulator, &other).await,
        [4, 2, 0],
        "each model has its own cache"
    );
    let mut counted = cached("1234");
    counted.as_object_mut().unwrap().remove("max_tokens");
    let count = post(simulator.url(), "/v1/messages/count_tokens", &counted)
        .await
        .ok();
    assert_eq!(
        count["input_tokens"],
        tokens::request(&counted),
        "counting knows no cache"
    );
}

#[tokio::test]
async fn what_differs_by_the_cache_has_the_same_id() {
    let simulator = Simulator::start().await.unwrap();
    let first = post(simulator.url(), "/v1/messages", &cached("1234"))
        .await
        .ok();
    let second = post(simulator.url(), "/v1/messages", &cached("1234"))
        .await
        .ok();
    assert_eq!(
        (&first["id"], &first["content"]),
        (&second["id"], &second["content"])
    );
    assert_ne!(first["usage"], second["usage"]);
    let body = cached("1234");
    let mut streamed = body.clone();
    streamed["stream"] = json!(true);
    let events = post(simulator.url(), "/v1/messages", &streamed)
        .await
        .events();
    assert_eq!(events[0]["message"]["usage"]["cache_read_input_tokens"], 2);
}

#[tokio::test]
async fn four_blocks_may_be_cached_and_no_more() {
    let simulator = Simulator::start().await.unwrap();
    let block = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    let body = |count: usize| hello_with(json!({"system": vec![block.clone(); count]}));
    post(simulator.url(), "/v1/messages", &body(4)).await.ok();
    let refused = post(simulator.url(), "/v1/messages", &body(5)).await;
    assert!(refused.error(400).1.ends_with("Found 5."));
}
