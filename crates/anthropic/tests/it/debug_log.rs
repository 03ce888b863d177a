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
