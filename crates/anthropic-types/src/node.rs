//! A value on its way between JSON text and a format that is not JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::json::serialize_raw;

/// A tree that keeps the order of keys, unlike `serde_json::Value` in its default build.
#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    /// A number as it is written.
    Number(String),
    String(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Node {
    pub(crate) fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Self::List(items))
    }

    /// Reads a map whose first key has been taken already.
    pub(crate) fn rest_of_map<'de, A: MapAccess<'de>>(
        first: String,
        mut map: A,
    ) -> Result<Self, A::Error> {
        let value = map.next_value()?;
        let mut entries = match value {
            Self::String(text)
                if NUMBER_TOKEN.as_ref() == Some(&first)
                    && text.parse::<serde_json::Number>().is_ok() =>
            {
                return Ok(Self::Number(text));
            }
            value => vec![(first, value)],
        };
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Self::Map(entries))
    }
}

/// The key under which serde_json hands over the text of a number when some crate of the program
/// turns on its `arbitrary_precision`.
///
/// It is private to serde_json, so it is taken from a number that is handed over as a map then.
static NUMBER_TOKEN: LazyLock<Option<String>> = LazyLock::new(|| {
    // One that is not written as an `f64` is.
    let number: serde_json::Number = "1.50".parse().ok()?;
    let map = BTreeMap::<String, String>::deserialize(number).ok()?;
    map.into_keys().next()
});

/// Writes a number of which only the text is known.
fn serialize_number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    if crate::json::takes_raw_text::<S>() {
        return serialize_raw(text, to);
    }
    if let Ok(value) = text.parse() {
        return Node::Integer(value).serialize(to);
    }
    let value = text.parse().ok().filter(|value: &f64| value.is_finite());
    match value {
        Some(value) => to.serialize_f64(value),
        None => Err(S::Error::custom(format!("{text} is out of range"))),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor)
    }
}

/// Accepts any value.
pub(crate) struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Node, D::Error> {
        Node::deserialize(inner)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        let integer = i128::try_from(value).map(Node::Integer);
        Ok(integer.unwrap_or_else(|_| Node::Number(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::String(value))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Node, E> {
        Ok(Node::List(
            value
                .iter()
                .map(|byte| Node::Integer((*byte).into()))
                .collect(),
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Node, A::Error> {
        Node::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        match map.next_key()? {
            Some(first) => Node::rest_of_map(first, map),
            None => Ok(Node::Map(Vec::new())),
        }
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => to.serialize_unit(),
            Self::Bool(value) => to.serialize_bool(*value),
            Self::Integer(value) => {
                // Few formats have 128-bit integers, all have 64-bit ones.
                if let Ok(value) = u64::try_from(*value) {
                    to.serialize_u64(value)
                } else if let Ok(value) = i64::try_from(*value) {
                    to.serialize_i64(value)
                } else {
                    to.serialize_i128(*value)
                }
            }
            Self::Float(value) => to.serialize_f64(*value),
            Self::Number(text) => serialize_number(text, to),
            Self::String(value) => to.serialize_str(value),
            Self::List(items) => {
                let mut list = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
