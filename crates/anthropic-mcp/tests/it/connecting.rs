//! What can't be connected to, and what nobody else may read.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use anthropic_mcp::{ErrorKind, Server};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;

use crate::http::serve;

#[tokio::test]
async fn what_is_no_server_is_an_error_with_a_kind() {
    let kind_of = |url: String| async { Server::http(url).connect().await.unwrap_err() };
    for url in ["", "mcp", "ftp://127.0.0.1/", "http:///mcp"] {
        assert_eq!(
            kind_of(url.to_owned()).await.kind(),
            ErrorKind::Config,
            "{url}"
        );
    }
    let refused = kind_of("http://127.0.0.1:1/mcp".to_owned()).await;
    assert_eq!(refused.kind(), ErrorKind::Connect);
    assert_eq!(
        refused.to_string(),
        "the MCP server `127.0.0.1`: no session could be made with `http://127.0.0.1:1/mcp`: \
         Connection refused (os error 111)"
    );
    for (status, header, kind) in [
        (401, Some("Bearer"), ErrorKind::Unauthorized),
        (403, Some("Bearer scope=\"a\""), ErrorKind::Unauthorized),
        (403, None, ErrorKind::Unauthorized),
        (404, None, ErrorKind::Connect),
        (302, None, ErrorKind::Connect),
        (500, None, ErrorKind::Connect),
        (200, None, ErrorKind::Connect),
    ] {
        let app = Router::new().route(
            "/mcp",
            any(move || async move {
                let mut response = "<html>".into_response();
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                if let Some(header) = header {
                    response
                        .headers_mut()
                        .insert("www-authenticate", header.parse().unwrap());
                }
                response
            }),
        );
        let url = serve(app).await;
        let error = kind_of(format!("{url}?key=canary")).await;
        assert_eq!(error.kind(), kind, "{status}: {error}");
        let line = error.to_string();
        assert_eq!(line.matches(&url).count(), 1, "{line}");
        for other in ["canary", "\n", "rmcp", "ransport", "rror", "expect"] {
            assert!(!line.contains(other), "{line}");
        }
        let ending = match status {
            401 | 403 => "?…` asks for authorization; set `bearer` or a header".to_owned(),
            200 => "?…`: the response is text/plain; charset=utf-8, and neither JSON nor events"
                .to_owned(),
            status => format!("?…`: the response has the status {status}"),
        };
        assert!(line.ends_with(&ending), "{line}");
        let causes = error.source().map(ToString::to_string).unwrap_or_default();
        assert!(!causes.contains("rmcp"), "{causes}");
    }
}

#[tokio::test]
async fn tokens_and_headers_are_sent_and_never_shown() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let app = Router::new().route(
        "/mcp",
        any(move |headers: HeaderMap| async move {
            let tenants: Vec<_> = headers.get_all("x-tenant").iter().collect();
            if headers["authorization"] == "Bearer canary" && tenants == ["canary-2", "canary-3"] {
                count.fetch_add(1, Ordering::SeqCst);
            }
            StatusCode::NOT_FOUND
        }),
    );
    let server = || async { serve(app.clone()).await };
    let http = Server::http(server().await)
        .bearer("canary")
        .header("x-tenant", "canary-2")
        .header("x-tenant", "canary-3");
    assert!(!format!("{http:?}").contains("canary"));
    let error = http.connect().await.unwrap_err();
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    assert!(
        !format!("{error} {error:#?}").contains("canary"),
        "{error:?}"
    );
    for http in [
        Server::http(server().await).bearer("canary\n"),
        Server::http(server().await).header("no header", "canary"),
        Server::http(server().await).header("Accept", "canary"),
        Server::http(server().await).header("mcp-session-id", "canary"),
        Server::http(server().await)
            .header("authorization", "canary")
            .bearer("canary"),
    ] {
        let error = http.connect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            !format!("{error} {error:#?}").contains("canary"),
            "{error:?}"
        );
    }
}

#[test]
fn without_a_runtime_it_fails() {
    let mut context = Context::from_waker(Waker::noop());
    let connecting = std::pin::pin!(Server::http("http://127.0.0.1:1/mcp").connect());
    let starting = std::pin::pin!(Server::program("true").start());
    let connected = connecting.poll(&mut context);
    for result in [connected, starting.poll(&mut context)] {
        let Poll::Ready(Err(error)) = result else {
            panic!("{result:?}");
        };
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("tokio runtime"), "{error}");
    }
}

/// To a name that is never looked up.
#[tokio::test]
async fn secrets_are_not_sent_where_others_can_read_them() {
    for (url, word) in [
        ("http://far.invalid/mcp", "allow_plaintext_http"),
        ("http://192.0.2.1/mcp", "allow_plaintext_http"),
        ("https://me:canary@far.invalid/mcp", "user name"),
        ("http://canary@127.0.0.1/mcp", "user name"),
        ("htps://me:canary@far.invalid/mcp?key=canary", "no http://"),
        ("canary", "no http://"),
    ] {
        let error = Server::http(url).bearer("canary").connect().await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        assert!(error.to_string().contains(word), "{error}");
        let shown = format!("{error} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
    // Where nothing is secret, or somebody has allowed it, it is tried.
    for http in [
        Server::http("http://127.0.0.1:1/mcp").bearer("canary"),
        Server::http("http://[::1]:1/mcp").bearer("canary"),
        Server::http("http://MCP.localhost:1/mcp").bearer("canary"),
        Server::http("http://far.invalid/mcp"),
        Server::http("http://far.invalid/mcp")
            .bearer("canary")
            .allow_plaintext_http(true),
    ] {
        let error = http.connect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
    }
}

/// Never run: it is enough that it builds.
#[expect(dead_code, reason = "the compiler is the judge")]
fn servers_cross_threads(
    server: &anthropic_mcp::Server,
    http: anthropic_mcp::Http,
    program: anthropic_mcp::Program,
) {
    fn sent<T: Send>(_: &T) {}
    fn shared<T: Send + Sync>() {}
    shared::<anthropic_mcp::Server>();
    shared::<anthropic_mcp::ServerTools>();
    shared::<anthropic_mcp::Approval>();
    shared::<anthropic_mcp::Error>();
    sent(&http.connect());
    sent(&program.start());
    sent(&server.tools());
    sent(&server.instructions());
    sent(&server.prompts());
    sent(&server.prompt("name", ()));
    sent(&server.resources());
    sent(&server.resource_templates());
    sent(&server.resource("file:///a"));
    sent(&server.resource_file("file:///a"));
    sent(&server.close());
}
