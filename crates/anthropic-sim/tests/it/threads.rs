//! Message threads: the server remembers the conversation.

use std::sync::Arc;

use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::client::post;
use crate::messages::hello_with;

async fn simulator() -> Simulator {
    let texts = |request: &anthropic_sim::MessageRequest| {
        let texts = request
            .messages()
            .iter()
            .map(|message| message["content"].to_string());
        Some(Reply::text(format!(
            "{}: {}",
            request.system_text(),
            texts.collect::<Vec<_>>().join(",")
        )))
    };
    Simulator::builder().handler(texts).start().await.unwrap()
}

fn begin() -> Value {
    hello_with(
        json!({"system": "sys", "thread": {"type": "create"}, "messages": [{"role": "user", "content": "one"}]}),
    )
}

fn after(message: &Value, text: &str) -> Value {
    let thread = json!({"type": "continue", "previous_message_id": message["id"]});
    hello_with(json!({"thread": thread, "messages": [{"role": "user", "content": text}]}))
}

/// The error's code.
async fn refused(simulator: &Simulator, status: u16, body: &Value) -> Value {
    let answer = post(simulator.url(), "/v1/messages?beta=true", body).await;
    answer.error(status);
    answer.json()["error"]["details"]["error_code"].clone()
}

#[tokio::test]
async fn a_turn_goes_on_from_what_was_said() {
    let simulator = simulator().await;
    let url = simulator.url();
    let first = post(url, "/v1/messages?beta=true", &begin()).await.ok();
    let second = post(url, "/v1/messages?beta=true", &after(&first, "two"))
        .await
        .ok();
    let text = second["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("sys: \"one\",[{"), "{text}");
    assert!(
        text.ends_with("}],\"two\"") && text.contains("sys: "),
        "{text}"
    );
    assert!(second["usage"]["input_tokens"].as_u64() > first["usage"]["input_tokens"].as_u64());
    let third = post(url, "/v1/messages?beta=true", &after(&second, "three"))
        .await
        .ok();
    assert!(
        third["content"][0]["text"]
            .as_str()
            .unwrap()
            .ends_with("\"three\"")
    );
    assert_eq!(
        refused(&simulator, 400, &after(&first, "again")).await,
        "thread_already_continued"
    );
}

#[tokio::test]
async fn a_later_turn_may_choose_a_tool_of_the_first() {
    let simulator = Simulator::start().await.unwrap();
    let path = "/v1/messages?beta=true";
    let mut first = begin();
    first["tools"] = json!([{"name": "clock", "input_schema": {"type": "object"}}]);
    first["tool_choice"] = json!({"type": "none"});
    let first = post(simulator.url(), path, &first).await.ok();
    let mut second = after(&first, "two");
    second["tool_choice"] = json!({"type": "tool", "name": "clock"});
    let second = post(simulator.url(), path, &second).await.ok();
    assert_eq!(second["stop_reason"], "tool_use");
}

#[tokio::test]
async fn equal_threads_are_apart() {
    let simulator = simulator().await;
    let first = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    let second = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    assert_ne!(first["id"], second["id"]);
    for turn in [first, second] {
        post(
            simulator.url(),
            "/v1/messages?beta=true",
            &after(&turn, "two"),
        )
        .await
        .ok();
    }
}

#[tokio::test]
async fn what_cannot_be_continued_is_said_by_code() {
    let simulator = simulator().await;
    let plain = post(
        simulator.url(),
        "/v1/messages?beta=true",
        &hello_with(json!({})),
    )
    .await
    .ok();
    assert_eq!(
        refused(&simulator, 404, &after(&plain, "two")).await,
        "thread_not_found"
    );
    let first = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    let mut changed = after(&first, "two");
    changed["system"] = json!("other");
    assert_eq!(
        refused(&simulator, 400, &changed).await,
        "thread_fingerprint_mismatch"
    );
    changed["system"] = json!("sys");
    assert_eq!(refused(&simulator, 400, &changed).await, Value::Null);
    simulator.reply(Reply::error(529, "overloaded_error", "Overloaded"));
    post(
        simulator.url(),
        "/v1/messages?beta=true",
        &after(&first, "two"),
    )
    .await
    .error(529);
    post(
        simulator.url(),
        "/v1/messages?beta=true",
        &after(&first, "two"),
    )
    .await
    .ok();
    simulator.reply(Reply::refusal("bio", "No."));
    let refusal = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    assert_eq!(
        refused(&simulator, 404, &after(&refusal, "two")).await,
        "thread_not_found"
    );
}

#[tokio::test]
async fn a_paused_turn_goes_on_from_nothing_new() {
    let simulator = simulator().await;
    simulator.reply(Reply::text("wait").pause_turn());
    let first = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    let mut resumed = after(&first, "");
    resumed["messages"] = json!([]);
    let second = post(simulator.url(), "/v1/messages?beta=true", &resumed)
        .await
        .ok();
    assert!(
        second["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("wait")
    );
}

/// Each breakpoint is for the turn that sent it, or a thread would end after a few turns.
#[tokio::test]
async fn each_turn_has_cache_breakpoints_of_its_own() {
    let simulator = simulator().await;
    let cached = |text: &str| {
        json!([{"role": "user", "content": [
            {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}},
        ]}])
    };
    let mut body = begin();
    body["messages"] = cached("one");
    for turn in 0..6 {
        let reply = post(simulator.url(), "/v1/messages?beta=true", &body)
            .await
            .ok();
        assert!(reply["usage"]["cache_creation_input_tokens"].as_u64() > Some(0));
        let read = reply["usage"]["cache_read_input_tokens"].as_u64();
        assert_eq!(read > Some(0), turn > 0, "{turn}: what was cached is read");
        body = after(&reply, "");
        body["messages"] = cached("and another");
    }
}

#[tokio::test]
async fn two_cannot_continue_at_once() {
    let (arrived, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let gate = (Arc::clone(&arrived), Arc::clone(&leave));
    let simulator = Simulator::builder()
        .async_handler(move |request| {
            let (arrived, leave) = gate.clone();
            async move {
                if request.last_user_text() == "two" {
                    arrived.notify_one();
                    leave.notified().await;
                }
                Some(Reply::text("x"))
            }
        })
        .start()
        .await
        .unwrap();
    let first = post(simulator.url(), "/v1/messages?beta=true", &begin())
        .await
        .ok();
    let (url, body) = (simulator.url().to_owned(), after(&first, "two"));
    let slow = tokio::spawn(async move { post(&url, "/v1/messages?beta=true", &body).await.ok() });
    arrived.notified().await;
    assert_eq!(
        refused(&simulator, 400, &after(&first, "three")).await,
        "thread_continue_in_flight"
    );
    leave.notify_one();
    slow.await.unwrap();
    assert_eq!(
        refused(&simulator, 400, &after(&first, "three")).await,
        "thread_already_continued"
    );
}
