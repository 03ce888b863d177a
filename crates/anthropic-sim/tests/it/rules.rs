//! Who answers: the queue, rules, a function, in this order.

use std::time::Duration;

use anthropic_sim::{Reply, Simulator, When};
use serde_json::{Value, json};

use crate::client::post;
use crate::messages::{hello, hello_with};

async fn said(simulator: &Simulator, fields: Value) -> String {
    let message = post(simulator.url(), "/v1/messages", &hello_with(fields))
        .await
        .ok();
    message["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn the_first_rule_that_holds_answers() {
    let tool = json!({"name": "clock", "input_schema": {"type": "object"}});
    let simulator = Simulator::builder()
        .when(When::text("HELLO").times(1), Reply::text("once"))
        .when(When::model("claude-haiku-*"), Reply::text("by model"))
        .when(When::model("claude-haiku"), Reply::text("never"))
        .when(When::any().tool("clock"), Reply::text("by tool"))
        .when(
            When::any().system("be brief").and_text("hello"),
            Reply::text("by system"),
        )
        .when(
            When::matches(|request| request.max_tokens() == 77),
            Reply::text("by check"),
        )
        .handler(|request| request.is_stream().then(|| Reply::text("never")))
        .start()
        .await
        .unwrap();
    for (fields, answer) in [
        (json!({}), "once"),
        (json!({"model": "claude-haiku-5-5"}), "by model"),
        (json!({"tools": [tool]}), "by tool"),
        (
            json!({"system": [{"type": "text", "text": "Be brief."}]}),
            "by system",
        ),
        (json!({"max_tokens": 77}), "by check"),
    ] {
        assert_eq!(said(&simulator, fields).await, answer);
    }
    assert!(said(&simulator, json!({})).await.contains("simulator"));
    simulator.when(When::any(), Reply::text("late"));
    assert_eq!(said(&simulator, json!({})).await, "late");
    simulator.reply(Reply::text("queued"));
    assert_eq!(said(&simulator, json!({})).await, "queued");
}

#[tokio::test]
async fn a_rule_can_wait_for_a_tools_result() {
    let simulator = Simulator::builder()
        .when(When::any().answered("weather"), Reply::text("So it rains."))
        .when(When::any(), Reply::tool_call("weather"))
        .start()
        .await
        .unwrap();
    let schema =
        json!({"type": "object", "properties": {"city": {"enum": ["Bern"]}}, "required": ["city"]});
    let tools = json!([{"name": "weather", "input_schema": schema}]);
    let first = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"tools": tools})),
    )
    .await
    .ok();
    let call = &first["content"][0];
    assert_eq!(
        (&call["input"], &first["stop_reason"]),
        (&json!({"city": "Bern"}), &json!("tool_use"))
    );
    let result = json!({"type": "tool_result", "tool_use_id": call["id"], "content": "rain"});
    let messages = json!([
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": [result]},
    ]);
    assert_eq!(
        said(&simulator, json!({"tools": tools, "messages": messages})).await,
        "So it rains."
    );
}

#[tokio::test]
async fn an_async_handler_may_wait() {
    let (ask, mut asked) =
        tokio::sync::mpsc::channel::<(String, tokio::sync::oneshot::Sender<String>)>(1);
    let simulator = Simulator::builder()
        .async_handler(move |request| {
            let ask = ask.clone();
            async move {
                let (tell, told) = tokio::sync::oneshot::channel();
                ask.send((request.last_user_text(), tell)).await.ok()?;
                Some(Reply::text(told.await.ok()?))
            }
        })
        .start()
        .await
        .unwrap();
    let answering = tokio::spawn(async move {
        let (text, tell) = asked.recv().await.unwrap();
        tell.send(format!("heard: {text}")).unwrap();
    });
    assert_eq!(said(&simulator, json!({})).await, "heard: Hello there");
    answering.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_reply_can_be_late_and_slow() {
    let second = Duration::from_secs(1);
    let simulator = Simulator::builder()
        .reply(Reply::text("late").delay(second * 5))
        .reply(Reply::text("slow").pace(second))
        .start()
        .await
        .unwrap();
    let begin = tokio::time::Instant::now();
    post(simulator.url(), "/v1/messages", &hello()).await.ok();
    assert!(begin.elapsed() >= second * 5);
    let begin = tokio::time::Instant::now();
    let answer = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"stream": true})),
    )
    .await;
    let pauses = u32::try_from(answer.events().len()).unwrap() - 1;
    assert!(begin.elapsed() >= second * pauses, "{:?}", begin.elapsed());
}
