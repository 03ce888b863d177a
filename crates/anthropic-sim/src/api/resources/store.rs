//! What was created: objects by collection, and single values by path.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use crate::api::messages::Messages;
use crate::base::clock::Clock;
use crate::base::ids::Ids;
use crate::base::sync::lock;
use crate::webhooks::Webhooks;

pub(super) const SESSIONS: &str = "/v1/sessions";

pub(crate) type Fields = Map<String, Value>;

#[derive(Debug)]
pub(crate) struct Resources {
    pub(super) clock: Arc<Clock>,
    pub(super) ids: Arc<Ids>,
    /// Whether any id is one of an object.
    pub(super) lenient: bool,
    /// Whether a session may name an agent and an environment that do not exist.
    pub(super) any_reference: bool,
    /// Whether an agent may have a model that does not exist.
    pub(super) any_model: bool,
    /// Who replies in sessions.
    pub(super) messages: Arc<Messages>,
    /// Who is notified of changes.
    pub(super) webhooks: Arc<Webhooks>,
    store: Mutex<Store>,
    changed: watch::Sender<u64>,
    closed: AtomicBool,
}

/// Everything, under one lock: a request sees and changes all of it at once.
#[derive(Debug, Default)]
pub(crate) struct Store {
    last: u64,
    /// By path, with the parents' ids filled in; objects oldest first.
    collections: HashMap<String, Vec<Item>>,
    pub(crate) singles: HashMap<String, Fields>,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Grows with each new object, whatever its collection.
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) value: Fields,
    /// The bytes that were uploaded with it.
    pub(crate) content: Bytes,
}

impl Resources {
    pub(crate) fn new(
        clock: Arc<Clock>,
        ids: Arc<Ids>,
        messages: Arc<Messages>,
        webhooks: Arc<Webhooks>,
        lenient: bool,
        any_reference: bool,
        any_model: bool,
    ) -> Self {
        Self {
            clock,
            ids,
            lenient,
            any_reference,
            any_model,
            messages,
            webhooks,
            store: Mutex::default(),
            changed: watch::Sender::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Removes everything.
    pub(crate) fn forget(&self) {
        *self.lock() = Store::default();
        self.announce();
    }

    /// The newest sessions, newest first, each with its events and resources.
    pub(crate) fn sessions(&self, most: usize) -> Vec<Value> {
        let store = self.lock();
        let below = |item: &Item, name: &str| -> Vec<Value> {
            let path = format!("{SESSIONS}/{}/{name}", segment(&item.key));
            let items = store.items(&path).iter();
            items.map(|item| json!(item.value)).collect()
        };
        let sessions = store.items(SESSIONS).iter().rev().take(most);
        sessions
            .map(|item| {
                json!({
                    "session": item.value,
                    "events": below(item, "events"),
                    "resources": below(item, "resources"),
                })
            })
            .collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// Wakes those who follow a stream.
    pub(crate) fn announce(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }

    /// Ends the streams of those who follow.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.announce();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

impl Store {
    /// The number of the newest object.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    pub(crate) fn has_collection(&self, path: &str) -> bool {
        self.collections.contains_key(path)
    }

    pub(crate) fn items(&self, path: &str) -> &[Item] {
        self.collections.get(path).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn item(&self, path: &str, key: &str) -> Option<&Item> {
        self.items(path).iter().find(|item| item.key == key)
    }

    pub(crate) fn item_mut(&mut self, path: &str, key: &str) -> Option<&mut Item> {
        let items = self.collections.get_mut(path)?;
        items.iter_mut().find(|item| item.key == key)
    }

    /// Adds an object; one with the same key gives way.
    pub(crate) fn add(&mut self, path: &str, key: &str, value: Fields, content: Bytes) {
        self.last += 1;
        let items = self.collections.entry(path.to_owned()).or_default();
        items.retain(|item| item.key != key);
        items.push(Item {
            number: self.last,
            key: key.to_owned(),
            value,
            content,
        });
    }

    /// Removes an object and everything below it.
    pub(crate) fn remove(&mut self, path: &str, key: &str) -> Option<Item> {
        let items = self.collections.get_mut(path)?;
        let place = items.iter().position(|item| item.key == key)?;
        let removed = items.remove(place);
        let below = format!("{path}/{}/", segment(key));
        self.collections.retain(|path, _| !path.starts_with(&below));
        self.singles.retain(|path, _| !path.starts_with(&below));
        Some(removed)
    }
}

/// An id as part of a path: one segment, whatever it holds.
pub(crate) fn segment(key: &str) -> String {
    key.replace('%', "%25").replace('/', "%2F")
}
