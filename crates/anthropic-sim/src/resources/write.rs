//! Creating, changing and deleting.

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    ask::{Ask, missing},
    catalog::{Collection, Role},
    read::found,
    related,
    store::{Fields, Kept},
};
use crate::{
    call::{Out, json as answer},
    description::{Object, Type, description},
    errors::ApiError,
};

pub(super) fn create(ask: &Ask<'_>, kept: &mut Kept) -> Response {
    if ask.operation.path == super::events::SESSION {
        return super::events::send(ask, kept);
    }
    let (key, value) = make(ask, kept, None);
    answer(&ask.shown(value, &key))
}

/// Makes the object of the request's collection, under an id of the caller's or a new one.
fn make(ask: &Ask<'_>, kept: &mut Kept, key: Option<&str>) -> (String, Fields) {
    let given = related::before(ask, kept, ask.over(&ask.body));
    let collection = ask.collection;
    let own = collection.and_then(|collection| collection.key.as_deref());
    let own = own.filter(|name| *name != "id");
    let own = own.and_then(|name| given.get(name)?.as_str());
    let key = match key.or(own) {
        Some(key) => key.to_owned(),
        None => new_id(ask, collection),
    };
    let value = made(ask, collection, given, &key);
    kept.add(&ask.path, &key, value.clone(), ask.content.clone());
    related::created(ask, kept, &key);
    let value = kept
        .item(&ask.path, &key)
        .map_or(value, |item| item.value.clone());
    (key, value)
}

fn new_id(ask: &Ask<'_>, collection: Option<&Collection>) -> String {
    let prefix = collection.map_or("id", |collection| &collection.prefix);
    ask.app.ids.next(prefix)
}

/// An object as it is kept: what the collection's type says, and what the operation answers besides.
fn made(ask: &Ask<'_>, collection: Option<&Collection>, mut given: Fields, key: &str) -> Fields {
    if let Some(name) = collection.and_then(|collection| collection.key.as_ref()) {
        given.insert(name.clone(), json!(key));
    }
    let mut value = match collection.and_then(|collection| collection.of) {
        Some(of) => ask.maker(key).value(of, &Value::Object(given.clone())),
        None => Value::Null,
    };
    let mut kept = match ask.shown(given, key) {
        Value::Object(fields) if is_same(&fields, &value) => fields,
        _ => Fields::new(),
    };
    if let Some(value) = value.as_object_mut() {
        kept.append(value);
    }
    kept
}

/// Whether two values are the same kind of object.
pub(super) fn is_same(fields: &Fields, other: &Value) -> bool {
    fields.get("type").is_some() && fields.get("type") == other.get("type")
}

/// Adds an object to another collection, whose type makes it whole.
pub(super) fn add(
    ask: &Ask<'_>,
    kept: &mut Kept,
    collection: &Collection,
    path: &str,
    mut given: Fields,
) -> String {
    let key = ask.app.ids.next(&collection.prefix);
    if let Some(name) = &collection.key {
        given.insert(name.clone(), json!(key));
    }
    let Some(of) = collection.of else {
        return key;
    };
    if let Value::Object(value) = ask.maker(&key).value(of, &Value::Object(given)) {
        kept.add(path, &key, value, Bytes::new());
    }
    key
}

pub(super) fn update(ask: &Ask<'_>, kept: &mut Kept) -> Out {
    let key = ask.key().unwrap_or_default();
    if kept.item(&ask.path, key).is_none() {
        if ask.role == Role::Put {
            let (key, value) = make(ask, kept, Some(key));
            return Ok(answer(&ask.shown(value, &key)));
        }
        return Err(missing(key));
    }
    let mut value = found(ask, kept)?.value.clone();
    let changes = related::before(ask, kept, ask.body.clone());
    apply(ask, &mut value, changes)?;
    let value = made(ask, ask.collection, ask.over(&value), key);
    if let Some(item) = kept.item_mut(&ask.path, key) {
        item.value = value;
    }
    related::updated(ask, kept, key);
    let value = found(ask, kept)?.value.clone();
    Ok(answer(&ask.shown(value, key)))
}

/// Lays changes over an object: null clears, maps are merged key by key, a `version` must be the one that is there.
pub(super) fn apply(ask: &Ask<'_>, value: &mut Fields, changes: Fields) -> Result<(), ApiError> {
    let of = ask.collection.and_then(|collection| collection.of);
    let object = of.and_then(|of| description().object(of));
    for (name, change) in changes {
        if name == "version" && is_integer(object, &name) {
            if value.get(&name) != Some(&change) {
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
pub(super) fn change(ask: &Ask<'_>, kept: &mut Kept) -> Response {
    let mut value = kept.singles.get(&ask.path).cloned().unwrap_or_default();
    value.extend(ask.body.clone());
    let shown = ask.shown(ask.over(&value), &ask.path);
    if let Value::Object(value) = &shown {
        kept.singles.insert(ask.path.clone(), value.clone());
    }
    answer(&shown)
}

pub(super) fn remove(ask: &Ask<'_>, kept: &mut Kept) -> Out {
    let key = ask.key().unwrap_or_default();
    related::removing(ask, kept, key);
    let removed = kept.remove(&ask.path, key).ok_or_else(|| missing(key))?;
    related::removed(ask, kept, key);
    let mut fields = ask.over(&removed.value);
    fields.remove("type");
    Ok(answer(&ask.shown(fields, key)))
}

pub(super) fn compute(ask: &Ask<'_>) -> Response {
    answer(&ask.shown(ask.over(&ask.body), &ask.path))
}
