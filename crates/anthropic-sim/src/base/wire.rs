//! JSON as the API writes it: compact, with an object's `type` before its other fields.
//!
//! Clients may decode a union as they read when the tag comes first, and must buffer when it
//! doesn't; a simulator that wrote keys in alphabetical order would only ever show them the second
//! case.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

const FIRST: &str = "type";

/// The JSON text of a value.
pub(crate) fn text(value: &Value) -> String {
    // Writing a value of strings, numbers and string keys to memory has no way to fail.
    serde_json::to_string(&Wire(value)).unwrap_or_default()
}

struct Wire<'a>(&'a Value);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                if let Some(tag) = fields.get(FIRST) {
                    map.serialize_entry(FIRST, &Wire(tag))?;
                }
                for (name, value) in fields.iter().filter(|(name, _)| *name != FIRST) {
                    map.serialize_entry(name, &Wire(value))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Wire)),
            other => other.serialize(serializer),
        }
    }
}

/// A whole number, which JSON may also write as `1e3`; the nearest that there is, where it is
/// negative or too large.
pub(crate) fn whole(number: &Value) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the nearest one is wanted"
    )]
    let nearest = || number.as_f64().unwrap_or_default() as u64;
    number.as_u64().unwrap_or_else(nearest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_tag_comes_first_at_every_depth() {
        let value = json!({"a": [{"b": 1.5, "type": "x"}], "type": {"id": "é\n", "type": null}});
        let expected = r#"{"type":{"type":null,"id":"é\n"},"a":[{"type":"x","b":1.5}]}"#;
        assert_eq!(text(&value), expected);
    }
}
