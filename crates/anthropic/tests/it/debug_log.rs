//! The log for people in trouble: what it shows, and that it shows no secret at its most talkative.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use anthropic::transport::Body;
use anthropic::{Client, LogLevel, debug_log};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};

use crate::stream_support::params;
use crate::support::{Reply, Script, builder, get, traces};

const KEY: &str = "canary-key-7f3a";
const HEADER: &str = "canary-header-9b1c";

#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    fn read(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(script: &Script, level: LogLevel) -> (Client, Text) {
    let text = Text::default();
    let builder = builder(script)
        .header("x-mine", HEADER)
        .middleware(debug_log(level).to_writer(text.clone()))
        .middleware(debug_log(level));
    (builder.max_retries(0).build().unwrap(), text)
}

/// A body in pieces of a few bytes, so that everything in it is cut somewhere.
fn pieces(text: &str) -> Body {
    let pieces: Vec<io::Result<Bytes>> = text
        .as_bytes()
        .chunks(3)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    Body::stream(stream::iter(pieces), None)
}

#[tokio::test]
async fn the_most_talkative_log_has_no_secret() {
    let echo = format!("{KEY} {HEADER}");
    let headers = |kind| {
        [
            ("content-type", kind),
            ("request-id", echo.as_str()),
            ("set-cookie", KEY),
        ]
    };
    let json = json!({"access_token": "canary-other", "echo": echo}).to_string();
    let event = format!("event: ping\ndata: {json}\n\n");
    let script = Script::new([
        Reply::new(200, &headers("application/json"), pieces(&json)),
        Reply::new(401, &headers("application/json"), json.clone()),
        Reply::new(500, &headers("text/plain"), pieces(&echo)),
        Reply::new(200, &headers("text/event-stream"), pieces(&event)),
        Reply::new(200, &headers("application/octet-stream"), echo.clone()),
        Reply::refused(),
    ]);
    let (client, text) = logged(&script, LogLevel::Debug);
    for _ in 0..3 {
        let request = client.post::<Value>("/v1/thing").query("q", "canary-query");
        let body = json!({"authorization_token": "canary-token", "echo": echo, "model": "m"});
        let _ = request
            .header("x-api-token", "canary-1234")
            .json(&body)
            .await;
    }
    let stream = client.messages().stream(params()).await.unwrap();
    let _ = stream.final_message().await;
    let _ = client.get::<Value>("/v1/thing").raw().await;
    let _ = get(&client).await;
    assert_eq!(script.sent().len(), 6);
    let all = text.read();
    assert!(!all.contains("canary"), "{all}");
    for expected in [
        "> POST https://api.anthropic.com/v1/thing?q=[hidden] (client.post, attempt 1)\n",
        "> x-mine: [hidden]\n",
        r#"> {"authorization_token":"[hidden]","echo":"[masked] [masked]","model":"m"}"#,
        "< 200 OK in ",
        r#"< {"access_token":"[hidden]","echo":"[masked] [masked]"}"#,
        "< event: ping\n",
        "< set-cookie: [hidden]\n",
        "(a body that is no text)",
        "! could not connect",
    ] {
        assert!(all.contains(expected), "{expected}\n---\n{all}");
    }
    // What the test's subscriber takes is checked for canaries, too.
    let traced = traces::of_this_thread();
    assert!(traced.contains("< event: ping"), "{traced}");
}

/// Bodies whose values are secrets by their keys and URLs; what isn't one is `shown`.
fn secret_bodies() -> Vec<Value> {
    let mut bodies = vec![
        json!({"auth": {"type": "environment_variable", "secret_name": "shown", "secret_value": "canary"}}),
        json!({"endpoint_url": "https://h/shown", "headers": {
            "Authorization": "Bearer canary", "x-mine": "canary", "content-type": "shown",
        }}),
        json!({"mcp_servers": [{
            "type": "url", "url": "https://canary:canary@mcp.example/shown?token=canary&limit=5",
            "name": "shown", "authorization_token": "canary",
        }]}),
        json!({"auth": {"type": "mcp_oauth", "access_token": "canary", "expires_at": "shown", "refresh": {
            "refresh_token": "canary", "client_id": "shown", "token_endpoint": "https://h/shown",
            "token_endpoint_auth": {"type": "client_secret_basic", "client_secret": "canary"},
        }}}),
        json!({"max_tokens": 1, "usage": {"input_tokens": 2}, "stop_sequence": "shown", "secret": "canary"}),
    ];
    let keys = [
        "x-api-key",
        "apiKey",
        "Authorization",
        "aws_secret_access_key",
        "access-token",
        "refreshToken",
        "credential",
        "credentials",
        "clientSecret",
        "passphrase",
        "bearer",
        "cookie",
        "Set-Cookie",
        "private key",
        "signingKey",
        "client_assertion",
        "password",
        "token",
    ];
    let values = [
        json!("canary"),
        json!(-737_373),
        json!(["canary", ["canary"]]),
        json!({"a": "canary}\\"}),
    ];
    for (key, value) in keys.iter().zip(values.iter().cycle()) {
        bodies.push(json!({"a": [{"a": "shown", *key: value, "z": "shown"}]}));
    }
    let inner: Vec<Value> = bodies
        .iter()
        .map(|body| json!({"input": body.to_string(), "a": "shown"}))
        .collect();
    let deeper = inner
        .iter()
        .map(|body| json!({"text": body.to_string(), "b": "shown"}));
    bodies.extend(deeper.collect::<Vec<Value>>());
    bodies.extend(inner);
    bodies
}

/// The events of a message with a call, whose input is this text in pieces of so many characters.
fn call_events(input: &str, size: usize) -> String {
    let chars: Vec<char> = input.chars().collect();
    let start = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}});
    let deltas = chars.chunks(size).map(|piece| {
        let piece: String = piece.iter().collect();
        let delta = json!({"type": "input_json_delta", "partial_json": piece});
        json!({"type": "content_block_delta", "index": 0, "delta": delta})
    });
    let stop = json!({"type": "content_block_stop", "index": 0});
    let mut text = String::new();
    for event in [start].into_iter().chain(deltas).chain([stop]) {
        let kind = event["type"].as_str().unwrap();
        text.extend(["event: ", kind, "\ndata: ", &event.to_string(), "\n\n"]);
    }
    text
}

#[track_caller]
fn check_shown(text: &str) {
    for secret in ["canary", "737373", "737_373"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(
        text.contains("shown") && text.contains("[hidden]"),
        "{text}"
    );
}

#[tokio::test]
async fn what_keys_and_urls_state_to_be_secret_is_hidden() {
    for body in secret_bodies() {
        let compact = body.to_string();
        let pretty = serde_json::to_string_pretty(&body).unwrap();
        let escaped = compact
            .replace("key", r"\u006bey")
            .replace("oken", r"\u006Fken");
        let event = format!("event: x\ndata: {compact}\n\n");
        for (kind, came) in [
            ("application/json", compact.clone()),
            ("application/json", pretty),
            ("application/json", escaped),
            ("application/jsonl", format!("{compact}\n{compact}\n")),
            // Within a text that is no JSON, whose quotes begin anywhere.
            ("text/plain", format!("5\" of {compact}")),
            ("text/event-stream", event),
            ("text/event-stream", call_events(&compact, 9)),
        ] {
            let headers = [("content-type", kind)];
            let script = Script::new([
                Reply::new(200, &headers, pieces(&came)),
                Reply::new(400, &headers, pieces(&came)),
                Reply::new(200, &headers, came.clone()),
            ]);
            let (client, text) = logged(&script, LogLevel::Debug);
            let request = || client.post::<Value>("/v1/thing").json(&body);
            let response = request().raw().await.unwrap();
            response.into_body().bytes().await.unwrap();
            check_shown(&text.read());
            let error = request().await.unwrap_err();
            check_shown(&error.dump());
            if let Err(error) = request().await {
                check_shown(&error.dump());
            }
            check_shown(&text.read());
            let lines = text
                .read()
                .lines()
                .filter(|line| line.contains("[hidden]"))
                .count();
            assert!(lines >= 6, "{lines} of {kind}: {}", text.read());
        }
    }
}

#[tokio::test]
async fn a_stream_is_logged_as_it_arrives() {
    let first = Bytes::from_static(b"event: ping\ndata: {\"type\": \"ping\"}\n\n");
    let body = stream::iter([Ok::<_, io::Error>(first)]);
    let body = Body::stream(
        futures_util::StreamExt::chain(body, stream::pending()),
        None,
    );
    let headers = [("content-type", "text/event-stream")];
    let script = Script::new([Reply::new(200, &headers, body)]);
    let (client, text) = logged(&script, LogLevel::Debug);
    let mut raw = client
        .messages()
        .stream(params())
        .raw()
        .await
        .unwrap()
        .into_body();
    assert!(!text.read().contains("data:"));
    raw.try_next().await.unwrap().unwrap();
    assert!(text.read().contains(r#"< data: {"type": "ping"}"#));
    drop(raw);
    assert!(
        text.read().contains("(dropped after 36 bytes)"),
        "{}",
        text.read()
    );
}

#[tokio::test]
async fn blocks_in_turns_and_any_end_of_line_are_logged_without_secrets() {
    let delta = |index: u32, piece: &str| {
        let delta = json!({"type": "input_json_delta", "partial_json": piece});
        json!({"type": "content_block_delta", "index": index, "delta": delta}).to_string()
    };
    let events = [
        delta(0, r#"{"secret":"ca"#),
        delta(1, r#"{"a":"shown 1","#),
        r#"{"type":"x","note":"\"content_block_stop\" shown 2"}"#.to_owned(),
        delta(0, r#"canary","b":"shown 3"}"#),
        delta(1, r#""password":{"#),
        "{\"secret\":\ndata: \"canary\",\ndata: \"c\":\"shown 4\"}".to_owned(),
        delta(1, r#""c":"canary"}}"#),
    ];
    for end in ["\n", "\r\n", "\r"] {
        let events = events.iter().map(|event| format!("data: {event}\n\n"));
        let stream = events.collect::<String>().replace('\n', end);
        let headers = [("content-type", "text/event-stream")];
        let script = Script::new([Reply::new(200, &headers, pieces(&stream))]);
        let (client, text) = logged(&script, LogLevel::Debug);
        let raw = client.messages().stream(params()).raw().await.unwrap();
        raw.into_body().bytes().await.unwrap();
        let text = text.read();
        check_shown(&text);
        for number in 1..=4 {
            assert!(text.contains(&format!("shown {number}")), "{text}");
        }
        let lines = text.lines().filter(|line| line.contains("< data: "));
        assert_eq!(lines.count(), 9, "{text}");
    }
}

#[tokio::test]
async fn info_is_a_line_each_way() {
    let headers = [
        ("content-type", "application/json"),
        ("request-id", "req_1"),
    ];
    let script = Script::new([Reply::new(200, &headers, "{}")]);
    let (client, text) = logged(&script, LogLevel::Info);
    get(&client).await.unwrap();
    let text = text.read();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].ends_with("> GET https://api.anthropic.com/v1/thing (client.get, attempt 1)"));
    assert!(
        lines[1].contains("< 200 OK in ") && lines[1].ends_with("(req_1)"),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_logged_arrives_unchanged() {
    let long = format!("{{\"a\":\"{}\"}}", "é".repeat(100_000));
    for body in [Body::from(long.clone()), pieces(&long)] {
        let headers = [("content-type", "application/json")];
        let script = Script::new([Reply::new(200, &headers, body)]);
        let (client, text) = logged(&script, LogLevel::Debug);
        let value = get(&client).await.unwrap();
        assert_eq!(value["a"].as_str().unwrap().chars().count(), 100_000);
        let expected = format!("(the end after {} bytes)", long.len());
        assert!(text.read().contains(&expected));
    }
}

#[tokio::test]
async fn a_long_line_is_cut_and_no_part_of_a_secret_is_left() {
    const LIMIT: usize = 64 << 10;
    let headers = [("content-type", "application/json")];
    for before in (LIMIT - 40..LIMIT + 2).step_by(3) {
        let filler = "x ".repeat(LIMIT);
        let long = format!(r#"{{"a":"{filler:.before$}{KEY}","access_token":"canary-other"}}"#);
        let body = format!("{long}\n{long}\n{{}}");
        for body in [Body::from(body.clone()), pieces(&body)] {
            let script = Script::new([Reply::new(500, &headers, body)]);
            let (client, text) = logged(&script, LogLevel::Debug);
            let _ = client.post::<Value>("/v1/thing").json(&long).await;
            let text = text.read();
            assert!(!text.contains("canary"), "{before}");
            // The error's body is read no further than that.
            assert!(text.contains("(the line goes on)"), "{before}");
        }
    }
    // After a long line the next one is logged again.
    let body = format!("{}\n{{\"next\": 1}}\n", "x".repeat(3 * LIMIT));
    for body in [Body::from(body.clone()), pieces(&body)] {
        let script = Script::new([Reply::new(200, &headers, body)]);
        let (client, text) = logged(&script, LogLevel::Debug);
        let raw = client.get::<Value>("/v1/thing").raw().await.unwrap();
        raw.into_body().bytes().await.unwrap();
        let text = text.read();
        assert_eq!(text.matches("(the line goes on)").count(), 1, "{text:.200}");
        assert!(text.contains(r#"< {"next": 1}"#));
    }
}

#[tokio::test]
async fn events_have_the_level_of_the_log() {
    for (level, name) in [(LogLevel::Info, "INFO"), (LogLevel::Debug, "DEBUG")] {
        let script = Script::new([Reply::json("{}")]);
        let client = builder(&script).middleware(debug_log(level));
        let before = traces::of_this_thread().len();
        get(&client.build().unwrap()).await.unwrap();
        let traced = traces::of_this_thread().split_off(before);
        let (event, _) = traced.split_once("> GET https://").unwrap();
        let (event, _) = event.rsplit_once(" message=").unwrap();
        assert!(event.ends_with(name), "{traced}");
    }
}
