//! Scripted replies and handlers, and what the simulator remembers.

use std::sync::{Arc, Mutex};

use anthropic_sim::{Reply, Simulator};
use serde_json::json;

use crate::client::{get, post, send};
use crate::messages::{hello, hello_with};

#[tokio::test]
async fn replies_come_in_order_and_then_the_handler_answers() {
    let simulator = Simulator::builder()
        .reply(Reply::text("first"))
        .reply(Reply::tool_use("search", json!({"q": 1})))
        .handler(|request| {
            (request.model() == "claude-sonnet-5").then(|| Reply::text(request.last_user_text()))
        })
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let first = post(url, "/v1/messages", &hello()).await.ok();
    assert_eq!(first["content"], json!([{"type": "text", "text": "first"}]));
    let second = post(url, "/v1/messages", &hello()).await.ok();
    assert_eq!(
        (&second["stop_reason"], &second["content"][0]["input"]),
        (&json!("tool_use"), &json!({"q": 1}))
    );
    assert_ne!(first["id"], second["id"]);
    let third = post(
        url,
        "/v1/messages",
        &hello_with(json!({"model": "claude-sonnet-5"})),
    )
    .await
    .ok();
    assert_eq!(third["content"][0]["text"], "Hello there");
    let fourth = post(url, "/v1/messages", &hello()).await.ok();
    assert!(
        fourth["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("simulator")
    );
    simulator.reply(Reply::text("late"));
    assert_eq!(
        post(url, "/v1/messages", &hello()).await.ok()["content"][0]["text"],
        "late"
    );
}

#[tokio::test]
async fn scripts_are_cut_unless_they_say_how_they_end() {
    let long = "a long text that will not fit";
    let simulator = Simulator::builder()
        .reply(Reply::text(long))
        .reply(Reply::text(long).stop_reason("model_context_window_exceeded"))
        .reply(Reply::refusal("cyber", "No."))
        .reply(Reply::text("x").field("usage", json!({"cache_read_input_tokens": 7})))
        .start()
        .await
        .unwrap();
    let body = hello_with(json!({"max_tokens": 1}));
    let cut = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(
        (&cut["content"][0]["text"], &cut["stop_reason"]),
        (&json!("a lo"), &json!("max_tokens"))
    );
    let whole = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(
        (&whole["content"][0]["text"], &whole["stop_reason"]),
        (&json!(long), &json!("model_context_window_exceeded"))
    );
    let refused = post(simulator.url(), "/v1/messages", &body).await.ok();
    assert_eq!(
        (
            &refused["stop_reason"],
            &refused["stop_details"]["category"]
        ),
        (&json!("refusal"), &json!("cyber"))
    );
    let usage = &post(simulator.url(), "/v1/messages", &body).await.ok()["usage"];
    assert_eq!(
        (&usage["cache_read_input_tokens"], &usage["output_tokens"]),
        (&json!(7), &json!(1))
    );
}

#[tokio::test]
async fn scripted_errors_have_status_headers_and_details() {
    let error = Reply::error(429, "rate_limit_error", "Slow down").header("retry-after", "3");
    let error = error.details(json!({"error_code": "ramp_limit_exceeded"}));
    let simulator = Simulator::builder()
        .reply(error.clone())
        .reply(error)
        .start()
        .await
        .unwrap();
    for stream in [false, true] {
        let answer = post(
            simulator.url(),
            "/v1/messages",
            &hello_with(json!({"stream": stream})),
        )
        .await;
        assert_eq!(
            answer.error(429),
            ("rate_limit_error".to_owned(), "Slow down".to_owned())
        );
        assert_eq!(answer.header("retry-after"), Some("3"));
        assert_eq!(
            answer.json()["error"]["details"]["error_code"],
            "ramp_limit_exceeded"
        );
    }
}

#[tokio::test]
async fn requests_are_recorded_without_credentials() {
    let simulator = Simulator::start().await.unwrap();
    let headers = [
        ("x-api-key", "canary-1"),
        ("authorization", "Bearer canary-2"),
        ("x-custom", "kept"),
    ];
    let body = hello().to_string();
    send(
        simulator.url(),
        "POST",
        "/v1/messages?beta=true",
        &headers,
        body.as_bytes(),
    )
    .await;
    get(simulator.url(), "/v1/nothing").await;
    let requests = simulator.requests();
    let [first, second] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (
            first.method.as_str(),
            first.path.as_str(),
            first.query.as_deref()
        ),
        ("POST", "/v1/messages", Some("beta=true"))
    );
    assert_eq!(
        (first.header("x-custom"), first.header("authorization")),
        (Some("kept"), Some("[redacted]"))
    );
    assert_eq!(first.json(), hello());
    assert_eq!(second.path, "/v1/nothing");
    assert!(!format!("{requests:?} {simulator:?}").contains("canary"));
}

#[tokio::test]
async fn the_record_is_bounded() {
    let simulator = Simulator::builder().record_limit(2).start().await.unwrap();
    for path in ["/a", "/b", "/c"] {
        get(simulator.url(), path).await;
    }
    let paths: Vec<String> = simulator
        .requests()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(paths, ["/b", "/c"]);
}

#[tokio::test]
async fn exchanges_are_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    let simulator = Simulator::builder()
        .on_exchange(move |exchange| sink.lock().unwrap().push(exchange.clone()))
        .start()
        .await
        .unwrap();
    let answer = post(
        simulator.url(),
        "/v1/messages",
        &hello_with(json!({"stream": true})),
    )
    .await;
    get(simulator.url(), "/v1/nothing").await;
    let told = told.lock().unwrap();
    assert_eq!(
        (
            told[0].status.unwrap().as_u16(),
            told[0].model.as_deref(),
            told[0].stream
        ),
        (200, Some("claude-opus-5-5"), true)
    );
    assert_eq!(
        Some(told[0].request_id.as_str()),
        answer.header("request-id")
    );
    assert_eq!(
        (
            told[1].status.unwrap().as_u16(),
            told[1].path.as_str(),
            told[1].model.as_deref()
        ),
        (404, "/v1/nothing", None)
    );
}

#[tokio::test]
async fn handlers_see_the_request() {
    let simulator = Simulator::builder()
        .handler(|request| {
            let seen = json!({
                "tool": request.tool("t").is_some(), "none": request.tool("u").is_some(),
                "results": request.tool_results().len(), "betas": request.betas(),
                "key": request.header("x-api-key"), "max": request.max_tokens(), "stream": request.is_stream(),
            });
            Some(Reply::text(seen.to_string()))
        })
        .start()
        .await
        .unwrap();
    let result = json!({"type": "tool_result", "tool_use_id": "a", "content": "x"});
    let body = hello_with(json!({
        "tools": [{"name": "t", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": "Go."},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "a", "name": "t", "input": {}}]},
            {"role": "user", "content": [result]},
        ],
    }));
    let headers = [("anthropic-beta", "a-1, b-2")];
    let answer = send(
        simulator.url(),
        "POST",
        "/v1/messages",
        &headers,
        body.to_string().as_bytes(),
    )
    .await;
    let seen: serde_json::Value =
        serde_json::from_str(answer.ok()["content"][0]["text"].as_str().unwrap()).unwrap();
    let expected = json!({
        "tool": true, "none": false, "results": 1, "betas": ["a-1", "b-2"],
        "key": "[redacted]", "max": 1024, "stream": false,
    });
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn rules_may_be_as_long_as_a_script() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let rule = |length: usize| json!({"reply": "a".repeat(length)}).to_string();
    let add = async |encoding: &str, body: &[u8]| {
        let headers = [("content-encoding", encoding)];
        send(url, "POST", "/_sim/rules", &headers, body).await
    };
    add("", rule(3 << 20).as_bytes()).await.ok();
    let message = post(url, "/v1/messages", &hello_with(json!({"max_tokens": 9})))
        .await
        .ok();
    assert!(
        message["content"][0]["text"]
            .as_str()
            .unwrap()
            .starts_with("aaaa")
    );
    let refused = add("", rule(16 << 20).as_bytes()).await;
    assert_eq!(refused.status, 413);
    assert!(
        refused.json()["error"]
            .as_str()
            .unwrap()
            .contains("16777216 bytes")
    );
    let refused = add("br", b"").await;
    assert_eq!(refused.status, 400);
    #[cfg(feature = "server")]
    {
        use std::io::Write;

        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(rule(3).as_bytes()).unwrap();
        let rules = add("gzip", &packer.finish().unwrap()).await.ok();
        assert_eq!(rules["rules"][1]["rule"]["reply"], "aaa");
    }
}

#[tokio::test]
async fn an_error_has_nothing_of_a_message() {
    for (name, value) in [
        ("text", json!("a")),
        ("tool", json!("look")),
        ("pace", json!(5)),
    ] {
        let script = json!([{"reply": {"error": {"status": 529}, "delay": 1, name: value}}]);
        let problem = anthropic_sim::Script::from_json(&script.to_string()).unwrap_err();
        let wanted = format!("[0].reply.{name}: does not go with an error");
        assert!(problem.to_string().ends_with(&wanted), "{problem}");
        assert!(problem.to_string().starts_with("line 1"), "{problem}");
    }
}
