//! Sessions: what they refer to exists, their resources are listed, and their agents do what a
//! script says.

use anthropic_sim::{Reply, Simulator, When};
use serde_json::{Value, json};

use crate::client::{delete, get, post};
use crate::resources::{agent, create, ids, session, start};

fn user(text: &str) -> Value {
    json!({"type": "user.message", "content": [{"type": "text", "text": text}]})
}

/// An agent with a custom tool, in a session.
async fn with_tool(simulator: &Simulator) -> String {
    let schema = json!({
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
    });
    let weather = json!({
        "type": "custom", "name": "get_weather", "description": "The weather.", "input_schema": schema,
    });
    let mut agent = agent("weatherman");
    agent["system"] = json!("Be brief.");
    agent["tools"] = json!([weather]);
    let agent = create(simulator, "/v1/agents", &agent).await;
    let environment = create(simulator, "/v1/environments", &json!({"name": "e"})).await;
    let body = json!({"agent": agent, "environment_id": environment});
    let id = create(simulator, "/v1/sessions", &body).await;
    format!("/v1/sessions/{id}/events")
}

async fn send(simulator: &Simulator, path: &str, events: &[Value]) {
    post(simulator.url(), path, &json!({"events": events}))
        .await
        .ok();
}

/// The events of a session from one place on.
async fn events(simulator: &Simulator, path: &str, from: usize) -> Vec<Value> {
    let all = get(simulator.url(), &format!("{path}?limit=100"))
        .await
        .ok();
    all["data"].as_array().unwrap()[from..].to_vec()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_agent_and_an_environment_must_exist() {
    let simulator = start().await;
    let url = simulator.url();
    let whole = session(&simulator).await;
    for (path, more) in [
        ("/v1/sessions", json!({})),
        (
            "/v1/deployments",
            json!({"name": "d", "initial_events": [user("Go.")]}),
        ),
    ] {
        let body = |name: &str, value: Value| {
            let mut body = whole.clone();
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            body[name] = value;
            body
        };
        let known = &whole["agent"];
        for (name, value, missing) in [
            ("agent", json!("agent_none"), "agent_none"),
            (
                "agent",
                json!({"type": "agent", "id": "agent_none"}),
                "agent_none",
            ),
            (
                "agent",
                json!({"type": "agent", "id": known, "version": 2}),
                known.as_str().unwrap(),
            ),
            ("environment_id", json!("env_none"), "env_none"),
        ] {
            let (kind, message) = post(url, path, &body(name, value)).await.error(404);
            assert_eq!(kind, "not_found_error");
            assert!(message.contains(missing), "{message}");
        }
        let first = json!({"type": "agent", "id": known, "version": 1});
        post(url, path, &body("agent", first)).await.ok();
    }
    let lenient = Simulator::builder().lenient().start().await.unwrap();
    let body = json!({"agent": "agent_none", "environment_id": "env_none"});
    create(&lenient, "/v1/sessions", &body).await;
}

#[tokio::test]
async fn an_agent_is_that_of_its_version() {
    let simulator = start().await;
    let url = simulator.url();
    let mut body = session(&simulator).await;
    let id = body["agent"].clone();
    let path = format!("/v1/agents/{}", id.as_str().unwrap());
    let change = json!({"name": "later", "version": 1});
    post(url, &path, &change).await.ok();
    let newest = post(url, "/v1/sessions", &body).await.ok();
    assert_eq!(newest["agent"]["name"], "later");
    body["agent"] = json!({"type": "agent", "id": id, "version": 1});
    let first = post(url, "/v1/sessions", &body).await.ok();
    assert_eq!(
        (&first["agent"]["name"], &first["agent"]["version"]),
        (&json!("a"), &json!(1))
    );
}

#[tokio::test]
async fn resources_have_ids_and_a_list_of_their_own() {
    let simulator = start().await;
    let url = simulator.url();
    let mut body = session(&simulator).await;
    body["resources"] = json!([
        {"type": "file", "file_id": "file_1", "mount_path": "/a"},
        {"type": "memory_store", "memory_store_id": "memstore_1"},
    ]);
    let session = post(url, "/v1/sessions", &body).await.ok();
    let path = format!("/v1/sessions/{}", session["id"].as_str().unwrap());
    let listed = get(url, &format!("{path}/resources")).await.ok();
    let mut own: Vec<Value> = session["resources"].as_array().unwrap().clone();
    assert_eq!(own.len(), 2);
    own.reverse();
    let data = listed["data"].as_array().unwrap();
    let mut data = data.clone();
    data.sort_by_key(|one| one["type"] != own[0]["type"]);
    assert_eq!(data, own);
    let third = json!({"type": "file", "file_id": "file_2"});
    let third = post(url, &format!("{path}/resources"), &third).await.ok();
    let one = format!("{path}/resources/{}", third["id"].as_str().unwrap());
    assert_eq!(get(url, &one).await.ok()["file_id"], "file_2");
    let count = async || {
        get(url, &path).await.ok()["resources"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count().await, 3);
    delete(url, &one).await.ok();
    get(url, &one).await.error(404);
    assert_eq!(count().await, 2);
    let other = create(&simulator, "/v1/sessions", &self::session(&simulator).await).await;
    let none = get(url, &format!("/v1/sessions/{other}/resources"))
        .await
        .ok();
    assert_eq!(ids(&none), [] as [&str; 0]);
}

#[tokio::test]
async fn a_script_calls_custom_tools_and_replies_to_their_results() {
    let simulator = start().await;
    simulator.when(
        When::any().answered("get_weather"),
        Reply::text("Take an umbrella."),
    );
    simulator.when(
        When::text("umbrella").tool("get_weather").system("brief"),
        Reply::text("Let me look.")
            .with_tool_use("get_weather", json!({"city": "Bern"}))
            .with_tool_call("get_weather"),
    );
    let path = with_tool(&simulator).await;
    send(&simulator, &path, &[user("Umbrella?")]).await;
    let first = events(&simulator, &path, 0).await;
    assert_eq!(
        kinds(&first),
        [
            "user.message",
            "session.status_running",
            "agent.message",
            "agent.custom_tool_use",
            "agent.custom_tool_use",
            "session.status_idle",
        ]
    );
    let (one, two) = (&first[3], &first[4]);
    assert_eq!(
        (&one["name"], &one["input"]),
        (&json!("get_weather"), &json!({"city": "Bern"}))
    );
    assert!(two["input"]["city"].is_string(), "made to fit the schema");
    let waits = |ids: &[&Value]| json!({"type": "requires_action", "event_ids": ids});
    assert_eq!(first[5]["stop_reason"], waits(&[&one["id"], &two["id"]]));

    let result = |call: &Value| {
        json!({
            "type": "user.custom_tool_result", "custom_tool_use_id": call["id"],
            "content": [{"type": "text", "text": "Rain."}],
        })
    };
    send(&simulator, &path, &[result(one)]).await;
    let second = events(&simulator, &path, 6).await;
    assert_eq!(
        kinds(&second),
        ["user.custom_tool_result", "session.status_idle"]
    );
    assert_eq!(second[1]["stop_reason"], waits(&[&two["id"]]));
    send(&simulator, &path, &[result(two)]).await;
    let third = events(&simulator, &path, 8).await;
    assert_eq!(third[2]["content"][0]["text"], "Take an umbrella.");
    assert_eq!(third[3]["stop_reason"], json!({"type": "end_turn"}));
}

#[tokio::test]
async fn without_a_script_a_tool_on_offer_is_called_once() {
    let simulator = start().await;
    let path = with_tool(&simulator).await;
    send(&simulator, &path, &[user("What is the weather in SF?")]).await;
    let asked = events(&simulator, &path, 0).await;
    let call = asked
        .iter()
        .find(|event| event["type"] == "agent.custom_tool_use")
        .unwrap();
    let result = json!({
        "type": "user.custom_tool_result", "custom_tool_use_id": call["id"],
        "content": [{"type": "text", "text": "Rain in SF."}],
    });
    send(&simulator, &path, &[result]).await;
    let said = events(&simulator, &path, asked.len()).await;
    assert_eq!(said.last().unwrap()["stop_reason"]["type"], "end_turn");
    let text = said[2]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("Rain in SF."), "{text}");
}

#[tokio::test]
async fn scripted_refusals_and_errors_end_the_turn() {
    let simulator = start().await;
    let refusal = Reply::refusal("cyber", "No.");
    simulator.reply(refusal);
    simulator.reply(Reply::error(529, "overloaded_error", "Overloaded"));
    simulator.reply(Reply::text("At last.").with_thinking("Hm."));
    let mut body = session(&simulator).await;
    body["initial_events"] = json!([user("Hello")]);
    let id = create(&simulator, "/v1/sessions", &body).await;
    let path = format!("/v1/sessions/{id}/events");
    let last = async || events(&simulator, &path, 0).await.pop().unwrap();
    assert_eq!(last().await["stop_reason"]["type"], "refusal");
    assert_eq!(last().await["stop_details"]["category"], "cyber");
    send(&simulator, &path, &[user("Again")]).await;
    assert_eq!(last().await["stop_reason"]["type"], "retries_exhausted");
    let all = events(&simulator, &path, 0).await;
    let error = &all[all.len() - 2];
    assert_eq!(
        (
            &error["type"],
            &error["error"]["type"],
            &error["error"]["message"]
        ),
        (
            &json!("session.error"),
            &json!("model_overloaded_error"),
            &json!("Overloaded")
        )
    );
    send(&simulator, &path, &[user("And again")]).await;
    let all = events(&simulator, &path, all.len()).await;
    assert!(kinds(&all).contains(&"agent.thinking"), "{all:?}");
    assert_eq!(last().await["stop_reason"]["type"], "end_turn");
}
