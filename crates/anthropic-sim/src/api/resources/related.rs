//! What a request does beside its own collection: the few rules that no path shows.

use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::add::add;
use super::ask::Ask;
use super::catalog::catalog;
use super::events;
use super::read::elsewhere;
use super::store::{Fields, SESSIONS, Store, segment};

pub(super) const AGENTS: &str = "/v1/agents";
pub(super) const DEPLOYMENTS: &str = "/v1/deployments";
pub(super) const ENVIRONMENTS: &str = "/v1/environments";
const MEMORIES: &str = "/v1/memory_stores/{memory_store_id}/memories";
const PLUGINS: &str = "/v1/organizations/plugins";
const RUNS: &str = "/v1/deployment_runs";
const SESSION_RESOURCES: &str = "/v1/sessions/{session_id}/resources";
const WORK: &str = "/v1/environments/{environment_id}/work";

/// Completes what is given by what it refers to.
pub(super) fn before(ask: &Ask<'_>, store: &Store, mut given: Fields) -> Fields {
    let path = ask.collection.map(|collection| collection.path.as_str());
    if matches!(path, Some(SESSIONS | DEPLOYMENTS)) {
        if let Some(agent) = given.get("agent") {
            if let Some(known) = referred(ask, store, agent) {
                let mut whole = known.clone();
                let own = agent.as_object().into_iter().flatten();
                let own = own.filter(|(name, _)| *name != "type");
                whole.extend(own.map(|(name, value)| (name.clone(), value.clone())));
                given.insert("agent".to_owned(), Value::Object(whole));
            }
        }
    }
    if path == Some(MEMORIES) {
        if let Some(content) = given.get("content").and_then(Value::as_str) {
            let digest = Sha256::digest(content.as_bytes());
            let digest = digest.iter().fold(String::new(), |mut digits, byte| {
                // Writing to a string cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            });
            let size = content.len();
            given.insert("content_size_bytes".to_owned(), json!(size));
            given.insert("content_sha256".to_owned(), json!(digest));
        }
    }
    given
}

/// The agent that an id, or an id with a version, refers to.
pub(super) fn referred<'a>(ask: &Ask<'_>, store: &'a Store, agent: &Value) -> Option<&'a Fields> {
    let id = agent.get("id").unwrap_or(agent).as_str()?;
    let version = agent.get("version").filter(|version| !version.is_null());
    let Some(version) = version else {
        return elsewhere(ask, store, AGENTS, &json!(id));
    };
    let path = format!("{AGENTS}/{}/versions", segment(id));
    let item = store.item(&path, &version.to_string())?;
    Some(&item.value)
}

pub(super) fn created(ask: &Ask<'_>, store: &mut Store, key: &str) {
    match ask.collection.map(|collection| collection.path.as_str()) {
        Some(AGENTS) => version(ask, store, key),
        Some(MEMORIES) => remember(ask, store, key, "created"),
        Some(SESSIONS) => begin(ask, store, key),
        Some(SESSION_RESOURCES) => mount(ask, store),
        Some(PLUGINS) => publish(ask, store, key),
        _ => {}
    }
}

pub(super) fn updated(ask: &Ask<'_>, store: &mut Store, key: &str) {
    match ask.collection.map(|collection| collection.path.as_str()) {
        Some(AGENTS) => version(ask, store, key),
        Some(MEMORIES) => remember(ask, store, key, "modified"),
        Some(SESSION_RESOURCES) => mount(ask, store),
        _ => {}
    }
}

pub(super) fn removing(ask: &Ask<'_>, store: &mut Store, key: &str) {
    if ask
        .collection
        .is_some_and(|collection| collection.path == MEMORIES)
    {
        remember(ask, store, key, "deleted");
    }
}

/// Whoever follows a session learns that it is gone.
pub(super) fn removed(ask: &Ask<'_>, store: &mut Store, key: &str) {
    match ask.collection.map(|collection| collection.path.as_str()) {
        Some(SESSIONS) => events::end(ask, store, key, "session.deleted"),
        Some(SESSION_RESOURCES) => mount(ask, store),
        _ => {}
    }
}

/// A session shows the resources that it has.
fn mount(ask: &Ask<'_>, store: &mut Store) {
    if let Some(session) = ask.ids.get("session_id").and_then(Value::as_str) {
        mounted(store, session);
    }
}

fn mounted(store: &mut Store, session: &str) {
    let path = format!("{SESSIONS}/{}/resources", segment(session));
    let items = store.items(&path).iter();
    let resources: Vec<Value> = items.map(|item| json!(item.value)).collect();
    if let Some(session) = store.item_mut(SESSIONS, session) {
        session
            .value
            .insert("resources".to_owned(), json!(resources));
    }
}

/// What a verb returns that makes another object.
pub(super) fn acted(ask: &Ask<'_>, store: &mut Store, key: &str) -> Option<Fields> {
    let path = ask.collection.map(|collection| collection.path.as_str());
    match (path, ask.operation.verb()) {
        (Some(DEPLOYMENTS), "run") => {
            let deployment = store.item(&ask.path, key)?.value.clone();
            let mut given = ask.over(&deployment);
            given.insert("trigger_context".to_owned(), json!({"type": "manual"}));
            for name in ["id", "type", "created_at"] {
                given.remove(name);
            }
            let session = add(
                ask,
                store,
                catalog().get(SESSIONS)?,
                SESSIONS,
                given.clone(),
            );
            given.insert("session_id".to_owned(), json!(session));
            let run = add(ask, store, catalog().get(RUNS)?, RUNS, given);
            Some(store.item(RUNS, &run)?.value.clone())
        }
        (Some(SESSIONS), "archive") => {
            events::end(ask, store, key, "session.status_terminated");
            None
        }
        _ => None,
    }
}

/// Keeps an agent as it is now among its versions.
fn version(ask: &Ask<'_>, store: &mut Store, key: &str) {
    let path = format!("{}/{}/versions", ask.path, segment(key));
    if let Some(value) = store.item(&ask.path, key).map(|item| item.value.clone()) {
        let version = value.get("version").map(Value::to_string);
        store.add(
            &path,
            &version.unwrap_or_default(),
            value,
            bytes::Bytes::new(),
        );
    }
}

/// Keeps what happened to a memory among its store's versions.
fn remember(ask: &Ask<'_>, store: &mut Store, key: &str, operation: &str) {
    let template = MEMORIES.replace("/memories", "/memory_versions");
    let memory = store.item(&ask.path, key).map(|item| item.value.clone());
    let (Some(collection), Some(memory)) = (catalog().get(&template), memory) else {
        return;
    };
    let mut given = ask.over(&memory);
    for name in ["id", "type", "created_at"] {
        given.remove(name);
    }
    given.insert("memory_id".to_owned(), json!(key));
    given.insert("operation".to_owned(), json!(operation));
    let version = add(ask, store, collection, &ask.at(&template), given);
    if let Some(memory) = store.item_mut(&ask.path, key) {
        memory
            .value
            .insert("memory_version_id".to_owned(), json!(version));
    }
}

/// A session has a thread, may have work for its environment, and begins with its first events.
fn begin(ask: &Ask<'_>, store: &mut Store, key: &str) {
    let Some(session) = store.item(&ask.path, key).map(|item| item.value.clone()) else {
        return;
    };
    let mut given = Fields::new();
    given.insert("session_id".to_owned(), json!(key));
    given.insert(
        "agent".to_owned(),
        session.get("agent").cloned().unwrap_or_default(),
    );
    let threads = format!("{}/{}/threads", ask.path, segment(key));
    if let Some(collection) = catalog().get("/v1/sessions/{session_id}/threads") {
        add(ask, store, collection, &threads, given);
    }
    let environment = session.get("environment_id").cloned().unwrap_or_default();
    let config = elsewhere(ask, store, ENVIRONMENTS, &environment).and_then(|it| it.get("config"));
    let hosted = config.is_some_and(|config| config.get("type") == Some(&json!("self_hosted")));
    if let (Some(collection), Some(id), true) = (catalog().get(WORK), environment.as_str(), hosted)
    {
        let mut given = Fields::new();
        given.insert("environment_id".to_owned(), environment.clone());
        given.insert("data".to_owned(), json!({"type": "session", "id": key}));
        add(
            ask,
            store,
            collection,
            &format!("{ENVIRONMENTS}/{}/work", segment(id)),
            given,
        );
    }
    let resources = ask.body.get("resources").and_then(Value::as_array);
    if let (Some(collection), Some(resources)) = (catalog().get(SESSION_RESOURCES), resources) {
        let path = format!("{}/{}/resources", ask.path, segment(key));
        for resource in resources {
            let given = resource.as_object().cloned().unwrap_or_default();
            add(ask, store, collection, &path, given);
        }
    }
    mounted(store, key);
    let first = ask.body.get("initial_events").and_then(Value::as_array);
    let path = format!("{}/{}/events", ask.path, segment(key));
    events::append(ask, store, &path, first.map_or(&[], Vec::as_slice));
}

/// A plugin begins with its first version, which it serves.
fn publish(ask: &Ask<'_>, store: &mut Store, key: &str) {
    let path = format!("{}/{}/versions", ask.path, segment(key));
    let collection = catalog().get("/v1/organizations/plugins/{plugin_id}/versions");
    let Some(collection) = collection else {
        return;
    };
    let mut given = ask.body.clone();
    given.insert("plugin_id".to_owned(), json!(key));
    let version = add(ask, store, collection, &path, given);
    if let Some(item) = store.item_mut(&path, &version) {
        item.content = ask.content.clone();
    }
    if let Some(plugin) = store.item_mut(&ask.path, key) {
        for name in ["latest_version_id", "served_version_id"] {
            plugin.value.insert(name.to_owned(), json!(version));
        }
    }
}
