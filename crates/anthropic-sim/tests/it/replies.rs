//! What the constructors of replies put on the wire.

use anthropic_sim::{Citation, Reply, Simulator, When};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{parse, post, send};
use crate::messages::{hello, hello_with};

async fn answer(reply: Reply, fields: Value) -> Value {
    let simulator = Simulator::builder().reply(reply).start().await.unwrap();
    post(simulator.url(), "/v1/messages", &hello_with(fields))
        .await
        .ok()
}

#[tokio::test]
async fn a_server_tools_result_belongs_to_its_call() {
    let reply = Reply::new()
        .with_web_search("rivers", [("https://example.com/", "Rivers")])
        .with_mcp_tool("files", "read", json!({"path": "/a"}), "text")
        .with_web_fetch("https://example.com/", "page")
        .with_text("Done.");
    let message = answer(reply, json!({})).await;
    let blocks = message["content"].as_array().unwrap();
    let kinds: Vec<&str> = blocks
        .iter()
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "server_tool_use",
            "web_search_tool_result",
            "mcp_tool_use",
            "mcp_tool_result",
            "server_tool_use",
            "web_fetch_tool_result",
            "text",
        ]
    );
    for (call, prefix) in [(0, "srvtoolu_01"), (2, "mcptoolu_01"), (4, "srvtoolu_01")] {
        let id = blocks[call]["id"].as_str().unwrap();
        assert!(id.starts_with(prefix), "{id}");
        assert_eq!(blocks[call + 1]["tool_use_id"], id);
    }
    assert_eq!(
        message["usage"]["server_tool_use"],
        json!({"web_search_requests": 1, "web_fetch_requests": 1})
    );
    assert_eq!(
        message["stop_reason"], "end_turn",
        "server tools end no turn"
    );
    let said =
        json!({"query": "rivers"}).to_string().len() + json!({"path": "/a"}).to_string().len();
    assert!(
        message["usage"]["output_tokens"].as_u64().unwrap() < said as u64,
        "results cost no output"
    );
}

#[tokio::test]
async fn citations_have_the_apis_shapes() {
    let citations = [
        Citation::characters("c", 0, 1..2).title("Doc"),
        Citation::pages("p", 1, 3..4).file("file_1"),
        Citation::blocks("b", 2, 0..1),
        Citation::web("w").title("Web"),
        Citation::search_result("s", 0, 0..2)
            .source("source")
            .title("Found"),
    ];
    let message = answer(Reply::new().with_cited_text("cited", citations), json!({})).await;
    let expected = json!([
        {"type": "char_location", "cited_text": "c", "document_index": 0, "document_title": "Doc", "file_id": null,
         "start_char_index": 1, "end_char_index": 2},
        {"type": "page_location", "cited_text": "p", "document_index": 1, "document_title": null, "file_id": "file_1",
         "start_page_number": 3, "end_page_number": 4},
        {"type": "content_block_location", "cited_text": "b", "document_index": 2, "document_title": null,
         "file_id": null, "start_block_index": 0, "end_block_index": 1},
        {"type": "web_search_result_location", "cited_text": "w", "url": "https://example.com/", "title": "Web",
         "encrypted_index": "simulated"},
        {"type": "search_result_location", "cited_text": "s", "source": "source", "title": "Found",
         "search_result_index": 0, "start_block_index": 0, "end_block_index": 2},
    ]);
    assert_eq!(message["content"][0]["citations"], expected);
}

#[tokio::test]
async fn ends_are_said() {
    for (reply, reason, sequence) in [
        (Reply::text("x").pause_turn(), "pause_turn", Value::Null),
        (
            Reply::text("x").stop_sequence("END"),
            "stop_sequence",
            json!("END"),
        ),
        (Reply::compaction("x"), "compaction", Value::Null),
        (Reply::refusal("bio", "No."), "refusal", Value::Null),
        (Reply::tool_call("none"), "tool_use", Value::Null),
    ] {
        let message = answer(reply, json!({})).await;
        assert_eq!(
            (&message["stop_reason"], &message["stop_sequence"]),
            (&json!(reason), &sequence)
        );
    }
}

#[tokio::test]
async fn a_compaction_is_an_iteration_of_its_own() {
    let message = answer(
        Reply::new().with_compaction("12345678").with_text("1234"),
        json!({}),
    )
    .await;
    assert_eq!(message["usage"]["output_tokens"], 1);
    let iterations = message["usage"]["iterations"].as_array().unwrap();
    let told: Vec<_> = iterations
        .iter()
        .map(|one| (&one["type"], &one["output_tokens"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("compaction"), &json!(2)),
            (&json!("message"), &json!(1))
        ]
    );
}

#[tokio::test]
async fn what_comes_before_a_compaction_costs_nothing_any_more() {
    let simulator = Simulator::start().await.unwrap();
    let compacted = json!([
        {"role": "user", "content": "a".repeat(4_000)},
        {"role": "assistant", "content": [{"type": "compaction", "content": "1234"}]},
        {"role": "user", "content": "1234"},
    ]);
    let body = hello_with(json!({"messages": compacted}));
    let message = post(simulator.url(), "/v1/messages?beta=true", &body)
        .await
        .ok();
    let block = json!({"type": "compaction", "content": "1234"}).to_string();
    assert_eq!(
        message["usage"]["input_tokens"],
        3 + anthropic_sim::tokens::text(&block) + 3 + 1
    );
    let whole = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    assert!(whole["usage"].get("iterations").is_none());
}

#[tokio::test]
async fn several_replies_are_queued_in_order() {
    let value = json!({"river": "Aare"});
    let simulator = Simulator::builder()
        .replies([Reply::json(&value), Reply::text("second")])
        .start()
        .await
        .unwrap();
    let first = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    let text = first["content"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), value);
    let second = post(simulator.url(), "/v1/messages", &hello()).await.ok();
    assert_eq!(second["content"][0]["text"], "second");
}

#[tokio::test]
async fn headers_may_have_any_letters() {
    let simulator = Simulator::builder()
        .when(
            When::any().header("x-name", "Jürgen"),
            Reply::text("It is he."),
        )
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let body = hello().to_string();
    let body = body.as_bytes();
    let headers = [("anthropic-sim-reply", "Grüße")];
    let message = send(url, "POST", "/v1/messages", &headers, body).await.ok();
    assert_eq!(message["content"][0]["text"], "Grüße");
    let headers = [("x-name", "Jürgen")];
    let message = send(url, "POST", "/v1/messages", &headers, body).await.ok();
    assert_eq!(message["content"][0]["text"], "It is he.");
    // In Latin-1.
    let host = url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\nx-api-key: k\r\n\
         anthropic-version: 2026-10-21\r\ncontent-length: {}\r\nanthropic-sim-reply: Gr",
        body.len()
    );
    let mut socket = TcpStream::connect(host).await.unwrap();
    let request = [head.as_bytes(), b"\xfc\xdfe\r\n\r\n", body].concat();
    socket.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let (_, message) = parse(&answer).error(400);
    assert_eq!(message, "anthropic-sim-reply: the value is not UTF-8");
}
