//! What webhooks are notified of: which events a request that succeeded makes.

use serde_json::{Value, json};

use super::ask::Ask;
use super::catalog::{Role, split};
use super::events::SESSION;
use super::part::Part;
use super::store::{SESSIONS, Store};
use crate::webhooks::{WebhookEvent, is_known};

/// What events call the objects of collections.
const NOUNS: [(&str, &str); 7] = [
    ("/v1/agents", "agent"),
    ("/v1/deployments", "deployment"),
    ("/v1/environments", "environment"),
    ("/v1/memory_stores", "memory_store"),
    (SESSIONS, "session"),
    ("/v1/vaults", "vault"),
    ("/v1/vaults/{vault_id}/credentials", "vault_credential"),
];

/// Notifies webhooks of what has changed.
pub(super) fn changed(ask: &Ask<'_>, store: &Store) {
    let webhooks = &ask.resources.webhooks;
    if !webhooks.has_endpoints() {
        return;
    }
    let send = |kind: &str, data: Value| {
        if is_known(kind) {
            webhooks.send(&WebhookEvent::new(kind).data(data), &ask.resources.ids);
        }
    };
    if let Some((kind, data)) = of_object(ask, store) {
        send(&kind, data);
    }
    if let (Some(session), Some(Part::Says(_) | Part::Fails(_))) = (session(ask, store), &ask.part)
    {
        for kind in ["session.status_run_started", "session.status_idled"] {
            send(kind, json!({"id": session}));
        }
    }
}

/// What became of an object, and its ids.
fn of_object(ask: &Ask<'_>, store: &Store) -> Option<(String, Value)> {
    let collection = ask.collection?;
    let mut nouns = NOUNS.iter();
    let (_, noun) = nouns.find(|(path, _)| *path == collection.path)?;
    let verb = match ask.role {
        Role::Create => "created",
        Role::Update | Role::Put => "updated",
        Role::Remove => "deleted",
        Role::Act => match split(&ask.operation.path).1 {
            "archive" => "archived",
            "pause" => "paused",
            "unpause" => "unpaused",
            _ => return None,
        },
        _ => return None,
    };
    let own = collection.param.as_deref();
    let mut data = ask.ids.clone();
    data.retain(|name, _| Some(name.as_str()) != own);
    data.insert("id".to_owned(), json!(key(ask, store)?));
    Some((format!("{noun}.{verb}"), Value::Object(data)))
}

/// The object that the request is about; the newest one where it was made.
fn key<'a>(ask: &Ask<'a>, store: &'a Store) -> Option<&'a str> {
    match ask.role {
        Role::Create => store.items(&ask.path).last().map(|item| item.key.as_str()),
        _ => ask.key(),
    }
}

/// The session in which an agent has had its turn.
fn session<'a>(ask: &'a Ask<'_>, store: &'a Store) -> Option<&'a str> {
    if ask.operation.path == SESSION {
        ask.ids.get("session_id")?.as_str()
    } else if ask.is_create(SESSIONS) {
        store.items(&ask.path).last().map(|item| item.key.as_str())
    } else {
        None
    }
}
