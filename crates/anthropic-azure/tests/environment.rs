//! What Foundry's client takes from the environment, in another process with one of its own.

#![cfg(feature = "hyper")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, whose other process reads the environment"
)]

use std::process::Command;

use anthropic::types::MessageCreateParams;
use anthropic_sim::{Platform, Simulator};

#[tokio::test]
async fn custom_headers_are_taken_and_nothing_of_anthropics_own_api() {
    let simulator = Simulator::builder().platform(Platform::Foundry);
    let simulator = simulator.start().await.unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program
        .args(["--exact", "other_process", "--ignored", "--nocapture"])
        .env_clear()
        .env("ANTHROPIC_FOUNDRY_BASE_URL", simulator.base_url())
        .env("ANTHROPIC_FOUNDRY_API_KEY", simulator.api_key())
        .env(
            "ANTHROPIC_CUSTOM_HEADERS",
            "x-team: rivers\nauthorization: Bearer canary",
        )
        .env("ANTHROPIC_API_KEY", "canary")
        .env("ANTHROPIC_AUTH_TOKEN", "canary")
        .env("ANTHROPIC_BASE_URL", "http://127.0.0.1:9");
    let output = tokio::task::spawn_blocking(move || program.output());
    let output = output.await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    let requests = simulator.requests();
    let teams: Vec<_> = requests.iter().map(|it| it.header("x-team")).collect();
    // With from_env(), and without.
    assert_eq!(teams, [Some("rivers"), None]);
    for request in &requests {
        assert_eq!(request.header("authorization"), None);
    }
}

#[tokio::test]
#[ignore = "run by the other test, with an environment of its own"]
async fn other_process() {
    let key = std::env::var("ANTHROPIC_FOUNDRY_API_KEY").unwrap();
    let url = std::env::var("ANTHROPIC_FOUNDRY_BASE_URL").unwrap();
    let read = anthropic_azure::foundry("").from_env().unwrap();
    let given = anthropic_azure::foundry("").api_key(key).base_url(url);
    for builder in [read, given] {
        let params = MessageCreateParams::new("claude-opus-5-5", 100).user("Name a river.");
        let client = builder.build().unwrap();
        client.messages().create(params).await.unwrap();
    }
}
