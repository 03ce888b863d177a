//! What is created is there: agents, sessions, vaults, organizations, by way of the description
//! alone.

use std::time::Duration;

use anthropic_sim::Simulator;
use serde_json::{Value, json};

use crate::client::{delete, get, post, post_form};

pub(crate) async fn start() -> Simulator {
    let step = Duration::from_secs(1);
    Simulator::builder().clock_step(step).start().await.unwrap()
}

pub(crate) fn agent(name: &str) -> Value {
    json!({"name": name, "model": "claude-opus-5-5"})
}

/// Creates an object and gives its id.
pub(crate) async fn create(simulator: &Simulator, path: &str, body: &Value) -> String {
    let made = post(simulator.url(), path, body).await.ok();
    made["id"].as_str().unwrap().to_owned()
}

/// What a session is made of: an agent and an environment.
pub(crate) async fn session(simulator: &Simulator) -> Value {
    let agent = create(simulator, "/v1/agents", &agent("a")).await;
    let environment = create(simulator, "/v1/environments", &json!({"name": "e"})).await;
    json!({"agent": agent, "environment_id": environment})
}

pub(crate) fn ids(page: &Value) -> Vec<&str> {
    let items = page["data"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_object_lives_from_create_to_delete() {
    let simulator = start().await;
    let url = simulator.url();
    let body = json!({"display_name": "keys", "metadata": {"team": "a", "tier": "1"}});
    let vault = post(url, "/v1/vaults", &body).await.ok();
    let id = vault["id"].as_str().unwrap();
    assert!(id.starts_with("vlt_01"), "{id}");
    assert_eq!(vault["type"], "vault");
    assert_eq!(
        (&vault["metadata"], &vault["archived_at"]),
        (&body["metadata"], &Value::Null)
    );
    let path = format!("/v1/vaults/{id}");
    assert_eq!(get(url, &path).await.ok(), vault);

    let change = json!({"display_name": null, "metadata": {"team": null, "zone": "b"}});
    let changed = post(url, &path, &change).await.ok();
    assert_eq!(changed["metadata"], json!({"tier": "1", "zone": "b"}));
    assert_ne!(changed["display_name"], "keys");
    assert!(changed["updated_at"].as_str() > vault["updated_at"].as_str());
    assert_eq!(changed["created_at"], vault["created_at"]);
    assert_eq!(get(url, &path).await.ok(), changed);

    let archived = post(url, &format!("{path}/archive"), &json!({})).await.ok();
    assert!(archived["archived_at"].is_string());
    assert_eq!(ids(&get(url, "/v1/vaults").await.ok()), [] as [&str; 0]);
    assert_eq!(
        ids(&get(url, "/v1/vaults?include_archived=true").await.ok()),
        [id]
    );

    let deleted = delete(url, &path).await.ok();
    assert_eq!(deleted, json!({"id": id, "type": "vault_deleted"}));
    for answer in [
        get(url, &path).await,
        delete(url, &path).await,
        post(url, &path, &json!({})).await,
    ] {
        let (kind, message) = answer.error(404);
        assert!(
            kind == "not_found_error" && message.contains(id),
            "{message}"
        );
    }
}

#[tokio::test]
async fn objects_belong_to_their_parent() {
    let simulator = start().await;
    let url = simulator.url();
    let one = create(&simulator, "/v1/vaults", &json!({"display_name": "one"})).await;
    let two = create(&simulator, "/v1/vaults", &json!({"display_name": "two"})).await;
    let auth = json!({"type": "static_bearer", "token": "secret", "mcp_server_url": "https://example.com"});
    let path = format!("/v1/vaults/{one}/credentials");
    let credential = post(url, &path, &json!({"auth": auth})).await.ok();
    let id = credential["id"].as_str().unwrap();
    assert_eq!(credential["vault_id"], one);
    assert!(
        !credential.to_string().contains("secret"),
        "what is secret is not shown again"
    );
    assert_eq!(ids(&get(url, &path).await.ok()), [id]);
    assert_eq!(
        ids(&get(url, &format!("/v1/vaults/{two}/credentials"))
            .await
            .ok()),
        [] as [&str; 0]
    );
    get(url, &format!("/v1/vaults/{two}/credentials/{id}"))
        .await
        .error(404);
    get(url, "/v1/vaults/vlt_0/credentials").await.error(404);

    delete(url, &format!("/v1/vaults/{one}")).await.ok();
    get(url, &format!("{path}/{id}")).await.error(404);
}

#[tokio::test]
async fn cursors_page_forwards_and_backwards() {
    let simulator = start().await;
    let url = simulator.url();
    let body = session(&simulator).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.insert(0, create(&simulator, "/v1/sessions", &body).await);
    }
    let first = get(url, "/v1/sessions?limit=2").await.ok();
    assert_eq!(
        (ids(&first), &first["prev_page"]),
        (vec![made[0].as_str(), &made[1]], &Value::Null)
    );
    let page = |page: &Value, field: &str| {
        format!(
            "/v1/sessions?limit=2&page={}",
            page[field].as_str().unwrap()
        )
    };
    let second = get(url, &page(&first, "next_page")).await.ok();
    assert_eq!(ids(&second), [&made[2], &made[3]]);
    // What comes and goes meanwhile moves nothing.
    create(&simulator, "/v1/sessions", &body).await;
    delete(url, &format!("/v1/sessions/{}", made[2])).await.ok();
    let third = get(url, &page(&second, "next_page")).await.ok();
    assert_eq!(
        (ids(&third), &third["next_page"]),
        (vec![made[4].as_str()], &Value::Null)
    );
    let back = get(url, &page(&third, "prev_page")).await.ok();
    assert_eq!(ids(&back), [&made[1], &made[3]]);

    let oldest = get(url, "/v1/sessions?order=asc&limit=1").await.ok();
    assert_eq!(ids(&oldest), [&made[4]]);
    get(url, "/v1/sessions?page=nonsense").await.error(400);
    get(url, "/v1/sessions?limit=0").await.error(400);
}

#[tokio::test]
async fn ids_page_forwards_and_backwards() {
    let simulator = start().await;
    let url = simulator.url();
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        let path = "/v1/organizations/workspaces";
        made.insert(0, create(&simulator, path, &json!({"name": name})).await);
    }
    let list = |query: String| async move {
        get(url, &format!("/v1/organizations/workspaces?{query}"))
            .await
            .ok()
    };
    let first = list("limit=2".to_owned()).await;
    assert_eq!(
        (ids(&first), &first["has_more"]),
        (vec![made[0].as_str(), &made[1]], &json!(true))
    );
    assert_eq!(
        (&first["first_id"], &first["last_id"]),
        (&json!(made[0]), &json!(made[1]))
    );
    let second = list(format!("limit=2&after_id={}", made[1])).await;
    assert_eq!(
        (ids(&second), &second["has_more"]),
        (vec![made[2].as_str()], &json!(false))
    );
    let back = list(format!("limit=1&before_id={}", made[2])).await;
    assert_eq!(
        (ids(&back), &back["has_more"]),
        (vec![made[1].as_str()], &json!(true))
    );
    let path = "/v1/organizations/workspaces";
    get(url, &format!("{path}?after_id=wrkspc_0"))
        .await
        .error(400);
    get(
        url,
        &format!("{path}?after_id={}&before_id={}", made[0], made[1]),
    )
    .await
    .error(400);
}

#[tokio::test]
async fn reports_and_fixed_collections_are_there_from_the_start() {
    let simulator = start().await;
    let url = simulator.url();
    let path = "/v1/organizations/analytics/usage?starting_at=2026-10-01T00:00:00Z";
    let report = get(url, &format!("{path}&limit=2")).await.ok();
    assert_eq!(
        (
            report["data"].as_array().unwrap().len(),
            &report["has_more"]
        ),
        (2, &json!(true))
    );
    assert!(report["data_refreshed_at"].is_string());
    let rest = get(
        url,
        &format!("{path}&page={}", report["next_page"].as_str().unwrap()),
    )
    .await
    .ok();
    assert_eq!(
        (&rest["has_more"], &rest["next_page"]),
        (&json!(false), &Value::Null)
    );

    let users = get(url, "/v1/organizations/users").await.ok();
    let id = ids(&users)[0];
    let path = format!("/v1/organizations/users/{id}");
    assert_eq!(
        post(url, &path, &json!({"role": "developer"})).await.ok()["role"],
        "developer"
    );
    assert_eq!(
        delete(url, &path).await.ok(),
        json!({"id": id, "type": "user_deleted"})
    );
    get(url, &path).await.error(404);
    assert_eq!(
        ids(&get(url, "/v1/organizations/users").await.ok()),
        ids(&users)[1..]
    );
    assert_eq!(
        get(url, "/v1/organizations/me").await.ok()["type"],
        "organization"
    );
}

#[tokio::test]
async fn lists_are_filtered_by_fields() {
    let simulator = start().await;
    let url = simulator.url();
    for name in ["one", "two"] {
        create(&simulator, "/v1/agents", &agent(name)).await;
    }
    let all = get(url, "/v1/agents").await.ok();
    let newest = all["data"][0]["created_at"].as_str().unwrap();
    let since = get(url, &format!("/v1/agents?created_at[gte]={newest}"))
        .await
        .ok();
    assert_eq!(ids(&since), ids(&all)[..1]);
    let before = get(url, &format!("/v1/agents?created_at%5Blte%5D={newest}"))
        .await
        .ok();
    assert_eq!(ids(&before), ids(&all));

    let environment = create(&simulator, "/v1/environments", &json!({"name": "e"})).await;
    let chosen = ids(&all)[1];
    for id in ids(&all) {
        let body = json!({"agent": id, "environment_id": environment});
        create(&simulator, "/v1/sessions", &body).await;
    }
    let sessions = get(
        url,
        &format!("/v1/sessions?agent_id={chosen}&statuses[]=idle&statuses[]=rescheduling"),
    )
    .await
    .ok();
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);
    assert_eq!(sessions["data"][0]["agent"]["id"], chosen);
    assert_eq!(
        sessions["data"][0]["agent"]["name"], "one",
        "a session knows its agent"
    );
    assert_eq!(
        ids(&get(url, "/v1/sessions?statuses[]=terminated").await.ok()),
        [] as [&str; 0]
    );
}

#[tokio::test]
async fn verbs_change_the_state() {
    let simulator = start().await;
    let url = simulator.url();
    let mut body = session(&simulator).await;
    body["name"] = json!("nightly");
    body["initial_events"] =
        json!([{"type": "user.message", "content": [{"type": "text", "text": "Go."}]}]);
    let id = create(&simulator, "/v1/deployments", &body).await;
    let path = format!("/v1/deployments/{id}");
    assert_eq!(
        post(url, &format!("{path}/pause"), &json!({})).await.ok()["status"],
        "paused"
    );
    assert_eq!(get(url, &path).await.ok()["status"], "paused");
    assert_eq!(
        post(url, &format!("{path}/unpause"), &json!({})).await.ok()["status"],
        "active"
    );
    let run = post(url, &format!("{path}/run"), &json!({})).await.ok();
    assert_eq!(
        (&run["type"], &run["deployment_id"]),
        (&json!("deployment_run"), &json!(id))
    );
    assert_eq!(
        ids(&get(url, "/v1/deployment_runs").await.ok()),
        [run["id"].as_str().unwrap()]
    );
    let session = run["session_id"].as_str().unwrap();
    get(url, &format!("/v1/sessions/{session}")).await.ok();
    post(url, "/v1/deployments/depl_0/run", &json!({}))
        .await
        .error(404);

    let requests = "/v1/organizations/spend_limit_increase_requests";
    let request = get(url, requests).await.ok()["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"amount": "100"});
    let approved = post(url, &format!("{requests}/{request}/approve"), &body)
        .await
        .ok();
    assert_eq!(approved["status"], "approved");
    assert!(approved["resolved_at"].is_string());
    assert_eq!(
        get(url, &format!("{requests}/{request}")).await.ok()["status"],
        "approved"
    );
}

#[tokio::test]
async fn members_are_known_by_the_id_of_the_user() {
    let simulator = start().await;
    let url = simulator.url();
    let workspace = create(
        &simulator,
        "/v1/organizations/workspaces",
        &json!({"name": "w"}),
    )
    .await;
    let path = format!("/v1/organizations/workspaces/{workspace}/members");
    let body = json!({"user_id": "user_1", "workspace_role": "workspace_user"});
    let member = post(url, &path, &body).await.ok();
    let expected = json!({
        "type": "workspace_member", "user_id": "user_1", "workspace_id": workspace,
        "workspace_role": "workspace_user",
    });
    assert_eq!(member, expected);
    assert_eq!(get(url, &format!("{path}/user_1")).await.ok(), expected);
    assert_eq!(
        delete(url, &format!("{path}/user_1")).await.ok()["type"],
        "workspace_member_deleted"
    );
    get(url, &format!("{path}/user_1")).await.error(404);
}

#[tokio::test]
async fn plugins_are_uploaded_and_downloaded() {
    let simulator = start().await;
    let url = simulator.url();
    let parts = [
        ("files[]", "plugin/plugin.json", "{}"),
        ("release_notes", "", "First."),
    ];
    let plugin = post_form(url, "/v1/organizations/plugins", &parts)
        .await
        .ok();
    let versions = format!(
        "/v1/organizations/plugins/{}/versions",
        plugin["id"].as_str().unwrap()
    );
    let listed = get(url, &versions).await.ok();
    assert_eq!(listed["data"][0]["id"], plugin["served_version_id"]);
    let version = plugin["served_version_id"].as_str().unwrap();
    assert_eq!(
        get(url, &format!("{versions}/{version}/content"))
            .await
            .text(),
        "{}"
    );
    let parts = [("release_notes", "", "No file.")];
    let (_, message) = post_form(url, "/v1/organizations/plugins", &parts)
        .await
        .error(400);
    assert_eq!(message, "files: Field required");
}

#[tokio::test]
async fn requests_are_checked_before_anything_else() {
    let simulator = start().await;
    let url = simulator.url();
    for (path, body, expected) in [
        ("/v1/agents", json!({"name": "n"}), "model: Field required"),
        (
            "/v1/agents",
            json!({"name": "n", "model": 5}),
            "model: Input should be ",
        ),
        (
            "/v1/agents",
            json!({"name": null, "model": "claude-opus-5-5"}),
            "name: Input should be a valid string",
        ),
        (
            "/v1/agents?beta=true",
            json!({"name": "n", "model": "m", "x": 1}),
            "x: Extra inputs are not permitted",
        ),
        (
            "/v1/agents?limit=5",
            agent("n"),
            "limit: Extra inputs are not permitted",
        ),
        (
            "/v1/agents",
            json!({"name": "n", "model": "m", "metadata": {"a": 1}}),
            "metadata.a: Input should be a valid string",
        ),
        // The parameters are right before the object is looked for.
        (
            "/v1/agents/agent_0",
            json!({"nome": "n"}),
            "nome: Extra inputs are not permitted",
        ),
    ] {
        let (kind, message) = post(url, path, &body).await.error(400);
        assert_eq!(kind, "invalid_request_error");
        assert!(message.starts_with(expected), "{path} {body}: {message}");
    }
    let (_, message) = get(url, "/v1/agents?limit=many").await.error(400);
    assert!(message.starts_with("limit: "), "{message}");
    delete(url, "/v1/agents").await.error(405);
    get(url, "/v1/agents/agent_0/nothing").await.error(404);
}

#[tokio::test]
async fn what_nothing_lists_is_found_by_any_id() {
    let simulator = start().await;
    let url = simulator.url();
    let item = get(url, "/v1/compliance/review/items/msg_01abc").await.ok();
    assert_eq!(item["id"], "msg_01abc");
    assert_eq!(
        get(url, "/v1/compliance/review/items/msg_01abc").await.ok(),
        item
    );
    let cases = get(url, "/v1/compliance/review/cases").await.ok();
    assert!(
        ids(&cases).iter().all(|id| id.starts_with("rvc_")),
        "{cases}"
    );
    // Of what is listed, ids have to be there.
    let case = get(url, "/v1/compliance/review/cases/rvc_01abc").await;
    assert_eq!(case.status, 404);
}

#[tokio::test]
async fn controls_of_a_project_are_kept() {
    let simulator = start().await;
    let url = simulator.url();
    let path = |project: &str| {
        format!("/v1/organizations/providers/google/projects/{project}/data_controls")
    };
    let bucket = json!({"project_number": "7", "bucket_name": "b"});
    let change = json!({"storage": {"type": "enabled", "buckets": {"us": bucket}}});
    let changed = post(url, &path("1234"), &change).await.ok();
    assert_eq!(changed["storage"]["buckets"]["us"]["bucket_name"], "b");
    assert_eq!(get(url, &path("1234")).await.ok(), changed);
    let other = get(url, &path("5678")).await.ok();
    assert_eq!(other["storage"]["type"], "disabled");
}

#[tokio::test]
async fn any_id_may_be_one_of_an_object() {
    let strict = start().await;
    let lenient = Simulator::builder().lenient_ids().start().await.unwrap();
    let nothing = json!({});
    for (method, path) in [
        ("GET", "/v1/agents/x"),
        ("POST", "/v1/agents/x/archive"),
        ("GET", "/v1/agents/x/versions"),
        ("GET", "/v1/sessions/y/events"),
        ("DELETE", "/v1/sessions/x"),
        ("GET", "/v1/memory_stores/y/memories/x"),
        ("GET", "/v1/environments/y/work/x"),
        ("GET", "/v1/organizations/workspaces/x"),
        ("DELETE", "/v1/vaults/x"),
        ("GET", "/v1/files/x"),
        ("GET", "/v1/files/x/content"),
        ("DELETE", "/v1/files/x"),
        ("GET", "/v1/skills/x"),
        ("GET", "/v1/skills/x/versions"),
        ("GET", "/v1/skills/y/versions/x"),
        ("GET", "/v1/skills/y/versions/x/content"),
        ("DELETE", "/v1/skills/z/versions/x"),
        ("DELETE", "/v1/skills/x"),
        ("GET", "/v1/messages/batches/x"),
        ("POST", "/v1/messages/batches/x/cancel"),
        ("GET", "/v1/messages/batches/x/results"),
        ("DELETE", "/v1/messages/batches/x"),
        ("DELETE", "/v1/messages/batches/z"),
        ("GET", "/v1/models/x"),
    ] {
        let ask = async |simulator: &Simulator| match method {
            "GET" => get(simulator.url(), path).await,
            "POST" => post(simulator.url(), path, &nothing).await,
            _ => delete(simulator.url(), path).await,
        };
        assert_eq!(ask(&strict).await.status, 404, "{method} {path}");
        let answer = ask(&lenient).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        if let Ok(Value::Object(object)) = serde_json::from_slice(&answer.body()) {
            if let (true, Some(id)) = (path.ends_with("/x"), object.get("id")) {
                assert_eq!(id, "x", "{method} {path}");
            }
        }
    }
    // What is made is kept, and listed.
    let files = get(lenient.url(), "/v1/files").await.ok();
    assert_eq!(files["data"], json!([]), "it was deleted");
    get(lenient.url(), "/v1/files/again").await.ok();
    let files = get(lenient.url(), "/v1/files").await.ok();
    assert_eq!(ids(&files), ["again"]);
    // What nobody describes has no ids.
    assert_eq!(get(lenient.url(), "/v1/nothing/x").await.status, 404);
}

#[tokio::test]
async fn any_cursor_may_be_one_of_a_page() {
    let strict = start().await;
    let lenient = Simulator::builder().lenient_ids().start().await.unwrap();
    for path in [
        "/v1/agents?page=page",
        "/v1/agents?limit=0",
        "/v1/models?after_id=x",
        "/v1/models?after_id=x&before_id=y",
        "/v1/files?page=x",
        "/v1/skills?page=x",
        "/v1/messages/batches?before_id=x",
    ] {
        assert_eq!(get(strict.url(), path).await.status, 400, "{path}");
        let page = get(lenient.url(), path).await.ok();
        let plain = path.split('?').next().unwrap();
        let first = get(lenient.url(), plain).await.ok();
        assert_eq!(page["data"], first["data"], "{path}");
    }
    let invite = json!({"email": "a@example.com", "role": "user"});
    for _ in 0..2 {
        post(lenient.url(), "/v1/organizations/invites", &invite)
            .await
            .ok();
    }
    let files = [("files", "x", "not a skill")];
    assert_eq!(
        post_form(strict.url(), "/v1/skills", &files).await.status,
        400
    );
    post_form(lenient.url(), "/v1/skills", &files).await.ok();
}
