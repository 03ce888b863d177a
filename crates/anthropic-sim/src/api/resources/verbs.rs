//! Verbs on an object: archive, cancel, pause, approve and whatever else there is.
//!
//! A verb that returns the object changes it: its state becomes the word for the verb and its times
//! are set, where it has such fields. One that returns something else, such as a token, leaves the
//! object alone.

use serde_json::{Value, json};

use super::ask::Ask;
use super::read::found;
use super::related;
use super::store::{Fields, Store};
use super::write::is_same;
use crate::description::{Type, description};
use crate::http::call::{HandlerResult, json as answer};

struct Verb {
    name: &'static str,
    /// Words for the state, the best first.
    states: &'static [&'static str],
    /// Fields with a time.
    times: &'static [&'static str],
}

/// Returns something else and changes the object even so.
const HEARTBEAT: &str = "heartbeat";

const VERBS: [Verb; 10] = [
    verb(
        "ack",
        &["active", "starting"],
        &["acknowledged_at", "started_at"],
    ),
    verb("approve", &["approved"], &["resolved_at"]),
    verb("archive", &["archived", "terminated"], &["archived_at"]),
    verb(
        "cancel",
        &["canceled", "cancelled", "canceling"],
        &["canceled_at", "ended_at"],
    ),
    verb("deny", &["denied"], &["resolved_at"]),
    verb(HEARTBEAT, &["active"], &["latest_heartbeat_at"]),
    verb("pause", &["paused"], &["paused_at"]),
    verb("redact", &["redacted"], &["redacted_at"]),
    verb("stop", &["stopped"], &["stop_requested_at", "stopped_at"]),
    verb("unpause", &["active"], &[]),
];

const fn verb(
    name: &'static str,
    states: &'static [&'static str],
    times: &'static [&'static str],
) -> Verb {
    Verb {
        name,
        states,
        times,
    }
}

pub(super) fn act(ask: &Ask<'_>, store: &mut Store) -> HandlerResult {
    let item = found(ask, store)?;
    let (key, before) = (item.key.clone(), item.value.clone());
    if let Some(instead) = related::acted(ask, store, &key) {
        return Ok(answer(&ask.shown(instead, &key)));
    }
    let mut after = before.clone();
    let name = ask.operation.path.rsplit('/').next().unwrap_or_default();
    if let Some(verb) = VERBS.iter().find(|verb| verb.name == name) {
        verb.apply(ask, &mut after);
    }
    let mut given = ask.over(&after);
    given.extend(ask.body.clone());
    let shown = ask.shown(given.clone(), &key);
    if shown
        .as_object()
        .is_some_and(|shown| is_same(shown, &Value::Object(before)))
    {
        if let (Some(item), Value::Object(shown)) = (store.item_mut(&ask.path, &key), &shown) {
            item.value.extend(after);
            item.value.extend(shown.clone());
        }
        return Ok(answer(&shown));
    }
    // The response's own type and times, with what the verb did to the object.
    given.remove("type");
    if let (Some(item), true) = (store.item_mut(&ask.path, &key), name == HEARTBEAT) {
        item.value = after;
    }
    Ok(answer(&ask.shown(given, &key)))
}

impl Verb {
    fn apply(&self, ask: &Ask<'_>, fields: &mut Fields) {
        let of = ask.collection.and_then(|collection| collection.of);
        let Some(object) = of.and_then(|of| description().object(of)) else {
            return;
        };
        for name in self.times {
            if object.field(name).is_some() {
                fields.insert((*name).to_owned(), json!(ask.now));
            }
        }
        if object.field("updated_at").is_some() {
            fields.insert("updated_at".to_owned(), json!(ask.now));
        }
        for name in ["status", "state"] {
            let of = object
                .field(name)
                .map(|field| description().resolved(field.of));
            if let Some(Type::Literal(values)) = of {
                let known = |state: &&&str| values.iter().any(|value| value == **state);
                if let Some(state) = self.states.iter().find(known) {
                    fields.insert(name.to_owned(), json!(state));
                }
            }
        }
    }
}
