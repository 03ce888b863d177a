//! What the page behind `/_sim` is made of. The page itself is tried in a browser by
//! `tests/page/page.mjs`.

use std::time::Duration;

use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{delete, get, open, parse, post, post_form, send};
use crate::messages::{hello, hello_with};
use crate::resources::session;

const SOON: Duration = Duration::from_secs(10);

/// Reads the stream of changes up to and with the next one.
async fn change(socket: &mut TcpStream, rest: &mut Vec<u8>) -> Value {
    loop {
        let text = String::from_utf8_lossy(rest).into_owned();
        if let Some((before, after)) = text.split_once("\n\n") {
            let (_, data) = before.split_once("data: ").unwrap();
            let data = serde_json::from_str(data).unwrap();
            *rest = after.as_bytes().to_vec();
            return data;
        }
        let read = timeout(SOON, socket.read_buf(rest))
            .await
            .expect("a change");
        assert!(read.unwrap() > 0);
    }
}

#[tokio::test]
async fn its_files_need_nothing_from_elsewhere() {
    let simulator = Simulator::start().await.unwrap();
    for (path, kind) in [
        ("/_sim", "text/html"),
        ("/_sim/page.css", "text/css"),
        ("/_sim/page.js", "text/javascript"),
        ("/_sim/dom.js", "text/javascript"),
        ("/_sim/lists.js", "text/javascript"),
        ("/_sim/exchange.js", "text/javascript"),
        ("/_sim/conversation.js", "text/javascript"),
    ] {
        let headers = [("x-api-key", ""), ("anthropic-version", "")];
        let file = send(simulator.url(), "GET", path, &headers, b"").await;
        assert_eq!(file.status, 200);
        assert!(file.header("content-type").unwrap().starts_with(kind));
        assert!(
            file.header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'")
        );
        assert!(
            !file.text().contains("http://") && !file.text().contains("https://"),
            "{path}"
        );
        // What is shown is hostile: it never becomes markup.
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "srcdoc",
        ] {
            assert!(!file.text().contains(way), "{path}: {way}");
        }
    }
    let slash = get(simulator.url(), "/_sim/?token=a").await;
    assert_eq!(
        (slash.status, slash.header("location")),
        (308, Some("../_sim?token=a"))
    );
    assert!(
        simulator.requests().is_empty(),
        "the page is not part of what it shows"
    );
    assert_eq!(get(simulator.url(), "/_sim/nothing").await.status, 404);
    assert_eq!(get(simulator.url(), "/_sim/exchanges/99").await.status, 404);
}

#[tokio::test]
async fn other_names_do_not_lead_to_it() {
    let simulator = Simulator::start().await.unwrap();
    let host = simulator.url().strip_prefix("http://").unwrap();
    for (name, status) in [
        ("127.0.0.1:4010", 200),
        ("[::1]:4010", 200),
        ("localhost", 200),
        ("evil.example:4010", 403),
    ] {
        let mut socket = TcpStream::connect(host).await.unwrap();
        let head =
            format!("GET /_sim/exchanges HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(parse(&bytes).status, status, "{name}");
    }
}

#[tokio::test]
async fn exchanges_are_listed_and_told_in_full_without_keys() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let body = hello_with(json!({"mcp_servers": [{"authorization_token": "canary-token"}]}));
    let headers = [
        ("authorization", "Bearer canary-key"),
        ("x-other", "sk-ant-canary"),
    ];
    send(
        url,
        "POST",
        "/v1/messages?beta=true",
        &headers,
        body.to_string().as_bytes(),
    )
    .await;
    let message = post(url, "/v1/messages", &hello()).await.ok();
    let all = get(url, "/_sim/exchanges").await.ok();
    let row = &all["exchanges"][1];
    assert_eq!(
        (&row["number"], &row["status"], &row["state"]),
        (&json!(2), &json!(200), &json!("done"))
    );
    assert_eq!(row["model"], message["model"]);
    assert_eq!(row["input_tokens"], message["usage"]["input_tokens"]);
    assert_eq!(row["output_tokens"], message["usage"]["output_tokens"]);
    let detail = get(url, "/_sim/exchanges/2").await.ok();
    let text = detail["response"]["pieces"][0]["text"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(text).unwrap(), message);
    let first = get(url, "/_sim/exchanges/1").await.text();
    assert!(first.contains("[redacted]") && first.contains("beta=true"));
    assert!(
        !first.contains("canary-token") && !first.contains("canary-key"),
        "{first}"
    );
}

#[tokio::test]
async fn the_requests_own_key_is_shown_nowhere() {
    let key = "canary-credential-1";
    let reply = Reply::error(529, "overloaded_error", format!("Your key is {key}."));
    let reply = reply.header("set-cookie", "session=canary-2");
    let simulator = Simulator::builder()
        .lenient()
        .reply(reply.header("x-note", key))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let body = hello_with(json!({"system": format!("key {key}"), "model": key}));
    let headers = [
        ("authorization", "Bearer canary-credential-1"),
        ("cookie", "canary-3"),
        ("x-own", "is canary-credential-1."),
        ("anthropic-sim-token", "canary-4"),
    ];
    let path = "/v1/messages?q=canary-credential-1&api_key=canary-5&beta=true";
    let other = format!("/v1/files/{key}/content");
    let body = body.to_string();
    send(url, "POST", path, &headers, body.as_bytes()).await;
    send(url, "GET", &other, &headers, b"").await;
    for path in ["/_sim/exchanges", "/_sim/exchanges/1", "/_sim/exchanges/2"] {
        let shown = get(url, path).await.text();
        assert!(!shown.contains("canary"), "{path}: {shown}");
        assert!(shown.contains("[redacted]"), "{path}: {shown}");
    }
    for request in simulator.requests() {
        let shown = format!("{} {:?} {:?}", request.path, request.query, request.headers);
        assert!(!shown.contains("canary"), "{shown}");
    }
    let asserted = get(url, "/_sim/requests").await.json();
    assert!(
        !asserted["requests"][0]["headers"]
            .to_string()
            .contains("canary")
    );
    assert_eq!(
        asserted["requests"][0]["query"],
        "q=[redacted]&api_key=[redacted]&beta=true"
    );
}

/// Text that an event of a stream adds, or nothing.
fn said(piece: &Value) -> String {
    let lines = piece["text"].as_str().unwrap().lines();
    let events = lines.filter_map(|line| line.strip_prefix("data: "));
    let events = events.map(|data| serde_json::from_str::<Value>(data).unwrap());
    events
        .filter_map(|event| Some(event["delta"]["text"].as_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn a_key_that_events_cut_is_shown_nowhere_and_at_no_time() {
    let key = "canary-credential-which-is-long-enough-to-be-cut";
    let simulator = Simulator::builder()
        .reply(Reply::text(format!(
            "Your keys are {key} and sk-ant-canary-{key}, right?"
        )))
        .pace(Duration::from_millis(15))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let body = hello_with(json!({"stream": true})).to_string();
    // The header of another cloud is one, too.
    let headers = [("x-api-key", "some-key"), ("api-key", key)];
    let stream = open(url, "POST", "/v1/messages", &headers, body.as_bytes()).await;
    let (mut shown, mut all, mut next) = (String::new(), 0, 0);
    loop {
        let detail = get(url, &format!("/_sim/exchanges/1?from={next}")).await;
        if detail.status == 404 {
            continue;
        }
        let detail = detail.ok();
        let pieces = detail["response"]["pieces"].as_array().unwrap();
        all += pieces.len() as u64;
        shown.extend(pieces.iter().map(said));
        next = detail["response"]["next"].as_u64().unwrap();
        assert_eq!(next, all);
        let known = "Your keys are [redacted] and [redacted], right?";
        assert!(known.starts_with(&shown), "{shown}");
        if detail["row"]["state"] == "done" {
            assert_eq!(shown, known);
            break;
        }
        tokio::task::yield_now().await;
    }
    assert!(all > 10, "only {all} pieces");
    drop(stream);
}

#[tokio::test]
async fn a_stream_is_followed_as_it_arrives() {
    let simulator = Simulator::builder()
        .pace(Duration::from_millis(20))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let mut live = open(url, "GET", "/_sim/live", &[], b"").await;
    let mut rest = Vec::new();
    assert_eq!(change(&mut live, &mut rest).await, json!([]));
    let body = hello_with(json!({"stream": true})).to_string();
    let stream = open(url, "POST", "/v1/messages", &[], body.as_bytes()).await;
    let mut sizes = Vec::new();
    while sizes.len() < 3 {
        let row = change(&mut live, &mut rest).await[0].clone();
        if row["status"] == 200 && row["state"] == "open" {
            sizes.push(row["bytes"].as_u64().unwrap());
        }
    }
    assert!(sizes.is_sorted_by(|one, other| one < other), "{sizes:?}");
    let next = get(url, "/_sim/exchanges/1").await.ok()["response"]["next"]
        .as_u64()
        .unwrap();
    let later = get(url, &format!("/_sim/exchanges/1?from={next}"))
        .await
        .ok();
    assert!(later["response"]["next"].as_u64().unwrap() >= next);
    // The client walks away in the middle.
    drop(stream);
    while change(&mut live, &mut rest).await[0]["state"] != "broken" {}
}

#[tokio::test]
async fn faults_show_what_went_over_the_wire() {
    let simulator = Simulator::start().await.unwrap();
    let headers = [("anthropic-sim-fault", "html=502")];
    send(simulator.url(), "GET", "/v1/models", &headers, b"").await;
    let detail = get(simulator.url(), "/_sim/exchanges/1").await.ok();
    assert_eq!(
        (&detail["row"]["fault"], &detail["row"]["status"]),
        (&json!("html=502"), &json!(502))
    );
    let wire = detail["response"]["pieces"][0]["text"].as_str().unwrap();
    assert!(wire.starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
}

#[tokio::test]
async fn batches_are_shown_as_the_api_lists_them() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let params = hello();
    let body = json!({"requests": [{"custom_id": "one", "params": params}]});
    let batch = post(url, "/v1/messages/batches", &body).await.ok();
    simulator.advance(Duration::from_secs(1));
    let list = get(url, "/_sim/batches").await.ok();
    assert_eq!(list["data"][0]["id"], batch["id"]);
    assert_eq!(list["data"][0]["processing_status"], "ended");
}

#[tokio::test]
async fn errors_are_in_the_row() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    post(url, "/v1/messages", &json!({"model": "gpt"})).await;
    let stream = hello_with(json!({"stream": true})).to_string();
    for (fault, body) in [
        ("overloaded", stream.as_str()),
        ("error-after=1; type=api_error", &stream),
    ] {
        let headers = [("anthropic-sim-fault", fault)];
        send(url, "POST", "/v1/messages", &headers, body.as_bytes()).await;
    }
    post(url, "/v1/messages", &hello()).await.ok();
    let rows = get(url, "/_sim/exchanges").await.ok();
    let error = |row: usize| rows["exchanges"][row]["error"].clone();
    assert_eq!(
        error(0),
        "invalid_request_error: max_tokens: Field required"
    );
    assert!(error(1).as_str().unwrap().starts_with("overloaded_error: "));
    assert!(error(2).as_str().unwrap().starts_with("api_error: "));
    assert_eq!(error(3), Value::Null);
}

#[tokio::test]
async fn rows_name_the_rule_that_decided() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let rules = json!([
        {"when": {"text": "never"}, "reply": "a"},
        {"when": {"text": "there"}, "reply": "b"},
        {"when": {"stream": true}, "reply": {"error": {"status": 529}}},
    ]);
    post(url, "/_sim/rules", &rules).await.ok();
    let asking = |text: &str| json!([{"role": "user", "content": text}]);
    let orphan =
        json!([{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}]);
    for fields in [
        json!({}),
        json!({"messages": orphan}),
        json!({"messages": asking("x"), "stream": true}),
        json!({"messages": asking("x")}),
        json!({"max_tokens": "many"}),
        json!({"model": "gpt"}),
    ] {
        post(url, "/v1/messages", &hello_with(fields)).await;
    }
    post(
        url,
        "/v1/messages/count_tokens",
        &json!({"model": "gpt", "messages": asking("x")}),
    )
    .await;
    let rows = get(url, "/_sim/exchanges").await.ok()["exchanges"].clone();
    let rows = rows.as_array().unwrap().iter();
    let found: Vec<_> = rows
        .map(|row| (row["rule"].clone(), row["check"].clone()))
        .collect();
    let none = || (Value::Null, Value::Null);
    let replied = |number: u64| (json!(number), Value::Null);
    let checked = |name: &str| (Value::Null, json!(name));
    let expected = [
        replied(2),
        checked("tool-pairs"),
        replied(3),
        none(),
        none(),
        checked("model"),
        checked("model"),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn rules_keep_their_numbers() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let rules = json!([{"reply": "a"}, {"reply": "b"}, {"reply": "c"}]);
    post(url, "/_sim/rules", &rules).await.ok();
    let numbers = async || {
        let rules = get(url, "/_sim/rules").await.ok()["rules"].clone();
        let rules = rules.as_array().unwrap().iter();
        rules
            .map(|rule| rule["number"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers().await, [1, 2, 3]);
    // A number is given once, so that what older requests lead to is never another rule.
    delete(url, "/_sim/rules").await.ok();
    post(url, "/_sim/rules", &json!({"reply": "a"})).await.ok();
    assert_eq!(numbers().await, [4]);
}

#[tokio::test]
async fn checks_count_what_they_have_refused() {
    let builder = Simulator::builder().lenient_about("metadata");
    let simulator = builder.start().await.unwrap();
    let url = simulator.url();
    for _ in 0..2 {
        post(url, "/v1/messages", &hello_with(json!({"model": "gpt"}))).await;
    }
    let checks = get(url, "/_sim/checks").await.ok()["data"].clone();
    let checks = checks.as_array().unwrap();
    assert!(checks.len() > 40, "{}", checks.len());
    let first = json!({"name": "model", "on": true, "quoted": true, "refused": 2});
    assert_eq!(checks[0], first);
    let off: Vec<_> = checks.iter().filter(|check| check["on"] == false).collect();
    assert_eq!(
        off,
        [&json!({"name": "metadata", "on": false, "quoted": false, "refused": 0})]
    );
}

#[tokio::test]
async fn what_is_cleared_is_gone_for_all_who_follow() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    for _ in 0..3 {
        get(url, "/v1/models").await.ok();
    }
    let mut live = open(url, "GET", "/_sim/live", &[], b"").await;
    let mut rest = Vec::new();
    assert_eq!(
        change(&mut live, &mut rest).await.as_array().unwrap().len(),
        3
    );
    delete(url, "/_sim/exchanges").await.ok();
    assert_eq!(
        get(url, "/_sim/exchanges").await.ok()["exchanges"],
        json!([])
    );
    assert_eq!(get(url, "/_sim/exchanges/3").await.status, 404);
    assert_eq!(change(&mut live, &mut rest).await, 3, "up to which number");
    get(url, "/v1/models").await.ok();
    let rows = loop {
        let rows = change(&mut live, &mut rest).await;
        if rows[0]["state"] == "done" {
            break rows;
        }
    };
    assert_eq!(
        (rows.as_array().unwrap().len(), &rows[0]["number"]),
        (1, &json!(4))
    );
}

#[tokio::test]
async fn files_and_sessions_are_listed() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let upload = [("file", "a.txt", "content")];
    let file = post_form(url, "/v1/files", &upload).await.ok();
    assert_eq!(get(url, "/_sim/files").await.ok()["data"], json!([file]));
    let mut body = session(&simulator).await;
    let hello = json!({"type": "user.message", "content": [{"type": "text", "text": "x"}]});
    body["initial_events"] = json!([hello]);
    body["resources"] = json!([{"type": "file", "file_id": file["id"]}]);
    let session = post(url, "/v1/sessions", &body).await.ok();
    let listed = get(url, "/_sim/sessions").await.ok();
    assert_eq!(listed["data"][0]["session"]["id"], session["id"]);
    assert_eq!(listed["data"][0]["resources"], session["resources"]);
    assert_eq!(listed["data"][0]["events"][0]["type"], "user.message");
}

#[tokio::test]
async fn lists_show_no_key_of_a_request() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    let key = "canary-credential-1";
    let upload = [("file", "canary-credential-1.txt", "content")];
    post_form(url, "/v1/files", &upload).await.ok();
    let mut body = session(&simulator).await;
    let text = format!("Is {key} my key, or sk-ant-{key}?");
    body["initial_events"] =
        json!([{"type": "user.message", "content": [{"type": "text", "text": text}]}]);
    post(url, "/v1/sessions", &body).await.ok();
    let rule = json!({"when": {"text": key}, "reply": {"text": "is sk-ant-canary"}});
    post(url, "/_sim/rules", &rule).await.ok();
    let headers = [("x-api-key", key)];
    send(url, "GET", "/v1/models", &headers, b"").await.ok();
    for path in ["/_sim/files", "/_sim/sessions", "/_sim/rules"] {
        let shown = get(url, path).await.ok().to_string();
        assert!(!shown.contains("canary"), "{path}: {shown}");
        assert!(shown.contains("[redacted]"), "{path}: {shown}");
    }
}

#[tokio::test]
async fn the_oldest_exchanges_are_forgotten() {
    let simulator = Simulator::start().await.unwrap();
    for _ in 0..510 {
        get(simulator.url(), "/v1/models/none").await;
    }
    let all = get(simulator.url(), "/_sim/exchanges").await.ok();
    let all = all["exchanges"].as_array().unwrap();
    assert_eq!((all.len(), &all[0]["number"]), (500, &json!(11)));
}
