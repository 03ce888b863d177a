//! The response as it came, and what comes along with an answer.

use anthropic::transport::Body;
use anthropic::types::{MessageCreateParams, ModelListParams};
use anthropic::{ErrorKind, MessageStream};
use serde_json::Value;

use crate::stream_support::EVENT_STREAM;
use crate::support::server::Server;
use crate::support::{Reply, Script, builder, client};

#[tokio::test]
async fn a_response_knows_its_ids_headers_and_limits() {
    let headers = [
        ("request-id", "req_1"),
        ("anthropic-workspace-id", "wrkspc_1"),
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-requests-remaining", "49"),
        ("anthropic-ratelimit-requests-reset", "2026-10-21T12:00:00Z"),
        ("anthropic-ratelimit-output-tokens-remaining", "many"),
    ];
    let script = Script::new([Reply::new(200, &headers, r#"{"a":1}"#)]);
    let response = client(&script)
        .get::<Value>("/v1/thing")
        .with_response()
        .await
        .unwrap();
    assert_eq!(response["a"], 1);
    assert_eq!(response.request_id(), Some("req_1"));
    assert_eq!(response.meta().workspace_id(), Some("wrkspc_1"));
    assert_eq!(
        (
            response.meta().status().as_u16(),
            response.meta().attempts()
        ),
        (200, 1)
    );
    assert_eq!(response.meta().headers().len(), headers.len());
    let limits = response.meta().rate_limits();
    assert_eq!(
        (limits.requests.limit, limits.requests.remaining),
        (Some(50), Some(49))
    );
    assert!(limits.requests.reset.is_some());
    assert_eq!(limits.output_tokens.remaining, None);
    assert_eq!(response.into_inner()["a"], 1);
}

#[tokio::test]
async fn a_raw_response_is_not_decoded() {
    let script = Script::new([Reply::new(201, &[("x-a", "b")], "<not json>")]);
    let response = client(&script)
        .get::<Value>("/v1/thing")
        .raw()
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-a"]),
        (201, &http::HeaderValue::from_static("b"))
    );
    assert_eq!(response.into_body().bytes().await.unwrap(), "<not json>");
}

#[tokio::test]
async fn json_of_a_raw_response_fails_as_the_request_does() {
    let headers = [
        ("request-id", "req_7"),
        ("content-type", "application/json"),
    ];
    let pieces = |text: &'static str| {
        let pieces = text.as_bytes().chunks(2).map(Ok::<_, std::io::Error>);
        let pieces: Vec<_> = pieces.map(|it| it.map(bytes::Bytes::from_static)).collect();
        Body::stream(futures_util::stream::iter(pieces), None)
    };
    for body in [Body::from(r#"{"a":1}"#), pieces(r#"{"a":1}"#)] {
        let script = Script::new([Reply::new(200, &headers, body)]);
        let response = client(&script).get::<()>("/v1/thing").raw().await.unwrap();
        let value: Value = response.into_body().json().await.unwrap();
        assert_eq!(value["a"], 1);
    }
    for body in [Body::from("[1, tru"), pieces("[1, tru"), Body::empty()] {
        let text = body.try_clone().map(|body| body.is_empty());
        let script = Script::new([Reply::new(200, &headers, body)]);
        let response = client(&script).get::<()>("/v1/thing").raw().await.unwrap();
        let error = response.into_body().json::<Value>().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.request_id(), Some("req_7"));
        let whole = if text == Some(true) { "" } else { "[1, tru" };
        assert_eq!(
            (error.body(), error.attempts()),
            (&bytes::Bytes::from(whole), 1)
        );
        assert_eq!(error.operation(), Some("client.get"));
        assert!(error.to_string().contains("EOF while parsing"), "{error}");
    }
    // One that is nobody's.
    let error = Body::from("no").json::<Value>().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::Decode, None)
    );
}

#[tokio::test]
async fn an_error_status_is_an_error_in_raw_as_well() {
    let script = Script::new([Reply::status(404)]);
    let error = client(&script)
        .get::<Value>("/v1/thing")
        .raw()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_raw_body_streams_over_tcp_and_tells_where_it_broke() {
    let server = Server::start().await;
    let client = anthropic::Client::builder()
        .api_key("k")
        .base_url(server.url("http"));
    let client = client.build().unwrap();
    let (response, mut connection) = tokio::join!(client.get::<Value>("/v1/thing").raw(), async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection
            .write("HTTP/1.1 200 OK\r\nrequest-id: req_9\r\ncontent-length: 10\r\n\r\nabc")
            .await;
        connection
    });
    let mut body = response.unwrap().into_body();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "abc");
    connection.write("def").await;
    assert_eq!(body.try_next().await.unwrap().unwrap(), "def");
    drop(connection);
    let error = body.try_next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::Body, Some("req_9"))
    );
    assert!(error.is_in_stream());
    assert_eq!(
        (error.attempts(), error.operation()),
        (1, Some("client.get"))
    );
}

#[tokio::test]
async fn undocumented_endpoints_take_every_method() {
    let script = Script::new((0..5).map(|_| Reply::json("{}")));
    let client = client(&script);
    client.get::<Value>("/v1/a").await.unwrap();
    client.post::<Value>("v1/b").json(&1).await.unwrap();
    client.put::<Value>("/v1/c").await.unwrap();
    client.patch::<Value>("/v1/d").await.unwrap();
    client
        .delete::<Value>("https://api.anthropic.com/v1/e")
        .await
        .unwrap();
    let seen: Vec<_> = script
        .sent()
        .iter()
        .map(|sent| format!("{} {}", sent.method, sent.uri.path()))
        .collect();
    assert_eq!(
        seen,
        [
            "GET /v1/a",
            "POST /v1/b",
            "PUT /v1/c",
            "PATCH /v1/d",
            "DELETE /v1/e"
        ]
    );
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start().await;
    let client = anthropic::Client::builder()
        .api_key("k")
        .base_url(server.url("http"));
    let client = client.build().unwrap();
    let answering = async {
        let mut connection = server.accept().await;
        for _ in 0..2 {
            let (head, body) = connection.request().await;
            assert!(head.starts_with("post /v1/thing http/1.1\r\n"), "{head}");
            assert!(head.contains("\r\nauthorization: bearer k\r\n"), "{head}");
            assert_eq!(body, br#"{"a":1}"#);
            connection.answer("200 OK", "", "{}").await;
        }
    };
    let asking = async {
        for _ in 0..2 {
            let body = serde_json::json!({"a": 1});
            client.post::<Value>("/v1/thing").json(&body).await.unwrap();
        }
    };
    tokio::join!(answering, asking);
}

/// A message whose usage an older server sends.
const BENT: &str = r#"{"id": "msg_1","type":"message","role":"assistant","model":"m", "content":[],
  "stop_reason":"end_turn","usage":{"input_tokens":1.5}}"#;

#[tokio::test]
async fn an_answer_keeps_its_exact_text_where_that_is_asked_for() {
    let script = Script::new([
        Reply::json(BENT),
        Reply::json(BENT),
        Reply::json("{\"data\": []}"),
    ]);
    let client = client(&script);
    // So many tokens that it would be streamed otherwise.
    let params = || MessageCreateParams::new("m", 60_000).user("hi");
    let messages = client.messages();
    let response = messages.create(params()).with_raw_json().await.unwrap();
    assert_eq!(response.raw_json(), Some(BENT));
    assert_eq!(
        (response.id.as_str(), response.usage.input_tokens),
        ("msg_1", 2)
    );
    let response = messages.create(params()).with_response().await.unwrap();
    assert_eq!(response.raw_json(), None);
    let page = client.models().list(ModelListParams::default());
    assert_eq!(
        page.with_raw_json().await.unwrap().raw_json(),
        Some("{\"data\": []}")
    );
}

#[tokio::test]
async fn a_strict_client_takes_nothing_that_has_to_be_repaired() {
    let start = format!(
        "data: {{\"type\":\"message_start\",\"message\":{}}}\n\n",
        BENT.replace('\n', " ")
    );
    let end = "data: {\"type\":\"message_stop\"}\n\n";
    let body = [start.as_str(), end].concat();
    let page = r#"{"data":[{"type":"model","id":"m"}],"has_more":false}"#;
    for strict in [false, true] {
        let replies = [
            Reply::json(BENT),
            Reply::new(200, &[EVENT_STREAM], body.clone()),
            Reply::json(page),
        ];
        let script = Script::new(replies);
        let client = builder(&script)
            .strict(strict)
            .max_retries(0)
            .build()
            .unwrap();
        let client = client.to_builder().build().unwrap();
        let params = || MessageCreateParams::new("m", 9).user("hi");
        let created = client.messages().create(params()).await.map(drop);
        let stream = client.messages().stream(params()).await.unwrap();
        let streamed = MessageStream::final_message(stream).await.map(drop);
        let listed = client
            .models()
            .list(ModelListParams::default())
            .await
            .map(drop);
        for (name, result) in [("create", created), ("stream", streamed), ("list", listed)] {
            let kind = result.err().map(|error| error.kind());
            assert_eq!(kind, strict.then_some(ErrorKind::Decode), "{name}");
        }
    }
}
