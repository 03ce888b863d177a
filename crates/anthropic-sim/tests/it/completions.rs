//! Text completions of the older API version.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{Answer, send};

async fn complete(simulator: &Simulator, version: &str, body: &Value) -> Answer {
    send(
        simulator.url(),
        "POST",
        "/v1/complete",
        &[("anthropic-version", version)],
        body.to_string().as_bytes(),
    )
    .await
}

fn prompt() -> Value {
    json!({"model": "claude-2.1", "prompt": "\n\nHuman: Hi\n\nAssistant:", "max_tokens_to_sample": 100})
}

#[tokio::test]
async fn a_completion_streams_to_the_same_text() {
    let simulator = Simulator::start().await.unwrap();
    let plain = complete(&simulator, "2023-06-01", &prompt()).await.ok();
    assert!(
        plain["completion"]
            .as_str()
            .unwrap()
            .contains("not a model")
    );
    assert_eq!(
        (&plain["type"], &plain["stop_reason"], &plain["stop"]),
        (
            &json!("completion"),
            &json!("stop_sequence"),
            &json!("\n\nHuman:")
        )
    );

    let mut body = prompt();
    body["stream"] = json!(true);
    let answer = complete(&simulator, "2023-06-01", &body).await;
    let events: Vec<Value> = answer
        .events()
        .into_iter()
        .filter(|event| event["type"] != "ping")
        .collect();
    assert!(events.len() > 3 && answer.text().contains("event: completion\r\n"));
    let text: String = events
        .iter()
        .map(|event| event["completion"].as_str().unwrap())
        .collect();
    let last = events.last().unwrap();
    assert_eq!(
        (text.as_str(), &last["stop_reason"], &last["id"]),
        (
            plain["completion"].as_str().unwrap(),
            &plain["stop_reason"],
            &plain["id"]
        )
    );
}

#[tokio::test]
async fn completions_are_cut_and_checked() {
    let simulator = Simulator::start().await.unwrap();
    let mut body = prompt();
    body["max_tokens_to_sample"] = json!(2);
    let cut = complete(&simulator, "2023-06-01", &body).await.ok();
    assert_eq!(
        (&cut["completion"], &cut["stop_reason"], &cut["stop"]),
        (&json!(" This is"), &json!("max_tokens"), &Value::Null)
    );
    body = prompt();
    body["stop_sequences"] = json!(["API", "simulator"]);
    let stopped = complete(&simulator, "2023-06-01", &body).await.ok();
    assert_eq!(
        (&stopped["completion"], &stopped["stop"]),
        (&json!(" This is a "), &json!("simulator"))
    );

    for missing in ["model", "prompt", "max_tokens_to_sample"] {
        let mut body = prompt();
        body.as_object_mut().unwrap().remove(missing);
        assert!(
            complete(&simulator, "2023-06-01", &body)
                .await
                .error(400)
                .1
                .starts_with(missing)
        );
    }
    let (_, message) = complete(&simulator, "2026-10-21", &prompt())
        .await
        .error(400);
    assert!(message.starts_with("anthropic-version:"), "{message}");
}
