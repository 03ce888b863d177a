//! Refusals: status, type, and a message that names the parameter.

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{delete, get, post, send};
use crate::messages::{hello, hello_with};

#[tokio::test]
async fn a_request_without_credentials_gets_401() {
    let simulator = Simulator::start().await.unwrap();
    for headers in [
        vec![("x-api-key", "")],
        vec![("x-api-key", ""), ("authorization", "Bearer ")],
        vec![("x-api-key", ""), ("authorization", "Basic abc")],
    ] {
        let answer = send(simulator.url(), "GET", "/v1/models", &headers, b"").await;
        assert_eq!(answer.error(401).0, "authentication_error");
        assert!(
            answer
                .header("anthropic-ratelimit-requests-limit")
                .is_some()
        );
    }
    let strict = Simulator::builder()
        .accept_only("secret")
        .start()
        .await
        .unwrap();
    assert_eq!(strict.api_key(), "secret");
    assert_eq!(
        get(strict.url(), "/v1/models").await.error(401).0,
        "authentication_error"
    );
    let answer = send(
        strict.url(),
        "GET",
        "/v1/models",
        &[("x-api-key", "secret")],
        b"",
    )
    .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn paths_methods_and_objects_that_are_not_there() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    for path in [
        "/",
        "/v1/nothing",
        "/v1/models/claude-0",
        "/v1/files/file_1",
        "/v1/skills/skill_1/versions/1",
        "/v1/messages/batches/msgbatch_1",
        "/v1/messages/batches/msgbatch_1/results",
        "/v1/models/..%2f",
    ] {
        assert_eq!(
            get(url, path).await.error(404).0,
            "not_found_error",
            "{path}"
        );
    }
    let (kind, message) = get(url, "/v1/messages").await.error(405);
    assert!(
        kind == "invalid_request_error" && message.contains("GET /v1/messages"),
        "{message}"
    );
    assert_eq!(
        delete(url, "/v1/models").await.error(405).0,
        "invalid_request_error"
    );
    assert_eq!(
        get(url, "/v1/models/%ff").await.error(400).0,
        "invalid_request_error"
    );
    let (kind, _) = post(url, "/v1/messages", &hello_with(json!({"model": "gpt"})))
        .await
        .error(404);
    assert_eq!(kind, "not_found_error");
}

#[tokio::test]
async fn the_version_header_is_checked() {
    let simulator = Simulator::start().await.unwrap();
    for version in ["", "2020-01-01"] {
        let answer = send(
            simulator.url(),
            "GET",
            "/v1/models",
            &[("anthropic-version", version)],
            b"",
        )
        .await;
        assert!(answer.error(400).1.starts_with("anthropic-version:"));
    }
}

/// Each of these fields makes the request invalid, with a message that opens as given.
async fn assert_invalid(cases: &[(Value, &str)]) {
    let simulator = Simulator::start().await.unwrap();
    for (fields, named) in cases {
        let body = hello_with(fields.clone());
        let (kind, message) = post(simulator.url(), "/v1/messages", &body)
            .await
            .error(400);
        assert_eq!(kind, "invalid_request_error");
        assert!(message.starts_with(named), "{named} {message}");
    }
}

#[tokio::test]
async fn missing_parameters_are_named() {
    let simulator = Simulator::start().await.unwrap();
    for missing in ["model", "max_tokens", "messages"] {
        let mut body = hello();
        body.as_object_mut().unwrap().remove(missing);
        let (_, message) = post(simulator.url(), "/v1/messages", &body)
            .await
            .error(400);
        assert_eq!(message, format!("{missing}: Field required"));
    }
}

#[tokio::test]
async fn parameters_of_the_wrong_type_are_named() {
    assert_invalid(&[
        (json!({"model": null}), "model:"),
        (json!({"model": 4}), "model:"),
        (json!({"max_tokens": "many"}), "max_tokens:"),
        (json!({"max_tokens": -1}), "max_tokens:"),
        (json!({"stream": "yes"}), "stream:"),
        (json!({"system": 5}), "system:"),
        (json!({"stop_sequences": [1]}), "stop_sequences.0:"),
        (json!({"metadata": []}), "metadata:"),
        (json!({"colour": "blue"}), "colour:"),
        (json!({"temperature": 0.5}), "temperature:"),
        (json!({"top_k": 5}), "top_k:"),
    ])
    .await;
}

#[tokio::test]
async fn malformed_messages_are_named() {
    let user = |content: Value| json!({"messages": [{"role": "user", "content": content}]});
    assert_invalid(&[
        (json!({"messages": {}}), "messages:"),
        (json!({"messages": []}), "messages:"),
        (json!({"messages": ["x"]}), "messages.0:"),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages.0.content:",
        ),
        (json!({"messages": [{"content": "x"}]}), "messages.0.role:"),
        (
            json!({"messages": [{"role": "bot", "content": "x"}]}),
            "messages.0.role:",
        ),
        (user(json!(5)), "messages.0.content:"),
        (user(json!([{}])), "messages.0.content.0.type:"),
        (
            user(json!([{"type": "text"}])),
            "messages.0.content.0.text.text:",
        ),
        (user(json!([{"type": "hologram"}])), "messages.0.content.0:"),
    ])
    .await;
}

#[tokio::test]
async fn malformed_tools_and_thinking_are_named() {
    let tool = json!({"name": "t", "input_schema": {"type": "object"}});
    let enabled = |budget: Value| json!({"model": "claude-opus-4-6", "thinking": {"type": "enabled", "budget_tokens": budget}});
    assert_invalid(&[
        (
            json!({"tools": [{"input_schema": {}}]}),
            "tools.0.custom.name:",
        ),
        (
            json!({"tools": [{"name": "t"}]}),
            "tools.0.custom.input_schema:",
        ),
        (
            json!({"tools": [{"name": "t", "input_schema": {"properties": {}}}]}),
            "tools.0.custom.input_schema.type: Field required",
        ),
        (
            json!({"tools": [{"name": "t", "input_schema": {"type": "string"}}]}),
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        (
            json!({"tool_choice": {"type": "any"}}),
            "tool_choice.any may",
        ),
        (
            json!({"tools": [tool], "tool_choice": {"type": "tool", "name": "u"}}),
            "Tool 'u' not found",
        ),
        (
            json!({"tools": [tool], "tool_choice": {"type": "maybe"}}),
            "tool_choice: Input tag 'maybe'",
        ),
        (enabled(Value::Null), "thinking.enabled.budget_tokens:"),
        (enabled(json!(10)), "thinking.enabled.budget_tokens:"),
        (enabled(json!(5000)), "`max_tokens` must"),
        (
            json!({"thinking": {"type": "hard"}}),
            "thinking: Input tag 'hard'",
        ),
    ])
    .await;
}

#[tokio::test]
async fn the_older_version_has_the_sampling_parameters() {
    let simulator = Simulator::start().await.unwrap();
    let older = [("anthropic-version", "2023-06-01")];
    let try_with = async |fields: Value| {
        let body = hello_with(fields).to_string();
        send(
            simulator.url(),
            "POST",
            "/v1/messages",
            &older,
            body.as_bytes(),
        )
        .await
    };
    assert_eq!(
        try_with(json!({"model": "claude-sonnet-4-20250514", "temperature": 0.5, "top_p": 1, "top_k": 40}))
            .await
            .status,
        200
    );
    assert!(
        try_with(json!({"temperature": 2}))
            .await
            .error(400)
            .1
            .starts_with("temperature:")
    );
}

#[tokio::test]
async fn unknown_parameters_can_be_let_through() {
    let simulator = Simulator::builder()
        .allow_unknown_parameters()
        .start()
        .await
        .unwrap();
    let answer = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"colour": "blue"})),
    )
    .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn broken_bodies_get_400() {
    let simulator = Simulator::start().await.unwrap();
    let deep = "[".repeat(100_000);
    for body in ["", "{", "{\"model\": }", "\"text\"", "[]", deep.as_str()] {
        let answer = send(
            simulator.url(),
            "POST",
            "/v1/messages",
            &[],
            body.as_bytes(),
        )
        .await;
        assert_eq!(answer.error(400).0, "invalid_request_error");
    }
}

#[tokio::test]
async fn bodies_over_the_limit_get_413() {
    let simulator = Simulator::start().await.unwrap();
    let large = vec![b' '; 32 * 1024 * 1024 + 1];
    let answer = send(simulator.url(), "POST", "/v1/messages", &[], &large).await;
    assert_eq!(answer.error(413).0, "request_too_large");

    // Without a content-length the size shows only as the body comes in.
    let chunk = [
        format!("{:x}\r\n", large.len()).as_bytes(),
        &large,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let answer = send(
        simulator.url(),
        "POST",
        "/v1/messages",
        &[("transfer-encoding", "chunked")],
        &chunk,
    )
    .await;
    assert_eq!(answer.error(413).0, "request_too_large");

    let fits = send(simulator.url(), "POST", "/v1/messages", &[], &large[1..]).await;
    assert_eq!(
        fits.error(400).0,
        "invalid_request_error",
        "that many blanks fit, but are no JSON"
    );
}

#[tokio::test]
async fn a_batch_is_checked_now_and_its_messages_when_they_are_answered() {
    let simulator = Simulator::builder()
        .batch_delay(std::time::Duration::ZERO)
        .start()
        .await
        .unwrap();
    let path = "/v1/messages/batches";
    let params = hello_with(json!({"temperature": 1}));
    let body = json!({"requests": [{"custom_id": "one", "params": params, "priority": 1}]});
    let (_, message) = post(simulator.url(), path, &body).await.error(400);
    assert_eq!(
        message,
        "requests.0.priority: Extra inputs are not permitted"
    );

    let body = json!({"requests": [{"custom_id": "one", "params": params}]});
    let batch = post(simulator.url(), path, &body).await.ok();
    let results = format!("{path}/{}/results", batch["id"].as_str().unwrap());
    let result = get(simulator.url(), &results).await.json();
    assert_eq!(result["result"]["type"], "errored");
    assert_eq!(
        result["result"]["error"]["error"]["message"],
        "temperature: Extra inputs are not permitted"
    );
}
