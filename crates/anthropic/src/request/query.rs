//! Query strings: `key[]=` for lists, `a[b]=` for objects, `%20` for spaces.
//!
//! Parameters come as JSON (an API type's own encoding, or any `Serialize`), so there is one way
//! from a value to its pairs. The order of the keys is kept; `null` leaves a key out.

use std::fmt::{self, Write as _};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::text::read_json;
use crate::{Error, Result};

/// How deep a value may be nested: each level is a level of the stack, and a key in brackets.
const DEEPEST: usize = 64;

/// The pairs of a query string, in order.
pub(crate) type Pairs = Vec<(String, String)>;

/// Appends the pairs of an encoded JSON object.
pub(crate) fn from_json(json: &[u8], pairs: &mut Pairs) -> Result<()> {
    let object: RawObject = read_json(json)
        .map_err(|source| Error::request("the query is not an object").caused_by(source))?;
    for (key, value) in object.0 {
        push_json(key, value.get(), pairs)?;
    }
    Ok(())
}

/// Appends the pairs of one value: a list, an object or a plain one.
pub(crate) fn push_json(key: String, json: &str, pairs: &mut Pairs) -> Result<()> {
    push_nested(key, json, DEEPEST, pairs)
}

fn push_nested(key: String, json: &str, levels: usize, pairs: &mut Pairs) -> Result<()> {
    let inner = || {
        levels.checked_sub(1).ok_or_else(|| {
            Error::request(format!(
                "a query value is nested deeper than {DEEPEST} levels"
            ))
        })
    };
    let unreadable = |source| Error::request("a query value can't be read").caused_by(source);
    match json.bytes().next() {
        Some(b'n') => {}
        Some(b'{') => {
            let levels = inner()?;
            let object: RawObject = serde_json::from_str(json).map_err(unreadable)?;
            for (name, value) in object.0 {
                push_nested(format!("{key}[{name}]"), value.get(), levels, pairs)?;
            }
        }
        Some(b'[') => {
            let levels = inner()?;
            let items: Vec<Box<RawValue>> = serde_json::from_str(json).map_err(unreadable)?;
            for item in items {
                push_nested(format!("{key}[]"), item.get(), levels, pairs)?;
            }
        }
        Some(b'"') => pairs.push((key, serde_json::from_str(json).map_err(unreadable)?)),
        // Numbers and booleans are written as JSON writes them.
        _ => pairs.push((key, json.to_owned())),
    }
    Ok(())
}

/// A plain value as text, or a list of them; nothing where it is another.
pub(crate) fn texts(json: &str) -> Result<Option<Vec<String>>> {
    let mut pairs = Pairs::new();
    push_json(String::new(), json, &mut pairs)?;
    let is_plain = pairs.iter().all(|(key, _)| key.is_empty() || key == "[]");
    Ok(is_plain.then(|| pairs.into_iter().map(|(_, text)| text).collect()))
}

/// Whether a pair's key is that of a parameter or of a part of it: `key`, `key[]` or `key[name]`.
pub(crate) fn is_below(key: &str, root: &str) -> bool {
    let rest = key.strip_prefix(root);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// Whether other pairs have the same parameter, or one of both is a part of the other.
pub(crate) fn is_replaced(key: &str, others: &[(String, String)]) -> bool {
    let mut others = others.iter();
    others.any(|(other, _)| {
        // A list has no other parts.
        let root = other.strip_suffix("[]").unwrap_or(other);
        is_below(key, root) || is_below(root, key)
    })
}

/// Writes the pairs as a query string.
pub(crate) fn encode(pairs: &[(String, String)], out: &mut String) {
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push('&');
        }
        percent_encode(key, is_query_char, out);
        out.push('=');
        percent_encode(value, is_query_char, out);
    }
}

fn is_query_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Appends `text` with every byte encoded that `keep` doesn't keep.
pub(crate) fn percent_encode(text: &str, keep: fn(u8) -> bool, out: &mut String) {
    for byte in text.bytes() {
        if keep(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A JSON object with its keys in order and its values as text.
pub(crate) struct RawObject(pub(crate) Vec<(String, Box<RawValue>)>);

impl RawObject {
    pub(crate) fn get(&self, key: &str) -> Option<&RawValue> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| &**value)
    }

    /// Sets a key, in its place where it is there already.
    #[cfg(any(feature = "operations", feature = "tools"))]
    pub(crate) fn set(&mut self, key: String, value: Box<RawValue>) {
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key, value)),
        }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = String::from("{");
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            json.push_str(&serde_json::Value::from(key.as_str()).to_string());
            json.push(':');
            json.push_str(value.get());
        }
        json.push('}');
        json.into_bytes()
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests;
