//! `Debug` of what is written by hand names the type.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::fallback::RefusalFallback;
use anthropic::partial_json::items;
use anthropic::tools::{ToolCall, ToolContext, ToolError, Tools, tool_with};
use anthropic::transport::Body;
use anthropic::types::{Json, MessageCreateParams, ModelListParams, Tool, ToolUseBlock};
use anthropic::{Client, Form, Poller, RequestOptions, Upload, jsonl, middleware_fn, sse};
use serde_json::{Value, json};

use crate::stream_support::{answer, drain, events_reply, params};
use crate::support::{Reply, Script, builder, client, get};

fn named(name: &str, value: &dyn Debug) {
    let text = format!("{value:?}");
    assert!(text.starts_with(name), "{name}: {text}");
}

#[test]
fn values_are_named() {
    let script = Script::new([]);
    let client = client(&script);
    named("Client", &client);
    let poller = Poller::new(&client, |client| client.get("/x"), |_: &Value| true);
    let poller = poller.timeout(Duration::from_secs(9));
    let text = format!("{poller:?}");
    assert!(
        text.starts_with("Poller { every: ") && text.contains("timeout: Some(9s)"),
        "{text}"
    );
    named("ClientBuilder", &Client::builder());
    named("RequestOptions", &RequestOptions::new());
    named("Decoder", &sse::Decoder::new());
    named("Decoder", &jsonl::Decoder::new());
    named("Body", &Body::from("x"));
    named("Upload", &Upload::bytes("a.txt", "x"));
    named("Form", &Form::new());
    named("RefusalFallback", &RefusalFallback::new(["m"]));
    named("ToolError", &ToolError::new("x"));
    named("Request", &client.get::<Value>("/v1/thing"));
    let params = MessageCreateParams::new("m", 1).user("x");
    named("Request", &client.messages().create(&params));
    named("Runner", &client.messages().run(params));
}

#[tokio::test]
async fn what_a_run_has_is_named() {
    let script = Script::new([]);
    let client = client(&script);
    let call = ToolCall::new(ToolUseBlock::new("toolu_1", json!({"x": 1}), "look"));
    named("ToolCall { id: \"toolu_1\", name: \"look\"", &call);
    named(
        "ToolContext { call: ToolCall {",
        &ToolContext::new(&client, call),
    );
    let definition = Tool::new(json!({"type": "object"}), "look").description("Looks.");
    let look = tool_with(definition, |_: Json, _| async {});
    named("FunctionTool { definition:", &look);
    let tools = Tools::from(look);
    assert_eq!(format!("{tools:?}"), "[\"look\"]");
    let params = MessageCreateParams::new("m", 1).user("A secret.");
    let messages = client.beta();
    let messages = messages.messages();
    let thread = messages.thread(params.clone());
    assert_eq!(
        format!("{thread:?}"),
        "Thread { messages: 1, previous_message_id: None, .. }"
    );
    let turn = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&turn);
    let run = client.messages().run(params).tools(tools);
    let run = run.before_turn(move |turn| {
        *noted.lock().unwrap() = format!("{turn:?}");
        turn.stop("enough");
    });
    let text = format!("{run:?}");
    for part in [
        "Runner { tools: [\"look\"], settings: Settings { max_turns: ",
        "hooks: Hooks { before_tool: 0, after_tool: 0, before_turn: 1 }",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("secret"), "{text}");
    let _ = run.await.unwrap();
    assert_eq!(*turn.lock().unwrap(), "Turn { number: 1, .. }");
}

#[tokio::test]
async fn what_comes_from_a_response_is_named() {
    let script = Script::new([Reply::json("{}"), Reply::json(r#"{"data":[]}"#)]);
    let client = client(&script);
    let response = client.get::<Value>("/v1/thing").with_response();
    let response = response.await.unwrap();
    named("Response", &response);
    named("ResponseMeta", response.meta());
    let meta = format!("{:?}", response.meta());
    assert!(
        meta.contains(r#"headers: {"content-type": "application/json"}"#),
        "{meta}"
    );
    let page = client.models().list(ModelListParams::new()).await.unwrap();
    named("Page", &page);
}

/// Where it is a stream, and how far it is; nothing that is read, and no secret.
#[tokio::test]
async fn streams_are_named() {
    let secret = "canary-words";
    let events = || events_reply(&answer(secret));
    let rows = Reply::new(
        200,
        &[("content-type", "application/x-jsonl")],
        format!("{secret}\n"),
    );
    let pages = [
        Reply::json(r#"{"data":[],"has_more":false}"#),
        Reply::json(r#"{"data":[],"has_more":false}"#),
    ];
    let mut replies = vec![events(), events(), rows];
    replies.extend(pages);
    let script = Script::new(replies);
    let client = client(&script);
    let mut seen = Vec::new();
    let mut stream = client.messages().stream(params()).await.unwrap();
    for phase in ["reading", "over"] {
        seen.push(format!("{stream:?}"));
        let text = seen.last().unwrap();
        named("MessageStream", &stream);
        assert!(text.contains(&format!("phase: \"{phase}\"")), "{text}");
        drain(&mut stream).await;
    }
    assert!(
        seen[1].contains(r#"message: Some("msg_1"), blocks: 1"#),
        "{seen:?}"
    );
    assert!(seen[1].contains("req_head"), "{seen:?}");
    let texts = stream.into_text_stream();
    named("TextStream", &texts);
    seen.push(format!("{texts:?}"));
    let alone = client.messages().stream(params()).events().await.unwrap();
    named("EventStream { feed: Feed { meta: ", &alone);
    seen.push(format!("{alone:?}"));
    let rows = client.messages().batches().results("b").await.unwrap();
    named("JsonLines { feed: Feed { meta: ", &rows);
    seen.push(format!("{rows:?}"));
    let models = || client.models().list(ModelListParams::new());
    let mut pages = models().pages();
    assert_eq!(format!("{pages:?}"), "Pages { cursors_seen: 0, .. }");
    assert!(pages.try_next().await.unwrap().is_some());
    assert!(pages.try_next().await.unwrap().is_none());
    named("Items { pages: Pages", &models().items());
    let items = items::<Value>().at(["a", "b"]);
    named(
        r#"ItemReader { path: ["a", "b"], decoded: 0, ready: 0"#,
        &items,
    );
    for text in seen {
        assert!(!text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn what_a_middleware_goes_on_with_is_named() {
    let seen = Arc::new(Mutex::new(String::new()));
    let script = Script::new([Reply::json("{}")]);
    let noted = seen.clone();
    let middleware = middleware_fn(move |request, next| {
        *noted.lock().unwrap() = format!("{next:?}");
        Box::pin(async move { next.run(request).await })
    });
    get(&builder(&script).middleware(middleware).build().unwrap())
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), "Next { middlewares_left: 0, .. }");
}

#[test]
fn a_builder_names_the_credentials_that_it_was_given() {
    let builder = Client::builder;
    for (builder, names) in [
        (builder(), "[]"),
        (builder().api_key("canary"), r#"["api_key"]"#),
        (builder().auth_token("canary"), r#"["auth_token"]"#),
        (builder().anonymous(), r#"["anonymous"]"#),
        (
            builder().api_key("canary").header("x-api-key", "canary"),
            r#"["api_key", "header"]"#,
        ),
    ] {
        let text = format!("{builder:?}");
        assert!(
            text.contains(&format!("credential: {names},")) && !text.contains("canary"),
            "{text}"
        );
    }
}

#[cfg(feature = "profiles")]
#[test]
fn credentials_show_where_they_come_from_and_no_token() {
    use anthropic::credentials::{Federation, IdentityToken, Token, token_fn};

    let at = std::time::SystemTime::UNIX_EPOCH;
    let token = Token::new("canary").expires_at(at);
    named("Token { expires_at: Some(", &token);
    let fetched = token_fn(|| async { Ok(Token::new("canary")) });
    named("token_fn", &fetched);
    let text = format!("{token:?} {fetched:?}");
    assert!(!text.contains("canary"), "{text}");
    for (token, shown) in [
        (IdentityToken::file("/a"), r#"File("/a")"#),
        (IdentityToken::variable(), "Variable"),
        (
            IdentityToken::fetched(|| async { Ok("canary") }),
            "Function",
        ),
    ] {
        named(shown, &token);
        let federation = format!("{:?}", Federation::new("rule", "organization", token));
        assert!(
            federation.contains(&format!("token: {shown} }}, caches: Caches }}")),
            "{federation}"
        );
    }
}
