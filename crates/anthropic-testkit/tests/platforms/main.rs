//! The first-party platform passes the contract, a made-up one does too, and with a fault it fails
//! the check that is about that.

#![allow(
    clippy::unwrap_used,
    reason = "a test that unwraps nothing fails, as it should"
)]

mod tide;

use std::sync::atomic::{AtomicU32, Ordering};

use anthropic::platform::credentials_fn;
use anthropic_testkit::{Outcome, Report};
use tide::{Fault, SECRET, Servers, Tide};

const CANONICAL: &str = "middleware sees canonical requests and responses";

#[tokio::test]
async fn first_party_with_a_key() {
    let suite = anthropic_testkit::platform(|client| client.api_key("sk-canary-key"));
    let report = suite.secret("sk-canary-key").run().await;
    report.assert();
    let skipped = |check: &&anthropic_testkit::Check| check.outcome != Outcome::Passed;
    assert_eq!(
        report.checks().iter().filter(skipped).count(),
        0,
        "{report}"
    );
}

#[tokio::test]
async fn first_party_with_a_token() {
    let suite = anthropic_testkit::platform(|client| client.auth_token("canary-token"));
    suite.secret("canary-token").run().await.assert();
}

#[tokio::test]
async fn first_party_with_credentials_that_are_renewed() {
    let suite = anthropic_testkit::platform(|client| {
        let count = AtomicU32::new(0);
        client.credentials(credentials_fn(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(format!("canary-token-{number}"))
            }
        }))
    });
    suite.secret("canary-token").renews().run().await.assert();
}

async fn report(fault: Fault) -> Report {
    anthropic_testkit::platform(move |client| client.platform(Tide::new(fault)))
        .service(Servers::default())
        .secret(SECRET)
        .renews()
        .run()
        .await
}

#[tokio::test]
async fn made_up() {
    let report = report(Fault::None).await;
    report.assert();
    let counting = report.outcome("tokens are counted, or that is unsupported");
    assert!(matches!(counting, Some(Outcome::Skipped(_))), "{report}");
}

/// A signature that takes a while is no fault as long as the attempt's limit is kept.
#[tokio::test]
async fn made_up_and_slow_to_sign() {
    report(Fault::SignsSlowly).await.assert();
}

async fn fails(fault: Fault, checks: &[&str]) {
    let report = report(fault).await;
    let failed: Vec<_> = report.failures().map(|check| check.name).collect();
    assert_eq!(failed, checks, "{report}");
}

#[tokio::test]
async fn betas_of_its_own_alone() {
    fails(
        Fault::ReplacesBetas,
        &["betas are added to those of the caller"],
    )
    .await;
}

#[tokio::test]
async fn a_token_in_a_log() {
    fails(
        Fault::LogsToken,
        &["no secret is in Debug, an error or a log"],
    )
    .await;
}

#[tokio::test]
async fn errors_of_its_own() {
    let report = report(Fault::KeepsErrors).await;
    for check in ["error statuses and shapes are the API's", CANONICAL] {
        let outcome = report.outcome(check);
        assert!(matches!(outcome, Some(Outcome::Failed(_))), "{report}");
    }
    let outcome = report.outcome("a message is created");
    assert_eq!(outcome, Some(&Outcome::Passed), "{report}");
}

#[tokio::test]
async fn requests_adapted_to_another_origin() {
    let report = report(Fault::AdaptsElsewhere).await;
    // They are refused before anything is sent.
    for (check, expected) in [
        ("a message is created", "elsewhere.example"),
        ("every request goes to one origin", "0 requests were sent"),
    ] {
        let outcome = report.outcome(check);
        let Some(Outcome::Failed(reason)) = outcome else {
            panic!("{check}: {report}");
        };
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_restore_does_not_look_at() {
    let report = report(Fault::ForgetsOperation).await;
    for check in [
        "every transcript is streamed to the same message",
        CANONICAL,
    ] {
        let outcome = report.outcome(check);
        assert!(matches!(outcome, Some(Outcome::Failed(_))), "{report}");
    }
    let outcome = report.outcome("a message is created");
    assert_eq!(outcome, Some(&Outcome::Passed), "{report}");
}

#[tokio::test]
async fn the_token_that_was_refused() {
    fails(
        Fault::KeepsToken,
        &["a refused credential is renewed once, or not at all"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn streams_that_are_read_to_their_end() {
    let report = report(Fault::ReadsAll).await;
    let outcome = report.outcome("events are handed on as they arrive");
    assert!(matches!(outcome, Some(Outcome::Failed(_))), "{report}");
    let outcome = report.outcome("every transcript is streamed to the same message");
    assert_eq!(outcome, Some(&Outcome::Passed), "{report}");
}
