//! An ordered map of unknown fields, in which a key is found without looking at all of them.

use std::collections::BTreeMap;

use crate::Json;

/// Up to so many fields are looked through, more are indexed.
const SCANNED: usize = 16;

/// Fields in order.
#[derive(Default)]
pub(super) struct Fields {
    list: Vec<(String, Json)>,
    /// The places of the keys, once there are many.
    index: BTreeMap<String, Option<usize>>,
}

impl Clone for Fields {
    fn clone(&self) -> Self {
        let mut fields = Self {
            list: self.list.clone(),
            index: BTreeMap::new(),
        };
        fields.index();
        fields
    }
}

impl Fields {
    pub(super) fn as_slice(&self) -> &[(String, Json)] {
        &self.list
    }

    pub(super) fn into_vec(self) -> Vec<(String, Json)> {
        self.list
    }

    fn find(&self, key: &str) -> Option<usize> {
        if let Some(place) = self.index.get(key) {
            return *place;
        }
        if !self.index.is_empty() {
            return None;
        }
        self.list.iter().position(|(name, _)| name == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.list.get(self.find(key)?).map(|(_, value)| value)
    }

    pub(super) fn insert(&mut self, key: String, value: Json) -> Option<Json> {
        if let Some((_, old)) = self.find(&key).and_then(|at| self.list.get_mut(at)) {
            return Some(std::mem::replace(old, value));
        }
        if !self.index.is_empty() {
            self.index.insert(key.clone(), Some(self.list.len()));
        }
        self.list.push((key, value));
        if self.index.is_empty() {
            self.index();
        }
        None
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Json> {
        let at = self.find(key)?;
        let (_, value) = self.list.remove(at);
        if let Some(place) = self.index.get_mut(key) {
            *place = None;
            let moved = self.list.get(at..).unwrap_or_default();
            for (place, (key, _)) in (at..).zip(moved) {
                if let Some(known) = self.index.get_mut(key) {
                    *known = Some(place);
                }
            }
        }
        Some(value)
    }

    /// Takes out those with other keys.
    pub(super) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.list.retain(|(key, _)| keep(key));
        self.index.clear();
        self.index();
    }

    fn index(&mut self) {
        if self.list.len() > SCANNED {
            for (place, (key, _)) in self.list.iter().enumerate() {
                self.index.insert(key.clone(), Some(place));
            }
        }
    }
}
