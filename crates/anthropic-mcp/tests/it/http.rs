//! Sessions over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anthropic::Upload;
use anthropic::tools::Tools;
use anthropic::types::{ContentBlock, MessageParam};
use anthropic_mcp::{ChangeKind, Error, ErrorKind, Server};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::any;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::call;
use crate::support::demo::Demo;

/// Serves an app, and gives the URL of its `/mcp`.
async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// The demonstration server, with sessions or without.
pub(crate) async fn demo(with_sessions: bool) -> (Demo, String) {
    let demo = Demo::default();
    let made = demo.clone();
    let mut config = StreamableHttpServerConfig::default();
    config.legacy_session_mode = with_sessions;
    config.json_response = !with_sessions;
    let service = StreamableHttpService::new(
        move || Ok(made.clone()),
        Arc::<LocalSessionManager>::default(),
        config,
    );
    let url = serve(Router::new().nest_service("/mcp", service)).await;
    (demo, url)
}

async fn connected() -> (Demo, Server, Tools) {
    let (demo, url) = demo(true).await;
    let server = Server::http(url).connect().await.unwrap();
    let tools = server.tools().await.unwrap().into();
    (demo, server, tools)
}

#[tokio::test]
async fn tools_prompts_and_resources_come_over_http() {
    for with_sessions in [true, false] {
        let (_, url) = demo(with_sessions).await;
        let server = Server::http(url).named("demo").connect().await.unwrap();
        let listed = server.tools().await.unwrap();
        assert_eq!(listed.names().count(), 11, "both pages");
        let add = listed.definitions().next().unwrap();
        let schema = add.input_schema.to_value();
        assert_eq!(
            schema,
            json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}})
        );
        let tools = Tools::from(listed);
        tools.check().unwrap();
        let sum = call(&tools, "add", json!({"a": 2, "b": 40})).await.unwrap();
        assert_eq!(sum.text(), "42");

        let prompts = server.prompts().await.unwrap();
        assert_eq!(
            (&*prompts[0].name, prompts[0].arguments[0].required),
            ("review", true)
        );
        let turns = server
            .prompt("review", json!({"language": "Rust"}))
            .await
            .unwrap();
        assert_eq!(turns.len(), 3);
        assert!(matches!(turns[2], MessageParam::Assistant(_)));
        let refused = server.prompt("review", json!({})).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Refused);
        assert!(
            refused
                .to_string()
                .contains("`language` is missing (-32602)"),
            "{refused}"
        );
        let config = server.prompt("review", json!([1])).await.unwrap_err();
        assert_eq!(config.kind(), ErrorKind::Config);

        let resources = server.resources().await.unwrap();
        assert_eq!(
            (&*resources[0].uri, resources[0].size),
            ("notes://2026/one.txt", Some(5))
        );
        assert!(server.resource_templates().await.unwrap().is_empty());
        let note = server.resource("notes://2026/one.txt").await.unwrap();
        assert_eq!(
            note.as_document().unwrap().source.as_text().unwrap().data,
            "A note"
        );
        let pixel = server.resource("notes://pixel.gif").await.unwrap();
        assert!(matches!(pixel, ContentBlock::Image(_)));
        let song = server.resource("notes://song.wav").await.unwrap_err();
        assert_eq!(song.kind(), ErrorKind::Unsupported);
        let file: Upload = server.resource_file("notes://song.wav").await.unwrap();
        assert_eq!(
            (file.name(), file.content_type(), file.len()),
            ("song.wav", "audio/wav", Some(3))
        );
        let missing = server.resource("notes://none").await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::Refused, "{missing}");
        server.close().await.unwrap();
    }
}

#[tokio::test]
async fn results_and_errors_are_what_the_model_sees() {
    let (_, _, tools) = connected().await;
    let text = |name: &'static str| {
        let tools = tools.clone();
        async move {
            call(&tools, name, json!({}))
                .await
                .map(|it| it.text())
                .map_err(|it| it.output().text())
        }
    };
    assert_eq!(text("fail").await.unwrap_err(), "there is no such order");
    let refused = text("refuse").await.unwrap_err();
    assert_eq!(
        refused,
        "the tool `refuse` was refused: `n` is missing (-32602)"
    );
    assert_eq!(text("structured").await.unwrap(), r#"{"n":[1,2.5]}"#);
    let sung = text("sing").await.unwrap_err();
    assert!(sung.contains("does not take audio of audio/wav"), "{sung}");
    assert_eq!(text("sample").await.unwrap(), "refused");
    let drawn = call(&tools, "draw", json!({})).await.unwrap();
    let Some(anthropic::types::ToolResultBlockContent::Blocks(blocks)) = drawn.content() else {
        panic!("{drawn:?}");
    };
    let kinds: Vec<&str> = blocks
        .iter()
        .map(anthropic::types::ToolResultContentBlock::type_name)
        .collect();
    assert_eq!(kinds, ["text", "image", "document"], "and no empty text");
}

#[tokio::test]
async fn dropping_a_call_cancels_it() {
    let (demo, _server, tools) = connected().await;
    let waiting = call(&tools, "wait", json!({}));
    tokio::time::timeout(Duration::from_millis(300), waiting)
        .await
        .unwrap_err();
    for _ in 0..300 {
        if demo.cancelled.load(Ordering::SeqCst) == 1 {
            return;
        }
        let _ = tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await;
    }
    panic!("it still runs");
}

#[tokio::test]
async fn definitions_that_change_are_reported_and_do_not_run() {
    let (demo, server, tools) = connected().await;
    let listed = server.tools().await.unwrap();
    let approval = serde_json::to_string(&listed.approval()).unwrap();
    let approval = serde_json::from_str(&approval).unwrap();
    let listed = listed.approved_by(&approval).unwrap();
    assert!(listed.changes(&approval).is_empty());

    let sum = call(&tools, "add", json!({"a": 1, "b": 2})).await;
    assert_eq!(sum.unwrap().text(), "3");
    assert_eq!(
        call(&tools, "change", json!({})).await.unwrap().text(),
        "changed"
    );
    // The announcement comes on a stream of its own.
    let before = |demo: &Demo| demo.calls.load(Ordering::SeqCst);
    let mut refused = None;
    for _ in 0..300 {
        match call(&tools, "add", json!({"a": 1, "b": 2})).await {
            Err(error) => {
                refused = Some(error);
                break;
            }
            Ok(_) => {
                let _ =
                    tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>())
                        .await;
            }
        }
    }
    let refused = refused.expect("the change was never noticed");
    assert!(
        refused
            .to_string()
            .contains("has changed since it was approved"),
        "{refused}"
    );
    let calls = before(&demo);
    let _ = call(&tools, "add", json!({})).await.unwrap_err();
    assert_eq!(before(&demo), calls, "nothing was sent");
    // The others are as they were.
    assert_eq!(
        call(&tools, "structured", json!({})).await.unwrap().text(),
        r#"{"n":[1,2.5]}"#
    );

    let error = server
        .tools()
        .await
        .unwrap()
        .approved_by(&approval)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    let changes: Vec<_> = error
        .changes()
        .iter()
        .map(|it| (&*it.tool, it.kind))
        .collect();
    assert_eq!(changes, [("add", ChangeKind::Changed)]);
    let left = server.tools().await.unwrap().only_approved_by(&approval);
    assert_eq!(left.names().count(), 10);
}

#[tokio::test]
async fn names_are_prefixed_chosen_and_checked() {
    let (_, server, _) = connected().await;
    let listed = || async { server.tools().await.unwrap() };
    let some = listed()
        .await
        .only(["add", "draw"])
        .unwrap()
        .prefixed("demo_")
        .unwrap();
    assert_eq!(some.names().collect::<Vec<_>>(), ["demo_add", "demo_draw"]);
    let tools = Tools::from(some);
    assert_eq!(
        call(&tools, "demo_add", json!({"a": 1, "b": 1}))
            .await
            .unwrap()
            .text(),
        "2"
    );
    assert_eq!(
        listed().await.without(["exit"]).unwrap().names().count(),
        10
    );
    let names_error = |result: Result<_, Error>| {
        let error = result.map(|_: anthropic_mcp::ServerTools| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Names);
        error.to_string()
    };
    assert!(names_error(listed().await.only(["ad"])).contains("it has no tool `ad`"));
    names_error(listed().await.prefixed("x".repeat(126)));
    // A run refuses what collides.
    let both = Tools::from([listed().await, listed().await]);
    assert!(
        both.check()
            .unwrap_err()
            .to_string()
            .contains("two tools have the name `add`")
    );
}

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
    assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
    for (status, header, kind) in [
        (401, Some("Bearer"), ErrorKind::Unauthorized),
        (403, Some("Bearer scope=\"a\""), ErrorKind::Unauthorized),
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
        let error = kind_of(serve(app).await).await;
        assert_eq!(error.kind(), kind, "{status}: {error}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[tokio::test]
async fn tokens_and_headers_are_sent_and_never_shown() {
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    let app = Router::new().route(
        "/mcp",
        any(move |headers: HeaderMap| async move {
            if headers["authorization"] == "Bearer canary" && headers["x-tenant"] == "canary-2" {
                count.fetch_add(1, Ordering::SeqCst);
            }
            StatusCode::NOT_FOUND
        }),
    );
    let server = || async { serve(app.clone()).await };
    let http = Server::http(server().await)
        .bearer("canary")
        .header("x-tenant", "canary-2");
    assert!(!format!("{http:?}").contains("canary"));
    let error = http.connect().await.unwrap_err();
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    assert!(
        !format!("{error} {error:?}").contains("canary"),
        "{error:?}"
    );
    for http in [
        Server::http(server().await).bearer("canary\n"),
        Server::http(server().await).header("no header", "canary"),
    ] {
        let error = http.connect().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
    }
}

/// A session of rmcp's own is a server, too.
#[tokio::test]
async fn a_given_session_is_a_server() {
    use rmcp::ServiceExt;

    let (one, two) = tokio::io::duplex(4096);
    let demo =
        tokio::spawn(async move { Demo::default().serve(one).await.unwrap().waiting().await });
    let running = ().serve(two).await.unwrap();
    let server = anthropic_mcp::rmcp_3::server("mine", running.peer().clone());
    let tools = Tools::from(server.tools().await.unwrap());
    assert_eq!(
        call(&tools, "add", json!({"a": 1, "b": 1}))
            .await
            .unwrap()
            .text(),
        "2"
    );
    assert_eq!(
        server
            .prompt("review", json!({"language": "C"}))
            .await
            .unwrap()
            .len(),
        3
    );
    server.close().await.unwrap();
    assert_eq!(
        call(&tools, "add", json!({})).await.unwrap().text(),
        "0",
        "it is its owner's"
    );
    running.cancel().await.unwrap();
    demo.abort();
}
