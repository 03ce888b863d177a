//! The life of a batch, on a clock that moves only when the test says so.

use std::time::Duration;

use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

use crate::client::{delete, get, post, send};
use crate::messages::hello;

pub(super) const BATCHES: &str = "/v1/messages/batches";

/// A simulator whose clock stands still, with batches that take a minute.
pub(super) async fn stopped() -> Simulator {
    let minute = Duration::from_secs(60);
    Simulator::builder()
        .clock_step(Duration::ZERO)
        .batch_delay(minute)
        .start()
        .await
        .unwrap()
}

fn two() -> Value {
    let mut invalid = hello();
    invalid["max_tokens"] = json!("many");
    json!({"requests": [{"custom_id": "good", "params": hello()}, {"custom_id": "bad", "params": invalid}]})
}

pub(super) fn path(batch: &Value, action: &str) -> String {
    format!("{BATCHES}/{}{action}", batch["id"].as_str().unwrap())
}

pub(super) fn counts(batch: &Value) -> [u64; 5] {
    ["processing", "succeeded", "errored", "canceled", "expired"]
        .map(|name| batch["request_counts"][name].as_u64().unwrap())
}

#[tokio::test]
async fn a_batch_ends_and_has_results() {
    let simulator = stopped().await;
    let url = simulator.url();
    let batch = post(url, BATCHES, &two()).await.ok();
    assert_eq!(
        (&batch["type"], &batch["processing_status"]),
        (&json!("message_batch"), &json!("in_progress"))
    );
    assert_eq!(
        (&batch["results_url"], &batch["ended_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(batch["created_at"], "2026-11-01T00:00:00.000000Z");
    assert_eq!(counts(&batch), [2, 0, 0, 0, 0]);
    assert_eq!(get(url, &path(&batch, "")).await.ok(), batch);
    assert!(
        get(url, &path(&batch, "/results"))
            .await
            .error(400)
            .1
            .contains("no results yet")
    );

    simulator.advance(Duration::from_secs(60));
    let ended = get(url, &path(&batch, "")).await.ok();
    assert_eq!(ended["processing_status"], "ended");
    assert_eq!(ended["ended_at"], "2026-11-01T00:01:00.000000Z");
    assert_eq!(counts(&ended), [0, 1, 1, 0, 0]);
    let results = ended["results_url"].as_str().unwrap();
    let answer = get(
        url,
        results
            .strip_prefix(url)
            .expect("on the simulator's own origin"),
    )
    .await;
    assert_eq!(answer.header("content-type"), Some("application/x-jsonl"));
    let text = answer.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["custom_id"], &lines[0]["result"]["type"]),
        (&json!("good"), &json!("succeeded"))
    );
    assert_eq!(
        lines[0]["result"]["message"]["usage"]["service_tier"],
        "batch"
    );
    let alone = post(url, "/v1/messages", &hello()).await.ok();
    assert_eq!(lines[0]["result"]["message"]["content"], alone["content"]);
    assert_eq!(
        (&lines[1]["custom_id"], &lines[1]["result"]["type"]),
        (&json!("bad"), &json!("errored"))
    );
    assert_eq!(
        lines[1]["result"]["error"]["error"]["type"],
        "invalid_request_error"
    );
}

#[tokio::test]
async fn a_stepped_clock_ends_a_batch_after_so_many_requests() {
    let second = Duration::from_secs(1);
    let simulator = Simulator::builder()
        .clock_step(second)
        .batch_delay(second * 2)
        .start()
        .await
        .unwrap();
    let batch = post(simulator.url(), BATCHES, &two()).await.ok();
    let mut states = Vec::new();
    for _ in 0..3 {
        states
            .push(get(simulator.url(), &path(&batch, "")).await.ok()["processing_status"].clone());
    }
    assert_eq!(states, ["in_progress", "ended", "ended"]);
}

#[tokio::test(start_paused = true)]
async fn by_default_a_batch_takes_a_tenth_of_a_second() {
    let simulator = Simulator::start().await.unwrap();
    let batch = post(simulator.url(), BATCHES, &two()).await.ok();
    assert_eq!(batch["processing_status"], "in_progress");
    tokio::time::advance(Duration::from_millis(100)).await;
    assert_eq!(
        get(simulator.url(), &path(&batch, "")).await.ok()["processing_status"],
        "ended"
    );
}

#[tokio::test]
async fn a_cancelled_batch_ends_without_answers() {
    let simulator = stopped().await;
    let url = simulator.url();
    let batch = post(url, BATCHES, &two()).await.ok();
    let cancelled = post(url, &path(&batch, "/cancel"), &Value::Null).await.ok();
    assert_eq!(cancelled["processing_status"], "canceling");
    assert!(cancelled["cancel_initiated_at"].is_string());
    assert_eq!(
        post(url, &path(&batch, "/cancel"), &Value::Null).await.ok(),
        cancelled,
        "again is as good as once"
    );

    simulator.advance(Duration::from_secs(60));
    let ended = get(url, &path(&batch, "")).await.ok();
    assert_eq!(
        (&ended["processing_status"], counts(&ended)),
        (&json!("ended"), [0, 0, 0, 2, 0])
    );
    let results = get(url, &path(&batch, "/results")).await.text();
    assert_eq!(
        results
            .lines()
            .filter(|line| line.contains(r#"{"type":"canceled"}"#))
            .count(),
        2
    );
    assert!(
        post(url, &path(&batch, "/cancel"), &Value::Null)
            .await
            .error(400)
            .1
            .contains("ended")
    );
}

#[tokio::test]
async fn a_batch_that_takes_over_a_day_expires() {
    let day = Duration::from_secs(24 * 60 * 60);
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .batch_delay(day * 2)
        .start()
        .await
        .unwrap();
    let mut three = two();
    let again = json!({"custom_id": "late", "params": hello()});
    three["requests"].as_array_mut().unwrap().push(again);
    let batch = post(simulator.url(), BATCHES, &three).await.ok();
    simulator.advance(day);
    let ended = get(simulator.url(), &path(&batch, "")).await.ok();
    assert_eq!(
        (&ended["ended_at"], counts(&ended)),
        (&batch["expires_at"], [0, 1, 0, 0, 2]),
        "half of the time is enough for one of three"
    );
    let results = get(simulator.url(), &path(&batch, "/results")).await.text();
    assert_eq!(kinds(&results), ["succeeded", "expired", "expired"]);
}

#[tokio::test]
async fn what_was_answered_before_a_cancellation_stays_answered() {
    let simulator = stopped().await;
    let url = simulator.url();
    let batch = post(url, BATCHES, &two()).await.ok();
    simulator.advance(Duration::from_secs(30));
    post(url, &path(&batch, "/cancel"), &Value::Null).await.ok();
    simulator.advance(Duration::from_secs(60));
    let ended = get(url, &path(&batch, "")).await.ok();
    assert_eq!(counts(&ended), [0, 1, 0, 1, 0]);
    let results = get(url, &path(&batch, "/results")).await.text();
    assert_eq!(kinds(&results), ["succeeded", "canceled"]);
}

#[tokio::test]
async fn results_are_kept_for_29_days() {
    let simulator = stopped().await;
    let url = simulator.url();
    let batch = post(url, BATCHES, &two()).await.ok();
    simulator.advance(Duration::from_secs(29 * 24 * 60 * 60 - 1));
    get(url, &path(&batch, "/results")).await.text();
    simulator.advance(Duration::from_secs(1));
    let archived = get(url, &path(&batch, "")).await.ok();
    assert_eq!(
        (&archived["archived_at"], &archived["results_url"]),
        (&json!("2026-11-30T00:00:00.000000Z"), &Value::Null)
    );
    assert_eq!(
        get(url, &path(&batch, "/results")).await.error(404).0,
        "not_found_error"
    );
}

fn kinds(results: &str) -> Vec<String> {
    let lines = results.lines();
    let results = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    results
        .map(|line| line["result"]["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn only_an_ended_batch_can_be_deleted() {
    let simulator = stopped().await;
    let url = simulator.url();
    let batch = post(url, BATCHES, &two()).await.ok();
    assert_eq!(
        delete(url, &path(&batch, "")).await.error(400).0,
        "invalid_request_error"
    );
    simulator.advance(Duration::from_secs(60));
    let deleted = delete(url, &path(&batch, "")).await.ok();
    assert_eq!(
        deleted,
        json!({"id": batch["id"], "type": "message_batch_deleted"})
    );
    assert_eq!(
        get(url, &path(&batch, "")).await.error(404).0,
        "not_found_error"
    );
}

#[tokio::test]
async fn batches_are_listed_newest_first() {
    let simulator = stopped().await;
    let url = simulator.url();
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, post(url, BATCHES, &two()).await.ok()["id"].clone());
    }
    let page = get(url, &format!("{BATCHES}?limit=2")).await.ok();
    let listed = |page: &Value| {
        page["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|batch| batch["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (listed(&page), &page["has_more"]),
        (ids[..2].to_vec(), &json!(true))
    );
    let rest = get(
        url,
        &format!("{BATCHES}?after_id={}", page["last_id"].as_str().unwrap()),
    )
    .await
    .ok();
    assert_eq!(
        (listed(&rest), &rest["has_more"]),
        (ids[2..].to_vec(), &json!(false))
    );
}

#[tokio::test]
async fn invalid_batches_are_refused_whole() {
    let simulator = stopped().await;
    let request = |id: &str| json!({"custom_id": id, "params": hello()});
    for (body, named) in [
        (json!({}), "requests:"),
        (json!({"requests": 1}), "requests:"),
        (json!({"requests": []}), "requests:"),
        (
            json!({"requests": [{"params": {}}]}),
            "requests.0.custom_id:",
        ),
        (
            json!({"requests": [request("a b")]}),
            "requests.0.custom_id:",
        ),
        (
            json!({"requests": [request(&"x".repeat(65))]}),
            "requests.0.custom_id:",
        ),
        (
            json!({"requests": [request("a"), request("a")]}),
            "requests.1.custom_id:",
        ),
        (
            json!({"requests": [{"custom_id": "a"}]}),
            "requests.0.params:",
        ),
    ] {
        let (_, message) = post(simulator.url(), BATCHES, &body).await.error(400);
        assert!(message.starts_with(named), "{named} {message}");
    }
    assert_eq!(get(simulator.url(), BATCHES).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn scripted_replies_reach_batches() {
    let replies = Simulator::builder()
        .clock_step(Duration::ZERO)
        .reply(Reply::text("one"));
    let simulator = replies
        .reply(Reply::error(529, "overloaded_error", "Overloaded"))
        .start()
        .await
        .unwrap();
    let mut body = two();
    body["requests"][1]["params"] = hello();
    let batch = post(simulator.url(), BATCHES, &body).await.ok();
    simulator.advance(Duration::from_secs(1));
    let results = get(simulator.url(), &path(&batch, "/results")).await.text();
    assert!(
        results.contains(r#""text":"one""#) && results.contains("overloaded_error"),
        "{results}"
    );
}

#[tokio::test]
async fn links_are_on_the_host_the_client_called() {
    let simulator = stopped().await;
    let batch = post(simulator.url(), BATCHES, &two()).await.ok();
    simulator.advance(Duration::from_secs(60));
    let port = simulator.url().rsplit(':').next().unwrap();
    // The client's own host header comes first; the server takes one, so this request is made by
    // hand.
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: localhost:{port}\r\nx-api-key: k\r\nanthropic-version: 2026-10-21\r\nconnection: close\r\n\r\n",
        path(&batch, "")
    );
    let mut socket = tokio::net::TcpStream::connect(format!("127.0.0.1:{port}"))
        .await
        .unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes())
        .await
        .unwrap();
    let mut bytes = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut bytes)
        .await
        .unwrap();
    let batch = crate::client::parse(&bytes).ok();
    assert!(
        batch["results_url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("http://localhost:{port}/"))
    );
}

#[tokio::test]
async fn the_beta_form_is_the_same() {
    let simulator = stopped().await;
    let headers = [("anthropic-beta", "message-batches-2024-09-24")];
    let body = two().to_string();
    let path = format!("{BATCHES}?beta=true");
    let answer = send(simulator.url(), "POST", &path, &headers, body.as_bytes()).await;
    assert_eq!(answer.ok()["type"], "message_batch");
}

/// The result of the row with this id.
fn result(results: &str, id: &str) -> Value {
    let rows = results
        .lines()
        .map(|row| serde_json::from_str(row).unwrap());
    let mut rows = rows.filter(|row: &Value| row["custom_id"] == id);
    rows.next().unwrap()["result"].clone()
}

#[tokio::test]
async fn a_row_that_streams_is_an_error_of_its_own() {
    let simulator = stopped().await;
    let url = simulator.url();
    let mut streamed = hello();
    streamed["stream"] = json!(true);
    let mut plain = hello();
    plain["stream"] = json!(false);
    let rows = json!({"requests": [
        {"custom_id": "streamed", "params": streamed}, {"custom_id": "plain", "params": plain},
    ]});
    let batch = post(url, BATCHES, &rows).await.ok();
    simulator.advance(Duration::from_secs(120));
    let ended = get(url, &path(&batch, "")).await.ok();
    assert_eq!(counts(&ended), [0, 1, 1, 0, 0]);
    let results = get(url, &path(&batch, "/results")).await.text();
    assert_eq!(result(&results, "plain")["type"], "succeeded");
    let error = &result(&results, "streamed")["error"]["error"];
    assert_eq!(error["type"], "invalid_request_error");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("stream: "), "{message}");
}

#[tokio::test]
async fn a_row_with_a_broken_conversation_is_an_error_of_its_own() {
    let call = json!({"type": "tool_use", "id": "a", "name": "look", "input": {}});
    let found = json!({"type": "tool_result", "tool_use_id": "a", "content": "seen"});
    let conversation = |after: Value| {
        let mut params = hello();
        params["messages"] = json!([
            {"role": "user", "content": "Go."},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": after},
        ]);
        params
    };
    let rows = json!({"requests": [
        {"custom_id": "unpaired", "params": conversation(json!("And?"))},
        {"custom_id": "paired", "params": conversation(json!([found]))},
    ]});
    let minute = Duration::from_secs(60);
    let lenient = Simulator::builder().clock_step(Duration::ZERO);
    let lenient = lenient.batch_delay(minute).lenient_about("tool-pairs");
    for (simulator, succeeded) in [(stopped().await, 1), (lenient.start().await.unwrap(), 2)] {
        let url = simulator.url();
        let batch = post(url, BATCHES, &rows).await.ok();
        simulator.advance(minute);
        let ended = get(url, &path(&batch, "")).await.ok();
        assert_eq!(counts(&ended), [0, succeeded, 2 - succeeded, 0, 0]);
        let results = get(url, &path(&batch, "/results")).await.text();
        assert_eq!(result(&results, "paired")["type"], "succeeded");
        if succeeded == 1 {
            let error = json!({
                "type": "invalid_request_error",
                "message": "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: a. Each \
                            `tool_use` block must have a corresponding `tool_result` block in the next message.",
            });
            assert_eq!(result(&results, "unpaired")["error"]["error"], error);
        }
    }
}
