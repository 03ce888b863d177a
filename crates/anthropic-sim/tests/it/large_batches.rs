//! Batches whose requests and results are not in memory as a whole.

use std::time::Duration;

use serde_json::{Value, json};

use crate::batches::{BATCHES, counts, path, stopped};
use crate::client::{get, post, send};
use crate::messages::hello;

/// More than is kept in memory, and cancelled in the middle of what is not.
#[tokio::test]
async fn long_results_come_whole_and_in_order() {
    let simulator = stopped().await;
    let url = simulator.url();
    let mut long = hello();
    long["messages"][0]["content"] = json!("Hello ".repeat(2_000));
    let ids: Vec<String> = (0..2_500).map(|number| format!("row-{number}")).collect();
    let rows = ids.iter().enumerate();
    let rows: Vec<Value> = rows
        .map(|(index, id)| {
            let params = if index % 100 == 0 { &long } else { &hello() };
            json!({"custom_id": id, "params": params})
        })
        .collect();
    let body = json!({"requests": rows});
    let whole = post(url, BATCHES, &body).await.ok();
    let half = post(url, BATCHES, &body).await.ok();
    simulator.advance(Duration::from_secs(30));
    post(url, &path(&half, "/cancel"), &Value::Null).await.ok();
    simulator.advance(Duration::from_secs(60));
    for (batch, succeeded) in [(&whole, 2_500), (&half, 1_250)] {
        let ended = get(url, &path(batch, "")).await.ok();
        assert_eq!(counts(&ended), [0, succeeded, 0, 2_500 - succeeded, 0]);
        let results = get(url, &path(batch, "/results")).await.text();
        assert_eq!(results.len() > 1_200_000, succeeded == 2_500);
        let lines = results
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let lines: Vec<Value> = lines.collect();
        let found: Vec<&str> = lines
            .iter()
            .map(|line| line["custom_id"].as_str().unwrap())
            .collect();
        assert_eq!(found, ids);
        let done = lines
            .iter()
            .map(|line| line["result"]["type"] == "succeeded");
        assert_eq!(done.filter(|done| *done).count() as u64, succeeded);
        assert_eq!(
            lines[2_499]["result"]["type"] == "canceled",
            succeeded < 2_500
        );
    }
}

/// The limit on the values of a body is one of each request here.
#[tokio::test]
async fn a_batch_may_have_more_values_than_a_request() {
    let simulator = stopped().await;
    let mut params = hello();
    params["stop_sequences"] = json!(vec!["x"; 50_000]);
    let rows =
        (0..41).map(|number| json!({"custom_id": format!("row-{number}"), "params": params}));
    let rows: Vec<Value> = rows.collect();
    let batch = post(simulator.url(), BATCHES, &json!({"requests": rows}))
        .await
        .ok();
    simulator.advance(Duration::from_secs(60));
    let ended = get(simulator.url(), &path(&batch, "")).await.ok();
    assert_eq!(counts(&ended), [0, 41, 0, 0, 0]);
    // Of one of them it still is.
    params["stop_sequences"] = json!(vec!["x"; 2_000_001]);
    let rows = json!([{"custom_id": "large", "params": params}]);
    let refused = post(simulator.url(), BATCHES, &json!({"requests": rows})).await;
    assert!(refused.error(400).1.contains("2000000 values"));
}

#[tokio::test]
async fn bodies_of_other_kinds_are_refused() {
    let simulator = stopped().await;
    for (body, message) in [
        ("[]", "The request body should be a JSON object"),
        ("{", "The request body is not valid JSON: "),
        (
            "{\"requests\": [{]}",
            "The request body is not valid JSON: ",
        ),
        (
            "{\"requests\": [{\"custom_id\": \"\\ud800\"}]}",
            "The request body is not valid JSON: ",
        ),
        (
            "{\"requests\": [], \"more\": 1}",
            "more: Extra inputs are not permitted",
        ),
        (
            "{\"requests\": [1]}",
            "requests.0: Input should be a valid dictionary",
        ),
        (
            "{\"requests\": [{\"custom_id\": \"a\", \"params\": 1}]}",
            "requests.0.params: Input should be a valid dictionary",
        ),
        (
            "{\"requests\": [{\"custom_id\": \"a\", \"params\": {}, \"x\": 1}]}",
            "requests.0.x: Extra inputs are not permitted",
        ),
    ] {
        let answer = send(simulator.url(), "POST", BATCHES, &[], body.as_bytes()).await;
        let (_, found) = answer.error(400);
        assert!(found.starts_with(message), "{body}: {found}");
    }
}
