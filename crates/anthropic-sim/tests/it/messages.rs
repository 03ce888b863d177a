//! Plain messages: the built-in reply, what cuts it, and how it is counted.

use anthropic_sim::{Simulator, tokens};
use serde_json::{Value, json};

use crate::client::{post, send};

pub(crate) fn hello() -> Value {
    json!({"model": "claude-opus-5-5", "max_tokens": 1024, "messages": [{"role": "user", "content": "Hello there"}]})
}

/// The request with more fields.
#[expect(
    clippy::needless_pass_by_value,
    reason = "callers write the fields in place"
)]
pub(crate) fn hello_with(fields: Value) -> Value {
    let mut body = hello();
    body.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_message_is_honest_and_complete() {
    let simulator = Simulator::start().await.unwrap();
    let answer = post(simulator.url(), "/v1/messages", &hello()).await;
    let message = answer.ok();
    assert!(
        answer.text().starts_with("{\"type\":\"message\""),
        "the tag comes first"
    );
    let text = message["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("simulator")
            && text.contains("not a model")
            && text.contains("“Hello there”"),
        "{text}"
    );
    assert_eq!(
        (
            &message["type"],
            &message["role"],
            &message["model"],
            &message["stop_reason"]
        ),
        (
            &json!("message"),
            &json!("assistant"),
            &json!("claude-opus-5-5"),
            &json!("end_turn")
        ),
    );
    assert!(message["id"].as_str().unwrap().starts_with("msg_01"));
    assert_eq!(
        message["usage"]["input_tokens"],
        3 + tokens::text("Hello there")
    );
    assert_eq!(message["usage"]["output_tokens"], tokens::text(text));
    assert!(answer.header("request-id").unwrap().starts_with("req_01"));
    for header in [
        "anthropic-organization-id",
        "anthropic-workspace-id",
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-tokens-remaining",
    ] {
        assert!(answer.header(header).is_some(), "{header}");
    }
}

#[tokio::test]
async fn the_same_request_gets_the_same_message_from_any_simulator() {
    let one = Simulator::start().await.unwrap();
    let two = Simulator::start().await.unwrap();
    let first = post(one.url(), "/v1/messages", &hello()).await;
    assert_eq!(
        first.json(),
        post(one.url(), "/v1/messages", &hello()).await.json()
    );
    let other = post(two.url(), "/v1/messages?beta=true", &hello()).await;
    assert_eq!(first.json(), other.json());
    let different = post(
        one.url(),
        "/v1/messages",
        &hello_with(json!({"max_tokens": 1023})),
    )
    .await;
    assert_ne!(first.json()["id"], different.json()["id"]);
}

#[tokio::test]
async fn a_forced_tool_is_called_with_input_that_fits() {
    let simulator = Simulator::start().await.unwrap();
    let weather = json!({"name": "weather", "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}, "days": {"type": "integer", "minimum": 2}},
        "required": ["city", "unit", "days"],
    }});
    let clock = json!({"name": "clock", "input_schema": {"type": "object"}});
    let tools = json!({"tools": [weather, clock], "tool_choice": {"type": "any"}});
    let message = post(simulator.url(), "/v1/messages", &hello_with(tools))
        .await
        .ok();
    assert_eq!(message["stop_reason"], "tool_use");
    let block = &message["content"][0];
    assert_eq!(
        block["input"],
        json!({"city": "simulated city", "unit": "c", "days": 2})
    );
    assert!(block["id"].as_str().unwrap().starts_with("toolu_01"));

    let tools =
        json!({"tools": [weather, clock], "tool_choice": {"type": "tool", "name": "clock"}});
    let message = post(simulator.url(), "/v1/messages", &hello_with(tools))
        .await
        .ok();
    assert_eq!(
        (
            &message["content"][0]["name"],
            &message["content"][0]["input"]
        ),
        (&json!("clock"), &json!({}))
    );

    let message = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"tools": [weather]})),
    )
    .await
    .ok();
    assert_eq!(message["stop_reason"], "tool_use", "so it is by default");
}

#[tokio::test]
async fn a_tool_result_is_echoed() {
    let simulator = Simulator::start().await.unwrap();
    let result = json!({"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "12 °C"}]});
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}});
    let messages = json!({"messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]});
    let message = post(simulator.url(), "/v1/messages", &hello_with(messages))
        .await
        .ok();
    assert!(
        message["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("“12 °C”"),
        "{message}"
    );
}

#[tokio::test]
async fn thinking_comes_first_and_signed() {
    let simulator = Simulator::start().await.unwrap();
    for thinking in [
        json!({"type": "enabled", "budget_tokens": 1024}),
        json!({"type": "adaptive"}),
    ] {
        let fields = json!({"model": "claude-opus-4-6", "max_tokens": 2048, "thinking": thinking});
        let body = hello_with(fields);
        let message = post(simulator.url(), "/v1/messages", &body).await.ok();
        let block = &message["content"][0];
        assert_eq!(block["type"], "thinking");
        assert!(!block["signature"].as_str().unwrap().is_empty());
        let spent = message["usage"]["output_tokens_details"]["thinking_tokens"]
            .as_u64()
            .unwrap();
        assert_eq!(spent, tokens::text(block["thinking"].as_str().unwrap()));
        assert_eq!(message["content"][1]["type"], "text");
    }
    let body = hello_with(json!({"thinking": {"type": "adaptive", "display": "omitted"}}));
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(message["content"][0]["thinking"], "");
}

#[tokio::test]
async fn max_tokens_cuts_by_the_documented_rule() {
    let simulator = Simulator::start().await.unwrap();
    let whole = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    let text = whole["content"][0]["text"].as_str().unwrap();
    let length = tokens::text(text);

    let message = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"max_tokens": 5})),
    )
    .await
    .ok();
    assert_eq!(message["stop_reason"], "max_tokens");
    assert_eq!(message["content"][0]["text"], text[..20]);
    assert_eq!(message["usage"]["output_tokens"], 5);

    let exact = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"max_tokens": length})),
    )
    .await
    .ok();
    assert_eq!(exact["stop_reason"], "end_turn");
    let none = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"max_tokens": 0})),
    )
    .await
    .ok();
    assert_eq!(
        (&none["content"], &none["usage"]["output_tokens"]),
        (&json!([]), &json!(0))
    );
}

#[tokio::test]
async fn a_stop_sequence_ends_the_text_before_it() {
    let simulator = Simulator::start().await.unwrap();
    let body = hello_with(json!({"stop_sequences": ["model", "API"]}));
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(
        message["content"][0]["text"],
        "This is a simulator of the Claude "
    );
    assert_eq!(
        (&message["stop_reason"], &message["stop_sequence"]),
        (&json!("stop_sequence"), &json!("API"))
    );

    let body = hello_with(json!({"stop_sequences": ["model"], "max_tokens": 2}));
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(
        (&message["stop_reason"], &message["stop_sequence"]),
        (&json!("max_tokens"), &Value::Null)
    );
}

#[tokio::test]
async fn structured_output_fits_its_schema() {
    let simulator = Simulator::start().await.unwrap();
    let schema = json!({"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false});
    let body =
        hello_with(json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}}));
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(message["content"][0]["text"], r#"{"ok":true}"#);
}

#[tokio::test]
async fn counting_agrees_with_the_usage_of_a_message() {
    let simulator = Simulator::start().await.unwrap();
    let tool = json!({"name": "clock", "input_schema": {"type": "object"}});
    let body = hello_with(json!({"system": "Be brief.", "tools": [tool]}));
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    let mut counted = body.clone();
    counted.as_object_mut().unwrap().remove("max_tokens");
    let count = post(simulator.url(), "/v1/messages/count_tokens", &counted)
        .await
        .ok();
    assert_eq!(
        count,
        json!({"input_tokens": message["usage"]["input_tokens"]})
    );
    assert_eq!(
        count["input_tokens"],
        3 + 3 + 3 + tokens::text(&tool.to_string())
    );
}

#[tokio::test]
async fn both_kinds_of_credentials_open_the_door() {
    let simulator = Simulator::start().await.unwrap();
    let body = hello().to_string();
    for headers in [
        [("x-api-key", ""), ("authorization", "Bearer anything")],
        [
            ("x-api-key", simulator.api_key()),
            ("anthropic-beta", "files-api-2025-04-14,other"),
        ],
    ] {
        let answer = send(
            simulator.url(),
            "POST",
            "/v1/messages",
            &headers,
            body.as_bytes(),
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}

#[tokio::test]
async fn whole_numbers_may_be_written_as_others() {
    let simulator = Simulator::start().await.unwrap();
    let plain = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    for max_tokens in ["1024.0", "1e3", "1.024e+3"] {
        let body = hello_with(json!({"max_tokens": 0})).to_string();
        let body = body.replace("\"max_tokens\":0", &format!("\"max_tokens\":{max_tokens}"));
        assert!(body.contains(max_tokens), "{body}");
        let answer = send(
            simulator.url(),
            "POST",
            "/v1/messages",
            &[],
            body.as_bytes(),
        )
        .await;
        let message = answer.ok();
        assert_eq!(message["content"], plain["content"], "{max_tokens}");
        assert_eq!(message["stop_reason"], "end_turn", "{max_tokens}");
        assert_eq!(message["usage"], plain["usage"], "{max_tokens}");
    }
}

#[tokio::test]
async fn thinking_is_sent_back_as_it_came() {
    let simulator = Simulator::start().await.unwrap();
    let fields =
        json!({"model": "claude-opus-4-6", "max_tokens": 2048, "thinking": {"type": "adaptive"}});
    let mut body = hello_with(fields);
    let message = post(simulator.url(), "/v1/messages", &body).await.ok();
    let mut thought = message["content"][0].clone();
    assert_eq!(thought["type"], "thinking");
    let mut answer = async |thought: &Value, later: &[Value]| {
        let said = json!({"type": "text", "text": "So."});
        let turn = [
            json!({"role": "user", "content": "Hello there"}),
            json!({"role": "assistant", "content": [thought, said]}),
            json!({"role": "user", "content": "On."}),
        ];
        body["messages"] = json!([&turn, later].concat());
        post(simulator.url(), "/v1/messages", &body).await
    };
    answer(&thought, &[]).await.ok();
    thought["thinking"] = json!("Something else.");
    let (_, message) = answer(&thought, &[]).await.error(400);
    assert!(
        message.starts_with("messages.1.content.0: `thinking` or `redacted_thinking` blocks"),
        "{message}"
    );
    // Only the last message of the assistant's is looked at.
    let later = [
        json!({"role": "assistant", "content": "Yes."}),
        json!({"role": "user", "content": "On."}),
    ];
    answer(&thought, &later).await.ok();
    // What a script signs, nobody can check.
    thought["signature"] = json!("scripted");
    answer(&thought, &[]).await.ok();
}

#[tokio::test]
async fn betas_raise_the_limit_of_the_models_they_are_for() {
    let simulator = Simulator::start().await.unwrap();
    let (large, larger) = ("output-128k-2025-02-19", "output-300k-2026-03-24");
    for (model, beta, most) in [
        ("claude-3-7-sonnet-20250219", "", 64_000),
        ("claude-3-7-sonnet-20250219", large, 128_000),
        ("claude-3-7-sonnet-20250219", larger, 64_000),
        ("claude-sonnet-4-20250514", large, 64_000),
        ("claude-opus-4-6", large, 128_000),
        ("claude-opus-4-6", larger, 300_000),
        ("claude-opus-4-6", "other-output-2026-01-01", 128_000),
    ] {
        for (over, status) in [(0, 200), (1, 400)] {
            let body = hello_with(json!({"model": model, "max_tokens": most + over})).to_string();
            let headers = [("anthropic-beta", beta)];
            let answer = send(
                simulator.url(),
                "POST",
                "/v1/messages",
                &headers,
                body.as_bytes(),
            )
            .await;
            assert_eq!(answer.status, status, "{model} {beta}: {}", answer.text());
        }
    }
}
