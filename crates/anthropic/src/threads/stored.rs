//! Where a thread stands, as plain data.

use std::collections::BTreeMap;

use anthropic_types::Json;
use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What of a conversation the API holds, to be stored with it.
#[derive(Debug, Clone)]
pub(crate) struct StoredThread {
    /// The id of the reply that the next turn continues from.
    pub(crate) previous: String,
    /// How many messages the API holds.
    pub(crate) messages: usize,
    /// A digest of what stays the same in a thread.
    pub(crate) fixed: String,
    /// A digest of the messages that the API holds: others begin a new thread.
    pub(crate) held: String,
    /// Whether it is in place of one that was lost.
    pub(crate) again: bool,
}

impl Serialize for StoredThread {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(5))?;
        map.serialize_entry("previous", &self.previous)?;
        map.serialize_entry("messages", &self.messages)?;
        map.serialize_entry("fixed", &self.fixed)?;
        map.serialize_entry("held", &self.held)?;
        map.serialize_entry("again", &self.again)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for StoredThread {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members: BTreeMap<String, Json> = BTreeMap::deserialize(from)?;
        let get = |name: &'static str| {
            let member = members.get(name);
            member.ok_or_else(|| D::Error::missing_field(name))
        };
        let text = |name| get(name)?.get::<String>().map_err(D::Error::custom);
        Ok(Self {
            previous: text("previous")?,
            messages: get("messages")?.get().map_err(D::Error::custom)?,
            fixed: text("fixed")?,
            held: text("held")?,
            again: get("again")?.get().map_err(D::Error::custom)?,
        })
    }
}
