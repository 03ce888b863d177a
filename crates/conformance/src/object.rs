//! JSON objects whose values are kept as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The entries of an object, in order, their values as they were written.
#[derive(Debug, Default)]
pub(crate) struct RawObject(Vec<(String, Box<RawValue>)>);

impl RawObject {
    pub(crate) fn into_entries(self) -> Vec<(String, Box<RawValue>)> {
        self.0
    }

    /// Takes an entry out.
    pub(crate) fn take(&mut self, key: &str) -> Option<Box<RawValue>> {
        let place = self.0.iter().position(|(other, _)| other == key)?;
        Some(self.0.remove(place).1)
    }

    /// Changes a key, if it is there.
    pub(crate) fn rename(&mut self, key: &str, to: &str) {
        for (other, _) in &mut self.0 {
            if other == key {
                to.clone_into(other);
            }
        }
    }

    /// The first key.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(|(key, _)| key.as_str())
    }

    /// The object as JSON text.
    pub(crate) fn to_json(&self) -> String {
        let entries = self.0.iter();
        object(entries.map(|(key, value)| (key.as_str(), value.get())))
    }
}

/// Writes an object from keys and JSON texts.
pub(crate) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let entries: Vec<String> = entries
        .into_iter()
        .map(|(key, json)| format!("{}:{json}", string(key)))
        .collect();
    format!("{{{}}}", entries.join(","))
}

/// Writes a string.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = RawObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(RawObject(entries))
            }
        }

        from.deserialize_map(Entries)
    }
}
