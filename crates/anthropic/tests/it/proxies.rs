//! Proxies and servers that are none, over sockets: each is named, asked once where asking again is
//! no use, and repeats no password into an error.

use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::retry::RetryPolicy;
use anthropic::{Client, Error, ErrorKind};
use serde_json::Value;
use tokio::time::Instant;

use crate::support::server::Server;

const TLS: &str = "https://api.example.invalid";
const PLAIN: &str = "http://api.example.invalid";

/// What a request comes to, and how often the server was asked that replies with these bytes to
/// everything, and then says no more. Of a connection it reads what comes first.
async fn asked(server: &Server, url: &str, through: bool, reply: &str) -> (Error, u32) {
    let transport = if through {
        let url = server.url("http").replace("//", "//canaryuser:canary1@");
        HyperTransport::builder().proxy(url)
    } else {
        HyperTransport::builder().no_proxy()
    };
    let mut policy = RetryPolicy::default();
    policy.initial_delay = Duration::from_millis(1);
    let client = Client::builder()
        .api_key("key")
        .base_url(url)
        .allow_plaintext_http(true)
        .transport(transport.build().unwrap())
        .retry_policy(policy)
        .timeout(Duration::from_millis(500))
        .build()
        .unwrap();
    let mut count = 0;
    let mut held = Vec::new();
    let serving = async {
        loop {
            let mut connection = server.accept().await;
            count += 1;
            connection.first_bytes().await;
            connection.write(reply).await;
            held.push(connection);
        }
    };
    let error = tokio::select! {
        answer = client.get::<Value>("/v1/thing").send() => answer.unwrap_err(),
        () = serving => unreachable!("it serves without end"),
    };
    let texts = format!("{error} {error:#?} {}", error.dump());
    assert!(!texts.contains("canary1"), "{reply}: {texts}");
    assert!(!texts.contains("Y2FuYXJ5"), "{reply}: {texts}");
    assert!(!error.to_string().contains(char::is_control), "{error}");
    (error, count)
}

fn reply(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}")
}

const ECHO: &str = "Basic Y2FuYXJ5dXNlcjpjYW5hcnkx canaryuser:canary1 canary1";

/// What a proxy replies to the request for a tunnel, how often it is asked then, and what the error
/// says.
fn tunnels() -> Vec<(String, u32, &'static str)> {
    vec![
        (
            reply("403 Forbidden", ""),
            1,
            "tunnel to api.example.invalid:443: 403 Forbidden",
        ),
        (reply("302 Found", ""), 1, "302 Found"),
        (
            reply(&format!("407 Give {ECHO}"), ECHO),
            1,
            "407 Give Basic [masked] [masked] [masked]; put the user and the password into",
        ),
        (reply("502 Bad Gateway", ""), 3, "502 Bad Gateway"),
        // What comes before the response is none.
        (
            format!("HTTP/1.1 100 Continue\r\n\r\n{}", reply("403 No", "")),
            1,
            "403 No",
        ),
        (
            "HTTP/1.1 103 a\r\n\r\n".repeat(5) + &reply("403 No", ""),
            1,
            "403 No",
        ),
        ("HTTP/1.1 403 No\n\n".to_owned(), 1, "403 No"),
        ("HTTP/1.1 403 \u{e9}\r\n\r\n".to_owned(), 1, "403 \u{e9}"),
        // Other protocols, whose servers then wait.
        (
            "SSH-2.0-x\r\n".to_owned(),
            1,
            "doesn't respond as an HTTP proxy",
        ),
        (
            "\u{5}\u{0}".to_owned(),
            1,
            "doesn't respond as an HTTP proxy",
        ),
        (
            "HTTP/1.1 never\r\n\r\n".to_owned(),
            1,
            "doesn't respond as an HTTP proxy",
        ),
        (
            "HTTP/1.1 100 a\r\n\r\n".repeat(2_000),
            1,
            "doesn't respond as an HTTP proxy",
        ),
        // It says yes, and speaks to us itself.
        (
            "HTTP/1.1 200 OK\r\n\r\n<html>sign in</html>".to_owned(),
            1,
            "api.example.invalid:443 through the proxy",
        ),
    ]
}

#[tokio::test]
async fn a_tunnel_that_is_not_opened_names_the_proxy_and_is_asked_for_again_where_that_may_help() {
    for (bytes, times, expected) in tunnels() {
        let proxy = Server::start().await;
        let began = Instant::now();
        let (error, count) = asked(&proxy, TLS, true, &bytes).await;
        assert_eq!(error.kind(), ErrorKind::Connect, "{bytes}: {error}");
        let line = error.to_string();
        assert!(line.contains(expected), "{bytes}: {line}");
        let place = proxy.url("http").replace("http://", "the proxy ");
        assert!(line.contains(&place), "{bytes}: {line}");
        assert!(
            !line.contains("`http://`"),
            "no advice for the proxy's user: {line}"
        );
        assert_eq!(count, times, "{bytes}: {line}");
        assert!(began.elapsed() < Duration::from_secs(3), "{bytes}");
    }
}

#[tokio::test]
async fn what_a_proxy_answers_to_a_request_that_it_reads_names_the_proxy() {
    let page = "<html>sign in</html>";
    for (bytes, kind, times, expected) in [
        (
            reply(&format!("407 Give {ECHO}"), ECHO),
            ErrorKind::Connect,
            1,
            "refuses the request: 407 Proxy Authentication Required; put the user and the password into",
        ),
        (
            reply("403 No", ECHO),
            ErrorKind::PermissionDenied,
            1,
            "`Basic [masked] [masked] [masked]`",
        ),
        (reply("503 No", page), ErrorKind::Internal, 3, "(503): "),
        (reply("200 OK", page), ErrorKind::UnexpectedContent, 1, page),
        (
            "SSH-2.0-x\r\n".to_owned(),
            ErrorKind::Body,
            1,
            "doesn't respond as an HTTP server does",
        ),
    ] {
        let proxy = Server::start().await;
        let (error, count) = asked(&proxy, PLAIN, true, &bytes).await;
        assert_eq!(error.kind(), kind, "{bytes}: {error}");
        let line = error.to_string();
        assert!(line.contains(expected), "{bytes}: {line}");
        let place = proxy.url("http").replace("http://", "the proxy ");
        assert!(line.contains(&place), "{bytes}: {line}");
        assert_eq!(count, times, "{bytes}: {line}");
    }
}

#[tokio::test]
async fn a_server_that_is_no_http_server_is_named_and_not_asked_again() {
    for bytes in [
        "SSH-2.0-x\r\n",
        "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{28}",
        "{\"no\":\"head\"}",
    ] {
        let server = Server::start().await;
        let url = server.url("http");
        let (error, count) = asked(&server, &url, false, bytes).await;
        let place = &url["http://".len()..];
        let expected = format!(
            "the connection broke: {place} doesn't respond as an HTTP server does; where it speaks TLS, write `https://`"
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
        assert_eq!((error.kind(), count), (ErrorKind::Body, 1), "{error}");
    }
    // TLS where there is none is no better the second time.
    let server = Server::start().await;
    let (error, count) = asked(&server, &server.url("https"), false, &reply("400 Bad", "")).await;
    assert!(
        error.to_string().contains("doesn't speak TLS; where"),
        "{error}"
    );
    assert_eq!((error.kind(), count), (ErrorKind::Connect, 1), "{error}");
}

#[tokio::test]
async fn a_connection_without_a_response_is_named_by_its_place() {
    // It closes before it responds.
    let server = Server::start().await;
    let url = server.url("http");
    let place = url["http://".len()..].to_owned();
    let client = Client::builder()
        .api_key("key")
        .base_url(&url)
        .max_retries(0)
        .timeout(Duration::from_millis(50));
    let client = client.build().unwrap();
    let closing = async {
        let mut connection = server.accept().await;
        connection.request().await;
    };
    let (answer, ()) = tokio::join!(client.get::<Value>("/v1/thing"), closing);
    let line = answer.unwrap_err().to_string();
    let expected = format!("the connection broke: {place}: ");
    assert!(line.starts_with(&expected), "{line}");
    // It is silent.
    let (answer, _held) = tokio::join!(client.get::<Value>("/v1/thing"), server.accept());
    let line = answer.unwrap_err().to_string();
    let expected = format!("timed out: {place}: no response headers within 50ms (timeout)");
    assert!(line.starts_with(&expected), "{line}");
    // So is the place that it redirects to.
    let other = Server::start().await;
    let there = other.url("http");
    let client = Client::builder()
        .api_key("key")
        .base_url(&url)
        .allow_host("127.0.0.1")
        .max_retries(0)
        .timeout(Duration::from_millis(200));
    let client = client.build().unwrap();
    let redirecting = async {
        let mut connection = server.accept().await;
        connection.request().await;
        let location = format!("location: {there}/v1/thing\r\n");
        connection
            .answer("307 Temporary Redirect", &location, "")
            .await;
        let silent = other.accept().await;
        (connection, silent)
    };
    let (answer, _held) = tokio::join!(client.get::<Value>("/v1/thing"), redirecting);
    let line = answer.unwrap_err().to_string();
    let expected = format!("timed out: {}: no response", &there["http://".len()..]);
    assert!(line.starts_with(&expected), "{line}");
}
