//! Rate limits that are enforced.

use std::time::Duration;

use anthropic_sim::{RateLimits, Reply, Simulator};

use crate::client::{get, post};
use crate::messages::hello;

#[tokio::test]
async fn what_is_over_the_limit_gets_429_and_when_to_come_again() {
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .rate_limits(RateLimits::new().requests(3))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    for left in ["2", "1", "0"] {
        let answer = get(url, "/v1/models").await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.header("anthropic-ratelimit-requests-remaining"),
            Some(left)
        );
        assert_eq!(
            answer.header("anthropic-ratelimit-requests-limit"),
            Some("3")
        );
    }
    let refused = get(url, "/v1/models").await;
    let (kind, message) = refused.error(429);
    assert!(
        kind == "rate_limit_error" && message.contains("3 requests"),
        "{message}"
    );
    assert_eq!(refused.header("retry-after"), Some("20"));
    simulator.advance(Duration::from_secs(20));
    assert_eq!(get(url, "/v1/models").await.status, 200);
    assert_eq!(get(url, "/v1/models").await.status, 429);
}

#[tokio::test]
async fn tokens_are_counted_once_they_are_known() {
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .rate_limits(RateLimits::new().output_tokens(60))
        .reply(Reply::text("word ".repeat(100)))
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let said = post(url, "/v1/messages", &hello()).await;
    let spent = said.ok()["usage"]["output_tokens"].as_u64().unwrap();
    assert!(spent > 60, "a whole answer may overdraw: {spent}");
    assert_eq!(
        said.header("anthropic-ratelimit-output-tokens-remaining"),
        Some("0")
    );
    let refused = post(url, "/v1/messages", &hello()).await;
    assert!(refused.error(429).1.contains("60 output tokens"));
    // One a second comes back, and one must be there.
    assert_eq!(
        refused.header("retry-after").unwrap(),
        (spent - 60 + 1).to_string()
    );
    simulator.advance(Duration::from_secs(spent));
    assert_eq!(post(url, "/v1/messages", &hello()).await.status, 200);
}

#[tokio::test]
async fn a_wrong_key_costs_nothing() {
    let simulator = Simulator::builder()
        .accept_only("right")
        .clock_step(Duration::ZERO)
        .rate_limits(RateLimits::new().requests(1))
        .start()
        .await
        .unwrap();
    for _ in 0..3 {
        assert_eq!(get(simulator.url(), "/v1/models").await.status, 401);
    }
    let headers = [("x-api-key", "right")];
    let answer = crate::client::send(simulator.url(), "GET", "/v1/models", &headers, b"").await;
    assert_eq!(answer.status, 200);
}
