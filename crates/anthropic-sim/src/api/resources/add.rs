//! Objects that are added to a collection without a request of their own.

use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::Ask;
use super::catalog::Collection;
use super::store::{Fields, Store};

/// Adds an object to another collection, whose type makes it whole.
pub(super) fn add(
    ask: &Ask<'_>,
    store: &mut Store,
    collection: &Collection,
    path: &str,
    mut given: Fields,
) -> String {
    let key = ask.resources.ids.next(&collection.prefix);
    if let Some(name) = &collection.key {
        given.insert(name.clone(), json!(key));
    }
    let Some(of) = collection.of else {
        return key;
    };
    if let Value::Object(value) = ask.maker(&key).value(of, &Value::Object(given)) {
        store.add(path, &key, value, Bytes::new());
    }
    key
}
