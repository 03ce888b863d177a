//! Heads of requests and responses, of requests that go past hyper and of longer ones: versions
//! that no connection speaks, and heads that are none.

use anthropic::types::MessageCreateParams;
use anthropic::{Client, Error, middleware_fn};
use http::Version;
use serde_json::Value;

use crate::support::server::Server;

/// The error for such a head, and the server's address.
async fn refused(head: &str, length: usize, is_reused: bool) -> (Error, String) {
    let server = Server::start().await;
    let client = Client::builder().api_key("k").base_url(server.url("http"));
    let client = client.max_retries(0).build().unwrap();
    let params = MessageCreateParams::new("x", 10).user("a".repeat(length));
    let asking = async {
        if is_reused {
            client.get::<Value>("/v1/thing").await.unwrap();
        }
        client.messages().create(params).await.unwrap_err()
    };
    let serving = async {
        let mut connection = server.accept().await;
        if is_reused {
            connection.request().await;
            connection.answer("200 OK", "", "{}").await;
        }
        connection.request().await;
        connection.write(head).await;
        connection
    };
    let (error, _open) = tokio::join!(asking, serving);
    let place = server.url("http").replace("http://", "");
    (error, place)
}

#[tokio::test]
async fn what_is_no_head_is_named_whatever_the_request() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(257));
    let other = "doesn't respond as an HTTP server does";
    let many_headers = "the response has more than 256 headers";
    let broken = "the connection broke: ";
    let cases = [
        ("SSH-2.0-x\r\n\r\n", other, broken),
        ("HTTP/3.0 200 OK\r\n\r\n", other, broken),
        ("HTTP/1.1 2x0 OK\r\n\r\n", broken, broken),
        ("HTTP/1.1 200 OK\r\na b: c\r\n\r\n", broken, broken),
        (&many, many_headers, many_headers),
    ];
    for (head, new, used) in cases {
        for length in [10, 100_000] {
            for is_reused in [false, true] {
                let (error, place) = refused(head, length, is_reused).await;
                let line = error.to_string();
                let expected = if is_reused { used } else { new };
                assert!(line.contains(expected), "{head:?} {length}: {line}");
                let is_named = line.contains(other);
                assert_eq!(is_named, expected == other, "{head:?} {length}: {line}");
                let has_place = line.contains(&place);
                assert!(
                    has_place || expected == many_headers,
                    "{head:?} {length}: {line}"
                );
                if expected == broken {
                    assert!(!line.contains("256"), "{head:?} {length}: {line}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_request_has_a_version_that_its_connection_speaks() {
    for (version, sent) in [
        (Version::HTTP_09, "http/1.1"),
        (Version::HTTP_10, "http/1.0"),
        (Version::HTTP_11, "http/1.1"),
        (Version::HTTP_2, "http/1.1"),
        (Version::HTTP_3, "http/1.1"),
    ] {
        for length in [10, 100_000] {
            let server = Server::start().await;
            let sets = middleware_fn(move |mut request, next| {
                *request.version_mut() = version;
                next.run(request)
            });
            let client = Client::builder().api_key("k").base_url(server.url("http"));
            let client = client.middleware(sets).max_retries(0).build().unwrap();
            let request = client.post::<Value>("/v1/thing");
            let asking = request.body("text/plain", "a".repeat(length)).send();
            let serving = async {
                let mut connection = server.accept().await;
                let (head, _) = connection.request().await;
                connection.answer("200 OK", "", "{}").await;
                head
            };
            let (found, head) = tokio::join!(asking, serving);
            found.unwrap();
            let line = head.lines().next().unwrap();
            assert!(line.ends_with(sent), "{version:?} {length}: {line}");
        }
    }
}
