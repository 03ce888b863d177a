//! Creating, changing and deleting.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::{Ask, missing};
use super::catalog::{Collection, Role};
use super::read::found;
use super::related;
use super::store::{Fields, Store};
use crate::base::errors::ApiError;
use crate::description::{Object, Type, description};
use crate::http::call::{HandlerResult, json as answer};

pub(super) fn create(ask: &Ask<'_>, store: &mut Store) -> Response {
    if ask.operation.path == super::events::SESSION {
        return super::events::send(ask, store);
    }
    let (key, value) = make(ask, store, None);
    answer(&ask.shown(value, &key))
}

/// Makes the object of the request's collection, under an id of the caller's or a new one.
fn make(ask: &Ask<'_>, store: &mut Store, key: Option<&str>) -> (String, Fields) {
    let given = related::before(ask, store, ask.over(&ask.body));
    let collection = ask.collection;
    let own = collection.and_then(|collection| collection.key.as_deref());
    let own = own.filter(|name| *name != "id");
    let own = own.and_then(|name| given.get(name)?.as_str());
    let key = match key.or(own) {
        Some(key) => key.to_owned(),
        None => new_id(ask, collection),
    };
    let value = made(ask, collection, given, &key);
    store.add(&ask.path, &key, value.clone(), ask.content.clone());
    related::created(ask, store, &key);
    let value = store
        .item(&ask.path, &key)
        .map_or(value, |item| item.value.clone());
    (key, value)
}

fn new_id(ask: &Ask<'_>, collection: Option<&Collection>) -> String {
    let prefix = collection.map_or("id", |collection| &collection.prefix);
    ask.resources.ids.next(prefix)
}

/// An object as it is kept: the fields of the collection's type, and what the operation returns
/// besides.
fn made(ask: &Ask<'_>, collection: Option<&Collection>, mut given: Fields, key: &str) -> Fields {
    if let Some(name) = collection.and_then(|collection| collection.key.as_ref()) {
        given.insert(name.clone(), json!(key));
    }
    let mut value = match collection.and_then(|collection| collection.of) {
        Some(of) => ask.maker(key).value(of, &Value::Object(given.clone())),
        None => Value::Null,
    };
    let mut all = match ask.shown(given, key) {
        Value::Object(fields) if is_same(&fields, &value) => fields,
        _ => Fields::new(),
    };
    if let Some(value) = value.as_object_mut() {
        all.append(value);
    }
    all
}

/// Whether two values are the same kind of object.
pub(super) fn is_same(fields: &Fields, other: &Value) -> bool {
    fields.get("type").is_some() && fields.get("type") == other.get("type")
}

pub(super) fn update(ask: &Ask<'_>, store: &mut Store) -> HandlerResult {
    let key = ask.key().unwrap_or_default();
    if store.item(&ask.path, key).is_none() {
        if ask.role == Role::Put {
            let (key, value) = make(ask, store, Some(key));
            return Ok(answer(&ask.shown(value, &key)));
        }
        return Err(missing(key));
    }
    let mut value = found(ask, store)?.value.clone();
    let changes = related::before(ask, store, ask.body.clone());
    apply(ask, &mut value, changes)?;
    let value = made(ask, ask.collection, ask.over(&value), key);
    if let Some(item) = store.item_mut(&ask.path, key) {
        item.value = value;
    }
    related::updated(ask, store, key);
    let value = found(ask, store)?.value.clone();
    Ok(answer(&ask.shown(value, key)))
}

/// Lays changes over an object: null clears, maps are merged key by key, a `version` must be the
/// one that is there.
pub(super) fn apply(ask: &Ask<'_>, value: &mut Fields, changes: Fields) -> Result<(), ApiError> {
    let of = ask.collection.and_then(|collection| collection.of);
    let object = of.and_then(|of| description().object(of));
    for (name, change) in changes {
        if name == "version" && is_integer(object, &name) {
            if value.get(&name) != Some(&change) && !ask.resources.lenient {
                let current = value.get(&name).unwrap_or(&Value::Null);
                let message = format!("version: the current version is {current}, not {change}");
                return Err(ApiError::new(
                    StatusCode::CONFLICT,
                    "conflict_error",
                    message,
                ));
            }
            continue;
        }
        match (value.get_mut(&name), change) {
            (Some(Value::Object(old)), Value::Object(new)) if is_map(object, &name) => {
                for (key, value) in new {
                    if value.is_null() {
                        old.remove(&key);
                    } else {
                        old.insert(key, value);
                    }
                }
            }
            (_, change) => {
                value.insert(name, change);
            }
        }
    }
    if is_integer(object, "version") {
        let version = value.get("version").and_then(Value::as_u64);
        value.insert("version".to_owned(), json!(version.unwrap_or_default() + 1));
    }
    if object.is_some_and(|object| object.field("updated_at").is_some()) {
        value.insert("updated_at".to_owned(), json!(ask.now));
    }
    Ok(())
}

fn of_field(object: Option<&Object>, name: &str) -> Option<&'static Type> {
    Some(description().resolved(object?.field(name)?.of))
}

fn is_map(object: Option<&Object>, name: &str) -> bool {
    matches!(of_field(object, name), Some(Type::Map(_)))
}

fn is_integer(object: Option<&Object>, name: &str) -> bool {
    matches!(of_field(object, name), Some(Type::Integer))
}

/// Changes the value at a path without an id.
pub(super) fn change(ask: &Ask<'_>, store: &mut Store) -> Response {
    let mut value = store.singles.get(&ask.path).cloned().unwrap_or_default();
    value.extend(ask.body.clone());
    let shown = ask.shown(ask.over(&value), &ask.path);
    if let Value::Object(value) = &shown {
        store.singles.insert(ask.path.clone(), value.clone());
    }
    answer(&shown)
}

pub(super) fn remove(ask: &Ask<'_>, store: &mut Store) -> HandlerResult {
    let key = ask.key().unwrap_or_default();
    related::removing(ask, store, key);
    let removed = store.remove(&ask.path, key).ok_or_else(|| missing(key))?;
    related::removed(ask, store, key);
    let mut fields = ask.over(&removed.value);
    fields.remove("type");
    Ok(answer(&ask.shown(fields, key)))
}

pub(super) fn compute(ask: &Ask<'_>) -> Response {
    answer(&ask.shown(ask.over(&ask.body), &ask.path))
}
