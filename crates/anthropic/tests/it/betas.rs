//! The `anthropic-beta` header: the caller's betas join those that endpoints always send.

use std::collections::BTreeSet;

use anthropic::types::{Beta, MessageCountTokensParams, MessageCreateParams};
use http::Method;
use serde_json::json;

use crate::support::{Reply, Script, builder, client};

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

/// The parameters of messages whose docs name a beta that they need, with all betas that are named.
fn needing() -> Vec<(String, String)> {
    let source = "../anthropic-types/src/generated/core/params.rs";
    let source = std::fs::read_to_string(source).unwrap();
    let (_, fields) = source
        .split_once("pub struct MessageCreateParams {")
        .unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let (mut found, mut docs) = (Vec::new(), String::new());
    for line in fields.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            docs.push_str(words);
        } else if let Some(field) = line.strip_prefix("pub ") {
            let (name, _) = field.split_once(':').unwrap();
            if let Some((_, betas)) = docs.split_once("Needs the beta ") {
                found.push((name.to_owned(), betas.to_owned()));
            }
            docs.clear();
        }
    }
    found
}

#[tokio::test]
async fn a_parameter_that_is_refused_without_its_beta_names_it() {
    let needing = needing();
    assert!(needing.len() > 5, "{needing:?}");
    for (name, betas) in needing {
        for place in [name.clone(), format!("requests.3.params.{name}")] {
            let refused = format!("{place}: Extra inputs are not permitted");
            let error = json!({"type": "invalid_request_error", "message": refused});
            let body = json!({"type": "error", "error": error}).to_string();
            let reply = Reply::new(400, &[("content-type", "application/json")], body);
            let script = Script::new([reply]);
            let params = MessageCreateParams::new("m", 10).user("Hi");
            let error = client(&script).messages().create(params).await.unwrap_err();
            let line = error.to_string();
            let (_, hint) = line.split_once("; ").unwrap();
            let beta = hint.split('`').nth(3).unwrap();
            assert!(betas.contains(&format!("`{beta}`")), "{line}: {betas}");
            assert!(hint.contains(&format!(".beta(\"{beta}\")")), "{line}");
        }
    }
}
