//! The platforms whose streams are the API's own.

use anthropic_sim::Platform;
use anthropic_sim::faults::Fault;
use serde_json::{Value, json};

use super::{BEARER, VERSION, cloud, hello, hello_with, post, started};
use crate::client::send;

const PROJECT: &str = "/v1/projects/p/locations/eu";

fn vertex(rest: &str) -> String {
    format!("{PROJECT}/publishers/anthropic/models/{rest}")
}

#[tokio::test]
async fn vertex_has_the_model_in_the_path() {
    let simulator = started(Platform::Vertex).await;
    assert!(simulator.base_url().ends_with("/v1"));
    let body = hello_with(json!({"anthropic_version": "vertex-2023-10-16"}));
    let path = vertex("claude-opus-4-5@20251101:rawPredict");
    let answer = post(&simulator, &path, &[BEARER], &body).await;
    assert_eq!(answer.ok()["model"], "claude-opus-4-5-20251101");
    assert!(answer.header("request-id").is_none());
    let body = hello_with(json!({"anthropic_version": VERSION, "stream": true}));
    let path = vertex("claude-opus-5-5:streamRawPredict");
    let events = post(&simulator, &path, &[BEARER], &body).await.events();
    assert_eq!(events.last().unwrap()["type"], "message_stop");
    let mut counted = hello_with(json!({"anthropic_version": VERSION, "model": "claude-opus-5-5"}));
    counted.as_object_mut().unwrap().remove("max_tokens");
    let path = vertex("count-tokens:rawPredict");
    let counted = post(&simulator, &path, &[BEARER], &counted).await.ok();
    assert!(counted["input_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn vertex_has_googles_errors_and_the_apis() {
    let simulator = started(Platform::Vertex).await;
    let path = vertex("claude-opus-5-5:rawPredict");
    let google = |body: &Value| body["error"]["status"].as_str().map(str::to_owned);
    let none = post(&simulator, &path, &[], &hello()).await;
    assert_eq!(
        (none.status, google(&none.json())),
        (401, Some("UNAUTHENTICATED".to_owned()))
    );
    let body = hello_with(json!({"anthropic_version": VERSION}));
    let unknown = vertex("claude-opus-999:rawPredict");
    let unknown = post(&simulator, &unknown, &[BEARER], &body).await;
    assert_eq!(
        (unknown.status, google(&unknown.json())),
        (404, Some("NOT_FOUND".to_owned()))
    );
    let elsewhere = post(&simulator, "/v1/messages", &[BEARER], &body).await;
    assert_eq!(
        (elsewhere.status, google(&elsewhere.json())),
        (404, Some("NOT_FOUND".to_owned()))
    );
    let without = post(&simulator, &path, &[BEARER], &hello()).await;
    assert_eq!(without.status, 400);
    let wrong = json!({"anthropic_version": VERSION, "max_tokens": 1, "messages": []});
    let wrong = post(&simulator, &path, &[BEARER], &wrong).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json()["error"]["type"], "invalid_request_error");

    let simulator = cloud(Platform::Vertex)
        .fault(Fault::status(429))
        .start()
        .await
        .unwrap();
    let limited = post(&simulator, &path, &[BEARER], &body).await;
    assert_eq!(limited.status, 429);
    assert_eq!(
        google(&limited.json()),
        Some("RESOURCE_EXHAUSTED".to_owned())
    );
}

#[tokio::test]
async fn google_cloud_has_a_workspace_and_an_organization() {
    let simulator = started(Platform::GoogleCloud).await;
    let base = simulator.base_url();
    let base = base.strip_prefix(simulator.url()).unwrap();
    let headers = [BEARER, ("anthropic-version", VERSION)];
    let body = hello_with(json!({"model": "claude-opus-5-5"}));
    for base in [base, &format!("{PROJECT}/workspaces/wrkspc_1/invoke")] {
        let path = format!("{base}/v1/messages");
        let answer = post(&simulator, &path, &headers, &body).await;
        assert_eq!(answer.ok()["model"], "claude-opus-5-5");
        let workspace = answer.header("anthropic-workspace-id").unwrap();
        assert!(base.contains(&format!("/{workspace}/")), "{workspace}");
    }
    let path = format!("{PROJECT}/claudeOrganization/invoke/v1/organizations/workspaces");
    let given = [BEARER, ("x-api-key", "")];
    let answer = send(simulator.url(), "GET", &path, &given, b"").await;
    assert!(answer.ok()["data"].is_array());
    let path = format!("{PROJECT}/invoke/v1/messages");
    let elsewhere = post(&simulator, &path, &headers, &body).await;
    assert_eq!(elsewhere.json()["error"]["status"], "NOT_FOUND");
}

#[tokio::test]
async fn foundry_has_deployments_and_two_headers_for_a_key() {
    let simulator = started(Platform::Foundry).await;
    assert!(simulator.base_url().ends_with("/anthropic"));
    let body = hello_with(json!({"model": "my-deployment"}));
    for key in [("x-api-key", "k"), ("api-key", "k"), BEARER] {
        let headers = [key, ("anthropic-version", VERSION)];
        let answer = post(&simulator, "/anthropic/v1/messages", &headers, &body).await;
        assert_eq!(answer.ok()["type"], "message");
        assert_eq!(
            answer.header("apim-request-id"),
            answer.header("request-id")
        );
    }
    let none = post(&simulator, "/anthropic/v1/messages", &[], &body).await;
    assert_eq!(
        (none.status, &none.json()["error"]["code"]),
        (401, &json!("401"))
    );
    let given = [("x-api-key", "k")];
    let models = send(simulator.url(), "GET", "/anthropic/v1/models", &given, b"").await;
    assert_eq!(
        (models.status, &models.json()["error"]["code"]),
        (404, &json!("404"))
    );
}

#[tokio::test]
async fn mantle_and_aws_are_the_apis_own_but_for_keys_and_ids() {
    let mantle = started(Platform::Mantle).await;
    let body = hello_with(json!({"model": "anthropic.claude-opus-5-5", "user_profile_id": "p"}));
    let headers = [BEARER, ("anthropic-version", VERSION)];
    let answer = post(&mantle, "/anthropic/v1/messages", &headers, &body).await;
    assert_eq!(answer.ok()["model"], "claude-opus-5-5");
    let request = mantle.requests().remove(0);
    assert_eq!(request.header("anthropic-user-profile-id"), Some("p"));
    let row = hello_with(json!({"model": "anthropic.claude-opus-5-5"}));
    let batch = json!({"requests": [{"custom_id": "a", "params": row}]});
    let batch = post(&mantle, "/anthropic/v1/messages/batches", &headers, &batch).await;
    assert_eq!(batch.ok()["type"], "message_batch");

    let aws = started(Platform::Aws).await;
    let body = hello_with(json!({"model": "claude-opus-5-5"}));
    let mut headers = vec![BEARER, ("anthropic-version", VERSION)];
    let answer = post(&aws, "/v1/messages", &headers, &body).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("anthropic-workspace-id"));
    headers.push(("anthropic-workspace-id", "wrkspc_1"));
    let answer = post(&aws, "/v1/messages", &headers, &body).await;
    answer.ok();
    assert_eq!(answer.header("anthropic-workspace-id"), Some("wrkspc_1"));
    let urls = post(
        &aws,
        "/v1/user_profiles/u/action_urls",
        &headers,
        &json!({}),
    )
    .await;
    assert_eq!(urls.status, 404);
}
