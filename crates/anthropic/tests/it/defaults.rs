//! What a request looks like when nothing is said.

use anthropic::operation::Operation;
use anthropic::types::Json;
use anthropic::{AuthScheme, Client};
use http::Method;
use serde_json::json;

use crate::support::{Reply, Script, builder, client, get};

static BETA_THING: Operation<Json> = Operation::json("beta.thing", Method::GET, "/v1/thing")
    .betas(&["operation-2026-01-01", "both-2026-01-01"])
    .beta();

fn script() -> Script {
    Script::new([Reply::json("{}")])
}

#[tokio::test]
async fn defaults_are_the_first_party_api() {
    let script = script();
    get(&client(&script)).await.unwrap();
    let sent = script.only();
    assert_eq!(sent.uri, "https://api.anthropic.com/v1/thing");
    assert_eq!(sent.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(sent.header("authorization"), Some("Bearer canary-key-7f3a"));
    assert_eq!(sent.header("x-api-key"), None);
    let agent = concat!("anthropic-rust/", env!("CARGO_PKG_VERSION"));
    assert_eq!(sent.header("user-agent"), Some(agent));
    assert_eq!(sent.header("accept"), Some("application/json"));
    assert_eq!(sent.header("content-type"), None);
    assert_eq!(sent.header("anthropic-beta"), None);
    let named: Vec<_> = sent.headers.keys().map(http::HeaderName::as_str).collect();
    assert!(
        named.iter().all(|name| !name.starts_with("x-stainless")),
        "{named:?}"
    );
}

#[tokio::test]
async fn the_application_is_named_before_this_crate_and_a_header_replaces_both() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let named = || builder(&script).application("my-app/1.2 (batch)");
    get(&named().build().unwrap()).await.unwrap();
    get(&named().header("user-agent", "mine").build().unwrap())
        .await
        .unwrap();
    let ours = concat!(
        "my-app/1.2 (batch) anthropic-rust/",
        env!("CARGO_PKG_VERSION")
    );
    let agents = script.sent();
    let agents: Vec<_> = agents
        .iter()
        .map(|sent| sent.header("user-agent"))
        .collect();
    assert_eq!(agents, [Some(ours), Some("mine")]);
}

#[test]
fn a_fault_of_the_builder_waits_for_build_and_keeps_its_cause() {
    let error = Client::builder()
        .header("no name", "x")
        .application("")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), anthropic::ErrorKind::Config);
    assert!(error.to_string().contains("`no…`"), "{error}");
    let error = Client::builder().base_url("https://[").build().unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
    let error = Client::builder()
        .application("my app (")
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("my-app/1.2"), "{error}");
}

#[tokio::test]
async fn the_key_goes_out_as_x_api_key_when_told_so() {
    let script = script();
    get(&builder(&script)
        .auth_scheme(AuthScheme::XApiKey)
        .build()
        .unwrap())
    .await
    .unwrap();
    assert_eq!(script.only().header("x-api-key"), Some("canary-key-7f3a"));
    assert_eq!(script.only().header("authorization"), None);
}

#[tokio::test]
async fn a_header_of_the_callers_replaces_the_credential() {
    for (name, other) in [
        ("Authorization", "x-api-key"),
        ("X-Api-Key", "authorization"),
    ] {
        let script = script();
        let client = client(&script);
        client
            .get::<serde_json::Value>("/v1/thing")
            .header(name, "mine")
            .await
            .unwrap();
        assert_eq!(script.only().header(name), Some("mine"));
        assert_eq!(script.only().header(other), None);
    }
}

#[tokio::test]
async fn the_version_is_settable_per_client_and_per_request() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = builder(&script).api_version("2023-06-01").build().unwrap();
    get(&client).await.unwrap();
    client
        .get::<serde_json::Value>("/v1/thing")
        .api_version("2099-01-01")
        .await
        .unwrap();
    assert_eq!(
        script.sent()[0].header("anthropic-version"),
        Some("2023-06-01")
    );
    assert_eq!(
        script.sent()[1].header("anthropic-version"),
        Some("2099-01-01")
    );
}

#[tokio::test]
async fn the_old_version_marks_beta_methods_in_the_query() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}"), Reply::json("{}")]);
    let client = client(&script);
    client
        .request(&BETA_THING, &[])
        .api_version("2023-06-01")
        .await
        .unwrap();
    client.request(&BETA_THING, &[]).await.unwrap();
    client
        .get::<serde_json::Value>("/v1/thing")
        .api_version("2023-06-01")
        .await
        .unwrap();
    let queries: Vec<_> = script
        .sent()
        .iter()
        .map(|sent| sent.uri.query().map(str::to_owned))
        .collect();
    assert_eq!(queries, [Some("beta=true".to_owned()), None, None]);
}

#[tokio::test]
async fn betas_are_merged_callers_first_each_once() {
    let script = script();
    let client = builder(&script).beta("client-2026-01-01").build().unwrap();
    let request = client
        .request(&BETA_THING, &[])
        .beta("mine-2026-01-01")
        .beta("both-2026-01-01");
    request
        .header("anthropic-beta", "written-2026-01-01, mine-2026-01-01")
        .await
        .unwrap();
    assert_eq!(
        script.only().header("anthropic-beta"),
        Some(
            "mine-2026-01-01,both-2026-01-01,written-2026-01-01,client-2026-01-01,\
             operation-2026-01-01"
        ),
    );
}

#[tokio::test]
async fn a_base_url_keeps_its_path_and_loses_its_slash() {
    let script = script();
    let client = builder(&script)
        .base_url("https://gateway.example/anthropic/")
        .build()
        .unwrap();
    get(&client).await.unwrap();
    assert_eq!(
        script.only().uri,
        "https://gateway.example/anthropic/v1/thing"
    );
    assert_eq!(client.base_url(), "https://gateway.example/anthropic");
}

#[tokio::test]
async fn bodies_are_json_and_take_extra_keys_in_order() {
    let script = script();
    let request = client(&script).post::<serde_json::Value>("/v1/thing");
    let request = request
        .json(&json!({"a": 1, "b": [1.50, "ü"]}))
        .extra_body("z", true);
    request
        .extra_body("a", "new")
        .merge_body(&json!({"m": null}))
        .await
        .unwrap();
    let sent = script.only();
    assert_eq!(sent.method, Method::POST);
    assert_eq!(sent.header("content-type"), Some("application/json"));
    assert_eq!(sent.body, r#"{"a":"new","b":[1.5,"ü"],"z":true,"m":null}"#);
}

#[tokio::test]
async fn queries_bracket_lists_and_objects() {
    let script = script();
    let client = builder(&script)
        .query("limit", "1")
        .query("always", "yes")
        .build()
        .unwrap();
    let request = client
        .get::<serde_json::Value>("/v1/thing?first=1")
        .query("limit", 20);
    let request = request
        .query("ids", ["a b", "c&d"])
        .query("at", json!({"gte": 1, "no": null}));
    request
        .query("on", true)
        .query("off", None::<bool>)
        .await
        .unwrap();
    assert_eq!(
        script.only().uri.query(),
        Some("first=1&always=yes&limit=20&ids%5B%5D=a%20b&ids%5B%5D=c%26d&at%5Bgte%5D=1&on=true"),
    );
}

#[tokio::test]
async fn a_derived_client_shares_the_transport_and_replaces_the_credential() {
    let script = Script::new([Reply::json("{}"), Reply::json("{}")]);
    let client = builder(&script).header("x-one", "1").build().unwrap();
    let derived = client
        .to_builder()
        .auth_token("token")
        .header("x-two", "2")
        .build()
        .unwrap();
    get(&derived).await.unwrap();
    get(&client).await.unwrap();
    let sent = script.sent();
    assert_eq!(sent[0].header("authorization"), Some("Bearer token"));
    assert_eq!(
        (sent[0].header("x-one"), sent[0].header("x-two")),
        (Some("1"), Some("2"))
    );
    assert_eq!(
        (sent[1].header("x-one"), sent[1].header("x-two")),
        (Some("1"), None)
    );
}

#[tokio::test]
async fn a_header_can_be_left_out() {
    let script = script();
    let request = client(&script).get::<serde_json::Value>("/v1/thing");
    request.without_header("anthropic-version").await.unwrap();
    assert_eq!(script.only().header("anthropic-version"), None);
}

#[tokio::test]
async fn a_workspace_and_a_user_profile_go_in_headers() {
    let script = script();
    let client = builder(&script).workspace_id("wrkspc_1").build().unwrap();
    client
        .get::<serde_json::Value>("/v1/thing")
        .user_profile_id("user_2")
        .await
        .unwrap();
    assert_eq!(
        script.only().header("anthropic-workspace-id"),
        Some("wrkspc_1")
    );
    assert_eq!(
        script.only().header("anthropic-user-profile-id"),
        Some("user_2")
    );
}

#[test]
fn clients_requests_and_futures_cross_threads() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send + 'static>(_: &T) {}
    fn small<T>(_: &T) -> usize {
        std::mem::size_of::<T>()
    }
    let client = Client::new("key").unwrap();
    shared(&client);
    let request = client.get::<serde_json::Value>("/");
    sent(&request);
    sent(&request.send());
    sent(&client.get::<serde_json::Value>("/").with_response());
    sent(&client.get::<serde_json::Value>("/").raw());
    let error: fn(anthropic::Error) = |error| assert_eq!(small(&error), small(&0_usize));
    sent(&error);
}
