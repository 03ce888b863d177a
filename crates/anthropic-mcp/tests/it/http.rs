//! Sessions over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anthropic::Upload;
use anthropic::tools::Tools;
use anthropic::types::{ContentBlock, MessageParam};
use anthropic_mcp::{ChangeKind, Error, ErrorKind, Server};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::call;
use crate::support::demo::Demo;

/// Serves an app, and gives the URL of its `/mcp`.
pub(crate) async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

type Service = StreamableHttpService<Demo, LocalSessionManager>;

/// The demonstration server, with sessions or without.
fn service(with_sessions: bool) -> (Demo, Service) {
    let demo = Demo::default();
    let made = demo.clone();
    let mut config = StreamableHttpServerConfig::default();
    config.legacy_session_mode = with_sessions;
    config.json_response = !with_sessions;
    let service = StreamableHttpService::new(move || Ok(made.clone()), Arc::default(), config);
    (demo, service)
}

/// The same at a URL.
pub(crate) async fn demo(with_sessions: bool) -> (Demo, String) {
    let (demo, service) = service(with_sessions);
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
        assert_eq!(listed.names().count(), 14, "both pages");
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
    assert_eq!(text("roots").await.unwrap(), r#"{"roots":[]}"#);
    assert_eq!(text("elicit").await.unwrap(), "Decline");
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

/// As in a run: what is under way is not polled while the server is closed.
#[tokio::test]
async fn closing_does_not_wait_for_a_call_that_nobody_polls() {
    let (demo, server, tools) = connected().await;
    let mut waiting = Box::pin(call(&tools, "wait", json!({})));
    let before = demo.calls.load(Ordering::SeqCst);
    for _ in 0..300 {
        let tick = Duration::from_millis(10);
        tokio::time::timeout(tick, &mut waiting).await.unwrap_err();
        if demo.calls.load(Ordering::SeqCst) > before {
            break;
        }
    }
    let closed = tokio::time::timeout(Duration::from_secs(20), server.close()).await;
    closed.expect("it waits for the call").unwrap();
    assert!(waiting.await.is_err());
    let error = server.tools().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

/// The demonstration server, and a status that it has for all that is asked in a session.
async fn with_status() -> (Demo, String, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(0));
    let seen = status.clone();
    let (demo, service) = service(true);
    let app = Router::new().nest_service("/mcp", service).layer(from_fn(
        move |request: Request, next: Next| {
            let is_in_session = request.headers().contains_key("mcp-session-id");
            let status = StatusCode::from_u16(seen.load(Ordering::SeqCst));
            async move {
                match status {
                    Ok(status) if is_in_session => status.into_response(),
                    _ => next.run(request).await,
                }
            }
        },
    ));
    (demo, serve(app).await, status)
}

/// A server that has lost the session may be another one by now.
#[tokio::test]
async fn a_lost_session_is_not_made_anew_unseen() {
    let (demo, url, status) = with_status().await;
    let server = Server::http(url).connect().await.unwrap();
    let tools = Tools::from(server.tools().await.unwrap());
    let _ = call(&tools, "add", json!({"a": 1, "b": 2})).await.unwrap();
    status.store(404, Ordering::SeqCst);
    demo.changed.store(true, Ordering::SeqCst);
    let calls = demo.calls.load(Ordering::SeqCst);
    for _ in 0..2 {
        let _ = call(&tools, "add", json!({"a": 1, "b": 2}))
            .await
            .unwrap_err();
    }
    assert_eq!(demo.calls.load(Ordering::SeqCst), calls);
    let error = server.prompts().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
    assert!(error.to_string().contains("connect again"), "{error}");
}

/// What fails in a session does not end it.
#[tokio::test]
async fn a_status_in_a_session_has_a_kind() {
    let (_, url, status) = with_status().await;
    let server = Server::http(url).connect().await.unwrap();
    let tools = Tools::from(server.tools().await.unwrap());
    for (code, kind) in [
        (401, ErrorKind::Unauthorized),
        (403, ErrorKind::Unauthorized),
        (429, ErrorKind::Status),
        (500, ErrorKind::Status),
        (302, ErrorKind::Status),
        // Without a body.
        (200, ErrorKind::Protocol),
    ] {
        status.store(code, Ordering::SeqCst);
        let error = server.prompts().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        if kind == ErrorKind::Status {
            let line = error.to_string();
            assert_eq!(line.matches(&code.to_string()).count(), 1, "{line}");
        }
        let _ = call(&tools, "add", json!({})).await.unwrap_err();
        status.store(0, Ordering::SeqCst);
        let sum = call(&tools, "add", json!({"a": 1, "b": 2})).await.unwrap();
        assert_eq!(sum.text(), "3", "{code}");
    }
}

/// A server may say for how long its lists are good, which is no reason to compare old ones.
#[tokio::test]
async fn lists_are_those_of_now() {
    let (demo, server, _) = connected().await;
    let approval = server.tools().await.unwrap().approval();
    demo.changed.store(true, Ordering::SeqCst);
    let changes = server.tools().await.unwrap().changes(&approval);
    assert_eq!(changes.len(), 1);
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
            .contains("is not as it was listed. The tool did not run"),
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
    assert_eq!(left.names().count(), 13);
}

/// The model sees names that the API takes, the server its own.
#[tokio::test]
async fn definitions_are_what_the_api_takes() {
    let (_demo, _server, tools) = connected().await;
    tools.check().unwrap();
    let definition = serde_json::to_value(tools.get("list").unwrap().definition()).unwrap();
    let numbers = json!([{"type": "integer"}, {"type": "integer"}]);
    assert_eq!(
        definition["input_schema"]["properties"],
        json!({
            "filter_id_": {"type": "string"},
            "range": {"type": "array", "prefixItems": numbers},
            "limit": {"type": "integer", "exclusiveMinimum": 0},
        }),
    );
    let found = call(&tools, "list", json!({"filter_id_": "1"})).await;
    assert_eq!(found.unwrap().text(), r#"{"filter[id]":"1"}"#);
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
        13
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

/// What the API does not take is left out, and the other tools of the server are there.
#[tokio::test]
async fn odd_names_are_left_out() {
    let (demo, server, _) = connected().await;
    demo.odd.store(true, Ordering::SeqCst);
    let long = "x".repeat(129);
    let listed = || async { server.tools().await.unwrap() };
    for (without, named) in [
        (vec![], "two tools have the name `a_b`"),
        (vec!["a.b"], long.as_str()),
        (vec!["a.b", &*long], "``"),
    ] {
        let tools = Tools::from(listed().await.without(without).unwrap());
        let error = tools.check().unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    let error = listed().await.prefixed("demo_").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Names);
    assert!(error.to_string().contains("`without`"), "{error}");
    let left = listed().await.without(["a.b", &*long, ""]).unwrap();
    let tools = Tools::from(left.prefixed("demo_").unwrap());
    tools.check().unwrap();
    assert_eq!(tools.len(), 15);
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
