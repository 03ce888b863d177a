//! Scripts, and the control interface of a running simulator.

use std::time::Duration;

use anthropic_sim::faults::{Fault, Rule};
use anthropic_sim::{RateLimits, Script, Simulator};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::client::{Answer, delete, get, open, post, post_form, send};
use crate::messages::{hello, hello_with};

async fn ask(simulator: &Simulator, fields: Value) -> Answer {
    post(simulator.url(), "/v1/messages", &hello_with(fields)).await
}

async fn said(simulator: &Simulator, fields: Value) -> String {
    let message = ask(simulator, fields).await.ok();
    let text = message["content"][0]["text"].as_str();
    text.unwrap_or_default().to_owned()
}

async fn with_header(simulator: &Simulator, reply: &str) -> Answer {
    let body = hello().to_string();
    let headers = [("anthropic-sim-reply", reply)];
    send(
        simulator.url(),
        "POST",
        "/v1/messages",
        &headers,
        body.as_bytes(),
    )
    .await
}

async fn scripted(text: &str) -> Simulator {
    let script = Script::from_json(text).unwrap();
    let builder = Simulator::builder().script(script);
    builder.start().await.unwrap()
}

#[tokio::test]
async fn conditions_are_those_of_rules() {
    let simulator = scripted(
        r#"{
            "queue": ["queued"],
            "rules": [
                {"when": {"model": "claude-haiku-*", "text": ["hello", "there"]}, "reply": "by model"},
                {"when": {"header": {"x-test": "a"}}, "reply": "by header"},
                {"when": {"pointer": {"/metadata/user_id": "me"}}, "reply": "by pointer"},
                {"when": {"system": "brief"}, "reply": {"json": {"by": "system"}}},
                {"when": {"stream": true}, "reply": "by stream"},
                {"when": {"turn": 2}, "reply": "by turn"},
                {"reply": "by none"}
            ]
        }"#,
    )
    .await;
    let turns = json!([
        {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"},
    ]);
    for (fields, answer) in [
        (json!({}), "queued"),
        (json!({"model": "claude-haiku-4-5"}), "by model"),
        (json!({"metadata": {"user_id": "me"}}), "by pointer"),
        (json!({"system": "Be brief."}), r#"{"by":"system"}"#),
        (json!({"messages": turns}), "by turn"),
        (json!({}), "by none"),
    ] {
        assert_eq!(said(&simulator, fields).await, answer);
    }
    let stream = ask(&simulator, json!({"stream": true})).await.events();
    let texts = stream.iter();
    let texts = texts.filter_map(|event| event["delta"]["text"].as_str());
    assert_eq!(texts.collect::<String>(), "by stream");
    let body = hello().to_string();
    let headers = [("x-test", "a")];
    let marked = send(
        simulator.url(),
        "POST",
        "/v1/messages",
        &headers,
        body.as_bytes(),
    )
    .await;
    assert_eq!(marked.ok()["content"][0]["text"], "by header");
}

#[tokio::test]
async fn replies_are_those_of_tests() {
    let simulator = scripted(
        r#"{
            "rules": [
                {"when": {"tool": "clock"}, "reply": {"thinking": "Hm.", "tools": ["clock", {"name": "b", "input": {"c": 1}}]}},
                {"times": 3, "replies": [
                    {"text": "one", "usage": {"input_tokens": 7}, "fields": {"x": 1}},
                    {"refusal": {"category": "cyber"}},
                    {"text": "three", "stop_reason": "pause_turn"}
                ]},
                {"reply": {"error": {"status": 529, "headers": {"retry-after": "3"}}}}
            ]
        }"#,
    )
    .await;
    let tool = json!({"name": "clock", "input_schema": {"type": "object"}});
    let called = ask(&simulator, json!({"tools": [tool]})).await.ok();
    let blocks = called["content"].as_array().unwrap().iter();
    let kinds: Vec<_> = blocks.map(|block| &block["type"]).collect();
    assert_eq!(kinds, ["thinking", "tool_use", "tool_use"]);
    assert_eq!(called["content"][2]["input"], json!({"c": 1}));
    let one = ask(&simulator, json!({})).await.ok();
    let found = (&one["usage"]["input_tokens"], &one["x"]);
    assert_eq!(found, (&json!(7), &json!(1)));
    let two = ask(&simulator, json!({})).await.ok();
    assert_eq!(two["stop_details"]["category"], "cyber");
    let three = ask(&simulator, json!({})).await.ok();
    assert_eq!(three["stop_reason"], "pause_turn");
    let refused = ask(&simulator, json!({})).await;
    assert_eq!(refused.header("retry-after"), Some("3"));
    assert_eq!(refused.error(529).0, "overloaded_error");
}

/// The texts of as many replies, in their order.
async fn texts(simulator: &Simulator, many: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..many {
        let text = said(simulator, json!({})).await;
        let built_in = text.contains("simulator");
        texts.push(if built_in {
            "built in".to_owned()
        } else {
            text
        });
    }
    texts
}

#[tokio::test]
async fn a_rule_replies_as_often_as_it_may() {
    for (rule, expected) in [
        (r#"{"replies": ["a", "b"]}"#, ["a", "b", "b", "b"]),
        (r#"{"replies": ["a"]}"#, ["a", "a", "a", "a"]),
        (r#"{"times": 0, "reply": "a"}"#, ["next"; 4]),
        (
            r#"{"times": 1, "reply": "a"}"#,
            ["a", "next", "next", "next"],
        ),
        (
            r#"{"times": 3, "replies": ["a", "b"]}"#,
            ["a", "b", "b", "next"],
        ),
        (
            r#"{"times": 2, "replies": ["a", "b", "c"]}"#,
            ["a", "b", "next", "next"],
        ),
    ] {
        let script = format!(r#"{{"rules": [{rule}, {{"reply": "next"}}]}}"#);
        assert_eq!(texts(&scripted(&script).await, 4).await, expected, "{rule}");
    }
    let alone = scripted(r#"{"rules": {"times": 1, "reply": "a"}, "queue": ["q", "r"]}"#).await;
    assert_eq!(texts(&alone, 4).await, ["q", "r", "a", "built in"]);
    // A rule without a script around it may name its schema, too.
    let rule = scripted(r#"{"$schema": "script.schema.json", "times": 1, "reply": "a"}"#).await;
    assert_eq!(texts(&rule, 2).await, ["a", "built in"]);
    // A rule counts where it replies, not where it would have held.
    let rules = get(alone.url(), "/_sim/rules").await.ok();
    let counted = (&rules["rules"][0]["used"], &rules["queued"]);
    assert_eq!(counted, (&json!(1), &json!(0)));
}

#[tokio::test]
async fn each_sequence_goes_on_by_its_own() {
    let simulator = scripted(
        r#"{
            "rules": [
                {"when": {"stream": true}, "replies": ["s1", "s2"]},
                {"when": {"model": "claude-haiku-*"}, "replies": ["h1", "h2", "h3"]},
                {"replies": ["o1", "o2"]}
            ]
        }"#,
    )
    .await;
    let haiku = json!({"model": "claude-haiku-4-5"});
    for round in [["h1", "o1"], ["h2", "o2"], ["h3", "o2"], ["h3", "o2"]] {
        assert_eq!(said(&simulator, haiku.clone()).await, round[0]);
        assert_eq!(said(&simulator, json!({})).await, round[1]);
    }
    // A request that is refused uses nothing up.
    for _ in 0..2 {
        assert_eq!(
            ask(&simulator, json!({"max_tokens": -1, "stream": true}))
                .await
                .status,
            400
        );
    }
    for text in ["s1", "s2", "s2"] {
        let events = ask(&simulator, json!({"stream": true})).await.events();
        let pieces = events
            .iter()
            .filter_map(|event| event["delta"]["text"].as_str());
        assert_eq!(pieces.collect::<String>(), text);
    }
    post(simulator.url(), "/_sim/reset", &json!({})).await.ok();
    assert_eq!(said(&simulator, haiku).await, "h1");
    assert_eq!(said(&simulator, json!({})).await, "o1");
}

#[tokio::test]
async fn requests_at_the_same_time_share_no_reply_of_a_sequence() {
    let replies: Vec<String> = (0..40).map(|number| format!("number {number}")).collect();
    let script = json!({"rules": [{"times": 40, "replies": replies}, {"reply": "over"}]});
    let simulator = scripted(&script.to_string()).await;
    let url = simulator.url().to_owned();
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { post(&url, "/v1/messages", &hello()).await.ok() })
        })
        .collect();
    let mut found = Vec::new();
    for answer in asked {
        let message = answer.await.unwrap();
        found.push(message["content"][0]["text"].as_str().unwrap().to_owned());
    }
    let over = found.iter().filter(|text| *text == "over").count();
    found.retain(|text| text != "over");
    found.sort();
    let mut expected = replies.clone();
    expected.sort();
    assert_eq!((found, over), (expected, 10));
}

#[tokio::test]
async fn a_reply_brings_its_fault() {
    let script = r#"{"rules": {"reply": {"text": "A text that is long enough to be cut.", "fault": "cut-after=3"}}}"#;
    let script = Script::from_json(script).unwrap();
    let simulator = Simulator::builder().script(script).start().await.unwrap();
    let cut = ask(&simulator, json!({"stream": true})).await;
    assert!(
        !cut.complete && !cut.text().contains("message_stop"),
        "{}",
        cut.text()
    );
    assert!(
        ask(&simulator, json!({})).await.complete,
        "no stream is left alone"
    );
}

#[tokio::test]
async fn a_request_has_its_own_reply() {
    let simulator = Simulator::start().await.unwrap();
    let plain = with_header(&simulator, "just this").await.ok();
    assert_eq!(plain["content"][0]["text"], "just this");
    let refusal = with_header(&simulator, r#"{"refusal": {"category": "bio"}}"#)
        .await
        .ok();
    assert_eq!(refusal["stop_reason"], "refusal");
    let error = with_header(
        &simulator,
        r#"{"error": {"status": 404, "message": "gone"}}"#,
    )
    .await;
    assert_eq!(
        error.error(404),
        ("not_found_error".to_owned(), "gone".to_owned())
    );
    let wrong = with_header(&simulator, r#"{"txt": "a"}"#)
        .await
        .error(400)
        .1;
    assert!(
        wrong.starts_with("anthropic-sim-reply: txt: unknown; there are"),
        "{wrong}"
    );
}

#[tokio::test]
async fn rules_come_and_go_over_http() {
    let simulator = Simulator::builder()
        .reply(anthropic_sim::Reply::text("first"))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let rule = json!({"when": {"text": "hello"}, "replies": ["a", "b"]});
    let added = post(url, "/_sim/rules", &rule).await.ok();
    assert_eq!(
        (&added["rules"][0]["rule"], &added["queued"]),
        (&rule, &json!(1))
    );
    for answer in ["first", "a", "b", "b"] {
        assert_eq!(said(&simulator, json!({})).await, answer);
    }
    assert_eq!(get(url, "/_sim/rules").await.ok()["rules"][0]["used"], 3);
    let wrong = b"[\n  {\"reply\": \"a\"},\n  {\"wen\": {}}\n]";
    let wrong = send(url, "POST", "/_sim/rules", &[], wrong).await;
    assert_eq!(wrong.status, 400);
    let problem = wrong.json()["error"].as_str().unwrap().to_owned();
    assert!(problem.starts_with("line 3: [1].wen: unknown"), "{problem}");
    assert_eq!(delete(url, "/_sim/rules").await.ok()["rules"], json!([]));
    assert!(said(&simulator, json!({})).await.contains("simulator"));
    let schema = get(url, "/_sim/schema").await.json();
    assert_eq!(schema["title"], "A script of the simulator");
}

#[tokio::test]
async fn headers_that_http_cannot_carry_are_refused_with_their_place() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let error = |name: &str, value: &str| json!({"rules": [{"reply": {"error": {"status": 529, "headers": {name: value}}}}]});
    let when = |name: &str, value: &str| json!({"when": {"header": {name: value}}, "reply": "a"});
    for (script, start) in [
        (
            error("x-a", "b\r\nset-cookie: c"),
            "rules[0].reply.error.headers.x-a: a header's value",
        ),
        (
            error("x-a", "b\n"),
            "rules[0].reply.error.headers.x-a: a header's value",
        ),
        (
            error("x a", "b"),
            "rules[0].reply.error.headers.x a: no header",
        ),
        (when("x-a", "b\nc"), "when.header.x-a: a header's value"),
        (when("x:a", "b"), "when.header.x:a: no header"),
    ] {
        let refused = post(url, "/_sim/rules", &script).await;
        assert_eq!(refused.status, 400);
        let problem = refused.json()["error"].as_str().unwrap().to_owned();
        let problem = problem.strip_prefix("line 1: ").unwrap_or(&problem);
        assert!(problem.starts_with(start), "{problem}");
    }
    assert_eq!(get(url, "/_sim/rules").await.ok()["rules"], json!([]));
    post(url, "/_sim/rules", &error("retry-after", "1"))
        .await
        .ok();
}

#[tokio::test]
async fn a_reset_goes_back_to_the_start() {
    let script =
        Script::from_json(r#"{"queue": ["first"], "rules": {"reply": "ruled", "times": 1}}"#)
            .unwrap();
    let simulator = Simulator::builder().script(script).start().await.unwrap();
    let url = simulator.url();
    let file = post_form(url, "/v1/files", &[("file", "a.txt", "a")])
        .await
        .ok();
    let path = format!("/v1/files/{}", file["id"].as_str().unwrap());
    let begin = get(url, "/_sim/clock").await.json()["now"]
        .as_str()
        .unwrap()
        .to_owned();
    let moved = post(url, "/_sim/clock", &json!({"advance": 86_400}))
        .await
        .ok();
    assert!(
        moved["now"].as_str().unwrap()[..10] > begin[..10],
        "{begin} {moved}"
    );
    let wrong = post(url, "/_sim/clock", &json!({"advance": -1})).await;
    assert_eq!(wrong.status, 400);
    for _ in 0..2 {
        for answer in ["first", "ruled"] {
            assert_eq!(said(&simulator, json!({})).await, answer);
        }
        assert!(said(&simulator, json!({})).await.contains("simulator"));
        let requests = get(url, "/_sim/requests?path=/v1/messages").await.json();
        let requests = requests["requests"].as_array().unwrap().clone();
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0]["body"]["model"], "claude-opus-5-5");
        assert_eq!(requests[0]["headers"]["x-api-key"], "[redacted]");
        post(url, "/_sim/reset", &json!({})).await.ok();
    }
    assert_eq!(
        get(url, "/_sim/requests").await.json()["requests"],
        json!([])
    );
    assert_eq!(get(url, &path).await.status, 404);
    assert_eq!(
        get(url, "/_sim/clock").await.json()["now"]
            .as_str()
            .unwrap()[..10],
        begin[..10]
    );
}

#[tokio::test]
async fn a_reset_restarts_ids_faults_and_limits() {
    let simulator = Simulator::builder()
        .fault(Rule::new(Fault::status(529)).nth(1))
        .rate_limits(RateLimits::new().requests(3))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let run = async || {
        let mut seen = Vec::new();
        for _ in 0..4 {
            let answer = post_form(url, "/v1/files", &[("file", "a.txt", "a")]).await;
            let id = answer.json()["id"].as_str().map(str::to_owned);
            let request = answer.header("request-id").unwrap().to_owned();
            seen.push((answer.status, id, request));
        }
        seen
    };
    let first = run().await;
    let statuses: Vec<u16> = first.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [529, 200, 200, 429]);
    simulator.fault(Fault::status(500));
    post(url, "/_sim/clock", &json!({"advance": 1e9}))
        .await
        .ok();
    assert_eq!(run().await[0].0, 500, "a fault that was added later");
    post(url, "/_sim/reset", &json!({})).await.ok();
    assert_eq!(run().await, first);
}

#[tokio::test]
async fn a_reset_ends_the_streams_of_what_it_removes() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let session = async || {
        let agent = json!({"name": "a", "model": "claude-opus-5-5"});
        let agent = post(url, "/v1/agents", &agent).await.ok();
        let environment = json!({"name": "e", "config": {"type": "self_hosted"}});
        let environment = post(url, "/v1/environments", &environment).await.ok();
        let events = json!([
            {"type": "user.message", "content": [{"type": "text", "text": "x"}]}
        ]);
        let session = json!({
            "agent": agent["id"], "environment_id": environment["id"], "initial_events": events,
        });
        let session = post(url, "/v1/sessions", &session).await.ok();
        session["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/v1/sessions/{}/events/stream", session().await);
    let mut socket = open(url, "GET", &path, &[], b"").await;
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains("session.status_idle") {
        assert_ne!(socket.read_buf(&mut received).await.unwrap(), 0);
    }
    post(url, "/_sim/reset", &json!({})).await.ok();
    let rest = timeout(Duration::from_secs(10), socket.read_to_end(&mut received));
    rest.await.expect("the stream ends").unwrap();
    // The next one has its id.
    assert!(path.contains(&session().await));
}

#[tokio::test(start_paused = true)]
async fn replies_are_delayed_and_paced() {
    let simulator = scripted(
        r#"{"rules": [
            {"when": {"text": "late"}, "reply": {"text": "At last.", "delay": 4000}},
            {"reply": {"text": "One after the other.", "pace": 3000}}
        ]}"#,
    )
    .await;
    let begin = tokio::time::Instant::now();
    let late = json!({"messages": [{"role": "user", "content": "You are late."}]});
    assert_eq!(said(&simulator, late).await, "At last.");
    assert!(
        begin.elapsed() >= Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    let begin = tokio::time::Instant::now();
    let events = ask(&simulator, json!({"stream": true})).await.events();
    let pauses = u32::try_from(events.len()).unwrap() - 1;
    let least = pauses * Duration::from_secs(3);
    assert!(begin.elapsed() >= least, "{:?}", begin.elapsed());
    // A plain response has no pace.
    let begin = tokio::time::Instant::now();
    said(&simulator, json!({})).await;
    assert!(
        begin.elapsed() < Duration::from_secs(3),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test]
async fn blocks_are_sent_as_they_are_scripted() {
    let citation = json!({
        "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": null, "file_id": null,
        "start_char_index": 0, "end_char_index": 1,
    });
    let blocks = json!([
        {"type": "text", "text": "Cited.", "citations": [citation]},
        {"type": "redacted_thinking", "data": "abc"},
        {"type": "block_of_tomorrow", "more": [1, {"a": null}]},
    ]);
    let script = json!({"rules": [{"reply": {"thinking": "Hm.", "blocks": blocks}}]});
    let simulator = scripted(&script.to_string()).await;
    let content = ask(&simulator, json!({})).await.ok()["content"].clone();
    let content = content.as_array().unwrap();
    assert_eq!(content[0]["type"], "thinking");
    assert_eq!(Value::from(&content[1..]), blocks);
}
