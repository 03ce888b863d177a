//! Waiting for a final state.

use std::time::Duration;

use anthropic::{Client, ErrorKind, Poller};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::Instant;

use crate::support::{Reply, Script, builder};

const MINUTE: Duration = Duration::from_secs(60);

fn poller(client: &Client) -> Poller<Value> {
    Poller::new(
        client,
        |client| client.get("/v1/jobs/1"),
        |job: &Value| job["status"] == "ended",
    )
    .every(MINUTE)
}

fn client(replies: impl IntoIterator<Item = Reply>) -> (Script, Client) {
    let script = Script::new(replies);
    let client = builder(&script).max_retries(0).build().unwrap();
    (script, client)
}

fn busy() -> Reply {
    Reply::json(r#"{"status":"in_progress"}"#)
}

fn ended() -> Reply {
    Reply::json(r#"{"status":"ended"}"#)
}

#[tokio::test(start_paused = true)]
async fn awaiting_a_poller_gives_the_final_state() {
    let (_, client) = client([busy(), busy(), ended()]);
    let started = Instant::now();
    assert_eq!(poller(&client).await.unwrap()["status"], "ended");
    assert_eq!(started.elapsed().as_secs(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_poller_is_a_stream_of_states() {
    let (_, client) = client([busy(), ended()]);
    let states: Vec<_> = poller(&client)
        .map(|state| state.unwrap()["status"].clone())
        .collect()
        .await;
    assert_eq!(states, ["in_progress", "ended"]);
}

#[tokio::test(start_paused = true)]
async fn errors_that_may_pass_are_passed_over() {
    let (script, client) = client([busy(), Reply::status(529), Reply::refused(), ended()]);
    poller(&client).await.unwrap();
    assert_eq!(script.sent().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn errors_that_stay_are_told() {
    let (_, gone) = client([busy(), Reply::status(404)]);
    assert_eq!(poller(&gone).await.unwrap_err().kind(), ErrorKind::NotFound);
    let (script, down) = client((0..9).map(|_| Reply::status(500)));
    assert_eq!(poller(&down).await.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(script.sent().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_limit_ends_the_wait() {
    let (_, client) = client((0..9).map(|_| busy()));
    let started = Instant::now();
    let error = poller(&client)
        .timeout(Duration::from_secs(150))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), started.elapsed().as_secs()),
        (ErrorKind::Timeout, 150)
    );
}
