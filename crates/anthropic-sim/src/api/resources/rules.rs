//! What a request must not do although it is well formed: the refusals that clients have code for.

use http::StatusCode;
use serde_json::{Value, json};

use super::ask::{Ask, missing};
use super::catalog::Role;
use super::related::{self, AGENTS, DEPLOYMENTS, ENVIRONMENTS};
use super::store::{Item, SESSIONS, Store};
use crate::base::errors::ApiError;
use crate::models;

const INVITES: &str = "/v1/organizations/invites";
const MEMORIES: &str = "/v1/memory_stores/{memory_store_id}/memories";
const WORK: &str = "/v1/environments/{environment_id}/work";

/// A session's agent and environment exist, and a deployment's.
pub(super) fn references(ask: &Ask<'_>, store: &Store) -> Result<(), ApiError> {
    if !ask.is_create(SESSIONS) && !ask.is_create(DEPLOYMENTS) {
        return Ok(());
    }
    if let Some(agent) = ask.body.get("agent") {
        if related::referred(ask, store, agent).is_none() {
            let id = agent.get("id").unwrap_or(agent).as_str();
            return Err(missing(id.unwrap_or_default()));
        }
    }
    let environment = ask.body.get("environment_id").and_then(Value::as_str);
    match environment {
        Some(id) if store.item(ENVIRONMENTS, id).is_none() => Err(missing(id)),
        _ => Ok(()),
    }
}

/// An agent's model exists, as a message's.
pub(super) fn model(ask: &Ask<'_>) -> Result<(), ApiError> {
    let path = ask.collection.map(|collection| collection.path.as_str());
    if path != Some(AGENTS) || !matches!(ask.role, Role::Create | Role::Update) {
        return Ok(());
    }
    let model = ask.body.get("model");
    let id = model.and_then(|model| model.get("id").unwrap_or(model).as_str());
    id.map_or(Ok(()), models::check)
}

pub(super) fn check(ask: &Ask<'_>, store: &Store) -> Result<(), ApiError> {
    let path = ask.collection.map(|collection| collection.path.as_str());
    let item = ask.key().and_then(|key| store.item(&ask.path, key));
    match (path, ask.role) {
        (Some(ENVIRONMENTS), Role::Update) => not_archived(item),
        (Some(INVITES), Role::Create) => not_invited(ask, store),
        (Some(MEMORIES), Role::Create) => free_path(ask, store, item),
        (Some(MEMORIES), Role::Update | Role::Remove) => {
            same_content(ask, item)?;
            free_path(ask, store, item)
        }
        (Some(WORK), Role::Act) => same_heartbeat(ask, item),
        _ => Ok(()),
    }
}

fn refused(status: StatusCode, kind: &str, code: Option<&str>, message: &str) -> ApiError {
    let error = ApiError::new(status, kind, message);
    match code {
        Some(code) => error.details(json!({"error_code": code})),
        None => error,
    }
}

fn field<'a>(item: &'a Item, name: &str) -> Option<&'a Value> {
    item.value.get(name).filter(|value| !value.is_null())
}

fn not_archived(item: Option<&Item>) -> Result<(), ApiError> {
    if item.and_then(|item| field(item, "archived_at")).is_none() {
        return Ok(());
    }
    Err(refused(
        StatusCode::BAD_REQUEST,
        "invalid_request_error",
        Some("environment_archived"),
        "The environment is archived",
    ))
}

fn not_invited(ask: &Ask<'_>, store: &Store) -> Result<(), ApiError> {
    let pending = |item: &Item| field(item, "status") == Some(&json!("pending"));
    let mut items = store.items(&ask.path).iter();
    if !items.any(|item| pending(item) && item.value.get("email") == ask.body.get("email")) {
        return Ok(());
    }
    Err(refused(
        StatusCode::BAD_REQUEST,
        "invalid_request_error",
        Some("invite_already_exists"),
        "email: there is an invite for this address already",
    ))
}

/// A memory store has one memory at a path.
fn free_path(ask: &Ask<'_>, store: &Store, own: Option<&Item>) -> Result<(), ApiError> {
    let Some(path) = ask.body.get("path").filter(|path| path.is_string()) else {
        return Ok(());
    };
    let others = store.items(&ask.path).iter();
    let mut others = others.filter(|item| own.is_none_or(|own| own.key != item.key));
    if !others.any(|item| item.value.get("path") == Some(path)) {
        return Ok(());
    }
    Err(refused(
        StatusCode::CONFLICT,
        "memory_path_conflict_error",
        None,
        "path: there is a memory at this path already",
    ))
}

/// The memory still is what the caller has seen.
fn same_content(ask: &Ask<'_>, item: Option<&Item>) -> Result<(), ApiError> {
    let given = ask.body.get("precondition");
    let given = given.and_then(|given| given.get("content_sha256")?.as_str());
    let expected = given.or_else(|| ask.call.param("expected_content_sha256"));
    let current = item.and_then(|item| field(item, "content_sha256")?.as_str());
    if expected.is_none() || item.is_none() || expected == current {
        return Ok(());
    }
    Err(refused(
        StatusCode::CONFLICT,
        "memory_precondition_failed_error",
        None,
        "content_sha256: the memory has changed",
    ))
}

/// Nobody else has taken over the work since the caller's last heartbeat.
fn same_heartbeat(ask: &Ask<'_>, item: Option<&Item>) -> Result<(), ApiError> {
    let expected = ask.call.param("expected_last_heartbeat");
    let current = item.and_then(|item| field(item, "latest_heartbeat_at")?.as_str());
    if current.is_none() || expected.is_none() || expected == current {
        return Ok(());
    }
    Err(refused(
        StatusCode::PRECONDITION_FAILED,
        "invalid_request_error",
        Some("heartbeat_precondition_failed"),
        "expected_last_heartbeat: there has been another heartbeat",
    ))
}
