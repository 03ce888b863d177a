//! Responses as servers and gateways send them, over sockets: encoded, marked, cut off, endless,
//! with many headers.

use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::types::MessageCreateParams;
use anthropic::{Client, ClientBuilder, Error, ErrorKind, RequestOptions};
use serde_json::Value;

use crate::support::server::{Connection, Server};
use crate::support::{Reply, Script, client as support_client};

const JSON: &str = "content-type: application/json\r\n";

fn builder(server: &Server) -> ClientBuilder {
    let transport = HyperTransport::builder().no_proxy().build().unwrap();
    let builder = Client::builder()
        .api_key("key")
        .base_url(server.url("http"));
    builder.transport(transport).max_retries(0)
}

/// What a request gets that is answered like this; and the head of the request.
async fn ask(
    client: impl FnOnce(ClientBuilder) -> ClientBuilder,
    answer: impl AsyncFnOnce(&mut Connection),
) -> (Result<Value, Error>, String) {
    let server = Server::start().await;
    let client = client(builder(&server)).build().unwrap();
    let request = async { client.get::<Value>("/v1/thing").await };
    tokio::join!(request, async {
        let mut connection = server.accept().await;
        let (head, _) = connection.request().await;
        answer(&mut connection).await;
        head
    })
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_refused_by_name() {
    for (encoding, status, kind) in [
        ("gzip", "200 OK", ErrorKind::UnexpectedContent),
        ("zstd", "200 OK", ErrorKind::UnexpectedContent),
        (
            "identity, br",
            "429 Too Many Requests",
            ErrorKind::RateLimited,
        ),
    ] {
        let headers = format!("{JSON}content-encoding: {encoding}\r\n");
        let (answer, head) = ask(
            |it| it,
            async |connection| connection.answer(status, &headers, "\u{1f}packed").await,
        )
        .await;
        assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(
            error.to_string().contains(&format!("`{encoding}`")),
            "{error}"
        );
    }
    for plain in ["Identity", "none", "UTF-8", ""] {
        let headers = format!("{JSON}content-encoding: {plain}\r\n");
        let plain = ask(
            |it| it,
            async |connection| connection.answer("200 OK", &headers, "{}").await,
        );
        plain.await.0.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_503_cannot_be_read_is_not_sent_again() {
    use http::Method;

    let (post, get) = (Method::POST, Method::GET);
    for (method, path, encoding, status, times) in [
        // The code in it may be that the change was made.
        (&post, "/v1/organizations/workspaces", "gzip", 503, 1),
        (&post, "/v1/messages/batches", "gzip", 503, 1),
        (&Method::PATCH, "/v1/thing", "br", 503, 1),
        // These change nothing, or the same once more.
        (&post, "/v1/messages", "gzip", 503, 3),
        (&post, "/v1/messages/count_tokens?x=1", "gzip", 503, 3),
        (&get, "/v1/thing", "gzip", 503, 3),
        (&Method::PUT, "/v1/thing", "gzip", 503, 3),
        (&Method::DELETE, "/v1/thing", "gzip", 503, 3),
        // A body that can be read has no such code, and no such code comes with another status.
        (&post, "/v1/organizations/workspaces", "identity", 503, 3),
        (&post, "/v1/organizations/workspaces", "gzip", 529, 3),
    ] {
        let reply = || Reply::new(status, &[("content-encoding", encoding)], "packed");
        let script = Script::new((0..4).map(|_| reply()));
        let client = support_client(&script);
        let request = match method.as_str() {
            "POST" => client.post::<Value>(path),
            "PATCH" => client.patch(path),
            "PUT" => client.put(path),
            "DELETE" => client.delete(path),
            _ => client.get(path),
        };
        let error = request.await.unwrap_err();
        assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        let sent = script.sent().len();
        assert_eq!(sent, times, "{method} {path} {encoding} {status}");
        assert_eq!(error.is_retryable(), times > 1);
    }
}

#[tokio::test]
async fn a_raw_response_may_be_encoded() {
    let server = Server::start().await;
    let client = builder(&server).build().unwrap();
    let request = client
        .get::<Value>("/v1/thing")
        .header("accept-encoding", "br");
    let (answer, head) = tokio::join!(request.raw(), async {
        let mut connection = server.accept().await;
        let (head, _) = connection.request().await;
        connection
            .answer("200 OK", "content-encoding: br\r\n", "packed")
            .await;
        head
    });
    assert!(head.contains("\r\naccept-encoding: br\r\n"), "{head}");
    let body = answer.unwrap().into_body().bytes().await.unwrap();
    assert_eq!(body, "packed");
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_the_json() {
    let (answer, _) = ask(
        |it| it,
        async |connection| connection.answer("200 OK", JSON, "\u{feff}{\"a\":1}").await,
    )
    .await;
    assert_eq!(answer.unwrap()["a"], 1);
    let error =
        "\u{feff}{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"marked\"}}";
    let (answer, _) = ask(
        |it| it,
        async |connection| connection.answer("500 Oops", JSON, error).await,
    )
    .await;
    assert_eq!(answer.unwrap_err().api_message(), Some("marked"));
}

#[tokio::test]
async fn a_message_may_be_marked_too() {
    let message = "\u{feff}{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"x\",\"content\":[],\
        \"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,\"output_tokens\":1}}";
    let server = Server::start().await;
    let client = builder(&server).build().unwrap();
    let params = MessageCreateParams::new("x", 10).user("hi");
    let (answer, ()) = tokio::join!(client.messages().create(params), async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection.answer("200 OK", JSON, message).await;
    });
    assert_eq!(answer.unwrap().id, "m");
}

#[tokio::test]
async fn many_headers_are_read_and_too_many_are_an_error() {
    for (count, is_read) in [(99, true), (101, true), (250, true), (300, false)] {
        let many: Vec<_> = (0..count).map(|at| format!("x-{at}: 1\r\n")).collect();
        let many = many.concat();
        let (answer, _) = ask(
            |it| it.max_retries(2),
            async |connection| connection.answer("200 OK", &many, "{}").await,
        )
        .await;
        match answer {
            Ok(_) => assert!(is_read, "{count}"),
            Err(error) => {
                assert!(!is_read, "{count}: {error}");
                assert!(
                    error.to_string().contains("more than 256 headers"),
                    "{error}"
                );
                assert_eq!(error.attempts(), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_document_that_ends_with_its_connection_is_retried() {
    for (cut, whole) in [
        ("{\"a\":[1", "{\"a\":[1]}"),
        ("{\"a\":{}", "{\"a\":{}}"),
        // The head alone.
        ("", "{}"),
    ] {
        let server = Server::start().await;
        let client = builder(&server).max_retries(1).build().unwrap();
        let request = async { client.get::<Value>("/v1/thing").with_response().await };
        let (answer, ()) = tokio::join!(request, async {
            for body in [cut, whole] {
                let mut connection = server.accept().await;
                connection.request().await;
                connection
                    .write(&format!("HTTP/1.0 200 OK\r\n{JSON}\r\n{body}"))
                    .await;
            }
        });
        assert_eq!(answer.unwrap().meta().attempts(), 2);
    }
    // What is whole but wrong is not asked for again.
    let (answer, _) = ask(
        |it| it.max_retries(1),
        async |connection| {
            connection
                .write(&format!("HTTP/1.0 200 OK\r\n{JSON}\r\n{{]"))
                .await;
        },
    )
    .await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
}

#[tokio::test]
async fn a_whole_response_has_a_limit() {
    const LIMIT: usize = 1 << 20;
    // Announced, it isn't even read.
    let (answer, _) = ask(
        |it| it.max_response_bytes(LIMIT),
        async |connection| {
            let head = format!("HTTP/1.1 200 OK\r\n{JSON}content-length: 1048577\r\n\r\n");
            connection.write(&head).await;
            connection.closed().await;
        },
    )
    .await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(
        error.to_string().contains("longer than 1048576 bytes"),
        "{error}"
    );
    assert!(
        error.to_string().contains("`max_response_bytes`"),
        "{error}"
    );
    // Endless.
    let server = Server::start().await;
    let client = builder(&server).build().unwrap();
    let options = RequestOptions::new().max_response_bytes(LIMIT);
    let request = async { client.get::<Value>("/v1/thing").options(options).await };
    let (answer, ()) = tokio::join!(request, async {
        let mut connection = server.accept().await;
        connection.request().await;
        connection
            .write(&format!("HTTP/1.1 200 OK\r\n{JSON}\r\n[1"))
            .await;
        let more = ",1".repeat(8 << 10);
        while connection.try_write(&more).await {}
    });
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(error.body().len() <= LIMIT);
    // Exactly as long as it may be.
    let text = format!("\"{}\"", "x".repeat(LIMIT - 2));
    let (answer, _) = ask(
        |it| it.max_response_bytes(LIMIT),
        async |connection| connection.answer("200 OK", JSON, &text).await,
    )
    .await;
    answer.unwrap();
}

#[tokio::test]
async fn what_is_not_wanted_is_not_read_to_its_end() {
    for (media, piece) in [
        ("video/mp4", "\0\0\0 ftyp".repeat(1 << 10)),
        ("text/html", "<p>no</p>".repeat(1 << 10)),
        ("application/json", "<p>no</p>".repeat(1 << 10)),
        ("text/plain", "no, ".repeat(1 << 10)),
    ] {
        let headers = format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\n\r\n");
        let asking = ask(
            |it| it,
            async |connection| {
                connection.write(&headers).await;
                while connection.try_write(&piece).await {}
            },
        );
        let asking = tokio::time::timeout(Duration::from_secs(10), asking);
        let (answer, _) = asking.await.expect("it is read without end");
        let error = answer.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{media}");
        assert!(error.body().len() <= 64 << 10);
        let found = match media {
            "application/json" => "a web page",
            other => other,
        };
        assert!(error.to_string().contains(found), "{error}");
    }
}
