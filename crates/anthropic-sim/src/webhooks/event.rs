//! What is delivered.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::base::clock::rfc3339;
use crate::base::ids::{Ids, ORGANIZATION, WORKSPACE};
use crate::base::wire;

/// The types of events that the API describes.
const TYPES: [&str; 51] = [
    "agent.archived",
    "agent.created",
    "agent.deleted",
    "agent.updated",
    "deployment.archived",
    "deployment.created",
    "deployment.deleted",
    "deployment.paused",
    "deployment.unpaused",
    "deployment.updated",
    "deployment_run.failed",
    "deployment_run.started",
    "deployment_run.succeeded",
    "environment.archived",
    "environment.created",
    "environment.deleted",
    "environment.updated",
    "external_key.failed",
    "external_key.recovered",
    "external_storage.failed",
    "external_storage.recovered",
    "memory_store.archived",
    "memory_store.created",
    "memory_store.deleted",
    "session.archived",
    "session.budget_reached",
    "session.created",
    "session.deleted",
    "session.idled",
    "session.outcome_evaluation_ended",
    "session.pending",
    "session.requires_action",
    "session.running",
    "session.status_idled",
    "session.status_rescheduled",
    "session.status_run_started",
    "session.status_terminated",
    "session.thread_created",
    "session.thread_idled",
    "session.thread_terminated",
    "session.updated",
    "user_profile.enforcement_action_opened",
    "user_profile.enforcement_action_resolved",
    "user_profile.program_status_updated",
    "vault.archived",
    "vault.created",
    "vault.deleted",
    "vault_credential.archived",
    "vault_credential.created",
    "vault_credential.deleted",
    "vault_credential.refresh_failed",
];

/// Ids that some events name beside the one of what they are about, by the beginning of their type.
const MORE: [(&str, &str, &str); 3] = [
    ("session.thread_", "session_thread_id", "sthr"),
    (
        "user_profile.enforcement_action_",
        "enforcement_action_id",
        "enfact",
    ),
    ("vault_credential.", "vault_id", "vlt"),
];

/// What belongs to the organization and to no workspace.
const OF_ORGANIZATION: [&str; 3] = ["external_key", "external_storage", "user_profile"];

/// Whether the API describes events of this type.
pub(crate) fn is_known(kind: &str) -> bool {
    TYPES.contains(&kind)
}

/// An event to deliver, whole and right unless it is set to be otherwise: [`Simulator::event`]
/// sends it.
///
/// [`Simulator::event`]: crate::Simulator::event
///
/// ```
/// use anthropic_sim::WebhookEvent;
/// use serde_json::json;
///
/// let idle = WebhookEvent::new("session.status_idled").data(json!({"id": "sesn_01"}));
/// // The same message twice, as a sender that never saw the response delivers it.
/// let twice = WebhookEvent::new("vault.created").times(2);
/// ```
#[derive(Debug, Clone)]
#[must_use = "an event does nothing until it is sent"]
pub struct WebhookEvent {
    pub(super) kind: String,
    data: Map<String, Value>,
    pub(super) times: usize,
    /// Seconds by which the time of a delivery is moved.
    pub(super) skew: i64,
    pub(super) is_forged: bool,
}

impl WebhookEvent {
    /// An event of this type, which may be one that the API does not have.
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            data: Map::new(),
            times: 1,
            skew: 0,
            is_forged: false,
        }
    }

    /// Fields of the event's data. The ids that are not given are made up.
    pub fn data(mut self, fields: Value) -> Self {
        if let Value::Object(fields) = fields {
            self.data.extend(fields);
        }
        self
    }

    /// Delivers the same message this often, at once.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Signs deliveries with a time that is this many seconds ahead, or behind if negative, so that
    /// they are stale or from the future.
    pub fn skew(mut self, seconds: i64) -> Self {
        self.skew = seconds;
        self
    }

    /// Signs deliveries with a key that nobody has.
    pub fn forged(mut self) -> Self {
        self.is_forged = true;
        self
    }

    /// Reads what a test in another language sends.
    pub(crate) fn from_json(value: &Value) -> Result<Self, String> {
        let fields = value.as_object().ok_or("should be an object")?;
        let mut event = Self::new("");
        for (name, value) in fields {
            let wrong = |what: &str| format!("{name}: should be {what}");
            match name.as_str() {
                "type" => value
                    .as_str()
                    .ok_or_else(|| wrong("a string"))?
                    .clone_into(&mut event.kind),
                "data" => {
                    let data = value.as_object().ok_or_else(|| wrong("an object"))?;
                    event.data.clone_from(data);
                }
                "times" => {
                    let times = value.as_u64().filter(|times| *times <= 100);
                    let times = times.and_then(|times| usize::try_from(times).ok());
                    event.times = times.ok_or_else(|| wrong("a number up to 100"))?;
                }
                "skew" => {
                    event.skew = value.as_i64().ok_or_else(|| wrong("a number of seconds"))?;
                }
                "forged" => {
                    event.is_forged = value.as_bool().ok_or_else(|| wrong("true or false"))?;
                }
                _ => return Err(format!("{name}: there is no such field")),
            }
        }
        if event.kind.is_empty() {
            return Err("type: is missing, such as \"session.status_idled\"".to_owned());
        }
        Ok(event)
    }

    /// The event's id, and what is delivered.
    pub(super) fn payload(&self, ids: &Ids, now: Duration) -> (String, Bytes) {
        let id = ids.next("wevt");
        let mut data = Map::new();
        data.insert("type".to_owned(), json!(self.kind));
        let noun = self.kind.split('.').next().unwrap_or_default();
        let made = [("id", prefix(noun)), ("organization_id", "")];
        let workspace = (!OF_ORGANIZATION.contains(&noun)).then_some(("workspace_id", ""));
        let more = MORE
            .iter()
            .filter(|(start, ..)| self.kind.starts_with(start));
        let more = more.map(|(_, name, prefix)| (*name, *prefix));
        for (name, prefix) in made.into_iter().chain(workspace).chain(more) {
            let given = self.data.get(name).cloned();
            let value = given.unwrap_or_else(|| match name {
                "organization_id" => json!(ORGANIZATION),
                "workspace_id" => json!(WORKSPACE),
                _ => json!(ids.next(prefix)),
            });
            data.insert(name.to_owned(), value);
        }
        for (name, value) in &self.data {
            if name != "type" {
                data.insert(name.clone(), value.clone());
            }
        }
        let event = json!({
            "type": "event",
            "id": id,
            "created_at": rfc3339(now),
            "data": data,
        });
        (id, Bytes::from(wire::text(&event)))
    }
}

/// The prefix of the ids of what an event is about.
fn prefix(noun: &str) -> &str {
    match noun {
        "deployment" => "depl",
        "deployment_run" => "drun",
        "environment" => "env",
        "external_key" => "ekey",
        "external_storage" => "estrg",
        "memory_store" => "memstore",
        "session" => "sesn",
        "user_profile" => "uprof",
        "vault" => "vlt",
        "vault_credential" => "vcrd",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_and_mistakes_named() {
        let event =
            json!({"type": "a.b", "data": {"id": "x"}, "times": 2, "skew": -600, "forged": true});
        let event = WebhookEvent::from_json(&event).unwrap();
        assert!(event.is_forged && event.times == 2 && event.skew == -600);
        for (event, named) in [
            (json!([]), "object"),
            (json!({}), "type: is missing"),
            (json!({"type": 1}), "type: should be"),
            (json!({"type": "a", "data": []}), "data: should be"),
            (json!({"type": "a", "times": 1e9}), "times: should be"),
            (json!({"type": "a", "typo": 1}), "typo: there is no"),
        ] {
            let problem = WebhookEvent::from_json(&event).unwrap_err();
            assert!(problem.contains(named), "{problem}");
        }
    }

    #[test]
    fn a_payload_has_its_ids_and_what_is_given() {
        let ids = Ids::default();
        let event = WebhookEvent::new("vault_credential.created");
        let event = event.data(json!({"type": "other", "vault_id": "vlt_7", "more": 1}));
        let (id, payload) = event.payload(&ids, Duration::from_secs(951_782_400));
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(payload["id"], json!(id));
        assert_eq!(payload["created_at"], "2000-02-29T00:00:00.000000Z");
        let data = &payload["data"];
        assert_eq!(data["type"], "vault_credential.created");
        assert_eq!(
            (&data["vault_id"], &data["more"]),
            (&json!("vlt_7"), &json!(1))
        );
        assert!(data["id"].as_str().unwrap().starts_with("vcrd_"));
        assert_eq!(data["workspace_id"], json!(WORKSPACE));
    }
}
