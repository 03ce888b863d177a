//! The `anthropic-beta` header: the caller's betas join those that endpoints always send.

use std::collections::BTreeSet;

use anthropic::types::{Beta, MessageCountTokensParams};
use http::Method;

use crate::support::{Reply, Script, builder};

static PING: anthropic::operation::Operation<serde_json::Value> =
    anthropic::operation::Operation::serde("ping", Method::GET, "/v1/ping")
        .betas(&["of-endpoint", "shared"]);

async fn header(request: anthropic::Request<serde_json::Value>, script: &Script) -> Option<String> {
    request.await.unwrap();
    script.only().header("anthropic-beta").map(str::to_owned)
}

#[tokio::test]
async fn the_request_comes_first_then_the_client_then_the_endpoint() {
    let script = Script::new([Reply::json("{}")]);
    let client = builder(&script).beta("of-client").build().unwrap();
    let request = client
        .request(&PING, &[])
        .beta("of-request")
        .beta(Beta::COMPACT_2026_01_12)
        .header("anthropic-beta", "by-hand, shared");
    assert_eq!(
        header(request, &script).await.unwrap(),
        "of-request,compact-2026-01-12,by-hand,shared,of-client,of-endpoint"
    );
}

#[tokio::test]
async fn each_beta_is_sent_once() {
    let script = Script::new([Reply::json("{}")]);
    let client = builder(&script).beta("shared").build().unwrap();
    let request = client
        .request(&PING, &[])
        .beta("of-endpoint")
        .beta("of-endpoint");
    assert_eq!(
        header(request, &script).await.unwrap(),
        "of-endpoint,shared"
    );
}

#[tokio::test]
async fn an_endpoint_that_needs_a_beta_sends_it_unasked() {
    let script = Script::new([Reply::json(r#"{"input_tokens":1}"#)]);
    let client = builder(&script).build().unwrap();
    let params = MessageCountTokensParams::new("claude-opus-5-5").user("Hi");
    let request = client.beta().messages().count_tokens(params);
    request.await.unwrap();
    let sent = script.only();
    assert_eq!(
        sent.header("anthropic-beta"),
        Some("token-counting-2024-11-01")
    );
}

#[test]
fn every_beta_of_an_endpoint_is_known_by_name() {
    for operation in anthropic::operations() {
        for beta in operation.betas() {
            let known = Beta::KNOWN.iter().any(|known| known.as_str() == *beta);
            assert!(known, "{}: {beta}", operation.id());
        }
    }
}

/// The description's are those that the official SDK names anywhere, in its types or in its own
/// code.
#[test]
fn the_constants_are_the_betas_of_the_description() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../api/api.json");
    let api: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let described: BTreeSet<&str> = api["betas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|beta| beta.as_str().unwrap())
        .collect();
    let known: BTreeSet<&str> = Beta::KNOWN.iter().map(Beta::as_str).collect();
    assert_eq!(known, described);
    assert_eq!(known.len(), Beta::KNOWN.len());
}
