//! A value on its way between JSON text and a format that is not JSON.

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
            Self::String(text) if NUMBER_TOKEN.as_ref() == Some(&first) && is_number(&text) => {
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
/// It is private to serde_json, so it is asked for.
static NUMBER_TOKEN: LazyLock<Option<String>> = LazyLock::new(|| {
    let Probe(token) = serde_json::from_str("1.5").unwrap_or_default();
    token
});

#[derive(Default)]
struct Probe(Option<String>);

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ProbeVisitor;

        impl<'de> Visitor<'de> for ProbeVisitor {
            type Value = Probe;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, _: f64) -> Result<Probe, E> {
                Ok(Probe(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Probe, A::Error> {
                let token = map.next_key()?;
                map.next_value::<String>()?;
                Ok(Probe(token))
            }
        }

        from.deserialize_any(ProbeVisitor)
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<serde_json::Number>().is_ok()
}

/// The integer that the text of a number is, if it is one of at most 128 bits.
fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut value = 0_i128;
    for byte in digits.bytes() {
        let digit = i128::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        value = value.checked_mul(10)?;
        value = if digits.len() == text.len() {
            value.checked_add(digit)?
        } else {
            value.checked_sub(digit)?
        };
    }
    (!digits.is_empty()).then_some(value)
}

/// Writes a number of which only the text is known.
fn serialize_number<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
    if crate::json::takes_raw_text::<S>() {
        return serialize_raw(text, to);
    }
    if let Some(value) = integer(text) {
        return Node::Integer(value).serialize(to);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => to.serialize_f64(value),
        _ => Err(S::Error::custom(format!("{text} is out of range"))),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

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
