//! What happens beside a request's own object: versions, threads, events, work, and the refusals
//! that have codes.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{delete, get, open, post};
use crate::resources::{agent, create, ids, session, start};

#[tokio::test]
async fn agents_have_versions() {
    let simulator = start().await;
    let url = simulator.url();
    let id = create(&simulator, "/v1/agents", &agent("first")).await;
    let path = format!("/v1/agents/{id}");
    let changed = post(url, &path, &json!({"name": "second", "version": 1}))
        .await
        .ok();
    assert_eq!(
        (&changed["version"], &changed["name"]),
        (&json!(2), &json!("second"))
    );
    let (_, message) = post(url, &path, &json!({"name": "third", "version": 1}))
        .await
        .error(409);
    assert!(message.starts_with("version:"), "{message}");
    assert_eq!(
        get(url, &format!("{path}?version=1")).await.ok()["name"],
        "first"
    );
    assert_eq!(get(url, &path).await.ok(), changed);
    get(url, &format!("{path}?version=9")).await.error(404);
    let versions = get(url, &format!("{path}/versions")).await.ok();
    assert_eq!(versions["data"][0]["version"], 2);
    assert_eq!(versions["data"][1]["version"], 1);
}

#[tokio::test]
async fn memories_leave_versions() {
    let simulator = start().await;
    let url = simulator.url();
    let store = create(&simulator, "/v1/memory_stores", &json!({"name": "m"})).await;
    let path = format!("/v1/memory_stores/{store}/memories");
    let memory = post(url, &path, &json!({"path": "/a", "content": "grüße"}))
        .await
        .ok();
    assert_eq!(memory["content_size_bytes"], 7);
    let one = format!("{path}/{}", memory["id"].as_str().unwrap());
    let changed = post(url, &one, &json!({"content": "bye"})).await.ok();
    assert_ne!(changed["memory_version_id"], memory["memory_version_id"]);
    let digest = "b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8";
    assert_eq!(changed["content_sha256"], digest);

    let stale = json!({"type": "content_sha256", "content_sha256": memory["content_sha256"]});
    let stale = json!({"content": "late", "precondition": stale});
    let refused = post(url, &one, &stale).await.error(409);
    assert_eq!(refused.0, "memory_precondition_failed_error");
    let query = format!("{one}?expected_content_sha256={digest}0");
    delete(url, &query).await.error(409);
    let taken = post(url, &path, &json!({"path": "/a", "content": "x"}))
        .await
        .error(409);
    assert_eq!(taken.0, "memory_path_conflict_error");
    delete(url, &one).await.ok();
    let versions = get(url, &format!("/v1/memory_stores/{store}/memory_versions"))
        .await
        .ok();
    let operations: Vec<&Value> = versions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["operation"])
        .collect();
    assert_eq!(operations, ["deleted", "modified", "created"]);
}

#[tokio::test]
async fn a_stream_tells_what_was_and_what_comes() {
    let simulator = start().await;
    let url = simulator.url();
    let hello =
        |text: &str| json!({"type": "user.message", "content": [{"type": "text", "text": text}]});
    let mut body = session(&simulator).await;
    body["initial_events"] = json!([hello("one")]);
    let session = create(&simulator, "/v1/sessions", &body).await;
    let path = format!("/v1/sessions/{session}");
    let mut socket = open(url, "GET", &format!("{path}/events/stream"), &[], b"").await;
    let mut told = String::new();
    let mut read_until = async |count: usize| {
        let mut buffer = [0; 4096];
        while told.matches("event: ").count() < count {
            let read = socket.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "{told}");
            told.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        told.clone()
    };
    read_until(4).await;
    let sent = post(
        url,
        &format!("{path}/events"),
        &json!({"events": [hello("two")]}),
    )
    .await
    .ok();
    assert_eq!(sent["data"][0]["content"][0]["text"], "two");
    let told = read_until(8).await;
    delete(url, &path).await.ok();
    let mut rest = String::new();
    socket.read_to_string(&mut rest).await.unwrap();
    assert!(
        rest.contains("session.deleted"),
        "the stream ends with the session: {rest}"
    );
    let _ = socket.shutdown().await;

    let kinds: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    let turn = [
        "user.message",
        "session.status_running",
        "agent.message",
        "session.status_idle",
    ];
    assert_eq!(kinds, [turn, turn].concat());
}

#[tokio::test]
async fn a_thread_tells_what_its_session_does() {
    let simulator = start().await;
    let url = simulator.url();
    let hello = json!({"type": "user.message", "content": [{"type": "text", "text": "x"}]});
    let mut body = session(&simulator).await;
    body["initial_events"] = json!([hello]);
    let session = create(&simulator, "/v1/sessions", &body).await;
    let path = format!("/v1/sessions/{session}");
    let events = get(url, &format!("{path}/events")).await.ok();
    assert_eq!(events["data"].as_array().unwrap().len(), 4);
    let said = get(url, &format!("{path}/events?types[]=agent.message"))
        .await
        .ok();
    assert!(
        said["data"][0]["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("simulator")
    );
    let threads = get(url, &format!("{path}/threads")).await.ok();
    let thread = ids(&threads)[0];
    let same = get(url, &format!("{path}/threads/{thread}/events"))
        .await
        .ok();
    assert_eq!(ids(&same), ids(&events));
}

#[tokio::test]
async fn refusals_have_the_codes_that_clients_know() {
    let simulator = start().await;
    let url = simulator.url();
    let environment = create(
        &simulator,
        "/v1/environments",
        &json!({"name": "e", "config": {"type": "self_hosted"}}),
    )
    .await;
    let path = format!("/v1/environments/{environment}");
    let agent = create(&simulator, "/v1/agents", &agent("a")).await;
    let body = json!({"agent": agent, "environment_id": environment});
    let session = create(&simulator, "/v1/sessions", &body).await;
    let work = get(url, &format!("{path}/work/poll")).await.ok();
    assert_eq!(work["data"], json!({"type": "session", "id": session}));
    let one = format!("{path}/work/{}", work["id"].as_str().unwrap());
    assert_eq!(
        post(url, &format!("{one}/ack"), &json!({})).await.ok()["state"],
        "active"
    );
    assert_eq!(
        get(url, &format!("{path}/work/poll")).await.ok(),
        Value::Null,
        "it is taken"
    );
    post(url, &format!("{one}/heartbeat"), &json!({}))
        .await
        .ok();
    let late = format!("{one}/heartbeat?expected_last_heartbeat=2026-01-01T00:00:00Z");
    let answer = post(url, &late, &json!({})).await;
    answer.error(412);
    assert_eq!(
        answer.json()["error"]["details"]["error_code"],
        "heartbeat_precondition_failed"
    );

    post(url, &format!("{path}/archive"), &json!({})).await.ok();
    let answer = post(url, &path, &json!({"name": "f"})).await;
    answer.error(400);
    assert_eq!(
        answer.json()["error"]["details"]["error_code"],
        "environment_archived"
    );

    let invite = json!({"email": "a@example.com", "role": "user"});
    create(&simulator, "/v1/organizations/invites", &invite).await;
    let answer = post(url, "/v1/organizations/invites", &invite).await;
    answer.error(400);
    assert_eq!(
        answer.json()["error"]["details"]["error_code"],
        "invite_already_exists"
    );
}
